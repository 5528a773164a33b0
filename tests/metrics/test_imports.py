"""Files into ledgers: heads matched, rows judged as by hand, written once, taken back as a whole."""
# ruff: noqa: E501

import io
from datetime import date
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from metrics import services
from metrics.choices import ImportState
from metrics.ledgers import ledger_kind, ledger_kinds
from metrics.models import ColumnMemory, Figure, Highlight, ImportBatch, NamedList, PracticeEvent, StudySession
from metrics.services.imports import JUDGE_JOB, WRITE_JOB, open_job
from metrics.workbooks.gate import WorkbookRefused
from tests.factories import make_district, make_return, make_township, make_user, make_village
from volunteers.models import VolunteerActivity
from workflow import jobs
from workflow.choices import JobState, State
from workflow.models import Event, Job
from workflow.queries import chain_faults
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
HEADS = "日期,类别,名称,地点,参加人次,备注"
COUNT = "ideology_study_session_count"


@pytest.fixture(autouse=True)
def imports_folder(settings, tmp_path):
    settings.IMPORTS_DIR = tmp_path / "imports"


@pytest.fixture
def town():
    services.sync_catalogue()
    return make_township(make_district())


@pytest.fixture
def clerk(town):
    return make_user("township_clerk", town)


def csv(*lines, heads=HEADS):
    return "\n".join([heads, *lines]).encode("utf-8-sig")


def started(clerk, *lines, kind="study", heads=HEADS, name="学习.csv"):
    return services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind(kind), file_name=name, data=csv(*lines, heads=heads))


def previewed(clerk, *lines, **values):
    batch = started(clerk, *lines, **values)
    return services.match_columns(by=clerk, batch=batch, columns=batch.columns)


def confirmed(clerk, batch, **values):
    batch.refresh_from_db()
    return services.confirm_import(by=clerk, batch=batch, base_version=batch.version, **values)


def statuses(batch):
    return dict(batch.rows.values_list("number", "status"))


def test_heads_are_matched_by_label_word_and_bracket(clerk):
    batch = started(clerk, "2026-10-08,中心组专题学习,学习,礼堂,46,", heads="活动时间,类别,主题（必填）,地点,人数,备注")
    assert batch.columns == {"date": 0, "kind": 1, "name": 2, "place": 3, "attendees": 4, "note": 5}
    assert batch.state == ImportState.MATCHING


def test_a_title_above_the_head_and_totals_below_the_rows_are_no_rows(clerk):
    lines = ["青云镇学习教育台账,,,,,", HEADS, "2026-10-08,中心组专题学习,学习,礼堂,46,", "合计,,1,,46,", "填表人：,,,,,"]
    data = "\n".join(lines).encode("gbk")
    batch = services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name="a.csv", data=data)
    services.match_columns(by=clerk, batch=batch, columns=batch.columns)
    assert statuses(batch) == {3: "new"}


def test_what_was_matched_once_is_proposed_the_next_time(clerk):
    batch = started(clerk, "2026-10-08,中心组专题学习,学习,礼堂,46,", heads="哪天,类别,干了啥,地点,人数,备注")
    assert "date" not in batch.columns
    with pytest.raises(Refused):
        services.match_columns(by=clerk, batch=batch, columns=batch.columns)
    services.match_columns(by=clerk, batch=batch, columns=batch.columns | {"date": 0, "name": 2})
    again = started(clerk, "2026-10-09,中心组专题学习,学习,礼堂,46,", heads="哪天,类别,干了啥,地点,人数,备注")
    assert (again.columns["date"], again.columns["name"]) == (0, 2)
    assert ColumnMemory.objects.filter(unit=clerk.unit, head="哪天", field="date").count() == 1


