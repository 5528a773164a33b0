"""Addresses: includes only. The workbench is the reports app's, for it looks over everything."""

from django.urls import include, path

urlpatterns = [
    path("", include("reports.urls.home")),
    path("", include("workflow.urls")),
    path("", include("metrics.urls")),
    path("", include("volunteers.urls")),
    path("reports/", include("reports.urls.reports")),
]
