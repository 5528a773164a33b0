"""Who writes, decides on and sees the district's own report."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from accounts.choices import Role
from reports import services
from reports.models import Block, BoundFigure, Report, ReportVersion
from reports.permissions import check_can_ask_export, check_can_create, check_can_edit, may_write
from reports.services.batches import list_entries
from tests.factories import make_district, make_township, make_user, make_village
from tests.reports.district_report import approved, edited, make_district_report, now, submitted
from tests.reports.world import lasting
from workflow.choices import State, Subject
from workflow.models import Comment, Event, Round
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
WRITERS = ("reviewer", "admin")
OTHERS = ("clerk", "head", "auditor")


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, years=((2025, 12),), townships=2, with_items=False) as world:
        yield world


@pytest.fixture
def report(world):
    return make_district_report(world)


def people(world):
    return {name: getattr(world, name) for name in (*WRITERS, *OTHERS)}


def strangers(world):
    """Everybody who has nothing to do with the district's report."""
    elsewhere = make_district("邻水县")
    return [
        world.clerk, world.head, make_user(Role.VILLAGE_CLERK, world.villages[0]),
        *(make_user(role, elsewhere) for role in (Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN, Role.AUDITOR)),
        make_user(Role.TOWNSHIP_CLERK, make_township(elsewhere)),
        make_user(Role.DISTRICT_REVIEWER, world.district, is_active=False),
    ]  # fmt: skip


class TestWriting:
    """Reviewers and administrators of the district write; nobody else does."""

    def test_who_may_write_whose_report(self, world):
        allowed = {(name, unit.name) for name, user in people(world).items() for unit in (world.district, world.town)
                   if may_write(user, unit)}  # fmt: skip
        assert allowed == {("reviewer", "云浦区"), ("admin", "云浦区"), ("clerk", "青云镇"), ("head", "青云镇")}

    @pytest.mark.parametrize("who", WRITERS)
    def test_the_department_edits_every_part(self, world, report, who):
        by = getattr(world, who)
        assert edited(by, report, "全区工作扎实。").updated_by == by
        services.set_block_dropped(by=by, block=report.blocks.get(key="opening"), dropped=True)
        services.save_head(
            by=by, report=report, title="新标题", addressee="区委：", signature="某部", issue_date=date(2026, 1, 9)
        )
        services.update_figures(by=by, report=report)
        services.note_block_editor(by=by, report=report, block_key="opening")
        assert now(report).title == "新标题"

    @pytest.mark.parametrize("who", OTHERS)
    def test_others_change_nothing(self, world, report, who):
        by, events = getattr(world, who), Event.objects.count()
        with pytest.raises(PermissionDenied):
            edited(by, report, "别的话。")
        with pytest.raises(PermissionDenied):
            services.submit_report(by=by, report=report)
        with pytest.raises(PermissionDenied):
            services.comment_on_block(by=by, report=report, key="opening", text="太长")
        assert Event.objects.count() == events

    def test_another_districts_department_neither(self, world, report):
        with pytest.raises(PermissionDenied):
            check_can_edit(make_user(Role.DISTRICT_ADMIN), report)

    def test_not_while_it_waits_for_a_decision(self, world, report):
        report = submitted(world, report)
        for by in (world.reviewer, world.admin):
            with pytest.raises(Refused):
                edited(by, report, "别的话。")


class TestCreating:
    """Once a year, by the department, from November on, when every township has something approved."""

    @pytest.mark.parametrize("who", OTHERS)
    def test_only_the_department(self, world, who):
        with pytest.raises(PermissionDenied):
            check_can_create(getattr(world, who), world.district, 2025)

    @pytest.mark.parametrize("who", WRITERS)
    def test_not_twice_and_not_for_a_township(self, world, report, who):
        with pytest.raises(Refused):
            check_can_create(getattr(world, who), world.district, 2025)
        with pytest.raises(PermissionDenied):
            check_can_create(getattr(world, who), world.town, 2025)

    def test_not_without_an_approved_month(self, world):
        with pytest.raises(Refused):
            check_can_create(world.reviewer, world.district, 2024)


