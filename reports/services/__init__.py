"""Every write to templates, reports, blocks and versions; one module a subject."""

from reports.services.batches import request_batch
from reports.services.checking import confirm_finding, fix_finding
from reports.services.creating import create_report
from reports.services.exports import request_export
from reports.services.keeping import keep_figure, rebind_figure, release_figure, update_figure
from reports.services.monthly import save_monthly_form
from reports.services.pages import request_pages, request_trial_pages
from reports.services.plan import add_plan_item, choose_outcome, move_plan_item, remove_plan_item, save_plan_item
from reports.services.presence import note_block_editor
from reports.services.reviews import (
    approve_report,
    comment_on_block,
    head_send_back_report,
    reopen_report,
    resolve_block_comment,
    send_back_report,
    sign_off_report,
    start_review,
    submit_report,
    withdraw_report,
)
from reports.services.structure import delete_block, insert_block, move_block
from reports.services.template_writing import (
    add_template_block,
    move_template_block,
    remove_template_block,
    save_template_block,
    save_template_facts,
    save_template_head,
)
from reports.services.templates import (
    copy_template,
    copy_templates,
    discard_template,
    publish_template,
    set_template_values,
    sync_templates,
)
from reports.services.trials import request_trial_print
from reports.services.undoing import undo_deed
from reports.services.writing import EditConflict, save_block, save_head, set_block_dropped, update_figures

__all__ = [
    "EditConflict",
    "add_template_block",
    "add_plan_item",
    "approve_report",
    "choose_outcome",
    "comment_on_block",
    "confirm_finding",
    "copy_template",
    "copy_templates",
    "create_report",
    "delete_block",
    "discard_template",
    "fix_finding",
    "insert_block",
    "move_block",
    "move_plan_item",
    "note_block_editor",
    "undo_deed",
    "head_send_back_report",
    "keep_figure",
    "move_template_block",
    "publish_template",
    "rebind_figure",
    "release_figure",
    "remove_template_block",
    "remove_plan_item",
    "reopen_report",
    "request_batch",
    "request_export",
    "request_pages",
    "request_trial_pages",
    "request_trial_print",
    "resolve_block_comment",
    "save_block",
    "save_head",
    "save_monthly_form",
    "save_template_block",
    "save_template_facts",
    "save_template_head",
    "save_plan_item",
    "send_back_report",
    "set_block_dropped",
    "set_template_values",
    "sign_off_report",
    "start_review",
    "submit_report",
    "sync_templates",
    "update_figure",
    "update_figures",
    "withdraw_report",
]
