"""A form that creates something makes one thing, however often it is sent: one row, one Event, the first result again."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.choices import Role
from accounts.models import User
from metrics.models import Highlight
from metrics.services import comment_on_figure, remove_item, save_item
from reports.models import Report
from reports.services import create_report
from tests.factories import make_district, make_district_year, make_indicator, make_list, make_return, make_township, make_user
from tests.reports.world import make_world
from workflow.choices import State
from workflow.form_keys import FIELD
from workflow.models import Comment, Event, IdempotencyKey
from workflow.services import once

pytestmark = pytest.mark.django_db
NEW_ITEM = "/items/new/list_honour/?year=2026"
ACCOUNT = {"login": "fresh.clerk", "display_name": "填报员", "role": Role.TOWNSHIP_CLERK}


@pytest.fixture
def clerk(client):
    district = make_district()
    make_district_year(district)
    user = make_user(Role.TOWNSHIP_CLERK, make_township(district))
    make_list()
    client.force_login(user)
    return user


def key_on(page) -> str:
    """Return the key of the page's first form that has one."""
    return re.search(rf'name="{FIELD}" value="([0-9a-f-]{{36}})"', page.content.decode())[1]


def item_named(name, **values):
    return Highlight(unit=values["unit"], year=2026, named_list=make_list(), name=name)


