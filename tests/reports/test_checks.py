"""The check before submitting: each finding on a text that has it, silence on a near miss; confirming, fixing, what it blocks."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from metrics.models import EvidenceFile, EvidenceLink, Indicator, MonthlyReturn
from reports import services
from reports.check_list import load_check_list
from reports.checks import Level, run_checks
from reports.checks.lengths import number_of
from reports.checks.manuscript import load_manuscript
from reports.exports import document_to_export
from reports.models import BoundFigure, Confirmation, Report
from reports.report_page import load_report_page
from tests.reports.world import change_figure, lasting
from workflow.choices import State, Subject
from workflow.models import Event, Round
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
STUDY, PLAN = "s1.2.group", "s2.2"
BLOCKING, CONFIRM, HINT = Level.BLOCKING, Level.CONFIRM, Level.HINT
LIST = "【专项行动名录|今年以来|列表】"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


@pytest.fixture
def autumn(world):
    """This year's report, whose figures end with October."""
    return services.create_report(by=world.clerk, unit=world.town, year=2026)


def now(report):
    return Report.objects.get(pk=report.pk)


def write(world, report, text, key=STUDY):
    block = report.blocks.get(key=key)
    return services.save_block(by=world.clerk, block=block, text=text, base_version=block.version)


def found(report, check, key=STUDY):
    rows = run_checks(load_manuscript(now(report)))
    return [row for row in rows if row.check == check and row.block_key == key]


def levels(report, check, key=STUDY):
    return [row.level for row in found(report, check, key)]


def fixed_text(report, check, key=STUDY):
    return found(report, check, key)[0].fix.text


class TestWords:
    """Punctuation, digits, doubled phrases, claims of a whole year, rare characters."""

    @pytest.mark.parametrize(
        ("text", "mended"),
        [
            ("抓好学习,推动工作。", "抓好学习，推动工作。"),
            ("抓好学习(含宣讲)。", "抓好学习（含宣讲）。"),
            ("学习【中心组专题学习|今年以来|次】;发言多。", "学习【中心组专题学习|今年以来|次】；发言多。"),
            ("工作有序.", "工作有序。"),
        ],
    )
    def test_half_width_marks_are_found_and_mended(self, world, report, text, mended):
        write(world, report, text)
        assert levels(report, "half_width") == [CONFIRM]
        assert fixed_text(report, "half_width") == mended

    @pytest.mark.parametrize(
        "text", ["抓好学习，推动工作。", "采用 PDF/A, XLSX 格式。", "见〖Work, Life〗一文。", "登录www.example.cn查询。"]
    )
    def test_half_width_near_misses(self, world, report, text):
        write(world, report, text)
        assert levels(report, "half_width") == []

    def test_full_width_digits(self, world, report):
        write(world, report, "写于〖２０２５〗年。")
        assert levels(report, "wide_digits") == [CONFIRM]
        assert fixed_text(report, "wide_digits") == "写于〖2025〗年。"
        write(world, report, "写于〖2025〗年。")
        assert levels(report, "wide_digits") == []

    @pytest.mark.parametrize(
        ("text", "mended"),
        [("学习有序。。成效好。", "学习有序。成效好。"), ("学习，、发言。", "学习，发言。"), ("好！！", "好！")],
    )
    def test_doubled_marks(self, world, report, text, mended):
        write(world, report, text)
        assert levels(report, "doubled_marks") == [CONFIRM]
        assert fixed_text(report, "doubled_marks") == mended

    @pytest.mark.parametrize("text", ["学习……有序。", "学习——有序。", "“有序。”，好。", "学习、发言，都好。"])
    def test_doubled_near_misses(self, world, report, text):
        write(world, report, text)
        assert levels(report, "doubled_marks") == []

    def test_this_year_twice_in_a_sentence(self, world, report):
        write(world, report, "今年以来，学习有序；好。今年以来学习有序，今年以来，发言踊跃。")
        assert levels(report, "this_year_twice") == [CONFIRM]
        assert fixed_text(report, "this_year_twice") == "今年以来，学习有序；好。今年以来学习有序，发言踊跃。"
        write(world, report, "今年以来，学习【中心组专题学习|今年以来|次】。今年以来发言踊跃。")
        assert levels(report, "this_year_twice") == []

    @pytest.mark.parametrize(
        ("text", "level", "mended"),
        [
            ("全年开展学习【中心组专题学习|今年以来|次】。", BLOCKING, "今年以来开展学习【中心组专题学习|今年以来|次】。"),
            ("学习全年有序。", CONFIRM, "学习今年以来有序。"),
            ("截至年底，工作有序。", CONFIRM, "截至目前，工作有序。"),
        ],
    )
    def test_claims_of_a_whole_year_before_december(self, world, autumn, text, level, mended):
        write(world, autumn, text)
        assert levels(autumn, "too_early") == [level]
        assert fixed_text(autumn, "too_early") == mended

    def test_a_claim_without_a_mechanical_way_out(self, world, autumn):
        write(world, autumn, "圆满完成各项任务。")
        assert levels(autumn, "too_early") == [CONFIRM]
        assert found(autumn, "too_early")[0].fix is None

    @pytest.mark.parametrize("text", ["紧扣全年目标任务。", "覆盖全年龄段。", "力争年底前完成。", "去年全年有序。"])
    def test_whole_year_near_misses(self, world, autumn, text):
        write(world, autumn, text)
        assert levels(autumn, "too_early") == []

    def test_a_year_with_december_may_claim_it_and_a_plan_always(self, world, report, autumn):
        write(world, report, "全年开展学习【中心组专题学习|今年以来|次】。")
        assert levels(report, "too_early") == []
        write(world, autumn, "全年开展活动，年底总结。", key=PLAN)
        assert levels(autumn, "too_early", PLAN) == []

    def test_a_character_that_no_font_has(self, world, report):
        write(world, report, "走访\ue123村。")
        assert levels(report, "no_font") == [CONFIRM]
        write(world, report, "走访埭村、㙦村。")  # rare, and in a face
        assert levels(report, "no_font") == []


