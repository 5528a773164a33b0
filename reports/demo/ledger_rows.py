"""The rows of the demo's ledgers: what happened in a month, so that every figure counted from it comes out. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from metrics.models import MonthlyReturn
from metrics.models.returns import cell_name
from reports.demo.figures import apportion
from reports.demo.plan import TownshipPlan

THEMES = ("新发展理念", "全面从严治党", "乡村全面振兴", "生态文明建设", "中国式现代化", "法治建设", "粮食安全", "基层治理")
TOPICS = (
    "春耕备耕有序推进", "夜学课堂开讲", "书香飘进农家", "好婆媳评选揭晓", "河长巡河护碧水", "非遗手作进校园", "老街新貌迎客来",
    "文明新风润乡土", "志愿服务暖民心", "邻里节里话家常", "民法典宣讲到田头", "稻田音乐会开唱", "村史馆里忆乡愁",
    "小菜园种出大文明",
)  # fmt: skip
OUTLETS = {"national": "国家级媒体", "province": "省级媒体", "city": "市级媒体", "district": "区级媒体", "": ""}
FESTIVE = ("元宵灯会", "送春联下乡", "端午龙舟赛", "中秋诵读会", "重阳敬老戏曲专场", "国庆群众文艺汇演", "广场舞展演")
FIRMS = ("宏图", "精艺", "新星", "汇丰", "云锦", "华彩", "永盛", "同辉", "金页", "博文", "鸿运", "长风", "百川", "兴业", "天成")
CAMPAIGNS = ("清源行动", "净网行动", "护苗行动", "秋风行动", "固边行动")
SCHOOLS = ("中心小学", "镇中学", "机关党支部", "老年大学", "企业党支部", "青年志愿者", "妇联执委", "新村党支部")


@dataclass
class Month:
    """One month of the township that keeps ledgers. `values`: cell -> number; `before`: names used since January, by kind."""

    township: TownshipPlan
    row: MonthlyReturn
    values: dict[str, Decimal]
    before: dict[str, set]
    rng: Random

    def number(self, code: str, village: str = "") -> int:
        """Return a figure as a whole number, 0 where there is none."""
        return int(self.values.get(cell_name(code, village), 0))

    def day(self) -> date:
        """Return some day of the month."""
        return date(self.row.year, self.row.month, self.rng.randint(2, 26))

    def entry(self, name: str, **values) -> dict:
        """Return one row."""
        return {"date": self.day(), "name": name, **values}

    def split(self, total: int, parts: int) -> list[int]:
        """Split a number into so many uneven parts."""
        return apportion(total, [self.rng.uniform(0.6, 1.4) for _part in range(parts)]) if parts else []

    def new_names(self, kind: str, count: int, make) -> list[str]:
        """Return names that were not there since January, so many that `count` have been there by now."""
        known, fresh = self.before[kind], []
        while len(known) < count:
            fresh.append(make(len(known)))
            known.add(fresh[-1])
        return fresh


def study_rows(month: Month) -> list[dict]:
    """Study sessions with their speeches, remote education, outreach, books."""
    count, rows = month.number("ideology_study_session_count"), []
    for speeches in month.split(month.number("ideology_leader_speech_person_times"), count):
        theme = month.rng.choice(THEMES)
        rows.append(
            month.entry(f"“{theme}”专题学习", kind="group_study", place="镇党委会议室", organiser="镇党委", speeches=speeches)
        )
    for _time in range(month.number("ideology_remote_education_count")):
        rows.append(
            month.entry(
                "党员远程教育集中学习日", kind="remote_education", place="镇党群服务中心", attendees=month.rng.randint(40, 120)
            )
        )
    for _time in range(month.number("ideology_outreach_session_count")):
        village = month.rng.choice(_villages(month))
        theme = month.rng.choice(THEMES)
        rows.append(
            month.entry(
                f"“{theme}”宣讲走进{village.name}", kind="outreach", place=village.name, attendees=month.rng.randint(25, 80)
            )
        )
    if copies := month.number("ideology_study_book_count"):
        rows.append(month.entry("发放学习用书", kind="books", place="各党支部", copies=copies))
    return rows


PLACED = {
    "media_adopted_national": ("media", "national", ""),
    "media_adopted_province_print": ("media", "province", "print"),
    "media_adopted_province_new_media": ("media", "province", "new_media"),
    "media_adopted_city_print": ("media", "city", "print"),
    "media_adopted_city_new_media": ("media", "city", "new_media"),
    "media_adopted_district_print": ("media", "district", "print"),
    "media_adopted_district_new_media": ("media", "district", "new_media"),
    "xuexi_article_national": ("xuexi", "national", ""),
    "xuexi_article_province": ("xuexi", "province", ""),
    "xuexi_article_city": ("xuexi", "city", ""),
    "media_own_channel_post_wechat": ("own_wechat", "", ""),
    "media_own_channel_post_other": ("own_other", "", ""),
}
OWN = {"xuexi": "学习强国", "own_wechat": "青云发布", "own_other": "青云视频号"}


def media_rows(month: Month) -> list[dict]:
    """One row an item that was published; joint items among those of the Xuexi platform."""
    rows = []
    for code, (channel, level, medium) in PLACED.items():
        joint = month.number(code.replace("xuexi_article", "xuexi_joint_article")) if channel == "xuexi" else 0
        for place in range(month.number(code)):
            title = f"{month.rng.choice(_villages(month)).name}：{month.rng.choice(TOPICS)}"
            outlet = OWN.get(channel) or OUTLETS[level]
            facts = {"channel": channel, "level": level, "medium": medium, "outlet": outlet, "is_joint": place < joint}
            rows.append(month.entry(title, **facts))
    return rows


def practice_rows(month: Month) -> list[dict]:
    """Visits, booked or not, festive events, firms profiled, delegations."""
    rows = _visits(month, "booked_", booked=True) + _visits(month, "", booked=False)
    for _time in range(month.number("culture_entertainment_event_count")):
        rows.append(month.entry(month.rng.choice(FESTIVE), kind="festive", place="镇文化广场", organiser="镇文体站"))
    firms = month.new_names(
        "enterprise", month.number("culture_enterprise_visit_count"), lambda number: f"{_firm(number)}机械有限公司"
    )
    rows += [month.entry(name, kind="enterprise", place="工业集中区") for name in firms]
    for level in ("province", "city", "district"):
        for number in range(month.number(f"culture_delegation_reception_{level}")):
            rows.append(month.entry(f"乡村文化调研队第{number + 1}批", kind="reception", level=level, place="镇文明实践所"))
    return rows


def _visits(month: Month, mark: str, *, booked: bool) -> list[dict]:
    """One row a group; visitors without a group of their own come as one more row."""
    groups, persons = (month.number(f"civ_visit_{mark}{what}") for what in ("group_count", "person_times"))
    if not booked:
        groups -= month.number("civ_visit_booked_group_count")
        persons -= month.number("civ_visit_booked_person_times")
    parts = month.split(persons, groups) if groups else [persons] * bool(persons)
    return [
        month.entry(f"{month.rng.choice(SCHOOLS)}参观文明实践所", kind="visit", place="镇文明实践所", is_booked=booked,
                    groups=int(bool(groups)), person_times=count)
        for count in parts
    ]  # fmt: skip


def inspection_rows(month: Month) -> list[dict]:
    """Concentrated operations and routine inspections; printing firms by name."""
    firms = month.new_names("printing", month.number("apip_printing_firm_inspected_count"), lambda number: f"{_firm(number)}印务")
    facts = [{"kind": "concentrated", "campaign": month.rng.choice(CAMPAIGNS), "venue_kind": "bookshop"}
             for _time in range(month.number("apip_concentrated_inspection_count"))]  # fmt: skip
    facts += [{"kind": "routine", "venue_kind": "printing", "premises": "、".join(firms)}] if firms else []
    facts += [{"kind": "routine", "venue_kind": kind} for kind in ("internet", "campus")]
    columns = {
        "visits": "apip_inspection_visit_count", "inspectors": "apip_inspector_person_times", "seized": "apip_seized_count",
        "destroyed": "apip_destroyed_count",
    }  # fmt: skip
    shares = {field: month.split(month.number(code), len(facts)) for field, code in columns.items()}
    rows = []
    for place, fact in enumerate(facts):
        name = fact.get("campaign", "日常检查") + ("：印刷企业" if fact["venue_kind"] == "printing" else "")
        rows.append(month.entry(name, **fact, **{field: share[place] for field, share in shares.items()}))
    return rows


def activity_rows(month: Month) -> list[dict]:
    """Activities of the institute and of every village with their hours, stops and issues of the series."""
    rows = [
        month.entry(month.rng.choice(("青少年阅读", "大讲堂", "徒步环保", "绘画征文")), kind="institute", place="镇文明实践所")
        for _time in range(month.number("vol_institute_activity_count"))
    ]
    for village in _villages(month):
        tenths = int(month.values.get(f"vol_service_hours@{village.code}", 0) * 10)
        count = month.number("vol_village_activity_count", village.code)
        kinds = ["station"] * count or ["other"] * bool(tenths)
        for kind, part in zip(kinds, month.split(tenths, len(kinds)), strict=True):
            name = month.rng.choice(("清洁家园", "敬老服务", "文明劝导", "朗读日", "手工课堂"))
            rows.append(month.entry(name, kind=kind, village_code=village.code, place=village.name, hours=Decimal(part) / 10,
                                    participants=month.rng.randint(8, 40)))  # fmt: skip
    return rows + _series_rows(month)


SERIES = {
    "checkin": ("vol_checkin_stop_count", "最美悦读打卡第{}站"), "audio": ("vol_series_issue_no_audio", "码上听书第{}期"),
    "dialect": ("vol_series_issue_no_dialect", "乡音第{}期"),
}  # fmt: skip


def _series_rows(month: Month) -> list[dict]:
    rows = []
    for kind, (code, words) in SERIES.items():
        number = month.number(code)
        if number and number not in month.before[kind]:
            month.before[kind].add(number)
            rows.append(month.entry(words.format(number), kind=kind, issue_number=number))
    return rows


def team_rows(month: Month) -> list[dict]:
    """Teams that were founded."""
    names = {"apip": "护苗志愿服务队", "reading": "阅读推广志愿服务队", "other": "便民志愿服务队"}
    rows = []
    for kind, name in names.items():
        for _time in range(month.number(f"vol_team_added_{kind}")):
            rows.append(month.entry(f"{month.rng.choice(_villages(month)).name}{name}", kind=kind, status="founded"))
    return rows


def campaign_rows(month: Month) -> list[dict]:
    """The campaign of the month, as many days as it ran."""
    days = month.number("vol_campaign_duration_days")
    if not days:
        return []
    first = date(month.row.year, month.row.month, 2 if days < 27 else 1)
    return [{"date": first, "date_to": first + timedelta(days=days - 1), "name": "防汛志愿行动", "place": "沿河各村"}]


def _villages(month: Month):
    return [village for village in month.township.villages if village.valid_to is None]


def _firm(number: int) -> str:
    """Return the number-th name of a firm; the list starts again with a word before it."""
    return ("", "新", "大", "东", "南")[number // len(FIRMS) % 5] + FIRMS[number % len(FIRMS)]


MAKERS = {
    "study": study_rows, "media": media_rows, "practice": practice_rows, "inspection": inspection_rows,
    "vol_activity": activity_rows, "vol_team": team_rows, "vol_campaign": campaign_rows,
}  # fmt: skip
