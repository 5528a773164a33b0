"""Blocks become a document: numbering is made, sentences without substance drop out, gaps are named."""

import pytest

from accounts.choices import UnitKind
from accounts.models import Unit
from metrics.models import Figure, Highlight
from reports.assembly import assemble, build_block, number_blocks
from reports.binding import EMPTY, MISSING, OK, Bound
from reports.document import Block as Printed
from reports.document import ReportDocument
from reports.models import Block, BoundFigure
from reports.services import create_report, update_figures
from reports.tokens import tokens_of
from tests.reports.world import lasting


def settled(text, *statuses):
    """Settle the tokens of a text in order: OK shows 5次."""
    pairs = zip(tokens_of(text), statuses, strict=True)
    return {token.raw: Bound(token, status, "5次" if status == OK else "", reason="为何") for token, status in pairs}


def built(text, *statuses, kind="paragraph", **values):
    return build_block(Block(key="k", kind=kind, text=text, **values), settled(text, *statuses))


def printed(text, *statuses):
    blocks, _faults = built(text, *statuses)
    return "".join(block.text for block in blocks)


@pytest.mark.parametrize(
    ("text", "statuses", "expected"),
    [
        ("共【甲|今年以来|次】。", (OK,), "共5次。"),
        ("共【甲|今年以来|次】。另有【乙|今年以来|列表】。", (OK, EMPTY), "共5次。"),
        ("有【乙|今年以来|列表】。", (EMPTY,), ""),
        ("共【甲|今年以来|次】；有【乙|今年以来|列表】。", (OK, EMPTY), "共5次。"),
        ("写于〖2025〗年。", (), "写于2025年。"),
        ("共【甲|今年以来|次】。", (MISSING,), "共〔待补〕。"),
    ],
)
def test_sentences(text, statuses, expected):
    assert printed(text, *statuses) == expected


def test_missing_and_broken_tokens_are_problems_of_their_block():
    text = "共【甲|今年以来|次】。另【乙"
    _blocks, faults = build_block(Block(key="k", kind="paragraph", text=text), settled("共【甲|今年以来|次】。", MISSING))
    assert [fault.block_key for fault in faults] == ["k", "k"]
    assert any("为何" in fault.reason for fault in faults)


def test_an_empty_sentence_is_no_problem():
    assert built("有【乙|今年以来|列表】。", EMPTY)[1] == []


def test_each_line_is_a_paragraph_and_the_first_keeps_the_kind():
    blocks, _faults = built("第一段。\n第二段【甲|今年以来|次】。", OK, kind="item", lead="小标题。")
    assert [(row.key, row.kind, row.text) for row in blocks] == [
        ("k", "item", "小标题。第一段。"), ("k~2", "paragraph", "第二段5次。"),
    ]  # fmt: skip


def test_numbering_restarts_under_a_higher_heading():
    kinds = [("heading", 1), ("heading", 2), ("item", 0), ("paragraph", 0), ("item", 0), ("heading", 2), ("item", 0),
             ("heading", 1), ("plan", 0), ("plan", 0)]  # fmt: skip
    rows = [Printed(str(place), kind, level) for place, (kind, level) in enumerate(kinds)]
    numbers = [row.number for row in number_blocks(rows)]
    assert numbers == ["一、", "（一）", "1.", "", "2.", "（二）", "1.", "二、", "一是", "二是"]


ENTRIES = [
    # below （一）: the next level is 1., counted anew for each list
    (["h2", "paragraph", "list", "list", "paragraph", "list"], ["（一）", "", "1.", "2.", "", "1."]),
    (["h1", "list", "list"], ["一、", "1.", "2."]),
    # items have 1. already, before or behind the list: entries are one level lower
    (["h2", "item", "list", "list", "item", "list"], ["（一）", "1.", "（1）", "（2）", "2.", "（1）"]),
    (["h2", "list", "list", "item"], ["（一）", "（1）", "（2）", "1."]),
    # an item of another part is none of this one
    (["h2", "item", "h2", "list"], ["（一）", "1.", "（二）", "1."]),
    (["h1", "item", "h1", "h2", "list", "list"], ["一、", "1.", "二、", "（一）", "1.", "2."]),
    # 一是 is no level of the numbering
    (["h2", "plan", "list", "list"], ["（一）", "一是", "1.", "2."]),
    (["list", "list"], ["1.", "2."]),
]


