"""The pages of report templates: a draft from copy to force by the browser's own forms; a trial that writes nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

from reports import services
from reports.document import ReportDocument
from reports.models import Block, BoundFigure, Report, ReportTemplate
from reports.template_content import block_of, facts_of
from reports.trial import load_trial, trial_years
from tests.reports.world import change_figure, lasting
from workflow.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker) as world:
        yield world


@pytest.fixture
def draft(world) -> ReportTemplate:
    template = ReportTemplate.objects.get(year=2026, unit_class="")
    return services.copy_template(by=world.admin, template=template, year=2026, unit_class="")


@pytest.fixture
def admin(world, client):
    client.force_login(world.admin)
    return client


def url(name: str, draft, *args) -> str:
    return reverse(f"reports:template_{name}", args=[draft.pk, *args])


def stored(draft) -> ReportTemplate:
    return ReportTemplate.objects.get(pk=draft.pk)


def words(answer) -> str:
    return answer.content.decode()


def shown(form) -> dict:
    """What a browser would send back of a form as it stands."""
    return {name: value for name in form.fields if (value := form[name].value()) not in (None, False)}


class TestReading:
    """The district's people read; townships do not."""

    @pytest.mark.parametrize("who", ["admin", "reviewer", "auditor"])
    def test_the_district_reads(self, world, client, draft, who):
        client.force_login(getattr(world, who))
        assert client.get(reverse("reports:template_list")).status_code == 200
        page = words(client.get(url("detail", draft)))
        assert "{unit_name}在{superior_name}的指导下" in page
        assert (url("publish", draft) in page) is (who == "admin")

    @pytest.mark.parametrize("who", ["clerk", "head"])
    def test_townships_do_not(self, world, client, draft, who):
        client.force_login(getattr(world, who))
        for page in (reverse("reports:template_list"), url("detail", draft), url("trial", draft)):
            assert client.get(page).status_code in (403, 404)
        assert reverse("reports:template_list") not in words(client.get(reverse("reports:report_list")))

    def test_the_thresholds_are_linked_not_repeated(self, admin, draft):
        assert reverse("metrics:settings") + "?year=2026" in words(admin.get(url("detail", draft)))

    def test_a_template_of_many_blocks_asks_no_more(self, world, admin, draft):
        def queries():
            with CaptureQueriesContext(connection) as found:
                assert admin.get(url("detail", draft)).status_code == 200
            return len(found)

        queries()
        few = queries()
        blocks = [{"key": f"x{n}", "kind": "paragraph", "text": "【中心组专题学习|今年以来|次】"} for n in range(60)]
        ReportTemplate.objects.filter(pk=draft.pk).update(content={**draft.content, "blocks": draft.content["blocks"] + blocks})
        assert queries() == few


