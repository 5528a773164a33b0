"""Saving cells and moving returns: nothing typed is lost, nobody decides on their own work, every round stays."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Population
from metrics import services
from metrics.choices import FigureKind
from metrics.models import DistrictYear, Figure, Indicator, MonthlyReturn
from metrics.services import CellInput
from tests.factories import make_district, make_township, make_user, make_village
from workflow.choices import State, Subject
from workflow.models import Comment, Event, Round
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
CODE = "ideology_study_session_count"


@pytest.fixture
def world():
    """A township with a village, its people, and this month's return opened."""
    services.sync_catalogue()
    district = make_district()
    town = make_township(district)
    village = make_village(town)
    Population.objects.create(unit=village, year=2026, persons=2400)
    services.open_returns(today=date(2026, 10, 1))
    people = {role: make_user(role, town) for role in ("township_clerk", "township_head")}
    people |= {role: make_user(role, district) for role in ("district_reviewer", "district_admin", "auditor")}
    people["village_clerk"] = make_user("village_clerk", village)
    monthly = MonthlyReturn.objects.get(unit=town)
    return {"district": district, "town": town, "village": village, "return": monthly, **people}


def save(world, cell, raw, *, by="township_clerk", base=0, **more):
    typed = CellInput(cell, raw, base, **more)
    return services.save_figures(by=world[by], monthly_return=world["return"], inputs=[typed])[0]


def fill(world):
    """Fill every required cell with something that breaks no rule."""
    inputs = []
    for row in Indicator.objects.of_year(None, 2026).filter(source="entered"):
        name = f"{row.code}@{world['village'].code}" if row.is_by_village else row.code
        stored = Figure.objects.filter(monthly_return=world["return"], indicator=row).first()
        inputs.append(CellInput(name, "0", stored.version if stored else 0))
    results = services.save_figures(by=world["township_clerk"], monthly_return=world["return"], inputs=inputs)
    assert {row.status for row in results} <= {"saved", "unchanged"}


def submitted(world):
    fill(world)
    services.submit_return(by=world["township_clerk"], monthly_return=world["return"])


def in_review(world):
    submitted(world)
    services.sign_off_return(by=world["township_head"], monthly_return=world["return"])
    services.start_review(by=world["district_reviewer"], monthly_return=world["return"])


def state(world):
    return MonthlyReturn.objects.get(pk=world["return"].pk).state


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [("11", "value", 11), ("0", "value", 0), ("１，２００", "value", 1200), ("不适用", "not_applicable", None),
     ("未统计", "not_collected", None), ("约100", "text", None)],
)  # fmt: skip
def test_four_different_things_and_text_are_kept(world, raw, kind, value):
    result = save(world, CODE, raw)
    figure = Figure.objects.get(monthly_return=world["return"], indicator__code=CODE)
    assert (result.status, figure.kind, figure.value) == ("saved", kind, value)
    if kind == FigureKind.TEXT:
        assert (figure.raw, bool(result.message)) == (raw, True)


def test_emptying_a_cell_makes_it_blank_not_zero(world):
    save(world, CODE, "5")
    save(world, CODE, "", base=1)
    figure = Figure.objects.get(monthly_return=world["return"], indicator__code=CODE)
    assert (figure.kind, figure.value, figure.version) == (FigureKind.BLANK, None, 2)


def test_a_stale_version_is_a_conflict_and_shows_the_other_side(world):
    save(world, CODE, "5")
    result = save(world, CODE, "7", base=0)
    assert (result.status, result.other["raw"], result.raw) == ("conflict", "5", "7")
    assert Figure.objects.get(indicator__code=CODE).value == 5
    assert save(world, CODE, "7", base=1).status == "saved"


def test_the_same_again_is_no_second_save(world):
    save(world, CODE, "5")
    assert save(world, CODE, "5", base=0).status == "unchanged"
    assert Event.objects.filter(deed="save").count() == 1


def test_a_foreign_or_unknown_cell_is_refused_and_the_rest_is_saved(world):
    stranger = make_village(make_township(world["district"]))
    inputs = [CellInput("no_such_code", "1"), CellInput(f"vol_service_hours@{stranger.code}", "3"), CellInput(CODE, "4")]
    results = services.save_figures(by=world["township_clerk"], monthly_return=world["return"], inputs=inputs)
    assert [row.status for row in results] == ["refused", "refused", "saved"]


@pytest.mark.parametrize("code", ["media_adopted_count", "xuexi_activity_rank", "vol_standard_hours", "apip_campaign_count"])
def test_calculated_figures_cannot_be_typed(world, code):
    assert save(world, code, "5").status == "refused"


