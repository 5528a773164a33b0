"""Administration of accounts and units: one district's own, every deed in the history."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Population, Unit, User
from tests import factories
from workflow.models import Event

pytestmark = pytest.mark.django_db
LIST = "/district/accounts/"


@pytest.fixture
def admin(client):
    user = factories.make_user(Role.DISTRICT_ADMIN, login="admin1")
    client.force_login(user)
    return user


def account_url(name, account):
    return reverse(f"workflow:account_{name}", args=[account.pk])


def test_list_shows_the_districts_accounts_only_and_searches(client, admin):
    clerk = factories.make_user(unit=factories.make_township(admin.unit, "青云镇"), login="qingyun")
    factories.make_user(login="stranger")
    page = client.get(LIST).content.decode()
    assert "qingyun" in page
    assert "stranger" not in page
    assert list(client.get(LIST, {"q": "青云"}).context["page"]) == [clerk]


def test_new_account_shows_its_password_once(client, admin):
    township = factories.make_township(admin.unit)
    fields = {"login": "New.Clerk", "display_name": "填报员", "role": Role.TOWNSHIP_CLERK, "unit": township.pk}
    answer = client.post(LIST + "new/", fields)
    account = User.objects.get(login="new.clerk")
    password = answer.context["password"]
    assert account.check_password(password)
    assert account.must_change_password
    assert "no-store" in answer["Cache-Control"]
    assert password not in client.get(LIST).content.decode()
    event = Event.objects.get(deed="create_account")
    assert event.actor_login == "admin1"
    assert password not in str(event.changes)


@pytest.mark.parametrize(
    ("field", "value"),
    [("login", "张三"), ("login", "admin1"), ("role", Role.VILLAGE_CLERK), ("role", "superuser"), ("unit", 0)],
)
def test_bad_account_is_refused_with_what_was_typed(client, admin, field, value):
    township = factories.make_township(admin.unit)
    fields = {"login": "clerk2", "display_name": "填报员", "role": Role.TOWNSHIP_CLERK, "unit": township.pk, field: value}
    answer = client.post(LIST + "new/", fields)
    assert answer.context["form"].errors
    assert answer.context["form"]["display_name"].value() == "填报员"
    assert User.objects.count() == 1


def test_disable_enable_and_reset_with_history(client, admin):
    clerk = factories.make_user(unit=factories.make_township(admin.unit))
    client.post(account_url("disable", clerk))
    clerk.refresh_from_db()
    assert not clerk.is_active
    client.post(account_url("disable", clerk))
    client.post(account_url("enable", clerk))
    password = client.post(account_url("reset", clerk)).context["password"]
    clerk.refresh_from_db()
    assert clerk.is_active
    assert clerk.check_password(password)
    deeds = list(Event.objects.order_by("pk").values_list("deed", flat=True))
    assert deeds == ["disable_account", "enable_account", "reset_password"]


@pytest.mark.parametrize("name", ["disable", "reset"])
def test_nobody_locks_themselves_out_and_no_foreign_account_is_touched(client, admin, name):
    assert client.post(account_url(name, admin)).status_code == 403
    assert client.post(account_url(name, factories.make_user())).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DISTRICT_ADMIN])
@pytest.mark.parametrize("path", [LIST, LIST + "new/", "/district/units/", "/settings/"])
def test_other_roles_are_told_that_they_may_not(client, role, path):
    client.force_login(factories.make_user(role))
    assert client.get(path).status_code == 403


TABLE = """code,name,kind,parent_code,valid_from,population
330100000000,临江区,区,,2000-01-01,
330100101000,青云镇,镇,330100000000,2001-01-01,
330100101200,东村,村,330100101000,2001/1/1,"1,234"
330100101201,西社区,社区,330100101000,,900
"""


def test_import_units_then_the_first_administrator(tmp_path, capsys):
    file = tmp_path / "units.csv"
    file.write_bytes(TABLE.encode("gb18030"))
    call_command("import_units", str(file), "--year", "2026")
    assert Unit.objects.count() == 4
    assert Population.objects.get(unit__name="东村").persons == 1234
    call_command("import_units", str(file), "--year", "2026")
    assert Unit.objects.count() == 4
    call_command("create_account", "--login", "admin", "--role", "district_admin", "--unit", "330100000000")
    password = capsys.readouterr().out.rsplit("：", 1)[-1].rsplit(":", 1)[-1].strip()
    assert User.objects.get(login="admin").check_password(password)
    assert set(Event.objects.values_list("deed", flat=True)) == {"import_units", "create_account"}
    call_command("create_account", "--login", "admin", "--reset")
    assert not User.objects.get(login="admin").check_password(password)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("330100101200", "33010010120", "4"), ("1,234", "很多", "4"), (",村,", ",寨,", "4"), ("2001/1/1", "去年", "4"),
        ("330100101201", "330100101200", "5"), ("社区,330100101000", "社区,330100000000", "5"),
        ("青云镇,镇,330100000000", "青云镇,镇,", "3"), (",900", ",²", "5"), (",900", "," + "9" * 20, "5"),
    ],
)  # fmt: skip
def test_one_bad_line_and_nothing_is_imported(tmp_path, old, new, line):
    file = tmp_path / "units.csv"
    file.write_text(TABLE.replace(old, new))
    with pytest.raises(CommandError, match=line) as refusal:
        call_command("import_units", str(file))
    assert refusal.value.returncode == 2
    assert not Unit.objects.exists()


@pytest.mark.parametrize("options", [["--unit", "000000000000"], []])
def test_an_account_needs_a_known_unit(options):
    with pytest.raises(CommandError) as refusal:
        call_command("create_account", "--login", "admin", *options)
    assert refusal.value.returncode == 2


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match="nowhere.csv"):
        call_command("import_units", str(tmp_path / "nowhere.csv"))
