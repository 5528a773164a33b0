"""The ledgers' pages: who may do what, the quick-add row without script, filters, paging, conflicts, duplicates, undo."""

import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics import services
from metrics.ledger_duplicates import duplicates
from metrics.ledger_filters import read_filters, rule_address
from metrics.ledger_pages import closed_note, month_words
from metrics.ledgers import LedgerRule, ledger_kind
from metrics.models import Figure, Highlight, Indicator, MediaPlacement, PracticeEvent, StudySession
from tests.factories import make_district, make_item, make_list, make_return, make_township, make_user, make_village
from volunteers.models import VolunteerActivity
from workflow.choices import State
from workflow.models import Event

pytestmark = pytest.mark.django_db
STUDY = "ideology_study_session_count"
DAY = date(2026, 10, 8)


@pytest.fixture
def town():
    services.sync_catalogue()
    return make_township(make_district())


@pytest.fixture
def clerk(town, client):
    user = make_user("township_clerk", town)
    client.force_login(user)
    return user


def add(town, name="专题学习", day=DAY, model=StudySession, **values):
    return model.objects.create(unit=town, date=day, name=name, **values)


def url(kind="study", query="year=2026"):
    return f"{reverse('metrics:ledger_list', args=[kind])}?{query}"


def entry_url(entry, kind="study", name="ledger_entry", query="year=2026"):
    return f"{reverse(f'metrics:{name}', args=[kind, entry.pk])}?{query}"


def typed(**values):
    return {"date": "2026-10-08", "kind": "group_study", "name": "专题学习", "place": "会议室", **values}


def row_of(response, name):
    return [line.entry.name for line in response.context["lines"]].index(name)


# --- roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["township_clerk", "township_head"])
def test_the_office_adds_changes_and_removes(client, town, role):
    client.force_login(make_user(role, town))
    assert client.post(url(), typed()).status_code == 302
    entry = StudySession.objects.get()
    assert client.post(entry_url(entry), typed(name="改过的", base_version=1)).status_code == 302
    entry.refresh_from_db()
    assert (entry.name, entry.version) == ("改过的", 2)
    assert client.post(entry_url(entry, name="ledger_remove")).status_code == 302
    assert not StudySession.objects.exists()


@pytest.mark.parametrize("role", ["district_reviewer", "district_admin", "auditor"])
def test_the_district_reads_its_townships_and_writes_nothing(client, town, role):
    entry, foreign = add(town), add(make_township(), name="外区学习")
    client.force_login(make_user(role, town.parent))
    answer = client.get(url())
    assert [line.entry for line in answer.context["lines"]] == [entry]
    assert town.name in answer.content.decode()
    assert "data-quick" not in answer.content.decode()
    assert client.get(url(query=f"year=2026&unit={town.pk}")).status_code == 200
    assert client.get(url(query=f"year=2026&unit={foreign.unit.pk}")).status_code == 404
    assert client.post(url(), typed()).status_code == 403
    assert client.get(entry_url(entry)).status_code == 403
    assert client.post(entry_url(entry, name="ledger_remove")).status_code == 403
    assert client.get(entry_url(foreign)).status_code == 404
    assert StudySession.objects.count() == 2


def test_a_village_clerk_has_no_ledgers(client, town):
    client.force_login(make_user("village_clerk", make_village(town)))
    entry = add(town)
    for address in (reverse("metrics:ledger_index"), url(), entry_url(entry)):
        assert client.get(address).status_code == 404
    assert client.post(url(), typed()).status_code == 404
    assert StudySession.objects.count() == 1


def test_another_townships_entries_are_not_there(client, clerk, town):
    foreign = add(make_township(town.parent), name="别镇学习")
    assert "别镇学习" not in client.get(url()).content.decode()
    assert client.get(entry_url(foreign)).status_code == 404
    assert client.post(entry_url(foreign, name="ledger_remove")).status_code == 404
    copied = client.get(url(query=f"year=2026&copy={foreign.pk}"))
    assert "别镇学习" not in copied.content.decode()


def test_unknown_ledgers_and_the_named_items_are_not_here(client, clerk):
    for kind in ("diary", "highlight"):
        assert client.get(url(kind)).status_code == 404


