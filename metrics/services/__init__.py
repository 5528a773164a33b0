"""Every write to returns, figures, named items, sets of indicators, targets and settings; one module a subject."""

from metrics.services.catalogue import sync_catalogue
from metrics.services.editors import note_editor
from metrics.services.evidence import (
    add_evidence,
    caption_evidence,
    remove_all_evidence,
    remove_evidence,
    reuse_evidence,
    settle_gone_entries,
)
from metrics.services.figures import CellInput, CellResult, explain_figure, save_figures
from metrics.services.import_deeds import confirm_import, undo_import, write_import
from metrics.services.imports import (
    match_columns,
    mend_row,
    skip_row,
    start_import,
    start_return_import,
)
from metrics.services.indicators import (
    add_indicator,
    change_indicator,
    move_indicator,
    remove_indicator,
    restore_indicator,
    retire_indicator,
)
from metrics.services.items import remove_item, restore_item, save_district_year, save_item
from metrics.services.ledgers import remove_entry, restore_entry, save_entry
from metrics.services.named_lists import add_named_list, change_named_list, move_named_list
from metrics.services.opening import district_year, due_at, open_return, open_returns
from metrics.services.operations import prune_operations
from metrics.services.population import PersonsInput, save_populations
from metrics.services.printing import request_return_pdf
from metrics.services.pruning import prune
from metrics.services.returns import (
    approve_return,
    comment_on_figure,
    head_send_back_return,
    reopen_return,
    resolve_figure_comment,
    send_back_return,
    sign_off_return,
    start_review,
    submit_return,
    withdraw_return,
)
from metrics.services.sets import copy_year, discard_draft, publish_catalogue
from metrics.services.snapshots import snapshot
from metrics.services.targets import AdoptedTargets, TargetInput, TargetResult, adopt_targets, save_targets
from metrics.services.units import add_village, end_village, merge_villages, rename_village, rename_village_from

__all__ = [
    "AdoptedTargets",
    "CellInput",
    "CellResult",
    "PersonsInput",
    "TargetInput",
    "TargetResult",
    "add_evidence",
    "add_indicator",
    "add_named_list",
    "add_village",
    "adopt_targets",
    "approve_return",
    "caption_evidence",
    "change_indicator",
    "change_named_list",
    "comment_on_figure",
    "confirm_import",
    "copy_year",
    "discard_draft",
    "district_year",
    "due_at",
    "end_village",
    "explain_figure",
    "head_send_back_return",
    "match_columns",
    "mend_row",
    "merge_villages",
    "move_indicator",
    "move_named_list",
    "note_editor",
    "open_return",
    "open_returns",
    "prune",
    "prune_operations",
    "publish_catalogue",
    "remove_all_evidence",
    "remove_entry",
    "remove_evidence",
    "remove_indicator",
    "remove_item",
    "rename_village",
    "rename_village_from",
    "reopen_return",
    "request_return_pdf",
    "resolve_figure_comment",
    "restore_entry",
    "restore_item",
    "restore_indicator",
    "retire_indicator",
    "reuse_evidence",
    "save_district_year",
    "save_entry",
    "save_figures",
    "save_item",
    "save_populations",
    "save_targets",
    "send_back_return",
    "settle_gone_entries",
    "sign_off_return",
    "skip_row",
    "snapshot",
    "start_import",
    "start_return_import",
    "start_review",
    "submit_return",
    "sync_catalogue",
    "undo_import",
    "withdraw_return",
    "write_import",
]
