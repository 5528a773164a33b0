"""The operator's table of units: days, mergers, a trial first, and nothing written when a line is refused."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from accounts.models import Population, Unit
from metrics import services
from tests.factories import make_return
from workflow.choices import State
from workflow.models import Event

pytestmark = pytest.mark.django_db
HEAD = "code,name,kind,parent_code,valid_from,valid_to,predecessors,population\n"
FIRST = (
    HEAD
    + """330100000000,临江区,区,,2000-01-01,,,
330100101000,青云镇,镇,330100000000,2001-01-01,,,
330100101200,东村,村,330100101000,2001-01-01,,,"1,234"
330100101201,西村,村,330100101000,,,,900人
330100101202,北村,村,330100101000,,,,
"""
)
MERGER = (
    HEAD
    + """330100101203,大同村,村,330100101000,2026-07-01,,330100101200、330100101201,2134
330100101200,东村,村,330100101000,,2026-06-30,,
330100101201,西庄村,村,330100101000,,2026年6月30日,,
330100101202,北村,村,330100101000,,,,
"""
)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def take(tmp_path):
    def take(text, *options):
        file = tmp_path / "units.csv"
        file.write_text(text, encoding="utf-8")
        call_command("import_units", str(file), "--year", "2026", *options)

    return take


def unit(number):
    return Unit.objects.get(code=f"330100101{number}")


def test_a_merger_comes_in_by_the_table(take):
    take(FIRST)
    assert [row.order for row in Unit.objects.villages()] == [2, 3, 4]
    take(MERGER)
    east, west, great = unit(200), unit(201), unit(203)
    assert (east.valid_from, east.valid_to, east.successor) == (date(2001, 1, 1), date(2026, 6, 30), great)
    assert (west.name, west.valid_to, west.successor) == ("西庄村", date(2026, 6, 30), great)
    assert great.order > unit(202).order
    assert dict(Population.objects.values_list("unit__name", "persons")) == {"东村": 1234, "西庄村": 900, "大同村": 2134}
    facts, *rows = Event.objects.filter(deed="import_units").last().changes
    assert facts == {"made": 1, "changed": 2}
    assert {row["unit"]: row["what"] for row in rows} == {
        great.code: "new", east.code: "ended", west.code: "ended",
    }  # fmt: skip
    take(MERGER)
    assert Unit.objects.count() == 6


def test_a_trial_says_every_line_with_its_number_and_writes_nothing(take, capsys):
    take(FIRST)
    before = list(Unit.objects.values())
    capsys.readouterr()
    take(MERGER, "--dry-run")
    told = capsys.readouterr().out
    assert "第 2 行 新增 330100101203 大同村" in told
    assert "第 3 行 终止 330100101200 东村 valid_to — → 2026-06-30" in told
    assert "第 4 行 终止 330100101201 西庄村 name 西村 → 西庄村" in told
    assert "试运行，没有写入：新增 1，更新 0，终止 2，不变 1，拒绝 0。" in told
    assert list(Unit.objects.values()) == before
    assert Event.objects.filter(deed="import_units").count() == 1


def test_a_trial_names_refused_lines_beside_good_ones(take, capsys):
    take(FIRST)
    capsys.readouterr()
    bad = MERGER.replace("330100101202,北村,村", "33010010120,北村,村").replace("2026-07-01", "2026-07-02")
    with pytest.raises(SystemExit) as ended:
        take(bad, "--dry-run")
    assert ended.value.code == 2
    told = capsys.readouterr().out
    assert "第 2 行 拒绝 330100101203" in told
    assert "第 3 行 终止" in told
    assert "第 5 行 拒绝 33010010120" in told
    assert "拒绝 2。" in told
    with pytest.raises(CommandError):
        take(bad)
    assert unit(200).valid_to is None


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (",2026-06-30,", ",去年,", 3), ("东村,村,330100101000,,2026-06-30", "东村,村,330100101000,,", 2),
        (",2026-06-30,", ",2000-12-31,", 3), ("330100101200、", "330100101299、", 2), ("330100101200、", "330100101000、", 2),
        ("330100101200、", "330100101203、", 2), ("330100101200、", "东村、", 2),
        ("330100101202,北村,村", "330100101202,北村,镇", 5),
        ("2026-07-01", "2026-07-02", 2), (",2134", ",约2134", 2), ("2026-07-01,,", "2026-07-01,2026-06-01,", 2),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_named_and_nothing_is_written(take, old, new, line):
    take(FIRST)
    assert old in MERGER
    with pytest.raises(CommandError, match=f"line {line}: "):
        take(MERGER.replace(old, new))
    assert Unit.objects.count() == 5
    assert not Unit.objects.filter(valid_to__isnull=False).exists()


def test_a_month_that_is_handed_in_keeps_its_villages_by_the_table_too(take):
    services.sync_catalogue()
    take(FIRST)
    paper = make_return(Unit.objects.get(name="青云镇"), month=7, state=State.APPROVED)
    with pytest.raises(CommandError, match="2026年7月"):
        take(MERGER)
    assert unit(200).valid_to is None
    paper.delete()
    make_return(Unit.objects.get(name="青云镇"), month=6, state=State.APPROVED)
    take(MERGER)
    assert unit(200).valid_to == date(2026, 6, 30)


def test_a_table_without_the_new_columns_leaves_days_as_they_are(take):
    take(FIRST)
    take(MERGER)
    take("code,name,kind,parent_code\n330100101200,东村,村,330100101000\n330100101203,大同村,村,330100101000\n")
    assert (unit(200).valid_to, unit(200).successor, unit(203).valid_from) == (date(2026, 6, 30), unit(203), date(2026, 7, 1))