# --- the quick-add row ------------------------------------------------------------------------------------------------


def test_an_added_entry_comes_back_with_what_is_kept_and_the_name_focused(client, clerk, town):
    answer = client.post(url(query="year=2026&month=10"), typed(kind="outreach", speeches=""), follow=True)
    form, entry = answer.context["form"], StudySession.objects.get()
    assert answer.redirect_chain[0][0].endswith(f"?year=2026&unit={town.pk}&month=10&last={entry.pk}")
    assert (form["date"].value(), form["kind"].value()) == (DAY, "outreach")
    assert not form["name"].value()
    assert not form["place"].value()
    page = answer.content.decode()
    assert page.count("autofocus") == 1
    assert "autofocus" in page[page.index('name="name"') : page.index('id="id_name"') + 200]
    assert "lg-fresh" in page


def test_bad_input_keeps_what_was_typed_with_each_message_at_its_field(client, clerk):
    answer = client.post(url(), typed(date="2026-02-30", kind="books", attendees="约100"))
    page, form = answer.content.decode(), answer.context["form"]
    assert set(form.errors) == {"date", "copies", "attendees"}
    for kept in ('value="专题学习"', 'value="约100"', 'value="会议室"', 'id="error_1_id_copies"'):
        assert kept in page
    assert not StudySession.objects.exists()


def test_the_last_entry_is_copied_whole_but_not_saved(client, clerk, town):
    add(town, name="旧的")
    add(town, name="学习会", place="礼堂", attendees=40)
    answer = client.get(url(query="year=2026&copy=last"))
    form = answer.context["form"]
    assert (form["name"].value(), form["place"].value(), form["attendees"].value()) == ("学习会", "礼堂", "40")
    assert StudySession.objects.count() == 2


def test_a_figure_of_an_open_month_follows_what_is_added_here(client, clerk, town):
    monthly_return = make_return(town)
    client.post(url(), typed())
    assert Figure.objects.get(monthly_return=monthly_return, indicator__code=STUDY).value == 1


@pytest.mark.parametrize(("state", "word"), [(State.SUBMITTED, "submitted"), (State.APPROVED, "approved")])
def test_a_closed_month_says_that_its_figures_do_not_move(client, clerk, town, state, word, settings):
    settings.LANGUAGE_CODE = "en"
    monthly_return = make_return(town, state=state)
    answer = client.post(url(), typed(), follow=True, headers={"accept-language": "en"})
    texts = [str(message) for message in answer.context["messages"]]
    assert any(f"10月 is {word}" in text for text in texts)
    assert StudySession.objects.count() == 1
    assert not Figure.objects.filter(monthly_return=monthly_return).exists()
    page = client.get(entry_url(StudySession.objects.get()), headers={"accept-language": "en"}).content.decode()
    assert f"10月 is {word}" in page
    assert f"10月 is {word}" in client.get(url(), headers={"accept-language": "en"}).content.decode()
    assert "lg-note" not in client.get(url(query="year=2026&month=9")).content.decode()


def test_an_open_month_says_nothing_of_the_kind(client, clerk, town):
    make_return(town)
    answer = client.post(url(), typed(), follow=True)
    assert len(answer.context["messages"]) == 1
    assert "lg-note" not in answer.content.decode()


def test_an_entry_that_the_filter_leaves_out_is_told(client, clerk, town):
    answer = client.post(url(query="year=2026&month=9"), typed(), follow=True)
    assert len(answer.context["messages"]) == 2
    assert not answer.context["lines"]


# --- duplicates -------------------------------------------------------------------------------------------------------


def test_the_same_again_is_asked_about_before_it_is_saved(client, clerk, town):
    add(town, name="专题 学习", place="会议室")
    answer = client.post(url(), typed())
    page = answer.content.decode()
    assert [line.entry.name for line in answer.context["same"]] == ["专题 学习"]
    assert 'name="anyway"' in page
    assert 'value="会议室"' in page
    assert StudySession.objects.count() == 1
    client.post(url(), typed(anyway="1"))
    assert StudySession.objects.count() == 2


