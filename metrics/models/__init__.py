"""Models of the monthly figures, one module a subject."""

from metrics.models.catalogues import Catalogue, CatalogueState
from metrics.models.evidence import EvidenceFile, EvidenceLink
from metrics.models.highlights import Highlight, NamedList
from metrics.models.imports import ColumnMemory, ImportBatch, ImportRow
from metrics.models.indicators import Area, Indicator
from metrics.models.ledgers import Inspection, LedgerEntry, MediaPlacement, PracticeEvent, StudySession
from metrics.models.operations import CellOperation, Editor
from metrics.models.returns import Figure, MonthlyReturn
from metrics.models.settings import DistrictYear
from metrics.models.targets import Target

__all__ = [
    "Area",
    "Catalogue",
    "CatalogueState",
    "CellOperation",
    "ColumnMemory",
    "DistrictYear",
    "Editor",
    "EvidenceFile",
    "EvidenceLink",
    "Figure",
    "Highlight",
    "ImportBatch",
    "ImportRow",
    "Indicator",
    "Inspection",
    "LedgerEntry",
    "MediaPlacement",
    "MonthlyReturn",
    "NamedList",
    "PracticeEvent",
    "StudySession",
    "Target",
]
