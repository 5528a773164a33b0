"""A month's template out and in: matched by code or name, written under versions, taken back; the printed form."""

import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from metrics import services
from metrics.choices import FigureKind, ImportState
from metrics.grid import load_grid
from metrics.models import Figure, Indicator, StudySession
from metrics.services import CellInput
from metrics.workbooks.gate import WorkbookRefused
from tests.factories import make_district, make_figure, make_return, make_township, make_user, make_village
from volunteers.models import VolunteerActivity
from workflow import jobs
from workflow.choices import JobState, State
from workflow.models import Event, Job
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
BOOKS, STUDY, HOURS = "ideology_study_book_count", "ideology_study_session_count", "vol_service_hours"
REMOTE = "ideology_remote_education_count"


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.IMPORTS_DIR, settings.ARTIFACTS_DIR = tmp_path / "imports", tmp_path / "artifacts"


@pytest.fixture
def october():
    services.sync_catalogue()
    town = make_township(make_district(), name="青云镇")
    make_village(town, "甲村"), make_village(town, "乙社区")
    return make_return(town)


@pytest.fixture
def clerk(october):
    return make_user("township_clerk", october.unit)


def template(client, october):
    answer = client.get(reverse("metrics:return_template", args=[october.pk]))
    return load_workbook(io.BytesIO(answer.content))


def cell_of(sheet, row_text, column_text):
    """Return the cell in the row that holds one text, under the head that starts with another."""
    head = next(
        cell for row in sheet.iter_rows() for cell in row if str(cell.value or "").startswith(column_text) and cell.row < 8
    )
    row = next(row for row in sheet.iter_rows(min_row=head.row + 1) if any(cell.value == row_text for cell in row))
    return row[head.column - 1]


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def sent(clerk, october, data, name="十月.xlsx"):
    return services.start_return_import(by=clerk, monthly_return=october, file_name=name, data=data)


def figures(october):
    return {figure.anchor: figure for figure in Figure.objects.filter(monthly_return=october).select_related("indicator", "unit")}


def raws(october):
    return {name: figure.raw for name, figure in figures(october).items() if figure.kind != FigureKind.BLANK}


def confirmed(clerk, batch):
    batch.refresh_from_db()
    return services.confirm_import(by=clerk, batch=batch, base_version=batch.version)


def csv(*pairs, heads="指标,本月"):
    return "\n".join([heads, *[",".join(pair) for pair in pairs]]).encode("gbk")


def name_of(code):
    return Indicator.objects.get(code=code).name


def test_the_template_filled_and_sent_back_gives_the_same_values(client, clerk, october):
    client.force_login(clerk)
    book = template(client, october)
    assert [sheet.title for sheet in book if sheet.sheet_state == "visible"] == ["月报", "村社区表"]
    cell_of(book["月报"], BOOKS, "本月").value = 320
    cell_of(book["月报"], STUDY, "本月").value = "不适用"
    village = october.unit.children.get(name="甲村")
    cell_of(book["村社区表"], "甲村", name_of(HOURS)).value = 12.5
    batch = sent(clerk, october, saved(book))
    assert batch.counts["new"] == 3
    confirmed(clerk, batch)
    assert raws(october) == {BOOKS: "320", STUDY: "不适用", f"{HOURS}@{village.code}": "12.5"}
    again = template(client, october)
    assert (cell_of(again["月报"], BOOKS, "本月").value, cell_of(again["月报"], STUDY, "本月").value) == (320, "不适用")
    same = sent(clerk, october, saved(again))
    assert (same.counts["duplicate"], same.counts["new"], same.counts["update"], same.counts["error"]) == (3, 0, 0, 0)


def downloaded(client, clerk, october):
    """Return a template that was made when BOOKS was 10, STUDY 4 and REMOTE blank; all three have moved since."""
    client.force_login(clerk)
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "10"), CellInput(STUDY, "4")])
    book = template(client, october)
    other = make_user("township_clerk", october.unit, display_name="王主任")
    newer = [CellInput(BOOKS, "11", 1), CellInput(STUDY, "5", 1), CellInput(REMOTE, "2")]
    services.save_figures(by=other, monthly_return=october, inputs=newer)
    return book


