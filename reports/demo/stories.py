"""What happened to each return, deed by deed, and when. A story is data; history.py and load.py write it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random

from django.utils import timezone

from metrics.transitions import RETURN_TABLE
from workflow.choices import State

# Deeds beside those of RETURN_TABLE: fill (type the cells), correct (put right what a comment or the head found), comment,
# note, answer, resolve.
_SUBMITTED = ("fill", "submit", "sign_off")
_AGAIN = ("correct", "submit", "sign_off", "start_review")
APPROVED = (*_SUBMITTED, "start_review", "approve")
SENT_BACK_ONCE = (*_SUBMITTED, "start_review", "comment", "send_back", "answer", *_AGAIN, "resolve", "approve")
REOPENED = (*APPROVED, "reopen", *_AGAIN, "approve")
HEAD_SENT_BACK = ("fill", "submit", "head_send_back", "correct", "submit", "sign_off", "start_review", "approve")
WITHDRAWN = (*_SUBMITTED, "withdraw", *_AGAIN, "approve")
RETURNED = (*_SUBMITTED, "start_review", "comment", "note", "second_comment", "send_back", "answer")
IN_REVIEW = (*_SUBMITTED, "start_review", "comment")
SUBMITTED = _SUBMITTED
AWAITING = ("fill", "submit")
DRAFT = ("fill",)
UNTOUCHED = ()

ACTORS = {
    "fill": "clerk", "correct": "clerk", "answer": "clerk", "submit": "clerk", "withdraw": "clerk",
    "sign_off": "head", "head_send_back": "head",
}  # fmt: skip
# Hours that pass before a deed: least and most, counted in office hours only.
PAUSES = {
    "fill": (0, 8), "submit": (1, 12), "sign_off": (1, 6), "start_review": (2, 14), "approve": (1, 4), "comment": (0.2, 0.6),
    "note": (0.1, 0.3), "second_comment": (0.1, 0.4), "send_back": (0.2, 1), "answer": (2, 7), "correct": (0.2, 2),
    "resolve": (0.3, 1), "reopen": (30, 60), "head_send_back": (1, 4), "withdraw": (0.5, 2),
}  # fmt: skip
OFFICE_OPENS, OFFICE_HOURS = time(8, 30), 9.0

# This year's stories that every run shows, by (township login, months before the current one).
CURRENT = {
    "qingyun": (RETURNED, APPROVED), "shibu": (APPROVED, APPROVED), "longquan": (SUBMITTED, APPROVED),
    "nanping": (SUBMITTED, SENT_BACK_ONCE), "baisha": (IN_REVIEW, APPROVED), "yongan": (AWAITING, APPROVED),
    "hekou": (DRAFT, APPROVED), "chengguan": (APPROVED, APPROVED), "donghu": (APPROVED, APPROVED),
    "liulin": (AWAITING, IN_REVIEW), "xintian": (DRAFT, RETURNED), "daping": (DRAFT, SUBMITTED),
}  # fmt: skip
# Earlier months with more to them than one round: (login, month of this year).
EARLIER = {
    ("longquan", 3): REOPENED, ("qingyun", 5): SENT_BACK_ONCE, ("yongan", 2): HEAD_SENT_BACK, ("chengguan", 4): WITHDRAWN,
    ("daping", 6): SENT_BACK_ONCE,
}  # fmt: skip
# How much of an unfinished return is typed: the month before the current one, and the current one.
TYPED_SHARE = {"hekou": 0.92, "xintian": 0.55, "daping": 0.3}
TYPED_NOW = {"qingyun": 0.45, "shibu": 0.3, "longquan": 0.6, "chengguan": 0.75, "donghu": 0.2}


@dataclass(frozen=True)
class Step:
    """One deed of a story at its moment (UTC), with the states around it and the round it belongs to (0: before the first)."""

    deed: str
    at: datetime
    actor: str
    from_state: str
    to_state: str
    round_number: int


@dataclass(frozen=True)
class Story:
    """A return's deeds up to now, and the share of its cells that is typed."""

    deeds: tuple[str, ...]
    typed: float = 1.0

    @property
    def state(self) -> str:
        """Where the return stands after the last deed."""
        state = State.DRAFT
        for deed in self.deeds:
            state = _target(deed, state)
        return state

    @property
    def corrections(self) -> int:
        """How often figures were put right after a round."""
        return self.deeds.count("correct")


def story_of(login: str, year: int, month: int, now: datetime) -> Story:
    """Return the story of a township's return of a month, as it stands at `now`."""
    today = timezone.localtime(now)
    back = 12 * (today.year - year) + today.month - month
    if back == 0:
        typed = TYPED_NOW.get(login, 0)
        return Story(DRAFT if typed else UNTOUCHED, typed)
    if year < today.year:
        return Story(SENT_BACK_ONCE if Random(f"{login} {year} {month}").random() < 0.06 else APPROVED)  # noqa: S311
    if back <= 2:
        deeds = CURRENT[login][back - 1]
        return Story(deeds, TYPED_SHARE[login] if deeds == DRAFT else 1.0)
    return Story(EARLIER.get((login, month), APPROVED))


def tell(story: Story, login: str, year: int, month: int, now: datetime) -> list[Step]:
    """Return the story's deeds with their moments, all in order and none after `now`."""
    rng = Random(f"story {login} {year} {month}")  # noqa: S311
    moment = _begin(year, month, now, rng)
    steps, state, number = [], State.DRAFT, 0
    for deed in story.deeds:
        moment = _office_hours(moment + _pause(deed, rng))
        number += deed == "submit"
        after = _target(deed, state)
        steps.append(Step(deed, moment, ACTORS.get(deed, "reviewer"), state, after, number))
        state = after
    return _before(now, steps)


def opened_at(year: int, month: int) -> datetime:
    """Return when a month's return opens: a few minutes after its first midnight, local time."""
    return timezone.make_aware(datetime(year, month, 1, 0, 5)).astimezone(UTC)


def _target(deed: str, state: str) -> str:
    return RETURN_TABLE[deed].target if deed in RETURN_TABLE.deeds else state


def _begin(year: int, month: int, now: datetime, rng: Random) -> datetime:
    """Typing begins around the month's end; in a month that still runs, a few days ago."""
    next_month = datetime(year + month // 12, month % 12 + 1, 1)
    start = timezone.make_aware(next_month + timedelta(days=rng.uniform(-2, 2), hours=9))
    return start if start < now - timedelta(days=1) else max(now - timedelta(days=4), opened_at(year, month))


def _pause(deed: str, rng: Random) -> timedelta:
    hours = rng.uniform(*PAUSES[deed])
    return timedelta(days=int(hours // OFFICE_HOURS), hours=hours % OFFICE_HOURS)


def _office_hours(moment: datetime) -> datetime:
    """Move a moment into the next working day's office hours, when it is outside them."""
    local = timezone.localtime(moment)
    minutes = (local.hour - OFFICE_OPENS.hour) * 60 + local.minute - OFFICE_OPENS.minute
    if minutes < 0:
        local += timedelta(minutes=-minutes)
    elif minutes > OFFICE_HOURS * 60:
        local += timedelta(minutes=24 * 60 - OFFICE_HOURS * 60)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local.astimezone(UTC)


def _before(now: datetime, steps: list[Step]) -> list[Step]:
    """Move a story back as a whole when it would end after `now`."""
    late = steps[-1].at - now if steps else timedelta(0)
    if late <= timedelta(0):
        return steps
    return [Step(**{**vars(step), "at": step.at - late - timedelta(minutes=5)}) for step in steps]
