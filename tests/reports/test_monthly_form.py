"""A district's own form of the monthly return: what prints without one, from which year on one serves, who keeps it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from metrics.models import MonthlyReturn
from metrics.return_form import ReturnForm, form_of, load_paper, shipped_form
from metrics.services import request_return_pdf
from reports import services
from reports.models import MonthlyForm
from reports.template_content import mark_of
from tests.factories import make_district, make_user
from tests.reports.pdf_reading import pages_of, text_of
from tests.reports.world import lasting
from workflow import jobs
from workflow.models import Event, Job
from workflow.store import path_of

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
OWN = ReturnForm(
    "{unit_name}{month}宣传统计表", ("主要负责人：", "经办人："), ("注：数字填整数。", "本表一式两份。"), landscape=True
)


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def monthly_return(world):
    return MonthlyReturn.objects.select_related("unit").get(unit=world.town, year=2026, month=3)


def keep(world, form=OWN, year=2026, **more):
    services.save_monthly_form(by=world.admin, district=world.district, year=year, form=form, **more)


def printed(client, world, monthly_return, query="") -> str:
    client.force_login(world.clerk)
    return client.get(reverse("metrics:return_print", args=[monthly_return.pk]) + query).content.decode()


class TestShipped:
    """Without a form of its own a district prints what it always has."""

    def test_the_words_are_those_that_were_always_printed(self):
        with translation.override("zh-hans"):
            form = shipped_form()
        assert form == ReturnForm(
            "{month}宣传工作月报", ("单位负责人：", "审核人：", "填报人：", "联系电话：", "填报日期："), form.notes
        )
        assert len(form.notes) == 1
        assert form.notes[0].startswith("*")

    @pytest.mark.parametrize("query", ["", "?empty=1"])
    def test_the_page_shows_them_in_their_places(self, client, world, monthly_return, query):
        text = printed(client, world, monthly_return, query)
        assert "<h1>2026年3月宣传工作月报</h1>" in text
        assert 'class="wide"' not in text
        assert (
            text.index("</table>") < text.index('<p class="foot">*') < text.index('<div class="sign"><span>单位负责人：</span>')
        )


class TestOwn:
    """What a district keeps is printed, from its year on, for its own townships."""

    @pytest.mark.parametrize("query", ["", "?empty=1"])
    def test_it_is_printed(self, client, world, monthly_return, query):
        keep(world)
        text = printed(client, world, monthly_return, query)
        assert "<h1>青云镇2026年3月宣传统计表</h1>" in text
        assert '<div class="sign"><span>主要负责人：</span><span>经办人：</span></div>' in text
        assert text.count('<p class="foot">') == 2
        assert '<body class="wide">' in text

    def test_it_serves_later_years_until_they_have_their_own_and_no_earlier_one(self, world):
        other = ReturnForm("{month}月报", ("负责人：",), ())
        keep(world, year=2025)
        keep(world, other, year=2027)
        pk = world.district.pk
        assert [form_of(pk, year) for year in (2024, 2025, 2026, 2027, 2028)] == [shipped_form(), OWN, OWN, other, other]

    def test_another_district_prints_on_its_own(self, world):
        keep(world)
        assert form_of(make_district().pk, 2026) == shipped_form()

    def test_figures_and_explanations_stay_as_they_are(self, world, monthly_return):
        before = load_paper(monthly_return, is_empty=False)
        keep(world)
        after = load_paper(monthly_return, is_empty=False)
        rows = [
            [(row.name, row.this_month) for section in paper["grid"].sections for row in section.rows]
            for paper in (before, after)
        ]
        assert rows[0] == rows[1]
        assert before["notes"] == after["notes"]

    def test_what_is_typed_is_no_markup(self, client, world, monthly_return):
        keep(world, ReturnForm("<b>{month}", ("<script>alert(1)</script>",), ("&<i>",)))
        text = printed(client, world, monthly_return)
        assert "<h1>&lt;b&gt;2026年3月</h1>" in text
        assert "<script>alert" not in text

    @pytest.mark.pdf
    @pytest.mark.parametrize("landscape", [False, True])
    def test_the_pdf_is_printed_on_it(self, world, monthly_return, settings, tmp_path, landscape):
        settings.ARTIFACTS_DIR = tmp_path
        first = request_return_pdf(by=world.clerk, monthly_return=monthly_return)
        keep(world, ReturnForm(OWN.title, OWN.signatures, OWN.notes, landscape))
        job = request_return_pdf(by=world.clerk, monthly_return=monthly_return)
        assert job != first
        jobs.run(str(job.public_id))
        pages = pages_of(path_of(Job.objects.get(pk=job.pk).artifact).read_bytes())
        assert {page.width > page.height for page in pages} == {landscape}
        assert "青云镇2026年3月宣传统计表" in text_of(pages[0].chars)
        last = text_of(pages[-1].chars)
        assert "经办人：" in last
        assert "填报日期" not in last


class TestKeeping:
    """The district's administrator keeps it; two never overwrite each other; history tells."""

    @pytest.mark.parametrize("who", ["clerk", "head", "reviewer", "auditor"])
    def test_nobody_else_does(self, client, world, who):
        user = getattr(world, who)
        with pytest.raises(PermissionDenied):
            services.save_monthly_form(by=user, district=world.district, year=2026, form=OWN)
        client.force_login(user)
        assert client.get(reverse("reports:monthly_form", args=[YEAR])).status_code == 403

    def test_no_other_districts_administrator(self, world):
        with pytest.raises(PermissionDenied):
            services.save_monthly_form(
                by=make_user("district_admin", make_district()), district=world.district, year=2026, form=OWN
            )

    def test_it_is_recorded_and_a_second_time_changes_nothing(self, world):
        keep(world)
        keep(world)
        event = Event.objects.get(deed="save_monthly_form")
        assert {row["field"] for row in event.changes} == {"title", "signatures", "notes", "landscape"}
        assert (event.unit, MonthlyForm.objects.get().updated_by) == (world.district, world.admin)

    def test_a_form_that_is_another_by_now_is_not_overwritten(self, world):
        seen = mark_of(form_of(world.district.pk, 2026).content)
        keep(world, seen=seen)
        with pytest.raises(services.EditConflict):
            keep(world, ReturnForm("{month}", ("甲",), ()), seen=seen)
        assert form_of(world.district.pk, 2026) == OWN


