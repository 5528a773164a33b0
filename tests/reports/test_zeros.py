"""A count of 0 is not boasted of: its part, its clause or its sentence is left out, and the page says so."""

from decimal import Decimal

import pytest
from django.urls import reverse

from metrics.models import Figure
from reports.assembly import assemble, build_block
from reports.binding import OK, Bound
from reports.figure_kinds import FigureKind
from reports.models import Block
from reports.services import create_report, update_figures
from reports.tokens import tokens_of
from reports.zeros import ZERO, is_empty_count, printed_parts
from tests.reports.world import change_figure, lasting


def settled(text, values):
    """Settle the tokens in order: a number is a count (0 at zero), None a list, a negative one a set standard."""
    rows = {}
    for token, value in zip(tokens_of(text), values, strict=True):
        if value is None:
            rows[token.raw] = Bound(token, OK, "甲、乙")
        else:
            sources = ({"period": "2025-01"},) if value >= 0 else ()
            rows[token.raw] = Bound(token, OK if value else ZERO, f"{abs(value)}次", Decimal(abs(value)), sources=sources)
    return rows


def printed(text, values):
    rows = settled(text, values)
    blocks, faults = build_block(Block(key="k", kind="paragraph", text=text), rows)
    assert faults == []
    return "".join(block.text for block in blocks)


A, B, C = (f"【{name}|今年以来|次】" for name in "甲乙丙")
LIST = "【丁|今年以来|列表】"


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        (f"共{A}。", (0,), ""),
        (f"共{A}。", (5,), "共5次。"),
        (f"共{A}。另{B}。", (0, 5), "另5次。"),
        (f"共{A}，参加{B}。", (5, 0), "共5次。"),
        (f"共{A}，参加{B}，覆盖各村。", (5, 0), "共5次，覆盖各村。"),
        (f"共{A}，参加{B}。", (0, 5), ""),
        (f"按照每人{A}的标准，达标{B}，占{C}。", (-15, 0, 0), ""),
        (f"按照每人{A}的标准，达标{B}。", (-15, 5), "按照每人15次的标准，达标5次。"),
        (f"采取{LIST}等形式，宣讲{A}。", (None, 0), ""),
        (f"稿件中，纸媒{A}、新媒体{B}。", (0, 5), "稿件中，新媒体5次。"),
        (f"稿件中，纸媒{A}、新媒体{B}。", (5, 0), "稿件中，纸媒5次。"),
        (f"稿件中，纸媒{A}、新媒体{B}。", (0, 0), ""),
        (f"其中，甲{A}、乙{B}、丙{C}，其余为零。", (5, 0, 0), "其中，甲5次，其余为零。"),
        (f"共{A}，纸媒{B}、新媒体{C}。", (5, 0, 0), "共5次。"),
        (f"按层级分，省级{A}；市级{B}；县级{C}。", (0, 5, 6), "按层级分，市级5次；县级6次。"),
        (f"按层级分，省级{A}；市级{B}；县级{C}。", (5, 0, 0), "按层级分，省级5次。"),
        (f"按层级分，省级{A}；市级{B}；县级{C}。", (0, 0, 0), ""),
        (f"对党员、干部培训{A}。", (0,), ""),
    ],
)
def test_what_is_left(text, values, expected):
    assert printed(text, values) == expected


@pytest.mark.parametrize("values", [(5, 0, 0), (0, 5, 0), (5, 6, 7)])
def test_the_pieces_of_a_sentence_give_it_back(values):
    text = f"共{A}，纸媒{B}、新媒体{C}。"
    assert "".join(part for part, _is_out in printed_parts(text, settled(text, values))) == text


