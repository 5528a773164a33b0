"""Plan items: refusals, both writers, tokens, targets on approval and reopening, and how the next report tells of them."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from metrics.models import Figure, Indicator, MonthlyReturn, Target
from metrics.services import TargetInput, save_targets
from reports import services
from reports.assembly import assemble, load_binder
from reports.binding import EMPTY, MISSING, OK, REFUSED
from reports.choices import Outcome
from reports.document import ReportDocument
from reports.models import PlanItem, PlanTarget, Report, ReportVersion
from reports.outcomes import completion_rate, judge
from reports.plan_book import PlanBook
from reports.plan_items import PlanInput, item_faults
from reports.queries import stale_figures
from reports.tokens import parse
from tests.reports.world import change_figure, lasting
from workflow.choices import State, Subject
from workflow.models import Event
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
SESSIONS, BOOKS, RANK = "ideology_study_session_count", "ideology_study_book_count", "xuexi_activity_rank"
DUE = date(2026, 12, 31)


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


def now(report):
    return Report.objects.select_related("unit__parent").get(pk=report.pk)


def item_input(measure="开展中心组专题学习", code=SESSIONS, amount=12, due_date=DUE, **values):
    amount = None if amount is None else Decimal(amount)
    return PlanInput(measure=measure, code=code, amount=amount, due_date=due_date, **values)


def add(world, report, typed=None, *, by=None, key="s2.1", **options):
    block = report.blocks.get(key=key)
    return services.add_plan_item(by=by or world.clerk, report=report, block=block, typed=typed or item_input(), **options)


def approved(world, report):
    services.submit_report(by=world.clerk, report=now(report))
    services.sign_off_report(by=world.head, report=now(report))
    services.start_review(by=world.reviewer, report=now(report))
    services.approve_report(by=world.reviewer, report=now(report))
    return now(report)


def bind(report, text):
    return load_binder(now(report)).bind(parse(text)[0])


def next_report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2026)


def target(world, code=SESSIONS, year=2026):
    return Target.objects.filter(unit=world.town, year=year, code=code).first()


class TestItems:
    """Every write is judged, recorded and guarded against a second writer."""

    def test_an_item_is_added_with_its_event(self, world, report):
        item = add(world, report, item_input(lead_unit="党政办"))
        change = Event.objects.about(Subject.REPORT, report.pk).get(deed="add_plan_item").changes[0]
        assert (item.order, item.block.key, item.version) == (1, "s2.1", 1)
        assert change["new"] == {
            "measure": "开展中心组专题学习", "indicator": SESSIONS, "amount": "12", "lead_unit": "党政办",
            "due_date": "2026-12-31", "note": "",
        }  # fmt: skip
        assert add(world, report, item_input("另一项", "", None)).order == 2
        assert chain_faults(world.town.code) == []

    def test_the_same_form_twice_makes_one(self, world, report):
        key = "5b1d6c0e-8a3f-4c40-9d10-5f3b6d6b0c11"
        assert add(world, report, form_key=key) == add(world, report, form_key=key)
        assert PlanItem.objects.count() == 1

    @pytest.mark.parametrize(
        ("typed", "field", "part"),
        [
            (item_input(measure="  "), "measure", ""),
            (item_input(code=""), "code", ""),
            (item_input(code="no_such_code"), "code", "2026"),
            (item_input(code=RANK), "code", "活跃度排名"),
            (item_input(code="vol_standard_hours"), "code", "人均达标时长"),
            (item_input(due_date=date(2025, 12, 31)), "due_date", "2025-12-31"),
            (item_input(due_date=date(2027, 1, 1)), "due_date", "2027-01-01"),
        ],
    )
    def test_refusals_are_named(self, world, report, typed, field, part):
        faults = item_faults(typed, year=2026, indicators=PlanBook(report).indicators, others={})
        assert [fault.field for fault in faults] == [field]
        with pytest.raises(Refused, match=part) as refusal:
            add(world, report, typed)
        assert str(refusal.value) == faults[0].reason
        assert not PlanItem.objects.exists()

    @pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31), None])
    def test_the_first_and_last_day_of_the_plan_year_are_in_it(self, world, report, day):
        assert add(world, report, item_input(due_date=day)).due_date == day

    def test_a_retired_indicator_is_refused_and_one_retired_later_blocks_the_report(self, world, report):
        add(world, report)
        Indicator.objects.filter(code=SESSIONS).update(valid_to=2025)
        found = [row for row in assemble(now(report)).problems if row.block_key == "s2.1"]
        assert len(found) == 1
        assert "“中心组专题学习”" in found[0].reason
        with pytest.raises(Refused):
            services.submit_report(by=world.clerk, report=now(report))
        Indicator.objects.filter(code=SESSIONS).update(valid_to=2026)
        assert assemble(now(report)).problems == ()
        Indicator.objects.filter(code=BOOKS).update(valid_to=2025)
        with pytest.raises(Refused, match="“购发学习书籍”"):
            add(world, report, item_input("购书", BOOKS))

    def test_an_indicator_has_one_target(self, world, report):
        add(world, report)
        with pytest.raises(Refused, match="开展中心组专题学习"):
            add(world, report, item_input("又一项"), key="s2.2")

    def test_only_under_the_plan(self, world, report):
        with pytest.raises(Refused):
            add(world, report, key="opening")

    @pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
    def test_only_the_township_writes(self, world, report, who):
        item = add(world, report)
        person = getattr(world, who)
        with pytest.raises(PermissionDenied):
            add(world, report, item_input("别的", ""), by=person)
        with pytest.raises(PermissionDenied):
            services.save_plan_item(by=person, item=item, typed=item_input(amount=13), base_version=1)
        with pytest.raises(PermissionDenied):
            services.remove_plan_item(by=person, item=item)

    def test_only_while_the_report_is_open(self, world, report):
        item = add(world, report)
        services.submit_report(by=world.clerk, report=now(report))
        with pytest.raises(Refused):
            add(world, now(report), item_input("别的", "", None))
        with pytest.raises(Refused):
            services.save_plan_item(by=world.clerk, item=item, typed=item_input(amount=13), base_version=1)
        with pytest.raises(Refused):
            services.remove_plan_item(by=world.clerk, item=item)
        services.withdraw_report(by=world.clerk, report=now(report))
        assert services.save_plan_item(by=world.head, item=item, typed=item_input(amount=13), base_version=1).version == 2

    def test_two_writers_never_overwrite_each_other(self, world, report):
        item = add(world, report)
        services.save_plan_item(by=world.clerk, item=item, typed=item_input(amount=13), base_version=1)
        with pytest.raises(services.EditConflict):
            services.save_plan_item(by=world.head, item=item, typed=item_input(amount=15), base_version=1)
        assert PlanItem.objects.get().amount == 13
        change = Event.objects.get(deed="save_plan_item").changes[0]
        assert (change["old"]["amount"], change["new"]["amount"]) == ("12", "13")

    def test_saving_the_same_again_is_no_new_version(self, world, report):
        item = add(world, report)
        assert services.save_plan_item(by=world.clerk, item=item, typed=item_input(), base_version=1).version == 1
        assert not Event.objects.filter(deed="save_plan_item").exists()

    def test_removing_keeps_what_it_said_and_twice_changes_nothing(self, world, report):
        item = add(world, report)
        services.remove_plan_item(by=world.clerk, item=item)
        services.remove_plan_item(by=world.clerk, item=item)
        assert Event.objects.get(deed="remove_plan_item").changes[0]["old"]["measure"] == item.measure
        with pytest.raises(Refused):
            services.save_plan_item(by=world.clerk, item=item, typed=item_input(), base_version=1)

    def test_an_item_outlives_its_paragraph(self, world, report):
        item = add(world, report)
        report.blocks.filter(key="s2.1").delete()
        assert PlanItem.objects.get(pk=item.pk).block is None
        assert bind(report, "【中心组专题学习|计划|次】").shown == "12次"
        assert services.save_plan_item(by=world.clerk, item=item, typed=item_input(amount=14), base_version=1).amount == 14


class TestPlanTokens:
    """【name|计划|format】 prints the report's own item."""

    @pytest.mark.parametrize("word", ["计划", "下年", "明年"])
    def test_it_prints_the_amount(self, world, report, word):
        add(world, report)
        bound = bind(report, f"【中心组专题学习|{word}|次】")
        assert (bound.status, bound.shown, bound.value) == (OK, "12次", 12)

    def test_without_an_item_or_an_amount_it_is_missing_with_the_way_out(self, world, report):
        none = bind(report, "【中心组专题学习|计划|次】")
        add(world, report, item_input(amount=None))
        bare = bind(report, "【中心组专题学习|计划|次】")
        assert {none.status, bare.status} == {MISSING}
        assert none.reason != bare.reason
        assert all("中心组专题学习" in bound.reason for bound in (none, bare))

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("【没有这个|计划|次】", REFUSED), ("【中心组专题学习|计划|篇】", REFUSED), ("【中心组专题学习|计划|同比】", REFUSED),
            ("【中心组专题学习|计划|余】", OK), ("【ideology_study_session_count|计划|】", OK),
        ],
    )  # fmt: skip
    def test_what_it_takes(self, world, report, text, status):
        add(world, report)
        assert bind(report, text).status == status

    def test_a_changed_amount_flags_the_text_and_changes_nothing(self, world, report):
        item = add(world, report)
        block = report.blocks.get(key="s2.1")
        text = "专题学习不少于【中心组专题学习|计划|次】。"
        services.save_block(by=world.clerk, block=block, text=text, base_version=block.version)
        assert stale_figures(now(report)) == []
        services.save_plan_item(by=world.clerk, item=item, typed=item_input(amount=15), base_version=1)
        assert [(row.old, row.new) for row in stale_figures(now(report))] == [("12次", "15次")]
        assert "不少于12次" in "".join(row.text for row in assemble(now(report)).document.blocks)
        with pytest.raises(Refused):
            services.submit_report(by=world.clerk, report=now(report))

    def test_an_item_under_a_paragraph_that_is_left_out_does_not_count(self, world, report):
        add(world, report)
        report.blocks.filter(key="s2.1").update(is_dropped=True)
        assert bind(report, "【中心组专题学习|计划|次】").status == MISSING


