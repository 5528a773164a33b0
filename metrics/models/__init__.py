"""Models of the monthly figures, one module a subject."""

from metrics.models.highlights import Highlight, NamedList
from metrics.models.indicators import Area, Indicator
from metrics.models.returns import Figure, MonthlyReturn
from metrics.models.settings import DistrictYear

__all__ = ["Area", "DistrictYear", "Figure", "Highlight", "Indicator", "MonthlyReturn", "NamedList"]