def test_an_old_template_does_not_put_its_old_figures_back(client, clerk, october):
    book = downloaded(client, clerk, october)
    cell_of(book["月报"], BOOKS, "本月").value = 20  # STUDY stays as it was downloaded
    cell_of(book["月报"], REMOTE, "本月").value = 7
    batch = sent(clerk, october, saved(book))
    rows = {row.raw["cell"]: row for row in batch.rows.all()}
    assert {cell: row.status for cell, row in rows.items()} == {BOOKS: "update", STUDY: "duplicate", REMOTE: "update"}
    assert batch.counts["newer"] == 2
    assert all(word in rows[BOOKS].errors[""][0] for word in ("10", "11", "王主任"))
    assert "2" in rows[REMOTE].errors[""][0]
    client.force_login(clerk)
    page = client.get(reverse("metrics:import_detail", args=[batch.public_id]) + "?show=newer")
    assert [row.row.raw["cell"] for row in page.context["rows"]] == [REMOTE, BOOKS]
    assert "王主任" in page.content.decode()
    assert '<span class="im-old">11</span><span class="im-new">20</span>' in page.content.decode()
    confirmed(clerk, batch)
    assert raws(october) == {BOOKS: "20", STUDY: "5", REMOTE: "7"}
    services.undo_import(by=clerk, batch=batch)
    assert raws(october) == {BOOKS: "11", STUDY: "5", REMOTE: "2"}


def test_a_fresh_template_marks_nothing_and_a_cell_left_out_is_not_counted(client, clerk, october):
    client.force_login(clerk)
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "10")])
    book = template(client, october)
    cell_of(book["月报"], BOOKS, "本月").value = 20
    fresh = sent(clerk, october, saved(book))
    assert (fresh.counts["update"], fresh.counts["newer"], fresh.rows.get().errors) == (1, 0, {})
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "11", 1)])
    old = sent(clerk, october, saved(book))
    assert old.counts["newer"] == 1
    services.skip_row(by=clerk, batch=old, number=old.rows.get().number, skip=True)
    old.refresh_from_db()
    assert old.counts["newer"] == 0


@pytest.mark.parametrize("spoiled", ["gone", "another return", "nonsense"])
def test_without_a_record_of_its_own_the_file_counts_as_it_stands(client, clerk, october, spoiled):
    book = downloaded(client, clerk, october)
    record = book["系统记录"]
    first = next(row for row in record.iter_rows() if row[1].value == october.unit.code)
    if spoiled == "gone":
        del book["系统记录"]
    elif spoiled == "another return":
        first[0].value = str(october.pk + 1)
    else:
        for row in record.iter_rows(min_row=first[0].row + 1):
            row[1].value = "x²"
    batch = sent(clerk, october, saved(book))
    counts = (batch.counts["update"], batch.counts["duplicate"], batch.counts["error"])
    assert counts == (2, 0, 0)
    assert batch.counts["newer"] == (2 if spoiled == "nonsense" else 0)  # a cell without its note counts as never seen


def test_the_exported_form_can_be_sent_back_too(client, clerk, october):
    client.force_login(clerk)
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "320")])
    for extension in ("xlsx", "csv"):
        answer = client.get(reverse("metrics:return_export", args=[october.pk, extension]))
        batch = sent(clerk, october, answer.content, f"a.{extension}")
        assert (batch.counts["duplicate"], batch.counts["error"]) == (1, 0)


def test_rows_are_found_by_name_and_what_is_calculated_is_left_alone(clerk, october):
    batch = sent(
        clerk, october, csv((name_of(BOOKS), "320"), (name_of("media_adopted_count"), "9"), ("没有的指标", "3")), "a.csv"
    )
    assert dict(batch.rows.values_list("number", "status")) == {2: "new", 4: "error"}
    assert "没有的指标" in batch.rows.get(number=4).errors[""][0]


def test_a_blank_cell_says_nothing(clerk, october):
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "320")])
    assert not sent(clerk, october, csv((name_of(BOOKS), ""), (name_of(STUDY), "")), "a.csv").rows.exists()


def test_a_text_that_is_no_number_is_mended_in_the_preview(clerk, october):
    batch = sent(clerk, october, csv((name_of(BOOKS), "约50"), (name_of(STUDY), "4")), "a.csv")
    row = batch.rows.get(number=2)
    assert (row.status, list(row.errors)) == ("error", ["value"])
    mended = services.mend_row(by=clerk, batch=batch, number=2, values={"value": "52", "cell": STUDY})
    assert (mended.status, mended.raw["cell"]) == ("new", BOOKS)
    confirmed(clerk, batch)
    assert raws(october) == {BOOKS: "52", STUDY: "4"}


