"""What a token's name stands for, as far as wording is concerned: by the indicator's aggregation and measure."""

from enum import StrEnum

from django.utils.translation import gettext_lazy


class FigureKind(StrEnum):
    """What a token's name stands for, as far as wording is concerned."""

    COUNT = "count"
    STOCK = "stock"
    AVERAGE = "average"
    RATIO = "ratio"
    SERIAL = "serial"
    PARAM = "param"
    RANK = "rank"
    LIST = "list"


KIND_LABELS = {
    FigureKind.COUNT: gettext_lazy("a count"),
    FigureKind.STOCK: gettext_lazy("a state at the end of the period"),
    FigureKind.AVERAGE: gettext_lazy("an average"),
    FigureKind.RATIO: gettext_lazy("a percentage"),
    FigureKind.SERIAL: gettext_lazy("a serial number"),
    FigureKind.PARAM: gettext_lazy("a fixed parameter"),
    FigureKind.RANK: gettext_lazy("a rank"),
    FigureKind.LIST: gettext_lazy("a list of names"),
}
KIND_OF_AGGREGATION = {
    "sum": FigureKind.COUNT,
    "distinct_ytd": FigureKind.COUNT,
    "count": FigureKind.COUNT,
    "last": FigureKind.STOCK,
    "avg": FigureKind.AVERAGE,
    "ratio": FigureKind.AVERAGE,
    "max": FigureKind.SERIAL,
    "param": FigureKind.PARAM,
    "rank": FigureKind.RANK,
}


def kind_of(aggregation: str, measure: str = "") -> FigureKind:
    """Return the kind of a catalogue indicator.

    Whatever is measured in % is a ratio, however it is aggregated; a plain quotient reads like an average.
    """
    return FigureKind.RATIO if measure == "%" else KIND_OF_AGGREGATION[aggregation]
