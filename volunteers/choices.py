"""What the volunteer ledgers tell apart: terms of the trade, hence Chinese."""

from django.db.models import TextChoices


class TeamKind(TextChoices):
    """What a team is for."""

    APIP = "apip", "扫黄打非"
    READING = "reading", "全民阅读推广"
    OTHER = "other", "其他"


class TeamStatus(TextChoices):
    """Whether a team exists already; planned ones are not counted."""

    FOUNDED = "founded", "已成立"
    PLANNED = "planned", "拟成立"


class ActivityKind(TextChoices):
    """Rows of the activity ledger."""

    INSTITUTE = "institute", "镇级文明实践所活动"
    STATION = "station", "村（社区）文明实践站活动"
    CHECKIN = "checkin", "打卡之旅站点"
    AUDIO = "audio", "有声栏目更新"
    DIALECT = "dialect", "方言栏目更新"
    OTHER = "other", "其他志愿活动"
