"""Pages of errors: in words, with a way on, without inside knowledge."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from accounts.choices import Role
from tests import factories

pytestmark = pytest.mark.django_db


def test_unknown_address_in_words_for_anybody(client):
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "404.html" in [template.name for template in answer.templates]


def test_refusal_says_why(client):
    client.force_login(factories.make_user(Role.TOWNSHIP_CLERK))
    answer = client.get("/board/")
    assert answer.status_code == 403
    assert str(answer.context["exception"]) in answer.content.decode()


def test_server_fault_page_needs_no_context():
    page = render_to_string("500.html")
    assert 'href="/"' in page
    assert "<script" not in page


@pytest.mark.parametrize(
    "path", ["/", "/returns/", "/review/", "/board/", "/items/", "/jobs/", "/district/accounts/", "/settings/"]
)
def test_nothing_opens_without_signing_in(client, path):
    assert client.get(path).url == f"/accounts/sign-in/?next={path}"


def test_a_post_after_the_session_ended_leads_back_to_its_page_and_not_to_its_own_address(client):
    page = "http://testserver/items/add/?list=3&year=2026"
    answer = client.post("/accounts/sign-out/", headers={"referer": page})
    assert answer.url == "/accounts/sign-in/?ended=1&next=/items/add/%3Flist%3D3%26year%3D2026"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "https://elsewhere.example/items/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "http://testserver.elsewhere.example/",
    ],
)
def test_a_post_from_nowhere_or_from_elsewhere_leads_to_the_workbench(client, page):
    answer = client.post("/accounts/sign-out/", headers={"referer": page} if page else {})
    assert answer.url == "/accounts/sign-in/?ended=1&next=/"


def test_an_address_that_only_takes_a_form_says_so_with_a_way_back(client):
    client.force_login(factories.make_user(Role.TOWNSHIP_CLERK))
    answer = client.get("/accounts/sign-out/", headers={"referer": "http://testserver/items/"})
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert 'href="/items/"' in answer.content.decode()
    assert not client.get("/accounts/sign-out/", headers={"X-Requested-With": "fetch"}).content


def test_a_stale_form_leads_back_to_its_page():
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.make_user(Role.TOWNSHIP_CLERK))
    answer = client.post("/accounts/sign-out/", headers={"referer": "http://testserver/items/?year=2026"})
    assert answer.status_code == 403
    assert 'href="/items/?year=2026"' in answer.content.decode()
