"""Returns of before counts were kept get them once, from their lists; open ones follow their lists as ever."""

from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps

from metrics.models import Figure, NamedList
from metrics.services import sync_catalogue
from tests.factories import make_district, make_item, make_return, make_township

pytestmark = pytest.mark.django_db
CODE = "apip_campaign_count"


def test_closed_returns_get_what_their_lists_say_and_keep_what_they_have():
    sync_catalogue()
    town = make_township(make_district())
    campaigns = NamedList.objects.get(code="list_apip_campaign")
    for day in (date(2026, 3, 2), date(2026, 3, 9), date(2025, 12, 30), None):
        make_item(town, campaigns, f"行动{day}", 2026, date_from=day)
    rows = {month: make_return(town, 2026, month, state) for month, state in ((1, "approved"), (3, "submitted"), (4, "draft"))}
    keep_counts = import_module("metrics.migrations.0011_kept_counts").keep_counts
    keep_counts(apps, None)
    kept = Figure.objects.filter(indicator__code=CODE)
    assert {row.monthly_return.month: row.value for row in kept} == {1: Decimal(1), 3: Decimal(2)}
    kept.filter(monthly_return=rows[3]).update(value=7)
    keep_counts(apps, None)
    assert kept.get(monthly_return=rows[3]).value == 7
