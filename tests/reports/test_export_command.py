"""manage.py export_report refuses in one line, with exit status 2."""

import pytest
from django.core.management import CommandError, call_command

from reports.management.commands.export_report import Command


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--year", "abc"], "--year"), (["--format", "docx"], "docx"), (["--nope"], "--nope"), (["--unit"], "--unit"),
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
        ([], "missing --unit --year --output"),
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
        call_command("export_report", "--format", "docx")
