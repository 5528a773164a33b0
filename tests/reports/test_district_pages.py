"""Pages of the district's own report: list, workbench, composer, deeds, rounds, exports, from the department's side."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from metrics.models import Target
from reports import services
from reports.models import PlanItem, Report
from tests.factories import make_township, make_user
from tests.reports.district_report import approved, make_district_report, now, submitted
from tests.reports.world import lasting
from workflow.choices import State
from workflow.models import Job

pytestmark = pytest.mark.django_db
DEPARTMENT = ("reviewer", "admin", "auditor")
WRITERS = ("reviewer", "admin")
PLACES = ("report_detail", "report_preview", "report_rounds")


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, years=((2025, 12),), townships=2, with_items=False) as world:
        yield world


@pytest.fixture
def report(world):
    return make_district_report(world)


def url(name, *args):
    return reverse(f"reports:{name}", args=args)


def get(client, user, address):
    client.force_login(user)
    return client.get(address)


def post(client, user, address, **typed):
    client.force_login(user)
    return client.post(address, typed)


def deeds_of(response) -> dict[str, bool]:
    """Return the buttons of a report's page and whether each is possible now."""
    return {deed.name: not deed.reason for deed in response.context["deeds"]}


class TestList:
    """The district's own report stands above its townships' ones, and counts as none of them."""

    @pytest.mark.parametrize("who", DEPARTMENT)
    def test_it_stands_apart(self, client, world, report, who):
        response = get(client, getattr(world, who), url("report_list") + "?year=2025")
        (line,) = response.context["own"]
        assert (line.report, line.may_write) == (report, who in WRITERS)
        assert report.unit not in [unit for unit, _row in response.context["lines"]]
        assert response.context["states"] == []
        assert f'href="{url("report_detail", report.pk)}"' in response.content.decode()

    @pytest.mark.parametrize("who", DEPARTMENT)
    def test_a_year_without_one_offers_it_to_writers_or_says_why_not(self, client, world, who):
        year = timezone.localdate().year
        response = get(client, getattr(world, who), url("report_list") + f"?year={year}")
        (line,) = response.context["own"]
        assert line.report is None
        assert bool(line.refusal) == (who in WRITERS)
        assert (f'id="why-own-{year}"' in response.content.decode()) == (who in WRITERS)
        assert f'name="year" value="{year}"' not in response.content.decode()

    def test_last_year_can_be_chosen_though_there_is_nothing_in_it(self, client, world):
        response = get(client, world.reviewer, url("report_list"))
        year = timezone.localdate().year
        assert response.context["years"] == [year, year - 1]

    def test_a_township_is_told_of_none(self, client, world, report):
        response = get(client, world.clerk, url("report_list"))
        assert "own" not in response.context
        assert "own-reports" not in response.content.decode()

    def test_a_refused_creation_is_said_and_makes_nothing(self, client, world, report):
        response = post(client, world.reviewer, url("report_create"), year="2025")
        assert response.url == url("report_list")
        assert Report.objects.count() == 1

    @pytest.mark.parametrize("who", ["auditor"])
    def test_who_does_not_write_creates_none(self, client, world, who):
        assert post(client, getattr(world, who), url("report_create"), year="2025").status_code == 403


class TestWorkbench:
    """The department sees how its report stands."""

    @pytest.mark.parametrize("who", DEPARTMENT)
    def test_this_years_and_last_years(self, client, world, who):
        year = timezone.localdate().year
        report = submitted(world, make_district_report(world, year - 1))
        response = get(client, getattr(world, who), "/")
        assert [(line.year, line.report) for line in response.context["district"].own] == [(year, None), (year - 1, report)]
        assert f'href="{url("report_detail", report.pk)}"' in response.content.decode()
        assert world.reviewer.display_name in response.content.decode()

    def test_it_does_not_wait_for_the_review_of_a_township(self, client, world, report):
        submitted(world, report)
        assert get(client, world.reviewer, "/").context["district"].reports == ()

    def test_it_waits_for_the_one_who_may_decide_on_it(self, client, world):
        other = make_user(Role.DISTRICT_REVIEWER, world.district)
        report = submitted(world, make_district_report(world, timezone.localdate().year - 1))
        assert get(client, other, "/").context["district"].reports == (report,)
        for who in (world.reviewer, world.auditor):
            assert get(client, who, "/").context["district"].reports == ()
        services.send_back_report(by=other, report=report, reason="补上短板")
        assert get(client, other, "/").context["district"].reports == ()

    def test_more_townships_cost_no_more_queries(self, client, world):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                get(client, world.reviewer, "/")
            return len(captured)

        few = queries()
        for _number in range(10):
            make_township(world.district)
        assert queries() <= few