@pytest.mark.parametrize("change", [{"name": "另一次"}, {"place": "礼堂"}, {"date": "2026-10-09"}, {"place": ""}])
def test_another_day_name_or_place_is_another_entry(client, clerk, town, change):
    add(town, place="会议室")
    assert client.post(url(), typed(**change)).status_code == 302
    assert StudySession.objects.count() == 2


def test_a_team_is_the_same_by_its_name_and_a_placement_by_its_outlet(town):
    team = ledger_kind("vol_team")
    old = team.model.objects.create(unit=town, date=date(2026, 1, 2), name="红 马甲")
    assert duplicates(team, team.model(unit=town, date=DAY, name="红马甲")) == [old]
    assert duplicates(team, old) == []
    add(town, "稿件", model=MediaPlacement, outlet="日报")
    media = ledger_kind("media")
    assert duplicates(media, MediaPlacement(unit=town, date=DAY, name="稿件", outlet="日报", place="甲"))
    assert not duplicates(media, MediaPlacement(unit=town, date=DAY, name="稿件", outlet="晚报"))
    assert not duplicates(media, MediaPlacement(unit=make_township(), date=DAY, name="稿件", outlet="日报"))


def test_a_double_click_makes_one_entry_and_is_told_so_like_the_first(client, clerk, town):
    key = str(uuid.uuid4())
    answers = [client.post(url(), typed(form_key=key)) for _time in range(2)]
    entry = StudySession.objects.get()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url == f"/ledgers/study/?year=2026&unit={town.pk}&last={entry.pk}"
    assert Event.objects.filter(deed="add_entry").count() == 1


# --- two editors, removal, undo ---------------------------------------------------------------------------------------


def test_two_editors_of_one_entry_see_both_versions(client, clerk, town):
    entry = add(town, place="会议室")
    client.post(entry_url(entry), typed(place="礼堂", base_version=1))
    answer = client.post(entry_url(entry), typed(place="广场", base_version=1))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert [(row.stored, row.typed) for row in answer.context["differences"]] == [("礼堂", "广场")]
    assert 'name="base_version" value="2"' in page
    assert 'value="广场"' in page
    client.post(entry_url(entry), typed(place="广场", base_version=2))
    entry.refresh_from_db()
    assert entry.place == "广场"


def test_an_entry_removed_while_another_edits_it_can_be_added_anew(client, clerk, town, monkeypatch):
    entry = add(town)
    from metrics.views import ledgers

    real = ledgers.save_entry

    def removed_first(**values):
        StudySession.objects.all().delete()
        return real(**values)

    monkeypatch.setattr(ledgers, "save_entry", removed_first)
    answer = client.post(entry_url(entry), typed(place="广场", base_version=1))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f'action="{reverse("metrics:ledger_list", args=["study"])}' in page
    assert 'value="广场"' in page


def test_a_removed_entry_comes_back_once_under_its_number(client, clerk, town):
    monthly_return = make_return(town)
    client.post(url(), typed(attendees="12"))
    entry = StudySession.objects.get()
    page = client.post(entry_url(entry, name="ledger_remove"), follow=True)
    removal = Event.objects.get(deed="remove_entry")
    assert page.context["removed"] == {"event": removal.pk, "name": "专题学习"}
    undo = reverse("metrics:ledger_restore", args=["study", removal.pk])
    for _time in range(2):
        client.post(undo)
    back = StudySession.objects.get()
    assert (back.pk, back.attendees, back.date) == (entry.pk, 12, DAY)
    assert back.version > entry.version
    assert Figure.objects.get(monthly_return=monthly_return, indicator__code=STUDY).value == 1
    assert client.get(url(query=f"year=2026&removed={removal.pk}")).context["removed"] is None


def test_nobody_else_and_no_other_event_brings_an_entry_back(client, clerk, town):
    entry = add(town)
    client.post(entry_url(entry, name="ledger_remove"))
    removal = Event.objects.get(deed="remove_entry")
    undo = reverse("metrics:ledger_restore", args=["study", removal.pk])
    client.post(reverse("metrics:ledger_restore", args=["media", removal.pk]))
    other = make_user("township_clerk", make_township(town.parent))
    for user, status in ((other, 404), (make_user("district_reviewer", town.parent), 403)):
        client.force_login(user)
        assert client.post(undo).status_code == status
    assert not StudySession.objects.exists()
    assert not MediaPlacement.objects.exists()


