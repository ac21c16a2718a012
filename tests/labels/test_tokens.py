"""QR tokens: what was printed comes back, and nothing else is believed."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.numbers import case_number, manifest_number, parcel_number, visit_number
from labels.tokens import (
    Altered,
    Expired,
    NotAToken,
    Purpose,
    Token,
    TokenError,
    WrongPurpose,
    delivery_code,
    expect,
    mint,
    point_key,
    read,
    token_in,
    url,
)

MASTER = b"a master key only central holds."
TODAY = date(2026, 11, 22)
LATER = TODAY + timedelta(days=400)
CASE = case_number(17, TODAY, 42)
PARCEL = parcel_number(17, TODAY, 42)
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
NUMBERS = {
    Purpose.RECEIPT: case_number,
    Purpose.WAYBILL: parcel_number,
    Purpose.MANIFEST: manifest_number,
    Purpose.HOME: visit_number,
}
QR_ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")

points = st.integers(1, 999)
days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
serials = st.integers(0, 9999)
suffixes = st.one_of(
    st.just(""), st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=4, max_size=4)
)


def keys(point: int) -> bytes:
    return point_key(MASTER, point)


def receipt(target: str = CASE, expires: date = LATER) -> str:
    return mint(keys(17), Purpose.RECEIPT, target, expires)


@st.composite
def subjects(draw: st.DrawFn) -> tuple[int, Purpose, str]:
    point, purpose = draw(points), draw(st.sampled_from(Purpose))
    if purpose is Purpose.POSTER:
        return point, purpose, f"{point:03d}"
    number = NUMBERS[purpose]
    return point, purpose, number(point, draw(days), draw(serials), draw(suffixes))


@given(subjects(), st.integers(0, 3000))
def test_what_was_minted_is_read_back(subject: tuple[int, Purpose, str], days_valid: int) -> None:
    point, purpose, target = subject
    expires = TODAY + timedelta(days=days_valid)
    token = mint(keys(point), purpose, target, expires)
    found = read(token, TODAY, keys)
    assert (found.purpose, found.target, found.point) == (purpose, target, point)
    assert expires <= found.expires < expires + timedelta(days=7)
    assert len(token) == 32
    assert set(token) <= set(BASE32)


@given(subjects(), st.integers(0, 31), st.sampled_from(BASE32))
def test_any_altered_character_is_refused(
    subject: tuple[int, Purpose, str], place: int, character: str
) -> None:
    point, purpose, target = subject
    token = mint(keys(point), purpose, target, LATER)
    altered = token[:place] + character + token[place + 1 :]
    if altered != token:
        with pytest.raises((Altered, NotAToken)):
            read(altered, TODAY, keys)


@given(st.text(max_size=60))
def test_no_text_whatever_is_taken_for_a_token(text: str) -> None:
    with pytest.raises(TokenError):
        read(text, TODAY, keys)


@given(points, points)
def test_one_points_key_cannot_speak_for_another(signer: int, named: int) -> None:
    token = mint(keys(signer), Purpose.POSTER, f"{named:03d}", LATER)
    if signer == named:
        assert read(token, TODAY, keys).point == named
    else:
        with pytest.raises(Altered):
            read(token, TODAY, keys)


def test_a_point_nobody_knows_is_refused() -> None:
    with pytest.raises(Altered):
        read(receipt(), TODAY, lambda point: None)


def test_a_token_is_valid_through_its_last_day_and_not_a_day_longer() -> None:
    last = read(receipt(), TODAY, keys).expires
    assert read(receipt(), last, keys).target == CASE
    with pytest.raises(Expired, match=CASE):
        read(receipt(), last + timedelta(days=1), keys)


def test_a_forged_expired_token_is_called_altered_not_expired() -> None:
    token = mint(keys(18), Purpose.RECEIPT, CASE, date(2021, 1, 1))
    with pytest.raises(Altered):
        read(token, TODAY, keys)


def test_a_waybill_is_not_taken_for_a_receipt() -> None:
    token = read(mint(keys(17), Purpose.WAYBILL, PARCEL, LATER), TODAY, keys)
    assert expect(token, Purpose.WAYBILL) is token
    with pytest.raises(WrongPurpose, match=PARCEL):
        expect(token, Purpose.RECEIPT)


@pytest.mark.parametrize(
    ("purpose", "target"),
    [
        (Purpose.RECEIPT, PARCEL),
        (Purpose.WAYBILL, CASE),
        (Purpose.MANIFEST, PARCEL),
        (Purpose.WAYBILL, manifest_number(17, TODAY, 42)),
        (Purpose.RECEIPT, visit_number(17, TODAY, 42)),
        (Purpose.POSTER, CASE),
        (Purpose.POSTER, "000"),
        (Purpose.POSTER, "17"),
        (Purpose.POSTER, "０１７"),
        (Purpose.RECEIPT, "017"),
        (Purpose.RECEIPT, CASE.lower()),
        (Purpose.RECEIPT, CASE[:-1] + ("A" if CASE[-1] != "A" else "B")),
    ],
)
def test_a_target_that_does_not_fit_its_purpose_is_not_minted(
    purpose: Purpose, target: str
) -> None:
    with pytest.raises(ValueError, match=r"cannot be on|three digits"):
        mint(keys(17), purpose, target, LATER)


def test_a_continued_stores_number_keeps_its_suffix() -> None:
    target = case_number(17, TODAY, 42, "k3f9")
    assert "K3F90042" in target
    assert read(receipt(target), TODAY, keys).target == target


def test_a_person_may_type_it_in_lower_case_with_look_alikes() -> None:
    token = receipt()
    typed = token.lower().replace("o", "0").replace("i", "1").replace("b", "8")
    assert read(f"  {typed}\n", TODAY, keys) == read(token, TODAY, keys)


@pytest.mark.parametrize("letter", ["ſ", "ａ", "ß", "=", "9", " "])
def test_letters_that_only_resemble_ours_are_refused(letter: str) -> None:
    with pytest.raises(NotAToken):
        read(letter + receipt()[1:], TODAY, keys)


def test_the_address_of_a_receipt_is_small_enough_for_a_coarse_code() -> None:
    address = url("http://192.168.117.110:8080", receipt())
    assert address == f"HTTP://192.168.117.110:8080/T/{receipt()}"
    assert set(address) <= QR_ALPHANUMERIC
    assert len(address) <= 90  # what version 4-M holds in alphanumeric mode


def test_a_waybills_address_has_its_own_door() -> None:
    token = mint(keys(17), Purpose.WAYBILL, PARCEL, LATER)
    assert url("https://door.example/", token) == f"HTTPS://DOOR.EXAMPLE/W/{token}"


def test_a_manifest_has_the_couriers_door_and_is_not_taken_for_a_waybill() -> None:
    number = manifest_number(17, TODAY, 42)
    token = mint(keys(17), Purpose.MANIFEST, number, LATER)
    assert url("https://door.example", token) == f"HTTPS://DOOR.EXAMPLE/W/{token}"
    found = read(token, TODAY, keys)
    assert (found.target, found.purpose) == (number, Purpose.MANIFEST)
    with pytest.raises(WrongPurpose, match=number):
        expect(found, Purpose.WAYBILL)


def test_a_path_keeps_its_case() -> None:
    assert url("https://a.example/jiamenkou", receipt()) == (
        f"HTTPS://A.EXAMPLE/jiamenkou/T/{receipt()}"
    )


@pytest.mark.parametrize("base", ["", "door.example", "ftp://a", "http://", "http://a?b=c"])
def test_a_base_that_is_no_web_address_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        url(base, receipt())


def test_the_token_is_found_in_what_a_scanner_typed() -> None:
    token = receipt()
    assert token_in(url("http://a:1", token) + "\r\n") == token
    assert token_in(f" {token} ") == token


def test_a_master_key_too_short_to_protect_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        point_key(b"short", 17)
    with pytest.raises(ValueError, match="between 1 and 999"):
        point_key(MASTER, 1000)


def test_tokens_of_different_cases_differ() -> None:
    sample = {receipt(case_number(17, TODAY, serial)) for serial in range(200)}
    assert len(sample) == 200
    assert isinstance(read(sample.pop(), TODAY, keys), Token)


@given(st.binary(min_size=16, max_size=32), st.integers(1, 9999))
def test_a_delivery_code_is_four_digits_that_the_key_and_the_case_alone_decide(
    key: bytes, serial: int
) -> None:
    number = case_number(17, date(2026, 11, 22), serial)
    code = delivery_code(key, number)
    assert re.fullmatch("[0-9]{4}", code)
    assert delivery_code(key, number) == code
    with pytest.raises(ValueError, match="bytes"):
        delivery_code(key[:15], number)


def test_delivery_codes_are_spread_and_no_point_can_tell_another_s() -> None:
    numbers = [case_number(17, date(2026, 11, 22), n) for n in range(1, 2001)]
    ours = [delivery_code(keys(17), number) for number in numbers]
    theirs = [delivery_code(keys(18), number) for number in numbers]
    assert len(set(ours)) > 1_700
    assert sum(a == b for a, b in zip(ours, theirs, strict=True)) < 5
