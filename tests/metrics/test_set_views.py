"""Pages of a district's sets: the form judges as the catalogue files do, bindings are chosen, previews and differences show."""

import re
import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics import services
from metrics.catalogue_rules import MOST_NAME, Surroundings, indicator_faults, row_of, set_faults
from metrics.catalogue_years import load_catalogue
from metrics.indicator_form import IndicatorForm
from metrics.models import Area, Catalogue, Indicator, NamedList
from tests.factories import make_district, make_return, make_township, make_user, make_village
from workflow.choices import State
from workflow.models import Event

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
SESSIONS, BOOKS = "ideology_study_session_count", "ideology_study_book_count"
BODY = {
    "name": "新指标", "measure": "次", "scope_note": "按月填报。", "source": "entered", "aggregation": "sum", "level": "township",
    "decimals": "0", "usual_checks": "on", "is_required": "on", "month": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)


@pytest.fixture
def draft():
    services.sync_catalogue()
    district = make_district()
    make_village(make_township(district))
    admin = make_user("district_admin", district)
    return services.copy_year(by=admin, district=district, source_year=2026, first_year=2027)


@pytest.fixture
def browser(draft, client):
    client.force_login(draft.district.users.get())
    return client


def create_url(draft, area="ideology"):
    return reverse("metrics:indicator_create", args=[draft.pk, area])


def form_for(draft, area="ideology", code="", **values):
    indicators = load_catalogue(draft)
    row = indicators[code] if code else Indicator(catalogue=draft, area=Area.objects.get(code=area))
    return IndicatorForm({**BODY, **values}, indicator=row, indicators=indicators)


# The one judgement


def test_the_shipped_set_has_no_fault(draft):
    indicators = load_catalogue(draft)
    around = Surroundings({c: row_of(row) for c, row in indicators.items()}, dict(draft.named_lists.values_list("code", "name")))
    assert {code: indicator_faults(around.rows[code], around) for code in around.rows} == dict.fromkeys(around.rows, [])
    assert set_faults(around) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "字" * (MOST_NAME + 1)}, "name"),
        ({"name": "名【称】"}, "name"),
        ({"name": "购发学习书籍"}, "name"),
        ({"name": "荣誉"}, "name"),
        ({"measure": ""}, "measure"),
        ({"decimals": "5"}, "decimals"),
        ({"usual_checks": "", "check_jump": "query", "check_jump_limit": "-1"}, "check_jump_limit"),
        ({"usual_checks": "", "check_jump": "perhaps"}, "check_jump"),
        ({"usual_checks": "", "check_above": "query"}, "usual_checks"),
        ({"usual_checks": "", "check_range": "query", "check_range_low": "9", "check_range_high": "1"}, "usual_checks"),
        ({"source": "derived", "aggregation": "ratio", "measure": "%"}, "numerator"),
        ({"source": "derived", "aggregation": "sum"}, "sum_of"),
        ({"source": "derived", "aggregation": "sum", "sum_of": ["xuexi_coverage_rate"]}, "sum_of"),
        ({"source": "list", "aggregation": "count"}, "list"),
        ({"source": "rank", "aggregation": "rank"}, "rank_of"),
        ({"source": "ledger", "aggregation": "sum"}, "ledger_kind"),
        ({"source": "entered", "aggregation": "ratio"}, "aggregation"),
        ({"source": "list", "aggregation": "count", "list": "list_honour", "level": "village"}, "level"),
        ({"level": "village", "aggregation": "max"}, "level"),
        ({"level": "village", "ledger_kind": "study"}, "ledger_kind"),
        ({"parent": SESSIONS}, "parent"),
        ({"source": "param", "aggregation": "param"}, "source"),
    ],
)
def test_a_fault_stands_at_its_field(draft, values, field):
    form = form_for(draft, **values)
    assert not form.is_valid()
    assert field in form.errors
    assert len(form.errors) <= 2


@pytest.mark.parametrize("count", [1, MOST_NAME])
def test_names_up_to_the_limit_fit(draft, count):
    assert form_for(draft, name="字" * count).is_valid()


