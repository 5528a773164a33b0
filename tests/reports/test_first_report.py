"""A district imported after the set-up commands: its first report works, from the shipped template."""

import pytest
from django.core.management import call_command

from accounts.choices import Role
from accounts.models import Unit
from metrics.services import sync_catalogue
from reports.assembly import assemble
from reports.exports import document_to_export
from reports.models import ReportTemplate
from reports.permissions import check_can_create
from reports.queries import template_of
from reports.services import create_report, sync_templates
from tests.factories import make_user
from tests.reports.world import make_items, make_returns

pytestmark = pytest.mark.django_db
TABLE = """code,name,kind,parent_code,valid_from,population
330200000000,临溪县,县,,2000-01-01,
330200100000,溪口镇,镇,330200000000,2001-01-01,
330200100200,东村,村,330200100000,2001-01-01,1234
"""


@pytest.fixture
def town(tmp_path):
    """An empty database as operations.md sets it up: catalogue and templates first, units afterwards."""
    sync_catalogue()
    assert sync_templates() == 0
    file = tmp_path / "units.csv"
    file.write_text(TABLE)
    call_command("import_units", str(file), "--year", "2025", verbosity=0)
    return Unit.objects.select_related("parent").get(name="溪口镇")


def test_the_first_report_of_an_imported_district_works(town):
    clerk, reviewer = make_user(Role.TOWNSHIP_CLERK, town), make_user(Role.DISTRICT_REVIEWER, town.parent)
    make_returns(town, Unit.objects.filter(parent=town), ((2025, 12),), reviewer, clerk)
    make_items(town, [2025])
    assert not ReportTemplate.objects.exists()
    check_can_create(clerk, town, 2025)
    report = create_report(by=clerk, unit=town, year=2025)
    assert assemble(report).problems == ()
    assert report.blocks.count() == len(template_of(town.parent_id, 2025).content["blocks"])
    text = "".join(block.text for block in document_to_export(report).blocks)
    assert "临溪县委宣传部" in text
    assert "建党105周年" in text


def test_the_shipped_template_gives_way_to_the_districts_own(town):
    assert [template_of(town.parent_id, year).year for year in (2025, 2026, 2031)] == [2025, 2026, 2026]
    assert template_of(town.parent_id, 2024) is None
    assert template_of(town.parent_id, 2025).pk is None
    sync_templates()
    assert template_of(town.parent_id, 2025).pk is not None
    ReportTemplate.objects.filter(year=2026).delete()
    assert template_of(town.parent_id, 2026).year == 2025