class TestLists:
    """A list beside a count word."""

    @pytest.mark.parametrize(
        "text", [f"开展{LIST}五大行动。", f"开展{LIST}等2个行动。", f"开展两大行动：{LIST}。", f"做好四项行动（{LIST}）。"]
    )
    def test_a_bound_list_of_three_contradicts(self, world, report, text):
        write(world, report, text)
        assert levels(report, "list_length") == [BLOCKING]

    @pytest.mark.parametrize(
        "text",
        [f"开展{LIST}三大行动。", f"开展{LIST}等〖5〗个行动。", f"围绕{LIST}开展五个方面工作。", f"三项行动：{LIST}。",
         f"{LIST}等【专项行动|今年以来|个】行动。", f"学习二十大精神，开展{LIST}。"],
    )  # fmt: skip
    def test_a_bound_list_that_fits(self, world, report, text):
        write(world, report, text)
        assert levels(report, "list_length") == []

    @pytest.mark.parametrize(
        "text", ["守好思想、舆论、文化四个阵地。", "推进五项工作：学习、宣讲、志愿服务。", "清源、净网五大行动扎实。"]
    )
    def test_a_typed_list_is_for_the_author_to_judge(self, world, report, text):
        write(world, report, text)
        assert levels(report, "list_length") == [CONFIRM]

    @pytest.mark.parametrize(
        "text",
        ["守好思想、舆论、文化三个阵地。", "推进三项工作：学习、宣讲、志愿服务。", "清源、净网等五大行动。",
         "学习、宣讲和服务三个方面。", "树牢四个意识、坚定四个自信、做到两个维护。", "学习、宣讲三个月。",
         "深入村、社区开展五大行动。", "学习十九大、二十大精神。"],
    )  # fmt: skip
    def test_typed_near_misses(self, world, report, text):
        write(world, report, text)
        assert levels(report, "list_length") == []

    @pytest.mark.parametrize(
        ("word", "number"), [("五", 5), ("两", 2), ("十", 10), ("十二", 12), ("二十", 20), ("二十一", 21), ("7", 7)]
    )
    def test_numerals(self, word, number):
        assert number_of(word) == number


