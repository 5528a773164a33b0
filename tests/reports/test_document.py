"""The document as data: what it says, and that what was frozen in an older format reads back and verifies for ever."""

from dataclasses import replace

import pytest

from reports.document import Block, FigureRun, Fixed, ReportDocument, Text, with_text
from tests.reports.rich_document import rich_document
from tests.reports.sample_document import sample_document

FORMAT_1 = (
    '{"addressee":"区委宣传部：","annexes":[{"landscape":true,"number":1,"tables":[{"caption":"表","columns":[{"heading":"村",'
    '"width":1.0}],"note":"","rows":[[{"numeric":false,"text":"东村"}]]}],"title":"附表"}],"blocks":[{"key":"a","kind":'
    '"paragraph","lead":"","level":0,"number":"","runs":[{"text":"按照〔2025〕3号文件，学习"},{"format":"","indicator":"study",'
    '"period":"今年以来","source_hash":"","sources":[{"period":"2025-01","value":"1"}],"text":"11次","value":"11"}]}],'
    '"facts":{"table":null,"unit":""},"format":1,"issue_date":"","report_year":2025,"signature":"","status_mark":"",'
    '"title_lines":["总结"],"unit_code":"","unit_name":"","version":1}'
)
FROZEN_SHA256 = "0357218fff812cc373985d133a334eaea8f6c527ae87b4e9d73bb67fc8645971"


def test_a_version_frozen_in_format_1_reads_back_and_verifies():
    document = ReportDocument.from_json(FORMAT_1)
    assert document.blocks[0].text == "按照〔2025〕3号文件，学习11次"
    assert document.facts == {"unit": "", "table": None}
    assert document.to_json() == FORMAT_1
    assert document.sha256 == FROZEN_SHA256


def test_only_what_is_new_makes_a_document_of_the_new_format():
    assert '"format":1' in sample_document().to_json()
    block = Block("x", "paragraph", runs=(Fixed("2025"),))
    assert '"format":2' in replace(sample_document(), blocks=(block,)).to_json()
    plain = replace(sample_document(), blocks=(replace(block, runs=(Text("2025"),)),))
    assert '"format":1' in plain.to_json()


def test_tables_charts_and_fixed_text_survive():
    document = rich_document()
    again = ReportDocument.from_json(document.to_json())
    assert again == document
    assert again.sha256 == document.sha256


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="format"):
        ReportDocument.from_json(FORMAT_1.replace('"format":1', '"format":3'))


def test_the_text_of_a_block_names_every_number():
    texts = {block.key: block.text for block in rich_document().blocks}
    assert texts["r1"].startswith("按照《关于加强2025年度")
    assert "市级 92 106" in texts["r2"]
    assert "3月 —" in texts["r7"]
    assert texts["r5"] == "（1）市级“书香乡镇”"


def test_figures_of_a_block_are_those_of_its_words_cells_and_points():
    by_key = {block.key: block for block in rich_document().blocks}
    assert [run.value for run in by_key["r1"].figures] == ["104"]
    assert [run.value for run in by_key["r2"].figures] == ["104", "105", "106", "107"]
    assert by_key["r3"].figures == ()


def test_blocks_compare_by_what_they_print():
    figure = FigureRun("3次", "study", "今年以来", "")
    before = Block("x", "paragraph", runs=(Text("按2025号文件"), figure))
    after = Block("x", "paragraph", runs=(Text("按"), Fixed("2025号"), Text("文件"), figure))
    assert before != after
    assert before.plain_runs == after.plain_runs
    assert before.plain_runs != replace(after, runs=(Text("按2025号文件"), replace(figure, text="4次"))).plain_runs


def test_a_run_keeps_its_kind_under_other_words():
    assert with_text(Fixed("甲"), "乙") == Fixed("乙")
    assert with_text(Text("甲"), "乙") == Text("乙")
