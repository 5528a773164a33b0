"""The data files agree with each other: catalogue, report templates, coverage list, demo figures. Plain TOML, no Django."""

import re
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = [
    *(ROOT / "metrics/catalogue" / f"{name}.toml" for name in ("ideology", "media", "practice", "inspections")),
    ROOT / "volunteers/catalogue.toml",
]
TEMPLATES = sorted((ROOT / "reports/report_templates").glob("*.toml"))

INDICATOR_KEYS = {
    "code", "name", "name_en", "measure", "aggregation", "source", "level", "decimals", "scope", "parent", "parts",
    "numerator", "denominator", "sum_of", "rank_of", "list", "ledger", "checks", "required",
}  # fmt: skip
ITEM_FIELDS = {
    "date_from", "date_to", "period_text", "place", "organiser", "level", "grade", "recipient", "partner", "quantity",
    "quantity_measure", "status", "evidence_ref", "note",
}  # fmt: skip
AGGREGATION_OF_SOURCE = {
    "entered": {"sum", "last", "max", "avg", "distinct_ytd"},
    "ledger": {"sum", "last", "max", "avg", "distinct_ytd"},
    "derived": {"sum", "last", "ratio"},
    "list": {"count"},
    "param": {"param"},
    "rank": {"rank"},
}
# Inputs, plausibility figures and figures that a report leaves to its annex.
NOT_PRINTED = {
    "ideology_party_member_total", "ideology_winter_training_attended", "xuexi_target_users", "xuexi_registered_users",
    "opinion_points_per_report", "media_own_channel_post_other",
    "civ_visitors_per_group", "apip_inspectors_per_visit", "apip_seized_count", "apip_destroyed_count",
    "vol_household_population",
}  # fmt: skip

TOKEN = re.compile("【([^【】|]+)[|]([^【】|]+)[|]([^【】|]*)】")
PERIODS = re.compile(
    r"\{newsletter_start\}|今年以来|全年|目前|上半年|[一二三四]季度|上年|从1?[0-9]月起|1?[0-9]月|1?[0-9]—1?[0-9]月"
)
COUNTED = {"sum", "last", "distinct_ytd", "count"}
COUNTED_FORMATS = {"余", "多", "近", "超", "十余", "万", "同比", "提升", "欠佳名单"}
RATIO_FORMATS = {"%", "百分点", "提升", "欠佳名单", "全覆盖"}
TARGET_FORMATS = {"目标", "完成率", "完成情况"}
ORDER_FORMATS = {"前列名单", "后列名单"}
LIST_FORMATS = {"列表", "列表详", "属地列表", "项数", "中文项数", "中文数"}
PARAMETERS = {
    "unit_name", "unit_short", "unit_word", "whole_unit", "superior_name", "office_name", "report_year", "plan_year",
    "cutoff_month", "months", "population", "district_word", "district_level", "higher_committees",
    "party_anniversary", "army_anniversary", "district_anniversary",
}  # fmt: skip


