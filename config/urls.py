"""Addresses: includes only."""

urlpatterns = []
