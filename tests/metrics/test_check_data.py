"""Checks as data: what catalogue files may say, what is refused in which words, the usual checks, words for a page, migration."""

import pytest
from django.apps import apps
from django.utils import translation

from metrics import catalogue_files, catalogue_rules
from metrics.catalogue_files import CatalogueError, checks_of, read_catalogue
from metrics.check_rules import RULES, CheckError, default_checks, merged_checks, plan_of, read_checks, rule_descriptions
from metrics.models import Indicator
from metrics.services import sync_catalogue
from tests.factories import make_indicator

LEDGER = {"ledger": {"kind": "media"}}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def indicator(aggregation="sum", source="entered", level="township", formula=None):
    return Indicator(code="own", aggregation=aggregation, source=source, level=level, formula=formula or {})


def read(row, *checks, **more):
    return read_checks(row, list(checks), codes={"own", "other"}, list_codes={"list_training"}, **more)


@pytest.mark.parametrize(
    ("row", "check"),
    [
        (indicator(), {"rule": "jump", "limit": 0.01}),
        (indicator(), {"rule": "jump", "limit": 100, "small": 0, "level": "hint"}),
        (indicator("last"), {"rule": "zero"}),
        (indicator(), {"rule": "above", "other": "other"}),
        (indicator(), {"rule": "empty_list", "list": "list_training"}),
        (indicator(formula=LEDGER), {"rule": "ledger"}),
        (indicator("ratio", "derived"), {"rule": "rate"}),
        (indicator("ratio", "derived"), {"rule": "range", "low": 1, "level": "hint"}),
        (indicator(), {"rule": "range", "low": 1, "high": 1, "level": "error"}),
    ],
)
def test_what_fits_is_taken(row, check):
    assert read(row, check) == [check]


