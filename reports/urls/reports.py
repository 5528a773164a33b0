"""Addresses of the annual reports."""

from django.urls import path, register_converter

from reports.transitions import REPORT_TABLE
from reports.views import (
    batches,
    blocks,
    checking,
    comparing,
    exports,
    figures,
    monthly,
    pages,
    plan,
    reports,
    reviews,
    structure,
    template_parts,
    templates,
)

app_name = "reports"


class DeedConverter:
    """A deed of the transition tables; any other word is no address. A township's report knows all that the district's does."""

    regex = "|".join(REPORT_TABLE.deeds)
    to_python = to_url = staticmethod(str)


register_converter(DeedConverter, "report_deed")

urlpatterns = [
    path("", reports.report_list, name="report_list"),
    path("new/", reports.report_create, name="report_create"),
    path("batch/", batches.report_batch, name="report_batch"),
    path("verify/", exports.report_verify, name="report_verify"),
    path("<int:pk>/", reports.report_detail, name="report_detail"),
    path("<int:pk>/head/", reports.report_head, name="report_head"),
    path("<int:pk>/preview/", reports.report_preview, name="report_preview"),
    path("<int:pk>/update/", blocks.figures_update, name="figures_update"),
    path("<int:pk>/token/", figures.token_preview, name="token_preview"),
    path("<int:pk>/blocks/<str:key>/", blocks.block_edit, name="block_edit"),
    path("<int:pk>/blocks/<str:key>/update/", blocks.block_update, name="block_update"),
    path("<int:pk>/blocks/<str:key>/drop/", blocks.block_drop, name="block_drop"),
    path("<int:pk>/blocks/<str:key>/restore/", blocks.block_restore, name="block_restore"),
    path("<int:pk>/blocks/<str:key>/insert/", structure.block_insert, name="block_insert"),
    path("<int:pk>/blocks/<str:key>/move/", structure.block_move, name="block_move"),
    path("<int:pk>/blocks/<str:key>/delete/", structure.block_delete, name="block_delete"),
    path("<int:pk>/here/", structure.report_here, name="report_here"),
    path("<int:pk>/undo/", structure.deed_undo, name="deed_undo"),
    path("<int:pk>/blocks/<str:key>/items/", plan.plan_item_add, name="plan_item_add"),
    path("<int:pk>/items/<int:item>/", plan.plan_item_edit, name="plan_item_edit"),
    path("<int:pk>/items/<int:item>/remove/", plan.plan_item_remove, name="plan_item_remove"),
    path("<int:pk>/items/<int:item>/move/", plan.plan_item_move, name="plan_item_move"),
    path("<int:pk>/outcomes/<int:item>/", plan.plan_outcome, name="plan_outcome"),
    path("<int:pk>/checks/confirm/", checking.finding_confirm, name="finding_confirm"),
    path("<int:pk>/checks/fix/", checking.finding_fix, name="finding_fix"),
    path("<int:pk>/figures/<int:figure>/", figures.figure_trace, name="figure_trace"),
    path("<int:pk>/figures/<int:figure>/update/", figures.figure_update, name="figure_update"),
    path("<int:pk>/figures/<int:figure>/keep/", figures.figure_keep, name="figure_keep"),
    path("<int:pk>/figures/<int:figure>/release/", figures.figure_release, name="figure_release"),
    path("<int:pk>/figures/<int:figure>/rebind/", figures.figure_rebind, name="figure_rebind"),
    path("<int:pk>/comments/", reviews.comment_add, name="comment_add"),
    path("<int:pk>/comments/<int:comment>/resolve/", reviews.comment_resolve, name="comment_resolve"),
    path("<int:pk>/rounds/", reviews.report_rounds, name="report_rounds"),
    path("<int:pk>/rounds/<int:number>/", reviews.report_round, name="report_round"),
    path("<int:pk>/versions/compare/", comparing.version_compare, name="version_compare"),
    path("<int:pk>/versions/<int:number>/", reviews.report_version, name="report_version"),
    path("<int:pk>/export/", exports.report_export, name="report_export"),
    path("<int:pk>/pages/", pages.report_pages, name="report_pages"),
    path("pages/<uuid:public_id>/", pages.pages_status, name="pages_status"),
    path("pages/<uuid:public_id>/<int:number>.png", pages.page_picture, name="page_picture"),
    path("<int:pk>/deed/<report_deed:deed>/", reviews.report_deed, name="report_deed"),
    # the district's templates
    path("templates/", templates.template_list, name="template_list"),
    path("templates/copy/", templates.template_copy_year, name="template_copy_year"),
    path("templates/monthly/<int:year>/", monthly.monthly_form, name="monthly_form"),
    path("templates/<int:pk>/", templates.template_detail, name="template_detail"),
    path("templates/<int:pk>/copy/", templates.template_copy, name="template_copy"),
    path("templates/<int:pk>/trial/", templates.template_trial, name="template_trial"),
    path("templates/<int:pk>/trial/pages/", pages.trial_pages, name="trial_pages"),
    path("templates/<int:pk>/trial/print/", templates.template_trial_print, name="template_trial_print"),
    path("templates/<int:pk>/publish/", templates.template_publish, name="template_publish"),
    path("templates/<int:pk>/discard/", templates.template_discard, name="template_discard"),
    path("templates/<int:pk>/head/", template_parts.template_head, name="template_head"),
    path("templates/<int:pk>/facts/", template_parts.template_facts, name="template_facts"),
    path("templates/<int:pk>/blocks/new/", template_parts.template_block_create, name="template_block_create"),
    path("templates/<int:pk>/blocks/<str:key>/", template_parts.template_block, name="template_block"),
    path("templates/<int:pk>/blocks/<str:key>/move/", template_parts.template_block_move, name="template_block_move"),
    path("templates/<int:pk>/blocks/<str:key>/remove/", template_parts.template_block_remove, name="template_block_remove"),
]
