"""Tables as files: what people typed stays text, numbers stay numbers, names are Chinese, and what goes out comes in again."""
# ruff: noqa: E501

import csv
import io
from datetime import date
from urllib.parse import unquote

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from metrics import services
from metrics.imports.heads import targets_of
from metrics.ledgers import ledger_kind, ledger_kinds
from metrics.models import MediaPlacement, StudySession
from metrics.workbooks.reading import read_file
from metrics.workbooks.tables import NUMBER, Column, Table, file_name
from metrics.workbooks.writing import to_csv, to_xlsx
from tests.factories import make_district, make_item, make_list, make_return, make_township, make_user, make_village

pytestmark = pytest.mark.django_db
SEEDS = (
    "=1+1", '=HYPERLINK("http://x.example","点我")', "=cmd|' /C calc'!A0", "+86 10", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "#N/A", "=",
    "'=1", "1/2", "007", "1E5", "http://news.example/1", "a\x00b", "a\x0bb", "第一行\n第二行", "=" + "A1" * 100, "TRUE",
)  # fmt: skip


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.IMPORTS_DIR = tmp_path


@pytest.fixture
def clerk():
    services.sync_catalogue()
    return make_user("township_clerk", make_township(make_district(), name="青云镇"))


def seeded():
    rows = tuple((seed, place) for place, seed in enumerate(SEEDS))
    return Table(
        "表", "=标题", (Column("=列"), Column("数", NUMBER)), rows, above=("@单位",), totals=("合计", 3), below=("-签章",)
    )