class TestEditing:
    """Forms keep what was typed and say what cannot stand."""

    def test_a_block_with_a_condition(self, admin, draft):
        form = admin.get(url("block", draft, "s1.2.h")).context["form"]
        body = shown(form) | {"when-1": "risen", "indicator-1": "ideology_study_session_count", "text-1": "学习次数稳步增加"}
        answer = admin.post(url("block", draft, "s1.2.h"), body)
        assert answer.status_code == 302
        block = block_of(stored(draft).content, "s1.2.h")
        assert block["alternatives"] == [
            {"text": "学习次数稳步增加", "when": "risen", "indicator": "ideology_study_session_count"}
        ]  # fmt: skip
        assert block["watch"] == block_of(draft.content, "s1.2.h")["watch"]
        again = admin.get(url("block", draft, "s1.2.h")).context["form"]
        admin.post(url("block", draft, "s1.2.h"), shown(again) | {"when-1": "", "indicator-1": "", "text-1": ""})
        assert "alternatives" not in block_of(stored(draft).content, "s1.2.h")

    @pytest.mark.parametrize(
        ("field", "text", "word"),
        [
            ("text", "共【没有的|今年以来|次】。", "没有的"), ("text-1", "【中心组专题学习|今年以来", "】"),
            ("text", "{nobody}", "nobody"),
        ],
    )  # fmt: skip
    def test_what_cannot_stand_is_named_and_kept(self, admin, draft, field, text, word):
        form = admin.get(url("block", draft, "opening")).context["form"]
        answer = admin.post(url("block", draft, "opening"), shown(form) | {"when-1": "always", "text-1": "好。", field: text})
        assert answer.status_code == 422
        assert word in words(answer)
        assert answer.context["form"][field].value() == text
        assert stored(draft).content == draft.content

    @pytest.mark.parametrize(
        ("when", "code"), [("", ""), ("front", "ideology_study_session_count"), ("risen", ""), ("eval", "")]
    )  # fmt: skip
    def test_a_condition_that_cannot_be_asked_is_named(self, admin, draft, when, code):
        form = admin.get(url("block", draft, "s1.2.h")).context["form"]
        body = shown(form) | {"when-1": when, "indicator-1": code, "text-1": "另一种标题"}
        assert admin.post(url("block", draft, "s1.2.h"), body).status_code == 422

    def test_a_conflict_shows_both(self, world, admin, draft):
        form = admin.get(url("block", draft, "opening")).context["form"]
        services.save_template_block(
            by=world.admin, template=draft, block={**block_of(draft.content, "opening"), "text": "先存的。"}
        )
        answer = admin.post(url("block", draft, "opening"), shown(form) | {"text": "后写的。"})
        assert answer.status_code == 409
        assert "先存的。" in words(answer)
        assert "后写的。" in words(answer)
        again = shown(answer.context["form"])
        assert admin.post(url("block", draft, "opening"), again).status_code == 302
        assert block_of(stored(draft).content, "opening")["text"] == "后写的。"

    def test_a_new_block_once(self, admin, draft):
        address = url("block_create", draft) + "?kind=item&after=opening"
        page = admin.get(address)
        key = page.content.decode().split('name="form_key" value="')[1].split('"')[0]
        body = {"lead": "新事项。", "text": "做好新事项。", "form_key": key}
        for _click in range(2):
            assert admin.post(address, body).status_code == 302
        rows = [row for row in stored(draft).content["blocks"] if row.get("lead") == "新事项。"]
        assert len(rows) == 1
        assert stored(draft).content["blocks"][1]["kind"] == "item"
        assert admin.get(url("block_create", draft) + "?kind=script").status_code == 404

    def test_blocks_are_moved_and_removed(self, admin, draft):
        first, second = (row["key"] for row in draft.content["blocks"][:2])
        admin.post(url("block_move", draft, second), {"place": "2", "to": "up"})
        assert stored(draft).content["blocks"][0]["key"] == second
        admin.post(url("block_remove", draft, first))
        assert block_of(stored(draft).content, first) is None

    def test_local_facts(self, admin, draft):
        form = admin.get(url("facts", draft)).context["form"]
        body = shown(form) | {"value-plan_slogan": "新口号", "label-new": "节日", "value-new": "元宵"}
        assert admin.post(url("facts", draft), body).status_code == 302
        facts = {row.name: row for row in facts_of(stored(draft).content)}
        assert facts["plan_slogan"].value == "新口号"
        assert (facts["fact1"].label, facts["fact1"].value) == ("节日", "元宵")
        form = admin.get(url("facts", draft)).context["form"]
        answer = admin.post(url("facts", draft), shown(form) | {"drop-plan_slogan": "on"})
        assert answer.status_code == 409, "it is used"
        form = admin.get(url("facts", draft)).context["form"]
        assert admin.post(url("facts", draft), shown(form) | {"drop-fact1": "on"}).status_code == 302
        assert "fact1" not in {row.name for row in facts_of(stored(draft).content)}

    @pytest.mark.parametrize("value", ["【荣誉|今年以来|列表】", "{unit_name}", "〖3〗"])
    def test_a_local_fact_is_words(self, admin, draft, value):
        form = admin.get(url("facts", draft)).context["form"]
        assert admin.post(url("facts", draft), shown(form) | {"value-plan_slogan": value}).status_code == 422

    def test_a_red_head_needs_its_mark(self, admin, draft):
        form = admin.get(url("head", draft)).context["form"]
        body = shown(form) | {"profile": "red_head"}
        assert admin.post(url("head", draft), body).status_code == 422
        assert admin.post(url("head", draft), body | {"mark": "{unit_name}人民政府文件"}).status_code == 302
        assert admin.post(url("head", draft), body | {"mark": "【荣誉|今年以来|列表】文件"}).status_code in (409, 422)

    def test_what_is_in_force_opens_no_editor(self, world, admin, draft):
        services.publish_template(by=world.admin, template=draft, base_version=draft.version)
        assert admin.get(url("block", draft, "opening")).status_code == 403
        assert admin.get(url("head", draft)).status_code == 403
        answer = admin.post(url("block", draft, "opening"), {"text": "晚了。"})
        assert answer.status_code == 409
        assert "晚了。" in words(answer)