class TestPages:
    """Every page of a report works for the district's, for the department alone."""

    @pytest.mark.parametrize("who", DEPARTMENT)
    def test_the_department_reads_all_of_it(self, client, world, report, who):
        report = approved(world, report)
        for name in PLACES:
            assert get(client, getattr(world, who), url(name, report.pk)).status_code == 200, name
        for name in ("report_round", "report_version"):
            assert get(client, getattr(world, who), url(name, report.pk, 1)).status_code == 200, name
        assert get(client, getattr(world, who), url("version_compare", report.pk)).status_code == 200

    @pytest.mark.parametrize("who", ["clerk", "head"])
    def test_a_township_finds_none_of_it(self, client, world, report, who):
        report = approved(world, report)
        places = [url(name, report.pk) for name in (*PLACES, "report_head", "version_compare")]
        places += [url(name, report.pk, 1) for name in ("report_round", "report_version")]
        places += [url("block_edit", report.pk, "opening"), url("report_deed", report.pk, "approve")]
        assert {get(client, getattr(world, who), place).status_code for place in places} == {404}
        writes = [url(name, report.pk) for name in ("report_export", "report_pages", "comment_add")]
        for place in (*writes, url("report_deed", report.pk, "reopen")):
            assert post(client, getattr(world, who), place, reason="因为").status_code == 404

    def test_another_district_finds_none_of_it(self, client, world, report):
        stranger = make_user(Role.DISTRICT_ADMIN)
        assert {get(client, stranger, url(name, report.pk)).status_code for name in PLACES} == {404}

    @pytest.mark.parametrize("who", WRITERS)
    def test_a_writer_edits_a_paragraph_and_the_head(self, client, world, report, who):
        by = getattr(world, who)
        assert get(client, by, url("block_edit", report.pk, "opening")).status_code == 200
        post(client, by, url("block_edit", report.pk, "opening"), text="全区工作扎实。", version="1")
        assert report.blocks.get(key="opening").text == "全区工作扎实。"
        assert get(client, by, url("report_head", report.pk)).status_code == 200

    def test_the_auditor_edits_nothing(self, client, world, report):
        for place in (url("block_edit", report.pk, "opening"), url("report_head", report.pk)):
            assert get(client, world.auditor, place).status_code == 403
            assert post(client, world.auditor, place, text="别的话。", version="1").status_code == 403

    def test_the_plan_page_works(self, client, world, report):
        post(client, world.reviewer, url("plan_item_add", report.pk, "plan"), measure="办好宣讲", lead_unit="区委宣传部")
        assert report.plan_items.get().measure == "办好宣讲"

    def test_no_target_is_promised_for_an_amount(self, client, world, report):
        code = "ideology_study_session_count"
        PlanItem.objects.create(
            report=report, block=report.blocks.get(key="plan"), order=1, measure="办好宣讲", code=code, amount=9
        )
        report = submitted(world, report)
        page = get(client, world.admin, url("report_deed", report.pk, "approve"))
        assert page.context["page"].planned_targets == 0
        post(client, world.admin, url("report_deed", report.pk, "approve"))
        assert now(report).is_approved
        assert not Target.objects.exists()