def test_no_text_becomes_a_formula_in_a_workbook():
    book = load_workbook(io.BytesIO(to_xlsx((seeded(),))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type in "fe" or cell.hyperlink]
    texts = [cell for cell in cells if cell.column == 1]
    assert {cell.data_type for cell in texts} == {"s"}
    assert [cell.value for cell in cells if cell.column == 2 and cell.row > 3] == [*range(len(SEEDS)), 3]


def test_the_parts_of_a_workbook_hold_no_formula_at_all():
    import zipfile

    with zipfile.ZipFile(io.BytesIO(to_xlsx((seeded(),)))) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_no_text_of_a_csv_reads_as_a_formula_and_numbers_stay_bare():
    data = to_csv(seeded())
    assert data.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    number = Table("表", "", (Column("数", NUMBER),), ((-5,),))
    assert to_csv(number).decode("utf-8-sig").splitlines()[-1] == "-5"


def test_the_sent_table_comes_back_with_red_cells_and_still_without_a_formula(client, clerk):
    rows = "".join(f"明天,中心组专题学习,{seed},礼堂,x\n" for seed in ("=1+1", "+86", "-1", "@x", "=cmd|' /C calc'!A0"))
    data = f"青云镇台账\n日期,类别,名称,地点,=附件\n{rows}".encode()
    batch = services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name="学习.csv", data=data)
    batch = services.match_columns(by=clerk, batch=batch, columns=batch.columns)
    client.force_login(clerk)
    answer = client.get(reverse("metrics:import_marked", args=[batch.public_id]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type in "fe"]
    assert [sheet["C3"].value, sheet["E2"].value] == ["=1+1", "=附件"]
    marked = [cell.coordinate for cell in cells if cell.comment]
    assert marked == [f"A{number}" for number in range(3, 8)]
    assert sheet["A3"].fill.fgColor.rgb.endswith("F8D4D0")
    assert sheet["A3"].comment.text == batch.rows.get(number=3).errors["date"][0]


def styled_workbook() -> bytes:
    """A workbook as an office makes it: widths, colours, a second sheet, a remark, a merged title, formulas."""
    book = Workbook()
    sheet = book.active
    sheet.title = "学习台账"
    sheet.append(["青云镇学习台账"])
    sheet.merge_cells("A1:E1")
    sheet.append(["日期", "类别", "名称", "地点", "合计"])
    sheet.append(["明天", "中心组专题学习", "=1+1", "礼堂", None])
    sheet["C3"].data_type = "s"
    sheet.append([date(2026, 10, 8), "聚餐", "第二次", "礼堂", None])
    sheet["E4"] = "=SUM(1,2)"
    sheet["A3"].comment = Comment("请核对", "某人")
    sheet.merge_cells("B4:B5")
    sheet.column_dimensions["C"].width = 44
    sheet["C4"].fill = PatternFill("solid", fgColor="00FF00")
    sheet["C4"].font = Font(bold=True, name="黑体")
    book.create_sheet("说明").append(["自留说明"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def started_from(clerk, data, name="学习.xlsx"):
    batch = services.start_import(by=clerk, unit=clerk.unit, kind=ledger_kind("study"), file_name=name, data=data)
    return services.match_columns(by=clerk, batch=batch, columns=batch.columns)


def marked_book(client, batch):
    answer = client.get(reverse("metrics:import_marked", args=[batch.public_id]))
    assert unquote(answer["Content-Disposition"]).endswith(".xlsx")
    return load_workbook(io.BytesIO(answer.content))


def test_a_workbook_comes_back_as_it_was_with_its_faulty_cells_red(client, clerk):
    batch = started_from(clerk, styled_workbook())
    client.force_login(clerk)
    book = marked_book(client, batch)
    sheet = book["学习台账"]
    assert (book.sheetnames, book["说明"]["A1"].value) == (["学习台账", "说明"], "自留说明")
    assert sheet.column_dimensions["C"].width == 44
    assert (sheet["C4"].fill.fgColor.rgb, sheet["C4"].font.name, sheet["C4"].font.bold) == ("0000FF00", "黑体", True)
    assert {str(span) for span in sheet.merged_cells.ranges} == {"A1:E1", "B4:B5"}
    red = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb.endswith("F8D4D0")]
    assert red == ["A3", "B4"]
    assert sheet["A3"].comment.text == batch.rows.get(number=3).errors["date"][0] + "\n请核对"
    assert sheet["B4"].comment.text == batch.rows.get(number=4).errors["kind"][0]
    # A text stays a text, and no formula goes out.
    assert (sheet["C3"].value, sheet["C3"].data_type) == ("=1+1", "s")
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_workbook_that_cannot_be_written_again_comes_back_as_its_table(client, clerk, monkeypatch):
    batch = started_from(clerk, styled_workbook())
    client.force_login(clerk)
    monkeypatch.setattr("metrics.workbooks.painting.MEMORY", 1 << 20)
    sheet = marked_book(client, batch).active
    assert sheet["A3"].comment.text == batch.rows.get(number=3).errors["date"][0]
    assert sheet.column_dimensions["C"].width != 44


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_formulas_typed_into_a_ledger_come_back_as_the_same_text(client, clerk, extension):
    kind = ledger_kind("study")
    for number, seed in enumerate(("=1+1", "+86", "-1", "@x", '=HYPERLINK("http://x.example","点我")')):
        entry = StudySession(unit=clerk.unit, date=date(2026, 10, number + 1), name=seed)
        services.save_entry(by=clerk, kind=kind, entry=entry)
    client.force_login(clerk)
    data = client.get(reverse("metrics:ledger_export", args=["study", extension]) + "?year=2026").content
    batch = services.start_import(by=clerk, unit=clerk.unit, kind=kind, file_name=f"a.{extension}", data=data)
    services.match_columns(by=clerk, batch=batch, columns=batch.columns)
    assert set(batch.rows.values_list("status", flat=True)) == {"duplicate"}
    assert batch.rows.count() == 5


@pytest.mark.parametrize("code", [kind.code for kind in ledger_kinds()])
def test_a_filled_template_of_every_ledger_gives_the_same_entries(client, clerk, code):
    make_village(clerk.unit, "甲村")
    kind = ledger_kind(code)
    client.force_login(clerk)
    book = load_workbook(io.BytesIO(client.get(reverse("metrics:ledger_template", args=[code])).content))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if str(row[0].value or "").lstrip("*") == targets_of(kind)[0].label)
    example = [cell.value for cell in sheet[head[0].row + 1]]
    for column, value in enumerate(example, start=1):
        typed = value.replace("（示例）", "") if isinstance(value, str) else value
        sheet.cell(head[0].row + 2, column).value = typed
    buffer = io.BytesIO()
    book.save(buffer)
    batch = services.start_import(by=clerk, unit=clerk.unit, kind=kind, file_name="a.xlsx", data=buffer.getvalue())
    assert len(batch.columns) == len(kind.columns)
    services.match_columns(by=clerk, batch=batch, columns=batch.columns)
    row = batch.rows.get()
    # An example shows every column, so some of it may not go together; what it says is read all the same.
    for name, message in row.errors.items():
        row = services.mend_row(by=clerk, batch=batch, number=row.number, values={name: ""})
        assert message
    assert (row.status, row.errors) == ("new", {})
    batch.refresh_from_db()
    services.confirm_import(by=clerk, batch=batch, base_version=batch.version)
    entry = kind.model.objects.get()
    assert getattr(entry, kind.date_field) == date(2026, 10, 8)
    assert entry.name == "请在下一行开始填写"


def test_a_template_has_its_drop_downs_and_its_instructions(client, clerk):
    client.force_login(clerk)
    answer = client.get(reverse("metrics:ledger_template", args=["media"]))
    book = load_workbook(io.BytesIO(answer.content))
    rules = book.worksheets[0].data_validations.dataValidation
    lists = [rule.formula1 for rule in rules if rule.type == "list"]
    assert '"国家级,省级,市级,区级"' in lists
    assert book.sheetnames == ["媒体录用台账", "填写说明"]
    assert unquote(answer["Content-Disposition"]).endswith("青云镇_媒体录用台账_导入模板.xlsx")


def test_long_choices_stand_on_a_hidden_sheet(client, clerk):
    for number in range(60):
        make_village(clerk.unit, f"第{number}行政村")
    client.force_login(clerk)
    book = load_workbook(io.BytesIO(client.get(reverse("metrics:ledger_template", args=["vol_activity"])).content))
    assert book["选项"].sheet_state == "hidden"
    assert any(rule.formula1 == "选项!$A$1:$A$60" for rule in book.worksheets[0].data_validations.dataValidation)


def add_media(clerk, day, name, **values):
    entry = MediaPlacement(unit=clerk.unit, date=day, name=name, channel="media", level="city", medium="print", **values)
    return services.save_entry(by=clerk, kind=ledger_kind("media"), entry=entry)


def test_a_districts_ledger_names_the_township_of_each_row(client, clerk):
    other = make_user("township_clerk", make_township(clerk.unit.parent, name="石埠乡"))
    stranger = make_user("township_clerk", make_township(make_district(name="外区"), name="外乡"))
    for by, attendees in ((clerk, 10), (other, 5), (stranger, 90)):
        entry = StudySession(unit=by.unit, date=date(2026, 10, 8), name="学习", attendees=attendees)
        services.save_entry(by=by, kind=ledger_kind("study"), entry=entry)
    client.force_login(make_user("district_reviewer", clerk.unit.parent))
    url = reverse("metrics:ledger_export", args=["study", "csv"]) + "?year=2026"

    def rows_of(address):
        return list(csv.reader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))

    everywhere = rows_of(url)
    assert everywhere[0][0] == f"{clerk.unit.parent.name}学习教育台账"
    head = everywhere[2]
    people = head.index("参加人次")
    assert head[0] == "乡镇（街道）"
    assert {(row[0], row[people]) for row in everywhere[3:5]} == {("青云镇", "10"), ("石埠乡", "5")}
    assert (everywhere[5][0], everywhere[5][head.index("名称")], everywhere[5][people]) == ("合计", "2 条", "15")
    one = rows_of(f"{url}&unit={other.unit.pk}")
    assert (one[0][0], one[2][0]) == ("石埠乡学习教育台账", "日期")
    assert len(one) == 3 + 1 + 2
    client.force_login(clerk)
    assert rows_of(url)[2][0] == "日期"


