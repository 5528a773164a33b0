"""What a report says of sources that moved: after its approval, under its counts, and in blank months of optional figures."""

from datetime import date

import pytest
from django.utils import timezone, translation

from metrics.models import Figure, Highlight, Indicator, MonthlyReturn, NamedList
from metrics.periods import Period
from metrics.queries import Status
from reports import services
from reports.annexes import YEAR_CELL
from reports.assembly import assemble
from reports.exports import document_to_export
from reports.gaps import load_gaps
from reports.models import Report
from reports.queries import moved_since_approval, stale_figures
from reports.report_page import load_report_page
from reports.trace import load_trace
from reports.workbench import load_township_bench
from tests.factories import make_item
from tests.reports.world import change_figure, lasting
from workflow.choices import State

pytestmark = pytest.mark.django_db
SESSIONS, OPTIONAL = "ideology_study_session_count", "xuexi_bulletin_count"


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


def now(report):
    return Report.objects.get(pk=report.pk)


def approved(world, report):
    services.submit_report(by=world.head, report=now(report))
    services.start_review(by=world.reviewer, report=now(report))
    return services.approve_report(by=world.reviewer, report=now(report))


def write(world, report, text):
    block = report.blocks.filter(kind="paragraph").first()
    services.save_block(by=world.clerk, block=block, text=text, base_version=block.version)
    return block.key


class TestAfterApproval:
    """The text stands; the page says calmly what would be otherwise today."""

    def test_places_that_moved_are_listed_old_and_new_and_the_text_stands(self, client, world, report):
        approved(world, report)
        before = document_to_export(now(report)).to_json()
        page = load_report_page(now(report))
        assert (page.moved, page.moved_months) == ([], [])
        change_figure(world, SESSIONS, 4, year=2025, month=3)
        page = load_report_page(now(report))
        assert stale_figures(now(report)) == page.stale == []
        moved = [row for row in moved_since_approval(now(report)) if row.now.name == "中心组专题学习"]
        assert [(row.old, row.new) for row in moved] == [("12次", "15次")]
        assert all(load_trace(page, row.row).changed for row in page.moved)
        assert (page.counts.stale, page.counts.ok) == (len(page.moved), page.counts.total - len(page.moved))
        assert document_to_export(now(report)).to_json() == before
        client.force_login(world.clerk)
        text = client.get(f"/reports/{report.pk}/").content.decode()
        assert "lc-calm" in text
        assert "12次 → 15次" in text

    def test_a_report_that_is_not_approved_has_stale_numbers_instead(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=3)
        page = load_report_page(now(report))
        assert page.stale
        assert (page.moved, page.moved_list) == ([], [])

    def test_months_reopened_or_approved_anew_are_named(self, world, report):
        approved(world, report)
        rows = MonthlyReturn.objects.filter(unit=world.town, year=2025)
        rows.filter(month=3).update(state=State.RETURNED, approved_at=None)
        rows.filter(month=5).update(approved_at=timezone.now())
        page = load_report_page(now(report))
        assert page.moved_without_figure > 50
        assert page.moved_list == []
        assert [(row.label, row.is_approved) for row in page.moved_months] == [("2025年3月", False), ("2025年5月", True)]


class TestCounts:
    """A count is quoted as it was handed in; where its list has moved on, the page says so."""

    def kept(self, world, month, value):
        row = MonthlyReturn.objects.get(unit=world.town, year=2025, month=month)
        indicator = Indicator.objects.get(code="apip_campaign_count")
        Figure.objects.create(monthly_return=row, indicator=indicator, unit=world.town, kind="value", value=value, raw=str(value),
                              updated_at=timezone.now())  # fmt: skip

    def test_the_number_stands_and_the_notice_names_month_old_and_new(self, client, world, report):
        for month in (1, 2, 3):
            self.kept(world, month, 1)
        assert load_report_page(now(report)).moved_counts == []
        campaigns = NamedList.objects.get(code="list_apip_campaign")
        make_item(world.town, campaigns, "新行动", 2025, date_from=date(2025, 2, 9))
        page = load_report_page(now(report))
        assert page.binder.book.total("apip_campaign_count", Period(2025, 1, 12)).value == 3
        assert [(row.month, row.kept, row.listed) for row in page.moved_counts] == [(2, 1, 2)]
        client.force_login(world.clerk)
        assert f"?cell={page.moved_counts[0].indicator.code}#inspector" in client.get(f"/reports/{report.pk}/").content.decode()

    def test_a_count_opens_to_its_months_and_who_approved_them(self, world, report):
        key = write(world, report, "开展专项行动【专项行动|今年】项。")
        page = load_report_page(now(report))
        trace = load_trace(page, next(iter(page.settled[page.view_of(key).block.pk].values())))
        assert [month.shown for month in trace.inputs[0].months][:4] == ["1个", "1个", "1个", "0个"]
        assert {month.approved_by for month in trace.inputs[0].months} == {world.reviewer.display_name}
        assert len(trace.items) == 3

    def test_an_undated_item_is_named_and_not_counted(self, world, report):
        Highlight.objects.filter(unit=world.town, year=2025, named_list__code="list_apip_campaign").update(date_from=None)
        page = load_report_page(now(report))
        assert page.binder.book.total("apip_campaign_count", Period(2025, 1, 12)).value == 0
        assert len(page.binder.named_items("list_apip_campaign", Period(2025, 1, 12))) == 3
        assert page.binder.named_items("list_apip_campaign", Period(2025, 1, 1)) == []


