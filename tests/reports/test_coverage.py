"""`manage.py coverage`: every entry of the list is held by something that exists, and a false claim is found out."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from metrics.catalogue_files import read_catalogue
from reports.coverage import check_coverage, known_holders
from reports.template_files import read_templates

LIST = Path(__file__).resolve().parents[2] / "docs/coverage.toml"


def run(file=LIST):
    output = StringIO()
    call_command("coverage", file=file, stdout=output)
    return output.getvalue().splitlines()


def test_everything_is_held():
    lines = run()
    assert lines[-1].endswith("100 %")
    assert len(lines) == len(check_coverage(LIST)) + 1
    assert all(line.startswith("ok") for line in lines[:-1])


def test_every_indicator_and_list_of_the_catalogue_is_named():
    held = {holder for entry in check_coverage(LIST) for holder in entry.held_by}
    files = read_catalogue()
    assert {f"indicator:{row['code']}" for file in files for row in file.indicators} <= held
    assert {f"list:{row['code']}" for file in files for row in file.lists} <= held


def test_what_one_template_no_longer_quotes_is_not_held(monkeypatch):
    templates = read_templates()
    newest = [row for row in templates if "unit_class" not in row][-1]
    block = next(row for row in newest["blocks"] if row["key"] == "s1.honours")
    block["text"] = "一年来，工作得到认可。"
    monkeypatch.setattr("reports.coverage.read_templates", lambda: templates)
    assert "list_honour" not in known_holders()["list"]


def test_an_indicator_that_is_neither_quoted_nor_in_the_annex_is_not_held(monkeypatch):
    templates = [{**row, "blocks": []} for row in read_templates()]
    monkeypatch.setattr("reports.coverage.read_templates", lambda: templates)
    held = known_holders()["indicator"]
    assert "xuexi_activity_rank" not in held
    assert "ideology_study_session_count" in held


@pytest.mark.parametrize(
    "holders",
    ['["indicator:no_such_code"]', '["block:nowhere"]', '["format:没有"]', '["period:去冬今春"]', '["colour:red"]', "[]"],
)
def test_a_holder_that_does_not_exist_fails(tmp_path, holders):
    file = tmp_path / "coverage.toml"
    file.write_text(f'entries = [{{ id = "x", section = "0", text = "某项", held_by = {holders} }}]', encoding="utf-8")
    with pytest.raises(CommandError) as refusal:
        run(file)
    assert refusal.value.returncode == 1


@pytest.mark.parametrize("text", ["entries = [", 'other = "x"', 'entries = [{ id = "x" }]'])
def test_a_list_that_cannot_be_read_is_named(tmp_path, text):
    file = tmp_path / "coverage.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="coverage.toml"):
        run(file)


def test_an_empty_list_is_no_hundred_per_cent(tmp_path):
    file = tmp_path / "coverage.toml"
    file.write_text("entries = []", encoding="utf-8")
    with pytest.raises(CommandError):
        run(file)
