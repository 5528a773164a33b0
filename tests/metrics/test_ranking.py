"""The rank that a screen counts in the database against the rank of the whole list."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Unit
from metrics.models import Indicator
from metrics.periods import Period
from metrics.queries import YearBook
from metrics.ranking import count_ranks, district_rank, district_ranking
from metrics.services import sync_catalogue
from tests.factories import make_district, make_figure, make_return, make_township

pytestmark = pytest.mark.django_db
CODE, YEAR, MARCH = "xuexi_activity_rate", 2025, Period(2025, 3, 3)


@pytest.fixture
def district():
    sync_catalogue()
    return make_district()


def township_with(district, value, *, kind="value", state="draft", **dates):
    """A township with this figure in March; `dates` are its first or last day."""
    town = make_township(district)
    Unit.objects.filter(pk=town.pk).update(**dates)
    indicator = Indicator.objects.get(code=CODE)
    make_figure(make_return(town, YEAR, 3, state=state), indicator, value, kind=kind)
    return Unit.objects.get(pk=town.pk)


def ranks(town, *, approved_only=False):
    """The counted rank, and the one of the whole list."""
    book = YearBook.load(town, YEAR, approved_only=approved_only)
    return district_rank(book, CODE, MARCH), district_ranking(book, CODE, MARCH).get(town.pk)


def test_a_counted_rank_is_the_rank_of_the_list(district):
    values = ("90.5", "90.50", "95", "100", "9", "0", "90.4")
    towns = [township_with(district, Decimal(value)) for value in values]
    township_with(make_district(), Decimal("99"))
    assert [ranks(town)[0] for town in towns] == [3, 3, 2, 1, 6, 7, 5]
    assert all(counted == listed for counted, listed in map(ranks, towns))


def test_without_a_value_or_a_return_there_is_no_rank(district):
    township_with(district, Decimal("90"))
    assert ranks(township_with(district, None, kind="not_applicable")) == (None, None)
    assert ranks(make_township(district)) == (None, None)


def test_a_township_that_ended_neither_has_a_rank_nor_stands_before_another(district):
    gone = township_with(district, Decimal("95"), valid_to=date(YEAR, 3, 30))
    last = township_with(district, Decimal("93"), valid_to=date(YEAR, 3, 31))
    assert ranks(gone) == (None, None)
    assert ranks(last) == (1, 1)
    assert ranks(township_with(district, Decimal("92"), valid_from=date(YEAR, 3, 31))) == (2, 2)
    assert ranks(township_with(district, Decimal("99"), valid_from=date(YEAR, 4, 1))) == (None, None)


def test_over_approved_figures_it_needs_everybody(district):
    first = township_with(district, Decimal("90"), state="approved")
    assert ranks(first, approved_only=True) == (1, 1)
    township_with(district, Decimal("80"), state="submitted")
    assert ranks(first, approved_only=True) == (None, None)
    assert ranks(first) == (1, 1)


def test_counting_reads_no_list_of_townships(district):
    towns = [township_with(district, Decimal(value)) for value in range(4)]
    book = YearBook.load(towns[0], YEAR, approved_only=False)
    with CaptureQueriesContext(connection) as queries:
        assert book.total("xuexi_activity_rank", MARCH).value == 4
        assert book.total("xuexi_activity_rank", MARCH).value == 4
    assert len(queries) == 1
    assert "COUNT(" in queries[0]["sql"]


def test_months_counted_together_are_each_by_their_own_figures_and_townships(district):
    periods = [Period(2025, 3, 3), Period(2025, 4, 4), Period(2024, 4, 4)]
    indicator = Indicator.objects.get(code=CODE)
    own, gone, late = (make_township(district, **dates) for dates in ({}, {"valid_to": date(2025, 3, 31)}, {}))
    for year, month, values in ((2025, 3, (50, 60, 70)), (2025, 4, (50, 60, 40)), (2024, 4, (None, 60, 70))):
        for town, value in zip((own, gone, late), values, strict=True):
            make_figure(make_return(town, year, month), indicator, value)
    book = YearBook.load(own, 2025, approved_only=False)
    with CaptureQueriesContext(connection) as queries:
        count_ranks(book, CODE, periods)
        together = [district_rank(book, CODE, period) for period in periods]
    assert len(queries) == 1
    assert together == [3, 1, None]
    assert together == [district_ranking(book, CODE, period).get(own.pk) for period in periods]
