"""Pages of errors: in words, with a way on, without inside knowledge."""

import pytest
from django.template.loader import render_to_string

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
