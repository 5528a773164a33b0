"""The shape of a transition table, and the one check that both performs and explains. Tables live in the apps."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.choices import DISTRICT_ROLES, TOWNSHIP_KINDS


class Refused(Exception):
    """A deed that the present state forbids; the message says why and what to do."""


@dataclass(frozen=True)
class Transition:
    """One deed: from which states, to which, by which roles. `needs_reason`: refused without words.

    Of those roles `not_by_submitter` leaves out who submitted, `only_by_submitter` everybody else.
    """

    deed: str
    label: str
    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    needs_reason: bool = False
    not_by_submitter: bool = False
    only_by_submitter: bool = False


@dataclass(frozen=True)
class TransitionTable:
    """All deeds of one kind of subject."""

    name: str
    transitions: tuple[Transition, ...]

    def __getitem__(self, deed: str) -> Transition:
        """Return the transition of a deed. Raises KeyError."""
        return {row.deed: row for row in self.transitions}[deed]

    @property
    def deeds(self) -> tuple[str, ...]:
        """Names of all deeds."""
        return tuple(row.deed for row in self.transitions)

    def check(self, deed: str, subject, user, *, submitter_ids=()) -> Transition:
        """Return the transition when role, unit and state allow it.

        `subject` has `.state`, `.get_state_display()` and `.unit`. Raises PermissionDenied (wrong person) or Refused (wrong
        moment), each with the text for the disabled button.
        """
        row = self[deed]
        if user.role not in row.roles or not _works_at(user, subject.unit):
            raise PermissionDenied(_("Your role may not do this: %(deed)s.") % {"deed": row.label})
        if row.not_by_submitter and user.pk in submitter_ids:
            raise PermissionDenied(_("You submitted this yourself; another person has to decide on it."))
        if row.only_by_submitter and user.pk not in submitter_ids:
            raise PermissionDenied(_("Only who submitted this withdraws it; send it back with a reason instead."))
        if subject.state not in row.sources:
            raise Refused(
                _("“%(deed)s” is not possible while it is “%(state)s”.")
                % {"deed": row.label, "state": subject.get_state_display()}
            )
        return row


def _works_at(user, unit) -> bool:
    """District roles act on their district and its townships, township roles on their own township."""
    if user.role in DISTRICT_ROLES:
        return user.unit_id in (unit.pk, unit.parent_id)
    return user.unit_id == unit.pk and unit.kind in TOWNSHIP_KINDS


def check_has_reason(transition: Transition, reason: str) -> None:
    """Refuse a deed that needs words when there are none."""
    if transition.needs_reason and not reason.strip():
        raise Refused(_("Please say why: “%(deed)s” needs a reason that the other side can act on.") % {"deed": transition.label})
