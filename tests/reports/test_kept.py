"""A number whose source has changed: updated here or everywhere, kept with a note, or replaced; who may, and what is told."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext

from reports import services
from reports.assembly import assemble
from reports.document import ReportDocument
from reports.models import BoundFigure, Report, ReportVersion
from reports.queries import kept_figures, moved_since_approval, stale_figures
from reports.render.json import render_json
from reports.render.xlsx import source_in_words
from reports.report_page import load_report_page
from reports.rounds import kept_in
from reports.undoing import newest_undoable
from tests.reports.world import change_figure, lasting
from workflow.models import Event, Round
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
SESSIONS = "ideology_study_session_count"
TEXT = "共学习【中心组专题学习|今年以来|次】，即【中心组专题学习|1—12月|纯数】，年初【中心组专题学习|一季度|次】。"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


@pytest.fixture
def report(world):
    made = services.create_report(by=world.clerk, unit=world.town, year=2025)
    for block in made.blocks.filter(kind__in=("paragraph", "item", "plan")):
        services.save_block(by=world.clerk, block=block, text="正文。", base_version=block.version)
    write(world, made, TEXT)
    return made


def now(report):
    return Report.objects.get(pk=report.pk)


def paragraph(report, place=0):
    return report.blocks.filter(kind="paragraph")[place]


def write(world, report, text, place=0):
    block = paragraph(report, place)
    services.save_block(by=world.clerk, block=block, text=text, base_version=block.version)


def figure(report, part):
    return BoundFigure.objects.select_related("report").get(report=report, token__contains=part)


def shown(report):
    return {row.token: row.shown for row in BoundFigure.objects.filter(report=report)}


def last_event(report):
    return Event.objects.filter(subject_kind="report", subject_id=report.pk).order_by("-pk").first()


class TestUpdate:
    """This place, or every place with the same fact."""

    def test_here_alone(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        services.update_figure(by=world.clerk, figure=figure(report, "今年以来"))
        assert shown(report)["【中心组专题学习|今年以来|次】"] == "15次"
        assert shown(report)["【中心组专题学习|1—12月|纯数】"] == "12"
        assert [row.row.token for row in stale_figures(now(report))] == ["【中心组专题学习|1—12月|纯数】"]
        event = last_event(report)
        assert (event.deed, event.changes[0]["old"], event.changes[0]["new"]) == ("update_figures", "12次", "15次")

    def test_everywhere_is_the_same_fact_in_any_format_and_paragraph_and_no_other_period(self, world, report):
        write(world, report, "又学【ideology_study_session_count|全年|次】，目标【中心组专题学习|全年|目标】。", 1)
        change_figure(world, SESSIONS, 4, year=2025, month=1)
        services.update_figure(by=world.clerk, figure=figure(report, "今年以来"), everywhere=True)
        found = shown(report)
        assert found["【中心组专题学习|1—12月|纯数】"] == "15"
        assert found["【ideology_study_session_count|全年|次】"] == "15次"
        assert found["【中心组专题学习|一季度|次】"] == "3次"
        assert {change["token"] for change in last_event(report).changes} == {
            "【中心组专题学习|今年以来|次】", "【中心组专题学习|1—12月|纯数】", "【ideology_study_session_count|全年|次】",
        }  # fmt: skip
        assert len(stale_figures(now(report))) == 1


class TestKeep:
    """A note is needed; the text stays through every update until it is given up or its source moves on."""

    def test_a_note_is_needed_and_something_to_keep(self, world, report):
        with pytest.raises(Refused, match="nothing to keep"):
            services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="已核对")
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        for note in ("", "  \n "):
            with pytest.raises(Refused, match="Say why"):
                services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note=note)
        with pytest.raises(Refused, match="201 characters"):
            services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="字" * 201)
        assert not figure(report, "今年以来").is_kept
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="字" * 200)
        assert figure(report, "今年以来").is_kept

    def test_it_survives_every_settling_and_stops_blocking(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="与公开稿一致")
        services.update_figures(by=world.clerk, report=now(report))
        write(world, report, TEXT + "再加一句。")
        row = figure(report, "今年以来")
        assert (row.shown, row.kept_note, row.kept_by) == ("12次", "与公开稿一致", world.clerk)
        assert shown(report)["【中心组专题学习|1—12月|纯数】"] == "15"
        assert stale_figures(now(report)) == []
        (kept,) = kept_figures(now(report))
        assert (kept.old, kept.new, kept.is_decided) == ("12次", "15次", True)
        assert load_report_page(now(report)).checks.blocking == []
        assert any(block.text.startswith("共学习12次，即15，") for block in assemble(now(report)).document.blocks)
        event = Event.objects.get(subject_kind="report", subject_id=report.pk, deed="keep_figure")
        assert (event.reason, event.changes[0]["now"]) == ("与公开稿一致", "15次")

    def test_its_source_moving_on_asks_again(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="与公开稿一致")
        change_figure(world, SESSIONS, 9, year=2025, month=7)
        assert "【中心组专题学习|今年以来|次】" in [row.row.token for row in stale_figures(now(report))]
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="仍与公开稿一致")
        assert [row.row.token for row in stale_figures(now(report))] == ["【中心组专题学习|1—12月|纯数】"]
        change_figure(world, SESSIONS, 1, year=2025, month=7)
        assert kept_figures(now(report))[0].is_back
        assert [row for row in stale_figures(now(report)) if row.row.is_kept] == []

    def test_giving_it_up_flags_it_again(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        services.keep_figure(by=world.head, figure=figure(report, "今年以来"), note="与公开稿一致")
        services.release_figure(by=world.clerk, figure=figure(report, "今年以来"))
        assert last_event(report).deed == "release_figure"
        assert len(stale_figures(now(report))) == 2
        count = Event.objects.count()
        services.release_figure(by=world.clerk, figure=figure(report, "今年以来"))
        assert Event.objects.count() == count

    def test_updating_a_kept_one_gives_it_up(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="与公开稿一致")
        services.update_figure(by=world.clerk, figure=figure(report, "今年以来"))
        row = figure(report, "今年以来")
        assert (row.is_kept, row.kept_note, row.shown) == (False, "", "15次")

    @pytest.mark.parametrize("who", ["reviewer", "admin", "auditor"])
    def test_only_the_township_decides(self, world, report, who):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        row, by = figure(report, "今年以来"), getattr(world, who)
        for deed in (
            lambda: services.keep_figure(by=by, figure=row, note="不该"),
            lambda: services.update_figure(by=by, figure=row),
            lambda: services.release_figure(by=by, figure=row),
            lambda: services.rebind_figure(by=by, figure=row, token="【中心组专题学习|上半年|次】"),
        ):
            with pytest.raises(PermissionDenied):
                deed()


class TestSubmission:
    """Undecided numbers block; kept ones go on with their note, into round, version and exports."""

    def test_an_undecided_number_blocks_and_a_kept_one_does_not(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        with pytest.raises(Refused, match="2 numbers have changed"):
            services.submit_report(by=world.head, report=now(report))
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="与公开稿一致")
        with pytest.raises(Refused, match="1 numbers have changed"):
            services.submit_report(by=world.head, report=now(report))
        services.keep_figure(by=world.clerk, figure=figure(report, "1—12月"), note="与公开稿一致")
        services.submit_report(by=world.head, report=now(report))
        with pytest.raises(Refused):
            services.release_figure(by=world.clerk, figure=figure(report, "今年以来"))

    def test_round_version_and_exports_tell_it(self, client, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="与公开稿一致")
        services.update_figures(by=world.clerk, report=now(report))
        services.submit_report(by=world.head, report=now(report))
        client.force_login(world.reviewer)
        page = client.get(f"/reports/{report.pk}/").content.decode()
        assert "与公开稿一致" in page
        services.start_review(by=world.reviewer, report=now(report))
        services.approve_report(by=world.reviewer, report=now(report))
        version = ReportVersion.objects.get(report=report)
        document = ReportDocument.from_json(version.document)
        snapshot = ReportDocument.from_json(Round.objects.get(subject_kind="report", subject_id=report.pk).snapshot["document"])
        for found in (kept_in(document), kept_in(snapshot)):
            assert [(row.shown, row.instead_of, row.note, row.by) for row in found] == [
                ("12次", "15次", "与公开稿一致", world.clerk.display_name)
            ]
        for address in (f"/reports/{report.pk}/rounds/1/", f"/reports/{report.pk}/versions/1/"):
            assert "与公开稿一致" in client.get(address).content.decode()
        runs = [
            run["figure"] for block in json.loads(render_json(document))["blocks"] for run in block["runs"] if "figure" in run
        ]
        sources = [source for run in runs for source in run["sources"] if "kept_note" in source]
        assert [source["kept_note"] for source in sources] == ["与公开稿一致"]
        assert "附注保留：与公开稿一致" in source_in_words(sources[0])
        assert moved_since_approval(now(report)) == []
        change_figure(world, SESSIONS, 8, year=2025, month=7)
        assert len(moved_since_approval(now(report))) == 2


class TestRebind:
    """Another figure in the place of one."""

    def test_the_text_quotes_the_other_figure(self, world, report):
        version = paragraph(report).version
        services.rebind_figure(by=world.clerk, figure=figure(report, "一季度"), token="【中心组专题学习|上半年|次】")
        block = paragraph(report)
        assert "年初【中心组专题学习|上半年|次】。" in block.text
        assert (block.version, shown(report)["【中心组专题学习|上半年|次】"]) == (version + 1, "6次")
        assert "【中心组专题学习|一季度|次】" not in shown(report)
        change = last_event(report).changes[0]
        assert (last_event(report).deed, change["old_shown"], change["new_shown"]) == ("rebind_figure", "3次", "6次")

    def test_it_is_taken_back_before_anything_older(self, world, report):
        older = newest_undoable(report, world.clerk)
        services.rebind_figure(by=world.clerk, figure=figure(report, "一季度"), token="【中心组专题学习|上半年|次】")
        event = newest_undoable(report, world.clerk)
        assert (event.deed, older.deed) == ("rebind_figure", "save_block")
        services.undo_deed(by=world.clerk, report=report, event=event.pk)
        assert (paragraph(report).text, shown(report)["【中心组专题学习|一季度|次】"]) == (TEXT, "3次")
        assert newest_undoable(report, world.clerk) == older

    def test_it_is_not_taken_back_over_what_was_written_since(self, world, report):
        services.rebind_figure(by=world.clerk, figure=figure(report, "一季度"), token="【中心组专题学习|上半年|次】")
        event = newest_undoable(report, world.clerk)
        block = paragraph(report)
        services.save_block(by=world.head, block=block, text="另一人写的。", base_version=block.version)
        with pytest.raises(services.EditConflict):
            services.undo_deed(by=world.clerk, report=report, event=event.pk)

    @pytest.mark.parametrize(
        ("token", "part"),
        [
            ("【没有这个|一季度|次】", "没有这个"),
            ("【中心组专题学习|一季度|余】", "exactly"),
            ("【中心组专题学习|一季度|篇】", "篇"),
            ("【中心组专题学习|一季度|次】", "already"),
            ("两个【中心组专题学习|目前|次】", "exactly one"),
            ("【中心组专题学习】", "no period"),
            ("没有", "exactly one"),
        ],
    )
    def test_what_cannot_stand_is_refused_and_the_text_stays(self, world, report, token, part):
        text = paragraph(report).text
        with pytest.raises(Refused, match=part):
            services.rebind_figure(by=world.clerk, figure=figure(report, "一季度"), token=token)
        assert paragraph(report).text == text

    def test_a_number_that_went_meanwhile_is_refused(self, world, report):
        row = figure(report, "一季度")
        write(world, report, "不再引用。")
        for deed in (
            lambda: services.rebind_figure(by=world.clerk, figure=row, token="【中心组专题学习|上半年|次】"),
            lambda: services.keep_figure(by=world.clerk, figure=row, note="晚了"),
        ):
            with pytest.raises(Refused, match="no longer in the text"):
                deed()


class TestPages:
    """The page flags, walks and takes decisions, with and without the script."""

    def test_flags_decisions_and_walk(self, client, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=2)
        client.force_login(world.clerk)
        address = f"/reports/{report.pk}/figures/"
        first, second, third = (figure(report, part) for part in ("今年以来", "1—12月", "一季度"))
        text = client.get(f"{address}{second.pk}/").content.decode()
        assert "第2处，共3处变化" in text
        assert all(f'data-walk="{row.pk}"' in text for row in (first, third))
        assert "连同另外1处一起更新" in text
        reply = client.post(f"{address}{second.pk}/keep/", {"note": ""}, headers={"X-Requested-With": "fetch"})
        assert (reply.status_code, "请写明为什么保留原数" in reply.json()["message"]) == (409, True)
        reply = client.post(f"{address}{second.pk}/keep/", {"note": "与公开稿一致"})
        assert reply.status_code == 302
        reply = client.post(f"{address}{first.pk}/update/", {"everywhere": "1"}, headers={"X-Requested-With": "fetch"})
        assert "part-notices" in reply.json()["parts"]
        parts = {"name": "中心组专题学习", "period": "上半年", "format": "次", "scope": "", "aggregate": "月均"}
        assert client.post(f"{address}{third.pk}/rebind/", parts).status_code == 302
        assert "【中心组专题学习|上半年|次|月均】" in paragraph(report).text

    def test_what_else_a_place_may_quote_comes_when_it_is_asked_for(self, client, world, report):
        client.force_login(world.clerk)
        address = f"/reports/{report.pk}/figures/{figure(report, '今年以来').pk}/"
        assert "picker" not in client.get(address).context
        answer = client.get(f"{address}?rebind=1", headers={"X-Requested-With": "fetch"})
        text = answer.content.decode()
        assert 'name="period" data-period' in text
        names = {row.name for row in answer.context["picker"].names}
        assert {"中心组专题学习", "志愿服务时长"} <= names
        assert all(f'data-name="{name}"' in text for name in names)
        client.force_login(world.reviewer)
        assert "data-picker" not in client.get(f"{address}?rebind=1").content.decode()

    def test_a_cell_of_a_table_is_chosen_in_the_table(self, client, world, report):
        block = services.insert_block(by=world.clerk, report=report, kind="table", after=paragraph(report).key)
        spec = {"rows": "months", "indicators": [SESSIONS], "columns": ["value"], "period": "一季度"}
        services.save_block(by=world.clerk, block=block, text="学习", spec=spec, base_version=block.version)
        cell = report.bound_figures.filter(block=block).first()
        with pytest.raises(Refused):
            services.rebind_figure(by=world.clerk, figure=cell, token="【中心组专题学习|上半年|次】")
        client.force_login(world.clerk)
        text = client.get(f"/reports/{report.pk}/figures/{cell.pk}/?rebind=1").content.decode()
        assert "data-search" not in text
        with translation.override("zh-hans"):
            words = gettext("What a table, chart or list shows is chosen in it: open it to quote other figures.")
        assert words in text

    def test_the_page_counts_kept_ones(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="与公开稿一致")
        counts = load_report_page(now(report)).counts
        assert (counts.kept, counts.stale) == (1, 1)
        assert counts.total == counts.ok + counts.stale + counts.missing + counts.refused + counts.kept

    def test_queries_do_not_grow_with_numbers(self, world, report):
        change_figure(world, SESSIONS, 4, year=2025, month=7)
        services.keep_figure(by=world.clerk, figure=figure(report, "今年以来"), note="与公开稿一致")
        counts = []
        for _turn in range(2):
            with CaptureQueriesContext(connection) as caught:
                load_report_page(now(report))
            counts.append(len(caught))
            periods = [f"{month}月" for month in range(1, 13)]
            write(world, report, TEXT + "".join(f"【中心组专题学习|{period}|次】、" for period in periods), 0)
            change_figure(world, SESSIONS, 5, year=2025, month=8)
        assert counts[0] == counts[1]
