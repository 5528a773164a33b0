"""A district that counts residents reads 常住人口 wherever the catalogue and the templates say 户籍人口."""

import pytest
from django.urls import reverse

from accounts.choices import PopulationKind
from metrics.models import DistrictYear, Indicator
from metrics.population import population_words
from metrics.queries import YearBook
from metrics.services import snapshot
from reports.assembly import assemble, load_binder
from reports.services import create_report, save_block
from tests.factories import make_return
from tests.reports.world import lasting
from volunteers.queries import load_sheet

pytestmark = pytest.mark.django_db
HOUSEHOLD, RESIDENT = "户籍人口", "常住人口"
CODE = "vol_household_population"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture(params=[PopulationKind.HOUSEHOLD, PopulationKind.RESIDENT])
def counted(request, db, lasting_world):
    """What the district counts in 2026, as (world, word that is used, word that is not)."""
    DistrictYear.objects.filter(year=2026).update(population_kind=request.param)
    words = (HOUSEHOLD, RESIDENT) if request.param == PopulationKind.HOUSEHOLD else (RESIDENT, HOUSEHOLD)
    return lasting_world, *words


@pytest.mark.parametrize(
    ("text", "resident"),
    [
        ("占户籍人口的", "占常住人口的"), ("户籍居民人数，只在户籍所在村计1次", "常住居民人数，只在常住所在村计1次"),
        ("户籍警务室", "户籍警务室"), ("", ""),
    ],
)  # fmt: skip
def test_words(text, resident):
    assert population_words(text, PopulationKind.RESIDENT) == resident
    assert population_words(text, PopulationKind.HOUSEHOLD) == population_words(text, "") == text


def test_the_sheet_the_findings_and_a_round_follow(client, counted):
    world, used, unused = counted
    this = make_return(world.town, month=11)
    column = next(row for row in load_sheet(this).columns if row.code == CODE)
    assert column.name == used
    assert used in column.scope
    client.force_login(world.clerk)
    for page in ("metrics:return_detail", "volunteers:village_sheet"):
        text = client.get(reverse(page, args=[this.pk])).content.decode()
        assert unused not in text
        assert (used in text) or page == "metrics:return_detail"
    names = {cell["name"] for cell in snapshot(world.town.returns.get(year=2026, month=10))["cells"].values()}
    assert used in names
    assert unused not in names


def test_report_sentences_and_annexes_follow(counted):
    world, used, unused = counted
    report = create_report(by=world.clerk, unit=world.town, year=2026)
    text = str(assemble(report).document.to_json())
    assert f"占{used}的" in text
    assert f"{used}（人）" in text
    assert unused not in text


def test_a_report_keeps_the_kind_it_was_written_under(counted):
    world, used, unused = counted
    report = create_report(by=world.clerk, unit=world.town, year=2026)
    other = PopulationKind.HOUSEHOLD if used == RESIDENT else PopulationKind.RESIDENT
    DistrictYear.objects.filter(year=2026).update(population_kind=other)
    text = str(assemble(report).document.to_json())
    assert used in text
    assert unused not in text
    assert YearBook.load(world.town, 2026).indicators[CODE].name == unused


def test_a_token_may_say_either_what_the_catalogue_or_what_the_report_calls_it(counted):
    world, used, _unused = counted
    report = create_report(by=world.clerk, unit=world.town, year=2026)
    block = report.blocks.get(key="s1.7.1")
    text = f"{used}【{used}|目前|人】，【{HOUSEHOLD}|目前|人】。"
    save_block(by=world.clerk, block=block, text=text, base_version=block.version)
    rows = list(block.bound_figures.all())
    assert {row.status for row in rows} == {"ok"}
    assert len({row.shown for row in rows}) == 1
    assert load_binder(report).indicator_of(CODE).name == used


def test_the_catalogue_itself_stays(counted):
    world, _used, _unused = counted
    YearBook.load(world.town, 2026)
    assert Indicator.objects.get(code=CODE).name == HOUSEHOLD
