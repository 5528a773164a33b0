"""manage.py export_report refuses in one line, with exit status 2."""

import pytest
from django.core.management import CommandError, call_command

from accounts.choices import Role
from reports.management.commands.export_report import Command
from reports.models import Report
from reports.render.files import Rendered


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--year", "abc"], "--year"), (["--format", "odt"], "odt"), (["--nope"], "--nope"), (["--unit"], "--unit"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_one_line(capsys, arguments, part):
    with pytest.raises(SystemExit) as stop:
        Command().run_from_argv(["manage.py", "export_report", *arguments])
    printed = capsys.readouterr()
    assert (stop.value.code, printed.out, printed.err.count("\n")) == (2, "", 1)
    assert part in printed.err
    assert "usage" not in printed.err


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "--unit --year --output"),
        (["--unit", "999999999999", "--year", "2025", "--output", "x.pdf"], "999999999999"),
    ],
)
def test_a_refusal_is_one_line(capsys, arguments, part):
    with pytest.raises(SystemExit) as stop:
        Command().run_from_argv(["manage.py", "export_report", *arguments])
    printed = capsys.readouterr()
    assert (stop.value.code, printed.out, printed.err.count("\n")) == (2, "", 1)
    assert part in printed.err


def test_called_from_code_it_raises():
    with pytest.raises(CommandError, match="--format"):
        call_command("export_report", "--format", "odt")


@pytest.fixture
def written(monkeypatch, tmp_path):
    """The command with everything but the writing replaced."""
    monkeypatch.setattr("reports.render.files.render", lambda document, file_format: Rendered(b"%PDF", 1))
    monkeypatch.setattr("reports.management.commands.export_report.document_to_export", lambda *_report: None)
    return lambda command, output: command._write(None, output, None, "pdf")


def test_a_folder_is_no_file_to_write(written, tmp_path):
    with pytest.raises(CommandError, match=tmp_path.name) as refusal:
        written(Command(), tmp_path)
    assert refusal.value.returncode == 2


def test_nobody_listening_is_no_fault(written, tmp_path, monkeypatch):
    def closed(*_arguments):
        raise BrokenPipeError

    command = Command()
    monkeypatch.setattr(command.stdout, "write", closed)
    monkeypatch.setattr("os.dup2", lambda *_arguments: None)
    written(command, tmp_path / "x.pdf")
    assert (tmp_path / "x.pdf").read_bytes() == b"%PDF"


@pytest.mark.django_db
def test_a_list_that_nobody_reads_to_its_end_stops_quietly(monkeypatch, tmp_path):
    from django.core.management.base import OutputWrapper

    from tests.factories import make_district, make_township, make_user

    class Closed:
        """A pipe whose reader has gone."""

        def write(self, text):
            raise BrokenPipeError

        def flush(self):
            raise BrokenPipeError

    unit = make_township(make_district())
    Report.objects.create(unit=unit, year=2025, created_by=make_user(Role.TOWNSHIP_CLERK, unit))
    pointed = []
    monkeypatch.setattr("reports.management.commands.export_report.os.dup2", lambda *ends: pointed.append(ends[1]))
    command = Command()
    command.stdout = OutputWrapper(Closed())
    command.handle(list=True)
    assert pointed == [1]
