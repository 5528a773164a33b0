"""The order of a report's blocks: inserting, moving, deleting, undoing, each with an Event, none over somebody else's deed."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from reports import services
from reports.choices import BlockKind
from reports.presence import AT_WORK
from reports.services import EditConflict
from reports.undoing import newest_undoable
from tests.factories import make_user
from tests.reports.world import lasting
from workflow.models import Comment, Event
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
FETCH = {"headers": {"X-Requested-With": "fetch"}}


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=2) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


def keys(report) -> list[str]:
    return list(report.blocks.values_list("key", flat=True))


def insert(world, report, kind="paragraph", after=None, **options):
    after = keys(report)[2] if after is None else after
    return services.insert_block(by=world.clerk, report=report, kind=kind, after=after, **options)


def undo(user, report):
    return services.undo_deed(by=user, report=report, event=newest_undoable(report, user).pk)


def url(name, *args):
    return reverse(f"reports:{name}", args=args)


class TestInsert:
    """A block goes in behind another one, annexes to the annexes."""

    @pytest.mark.parametrize(
        ("kind", "options"),
        [("heading", {"level": 1}), ("heading", {"level": 2}), ("paragraph", {}), ("item", {}), ("plan", {}), ("list", {}),
         ("table", {}), ("chart", {})],
    )  # fmt: skip
    def test_each_kind_goes_in_behind_the_block_named(self, world, report, kind, options):
        before = keys(report)
        block = insert(world, report, kind, before[2], **options)
        assert keys(report) == [*before[:3], block.key, *before[3:]]
        assert (block.kind, block.level, block.is_added) == (kind, options.get("level", 0), True)
        assert Event.objects.get(deed="insert_block").changes[0]["block"] == block.key

    def test_an_annex_goes_behind_the_text_and_text_before_the_annexes(self, world, report):
        first_annex = report.blocks.filter(kind=BlockKind.ANNEX).first().key
        annex = insert(world, report, "annex", keys(report)[0], annex="media_matrix")
        assert keys(report).index(annex.key) == keys(report).index(first_annex) - 1
        text = insert(world, report, "paragraph", keys(report)[-1])
        assert keys(report).index(text.key) == keys(report).index(annex.key) - 1

    @pytest.mark.parametrize(
        "options", [{"kind": "poem"}, {"kind": "heading"}, {"kind": "heading", "level": 3}, {"kind": "annex"},
                    {"kind": "annex", "annex": "poems"}, {"kind": "paragraph", "annex": "media_matrix"}],
    )  # fmt: skip
    def test_what_is_no_kind_of_block_is_refused(self, world, report, options):
        before = keys(report)
        with pytest.raises(Refused):
            insert(world, report, **options)
        assert keys(report) == before

    def test_behind_a_block_that_is_gone_it_is_refused(self, world, report):
        with pytest.raises(Refused, match=r"gone|不在|已"):
            insert(world, report, after="add.none")

    def test_a_block_of_the_own_hand_is_numbered_with_the_rest(self, client, world, report):
        block = insert(world, report, "item", keys(report)[-8])
        services.save_block(by=world.clerk, block=block, lead="新的做法。", text="一段。", base_version=block.version)
        client.force_login(world.clerk)
        assert client.get(url("report_detail", report.pk)).status_code == 200


class TestMove:
    """Two neighbours change places; whoever's neighbour is another by now is told."""

    def test_down_and_up_again(self, world, report):
        before = keys(report)
        block = report.blocks.get(key=before[3])
        services.move_block(by=world.clerk, block=block, past=before[4])
        assert keys(report)[3:5] == [before[4], before[3]]
        services.move_block(by=world.head, block=block, past=before[4])
        assert keys(report) == before

    def test_when_the_order_changed_meanwhile_nothing_moves(self, world, report):
        before = keys(report)
        seen = before[4]
        services.move_block(by=world.head, block=report.blocks.get(key=before[4]), past=before[5])
        with pytest.raises(EditConflict):
            services.move_block(by=world.clerk, block=report.blocks.get(key=before[3]), past=seen)
        assert keys(report) == [*before[:4], before[5], before[4], *before[6:]]

    def test_text_and_annexes_do_not_mix(self, world, report):
        annex = report.blocks.filter(kind=BlockKind.ANNEX).first()
        above = keys(report)[keys(report).index(annex.key) - 1]
        with pytest.raises(Refused, match=r"(?i)annex|附件"):
            services.move_block(by=world.clerk, block=annex, past=above)


class TestDelete:
    """What was put in by hand goes; what the template put in stays, empty or left out."""

    def test_an_own_block_goes_with_its_figures(self, world, report):
        block = insert(world, report)
        token = "【开展集体学习次数|今年以来|】"
        block = services.save_block(by=world.clerk, block=block, text=f"学{token}。", base_version=block.version)
        assert report.bound_figures.filter(block=block).count() == 1
        services.delete_block(by=world.clerk, block=block, base_version=block.version)
        assert block.key not in keys(report)
        assert not report.bound_figures.filter(block_id=block.pk).exists()

    def test_a_block_of_the_template_is_refused_with_the_way_out(self, world, report):
        for is_optional in (True, False):
            block = report.blocks.filter(is_optional=is_optional).exclude(kind=BlockKind.HEADING).first()
            with pytest.raises(Refused):
                services.delete_block(by=world.clerk, block=block, base_version=block.version)

    def test_a_block_that_somebody_changed_is_not_deleted(self, world, report):
        block = insert(world, report)
        services.save_block(by=world.head, block=block, text="另一人写的。", base_version=block.version)
        with pytest.raises(EditConflict):
            services.delete_block(by=world.clerk, block=block, base_version=block.version)
        assert block.key in keys(report)

    def test_a_block_with_an_open_comment_is_refused(self, world, report):
        block = insert(world, report)
        Comment.objects.create(
            unit=world.town, subject_kind="report", subject_id=report.pk, anchor=block.key, author=world.reviewer,
            kind="must_fix", text="改", created_at=report.created_at,
        )  # fmt: skip
        with pytest.raises(Refused):
            services.delete_block(by=world.clerk, block=block, base_version=block.version)


