"""Addresses of the annual reports."""

app_name = "reports"
urlpatterns = []
