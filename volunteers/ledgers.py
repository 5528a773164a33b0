"""The volunteer ledgers, added to the registry of metrics when the app is ready."""

from metrics.ledgers import LedgerKind
from volunteers.ledger_rules import activity_faults, campaign_faults, team_faults
from volunteers.models import VolunteerActivity, VolunteerCampaign, VolunteerTeam

LEDGERS = (
    LedgerKind(
        "vol_activity", "志愿活动台账", "volunteers", VolunteerActivity,
        ("date", "kind", "village", "name", "place", "participants", "hours", "series", "issue_number", "note"),
        kept=("date", "kind", "village"), identity=("date", "name", "village", "place"), village_field="village",
        faults=activity_faults, split_by=("kind",),
    ),
    LedgerKind(
        "vol_team", "志愿队伍台账", "volunteers", VolunteerTeam,
        ("date", "kind", "name", "status", "place", "event", "backbone", "note"), kept=("date", "kind"),
        identity=("name",), allows_future=True, faults=team_faults,
    ),
    LedgerKind(
        "vol_campaign", "专项志愿行动台账", "volunteers", VolunteerCampaign,
        ("date", "date_to", "name", "place", "recruited", "channels", "note"), kept=("date",),
        identity=("date", "name"), faults=campaign_faults,
    ),
)  # fmt: skip
