"""What people wrote in the demo: reasons, comments, answers, explanations. Figures and offices only, nobody by name."""

from metrics.numbers import plain

NOTE = "活动台账按场次编号，便于核对，请继续保持。"
ANSWER = "已对照台账复核，多计的部分属于上月，改正后重新报送。"
SEND_BACK = "个别数据与台账不一致，见单项批注，改正后请尽快重报。"
EXPLANATIONS = {
    "ideology_study_book_count": "本月集中配发学习用书。",
    "team_training_person_times": "本月举办培训班。",
    "media_own_channel_post_wechat": "本月专题宣传较多，推送条数增加。",
    "media_own_channel_post_other": "本月视频号更新较多。",
    "civ_visit_person_times": "本月预约团队较多。",
    "civ_visit_booked_person_times": "本月预约团队较多。",
    "apip_copyright_poster_count": "版权宣传活动集中张贴海报。",
    "apip_inspection_visit_count": "配合专项行动增加检查。",
    "apip_inspector_person_times": "配合专项行动增加检查。",
    "vol_campaign_duration_days": "防汛志愿行动集中在本月。",
}
OTHER_EXPLANATION = "已与台账核对，数据属实。"
EXPLANATIONS_OF_RULES = {
    "shrunk": "上月有重复登记，本月核减。",
    "same": "与上年计划数相同，已核对，不是照抄。",
    "empty_list": "上年名录未在系统登记，纸质台账可查。",
    "evidence": "样报和清单已存宣传办，年底统一归档。",
    "ledger": "名录按班次登记，报表按期次统计，数据属实。",
}
LEDGER_DIFFERENCE = "含上月补记部分。"


def explanation(cell: str, code: str) -> str:
    """Return the line that explains a query on a cell."""
    if code in EXPLANATIONS_OF_RULES:
        return EXPLANATIONS_OF_RULES[code]
    return EXPLANATIONS.get(cell, OTHER_EXPLANATION)


def doubt(slip, *, is_second: bool) -> str:
    """Return a reviewer's comment on a figure."""
    name, measure = slip.indicator.name, slip.indicator.measure
    if is_second:
        return f"{name}填报{plain(slip.wrong)}{measure}，佐证材料只能对应{plain(slip.right)}{measure}，请补充材料或改正。"
    return f"{name}台账登记{plain(slip.right)}{measure}，报表填{plain(slip.wrong)}{measure}，请核对改正。"


def reason(deed: str, slips) -> str:
    """Return the words that go with a deed, empty where it needs none."""
    if deed == "send_back":
        return SEND_BACK
    if deed in ("head_send_back", "reopen"):
        name, measure = slips[0].indicator.name, slips[0].indicator.measure
        if deed == "reopen":
            return f"{name}重复计入，应为{plain(slips[0].right)}{measure}，同意更正。"
        return f"{name}与台账不符，请核对后再报。"
    return ""
