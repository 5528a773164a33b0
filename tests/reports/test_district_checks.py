"""The district's report from its template: created by the department, checked against the returns of all its townships."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Unit
from metrics.models import Figure, Indicator, MonthlyReturn
from reports import services
from reports.checks import run_checks
from reports.checks.manuscript import load_manuscript
from reports.models import Report
from reports.own_reports import load_own_reports
from tests.factories import make_township
from tests.reports.district_report import edited, now
from tests.reports.world import lasting, make_returns
from workflow.choices import State
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
OPTIONAL = "xuexi_bulletin_count"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=2, villages_each=2) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.reviewer, unit=world.district, year=2025)


def second(world) -> Unit:
    return Unit.objects.townships().filter(parent=world.district).exclude(pk=world.town.pk).get()


def leave_open(unit, month):
    rows = MonthlyReturn.objects.filter(unit=unit, year=2025, month=month)
    assert rows.update(state=State.RETURNED, approved_by=None, approved_at=None) == 1


def found(report, check):
    return [row for row in run_checks(load_manuscript(now(report))) if row.check == check]


class TestCreating:
    """One service for both; the department starts it when every township has something approved."""

    def test_blocks_and_numbers_are_there(self, world, report):
        assert (report.unit, report.cutoff_month, report.created_by) == (world.district, 12, world.reviewer)
        assert report.blocks.count() > 10
        assert report.bound_figures.exclude(value=None).count() > 10

    @pytest.mark.parametrize("who", ["reviewer", "admin"])
    def test_from_the_page(self, client, world, who):
        client.force_login(getattr(world, who))
        response = client.post("/reports/new/", {"year": "2025"})
        assert response.url == f"/reports/{Report.objects.get(unit=world.district).pk}/"
        assert client.get(response.url).status_code == 200

    def test_a_township_beside_it_creates_its_own(self, world, report):
        assert services.create_report(by=world.clerk, unit=world.town, year=2025).unit == world.town

    def test_a_township_without_any_approved_month_holds_it_up(self, world):
        make_township(world.district)
        with pytest.raises(Refused):
            services.create_report(by=world.reviewer, unit=world.district, year=2025)

    def test_submitted_and_approved_as_the_template_makes_it(self, world, report):
        services.submit_report(by=world.admin, report=report)
        services.approve_report(by=world.reviewer, report=report)
        assert now(report).state == State.APPROVED


class TestSources:
    """What the townships lack is named with its township."""

    def test_an_open_month_of_one_township(self, world, report):
        assert found(report, "missing_months") == []
        leave_open(second(world), 5)
        (row,) = found(report, "missing_months")
        assert [label for label, _href in row.links] == [f"{second(world).name}5月"]

    def test_a_township_is_not_asked_for_months_before_it_was(self, world, report):
        Unit.objects.filter(pk=second(world).pk).update(valid_from="2025-04-01")
        leave_open(second(world), 2)
        assert found(report, "missing_months") == []

    def test_a_blank_month_of_an_optional_figure(self, world, report):
        cell = Figure.objects.get(monthly_return__unit=second(world), monthly_return__year=2025, monthly_return__month=3,
                                  indicator__code=OPTIONAL)  # fmt: skip
        cell.kind, cell.value, cell.raw = "blank", None, ""
        cell.save()
        key = report.blocks.filter(kind="paragraph").first().key
        edited(world.reviewer, report, f"今年以来通报【{Indicator.objects.get(code=OPTIONAL).name}|今年】次。", key)
        rows = [row for row in found(report, "blank_months") if row.block_key == key]
        assert [label for row in rows for label, _href in row.links] == [f"{second(world).name}3月"]

    def test_papers_are_asked_for_in_the_townships_reports(self, world, report):
        assert found(report, "missing_evidence") == []
        own = services.create_report(by=world.clerk, unit=world.town, year=2025)
        assert found(own, "missing_evidence")

    def test_months_approved_anew_are_counted_on_the_list(self, world, report):
        services.submit_report(by=world.admin, report=report)
        services.approve_report(by=world.reviewer, report=report)
        assert [line.moved for line in load_own_reports(world.reviewer, (2025,))] == [0]
        leave_open(second(world), 5)
        assert [line.moved for line in load_own_reports(world.reviewer, (2025,))] == [1]

    def test_the_page_costs_no_more_queries_with_more_townships(self, client, world, report):
        def queries():
            client.force_login(world.reviewer)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/reports/{report.pk}/").status_code == 200
            return len(captured)

        few = queries()
        for _number in range(4):
            make_returns(make_township(world.district), (), ((2024, 12), (2025, 12)), world.reviewer, world.clerk)
        assert queries() <= few