def test_rows_are_judged_as_by_hand_and_every_message_stands_at_its_cell(clerk):
    batch = previewed(
        clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,", "明天,中心组专题学习,学习二,礼堂,46,", "2026-10-09,聚餐,学习三,礼堂,46,",
        "2026-10-09,中心组专题学习,学习四,礼堂,约50,", "2026-10-09,中心组专题学习,,礼堂,5,", "2026-10-09,学习书籍发放,发书,礼堂,,",
    )  # fmt: skip
    rows = {row.number: row for row in batch.rows.all()}
    assert [rows[number].status for number in range(2, 8)] == ["new", *["error"] * 5]
    assert {number: list(rows[number].errors) for number in range(3, 8)} == {
        3: ["date"], 4: ["kind"], 5: ["attendees"], 6: ["name"], 7: ["copies"],
    }  # fmt: skip
    assert batch.counts == {"new": 1, "update": 0, "duplicate": 0, "error": 5, "skipped": 0, "newer": 0}
    assert not StudySession.objects.exists()


@pytest.mark.parametrize(
    "typed", ["2026-10-08", "2026/10/8", "2026.10.8", "2026年10月8日", "20261008", "２０２６-10-08", "46303", "2026-10-08 09:30"]
)
def test_days_are_read_as_people_write_them(clerk, typed):
    batch = previewed(clerk, f"{typed},中心组专题学习,学习,礼堂,46,")
    confirmed(clerk, batch)
    assert StudySession.objects.get().date == date(2026, 10, 8)


def test_an_import_writes_entries_and_the_open_return_follows(clerk):
    monthly_return = make_return(clerk.unit)
    batch = confirmed(
        clerk, previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,", "2026-10-09,中心组专题学习,学习二,礼堂,46,")
    )
    assert batch.state == ImportState.IMPORTED
    assert set(StudySession.objects.values_list("name", "attendees", "version", "batch")) == {
        ("学习一", 46, 1, batch.pk),
        ("学习二", 46, 1, batch.pk),
    }
    assert Figure.objects.get(monthly_return=monthly_return, indicator__code=COUNT).value == 2
    event = Event.objects.get(deed="import_entries")
    assert (event.changes[0]["new"], event.changes[0]["sha256"]) == (2, batch.sha256)
    assert not list(chain_faults(clerk.unit))


def test_confirming_twice_imports_once(clerk):
    batch = previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,")
    for _time in range(2):
        services.confirm_import(by=clerk, batch=batch, base_version=batch.version)
    assert StudySession.objects.count() == 1
    assert Event.objects.filter(deed="import_entries").count() == 1


def test_the_same_file_again_is_all_duplicates_and_nothing_to_import(clerk):
    line = "2026-10-08,中心组专题学习,学习一,礼堂,46,"
    confirmed(clerk, previewed(clerk, line))
    batch = previewed(clerk, line, line)
    assert statuses(batch) == {2: "duplicate", 3: "duplicate"}
    with pytest.raises(Refused):
        confirmed(clerk, batch)


def test_equal_rows_of_one_file_count_once(clerk):
    batch = previewed(clerk, *["2026-10-08,中心组专题学习,学习一,礼堂,46,"] * 2)
    assert statuses(batch) == {2: "new", 3: "duplicate"}
    assert "2" in batch.rows.get(number=3).errors[""][0]