class TestDeciding:
    """No sign-off, no review to be started: another of the same people decides."""

    def test_it_is_submitted_at_once_whatever_the_townships_sign_off(self, world, report):
        report = submitted(world, report)
        assert (report.state, report.submitted_by) == (State.SUBMITTED, world.reviewer)
        assert Round.objects.about(Subject.REPORT, report.pk).count() == 1

    @pytest.mark.parametrize("deed", [services.approve_report, services.send_back_report])
    def test_nobody_decides_on_what_they_submitted(self, world, report, deed):
        report = submitted(world, report)
        with pytest.raises(PermissionDenied):
            deed(by=world.reviewer, report=report, reason="很好")
        assert deed(by=world.admin, report=report, reason="很好").state != State.SUBMITTED

    def test_another_reviewer_may_decide_too(self, world, report):
        other = make_user(Role.DISTRICT_REVIEWER, world.district)
        assert services.approve_report(by=other, report=submitted(world, report)).state == State.APPROVED

    def test_only_who_submitted_withdraws(self, world, report):
        report = submitted(world, report)
        with pytest.raises(PermissionDenied):
            services.withdraw_report(by=world.admin, report=report)
        assert services.withdraw_report(by=world.reviewer, report=report).state == State.DRAFT

    def test_sending_back_needs_a_reason(self, world, report):
        report = submitted(world, report)
        with pytest.raises(Refused):
            services.send_back_report(by=world.admin, report=report, reason=" ")
        assert services.send_back_report(by=world.admin, report=report, reason="补上短板").state == State.RETURNED
        services.submit_report(by=world.admin, report=report)
        with pytest.raises(PermissionDenied):
            services.approve_report(by=world.admin, report=report)
        assert services.approve_report(by=world.reviewer, report=report).state == State.APPROVED

    def test_approval_freezes_and_reopening_makes_a_second_version(self, world, report):
        first = approved(world, report)
        with pytest.raises(Refused):
            services.reopen_report(by=world.reviewer, report=first, reason="")
        services.reopen_report(by=world.reviewer, report=first, reason="更正一处文字")
        edited(world.admin, report, "全区工作扎实。")
        services.submit_report(by=world.admin, report=report)
        services.approve_report(by=world.reviewer, report=report)
        versions = list(ReportVersion.objects.filter(report=report))
        assert [row.number for row in versions] == [1, 2]
        assert ["全区工作扎实" in row.document for row in versions] == [False, True]

    def test_the_auditor_exports_what_is_approved(self, world, report):
        with pytest.raises(Refused):
            check_can_ask_export(world.auditor, report)
        check_can_ask_export(world.auditor, approved(world, report))


class TestComments:
    """Written while it waits for a decision, answered before it is submitted again."""

    @staticmethod
    def comment(user, report, parent=None):
        return services.comment_on_block(by=user, report=now(report), key="opening", text="请核对", parent=parent)

    def test_an_unanswered_comment_keeps_it_from_being_submitted_and_approved(self, world, report):
        thread = self.comment(world.admin, submitted(world, report))
        with pytest.raises(Refused):
            services.approve_report(by=world.admin, report=report)
        services.send_back_report(by=world.admin, report=report, reason="请核对")
        self.comment(world.admin, report, thread)  # one's own second thought is no answer
        with pytest.raises(Refused):
            services.submit_report(by=world.reviewer, report=report)
        self.comment(world.reviewer, report, thread)
        assert services.submit_report(by=world.reviewer, report=report).state == State.SUBMITTED

    def test_who_submitted_closes_no_comment_on_it(self, world, report):
        thread = self.comment(world.admin, submitted(world, report))
        with pytest.raises(Refused):
            services.resolve_block_comment(by=world.reviewer, report=report, comment=thread)
        other = make_user(Role.DISTRICT_REVIEWER, world.district)
        assert services.resolve_block_comment(by=other, report=report, comment=thread).resolved_at

    def test_an_answered_one_is_closed_by_either_and_ones_own_always(self, world, report):
        thread = self.comment(world.admin, submitted(world, report))
        services.send_back_report(by=world.admin, report=report, reason="请核对")
        own = self.comment(world.admin, report)
        assert services.resolve_block_comment(by=world.admin, report=report, comment=own).resolved_at
        self.comment(world.reviewer, report, thread)
        assert services.resolve_block_comment(by=world.reviewer, report=report, comment=thread).resolved_at

    def test_none_once_it_is_approved(self, world, report):
        with pytest.raises(Refused):
            self.comment(world.admin, approved(world, report))


class TestSeeing:
    """The district's roles alone."""

    def test_nobody_else_sees_any_row_of_it(self, world, report):
        thread = TestComments.comment(world.admin, submitted(world, report))
        services.send_back_report(by=world.admin, report=report, reason="请核对")
        TestComments.comment(world.reviewer, report, thread)
        services.resolve_block_comment(by=world.admin, report=report, comment=thread)
        report = approved(world, report)
        tables = (Report, Block, ReportVersion, BoundFigure, Round, Comment)
        for user in strangers(world):
            assert [table.objects.visible_to(user).count() for table in tables] == [0] * len(tables), user.role
        for who in (*WRITERS, "auditor"):
            seen = [table.objects.visible_to(getattr(world, who)).count() for table in tables]
            assert seen == [1, 3, 1, 0, 2, 2], who

    def test_it_is_none_of_the_townships_reports(self, world, report):
        approved(world, report)
        entries = list_entries(world.district, 2025, with_drafts=True)
        assert [entry.report for entry in entries] == [None, None]

    def test_a_village_of_its_townships_sees_none(self, world, report):
        assert not Report.objects.visible_to(make_user(Role.VILLAGE_CLERK, make_village(world.town))).exists()
