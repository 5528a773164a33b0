"""How the demo's numbers are made: seeded, seasonal, parts within wholes, running figures that never fall. Writes nothing.

A township's year is {(indicator code, village code or ""): twelve cells}; a cell is a Decimal or the words of an absence.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

from reports.demo.items import FLOOD_ACTION, ItemPlan, planned_items
from reports.demo.plan import TownshipPlan, VillagePlan, content

Cell = Decimal | str
Year = dict[tuple[str, str], list[Cell]]

MONTHS = range(1, 13)
NOT_APPLICABLE, NOT_COLLECTED = "不适用", "未统计"
GROWTH = 1.07  # this year against last year; the year before is figures.toml's last_year
MONTHLY_DRIFT = 0.0012  # of stocks

# Flows that follow another one: the mean of a month comes from their two typical values.
FOLLOWS = {
    "ideology_leader_speech_person_times": "ideology_study_session_count",
    "opinion_report_adopted_count": "opinion_report_submitted_count",
    "opinion_report_adoption_points": "opinion_report_adopted_count",
    "xuexi_joint_article_province": "xuexi_article_province",
    "xuexi_joint_article_city": "xuexi_article_city",
    "civ_visit_person_times": "civ_visit_group_count",
    "civ_visit_booked_group_count": "civ_visit_group_count",
    "civ_visit_booked_person_times": "civ_visit_person_times",
    "apip_inspector_person_times": "apip_inspection_visit_count",
}
# Figures that the named items decide.
FED_BY_ITEMS = (
    "ideology_study_book_count", "team_training_session_count", "team_training_person_times", "vol_campaign_duration_days",
    "vol_campaign_recruited_count", "vol_team_added_apip", "vol_team_added_reading", "vol_team_added_other",
    "culture_audio_book_category_count",
)  # fmt: skip
SERIALS = {"vol_checkin_stop_count": 1.0, "vol_series_issue_no_audio": 2.0, "vol_series_issue_no_dialect": 1.0}
# What comes in a few months only: how many of them.
LUMPY = {"apip_seized_count": 5, "apip_destroyed_count": 2, "apip_copyright_poster_count": 5}
VILLAGE_CODES = (
    "vol_household_population", "vol_qualified_person_count", "vol_service_hours", "vol_village_activity_count",
)  # fmt: skip
# Who lacks what: (login, code) -> the words of the absence, the whole year.
ABSENT = {
    ("daping", "ideology_outreach_session_count"): NOT_COLLECTED,
    ("hekou", "opinion_report_adopted_count"): NOT_COLLECTED,
    ("xintian", "vol_series_issue_no_dialect"): NOT_APPLICABLE,
    ("daping", "vol_series_issue_no_dialect"): NOT_APPLICABLE,
    ("daping", "vol_checkin_stop_count"): NOT_APPLICABLE,
    ("liulin", "apip_seized_count"): NOT_APPLICABLE,
    ("liulin", "apip_destroyed_count"): NOT_APPLICABLE,
}


def township_year(township: TownshipPlan, year: int, last_year: int) -> Year:
    """Return a township's cells of a year: `last_year` as planned, the years beside it grown or shrunk from there."""
    offset = year - last_year
    cells = _village_cells(township, offset)
    if township.order == 0 and offset == 0:
        return cells | _written_cells()
    made = _Maker(township, year, last_year).cells()
    return cells | {(code, ""): months for code, months in made.items()}


def _written_cells() -> Year:
    """Return the months that figures.toml gives for its township, as they stand."""
    rows = content("figures")["township"]["months"]
    return {(code, ""): [_cell(value) for value in months] for code, months in rows.items()}


def _cell(value) -> Cell:
    return NOT_APPLICABLE if value == "not_applicable" else Decimal(str(value))


def apportion(total: int, weights: list[float]) -> list[int]:
    """Split a whole number by weights so that the parts sum to it (largest remainders)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


class _Reference:
    """A township's typical month, level and December, from figures.toml: its own where it is described, else the typical one."""

    def __init__(self, township: TownshipPlan, offset: int):
        figures = content("figures")
        self.month, self.level = dict(figures["typical"]["month"]), dict(figures["typical"]["level"])
        self.year_end = dict(figures["typical"]["year_end"])
        self.growth = {-1: figures["typical"]["last_year"], 0: 1.0, 1: GROWTH}[offset]
        self.size = township.size
        if township.order == 0:
            self._use(figures["township"]["total" if offset >= 0 else "before"], offset)

    def _use(self, year: dict, offset: int) -> None:
        self.size, self.growth = 1.0, 1.0 if offset < 0 else self.growth
        self.month |= {code: year[code] / 12 for code in self.month if code in year}
        self.level |= {code: year[code] for code in self.level if code in year}
        self.year_end |= {code: year[code] for code in self.year_end if code in year}


