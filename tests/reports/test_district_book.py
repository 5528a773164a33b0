"""The district's own figures: townships added up for its report and for 全区, by one rule; what is lacking says whose it is."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Unit
from metrics.choices import Aggregation
from metrics.models import DistrictYear, Figure, MonthlyReturn
from metrics.periods import Period
from metrics.queries import Status, YearBook
from reports.binding import EMPTY, MISSING, OK, REFUSED, Binder, Thresholds
from reports.choices import UnitClass
from reports.district_book import DistrictBook, adding_fault
from reports.drafting import draft_report
from reports.models import ReportTemplate
from reports.queries import newest_approved_month, template_for
from reports.tokens import parse
from tests.reports.world import lasting, make_world
from workflow.choices import State

pytestmark = pytest.mark.django_db
THRESHOLDS = Thresholds(Decimal("0.34"), Decimal("0.60"), 2, Decimal("10"))
SESSIONS, INDEX = "ideology_study_session_count", "civ_civilization_index"
THIS, BEFORE = Period(2026, 1, 10), Period(2025, 1, 10)


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, villages_each=2) as world:
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


def townships(world):
    return list(Unit.objects.townships().filter(parent=world.district).order_by("order", "code"))


def bind(world, text, *, book=None):
    return Binder(book or DistrictBook.load(world.district, 2026), 10, THRESHOLDS).bind(parse(text)[0])


def set_figure(unit, code, value, *, year=2026, month=10, place=None):
    rows = Figure.objects.filter(unit=place or unit, indicator__code=code, monthly_return__unit=unit)
    assert rows.filter(monthly_return__year=year, monthly_return__month=month).update(value=value)


def leave_open(unit, month, year=2026):
    rows = MonthlyReturn.objects.filter(unit=unit, month=month, year=year)
    assert rows.update(state=State.SUBMITTED, approved_by=None, approved_at=None)


def spread(world):
    """Give the townships different figures."""
    for place, unit in enumerate(townships(world)):
        set_figure(unit, SESSIONS, 5 + place)
        set_figure(unit, SESSIONS, 3 + place, year=2025)


class TestTotals:
    """Every total is the townships' together."""

    @pytest.mark.parametrize("period", [THIS, BEFORE, Period(2026, 10, 10), Period(2026, 1, 10, as_of=True)])
    def test_every_addable_total_is_the_sum_of_the_townships_books(self, world, period):
        spread(world)
        book = DistrictBook.load(world.district, 2026)
        books = [YearBook.load(unit, 2026) for unit in townships(world)]
        compared = 0
        for code, indicator in book.indicators.items():
            if adding_fault(indicator, book.indicators) or indicator.aggregation == Aggregation.RATIO:
                continue
            totals = [own.total(code, period) for own in books]
            assert all(row.status == Status.OK for row in totals), code
            total = book.total(code, period)
            assert (total.status, total.value) == (Status.OK, sum(row.value for row in totals)), code
            compared += 1
        assert compared > 40

    def test_a_ratio_is_divided_anew(self, world):
        first = townships(world)[0]
        set_figure(first, "vol_qualified_person_count", 900, place=world.villages[0])
        book = DistrictBook.load(world.district, 2026)
        above = book.total("vol_qualified_person_count", THIS).value
        below = book.total("vol_household_population", THIS).value
        total = book.total("vol_share_of_population", THIS)
        assert total.value == above * 100 / below
        shares = [book.village_total("vol_share_of_population", THIS, unit).value for unit in townships(world)]
        assert total.value != sum(shares) / len(shares)

    def test_what_no_sum_makes_is_not_applicable_and_refused_with_the_reason(self, world):
        book = DistrictBook.load(world.district, 2026)
        assert book.total(INDEX, THIS).status == Status.NOT_APPLICABLE
        bound = bind(world, "【文明指数|目前|数】", book=book)
        assert bound.status == REFUSED
        assert "no amount" in bound.reason

    def test_the_districts_setting_is_its_own(self, world):
        assert bind(world, "【人均达标时长|今年以来|小时】").status == OK

    def test_the_own_figure_of_the_district_is_the_whole_district_of_a_township(self, world):
        spread(world)
        own = bind(world, "【中心组专题学习|今年以来|次】")
        quoted = bind(world, "【中心组专题学习|今年以来|次|全区】", book=YearBook.load(world.town, 2026))
        assert own.status == quoted.status == OK
        assert own.shown == quoted.shown
        assert bind(world, "【中心组专题学习|今年以来|次|全区】").status == REFUSED

    def test_against_last_year(self, world):
        spread(world)
        book = DistrictBook.load(world.district, 2026)
        now, then = (book.total(SESSIONS, period).value for period in (THIS, BEFORE))
        assert now > then
        assert bind(world, "【中心组专题学习|今年以来|同比】", book=book).shown.startswith("增长")


