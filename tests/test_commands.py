"""What management commands say is in the site's language: every word goes through gettext; only codes and marks do not."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAYING = {"CommandError", "CatalogueError", "TemplateError", "CoverageError", "UnitTableError", "write", "done", "exit"}
MARKS = {"CODE", "MISS", "ok"}
SOURCES = [
    *ROOT.glob("*/management/commands/*.py"),
    *(ROOT / name for name in ("metrics/catalogue_files.py", "reports/template_files.py", "reports/coverage.py")),
    *(ROOT / "reports/demo").glob("load.py"),
]


def bare_words(node) -> list[str]:
    """Words of three letters or more in the literals below a node, those within a call of gettext left out."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "gettext", "gettext_lazy"}:
        return []
    if isinstance(node, ast.Call):
        children = node.args if getattr(node.func, "attr", "") == "join" else []
    else:
        children = [] if isinstance(node, ast.Dict | ast.Subscript) else list(ast.iter_child_nodes(node))
    own = re.findall(r"[A-Za-z]{3,}", node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
    return [word for word in own if word not in MARKS] + [word for child in children for word in bare_words(child)]


def sayings(source: str):
    """Yield (line, bare words) of every call that says something."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (name := getattr(node.func, "attr", getattr(node.func, "id", ""))) in SAYING:
            words = [word for argument in node.args for word in bare_words(argument)]
            yield node.lineno, name, words


def test_no_command_says_a_word_outside_gettext():
    assert len(SOURCES) >= 12
    found = [
        (path.name, line, name, words)
        for path in SOURCES
        for line, name, words in sayings(path.read_text(encoding="utf-8"))
        if words
    ]
    assert not found


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('raise CommandError(f"the folder {x} is gone")', ["the", "folder", "gone"]),
        ('self.stdout.write("done: " + x)', ["done"]),
        ('self.stdout.write(_("done: %(x)s") % {"name": x})', []),
        ('self.stdout.write(f"{row.code} {row.year} {row.state}")', []),
    ],
)
def test_the_check_sees_words(source, words):
    assert [found for _line, _name, found in sayings(source)] == [words]
