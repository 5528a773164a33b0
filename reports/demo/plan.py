"""What the demo district looks like: units with codes that no real division has, villages, people by role. No numbers of work."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from accounts.choices import Role, UnitKind

FOLDER = Path(__file__).parent
# GB/T 2260 gives no province the number 99, so no real division starts with it.
DISTRICT_CODE = "990101000000"
DISTRICT_NAME = "云浦区"
CONTENT_YEAR = 2025  # the year that items.toml and figures.toml are written for
PILOTS = ("青云镇", "石埠镇")  # report from January two years ago, the other townships from the December of that year
MERGER = "南屏镇"  # where two villages become one in the middle of last year

FIRST = "柳杨梅竹荷桂枫槐杏桃松柏榆桐兰菱芦麦棉橘"
SECOND = "塘桥湾坞溪圩墩渡岗坪洲堰浦泾埭"
COMMUNITIES = (
    "和睦 朝阳 新城 文昌 安康 丰乐 锦华 春晖 南门 北苑 东苑 西苑 永兴 康宁 学府 凤鸣 玉兰 花园 望江 迎宾 翠微 金桥 "
    "长乐 水岸 崇文 明珠 书院 百花 双桥 古城 七里 太平 向阳 新桥 湖滨 梧桐 桂花 同心 团结 育才 江南 清风 景明 福安 "
    "嘉禾 乐业 仁和 紫薇 银杏 白鹭 广场 海棠 星光 云影 荷塘 芳草 凌波 长虹 晨曦 百合"
)
# Villages whose names need the fallback font.
RARE_NAMES = {"石埠镇": ("喆庄村", "垚山村", "㛃溪村"), "新田乡": ("垚塘村",)}


@dataclass(frozen=True)
class VillagePlan:
    """A village: its population last year, and its volunteers: `share` of the population, `hours` a person, activities a year."""

    code: str
    name: str
    kind: str
    population: int
    share: float
    hours: float
    activities: int
    valid_from: date = date(2000, 1, 1)
    valid_to: date | None = None
    merged_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class TownshipPlan:
    """A township: place in the list, size against the typical one, and its own ways.

    `activity` is the December value of last year's activity rate; `index_step` what the civilization index gains a quarter.
    """

    order: int
    code: str
    name: str
    login: str
    kind: str
    size: float
    activity: float
    index_step: float
    villages: tuple[VillagePlan, ...]

    @property
    def is_pilot(self) -> bool:
        """Whether it has reported for a year longer than the others."""
        return self.name in PILOTS


@dataclass(frozen=True)
class AccountPlan:
    """An account to make: `unit_code` is where the person works."""

    login: str
    display_name: str
    role: str
    unit_code: str


@dataclass(frozen=True)
class _Sketch:
    name: str
    login: str
    kind: str
    number: int
    size: float
    activity: float
    index_step: float
    villages: int
    communities: int
    lagging: int


TOWN, SUBDISTRICT, TOWNSHIP = UnitKind.TOWN, UnitKind.SUBDISTRICT, UnitKind.TOWNSHIP
# Two townships lead 青云镇 in activity; the index of 白沙镇 falls; 龙泉镇 has no village behind.
SKETCHES = (
    _Sketch("青云镇", "qingyun", TOWN, 100, 1.25, 81.6, 0.54, 12, 3, 2),
    _Sketch("石埠镇", "shibu", TOWN, 101, 1.05, 79.3, 0.31, 12, 3, 3),
    _Sketch("龙泉镇", "longquan", TOWN, 102, 1.30, 84.2, 0.42, 11, 5, 0),
    _Sketch("南屏镇", "nanping", TOWN, 103, 0.95, 74.8, 0.18, 13, 2, 2),
    _Sketch("白沙镇", "baisha", TOWN, 104, 0.85, 70.6, -0.22, 12, 2, 3),
    _Sketch("永安镇", "yongan", TOWN, 105, 1.00, 76.1, 0.25, 12, 3, 1),
    _Sketch("河口镇", "hekou", TOWN, 106, 0.90, 68.4, 0.12, 11, 3, 4),
    _Sketch("城关街道", "chengguan", SUBDISTRICT, 1, 1.40, 82.9, 0.38, 2, 15, 1),
    _Sketch("东湖街道", "donghu", SUBDISTRICT, 2, 1.20, 78.7, 0.29, 3, 13, 2),
    _Sketch("柳林街道", "liulin", SUBDISTRICT, 3, 1.10, 73.5, 0.21, 4, 11, 1),
    _Sketch("新田乡", "xintian", TOWNSHIP, 200, 0.75, 71.9, 0.15, 13, 1, 2),
    _Sketch("大坪乡", "daping", TOWNSHIP, 201, 0.65, 63.2, 0.08, 12, 1, 5),
)


@cache
def content(name: str) -> dict:
    """Return one of the content files, items or figures, as data."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def in_year(text: str, year: int) -> str:
    """Move every year named in a text of the content files to where it stands when the content's year is `year`."""
    shift = year - CONTENT_YEAR
    return re.sub(r"(?<!\d)20[12]\d(?!\d)", lambda match: str(int(match[0]) + shift), text)


@cache
def townships(last_year: int) -> tuple[TownshipPlan, ...]:
    """Return the twelve townships as they are in `last_year` and after."""
    names = _village_names()
    return tuple(_township(order, sketch, names.get(sketch.name, []), last_year) for order, sketch in enumerate(SKETCHES))


