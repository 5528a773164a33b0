"""Shipped templates say what is true anywhere; its district enters a place's own facts; missing ones leave no hole."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Unit
from reports.assembly import assemble
from reports.models import ReportTemplate
from reports.queries import template_of
from reports.services import create_report, save_block, set_template_values, sync_templates
from reports.template_files import TemplateError, empty_entries, fill, read_templates, template_values
from tests.reports.world import lasting
from workflow.models import Event
from workflow.transitions import Refused

FACTS = {"district_founded": "1996", "video_episodes": "30", "outreach_topics": "茶乡", "spring_event_date": "1月中旬"}
DEMO_FACTS = ("百姓之家", "滨水新城", "古道文旅", "1月底", "建区", "集宣传视频", "从4月起")


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("以{a}、乡风为重点。", {"a": ""}, "以乡风为重点。"),
        ("以乡风、{a}为重点。", {"a": ""}, "以乡风为重点。"),
        ("以茶乡、{a}、乡风为重点。", {"a": ""}, "以茶乡、乡风为重点。"),
        ("以{a}、乡风为重点。", {"a": "茶乡"}, "以茶乡、乡风为重点。"),
        ("前句。计划于{a}举办活动。后句。", {"a": ""}, "前句。后句。"),
        ("前句；计划于{a}举办活动。", {"a": ""}, "前句。"),
        ("围绕{a}周年拍摄{b}集。", {"a": "30", "b": ""}, ""),
        ("{c}\n{a}年", {"a": "2025", "b": "", "c": "青云镇"}, "青云镇\n2025年"),
    ],
)
def test_fill(text, values, expected):
    assert fill(text, values) == expected


def test_an_unknown_parameter_is_refused_even_beside_an_empty_one():
    with pytest.raises(TemplateError, match="nope"):
        fill("有{nope}。计划于{a}。", {"a": ""})


OF_TOWNSHIPS = [row for row in read_templates() if "unit_class" not in row]


@pytest.mark.parametrize("template", [row for row in read_templates() if "unit_class" in row], ids=lambda row: row["year"])
def test_the_districts_own_files_hold_none_either(template):
    assert not template.keys() & {"local", "local_values"}
    shipped = "".join(template["params"].values()) + "".join(row.get("text", "") for row in template["blocks"])
    assert [fact for fact in DEMO_FACTS if fact in shipped] == []


@pytest.mark.parametrize("template", OF_TOWNSHIPS, ids=lambda row: row["year"])
def test_the_shipped_files_hold_no_fact_of_the_demo_district(template):
    assert not template.keys() & {"local_values"}
    shipped = "".join(template["params"].values()) + "".join(row.get("text", "") for row in template["blocks"])
    assert [fact for fact in DEMO_FACTS if fact in shipped] == ["集宣传视频"]  # with the district's own number before it
    assert "{video_episodes}集宣传视频" in shipped
    assert set(empty_entries(template)) == set(template["local"].values())


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


def texts(world, year):
    report = create_report(by=world.clerk, unit=world.town, year=year)
    assert assemble(report).problems == ()
    return report, {row.key: row.text for row in assemble(report).document.blocks}


@pytest.mark.parametrize(("year", "anniversary"), [(2025, "建党105周年"), (2026, "建军100周年")])
def test_without_entries_the_plan_is_whole_and_silent_about_them(world, year, anniversary):
    _report, found = texts(world, year)
    assert anniversary in found["s2.2"]
    assert [fact for fact in DEMO_FACTS if any(fact in text for text in found.values())] == []
    assert "以新时代文明实践为重点，挖掘对外宣传亮点。" in found["s2.2"]
    assert "增强传播效果。把转型发展" in found["s2.2"]
    assert found["s2.3"].endswith("促进学校、家庭、社会协同育人。")
    assert "今年以来，向全国“扫黄打非”信息平台报送通讯稿" in found["s1.6.site"]
    assert not any("{" in text for text in found.values())


def test_what_a_district_enters_stands_in_its_plans_and_survives_an_upgrade(world):
    set_template_values(by=None, district=world.district, year=2026, values=FACTS)
    sync_templates()
    _report, found = texts(world, 2026)
    assert "围绕建区31周年，配合区里拍摄30集宣传视频，做好成果展示。" in found["s2.2"]
    assert "以茶乡、新时代文明实践为重点" in found["s2.2"]
    assert "计划于1月中旬举办" in found["s2.3"]
    event = Event.objects.get(deed="set_template_values")
    assert event.changes == [{"year": 2026, "old": {}, "new": FACTS}]
    set_template_values(by=None, district=world.district, year=2026, values=FACTS)
    assert Event.objects.filter(deed="set_template_values").count() == 1


def test_old_shipped_facts_of_an_installed_template_go_with_the_next_sync(world):
    template = ReportTemplate.objects.get(year=2026, unit_class="")
    template.content["params"]["video_episodes"] = "50"
    template.save()
    sync_templates()
    assert "video_episodes" not in ReportTemplate.objects.get(year=2026, unit_class="").content["params"]


def test_an_entry_is_taken_out_again_and_a_shipped_value_comes_back(world):
    set_template_values(by=None, district=world.district, year=2026, values=FACTS | {"home_brand": "“邻里汇”"})
    set_template_values(by=None, district=world.district, year=2026, values={"video_episodes": "", "home_brand": " "})
    content = ReportTemplate.objects.get(year=2026, unit_class="").content
    assert empty_entries(content) == (content["local"]["video_episodes"],)
    assert template_values(world.town, 2026, content)["home_brand"] == "新时代文明实践阵地"


@pytest.mark.parametrize(
    ("values", "part"),
    [({"nope": "1"}, "nope"), ({"video_episodes": "{unit_name}"}, "video_episodes"), ({"video_episodes": "三十\n集"}, "video"),
     ({"home_brand": "长" * 101}, "100"), ({"district_founded": "去年"}, "1983"), ({"spring_event_date": "【x】"}, "spring")],
)  # fmt: skip
def test_what_cannot_be_entered_is_refused_whole(world, values, part):
    with pytest.raises(Refused, match=part):
        set_template_values(by=None, district=world.district, year=2026, values={"outreach_topics": "茶乡", **values})
    assert (
        "local_values" not in ReportTemplate.objects.get(year=2026, unit_class="").content
        or not ReportTemplate.objects.get(year=2026, unit_class="").content["local_values"]
    )


@pytest.mark.parametrize("who", ["clerk", "head", "reviewer", "admin", "auditor"])
def test_the_page_says_once_what_is_empty(client, world, who):
    report, _texts = texts(world, 2026)
    client.force_login(getattr(world, who))
    shown = client.get(reverse("reports:report_detail", args=[report.pk])).content.decode()
    assert shown.count('id="empty-entries"') == 1
    assert "对外宣传亮点" in shown
    set_template_values(by=None, district=world.district, year=2026, values=FACTS)
    assert "empty-entries" not in client.get(reverse("reports:report_detail", args=[report.pk])).content.decode()


def test_a_left_out_fact_that_the_clerk_writes_in_is_named_as_typed(client, world):
    report, _texts = texts(world, 2026)
    block = report.blocks.get(key="s2.2")
    save_block(by=world.clerk, block=block, text=block.text + "拍摄50集宣传视频。", base_version=block.version)
    client.force_login(world.clerk)
    page = client.get(reverse("reports:report_detail", args=[report.pk])).context["page"]
    assert page.typed["s2.2"] == ("50",)


class TestCommand:
    """manage.py template_values."""

    def run(self, world, *values, year=2026):
        output = StringIO()
        call_command("template_values", *values, district=world.district.code, year=year, stdout=output)
        return output.getvalue()

    def test_lists_and_enters(self, world):
        assert "video_episodes\t\t" in self.run(world)
        assert "video_episodes\t30\t" in self.run(world, "video_episodes=30")
        assert "home_brand\t新时代文明实践阵地" in self.run(world)

    def test_enters_into_a_district_whose_template_is_still_the_shipped_one(self, world):
        ReportTemplate.objects.all().delete()
        self.run(world, "video_episodes=30")
        assert ReportTemplate.objects.get().year == 2026
        assert template_of(world.district.pk, 2026).content["local_values"] == {"video_episodes": "30"}

    @pytest.mark.parametrize("values", [["nope=1"], ["video_episodes"]])
    def test_refusals_exit_with_two(self, world, values):
        with pytest.raises(CommandError) as refusal:
            self.run(world, *values)
        assert refusal.value.returncode == 2

    def test_unknown_district_and_year(self, world):
        with pytest.raises(CommandError, match="999"):
            call_command("template_values", district="999999999999", year=2026)
        with pytest.raises(CommandError, match="2024"):
            self.run(world, "video_episodes=30", year=2024)


@pytest.mark.parametrize(
    ("name", "word", "level", "committees", "levels"),
    [
        ("云浦区", "区", "区级", "省、市、区委", "省、市、区三级"), ("临溪县", "县", "县级", "省、市、县委", "省、市、县三级"),
        ("北江市", "市", "县级", "省、市委", "省、市、县三级"), ("东乌旗", "旗", "旗级", "省、市、旗委", "省、市、旗三级"),
        ("经济开发园", "区", "区级", "省、市、区委", "省、市、区三级"),
    ],
)  # fmt: skip
def test_a_report_calls_its_district_what_it_is(world, name, word, level, committees, levels):
    Unit.objects.filter(pk=world.district.pk).update(name=name)
    set_template_values(by=None, district=world.district, year=2026, values=FACTS)
    town = Unit.objects.select_related("parent").get(pk=world.town.pk)
    document = assemble(create_report(by=world.clerk, unit=town, year=2026)).document
    found = {row.key: row.text for row in document.blocks}
    assert f"平台活跃度目前列全{word}第1位。" in found["s1.1.xuexi"]
    assert f"{level}媒体录用" in found["s1.3.media"]
    assert f"{level}10次" in found["s1.5.delegation"] or f"{level}20次" in found["s1.5.delegation"]
    assert f"以及中央和{committees}重要文件" in found["s2.1"]
    assert f"围绕建{word}31周年，配合{word}里拍摄" in found["s2.2"]
    media = document.annexes[2].tables[0]
    assert media.rows[3][0].text == level
    assert f"合计为{levels}之和" in media.note
    if word != "区":
        whole = "".join(found.values()) + media.note + "".join(row[0].text for row in media.rows)
        assert not [part for part in ("区级", "全区", "区委", "建区", "区里") if part in whole]
