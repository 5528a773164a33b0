"""Two people at once on one township's villages and months: nothing waits for ever, and a handed-in month keeps its villages."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from accounts.choices import Role
from accounts.models import Unit
from metrics import services
from metrics.models import Figure
from metrics.services import CellInput, PersonsInput
from tests.factories import make_district, make_district_year, make_indicator, make_return, make_township, make_user, make_village
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROUNDS = 6


def together(*works):
    """Run functions at the same moment, each on its own connection; returns their results or the refusals they ended with."""
    barrier = Barrier(len(works))

    def run(work):
        barrier.wait()
        try:
            return work()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, work) for work in works]]


@pytest.fixture
def township():
    district = make_district()
    make_district_year(district)
    return make_township(district)


def test_population_and_a_clerk_at_once(township):
    make_indicator(code="vol_household_population", aggregation="last", level="village", measure="人")
    hours = make_indicator(code="hours", level="village")
    village, paper = make_village(township, persons=0), make_return(township, month=7)
    admin, clerk = make_user(Role.DISTRICT_ADMIN, township.parent), make_user(Role.TOWNSHIP_CLERK, township)
    for number in range(1, ROUNDS + 1):
        count, results = together(
            lambda number=number: services.save_populations(
                by=admin, township=township, year=2026, inputs=[PersonsInput(village, number, number - 1)]
            ),
            lambda number=number: services.save_figures(
                by=clerk, monthly_return=paper, inputs=[CellInput(f"hours@{village.code}", str(number), number - 1)]
            ),
        )  # fmt: skip
        assert (count, results[0].status) == (1, "saved")
    values = dict(Figure.objects.values_list("indicator__code", "value"))
    assert values == {"vol_household_population": ROUNDS, hours.code: ROUNDS}
    assert not chain_faults(township.code)


def test_one_code_is_given_once_and_two_mergers_of_one_village_are_one(township):
    admin = make_user(Role.DISTRICT_ADMIN, township.parent)
    villages = [make_village(township) for _number in range(3)]

    def merge(chosen, code):
        return services.merge_villages(
            by=admin, township=township, villages=chosen, since=date(2026, 7, 1), name=f"合{code}村", code=code, kind="village"
        )

    first, second = together(lambda: merge(villages[:2], "990000000901"), lambda: merge(villages[1:], "990000000902"))
    assert [isinstance(row, Refused) for row in (first, second)].count(True) == 1
    assert Unit.objects.filter(successor__isnull=False).count() == 2
    assert Unit.objects.villages().count() == 4
