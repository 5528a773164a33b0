"""A few files beside the demo's figures and entries, drawn here and taken in by the service that takes in everybody's."""

from __future__ import annotations

import io
from random import Random
from time import gmtime

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from metrics.evidence import cell_proved, entry_proved
from metrics.ledgers import ledger_kind
from metrics.models import MonthlyReturn
from metrics.services import add_evidence
from reports.demo.district import Calendar, District
from reports.demo.ledgers import KEEPER
from reports.demo.plan import townships

PICTURE, PAGE = (640, 480), (620, 877)


def photo(number: int) -> bytes:
    """Return a JPEG of an imagined place, the same at every run: a sky, a hall with a banner, rows of seats."""
    dice, (width, height) = Random(f"photo {number}"), PICTURE  # noqa: S311
    picture = Image.new("RGB", PICTURE, (196, 214, 230))
    pen = ImageDraw.Draw(picture)
    wall = tuple(dice.randrange(170, 230) for _part in range(3))
    pen.rectangle((40, 110, width - 40, height - 120), fill=wall)
    pen.rectangle((90, 150, width - 90, 190), fill=(196, 30, 38))
    for place in range(9):
        left = 120 + place * 46
        pen.rectangle((left, 162, left + 22, 178), fill=(250, 236, 190))
    for row in range(4):
        for seat in range(dice.randrange(7, 12)):
            x, y = 70 + seat * 48 + row * 9, 300 + row * 42
            shade = dice.randrange(40, 120)
            pen.ellipse((x, y, x + 24, y + 24), fill=(shade + 60, shade + 40, shade + 20))
            pen.rectangle((x - 4, y + 24, x + 28, y + 44), fill=(shade, shade, shade + 30))
    return _saved(picture, "JPEG", quality=80)


def scan(number: int) -> bytes:
    """Return a PDF of one scanned page, the same at every run: a headline, a picture, columns of lines."""
    dice, (width, height) = Random(f"scan {number}"), PAGE  # noqa: S311
    page = Image.new("L", PAGE, 250)
    pen = ImageDraw.Draw(page)
    pen.rectangle((60, 60, width - 60, 96), fill=30)
    pen.rectangle((60, 130, 330, 330), fill=dice.randrange(110, 170))
    for y in range(130, height - 60, 14):
        for left in (60, 350) if y > 340 else (350,):
            pen.line((left, y, left + dice.randrange(150, 210), y), fill=90, width=5)
    began = gmtime(0)
    return _saved(page, "PDF", resolution=75, creationDate=began, modDate=began)


def _saved(picture: Image.Image, kind: str, **values) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **values)
    return target.getvalue()


# Whose return is open in the month before and has these figures above 0: login, cell, what is drawn, its name, what it shows.
FIGURES = (
    (KEEPER, "media_adopted_province_print", scan, "样报.pdf", "省级报纸样报"),
    (KEEPER, "culture_entertainment_event_count", photo, "现场照片.jpg", "文艺汇演现场"),
    ("daping", "ideology_study_session_count", photo, "IMG_0421.jpg", "专题学习会场"),
)
# The newest entry of the keeper's ledger that is of this kind.
ENTRIES = (
    ("study", {"kind": "group_study"}, photo, "学习会场.jpg", "中心组学习会场"),
    ("media", {"level": "province", "medium": "print"}, scan, "版面扫描.pdf", "见报版面"),
    ("inspection", {"kind": "concentrated"}, photo, "检查现场.jpg", "集中检查现场"),
)


def write_evidence(district: District, calendar: Calendar) -> int:
    """Add the files as the townships' clerks; returns how many links there are now. Places that are not there are passed over."""
    places = [*_figures(district, calendar), *_entries(district)]
    for number, (clerk, proved, draw, name, caption) in enumerate(places):
        add_evidence(by=clerk, proved=proved, upload=SimpleUploadedFile(name, draw(number)), caption=caption)
    return len(places)


def _figures(district: District, calendar: Calendar):
    year, month = (calendar.this_year, calendar.today.month - 1) if calendar.today.month > 1 else (calendar.last_year, 12)
    codes = {row.login: row.code for row in townships(calendar.last_year)}
    for login, cell, *file in FIGURES:
        rows = MonthlyReturn.objects.filter(unit__code=codes[login], year=year, month=month).select_related("unit")
        row = rows.filter(figures__indicator__code=cell, figures__value__gt=0).first()
        if row and row.is_editable and (proved := cell_proved(row, cell)):
            yield district.users[f"{login}.clerk"], proved, *file


def _entries(district: District):
    clerk = district.users[f"{KEEPER}.clerk"]
    for code, values, *file in ENTRIES:
        kind = ledger_kind(code)
        if entry := kind.entries(clerk.unit).filter(**values).order_by("-date", "-pk").select_related("unit").first():
            yield clerk, entry_proved(kind, entry), *file
