"""Evidence sent at the same moment: nothing twice, no limit overrun. On both engines, with threads and real transactions."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from accounts.choices import Role
from metrics.evidence import cell_proved, path_of
from metrics.models import EvidenceFile, EvidenceLink, MonthlyReturn
from metrics.services import add_evidence, remove_evidence, submit_return
from tests.factories import make_district, make_district_year, make_figure, make_indicator, make_return, make_township, make_user
from tests.metrics.test_evidence import picture
from workflow.models import Event
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path
    district = make_district()
    make_district_year(district, 2026, needs_signoff=False)
    return make_user(Role.TOWNSHIP_CLERK, make_township(district))


@pytest.fixture
def proved(clerk):
    indicator = make_indicator(code="visits")
    monthly_return = make_return(clerk.unit)
    make_figure(monthly_return, indicator, 3)
    return cell_proved(monthly_return, "visits")


def together(*deeds) -> list:
    """Run deeds in threads of their own; returns what each gave, a refusal as its text."""

    def run(deed):
        try:
            return deed()
        except Refused as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def sending(clerk, proved, seed):
    return partial(add_evidence, by=clerk, proved=proved, upload=picture(seed))


def test_the_same_file_sent_six_times_is_kept_once(clerk, proved, tmp_path):
    found = together(*(sending(clerk, proved, 1) for _ in range(6)))
    assert sorted(is_new for _link, is_new in found) == [False] * 5 + [True]
    assert (EvidenceFile.objects.count(), EvidenceLink.objects.count(), Event.objects.count()) == (1, 1, 1)
    assert len(list(tmp_path.rglob("*.jpg"))) == 2
    assert not chain_faults(clerk.unit.code)


def test_a_figure_is_never_filled_beyond_its_limit(clerk, proved, settings, tmp_path):
    settings.EVIDENCE_FILES_A_FIGURE = 3
    found = together(*(sending(clerk, proved, seed) for seed in range(6)))
    assert sum(isinstance(row, str) for row in found) == 3
    assert EvidenceLink.objects.count() == 3
    assert len(list(tmp_path.rglob("*.small.jpg"))) == 3


def test_a_submission_keeps_every_file_that_was_added_before_it(clerk, proved):
    for seed in range(3):
        sending(clerk, proved, seed)()
    monthly_return = MonthlyReturn.objects.get()
    removals = [partial(remove_evidence, by=clerk, link=link) for link in EvidenceLink.objects.select_related("file", "unit")]
    together(partial(submit_return, by=clerk, monthly_return=monthly_return), *removals)
    from workflow.models import Round

    kept = Round.objects.get().snapshot["evidence"].get("visits", [])
    assert len(kept) == EvidenceLink.objects.count()
    for row in kept:
        assert path_of(EvidenceFile.objects.get(public_id=row["file"])).is_file()