class TestDeeds:
    """Buttons by person and state; what cannot be is said on the button."""

    def test_a_draft_is_submitted_by_writers(self, client, world, report):
        for who, expected in (("reviewer", {"submit": True}), ("admin", {"submit": True}), ("auditor", {})):
            assert deeds_of(get(client, getattr(world, who), url("report_detail", report.pk))) == expected

    def test_who_submitted_withdraws_another_decides(self, client, world, report):
        report = submitted(world, report)
        own = {"withdraw": True, "send_back": False, "approve": False}
        other = {"withdraw": False, "send_back": True, "approve": True}
        for who, expected in (("reviewer", own), ("admin", other), ("auditor", {})):
            assert deeds_of(get(client, getattr(world, who), url("report_detail", report.pk))) == expected

    def test_own_approval_by_hand_is_forbidden(self, client, world, report):
        report = submitted(world, report)
        assert post(client, world.reviewer, url("report_deed", report.pk, "approve")).status_code == 403
        assert post(client, world.admin, url("report_deed", report.pk, "approve")).status_code == 302
        assert now(report).state == State.APPROVED

    @pytest.mark.parametrize("deed", ["start_review", "sign_off", "head_send_back"])
    def test_steps_of_a_townships_report_are_no_addresses_here(self, client, world, report, deed):
        report = submitted(world, report)
        assert get(client, world.admin, url("report_deed", report.pk, deed)).status_code == 404
        assert post(client, world.admin, url("report_deed", report.pk, deed)).status_code == 404

    @pytest.mark.parametrize("deed", ["submit", "withdraw", "send_back", "approve", "reopen"])
    def test_each_deed_says_what_it_does(self, client, world, report, deed):
        assert get(client, world.reviewer, url("report_deed", report.pk, deed)).context["consequence"]


class TestComments:
    """The form for a new comment is there for who decides, the one for an answer for both."""

    def test_the_forms_by_person(self, client, world, report):
        report = submitted(world, report)
        thread = services.comment_on_block(by=world.admin, report=report, key="opening", text="请核对")
        closing = url("comment_resolve", report.pk, thread.pk)
        for who, opens, answers, closes in (
            ("admin", True, True, True), ("reviewer", False, True, False), ("auditor", False, False, False),
        ):  # fmt: skip
            page = get(client, getattr(world, who), url("report_detail", report.pk)).content.decode()
            assert ('class="rp-comment"' in page, f'id="answer-{thread.pk}"' in page, closing in page) == (opens, answers, closes)

    def test_ones_own_comment_can_be_closed_after_it_was_sent_back(self, client, world, report):
        thread = services.comment_on_block(by=world.admin, report=submitted(world, report), key="opening", text="请核对")
        services.send_back_report(by=world.admin, report=report, reason="请核对")
        closing = url("comment_resolve", report.pk, thread.pk)
        assert closing not in get(client, world.reviewer, url("report_detail", report.pk)).content.decode()
        assert closing in get(client, world.admin, url("report_detail", report.pk)).content.decode()
        assert post(client, world.admin, closing).status_code == 302
        thread.refresh_from_db()
        assert thread.resolved_at


class TestExports:
    """Files of it, from the page and from the command line; it is no part of the townships' batch."""

    def test_asking_for_a_file(self, client, world, report):
        report = approved(world, report)
        for who in DEPARTMENT:
            assert post(client, getattr(world, who), url("report_export", report.pk), format="json").status_code == 302
        assert set(Job.objects.values_list("unit", flat=True)) == {world.district.pk}

    def test_the_batch_lists_townships_alone(self, client, world, report):
        approved(world, report)
        entries = get(client, world.reviewer, url("report_batch") + "?year=2025").context["entries"]
        assert [entry.report for entry in entries] == [None, None]

    def test_the_command_lists_and_writes_it(self, world, report, capsys, tmp_path):
        approved(world, report)
        call_command("export_report", "--list")
        assert f"{world.district.code} 2025 approved" in capsys.readouterr().out
        target = tmp_path / "district.json"
        call_command("export_report", unit=world.district.code, year=2025, output=target, format="json")
        assert "全区各项工作有序推进" in target.read_text(encoding="utf-8")