class TestMerger:
    """A township that ended in June has its flows until then, and no state afterwards."""

    @pytest.fixture
    def ended(self, world):
        gone, heir = townships(world)[1:3]
        Unit.objects.filter(pk=gone.pk).update(valid_to=date(2026, 6, 30), successor=heir)
        MonthlyReturn.objects.filter(unit=gone, year=2026, month__gt=6).update(state=State.DRAFT)
        return gone

    def test_flows_count_until_the_end_and_states_do_not(self, world, ended):
        book = DistrictBook.load(world.district, 2026)
        others = [YearBook.load(unit, 2026) for unit in townships(world) if unit.pk != ended.pk]
        own = YearBook.load(ended, 2026).total(SESSIONS, Period(2026, 1, 6)).value
        assert book.total(SESSIONS, THIS).value == own + sum(row.total(SESSIONS, THIS).value for row in others)
        at_end = book.total("apip_cultural_venue_total", THIS)
        assert at_end.value == sum(row.total("apip_cultural_venue_total", THIS).value for row in others)
        assert book.total(SESSIONS, BEFORE).value == 30

    def test_its_row_says_so(self, world, ended):
        book = DistrictBook.load(world.district, 2026)
        assert book.village_total(SESSIONS, THIS, ended).value == own_sum(ended)
        rows = book.village_totals("apip_cultural_venue_total", THIS)
        assert rows[ended].status == Status.NOT_APPLICABLE

    def test_naming_it_is_refused_after_its_end(self, world, ended):
        assert bind(world, f"【中心组专题学习|今年以来|次|{ended.name}】").status == REFUSED
        assert bind(world, f"【中心组专题学习|1—6月|次|{ended.name}】").status == OK

    def test_the_report_ends_with_the_last_month_of_those_that_stand(self, world, ended):
        assert newest_approved_month(world.district, 2026) == 10


def own_sum(unit):
    rows = Figure.objects.filter(unit=unit, indicator__code=SESSIONS, monthly_return__year=2026, monthly_return__month__lte=6)
    return sum(rows.values_list("value", flat=True))


class TestLacking:
    """One township that is not approved leaves the district without a total, and is named."""

    def test_a_missing_month_blocks_and_says_whose_it_is(self, world):
        late = townships(world)[1]
        leave_open(late, 10)
        bound = bind(world, "【中心组专题学习|今年以来|次】")
        assert bound.status == MISSING
        assert f"{late.name}10月" in bound.reason
        assert townships(world)[2].name not in bound.reason
        assert bind(world, "【中心组专题学习|1—9月|次】").status == OK

    def test_the_same_month_of_last_year_is_named_too(self, world):
        late = townships(world)[2]
        leave_open(late, 3, year=2025)
        bound = bind(world, "【中心组专题学习|今年以来|同比】")
        assert (bound.status, "2025" in bound.reason, f"{late.name}3月" in bound.reason) == (MISSING, True, True)

    def test_a_year_without_any_return_drops_the_sentence(self, world):
        MonthlyReturn.objects.filter(year=2025).update(state=State.DRAFT, year=2020)
        assert bind(world, "【中心组专题学习|今年以来|同比】").status == EMPTY

    def test_the_report_ends_with_the_last_month_approved_everywhere(self, world):
        assert newest_approved_month(world.district, 2026) == 10
        leave_open(townships(world)[0], 10)
        assert newest_approved_month(world.district, 2026) == 9
        assert newest_approved_month(world.district, 2024) == 0

    def test_a_district_without_townships_has_nothing(self, world):
        Unit.objects.townships().update(valid_from=date(2030, 1, 1))
        book = DistrictBook.load(world.district, 2026)
        assert book.total(SESSIONS, THIS).status == Status.NOT_APPLICABLE
        assert newest_approved_month(world.district, 2026) == 0


