"""A district's report templates: copied, changed, put in force; what exists never changes with them."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.choices import Role, UnitKind
from reports import services
from reports.choices import Profile, TemplateState, UnitClass
from reports.models import Report, ReportTemplate
from reports.permissions import check_can_create
from reports.queries import template_for
from reports.services.template_writing import head_facts
from reports.template_content import Fact, block_of, facts_of, mark_of
from reports.template_files import read_templates
from reports.template_names import content_faults, serving_templates
from reports.template_review import compared_with, template_differences
from tests.factories import make_township, make_user
from tests.reports.world import lasting
from workflow.choices import Subject
from workflow.models import Event
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
TEXT = "今年以来，{unit_name}共开展专题学习【中心组专题学习|今年以来|次】。"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker) as world:
        yield world


def shipped(world, year=2026) -> ReportTemplate:
    return ReportTemplate.objects.get(district=world.district, year=year, unit_class="", is_shipped=True)


@pytest.fixture
def draft(world) -> ReportTemplate:
    return services.copy_template(by=world.admin, template=shipped(world), year=2026, unit_class="")


def now(template: ReportTemplate) -> ReportTemplate:
    return ReportTemplate.objects.select_related("district").get(pk=template.pk)


def put_in_force(world, template) -> ReportTemplate:
    return services.publish_template(by=world.admin, template=template, base_version=now(template).version)


def save_text(world, template, key, text, **more):
    block = {**block_of(now(template).content, key), "text": text, **more}
    return services.save_template_block(by=world.admin, template=template, block=block)


class TestServing:
    """Which template a township's report is made from."""

    def test_that_of_the_year_else_the_newest_before(self, world):
        assert template_for(world.town, 2026) == shipped(world, 2026)
        assert template_for(world.town, 2025) == shipped(world, 2025)
        assert template_for(world.town, 2031) == shipped(world, 2026)
        assert template_for(world.town, 2024) is None

    def test_a_draft_serves_nobody(self, world, draft):
        assert template_for(world.town, 2026) == shipped(world)

    def test_the_one_for_the_class_goes_before_the_one_for_all(self, world):
        own = services.copy_template(by=world.admin, template=shipped(world), year=2026, unit_class=UnitKind.SUBDISTRICT)
        put_in_force(world, own)
        street = make_township(world.district, kind=UnitKind.SUBDISTRICT)
        assert template_for(street, 2026) == own
        assert template_for(world.town, 2026) == shipped(world)
        of_district = template_for(world.district, 2026)
        assert {row.pk for row in serving_templates(world.district.pk, 2026)} == {own.pk, shipped(world).pk, of_district.pk}

    def test_a_districts_own_goes_before_a_shipped_one_of_a_later_year(self, world):
        own = put_in_force(world, services.copy_template(by=world.admin, template=shipped(world, 2025), year=2025, unit_class=""))
        assert template_for(world.town, 2026) == own

    def test_another_district_has_its_own(self, world, draft):
        put_in_force(world, draft)
        elsewhere = make_township()
        found = template_for(elsewhere, 2026)
        assert (found.pk, found.is_shipped, found.district) == (None, True, elsewhere.parent)


