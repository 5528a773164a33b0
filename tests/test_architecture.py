"""The rules of the house, read off the source: import direction, homes of writes, names, sizes, wording of templates."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "workflow", "metrics", "volunteers", "reports")
LAYERS = {
    "choices": 0, "querysets": 1, "models": 2, "transitions": 3, "queries": 3, "permissions": 4, "services": 5, "forms": 6,
    "views": 7,
}  # fmt: skip
WRITES = {"save", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "delete", "update"}
FORBIDDEN_NAMES = ("utils", "helpers", "common", "misc")
FORBIDDEN_CLASSES = ("Handler", "Processor", "Helper", "Util")
MOST_LINES = 400


def sources(*folders):
    """Python files of the product below the folders, migrations left out."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_modules(path, top_level_only=False):
    """Dotted names that a file imports."""
    nodes = tree_of(path).body if top_level_only else ast.walk(tree_of(path))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("app", APPS)
def test_imports_between_apps_go_one_way(app):
    later = set(APPS[APPS.index(app) + 1 :])
    wrong = [
        (str(path.relative_to(ROOT)), name)
        for path in sources(app)
        for name in imported_modules(path)
        if name.split(".")[0] in later
    ]
    assert not wrong


def layer_of(module: str) -> int | None:
    parts = module.split(".")
    return LAYERS.get(parts[1]) if len(parts) > 1 and parts[0] in APPS else None


@pytest.mark.parametrize("app", APPS)
def test_imports_inside_an_app_go_one_way(app):
    wrong = []
    for path in sources(app):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        own = layer_of(module)
        for name in imported_modules(path, top_level_only=True):
            other = layer_of(name)
            if own is not None and other is not None and name.split(".")[0] == app and other > own:
                wrong.append((module, name))
    assert not wrong


def test_only_pdf_imports_weasyprint():
    allowed = {ROOT / "reports/render/pdf.py", ROOT / "reports/render/cjk.py"}
    users = {path for path in sources(*APPS, "config") for name in imported_modules(path) if name.split(".")[0] == "weasyprint"}
    assert users <= allowed


def test_importing_the_site_does_not_load_weasyprint():
    import subprocess
    import sys

    code = "import config, django, sys; django.setup(); import config.urls; print('weasyprint' in sys.modules)"
    import os

    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def write_calls(path):
    """Calls that write to the database, as (line, name); `form.save`-like calls on plain objects are left to review."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            source = ast.unparse(node.func.value)
            if ".objects" in source or node.func.attr in {"bulk_create", "bulk_update", "update_or_create", "get_or_create"}:
                yield node.lineno, ast.unparse(node.func)


def test_views_forms_queries_and_permissions_write_nothing():
    quiet = [
        path for path in sources(*APPS) if {"views", "forms", "queries", "permissions", "templatetags"} & {path.stem, *path.parts}
    ]
    assert quiet
    wrong = [(str(path.relative_to(ROOT)), *call) for path in quiet for call in write_calls(path)]
    assert not wrong


def test_views_load_objects_through_visible_to():
    """No view reads a model's manager without visible_to: an unscoped id is how other systems leak."""
    wrong = []
    for path in sources(*APPS):
        if "views" not in {path.stem, *path.parts}:
            continue
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and node.attr == "objects":
                line = text.splitlines()[node.lineno - 1]
                if ".objects.visible_to(" not in line:
                    wrong.append((str(path.relative_to(ROOT)), node.lineno, line.strip()))
    assert not wrong


def test_names_say_what_lives_there():
    assert not [path for path in sources(*APPS, "config") if path.stem in FORBIDDEN_NAMES]
    classes = [
        (path.name, node.name) for path in sources(*APPS, "config") for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith(FORBIDDEN_CLASSES)
    ]  # fmt: skip
    assert not classes


def test_files_stay_short():
    long = [
        (str(path.relative_to(ROOT)), count)
        for path in sources(*APPS, "config")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]
    assert not long


def test_every_module_and_public_function_has_a_docstring():
    bare = []
    for path in sources(*APPS, "config"):
        tree = tree_of(path)
        if tree.body and not ast.get_docstring(tree):
            bare.append((str(path.relative_to(ROOT)), "module"))
        bare += [
            (str(path.relative_to(ROOT)), node.name) for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
        ]  # fmt: skip
    assert not bare


def test_no_signals_between_our_apps():
    wrong = [
        (path.name, name)
        for path in sources(*APPS)
        for name in imported_modules(path)
        if name.startswith("django.db.models.signals")
    ]
    assert not wrong


def test_the_repository_speaks_of_the_product_alone():
    """No absolute machine paths or registry hosts in what is tracked."""
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
    marks = (
        "/work" + "/",
        "/root" + "/",
        "pypi" + ".org",
        "registry." + "npmjs",
        "deb.debian" + ".org",
        "files.python" + "hosted",
    )
    found = []
    for name in listed:
        path = ROOT / name
        if (
            path.suffix in {".py", ".txt", ".toml", ".md", ".sh", ".json", ".lock", ".in", ".cfg", ".html", ".js", ".css"}
            and path.is_file()
        ):
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [(name, mark) for mark in marks if mark in text]
    assert not found
