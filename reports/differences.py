"""What differs between two documents of one report: numbers first, with the months that moved, then text by sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from reports.document import Block, FigureRun, ReportDocument
from reports.grounds import NO_SHARE, is_told_in, shares_of
from reports.tokens import sentences

ALIKE = 0.5  # sentences less alike than this are told as one that went and one that came
SHORTEST_KEPT = 2  # a shorter stretch that is equal between two changes reads as part of them

Piece = tuple[str, str]  # equal, out or in; the words


@dataclass(frozen=True)
class MonthChange:
    """A month behind a figure that has another value, or was approved anew: "2025-03", old and new value, by whom, when.

    `whose`: in a district's report the township.
    """

    period: str
    old: str
    new: str
    approved_by: str
    approved_at: str
    reason: str = ""
    whose: str = ""


@dataclass(frozen=True)
class FigureChange:
    """A number that reads otherwise: what it counts, old and new as printed ("": not there), the months and items behind it."""

    name: str
    period: str
    old: str
    new: str
    block_key: str
    months: tuple[MonthChange, ...] = ()
    items_out: tuple[str, ...] = ()
    items_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextChange:
    """A block that reads otherwise; `label` is what to call it."""

    key: str
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class CellChange:
    """A cell of an annex that reads otherwise: where it stands, old and new."""

    place: str
    old: str
    new: str


@dataclass(frozen=True)
class Differences:
    """Everything that differs, in the order of the later document."""

    figures: tuple[FigureChange, ...]
    texts: tuple[TextChange, ...]
    cells: tuple[CellChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not (self.figures or self.texts or self.cells)


def compare_documents(old: ReportDocument, new: ReportDocument, names: dict[str, str] | None = None) -> Differences:
    """Return what differs; `names` says what a token's code is called."""
    return Differences(tuple(_figures(old, new, names or {})), tuple(_texts(old, new)), tuple(_cells(old, new)))


# --- numbers ------------------------------------------------------------------------------------------------------------


def _figures(old: ReportDocument, new: ReportDocument, names: dict[str, str]) -> Iterator[FigureChange]:
    before, after = _by_fact(old), _by_fact(new)
    for fact in [*after, *(fact for fact in before if fact not in after)]:
        (was_in, was), (is_in, now) = before.get(fact, ("", None)), after.get(fact, ("", None))
        if was and now and was.text == now.text and was.value == now.value:
            continue
        shown = now or was
        months, gone, come = _reasons(was, now) if was and now else ((), (), ())
        yield FigureChange(
            names.get(shown.indicator, shown.indicator), shown.period, was.text if was else "", now.text if now else "",
            is_in or was_in, months, gone, come,
        )  # fmt: skip


def _by_fact(document: ReportDocument) -> dict[tuple, tuple[str, FigureRun]]:
    """Return the bound numbers of the text by what they say; one that stands twice counts once."""
    found: dict[tuple, tuple[str, FigureRun]] = {}
    for block in document.blocks:
        for run in block.figures:
            found.setdefault((run.indicator, run.period, run.format, run.scope), (_key(block), run))
    return found


def _key(block: Block) -> str:
    return block.key.partition("~")[0]


def _reasons(was: FigureRun, now: FigureRun) -> tuple[tuple[MonthChange, ...], tuple[str, ...], tuple[str, ...]]:
    before, after = shares_of(was.sources), shares_of(now.sources)
    months = [
        MonthChange(key.month, before.get(key, NO_SHARE).value, share.value, share.approved_by, share.approved_at, whose=key.unit)
        for key, share in after.items() if before.get(key, NO_SHARE).value != share.value and is_told_in(before, key)
    ]  # fmt: skip
    months += [
        MonthChange(key.month, share.value, "", "", "", whose=key.unit)
        for key, share in before.items() if key not in after and is_told_in(after, key)
    ]  # fmt: skip
    old_items, new_items = ([row["item"] for row in run.sources if "item" in row] for run in (was, now))
    gone = tuple(item for item in old_items if item not in new_items)
    return tuple(months), gone, tuple(item for item in new_items if item not in old_items)


# --- text ---------------------------------------------------------------------------------------------------------------


def _texts(old: ReportDocument, new: ReportDocument) -> Iterator[TextChange]:
    yield from _head(old, new)
    before, after = _by_key(old), _by_key(new)
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key), after.get(key)
        old_words, new_words = _words(was), _words(now)
        if old_words != new_words:
            yield TextChange(key.partition("~")[0], _label(now or was), compare(old_words, new_words))


def _head(old: ReportDocument, new: ReportDocument) -> Iterator[TextChange]:
    labels = {"title": _("title"), "addressee": _("addressee"), "signature": _("signature"), "issue_date": _("date")}
    for name, label in labels.items():
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield TextChange("", label, compare(was, now))


