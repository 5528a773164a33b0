"""How long a text may be, for the counter beside its field."""

from django import template

from workflow.texts import most_of

register = template.Library()
register.simple_tag(most_of, name="most")
