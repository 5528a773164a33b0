"""Drafts of forms: the browser may throw one away only when the server says that the form was carried out."""

import pytest
from django.urls import reverse

from accounts.choices import Role
from tests.factories import make_district, make_district_year, make_list, make_township, make_user
from workflow.drafts import COOKIE

pytestmark = pytest.mark.django_db
NEW_ITEM = "/items/new/list_honour/?year=2026"
DRAFT = "0123456789abcdef" * 2


@pytest.fixture
def clerk(client):
    district = make_district()
    make_district_year(district)
    user = make_user(Role.TOWNSHIP_CLERK, make_township(district))
    make_list()
    client.force_login(user)
    return user


def receipt(answer) -> str:
    return answer.cookies[COOKIE].value if COOKIE in answer.cookies else ""


def test_a_form_that_was_carried_out_gives_a_receipt_that_scripts_can_read(client, clerk):
    answer = client.post(NEW_ITEM, {"name": "全国文明村镇", "draft_id": DRAFT})
    assert answer.status_code == 302
    assert receipt(answer) == DRAFT
    assert not answer.cookies[COOKIE]["httponly"]
    assert answer.cookies[COOKIE]["samesite"] == "Strict"


def test_a_refused_form_gives_none(client, clerk):
    answer = client.post(NEW_ITEM, {"name": "", "draft_id": DRAFT})
    assert answer.status_code == 200
    assert receipt(answer) == ""


def test_a_form_after_the_session_ended_gives_none(client, clerk):
    client.logout()
    answer = client.post(NEW_ITEM, {"name": "全国文明村镇", "draft_id": DRAFT})
    assert answer.url.startswith("/accounts/sign-in/")
    assert receipt(answer) == ""


def test_a_form_that_is_sent_on_with_an_error_gives_none(client, clerk):
    client.force_login(make_user(Role.DISTRICT_ADMIN, clerk.unit.parent))
    answer = client.post(reverse("metrics:catalogue_copy"), {"draft_id": DRAFT})
    assert answer.status_code == 302
    assert receipt(answer) == ""


@pytest.mark.parametrize("typed", ["", "short", DRAFT + "0", DRAFT.upper(), "<script>".ljust(32, "x")])
def test_only_an_id_of_ours_comes_back(client, clerk, typed):
    assert receipt(client.post(NEW_ITEM, {"name": "全国文明村镇", "draft_id": typed})) == ""


def test_the_pages_words_name_the_person_whose_drafts_are_shown(client, clerk):
    assert f'data-login="{clerk.login}"' in client.get(NEW_ITEM).content.decode()
    client.logout()
    assert "draft-words" not in client.get("/accounts/sign-in/").content.decode()
