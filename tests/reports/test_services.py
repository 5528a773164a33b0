"""A report from creation to its frozen version: nothing typed is lost, nobody approves their own, versions never move."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from metrics.models import DistrictYear, Indicator, MonthlyReturn
from metrics.queries import YearBook
from reports import services
from reports.binding import MISSING, OK, Binder
from reports.drafting import fitted
from reports.exports import DRAFT_MARK, document_to_export
from reports.models import Block, BoundFigure, Report, ReportTemplate, ReportVersion
from reports.permissions import check_can_create
from reports.queries import fallen_slogans, head_mark, stale_figures
from reports.report_deeds import why_not
from reports.report_page import load_report_page
from tests.reports.world import change_figure, lasting
from workflow.choices import State, Subject
from workflow.models import Comment, Event, Round
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
SESSIONS = "ideology_study_session_count"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


def now(report):
    return Report.objects.select_related("unit__parent").get(pk=report.pk)


def edit(world, report, key, text, **options):
    block = report.blocks.get(key=key)
    options = {"by": world.clerk, "base_version": block.version, **options}
    return services.save_block(block=block, text=text, **options)


def in_review(world, report):
    services.submit_report(by=world.clerk, report=report)
    services.sign_off_report(by=world.head, report=report)
    services.start_review(by=world.reviewer, report=report)
    return now(report)


def approved(world, report):
    in_review(world, report)
    services.approve_report(by=world.reviewer, report=report)
    return now(report)


def comment_on(user, report, parent=None):
    return services.comment_on_block(by=user, report=now(report), key="opening", text="太长", parent=parent)


class TestCreate:
    """From template and approved figures, once a year, by the township."""

    def test_blocks_and_figures_are_there(self, report):
        assert report.blocks.count() == len(ReportTemplate.objects.get(year=2025, unit_class="").content["blocks"])
        assert set(report.bound_figures.values_list("status", flat=True)) <= {"ok", "empty"}
        assert Event.objects.about(Subject.REPORT, report.pk).get().deed == "create"

    def test_the_number_of_queries_does_not_grow_with_the_template(self, world):
        def queries(year):
            with CaptureQueriesContext(connection) as captured:
                services.create_report(by=world.clerk, unit=world.town, year=year)
            return len(captured)

        template = ReportTemplate.objects.get(year=2026, unit_class="")
        more = [{"key": f"more{n}", "kind": "paragraph", "text": "共【中心组专题学习|今年以来|次】。"} for n in range(80)]
        few = queries(2025)
        ReportTemplate.objects.filter(pk=template.pk).update(
            content={**template.content, "blocks": template.content["blocks"] + more}
        )
        assert queries(2026) <= few + 2

    def test_once_a_year(self, world, report):
        with pytest.raises(Refused):
            services.create_report(by=world.clerk, unit=world.town, year=2025)

    @pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
    def test_only_by_the_township(self, world, who):
        with pytest.raises(PermissionDenied):
            services.create_report(by=getattr(world, who), unit=world.town, year=2025)

    def test_not_before_november_not_without_an_approved_month_not_without_a_template(self, world, monkeypatch):
        from datetime import date

        monkeypatch.setattr("reports.permissions.timezone.localdate", lambda: date(2026, 10, 31))
        with pytest.raises(Refused):
            check_can_create(world.clerk, world.town, 2026)
        monkeypatch.setattr("reports.permissions.timezone.localdate", lambda: date(2026, 11, 1))
        check_can_create(world.clerk, world.town, 2026)
        monkeypatch.setattr("reports.queries.read_templates", list)
        ReportTemplate.objects.all().delete()
        with pytest.raises(Refused):
            check_can_create(world.clerk, world.town, 2026)
        monkeypatch.undo()
        MonthlyReturn.objects.update(state=State.SUBMITTED)
        with pytest.raises(Refused):
            check_can_create(world.clerk, world.town, 2026)

    def test_an_unfinished_year_says_so_far_instead_of_the_whole_year(self, world):
        MonthlyReturn.objects.filter(year=2025, month__gt=9).update(state=State.SUBMITTED)
        report = services.create_report(by=world.clerk, unit=world.town, year=2025)
        text = report.blocks.get(key="s1.5.delegation").text
        assert (report.cutoff_month, "【接待采风调研|全年|" in text, "【接待采风调研|今年以来|" in text) == (9, False, True)

    def test_no_text_claims_a_whole_year_before_its_end(self, world):
        MonthlyReturn.objects.filter(year=2025, month=12).update(state=State.SUBMITTED)
        report = services.create_report(by=world.clerk, unit=world.town, year=2025)
        claims = [row.key for row in report.blocks.exclude(kind="plan") if "全年" in row.text or "12月底" in row.text]
        assert (report.cutoff_month, claims) == (11, [])

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("全年共学习【中心组专题学习|全年|次】。", "今年以来共学习【中心组专题学习|今年以来|次】。"),
            ("截至12月底，学习【中心组专题学习|全年|次】。", "截至目前，学习【中心组专题学习|今年以来|次】。"),
            ("全年计划不变。学习【中心组专题学习|全年|次】。", "全年计划不变。学习【中心组专题学习|今年以来|次】。"),
            ("全年学习【中心组专题学习|11月|次】。", "全年学习【中心组专题学习|11月|次】。"),
        ],
    )
    def test_words_of_a_whole_year_go_with_its_figure(self, world, text, expected):
        binder = Binder(YearBook.load(world.town, 2025), 11, None)
        assert fitted(text, binder) == expected

    def test_an_approximation_that_the_number_refuses_becomes_exact(self, world):
        change_figure(world, "ideology_study_book_count", 1189, year=2025, month=12)
        report = services.create_report(by=world.clerk, unit=world.town, year=2025)
        assert "【购发学习书籍|今年以来|】" in report.blocks.get(key="s1.2.carrier").text
        assert report.bound_figures.get(token="【购发学习书籍|今年以来|】").shown == "1200本"

    def test_an_approximation_that_suits_stays(self, world):
        change_figure(world, "ideology_study_book_count", 1223, year=2025, month=12)
        report = services.create_report(by=world.clerk, unit=world.town, year=2025)
        assert report.bound_figures.get(token="【购发学习书籍|今年以来|余】").shown == "1200余本"


class TestEdit:
    """Text with tokens: settled at once, versions checked, history kept."""

    def test_new_tokens_are_settled_and_old_ones_go(self, world, report):
        edit(world, report, "opening", "共【中心组专题学习|今年以来|次】。")
        edit(world, report, "opening", "去年【中心组专题学习|上年|次】，今年【中心组专题学习|今年以来|次】。")
        rows = BoundFigure.objects.filter(block__key="opening", report=report).order_by("token")
        assert [(row.token, row.status) for row in rows] == [
            ("【中心组专题学习|上年|次】", MISSING), ("【中心组专题学习|今年以来|次】", OK),
        ]  # fmt: skip

    def test_a_second_writer_is_told_and_nothing_is_overwritten(self, world, report):
        version = report.blocks.get(key="opening").version
        edit(world, report, "opening", "甲写的。", base_version=version)
        with pytest.raises(services.EditConflict):
            edit(world, report, "opening", "乙写的。", base_version=version, by=world.head)
        assert report.blocks.get(key="opening").text == "甲写的。"

    def test_the_event_keeps_both_texts(self, world, report):
        old = report.blocks.get(key="opening").text
        edit(world, report, "opening", "新的话。")
        change = Event.objects.filter(deed="save_block").get().changes[0]
        assert (change["old"], change["new"]) == (old, "新的话。")

    def test_saving_the_same_again_is_no_new_version(self, world, report):
        block = report.blocks.get(key="opening")
        assert edit(world, report, "opening", block.text + "\r\n").version == block.version

    def test_the_kind_of_an_annex_cannot_be_edited(self, world, report):
        block = edit(world, report, "annex.media", "媒体情况", lead="其他")
        assert (block.lead, block.text) == ("media_matrix", "媒体情况")

    @pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
    def test_only_the_township_writes(self, world, report, who):
        with pytest.raises(PermissionDenied):
            edit(world, report, "opening", "话。", by=getattr(world, who))

    def test_not_while_it_is_under_review(self, world, report):
        in_review(world, report)
        with pytest.raises(Refused):
            edit(world, report, "opening", "话。")

    def test_optional_blocks_are_left_out_and_come_back(self, world, report):
        block = report.blocks.get(key="s1.problems")
        services.set_block_dropped(by=world.clerk, block=block, dropped=True)
        assert "s1.problems" not in [row.key for row in load_report_page(now(report)).document.blocks]
        services.set_block_dropped(by=world.clerk, block=block, dropped=False)
        assert "s1.problems" in [row.key for row in load_report_page(now(report)).document.blocks]
        with pytest.raises(Refused):
            services.set_block_dropped(by=world.clerk, block=report.blocks.get(key="opening"), dropped=True)

    def test_the_head_is_guarded_against_a_second_writer(self, world, report):
        seen = head_mark(report)
        values = {"title": "青云镇\n总结", "addressee": "区委宣传部：", "signature": "青云镇", "issue_date": None}
        services.save_head(by=world.clerk, report=report, seen=seen, **values)
        with pytest.raises(services.EditConflict):
            services.save_head(by=world.head, report=report, seen=seen, **{**values, "title": "别的"})
        assert now(report).title == "青云镇\n总结"


class TestStale:
    """A corrected source flags its uses and changes no word by itself."""

    def test_a_correction_flags_old_and_new(self, world, report):
        change_figure(world, SESSIONS, 5, year=2025, month=12)
        found = stale_figures(now(report))
        assert {(row.row.block.key, row.old, row.new) for row in found} == {("s1.2.group", "12次", "16次")}
        assert "12次" in "".join(
            block.text for block in load_report_page(now(report)).document.blocks if block.key == "s1.2.group"
        )

    def test_updating_takes_it_in(self, world, report):
        change_figure(world, SESSIONS, 5, year=2025, month=12)
        block = report.blocks.get(key="s1.2.group")
        services.update_figures(by=world.clerk, report=report, blocks=[block])
        assert stale_figures(now(report)) == []
        assert Event.objects.filter(deed="update_figures").get().changes[0]["new"] == "16次"

    def test_a_changed_number_blocks_submission_until_it_is_taken_in(self, world, report):
        change_figure(world, SESSIONS, 5, year=2025, month=12)
        with pytest.raises(Refused):
            services.submit_report(by=world.clerk, report=report)
        services.update_figures(by=world.clerk, report=report)
        services.submit_report(by=world.clerk, report=report)

    def test_a_month_approved_later_is_taken_in_with_all(self, world):
        december = MonthlyReturn.objects.filter(year=2025, month=12)
        december.update(state=State.SUBMITTED)
        report = services.create_report(by=world.clerk, unit=world.town, year=2025)
        december.update(state=State.APPROVED)
        assert load_report_page(now(report)).month_waiting == 12
        services.update_figures(by=world.clerk, report=report)
        assert (now(report).cutoff_month, load_report_page(now(report)).month_waiting) == (12, 0)
        assert report.bound_figures.get(token="【中心组专题学习|今年以来|次】").shown == "12次"

    def test_a_reopened_month_blocks_submission_and_export(self, world, report):
        MonthlyReturn.objects.filter(year=2025, month=5).update(state=State.RETURNED)
        services.update_figures(by=world.clerk, report=report)
        with pytest.raises(Refused):
            services.submit_report(by=world.clerk, report=now(report))
        with pytest.raises(Refused) as refusal:
            document_to_export(now(report))
        assert "5月" in str(refusal.value)

    def test_updating_all_takes_as_many_queries_for_many_blocks(self, world, report, django_assert_max_num_queries):
        Block.objects.bulk_create(
            Block(report=report, key=f"more{n}", order=900 + n, kind="paragraph", text="共【中心组专题学习|今年以来|次】。")
            for n in range(60)
        )
        with django_assert_max_num_queries(32):
            services.update_figures(by=world.clerk, report=report)


class TestReview:
    """Submit, sign off, review, approve: four eyes, rounds, comments."""

    def test_a_clerks_submission_waits_for_the_head(self, world, report):
        assert services.submit_report(by=world.clerk, report=report).state == State.AWAITING_SIGNOFF
        assert services.sign_off_report(by=world.head, report=report).state == State.SUBMITTED

    def test_the_heads_own_submission_is_its_sign_off(self, world, report):
        assert services.submit_report(by=world.head, report=report).state == State.SUBMITTED

    def test_a_district_may_do_without(self, world, report):
        DistrictYear.objects.update(needs_signoff=False)
        assert services.submit_report(by=world.clerk, report=report).state == State.SUBMITTED

    def test_nobody_decides_on_what_they_submitted(self, world, report):
        in_review(world, report)
        Report.objects.update(submitted_by=world.reviewer)
        with pytest.raises(PermissionDenied):
            services.approve_report(by=world.reviewer, report=report)
        Report.objects.update(submitted_by=world.clerk)
        Round.objects.update(signed_off_by=world.reviewer)
        with pytest.raises(PermissionDenied):
            services.approve_report(by=world.reviewer, report=report)

    def test_sending_back_needs_a_reason(self, world, report):
        in_review(world, report)
        with pytest.raises(Refused):
            services.send_back_report(by=world.reviewer, report=report, reason="  ")
        assert services.send_back_report(by=world.reviewer, report=report, reason="请补充荣誉").state == State.RETURNED
        assert Round.objects.get(subject_id=report.pk).outcome == "send_back"

    def test_withdrawing_ends_with_the_review(self, world, report):
        services.submit_report(by=world.clerk, report=report)
        assert services.withdraw_report(by=world.clerk, report=report).state == State.DRAFT
        in_review(world, report)
        with pytest.raises(Refused):
            services.withdraw_report(by=world.clerk, report=report)

    def test_a_comment_wants_an_answer_before_the_next_submission(self, world, report):
        in_review(world, report)
        comment = services.comment_on_block(by=world.reviewer, report=now(report), key="opening", text="太长")
        services.send_back_report(by=world.reviewer, report=report, reason="见批注")
        with pytest.raises(Refused):
            services.submit_report(by=world.clerk, report=report)
        services.comment_on_block(by=world.clerk, report=now(report), key="opening", text="已改", parent=comment)
        services.submit_report(by=world.clerk, report=report)
        assert Comment.objects.filter(subject_kind=Subject.REPORT).count() == 2

    def test_no_approval_over_an_open_demand_for_correction_answered_or_not(self, world, report):
        in_review(world, report)
        comment = comment_on(world.reviewer, report)
        comment_on(world.reviewer, report, parent=comment)
        with pytest.raises(Refused):
            services.approve_report(by=world.reviewer, report=report)
        services.send_back_report(by=world.reviewer, report=report, reason="见批注")
        comment_on(world.clerk, report, parent=comment)
        in_review(world, now(report))
        with pytest.raises(Refused, match="1"):
            services.approve_report(by=world.reviewer, report=report)
        services.resolve_block_comment(by=world.reviewer, report=now(report), comment=comment)
        assert services.approve_report(by=world.reviewer, report=report).state == State.APPROVED
        assert not Comment.objects.about(Subject.REPORT, report.pk).open_threads().exists()

    def test_the_district_may_close_its_own_comment_and_approve(self, world, report):
        in_review(world, report)
        comment = comment_on(world.reviewer, report)
        services.resolve_block_comment(by=world.reviewer, report=now(report), comment=comment)
        assert services.approve_report(by=world.reviewer, report=report).state == State.APPROVED

    def test_the_township_answers_and_closes_only_what_is_in_its_hands(self, world, report):
        in_review(world, report)
        comment = comment_on(world.reviewer, report)
        with pytest.raises(Refused):
            comment_on(world.clerk, report, parent=comment)
        with pytest.raises(Refused):
            services.resolve_block_comment(by=world.clerk, report=now(report), comment=comment)
        services.send_back_report(by=world.reviewer, report=report, reason="见批注")
        with pytest.raises(Refused):
            services.resolve_block_comment(by=world.clerk, report=now(report), comment=comment)
        comment_on(world.clerk, report, parent=comment)
        assert services.resolve_block_comment(by=world.clerk, report=now(report), comment=comment).resolved_at

    def test_every_round_keeps_the_document_as_it_was(self, world, report):
        in_review(world, report)
        services.send_back_report(by=world.reviewer, report=report, reason="改开头")
        edit(world, now(report), "opening", "新的开头。")
        services.submit_report(by=world.clerk, report=report)
        first, second = Round.objects.about(Subject.REPORT, report.pk)
        assert "新的开头" not in first.snapshot["document"]
        assert "新的开头" in second.snapshot["document"]

    def test_a_figure_that_moves_under_review_must_be_seen_again(self, world, report):
        in_review(world, report)
        assert why_not("approve", world.reviewer, load_report_page(now(report))) == ""
        change_figure(world, SESSIONS, 5, year=2025, month=12)
        with pytest.raises(Refused) as refusal:
            services.approve_report(by=world.reviewer, report=report)
        assert why_not("approve", world.reviewer, load_report_page(now(report))) == str(refusal.value)

    def test_so_must_one_that_only_the_annex_shows(self, world, report):
        quoted = {row.token.split("|")[0].strip("【") for row in report.bound_figures.all()}
        silent = Indicator.objects.filter(source="entered", level="township").exclude(name__in=quoted)
        codes = {code for row in Indicator.objects.all() for code in map(str, row.formula.values())}
        row = next(row for row in silent if not any(row.code in text for text in codes))
        in_review(world, report)
        change_figure(world, row.code, 77, year=2025, month=12)
        assert stale_figures(now(report)) == []
        with pytest.raises(Refused):
            services.approve_report(by=world.reviewer, report=report)


class TestFrozen:
    """What was approved stays as approved."""

    def test_approval_freezes_document_date_and_hash(self, world, report):
        frozen = approved(world, report)
        version = ReportVersion.objects.get(report=report)
        assert (frozen.state, frozen.version_number, version.number) == (State.APPROVED, 1, 1)
        assert document_to_export(frozen).sha256 == version.sha256
        assert frozen.issue_date is not None

    def test_moved_figures_names_and_templates_change_nothing(self, world, report):
        before = document_to_export(approved(world, report)).to_json()
        change_figure(world, SESSIONS, 99, year=2025, month=12)
        Indicator.objects.filter(code=SESSIONS).update(name="改了名")
        Report.objects.update(template=None)
        ReportTemplate.objects.all().delete()
        Block.objects.filter(report=report, key="opening").update(text="改了。")
        assert document_to_export(now(report)).to_json() == before
        assert stale_figures(now(report)) == []

    def test_a_draft_with_changed_numbers_is_not_exported(self, world, report):
        change_figure(world, SESSIONS, 5, year=2025, month=12)
        with pytest.raises(Refused, match="1"):
            document_to_export(report)
        services.update_figures(by=world.clerk, report=report)
        assert document_to_export(now(report)).status_mark == DRAFT_MARK

    def test_a_draft_is_marked_as_such(self, report):
        assert document_to_export(report).status_mark == DRAFT_MARK

    def test_reopening_needs_a_reason_and_the_next_approval_is_version_two(self, world, report):
        approved(world, report)
        with pytest.raises(Refused):
            services.reopen_report(by=world.admin, report=report)
        services.reopen_report(by=world.admin, report=report, reason="数据更正")
        edit(world, now(report), "opening", "更正后的开头。")
        again = approved(world, now(report))
        first, second = ReportVersion.objects.filter(report=report)
        assert again.version_number == 2
        assert "更正后的开头" not in first.document
        assert "更正后的开头" in second.document

    def test_versions_are_append_only(self, world, report):
        approved(world, report)
        with pytest.raises(DatabaseError), transaction.atomic():
            ReportVersion.objects.update(document="{}")

    def test_the_history_is_a_whole_chain(self, world, report):
        approved(world, report)
        deeds = list(Event.objects.about(Subject.REPORT, report.pk).values_list("deed", flat=True))
        assert deeds == ["create", "submit", "sign_off", "start_review", "approve"]
        assert chain_faults(world.town.code) == []


def test_a_slogan_over_falling_figures_is_named(world):
    for month in range(1, 11):
        change_figure(world, SESSIONS, 0, month=month)
    report = services.create_report(by=world.clerk, unit=world.town, year=2026)
    page = load_report_page(report)
    found = fallen_slogans(report, page.binder)
    assert [(row.block.key, row.names) for row in found] == [("s1.2.h", ("中心组专题学习",))]
