"""What official Chinese calls a report's township and district: 全镇, 全县前列, 县级, 省、市、县委. Every text asks here."""

from accounts.choices import UnitKind

SHORT_SUFFIXES = ("街道", "镇", "乡")
TOWNSHIP_WORDS = {UnitKind.SUBDISTRICT: "街道", UnitKind.TOWNSHIP: "乡"}
DISTRICT_WORDS = ("区", "县", "市", "旗")
ENDED = "（已撤并）"  # behind a place that ended within the period
# A city of county level is no 市级: that is the level above it.
LEVEL_WORDS = {"市": "县级"}


def township_word(unit) -> str:
    """Return 镇, 街道 or 乡."""
    return TOWNSHIP_WORDS.get(unit.kind, "镇")


def unit_word(unit) -> str:
    """Return what a report calls its own unit: 镇, 街道 or 乡, of a district 区, 县, 市 or 旗."""
    return district_word(unit) if unit.is_district else township_word(unit)


def whole_place(unit) -> str:
    """Return what a unit is as a whole: 全镇, 全街道 or 全乡, a district 全区."""
    return f"全{unit_word(unit)}"


def superior_name(unit) -> str:
    """Return whom a report is addressed to: a township's the district's department, a district's its committee."""
    return f"{unit.name}委" if unit.is_district else f"{unit.district.name}委宣传部"


def office_name(unit) -> str:
    """Return who signs a report: a township's office, a district's department."""
    return f"{unit.name}委宣传部" if unit.is_district else f"{unit.name}宣传办公室"


def place_word(unit) -> str:
    """Return what heads a column of the units below this one."""
    return "乡镇（街道）" if unit.is_district else "村（社区）"


def short_name(unit) -> str:
    """Return a unit's name without its kind: 青云 for 青云镇, 临江 for 临江区."""
    suffixes = DISTRICT_WORDS if unit.is_district else SHORT_SUFFIXES
    return next((unit.name.removesuffix(suffix) for suffix in suffixes if unit.name.endswith(suffix)), unit.name)


def district_word(district) -> str:
    """Return 区, 县, 市 or 旗, as the district's name ends; 区 for any other end."""
    return district.name[-1] if district.name.endswith(DISTRICT_WORDS) else DISTRICT_WORDS[0]


def district_level(district) -> str:
    """Return the name of the district's level beside 省级 and 市级: 区级, 县级 or 旗级; a 县级市 is 县级."""
    word = district_word(district)
    return LEVEL_WORDS.get(word, f"{word}级")


def levels_in_words(district) -> str:
    """Return 省、市、区三级; 省、市、县三级 for a county and for a 县级市."""
    return f"省、市、{district_level(district).removesuffix('级')}三级"


def higher_committees(district) -> str:
    """Return 省、市、区委; of a county-level 市 only 省、市委, which names both its own committee and the one above it."""
    return "、".join(dict.fromkeys(("省", "市", district_word(district)))) + "委"