def test_two_rows_for_one_cell_are_told(clerk, october):
    batch = sent(clerk, october, csv((name_of(BOOKS), "5"), (name_of(BOOKS), "6")), "a.csv")
    assert dict(batch.rows.values_list("number", "status")) == {2: "new", 3: "error"}


def test_a_cell_changed_meanwhile_is_shown_and_not_overwritten(clerk, october):
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "10")])
    batch = sent(clerk, october, csv((name_of(BOOKS), "20"), (name_of(STUDY), "4")), "a.csv")
    assert batch.rows.get(number=2).replaced == {"raw": "10", "version": 1}
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "11", 1)])
    with pytest.raises(Refused):
        confirmed(clerk, batch)
    assert raws(october) == {BOOKS: "11"}
    assert batch.rows.get(number=2).replaced == {"raw": "11", "version": 2}
    confirmed(clerk, batch)
    assert raws(october) == {BOOKS: "20", STUDY: "4"}


def test_a_return_handed_in_meanwhile_keeps_the_rows(client, clerk, october):
    batch = sent(clerk, october, csv((name_of(BOOKS), "20")), "a.csv")
    october.state = State.APPROVED
    october.save()
    with pytest.raises(Refused):
        confirmed(clerk, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.rows.count(), raws(october)) == (ImportState.PREVIEW, 1, {})
    client.force_login(clerk)
    answer = client.post(reverse("metrics:import_confirm", args=[batch.public_id]), {"version": batch.version}, follow=True)
    assert answer.status_code == 200
    assert len(list(answer.context["messages"])) == 1


def test_a_months_import_is_taken_back(clerk, october):
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "10")])
    batch = confirmed(clerk, sent(clerk, october, csv((name_of(BOOKS), "20"), (name_of(STUDY), "4")), "a.csv"))
    services.undo_import(by=clerk, batch=batch)
    assert raws(october) == {BOOKS: "10"}
    assert Event.objects.filter(deed="undo_import").count() == 1


def test_a_cell_changed_since_the_import_is_not_taken_back(clerk, october):
    batch = confirmed(clerk, sent(clerk, october, csv((name_of(BOOKS), "20"), (name_of(STUDY), "4")), "a.csv"))
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(STUDY, "5", 1)])
    with pytest.raises(Refused, match=name_of(STUDY)):
        services.undo_import(by=clerk, batch=batch)
    assert raws(october) == {BOOKS: "20", STUDY: "5"}


def test_a_file_without_the_table_is_refused(clerk, october):
    with pytest.raises(WorkbookRefused):
        sent(clerk, october, "一,二\n3,4\n".encode(), "a.csv")


def test_villages_of_others_are_not_found(clerk, october):
    other = make_village(make_township(october.unit.parent), "丙村")
    batch = sent(clerk, october, csv((other.name, "3"), ("甲 村", "4"), heads=f"村（社区）,{name_of(HOURS)}（小时）"), "a.csv")
    assert list(batch.rows.values_list("status", flat=True)) == ["error", "new"]


@pytest.mark.parametrize("empty", [False, True])
def test_the_form_prints_with_its_line_for_signatures(client, clerk, october, empty):
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "320123")])
    client.force_login(clerk)
    text = client.get(reverse("metrics:return_print", args=[october.pk]) + ("?empty=1" if empty else "")).content.decode()
    assert ("320,123" in text) is not empty
    assert 'class="sign"' in text
    assert 'class="notes"' not in text  # nothing was asked, so nothing is explained


def explain_two(clerk, october):
    """Explain a figure of the township and one of a village, both beside a ledger that says less; return the two texts."""
    village = october.unit.children.get(name="甲村")
    hours = f"{HOURS}@{village.code}"
    StudySession.objects.create(unit=october.unit, date=date(2026, 10, 8), name="赠书", kind="books", copies=30)
    VolunteerActivity.objects.create(unit=october.unit, date=date(2026, 10, 8), name="清洁", village=village, hours=2)
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "320"), CellInput(hours, "9")])
    services.explain_figure(by=clerk, monthly_return=october, cell=BOOKS, text="另有290本<未登记>")
    services.explain_figure(by=clerk, monthly_return=october, cell=hours, text="其余为个人时长")
    return "另有290本", "其余为个人时长"