def test_the_same_form_twice_is_one_item_with_one_event(client, clerk):
    fields = {"name": "文明村", FIELD: key_on(client.get(NEW_ITEM))}
    answers = [client.post(NEW_ITEM, fields) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert (Highlight.objects.count(), Event.objects.filter(deed="save_item").count()) == (1, 1)
    assert IdempotencyKey.objects.get().subject_id == Highlight.objects.get().pk


def test_other_words_under_the_same_key_are_another_item(client, clerk):
    """Back in the browser's history, another name, sent again: nothing typed may be lost."""
    key = key_on(client.get(NEW_ITEM))
    for name in ("文明村", "文明镇"):
        client.post(NEW_ITEM, {"name": name, FIELD: key})
    assert list(Highlight.objects.order_by("pk").values_list("name", flat=True)) == ["文明村", "文明镇"]


def test_every_page_has_a_fresh_key_and_a_refused_form_keeps_its_own(client, clerk):
    first, second = (key_on(client.get(NEW_ITEM)) for _visit in range(2))
    assert first != second
    refused = client.post(NEW_ITEM, {"name": "", FIELD: first})
    assert key_on(refused) == first
    client.post(NEW_ITEM, {"name": "文明村", FIELD: first})
    assert Highlight.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x", "1" * 5000])
def test_a_key_that_is_none_neither_helps_nor_harms(client, clerk, key):
    for _click in range(2):
        assert client.post(NEW_ITEM, {"name": "文明村", FIELD: key, "anyway": 1}).status_code == 302
    assert (Highlight.objects.count(), IdempotencyKey.objects.count()) == (2, 0)


def test_the_same_key_of_another_person_is_another_key(clerk):
    key, head = uuid.uuid4(), make_user(Role.TOWNSHIP_HEAD, clerk.unit)
    items = [save_item(by=user, item=item_named("甲", unit=clerk.unit), form_key=key) for user in (clerk, head)]
    assert items[0].pk != items[1].pk


def test_what_was_removed_meanwhile_is_made_anew(clerk):
    key = uuid.uuid4()
    remove_item(by=clerk, item=save_item(by=clerk, item=item_named("甲", unit=clerk.unit), form_key=key))
    again = save_item(by=clerk, item=item_named("甲", unit=clerk.unit), form_key=key)
    assert save_item(by=clerk, item=item_named("甲", unit=clerk.unit), form_key=key).pk == again.pk
    assert Highlight.objects.get() == again


def test_a_failed_deed_leaves_its_key_free(clerk):
    key = uuid.uuid4()

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        once(by=clerk, form_key=key, rows=Highlight.objects, make=fail)
    save_item(by=clerk, item=item_named("甲", unit=clerk.unit), form_key=key)
    assert Highlight.objects.count() == 1


def test_a_comment_sent_again_after_the_deed_moved_on_is_answered_not_refused(clerk):
    reviewer = make_user(Role.DISTRICT_REVIEWER, clerk.unit.parent)
    monthly_return = make_return(clerk.unit, state=State.IN_REVIEW)
    words = {"by": reviewer, "monthly_return": monthly_return, "cell": "a", "text": "请核对", "form_key": uuid.uuid4()}
    first = comment_on_figure(**words)
    type(monthly_return).objects.update(state=State.RETURNED)
    assert comment_on_figure(**words) == first
    assert (Comment.objects.count(), Event.objects.filter(deed="comment").count()) == (1, 1)


def test_an_account_is_made_once_and_its_password_shown_once(client, clerk):
    client.force_login(make_user(Role.DISTRICT_ADMIN, clerk.unit.parent))
    page = client.get("/district/accounts/new/")
    fields = {**ACCOUNT, "unit": clerk.unit_id, FIELD: key_on(page)}
    first, second = (client.post("/district/accounts/new/", fields) for _click in range(2))
    account, password = User.objects.get(login="fresh.clerk"), first.context["password"]
    assert account.check_password(password)
    assert password in first.content.decode()
    assert second.status_code == 200
    assert second.context["password"] == ""
    assert password not in second.content.decode()
    assert f"/district/accounts/{account.pk}/reset/" in second.content.decode()
    assert Event.objects.filter(deed="create_account").count() == 1


def test_two_clicks_open_the_one_new_report(client):
    world = make_world(years=((2025, 12), (2026, 1)), townships=1)
    client.force_login(world.clerk)
    fields = {"year": "2026", FIELD: key_on(client.get("/reports/"))}
    answers = [client.post("/reports/new/", fields) for _click in range(2)]
    report = Report.objects.get()
    assert [answer["Location"] for answer in answers] == [f"/reports/{report.pk}/"] * 2
    assert Event.objects.filter(deed="create").count() == 1


def test_a_comment_on_a_cell_is_one_comment_and_the_next_form_has_another_key(client, clerk):
    reviewer = make_user(Role.DISTRICT_REVIEWER, clerk.unit.parent)
    client.force_login(reviewer)
    make_indicator("visits")
    monthly_return = make_return(clerk.unit, state=State.IN_REVIEW)
    by_script = {"X-Requested-With": "fetch"}
    key = key_on(client.get(f"/returns/{monthly_return.pk}/cells/visits/", headers=by_script))
    fields = {"cell": "visits", "text": "请核对", FIELD: key}
    address = f"/returns/{monthly_return.pk}/comments/"
    answers = [client.post(address, fields, headers=by_script) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Comment.objects.count() == 1
    assert key not in answers[0].content.decode()
    empty = client.post(address, {**fields, "text": " "}, headers=by_script)
    assert (empty.status_code, key in empty.content.decode()) == (409, True)


def test_a_comment_on_a_paragraph_is_one_comment(client):
    world = make_world(years=((2025, 12), (2026, 1)), townships=1)
    report = create_report(by=world.clerk, unit=world.town, year=2026)
    Report.objects.update(state=State.IN_REVIEW)
    client.force_login(world.reviewer)
    fields = {"block": "opening", "text": "太长", FIELD: key_on(client.get(f"/reports/{report.pk}/"))}
    for _click in range(2):
        client.post(f"/reports/{report.pk}/comments/", fields)
    assert (Comment.objects.count(), Event.objects.filter(deed="comment").count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_twenty_forms_sent_four_times_in_parallel_make_twenty_items():
    district = make_district()
    make_district_year(district)
    user = make_user(Role.TOWNSHIP_CLERK, make_township(district))
    make_list()
    client = Client()
    client.force_login(user)
    session = {name: morsel.value for name, morsel in client.cookies.items()}

    def send(key) -> int:
        sender = Client()
        sender.cookies.load(session)
        try:
            return sender.post(NEW_ITEM, {"name": "文明村", FIELD: str(key), "anyway": 1}).status_code
        finally:
            connection.close()

    keys = [uuid.uuid4() for _form in range(20)]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, [key for key in keys for _click in range(4)]))
    assert statuses == [302] * 80
    assert (Highlight.objects.count(), Event.objects.filter(deed="save_item").count()) == (20, 20)