@pytest.mark.parametrize("by", ["township_head", "district_reviewer", "district_admin", "auditor"])
def test_only_the_clerk_types(world, by):
    with pytest.raises(PermissionDenied):
        save(world, CODE, "5", by=by)


def test_a_village_clerk_types_the_own_row_only(world):
    own = f"vol_service_hours@{world['village'].code}"
    other = make_village(world["town"])
    assert save(world, own, "12.5", by="village_clerk").status == "saved"
    for cell in (f"vol_service_hours@{other.code}", CODE):
        with pytest.raises(PermissionDenied):
            save(world, cell, "5", by="village_clerk")


def test_saving_many_cells_takes_as_many_queries_as_one(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(22) as one:
        save(world, CODE, "5")
    codes = (
        Indicator.objects.of_year(None, 2026)
        .filter(source="entered", level="township")
        .exclude(code=CODE)
        .values_list("code", flat=True)
    )
    inputs = [CellInput(code, "3") for code in codes]
    with django_assert_max_num_queries(len(one)):
        services.save_figures(by=world["township_clerk"], monthly_return=world["return"], inputs=inputs)


def test_opening_is_idempotent_sets_the_due_moment_and_carries_the_population(world):
    assert services.open_returns(today=date(2026, 10, 20)) == 0
    due = timezone.localtime(world["return"].due_at)
    assert (due.month, due.day, due.hour) == (11, 5, 18)
    figure = Figure.objects.get(indicator__code="vol_household_population")
    assert (figure.value, figure.unit) == (2400, world["village"])


def test_a_december_return_is_due_in_january(world):
    services.open_returns(today=date(2026, 12, 1))
    assert timezone.localtime(MonthlyReturn.objects.get(unit=world["town"], month=12).due_at).year == 2027


def test_blanks_and_unread_text_block_submission(world):
    with pytest.raises(Refused):
        services.submit_return(by=world["township_clerk"], monthly_return=world["return"])
    fill(world)
    version = Figure.objects.get(indicator__code=CODE).version
    save(world, CODE, "大概十来次", base=version)
    with pytest.raises(Refused):
        services.submit_return(by=world["township_clerk"], monthly_return=world["return"])
    save(world, CODE, "10", base=version + 1)
    services.submit_return(by=world["township_clerk"], monthly_return=world["return"])
    assert state(world) == State.AWAITING_SIGNOFF


def test_without_sign_off_a_submission_goes_straight_to_the_district(world):
    DistrictYear.objects.update(needs_signoff=False)
    submitted(world)
    assert state(world) == State.SUBMITTED


def test_a_submitted_return_is_closed_and_can_be_withdrawn_until_review_starts(world):
    submitted(world)
    with pytest.raises(Refused):
        save(world, CODE, "9", base=1)
    services.withdraw_return(by=world["township_clerk"], monthly_return=world["return"])
    assert state(world) == State.DRAFT
    services.submit_return(by=world["township_clerk"], monthly_return=world["return"])
    services.sign_off_return(by=world["township_head"], monthly_return=world["return"])
    services.start_review(by=world["district_reviewer"], monthly_return=world["return"])
    with pytest.raises(Refused):
        services.withdraw_return(by=world["township_clerk"], monthly_return=world["return"])


def test_sending_back_needs_words_however_many_comments_there_are(world):
    in_review(world)
    with pytest.raises(Refused):
        services.send_back_return(by=world["district_reviewer"], monthly_return=world["return"], reason=" ")
    services.comment_on_figure(by=world["district_reviewer"], monthly_return=world["return"], cell=CODE, text="请核对")
    with pytest.raises(Refused):
        services.send_back_return(by=world["district_reviewer"], monthly_return=world["return"])
    services.send_back_return(by=world["district_reviewer"], monthly_return=world["return"], reason="见批注")
    assert state(world) == State.RETURNED


def test_a_note_alone_is_no_reason(world):
    in_review(world)
    services.comment_on_figure(by=world["district_reviewer"], monthly_return=world["return"], cell=CODE, text="知悉", kind="note")
    with pytest.raises(Refused):
        services.send_back_return(by=world["district_reviewer"], monthly_return=world["return"])


def test_a_comment_without_an_answer_blocks_the_next_submission(world):
    in_review(world)
    reviewer = world["district_reviewer"]
    thread = services.comment_on_figure(by=reviewer, monthly_return=world["return"], cell=CODE, text="请核对")
    services.send_back_return(by=reviewer, monthly_return=world["return"], reason="见批注")
    with pytest.raises(Refused):
        services.submit_return(by=world["township_clerk"], monthly_return=world["return"])
    services.comment_on_figure(
        by=world["township_clerk"], monthly_return=world["return"], cell=CODE, text="已核对", parent=thread
    )
    services.submit_return(by=world["township_clerk"], monthly_return=world["return"])
    assert Comment.objects.get(text="已核对").anchor == CODE


def test_every_round_stays_readable(world):
    in_review(world)
    services.send_back_return(by=world["district_reviewer"], monthly_return=world["return"], reason="偏高")
    version = Figure.objects.get(indicator__code=CODE).version
    save(world, CODE, "2", base=version)
    services.submit_return(by=world["township_clerk"], monthly_return=world["return"])
    first, second = Round.objects.about(Subject.RETURN, world["return"].pk)
    assert [row.snapshot["cells"][CODE]["value"] for row in (first, second)] == ["0", "2"]
    assert (first.outcome, first.reason, first.decided_by) == ("send_back", "偏高", world["district_reviewer"])
    assert first.signed_off_by == world["township_head"]
    assert first.sha256 != second.sha256


def test_approval_locks_counts_and_names_the_approver(world):
    in_review(world)
    services.approve_return(by=world["district_reviewer"], monthly_return=world["return"])
    monthly = MonthlyReturn.objects.get(pk=world["return"].pk)
    assert (monthly.state, monthly.approved_by, monthly.is_editable) == (State.APPROVED, world["district_reviewer"], False)
    with pytest.raises(Refused):
        services.approve_return(by=world["district_reviewer"], monthly_return=world["return"])
    with pytest.raises(Refused):
        services.reopen_return(by=world["district_reviewer"], monthly_return=world["return"], reason="")
    services.reopen_return(by=world["district_reviewer"], monthly_return=world["return"], reason="三月漏报")
    assert state(world) == State.RETURNED
    assert chain_faults(world["town"].code) == []


def test_whoever_signed_off_may_not_approve_even_in_another_role(world):
    in_review(world)
    head = world["township_head"]
    head.role, head.unit = "district_reviewer", world["district"]
    head.save()
    with pytest.raises(PermissionDenied):
        services.approve_return(by=head, monthly_return=world["return"])


def test_an_item_changed_meanwhile_is_not_overwritten(world):
    from metrics.models import Highlight, NamedList

    item = Highlight(unit=world["town"], year=2026, named_list=NamedList.objects.get(code="list_honour"), name="省级文明村")
    services.save_item(by=world["township_clerk"], item=item)
    mine, other = Highlight.objects.get(), Highlight.objects.get()
    other.name = "省级文明镇"
    services.save_item(by=world["township_head"], item=other, base_version=1)
    mine.name = "市级文明村"
    with pytest.raises(Refused):
        services.save_item(by=world["township_clerk"], item=mine, base_version=1)
    assert Highlight.objects.get().name == "省级文明镇"


def test_an_open_demand_for_correction_stands_in_the_way_of_approval(world):
    in_review(world)
    reviewer = world["district_reviewer"]
    thread = services.comment_on_figure(by=reviewer, monthly_return=world["return"], cell=CODE, text="请核对")
    with pytest.raises(Refused):
        services.approve_return(by=reviewer, monthly_return=world["return"])
    services.resolve_figure_comment(by=reviewer, monthly_return=world["return"], comment=thread)
    services.approve_return(by=reviewer, monthly_return=world["return"])
    assert state(world) == State.APPROVED


def test_what_was_answered_is_closed_by_the_reviewer_before_the_approval(world):
    in_review(world)
    reviewer, clerk = world["district_reviewer"], world["township_clerk"]
    thread = services.comment_on_figure(by=reviewer, monthly_return=world["return"], cell=CODE, text="请核对")
    services.send_back_return(by=reviewer, monthly_return=world["return"], reason="见批注")
    services.comment_on_figure(by=clerk, monthly_return=world["return"], cell=CODE, text="已核对", parent=thread)
    services.submit_return(by=clerk, monthly_return=world["return"])
    services.sign_off_return(by=world["township_head"], monthly_return=world["return"])
    services.start_review(by=reviewer, monthly_return=world["return"])
    with pytest.raises(Refused, match="1"):
        services.approve_return(by=reviewer, monthly_return=world["return"])
    note = services.comment_on_figure(by=reviewer, monthly_return=world["return"], cell=CODE, text="知悉", kind="note")
    services.resolve_figure_comment(by=reviewer, monthly_return=world["return"], comment=thread)
    services.approve_return(by=reviewer, monthly_return=world["return"])
    note.refresh_from_db()
    assert note.resolved_by == reviewer


def test_a_new_number_needs_its_own_explanation(world):
    save(world, CODE, "300", explanation="集中学习周")
    save(world, CODE, "300", base=1)
    assert Figure.objects.get(indicator__code=CODE).explanation == "集中学习周"
    save(world, CODE, "900", base=1)
    assert Figure.objects.get(indicator__code=CODE).explanation == ""


def test_only_an_answer_of_the_township_answers(world):
    in_review(world)
    reviewer = world["district_reviewer"]
    thread = services.comment_on_figure(by=reviewer, monthly_return=world["return"], cell=CODE, text="请核对")
    services.comment_on_figure(by=reviewer, monthly_return=world["return"], cell=CODE, text="尤其是三月", parent=thread)
    services.send_back_return(by=reviewer, monthly_return=world["return"], reason="见批注")
    with pytest.raises(Refused):
        services.submit_return(by=world["township_clerk"], monthly_return=world["return"])


def test_the_township_closes_a_thread_only_when_it_has_answered_and_only_in_its_turn(world):
    in_review(world)
    reviewer, clerk = world["district_reviewer"], world["township_clerk"]
    thread = services.comment_on_figure(by=reviewer, monthly_return=world["return"], cell=CODE, text="请核对")
    with pytest.raises(Refused):
        services.resolve_figure_comment(by=clerk, monthly_return=world["return"], comment=thread)
    services.send_back_return(by=reviewer, monthly_return=world["return"], reason="见批注")
    with pytest.raises(Refused):
        services.resolve_figure_comment(by=clerk, monthly_return=world["return"], comment=thread)
    services.comment_on_figure(by=clerk, monthly_return=world["return"], cell=CODE, text="已核对", parent=thread)
    assert services.resolve_figure_comment(by=clerk, monthly_return=world["return"], comment=thread).resolved_by == clerk


def test_months_missed_by_a_sleeping_worker_open_later(world):
    assert services.open_returns(today=date(2026, 12, 3)) == 2
    assert set(MonthlyReturn.objects.values_list("month", flat=True)) == {10, 11, 12}


def test_a_worker_that_slept_over_new_year_opens_december_and_january(world, monkeypatch):
    """The daily sweep under a stopped clock: down from October to 3 January."""
    from config import celery

    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: date(2027, 1, 3))
    assert celery._sweep_once(None) == date(2027, 1, 3)
    opened = list(MonthlyReturn.objects.order_by("year", "month").values_list("year", "month"))
    assert opened == [(2026, 10), (2026, 11), (2026, 12), (2027, 1)]
    december = timezone.localtime(MonthlyReturn.objects.get(year=2026, month=12).due_at)
    assert (december.year, december.month, december.day, december.hour) == (2027, 1, 5, 18)
    assert services.open_returns(today=date(2027, 1, 3)) == 0