def _township(order: int, sketch: _Sketch, names: list[tuple[str, str]], last_year: int) -> TownshipPlan:
    prefix = f"{DISTRICT_CODE[:6]}{sketch.number:03d}"
    villages = _written(prefix) if order == 0 else _invented(prefix, sketch, names)
    if sketch.name == MERGER:
        villages = _merged(villages, last_year)
    return TownshipPlan(
        order, prefix + "000", sketch.name, sketch.login, sketch.kind, sketch.size, sketch.activity, sketch.index_step, villages
    )


def _village_names() -> dict[str, list[tuple[str, str]]]:
    """Deal out (name, kind) of all villages, none twice."""
    rng = Random("village names")  # noqa: S311 - a fixed shuffle, nothing secret
    taken = {row["name"] for row in content("figures")["township"]["villages"]}
    pool = [first + second + "村" for first in FIRST for second in SECOND]
    pool = [name for name in pool if name not in taken]
    rng.shuffle(pool)
    communities = [name + "社区" for name in COMMUNITIES.split()]
    dealt = {}
    for sketch in SKETCHES[1:]:
        rare = list(RARE_NAMES.get(sketch.name, ()))
        villages = rare + [pool.pop() for _ in range(sketch.villages - len(rare))]
        dealt[sketch.name] = [(name, UnitKind.VILLAGE) for name in villages]
        dealt[sketch.name] += [(communities.pop(0), UnitKind.COMMUNITY) for _ in range(sketch.communities)]
    return dealt


def _code(prefix: str, kind: str, number: int) -> str:
    """Return a village's code: 001-199 communities, 200-399 villages."""
    return f"{prefix}{number + (1 if kind == UnitKind.COMMUNITY else 200):03d}"


def _written(prefix: str) -> tuple[VillagePlan, ...]:
    """Return the villages of the township that figures.toml describes one by one."""
    plans = []
    for number, row in enumerate(content("figures")["township"]["villages"]):
        kind = UnitKind.COMMUNITY if row["name"].endswith("社区") else UnitKind.VILLAGE
        persons, qualified = row["vol_household_population"], row["vol_qualified_person_count"]
        plans.append(
            VillagePlan(_code(prefix, kind, number), row["name"], kind, persons, qualified / persons,
                        row["vol_service_hours"] / qualified, row["vol_village_activity_count"])
        )  # fmt: skip
    return tuple(plans)


def _invented(prefix: str, sketch: _Sketch, names: list[tuple[str, str]]) -> tuple[VillagePlan, ...]:
    typical = content("figures")["typical"]["village"]
    rng = Random(f"villages {sketch.login}")  # noqa: S311
    behind = set(rng.sample(range(len(names)), sketch.lagging))
    plans = []
    for number, (name, kind) in enumerate(names):
        size = sketch.size * rng.uniform(0.7, 1.3) * (1.45 if kind == UnitKind.COMMUNITY else 1)
        share = rng.uniform(0.035, 0.056) if number in behind else typical["qualified_share"] * rng.uniform(0.75, 1.35)
        hours = typical["hours_per_person"] * rng.uniform(0.95, 1.1)
        activities = round(typical["vol_village_activity_count"] * rng.uniform(0.6, 1.4))
        persons = round(typical["vol_household_population"] * size)
        plans.append(VillagePlan(_code(prefix, kind, number), name, kind, persons, share, hours, activities))
    return tuple(plans)


def _merged(villages: tuple[VillagePlan, ...], last_year: int) -> tuple[VillagePlan, ...]:
    """End the first two villages in mid-July of `last_year` and add the one that takes their place."""
    large, small, *others = sorted(villages[:2], key=lambda row: -row.population) + list(villages[2:])
    ended = tuple(VillagePlan(**{**vars(row), "valid_to": date(last_year, 7, 14)}) for row in (large, small))
    new = VillagePlan(
        large.code[:9] + "290", large.name[0] + small.name[0] + "村", large.kind, large.population + small.population,
        0, 0, 0, valid_from=date(last_year, 7, 15), merged_from=(large.code, small.code),
    )  # fmt: skip
    return (*ended, new, *others)


def accounts(last_year: int) -> tuple[AccountPlan, ...]:
    """Return the accounts: clerk and head a township, two reviewers, administrator, auditor, two village clerks."""
    plans = [
        AccountPlan("district.reviewer1", "宣传部审核岗一", Role.DISTRICT_REVIEWER, DISTRICT_CODE),
        AccountPlan("district.reviewer2", "宣传部审核岗二", Role.DISTRICT_REVIEWER, DISTRICT_CODE),
        AccountPlan("district.admin", "宣传部系统管理岗", Role.DISTRICT_ADMIN, DISTRICT_CODE),
        AccountPlan("district.auditor", "区审计查阅岗", Role.AUDITOR, DISTRICT_CODE),
    ]
    rows = townships(last_year)
    for row in rows:
        plans.append(AccountPlan(f"{row.login}.clerk", f"{row.name}填报员", Role.TOWNSHIP_CLERK, row.code))
        plans.append(AccountPlan(f"{row.login}.head", f"{row.name}宣传负责人", Role.TOWNSHIP_HEAD, row.code))
    for login, row in (("liutang.clerk", rows[0]), ("zhezhuang.clerk", rows[1])):
        village = row.villages[0]
        plans.append(AccountPlan(login, f"{village.name}填报员", Role.VILLAGE_CLERK, village.code))
    return tuple(plans)