class TestTargets:
    """Approval makes the items next year's targets, in one transaction."""

    def test_approval_sets_them_once_and_says_so(self, world, report):
        add(world, report)
        add(world, report, item_input("文字措施", "", None))
        add(world, report, item_input("购书", BOOKS, None))
        approved(world, report)
        assert [(row.code, row.value, row.year) for row in Target.objects.filter(unit=world.town)] == [(SESSIONS, 12, 2026)]
        event = Event.objects.get(deed="adopt_targets")
        assert (event.unit, event.actor_login) == (world.town, world.reviewer.login)
        assert event.changes == [{"unit": world.town.code, "indicator": SESSIONS, "year": 2026, "old": "", "new": "12"}]
        assert PlanTarget.objects.get().version_number == 1
        assert chain_faults(world.town.code) == []

    def test_sending_back_and_submitting_set_nothing(self, world, report):
        add(world, report)
        services.submit_report(by=world.clerk, report=now(report))
        services.sign_off_report(by=world.head, report=now(report))
        services.start_review(by=world.reviewer, report=now(report))
        assert not Target.objects.exists()
        services.send_back_report(by=world.reviewer, report=now(report), reason="再改")
        assert not Target.objects.exists()

    def test_a_target_of_the_district_is_kept_and_named(self, world, report):
        add(world, report)
        save_targets(by=world.admin, district=world.district, year=2026, inputs=[TargetInput(world.town.pk, SESSIONS, "20")])
        frozen = approved(world, report)
        assert target(world).value == 20
        assert PlanBook(frozen).kept[SESSIONS].value == 20
        change = Event.objects.get(deed="adopt_targets").changes[0]
        assert (change["old"], change["new"], change["planned"]) == ("20", "20", "12")

    def test_an_equal_one_of_the_district_stays_the_districts(self, world, report):
        add(world, report)
        save_targets(by=world.admin, district=world.district, year=2026, inputs=[TargetInput(world.town.pk, SESSIONS, "12")])
        frozen = approved(world, report)
        assert (PlanBook(frozen).kept, PlanTarget.objects.count(), target(world).version) == ({}, 0, 1)

    def reopened(self, world, report):
        services.reopen_report(by=world.admin, report=now(report), reason="调整")

    def test_version_two_updates_adds_and_takes_away(self, world, report):
        sessions, books = add(world, report), add(world, report, item_input("购书", BOOKS, 500))
        approved(world, report)
        self.reopened(world, report)
        assert target(world).value == 12, "reopening alone moves nothing"
        services.save_plan_item(by=world.clerk, item=sessions, typed=item_input(amount=15), base_version=1)
        services.remove_plan_item(by=world.clerk, item=books)
        add(world, report, item_input("宣讲", "ideology_outreach_session_count", 40))
        approved(world, report)
        found = dict(Target.objects.filter(unit=world.town).values_list("code", "value"))
        assert found == {SESSIONS: 15, "ideology_outreach_session_count": 40}
        assert {row.version_number for row in PlanTarget.objects.all()} == {2}
        assert Event.objects.filter(deed="adopt_targets").count() == 2

    def test_what_the_district_changed_since_is_kept_by_version_two(self, world, report):
        item = add(world, report)
        approved(world, report)
        save_targets(by=world.admin, district=world.district, year=2026, inputs=[TargetInput(world.town.pk, SESSIONS, "30", 1)])
        self.reopened(world, report)
        services.save_plan_item(by=world.clerk, item=item, typed=item_input(amount=15), base_version=1)
        approved(world, report)
        assert target(world).value == 30

    def test_one_that_the_district_took_away_and_set_anew_is_the_districts(self, world, report):
        item = add(world, report)
        approved(world, report)
        for raw, version in (("", 1), ("30", 0)):
            typed = TargetInput(world.town.pk, SESSIONS, raw, version)
            save_targets(by=world.admin, district=world.district, year=2026, inputs=[typed])
        self.reopened(world, report)
        services.save_plan_item(by=world.clerk, item=item, typed=item_input(amount=15), base_version=1)
        approved(world, report)
        assert (target(world).value, PlanTarget.objects.count()) == (30, 0)

    def test_an_unchanged_version_two_writes_no_target(self, world, report):
        add(world, report)
        approved(world, report)
        self.reopened(world, report)
        approved(world, report)
        assert (target(world).version, Event.objects.filter(deed="adopt_targets").count()) == (1, 1)
        assert PlanTarget.objects.get().version_number == 2

    def test_the_frozen_version_keeps_the_items_and_reads_without_them(self, world, report):
        add(world, report)
        approved(world, report)
        facts = ReportDocument.from_json(ReportVersion.objects.get().document).facts
        assert [(row["measure"], row["amount"], row["unit"]) for row in facts["plan_items"]] == [
            ("开展中心组专题学习", "12", "次")
        ]

    def test_a_report_without_items_is_frozen_as_before(self, world, report):
        approved(world, report)
        document = ReportDocument.from_json(ReportVersion.objects.get().document)
        assert set(document.facts) == {"cutoff_month", "settings"}
        assert not Event.objects.filter(deed="adopt_targets").exists()
        assert PlanBook(next_report(world)).accepted_items == ()


