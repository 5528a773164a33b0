"""Wordings with conditions: both sides of each, what cannot be judged, the first that holds, and the reason that is shown."""

from decimal import Decimal

import pytest

from metrics.models import Indicator
from reports import services
from reports.alternatives import choice_words, choose, condition_fault, judge
from reports.assembly import load_binder
from reports.choices import When
from reports.models import ReportTemplate
from tests.reports.world import change_figure, lasting

pytestmark = pytest.mark.django_db
SESSIONS, RANK, SHARE = "ideology_study_session_count", "xuexi_activity_rank", "vol_share_of_population"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker) as world:
        yield world


@pytest.fixture
def binder(world):
    """The figures of 2026, which are each higher than those of 2025."""
    return load_binder(services.create_report(by=world.clerk, unit=world.town, year=2026))


def fresh(world):
    from reports.models import Report

    return load_binder(Report.objects.get(unit=world.town, year=2026))


def test_risen_and_fallen(world, binder):
    assert judge(When.RISEN, SESSIONS, binder) == {"name": "中心组专题学习", "now": "20", "before": "10"}
    assert judge(When.FALLEN, SESSIONS, binder) is None
    change_figure(world, SESSIONS, 0)
    for month in range(1, 10):
        change_figure(world, SESSIONS, 0, month=month)
    assert judge(When.RISEN, SESSIONS, fresh(world)) is None
    assert judge(When.FALLEN, SESSIONS, fresh(world))["now"] == "0"


def test_equal_is_neither(world, binder):
    for month in range(1, 11):
        change_figure(world, SESSIONS, 1, month=month)
    again = fresh(world)
    assert judge(When.RISEN, SESSIONS, again) is None
    assert judge(When.FALLEN, SESSIONS, again) is None


@pytest.mark.parametrize("when", [When.RISEN, When.FALLEN])
def test_without_last_year_nothing_is_claimed(world, when):
    report = services.create_report(by=world.clerk, unit=world.town, year=2025)
    assert judge(when, SESSIONS, load_binder(report)) is None


@pytest.mark.parametrize("when", list(When))
def test_an_unknown_indicator_never_holds(binder, when):
    assert judge(when, "no_such_code", binder) is None


def standing(monkeypatch, binder, rank, *, front=2, tied=0):
    facts = {"rank": rank, "tied": tied, "front": front, "upper": 3}
    monkeypatch.setattr(binder, "standing", lambda *_args: facts)


@pytest.mark.parametrize(
    ("rank", "tied", "is_front", "is_not"),
    [(1, 0, True, False), (2, 0, True, False), (3, 0, False, True), (2, 1, False, True), (None, 0, False, False)],
)
def test_front_and_not_front(binder, monkeypatch, rank, tied, is_front, is_not):
    standing(monkeypatch, binder, rank, tied=tied)
    assert bool(judge(When.FRONT, RANK, binder)) is is_front
    assert bool(judge(When.NOT_FRONT, RANK, binder)) is is_not


def test_a_rank_is_read_from_the_districts_figures(binder):
    """Three townships with equal figures share the first rank, and one in three is the front band: nobody is in front."""
    assert judge(When.FRONT, RANK, binder) is None
    assert judge(When.NOT_FRONT, RANK, binder)["rank"] == 1


def test_front_is_asked_of_ranks_alone(binder):
    assert judge(When.FRONT, SESSIONS, binder) is None
    assert judge(When.NOT_FRONT, SESSIONS, binder) is None


def rates(monkeypatch, binder, *values):
    found = [(f"村{number}", value and Decimal(value)) for number, value in enumerate(values)]
    monkeypatch.setattr(binder, "completion", lambda *_args: found)


@pytest.mark.parametrize(
    ("values", "lags", "none_lags"),
    [(("59.9", "100"), True, False), (("60", "100"), False, True), ((None, "70"), False, True), ((None, None), False, False)],
)
def test_lagging_and_none_lagging(binder, monkeypatch, values, lags, none_lags):
    rates(monkeypatch, binder, *values)
    assert bool(judge(When.LAGGING, SHARE, binder)) is lags
    assert bool(judge(When.NONE_LAGGING, SHARE, binder)) is none_lags


def test_villages_are_asked_of_village_figures_alone(binder):
    assert judge(When.LAGGING, SESSIONS, binder) is None
    assert judge(When.NONE_LAGGING, SESSIONS, binder) is None


def wording(text, when, indicator=SESSIONS):
    return {"text": text, "when": when, "indicator": indicator}


def test_the_first_that_holds_wins_and_the_last_is_the_default(binder):
    fallen, risen = wording("降", When.FALLEN), wording("升", When.RISEN)
    assert choose({"text": "平"}, binder) == ("平", {})
    assert choose({"text": "平", "alternatives": [fallen, risen]}, binder)[0] == "升"
    assert choose({"text": "平", "alternatives": [wording("总", When.ALWAYS, ""), risen]}, binder)[0] == "总"
    text, choice = choose({"text": "平", "alternatives": [fallen]}, binder)
    assert (text, choice["place"], choice["of"]) == ("平", 2, 2)


@pytest.mark.parametrize("when", ["", *When])
def test_every_reason_has_words(when):
    facts = {"name": "指标", "now": "2", "before": "1", "rank": 1, "front": 2, "behind": 0, "villages": 3}
    assert choice_words({"place": 1, "of": 2, "when": when, "indicator": SESSIONS, **facts})
    assert choice_words({}) == ""


@pytest.mark.parametrize(
    ("when", "code", "may"),
    [
        (When.RISEN, SESSIONS, True), (When.RISEN, RANK, False), (When.FRONT, RANK, True), (When.FRONT, SESSIONS, False),
        (When.LAGGING, SHARE, True), (When.NONE_LAGGING, SESSIONS, False), (When.ALWAYS, None, True), (When.RISEN, None, False),
        ("eval", SESSIONS, False), ("", SESSIONS, False),
    ],
)  # fmt: skip
def test_a_condition_is_asked_of_what_it_suits(world, when, code, may):
    indicators = {row.code: row for row in Indicator.objects.of_year(world.district, 2026)}
    assert (condition_fault(when, code or "", indicators) == "") is may


def test_a_report_tells_why_its_wording_was_taken(world, client):
    template = ReportTemplate.objects.get(year=2026, unit_class="")
    draft = services.copy_template(by=world.admin, template=template, year=2026, unit_class="")
    block = next(row for row in draft.content["blocks"] if row["key"] == "s1.2.h")
    block |= {"text": "默认标题", "alternatives": [wording("学习有所减少", When.FALLEN), wording("学习走深走实", When.RISEN)]}
    services.save_template_block(by=world.admin, template=draft, block=block)
    draft.refresh_from_db()
    services.publish_template(by=world.admin, template=draft, base_version=draft.version)
    report = services.create_report(by=world.clerk, unit=world.town, year=2026)
    stored = report.blocks.get(key="s1.2.h")
    assert (stored.text, stored.choice["when"], stored.choice["place"]) == ("学习走深走实", "risen", 2)
    client.force_login(world.clerk)
    page = client.get(f"/reports/{report.pk}/").content.decode()
    assert choice_words(stored.choice) in page