def test_a_changed_row_updates_its_entry_and_a_blank_cell_leaves_it_alone(clerk):
    confirmed(clerk, previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,旧"))
    batch = previewed(clerk, "2026-10-08,中心组专题学习,学 习一,礼堂,50,")
    row = batch.rows.get()
    assert (row.status, row.replaced["attendees"]) == ("update", 46)
    confirmed(clerk, batch)
    entry = StudySession.objects.get()
    assert (entry.attendees, entry.note, entry.version) == (50, "旧", 2)
    change = Event.objects.filter(deed="import_entries").last().changes[1]
    assert (change["old"]["attendees"], change["new"]["attendees"]) == (46, 50)


def test_two_entries_of_one_identity_are_not_guessed_between(clerk):
    confirmed(clerk, previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,", "2026-10-08,中心组专题学习,学习一,礼堂,47,"))
    assert StudySession.objects.count() == 2
    assert statuses(previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,48,")) == {2: "error"}


def test_a_row_is_mended_in_the_preview_and_then_imported(clerk):
    batch = previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,约50,", "明天,中心组专题学习,学习二,礼堂,3,")
    row = services.mend_row(by=clerk, batch=batch, number=2, values={"attendees": "52", "unit": "999", "id": "7"})
    assert (row.status, row.errors, "unit" in row.raw) == ("new", {}, False)
    still = services.mend_row(by=clerk, batch=batch, number=3, values={"date": "后天"})
    assert (still.status, still.raw["date"]) == ("error", "后天")
    services.skip_row(by=clerk, batch=batch, number=3, skip=True)
    batch = confirmed(clerk, batch, all_or_nothing=True)
    assert list(StudySession.objects.values_list("attendees", flat=True)) == [52]
    assert batch.counts["skipped"] == 1


def test_all_or_nothing_is_nothing_while_a_row_is_refused(clerk):
    batch = previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,5,", "明天,中心组专题学习,学习二,礼堂,3,")
    with pytest.raises(Refused):
        confirmed(clerk, batch, all_or_nothing=True)
    assert not StudySession.objects.exists()
    confirmed(clerk, batch)
    assert StudySession.objects.count() == 1


def test_a_preview_that_is_no_longer_true_is_shown_anew_and_not_written(clerk):
    line = "2026-10-08,中心组专题学习,学习一,礼堂,46,"
    first, second = previewed(clerk, line), previewed(clerk, line)
    confirmed(clerk, first)
    with pytest.raises(Refused):
        confirmed(clerk, second)
    assert statuses(second) == {2: "duplicate"}
    assert StudySession.objects.count() == 1


def test_an_old_page_confirms_nothing(clerk):
    batch = previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,")
    services.skip_row(by=clerk, batch=batch, number=2, skip=True)
    with pytest.raises(Refused):
        services.confirm_import(by=clerk, batch=batch, base_version=batch.version)


def test_an_import_is_taken_back_as_a_whole(clerk):
    monthly_return = make_return(clerk.unit)
    confirmed(clerk, previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,旧"))
    batch = confirmed(
        clerk, previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,50,新", "2026-10-20,中心组专题学习,学习二,礼堂,5,")
    )
    assert Figure.objects.get(monthly_return=monthly_return, indicator__code=COUNT).value == 2
    for _time in range(2):
        services.undo_import(by=clerk, batch=batch)
    entry = StudySession.objects.get()
    assert (entry.attendees, entry.note, entry.version) == (46, "旧", 3)
    assert Figure.objects.get(monthly_return=monthly_return, indicator__code=COUNT).value == 1
    assert ImportBatch.objects.get(pk=batch.pk).state == ImportState.UNDONE
    assert Event.objects.filter(deed="undo_import").count() == 1


@pytest.mark.parametrize("deed", ["change", "remove"])
def test_what_somebody_changed_since_is_not_taken_back(clerk, deed):
    batch = confirmed(
        clerk, previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,", "2026-10-09,中心组专题学习,学习二,礼堂,46,")
    )
    entry = StudySession.objects.get(name="学习一")
    if deed == "change":
        entry.attendees = 47
        services.save_entry(by=clerk, kind=ledger_kind("study"), entry=entry, base_version=1)
    else:
        services.remove_entry(by=clerk, kind=ledger_kind("study"), entry=entry)
    with pytest.raises(Refused, match="2"):
        services.undo_import(by=clerk, batch=batch)
    assert StudySession.objects.filter(name="学习二").exists()


def test_villages_are_found_by_name_and_by_nobody_elses(clerk):
    village, other = make_village(clerk.unit, "甲村"), make_village(make_township(clerk.unit.parent), "乙村")
    heads = "日期,类别,村（社区）,名称,地点,参与人次,时长"
    batch = previewed(
        clerk, f"2026-10-08,村（社区）文明实践站活动,{village.name},清洁,广场,20,2.5",
        f"2026-10-08,村（社区）文明实践站活动,{other.name},清洁,广场,20,2.5", kind="vol_activity", heads=heads,
    )  # fmt: skip
    assert statuses(batch) == {2: "new", 3: "error"}
    confirmed(clerk, batch)
    assert VolunteerActivity.objects.get().village == village


def test_named_items_come_in_under_the_year_of_their_date(clerk):
    named = NamedList.objects.first()
    batch = previewed(clerk, f"{named.name},某某荣誉,2025-03-01", kind="highlight", heads="清单,名称,日期")
    confirmed(clerk, batch)
    item = Highlight.objects.get()
    assert (item.year, item.named_list) == (2025, named)


@pytest.mark.parametrize("code", [kind.code for kind in ledger_kinds()])
def test_every_ledger_has_columns_that_match_their_own_labels(code):
    from metrics.imports.heads import match_heads, targets_of

    targets = targets_of(ledger_kind(code))
    heads = tuple(target.label for target in targets)
    assert len(set(heads)) == len(heads)
    assert match_heads(heads, targets, {}) == {target.name: place for place, target in enumerate(targets)}


def test_only_the_townships_office_takes_files_in(clerk):
    batch = previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,")
    for role, unit in (("district_reviewer", clerk.unit.parent), ("township_clerk", make_township(clerk.unit.parent))):
        stranger = make_user(role, unit)
        with pytest.raises(PermissionDenied):
            services.start_import(by=stranger, unit=clerk.unit, kind=ledger_kind("study"), file_name="a.csv", data=csv("x"))
        for deed in (
            lambda who: services.match_columns(by=who, batch=batch, columns=batch.columns),
            lambda who: services.mend_row(by=who, batch=batch, number=2, values={}),
            lambda who: services.skip_row(by=who, batch=batch, number=2, skip=True),
            lambda who: services.confirm_import(by=who, batch=batch, base_version=batch.version),
            lambda who: services.undo_import(by=who, batch=batch),
        ):
            with pytest.raises(PermissionDenied):
                deed(stranger)


def test_a_file_that_is_none_leaves_no_batch(clerk):
    with pytest.raises(WorkbookRefused):
        services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name="a.xlsx", data=b"%PDF-1.7")
    assert not ImportBatch.objects.exists()


def many(count, first=1):
    return [
        f"2026-{1 + n % 10:02d}-{1 + n % 28:02d},中心组专题学习,学习{n},礼堂,{n % 90},第{n}次"
        for n in range(first, first + count)
    ]


def queries_of(clerk, count):
    batch = started(clerk, *many(count))
    with CaptureQueriesContext(
        connection,
    ) as judging:
        batch = services.match_columns(by=clerk, batch=batch, columns=batch.columns)
    with CaptureQueriesContext(connection) as writing:
        confirmed(clerk, batch)
    services.undo_import(by=clerk, batch=ImportBatch.objects.get(pk=batch.pk))
    return len(judging), len(writing)


def test_queries_do_not_grow_with_the_rows(clerk):
    make_return(clerk.unit)
    queries_of(clerk, 1)
    few, lots = queries_of(clerk, 20), queries_of(clerk, 400)
    assert lots[0] - few[0] <= 4  # inserts in chunks
    assert lots[1] - few[1] <= 12  # SQLite takes 999 values a statement


def test_five_hundred_rows_are_done_at_once_and_more_are_a_workers(clerk):
    assert previewed(clerk, *many(500)).state == ImportState.PREVIEW
    batch = previewed(clerk, *many(501))
    assert batch.state == ImportState.MATCHING
    job = open_job(batch)
    assert job.kind == JUDGE_JOB
    with pytest.raises(Refused):
        services.mend_row(by=clerk, batch=batch, number=2, values={})
    jobs.run(str(job.public_id))
    job.refresh_from_db()
    batch.refresh_from_db()
    assert (job.state, batch.state, batch.counts["new"]) == (JobState.DONE, ImportState.PREVIEW, 501)


def test_a_cancelled_job_leaves_the_batch_where_it_was(clerk):
    batch = previewed(clerk, *many(501))
    jobs.cancel_job(by=clerk, job=open_job(batch))
    batch.refresh_from_db()
    assert (batch.state, open_job(batch)) == (ImportState.MATCHING, None)
    services.match_columns(by=clerk, batch=batch, columns=batch.columns)
    assert open_job(batch)


@pytest.mark.slow
def test_five_thousand_rows_take_seconds_and_tell_how_far_they_are(clerk):
    import time

    make_return(clerk.unit)
    told, started_at = [], time.process_time()
    batch = previewed(clerk, *many(5000))
    for kind in (JUDGE_JOB, WRITE_JOB):
        job = open_job(batch)
        assert job.kind == kind
        watched = jobs.KINDS[kind]
        jobs.KINDS[kind] = lambda job, report, work=watched: work(
            job, lambda done, total: (told.append((done, total)), report(done, total))
        )
        try:
            with CaptureQueriesContext(connection) as queries:
                jobs.run(str(job.public_id))
        finally:
            jobs.KINDS[kind] = watched
        assert len(queries) < 400
        batch.refresh_from_db()
        if kind == JUDGE_JOB:
            assert batch.counts["new"] == 5000
            confirmed(clerk, batch)
    assert StudySession.objects.count() == 5000
    assert {total for _done, total in told} == {5000, 5500}
    assert len(told) == 41
    assert told[-1] == (5500, 5500)
    assert Job.objects.filter(state=JobState.DONE).count() == 2
    batch.refresh_from_db()
    services.undo_import(by=clerk, batch=batch)
    assert not StudySession.objects.exists()
    assert time.process_time() - started_at < 60


def test_an_approved_return_does_not_move(clerk):
    monthly_return = make_return(clerk.unit, state=State.APPROVED)
    confirmed(clerk, previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,"))
    assert not Figure.objects.filter(monthly_return=monthly_return).exists()


def test_practice_rows_read_yes_and_no(clerk):
    heads = "日期,类别,名称,地点,是否预约,批次,人次"
    batch = previewed(
        clerk,
        "2026-10-08,团体参观,甲校参观,展馆,是,1,40",
        "2026-10-08,团体参观,乙校参观,展馆,也许,1,40",
        kind="practice",
        heads=heads,
    )
    assert statuses(batch) == {2: "new", 3: "error"}
    confirmed(clerk, batch)
    assert PracticeEvent.objects.get().is_booked


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", b""),
        ("a.xlsx", b"PK\x03\x04" + b"\x00" * (60 << 20)),
        ("a.csv", b"\xff" * 50),
        ("a.xlsx", b"%PDF-1.7"),
        ("", None),
    ],
)
def test_a_wrong_file_is_told_on_the_page_and_makes_nothing(client, clerk, name, data):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(clerk)
    files = {"file": SimpleUploadedFile(name, data)} if data is not None else {}
    answer = client.post(reverse("metrics:import_start", args=["study"]), files)
    assert answer.status_code == 200
    assert answer.context["refusal"]
    assert not ImportBatch.objects.exists()


def test_the_four_pages_in_a_row_without_any_script(client, clerk):
    client.force_login(clerk)
    data = io.BytesIO(csv("2026-10-08,中心组专题学习,学习一,礼堂,46,", "明天,中心组专题学习,学习二,礼堂,46,"))
    data.name = "学习.csv"
    page = client.post(reverse("metrics:import_start", args=["study"]), {"file": data})
    batch = ImportBatch.objects.get()
    assert page.url == reverse("metrics:import_detail", args=[batch.public_id])
    columns = {f"column-{place}": name for name, place in batch.columns.items()}
    client.post(reverse("metrics:import_columns", args=[batch.public_id]), columns)
    shown = client.get(page.url)
    assert [line.row.number for line in shown.context["rows"]] == [3]
    assert 'name="c-date"' in shown.content.decode()
    row = reverse("metrics:import_row", args=[batch.public_id, 3])
    client.post(row, {"deed": "skip"})
    client.post(row, {"deed": "take"})
    client.post(row, {"c-date": "2026-10-09", "show": "error"})
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["error"]) == (2, 0)
    client.post(reverse("metrics:import_confirm", args=[batch.public_id]), {"version": batch.version})
    assert StudySession.objects.count() == 2
    client.post(reverse("metrics:import_undo", args=[batch.public_id]))
    assert StudySession.objects.count() == 0


def test_queries_of_the_preview_do_not_grow_with_its_rows(client, clerk):
    make_village(clerk.unit, "甲村")
    heads = "日期,类别,村（社区）,名称,地点,参与人次"
    line = "2026-10-{:02d},村（社区）文明实践站活动,甲村,清洁,广场,{}"
    confirmed(clerk, previewed(clerk, *[line.format(day, 20) for day in range(1, 29)], kind="vol_activity", heads=heads))
    client.force_login(clerk)
    counts = []
    for count in (1, 1, 28):
        batch = previewed(clerk, *[line.format(day, 30) for day in range(1, count + 1)], kind="vol_activity", heads=heads)
        assert batch.counts["update"] == count
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("metrics:import_detail", args=[batch.public_id]) + "?show=all")
        counts.append(len(queries))
    assert counts[1] == counts[2]
    assert '<span class="im-old">20</span><span class="im-new">30</span>' in page.content.decode()
    assert page.content.decode().count("im-old") == 28


