"""Which Chinese numerals are numbers in prose, with the measure words of the shipped catalogues."""

import time

import pytest

from metrics.catalogue_files import read_catalogue
from reports.numerals import number_pattern

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
        "三分之一、五分钟、百分点",
        "三五人、二〇二六年、七八次",
        "进一步、统一、万一、三楼会议室、十月、八月二日",
        "多次、数次、几场",
    ],
)
def test_no_numbers(text):
    assert number_pattern(MEASURES).findall(text) == []


def test_only_what_the_catalogue_counts_in():
    text = "养牛三头，开会三次"
    assert number_pattern(["次"]).findall(text) == ["三次"]
    assert number_pattern(["头/次", "%", ""]).findall(text) == ["三头", "三次"]
    assert number_pattern([]).findall(text + "5") == ["5"]


@pytest.mark.parametrize("run", ["百", "三百", "万余零", "上万"])
def test_a_long_run_of_numerals_costs_no_exponential_time(run):
    began = time.process_time()
    assert number_pattern(MEASURES).findall(run * 1000 + "匹") == []
    assert time.process_time() - began < 2