class TestCopying:
    """A draft is a full copy; what it was copied from stays."""

    def test_a_copied_year_leaves_the_old_one_untouched(self, world):
        before = shipped(world).content
        copy, _of_district = services.copy_templates(by=world.admin, district=world.district, source_year=2026, year=2027)
        save_text(world, copy, "opening", "改了。")
        assert shipped(world).content == before
        assert (now(copy).year, now(copy).state, now(copy).is_shipped) == (2027, TemplateState.DRAFT, False)
        assert [row["key"] for row in now(copy).content["blocks"]] == [row["key"] for row in before["blocks"]]
        assert Event.objects.about(Subject.TEMPLATE, copy.pk).filter(deed="copy_template").count() == 1

    def test_one_draft_a_year_and_class(self, world, draft):
        with pytest.raises(Refused):
            services.copy_template(by=world.admin, template=shipped(world), year=2026, unit_class="")
        services.copy_template(by=world.admin, template=shipped(world), year=2026, unit_class=UnitKind.TOWN)

    @pytest.mark.parametrize(("year", "allowed"), [(2024, False), (2025, True), (2028, True), (2029, False)])
    def test_years_near_enough(self, world, monkeypatch, year, allowed):
        from datetime import date

        monkeypatch.setattr("reports.services.templates.timezone.localdate", lambda: date(2026, 11, 1))
        if allowed:
            services.copy_template(by=world.admin, template=shipped(world), year=year, unit_class="")
        else:
            with pytest.raises(Refused):
                services.copy_template(by=world.admin, template=shipped(world), year=year, unit_class="")

    def test_a_double_click_makes_one(self, world):
        import uuid

        key = uuid.uuid4()
        make = lambda: services.copy_template(  # noqa: E731
            by=world.admin, template=shipped(world), year=2027, unit_class="", form_key=key
        )
        assert make() == make()

    @pytest.mark.parametrize("who", ["reviewer", "auditor", "clerk", "head"])
    def test_only_the_administrator(self, world, draft, who):
        user = getattr(world, who)
        for deed in (
            lambda: services.copy_template(by=user, template=shipped(world), year=2027, unit_class=""),
            lambda: services.publish_template(by=user, template=draft, base_version=draft.version),
            lambda: services.discard_template(by=user, template=draft),
            lambda: services.move_template_block(by=user, template=draft, key="opening", place=3),
        ):
            with pytest.raises(PermissionDenied):
                deed()

    def test_another_districts_administrator_is_a_stranger(self, world, draft):
        stranger = make_user(Role.DISTRICT_ADMIN)
        with pytest.raises(PermissionDenied):
            services.discard_template(by=stranger, template=draft)
        assert not ReportTemplate.objects.visible_to(stranger).exists()
        assert not ReportTemplate.objects.visible_to(world.clerk).exists()
        assert ReportTemplate.objects.visible_to(world.reviewer).filter(pk=draft.pk).exists()


class TestEditing:
    """A draft takes every change, with its history; two editors never overwrite each other."""

    def test_blocks_are_added_moved_changed_removed(self, world, draft):
        services.add_template_block(by=world.admin, template=draft, block={"kind": "paragraph", "text": TEXT}, after="opening")
        keys = [row["key"] for row in now(draft).content["blocks"]]
        assert keys[:2] == ["opening", "own.1"]
        services.move_template_block(by=world.admin, template=draft, key="own.1", place=1)
        assert [row["key"] for row in now(draft).content["blocks"]][:2] == ["own.1", "opening"]
        save_text(world, draft, "own.1", "短。")
        assert block_of(now(draft).content, "own.1")["text"] == "短。"
        services.remove_template_block(by=world.admin, template=draft, key="own.1")
        assert [row["key"] for row in now(draft).content["blocks"]] == [key for key in keys if key != "own.1"]
        deeds = Event.objects.about(Subject.TEMPLATE, draft.pk).values_list("deed", flat=True)
        assert set(deeds) == {
            "copy_template", "add_template_block", "move_template_block", "save_template_block", "remove_template_block",
        }  # fmt: skip

    @pytest.mark.parametrize(("place", "index"), [(-3, 0), (1, 0), (2, 1), (10_000, -1)])
    def test_a_place_beyond_the_ends_is_the_end(self, world, draft, place, index):
        services.move_template_block(by=world.admin, template=draft, key="s1.h", place=place)
        assert now(draft).content["blocks"][index]["key"] == "s1.h"

    def test_a_stale_editor_is_told(self, world, draft):
        block = block_of(draft.content, "opening")
        seen = mark_of(block)
        save_text(world, draft, "opening", "别人先存的。")
        with pytest.raises(services.EditConflict):
            services.save_template_block(by=world.admin, template=draft, block={**block, "text": "我的。"}, seen=seen)
        other = block_of(now(draft).content, "s1.h")
        services.save_template_block(by=world.admin, template=draft, block={**other, "text": "标题"}, seen=mark_of(other))
        with pytest.raises(services.EditConflict):
            services.save_template_head(by=world.admin, template=draft, values=head_facts(now(draft)), seen="0" * 16)

    def test_the_head_and_its_profile(self, world, draft):
        values = head_facts(now(draft)) | {"name": "新名", "profile": Profile.RED_HEAD, "mark": "{unit_name}人民政府文件"}
        services.save_template_head(by=world.admin, template=draft, values=values)
        assert (now(draft).name, now(draft).profile, now(draft).content["mark"]) == (
            "新名",
            "red_head",
            "{unit_name}人民政府文件",
        )

    def test_a_local_fact_in_use_is_not_removed(self, world, draft):
        facts = facts_of(now(draft).content)
        used = next(row for row in facts if row.braced in now(draft).content["blocks"][-6]["text"] or row.name == "plan_slogan")
        with pytest.raises(Refused, match="plan_slogan|" + used.label):
            services.save_template_facts(by=world.admin, template=draft, facts=[row for row in facts if row != used])
        more = [*facts, Fact("fact1", "节日", "")]
        services.save_template_facts(by=world.admin, template=draft, facts=more)
        assert facts_of(now(draft).content) == more
        services.save_template_facts(by=world.admin, template=draft, facts=facts)
        assert facts_of(now(draft).content) == facts

    def test_what_is_in_force_takes_no_change(self, world, draft):
        put_in_force(world, draft)
        with pytest.raises(Refused):
            save_text(world, draft, "opening", "改。")
        with pytest.raises(Refused):
            services.discard_template(by=world.admin, template=now(draft))
        with pytest.raises(Refused):
            services.save_template_head(by=world.admin, template=shipped(world), values=head_facts(shipped(world)))

    def test_a_draft_is_thrown_away(self, world, draft):
        services.discard_template(by=world.admin, template=draft)
        assert not ReportTemplate.objects.filter(pk=draft.pk).exists()