# --- filters, paging, queries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("year=2026", ["参观乙", "参观甲", "接待"]),
        ("year=2026&month=10", ["参观乙", "参观甲"]),
        ("year=2026&month=9-10", ["参观乙", "参观甲", "接待"]),
        ("year=2025", []),
        ("year=2026&kind=visit&is_booked=1", ["参观甲"]),
        ("year=2026&is_booked=0", ["参观乙", "接待"]),
        ("year=2026&kind=visit,reception", ["参观乙", "参观甲", "接待"]),
        ("year=2026&kind=nonsense&month=13&is_booked=maybe", ["参观乙", "参观甲", "接待"]),
        ("year=2026&q=广场", ["参观乙"]),
        ("year=2026&q=%00", ["参观乙", "参观甲", "接待"]),
        ("year=2026&q=%25", []),
    ],
)
def test_filters_choose_and_stay_in_every_link(client, clerk, town, query, names):
    add(town, "参观甲", model=PracticeEvent, is_booked=True)
    add(town, "参观乙", model=PracticeEvent, place="广场", day=date(2026, 10, 9))
    add(town, "接待", model=PracticeEvent, kind="reception", day=date(2026, 9, 1))
    answer = client.get(url("practice", query))
    assert [line.entry.name for line in answer.context["lines"]] == names
    filters = answer.context["filters"]
    again = client.get(filters.address)
    assert [line.entry.name for line in again.context["lines"]] == names
    if names:
        assert f"{reverse('metrics:ledger_list', args=['practice'])}?{filters.query}&copy=last".replace("&", "&amp;") in (
            again.content.decode()
        )


def test_villages_are_a_filter(client, clerk, town):
    first, second = make_village(town), make_village(town)
    for village in (first, second):
        add(town, village.name, model=VolunteerActivity, village=village)
    answer = client.get(url("vol_activity", f"year=2026&village={first.code}"))
    assert [line.entry.village for line in answer.context["lines"]] == [first]


def test_fifty_a_page_and_the_filter_stays(client, clerk, town):
    for number in range(51):
        add(town, f"第{number}次", kind="outreach")
    first = client.get(url(query="year=2026&kind=outreach"))
    assert len(first.context["lines"]) == 50
    assert f"?page=2&amp;year=2026&amp;unit={town.pk}&amp;kind=outreach" in first.content.decode()
    second = client.get(url(query="year=2026&kind=outreach&page=2"))
    assert [line.entry.name for line in second.context["lines"]] == ["第0次"]


@pytest.mark.parametrize("kind", ["study", "vol_activity", "media"])
def test_a_page_takes_the_same_queries_with_one_row_and_with_many(client, clerk, town, kind):
    village = make_village(town)
    model = ledger_kind(kind).model
    more = {"village": village} if kind == "vol_activity" else {}

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(url(kind))
        return len(found)

    add(town, model=model, **more)
    client.get(url(kind))
    one = queries()
    for number in range(60):
        add(town, f"第{number}次", model=model, **more)
    assert queries() == one
    assert one <= 10


def test_the_index_counts_months_and_names_what_is_fed(client, clerk, town, django_assert_max_num_queries):
    add(town)
    add(town, day=date(2026, 3, 1))
    add(town, day=date(2025, 3, 1))
    add(make_township(town.parent))
    with django_assert_max_num_queries(15):
        answer = client.get(reverse("metrics:ledger_index") + "?year=2026")
    card = next(card for card in answer.context["cards"] if card.kind.code == "study")
    assert {row.month: row.count for row in card.months if row.count} == {3: 1, 10: 1}
    assert card.total == 2
    assert len(card.feeds) == 5
    assert Indicator.objects.get(code=STUDY).name in card.feeds
    assert card.months[9].address.endswith(f"?year=2026&unit={town.pk}&month=10")


# --- addresses and words ----------------------------------------------------------------------------------------------


