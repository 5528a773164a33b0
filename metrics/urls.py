"""Addresses of the monthly figures."""

from django.urls import path, register_converter

from metrics.transitions import RETURN_TABLE
from metrics.views import (
    catalogues,
    comments,
    comparison,
    deeds,
    evidence,
    exports,
    imports,
    indicators,
    items,
    ledgers,
    lists,
    named_lists,
    returns,
    rounds,
    settings,
    targets,
    units,
)

app_name = "metrics"


class DeedConverter:
    """A deed of the transition table; any other word is no address."""

    regex = "|".join(RETURN_TABLE.deeds)
    to_python = to_url = staticmethod(str)


register_converter(DeedConverter, "return_deed")

urlpatterns = [
    path("returns/", lists.return_list, name="return_list"),
    path("review/", lists.queue, name="queue"),
    path("board/", lists.board, name="board"),
    path("returns/<int:pk>/", returns.return_detail, name="return_detail"),
    path("returns/<int:pk>/cells/", returns.save_cells, name="save_cells"),
    path("returns/<int:pk>/cells/<str:cell>/", returns.cell_panel, name="cell_panel"),
    path("returns/<int:pk>/beat/", returns.return_beat, name="return_beat"),
    path("returns/<int:pk>/comments/", comments.add_comment, name="add_comment"),
    path("returns/<int:pk>/comments/<int:comment>/resolve/", comments.resolve_comment, name="resolve_comment"),
    path("returns/<int:pk>/rounds/", rounds.return_rounds, name="rounds"),
    path("returns/<int:pk>/rounds/<int:number>/", rounds.round_detail, name="round_detail"),
    path("returns/<int:pk>/print/", rounds.return_print, name="return_print"),
    path("returns/<int:pk>/<return_deed:deed>/", deeds.return_deed, name="deed"),
    path("items/", items.item_list, name="item_list"),
    path("items/new/<slug:list_code>/", items.item_create, name="item_create"),
    path("items/<int:pk>/", items.item_detail, name="item_detail"),
    path("items/<int:pk>/remove/", items.item_remove, name="item_remove"),
    path("items/restore/<int:event>/", items.item_restore, name="item_restore"),
    path("returns/<int:pk>/evidence/<str:cell>/", evidence.cell_evidence, name="cell_evidence"),
    path("evidence/entries/<slug:kind>/<int:pk>/", evidence.entry_evidence, name="entry_evidence"),
    path("evidence/links/<int:pk>/", evidence.evidence_link, name="evidence_link"),
    path("evidence/files/<uuid:public_id>/", evidence.evidence_file, name="evidence_file"),
    path("evidence/files/<uuid:public_id>/small/", evidence.evidence_small, name="evidence_small"),
    path("settings/", settings.district_settings, name="settings"),
    # files in
    path("ledgers/<slug:kind>/import/", imports.import_start, name="import_start"),
    path("returns/<int:pk>/import/", imports.return_import, name="return_import"),
    path("imports/<uuid:public_id>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:public_id>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<uuid:public_id>/rows/<int:number>/", imports.import_row, name="import_row"),
    path("imports/<uuid:public_id>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<uuid:public_id>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<uuid:public_id>/marked/", imports.import_marked, name="import_marked"),
    # files out
    path("ledgers/<slug:kind>/template/", exports.ledger_template_file, name="ledger_template"),
    path("ledgers/<slug:kind>/export.<slug:extension>", exports.ledger_export, name="ledger_export"),
    path("returns/<int:pk>/template/", exports.return_template_file, name="return_template"),
    path("returns/<int:pk>/export.<slug:extension>", exports.return_export, name="return_export"),
    path("returns/<int:pk>/pdf/", exports.return_pdf, name="return_pdf"),
    path("returns/export.<slug:extension>", exports.return_list_export, name="return_list_export"),
    path("comparison/", comparison.comparison, name="comparison"),
    path("comparison/export.xlsx", comparison.comparison_export, name="comparison_export"),
    path("board/export.<slug:extension>", exports.board_export, name="board_export"),
    path("items/export.<slug:extension>", exports.item_export, name="item_export"),
    # ledgers
    path("ledgers/", ledgers.ledger_index, name="ledger_index"),
    path("ledgers/<slug:kind>/", ledgers.ledger_list, name="ledger_list"),
    path("ledgers/<slug:kind>/<int:pk>/", ledgers.ledger_entry, name="ledger_entry"),
    path("ledgers/<slug:kind>/<int:pk>/remove/", ledgers.ledger_remove, name="ledger_remove"),
    path("ledgers/<slug:kind>/restore/<int:event>/", ledgers.ledger_restore, name="ledger_restore"),
    # what a district counts, and its targets
    path("sets/", catalogues.catalogue_list, name="catalogue_list"),
    path("sets/copy/", catalogues.catalogue_copy, name="catalogue_copy"),
    path("sets/<int:pk>/", catalogues.catalogue_detail, name="catalogue_detail"),
    path("sets/<int:pk>/preview/", catalogues.catalogue_preview, name="catalogue_preview"),
    path("sets/<int:pk>/publish/", catalogues.catalogue_publish, name="catalogue_publish"),
    path("sets/<int:pk>/discard/", catalogues.catalogue_discard, name="catalogue_discard"),
    path("sets/<int:pk>/indicators/new/<slug:area>/", indicators.indicator_create, name="indicator_create"),
    path("sets/<int:pk>/lists/new/<slug:area>/", named_lists.named_list_create, name="named_list_create"),
    path("indicators/<int:pk>/", indicators.indicator_detail, name="indicator_detail"),
    path("indicators/<int:pk>/move/", indicators.indicator_move, name="indicator_move"),
    path("indicators/<int:pk>/retire/", indicators.indicator_retire, name="indicator_retire"),
    path("indicators/<int:pk>/restore/", indicators.indicator_restore, name="indicator_restore"),
    path("indicators/<int:pk>/remove/", indicators.indicator_remove, name="indicator_remove"),
    path("named-lists/<int:pk>/", named_lists.named_list_detail, name="named_list_detail"),
    path("named-lists/<int:pk>/move/", named_lists.named_list_move, name="named_list_move"),
    # the district's units
    path("district/units/", units.unit_list, name="unit_list"),
    path("district/units/<int:pk>/", units.unit_detail, name="unit_detail"),
    path("district/units/<int:pk>/population/", units.unit_population, name="unit_population"),
    path("district/units/<int:pk>/villages/new/", units.village_create, name="village_create"),
    path("district/units/<int:pk>/villages/merge/", units.village_merge, name="village_merge"),
    path("district/villages/<int:pk>/", units.village_detail, name="village_detail"),
    path("district/villages/<int:pk>/name/", units.village_rename_from, name="village_rename_from"),
    path("district/villages/<int:pk>/end/", units.village_end, name="village_end"),
    path("targets/", targets.target_list, name="target_list"),
    path("targets/fill/", targets.target_fill, name="target_fill"),
    path("targets/save/", targets.target_save, name="target_save"),
]