def gaps_of(page, code):
    return [gap for gap in load_gaps(page.blocks, page.settled, page.binder) if gap.indicator.code == code]


class TestGaps:
    """A blank month of an optional figure is named before its sentence is missed."""

    def blank(self, world, code, month, kind="blank"):
        figure = change_figure(world, code, 0, year=2025, month=month)
        figure.kind, figure.value, figure.raw = kind, None, ""
        figure.save()

    def test_indicator_months_and_block_are_named(self, client, world, report):
        self.blank(world, OPTIONAL, 3)
        self.blank(world, OPTIONAL, 7)
        name = Indicator.objects.get(code=OPTIONAL).name
        key = write(world, report, f"今年以来通报【{name}|今年】次。")
        page = load_report_page(now(report))
        (gap,) = gaps_of(page, OPTIONAL)
        assert [month.label for month in gap.months] == ["3月", "7月"]
        assert key in gap.keys
        client.force_login(world.clerk)
        assert f"?cell={OPTIONAL}#inspector" in client.get(f"/reports/{report.pk}/").content.decode()

    @pytest.mark.parametrize("kind", ["zero", "not_collected"])
    def test_zero_and_not_collected_are_no_gaps(self, world, report, kind):
        if kind == "zero":
            change_figure(world, OPTIONAL, 0, year=2025, month=3)
        else:
            self.blank(world, OPTIONAL, 3, kind)
        write(world, report, f"今年以来通报【{Indicator.objects.get(code=OPTIONAL).name}|今年】次。")
        assert gaps_of(load_report_page(now(report)), OPTIONAL) == []

    def test_a_calculated_figure_names_the_part_that_is_blank(self, world, report):
        Indicator.objects.filter(code="media_adopted_city_print").update(is_required=False)
        Indicator.objects.filter(code__in=("media_adopted_city", "media_adopted_count")).update(is_required=False)
        self.blank(world, "media_adopted_city_print", 4)
        write(world, report, "市级录用【市级媒体录用|今年】篇。")
        (gap,) = gaps_of(load_report_page(now(report)), "media_adopted_city_print")
        assert [month.label for month in gap.months] == ["4月"]


class TestAnnex:
    """Each row says how its last cell comes about, and the note tells what the words mean."""

    def test_every_row_says_how_its_year_came_about(self, world, report):
        table = assemble(report).document.annexes[0].tables[0]
        assert [column.heading for column in table.columns][-2:] == ["全年", "取法"]
        ways = {row[0].text.strip("*　").removeprefix("其中："): row[-1].text for row in table.rows if row[1].text}
        by_name = {row.name: row for row in Indicator.objects.of_year(world.district, 2025)}
        assert len(ways) > 50
        assert {name: YEAR_CELL[by_name[name].aggregation] for name in ways} == ways
        assert set(ways.values()) >= {"合计", "均值", "期末", "比率", "累计"}
        assert all(f"{word}" in table.note for word in set(ways.values()))

    def test_a_mean_is_the_mean_of_its_months(self, world, report):
        change_figure(world, "xuexi_activity_rate", 30, year=2025, month=12)
        table = assemble(report).document.annexes[0].tables[0]
        row = next(row for row in table.rows if "活跃度" in row[0].text)
        assert (row[-1].text, row[-2].text) == ("均值", "85.0")


def test_partial_is_what_the_notice_rests_on(world, report):
    TestGaps().blank(world, OPTIONAL, 3)
    book = load_report_page(now(report)).binder.book
    assert book.total(OPTIONAL, Period(2025, 1, 12)).status == Status.PARTIAL


def test_the_workbench_counts_the_months_under_an_approved_report(client, world, report, django_assert_max_num_queries):
    def lines():
        with translation.override("en"), django_assert_max_num_queries(60) as asked:
            bench = load_township_bench(world.town, timezone.now(), date(2026, 11, 20))
        return {year: moved for year, _report, moved in bench.reports}, len(asked)

    approved(world, report)
    before, cost = lines()
    assert before == {2026: 0, 2025: 0}
    MonthlyReturn.objects.filter(unit=world.town, year=2025, month__in=(3, 5)).update(approved_at=timezone.now())
    assert lines() == ({2026: 0, 2025: 2}, cost)
    client.force_login(world.clerk)
    assert client.get("/").status_code == 200