def test_a_rule_leads_to_the_entries_it_counts(town):
    village = make_village(town)
    booked = LedgerRule.read({"kind": "practice", "measure": "sum:groups", "where": {"kind": "visit", "is_booked": True}})
    assert rule_address(booked, town, 2026, 10).endswith(f"/practice/?year=2026&unit={town.pk}&month=10&kind=visit&is_booked=1")
    firms = LedgerRule.read({"kind": "inspection", "measure": "distinct:premises", "where": {"venue_kind": "printing"}})
    assert "month=1-10&venue_kind=printing" in rule_address(firms, town, 2026, 10)
    hours = LedgerRule.read({"kind": "vol_activity", "measure": "sum:hours"})
    assert f"village={village.code}" in rule_address(hours, town, 2026, 10, village)
    course = LedgerRule.read({"kind": "highlight", "where": {"named_list__code": "list_training"}})
    assert rule_address(course, town, 2026, 10) == f"/items/?list=list_training&year=2026&unit={town.pk}"


def test_months_in_words():
    assert month_words([1, 2, 3, 5, 7, 8]) == "1—3月、5月、7—8月"
    assert closed_note({}) == ""
    texts = {
        closed_note({1: State.APPROVED}),
        closed_note({1: State.IN_REVIEW}),
        closed_note({1: State.APPROVED, 2: State.SUBMITTED}),
    }
    assert len(texts) == 3


def test_a_link_of_a_placement_opens_only_on_the_web(client, clerk, town):
    add(town, "甲", model=MediaPlacement, link="javascript:alert(1)")
    add(town, "乙", model=MediaPlacement, link="https://news.example/1")
    page = client.get(url("media")).content.decode()
    assert 'href="https://news.example/1"' in page
    assert 'href="javascript' not in page


def test_filters_of_a_page_are_what_its_address_says(town):
    filters = read_filters(ledger_kind("study"), {"kind": "books", "q": " 书 ", "month": "2"}, year=2026, unit=town)
    assert filters.query == f"year=2026&unit={town.pk}&month=2&kind=books&q=%E4%B9%A6"
    assert [control.name for control in filters.controls()] == ["month", "kind"]


# --- named items ------------------------------------------------------------------------------------------------------


@pytest.fixture
def honours(town):
    named_list = make_list("list_honour")
    named_list.fields = ["date_from", "level", "quantity", "quantity_measure"]
    named_list.save()
    return named_list


def new_item(honours):
    return reverse("metrics:item_create", args=[honours.code]) + "?year=2026"


def test_a_named_item_comes_back_with_its_date_kept_and_the_name_focused(client, clerk, honours):
    answer = client.post(new_item(honours), {"name": "文明村", "date_from": "2026-10-08", "level": "市级"}, follow=True)
    form, page = answer.context["form"], answer.content.decode()
    assert (form["date_from"].value(), form["name"].value(), form["level"].value()) == (DAY, "", "")
    assert page.count("autofocus") == 1
    assert "lg-fresh" in page


def test_a_named_item_is_copied_whole_and_of_its_own_list(client, clerk, town, honours):
    make_item(town, honours, "文明村", level="市级", quantity=3, quantity_measure="个", date_from=DAY)
    make_item(town, make_list("list_training", name="培训"), "别的")
    query = f"?year=2026&list={honours.code}&copy=last"
    form = client.get(reverse("metrics:item_list") + query).context["form"]
    assert [form[name].value() for name in ("name", "level", "quantity", "date_from")] == ["文明村", "市级", "3", DAY]


def test_a_named_item_that_is_there_already_is_asked_about(client, clerk, town, honours):
    make_item(town, honours, "文明 村")
    make_item(town, honours, "文明村", year=2025)
    answer = client.post(new_item(honours), {"name": "文明村", "level": "省级"})
    assert [line.entry.name for line in answer.context["same"]] == ["文明 村"]
    assert 'value="省级"' in answer.content.decode()
    assert Highlight.objects.count() == 2
    client.post(new_item(honours), {"name": "文明村", "level": "省级", "anyway": "1"})
    assert Highlight.objects.count() == 3
    assert client.post(new_item(honours), {"name": "文明村", "date_from": "2026-01-02"}).status_code == 302