def test_the_page_says_which_figures_of_which_return_follow(client, clerk):
    monthly_return = make_return(clerk.unit)
    make_return(clerk.unit, month=9, state=State.APPROVED)
    batch = previewed(clerk, "2026-10-08,中心组专题学习,学习一,礼堂,46,", "2026-10-09,中心组专题学习,学习二,礼堂,46,")
    client.force_login(clerk)
    page, link = (
        reverse("metrics:import_detail", args=[batch.public_id]),
        reverse("metrics:return_detail", args=[monthly_return.pk]),
    )
    before = client.get(page)
    assert [one.monthly_return for one in before.context["followed"]] == [monthly_return]
    assert link in before.content.decode()
    batch = confirmed(clerk, batch)
    figures = Figure.objects.filter(monthly_return=monthly_return, kind="value")
    zeros = figures.filter(value=0).count()
    assert figures.count() > zeros
    assert batch.counts["followed"] == [{"return": monthly_return.pk, "count": figures.count(), "zeros": zeros}]
    text = client.get(page).content.decode()
    assert link in text
    assert (
        f"{figures.count()} 个数字" in text
        or f": {figures.count()} figures follow the ledger now, {zeros} of them are 0." in text
    )
    services.undo_import(by=clerk, batch=batch)
    assert link not in client.get(page).content.decode()