def read(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


CATALOGUE = [read(path) for path in CATALOGUES]
INDICATORS = {row["code"]: row for data in CATALOGUE for row in data["indicators"]}
LISTS = {row["code"]: row for data in CATALOGUE for row in data["lists"]}
BY_NAME = {row["name"]: row for row in [*INDICATORS.values(), *LISTS.values()]}
REPORTS = {path.stem: read(path) for path in TEMPLATES}
OF_TOWNSHIPS = sorted(name for name, data in REPORTS.items() if "unit_class" not in data)
OF_DISTRICTS = sorted(set(REPORTS) - set(OF_TOWNSHIPS))


def all_rows():
    return [row for data in CATALOGUE for row in [*data["indicators"], *data["lists"]]]


def quoted(text):
    """Return name, period and format of what a text quotes; the plan as a whole is neither indicator nor list."""
    return [found for found in TOKEN.findall(text) if found[0] != "年度目标"]


def tokens_of(report):
    return [found for block in report["blocks"] for found in quoted(block["text"])]


def source_of(row):
    return row.get("source", "entered")


def is_rate(row):
    return row.get("measure") == "%"


# Catalogue


def test_areas_are_numbered_in_order():
    assert [data["area"]["code"] for data in CATALOGUE] == ["ideology", "media", "practice", "inspections", "volunteers"]
    assert [data["area"]["order"] for data in CATALOGUE] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("key", ["code", "name"])
def test_codes_and_names_are_unique(key):
    doubled = [value for value, count in Counter(row[key] for row in all_rows()).items() if count > 1]
    assert doubled == []


def test_names_fit_into_a_token_and_a_grid():
    for row in all_rows():
        assert not set(row["name"]) & set("【】|｜〖〗\n {}"), row["code"]
        assert len(row["name"]) <= 10, row["code"]


def test_every_indicator_is_complete_and_has_only_known_keys():
    for code, row in INDICATORS.items():
        assert set(row) <= INDICATOR_KEYS, code
        assert row["measure"], code
        assert len(row["measure"]) <= 8, code
        assert row["name_en"], code
        assert row["aggregation"] in AGGREGATION_OF_SOURCE[source_of(row)], code
        assert row["scope"].endswith("。"), code
        assert len(row["scope"]) >= 15, code


def test_every_referenced_code_exists():
    for code, row in INDICATORS.items():
        named = [row.get(key) for key in ("parent", "numerator", "denominator", "rank_of")]
        named += [check.get("other") for check in row.get("checks", [])]
        assert set(filter(None, [*named, *row.get("sum_of", [])])) <= set(INDICATORS) - {code}, code
        lists = [row.get("list"), *(check.get("list") for check in row.get("checks", []))]
        assert set(filter(None, lists)) <= set(LISTS), code


def test_formula_goes_with_its_source():
    for code, row in INDICATORS.items():
        ratio = row["aggregation"] == "ratio"
        assert bool(row.get("numerator")) == bool(row.get("denominator")) == ratio, code
        assert bool(row.get("sum_of")) == (source_of(row) == "derived" and not ratio), code
        assert bool(row.get("list")) == (source_of(row) == "list"), code
        assert bool(row.get("rank_of")) == (source_of(row) == "rank"), code


def test_scope_says_when_the_cell_is_not_the_months_own_number():
    for code, row in INDICATORS.items():
        if source_of(row) != "entered":
            continue
        if row["aggregation"] == "distinct_ytd":
            assert "年初至本月末的累计去重" in row["scope"], code
        if row["aggregation"] == "last":
            assert "月末" in row["scope"] or "上年末" in row["scope"], code
        if row["aggregation"] == "max":
            assert "最新期号" in row["scope"], code


def test_parents_say_how_their_parts_add_up():
    children = Counter(row["parent"] for row in INDICATORS.values() if row.get("parent"))
    with_parts = {code for code, row in INDICATORS.items() if row.get("parts")}
    assert with_parts == set(children)
    for code in with_parts:
        row = INDICATORS[code]
        parts = [child["code"] for child in INDICATORS.values() if child.get("parent") == code]
        assert row["parts"] in ("exact", "subset"), code
        if row.get("sum_of"):
            assert row["parts"] == "exact", code
            assert row["sum_of"] == parts, code


def test_parts_follow_their_parent_in_the_grid():
    for data in CATALOGUE:
        trail = []
        for row in data["indicators"]:
            while trail and row.get("parent", "") != trail[-1]:
                trail.pop()
            assert row.get("parent", "") == (trail[-1] if trail else ""), row["code"]
            trail.append(row["code"])


def test_village_cells():
    village = [code for code, row in INDICATORS.items() if row.get("level") == "village"]
    assert village == [
        "vol_household_population", "vol_qualified_person_count", "vol_service_hours", "vol_village_activity_count",
    ]  # fmt: skip
    assert INDICATORS["vol_service_hours"]["decimals"] == 1


def rules_of(row):
    return {check["rule"] for check in row.get("checks", [])}


def ceilings(row):
    """What a figure usually stays within."""
    return [check["other"] for check in row.get("checks", []) if check["rule"] == "above"]


def test_no_warning_where_more_is_right():
    for free in ("apip_destroyed_count", "media_adopted_district", "opinion_report_adopted_count"):
        assert "above" not in rules_of(INDICATORS[free])


def test_lists_show_known_fields_and_a_hint():
    for code, row in LISTS.items():
        assert set(row["fields"]) <= ITEM_FIELDS, code
        assert row["hint"].endswith("。"), code
        assert len(row["hint"]) <= 300, code
        assert "status" not in row["fields"], f"{code}: reports leave planned items out"


# Report templates


@pytest.fixture(params=sorted(REPORTS))
def report(request):
    return REPORTS[request.param]


@pytest.fixture(params=OF_TOWNSHIPS)
def of_townships(request):
    return REPORTS[request.param]


def test_block_keys_are_unique_and_kinds_known(report):
    keys = [block["key"] for block in report["blocks"]]
    assert len(keys) == len(set(keys))
    assert {block["kind"] for block in report["blocks"]} == {"heading", "paragraph", "item", "plan", "annex"}


def test_heading_item_and_plan_counts(of_townships):
    blocks = of_townships["blocks"]
    levels = Counter(block.get("level") for block in blocks if block["kind"] == "heading")
    assert levels == {1: 2, 2: 7}
    assert [block["key"] for block in blocks if block["kind"] == "item"] == [f"s1.7.{number}" for number in range(1, 6)]
    assert [block["key"] for block in blocks if block["kind"] == "plan"] == [f"s2.{number}" for number in range(1, 5)]
    assert [block["annex"] for block in blocks if block["kind"] == "annex"] == [
        "monthly_figures", "village_volunteers", "media_matrix", "plan_outcomes", "plan_items",
    ]  # fmt: skip
    assert [block["key"] for block in blocks if block.get("optional")] == [
        "s1.targets", "s1.problems", "annex.outcomes", "annex.plan",
    ]  # fmt: skip


@pytest.mark.parametrize("name", OF_DISTRICTS)
def test_the_districts_report_has_the_same_seven_areas_and_its_own_tables(name):
    blocks = REPORTS[name]["blocks"]
    assert REPORTS[name]["unit_class"] == "district"
    assert Counter(block.get("level") for block in blocks if block["kind"] == "heading") == {1: 2, 2: 7}
    assert [block["annex"] for block in blocks if block["kind"] == "annex"] == [
        "unit_figures", "village_volunteers", "media_matrix", "monthly_figures", "plan_outcomes", "plan_items",
    ]  # fmt: skip


def test_no_digit_is_typed(report):
    for block in report["blocks"]:
        words = re.sub(r"\{\w+\}", "", TOKEN.sub("", block.get("lead", "") + block["text"]))
        assert not re.search("[0-9０-９]", words), block["key"]
        assert not set(words) & set("【】|{}"), block["key"]


def test_every_parameter_is_known_and_used(report):
    text = "".join(block.get("lead", "") + block["text"] for block in report["blocks"])
    used = set(re.findall(r"\{(\w+)\}", text + report["title"] + report["addressee"] + report["signature"]))
    own = {*report["params"], *report.get("local", ())}
    assert used <= PARAMETERS | own
    assert own - {"district_founded"} <= used  # the district's anniversary is counted from it
    assert all(isinstance(value, str) for value in report["params"].values())


def test_every_token_names_something_with_a_legal_period_and_format(report):
    for name, period, written in tokens_of(report):
        row = BY_NAME.get(name)
        where = f"{name}|{period}|{written}"
        assert row, where
        assert PERIODS.fullmatch(period), where
        assert format_is_legal(row, written), where


def format_is_legal(row, written):
    """Tell whether a format suits a catalogue row, by the list of formats agreed for templates."""
    if written == "月份":
        return True
    name = re.sub("[0-9]+$", "", written)
    if name in TARGET_FORMATS:
        return row["aggregation"] != "rank" and "fields" not in row
    if "fields" in row:
        return name in LIST_FORMATS
    if name in ORDER_FORMATS:
        return row["aggregation"] in COUNTED | {"avg", "ratio"}
    if is_rate(row):
        return name in RATIO_FORMATS
    if row["aggregation"] == "rank":
        return name in {"名次", "位次评价", "位次"}
    if row["aggregation"] == "max" and written == "期数":
        return True
    exact = written in {row["measure"], "", "数", "纯数"}
    return exact or (name in COUNTED_FORMATS and row["aggregation"] in COUNTED)


def test_a_list_that_may_be_empty_stands_in_a_sentence_without_an_independent_figure(report):
    with_companions = {"s1.7.2", "s1.6.apip"}  # the figure means nothing without its list
    for block in report["blocks"]:
        for sentence in re.split("(?<=[。；！？])", block["text"]):
            rows = [BY_NAME[name] for name, _period, _format in quoted(sentence)]
            kinds = {"fields" in row for row in rows}
            assert len(kinds) < 2 or block["key"] in with_companions, sentence


def test_paragraphs_are_closed_and_use_full_width_marks(report):
    for block in report["blocks"]:
        words = TOKEN.sub("", block["text"])
        assert not set(words) & set(",;:!?()\"'"), block["key"]
        if block["kind"] in ("paragraph", "item", "plan"):
            assert block["text"].endswith("。"), block["key"]
        else:
            assert block["text"][-1] not in "。；，", block["key"]
        if block["kind"] in ("item", "plan"):
            assert block["lead"].endswith("。"), block["key"]


def test_every_figure_and_list_with_a_printing_duty_is_used(of_townships):
    used = {BY_NAME[name]["code"] for name, _period, _format in tokens_of(of_townships)}
    assert set(INDICATORS) - used == NOT_PRINTED
    assert set(LISTS) <= used


def test_covers_names_what_the_block_holds(of_townships):
    for block in of_townships["blocks"]:
        codes = [code for code in block["covers"] if re.fullmatch("[a-z_]+", code)]
        assert len(codes) == len(set(codes)), block["key"]
        assert set(codes) == {BY_NAME[name]["code"] for name, _p, _f in quoted(block["text"])}, block["key"]


def test_watched_indicators_exist(report):
    for block in report["blocks"]:
        assert set(block.get("watch", [])) <= set(INDICATORS), block["key"]
    headings = [block for block in report["blocks"] if block.get("level") == 2]
    assert all(block["watch"] for block in headings)


# Coverage list

COVERAGE = read(ROOT / "docs/coverage.toml")["entries"]
PLAN_CODES = {
    "P0", "P1", "P2", "P3", "P4", *(f"P1.{n}" for n in range(1, 8)), *(f"P2.{n}" for n in range(1, 12)),
    *(f"P3.{n}" for n in range(1, 8)), *(f"P4.{n}" for n in range(1, 5)),
}  # fmt: skip


def test_coverage_entries_are_unique_and_filled():
    ids = [entry["id"] for entry in COVERAGE]
    assert len(ids) == len(set(ids))
    for entry in COVERAGE:
        assert set(entry) == {"id", "section", "text", "held_by"}, entry["id"]
        assert entry["text"], entry["id"]
        assert entry["held_by"], entry["id"]
    assert {entry["section"] for entry in COVERAGE} == {"0", *(f"1.{number}" for number in range(1, 11))}


def test_whatever_holds_an_entry_exists():
    blocks = {block["key"] for block in REPORTS["annual-2025"]["blocks"]}
    periods = {period for report in REPORTS.values() for _name, period, _format in tokens_of(report)} | {
        "上半年",
        "一季度",
        "从4月起",
    }
    formats = COUNTED_FORMATS | RATIO_FORMATS | LIST_FORMATS | TARGET_FORMATS | {"月份", "期数", "名次", "位次评价", "位次"}
    known = {"indicator": set(INDICATORS), "list": set(LISTS), "block": blocks, "format": formats, "period": periods}
    known["param"] = {*REPORTS["annual-2025"]["params"], *REPORTS["annual-2025"]["local"]} | PARAMETERS
    for entry in COVERAGE:
        for holder in entry["held_by"]:
            kind, _colon, name = holder.partition(":")
            assert name in known[kind], f"{entry['id']}: {holder}"


def test_coverage_names_every_indicator_list_and_plan_heading():
    held = {holder for entry in COVERAGE for holder in entry["held_by"]}
    assert {f"indicator:{code}" for code in INDICATORS} <= held
    assert {f"list:{code}" for code in LISTS} <= held
    assert {entry["id"] for entry in COVERAGE if entry["section"] == "1.10"} >= PLAN_CODES
    covered = {code for block in REPORTS["annual-2025"]["blocks"] for code in block["covers"]}
    assert covered >= PLAN_CODES


# Demo data


def test_demo_items_fill_every_list_with_fields_its_form_shows():
    data = read(ROOT / "reports/demo/items.toml")
    assert {item["list"] for item in data["items"]} == {item["list"] for item in data["pool"]} == set(LISTS)
    for item in [*data["items"], *data["pool"]]:
        assert set(item) - {"list", "name", "month"} <= set(LISTS[item["list"]]["fields"]), item["name"]


def test_demo_figures_add_up_to_their_totals():
    town = read(ROOT / "reports/demo/figures.toml")["township"]
    entered = {code for code, row in INDICATORS.items() if source_of(row) == "entered" and row.get("level") != "village"}
    assert set(town["months"]) == entered
    for code, cells in town["months"].items():
        assert len(cells) == 12, code
        assert year_value(INDICATORS[code]["aggregation"], cells) == Decimal(str(town["total"][code])), code
    for code, row in INDICATORS.items():
        if row.get("sum_of"):
            assert town["total"][code] == sum(town["total"][part] for part in row["sum_of"]), code


def year_value(aggregation, cells):
    """Total twelve monthly cells as the catalogue's aggregation says; absences are skipped."""
    values = [Decimal(str(cell)) for cell in cells if not isinstance(cell, str)]
    if aggregation == "sum":
        return sum(values)
    if aggregation == "avg":
        return round(sum(values) / len(values), 1)
    return max(values) if aggregation == "max" else values[-1]


def test_demo_figures_keep_the_cross_checks_in_every_month():
    months = read(ROOT / "reports/demo/figures.toml")["township"]["months"]
    pairs = [(code, other) for code, row in INDICATORS.items() for other in ceilings(row) if code in months and other in months]
    pairs += [(row["numerator"], row["denominator"]) for row in INDICATORS.values() if "rate" in rules_of(row)]
    running = {code for code, row in INDICATORS.items() if row["aggregation"] == "distinct_ytd"}
    flows = {code for code, row in INDICATORS.items() if row["aggregation"] == "sum"}
    pairs = [(low, high) for low, high in pairs if low in months and not (low in running and high in flows)]
    pairs += [(code, row["parent"]) for code, row in INDICATORS.items() if row.get("parent") in months and code in months]
    assert pairs
    for low, high in pairs:
        assert all(part <= whole for part, whole in zip(months[low], months[high], strict=True)), (low, high)


def test_demo_villages_make_the_totals_and_two_lag():
    town = read(ROOT / "reports/demo/figures.toml")["township"]
    names = read(ROOT / "reports/demo/items.toml")["villages"]
    assert [village["name"] for village in town["villages"]] == names
    for code in ("vol_household_population", "vol_qualified_person_count", "vol_service_hours", "vol_village_activity_count"):
        assert sum(Decimal(str(village[code])) for village in town["villages"]) == Decimal(str(town["total"][code])), code
    shares = {v["name"]: v["vol_qualified_person_count"] / v["vol_household_population"] for v in town["villages"]}
    assert [name for name in sorted(shares, key=shares.get) if shares[name] < 0.06] == town["lagging_villages"]