class TestPublishing:
    """Put in force when nothing is in the way; the one before is kept for its reports."""

    def test_it_replaces_the_one_before(self, world, draft):
        before = shipped(world)
        put_in_force(world, draft)
        assert (now(before).state, now(draft).state) == (TemplateState.REPLACED, TemplateState.PUBLISHED)
        assert template_for(world.town, 2026) == draft

    def test_what_was_looked_at_is_what_is_put_in_force(self, world, draft):
        seen = draft.version
        save_text(world, draft, "opening", "后来改的。")
        with pytest.raises(Refused):
            services.publish_template(by=world.admin, template=draft, base_version=seen)

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("【没有的|今年以来|次】", "没有的"),
            ("【中心组专题学习|后年|次】", "后年"),
            ("【中心组专题学习|今年以来|同环比】", "同环比"),
            ("【荣誉|今年以来|同比】", "同比"),
            ("【中心组专题学习", "】"),
            ("{no_such_fact}好", "no_such_fact"),
            ("开口{没有合", "{"),
        ],
    )  # fmt: skip
    def test_what_cannot_stand_is_in_the_way(self, world, draft, text, word):
        assert content_faults(now(draft)) == []
        save_text(world, draft, "opening", text)
        assert any(word in reason for reason in content_faults(now(draft)))
        with pytest.raises(Refused):
            put_in_force(world, draft)
        assert now(draft).is_draft

    def test_whole_years_and_approximations_may_stand(self, world, draft):
        save_text(world, draft, "opening", "【中心组专题学习|全年|余】，{unit_name}【荣誉|今年以来|列表3】。")
        assert content_faults(now(draft)) == []

    def test_reports_that_exist_never_change(self, world):
        report = services.create_report(by=world.clerk, unit=world.town, year=2025)
        blocks = list(report.blocks.values("key", "text", "lead", "order"))
        template = shipped(world, 2025)
        draft = services.copy_template(by=world.admin, template=template, year=2025, unit_class="")
        save_text(world, draft, "opening", "全新的导语，共5项。")
        services.remove_template_block(by=world.admin, template=draft, key="s1.honours")
        put_in_force(world, draft)
        report = Report.objects.get(pk=report.pk)
        assert report.template == template
        assert list(report.blocks.values("key", "text", "lead", "order")) == blocks

    def test_the_next_report_is_made_from_it(self, world, draft):
        save_text(world, draft, "opening", "{unit_name}的新导语。")
        put_in_force(world, draft)
        report = services.create_report(by=world.clerk, unit=world.town, year=2026)
        assert (report.template, report.blocks.get(key="opening").text) == (draft, "青云镇的新导语。")

    def test_without_a_template_no_report(self, world, monkeypatch):
        ReportTemplate.objects.update(state=TemplateState.REPLACED)
        monkeypatch.setattr("reports.queries.read_templates", list)
        with pytest.raises(Refused):
            check_can_create(world.clerk, world.town, 2025)