def formula_book(*, with_value):
    """Return a workbook whose head count is a formula, as a program writes it (no value) or a spreadsheet saves it."""
    book = Workbook()
    book.active.append(HEADS.split(","))
    book.active.append(["2026-10-08", "中心组专题学习", "学习一", "礼堂", "=40+6", None])
    buffer = io.BytesIO()
    book.save(buffer)
    if not with_value:
        return buffer.getvalue()
    changed = io.BytesIO()
    with ZipFile(buffer) as old, ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(
                name,
                old.read(name)
                .replace(b"<f>40+6</f><v></v>", b"<f>40+6</f><v>46</v>")
                .replace(b"<f>40+6</f><v />", b"<f>40+6</f><v>46</v>")
                .replace(b"<f>40+6</f><v/>", b"<f>40+6</f><v>46</v>"),
            )
    return changed.getvalue()


@pytest.mark.parametrize(("with_value", "status"), [(True, "new"), (False, "error")])
def test_a_formula_without_its_value_is_told_from_a_blank_cell(clerk, with_value, status):
    batch = services.start_import(
        by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name="公式.xlsx", data=formula_book(with_value=with_value)
    )
    row = services.match_columns(by=clerk, batch=batch, columns=batch.columns).rows.get()
    assert row.status == status
    assert row.raw["attendees"] == ("46" if with_value else "\u2061=40+6")
    if not with_value:
        assert list(row.errors) == ["attendees"]
        assert "=40+6" in row.errors["attendees"][0]
        assert len(row.errors["attendees"]) == 1
