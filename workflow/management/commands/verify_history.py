"""manage.py verify_history: walk every unit's chain of events and say whether it is whole."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow.models import Event
from workflow.queries import chain_faults, chained_codes

FAULTS = {
    "gap": gettext_lazy("does not follow the event before it"),
    "altered": gettext_lazy("was altered"),
    "tail": gettext_lazy("events after it were cut off, or the head was altered"),
    "no head": gettext_lazy("the head of the chain is gone"),
}


class Command(BaseCommand):
    """Exit status 1 when a chain is broken, one line a fault."""

    help = "Verify the hash chains of the history: one line a fault and exit status 1, or how much is whole."

    def handle(self, *args, **options):
        """Walk all chains."""
        codes = chained_codes()
        faults = [fault for code in codes for fault in chain_faults(code)]
        for fault in faults:
            self.stdout.write(
                _("unit %(code)s, event %(number)d: %(fault)s")
                % {"code": fault.unit_code, "number": fault.chain_number, "fault": FAULTS[fault.fault]}
            )
        if faults:
            raise SystemExit(1)
        count = {"chains": len(codes), "events": Event.objects.count()}
        self.stdout.write(_("%(chains)d chains, %(events)d events, whole") % count)
