"""Lists of returns, the queue, the board, named items, settings: right rows, right words, constant cost."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from accounts.models import Unit
from metrics import board
from metrics.choices import FigureKind, Level
from metrics.models import DistrictYear, Highlight
from metrics.services import district_year, remove_item, save_item
from metrics.views.items import item_list_url
from tests import factories
from workflow import triggers
from workflow.choices import Subject
from workflow.models import Comment, Event
from workflow.services import open_round
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return factories.make_district()


def sign_in(client, role, unit):
    user = factories.make_user(role, unit)
    client.force_login(user)
    return user


def queries_of(client, django_assert_max_num_queries, url, **data):
    with django_assert_max_num_queries(99) as captured:
        assert client.get(url, data).status_code == 200
    return len(captured)


def test_return_list_counts_cells_and_time(client, district):
    township = factories.make_township(district)
    factories.make_village(township)
    factories.make_village(township)
    filled, absent = factories.make_indicator(), factories.make_indicator()
    factories.make_indicator(level=Level.VILLAGE)
    factories.make_indicator(source="derived")
    now = timezone.now()
    overdue = factories.make_return(township, now.year, 1, due_at=now - timedelta(days=5))
    factories.make_figure(overdue, filled, 3)
    factories.make_figure(overdue, absent, kind=FigureKind.NOT_APPLICABLE)
    sign_in(client, Role.TOWNSHIP_CLERK, township)
    lines = {line.month: line for line in client.get("/returns/").context["lines"]}
    assert (lines[1].filled, lines[1].fillable, lines[1].is_overdue) == (2, 4, True)
    assert lines[2].monthly_return is None


def test_return_list_of_another_township(client, district):
    mine, other = factories.make_township(district), factories.make_township(district)
    sign_in(client, Role.TOWNSHIP_CLERK, mine)
    assert client.get("/returns/", {"unit": other.pk}).context["township"] == mine
    sign_in(client, Role.DISTRICT_REVIEWER, district)
    assert client.get("/returns/", {"unit": other.pk}).context["township"] == other
    assert client.get("/returns/").url == reverse("metrics:board")
    assert client.get("/returns/", {"unit": factories.make_township().pk}).status_code == 404
    assert client.get("/returns/", {"unit": "x"}).status_code == 404


def test_village_clerk_sees_the_townships_months(client, district):
    village = factories.make_village(factories.make_township(district))
    sign_in(client, Role.VILLAGE_CLERK, village)
    assert client.get("/returns/").context["township"] == village.parent


def test_queue_holds_what_waits_longest_first(client, district):
    late = factories.make_return(factories.make_township(district), state="submitted", month=9)
    new = factories.make_return(factories.make_township(district), state="in_review", month=10)
    factories.make_return(factories.make_township(district), state="awaiting_signoff")
    factories.make_return(state="submitted")
    reviewer = sign_in(client, Role.DISTRICT_REVIEWER, district)
    Comment.objects.create(unit=new.unit, subject_kind=Subject.RETURN, subject_id=new.pk, anchor="a", text="?", author=reviewer)
    answer = client.get("/review/")
    assert [(row.pk, row.open_comments) for row in answer.context["page"]] == [(late.pk, 0), (new.pk, 1)]
    assert reverse("metrics:deed", args=[late.pk, "start_review"]) in answer.content.decode()


def test_only_reviewers_get_the_button_and_townships_nothing(client, district):
    row = factories.make_return(factories.make_township(district), state="submitted")
    sign_in(client, Role.AUDITOR, district)
    assert reverse("metrics:deed", args=[row.pk, "start_review"]) not in client.get("/review/").content.decode()
    sign_in(client, Role.TOWNSHIP_HEAD, row.unit)
    assert client.get("/review/").status_code == 403
    assert client.get("/board/").status_code == 403


def rewrite(submission, **values):
    """Change a submission past its trigger: when it was handed in."""
    triggers.remove(connection, (triggers.ROUNDS,))
    type(submission).objects.filter(pk=submission.pk).update(**values)
    triggers.install(connection, (triggers.ROUNDS,))


@pytest.mark.parametrize(
    ("state", "due", "handed_in", "sign"),
    [
        ("approved", -5, -6, "✓"), ("approved", -5, -1, "迟"), ("submitted", -5, -6, "审"), ("in_review", -5, -6, "审"),
        ("returned", -5, -6, "退"), ("draft", 5, None, "草"), ("draft", -5, None, "缺"),
        ("awaiting_signoff", 5, 0, "复"), ("awaiting_signoff", -5, -6, "复"), ("awaiting_signoff", -5, 0, "缺"),
    ],
)  # fmt: skip
def test_board_marks(district, state, due, handed_in, sign):
    now = timezone.now()
    row = factories.make_return(factories.make_township(district), 2026, 3, state=state, due_at=now + timedelta(days=due))
    if handed_in is not None:
        submission = open_round(by=row.submitted_by, subject_kind=Subject.RETURN, subject=row, snapshot={})
        rewrite(submission, submitted_at=now + timedelta(days=handed_in))
    (line,) = board.load_rows([row.unit], 2026, now)
    assert line.cells[2].mark.sign == sign
    assert line.cells[3].mark.sign == "·"


def test_a_withdrawn_submission_was_not_in_time(district):
    now = timezone.now()
    row = factories.make_return(factories.make_township(district), 2026, 3, state="approved", due_at=now - timedelta(days=5))
    for outcome, days in [("withdraw", 9), ("approve", 1)]:
        submission = open_round(by=row.submitted_by, subject_kind=Subject.RETURN, subject=row, snapshot={})
        rewrite(submission, submitted_at=now - timedelta(days=days), outcome=outcome)
    (line,) = board.load_rows([row.unit], 2026, now)
    assert line.cells[2].mark is board.LATE
    assert line.rate == 0


RATES = [
    ("draft", None, 0), ("returned", -1, 0), ("returned", -6, 100), ("awaiting_signoff", -6, 100), ("awaiting_signoff", -1, 0),
    ("submitted", -6, 100), ("submitted", -1, 0),
]  # fmt: skip


@pytest.mark.parametrize(("state", "handed_in", "rate"), RATES)
def test_the_rate_counts_what_the_clerk_handed_in_in_time(district, state, handed_in, rate):
    now = timezone.now()
    row = factories.make_return(factories.make_township(district), 2026, 3, state=state, due_at=now - timedelta(days=5))
    if handed_in is not None:
        submission = open_round(by=row.submitted_by, subject_kind=Subject.RETURN, subject=row, snapshot={})
        rewrite(submission, submitted_at=now + timedelta(days=handed_in))
    assert board.load_rows([row.unit], 2026, now)[0].rate == rate


def test_a_cell_that_reads_overdue_never_counts_as_in_time(district):
    now = timezone.now()
    row = factories.make_return(factories.make_township(district), 2026, 3, due_at=now - timedelta(days=5))
    clerk = factories.make_user(Role.TOWNSHIP_CLERK, row.unit)
    for outcome, days in [("send_back", 9), ("withdraw", 8)]:
        submission = open_round(by=clerk, subject_kind=Subject.RETURN, subject=row, snapshot={})
        rewrite(submission, submitted_at=now - timedelta(days=days), outcome=outcome)
    (line,) = board.load_rows([row.unit], 2026, now)
    assert (line.cells[2].mark, line.rate) == (board.ABSENT, 0)


def test_the_months_figures_add_up_to_the_townships_and_agree_with_the_cells(district):
    now = timezone.now()
    cases = [("draft", 5), ("draft", -5), ("returned", -5), ("submitted", -5), ("in_review", 5), ("approved", -5),
             ("awaiting_signoff", 5)]  # fmt: skip
    for state, due in cases:
        moment = now - timedelta(days=9)
        values = {} if state == "draft" else {"submitted_at": moment}
        township = factories.make_township(district)
        factories.make_return(township, 2026, 3, state=state, due_at=now + timedelta(days=due), **values)
    factories.make_township(district)
    townships = Unit.objects.filter(parent=district)
    found = board.load_month(townships, 2026, 3, now)
    assert (found.handed_in, found.approved, found.waiting, found.signing) == (3, 1, 2, 1)
    assert (found.returned, found.overdue, found.not_due) == (1, 1, 2)
    assert found.handed_in + found.signing + found.returned + found.overdue + found.not_due == found.townships == 8
    signs = [row.cells[2].mark.sign for row in board.load_rows(list(townships), 2026, now)]
    assert (signs.count("缺"), signs.count("退"), signs.count("复")) == (found.overdue, found.returned, found.signing)


def test_board_pages_by_25_at_constant_cost(client, district, django_assert_max_num_queries):
    sign_in(client, Role.DISTRICT_REVIEWER, district)
    for _township in range(3):
        factories.make_return(factories.make_township(district), 2026, 3)
    client.get("/board/")  # the first page of a session may note that it is in use
    few = queries_of(client, django_assert_max_num_queries, "/board/", year="2026", month="3")
    for _township in range(30):
        factories.make_return(factories.make_township(district), 2026, 3, state="approved")
    many = queries_of(client, django_assert_max_num_queries, "/board/", year="2026", month="3")
    assert few == many
    answer = client.get("/board/", {"year": "2026", "month": "3"})
    assert len(answer.context["rows"]) == 25
    assert answer.context["figures"].handed_in == 30
    assert "page=2&amp;year=2026&amp;month=3" in answer.content.decode()


def test_lists_cost_the_same_however_long(client, district, django_assert_max_num_queries):
    township = factories.make_township(district)
    reviewer = factories.make_user(Role.DISTRICT_REVIEWER, district)
    clerk = factories.make_user(Role.TOWNSHIP_CLERK, township)
    named_list = factories.make_list()

    def costs():
        client.force_login(reviewer)
        queue = queries_of(client, django_assert_max_num_queries, "/review/")
        client.force_login(clerk)
        pages = [queries_of(client, django_assert_max_num_queries, path, year="2026") for path in ("/returns/", "/items/")]
        return [queue, *pages]

    factories.make_return(township, 2026, 1, state="submitted")
    factories.make_item(township, named_list)
    before = costs()
    for month in range(2, 13):
        factories.make_return(township, 2026, month, state="submitted")
        factories.make_item(township, named_list, f"第{month}项")
    assert costs() == before


@pytest.mark.parametrize("path", ["/returns/", "/board/", "/review/", "/items/", "/settings/"])
@pytest.mark.parametrize("query", ["year=x", "year=99999999999999999999", "year=²", "month=13", "page=0", "page=x", "unit=-1"])
def test_odd_addresses_do_no_harm(client, district, path, query):
    factories.make_township(district)
    sign_in(client, Role.DISTRICT_ADMIN, district)
    assert client.get(f"{path}?{query}").status_code in (200, 302, 404)


# Named items


@pytest.fixture
def clerk(client, district):
    return sign_in(client, Role.TOWNSHIP_CLERK, factories.make_township(district))


@pytest.fixture
def trainings():
    return factories.make_list("list_training", "培训班", ("date_from", "date_to", "quantity", "quantity_measure", "note"))


def test_item_form_shows_the_lists_fields_only_and_saves(client, clerk, trainings):
    form = client.get("/items/", {"list": trainings.code}).context["form"]
    assert list(form.fields) == ["name", "date_from", "date_to", "quantity", "quantity_measure", "note"]
    fields = {
        "name": "通讯员培训班",
        "date_from": "2026-03-02",
        "date_to": "2026年3月4日",
        "quantity": "１,2００",
        "quantity_measure": "人次",
    }
    answer = client.post(f"/items/new/{trainings.code}/?year=2026", {**fields, "level": "国家级", "unit": 1})
    assert answer.status_code == 302, answer.context["form"].errors
    item = Highlight.objects.get()
    assert (item.unit, item.year, item.quantity, item.duration_days, item.level) == (clerk.unit, 2026, 1200, 3, "")
    assert Event.objects.get().deed == "save_item"
    assert "2026-03-02 — 2026-03-04" in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"), ({"date_from": "2026-03-05", "date_to": "2026-03-01"}, "date_to"),
        ({"date_from": "2024-03-05"}, "date_from"),
        ({"quantity": "约100", "quantity_measure": "人"}, "quantity"), ({"quantity": "5"}, "quantity_measure"),
    ],
)  # fmt: skip
def test_bad_item_keeps_what_was_typed_and_says_why(client, clerk, trainings, fields, field):
    answer = client.post(f"/items/new/{trainings.code}/?year=2026", {"name": "某班", "note": "保留", **fields})
    assert field in answer.context["form"].errors
    assert 'value="保留"' in answer.content.decode()
    assert "data-error-summary" in answer.content.decode()
    assert not Highlight.objects.exists()


def test_second_editor_sees_both_versions_and_may_replace(client, clerk, trainings):
    item = factories.make_item(clerk.unit, trainings, "原名")
    url = reverse("metrics:item_detail", args=[item.pk])
    assert client.post(url, {"name": "甲改", "base_version": 1}).status_code == 302
    answer = client.post(url, {"name": "乙改", "base_version": 1})
    assert answer.status_code == 409
    (difference,) = answer.context["differences"]
    assert (difference.stored, difference.typed) == ("甲改", "乙改")
    item.refresh_from_db()
    assert item.name == "甲改"
    assert client.post(url, {"name": "乙改", "base_version": answer.context["base_version"]}).status_code == 302
    item.refresh_from_db()
    assert (item.name, item.version) == ("乙改", 3)


def test_a_removed_item_comes_back_whole_once(client):
    clerk = factories.make_user("township_clerk")
    values = {"date_from": date(2026, 3, 1), "quantity": "12.5", "quantity_measure": "人次", "level": "省级", "order": 4}
    item = factories.make_item(clerk.unit, name="某奖", status="planned", **values)
    before = Highlight.objects.filter(pk=item.pk).values().get()
    client.force_login(clerk)
    page = client.post(reverse("metrics:item_remove", args=[item.pk]), follow=True)
    removal = Event.objects.get(deed="remove_item")
    assert page.context["removed"] == {"event": removal.pk, "name": "某奖"}
    undo = reverse("metrics:item_restore", args=[removal.pk])
    assert f'action="{undo}"' in page.content.decode()
    for _time in range(2):
        page = client.post(undo, follow=True)
    after = Highlight.objects.values().get()
    changing = ("version", "updated_at", "updated_by_id")
    assert [name for name in after if after[name] != before[name] and name not in changing] == []
    assert after["version"] > before["version"]
    assert page.context["last"] == item.pk
    assert Event.objects.filter(deed="restore_item").count() == 1
    assert client.get(item_list_url(item) + f"&removed={removal.pk}").context["removed"] is None


def test_an_item_removed_twice_is_told_and_others_bring_nothing_back(client):
    clerk = factories.make_user("township_clerk")
    item = factories.make_item(clerk.unit)
    removal = remove_item(by=clerk, item=item)
    with pytest.raises(Refused):
        remove_item(by=clerk, item=item)
    other = factories.make_user("township_clerk", factories.make_township(clerk.unit.parent))
    reviewer = factories.make_user("district_reviewer", clerk.unit.parent)
    for user, status in ((other, 404), (reviewer, 403)):
        client.force_login(user)
        assert client.post(reverse("metrics:item_restore", args=[removal.pk])).status_code == status
    client.force_login(clerk)
    kept = factories.make_item(clerk.unit)
    save_item(by=clerk, item=kept, base_version=kept.version)
    client.post(reverse("metrics:item_restore", args=[Event.objects.get(deed="save_item").pk]))
    assert list(Highlight.objects.all()) == [kept]


def test_removing_is_a_post_with_history(client, clerk, trainings):
    item = factories.make_item(clerk.unit, trainings)
    url = reverse("metrics:item_remove", args=[item.pk])
    assert client.get(url).status_code == 405
    client.post(url)
    assert not Highlight.objects.exists()
    assert Event.objects.get().changes[0]["name"] == item.name


def test_items_of_others_are_read_by_the_district_and_by_nobody_else(client, clerk, trainings):
    foreign = factories.make_item(factories.make_township(clerk.unit.parent), trainings)
    assert client.get(reverse("metrics:item_detail", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("metrics:item_remove", args=[foreign.pk])).status_code == 404
    sign_in(client, Role.DISTRICT_REVIEWER, clerk.unit.parent)
    page = client.get("/items/", {"unit": foreign.unit_id, "year": "2026"})
    assert page.context["form"] is None
    assert foreign.name in page.content.decode()
    assert client.post(reverse("metrics:item_remove", args=[foreign.pk])).status_code == 403
    assert client.post(f"/items/new/{trainings.code}/", {"name": "x"}).status_code == 403


# Settings


def test_settings_of_a_year_are_kept_with_history(client, district):
    sign_in(client, Role.DISTRICT_ADMIN, district)
    factories.make_district_year(district, 2025, due_day=8)
    page = client.get("/settings/", {"year": "2026"})
    assert page.context["form"]["due_day"].value() == 8
    assert DistrictYear.objects.count() == 1
    fields = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    answer = client.post("/settings/?year=2026", {**fields, "needs_signoff": "", "due_day": "10"})
    assert answer.status_code == 302
    kept = DistrictYear.objects.get(district=district, year=2026)
    assert (kept.due_day, kept.needs_signoff) == (10, False)
    assert DistrictYear.objects.get(year=2025).due_day == 8
    assert Event.objects.get().deed == "save_settings"
    wrong = client.post("/settings/?year=2026", {**fields, "due_day": "31", "lagging_share": "60"})
    assert set(wrong.context["form"].errors) == {"due_day", "lagging_share"}


@pytest.mark.parametrize("is_new", [True, False])
def test_settings_changed_by_somebody_else_are_not_overwritten_unseen(client, district, is_new):
    sign_in(client, Role.DISTRICT_ADMIN, district)
    if not is_new:
        factories.make_district_year(district, 2026, due_day=8)
    page = client.get("/settings/", {"year": "2026"})
    seen = page.context["base_version"]
    assert (seen, f'name="base_version" value="{seen}"' in page.content.decode()) == (0 if is_new else 1, True)
    fields = {name: page.context["form"][name].value() for name in page.context["form"].fields} | {"base_version": seen}
    assert client.post("/settings/?year=2026", {**fields, "due_day": "11"}).status_code == 302
    late = client.post("/settings/?year=2026", {**fields, "due_day": "12"})
    assert (late.status_code, late.context["form"]["due_day"].value()) == (409, "12")
    assert DistrictYear.objects.get(year=2026).due_day == 11
    again = client.post("/settings/?year=2026", {**fields, "due_day": "12", "base_version": late.context["base_version"]})
    assert again.status_code == 302
    assert (DistrictYear.objects.get(year=2026).due_day, DistrictYear.objects.count()) == (12, 1)


def test_a_years_settings_are_made_once_from_the_year_before(district):
    factories.make_district_year(district, 2025, due_day=8)
    DistrictYear.objects.update(version=5)
    made = district_year(district, 2026)
    assert (made.due_day, made.version, district_year(district, 2026).pk) == (8, 1, made.pk)
    assert DistrictYear.objects.count() == 2
