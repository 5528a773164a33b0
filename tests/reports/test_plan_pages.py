"""Plan items and outcomes on the report's page: whole pages without a script, parts with one, nothing typed is lost."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from metrics.models import Target
from reports import services
from reports.choices import Outcome
from reports.models import PlanItem, PlanOutcome, Report
from reports.picker import load_picker
from reports.plan_items import PlanInput
from reports.report_page import load_report_page
from reports.trace import load_trace
from tests.reports.world import lasting
from workflow.choices import State
from workflow.models import Event

pytestmark = pytest.mark.django_db
SESSIONS, BOOKS, VISITORS = "ideology_study_session_count", "ideology_study_book_count", "civ_visit_person_times"
FETCH = {"HTTP_X_REQUESTED_WITH": "fetch"}


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


@pytest.fixture
def clerk(client, world):
    client.force_login(world.clerk)
    return client


def add(world, report, measure="开展专题学习", code=SESSIONS, amount=12, key="s2.1"):
    amount = None if amount is None else Decimal(amount)
    typed = PlanInput(measure, code, amount, "党政办", date(report.plan_year, 12, 31))
    return services.add_plan_item(by=world.clerk, report=report, block=report.blocks.get(key=key), typed=typed)


def approved(world, report):
    for deed, by in (
        (services.submit_report, world.clerk), (services.sign_off_report, world.head), (services.start_review, world.reviewer),
        (services.approve_report, world.reviewer),
    ):  # fmt: skip
        deed(by=by, report=Report.objects.get(pk=report.pk))


def body(**values):
    return {"measure": "组织宣讲", "indicator": "理论政策宣讲", "amount": "70", "lead_unit": "宣传办", "due_date": "2026-12-31",
            "note": "", "version": "1"} | values  # fmt: skip


def add_url(report, key="s2.1"):
    return reverse("reports:plan_item_add", args=[report.pk, key])


def edit_url(report, item):
    return reverse("reports:plan_item_edit", args=[report.pk, item.pk])


def detail(client, report) -> str:
    return client.get(reverse("reports:report_detail", args=[report.pk])).content.decode()


class TestAdd:
    """A quick-add form under every paragraph of the plan."""

    def test_a_plain_form_adds_and_comes_back_to_its_place(self, clerk, report):
        answer = clerk.post(add_url(report), body())
        assert answer.url.endswith(f"/reports/{report.pk}/#b-s2.1")
        item = PlanItem.objects.get()
        assert (item.code, item.amount, item.due_date, item.block.key) == (
            "ideology_outreach_session_count", 70, date(2026, 12, 31), "s2.1",
        )  # fmt: skip
        assert "组织宣讲" in detail(clerk, report)

    def test_the_script_gets_the_block_anew(self, clerk, report):
        parts = clerk.post(add_url(report), body(), **FETCH).json()["parts"]
        assert "组织宣讲" in parts["b-s2.1"]
        assert "b-s2.2" not in parts

    @pytest.mark.parametrize("amount", ["７０", "1,070", "70 场", "70场"])
    def test_numbers_go_through_the_one_reader(self, clerk, report, amount):
        clerk.post(add_url(report), body(amount=amount))
        assert PlanItem.objects.get().amount in (70, 1070)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"measure": " "}, "measure"), ({"indicator": "没有这个"}, "indicator"), ({"indicator": ""}, "indicator"),
            ({"amount": "约70"}, "amount"), ({"amount": "-1"}, "amount"), ({"amount": "7.5"}, "amount"),
            ({"amount": "不适用"}, "amount"), ({"due_date": "2027-01-01"}, "due_date"), ({"due_date": "年底"}, "due_date"),
            ({"measure": "长" * 201}, "measure"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("headers", [{}, FETCH])
    def test_what_cannot_stand_is_named_at_its_field_and_stays_typed(self, clerk, report, values, field, headers):
        answer = clerk.post(add_url(report), body(**values), **headers)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert re.search(rf'href="#pl-new-\d+-{field}"', text)
        wanted = "组织宣讲" if field != "measure" else "宣传办"
        assert f'value="{wanted}"' in text
        assert not PlanItem.objects.exists()

    def test_the_same_page_sent_twice_makes_one(self, clerk, report):
        typed = body(form_key="5b1d6c0e-8a3f-4c40-9d10-5f3b6d6b0c11")
        clerk.post(add_url(report), typed)
        clerk.post(add_url(report), typed)
        assert PlanItem.objects.count() == 1

    @pytest.mark.parametrize(
        ("indicator", "factor", "wanted"),
        [
            ("中心组专题学习", "1.05", "13"),
            ("中心组专题学习", "1", "12"),
            ("中心组专题学习", "9", "13"),
            (SESSIONS, "1.20", "14"),
        ],
    )
    def test_an_amount_is_proposed_from_the_years_result(self, clerk, report, indicator, factor, wanted):
        """Twelve sessions in 2025, rounded to whole ones; the fuller year before does not count."""
        answer = clerk.post(add_url(report), body(indicator=indicator, factor=factor, amount="", propose="1"), **FETCH)
        text = answer.content.decode()
        assert re.search(rf'name="amount"[^>]* value="{wanted}"', text), text
        assert 'value="组织宣讲"' in text
        assert not PlanItem.objects.exists()

    @pytest.mark.parametrize("indicator", ["", "没有这个"])
    def test_without_an_indicator_nothing_is_proposed(self, clerk, report, indicator):
        answer = clerk.post(add_url(report), body(indicator=indicator, amount="5", propose="1"))
        assert answer.status_code == 200
        assert 'value="5"' in answer.content.decode()

    @pytest.mark.parametrize("extra", [{}, {"propose": "1"}, {"measure": ""}])
    @pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
    def test_only_the_township(self, client, world, report, who, extra):
        client.force_login(getattr(world, who))
        assert client.post(add_url(report), body(**extra)).status_code == 403

    def test_hostile_text_is_text(self, clerk, report):
        hostile = '"><script>alert(1)</script>【|】{{ 7 }}'
        clerk.post(add_url(report), body(measure=hostile, note=hostile, lead_unit=hostile))
        text = detail(clerk, report)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;【|】{{ 7 }}" in text


class TestEdit:
    """A row opens as a form in its place."""

    def test_it_opens_on_the_page_and_as_a_part(self, clerk, world, report):
        item = add(world, report)
        whole, part = clerk.get(edit_url(report, item)), clerk.get(edit_url(report, item), **FETCH)
        for answer in (whole, part):
            text = answer.content.decode()
            assert 'value="中心组专题学习"' in text
            assert 'value="2026-12-31"' in text
        assert b"<html" in whole.content
        assert b"<html" not in part.content

    def test_saving_keeps_old_and_new(self, clerk, world, report):
        item = add(world, report)
        clerk.post(edit_url(report, item), body(measure="改了", indicator="中心组专题学习", amount="13"))
        item.refresh_from_db()
        assert (item.measure, item.amount, item.version) == ("改了", 13, 2)
        assert Event.objects.get(deed="save_plan_item").changes[0]["old"]["measure"] == "开展专题学习"

    @pytest.mark.parametrize("headers", [{}, FETCH])
    def test_a_conflict_shows_both_and_saving_again_replaces(self, clerk, world, report, headers):
        item = add(world, report)
        typed = PlanInput("别人改的", SESSIONS, Decimal(15))
        services.save_plan_item(by=world.head, item=item, typed=typed, base_version=1)
        answer = clerk.post(edit_url(report, item), body(measure="我改的", indicator=SESSIONS), **headers)
        text = answer.content.decode()
        assert answer.status_code == 409
        assert "别人改的" in text
        assert 'value="我改的"' in text
        assert 'name="version" value="2"' in text
        clerk.post(edit_url(report, item), body(measure="我改的", indicator=SESSIONS, version="2"))
        item.refresh_from_db()
        assert item.measure == "我改的"

    def test_a_retired_code_stays_readable_and_is_named(self, clerk, world, report):
        from metrics.models import Indicator

        item = add(world, report)
        Indicator.objects.filter(code=SESSIONS).update(valid_to=2025)
        assert "pl-bad" in detail(clerk, report)
        assert clerk.post(edit_url(report, item), body(indicator="中心组专题学习")).status_code == 422

    def test_removing(self, clerk, world, report):
        item = add(world, report)
        url = reverse("reports:plan_item_remove", args=[report.pk, item.pk])
        assert clerk.post(url).url.endswith("#b-s2.1")
        assert not PlanItem.objects.exists()
        assert clerk.post(url).status_code == 404

    def test_a_closed_report_says_why_and_keeps_what_was_typed(self, clerk, world, report):
        item = add(world, report)
        services.submit_report(by=world.clerk, report=report)
        answer = clerk.post(edit_url(report, item), body(measure="改了"))
        assert answer.status_code == 409
        assert 'value="改了"' in answer.content.decode()
        assert clerk.get(edit_url(report, item)).status_code == 403
        assert clerk.post(reverse("reports:plan_item_remove", args=[report.pk, item.pk]), **FETCH).status_code == 409
        assert "data-plan-edit" not in detail(clerk, report)

    def test_an_item_without_a_paragraph_can_still_be_edited(self, clerk, world, report):
        item = add(world, report)
        report.blocks.filter(key="s2.1").delete()
        text = detail(clerk, report)
        assert 'id="plan-loose"' in text
        assert f'id="pl-{item.pk}"' in text
        assert clerk.post(edit_url(report, item), body()).status_code == 302


class TestOutcomes:
    """How last year's items were met, on the page of the next report."""

    @pytest.fixture
    def planned(self, world, report):
        add(world, report)
        add(world, report, "修订制度", "", None, key="s2.2")
        approved(world, report)
        return services.create_report(by=world.clerk, unit=world.town, year=2026)

    def url(self, report):
        return reverse("reports:plan_outcome", args=[report.pk, PlanItem.objects.get(measure="修订制度").pk])

    def test_the_report_opens_with_them_and_says_what_is_open(self, clerk, planned):
        page = load_report_page(Report.objects.select_related("unit__parent").get(pk=planned.pk))
        assert [view.block.key for view in page.views if view.outcomes] == ["s1.targets"]
        assert {fault.block_key for fault in page.problems} == {"s1.targets"}
        assert "修订制度" in detail(clerk, planned)

    def test_choosing_closes_it(self, clerk, planned):
        answer = clerk.post(self.url(planned), {"outcome": "underway", "words": "正在征求意见", "version": "0"}, **FETCH)
        assert "正在征求意见" in answer.json()["parts"]["b-s1.targets"]
        assert PlanOutcome.objects.get().outcome == Outcome.UNDERWAY
        services.update_figures(by=planned.created_by, report=planned)
        page = load_report_page(Report.objects.select_related("unit__parent").get(pk=planned.pk))
        assert page.problems == ()
        assert "年初确定的2项目标任务，完成1项、推进1项。" in "".join(row.text for row in page.document.blocks)

    @pytest.mark.parametrize(
        "values", [{"outcome": "", "version": "0"}, {"outcome": "done", "version": "7"}, {"outcome": "done"}]
    )
    def test_what_is_refused_says_so(self, clerk, planned, values):
        PlanOutcome.objects.create(report=planned, item=PlanItem.objects.get(measure="修订制度").pk, outcome="done")
        answer = clerk.post(self.url(planned), {"words": "一句话", "version": "0", **values}, **FETCH)
        assert answer.status_code == 409
        assert "一句话" in answer.json()["message"]

    def test_words_that_a_database_cannot_hold_are_refused(self, clerk, planned):
        answer = clerk.post(self.url(planned), {"outcome": "done", "words": "一\x00二", "version": "0"}, **FETCH)
        assert answer.status_code == 409
        assert not PlanOutcome.objects.exists()

    def test_the_approval_says_how_many_targets_it_sets(self, client, world, report):
        client.force_login(world.reviewer)
        add(world, report)
        add(world, report, "修订制度", "", None)
        for deed, by in ((services.submit_report, world.head), (services.start_review, world.reviewer)):
            deed(by=by, report=Report.objects.get(pk=report.pk))
        page = client.get(reverse("reports:report_deed", args=[report.pk, "approve"])).content.decode()
        assert re.search(r'id="planned-targets"[^<]*1[^<]*2026', page)

    def test_the_annex_tells_them(self, world, planned):
        services.choose_outcome(
            by=world.clerk, report=planned, item=PlanItem.objects.get(measure="修订制度").pk, outcome="done", words="已印发"
        )
        page = load_report_page(Report.objects.select_related("unit__parent").get(pk=planned.pk))
        annex = next(row for row in page.document.annexes if "目标任务完成情况" in row.title)
        rows = [[cell.text for cell in row] for row in annex.tables[0].rows]
        assert annex.title == "青云镇2026年目标任务完成情况"
        assert rows == [
            ["1", "开展专题学习", "中心组专题学习", "12次", "20次", "166.7%", "完成", "党政办"],
            ["2", "修订制度", "—", "—", "—", "—", "完成：已印发", "党政办"],
        ]

    def test_an_annex_of_an_empty_plan_does_not_print(self, world, report):
        page = load_report_page(Report.objects.select_related("unit__parent").get(pk=report.pk))
        prints = {view.block.key: view.prints for view in page.views if view.block.kind == "annex"}
        assert (prints["annex.media"], prints["annex.outcomes"], prints["annex.plan"]) == (True, False, False)
        assert len(page.document.annexes) == 3

    def test_the_annex_of_the_plan_speaks_of_the_next_year(self, world, report):
        add(world, report)
        page = load_report_page(Report.objects.select_related("unit__parent").get(pk=report.pk))
        annex = page.document.annexes[-1]
        assert (annex.number, annex.title) == (4, "青云镇2026年目标任务分解表")
        assert [cell.text for cell in annex.tables[0].rows[0]] == [
            "1", "开展专题学习", "中心组专题学习", "12次", "党政办", "12月31日", "",
        ]  # fmt: skip

    def test_the_trace_tells_target_origin_value_and_months(self, clerk, world, planned):
        row = planned.bound_figures.get(token="【中心组专题学习|今年以来|完成率】")
        page = load_report_page(Report.objects.select_related("unit__parent").get(pk=planned.pk))
        found = load_trace(page, row)
        assert (found.plan.version.number, found.plan.outcomes[0].target_text) == (1, "12次")
        assert len(found.inputs[0].months) == 10
        text = clerk.get(reverse("reports:figure_trace", args=[planned.pk, row.pk]), **FETCH).content.decode()
        for words in ("12次", "20次", "166.7%", "开展专题学习", world.reviewer.display_name, "/versions/1/", "2026年10月"):
            assert words in text

    def test_the_plan_as_a_whole_and_an_item_have_their_traces(self, clerk, world, planned):
        item = PlanItem.objects.get(measure="修订制度").pk
        services.choose_outcome(by=world.clerk, report=planned, item=item, outcome="done", words="已印发")
        add(world, planned, "来年再学", SESSIONS, 24)
        block = planned.blocks.get(key="s2.1")
        services.save_block(by=world.clerk, block=block, text="【中心组专题学习|计划|次】。", base_version=block.version)
        services.update_figures(by=world.clerk, report=planned)
        for token, words in (
            ("【年度目标|今年以来|完成情况】", ("开展专题学习", "修订制度", "已印发", "/versions/1/")),
            ("【中心组专题学习|计划|次】", ("来年再学", world.clerk.display_name)),
        ):
            row = planned.bound_figures.get(token=token)
            answer = clerk.get(reverse("reports:figure_trace", args=[planned.pk, row.pk]), **FETCH)
            assert answer.status_code == 200
            assert all(word in answer.content.decode() for word in words)

    def test_the_trace_of_a_districts_target_names_the_district(self, clerk, world, planned):
        Target.objects.update(version=2, updated_by=world.admin, note="区里文件")
        row = planned.bound_figures.get(token="【中心组专题学习|今年以来|目标】")
        text = clerk.get(reverse("reports:figure_trace", args=[planned.pk, row.pk]), **FETCH).content.decode()
        assert "区里文件" in text
        assert "/versions/1/" not in text

    def test_a_target_kept_by_the_district_is_named_on_the_approved_report(self, clerk, world, report):
        Target.objects.create(unit=world.town, year=2026, code=SESSIONS, value=30, updated_by=world.admin)
        add(world, report)
        approved(world, report)
        assert "30次" in detail(clerk, report)
        assert Report.objects.get(pk=report.pk).state == State.APPROVED


def test_the_picker_offers_plan_and_targets(world, report):
    page = load_report_page(report)
    picker = load_picker(page.binder)
    assert picker.periods[-1] == "计划"
    names = {row.name: row for row in picker.names}
    assert {"目标", "完成率", "完成情况"} <= set(names["中心组专题学习"].formats)
    assert names["年度目标"].formats == ("完成情况",)


def test_the_page_costs_as_many_queries_for_many_items(world, report, client, django_assert_max_num_queries):
    client.force_login(world.clerk)
    add(world, report)
    with django_assert_max_num_queries(200) as one:
        detail(client, report)
    block = report.blocks.get(key="s2.1")
    PlanItem.objects.bulk_create(
        PlanItem(report=report, block=block, order=10 + n, measure=f"第{n}项", updated_by=world.clerk) for n in range(40)
    )
    with django_assert_max_num_queries(len(one.captured_queries)):
        detail(client, report)