def test_a_ledger_goes_out_under_its_filters_with_labels_and_totals(client, clerk):
    add_media(clerk, date(2026, 10, 3), "十月稿件", outlet="市日报")
    add_media(clerk, date(2026, 9, 3), "九月稿件")
    other = make_user("township_clerk", make_township(clerk.unit.parent))
    add_media(other, date(2026, 10, 3), "别镇稿件")
    client.force_login(clerk)
    answer = client.get(reverse("metrics:ledger_export", args=["media", "xlsx"]) + "?year=2026&month=10")
    assert unquote(answer["Content-Disposition"]).endswith("''青云镇_2026年10月_媒体录用台账.xlsx")
    rows = [list(row.texts) for row in read_file(answer.content, "a.xlsx")[0].rows]
    assert rows[0] == ["青云镇媒体录用台账"]
    assert "2026年10月" in rows[1][0]
    assert rows[3][:6] == ["2026-10-03", "主流媒体", "市级", "纸媒", "市日报", "十月稿件"]
    assert rows[4][0] == "合计"
    assert "1 条" in rows[4]
    assert "单位负责人" in rows[5][0]
    found = client.get(reverse("metrics:ledger_export", args=["media", "csv"]) + "?year=2026&q=九月").content.decode("utf-8-sig")
    assert "九月稿件" in found
    assert "十月稿件" not in found


