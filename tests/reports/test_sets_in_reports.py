"""Reports under a district's own sets: old ones keep their names, templates find what was renamed, and say what is missing."""

from datetime import date

import pytest

from metrics import services
from metrics.catalogue_review import obstacles
from metrics.models import Indicator, NamedList
from reports.assembly import assemble, load_binder
from reports.binding import EMPTY, OK, REFUSED, by_any_name
from reports.models import ReportTemplate
from reports.services import create_report
from reports.tokens import parse
from tests.reports.world import make_returns, make_world
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
SESSIONS, BOOKS = "ideology_study_session_count", "ideology_study_book_count"


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    return make_world(years=((2025, 2), (2026, 10)), townships=1)


@pytest.fixture
def draft(world):
    return services.copy_year(by=world.admin, district=world.district, source_year=2026, first_year=2027)


def rename(world, draft, code, name):
    row = draft.indicators.select_related("area", "parent", "catalogue").get(code=code)
    row.name = name
    services.change_indicator(by=world.admin, indicator=row, base_version=row.version)


def add(world, draft, name, month=1):
    area = draft.indicators.get(code=SESSIONS).area
    row = Indicator(catalogue=draft, area=area, name=name, measure="次", aggregation="sum")
    services.add_indicator(by=world.admin, indicator=row, month=month)


def publish(world, draft):
    draft.refresh_from_db()
    services.publish_catalogue(by=world.admin, catalogue=draft, effect_date=TODAY, base_version=draft.version)


@pytest.fixture
def report_of_2027(world, monkeypatch):
    """Make approved figures up to a month of 2027 and the report about them, a year from now."""

    def make(last_month=2):
        make_returns(world.town, world.villages, ((2027, last_month),), world.reviewer, world.clerk)
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: date(2027, 11, 25))
        return create_report(by=world.clerk, unit=world.town, year=2027)

    return make


def bound(report, raw):
    return load_binder(report).bind(parse(raw)[0])


def test_an_old_years_report_is_the_same_after_the_new_year_renames(world, draft):
    report = create_report(by=world.clerk, unit=world.town, year=2026)
    before = assemble(report).document.to_json()
    rename(world, draft, SESSIONS, "中心组学习次数")
    rename(world, draft, BOOKS, "发书册数")
    honours = draft.named_lists.get(code="list_honour")
    honours.name = "荣誉奖项"
    services.change_named_list(by=world.admin, named_list=honours, base_version=1)
    publish(world, draft)
    assert assemble(report).document.to_json() == before
    assert "中心组专题学习" in before
    assert "中心组学习次数" not in before


def test_the_new_years_report_finds_by_the_old_name_and_prints_the_new_one(world, draft, report_of_2027):
    rename(world, draft, SESSIONS, "中心组学习次数")
    publish(world, draft)
    report = report_of_2027()
    for name in ("中心组专题学习", "中心组学习次数", SESSIONS):
        found = bound(report, f"【{name}|今年以来|次】")
        assert (found.status, found.name) == (OK, "中心组学习次数")
    rows = assemble(report).document.annexes[0].tables[0].rows
    names = {row[0].text for row in rows}
    assert "中心组学习次数" in names
    assert "中心组专题学习" not in names


def test_a_name_that_something_else_has_now_is_that_one(draft):
    first, second = draft.indicators.filter(code__in=(SESSIONS, BOOKS)).order_by("code")
    first.former_names, second.name = ["旧称", "新称"], "新称"
    known = by_any_name([first, second])
    assert known["旧称"] is first
    assert known["新称"] is second


def test_a_retired_indicators_sentence_drops_out(world, draft, report_of_2027):
    row = draft.indicators.select_related("catalogue").get(code=BOOKS)
    services.retire_indicator(by=world.admin, indicator=row, last_month=0)
    publish(world, draft)
    report = report_of_2027()
    assert bound(report, "【购发学习书籍|今年以来|本】").status == EMPTY


def test_a_comparison_with_a_year_that_did_not_count_it_drops_out(world, draft, report_of_2027):
    row = Indicator(
        catalogue=draft, area=draft.indicators.get(code=SESSIONS).area, name="新指标", measure="次", aggregation="sum"
    )
    services.add_indicator(by=world.admin, indicator=row)
    publish(world, draft)
    report = report_of_2027()
    assert bound(report, "【新指标|今年以来|次】").status == OK
    assert bound(report, "【新指标|今年以来|同比】").status == EMPTY
    assert bound(report, "【中心组专题学习|今年以来|同比】").status == OK


def test_an_indicator_that_began_mid_year_sums_its_months(world, draft, report_of_2027):
    row = Indicator(
        catalogue=draft, area=draft.indicators.get(code=SESSIONS).area, name="二月起", measure="次", aggregation="sum"
    )
    services.add_indicator(by=world.admin, indicator=row, month=2)
    publish(world, draft)
    report = report_of_2027(3)
    found = bound(report, "【二月起|今年以来|次】")
    assert (found.status, found.shown) == (OK, "6次")  # two months of three each


def test_a_template_that_quotes_what_the_set_does_not_hold_is_in_the_way(world, draft):
    assert obstacles(draft) == []
    template = ReportTemplate.objects.filter(district=world.district, unit_class="").order_by("-year").first()
    template.content["blocks"][0]["text"] = "【没有的|全年|次】"
    template.content["blocks"][1]["text"] = "【荣誉奖项|全年|列表】"
    template.year = 2027
    template.save()
    reasons = obstacles(draft)
    assert len(reasons) == 2
    assert "没有的" in reasons[0]
    with pytest.raises(Refused, match="没有的"):
        publish(world, draft)
    row = NamedList(catalogue=draft, area=draft.named_lists.first().area, name="荣誉奖项")
    services.add_named_list(by=world.admin, named_list=row)
    assert len(obstacles(draft)) == 1


def test_another_districts_report_does_not_know_the_new_name(world, draft):
    rename(world, draft, SESSIONS, "中心组学习次数")
    publish(world, draft)
    report = create_report(by=world.clerk, unit=world.town, year=2026)
    assert bound(report, "【中心组学习次数|今年以来|次】").status == REFUSED
