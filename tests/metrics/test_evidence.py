"""Evidence beside figures and entries: who may add, see and remove what; limits; what rounds keep; what the disk holds."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from metrics.checks import return_findings
from metrics.choices import EVIDENCE_RULE
from metrics.evidence import cell_proved, entry_proved, month_bytes, path_of, proven_cells, small_path_of
from metrics.evidence_box import load_box
from metrics.evidence_gate import NotAccepted
from metrics.ledgers import ledger_kind
from metrics.models import EvidenceFile, EvidenceLink, Indicator, StudySession
from metrics.services import (
    CellInput,
    add_evidence,
    caption_evidence,
    explain_figure,
    remove_entry,
    remove_evidence,
    restore_entry,
    reuse_evidence,
    save_entry,
    save_figures,
    send_back_return,
    settle_gone_entries,
    start_review,
    submit_return,
    sync_catalogue,
)
from reports.demo.load import empty_demo
from tests.factories import (
    make_district,
    make_district_year,
    make_figure,
    make_indicator,
    make_item,
    make_return,
    make_township,
    make_user,
    make_village,
)
from tests.metrics.evidence_documents import scan
from tests.metrics.evidence_samples import photo, written
from workflow.choices import State, Subject
from workflow.models import Event, Round
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def township():
    district = make_district()
    make_district_year(district, 2026, needs_signoff=False)
    return make_township(district)


@pytest.fixture
def clerk(township):
    return make_user(Role.TOWNSHIP_CLERK, township)


@pytest.fixture
def visits():
    return make_indicator(code="visits", name="参观总次", measure="次")


@pytest.fixture
def monthly_return(township, visits):
    return make_return(township)


@pytest.fixture
def proved(monthly_return):
    return cell_proved(monthly_return, "visits")


def picture(seed=1, name="照片.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, written(photo(320, 240, seed), "JPEG"))


def add(by, proved, seed=1, **values) -> EvidenceLink:
    return add_evidence(by=by, proved=proved, upload=picture(seed), **values)[0]


def deeds() -> list[str]:
    return list(Event.objects.filter(subject_kind=Subject.EVIDENCE).order_by("chain_number").values_list("deed", flat=True))


def send(client, url, *uploads, fetch=True, **values):
    headers = {"X-Requested-With": "fetch"} if fetch else {}
    return client.post(url, {"files": list(uploads), **values}, headers=headers)


def cell_address(monthly_return, cell="visits") -> str:
    return reverse("metrics:cell_evidence", args=[monthly_return.pk, cell])


# --- adding ---------------------------------------------------------------------------------------------------------------


def test_a_file_is_stored_with_its_thumbnail_and_told_in_the_history(clerk, proved, monthly_return):
    link = add(clerk, proved, caption="  青云湖\n参观 ")
    file = link.file
    assert path_of(file).stat().st_size == file.size
    assert small_path_of(file).is_file()
    assert (file.name, file.year, file.month, link.caption) == ("照片.jpg", 2026, 10, "青云湖 参观")
    event = Event.objects.get(subject_kind=Subject.EVIDENCE)
    assert event.changes[0] | {"received_sha256": ""} == {
        "return": monthly_return.pk, "cell": "visits", "file": str(file.public_id), "name": "照片.jpg", "sha256": file.sha256,
        "received_sha256": "", "caption": "青云湖 参观",
    }  # fmt: skip
    assert not chain_faults(clerk.unit.code)


def test_the_same_contents_are_linked_once_and_stored_once(clerk, proved, folder):
    first, is_first = add_evidence(by=clerk, proved=proved, upload=picture())
    again, is_second = add_evidence(by=clerk, proved=proved, upload=picture(name="另名.jpg"))
    assert (is_first, is_second, first.pk) == (True, False, again.pk)
    assert EvidenceFile.objects.count() == 1
    assert len(list(folder.rglob("*.jpg"))) == 2  # the picture and its thumbnail
    assert deeds() == ["add_evidence"]


def test_the_same_contents_prove_a_second_cell_without_a_second_file(clerk, proved, monthly_return):
    make_indicator(code="groups")
    add(clerk, proved)
    add(clerk, cell_proved(monthly_return, "groups"))
    assert (EvidenceFile.objects.count(), EvidenceLink.objects.count()) == (1, 2)


def test_contents_whose_bytes_are_lost_are_stored_again(clerk, proved):
    first = add(clerk, proved)
    path_of(first.file).unlink()
    second = add(clerk, proved)
    assert second.file_id != first.file_id
    assert path_of(second.file).is_file()


def test_a_refused_file_leaves_nothing(clerk, proved, folder):
    with pytest.raises(NotAccepted):
        add_evidence(by=clerk, proved=proved, upload=SimpleUploadedFile("a.svg", b"<svg/>"))
    assert not [path for path in folder.rglob("*") if path.is_file()]
    assert not EvidenceFile.objects.exists()
    assert not deeds()


def test_a_return_that_closed_while_the_file_was_opened_takes_nothing(clerk, proved, monthly_return, folder, monkeypatch):
    from metrics.services import evidence

    real = evidence.pass_gate

    def slow(upload):
        type(monthly_return).objects.filter(pk=monthly_return.pk).update(state=State.SUBMITTED)
        return real(upload)

    monkeypatch.setattr(evidence, "pass_gate", slow)
    with pytest.raises(Refused):
        add(clerk, proved)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_bytes_stay_when_the_commit_fails_and_the_sweep_tells(clerk, proved, folder, monkeypatch):
    monkeypatch.setattr(EvidenceFile, "save", lambda self, **values: (_ for _ in ()).throw(IntegrityError))
    with pytest.raises(IntegrityError), transaction.atomic():
        add(clerk, proved)
    assert len(list(folder.rglob("2026/*/*.jpg"))) == 2


@pytest.mark.parametrize("most", [1, 2])
def test_a_figure_takes_so_many_files_and_no_more(clerk, proved, settings, most):
    settings.EVIDENCE_FILES_A_FIGURE = most
    for seed in range(most):
        add(clerk, proved, seed)
    with pytest.raises(Refused, match=str(most)):
        add(clerk, proved, 99)
    assert proved.links().count() == most
    assert add_evidence(by=clerk, proved=proved, upload=picture(0))[1] is False, "what is there may be sent again"


def test_the_month_of_a_township_has_room_up_to_its_limit(clerk, proved, township, monthly_return, settings):
    size = add(clerk, proved, 1).file.size
    village = make_village(township)
    make_indicator(code="hours", level="village")
    second = len(written(photo(320, 240, 2), "JPEG")) * 2
    settings.EVIDENCE_MONTH_BYTES = size + 10
    with pytest.raises(Refused, match="MB"):
        add(clerk, cell_proved(monthly_return, f"hours@{village.code}"), 2)
    settings.EVIDENCE_MONTH_BYTES = size + second
    link = add(clerk, cell_proved(monthly_return, f"hours@{village.code}"), 2)
    assert month_bytes(township, 2026, 10) == size + link.file.size
    settings.EVIDENCE_MONTH_BYTES = size + link.file.size
    with pytest.raises(Refused):
        add(clerk, proved, 3)
    other = make_return(township, month=11)
    assert add(clerk, cell_proved(other, "visits"), 3), "another month has room of its own"


def test_a_file_that_fills_the_month_to_the_byte_is_let_in(clerk, proved, settings):
    size = add(clerk, proved).file.size
    remove_evidence(by=clerk, link=proved.links().get())
    settings.EVIDENCE_MONTH_BYTES = size
    assert add(clerk, proved)
    settings.EVIDENCE_MONTH_BYTES = size - 1
    remove_evidence(by=clerk, link=proved.links().get())
    with pytest.raises(Refused):
        add(clerk, proved)


# --- who ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.TOWNSHIP_HEAD, Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN, Role.AUDITOR])
def test_only_who_fills_the_cell_adds_and_removes(role, clerk, proved, township):
    unit = township if role == Role.TOWNSHIP_HEAD else township.parent
    link = add(clerk, proved)
    other = make_user(role, unit)
    with pytest.raises(PermissionDenied):
        add(other, proved, 2)
    with pytest.raises(PermissionDenied):
        remove_evidence(by=other, link=link)


def test_a_village_clerk_handles_and_sees_only_their_own_village(client, township, monthly_return, clerk):
    own, other = make_village(township), make_village(township)
    make_indicator(code="hours", level="village")
    village_clerk = make_user(Role.VILLAGE_CLERK, own)
    mine = add(village_clerk, cell_proved(monthly_return, f"hours@{own.code}"), 1)
    foreign = add(clerk, cell_proved(monthly_return, f"hours@{other.code}"), 2)
    whole = add(clerk, cell_proved(monthly_return, "visits"), 3)
    with pytest.raises(PermissionDenied):
        add(village_clerk, cell_proved(monthly_return, f"hours@{other.code}"), 4)
    client.force_login(village_clerk)
    seen = [
        client.get(reverse("metrics:evidence_file", args=[link.file.public_id])).status_code for link in (mine, foreign, whole)
    ]
    assert seen == [200, 404, 404]
    assert client.post(cell_address(monthly_return, f"hours@{other.code}")).status_code == 404
    given = reuse_evidence(by=clerk, proved=cell_proved(monthly_return, f"hours@{own.code}"), file=whole.file)[0]
    assert client.get(reverse("metrics:evidence_small", args=[given.file.public_id])).status_code == 200


def test_a_file_of_another_township_proves_nothing_here(clerk, proved, township):
    neighbour = make_user(Role.TOWNSHIP_CLERK, make_township(township.parent))
    foreign = add(neighbour, cell_proved(make_return(neighbour.unit), "visits"))
    with pytest.raises(PermissionDenied):
        reuse_evidence(by=clerk, proved=proved, file=foreign.file)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW, State.APPROVED])
def test_a_return_out_of_hand_keeps_its_files(client, clerk, proved, monthly_return, state):
    link = add(clerk, proved)
    type(monthly_return).objects.filter(pk=monthly_return.pk).update(
        state=state, submitted_by=clerk, submitted_at=monthly_return.due_at
    )
    with pytest.raises(Refused):
        remove_evidence(by=clerk, link=link)
    with pytest.raises(Refused):
        caption_evidence(by=clerk, link=link, caption="x")
    client.force_login(clerk)
    reply = send(client, cell_address(monthly_return), picture(2))
    assert reply.status_code == 409
    assert reply.json()["outcomes"][0]["status"] == "refused"
    assert proved.links().count() == 1


def test_no_cell_no_files(monthly_return, township):
    make_indicator(code="rate", source="derived")
    make_indicator(code="hours", level="village")
    village = make_village(township)
    wrong = ("nothing", "rate", f"visits@{village.code}", "hours", "hours@999", "@", "")
    assert [cell_proved(monthly_return, cell) for cell in wrong] == [None] * len(wrong)
    assert cell_proved(monthly_return, f"hours@{village.code}").place == village


# --- ledgers and items ------------------------------------------------------------------------------------------------------


def study(clerk, day=date(2026, 10, 8)) -> StudySession:
    return save_entry(by=clerk, kind=ledger_kind("study"), entry=StudySession(unit=clerk.unit, date=day, name="专题学习"))


def later(days):
    return timezone.now() + timedelta(days=days)


def test_a_removed_entry_that_is_restored_has_its_files_again(clerk):
    entry, kind = study(clerk), ledger_kind("study")
    link = add(clerk, entry_proved(kind, entry))
    assert (link.ledger, link.entry_id, link.monthly_return) == ("study", entry.pk, None)
    removal = remove_entry(by=clerk, kind=kind, entry=entry)
    assert settle_gone_entries(now=later(0)) == 0
    assert settle_gone_entries(now=later(29)) == 0
    restored = restore_entry(by=clerk, kind=kind, event=removal)
    assert settle_gone_entries(now=later(40)) == 0
    assert [row.pk for row in entry_proved(kind, restored).links()] == [link.pk]
    assert EvidenceLink.objects.get().gone_at is None


def test_files_of_an_entry_that_stays_away_go_after_thirty_days(clerk, folder, django_capture_on_commit_callbacks):
    entry, kind = study(clerk), ledger_kind("study")
    add(clerk, entry_proved(kind, entry))
    remove_entry(by=clerk, kind=kind, entry=entry)
    settle_gone_entries(now=later(0))
    with django_capture_on_commit_callbacks(execute=True):
        assert settle_gone_entries(now=later(31)) == 1
    assert not EvidenceLink.objects.exists()
    assert not list(folder.rglob("*.jpg"))
    assert deeds() == ["add_evidence", "remove_evidence"]
    assert not chain_faults(clerk.unit.code)


def test_an_entry_of_a_closed_month_may_get_files_but_loses_none(clerk, township, folder, django_capture_on_commit_callbacks):
    entry, kind = study(clerk), ledger_kind("study")
    link = add(clerk, entry_proved(kind, entry))
    make_return(township, month=10, state=State.APPROVED)
    assert add(clerk, entry_proved(kind, entry), 2)
    with pytest.raises(Refused):
        remove_evidence(by=clerk, link=link)
    remove_entry(by=clerk, kind=kind, entry=StudySession.objects.get())
    settle_gone_entries(now=later(0))
    with django_capture_on_commit_callbacks(execute=True):
        assert settle_gone_entries(now=later(31)) == 2
    assert len(list(folder.rglob("*.small.jpg"))) == 2, "an approved figure rested on them"


def test_a_named_item_has_files(client, clerk, township):
    item = make_item(township, date_from=date(2026, 3, 1))
    client.force_login(clerk)
    url = reverse("metrics:entry_evidence", args=["highlight", item.pk])
    assert send(client, url, picture()).json()["outcomes"][0]["status"] == "added"
    assert EvidenceFile.objects.get().month == 3
    page = client.get(reverse("metrics:item_detail", args=[item.pk])).content.decode()
    assert 'data-evidence="highlight-' in page
    assert "照片.jpg" in page


def test_a_ledger_shows_the_files_of_its_entries(client, clerk):
    entry, kind = study(clerk), ledger_kind("study")
    add(clerk, entry_proved(kind, entry))
    client.force_login(clerk)
    url = reverse("metrics:ledger_list", args=["study"]) + "?year=2026"
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        page = client.get(url).content.decode()
    assert page.count('class="ev-chip"') == 1
    for seed in range(2, 7):
        add(clerk, entry_proved(kind, entry), seed)
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).content.decode().count('class="ev-chip"') == 6
    assert len(many) == len(one)
    assert "data-address" in client.get(reverse("metrics:ledger_entry", args=["study", entry.pk])).content.decode()


def test_an_entry_that_is_gone_takes_no_file(client, clerk):
    entry, kind = study(clerk), ledger_kind("study")
    proved = entry_proved(kind, entry)
    StudySession.objects.all().delete()
    with pytest.raises(Refused):
        add(clerk, proved)
    client.force_login(clerk)
    assert send(client, reverse("metrics:entry_evidence", args=["study", proved.entry.pk]), picture()).status_code == 404
    assert send(client, reverse("metrics:entry_evidence", args=["nothing", 1]), picture()).status_code == 404


# --- removing ---------------------------------------------------------------------------------------------------------------


def test_removing_the_last_link_deletes_the_bytes_and_keeps_the_event(
    clerk, proved, monthly_return, folder, django_capture_on_commit_callbacks
):
    make_indicator(code="groups")
    first = add(clerk, proved)
    second, _new = reuse_evidence(by=clerk, proved=cell_proved(monthly_return, "groups"), file=first.file)
    sha256 = first.file.sha256
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(by=clerk, link=first)
    assert path_of(second.file).is_file()
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(by=clerk, link=second)
    assert not list(folder.rglob("*.jpg"))
    assert Event.objects.filter(deed="remove_evidence").last().changes[0]["sha256"] == sha256


def test_what_a_round_names_stays_readable_after_removal(client, clerk, proved, monthly_return, visits, folder):
    make_figure(monthly_return, visits, 5)
    link = add(clerk, proved, caption="参观")
    make_indicator(code="optional", name="可填", is_required=False)
    add(clerk, cell_proved(monthly_return, "optional"), 2)
    submit_return(by=clerk, monthly_return=monthly_return)
    kept = Round.objects.get().snapshot["evidence"]
    assert kept["visits"] == [
        {"file": str(link.file.public_id), "name": "照片.jpg", "sha256": link.file.sha256, "caption": "参观"}
    ]
    reviewer = make_user(Role.DISTRICT_REVIEWER, clerk.unit.parent)
    start_review(by=reviewer, monthly_return=monthly_return)
    send_back_return(by=reviewer, monthly_return=monthly_return, reason="请补")
    remove_evidence(by=clerk, link=EvidenceLink.objects.get(pk=link.pk))
    assert path_of(link.file).is_file()
    client.force_login(reviewer)
    page = client.get(reverse("metrics:round_detail", args=[monthly_return.pk, 1])).content.decode()
    assert str(link.file.public_id) in page
    assert "可填" in page
    assert client.get(reverse("metrics:evidence_file", args=[link.file.public_id])).status_code == 200


def test_a_caption_is_changed_and_told(clerk, proved):
    link = add(clerk, proved)
    caption_evidence(by=clerk, link=link, caption="新说明" * 80)
    caption_evidence(by=clerk, link=link, caption="新说明" * 80)
    assert len(link.caption) == 120
    assert deeds() == ["add_evidence", "caption_evidence"]


def test_the_database_refuses_links_about_both_or_nothing(clerk, proved, monthly_return):
    file = add(clerk, proved).file
    wrong = (
        {}, {"cell": "visits"}, {"monthly_return": monthly_return}, {"ledger": "study"}, {"entry_id": 3},
        {"monthly_return": monthly_return, "cell": "x", "ledger": "study", "entry_id": 3},
    )  # fmt: skip
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            EvidenceLink.objects.create(file=file, unit=clerk.unit, linked_by=clerk, **values)


# --- pages ------------------------------------------------------------------------------------------------------------------


def test_a_script_sends_and_gets_list_and_mark(client, clerk, monthly_return):
    client.force_login(clerk)
    reply = send(client, cell_address(monthly_return), picture()).json()
    assert reply["outcomes"][0]["status"] == "added"
    assert "照片.jpg" in reply["html"]
    assert 'data-cell="visits"' in reply["mark"]
    assert (reply["count"], reply["free"]) == (1, 9)
    assert send(client, cell_address(monthly_return), picture()).json()["outcomes"][0]["status"] == "there"
    page = client.get(reverse("metrics:return_detail", args=[monthly_return.pk]) + "?cell=visits").content.decode()
    assert reply["mark"].strip() in page
    assert "照片.jpg" in page


def test_the_plain_form_takes_several_and_names_each_refusal(client, clerk, monthly_return):
    client.force_login(clerk)
    files = [picture(1), SimpleUploadedFile("坏.docx", b"PK\x03\x04word/"), SimpleUploadedFile("扫描.pdf", scan()), picture(1)]
    answer = client.post(cell_address(monthly_return), {"files": files}, follow=True)
    words = [str(message) for message in answer.context["messages"]]
    assert answer.redirect_chain[0][0].endswith("?cell=visits")
    assert EvidenceLink.objects.count() == 2
    assert any(text.startswith("坏.docx：") for text in words)
    assert len(words) == 3


def test_sending_nothing_says_so(client, clerk, monthly_return):
    client.force_login(clerk)
    assert client.post(cell_address(monthly_return), headers={"X-Requested-With": "fetch"}).json()["outcomes"][0]["message"]


def test_a_file_beyond_the_limit_is_thrown_away_while_it_arrives(client, clerk, monthly_return, settings):
    settings.EVIDENCE_FILE_BYTES = 100_000
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    client.force_login(clerk)
    huge = SimpleUploadedFile("大图.jpg", b"\xff\xd8\xff" + b"x" * 3_000_000)
    reply = send(client, cell_address(monthly_return), huge, picture(2)).json()
    assert [row["status"] for row in reply["outcomes"]] == ["refused", "added"]
    assert "2.9 MB" in reply["outcomes"][0]["message"]


def test_too_many_files_at_once_get_an_answer(client, clerk, monthly_return, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    client.force_login(clerk)
    files = [SimpleUploadedFile(f"{place}.jpg", b"x") for place in range(3)]
    assert "2" in send(client, cell_address(monthly_return), *files).json()["message"]
    assert client.post(cell_address(monthly_return), {"files": files}).status_code == 302


def test_a_post_without_a_token_is_refused_though_the_view_guards_itself(clerk, monthly_return):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk)
    assert send(client, cell_address(monthly_return), picture()).status_code == 403
    assert not EvidenceLink.objects.exists()


def test_pictures_open_inside_and_papers_are_downloaded(client, clerk, proved):
    shot = add(clerk, proved).file
    sent = scan()
    paper = add_evidence(by=clerk, proved=proved, upload=SimpleUploadedFile("x.pdf", sent))[0].file
    client.force_login(clerk)
    answers = [client.get(reverse("metrics:evidence_file", args=[file.public_id])) for file in (shot, paper)]
    for answer in answers:
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert answer["Cache-Control"] == "private, no-cache"
        assert not re.search(r"[\r\n\0]", str(answer.headers["Content-Disposition"]))
    assert answers[0]["Content-Disposition"].startswith("inline")
    assert answers[1]["Content-Disposition"].startswith("attachment")
    assert f"2026-10-{str(paper.public_id)[:8]}.pdf" in answers[1]["Content-Disposition"]
    assert b"".join(answers[1].streaming_content) == sent
    again = client.get(reverse("metrics:evidence_file", args=[shot.public_id]), headers={"If-None-Match": answers[0]["ETag"]})
    assert again.status_code == 304
    assert client.get(reverse("metrics:evidence_small", args=[paper.public_id])).status_code == 404
    path_of(shot).unlink()
    assert client.get(reverse("metrics:evidence_file", args=[shot.public_id])).status_code == 404


HOSTILE_NAMES = [
    stem.replace("*", ending)
    for ending in (".pdf", ".jpg", ".JPEG")
    for stem in (
        "a\0*", "a\r\nSet-Cookie: x=1*", "\u202efdp*", "../../../etc/passwd*", "..\\..\\boot*",
        '"; filename="evil.html"*', "长*" * 75,
        "x" * 300 + "*", "<script>alert(1)</script>*", "&lt;b&gt;*", "%0d%0aX: y*", "a;b=c*", "\u2028x*", "{{ 7*7 }}*",
    )
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_reaches_headers_paths_or_markup(client, clerk, proved, monthly_return, name, folder):
    upload = SimpleUploadedFile("x", scan()) if name.endswith("pdf") else picture()
    upload._name = name  # as it was sent: a request's own cleaning is not relied upon
    link, _new = add_evidence(by=clerk, proved=proved, upload=upload)
    client.force_login(clerk)
    answer = client.get(reverse("metrics:evidence_file", args=[link.file.public_id]))
    told = str(answer.headers["Content-Disposition"])
    assert re.fullmatch(r"(inline|attachment); filename\*=utf-8''[\w%.-]+\.(?:jpg|png|pdf)", told)
    assert not [
        path
        for path in folder.rglob("*")
        if path.is_file() and not re.fullmatch(r"[0-9a-f-]{36}(\.small)?\.(jpg|png|pdf)", path.name)
    ]
    page = client.get(reverse("metrics:cell_panel", args=[monthly_return.pk, "visits"])).content.decode()
    assert "<script" not in page
    assert not re.search("[\0\u202e\u2028]", page)
    assert len(link.file.name) <= 120


def test_strangers_find_no_file(client, clerk, proved, township):
    file = add(clerk, proved).file
    url = reverse("metrics:evidence_file", args=[file.public_id])
    assert client.get(url).status_code == 302
    for user in (make_user(Role.TOWNSHIP_CLERK, make_township(township.parent)), make_user(Role.DISTRICT_REVIEWER)):
        client.force_login(user)
        assert client.get(url).status_code == 404
    client.force_login(make_user(Role.AUDITOR, township.parent))
    assert client.get(url).status_code == 200


def test_the_reviewer_sees_files_and_no_form(client, clerk, proved, monthly_return, township):
    add(clerk, proved)
    client.force_login(make_user(Role.DISTRICT_REVIEWER, township.parent))
    panel = client.get(reverse("metrics:cell_panel", args=[monthly_return.pk, "visits"])).content.decode()
    assert "照片.jpg" in panel
    assert "ev-add" not in panel
    assert 'name="remove"' not in panel


def test_removing_and_describing_by_the_plain_form(client, clerk, proved):
    link = add(clerk, proved)
    client.force_login(clerk)
    url = reverse("metrics:evidence_link", args=[link.pk])
    assert client.post(url, {"caption": "说明"}).status_code == 302
    link.refresh_from_db()
    assert link.caption == "说明"
    assert client.post(url, {"remove": "1"}).url.endswith("#c-visits")
    assert client.post(url, {"remove": "1"}).status_code == 404


def test_the_way_back_never_leaves_the_site(client, clerk, township):
    item = make_item(township)
    client.force_login(clerk)
    url = reverse("metrics:entry_evidence", args=["highlight", item.pk])
    for typed, wanted in (("/items/", "/items/"), ("//evil.example/", "/"), ("https://evil.example/", "/"), ("", "/")):
        assert client.post(url, {"back": typed}).url == wanted


def test_files_of_the_month_are_offered_and_used_again(client, clerk, proved, monthly_return):
    make_indicator(code="groups")
    file = add(clerk, proved).file
    box = load_box(cell_proved(monthly_return, "groups"), clerk)
    assert box.offered == (file,)
    assert load_box(proved, clerk).offered == ()
    client.force_login(clerk)
    reply = client.post(
        cell_address(monthly_return, "groups"), {"reuse": str(file.public_id)}, headers={"X-Requested-With": "fetch"}
    )
    assert reply.json()["count"] == 1
    strange = client.post(cell_address(monthly_return, "groups"), {"reuse": str(uuid.uuid4())})
    assert strange.status_code == 404


@pytest.mark.parametrize("address", ["panel", "grid", "items"])
def test_pages_take_as_many_queries_for_many_files_as_for_one(client, clerk, proved, monthly_return, township, address):
    item = make_item(township, date_from=date(2026, 10, 1))
    url = {
        "panel": reverse("metrics:cell_panel", args=[monthly_return.pk, "visits"]),
        "grid": reverse("metrics:return_detail", args=[monthly_return.pk]),
        "items": reverse("metrics:item_detail", args=[item.pk]),
    }[address]  # fmt: skip
    target = entry_proved(ledger_kind("highlight"), item) if address == "items" else proved
    client.force_login(clerk)
    add(clerk, target, 0)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for seed in range(1, 8):
        add(clerk, target, seed)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(one) == len(many)


# --- needed evidence -----------------------------------------------------------------------------------------------------------


EVIDENCE = {"rule": "evidence", "level": "query"}


def unproven(monthly_return):
    return [row for row in return_findings(monthly_return) if row.code == "evidence"]


def test_a_figure_that_needs_evidence_asks_for_it(client, clerk, monthly_return, visits, proved):
    visits.checks = [EVIDENCE]
    visits.save()
    figure = make_figure(monthly_return, visits, 5)
    found = unproven(monthly_return)
    assert [(row.level, row.cell, row.explained) for row in found] == [("query", "visits", False)]
    assert "参观总次" in found[0].message
    client.force_login(clerk)
    page = client.get(reverse("metrics:return_detail", args=[monthly_return.pk])).content.decode()
    assert "ev lacks" in page
    assert " unproven" in page
    figure.explanation = "无照片"
    figure.save()
    assert unproven(monthly_return)[0].explained
    add(clerk, proved)
    assert not unproven(monthly_return)
    assert " unproven" not in client.get(reverse("metrics:return_detail", args=[monthly_return.pk])).content.decode()


@pytest.mark.parametrize(("value", "is_asked"), [(0, False), (1, True), (None, False)])
def test_nothing_needs_no_evidence(monthly_return, visits, value, is_asked):
    visits.checks = [EVIDENCE]
    visits.save()
    make_figure(monthly_return, visits, value)
    assert bool(unproven(monthly_return)) == is_asked


def test_files_beside_counted_entries_prove_the_figure(clerk, township):
    rule = {"kind": "study", "measure": "count", "where": {"kind": "group_study"}}
    indicator = make_indicator(code="sessions", checks=[EVIDENCE], formula={"ledger": rule})
    monthly_return = make_return(township)
    make_figure(monthly_return, indicator, 1)
    entry, other = study(clerk), study(clerk)
    other.kind = "outreach"
    other.save()
    add(clerk, entry_proved(ledger_kind("study"), other))
    assert unproven(monthly_return), "an entry that is not counted proves nothing"
    add(clerk, entry_proved(ledger_kind("study"), entry))
    assert not unproven(monthly_return)


def test_the_reply_tells_the_grid_to_judge_a_needed_file_anew(client, clerk, monthly_return, visits, proved):
    visits.checks = [EVIDENCE]
    visits.save()
    make_figure(monthly_return, visits, 5)
    link = add(clerk, proved)
    client.force_login(clerk)
    url = reverse("metrics:evidence_link", args=[link.pk])
    reply = client.post(url, {"remove": "1"}, headers={"X-Requested-With": "fetch"}).json()
    assert "lacks" in reply["mark"]
    assert " unproven" in " " + reply["grid"]["rows"]["visits"]
    assert reply["grid"]["marks"]["visits"][0]["level"] == "query"


# --- the sweep ------------------------------------------------------------------------------------------------------------------


def test_the_sweep_compares_both_ways(clerk, proved, folder, capsys):
    import os

    missing, changed, good = (add(clerk, proved, seed).file for seed in (1, 2, 3))
    path_of(missing).unlink()
    path_of(changed).write_bytes(b"x" * changed.size)
    stray, left, young = folder / "2026/10/stray.jpg", folder / "incoming/left", folder / "incoming/young"
    for path in (stray, left, young):
        path.write_bytes(b"x")
    for path in (stray, left):
        os.utime(path, (1, 1))
    os.utime(path_of(good), (1, 1))
    with pytest.raises(SystemExit):
        call_command("sweep_evidence", "--hashes")
    told = capsys.readouterr().out
    assert f"缺文件：{missing.stored_as}" in told
    assert f"内容不符：{changed.stored_as}" in told
    assert "无记录：2026/10/stray.jpg" in told
    assert good.stored_as not in told
    assert (stray.exists(), left.exists(), young.exists()) == (True, False, True)


def test_emptying_the_demo_takes_files_along(clerk, proved, folder, django_capture_on_commit_callbacks):
    keep = add(clerk, proved).file
    EvidenceFile.objects.filter(pk=keep.pk).update(is_kept=True)
    with django_capture_on_commit_callbacks(execute=True):
        empty_demo()
    assert not EvidenceFile.objects.exists()
    assert not list(folder.rglob("*.jpg"))


# --- many at once ---------------------------------------------------------------------------------------------------------------


def test_bytes_lie_in_their_place_before_the_row_is_written(clerk, proved, monkeypatch):
    seen, save = [], EvidenceFile.save

    def watched(self, **values):
        seen.append((path_of(self).stat().st_size == self.size, small_path_of(self).is_file()))
        save(self, **values)

    monkeypatch.setattr(EvidenceFile, "save", watched)
    add(clerk, proved)
    assert seen == [(True, True)]


# --- what the shipped catalogue asks evidence for ---------------------------------------------------------------------

ASKED = {"media_adopted_national", "xuexi_article_national", "apip_destroyed_count"}


def asked_of(monthly_return) -> dict[str, tuple[str, bool]]:
    """Cell -> level and whether it is explained, of what lacks a file."""
    found = [row for row in return_findings(monthly_return) if row.code == EVIDENCE_RULE]
    return {row.cell: (row.level, row.explained) for row in found}


@pytest.fixture
def shipped(township):
    sync_catalogue()
    return make_return(township)


def fill(by, monthly_return, **raws):
    return save_figures(by=by, monthly_return=monthly_return, inputs=[CellInput(code, raw) for code, raw in raws.items()])


def test_rare_and_inspected_figures_ask_for_a_file_and_are_saved_without(clerk, shipped):
    assert {row.code for row in Indicator.objects.all() if row.needs_evidence} == ASKED
    saved = fill(clerk, shipped, **dict.fromkeys(ASKED, "2"))
    assert {row.status for row in saved} == {"saved"}
    assert asked_of(shipped) == dict.fromkeys(ASKED, ("query", False))
    explain_figure(by=clerk, monthly_return=shipped, cell="media_adopted_national", text="样报已归档")
    add(clerk, cell_proved(shipped, "xuexi_article_national"))
    assert asked_of(shipped) == {"media_adopted_national": ("query", True), "apip_destroyed_count": ("query", False)}
    add(clerk, cell_proved(shipped, "apip_destroyed_count"), seed=2)
    assert set(asked_of(shipped)) == {"media_adopted_national"}


def test_nothing_is_asked_of_zero_and_absences(clerk, shipped):
    fill(clerk, shipped, media_adopted_national="0", xuexi_article_national="不适用", apip_destroyed_count="未统计")
    assert asked_of(shipped) == {}


ENTRIES = [
    ({"channel": "media", "level": "national"}, date(2026, 10, 8), set()),
    ({"channel": "media", "level": "national"}, date(2026, 9, 8), {"media_adopted_national"}),  # of another month
    ({"channel": "media", "level": "city", "medium": "print"}, date(2026, 10, 8), {"media_adopted_national"}),
]


@pytest.mark.parametrize(("values", "day", "asked"), ENTRIES)
def test_a_file_beside_an_entry_proves_the_figure_it_is_counted_in_and_no_other(clerk, shipped, values, day, asked):
    fill(clerk, shipped, media_adopted_national="1")
    ledger = ledger_kind("media")
    entry = save_entry(by=clerk, kind=ledger, entry=ledger.model(unit=clerk.unit, date=day, name="头条", **values))
    add(clerk, entry_proved(ledger, entry))
    assert set(asked_of(shipped)) == asked


def test_asking_takes_as_many_queries_for_many_entries_with_files_as_for_one(clerk, shipped):
    fill(clerk, shipped, **dict.fromkeys(ASKED, "2"))
    indicators, ledger = [row for row in Indicator.objects.all() if row.needs_evidence], ledger_kind("media")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            proven_cells(shipped, indicators)
        return len(found)

    def prove(number):
        entry = ledger.model(unit=clerk.unit, date=date(2026, 10, 8), name=f"头条{number}", channel="media", level="national")
        add(clerk, entry_proved(ledger, save_entry(by=clerk, kind=ledger, entry=entry)), seed=number)

    assert queries() == 1
    prove(1)
    one = queries()
    for number in (2, 3, 4):
        prove(number)
    assert queries() == one == 2