@pytest.mark.parametrize("empty", [False, True])
def test_explanations_stand_as_notes_under_the_form(client, clerk, october, empty):
    first, second = explain_two(clerk, october)
    client.force_login(clerk)
    text = client.get(reverse("metrics:return_print", args=[october.pk]) + ("?empty=1" if empty else "")).content.decode()
    assert (first in text, second in text) == (not empty, not empty)
    if not empty:
        notes = text[text.index('class="notes"') : text.index('class="sign"')]
        assert notes.count("<li>") == 2
        assert f"{name_of(BOOKS)}：</b>另有290本&lt;未登记&gt;" in notes
        assert f"{name_of(HOURS)}（甲村）：" in notes
        assert notes.index(first) < notes.index(second)


@pytest.mark.pdf
@pytest.mark.parametrize("empty", [False, True])
def test_the_form_as_pdf(client, clerk, october, empty, settings):
    from tests.reports.pdf_reading import pages_of, text_of

    first, _second = explain_two(clerk, october)
    version = Figure.objects.get(indicator__code=BOOKS).version
    services.save_figures(
        by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "320123", version, explanation="另有290本未登记")]
    )
    client.force_login(clerk)
    data = {"empty": "1"} if empty else {}
    url = reverse("metrics:return_pdf", args=[october.pk])
    client.post(url, data)
    job = Job.objects.get(kind="return_pdf")
    jobs.run(str(job.public_id))
    job.refresh_from_db()
    assert (job.state, job.notes) == (JobState.DONE, [])
    path = settings.ARTIFACTS_DIR / job.artifact
    text = "".join(text_of(page.chars) for page in pages_of(path.read_bytes()))
    assert "青云镇" in text
    assert name_of(BOOKS) in text
    assert ("320,123" in text, first in text) == (not empty, not empty)
    assert job.file_name == ("青云镇_2026年10月_月报空表.pdf" if empty else "青云镇_2026年10月_月报.pdf")
    client.post(url, data)
    assert Job.objects.count() == 1
    path.unlink()
    client.post(url, data)
    assert Job.objects.order_by("-pk").first().state == JobState.QUEUED


@pytest.mark.pdf
@pytest.mark.parametrize("explained", [0, 2, 5, 8])
def test_nobody_signs_a_page_without_figures(clerk, october, explained, settings):
    """The signature stands below rows of the table, however many explanations there are between them."""
    from tests.reports.pdf_reading import pages_of, text_of

    asked = Indicator.objects.filter(level="township", source="entered").order_by("code")[:explained]
    for indicator in asked:
        make_figure(october, indicator, 1, explanation="按实际发生数填报，已与台账逐条核对。" * 3)
    job = services.request_return_pdf(by=clerk, monthly_return=october)
    jobs.run(str(job.public_id))
    job.refresh_from_db()
    pages = [text_of(page.chars) for page in pages_of((settings.ARTIFACTS_DIR / job.artifact).read_bytes())]
    signed = next(text for text in pages if "联系电话" in text)
    last = load_grid(october).sections[-1].rows[-3:]
    assert all(row.name in signed for row in last)


def test_a_months_import_speaks_of_figures_that_are_unchanged_not_of_doubles(client, clerk, october):
    services.save_figures(by=clerk, monthly_return=october, inputs=[CellInput(BOOKS, "320")])
    client.force_login(clerk)
    batch = sent(clerk, october, csv((name_of(BOOKS), "320"), (name_of(STUDY), "4")), "十月.csv")
    answer = client.get(reverse("metrics:import_detail", args=[batch.public_id]) + "?show=all")
    labels = {name: label for name, label, _count, _current in answer.context["tabs"]}
    assert labels["duplicate"] in ("未变", "Unchanged")
    assert [line.status for line in answer.context["rows"]] == [labels["duplicate"], labels["new"]]
    start = client.get(reverse("metrics:return_import", args=[october.pk])).content.decode()
    assert "不会写入台账" not in start
    assert "changes no figure" in start or "不会改动月报" in start


def test_a_formula_without_value_in_a_months_file_is_told(client, clerk, october):
    client.force_login(clerk)
    book = template(client, october)
    cell_of(book["月报"], BOOKS, "本月").value = "=300+20"
    batch = sent(clerk, october, saved(book))
    row = batch.rows.get(status="error")
    assert row.raw["cell"] == BOOKS
    assert "=300+20" in row.errors["value"][0]
