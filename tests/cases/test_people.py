from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.people import (
    PERSON_DOCUMENTS,
    BadField,
    DocumentKind,
    birth_date,
    check_document,
    check_name,
    check_phone,
    credit_check_character,
    id_check_character,
    is_female,
    last_four,
)

ID = DocumentKind.RESIDENT_ID
TODAY = date(2026, 11, 22)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def numbered(county: str, born: str = "19491231", serial: str = "002") -> str:
    first = county + born + serial
    return first + id_check_character(first)


resident_ids = st.builds(
    lambda county, born, serial: numbered(str(county), f"{born:%Y%m%d}", f"{serial:03d}"),
    st.integers(110000, 839999),
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.integers(0, 999),
)


def test_the_example_of_the_standard_holds() -> None:
    assert check_document(ID, "11010519491231002X") == "11010519491231002X"
    assert check_document(ID, "440524188001010014") == "440524188001010014"


@pytest.mark.parametrize("county", ["350112", "350182", "659011", "810000", "820000", "830000"])
def test_nobody_is_rejected_for_the_code_of_their_county(county: str) -> None:
    number = numbered(county)
    assert check_document(ID, number, today=TODAY) == number


@given(resident_ids)
def test_an_id_is_understood_however_it_is_typed(number: str) -> None:
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in number)
    spaced = f" {number[:6]} {number[6:14]}-{number[14:].lower()}\u200b"
    assert check_document(ID, full_width) == number
    assert check_document(ID, spaced) == number


@given(resident_ids, st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_of_an_id_is_noticed(number: str, place: int, shift: int) -> None:
    wrong = str((int(number[place]) + shift) % 10)
    with pytest.raises(BadField) as caught:
        check_document(ID, number[:place] + wrong + number[place + 1 :])
    assert caught.value.field == "document_number"


@given(resident_ids, st.integers(0, 15))
def test_two_swapped_digits_of_an_id_are_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(BadField):
            check_document(ID, swapped)


def test_birth_date_and_sex_are_read_from_an_id() -> None:
    assert birth_date("11010519491231002X") == date(1949, 12, 31)
    assert is_female("11010519491231002X")
    assert not is_female(numbered("350102", "19800229", "011"))


@pytest.mark.parametrize(
    ("text", "says_zh", "says_en"),
    [
        ("", "还没有填居民身份证号码", "fill in"),
        ("350102800101001", "15 位的旧号码", "old 15-digit"),
        ("1101051949123100", "现在是 16 位", "here are 16"),
        ("1101051949123100AX", "前 17 位应为数字", "17 digits"),
        ("110105194912310021", "逐位核对", "digit by digit"),
        (numbered("350102", "19490229"), "19490229 不存在", "19490229"),
        (numbered("350102", "20261123"), "20261123 不可能", "cannot be"),
        (numbered("350102", "18500101"), "18500101 不可能", "cannot be"),
        (numbered("911840"), "改选证件类型", "choose"),
        ("9" * 101, "太长", "too long"),
    ],
)
def test_a_wrong_id_says_what_is_wrong(text: str, says_zh: str, says_en: str) -> None:
    with pytest.raises(BadField) as caught:
        check_document(ID, text, field="agent_number", today=TODAY)
    assert caught.value.field == "agent_number"
    assert says_zh in caught.value.message_zh
    assert says_en in caught.value.message_en


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [
        (DocumentKind.HK_MACAO_PERMIT, "h 1234 5678", "H12345678"),
        (DocumentKind.HK_MACAO_PERMIT, "M1234567801", "M1234567801"),
        (DocumentKind.TAIWAN_PERMIT, "０１２３４５６７", "01234567"),
        (DocumentKind.FOREIGN_RESIDENT, "usa110090010101", "USA110090010101"),
        (DocumentKind.FOREIGN_RESIDENT, numbered("911840"), numbered("911840")),
        (DocumentKind.PASSPORT, "e12345678", "E12345678"),
        (DocumentKind.PASSPORT, "C01X0-0T47", "C01X00T47"),
        (DocumentKind.HK_MACAO_TAIWAN_RESIDENCE, numbered("830000"), numbered("830000")),
        (DocumentKind.CREDIT_CODE, "91350100m000100y43", "91350100M000100Y43"),
    ],
)
def test_each_document_is_checked_by_its_own_rule(
    kind: DocumentKind, text: str, stored: str
) -> None:
    assert check_document(kind, text, today=TODAY) == stored


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (DocumentKind.HK_MACAO_PERMIT, "A12345678"),
        (DocumentKind.HK_MACAO_PERMIT, "H1234567"),
        (DocumentKind.TAIWAN_PERMIT, "1234567"),
        (DocumentKind.FOREIGN_RESIDENT, "US1100900101012"),
        (DocumentKind.FOREIGN_RESIDENT, numbered("811840")),
        (DocumentKind.FOREIGN_RESIDENT, numbered("911840")[:-1] + "Q"),
        (DocumentKind.PASSPORT, "E123"),
        (DocumentKind.PASSPORT, "ABCDEFGH"),
        (DocumentKind.PASSPORT, "E1234/678"),
        (DocumentKind.HK_MACAO_TAIWAN_RESIDENCE, numbered("350102")),
        (DocumentKind.CREDIT_CODE, "91350100M000100Y44"),
        (DocumentKind.CREDIT_CODE, "91350100I000100Y43"),
        (DocumentKind.CREDIT_CODE, "350100100012345"),
        (DocumentKind.CREDIT_CODE, "91350100"),
    ],
)
def test_a_number_of_another_form_is_refused_with_words(kind: DocumentKind, text: str) -> None:
    with pytest.raises(BadField) as caught:
        check_document(kind, text)
    assert caught.value.message_zh.endswith("。")
    assert caught.value.message_en