@pytest.mark.parametrize(
    ("value", "goal", "outcome"),
    [
        (12, 12, Outcome.DONE), (13, 12, Outcome.DONE), ("11.99", 12, Outcome.UNDERWAY), ("0.01", 12, Outcome.UNDERWAY),
        (0, 12, Outcome.NOT_STARTED), (None, 12, Outcome.NOT_STARTED), (0, 0, Outcome.DONE), (None, 0, Outcome.NOT_STARTED),
    ],
)  # fmt: skip
def test_the_rule_of_outcomes(value, goal, outcome):
    assert judge(None if value is None else Decimal(value), Decimal(goal)) == outcome


def test_the_rate_of_completion():
    assert completion_rate(Decimal(11), Decimal(12)).quantize(Decimal("0.1")) == Decimal("91.7")
    assert completion_rate(Decimal(1), Decimal(0)) is None
    assert completion_rate(None, Decimal(12)) is None


class TestOutcomes:
    """The next report opens with how each item was met; the world's 2026 has 2 sessions a month up to October: 20."""

    @pytest.fixture
    def planned(self, world, report):
        for amount, measure, code in (
            (20, "开展中心组专题学习", SESSIONS), (21, "组织宣讲", "ideology_outreach_session_count"), (5, "购书", BOOKS),
        ):  # fmt: skip
            add(world, report, item_input(measure, code, amount))
        add(world, report, item_input("修订制度", "", None), key="s2.2")
        approved(world, report)
        return next_report(world)

    def choose(self, world, report, outcome=Outcome.DONE, words="已印发", **options):
        item = PlanItem.objects.get(measure="修订制度").pk
        return services.choose_outcome(by=options.pop("by", world.clerk), report=report, item=item, outcome=outcome, words=words,
                                       **options)  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("【中心组专题学习|今年以来|目标】", "20次"), ("【中心组专题学习|今年以来|完成率】", "100%"),
            ("【中心组专题学习|目前|完成情况】", "完成"), ("【理论政策宣讲|今年以来|完成率】", "95.2%"),
            ("【理论政策宣讲|1—10月|完成率0】", "95%"), ("【理论政策宣讲|今年以来|完成情况】", "推进"),
        ],
    )  # fmt: skip
    def test_formats_against_a_target(self, planned, text, shown):
        bound = bind(planned, text)
        assert (bound.status, bound.shown) == (OK, shown)

    def test_nothing_done_is_not_started_and_its_rate_is_zero(self, world, planned):
        for month in range(1, 11):
            change_figure(world, SESSIONS, 0, month=month)
        assert bind(planned, "【中心组专题学习|今年以来|完成情况】").shown == "未启动"
        assert bind(planned, "【中心组专题学习|今年以来|完成率】").shown == "0%"

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("【微刊发布|今年以来|完成率】", EMPTY), ("【中心组专题学习|上年|完成率】", REFUSED),
            ("【中心组专题学习|二季度|完成率】", REFUSED), ("【活跃度排名|目前|完成率】", REFUSED),
            ("【年度目标|今年以来|列表】", REFUSED), ("【年度目标|二季度|完成情况】", REFUSED),
        ],
    )  # fmt: skip
    def test_what_drops_out_and_what_is_refused(self, planned, text, status):
        assert bind(planned, text).status == status

    def test_months_that_are_not_approved_leave_it_open(self, world, planned):
        MonthlyReturn.objects.filter(year=2026, month=5).update(state=State.RETURNED)
        bound = bind(planned, "【中心组专题学习|今年以来|完成率】")
        assert (bound.status, "5月" in bound.reason, bound.token.format) == (MISSING, True, "完成率")
        bound = bind(planned, "【年度目标|今年以来|完成情况】")
        assert (bound.status, "5月" in bound.reason) == (MISSING, True)

    def test_the_sentence_waits_for_the_townships_choice(self, world, planned):
        bound = bind(planned, "【年度目标|今年以来|完成情况】")
        assert (bound.status, "修订制度" in bound.reason) == (MISSING, True)
        self.choose(world, planned)
        bound = bind(planned, "【年度目标|今年以来|完成情况】")
        assert (bound.status, bound.shown) == (OK, "年初确定的4项目标任务，完成3项、推进1项")
        assert {row["report"] for row in bound.sources} == {2025}

    def test_all_three_are_told(self, world, planned):
        for month in range(1, 11):
            change_figure(world, BOOKS, 0, month=month)
        self.choose(world, planned, Outcome.NOT_STARTED)
        assert bind(planned, "【年度目标|今年以来|完成情况】").shown == "年初确定的4项目标任务，完成1项、推进1项、未启动2项"

    def test_a_changed_choice_or_target_flags_the_text(self, world, planned):
        self.choose(world, planned)
        block = planned.blocks.get(key="opening")
        text = "【年度目标|今年以来|完成情况】。专题学习【中心组专题学习|今年以来|完成率】。"
        services.save_block(by=world.clerk, block=block, text=text, base_version=block.version)
        services.update_figures(by=world.clerk, report=planned)
        assert stale_figures(now(planned)) == []
        self.choose(world, planned, Outcome.UNDERWAY, base_version=1)
        save_targets(by=world.admin, district=world.district, year=2026, inputs=[TargetInput(world.town.pk, SESSIONS, "40", 1)])
        found = {(row.old, row.new) for row in stale_figures(now(planned)) if row.row.block.key == "opening"}
        assert found == {
            ("年初确定的4项目标任务，完成3项、推进1项", "年初确定的4项目标任务，完成1项、推进3项"), ("100%", "50%"),
        }  # fmt: skip

    def test_a_choice_is_guarded_and_recorded(self, world, planned):
        self.choose(world, planned)
        with pytest.raises(services.EditConflict):
            self.choose(world, planned, Outcome.UNDERWAY, by=world.head)
        self.choose(world, planned, Outcome.UNDERWAY, by=world.head, base_version=1)
        event = Event.objects.filter(deed="choose_outcome").order_by("-chain_number").first()
        assert (event.changes[0]["old"], event.changes[0]["new"]) == (["done", "已印发"], ["underway", "已印发"])
        with pytest.raises(Refused):
            self.choose(world, planned, "perhaps", base_version=2)

    @pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
    def test_only_the_township_chooses(self, world, planned, who):
        with pytest.raises(PermissionDenied):
            self.choose(world, planned, by=getattr(world, who))

    def test_a_measured_item_is_not_chosen(self, world, planned):
        item = PlanItem.objects.get(code=SESSIONS).pk
        with pytest.raises(Refused):
            services.choose_outcome(by=world.clerk, report=planned, item=item, outcome=Outcome.DONE, words="")

    def test_an_indicator_that_is_gone_is_chosen_like_one_without_figure(self, world, planned):
        Figure.objects.filter(indicator__code=BOOKS).delete()
        Indicator.objects.filter(code=BOOKS).delete()
        bound = bind(planned, "【年度目标|今年以来|完成情况】")
        assert "购书" in bound.reason
        item = PlanItem.objects.get(code=BOOKS).pk
        services.choose_outcome(by=world.clerk, report=planned, item=item, outcome=Outcome.DONE, words="")

    def test_a_target_that_the_district_took_away_is_measured_by_the_plan(self, world, planned):
        self.choose(world, planned)
        save_targets(by=world.admin, district=world.district, year=2026, inputs=[TargetInput(world.town.pk, SESSIONS, "", 1)])
        assert bind(planned, "【中心组专题学习|今年以来|完成率】").status == EMPTY
        assert "完成3项" in bind(planned, "【年度目标|今年以来|完成情况】").shown

    def test_a_reopened_plan_counts_as_it_was_accepted_until_version_two(self, world, report, planned):
        self.choose(world, planned)
        services.reopen_report(by=world.admin, report=now(report), reason="调整")
        services.remove_plan_item(by=world.clerk, item=PlanItem.objects.get(code=BOOKS))
        assert "4项" in bind(planned, "【年度目标|今年以来|完成情况】").shown
        approved(world, report)
        assert bind(planned, "【年度目标|今年以来|完成情况】").shown == "年初确定的3项目标任务，完成2项、推进1项"

    def test_without_a_plan_the_sentence_drops_out(self, world, report):
        assert bind(report, "【年度目标|今年以来|完成情况】").status == EMPTY
