"""First letters of names."""

import pytest

from metrics.models import Indicator
from metrics.services import sync_catalogue
from reports.pinyin import _letter, initials, search_words


@pytest.mark.parametrize(
    ("name", "letters"),
    [("志愿服务时长", "zyfwsc"), ("理论政策宣讲", "llzcxj"), ("扫黄打非检查", "shdfjc"), ("学习强国App", "xxqgapp"),
     ("一、（网）", "yw"),
     ("啊座", "az"), ("", ""), ("😀𠀀", "")],
)  # fmt: skip
def test_initials(name, letters):
    assert initials(name) == letters


def test_a_second_reading_is_found_too():
    assert search_words("增长率") == "zcl zcs zzl zzs"
    assert search_words("重点") == "zd cd"
    assert search_words("网站") == "wz"


@pytest.mark.django_db
def test_every_character_of_the_catalogue_has_a_letter():
    sync_catalogue()
    lacking = {char for row in Indicator.objects.all() for char in row.name if char.isalpha() and not _letter(char)}
    assert not lacking
