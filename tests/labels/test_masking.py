"""What a stranger may read of a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.masking import mask_address, mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("林小梅", "林*梅"),
        ("李四", "李*"),
        ("林", "*"),
        ("", ""),
        ("欧阳小梅", "欧**梅"),
        ("𠮷田", "𠮷*"),
        ("葛\U000e0100小梅", "葛\U000e0100*梅"),
        ("买买提·吐尔逊", "买**·**逊"),
        ("Mary Smith", "M*** ****h"),
    ],
)
def test_a_name_keeps_its_ends(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_phone_on_a_screen_keeps_its_ends() -> None:
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("0591-8765 4321") == "0591****4321"
    assert mask_phone("１３８１２３４５６７８") == "138****5678"


@given(st.text("0123456789 -+", max_size=24))
def test_a_phone_on_paper_hides_six_digits_and_its_last_four(phone: str) -> None:
    digits = "".join(sign for sign in phone if sign.isdigit())
    masked = mask_phone(phone, paper=True)
    assert masked.count("*") >= min(6, len(digits))
    assert len(masked) == len(digits)
    assert "*" in masked[-4:] or not digits


def test_an_id_number_shows_no_birth_date_and_not_its_last_four() -> None:
    assert mask_id("350102194903121234") == "350***************"
    assert mask_id("H12345678") == "H12******"
    assert mask_id("") == ""


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("福建省福州市鼓楼区军门社区12号楼3单元502室", "福建省福州市鼓楼区军门社区12号楼***"),
        ("东大路36号", "东大路36号"),
        ("东大路36号502", "东大路36号***"),
        ("东大路３６号５０２", "东大路36号***"),
        ("五四路东街新村3座401", "五四路东街新村3座***"),
        ("中山大厦A座B1203", "中山大厦A座***"),
        ("中山大厦18楼1801", "中山大厦***"),
        ("南后街一号院三单元五〇二", "南后街一号院***"),
        ("甘洪路1号3号楼402", "甘洪路1号3号楼***"),
        ("军门社区3栋1-502 林小梅13812345678", "军门社区3栋***"),
        ("琴亭花园5#502", "琴亭花园***"),
        ("八一七路123弄4号5室", "八一七路123弄4号***"),
        ("津泰路99号二楼", "津泰路99号***"),
        ("电话13812345678东大路36号", "电话***********东大路36号"),
        ("贞丰县百层镇5号", "贞丰县百层镇5号"),
        ("三坊七巷衣锦坊二号", "三坊七巷衣锦坊二号"),
        ("", ""),
    ],
)
def test_an_address_hides_the_room_and_keeps_the_building(address: str, masked: str) -> None:
    assert mask_address(address) == masked


@given(st.integers(1, 99), st.integers(1, 9), st.integers(101, 3999))
def test_no_usual_way_of_writing_a_room_shows_it(house: int, unit: int, room: int) -> None:
    for text in (
        f"东大路{house}号{unit}单元{room}室",
        f"东大路{house}号{unit}-{room}",
        f"军门社区{house}号楼{room}",
        f"军门社区{house}栋{unit}单元{room}",
        f"军门社区{house}幢 {room}",
        f"军门花园{house}座{room}房",
    ):
        masked = mask_address(text)
        assert masked.endswith("***")
        assert masked.startswith(("东大路", "军门"))
        assert str(room) not in masked