@pytest.mark.parametrize(
    ("row", "check", "words"),
    [
        (indicator(), {"rule": "jmup"}, "There is no check “jmup”"),
        (indicator(), {}, "There is no check “”"),
        (indicator(), {"rule": "blank"}, "There is no check “blank”"),  # built in: nobody sets it
        (indicator(), {"rule": "jump", "limt": 1}, "no parameter limt"),
        (indicator(), {"rule": "jump", "limit": 0}, "a number from 0.01 to 100, not 0"),
        (indicator(), {"rule": "jump", "limit": 101}, "a number from 0.01 to 100"),
        (indicator(), {"rule": "jump", "limit": "much"}, "not much"),
        (indicator(), {"rule": "jump", "limit": True}, "not True"),
        (indicator(), {"rule": "jump", "limit": "NaN"}, "not NaN"),
        (indicator(), {"rule": "jump", "level": "error"}, "cannot have the level error; it has query、hint"),
        (indicator(), {"rule": "above", "other": "other", "level": "error"}, "cannot have the level error"),
        (indicator(), {"rule": "jump", "level": "off"}, "cannot have the level off"),
        (indicator(), {"rule": "above"}, "needs “Figure it usually stays within”"),
        (indicator(), {"rule": "above", "other": "nobody"}, "cannot be nobody"),
        (indicator(), {"rule": "above", "other": "own"}, "cannot be own"),
        (indicator(), {"rule": "above", "other": ["other"]}, "cannot be"),
        (indicator(), {"rule": "jump", "limit": [1]}, "a number from"),
        (indicator(), {"rule": "empty_list", "list": "list_nothing"}, "cannot be list_nothing"),
        (indicator(), {"rule": "zero"}, "does not fit a figure of this aggregation"),
        (indicator("distinct_ytd"), {"rule": "jump"}, "does not fit"),
        (indicator(source="derived"), {"rule": "jump"}, "not calculated"),
        (indicator(), {"rule": "jump_villages"}, "kept by village"),
        (indicator(), {"rule": "ledger"}, "needs a typed figure"),
        (indicator(source="ledger", formula=LEDGER), {"rule": "ledger"}, "needs a typed figure"),
        (indicator("ratio", "derived"), {"rule": "range", "low": 1, "level": "query"}, "this figure is calculated"),
        (indicator("ratio", "derived"), {"rule": "range", "low": 1}, "this figure is calculated"),
        (indicator(), {"rule": "range"}, "needs a lowest or a highest"),
        (indicator(), {"rule": "range", "low": 2, "high": 1}, "cannot be above the highest"),
        (indicator(), "jump", "Checks are a list"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(row, check, words):
    with pytest.raises(CheckError) as refusal:
        read(row, check)
    assert words in str(refusal.value)


def test_only_a_catalogue_file_leaves_a_usual_check_out():
    assert read(indicator(), {"rule": "jump", "level": "off"}, allow_off=True)
    with pytest.raises(CheckError):
        read_checks(indicator(), {"rule": "jump"}, codes=(), list_codes=())


def test_a_file_says_only_what_is_not_usual():
    row = indicator(formula=LEDGER)
    usual = {check["rule"]: check for check in default_checks(row)}
    assert set(usual) == {"jump", "jump_year", "outlier", "same", "ledger"}
    wanted = [{"rule": "jump", "limit": 2}, {"rule": "same", "level": "off"}, {"rule": "above", "other": "a"},
              {"rule": "above", "other": "b"}]  # fmt: skip
    merged = merged_checks(row, wanted)
    assert [check["rule"] for check in merged] == ["jump", "jump_year", "outlier", "ledger", "above", "above"]
    assert next(check for check in merged if check["rule"] == "jump") == {**usual["jump"], "limit": 2}


@pytest.mark.parametrize(
    ("row", "rules"),
    [
        (indicator("last"), ["jump", "zero"]),
        (indicator("avg"), ["jump"]),
        (indicator("max"), ["shrunk"]),
        (indicator("distinct_ytd", level="village"), ["shrunk"]),
        (indicator("last", level="village"), ["jump", "zero"]),
        (indicator("sum", level="village", formula=LEDGER), ["jump", "jump_year", "jump_villages", "ledger"]),
        (indicator("sum", "derived"), []),
        (indicator("sum", "ledger", formula=LEDGER), ["jump", "jump_year", "outlier", "same"]),
        (indicator("ratio", "derived"), []),
    ],
)
def test_usual_checks_go_by_how_a_figure_adds_up(row, rules):
    checks = default_checks(row)
    assert [check["rule"] for check in checks] == rules
    assert read_checks(row, checks, codes=(), list_codes=()) == checks
    assert [type(check["level"]) for check in checks] == [str] * len(rules)


def test_every_shipped_check_is_complete_and_fits():
    files = read_catalogue()
    codes = {row["code"] for file in files for row in file.indicators}
    lists = {row["code"] for file in files for row in file.lists}
    count = 0
    for file in files:
        for row in file.indicators:
            checks = checks_of(row)
            stored = catalogue_rules.counted_as(row)
            assert read_checks(stored, checks, codes=codes, list_codes=lists) == checks
            stored.checks = checks
            assert len(plan_of(stored)) == len(checks)
            count += len(checks)
    assert count > 200


@pytest.mark.parametrize(("line", "words"), [("rule = 'jmup'", "no check “jmup”"), ("rule = 'jump', limit = -1", "not -1")])
def test_a_file_with_a_wrong_check_is_named_with_its_entry(tmp_path, monkeypatch, line, words):
    path = tmp_path / "extra.toml"
    path.write_text(
        '[area]\ncode = "extra"\nname = "其他"\norder = 9\n[[indicators]]\ncode = "extra_count"\nname = "其他"\nmeasure = "次"\n'
        f'aggregation = "sum"\nchecks = [{{ {line} }}]\n', encoding="utf-8",
    )  # fmt: skip
    monkeypatch.setattr(catalogue_files, "_files", [*catalogue_files._files, path])
    with pytest.raises(CatalogueError) as refusal:
        read_catalogue()
    assert "extra.toml: extra_count: " in str(refusal.value)
    assert words in str(refusal.value)


def test_rules_are_told_in_plain_words_with_what_can_be_set():
    rows = {row.code: row for row in rule_descriptions()}
    assert set(rows) == set(RULES)
    assert all(row.label and row.description.endswith(".") and row.levels for row in rows.values())
    assert rows["jump"].levels == (("query", "Reminder"), ("hint", "Hint"))
    assert [(row.name, row.kind, row.default) for row in rows["jump"].parameters] == [
        ("limit", "ratio", RULES["jump"].parameters[0].default), ("small", "number", 10),
    ]  # fmt: skip
    assert {row.code for row in rows.values() if row.is_built_in} == {"blank", "text", "parts", "subset", "undated", "moved"}
    assert {row.code for row in rows.values() if row.has_fix} == {"text", "parts", "ledger", "list_length"}


@pytest.mark.parametrize(
    ("row", "there", "not_there"),
    [
        (indicator(), {"blank", "jump", "range", "same"}, {"zero", "shrunk", "ledger", "rate"}),
        (indicator(formula=LEDGER), {"ledger"}, {"zero"}),
        (indicator("ratio", "derived"), {"rate", "range"}, {"blank", "jump", "above"}),
    ],
)
def test_only_rules_that_fit_an_indicator_are_offered(row, there, not_there):
    offered = {rule.code for rule in rule_descriptions(row)}
    assert there <= offered
    assert not not_there & offered


@pytest.mark.django_db
def test_syncing_twice_leaves_the_same_checks():
    sync_catalogue()
    first = dict(Indicator.objects.values_list("code", "checks"))
    sync_catalogue()
    assert dict(Indicator.objects.values_list("code", "checks")) == first
    assert [check["rule"] for check in first["xuexi_coverage_rate"]] == ["rate"]
    assert first["media_adopted_count"] == []


@pytest.mark.django_db
def test_the_migration_gives_old_columns_their_rule():
    from importlib import import_module

    migration = import_module("metrics.migrations.0007_checks")
    members = make_indicator("members", aggregation="last")
    trained = make_indicator("trained", aggregation="distinct_ytd")
    booked = make_indicator("booked", formula=LEDGER)
    rate = make_indicator("rate", measure="%", aggregation="ratio", source="derived",
                          formula={"numerator": "trained", "denominator": "members"})  # fmt: skip
    rows = {row.code: row for row in (members, trained, booked, rate)}
    for row in rows.values():
        row.warn_ratio, row.not_above = "0.10", ""
    trained.not_above, booked.not_above, booked.warn_ratio = "members", "trained", "2.00"
    members.checks, booked.checks, trained.checks = (migration._of_typed(row, rows) for row in (members, booked, trained))
    rate.checks = migration._of_rate(rate, rows)
    assert [check["rule"] for check in trained.checks] == ["shrunk"]  # the rate says it, as an error
    assert members.checks[0] == {"rule": "jump", "level": "query", "limit": 0.1, "small": 10}
    assert [check["rule"] for check in booked.checks] == ["jump", "jump_year", "outlier", "same", "above", "ledger"]
    assert booked.checks[0]["limit"] == 2
    assert rate.checks == [{"rule": "rate", "level": "error"}]
    for row in rows.values():
        assert read_checks(row, row.checks, codes=rows, list_codes=()) == row.checks
    assert apps.get_model("metrics", "Indicator")._meta.get_field("checks")