class TestTownshipsInIt:
    """A township is to the district what a village is to a township."""

    def test_a_townships_own_figure(self, world):
        spread(world)
        unit = townships(world)[2]
        own = YearBook.load(unit, 2026).total(SESSIONS, THIS).value
        assert bind(world, f"【中心组专题学习|今年以来|次|{unit.name}】").value == own

    def test_its_rank_and_its_index_may_be_told(self, world):
        first = townships(world)[0]
        set_figure(first, "xuexi_activity_rate", 99)
        assert bind(world, f"【活跃度排名|目前|名次|{first.name}】").shown == "第1位"
        assert bind(world, f"【文明指数|目前|数|{first.name}】").status == OK

    def test_an_unknown_name_lists_the_townships(self, world):
        bound = bind(world, "【中心组专题学习|今年以来|次|无名镇】")
        assert bound.status == REFUSED
        assert townships(world)[0].name in bound.reason

    def test_a_changed_month_of_a_township_moves_the_mark_even_where_the_sum_stays(self, world):
        before = bind(world, "【中心组专题学习|今年以来|次】")
        first, second = townships(world)[:2]
        set_figure(first, SESSIONS, 3)
        set_figure(second, SESSIONS, 1)
        after = bind(world, "【中心组专题学习|今年以来|次】")
        assert before.shown == after.shown
        assert before.mark != after.mark


class TestCost:
    """The number of queries does not grow with the townships."""

    def queries(self, **options):
        world = make_world(years=((2025, 2), (2026, 2)), villages_each=1, **options)
        with CaptureQueriesContext(connection) as caught:
            book = DistrictBook.load(world.district, 2026)
            for code in book.indicators:
                book.total(code, THIS)
                book.total(code, BEFORE)
                book.village_totals(code, THIS)
        return len(caught)

    def test_three_and_twelve_townships_cost_the_same(self):
        few, many = self.queries(townships=3), self.queries(townships=12)
        assert few == many
        assert few < 30


def small_template(world, *texts):
    """Return an unsaved template of the district's own report with these paragraphs."""
    blocks = [{"key": f"p{place}", "kind": "paragraph", "text": text} for place, text in enumerate(texts)]
    content = {"title": "{unit_name}\n{report_year}年度总结", "addressee": "{superior_name}：", "signature": "{office_name}",
               "year": 2026, "name": "小样", "blocks": blocks}  # fmt: skip
    return ReportTemplate(district=world.district, year=2026, unit_class=UnitClass.DISTRICT, name="小样", content=content)


def test_a_small_template_becomes_the_districts_report(world):
    spread(world)
    template = small_template(world, "{whole_unit}开展专题学习【中心组专题学习|今年以来|次】。")
    settings = DistrictYear.objects.get(district=world.district, year=2026)
    draft = draft_report(world.district, 2026, template, settings=settings, cutoff_month=10)
    assert draft.report.title == "云浦区\n2026年度总结"
    assert (draft.report.addressee, draft.report.signature) == ("云浦区委：", "云浦区委宣传部")
    assert draft.blocks[0].text.startswith("全区开展")
    assert draft.binder.bind(parse("【中心组专题学习|今年以来|次】")[0]).status == OK


def test_a_township_never_gets_the_districts_template_nor_the_district_a_townships(world):
    assert template_for(world.district, 2026).unit_class == UnitClass.DISTRICT
    assert template_for(world.town, 2026).unit_class == UnitClass.ALL
    ReportTemplate.objects.filter(unit_class=UnitClass.ALL).delete()
    assert template_for(world.town, 2026).unit_class == UnitClass.ALL
