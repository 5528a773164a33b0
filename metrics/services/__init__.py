"""Every write to returns, figures, named items and district settings; one module a subject."""

from metrics.services.catalogue import sync_catalogue
from metrics.services.editors import note_editor
from metrics.services.figures import CellInput, CellResult, explain_figure, save_figures
from metrics.services.import_deeds import confirm_import, undo_import, write_import
from metrics.services.imports import (
    match_columns,
    mend_row,
    skip_row,
    start_import,
    start_return_import,
)
from metrics.services.items import remove_item, save_district_year, save_item
from metrics.services.ledgers import remove_entry, restore_entry, save_entry
from metrics.services.opening import district_year, due_at, open_return, open_returns
from metrics.services.operations import prune_operations
from metrics.services.printing import request_return_pdf
from metrics.services.returns import (
    approve_return,
    comment_on_figure,
    head_send_back_return,
    reopen_return,
    resolve_figure_comment,
    send_back_return,
    sign_off_return,
    snapshot,
    start_review,
    submit_return,
    withdraw_return,
)

__all__ = [
    "CellInput",
    "CellResult",
    "approve_return",
    "comment_on_figure",
    "confirm_import",
    "district_year",
    "due_at",
    "explain_figure",
    "head_send_back_return",
    "match_columns",
    "mend_row",
    "note_editor",
    "open_return",
    "open_returns",
    "prune_operations",
    "remove_entry",
    "remove_item",
    "reopen_return",
    "request_return_pdf",
    "restore_entry",
    "resolve_figure_comment",
    "save_district_year",
    "save_entry",
    "save_figures",
    "save_item",
    "send_back_return",
    "sign_off_return",
    "snapshot",
    "skip_row",
    "start_import",
    "start_return_import",
    "start_review",
    "submit_return",
    "sync_catalogue",
    "undo_import",
    "withdraw_return",
    "write_import",
]