def test_a_calculation_in_a_circle_is_refused(draft):
    rates = {"source": "derived", "aggregation": "ratio", "measure": "%", "decimals": "1"}
    form = form_for(draft, code="xuexi_coverage_rate", numerator="xuexi_coverage_rate", denominator=SESSIONS, **rates)
    assert not form.is_valid()
    total = draft.indicators.get(code="media_adopted_count")
    part = total.formula["sum_of"][0]
    form = form_for(draft, "media", code=part, source="derived", aggregation="sum", sum_of=["media_adopted_count"])
    assert not form.is_valid()
    assert "sum_of" in form.errors


def test_what_is_retired_cannot_be_calculated_with(draft):
    admin = draft.district.users.get()
    services.retire_indicator(by=admin, indicator=draft.indicators.select_related("catalogue").get(code=BOOKS), last_month=0)
    rate = {"source": "derived", "aggregation": "ratio", "measure": "%", "decimals": "1", "denominator": SESSIONS}
    assert set(form_for(draft, numerator=BOOKS, **rate).errors) == {"numerator"}
    services.restore_indicator(by=admin, indicator=draft.indicators.select_related("catalogue").get(code=BOOKS))
    assert form_for(draft, numerator=BOOKS, **rate).is_valid()


# Bindings


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"ledger_kind": "study"}, {"kind": "study"}),
        (
            {"ledger_kind": "practice", "measure_practice": "sum:person_times", "where_practice_kind": ["visit"],
             "where_practice_is_booked": "yes"},
            {"kind": "practice", "measure": "sum:person_times", "where": {"kind": "visit", "is_booked": True}},
        ),
        (
            {"ledger_kind": "inspection", "measure_inspection": "distinct:premises",
             "where_inspection_venue_kind": ["printing", "bookshop"], "where_inspection_campaign": "清源、护苗"},
            {"kind": "inspection", "measure": "distinct:premises",
             "where": {"campaign": ["清源", "护苗"], "venue_kind": ["printing", "bookshop"]}},
        ),
        (
            {"ledger_kind": "highlight", "measure_highlight": "sum:quantity", "where_highlight_named_list": "list_training"},
            {"kind": "highlight", "measure": "sum:quantity", "where": {"named_list__code": "list_training"}},
        ),
    ],
)  # fmt: skip
def test_a_ledger_binding_is_chosen(draft, values, rule):
    form = form_for(draft, **values)
    assert form.is_valid(), form.errors
    assert form.indicator.formula["ledger"] == rule


@pytest.mark.parametrize(
    ("values", "checks"),
    [
        ({"aggregation": "distinct_ytd"}, [{"rule": "shrunk", "level": "query"}]),
        ({"usual_checks": ""}, []),
        (
            {"usual_checks": "", "check_jump": "hint", "check_jump_limit": "0.5", "check_above": "query",
             "check_above_other": [SESSIONS, BOOKS]},
            [{"rule": "jump", "level": "hint", "limit": 0.5}, {"rule": "above", "level": "query", "other": BOOKS},
             {"rule": "above", "level": "query", "other": SESSIONS}],
        ),
        (
            {"usual_checks": "", "aggregation": "max", "check_jump": "query", "check_shrunk": "query"},
            [{"rule": "shrunk", "level": "query"}],
        ),
    ],
)  # fmt: skip
def test_checks_are_the_usual_ones_or_chosen(draft, values, checks):
    form = form_for(draft, **values)
    assert form.is_valid(), form.errors
    found = [{key: value for key, value in row.items() if key != "small"} for row in form.indicator.checks]
    assert sorted(found, key=str) == sorted(checks, key=str)


def test_every_shipped_binding_survives_its_form(draft):
    """Opening and saving an indicator unchanged changes nothing, whatever it is made from."""
    for code, row in load_catalogue(draft).items():
        before = row_of(row)
        form = IndicatorForm(indicator=row, indicators=load_catalogue(draft))
        posted = {name: value for name, value in form.initial.items() if value != "" and value is not None and value is not False}
        again = IndicatorForm(posted, indicator=row, indicators=load_catalogue(draft))
        assert again.is_valid(), (code, again.errors)
        assert row_of(row) == before, code