@pytest.mark.parametrize(
    ("kind", "measure", "format_name", "value", "expected"),
    [
        (FigureKind.COUNT, "篇", "数", 0, True), (FigureKind.COUNT, "篇", "数", 1, False),
        (FigureKind.COUNT, "篇", "余", 0, True), (FigureKind.STOCK, "家", "数", 0, True),
        (FigureKind.SERIAL, "期", "期数", 0, True), (FigureKind.COUNT, "起", "数", 0, False),
        (FigureKind.COUNT, "篇", "纯数", 0, False), (FigureKind.COUNT, "篇", "同比", 0, False),
        (FigureKind.RATIO, "%", "%", 0, False), (FigureKind.PARAM, "小时", "数", 0, False),
        (FigureKind.COUNT, "篇", "数", None, False),
    ],
)  # fmt: skip
def test_which_zero_says_nothing(kind, measure, format_name, value, expected):
    assert is_empty_count(kind, measure, format_name, value) == expected


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.mark.django_db
class TestReport:
    """The template, on a year in which nothing was recorded for some figures."""

    @pytest.fixture
    def report(self, db, lasting_world):
        zero = ("media_adopted_national", "media_adopted_province_print", "team_training_person_times", "vol_team_added_other",
                "ideology_remote_education_count")  # fmt: skip
        Figure.objects.filter(indicator__code__in=zero, monthly_return__year=2025).update(value=0, raw="0")
        return create_report(by=lasting_world.clerk, unit=lasting_world.town, year=2025)

    def test_no_zero_is_boasted_of(self, report):
        texts = {row.key: row.text for row in assemble(report).document.blocks}
        assert "按层级分，省级媒体录用12篇；市级媒体录用" in texts["s1.3.media"]
        assert "省级媒体录用稿件中，新媒体12篇。" in texts["s1.3.media"]
        assert "举办宣传业务培训12期。" in texts["s1.4.training"]
        assert "“扫黄打非”志愿服务队12支、全民阅读推广志愿服务队12支。" in texts["s1.7.5"]
        assert "远程教育" not in texts["s1.2.carrier"].partition("。今年以来")[2]
        assert not any(word in text for text in texts.values() for word in ("录用0篇", "0人次", "0期", "员远程教育0次"))

    def test_the_parts_of_the_new_teams_come_to_their_sum(self, report):
        Figure.objects.filter(indicator__code="vol_team_added_other", monthly_return__year=2025).update(value=1, raw="1")
        update_figures(by=report.created_by, report=report)
        text = next(row.text for row in assemble(report).document.blocks if row.key == "s1.7.5")
        assert "新增36支。新增队伍中，“扫黄打非”志愿服务队12支、全民阅读推广志愿服务队12支、其他志愿服务队12支。" in text

    def test_the_page_names_what_is_left_out_for_being_0(self, client, lasting_world, report):
        client.force_login(lasting_world.clerk)
        response = client.get(reverse("reports:report_detail", args=[report.pk]))
        named = {view.block.key: names for view, names in response.context["page"].zero_list}
        assert named["s1.2.carrier"] == ["党员远程教育"]
        assert named["s1.7.5"] == ["新增其他服务队"]
        assert 'id="zeros"' in response.content.decode()
        line = next(view for view in response.context["page"].views if view.block.key == "s1.4.training").lines[0]
        out = [row for row in line if row.is_out]
        assert len(out) == 1
        assert any(getattr(piece, "status", "") == ZERO for piece in out[0].pieces)

    def test_without_a_zero_there_is_no_notice(self, client, lasting_world):
        report = create_report(by=lasting_world.clerk, unit=lasting_world.town, year=2026)
        client.force_login(lasting_world.clerk)
        response = client.get(reverse("reports:report_detail", args=[report.pk]))
        assert response.context["page"].zero_list == []
        assert 'id="zeros"' not in response.content.decode()

    def test_a_figure_that_comes_to_life_is_a_changed_number(self, lasting_world, report):
        from reports.queries import stale_figures

        change_figure(lasting_world, "ideology_remote_education_count", 2, year=2025, month=12)
        row = next(row for row in stale_figures(report) if "远程教育" in row.row.token)
        assert (row.new, row.now.status) == ("2次", OK)