def test_sums_are_numbers(client, clerk):
    for number in (3, 4):
        entry = StudySession(unit=clerk.unit, date=date(2026, 10, number), name="学习", attendees=number)
        services.save_entry(by=clerk, kind=ledger_kind("study"), entry=entry)
    client.force_login(clerk)
    answer = client.get(reverse("metrics:ledger_export", args=["study", "xlsx"]) + "?year=2026")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    total = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "合计")
    assert 7 in total


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_every_list_goes_out(client, clerk, extension):
    make_item(clerk.unit, make_list(), "=某某荣誉", level="市级")
    make_return(clerk.unit)
    client.force_login(clerk)
    for name, args, query in (
        ("metrics:return_list_export", [extension], "?year=2026"),
        ("metrics:item_export", [extension], "?year=2026&list=list_honour"),
    ):
        answer = client.get(reverse(name, args=args) + query)
        assert answer.status_code == 200
        assert read_file(answer.content, f"a.{extension}")
    client.force_login(make_user("district_reviewer", clerk.unit.parent))
    answer = client.get(reverse("metrics:board_export", args=[extension]) + "?year=2026")
    assert "青云镇" in str(read_file(answer.content, f"a.{extension}"))


def test_an_unknown_format_is_no_address(client, clerk):
    client.force_login(clerk)
    assert client.get(reverse("metrics:ledger_export", args=["study", "exe"])).status_code == 404
    assert client.get(reverse("metrics:ledger_export", args=["diary", "csv"])).status_code == 404


def test_queries_of_an_export_do_not_grow_with_its_rows(client, clerk, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(clerk)
    url = reverse("metrics:ledger_export", args=["media", "csv"]) + "?year=2026"
    client.get(url)
    counts = []
    for number in range(1, 21):
        add_media(clerk, date(2026, 3, number), f"稿件{number}")
        if number in (1, 20):
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_names_of_files_hold_nothing_that_a_file_may_not():
    assert file_name("青云镇", "", 'a/b\\c:*?"<>|\n', extension="csv") == "青云镇_abc.csv"