class TestFigures:
    """Typed, changed, two values, last year's."""

    def test_typed_digits_block_and_one_click_marks_them(self, world, report):
        write(world, report, "另学习35次，写于〖2025〗年，走访12家，共35次。")
        assert levels(report, "typed_number") == [BLOCKING]
        assert fixed_text(report, "typed_number") == "另学习〖35〗次，写于〖2025〗年，走访〖12〗家，共〖35〗次。"

    def test_numbers_in_words_are_to_be_confirmed(self, world, report):
        write(world, report, "另学习十二次。")
        assert levels(report, "typed_number") == [CONFIRM]
        write(world, report, "抓好五个方面，学习〖十二次〗。")
        assert levels(report, "typed_number") == []

    def test_a_changed_number_blocks_until_it_is_updated(self, world, report):
        assert found(report, "changed_number") == []
        change_figure(world, "ideology_study_session_count", 5, year=2025, month=12)
        assert levels(report, "changed_number") == [BLOCKING]
        services.fix_finding(by=world.clerk, report=now(report), mark=found(report, "changed_number")[0].mark)
        assert levels(report, "changed_number") == []
        assert report.bound_figures.get(block__key=STUDY, token__contains="中心组专题学习").shown == "16次"

    def test_a_number_whose_source_alone_has_changed_is_no_changed_number(self, world, report):
        write(world, report, "学习【中心组专题学习|今年以来|次】。")
        change_figure(world, "ideology_study_session_count", 0, year=2025, month=11)
        change_figure(world, "ideology_study_session_count", 2, year=2025, month=12)
        (same,) = found(report, "changed_number")
        assert (same.level, "→" in same.words, "12次" in same.words) == (BLOCKING, False, True)
        change_figure(world, "ideology_study_session_count", 5, year=2025, month=12)
        (other,) = found(report, "changed_number")
        assert "12次 → 15次" in other.words
        assert same.mark != other.mark
        services.fix_finding(by=world.clerk, report=now(report), mark=other.mark)
        assert levels(report, "changed_number") == []

    def test_one_fact_with_two_values(self, world, report):
        write(world, report, "学习【中心组专题学习|今年以来|次】。")
        write(world, report, "学习【中心组专题学习|1—12月|次】。", key="s1.2.carrier")
        assert found(report, "two_values", "s1.2.carrier") == []
        BoundFigure.objects.filter(report=report, block__key="s1.2.carrier").update(value=11, shown="11次")
        assert levels(report, "two_values", "s1.2.carrier") == [BLOCKING]

    def test_other_periods_and_other_ways_to_write_a_value_are_no_contradiction(self, world, report):
        write(
            world,
            report,
            "学习【中心组专题学习|今年以来|次】，上半年【中心组专题学习|上半年|次】，一年【中心组专题学习|今年以来|同比】。",
        )
        write(world, report, "学习【中心组专题学习|今年以来|中文数】次。", key="s1.2.carrier")
        assert found(report, "two_values") == found(report, "two_values", "s1.2.carrier") == []

    def test_the_text_against_the_annex(self, world, report):
        """A number that is kept although its source has moved: the annex counts the months as they are."""
        write(world, report, "学习【中心组专题学习|今年以来|次】。")
        script = load_manuscript(now(report))
        row = next(row for block, row in script.bound() if block.key == STUDY)
        row.value = 9
        assert [found.level for found in run_checks(script) if found.check == "two_values"] == [CONFIRM]
        for block in script.blocks:
            block.is_dropped |= block.kind == "annex"
        assert [found for found in run_checks(script) if found.check == "two_values"] == []

    def test_a_figure_that_is_exactly_last_years(self, world, autumn):
        write(world, autumn, "学习【中心组专题学习|今年以来|次】。")
        assert found(autumn, "same_as_last_year") == []
        for month in range(1, 11):
            change_figure(world, "ideology_study_session_count", 1, month=month)
        services.update_figures(by=world.clerk, report=autumn)
        assert levels(autumn, "same_as_last_year") == [CONFIRM]

    def test_small_numbers_and_stocks_are_often_equal(self, world, autumn):
        """9 against 9, and a population."""
        for month in range(1, 11):
            change_figure(world, "ideology_study_session_count", 1, month=month)
        write(world, autumn, "学习【中心组专题学习|1—9月|次】，户籍人口【户籍人口|目前|人】。")
        assert found(autumn, "same_as_last_year") == []


