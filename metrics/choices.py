"""How indicators add up, where their values come from, the kinds of a figure, and what ledgers tell apart.

Kinds, levels and channels of ledgers are terms of the trade, hence data and Chinese, as the catalogue is.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

EVIDENCE_RULE = "evidence"  # the check that asks for a file beside a figure


class Aggregation(TextChoices):
    """How months (and villages) make a total; see metrics.totals."""

    SUM = "sum", _("Sum of months")
    LAST = "last", _("Stock at the end of the period")
    MAX = "max", _("Highest")
    AVG = "avg", _("Mean of months")
    RATIO = "ratio", _("Ratio of totals")
    DISTINCT_YTD = "distinct_ytd", _("Distinct, entered year to date")
    COUNT = "count", _("Number of named items")
    PARAM = "param", _("Set by the district for the year")
    RANK = "rank", _("Rank in the district")


class Source(TextChoices):
    """Where a value comes from."""

    ENTERED = "entered", _("Entered")
    DERIVED = "derived", _("Calculated")
    LEDGER = "ledger", _("Counted from a ledger")
    LIST = "list", _("Counted from named items")
    PARAM = "param", _("District setting")
    RANK = "rank", _("Ranked by the district")


STORED_SOURCES = (Source.ENTERED, Source.LEDGER)  # a month's value stands in a cell


class Level(TextChoices):
    """Whether one cell a township or one a village."""

    TOWNSHIP = "township", _("Township")
    VILLAGE = "village", _("Village")


class Parts(TextChoices):
    """What a parent says of its parts (其中)."""

    NONE = "", _("No rule")
    EXACT = "exact", _("Parts make the whole")
    SUBSET = "subset", _("Each part within the whole")


class FigureKind(TextChoices):
    """A value, one of three kinds of absence, or text that is kept because it could not be read. Never a silent 0."""

    VALUE = "value", _("Value")
    BLANK = "blank", _("Not filled")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    NOT_COLLECTED = "not_collected", _("Not collected")
    TEXT = "text", _("Not understood")


class CheckLevel(TextChoices):
    """How strict a check is: an error blocks submission, a query takes an explanation, a hint only informs."""

    ERROR = "error", _("Error")
    QUERY = "query", _("Reminder")
    HINT = "hint", _("Hint")


class StudyKind(TextChoices):
    """Rows of the study ledger."""

    GROUP_STUDY = "group_study", "中心组专题学习"
    REMOTE_EDUCATION = "remote_education", "党员远程教育"
    OUTREACH = "outreach", "理论学习、政策宣讲"
    BOOKS = "books", "学习书籍发放"
    OTHER = "other", "其他学习活动"


class MediaChannel(TextChoices):
    """Who published an item."""

    MEDIA = "media", "主流媒体"
    XUEXI = "xuexi", "学习强国"
    OWN_WECHAT = "own_wechat", "自有微信公众号"
    OWN_OTHER = "own_other", "其他自有平台"


class MediaLevel(TextChoices):
    """The level of a medium or platform."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区级"


class Medium(TextChoices):
    """Print or new media; national media have no split."""

    PRINT = "print", "纸媒"
    NEW_MEDIA = "new_media", "新媒体"


class PracticeKind(TextChoices):
    """Rows of the practice ledger."""

    VISIT = "visit", "团体参观"
    FESTIVE = "festive", "节日文娱活动"
    ENTERPRISE = "enterprise", "企业历访"
    RECEPTION = "reception", "接待采风团、调研队伍"
    OTHER = "other", "其他文明实践活动"


class ReceptionLevel(TextChoices):
    """From which level a delegation came."""

    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区级"


class InspectionKind(TextChoices):
    """Rows of the inspection ledger."""

    CONCENTRATED = "concentrated", "集中检查专项行动"
    ROUTINE = "routine", "日常检查"


class VenueKind(TextChoices):
    """What kind of premises was inspected."""

    PRINTING = "printing", "印刷企业"
    BOOKSHOP = "bookshop", "出版物经营单位"
    INTERNET = "internet", "上网服务场所"
    ENTERTAINMENT = "entertainment", "娱乐场所"
    CAMPUS = "campus", "校园周边"
    OTHER = "other", "其他文化经营单位"


class ImportState(TextChoices):
    """How far an import is."""

    MATCHING = "matching", _("Columns to be matched")
    PREVIEW = "preview", _("To be checked")
    IMPORTED = "imported", _("Imported")
    UNDONE = "undone", _("Undone")


class RowStatus(TextChoices):
    """What a row of an import is."""

    NEW = "new", _("New")
    UPDATE = "update", _("Changed")
    DUPLICATE = "duplicate", _("Duplicate")
    ERROR = "error", _("Refused")