def _by_key(document: ReportDocument) -> dict[str, Block]:
    return {block.key: block for block in document.blocks}


def _words(block: Block | None) -> list[str]:
    """Return a block's words for comparing: characters, each bound number whole; made numbering is left out."""
    if block is None:
        return []
    found = list(block.lead)
    for run in block.runs:
        found += [run.text] if isinstance(run, FigureRun) else list(run.text)
    extra = block.text.partition("\n")[2] if block.table or block.chart else ""
    return found + list(extra)


def _label(block: Block) -> str:
    words = block.text.replace("\n", " ")
    return words if len(words) <= 24 else words[:22] + "…"


def compare(old: list[str] | str, new: list[str] | str) -> tuple[Piece, ...]:
    """Return the pieces from old to new: whole sentences are paired first, then each pair is compared inside."""
    pieces: list[Piece] = []
    before, after = _by_sentence(list(old)), _by_sentence(list(new))
    matcher = SequenceMatcher(None, ["".join(row) for row in before], ["".join(row) for row in after], autojunk=False)
    for deed, i1, i2, j1, j2 in matcher.get_opcodes():
        if deed == "equal":
            pieces += [("equal", "".join(row)) for row in before[i1:i2]]
        else:
            pieces += _paired(before[i1:i2], after[j1:j2])
    return tuple(_joined(pieces))


def _by_sentence(words: list[str]) -> list[list[str]]:
    """Split elements into sentences, as the text of them splits; an element is never cut."""
    ends, place = set(), 0
    for sentence in sentences("".join(words)):
        place += len(sentence)
        ends.add(place)
    found, current, place = [], [], 0
    for word in words:
        current.append(word)
        place += len(word)
        if place in ends:
            found.append(current)
            current = []
    return found + [current] if current else found


def _paired(before: list[list[str]], after: list[list[str]]) -> list[Piece]:
    """Pair each later sentence with the next earlier one that is alike; what finds no partner went or came whole."""
    pieces, start = [], 0
    for sentence in after:
        partner = next((place for place in range(start, len(before)) if _is_alike(before[place], sentence)), None)
        if partner is None:
            pieces.append(("in", "".join(sentence)))
            continue
        pieces += [("out", "".join(row)) for row in before[start:partner]]
        pieces += _inside(before[partner], sentence)
        start = partner + 1
    return pieces + [("out", "".join(row)) for row in before[start:]]


def _is_alike(one: list[str], other: list[str]) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def _inside(old: list[str], new: list[str]) -> list[Piece]:
    pieces: list[Piece] = []
    for deed, i1, i2, j1, j2 in _readable(SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):
        if deed == "equal":
            pieces.append(("equal", "".join(old[i1:i2])))
            continue
        pieces += [("out", "".join(old[i1:i2]))] if i2 > i1 else []
        pieces += [("in", "".join(new[j1:j2]))] if j2 > j1 else []
    return pieces


def _readable(codes) -> list[tuple]:
    """Join changes that only a stray character parts: 学习好 → 工作很好 is one change, not two."""
    joined: list[tuple] = []
    for place, (deed, i1, i2, j1, j2) in enumerate(codes):
        is_stray = deed == "equal" and i2 - i1 < SHORTEST_KEPT and 0 < place < len(codes) - 1
        deed = "replace" if is_stray or deed != "equal" else deed
        if joined and joined[-1][0] == deed == "replace":
            joined[-1] = (deed, joined[-1][1], i2, joined[-1][3], j2)
        else:
            joined.append((deed, i1, i2, j1, j2))
    return joined


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    current: Piece | None = None
    for deed, words in pieces:
        if current and current[0] == deed:
            current = (deed, current[1] + words)
        else:
            if current:
                yield current
            current = (deed, words)
    if current:
        yield current


# --- annexes ------------------------------------------------------------------------------------------------------------


def _cells(old: ReportDocument, new: ReportDocument) -> Iterator[CellChange]:
    before, after = _cells_of(old), _cells_of(new)
    for place in [*after, *(place for place in before if place not in after)]:
        was, now = before.get(place, ""), after.get(place, "")
        if was != now:
            yield CellChange(" · ".join(part for part in place[:-1] if part), was, now)


def _cells_of(document: ReportDocument) -> dict[tuple, str]:
    """Return the cells of annex tables by annex, table, row and column; rows of one name are told apart by their order."""
    found: dict[tuple, str] = {}
    for annex in document.annexes:
        for table in annex.tables:
            for row in table.rows:
                name, *cells = [cell.text for cell in row] or [""]
                for column, text in zip(table.columns[1:], cells, strict=False):
                    place = (annex.title, table.caption, name.strip("　 "), column.heading)
                    again = 0
                    while (*place, again) in found:
                        again += 1
                    found[*place, again] = text
    return found