class _Maker:
    """Makes one township's twelve months."""

    def __init__(self, township: TownshipPlan, year: int, last_year: int):
        self.township, self.offset, self.last_year = township, year - last_year, last_year
        self.items = planned_items(township, year, last_year, 12)
        self.reference = _Reference(township, self.offset)
        self.spread = content("figures")["spread"]
        self.made: dict[str, list[Cell]] = {}

    def rng(self, code: str, *, yearly: bool = True) -> Random:
        """Return the dice of one indicator; not `yearly`: the same throw in every year."""
        return Random(f"{self.township.login} {code} {self.offset if yearly else ''}")  # noqa: S311

    def cells(self) -> dict[str, list[Cell]]:
        """Return code -> twelve cells for every township-level indicator that is typed."""
        for code in self.reference.month:
            if code not in FED_BY_ITEMS and code not in FOLLOWS:
                self.made[code] = self._flow(code)
        for code in FOLLOWS:
            self.made[code] = self._follower(code, FOLLOWS[code])
        self._stocks()
        self._running()
        self._from_items()
        self._absences()
        return self.made

    def _flow(self, code: str) -> list[Cell]:
        rng = self.rng(code)
        scale = self.reference.size * self.reference.growth * self.rng(code, yearly=False).uniform(0.85, 1.15)
        total = round(self.reference.month[code] * 12 * (scale if self.township.order else self.reference.growth))
        weights = [share * rng.uniform(0.8, 1.2) for share in self.spread["flow"]]
        if code in LUMPY:
            chosen = rng.sample(MONTHS, LUMPY[code])
            weights = [weight if month in chosen else 0.0 for month, weight in enumerate(weights, 1)]
        return [Decimal(part) for part in apportion(total, weights)]

    def _follower(self, code: str, leader: str) -> list[Cell]:
        """Follow another flow month by month; a part never exceeds its whole, and nothing comes of nothing."""
        rng, ratio = self.rng(code), self.reference.month[code] / self.reference.month[leader]
        step = Decimal("0.5") if code.endswith("_points") else Decimal(1)
        months = []
        for base in self.made[leader]:
            value = float(base) * ratio * rng.uniform(0.9, 1.1)
            up = rng.random() if value < 10 else 0.5
            whole = int(value / float(step) + up) * step
            months.append(min(whole, base) if ratio < 1 else whole)
        if code == "civ_visit_booked_person_times":
            groups = self.made["civ_visit_booked_group_count"]
            return [value if group else Decimal(0) for value, group in zip(months, groups, strict=True)]
        return months

    def _since(self, month: int) -> int:
        """Return months since last December; figures.toml states its township's year ends, one for each year."""
        offset = max(self.offset, 0) if self.township.order == 0 else self.offset
        return 12 * offset + month - 12

    def _stock(self, code: str, drift: float = MONTHLY_DRIFT) -> list[Cell]:
        level = self.reference.level[code]
        if self.township.order:
            level *= self.reference.size * self.rng(code, yearly=False).uniform(0.9, 1.1)
        return [Decimal(round(level * (1 + drift * self._since(month)))) for month in MONTHS]

    def _stocks(self) -> None:
        self.made["ideology_party_member_total"] = self._stock("ideology_party_member_total")
        self.made["xuexi_target_users"] = targets = self._stock("xuexi_target_users")
        cover = 0.988 if self.township.order == 0 else self.rng("cover", yearly=False).uniform(0.95, 0.985)
        self.made["xuexi_registered_users"] = [
            Decimal(int(float(target) * min(cover + 0.001 * self._since(month), 1))) for month, target in enumerate(targets, 1)
        ]
        self.made["apip_cultural_venue_total"] = self._stock("apip_cultural_venue_total", -MONTHLY_DRIFT)
        self.made["xuexi_activity_rate"] = self._activity()
        self.made["civ_civilization_index"] = self._index()
        self.made["vol_team_opening_count"] = [Decimal(self._teams())] * 12
        for code, pace in SERIALS.items():
            self.made[code] = self._serial(code, pace)

    def _activity(self) -> list[Cell]:
        """Rise through the year to the planned December value; the order of townships in December is the plan's."""
        rng, goal = self.rng("activity"), self.township.activity + 1.4 * self.offset
        values = [goal - 0.55 * (12 - month) + rng.uniform(-0.3, 0.3) for month in MONTHS[:-1]] + [goal]
        return [Decimal(f"{value:.1f}") for value in values]

    def _index(self) -> list[Cell]:
        """A new score in April, July and October; the other months carry the last one on."""
        if self.township.order == 0 and self.offset < 0:
            return [Decimal(str(self.reference.level["civ_civilization_index"]))] * 12
        end = Decimal("92.46") if self.township.order == 0 else Decimal(f"{self.rng('index', yearly=False).uniform(87, 92):.2f}")
        step = Decimal(str(self.township.index_step))
        first = end + step * 3 * (self.offset - 1)
        return [first + step * ((month - 1) // 3) for month in MONTHS]

    def _teams(self) -> int:
        """Return the teams at the start of the year: this year's are last year's and those that were founded in it."""
        level = self.reference.level["vol_team_opening_count"]
        if self.township.order:
            level = round(level * self.reference.size) + 3 * min(self.offset, 0)
        if self.offset > 0:
            before = planned_items(self.township, self.last_year, self.last_year, 12)
            level += sum(row.list_code == "list_team_founded" for row in before)
        return level

    def _serial(self, code: str, pace: float) -> list[Cell]:
        """Count issues up through the years without a break."""
        rng = self.rng(code, yearly=False)
        speed = pace * rng.uniform(0.7, 1.2)
        end = self.reference.level[code] * (rng.uniform(1.4, 1.9) if self.township.order else 1)
        return [Decimal(max(1, int(end + speed * self._since(month)))) for month in MONTHS]

    def _running(self) -> None:
        members = self.made["ideology_party_member_total"]
        cover = 1.0 if self.township.order == 0 else self.rng("winter", yearly=False).uniform(0.94, 0.995)
        trained = int(float(members[2]) * cover)
        self.made["ideology_winter_training_attended"] = [
            Decimal(int(trained * share)) for share in (0.63, 0.9, *([1.0] * 10))
        ]  # fmt: skip
        for code in ("culture_enterprise_visit_count", "apip_printing_firm_inspected_count"):
            end = self.reference.year_end[code] * self.reference.growth
            end *= self.reference.size * self.rng(code, yearly=False).uniform(0.85, 1.15) if self.township.order else 1
            self.made[code] = [Decimal(round(end * share)) for share in self.spread["year_to_date"]]

    def _from_items(self) -> None:
        """Take books, courses, campaigns, teams and audio categories from the named items."""
        made, by_month = self.made, self._by_month
        made["ideology_study_book_count"] = by_month("list_book_title", lambda row: row.quantity)
        made["team_training_session_count"] = by_month("list_training", lambda row: Decimal(1))
        made["team_training_person_times"] = by_month("list_training", lambda row: row.quantity)
        made["vol_campaign_duration_days"] = by_month("list_vol_campaign", lambda row: Decimal(row.days))
        floods = by_month("list_vol_campaign", lambda row: row.quantity if row.name == FLOOD_ACTION else Decimal(0))
        made["vol_campaign_recruited_count"] = [sum(floods[:month], Decimal(0)) for month in MONTHS]
        for kind, word in (("apip", "扫黄打非"), ("reading", "阅读")):
            made[f"vol_team_added_{kind}"] = by_month("list_team_founded", lambda row, word=word: Decimal(word in row.name))
        made["vol_team_added_other"] = by_month("list_team_founded", lambda row: Decimal(not _is_known_team(row)))
        categories = sum(row.list_code == "list_audio_category" for row in self.items)
        made["culture_audio_book_category_count"] = [Decimal(categories)] * 12

    def _by_month(self, list_code: str, value) -> list[Cell]:
        months = [Decimal(0)] * 12
        for row in self.items:
            if row.list_code == list_code and row.month:
                months[row.month - 1] += value(row)
        return months

    def _absences(self) -> None:
        for (login, code), words in ABSENT.items():
            if login == self.township.login:
                self.made[code] = [words] * 12
        for code, start in content("figures")["typical"]["late_start"].items():
            first = {-1: 13, 0: start, 1: 1}[self.offset]
            self.made[code] = [NOT_APPLICABLE if month < first else self.made[code][month - 1] for month in MONTHS]


def _is_known_team(row: ItemPlan) -> bool:
    return "扫黄打非" in row.name or "阅读" in row.name


def _village_cells(township: TownshipPlan, offset: int) -> Year:
    """Return every village's four rows; a village that ends or begins within the year has its own months only."""
    made: Year = {}
    originals = [row for row in township.villages if not row.merged_from]
    for row in originals:
        for code, months in zip(VILLAGE_CODES, _village_months(township, row, offset), strict=True):
            made[code, row.code] = months
    for row in township.villages:
        for code in VILLAGE_CODES if row.merged_from else ():
            sources = [made[code, source] for source in row.merged_from]
            made[code, row.code] = [sum(values, Decimal(0)) for values in zip(*sources, strict=True)]
    return made


def population(village: VillagePlan, offset: int) -> int:
    """Return a village's registered population, `offset` years after last year."""
    return round(village.population * (1 + 0.003 * offset))


def _village_months(township: TownshipPlan, village: VillagePlan, offset: int) -> tuple[list[Cell], ...]:
    """Return population, qualified persons (year to date), hours (one decimal) and activities of twelve months."""
    growth = {-1: 0.84, 0: 1.0, 1: GROWTH}[offset]
    rng, spread = Random(f"{village.code} {offset}"), content("figures")["spread"]  # noqa: S311
    persons = population(village, offset)
    qualified = round(persons * village.share * growth)
    hours = round(qualified * village.hours * 10) if offset else round(persons * village.share * village.hours * 10)
    weights = [share * rng.uniform(0.85, 1.15) for share in spread["flow"]]
    tenths = apportion(hours, weights)
    activities = apportion(round(village.activities * growth), [share * rng.uniform(0.5, 1.5) for share in spread["flow"]])
    return (
        [Decimal(persons)] * 12,
        [Decimal(round(qualified * share)) for share in spread["year_to_date"]],
        [Decimal(part) / 10 for part in tenths],
        [Decimal(part) for part in activities],
    )