class TestCopies:
    """What people wrote themselves stood in last year's report."""

    OWN = "围绕中心工作谋划文化惠民新举措，组织骨干力量走村入户开展宣讲，群众反响良好，学习【中心组专题学习|今年以来|次】。"

    def test_the_same_paragraph_with_other_figures(self, world, report, autumn):
        write(world, report, self.OWN)
        write(world, autumn, self.OWN.replace("良好", "很好"), key="s1.2.carrier")
        assert levels(autumn, "copied_text", "s1.2.carrier") == [CONFIRM]

    def test_a_paragraph_that_says_something_new(self, world, report, autumn):
        write(world, report, self.OWN)
        write(world, autumn, "今年把重点放在夜校，请返乡青年讲创业故事，群众反响良好，学习【中心组专题学习|今年以来|次】。")
        assert found(autumn, "copied_text") == []

    def test_the_templates_sentences_and_short_ones_repeat_on_purpose(self, world, report, autumn):
        write(world, report, "工作有序。", key="s1.2.carrier")
        write(world, autumn, "工作有序。", key="s1.2.carrier")
        assert [row for row in run_checks(load_manuscript(autumn)) if row.check == "copied_text"] == []


class TestSources:
    """Months and evidence."""

    def blank(self, world, code, month):
        figure = change_figure(world, code, 0, year=2025, month=month)
        figure.kind, figure.value, figure.raw = "blank", None, ""
        figure.save()

    def test_a_blank_month_of_an_optional_figure(self, world, report):
        name = Indicator.objects.get(code="xuexi_bulletin_count").name
        write(world, report, f"通报【{name}|今年|次】。")
        assert found(report, "blank_months") == []
        self.blank(world, "xuexi_bulletin_count", 3)
        write(world, report, f"今年通报【{name}|今年|】。")
        rows = [row for row in run_checks(load_manuscript(now(report))) if row.check == "blank_months"]
        assert [(row.level, row.links[0][0]) for row in rows] == [(CONFIRM, "3月")]

    def test_a_month_without_an_approved_return(self, world, report):
        assert found(report, "missing_months", "") == []
        MonthlyReturn.objects.filter(unit=world.town, year=2025, month=5).update(state=State.RETURNED, approved_at=None)
        (row,) = found(report, "missing_months", "")
        assert (row.level, row.links[0][0]) == (CONFIRM, "5月")

    def test_a_month_approved_since_is_a_hint(self, world, report):
        Report.objects.filter(pk=report.pk).update(cutoff_month=10)
        assert levels(report, "missing_months", "") == [HINT]

    def test_evidence_is_asked_where_the_indicator_asks_for_it(self, world, report):
        national = "media_adopted_national"
        (row,) = found(report, "missing_evidence", "s1.3.media")
        assert (row.level, len(row.links)) == (CONFIRM, 12)
        for monthly in MonthlyReturn.objects.filter(unit=world.town, year=2025):
            self.attach(world, monthly, national)
        assert found(report, "missing_evidence", "s1.3.media") == []

    def attach(self, world, monthly, cell):
        file = EvidenceFile.objects.create(
            unit=world.town, year=monthly.year, month=monthly.month, name="图.png", media_type="image/png", size=1,
            received_sha256=f"{monthly.pk}", sha256=f"{monthly.pk}", stored_as=f"{monthly.pk}.png", uploaded_by=world.clerk,
            uploaded_at=timezone.now(),
        )  # fmt: skip
        EvidenceLink.objects.create(file=file, unit=world.town, monthly_return=monthly, cell=cell, linked_by=world.clerk)


class TestComments:
    """Unanswered ones stop a submission, not a print."""

    def commented(self, world, report, kind="must_fix"):
        services.submit_report(by=world.head, report=now(report))
        services.start_review(by=world.reviewer, report=now(report))
        comment = services.comment_on_block(by=world.reviewer, report=now(report), key=STUDY, text="请核对。", kind=kind)
        services.send_back_report(by=world.reviewer, report=now(report), reason="请改")
        return comment

    def test_unanswered_then_answered(self, world, report):
        comment = self.commented(world, report)
        assert levels(report, "open_comment") == [BLOCKING]
        with pytest.raises(Refused, match="no answer"):
            services.submit_report(by=world.head, report=now(report))
        assert document_to_export(now(report))
        services.comment_on_block(by=world.clerk, report=now(report), key=STUDY, text="已改。", parent=comment)
        assert levels(report, "open_comment") == [HINT]
        services.submit_report(by=world.head, report=now(report))

    def test_a_note_is_a_hint(self, world, report):
        self.commented(world, report, "note")
        assert levels(report, "open_comment") == [HINT]


