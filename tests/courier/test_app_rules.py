"""Whose a parcel is and what may be reported of it, as plain values."""

from __future__ import annotations

import pytest

from cases.fields import BadField
from courier.desk import MemoryDesk
from courier.parcels import (
    Hands,
    Report,
    Said,
    Standing,
    Why,
    check_next,
    check_op,
    check_when,
    choices,
    counted,
    dialable,
    done_by,
    facts,
    holder,
    refusal,
    standing,
)
from courier.proofs import may_receive
from tests.courier.app_cast import HUA, MENG, NOW, OFFICE, Clock, make_desk, number, pack

OP = "0123456789abcdef0123456789abcde"


@pytest.fixture
def desk() -> MemoryDesk:
    desk = make_desk(Clock())
    pack(desk, 1)
    return desk


def tell(desk: MemoryDesk, report: Report, courier: str, op: str, **more: object) -> None:
    """State a report as the fold gets it, entitled or not."""
    data = {"op": OP + op, "when": NOW, **more}
    desk.state(report.value, number(1), data, author="central.mem00001", actor=courier)


def at(desk: MemoryDesk, courier: str) -> Standing:
    parcel = desk.parcel(number(1))
    assert parcel
    return standing(parcel, courier)


def may(desk: MemoryDesk, courier: str) -> tuple[Report, ...]:
    parcel = desk.parcel(number(1))
    assert parcel
    return choices(parcel, courier)


def test_a_packed_parcel_waits_for_any_courier(desk: MemoryDesk) -> None:
    assert at(desk, MENG) is at(desk, HUA) is Standing.FREE
    assert may(desk, MENG) == (Report.TAKEN_OVER,)


def test_only_who_took_it_over_may_say_what_became_of_it(desk: MemoryDesk) -> None:
    tell(desk, Report.TAKEN_OVER, MENG, "1")
    out = (Report.OUT, Report.DELIVERED, Report.FAILED, Report.RETURNED)
    assert may(desk, MENG) == out
    assert (at(desk, HUA), may(desk, HUA)) == (Standing.ANOTHERS, ())
    parcel = desk.parcel(number(1))
    assert parcel
    assert "另一位快递员" in refusal(parcel, Report.DELIVERED, HUA)
    assert "不用再揽收" in refusal(parcel, Report.TAKEN_OVER, MENG)
    assert refusal(parcel, Report.DELIVERED, MENG) == ""


def test_after_a_failed_delivery_another_courier_may_take_it_over(desk: MemoryDesk) -> None:
    tell(desk, Report.TAKEN_OVER, MENG, "1")
    tell(desk, Report.FAILED, MENG, "2", why="nobody_home")
    assert at(desk, MENG) is Standing.MINE
    assert (at(desk, HUA), may(desk, HUA)) == (Standing.LEFT, (Report.TAKEN_OVER,))
    tell(desk, Report.TAKEN_OVER, HUA, "3")
    assert (at(desk, MENG), at(desk, HUA)) == (Standing.ANOTHERS, Standing.MINE)


def test_a_repeated_report_gives_the_parcel_back_to_nobody(desk: MemoryDesk) -> None:
    tell(desk, Report.TAKEN_OVER, MENG, "1")
    tell(desk, Report.FAILED, MENG, "2", why="nobody_home")
    tell(desk, Report.TAKEN_OVER, HUA, "3")
    tell(desk, Report.TAKEN_OVER, MENG, "1")
    parcel = desk.parcel(number(1))
    assert parcel
    assert holder(parcel) == HUA
    assert len(list(counted(parcel))) == 3


def test_two_couriers_at_once_leave_the_parcel_with_the_first(desk: MemoryDesk) -> None:
    tell(desk, Report.TAKEN_OVER, MENG, "1")
    tell(desk, Report.TAKEN_OVER, HUA, "2")
    parcel = desk.parcel(number(1))
    assert parcel
    assert holder(parcel) == MENG
    assert [step.actor for step in parcel.set_aside] == [HUA]


