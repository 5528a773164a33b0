"""Pages of the annual reports: reading, editing without losing a word, tracing, reviewing, versions."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics.models import MonthlyReturn
from reports import services
from reports.models import Block, Report
from reports.report_page import load_report_page
from reports.trace import load_trace
from tests.factories import make_township, make_user, make_village
from tests.reports.world import change_figure, lasting
from workflow.choices import State
from workflow.models import Comment

pytestmark = pytest.mark.django_db
FETCH = {"headers": {"X-Requested-With": "fetch"}}
SESSIONS = "ideology_study_session_count"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=2) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


def url(name, *args):
    return reverse(f"reports:{name}", args=args)


def page(client, user, name, *args, query="", **options):
    client.force_login(user)
    return client.get(url(name, *args) + query, **options)


def text_of(response) -> str:
    """Return the words of a page: tags gone, white space joined."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", response.content.decode())))


def block_post(client, user, report, key, text, version=None, **options):
    client.force_login(user)
    version = report.blocks.get(key=key).version if version is None else version
    return client.post(url("block_edit", report.pk, key), {"text": text, "version": version}, **options)


class TestList:
    """A township's years; a district's townships in one year."""

    def test_the_township_sees_its_own_and_may_create_what_is_missing(self, client, world, report):
        response = page(client, world.clerk, "report_list")
        years = [row.year for _unit, row in response.context["lines"]]
        assert years == [2025]
        assert [offer[0] for offer in response.context["offers"]][0] not in years

    def test_creating_opens_the_report(self, client, world):
        client.force_login(world.clerk)
        response = client.post(url("report_create"), {"year": "2025"})
        assert response.url == url("report_detail", Report.objects.get().pk)

    def test_a_refusal_is_said_and_nothing_is_made(self, client, world, report):
        client.force_login(world.clerk)
        response = client.post(url("report_create"), {"year": "2025"}, follow=True)
        assert "2025" in str(next(iter(response.context["messages"])))
        assert Report.objects.count() == 1

    def test_the_district_sees_every_township_of_the_year(self, client, world, report):
        response = page(client, world.reviewer, "report_list", query="?year=2025")
        assert [row is not None for _unit, row in response.context["lines"]] == [True, False]

    @pytest.mark.parametrize("year", ["", "x", "９９９９", "1" * 30])
    def test_a_strange_year_is_no_error(self, client, world, report, year):
        assert page(client, world.reviewer, "report_list", query=f"?year={year}").status_code == 200

    def test_a_village_clerk_has_no_reports(self, client, world):
        clerk = make_user("village_clerk", world.villages[0])
        assert page(client, clerk, "report_list").status_code == 403

    def test_many_townships_cost_no_more_queries(self, client, world, report):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                page(client, world.reviewer, "report_list", query="?year=2025")
            return len(captured)

        few = queries()
        for _number in range(20):
            unit = make_township(world.district)
            Report.objects.create(unit=unit, year=2025, title="题", addressee="部：", signature="镇", created_by=world.clerk)
        assert queries() <= few