class TestUndo:
    """One's newest deed is taken back; the one before it then, also after the page was left."""

    def test_insert_text_move_and_delete_are_taken_back_one_by_one(self, world, report):
        before = keys(report)
        block = insert(world, report, after=before[2])
        services.save_block(by=world.clerk, block=block, text="一句。", base_version=block.version)
        services.move_block(by=world.clerk, block=block, past=before[3])
        block.refresh_from_db()
        services.delete_block(by=world.clerk, block=block, base_version=block.version)
        assert keys(report) == before
        undo(world.clerk, report)
        assert keys(report)[4] == block.key
        assert report.blocks.get(key=block.key).text == "一句。"
        undo(world.clerk, report)
        assert keys(report)[3] == block.key
        undo(world.clerk, report)
        assert report.blocks.get(key=block.key).text == ""
        undo(world.clerk, report)
        assert keys(report) == before
        assert newest_undoable(report, world.clerk) is None
        assert Event.objects.filter(deed="undo_deed").count() == 4

    def test_each_person_takes_back_the_own_deed(self, world, report):
        mine = insert(world, report)
        services.insert_block(by=world.head, report=report, kind="paragraph", after=mine.key)
        undo(world.clerk, report)
        assert mine.key not in keys(report)
        assert newest_undoable(report, world.head) is not None

    def test_what_somebody_wrote_over_it_is_not_lost(self, world, report):
        block = insert(world, report)
        services.save_block(by=world.head, block=block, text="另一人写的。", base_version=block.version)
        with pytest.raises(EditConflict):
            undo(world.clerk, report)
        assert report.blocks.get(key=block.key).text == "另一人写的。"

    def test_a_left_out_paragraph_comes_back(self, world, report):
        block = report.blocks.filter(is_optional=True, is_dropped=False).first()
        services.set_block_dropped(by=world.clerk, block=block, dropped=True)
        undo(world.clerk, report)
        assert not report.blocks.get(pk=block.pk).is_dropped

    def test_another_deed_than_the_one_shown_is_not_taken_back(self, world, report):
        insert(world, report)
        shown = newest_undoable(report, world.clerk).pk
        insert(world, report)
        with pytest.raises(EditConflict):
            services.undo_deed(by=world.clerk, report=report, event=shown)

    def test_plan_items_find_their_paragraph_again(self, world, report):
        block = insert(world, report, "plan")
        from reports.plan_items import PlanInput

        item = services.add_plan_item(by=world.clerk, report=report, block=block, typed=PlanInput("一项措施"))
        services.delete_block(by=world.clerk, block=block, base_version=block.version)
        undo(world.clerk, report)
        item.refresh_from_db()
        assert item.block.key == block.key


@pytest.mark.parametrize("role", [Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN, Role.AUDITOR])
def test_the_district_changes_nothing(world, report, role):
    user = make_user(role, world.district)
    block = insert(world, report)
    for deed in (
        lambda: services.insert_block(by=user, report=report, kind="paragraph", after=block.key),
        lambda: services.move_block(by=user, block=block, past=keys(report)[2]),
        lambda: services.delete_block(by=user, block=block, base_version=block.version),
        lambda: services.undo_deed(by=user, report=report, event=1),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_the_page_inserts_moves_deletes_and_undoes(client, world, report):
    client.force_login(world.clerk)
    before = keys(report)
    menu = client.get(url("block_insert", report.pk, before[2]), **FETCH).content.decode()
    assert 'value="table"' in menu
    assert "<html" not in menu
    assert "<html" in client.get(url("block_insert", report.pk, before[2])).content.decode()
    answer = client.post(url("block_insert", report.pk, before[2]), {"kind": "heading-2"}, **FETCH).json()
    key = answer["open"]
    assert answer["order"][3] == f"b-{key}"
    moved = client.post(url("block_move", report.pk, key), {"past": before[3]}, **FETCH).json()
    assert moved["order"][4] == f"b-{key}"
    assert client.post(url("block_move", report.pk, key), {"past": before[0]}, **FETCH).status_code == 409
    assert client.post(url("block_delete", report.pk, key), {"version": 1}, **FETCH).status_code == 200
    assert keys(report) == before
    event = newest_undoable(report, world.clerk).pk
    assert f'value="{event}"' in client.get(url("report_detail", report.pk)).content.decode()
    client.post(url("deed_undo", report.pk), {"event": event})
    assert keys(report)[4] == key


def test_who_else_has_a_block_open_is_told(client, world, report):
    first = keys(report)[0]
    client.force_login(world.clerk)
    answer = client.post(url("report_here", report.pk), {"block": first})
    assert answer.json() == {"others": {}}
    client.force_login(world.head)
    address = url("report_here", report.pk)
    assert client.post(address, {"block": ""}).json() == {"others": {first: world.clerk.display_name}}
    report.editors.update(seen_at=timezone.now() - AT_WORK - timedelta(seconds=1))
    assert client.post(address, {"block": ""}).json() == {"others": {}}
    client.force_login(world.reviewer)
    assert client.post(address, {"block": first}).status_code == 403
