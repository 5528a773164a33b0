"""The workbench: the first page after signing in."""

from django.urls import path

from reports.views.workbench import workbench

urlpatterns = [path("", workbench, name="workbench")]
