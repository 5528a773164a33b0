"""How figures read on a page, whatever the language: grouped by thousands, a true minus sign."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def figure(value) -> str:
    """Return a number with thousands separated (46,820) and without needless zeros; None gives a dash."""
    if value is None or value == "":
        return "—"
    number = Decimal(value)
    text = f"{abs(number):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text}" if number < 0 else text
