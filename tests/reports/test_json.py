"""JSON: runs of words, fixed text and traced figures; everything that prints is in it."""

import json

from reports.document import Block, Fixed, Text
from reports.render.json import render_json
from reports.verification import code_of
from tests.reports.pdf_reading import short_report
from tests.reports.rich_document import rich_document
from tests.reports.sample_document import sample_document


def exported(document) -> dict:
    return json.loads(render_json(document))


def words_of(run: dict) -> str:
    return run["figure"]["shown"] if "figure" in run else run.get("fixed", run.get("text"))


def test_every_block_reads_as_it_prints():
    document = rich_document()
    for block, row in zip(document.blocks, exported(document)["blocks"], strict=True):
        if not (block.table or block.chart):
            assert row["number"] + "".join(map(words_of, row["runs"])) == block.text
        assert (row["kind"], row["level"]) == (block.kind, block.level)


def test_a_figure_carries_its_trace_and_fixed_text_its_mark():
    block = next(row for row in exported(rich_document())["blocks"] if row["key"] == "r1")
    kinds = [next(iter(run)) for run in block["runs"]]
    assert kinds == ["text", "fixed", "text", "figure", "text"]
    assert block["runs"][1]["fixed"].startswith("《关于加强2025")
    figure = block["runs"][3]["figure"]
    assert set(figure) == {"indicator", "scope", "period", "format", "value", "shown", "sources"}
    assert (figure["value"], figure["shown"], figure["scope"]) == ("104", "104篇", "岚桥镇")
    assert figure["sources"][0]["approved_by"] == "区委宣传部 李审核"


def test_tables_and_charts_are_data():
    by_key = {row["key"]: row for row in exported(rich_document())["blocks"]}
    assert by_key["r2"]["table"]["rows"][1][2]["figure"]["shown"] == "104"
    assert by_key["r2"]["table"]["unit"] == "单位：篇"
    assert by_key["r7"]["chart"]["series"][0]["values"][2] is None


def test_the_frame_of_the_report_is_there():
    document = sample_document()
    data = exported(document)
    assert "".join(data["title"]) == document.title
    assert (data["addressee"], data["signature"], data["version"]) == ("区委宣传部：", "岚桥镇宣传办公室", 1)
    assert data["sha256"] == document.sha256
    assert data["verification_code"] == code_of(document.sha256)
    assert [annex["number"] for annex in data["annexes"]] == [1, 2]
    assert exported(sample_document(status_mark="未经审核"))["verification_code"] is None


def test_equal_documents_give_equal_bytes_without_controls():
    document = short_report("山\x00水\u202e")
    assert exported(document)["blocks"][0]["runs"] == [{"text": "山水"}]
    block = Block("x", "item", 0, "1.", "题。", (Text("文"), Fixed("2025")))
    assert exported(short_report())["blocks"] == []
    again = sample_document(blocks=(block,))
    assert render_json(again) == render_json(sample_document(blocks=(block,)))
    assert exported(again)["blocks"][0]["runs"] == [{"text": "题。"}, {"text": "文"}, {"fixed": "2025"}]
