"""智能粘贴: a corpus of 300 pasted addresses, and what must never happen whatever is pasted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier.pasted import PASTED_CHARS_MAX, Pasted, split_pasted
from courier.regions import CHOICES_MAX, Regions
from sync.bundle import load_bundle

SHARE_MIN = 0.97
REGIONS = Regions(load_bundle().divisions)
FIELDS = ("name", "phone", "county", "street")


class Row(NamedTuple):
    """What was pasted and what it says; a county that is not to be guessed is empty."""

    pasted: str
    name: str
    phone: str
    county: str
    street: str


def _corpus() -> list[Row]:
    text = Path(__file__).with_name("pasted.tsv").read_text(encoding="utf-8")
    rows = [Row(*line.split("\t")) for line in text.splitlines()]
    return [
        row._replace(pasted=row.pasted.replace("\\n", "\n").replace("\\t", "\t")) for row in rows
    ]


def split(pasted: str) -> Pasted:
    return split_pasted(pasted, REGIONS)


def test_nearly_all_of_300_pasted_addresses_are_split_right() -> None:
    corpus = _corpus()
    assert len({row.pasted for row in corpus}) == 300
    wrong = [row for row in corpus if split(row.pasted)[:4] != row[1:]]
    share = 1 - len(wrong) / len(corpus)
    sys.stdout.write(f"{share:.1%} of {len(corpus)} split right; not: {[r.pasted for r in wrong]}")
    assert share >= SHARE_MIN


def test_no_county_of_the_corpus_is_guessed_wrong() -> None:
    for row in _corpus():
        assert split(row.pasted).county in ("", row.county), row.pasted


@pytest.mark.parametrize("row", [r for r in _corpus() if not r.county], ids=lambda r: r.pasted[:30])
def test_what_does_not_say_which_county_is_asked_about(row: Row) -> None:
    found = split(row.pasted)
    assert found.county == ""
    assert "county" in found.unsure


@pytest.mark.parametrize(
    ("pasted", "choices"),
    [
        ("王伟 13912345678 福建省福州市思明区软件园二期30号", ("350203",)),
        ("王伟 13912345678 福建省广州市天河区体育西路103号", ("440106",)),
        ("王伟 13912345678 朝阳区建国路88号", ("110105", "220104")),
    ],
)
def test_an_impossible_or_doubtful_place_comes_with_what_it_could_be(
    pasted: str, choices: tuple[str, ...]
) -> None:
    assert split(pasted).choices == choices


STREET, PHONE = "东大路30号3座502", "13805911234"
WHERE = f"福建省福州市鼓楼区{STREET}"


@pytest.mark.parametrize(
    "pasted",
    [
        f"帮我寄到{WHERE} 收件人林阿婆 电话{PHONE} 谢谢",
        f"麻烦寄到：{WHERE}，林阿婆，{PHONE}，谢谢！",
        f"{WHERE} 林阿婆 {PHONE} 谢谢您",
        f"收件人林阿婆，手机{PHONE}，地址{WHERE}",
        f"联系人林阿婆 {PHONE} {WHERE}",
        f"收件人电话{PHONE} 收件人林阿婆 收件人地址{WHERE}",
        f"我叫林阿婆，电话{PHONE}，住在{WHERE}",
        f"我是林阿婆 {PHONE} {WHERE}",
        f"我家地址：{WHERE} 我电话{PHONE} 林阿婆",
        f"麻烦您寄到{WHERE} 林阿婆 {PHONE}",
        f"林阿婆 联系手机:{PHONE} 家庭住址:{WHERE}",
    ],
)
def test_what_is_written_as_in_a_message_is_split_for_sure(pasted: str) -> None:
    found = split(pasted)
    assert found[:4] == ("林阿婆", PHONE, "350102", STREET)
    assert not found.unsure


def test_thanks_are_nobody_s_name_and_somebody_called_so_keeps_it() -> None:
    assert split(f"谢谢 {PHONE} {WHERE}").name == ""
    assert split(f"{WHERE} 谢婷婷 {PHONE}").name == "谢婷婷"


def test_who_else_may_take_it_is_no_part_of_a_name() -> None:
    found = split(f"林阿婆（女儿小红代收）{PHONE} {WHERE}")
    assert found.name == "林阿婆"
    assert "name" in found.unsure


def test_a_city_without_a_county_says_where_to_go_on_choosing() -> None:
    found = split("王伟 13912345678 厦门市软件园二期观日路12号")
    assert (found.county, found.within, found.choices) == ("", "350200", ())


@pytest.mark.parametrize(
    ("pasted", "unsure"),
    [
        ("林小梅 13805915678 福建省福州市鼓楼区古田路5号", ()),
        ("林小梅 福建省福州市鼓楼区古田路5号", ("phone",)),
        ("林小梅 13805915678 13905915678 福建省福州市鼓楼区古田路5号", ("phone",)),
        ("福建省福州市鼓楼区古田路5号13805915678", ("name",)),
        ("林小梅 13805915678 福州鼓楼五四路128号", ("county",)),
        ("林小梅 13805915678 福建省福州市鼓楼区", ("street",)),
        ("今天天气很好", ("name", "phone", "county")),
        ("", ("name", "phone", "county", "street")),
    ],
)
def test_what_is_missing_or_a_guess_is_named(pasted: str, unsure: tuple[str, ...]) -> None:
    assert split(pasted).unsure == unsure


def test_an_identity_number_pasted_by_mistake_goes_nowhere() -> None:
    found = split("林小梅 35010219490312123X 13805915678 福建省福州市鼓楼区古田路5号")
    assert found == Pasted("林小梅", "13805915678", "350102", "古田路5号", within="350102")


def test_no_phone_number_stays_in_a_street() -> None:
    for row in _corpus():
        street = split(row.pasted).street
        assert not row.phone or row.phone not in street, row.pasted


PIECES = st.sampled_from(
    ["福建省", "福州", "鼓楼区", "县", "林小梅", "收件人", "：", "13805915678", "+86", "东街88号",
     "\n", " ", "，", "(", "省直辖县级行政区划", "中国", "0591-", "Name:", "\u200b", "𠮷"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=2 * PASTED_CHARS_MAX))
def test_nothing_that_is_pasted_breaks_it(pasted: str) -> None:
    found = split(pasted)
    divisions = load_bundle().divisions
    assert len(found.choices) <= CHOICES_MAX
    assert all(getattr(found, field) or field in found.unsure for field in FIELDS)
    for code in (found.county, *found.choices):
        assert not code or divisions.valid(f"{code[:2]}0000", f"{code[:4]}00", code)