# Pages


def test_adding_changing_retiring_in_the_browser(draft, browser):
    answer = browser.post(create_url(draft), {**BODY, "month": "7"})
    assert answer.status_code == 302
    row = draft.indicators.get(name="新指标")
    assert (row.valid_from, row.valid_from_month, row.is_required) == (2027, 7, True)
    url = reverse("metrics:indicator_detail", args=[row.pk])
    assert "新指标" in browser.get(url).content.decode()
    assert browser.post(url, {**BODY, "name": "改了名", "base_version": 1}).status_code == 302
    answer = browser.post(url, {**BODY, "name": "又改名", "base_version": 1})
    assert answer.status_code == 409
    assert "又改名" in answer.content.decode()
    assert "改了名" in answer.content.decode()
    browser.post(reverse("metrics:indicator_retire", args=[row.pk]), {"last_month": "9"})
    row.refresh_from_db()
    assert (row.name, row.valid_to, row.valid_to_month) == ("改了名", 2027, 9)
    assert row.former_names == ["新指标"]


@pytest.mark.parametrize("typed", ["", "-1", "12", "x", "²"])
def test_a_last_month_that_is_none_is_refused(draft, browser, typed):
    row = draft.indicators.get(code=BOOKS)
    browser.post(reverse("metrics:indicator_retire", args=[row.pk]), {"last_month": typed})
    row.refresh_from_db()
    assert row.valid_to is None


def test_what_was_typed_stays_when_it_is_refused(draft, browser):
    answer = browser.post(create_url(draft), {**BODY, "name": "购发学习书籍", "scope_note": "写了很久的口径"})
    page = answer.content.decode()
    assert "写了很久的口径" in page
    assert 'href="#id_name"' in page
    assert not draft.indicators.filter(scope_note="写了很久的口径").exists()


def test_the_preview_shows_the_form_of_a_month(draft, browser):
    browser.post(create_url(draft), {**BODY, "name": "七月起的", "month": "7"})
    url = reverse("metrics:catalogue_preview", args=[draft.pk])
    browser.get(url)  # takes the message away
    june, july = (browser.get(f"{url}?month={month}").content.decode() for month in (6, 7))
    assert "七月起的" not in june
    assert "七月起的" in july
    assert "disabled" in july
    assert 'href="?cell=' not in july


def test_the_publish_page_names_obstacles_and_differences(draft, browser):
    url = reverse("metrics:catalogue_publish", args=[draft.pk])
    draft.indicators.filter(code="ideology_party_member_total").update(valid_to=2026)
    page = browser.get(url).content.decode()
    assert "党员冬训覆盖率" in page
    draft.refresh_from_db()
    body = {"effect_date": "2026-12-01", "base_version": draft.version}
    assert browser.post(url, body).status_code == 409
    draft.indicators.filter(code="ideology_party_member_total").update(valid_to=None)
    assert browser.post(url, {**body, "confirmed": "1", "effect_date": "2027-01-02"}).status_code == 409
    assert browser.post(url, {**body, "confirmed": "1", "effect_date": "x"}).status_code == 200
    assert browser.get(url).context["form"].initial["effect_date"] == date(2027, 1, 1)
    asked = browser.post(url, body)
    assert asked.status_code == 200
    assert "2026-12-01" in asked.content.decode()
    assert 'name="confirmed"' in asked.content.decode()
    draft.refresh_from_db()
    assert draft.is_draft
    assert browser.post(url, {**body, "confirmed": "1"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.effect_date) == ("published", date(2026, 12, 1))
    assert browser.get(url).status_code == 302


def test_a_set_in_force_shows_what_is_still_possible(draft, browser):
    services.publish_catalogue(by=draft.district.users.get(), catalogue=draft, effect_date=TODAY, base_version=draft.version)
    make_return(draft.district.children.get(), 2027, 3, State.SUBMITTED)
    row = draft.indicators.get(code=SESSIONS)
    page = browser.get(reverse("metrics:indicator_detail", args=[row.pk])).content.decode()
    assert page.count("disabled") > 10
    new = browser.get(create_url(draft)).content.decode()
    assert '<option value="4">' in new
    assert '<option value="3">3月' not in new
    body = {**BODY, "name": "不能改", "scope_note": "新口径。", "base_version": row.version}
    assert browser.post(reverse("metrics:indicator_detail", args=[row.pk]), body).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.scope_note) == ("中心组专题学习", "新口径。")