class TestSyncing:
    """The template files reach the shipped templates alone."""

    def test_it_is_idempotent(self, world):
        before = list(ReportTemplate.objects.values("pk", "state", "content"))
        services.sync_templates()
        assert list(ReportTemplate.objects.values("pk", "state", "content")) == before

    def test_a_districts_own_stays(self, world, draft):
        put_in_force(world, draft)
        services.sync_templates()
        assert template_for(world.town, 2026) == draft
        assert (
            ReportTemplate.objects.filter(
                year=2026, unit_class="", state=TemplateState.PUBLISHED, district=world.district
            ).count()
            == 1
        )

    def test_one_that_no_report_rests_on_is_brought_in_line(self, world):
        row = shipped(world)
        ReportTemplate.objects.filter(pk=row.pk).update(content={**row.content, "title": "旧"})
        services.sync_templates()
        assert now(row).content["title"] != "旧"

    def test_one_that_reports_rest_on_is_replaced(self, world):
        row = shipped(world, 2025)
        services.create_report(by=world.clerk, unit=world.town, year=2025)
        ReportTemplate.objects.filter(pk=row.pk).update(content={**row.content, "title": "旧"})
        services.sync_templates()
        assert (now(row).content["title"], now(row).state) == ("旧", TemplateState.REPLACED)
        assert template_for(world.town, 2025).content["title"] == read_templates()[0]["title"]


class TestNewDistrict:
    """One that was imported after the last sync has no rows: the files stand in, and a first copy makes them its own."""

    def test_its_reports_need_no_row(self, world):
        ReportTemplate.objects.all().delete()
        report = services.create_report(by=world.clerk, unit=world.town, year=2026)
        assert (report.template, report.blocks.count() > 10) == (None, True)

    def test_copying_a_year_begins_with_the_shipped_ones(self, world):
        ReportTemplate.objects.all().delete()
        drafts = services.copy_templates(by=world.admin, district=world.district, source_year=2026, year=2027)
        titles = {row["title"] for row in read_templates() if row["year"] == 2026}
        assert [draft.unit_class for draft in drafts] == [UnitClass.ALL, UnitClass.DISTRICT]
        assert {draft.content["title"] for draft in drafts} == titles
        assert shipped(world, 2026).state == TemplateState.PUBLISHED


class TestDifferences:
    """What a draft changes, for the eyes of who puts it in force."""

    def test_a_copy_differs_in_nothing(self, world, draft):
        assert compared_with(draft) == shipped(world)
        assert template_differences(shipped(world).content, draft.content) == []

    def test_each_kind(self, world, draft):
        save_text(world, draft, "opening", "改。")
        services.remove_template_block(by=world.admin, template=draft, key="s1.honours")
        services.add_template_block(by=world.admin, template=draft, block={"kind": "paragraph", "text": "新。"}, after="opening")
        services.move_template_block(by=world.admin, template=draft, key="s1.1.xuexi", place=999)
        values = head_facts(now(draft)) | {"title": "新题"}
        services.save_template_head(by=world.admin, template=draft, values=values)
        found = template_differences(shipped(world).content, now(draft).content)
        assert sorted(row.kind for row in found) == ["added", "changed", "changed", "moved", "removed"]


def book_of(report):
    from reports.assembly import load_binder

    return load_binder(report).book