class TestSlogans:
    def test_a_heading_that_the_figures_contradict(self, world, report, autumn):
        assert not [row for row in run_checks(load_manuscript(autumn)) if row.check == "fallen_slogan"]
        change_figure(world, "ideology_study_book_count", 0)
        change_figure(world, "ideology_study_book_count", 0, month=9)
        change_figure(world, "ideology_study_book_count", 0, month=8)
        change_figure(world, "ideology_study_book_count", 0, month=7)
        change_figure(world, "ideology_study_book_count", 0, month=6)
        change_figure(world, "ideology_study_book_count", 0, month=5)
        assert levels(autumn, "fallen_slogan", "s1.2.h") == [CONFIRM]


class TestGates:
    """What blocks stops submitting and exporting with the same words, on the buttons and in the services."""

    def test_a_fresh_report_has_nothing_that_blocks(self, report, autumn):
        for row in (report, autumn):
            assert load_check_list(row, load_manuscript(row)).blocking == []

    def test_the_same_words_everywhere(self, client, world, report):
        write(world, report, "另学习3517次。")
        client.force_login(world.clerk)
        page = client.get(reverse("reports:report_detail", args=[report.pk]))
        deed = next(row for row in page.context["deeds"] if row.name == "submit")
        assert "3517" in deed.reason
        assert deed.reason == page.context["export_refusal"]
        html = page.content.decode()
        assert [html.count(f'id="why-{name}"') for name in ("submit", "export")] == [1, 0]
        assert html.count('aria-describedby="why-submit"') == 2
        for refused in (
            lambda: services.submit_report(by=world.clerk, report=now(report)),
            lambda: document_to_export(now(report)),
        ):
            with pytest.raises(Refused) as refusal:
                refused()
            assert str(refusal.value) == deed.reason

    def test_what_is_to_be_confirmed_stops_nothing(self, world, report):
        write(world, report, "学习有序。。")
        assert document_to_export(now(report))
        services.submit_report(by=world.head, report=now(report))

    def test_an_approved_report_is_asked_nothing(self, world, report):
        services.submit_report(by=world.head, report=now(report))
        services.start_review(by=world.reviewer, report=now(report))
        services.approve_report(by=world.reviewer, report=now(report))
        assert load_report_page(now(report)).checks.rows == []


class TestConfirming:
    """One line, read by the reviewer, kept with the text it was said of."""

    def confirmed(self, world, report, reason="引文原样"):
        mark = found(report, "doubled_marks")[0].mark
        return services.confirm_finding(by=world.clerk, report=now(report), mark=mark, reason=reason)

    def checked(self, report):
        return next(row for row in load_report_page(now(report)).checks.rows if row.finding.check == "doubled_marks")

    def test_it_is_kept_shown_and_in_the_history(self, client, world, report):
        write(world, report, "学习有序。。")
        self.confirmed(world, report)
        assert self.checked(report).confirmation.reason == "引文原样"
        assert Event.objects.about(Subject.REPORT, report.pk).filter(deed="confirm_finding", reason="引文原样").count() == 1
        client.force_login(world.reviewer)
        assert "引文原样" in client.get(reverse("reports:report_detail", args=[report.pk])).content.decode()

    def test_another_text_is_asked_about_anew_and_the_old_text_is_answered_still(self, world, report):
        write(world, report, "学习有序。。")
        self.confirmed(world, report)
        write(world, report, "学习很有序。。")
        assert self.checked(report).confirmation is None
        write(world, report, "学习有序。。")
        assert self.checked(report).confirmation.reason == "引文原样"

    def test_a_second_thought_replaces_the_words(self, world, report):
        write(world, report, "学习有序。。")
        self.confirmed(world, report)
        self.confirmed(world, report, "照原文")
        assert Confirmation.objects.get().reason == "照原文"
        assert Event.objects.about(Subject.REPORT, report.pk).filter(deed="confirm_finding").count() == 2

    @pytest.mark.parametrize("reason", ["", "  \n ", "长" * 201])
    def test_no_words_or_too_many_are_refused(self, world, report, reason):
        write(world, report, "学习有序。。")
        with pytest.raises(Refused):
            self.confirmed(world, report, reason)
        assert not Confirmation.objects.exists()

    def test_what_blocks_cannot_be_confirmed_and_what_is_gone_neither(self, world, report):
        write(world, report, "另学习35次。")
        with pytest.raises(Refused, match="only put right"):
            services.confirm_finding(by=world.clerk, report=report, mark=found(report, "typed_number")[0].mark, reason="是")
        with pytest.raises(Refused, match="changed since"):
            services.confirm_finding(by=world.clerk, report=report, mark="0" * 64, reason="是")

    def test_a_submission_keeps_them(self, world, report):
        write(world, report, "学习有序。。")
        self.confirmed(world, report)
        services.submit_report(by=world.head, report=now(report))
        (line,) = Round.objects.about(Subject.REPORT, report.pk).get().snapshot["confirmed"]
        assert (line["block"], line["reason"], line["by"]) == (STUDY, "引文原样", world.clerk.display_name)

    def test_only_the_townships_office_confirms_and_mends(self, world, report):
        write(world, report, "学习有序。。")
        mark = found(report, "doubled_marks")[0].mark
        for user in (world.reviewer, world.admin, world.auditor):
            with pytest.raises(PermissionDenied):
                services.confirm_finding(by=user, report=report, mark=mark, reason="是")
            with pytest.raises(PermissionDenied):
                services.fix_finding(by=user, report=report, mark=mark)
        services.submit_report(by=world.head, report=now(report))
        with pytest.raises(Refused):
            services.confirm_finding(by=world.clerk, report=report, mark=mark, reason="是")


