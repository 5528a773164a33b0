"""Addresses of the village sheet."""

from django.urls import path

from volunteers import views

app_name = "volunteers"
urlpatterns = [
    path("returns/<int:pk>/villages/", views.village_sheet, name="village_sheet"),
    path("returns/<int:pk>/villages/cells/", views.save_sheet, name="save_sheet"),
    path("returns/<int:pk>/villages/export.<slug:extension>", views.export_sheet, name="export_sheet"),
    path("returns/<int:pk>/villages/beat/", views.sheet_beat, name="sheet_beat"),
]
