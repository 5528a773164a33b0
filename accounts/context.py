"""What every page's frame shows."""

from django.conf import settings

from accounts.choices import DISTRICT_ROLES


def site(request):
    """Return the frame's facts: whether the person works for the district, and whether the wire is unprotected."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "is_district_user": signed_in and user.role in DISTRICT_ROLES,
        "unprotected_wire": settings.PRODUCTION and settings.PLAIN_HTTP,
    }
