"""An identity card as readers give it: any order, any separator, and nothing taken on trust."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.card import BadCard, Card, NoCard, card_of_answer, card_of_line, facts_of
from cases.documents import DocumentKind, id_check_character

TODAY = date(2026, 11, 23)
ID = "11010519491231002X"
CARD = Card(DocumentKind.RESIDENT_ID, ID, "林小梅")


@pytest.mark.parametrize(
    "line",
    [
        f"林小梅|女|汉|19491231|福建省福州市鼓楼区军门新村 1 号|{ID}|福州市公安局",
        f"{ID}|林小梅",
        f"林小梅,{ID}",
        f"林小梅；{ID.lower()}；女",
        f"{ID}\t林小梅\t",
        f"林小梅{ID}",
        f" 林小梅 ^ {ID} \r\n",
        "林小梅｜１１０１０５１９４９１２３１００２Ｘ",
    ],
)
def test_a_line_is_read_whatever_its_order_and_separator(line: str) -> None:
    assert card_of_line(line, TODAY) == CARD


def test_a_number_alone_is_a_card_without_a_name() -> None:
    assert card_of_line(ID, TODAY) == Card(DocumentKind.RESIDENT_ID, ID)


@pytest.mark.parametrize(
    "line",
    ["", "林小梅", "110105194912310021", "13805911234", f"{ID}9", "1" * 5000, "110105299912310020"],
)
def test_what_is_no_card_is_left_alone(line: str) -> None:
    assert card_of_line(line, TODAY) is None


def test_a_permit_and_a_foreigners_card_are_told_apart_by_their_numbers() -> None:
    permit = "81000019900101001"
    found = card_of_line(permit + id_check_character(permit), TODAY)
    assert found is not None
    assert found.kind is DocumentKind.HK_MACAO_TAIWAN_RESIDENCE
    foreign = "91112319900101001"
    found = card_of_line(foreign + id_check_character(foreign), TODAY)
    assert found is not None
    assert found.kind is DocumentKind.FOREIGN_RESIDENT


@given(st.text(max_size=60), st.sampled_from("|,;^"), st.text(max_size=60))
def test_any_line_is_read_or_left_and_never_breaks(before: str, mark: str, after: str) -> None:
    found = card_of_line(f"{before}{mark}{after}", TODAY)
    assert found is None or id_check_character(found.number[:17]) == found.number[17]


def test_a_programs_answer_is_read_where_its_fields_stand() -> None:
    answer = {"code": 0, "data": {"idnum": ID.lower(), "xm": " 林 小梅 ", "photo": "…"}}
    assert card_of_answer(answer, "data.idnum", "data.xm", TODAY) == CARD


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "idnum", "xm", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json)
def test_any_answer_at_all_is_a_card_or_refused(answer: Any) -> None:
    with suppress(NoCard, BadCard):
        found = card_of_answer(answer, "data.idnum", "data.xm", TODAY)
        assert id_check_character(found.number[:17]) == found.number[17]


def test_a_number_with_a_wrong_check_character_is_refused() -> None:
    with pytest.raises(BadCard, match="号码不对"):
        card_of_answer({"id": "110105194912310021", "n": "林小梅"}, "id", "n", TODAY)
    with pytest.raises(NoCard, match="没有放卡"):
        card_of_answer({"id": "", "n": ""}, "id", "n", TODAY)


def test_a_name_that_cannot_be_one_is_left_for_the_clerk() -> None:
    assert card_of_answer({"id": ID, "n": "<b>"}, "id", "n", TODAY).name == ""


def test_a_number_says_birth_sex_and_age_by_itself() -> None:
    facts = facts_of("resident_id", ID, TODAY)
    assert facts is not None
    assert facts.zh == "女，1949年12月31日出生，76 周岁"
    assert facts_of("resident_id", ID, date(2026, 12, 31)).age == 77  # type: ignore[union-attr]
    for kind, text in (("resident_id", ID[:-1]), ("passport", "E12345678"), ("", ID), ("x", ID)):
        assert facts_of(kind, text, TODAY) is None
