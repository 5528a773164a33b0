"""ledger_template and import_ledger: one line when something is wrong, a status that scripts can read, no half file."""

import io

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from metrics import services
from metrics.choices import RowStatus
from metrics.models import ImportBatch, StudySession
from tests.factories import make_district, make_township, make_user

pytestmark = pytest.mark.django_db
HEADS = "日期,类别,名称,地点\n"
GOOD, BAD = "2026-10-08,中心组专题学习,学习一,礼堂\n", "明天,聚餐,学习二,礼堂\n"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.IMPORTS_DIR = tmp_path / "imports"


@pytest.fixture
def clerk():
    services.sync_catalogue()
    return make_user("township_clerk", make_township(make_district()))


def run(clerk, path, *flags, kind="study", unit=None, by=None):
    out = io.StringIO()
    status = 0
    try:
        call_command(
            "import_ledger", kind, str(path), "--unit", unit or clerk.unit.code, "--by", by or clerk.login, *flags, stdout=out
        )
    except SystemExit as end:
        status = end.code
    return status, out.getvalue()


def written(tmp_path, text, name="学习.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode("gbk"))
    return path


def test_what_is_new_changed_said_before_and_refused_is_told(clerk, tmp_path):
    assert run(clerk, written(tmp_path, HEADS + GOOD))[0] == 0
    path = written(tmp_path, HEADS + GOOD + BAD + "2026-10-09,中心组专题学习,学习三,礼堂\n2026-10-08,其他学习活动,学习一,礼堂\n")
    status, told = run(clerk, path)
    lines = told.splitlines()
    assert status == 1
    for line, row, label in zip(
        lines, (2, 3, 4, 5), (RowStatus.DUPLICATE, RowStatus.ERROR, RowStatus.NEW, RowStatus.UPDATE), strict=False
    ):
        assert str(row) in line
        assert str(label.label) in line
    assert len(lines) == 5
    assert "学习二" in lines[1]
    assert "明天" in lines[1] or "聚餐" in lines[1]
    assert set(StudySession.objects.values_list("name", flat=True)) == {"学习一", "学习三"}


def test_a_dry_run_tells_the_same_and_writes_nothing(clerk, tmp_path):
    path = written(tmp_path, HEADS + GOOD + BAD)
    status, dry = run(clerk, path, "--dry-run")
    assert (status, StudySession.objects.count(), ImportBatch.objects.count()) == (1, 0, 0)
    assert run(clerk, path)[1].splitlines()[:2] == dry.splitlines()[:2]
    assert StudySession.objects.count() == 1


@pytest.mark.parametrize("change", [{"kind": "diary"}, {"unit": "000000000000"}, {"by": "nobody"}])
def test_wrong_arguments_end_in_one_line_and_status_2(clerk, tmp_path, change):
    with pytest.raises(CommandError) as refusal:
        run(clerk, written(tmp_path, HEADS + GOOD), **change)
    assert refusal.value.returncode == 2
    assert len(str(refusal.value).splitlines()) == 1
    assert not StudySession.objects.exists()


def test_wrong_files_and_people_end_in_one_line_and_status_2(clerk, tmp_path):
    huge = tmp_path / "huge.xlsx"
    with huge.open("wb") as file:
        file.truncate(60 << 20)
    stranger = make_user("district_reviewer", clerk.unit.parent)
    cases = [
        (tmp_path / "missing.csv", {}), (tmp_path, {}), (huge, {}), (written(tmp_path, "", "empty.csv"), {}),
        (written(tmp_path, "%PDF-1.7", "a.xlsx"), {}), (written(tmp_path, "名称\n学习\n", "b.csv"), {}),
        (written(tmp_path, HEADS + GOOD), {"by": stranger.login}),
    ]  # fmt: skip
    for path, change in cases:
        with pytest.raises(CommandError) as refusal:
            run(clerk, path, **change)
        assert refusal.value.returncode == 2, path
        assert len(str(refusal.value).splitlines()) == 1
    assert not StudySession.objects.exists()


def test_a_template_is_written_and_imports_nothing_by_itself(clerk, tmp_path):
    path, out = tmp_path / "模板.xlsx", io.StringIO()
    call_command("ledger_template", "study", "--output", str(path), stdout=out)
    assert load_workbook(path).sheetnames == ["学习教育台账", "填写说明"]
    status, told = run(clerk, path)
    assert (status, StudySession.objects.count()) == (0, 0)
    assert told


@pytest.mark.parametrize(("kind", "name"), [("diary", "a.xlsx"), ("study", "missing/a.xlsx"), ("study", "a.csv"), ("study", ".")])
def test_a_template_that_cannot_be_written_leaves_nothing(clerk, tmp_path, kind, name):
    with pytest.raises(CommandError) as refusal:
        call_command("ledger_template", kind, "--output", str(tmp_path / name))
    assert refusal.value.returncode == 2
    assert not list(tmp_path.glob("*.xlsx"))


def test_what_the_parser_refuses_is_one_line_too(clerk):
    import subprocess
    import sys
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    for command in (["import_ledger", "study"], ["ledger_template"], ["ledger_template", "study", "--output"]):
        done = subprocess.run([sys.executable, "manage.py", *command], cwd=root, capture_output=True, text=True, check=False)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