@given(st.text(CREDIT_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_any_single_wrong_character_of_a_credit_code_is_noticed(
    first: str, place: int, data: st.DataObject
) -> None:
    code = first + credit_check_character(first)
    assert check_document(DocumentKind.CREDIT_CODE, code.lower()) == code
    wrong = data.draw(st.sampled_from([c for c in CREDIT_ALPHABET if c != code[place]]))
    with pytest.raises(BadField):
        check_document(DocumentKind.CREDIT_CODE, code[:place] + wrong + code[place + 1 :])


def test_real_credit_codes_hold() -> None:
    for code in ("91110000600037341L", "914403001922038216", "9144030071526726XG"):
        assert check_document(DocumentKind.CREDIT_CODE, code) == code


def test_every_kind_has_its_names_and_only_one_is_of_organisations() -> None:
    assert all(kind.zh and kind.en for kind in DocumentKind)
    assert set(DocumentKind) - set(PERSON_DOCUMENTS) == {DocumentKind.CREDIT_CODE}


@given(st.sampled_from(DocumentKind), st.text(max_size=110))
def test_no_text_breaks_the_check_of_a_document(kind: DocumentKind, text: str) -> None:
    try:
        stored = check_document(kind, text, today=TODAY)
    except BadField as bad:
        says = bad.message_zh
    else:
        assert check_document(kind, stored, today=TODAY) == stored
        return
    assert says


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("13805911234", "13805911234"),
        ("138 0591 1234", "13805911234"),
        ("１３８－０５９１－１２３４", "13805911234"),
        ("+86 138-0591-1234", "13805911234"),
        ("0086 13805911234", "13805911234"),
        ("8613805911234", "13805911234"),
        ("1380591-1234", "13805911234"),
        ("19905911234", "19905911234"),
        ("0591-87654321", "0591-87654321"),
        ("(0591)87654321", "0591-87654321"),
        ("（０５９１）8765 4321", "0591-87654321"),
        ("+86 591 87654321", "0591-87654321"),
        ("+86 10 66554433", "010-66554433"),
        ("010-66554433", "010-66554433"),
        ("0591-87654321-801", "0591-87654321转801"),
        ("059187654321 转 801", "0591-87654321转801"),
        ("+852 9123 4567", "+852 91234567"),
        ("00852-91234567", "+852 91234567"),
        ("85291234567", "+852 91234567"),
        ("+853 66123456", "+853 66123456"),
        ("+886 0912 345 678", "+886 912345678"),
        ("+886-2-23456789", "+886 223456789"),
    ],
)
def test_a_phone_number_is_stored_in_one_form(text: str, stored: str) -> None:
    assert check_phone(text) == stored
    assert check_phone(stored) == stored


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "还没有填电话"),
        ("1380591123", "现在是 10 位"),
        ("138059112345", "现在是 12 位"),
        ("87654321", "加上区号"),
        ("12345678901", "电话号码不对"),
        ("+1 415 555 0100", "境外号码不对"),
        ("+852 12345678", "境外号码不对"),
        ("电话", "电话号码不对"),
        ("13805911234转5", "电话号码不对"),
        ("1" * 101, "太长"),
    ],
)
def test_a_wrong_phone_number_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadField) as caught:
        check_phone(text, field="agent_phone")
    assert caught.value.field == "agent_phone"
    assert says in caught.value.message_zh


@given(st.text(max_size=120))
def test_no_text_breaks_the_check_of_a_phone_number(text: str) -> None:
    try:
        stored = check_phone(text)
    except BadField:
        return
    assert check_phone(stored) == stored


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("林梅", "林梅"),
        (" 林　梅 ", "林梅"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提 ． 吐尔逊", "买买提·吐尔逊"),
        ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("买买提・吐尔逊", "买买提·吐尔逊"),
        ("𠮷田䶮㛃龘", "𠮷田䶮㛃龘"),
        ("\U00031350", "\U00031350"),
        ("José  O'Brien-Smith Jr.", "José O'Brien-Smith Jr."),
        ("Jose\u0301", "José"),
        ("ＬＩＮ Mei", "LIN Mei"),
        ("Иван Петров", "Иван Петров"),
        ("福州市某某（集团）有限公司", "福州市某某（集团）有限公司"),
        ("林\u200b梅", "林梅"),
        ("〇一", "〇一"),
    ],
)
def test_a_name_is_kept_as_it_is_written(text: str, stored: str) -> None:
    assert check_name(text) == stored
    assert check_name(stored) == stored


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "还没有填"),
        ("   ", "还没有填"),
        ("林\x00梅", "U+0000"),
        ("林\ue000", "U+E000"),
        ("林\ud800", "U+D800"),
        ("林😀", "U+1F600"),
        ("<b>林", "“<”"),
        ("12345", "要有文字"),
        ("林" * 61, "有 61 个字"),
        ("林" * 10_000, "太长"),
    ],
)
def test_what_is_no_name_says_why(text: str, says: str) -> None:
    with pytest.raises(BadField) as caught:
        check_name(text)
    assert says in caught.value.message_zh
    assert caught.value.message_en


@given(st.text(max_size=70))
def test_a_name_that_passes_passes_again_unchanged(text: str) -> None:
    try:
        stored = check_name(text)
    except BadField:
        return
    assert check_name(stored) == stored
    assert 1 <= len(stored) <= 60
    assert stored.encode()


def test_the_last_four_are_compared_in_one_form() -> None:
    assert last_four("11010519491231002x") == "002X"
    assert last_four("０５９１-8765 43 21") == "4321"
    assert last_four("12") == "12"
    assert last_four("姓名") == ""