class TestPublishing:
    """Differences, what is in the way, and force."""

    def test_in_force_by_the_page(self, admin, draft):
        page = admin.get(url("publish", draft))
        assert page.context["differences"] == []
        assert (
            admin.post(url("publish", draft), {"base_version": page.context["form"]["base_version"].value()}).status_code == 302
        )
        assert stored(draft).state == "published"

    def test_a_change_after_looking_is_looked_at_again(self, world, admin, draft):
        seen = admin.get(url("publish", draft)).context["form"]["base_version"].value()
        services.move_template_block(by=world.admin, template=draft, key="opening", place=2)
        answer = admin.post(url("publish", draft), {"base_version": seen})
        assert answer.status_code == 409
        assert answer.context["form"]["base_version"].value() == stored(draft).version
        assert stored(draft).is_draft


class TestTrial:
    """The report that a township would have: the same as the one that is then created, and nothing written."""

    def test_nothing_is_written(self, world, admin, draft):
        before = [model.objects.count() for model in (Report, Block, BoundFigure)]
        with CaptureQueriesContext(connection) as found:
            answer = admin.get(url("trial", draft), {"township": world.town.pk, "year": 2026})
        assert answer.status_code == 200
        written = [row["sql"] for row in found if row["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert not [sql for sql in written if "django_session" not in sql]
        assert [model.objects.count() for model in (Report, Block, BoundFigure)] == before

    def test_it_says_what_the_report_will_say(self, world, draft):
        def says(document):
            return (
                [(block.text, block.number) for block in document.blocks],
                document.annexes,
                document.title_lines,
                document.facts,
            )

        trial = load_trial(draft, world.town, 2026).document
        services.publish_template(by=world.admin, template=draft, base_version=draft.version)
        report = services.create_report(by=world.clerk, unit=world.town, year=2026)
        from reports.assembly import assemble

        assert says(trial) == says(assemble(report).document)

    def test_left_out_sentences_and_problems_are_shown(self, world, admin, draft):
        block = block_of(draft.content, "opening") | {"text": "共【中心组专题学习|12月|次】。获【荣誉|1—1月|列表】。"}
        services.save_template_block(by=world.admin, template=draft, block=block)
        page = load_trial(stored(draft), world.town, 2026)
        assert [fault.block_key for fault in page.problems] == ["opening"]
        answer = words(admin.get(url("trial", draft), {"township": world.town.pk}))
        assert "rp-faults" in answer

    def test_one_without_figures_is_said_so(self, world, admin, draft):
        other = world.district.children.exclude(pk=world.town.pk).first()
        other.returns.all().delete()
        assert trial_years(other, draft) == []
        answer = admin.get(url("trial", draft), {"township": other.pk})
        assert answer.status_code == 200
        assert "page" not in answer.context

    def test_it_is_printed_with_its_mark_and_made_no_report(self, world, admin, draft):
        for _click in range(2):
            answer = admin.post(url("trial_print", draft), {"township": world.town.pk, "year": 2026})
            assert answer.status_code == 302
        job = Job.objects.get()
        document = ReportDocument.from_json(job.parameters["document"])
        assert (document.status_mark, document.unit_name, job.unit) == ("试排", "青云镇", world.district)
        assert not Report.objects.exists()
        assert admin.post(url("trial_print", draft), {"township": world.town.pk, "year": 2019}).status_code == 404
        assert admin.post(url("trial_print", draft), {"township": 0, "year": 2026}).status_code == 404

    def test_only_townships_of_the_class_are_offered(self, world, admin, draft):
        own = services.copy_template(by=world.admin, template=draft, year=2026, unit_class="subdistrict")
        assert admin.get(url("trial", own)).context["townships"] == []
        assert len(admin.get(url("trial", draft)).context["townships"]) == 3

    def test_the_choice_is_called_what_it_is(self, world, admin, draft):
        own = services.copy_template(by=world.admin, template=draft, year=2026, unit_class="district")
        for template, word in ((own, gettext("District")), (draft, gettext("Township"))):
            assert f'<label for="township">{word}</label>' in admin.get(url("trial", template)).content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_template(self, world, draft):
        def queries(template):
            with CaptureQueriesContext(connection) as found:
                load_trial(template, world.town, 2026)
            return len(found)

        few = queries(draft)
        blocks = [{"key": f"x{n}", "kind": "paragraph", "text": "【中心组专题学习|今年以来|次】"} for n in range(60)]
        draft.content = {**draft.content, "blocks": draft.content["blocks"] + blocks}
        assert queries(draft) == few


class TestRedHead:
    """A red-head report asks for its number and signatory, and prints them."""

    @pytest.fixture
    def report(self, world, draft):
        from reports.services.template_writing import head_facts

        values = head_facts(draft) | {
            "profile": "red_head",
            "mark": "{unit_name}人民政府文件",
            "issuer": "{unit_name}党政综合办公室",
        }
        services.save_template_head(by=world.admin, template=draft, values=values)
        draft.refresh_from_db()
        services.publish_template(by=world.admin, template=draft, base_version=draft.version)
        return services.create_report(by=world.clerk, unit=world.town, year=2026)

    def body(self, **more) -> dict:
        facts = {"title": "青云镇\n总结", "addressee": "区委宣传部：", "signature": "青云镇", "mark": "青云镇人民政府文件"}
        return facts | {"number": "青政发〔2027〕5号", "signatory": "张三", "copies": "区政府办公室", "issuer": "党政办"} | more

    def test_the_profile_comes_with_the_template(self, report):
        assert report.profile == "red_head"
        assert report.letterhead == {"mark": "青云镇人民政府文件", "issuer": "青云镇党政综合办公室"}

    def test_a_plain_report_is_not_asked(self, world, client):
        report = services.create_report(by=world.clerk, unit=world.town, year=2025)
        client.force_login(world.clerk)
        form = client.get(reverse("reports:report_head", args=[report.pk])).context["form"]
        assert "number" not in form.fields

    @pytest.mark.parametrize(
        ("number", "stands"),
        [
            ("青政发〔2026〕5号", True), ("青政发〔2027〕15号", True), ("青政发〔2025〕5号", False), ("青政发〔2028〕5号", False),
            ("青政发[2026]5号", False), ("青政发（2026）5号", False), ("青政发〔2026〕05号", False),
            ("青政发〔2026〕第5号", False), ("青政发〔26〕5号", False), ("〔2026〕5号", False), ("青政发〔2026〕5", False),
        ],
    )  # fmt: skip
    def test_the_number_has_its_form(self, world, client, report, number, stands):
        client.force_login(world.clerk)
        answer = client.post(reverse("reports:report_head", args=[report.pk]), self.body(number=number))
        assert answer.status_code == (302 if stands else 422)
        assert stands or number in words(answer)

    @pytest.mark.parametrize(("day", "stands"), [("2027-01-08", True), ("2026-12-30", False)])
    def test_the_year_is_that_of_the_day_of_issue(self, world, client, report, day, stands):
        client.force_login(world.clerk)
        answer = client.post(reverse("reports:report_head", args=[report.pk]), self.body(issue_date=day))
        assert answer.status_code == (302 if stands else 422)

    def test_without_number_and_signatory_it_is_not_submitted(self, world, client, report):
        from workflow.transitions import Refused

        client.force_login(world.clerk)
        page = words(client.get(reverse("reports:report_detail", args=[report.pk])))
        assert reverse("reports:report_head", args=[report.pk]) in page
        with pytest.raises(Refused):
            services.submit_report(by=world.clerk, report=report)
        assert client.post(reverse("reports:report_head", args=[report.pk]), self.body()).status_code == 302
        services.submit_report(by=world.clerk, report=Report.objects.get(pk=report.pk))

    def test_what_is_frozen_holds_the_head(self, world, client, report):
        from reports.queries import frozen_document

        client.force_login(world.clerk)
        client.post(reverse("reports:report_head", args=[report.pk]), self.body(issue_date="2027-01-08"))
        services.submit_report(by=world.clerk, report=report)
        services.sign_off_report(by=world.head, report=report)
        services.start_review(by=world.reviewer, report=report)
        services.approve_report(by=world.reviewer, report=report)
        head = frozen_document(Report.objects.get(pk=report.pk)).letterhead
        assert (head.number, head.signatory, head.issued) == ("青政发〔2027〕5号", "张三", "2027年1月8日")

    def test_a_second_editor_is_told(self, world, client, report):
        client.force_login(world.clerk)
        address = reverse("reports:report_head", args=[report.pk])
        seen = client.get(address).context["form"]["seen"].value()
        assert client.post(address, self.body(seen=seen)).status_code == 302
        assert client.post(address, self.body(seen=seen, signatory="李四")).status_code == 409


def test_a_wording_follows_the_figures_of_the_township(world, draft):
    block = block_of(draft.content, "s1.2.h") | {
        "text": "一如既往", "alternatives": [{"text": "有所增加", "when": "risen", "indicator": "ideology_study_session_count"}],
    }  # fmt: skip
    services.save_template_block(by=world.admin, template=draft, block=block)
    rising = load_trial(stored(draft), world.town, 2026).view_of("s1.2.h")
    assert (rising.block.text, bool(rising.why)) == ("有所增加", True)
    for month in range(1, 11):
        change_figure(world, "ideology_study_session_count", 1, month=month)
    assert load_trial(stored(draft), world.town, 2026).view_of("s1.2.h").block.text == "一如既往"