class TestPage:
    """Panel, outline, one-click fixes over HTTP."""

    def post(self, client, world, report, name, **data):
        client.force_login(world.clerk)
        return client.post(reverse(f"reports:{name}", args=[report.pk]), data, headers={"x-requested-with": "fetch"})

    def test_a_fix_answers_with_the_parts_of_the_page(self, client, world, report):
        write(world, report, "学习有序。。")
        reply = self.post(client, world, report, "finding_fix", mark=found(report, "doubled_marks")[0].mark)
        assert {"part-notices", "part-outline", f"b-{STUDY}"} <= set(reply.json()["parts"])
        assert report.blocks.get(key=STUDY).text == "学习有序。"
        again = self.post(client, world, report, "finding_fix", mark="0" * 64)
        assert again.status_code == 409

    def test_a_confirmation_over_http_and_without_words(self, client, world, report):
        write(world, report, "学习有序。。")
        mark = found(report, "doubled_marks")[0].mark
        assert self.post(client, world, report, "finding_confirm", mark=mark, reason=" ").status_code == 409
        assert self.post(client, world, report, "finding_confirm", mark=mark, reason="引文").status_code == 200
        assert Confirmation.objects.get().reason == "引文"

    def test_the_outline_counts_what_is_open(self, world, report):
        write(world, report, "学习有序。。另学习35次。")
        entry = next(row for row in load_report_page(now(report)).outline if row.anchor == "b-s1.2.h")
        assert (entry.problems, entry.to_confirm) == (1, 1)

    def test_many_findings_cost_no_more_queries(self, client, world, report):
        def queries():
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("reports:report_detail", args=[report.pk]))
            return len(asked)

        client.force_login(world.clerk)
        few = queries()
        for block in report.blocks.filter(kind="paragraph"):
            block.text += "学习有序。。另学习35次,全年"
            block.save()
        for row in found(report, "doubled_marks", STUDY):
            services.confirm_finding(by=world.clerk, report=now(report), mark=row.mark, reason="是")
        assert queries() <= few


def test_last_years_report_costs_nothing_per_block(world, report, autumn):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            run_checks(load_manuscript(Report.objects.select_related("unit__parent").get(pk=autumn.pk)))
        return len(asked)

    few = queries()
    assert few < 40, date.today()
    for order in range(5):
        report.blocks.create(key=f"x{order}", order=900 + order, kind="paragraph", text="多写一段话，看看要不要多查一次数据库。")
        autumn.blocks.create(key=f"x{order}", order=900 + order, kind="paragraph", text="多写一段话，看看要不要多查一次数据库。")
    assert queries() <= few
