"""The check before submitting reads titles of tables and charts and the words before lists, and their whole-period figures."""

import pytest
from django.utils import translation

from metrics.models import NamedList
from metrics.periods import parse_period
from reports import services
from reports.checks import Level, run_checks
from reports.checks.manuscript import load_manuscript
from reports.models import Block, BoundFigure, Report
from tests.reports.world import change_figure, lasting

pytestmark = pytest.mark.django_db
BLOCKING, CONFIRM = Level.BLOCKING, Level.CONFIRM
SESSIONS = "ideology_study_session_count"
TABLE = {"rows": "indicators", "indicators": [SESSIONS], "columns": ["value"], "period": "今年以来"}
CHART = {"rows": "months", "indicators": [SESSIONS], "columns": ["value"], "period": "今年以来", "chart": "bar"}
OWN = "围绕中心工作谋划文化惠民新举措，组织骨干力量走村入户开展宣讲，群众反响良好，打造"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


@pytest.fixture
def report(world):
    """This year's report, whose figures end with October."""
    return services.create_report(by=world.clerk, unit=world.town, year=2026)


def spec_of(kind):
    if kind == "list":
        return {"list": NamedList.objects.get(name="专项行动名录").code, "period": "今年以来", "style": "names"}
    return CHART if kind == "chart" else TABLE


def build(world, report, kind, text, spec=None):
    after = report.blocks.filter(kind="paragraph").first().key
    block = services.insert_block(by=world.clerk, report=report, kind=kind, after=after)
    return services.save_block(by=world.clerk, block=block, text=text, spec=spec or spec_of(kind), base_version=block.version)


def found(report, check, block):
    rows = run_checks(load_manuscript(Report.objects.get(pk=report.pk)))
    return [row for row in rows if row.check == check and row.block_key == block.key]


@pytest.mark.parametrize("kind", ["table", "chart", "list"])
class TestWords:
    """Each on words that have it, and silence on words that have not; the fix mends the words and leaves the choice."""

    @pytest.mark.parametrize(
        ("check", "text", "mended"),
        [
            ("half_width", "学习情况(分月)", "学习情况（分月）"),
            ("wide_digits", "学习〖３〗年", "学习〖3〗年"),
            ("doubled_marks", "学习，，情况", "学习，情况"),
            ("this_year_twice", "今年以来学习，今年以来宣讲", "今年以来学习，宣讲"),
            ("typed_number", "学习30次", "学习〖30〗次"),
            ("too_early", "全年学习", "今年以来学习"),
        ],
    )
    def test_found_and_mended_with_one_click(self, world, report, kind, check, text, mended):
        block = build(world, report, kind, text)
        (finding,) = found(report, check, block)
        services.fix_finding(by=world.clerk, report=report, mark=finding.mark)
        stored = Block.objects.get(pk=block.pk)
        assert (stored.text, stored.spec) == (mended, block.spec)
        assert found(report, check, block) == []

    def test_good_words_are_left_alone(self, world, report, kind):
        block = build(world, report, kind, "今年以来学习情况（分月）")
        checks = ("half_width", "wide_digits", "doubled_marks", "this_year_twice", "typed_number", "too_early", "no_font")
        assert [row for check in checks for row in found(report, check, block)] == []

    def test_a_claim_of_a_whole_year_over_figures_blocks(self, world, report, kind):
        """The figures stand below the title, or behind the words."""
        (finding,) = found(report, "too_early", build(world, report, kind, "全年学习"))
        assert finding.level == BLOCKING

    def test_what_is_left_out_is_not_read(self, world, report, kind):
        block = build(world, report, kind, "学习,情况")
        assert len(found(report, "half_width", block)) == 1
        Block.objects.filter(pk=block.pk).update(is_dropped=True)
        assert found(report, "half_width", block) == []


def test_an_empty_table_claims_nothing_of_figures(world, report):
    after = report.blocks.filter(kind="paragraph").first().key
    block = services.insert_block(by=world.clerk, report=report, kind="table", after=after)
    block = services.save_block(by=world.clerk, block=block, text="全年学习", base_version=block.version)
    assert [row.level for row in found(report, "too_early", block)] == [CONFIRM]


@pytest.mark.parametrize("style", ["names", "numbered"])
def test_a_count_word_before_a_list_is_counted_against_it(world, report, style):
    spec = spec_of("list") | {"style": style}
    assert [row.level for row in found(report, "list_length", build(world, report, "list", "打造五大品牌：", spec))] == [BLOCKING]
    assert found(report, "list_length", build(world, report, "list", "打造三大品牌：", spec)) == []


def test_words_before_a_list_that_stood_there_last_year(world, report):
    last = services.create_report(by=world.clerk, unit=world.town, year=2025)
    for kind in ("list", "table"):
        build(world, last, kind, OWN)
    assert [row.level for row in found(report, "copied_text", build(world, report, "list", OWN))] == [CONFIRM]
    assert found(report, "copied_text", build(world, report, "table", OWN)) == []


class TestFigures:
    """The figures of the whole period; months and villages are checked in their returns."""

    def as_last_year(self, world):
        for month in range(1, 11):
            change_figure(world, SESSIONS, 1, month=month)

    def test_exactly_last_years(self, world, report):
        self.as_last_year(world)
        block = build(world, report, "table", "学习情况")
        assert [row.level for row in found(report, "same_as_last_year", block)] == [CONFIRM]

    def test_months_alone_are_not_asked_about(self, world, report):
        for month in range(1, 11):
            change_figure(world, SESSIONS, 20, year=2025, month=month)
            change_figure(world, SESSIONS, 20, month=month)
        assert found(report, "same_as_last_year", build(world, report, "chart", "学习情况")) == []

    def test_a_table_against_the_text(self, world, report):
        text = report.blocks.filter(kind="paragraph").first()
        services.save_block(by=world.clerk, block=text, text="学习【中心组专题学习|今年以来|次】。", base_version=text.version)
        block = build(world, report, "table", "学习情况")
        assert found(report, "two_values", block) == []
        BoundFigure.objects.filter(block=block).update(value=11, shown="11")
        assert [row.level for row in found(report, "two_values", block)] == [BLOCKING]

    def test_a_villages_figure_is_compared_with_its_own_of_last_year(self, world, report):
        """The township's sum of last year is by chance what one village has now."""
        text = report.blocks.filter(kind="paragraph").first()
        services.save_block(
            by=world.clerk, block=text, text="服务【志愿服务时长|今年以来|小时|东村】。", base_version=text.version
        )
        script = load_manuscript(report)
        row = next(row for block, row in script.bound() if block.pk == text.pk)
        row.value = script.binder.book.total("vol_service_hours", parse_period("上年", year=2026, cutoff_month=10)).value
        own = [item for item in run_checks(script) if item.check == "same_as_last_year" and item.block_key == text.key]
        assert own == []
        row.value = 10
        own = [item for item in run_checks(script) if item.check == "same_as_last_year" and item.block_key == text.key]
        assert [item.level for item in own] == [CONFIRM]