@pytest.mark.parametrize(("kinds", "expected"), ENTRIES)
def test_entries_of_a_list_count_on_the_level_below_where_they_stand(kinds, expected):
    headings = {"h1": ("heading", 1), "h2": ("heading", 2)}
    rows = [Printed(str(place), *headings.get(kind, (kind, 0))) for place, kind in enumerate(kinds)]
    assert [row.number for row in number_blocks(rows)] == expected


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.mark.django_db
class TestReport:
    """The template on real figures."""

    @pytest.fixture
    def report(self, db, lasting_world):
        return create_report(by=lasting_world.clerk, unit=lasting_world.town, year=2025)

    def texts(self, report):
        return {row.key: row.text for row in assemble(report).document.blocks}

    def test_everything_is_there_and_nothing_is_open(self, report):
        assembled = assemble(report)
        document = assembled.document
        assert assembled.problems == ()
        assert [row.text for row in document.blocks if row.kind == "heading" and row.level == 1] == [
            "一、2025年工作开展情况", "二、2026年工作计划",
        ]  # fmt: skip
        assert sum(row.kind == "heading" and row.level == 2 for row in document.blocks) == 7
        assert [row.number for row in document.blocks if row.kind == "plan"] == ["一是", "二是", "三是", "四是"]
        assert document.title_lines == ("青云镇", "2025年度宣传工作总结和2026年工作计划")
        assert document.addressee == "云浦区委宣传部："
        assert [annex.number for annex in document.annexes] == [1, 2, 3]

    @pytest.mark.parametrize(
        ("kind", "name", "word"), [(UnitKind.SUBDISTRICT, "城关街道", "街道"), (UnitKind.TOWNSHIP, "白石乡", "乡")]
    )
    def test_a_report_names_its_own_kind_of_unit(self, lasting_world, kind, name, word):
        town = Unit.objects.get(pk=lasting_world.town.pk)
        town.kind, town.name = kind, name
        town.save()
        for year in (2025, 2026):
            text = "".join(self.texts(create_report(by=lasting_world.clerk, unit=town, year=year)).values())
            assert f"全{word}现有志愿服务队" in text
            assert f"今年以来，{word}实践所和村、社区实践站" in text
            assert "全镇" not in text
            assert "镇实践所" not in text

    def test_no_mark_of_a_token_or_parameter_is_left(self, report):
        text = assemble(report).document.to_json()
        assert not set("【】〖〗{") & set("".join(row.text for row in ReportDocument.from_json(text).blocks))

    def test_the_annexes_carry_the_same_figures_as_the_text(self, report):
        document = assemble(report).document
        rows = {row[0].text: row for row in document.annexes[0].tables[0].rows}
        assert "共开展专题学习12次" in self.texts(report)["s1.2.group"]
        assert [cell.text for cell in rows["中心组专题学习"]][1:] == ["次", *["1"] * 12, "12", "合计"]
        villages = document.annexes[1].tables[0].rows
        assert [row[0].text for row in villages][:3] == ["东村", "西村", "南社区"]

    def test_the_media_annex_totals_each_medium_over_the_levels_that_split(self, report):
        table = assemble(report).document.annexes[2].tables[0]
        rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
        assert rows["国家级"] == ["—", "—", "12"]
        assert rows["合计"] == ["36", "36", "84"]
        assert "国家级媒体不区分纸媒和新媒体" in table.note
        Figure.objects.filter(
            indicator__code="media_adopted_city_print", monthly_return__unit=report.unit, monthly_return__year=2025
        ).update(kind="not_applicable", value=None)
        assert [cell.text for cell in assemble(report).document.annexes[2].tables[0].rows[-1]][1:3] == ["—", "36"]

    def test_the_document_survives_json(self, report):
        document = assemble(report).document
        assert ReportDocument.from_json(document.to_json()) == document

    def test_an_empty_list_takes_its_sentence_and_leaves_the_rest(self, report):
        Highlight.objects.filter(named_list__code="list_book_title", year=2025).delete()
        again = fresh(report)
        text = self.texts(again)["s1.2.carrier"]
        assert "读物" not in text
        assert text.endswith("购买发放学习书籍10余本。")

    def test_a_part_that_does_not_apply_takes_no_figure_of_another_group(self, report):
        BoundFigure.objects.filter(report=report, token__contains="省平台合稿").update(status="empty")
        text = self.texts(report)["s1.3.xuexi"]
        assert "省平台稿件中含合稿" not in text
        assert all(words in text for words in ("平台录用稿件", "国家平台", "；省平台", "；市平台", "市平台稿件中含合稿"))

    def test_a_paragraph_whose_list_is_empty_goes_with_its_lead(self, report):
        Highlight.objects.filter(year=2025).delete()
        texts = self.texts(fresh(report))
        assert "s1.honours" not in texts

    def test_evaluative_sentences_print_only_when_backed(self, report):
        text = "".join(self.texts(report).values())
        assert "平台活跃度目前列全区第1位。" in text
        assert "居全区前列" not in text  # the first of one township leads nobody
        assert "有效提升" not in text  # no figures of 2024 to compare with
        assert "相对滞后" not in text  # every village has reached its target
        east = Figure.objects.filter(unit__name="东村", indicator__code="vol_qualified_person_count", monthly_return__year=2025)
        east.update(value=3)
        assert "对照年度目标，东村进度相对滞后" in "".join(self.texts(fresh(report)).values())

    def test_reading_takes_as_many_queries_for_many_blocks(self, report, django_assert_max_num_queries):
        Block.objects.bulk_create(
            Block(report=report, key=f"more{n}", order=900 + n, kind="paragraph", text="话。") for n in range(60)
        )
        with django_assert_max_num_queries(14):
            assemble(report)


def fresh(report):
    """Settle everything anew, as “update all” does."""
    return update_figures(by=report.created_by, report=report)