def test_pages_cost_the_same_with_more_rows(draft, browser):
    """The table and the form read a set in a constant number of queries."""
    urls = [reverse("metrics:catalogue_detail", args=[draft.pk]), create_url(draft),
            reverse("metrics:catalogue_preview", args=[draft.pk]), reverse("metrics:catalogue_list")]  # fmt: skip
    counts = [_queries(browser, url) for url in urls]
    for number in range(5):
        browser.post(create_url(draft), {**BODY, "name": f"新指标{number}"})
    assert [_queries(browser, url) for url in urls] == counts
    assert max(counts) < 20


def _queries(browser, url) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def test_the_shipped_set_is_read_only(draft, browser):
    shipped = Catalogue.objects.get(district=None)
    page = browser.get(reverse("metrics:catalogue_detail", args=[shipped.pk]))
    assert page.status_code == 200
    assert "/indicators/new/" not in page.content.decode()
    row = shipped.indicators.get(code=SESSIONS)
    assert browser.get(reverse("metrics:indicator_detail", args=[row.pk])).status_code == 403
    assert browser.post(create_url(shipped), BODY).status_code == 403
    with pytest.raises(PermissionDenied):
        services.discard_draft(by=draft.district.users.get(), catalogue=shipped)


@pytest.mark.parametrize("body", [{}, {"source": "x", "target": "2027"}, {"source": "2026", "target": "²027"}])
def test_a_copy_of_no_year_is_told(draft, browser, body):
    answer = browser.post(reverse("metrics:catalogue_copy"), body, follow=True)
    assert answer.status_code == 200
    assert Catalogue.objects.count() == 2


# Sent twice

CREATED = [
    ("metrics:indicator_create", BODY, Indicator, "add_indicator"),
    ("metrics:named_list_create", {"name": "新清单", "fields": ["place"], "hint": ""}, NamedList, "add_list"),
]


@pytest.mark.parametrize(("route", "body", "model", "deed"), CREATED)
def test_a_form_sent_twice_makes_one_and_both_times_says_so(browser, draft, route, body, model, deed):
    url, before = reverse(route, args=[draft.pk, "ideology"]), model.objects.count()
    key = re.search(r'name="form_key" value="([0-9a-f-]{36})"', browser.get(url).content.decode())[1]
    for _click in range(2):
        answer = browser.post(url, {**body, "form_key": key}, follow=True)
        assert answer.redirect_chain[0][0].startswith(reverse("metrics:catalogue_detail", args=[draft.pk]))
        assert body["name"] in str(next(iter(answer.context["messages"])))
    assert model.objects.count() == before + 1
    assert Event.objects.filter(deed=deed).count() == 1
    # Other words under the same key are another deed; the same words under another are refused for their name.
    assert browser.post(url, {**body, "name": "又一个", "form_key": key}).status_code == 302
    assert browser.post(url, {**body, "form_key": str(uuid.uuid4())}).status_code in (200, 409)
    assert model.objects.count() == before + 2


@pytest.mark.parametrize(("route", "body", "model", "deed"), CREATED)
def test_a_refused_form_keeps_its_key(browser, draft, route, body, model, deed):
    url, key = reverse(route, args=[draft.pk, "ideology"]), str(uuid.uuid4())
    assert f'value="{key}"' in browser.post(url, {**body, "name": "", "form_key": key}).content.decode()
