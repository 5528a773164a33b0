"""Numbers typed by hand into a report are counted and shown to everybody; fixed text, as templates bring it, is not."""

import pytest
from django.urls import reverse

from metrics.queries import YearBook
from reports import services
from reports.models import ReportTemplate
from reports.typed import typed_numbers
from tests.reports.world import lasting

pytestmark = pytest.mark.django_db
PLAN, STUDY = "s2.2", "s1.2.group"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2025)


def write(world, report, key, more, lead=None):
    block = report.blocks.get(key=key)
    services.save_block(by=world.clerk, block=block, text=block.text + more, lead=lead, base_version=block.version)


def typed(report):
    return typed_numbers(list(report.blocks.all()), YearBook.load(report.unit, report.year))


def test_a_new_report_holds_none(report):
    assert typed(report) == {}


def test_what_a_hand_adds_is_found_in_text_and_lead(world, report):
    write(world, report, STUDY, "另学习35次，发书１２00本。")
    write(world, report, PLAN, "", lead="做好3件事。")
    assert typed(report) == {STUDY: ("35", "1200"), PLAN: ("3",)}


def test_chinese_numerals_that_count_are_found_in_reading_order(world, report):
    write(
        world, report, STUDY, "另学习十二次，走访三十余家，参加两百人，共8场；抓好五个方面、“十四五”期间八项规定，〖十件〗实事。"
    )
    assert typed(report) == {STUDY: ("十二次", "三十余家", "两百人", "8")}


def test_tokens_fixed_text_and_the_templates_numbers_are_no_finding(world, report):
    write(world, report, STUDY, "另【中心组专题学习|1—3月|次】，写于〖2025〗年。")
    assert typed(report) == {}
    block = report.blocks.get(key=PLAN)
    services.save_block(
        by=world.clerk, block=block, text=block.text.replace("策划", "早日策划"), lead=block.lead, base_version=block.version
    )
    assert typed(report) == {}


def test_what_a_template_brings_is_fixed_text_in_lead_and_text(world):
    template = ReportTemplate.objects.get(year=2025, unit_class="")
    plan = next(row for row in template.content["blocks"] if row["key"] == PLAN)
    plan["lead"], plan["text"] = (
        "做好{plan_study_sessions}件实事。",
        "全年十二次，〖{plan_year}〗年内，【中心组专题学习|1—3月|次】。",
    )
    template.save()
    block = services.create_report(by=world.clerk, unit=world.town, year=2025).blocks.get(key=PLAN)
    assert (block.lead, block.text) == ("做好〖12〗件实事。", "全年〖十二次〗，〖2026〗年内，【中心组专题学习|1—3月|次】。")


def test_a_number_of_the_template_may_not_be_typed_again(world, report):
    write(world, report, PLAN, "再拍105集。")
    assert typed(report) == {PLAN: ("105",)}


def test_a_block_left_out_holds_none(world, report):
    write(world, report, "s1.problems", "共7个。")
    services.set_block_dropped(by=world.clerk, block=report.blocks.get(key="s1.problems"), dropped=True)
    assert typed(report) == {}


@pytest.mark.parametrize("login", ["clerk", "head", "reviewer"])
def test_everybody_sees_them_with_a_link(client, world, report, login):
    client.force_login(getattr(world, login))
    address = reverse("reports:report_detail", args=[report.pk])
    page = client.get(address).context["page"]
    assert page.typed_count == 0
    write(world, report, STUDY, "另学习3517次。")
    response = client.get(address)
    assert response.context["page"].typed_count == 1
    assert f'<a href="#b-{STUDY}">' in response.content.decode()
    assert "3517" in response.content.decode()


def test_digits_block_the_submit_page_and_words_do_not(client, world, report):
    write(world, report, STUDY, "另学习3517次。")
    client.force_login(world.clerk)
    address = reverse("reports:report_deed", args=[report.pk, "submit"])
    assert "3517" in client.get(address).context["refusal"]
    client.post(address)
    report.refresh_from_db()
    assert report.state == "draft"
    block = report.blocks.get(key=STUDY)
    text = block.text.replace("3517次", "十二次")
    services.save_block(by=world.clerk, block=block, text=text, base_version=block.version)
    response = client.get(address)
    assert "十二次" in response.content.decode()
    assert response.context["refusal"] == ""
    client.post(address, {"seen": response.context["seen"]})
    report.refresh_from_db()
    assert report.state == "awaiting_signoff"