def test_missed_months_open_a_year_back_and_not_before_the_first_return(world):
    services.open_returns(today=date(2028, 2, 1))
    opened = list(MonthlyReturn.objects.order_by("year", "month").values_list("year", "month"))
    assert (opened[0], opened[1], opened[-1], len(opened)) == ((2026, 10), (2027, 2), (2028, 2), 14)
    late = make_district()
    make_township(late)
    services.open_returns(today=date(2028, 2, 1))
    assert MonthlyReturn.objects.filter(unit__parent=late).count() == 1


def test_a_township_that_has_ended_gets_no_missed_month(world):
    gone = make_township(world["district"], valid_to=date(2026, 12, 30))
    stays = make_township(world["district"], valid_to=date(2026, 12, 31))
    services.open_returns(today=date(2027, 1, 3))
    months = {unit: set(MonthlyReturn.objects.filter(unit=unit).values_list("month", flat=True)) for unit in (gone, stays)}
    assert months == {gone: {10, 11}, stays: {10, 11, 12}}


def test_an_earlier_month_opens_on_request(world, capsys):
    from django.core.management import CommandError, call_command

    for month in ("2026-13", "2199-01"):
        with pytest.raises(CommandError, match=month) as refusal:
            call_command("open_returns", month=month)
        assert refusal.value.returncode == 2
    call_command("open_returns", month="2026-08")
    assert {8, 9, 10} <= set(MonthlyReturn.objects.values_list("month", flat=True))


def test_a_villages_running_figure_that_falls_is_queried(world):
    from metrics.checks import return_findings

    cell = f"vol_qualified_person_count@{world['village'].code}"
    save(world, cell, "80")
    services.open_returns(today=date(2026, 11, 1))
    later = MonthlyReturn.objects.get(unit=world["town"], month=11)
    services.save_figures(by=world["township_clerk"], monthly_return=later, inputs=[CellInput(cell, "40")])
    found = [row for row in return_findings(later) if row.cell == cell]
    assert [(row.level, row.code, row.explained) for row in found] == [("query", "shrunk", False)]
