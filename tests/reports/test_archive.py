"""The PDF for the archive: what PDF/A-3u asks for, as far as it can be read off the file, and the figures inside."""

import io
import json
import re

import pikepdf
import pytest

from reports.render import files
from reports.render.json import render_json
from reports.render.xlsx import render_xlsx
from tests.reports.office_reading import book_of
from tests.reports.pdf_reading import all_text, pages_of
from tests.reports.rich_document import rich_document

pytestmark = pytest.mark.pdf


@pytest.fixture(scope="module")
def data():
    return files.render(rich_document(), "pdfa").data


@pytest.fixture(scope="module")
def archive(data):
    with pikepdf.open(io.BytesIO(data)) as file:
        yield file


def fonts_of(file):
    """Every font of every page and of every drawing on it."""
    queue = [page.Resources for page in file.pages]
    while queue:
        resources = queue.pop()
        yield from resources.get("/Font", {}).values()
        queue += [drawn.Resources for drawn in resources.get("/XObject", {}).values() if "/Resources" in drawn]


def test_it_says_what_it_is(archive):
    facts = archive.open_metadata()
    assert (facts["pdfaid:part"], facts["pdfaid:conformance"]) == ("3", "U")
    assert archive.pdf_version == "1.7"


def test_metadata_and_information_agree(archive):
    facts, info = archive.open_metadata(), archive.docinfo
    assert facts["dc:title"] == str(info["/Title"])
    assert facts["pdf:Producer"] == str(info["/Producer"])
    assert re.sub(r"\D", "", facts["xmp:CreateDate"])[:14] == re.sub(r"\D", "", str(info["/CreationDate"]))[:14]
    assert re.sub(r"\D", "", facts["xmp:ModifyDate"])[:14] == re.sub(r"\D", "", str(info["/ModDate"]))[:14]


def test_colours_have_a_profile_and_the_file_an_identifier(archive):
    intent = archive.Root.OutputIntents[0]
    assert intent.S == "/GTS_PDFA1"
    assert intent.DestOutputProfile.N == 3
    assert len(archive.trailer.ID) == 2


def test_it_is_tagged_and_in_chinese(archive):
    assert archive.Root.MarkInfo.Marked
    assert len(archive.Root.StructTreeRoot.K) > 0
    assert str(archive.Root.Lang) == "zh-CN"


def test_every_font_is_embedded_and_every_character_can_be_read_back(archive):
    fonts = list(fonts_of(archive))
    assert len(fonts) >= 6
    for font in fonts:
        descriptor = font.DescendantFonts[0].FontDescriptor
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor, font.BaseFont
        assert "/ToUnicode" in font, font.BaseFont
        assert font.DescendantFonts[0].Subtype != "/CIDFontType2" or "/CIDToGIDMap" in font.DescendantFonts[0]


def test_nothing_that_an_archive_forbids(archive):
    assert not archive.is_encrypted
    forbidden = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/SubmitForm"}
    for item in archive.objects:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            assert str(item.get("/S", "")) not in forbidden
            assert str(item.get("/Filter", "")) != "/LZWDecode"
            assert "/OPI" not in item
    for page in archive.pages:
        for note in page.get("/Annots", []):
            assert int(note.F) & 4


def test_the_figures_are_inside_with_their_relationship(archive):
    associated = list(archive.Root.AF)
    assert [str(item.UF) for item in associated] == ["figures.xlsx", "report.json"]
    assert [str(item.AFRelationship) for item in associated] == ["/Data", "/Source"]
    assert all(str(item.F).isascii() for item in associated)
    assert all("/Desc" in item and "/ModDate" in item.EF.F.Params and "/Subtype" in item.EF.F for item in associated)
    inside = {name: file.get_file().read_bytes() for name, file in archive.attachments.items()}
    assert inside["report.json"] == render_json(rich_document())
    assert inside["figures.xlsx"] == render_xlsx(rich_document())
    assert json.loads(inside["report.json"])["sha256"] == rich_document().sha256
    assert "数字来源" in book_of(inside["figures.xlsx"]).sheetnames


def test_it_prints_the_same_as_the_ordinary_pdf(data):
    ordinary = pages_of(files.render(rich_document(), "pdf").data)
    assert all_text(pages_of(data)) == all_text(ordinary)
    with pikepdf.open(io.BytesIO(files.render(rich_document(), "pdf").data)) as file:
        assert not file.attachments