class TestReading:
    """Chips in the words, counts, what is to be done."""

    @pytest.mark.parametrize("who", ["clerk", "head", "reviewer", "admin", "auditor"])
    def test_everybody_of_the_district_reads(self, client, world, report, who):
        response = page(client, getattr(world, who), "report_detail", report.pk)
        assert response.status_code == 200
        assert "12次" in text_of(response)

    def test_a_stranger_finds_nothing(self, client, world, report):
        other = make_township(world.district)
        for user in (make_user("township_clerk", other), make_user("village_clerk", make_village(world.town))):
            assert page(client, user, "report_detail", report.pk).status_code == 404
        assert page(client, make_user("district_reviewer"), "report_detail", report.pk).status_code == 404

    def test_a_changed_number_shows_old_and_new(self, client, world, report):
        change_figure(world, SESSIONS, 5, year=2025, month=12)
        response = page(client, world.clerk, "report_detail", report.pk)
        assert response.context["page"].counts.stale == 1
        assert re.search(r'class="fig stale"[^>]*>12次.*?16次', response.content.decode(), re.S)
        assert response.context["deeds"][-1].reason

    def test_a_missing_month_is_named_with_its_block(self, client, world, report):
        MonthlyReturn.objects.filter(unit=world.town, year=2025, month=5).update(state=State.RETURNED)
        services.update_figures(by=world.clerk, report=report)
        response = page(client, world.clerk, "report_detail", report.pk)
        assert response.context["page"].counts.missing > 50
        assert "5月" in text_of(response)

    def test_many_blocks_cost_no_more_queries(self, client, world, report):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                page(client, world.clerk, "report_detail", report.pk)
            return len(captured)

        few = queries()
        Block.objects.bulk_create(
            Block(report=report, key=f"more{n}", order=900 + n, kind="paragraph", text="共【中心组专题学习|今年以来|次】。")
            for n in range(60)
        )
        services.update_figures(by=world.clerk, report=report)
        assert queries() <= few
        assert few < 50

    def test_hostile_text_is_only_text(self, client, world, report):
        services.save_block(by=world.clerk, block=report.blocks.get(key="opening"), text="<script>alert(1)</script>&amp;{{ x }}",
                            base_version=1)  # fmt: skip
        body = page(client, world.clerk, "report_detail", report.pk).content.decode()
        assert "<script>alert" not in body
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;{{ x }}" in body

    def test_reading_writes_nothing(self, client, world, report):
        client.force_login(world.clerk)
        with CaptureQueriesContext(connection) as captured:
            for name, args in (
                ("report_detail", ()),
                ("report_preview", ()),
                ("block_edit", ("opening",)),
                ("report_rounds", ()),
            ):
                client.get(url(name, report.pk, *args))
        writes = [row["sql"] for row in captured if row["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert not [text for text in writes if "django_session" not in text]


class TestEditing:
    """Plain text with tokens; whatever is in the way, the typed words come back."""

    def test_the_text_opens_with_its_tokens(self, client, world, report):
        body = text_of(page(client, world.clerk, "block_edit", report.pk, "s1.2.group"))
        assert "【中心组专题学习|今年以来|次】" in body

    def test_saving_goes_back_to_the_block(self, client, world, report):
        response = block_post(client, world.clerk, report, "opening", "新的开头。")
        assert response.url.endswith(f"/reports/{report.pk}/#b-opening")
        assert report.blocks.get(key="opening").text == "新的开头。"

    def test_a_script_gets_the_changed_parts(self, client, world, report):
        answer = block_post(client, world.clerk, report, "opening", "共【中心组专题学习|今年以来|次】。", **FETCH).json()
        assert set(answer["parts"]) == {"part-head", "part-outline", "part-summary", "part-notices", "part-sheet", "b-opening"}
        assert "12次" in answer["parts"]["b-opening"]

    @pytest.mark.parametrize("options", [{}, FETCH])
    @pytest.mark.parametrize(
        ("typed", "place"),
        [
            ("共【中心组专题学习|今年以来|次", 2),
            ("【甲】", 1),
            ("好】", 2),
            ("共【没有此项|今年以来|次】", 2),
            ("【中心组专题学习|全季|次】", 1),
        ],
    )
    def test_a_broken_figure_is_named_with_its_place_and_the_text_stays(self, client, world, report, typed, place, options):
        response = block_post(client, world.clerk, report, "opening", typed, **options)
        assert response.status_code == 422
        form = response.context["form"]
        assert (form.faults[0].place, form["text"].value()) == (place, typed)
        assert typed in text_of(response)
        assert report.blocks.get(key="opening").version == 1

    def test_two_writers_both_texts_are_shown_and_the_second_save_is_deliberate(self, client, world, report):
        block_post(client, world.head, report, "opening", "先保存的。")
        response = block_post(client, world.clerk, report, "opening", "后保存的。", version=1)
        body = text_of(response)
        assert response.status_code == 409
        assert "先保存的。" in body
        assert "后保存的。" in body
        block_post(client, world.clerk, report, "opening", "合并的。", version=response.context["form"]["version"].value())
        assert report.blocks.get(key="opening").text == "合并的。"

    def test_a_report_submitted_meanwhile_keeps_the_typed_text_on_the_page(self, client, world, report):
        services.submit_report(by=world.clerk, report=report)
        response = block_post(client, world.clerk, report, "opening", "晚了一步。")
        assert response.status_code == 409
        assert "晚了一步。" in text_of(response)

    @pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
    def test_the_district_does_not_write(self, client, world, report, who):
        assert block_post(client, getattr(world, who), report, "opening", "话。").status_code == 403
        assert page(client, getattr(world, who), "block_edit", report.pk, "opening").status_code == 403

    def test_the_picker_names_what_may_be_inserted(self, client, world, report):
        picker = page(client, world.clerk, "block_edit", report.pk, "opening", **FETCH).context["picker"]
        names = {row.name: row for row in picker.names}
        assert names["中心组专题学习"].example == "【中心组专题学习|今年以来|次】"
        assert names["中心组专题学习"].shown == "12次"
        assert names["荣誉"].formats[0] == "列表"
        assert "全年" in picker.periods

    def test_a_token_is_previewed_as_it_will_print(self, client, world, report):
        client.force_login(world.clerk)
        answer = client.get(url("token_preview", report.pk), {"token": "【中心组专题学习|一季度|次】"}).json()
        assert (answer["status"], answer["shown"]) == ("ok", "3次")
        assert client.get(url("token_preview", report.pk), {"token": "【甲"}).json()["status"] == "refused"
        assert client.get(url("token_preview", report.pk), {"token": "话"}).status_code == 404

    def test_the_head_is_edited_and_guarded(self, client, world, report):
        client.force_login(world.clerk)
        form = client.get(url("report_head", report.pk)).context["form"]
        values = {"title": "青云镇\r\n工作总结", "addressee": "区委宣传部：", "signature": "青云镇", "issue_date": "2026年1月5日",
                  "seen": form["seen"].value()}  # fmt: skip
        assert client.post(url("report_head", report.pk), values).status_code == 302
        stored = Report.objects.get()
        assert (stored.title, stored.issue_date.isoformat()) == ("青云镇\n工作总结", "2026-01-05")
        again = client.post(url("report_head", report.pk), {**values, "title": "另一个标题"})
        assert (again.status_code, again.context["form"]["title"].value()) == (409, "另一个标题")

    def test_an_optional_block_is_left_out_and_taken_in(self, client, world, report):
        client.force_login(world.clerk)
        client.post(url("block_drop", report.pk, "s1.problems"))
        assert report.blocks.get(key="s1.problems").is_dropped
        client.post(url("block_restore", report.pk, "s1.problems"))
        assert not report.blocks.get(key="s1.problems").is_dropped

    def test_changed_numbers_are_taken_in(self, client, world, report):
        change_figure(world, SESSIONS, 5, year=2025, month=12)
        client.force_login(world.clerk)
        answer = client.post(url("block_update", report.pk, "s1.2.group"), **FETCH).json()
        assert "16次" in answer["parts"]["b-s1.2.group"]


class TestTrace:
    """From a number to months, approvers, items and its other places."""

    def trace(self, client, world, report, part):
        row = report.bound_figures.get(token__contains=part)
        return page(client, world.clerk, "figure_trace", report.pk, row.pk, **FETCH)

    def test_months_link_to_their_cells(self, client, world, report):
        response = self.trace(client, world, report, "【中心组专题学习|")
        months = response.context["trace"].inputs[0].months
        assert (len(months), months[0].approved_by) == (12, world.reviewer.display_name)
        cell = reverse("metrics:return_detail", args=[months[0].return_pk]) + f"?cell={SESSIONS}#c-{SESSIONS}"
        assert cell in response.content.decode()

    def test_a_rate_shows_both_sides_and_a_sum_its_parts(self, client, world, report):
        rate = self.trace(client, world, report, "【学习强国覆盖率|").context["trace"]
        assert [row.code for row in rate.inputs] == ["xuexi_registered_users", "xuexi_target_users"]
        assert "÷" in rate.formula
        whole = self.trace(client, world, report, "【主流媒体录用|今年以来|篇").context["trace"]
        assert len(whole.inputs) > 3

    def test_a_list_shows_its_items(self, client, world, report):
        trace = self.trace(client, world, report, "【学习书目|").context["trace"]
        assert [row.name for row in trace.items] == ["甲项", "《乙项》", "《丙项》"]

    def test_laggards_show_every_village(self, client, world, report):
        trace = self.trace(client, world, report, "欠佳名单").context["trace"]
        assert {name for name, _rate in trace.villages} == {"东村", "西村", "南社区"}

    def test_other_places_of_the_same_fact(self, client, world, report):
        services.save_block(by=world.clerk, block=report.blocks.get(key="opening"), text="先后【中心组专题学习|今年以来|次】。",
                            base_version=1)  # fmt: skip
        row = report.bound_figures.get(block__key="opening")
        trace = page(client, world.clerk, "figure_trace", report.pk, row.pk, **FETCH).context["trace"]
        assert [(use.anchor, use.kind) for use in trace.uses] == [("b-s1.2.group", "text"), ("b-annex.monthly", "annex")]

    def test_every_number_has_a_trace(self, client, world, report):
        loaded = load_report_page(report)
        for row in report.bound_figures.all():
            trace = load_trace(loaded, row)
            assert trace.formula, row.token
            assert trace.inputs or trace.items or row.status == "empty" or "人均达标时长" in row.token, row.token


class TestReviewing:
    """Deeds, comments, rounds, versions."""

    def deed(self, client, user, report, name, **values):
        client.force_login(user)
        return client.post(url("report_deed", report.pk, name), values)

    def test_the_whole_way(self, client, world, report):
        for user, name in ((world.clerk, "submit"), (world.head, "sign_off"), (world.reviewer, "start_review")):
            assert self.deed(client, user, report, name).status_code == 302
        assert self.deed(client, world.reviewer, report, "approve").status_code == 302
        assert Report.objects.get().state == State.APPROVED
        version = page(client, world.clerk, "report_version", report.pk, 1)
        assert version.context["version"].sha256 in version.content.decode()

    @pytest.mark.parametrize(("month", "says"), [(11, True), (12, False)])
    def test_a_report_of_part_of_the_year_is_not_handed_in_unawares(self, client, world, report, month, says):
        Report.objects.filter(pk=report.pk).update(cutoff_month=month)
        answer = page(client, world.clerk, "report_deed", report.pk, "submit").content.decode()
        assert ('id="part-of-year"' in answer) is says
        assert ("1—11月" in answer) is says

    @pytest.mark.parametrize("name", ["submit", "withdraw", "sign_off", "approve", "send_back", "reopen"])
    def test_every_deed_has_a_page_that_says_what_happens(self, client, world, report, name):
        assert page(client, world.clerk, "report_deed", report.pk, name).status_code == 200

    def test_sending_back_without_a_reason_says_so(self, client, world, report):
        services.submit_report(by=world.head, report=report)
        services.start_review(by=world.reviewer, report=report)
        assert self.deed(client, world.reviewer, report, "send_back", reason=" ").status_code == 409
        assert self.deed(client, world.reviewer, report, "send_back", reason="补充").status_code == 302

    def test_a_page_that_shows_an_older_report_decides_nothing(self, client, world, report):
        seen = page(client, world.clerk, "report_deed", report.pk, "submit").context["seen"]
        services.save_block(by=world.head, block=report.blocks.get(key="opening"), text="改了。", base_version=1)
        assert self.deed(client, world.clerk, report, "submit", seen=seen).status_code == 409
        assert Report.objects.get().state == State.DRAFT

    def test_comments_and_answers(self, client, world, report):
        services.submit_report(by=world.head, report=report)
        services.start_review(by=world.reviewer, report=report)
        client.force_login(world.reviewer)
        client.post(url("comment_add", report.pk), {"block": "opening", "text": "太长", "kind": "must_fix"})
        services.send_back_report(by=world.reviewer, report=report, reason="见批注")
        thread, closing = Comment.objects.get(), url("comment_resolve", report.pk, Comment.objects.get().pk)
        assert closing not in page(client, world.clerk, "report_detail", report.pk).content.decode()
        client.post(url("comment_add", report.pk), {"parent": thread.pk, "text": "会改"})
        answered = page(client, world.clerk, "report_detail", report.pk)
        assert closing in answered.content.decode()
        assert "太长" in text_of(answered)
        assert "会改" in text_of(answered)
        client.post(closing)
        thread.refresh_from_db()
        assert thread.resolved_by == world.clerk

    def test_a_refused_comment_tells_the_script_why(self, client, world, report):
        client.force_login(world.reviewer)
        words = {"block": "opening", "kind": "must_fix"}
        for text in ("", "长" * 1001):
            answer = client.post(url("comment_add", report.pk), {**words, "text": text}, **FETCH)
            assert answer.status_code == 409
            assert answer.json()["message"]
        page = client.post(url("comment_add", report.pk), {**words, "text": "长" * 1001}, follow=True)
        assert "长" * 1001 in page.content.decode()
        assert not Comment.objects.exists()

    def test_a_comment_needs_a_block_that_is_there(self, client, world, report):
        client.force_login(world.reviewer)
        assert client.post(url("comment_add", report.pk), {"block": "nowhere", "text": "?"}).status_code == 404

    def test_rounds_show_what_changed(self, client, world, report):
        services.submit_report(by=world.head, report=report)
        services.withdraw_report(by=world.head, report=report)
        services.save_block(by=world.clerk, block=report.blocks.get(key="opening"), text="换了开头。", base_version=1)
        services.submit_report(by=world.head, report=report)
        changes = page(client, world.clerk, "report_round", report.pk, 2).context["differences"].texts
        assert [row.key for row in changes] == ["opening"]
        assert page(client, world.clerk, "report_rounds", report.pk).status_code == 200
