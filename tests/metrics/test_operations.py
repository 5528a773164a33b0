"""Operations on cells: a change sent again gives its first result; a page hears what others saved and who is at work."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.choices import Role
from accounts.middleware import SEEN
from metrics.evidence import cell_proved
from metrics.models import CellOperation, Editor, Figure, MonthlyReturn
from metrics.news import editors_text, load_news, newest_change
from metrics.services import CellInput, add_evidence, note_editor, prune_operations, remove_evidence, save_figures
from metrics.services.operations import KEPT_DAYS
from tests.factories import make_district, make_figure, make_indicator, make_return, make_township, make_user, make_village
from tests.metrics.test_evidence import picture
from workflow.choices import State
from workflow.models import Event
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = "op-first-1", "op-second-2", "op-third-3"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path


@pytest.fixture
def township():
    return make_township(make_district())


@pytest.fixture
def clerk(township):
    return make_user(Role.TOWNSHIP_CLERK, township, display_name="李某")


@pytest.fixture
def colleague(township):
    return make_user(Role.TOWNSHIP_CLERK, township, display_name="王某")


@pytest.fixture
def monthly_return(township):
    make_indicator(code="visits", name="参观总次")
    return make_return(township)


def save(by, monthly_return, raw, base=0, op_id="", after=(), **more):
    typed = CellInput("visits", raw, base, op_id=op_id, after=after, **more)
    return save_figures(by=by, monthly_return=monthly_return, inputs=[typed])[0]


def post(client, url, **body):
    return client.post(url, json.dumps(body), content_type="application/json")


def beat_url(monthly_return, name="metrics:return_beat"):
    return reverse(name, args=[monthly_return.pk])


def test_a_change_sent_again_after_somebody_elses_gives_its_first_result(clerk, colleague, monthly_return):
    first = save(clerk, monthly_return, "5", op_id=FIRST)
    assert save(colleague, monthly_return, "9", base=1, op_id=SECOND).status == "saved"
    again = save(clerk, monthly_return, "5", op_id=FIRST)
    assert again == first
    assert (again.status, again.version, again.value) == ("saved", 1, 5)
    assert Figure.objects.get().raw == "9"
    assert Event.objects.filter(deed="save").count() == 2


def test_without_an_id_the_same_change_is_judged_by_its_version(clerk, colleague, monthly_return):
    save(clerk, monthly_return, "5")
    save(colleague, monthly_return, "9", base=1)
    assert save(clerk, monthly_return, "5").status == "conflict"
    assert CellOperation.objects.count() == 0


def test_a_conflict_is_not_kept_and_is_judged_anew(clerk, colleague, monthly_return):
    save(colleague, monthly_return, "9")
    assert save(clerk, monthly_return, "5", op_id=FIRST).status == "conflict"
    assert save(clerk, monthly_return, "5", base=1, op_id=FIRST).status == "saved"


def test_an_id_is_its_persons_own_and_its_cells(clerk, colleague, monthly_return):
    make_indicator(code="other")
    save(clerk, monthly_return, "5", op_id=FIRST)
    assert save(colleague, monthly_return, "7", op_id=FIRST).status == "conflict"
    elsewhere = save_figures(by=clerk, monthly_return=monthly_return, inputs=[CellInput("other", "3", op_id=FIRST)])[0]
    assert (elsewhere.cell, elsewhere.status) == ("other", "saved")


def test_a_replay_is_answered_even_when_the_return_was_closed_since(clerk, monthly_return):
    save(clerk, monthly_return, "5", op_id=FIRST)
    MonthlyReturn.objects.update(state=State.APPROVED)
    assert save(clerk, monthly_return, "5", op_id=FIRST).status == "saved"
    with pytest.raises(Refused):
        save(clerk, monthly_return, "6", base=1, op_id=SECOND)


def test_a_second_change_typed_before_the_first_was_answered_is_no_conflict_with_oneself(clerk, colleague, monthly_return):
    save(clerk, monthly_return, "5", op_id=FIRST)  # its answer was lost: the page still believes in version 0
    second = save(clerk, monthly_return, "6", op_id=SECOND, after=(FIRST,))
    assert (second.status, second.version) == ("saved", 2)
    save(colleague, monthly_return, "9", base=2)
    third = save(clerk, monthly_return, "7", op_id=THIRD, after=(FIRST, SECOND))
    assert (third.status, third.other["raw"]) == ("conflict", "9")


def test_the_explanation_that_goes_with_a_number_is_given_back_for_an_undo(clerk, monthly_return):
    save(clerk, monthly_return, "5", explanation="重阳节集中开展")
    assert save(clerk, monthly_return, "6", base=1, op_id=FIRST).dropped == "重阳节集中开展"
    undone = save(clerk, monthly_return, "5", base=2, op_id=SECOND, explanation="重阳节集中开展")
    assert (undone.dropped, Figure.objects.get().explanation) == ("", "重阳节集中开展")
    assert save(clerk, monthly_return, "5", base=2, op_id=FIRST).dropped == "重阳节集中开展"


def test_operations_and_editors_are_pruned_by_age(clerk, monthly_return):
    save(clerk, monthly_return, "5", op_id=FIRST)
    now = timezone.now()
    assert prune_operations(now=now + timedelta(days=KEPT_DAYS, seconds=-5)) == 0
    assert Editor.objects.count() == 1
    assert prune_operations(now=now + timedelta(days=KEPT_DAYS, seconds=5)) == 1
    assert (CellOperation.objects.count(), Editor.objects.count()) == (0, 0)


@pytest.mark.parametrize("bad", [{"op_id": 5}, {"op_id": "short"}, {"op_id": "a" * 41}, {"op_id": FIRST, "after": "x"},
                                 {"after": ["short"]}])  # fmt: skip
def test_an_id_that_no_page_makes_is_refused(client, clerk, monthly_return, bad):
    client.force_login(clerk)
    answer = post(client, reverse("metrics:save_cells", args=[monthly_return.pk]), cells=[{"cell": "visits", "raw": "5", **bad}])
    assert answer.status_code == 400


def test_what_one_person_typed_is_not_sent_as_another(client, clerk, colleague, monthly_return):
    client.force_login(colleague)
    body = {"by": clerk.pk, "cells": [{"cell": "visits", "raw": "5", "op_id": FIRST}]}
    answer = post(client, reverse("metrics:save_cells", args=[monthly_return.pk]), **body)
    assert (answer.status_code, answer.json()["other_person"]) == (403, True)
    assert Figure.objects.count() == 0
    assert post(client, beat_url(monthly_return), by=clerk.pk).status_code == 403


def test_news_are_what_others_saved_since_the_mark(clerk, colleague, monthly_return):
    assert newest_change(monthly_return, clerk) == ""
    save(clerk, monthly_return, "5")
    Figure.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
    mark = newest_change(monthly_return, clerk)
    assert load_news(monthly_return, clerk, mark)["changed"] == []
    save(colleague, monthly_return, "1,200", base=1)
    news = load_news(monthly_return, clerk, mark)
    assert news["changed"] == [{"cell": "visits", "version": 2, "kind": "value", "shown": "1,200", "by": "王某"}]
    assert load_news(monthly_return, clerk, news["since"])["changed"] == []
    for unreadable in ("", "gestern", "2026-10-05T10:00:00"):
        assert load_news(monthly_return, clerk, unreadable)["changed"] == []


def test_a_beat_tells_of_others_cells_and_of_who_is_at_work(client, clerk, colleague, monthly_return):
    client.force_login(clerk)
    quiet = post(client, beat_url(monthly_return), by=clerk.pk, since="", active=True).json()
    assert quiet == {"since": "", "changed": [], "filed": [], "files": {}, "editors": ""}
    save(colleague, monthly_return, "5")
    before = (timezone.now() - timedelta(minutes=1)).isoformat()
    loud = post(client, beat_url(monthly_return), by=clerk.pk, since=before).json()
    assert [row["cell"] for row in loud["changed"]] == ["visits"]
    assert loud["texts"]["filled"] == "1/1"
    assert "王某" in loud["editors"]


def attach(by, monthly_return, cell, seed=1):
    return add_evidence(by=by, proved=cell_proved(monthly_return, cell), upload=picture(seed))[0]


def test_a_beat_tells_of_files_that_others_attached_and_took_away(client, clerk, colleague, monthly_return):
    client.force_login(clerk)
    save(clerk, monthly_return, "5")
    start = newest_change(monthly_return, clerk)
    link = attach(colleague, monthly_return, "visits")
    loud = post(client, beat_url(monthly_return), by=clerk.pk, since=start).json()
    assert (loud["filed"], loud["files"]) == ([{"cell": "visits", "by": "王某"}], {"visits": 1})
    assert "rows" in loud  # what is said under the row may have changed with it
    quiet = post(client, beat_url(monthly_return), by=clerk.pk, since=loud["since"]).json()
    assert (quiet["filed"], quiet["files"], "rows" in quiet) == ([], {"visits": 1}, False)
    remove_evidence(by=colleague, link=link)
    assert post(client, beat_url(monthly_return), by=clerk.pk, since=loud["since"]).json()["files"] == {}
    attach(clerk, monthly_return, "visits", seed=2)
    own = post(client, beat_url(monthly_return), by=clerk.pk, since=loud["since"]).json()
    assert (own["filed"], own["files"]) == ([], {"visits": 1})  # one's own file is no news


def test_a_village_clerk_hears_of_files_in_their_own_row_alone(client, township, clerk, monthly_return):
    own, other = make_village(township), make_village(township)
    make_indicator(code="hours", level="village")
    for number, village in enumerate((own, other)):
        attach(clerk, monthly_return, f"hours@{village.code}", seed=number)
    attach(clerk, monthly_return, "visits", seed=5)
    client.force_login(make_user(Role.VILLAGE_CLERK, own))
    before = (timezone.now() - timedelta(minutes=1)).isoformat()
    answer = post(client, beat_url(monthly_return, "volunteers:sheet_beat"), since=before).json()
    assert answer["files"] == {f"hours@{own.code}": 1}
    assert [row["cell"] for row in answer["filed"]] == [f"hours@{own.code}"]


def test_a_save_tells_it_too(client, clerk, colleague, monthly_return):
    make_indicator(code="other")
    save(colleague, monthly_return, "5")
    client.force_login(clerk)
    before = (timezone.now() - timedelta(minutes=1)).isoformat()
    url = reverse("metrics:save_cells", args=[monthly_return.pk])
    reply = post(client, url, since=before, cells=[{"cell": "other", "raw": "3"}]).json()
    assert {row["cell"] for row in reply["changed"]} == {"visits", "other"}
    assert "王某" in reply["editors"]


def test_a_closed_return_says_so_to_the_beat(client, clerk, township):
    client.force_login(clerk)
    for active in (True, False):
        answer = post(client, beat_url(make_return(township, month=8 + active, state=State.APPROVED)), active=active)
        assert (answer.status_code, bool(answer.json()["message"])) == (409, True)
    assert Editor.objects.count() == 0


def test_who_is_at_work_is_told_in_minutes_and_forgotten_after_ten(clerk, colleague, monthly_return):
    note_editor(by=colleague, monthly_return=monthly_return)
    note_editor(by=clerk, monthly_return=monthly_return)
    note_editor(by=clerk, monthly_return=monthly_return)
    assert Editor.objects.count() == 2
    with translation.override("en"):
        assert editors_text(monthly_return, clerk) == "王某 is filling this in now"
        Editor.objects.update(seen_at=timezone.now() - timedelta(minutes=2, seconds=5))
        assert editors_text(monthly_return, clerk) == "王某 is filling this in (2 min ago)"
        Editor.objects.update(seen_at=timezone.now() - timedelta(minutes=10, seconds=5))
        assert editors_text(monthly_return, clerk) == ""


def test_a_village_clerk_hears_of_their_own_row_alone(client, township, clerk, monthly_return):
    own, other = make_village(township), make_village(township)
    hours = make_indicator(code="hours", level="village")
    make_figure(monthly_return, hours, 5, unit=own)
    make_figure(monthly_return, hours, 8765, unit=other)
    note_editor(by=clerk, monthly_return=monthly_return)
    client.force_login(make_user(Role.VILLAGE_CLERK, own))
    before = (timezone.now() - timedelta(minutes=1)).isoformat()
    for name in ("metrics:return_beat", "volunteers:sheet_beat"):
        answer = post(client, beat_url(monthly_return, name), since=before, active=True)
        assert [row["cell"] for row in answer.json()["changed"]] == [f"hours@{own.code}"]
        assert answer.json()["editors"] == ""
        for secret in (other.code, "8,765", "李某"):
            assert secret not in answer.content.decode()
    assert own.name in editors_text(monthly_return, clerk)


def test_a_beat_keeps_no_session_alive(client, clerk, monthly_return):
    client.force_login(clerk)
    post(client, beat_url(monthly_return), active=True)
    assert SEEN not in client.session
    client.get(reverse("metrics:return_detail", args=[monthly_return.pk]))
    assert SEEN in client.session


def test_a_beat_costs_the_same_for_one_change_and_for_many(client, township, clerk, colleague, monthly_return):
    client.force_login(clerk)
    before = (timezone.now() - timedelta(minutes=1)).isoformat()
    save(colleague, monthly_return, "5")
    with CaptureQueriesContext(connection) as one:
        post(client, beat_url(monthly_return), since=before)
    inputs = [CellInput(make_indicator(code=f"more_{number}").code, "4") for number in range(20)]
    save_figures(by=colleague, monthly_return=monthly_return, inputs=inputs)
    with CaptureQueriesContext(connection) as many:
        assert len(post(client, beat_url(monthly_return), since=before).json()["changed"]) == 21
    assert len(many) == len(one)
    with CaptureQueriesContext(connection) as none:
        post(client, beat_url(monthly_return), since=newest_change(monthly_return, clerk))
    assert len(none) < len(one)
