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


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_pages_of_faults_need_no_context(template):
    page = render_to_string(template)
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


@pytest.mark.parametrize("path", ["/board/", "/no/such/page/"])
def test_a_refused_page_offers_the_page_before(client, path):
    client.force_login(factories.make_user(Role.TOWNSHIP_CLERK))
    assert (
        'href="/items/?year=2026"' in client.get(path, headers={"referer": "http://testserver/items/?year=2026"}).content.decode()
    )


@pytest.mark.parametrize(
    "before", ["", "http://testserver/board/", "http://testserver/accounts/sign-in/?next=/board/", "https://a.example/"]
)
def test_a_refused_page_never_leads_back_to_itself_the_sign_in_or_elsewhere(client, before):
    client.force_login(factories.make_user(Role.TOWNSHIP_CLERK))
    main = client.get("/board/", headers={"referer": before} if before else {}).content.decode().partition("<main")[2]
    assert [part.partition('"')[0] for part in main.split('href="')[1:]] == ["/"]


def test_what_is_larger_than_the_site_takes_is_said_in_words(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    client.force_login(factories.make_user(Role.TOWNSHIP_CLERK))
    answer = client.post("/accounts/password/", "words=" + "x" * 100, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert 'href="/"' in answer.content.decode()
