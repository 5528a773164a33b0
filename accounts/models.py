"""People, units and their yearly population. Only what the work needs: a login, a name to show, a unit and a role."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import TOWNSHIP_KINDS, VILLAGE_KINDS, PopulationKind, Role, UnitKind
from accounts.querysets import PopulationQuerySet, UnitQuerySet, UserQuerySet


class Unit(models.Model):
    """A district, township or village. Codes are 12-digit statistical division codes.

    A unit that merges ends and names its `successor`: several units with one successor are a merger.
    """

    code = models.CharField(_("code"), max_length=12, unique=True, validators=[RegexValidator(r"^\d{12}$")])
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = UnitQuerySet.as_manager()

    class Meta:
        """A district has no parent, everything else has one; a unit does not end before it starts."""

        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=UnitKind.DISTRICT, parent__isnull=True)
                | (~models.Q(kind=UnitKind.DISTRICT) & models.Q(parent__isnull=False)),
                name="unit_parent_matches_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="unit_ends_after_start",
            ),
        ]

    def __str__(self):
        """Return the name."""
        return self.name

    @property
    def is_district(self) -> bool:
        """Whether this is a district."""
        return self.kind == UnitKind.DISTRICT

    @property
    def is_township(self) -> bool:
        """Whether this is a town, subdistrict or township."""
        return self.kind in TOWNSHIP_KINDS

    @property
    def is_village(self) -> bool:
        """Whether this is a village or community."""
        return self.kind in VILLAGE_KINDS

    @property
    def district(self) -> "Unit":
        """The district it belongs to; a district is its own."""
        unit = self
        while unit.parent_id:
            unit = unit.parent
        return unit


class AccountManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Finds accounts by their login, as Django's authentication asks."""


class User(AbstractBaseUser):
    """An account. There is no superuser: every right follows from role and unit."""

    login = models.CharField(
        _("login name"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]{1,39}$")],
    )
    display_name = models.CharField(_("display name"), max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="users", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must change password"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ["display_name"]
    objects = AccountManager()

    class Meta:
        """Listed by unit, then login."""

        ordering = ["unit__code", "login"]

    def __str__(self):
        """Return the name to show."""
        return self.display_name

    @property
    def district_id(self) -> int:
        """The id of the district the account belongs to."""
        return self.unit.district.pk


class Population(models.Model):
    """A unit's registered or resident population in one year: the denominator of shares."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="populations")
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("kind"), max_length=10, choices=PopulationKind.choices, default=PopulationKind.HOUSEHOLD)
    persons = models.PositiveIntegerField(_("persons"))

    objects = PopulationQuerySet.as_manager()

    class Meta:
        """One figure per unit, year and kind."""

        constraints = [models.UniqueConstraint(fields=["unit", "year", "kind"], name="population_once")]


class LoginAttempt(models.Model):
    """Tries to sign in under one name (or from one address) in the current window; reserved before a password is checked."""

    key = models.CharField(max_length=80, unique=True)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
