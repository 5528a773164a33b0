"""Addresses of the monthly figures."""

from django.urls import path, register_converter

from metrics.transitions import RETURN_TABLE
from metrics.views import comments, deeds, items, lists, returns, rounds, settings

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
    path("settings/", settings.district_settings, name="settings"),
]