class TestPage:
    """The browser's form."""

    def open(self, client, world, year=YEAR):
        client.force_login(world.admin)
        address = reverse("reports:monthly_form", args=[year])
        form = client.get(address).context["form"]
        return address, {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}

    def test_saved_as_it_stands_it_changes_nothing(self, client, world):
        address, body = self.open(client, world)
        assert client.post(address, body).status_code == 302
        assert not MonthlyForm.objects.exists()

    def test_a_change_is_kept_and_listed(self, client, world):
        address, body = self.open(client, world)
        body |= {
            "title": OWN.title,
            "signatures": "主要负责人：\r\n\r\n 经办人： ",
            "notes": "\n".join(OWN.notes),
            "landscape": "on",
        }
        assert client.post(address, body, follow=True).status_code == 200
        assert form_of(world.district.pk, YEAR) == OWN
        client.force_login(world.reviewer)
        page = client.get(reverse("reports:template_list"))
        assert [line.since for line in page.context["forms"]] == [YEAR, YEAR, YEAR, None]
        assert OWN.title in page.content.decode()
        assert reverse("reports:monthly_form", args=[YEAR]) not in page.content.decode()

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("title", "月报"), ("title", "{month}{year}月报"), ("title", "{month}" + "长" * 60), ("title", ""),
            ("signatures", ""), ("signatures", "长" * 21), ("signatures", "\n".join("一二三四五六七八九十")),
            ("notes", "长" * 301), ("notes", "\n".join("一二三四五六七")),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_and_stays_typed(self, client, world, field, typed):
        address, body = self.open(client, world)
        answer = client.post(address, body | {field: typed})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert answer.context["form"][field].value() == typed
        assert not MonthlyForm.objects.exists()

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("signatures", "\n".join("一二三四五六七八九")), ("signatures", "长" * 20), ("notes", "长" * 300), ("notes", ""),
         ("title", "{month}" + "长" * 53)],
    )  # fmt: skip
    def test_what_just_fits_is_kept(self, client, world, field, typed):
        address, body = self.open(client, world)
        assert client.post(address, body | {field: typed}).status_code == 302
        assert MonthlyForm.objects.count() == 1

    def test_two_at_once_see_both(self, client, world):
        address, body = self.open(client, world)
        keep(world, year=YEAR)
        answer = client.post(address, body | {"title": "{month}表"})
        assert (answer.status_code, answer.context["form"]["title"].value()) == (409, "{month}表")
        assert OWN.title in answer.content.decode()
        again = body | {"title": "{month}表", "seen": answer.context["form"]["seen"].value()}
        assert client.post(address, again).status_code == 302
        assert form_of(world.district.pk, YEAR).title == "{month}表"

    def test_the_list_asks_once_however_many_forms_there_are(self, client, world):
        client.force_login(world.admin)
        address = reverse("reports:template_list")
        client.get(address)

        def queries():
            with CaptureQueriesContext(connection) as found:
                client.get(address)
            return len(found)

        few = queries()
        MonthlyForm.objects.bulk_create(
            MonthlyForm(district=world.district, year=year, content=OWN.content, updated_by=world.admin)
            for year in range(YEAR - 9, YEAR + 3)
        )
        assert queries() == few

    def test_only_near_years_are_changed(self, client, world):
        client.force_login(world.admin)
        for year, status in ((YEAR - 2, 404), (YEAR - 1, 200), (YEAR + 2, 200), (YEAR + 3, 404)):
            assert client.get(reverse("reports:monthly_form", args=[year])).status_code == status
