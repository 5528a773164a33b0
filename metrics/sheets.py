"""Further sheets of a month's template: an app that shows cells in a form of its own adds it in AppConfig.ready."""

from collections.abc import Callable

from metrics.models import MonthlyReturn
from metrics.workbooks.tables import Table

_makers: list[Callable[[MonthlyReturn], Table]] = []


def register_sheet(maker: Callable[[MonthlyReturn], Table]) -> None:
    """Add a sheet to the month's template."""
    if maker not in _makers:
        _makers.append(maker)


def sheet_tables(monthly_return: MonthlyReturn) -> tuple[Table, ...]:
    """Return the further sheets that have a row to fill."""
    tables = (maker(monthly_return) for maker in _makers)
    return tuple(table for table in tables if table.rows)
