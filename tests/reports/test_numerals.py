"""Which numerals are numbers in prose, with the measure words of the shipped catalogues."""

import time
import unicodedata

import pytest

from metrics.catalogue_files import read_catalogue
from reports.numerals import is_spelled, number_pattern, year_in_words

MEASURES = {row.get("measure", "") for file in read_catalogue() for row in file.indicators}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("开展活动十二次。", ["十二次"]),
        ("刊发三十余篇、四十多条", ["三十余篇", "四十多条"]),
        ("共两百人参加", ["两百人"]),
        ("惠及一千二百余人次，检查五家次", ["一千二百余人次", "五家次"]),
        ("培训一百零五人", ["一百零五人"]),
        ("两场、三支、二十小时、四期", ["两场", "三支", "二十小时", "四期"]),
        ("近百人、上千人次、数十场、几万条", ["近百人", "上千人次", "数十场", "几万条"]),
        ("三万五千人", ["三万五千人"]),
        ("整治十二个、九十个", ["十二个", "九十个"]),
        ("得八十分", ["八十分"]),
        ("占百分之三十，增长百分之五点二", ["百分之三十", "百分之五点二"]),
        ("共3场、四场", ["3", "四场"]),
        ("三百余名群众、三名干部、近百名，两户、三十多家", ["三百余名", "三名", "近百名", "两户", "三十多家"]),
        ("投入五百万元，另三千元", ["五百万元", "三千元"]),
        ("占三成，五成以上，增长三倍、一倍，三分之一、千分之五", ["三成", "五成", "三倍", "一倍", "三分之一", "千分之五"]),
        ("提高两个百分点、五点二个百分点、一个百分点", ["两个百分点", "五点二个百分点", "一个百分点"]),
        ("二〇二五年、一九四九年，二零二六年", ["二〇二五", "一九四九", "二零二六"]),
        ("卅次、廿五场，壹佰次、伍拾名、叁场", ["卅次", "廿五场", "壹佰次", "伍拾名", "叁场"]),
        ("①抓学习；②抓落实，Ⅲ级，½，𝟑𝟓次、٣٥场，１２.５，x3", ["①", "②", "Ⅲ", "½", "𝟑𝟓", "٣٥", "１２.５", "3"]),
    ],
)
def test_numbers(text, found):
    assert number_pattern(MEASURES).findall(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "十三五规划、“十四五”期间、十四五期间、十九大、二十届四中全会、党的二十大",
        "三会一课、四史、双百、百日行动、两新组织、四下基层",
        "一是抓学习，二是抓落实，三是、四是",
        "一、二、（三）",
        "第一，第二次，第十二期",
        "一批、一次性、一支队伍、每月一期、一人一档、一项项",
        "五个方面、三个清单、四个意识、两个维护",
        "千家万户、百家争鸣、万人",
        "八项规定、四项基本原则、五位一体、三支一扶、十分重视、十分",
        "五分钟、百分点",
        "三五人、七八次",
        "前三名、第三名、第二户，三名单，二元结构、三元区，双百名师",
        "一成不变、统一成立、三三两两成群、两成员、八成功",
        "收拾三遍、队伍名单、陆续开展，五卅运动、廿八都",
        "㈠抓学习，㈡抓落实，每km²、m³",
        "进一步、统一、万一、三楼会议室、十月、八月二日",
        "多次、数次、几场",
    ],
)
def test_no_numbers(text):
    assert number_pattern(MEASURES).findall(text) == []


def test_only_what_the_catalogue_counts_in():
    text = "养牛三头，拍片三集"
    assert number_pattern(["集"]).findall(text) == ["三集"]
    assert number_pattern(["头/集", "%", ""]).findall(text) == ["三头", "三集"]
    assert number_pattern([]).findall(text + "5") == ["5"]


def test_every_decimal_digit_and_every_numeric_sign_is_one():
    """But for those that say no more than （一）, and the zero of the Chinese numerals."""
    pattern, left_out = number_pattern([]), "〇㆒㆓㆔㆕㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"
    signs = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Nd", "Nl", "No")]
    assert [sign for sign in signs if not pattern.fullmatch(sign)] == list(left_out)


@pytest.mark.parametrize(
    ("number", "spelled"), [("35", False), ("٣٥", False), ("III", False), ("三十次", True), ("壹佰次", True)]
)
def test_digits_are_told_from_chinese_numerals(number, spelled):
    assert is_spelled(number) == spelled


def test_a_year_in_words():
    assert year_in_words(2025) == "二〇二五"


@pytest.mark.parametrize("run", ["百", "三百", "万余零", "上万", "壹佰", "二〇"])
def test_a_long_run_of_numerals_costs_no_exponential_time(run):
    began = time.process_time()
    assert number_pattern(MEASURES).findall(run * 1000 + "匹") == []
    assert time.process_time() - began < 2
