"""How indicators add up, where their values come from, and the kinds of a figure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
    LIST = "list", _("Counted from named items")
    PARAM = "param", _("District setting")
    RANK = "rank", _("Ranked by the district")


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
