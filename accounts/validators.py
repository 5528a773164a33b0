"""Passwords that are long and still guessed first: runs, repetitions, office words with a year behind them."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

OFFICE_WORDS = (
    "password", "passw0rd", "admin", "administrator", "qwerty", "asdfgh", "zxcvbn", "welcome", "letmein", "woaini", "mima",
    "zhongguo", "china", "xuanchuanbu", "xuanchuan", "xuanchuanban", "zhengfu", "dangwei", "jiedao", "banshichu", "bangongshi",
    "bangong", "gongzuo", "wenming", "shijian", "zhiyuan", "fuwu", "saohuang", "dafei", "zhenqu", "xiangzhen", "cunwei", "shequ",
    "yuebao", "baobiao", "zongjie", "huanying", "renmin", "qingyun", "test", "user", "demo", "guest", "root", "abc", "abcd",
)  # fmt: skip
RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
LEAST_REST = 6


class LengthValidator:
    """Asks for a length; Django's own message for it has no Chinese translation in this release."""

    def __init__(self, min_length=12):
        """Keep the least length."""
        self.min_length = min_length

    def validate(self, password, user=None):
        """Raise ValidationError for a shorter password."""
        if len(password) < self.min_length:
            raise ValidationError(
                _("The password has %(length)d characters; at least %(least)d are needed.")
                % {"length": len(password), "least": self.min_length},
                code="password_too_short",
            )

    def get_help_text(self):
        """Return the rule for the form."""
        return _("At least %(least)d characters.") % {"least": self.min_length}


class GuessableValidator:
    """Refuses a password of which little is left without office words, runs and repetitions."""

    def validate(self, password, user=None):
        """Raise ValidationError when fewer than six different characters carry the secret."""
        own_words = (user.login.lower(),) if user is not None else ()
        if len(set(unguessable_part(password, own_words))) < LEAST_REST:
            raise ValidationError(
                _("Office words, runs like 123456 and repetitions are guessed first. Add words that only you connect."),
                code="password_guessable",
            )

    def get_help_text(self):
        """Return the rule for the form."""
        return _("No office words with a year, no runs like 123456, no repetitions: two or three unconnected words are best.")


def unguessable_part(password: str, own_words=()) -> str:
    """Return what is left of a password without known words, years, runs of four and more, and repetitions."""
    rest = password.lower()
    for word in sorted((*OFFICE_WORDS, *own_words), key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = re.sub(r"(?:19|20)\d\d", "", rest)
    rest = re.sub(r"(.+?)\1{2,}", r"\1", rest)
    return _without_runs(rest)


def _without_runs(text: str) -> str:
    for run in RUNS:
        for length in range(len(run), 3, -1):
            for start in range(len(run) - length + 1):
                text = text.replace(run[start : start + length], "")
    return text