def test_what_cannot_be_delivered_is_offered_to_be_taken_back_first(desk: MemoryDesk) -> None:
    tell(desk, Report.TAKEN_OVER, MENG, "1")
    tell(desk, Report.FAILED, MENG, "2", why=Why.REFUSED.value)
    assert may(desk, MENG)[0] is Report.RETURNED


@pytest.mark.parametrize(
    ("end", "more"), [(Report.DELIVERED, {"to": "self"}), (Report.RETURNED, {})]
)
def test_an_ended_way_is_nobody_s_any_more(
    desk: MemoryDesk, end: Report, more: dict[str, str]
) -> None:
    tell(desk, Report.TAKEN_OVER, MENG, "1")
    tell(desk, end, MENG, "2", **more)
    parcel = desk.parcel(number(1))
    assert parcel
    assert (holder(parcel), done_by(parcel)) == ("", MENG)
    assert standing(parcel, MENG) is Standing.OVER
    assert refusal(parcel, Report.FAILED, MENG).endswith("不能再报。")


def test_a_cancelled_parcel_says_where_it_belongs(desk: MemoryDesk) -> None:
    desk.state("parcel.cancelled", number(1), {}, author="350102004001.k3f9", actor="s-m1")
    parcel = desk.parcel(number(1))
    assert parcel
    assert "取消交寄" in refusal(parcel, Report.TAKEN_OVER, MENG)


def test_at_a_point_its_staff_take_parcels_and_at_a_home_never_they(desk: MemoryDesk) -> None:
    pack(desk, 2, OFFICE, to_point="350102000000")
    home, office = desk.parcel(number(1)), desk.parcel(number(2))
    assert home
    assert office
    assert may_receive(office) == (Hands.POINT,)
    assert Hands.POINT not in may_receive(home)
    assert may_receive(home)[0] is Hands.SELF


def test_names_and_free_words_of_a_report_are_sealed_and_codes_are_open() -> None:
    said = Said(Report.DELIVERED, OP + "1", NOW, to=Hands.NEIGHBOUR, receiver="郑阿姨")
    assert facts(said) == (
        {"op": OP + "1", "when": NOW, "to": "neighbour"},
        {"receiver": "郑阿姨"},
    )
    bare = Said(Report.TAKEN_OVER, OP + "1", NOW)
    assert facts(bare) == ({"op": OP + "1", "when": NOW}, {})


@pytest.mark.parametrize("op", ["", "x", OP, OP + "G", OP + "12", OP + "1\n"])
def test_an_operation_of_another_form_is_refused(op: str) -> None:
    with pytest.raises(BadField):
        check_op(op)


def test_a_phone_says_when_it_happened_within_reason() -> None:
    assert check_when("", NOW) == NOW
    assert check_when("2026-11-22T20:00:00Z", NOW) == "2026-11-22T20:00:00Z"
    assert check_when("2026-11-23T01:33:00Z", NOW) == NOW  # a clock a little fast
    for wrong in ("2026-11-23T03:00:00Z", "2026-01-01T00:00:00Z", "yesterday", "2026-11-23"):
        with pytest.raises(BadField):
            check_when(wrong, NOW)


def test_the_next_attempt_is_within_a_week() -> None:
    assert check_next("", NOW) is None
    assert str(check_next("2026-11-24", NOW)) == "2026-11-24"
    for wrong in ("2026-11-22", "2026-12-24", "tomorrow"):
        with pytest.raises(BadField):
            check_next(wrong, NOW)


@pytest.mark.parametrize(
    ("phone", "tel"),
    [
        ("13805911234", "13805911234"),
        ("0591-87654321", "059187654321"),
        ("0591-87654321转801", "059187654321,801"),
        ("+852 91234567", "+85291234567"),
        ("", ""),
    ],
)
def test_a_phone_number_can_be_dialled(phone: str, tel: str) -> None:
    assert dialable(phone) == tel
