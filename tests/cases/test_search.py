import random
import statistics
import string
from functools import cache
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.catalogue import Level, Matter
from cases.readings import reading_of
from cases.search import Hit, Index, browse, themes
from tests.cases.reference import the_catalogue

SENIOR_CARD = "MZJ-080101"


@cache
def built() -> tuple[Index, float]:
    """The index, and how long it took the processor. Not made where tests are only collected."""
    since = process_time()
    return Index(the_catalogue()), process_time() - since


def find(text: str, limit: int = 8, counts: dict[str, int] | None = None) -> list[Hit]:
    return built()[0].find(text, limit, counts)


def codes(text: str, limit: int = 8, counts: dict[str, int] | None = None) -> list[str]:
    return [hit.matter.code for hit in find(text, limit, counts)]


def forms_of(text: str) -> set[str]:
    reading = reading_of(text)
    return {reading.plain, reading.pinyin, reading.initials}


@cache
def aliases() -> list[tuple[str, Matter]]:
    return [(alias, m) for m in the_catalogue().matters for alias in m.aliases]


@cache
def owners_of() -> dict[str, set[str]]:
    owners: dict[str, set[str]] = {}
    for alias, matter in aliases():
        for form in forms_of(alias):
            owners.setdefault(form, set()).add(matter.code)
    return owners


def test_every_alias_its_pinyin_and_its_initials_find_its_matter_among_the_first_five() -> None:
    lost = [form for form, owners in owners_of().items() if owners.isdisjoint(codes(form, 5))]
    assert len(owners_of()) > 4000
    assert lost == []


@pytest.mark.parametrize(
    "typed",
    ["敬老卡", "老年证", "laonian", "lnyd", "LNYD", "ｌａｏｎｉａｎ", "lao nian", "老nian证",
     "laonzheng", "jlk", "jinglaoka", "敬佬卡", "敬老ka", "MZJ-080101", "mzj0801", "jinglaoak",
     "laonianzhegn", "老年证怎么办", "我想给我妈办个老年证"],
)  # fmt: skip
def test_the_senior_card_is_found_by_whatever_residents_call_it(typed: str) -> None:
    assert SENIOR_CARD in codes(typed, 5)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("公司 注销", "公司登记（注销登记）"),
        ("zhuxiao gongsi", "公司登记（注销登记）"),
        ("gszx", "公司登记（注销登记）"),
        ("身份证丢了", "居民身份证办理（丢失补领）"),
        ("shebaoka", "社会保障卡申领（首次申领）"),
        ("新生儿 户口", "出生登记（婚生子女）"),
    ],
)
def test_a_common_wish_comes_first(typed: str, name: str) -> None:
    assert name in [hit.matter.name for hit in find(typed, 5)]


def everyday_phrases() -> list[tuple[str, set[str]]]:
    lines = (Path(__file__).parent / "phrases.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(phrase, set(found.split(";"))) for phrase, found in rows]


def test_what_residents_say_and_mistype_finds_its_matter_among_the_first_five() -> None:
    lost = [phrase for phrase, wanted in everyday_phrases() if wanted.isdisjoint(codes(phrase, 5))]
    assert lost == []


def test_the_phrases_are_many_of_all_departments_and_of_matters_that_exist() -> None:
    phrases = everyday_phrases()
    wanted = {code for _, found in phrases for code in found}
    departments = {the_catalogue().matter(code).department for code in wanted}
    assert departments == {d.code for d in the_catalogue().departments}
    assert len({phrase for phrase, _ in phrases}) == len(phrases) >= 200


def test_a_phrase_that_means_nothing_here_finds_little() -> None:
    assert len(codes("今天天气怎么样", 8)) <= 4


def test_every_matter_is_found_by_its_code_and_its_name() -> None:
    for matter in the_catalogue().matters[::7]:
        assert codes(matter.code, 1) == [matter.code]
        assert matter.code in codes(matter.name, 3)


def test_a_hit_says_why_it_was_found() -> None:
    assert find("敬老卡")[0].why == "也叫“敬老卡”"
    assert find(SENIOR_CARD)[0].why == "事项编码"
    assert find("老年人优待证办理")[0].why == "名称"
    assert find("jinglaoak")[0].why.startswith("相近")


def test_of_equals_the_one_chosen_often_comes_first() -> None:
    plain_order = codes("zhengming", 8)
    chosen = plain_order[-1]
    assert codes("zhengming", 8, {chosen: 500})[0] == chosen


def test_what_fits_exactly_comes_before_what_is_popular() -> None:
    popular = {code: 10_000 for code in codes("老年", 8) if code != SENIOR_CARD}
    assert codes("敬老卡", 8, popular)[0] == SENIOR_CARD


@pytest.mark.parametrize("typed", ["", "   ", "？！", "\n", "🙂", "𠮷𠮷𠮷", "qxqxqxqx"])
def test_nothing_is_found_for_nothing(typed: str) -> None:
    assert find(typed) == []


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(1, 20))
def test_no_text_breaks_the_search(typed: str, limit: int) -> None:
    hits = find(typed, limit)
    assert len(hits) <= limit
    assert len({hit.matter.code for hit in hits}) == len(hits)


def slipped(typed: str, place: int, letter: str, slip: str) -> str:
    head, here, after, tail = typed[:place], typed[place], typed[place + 1], typed[place + 2 :]
    return head + {
        "swap": after + here,
        "wrong": letter + after,
        "missing": after,
        "extra": here + letter + after,
    }[slip] + tail  # fmt: skip


def test_one_slip_in_typed_pinyin_finds_its_matter_99_times_in_100() -> None:
    chance = random.Random(20261122)  # noqa: S311 - a sample that repeats
    typed = [p for p in (reading_of(a).pinyin for a, _ in aliases()) if len(p) >= 9]
    missed = []
    for _ in range(400):
        right = chance.choice(typed)
        slip = chance.choice(["swap", "wrong", "missing", "extra"])
        wrong = slipped(right, chance.randint(1, 7), chance.choice(string.ascii_lowercase), slip)
        if not owners_of()[right] & set(codes(wrong, 20)):
            missed.append((right, wrong))
    assert len(missed) <= 4, missed


def test_the_index_is_built_and_asked_within_its_limits() -> None:
    assert built()[1] < 1.5
    taken = []
    for alias, _ in aliases()[::25]:
        for form in forms_of(alias):
            begun = process_time()
            find(form)
            taken.append(process_time() - begun)
    assert statistics.median(taken) < 0.020


def test_rare_characters_are_found_as_themselves() -> None:
    assert reading_of("𠮷龘A1").line == "'𠮷'龘da'a'1"
    assert reading_of("𠮷龘A1").sounds == "''da'a'1"
    assert reading_of("𠮷龘A1").pinyin == "daa1"


def test_browsing_by_department_level_and_theme() -> None:
    catalogue = the_catalogue()
    assert len(browse(catalogue)) == 998
    assert len(browse(catalogue, department="JD", level=Level.SUBDISTRICT)) == 210
    assert len(browse(catalogue, department="SQ")) == 33
    pension = browse(catalogue, theme="养老", level=Level.COMMUNITY)
    assert pension
    assert all("养老" in m.themes and m.level is Level.COMMUNITY for m in pension)
    assert browse(catalogue, theme="没有") == ()


def test_themes_come_with_the_number_of_their_matters() -> None:
    counted = themes(the_catalogue())
    assert counted == sorted(counted, key=lambda pair: -pair[1])
    assert all(len(browse(the_catalogue(), theme=theme)) == n for theme, n in counted[:5])
