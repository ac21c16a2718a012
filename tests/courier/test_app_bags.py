"""A point's whole bag taken over with one press, and all in hand taken out with another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import pytest
from flask import Flask

from cases.manifests import differences
from cases.numbers import manifest_number
from cases.states import ParcelState
from courier.desk import MemoryDesk, NotRecorded
from courier.parcels import Report, Said, holder
from labels.tokens import Purpose, mint, point_key
from tests.courier.app_cast import (
    DAY,
    HUA,
    MASTER,
    MENG,
    POINT,
    Clock,
    Phone,
    make_desk,
    number,
    pack,
    token,
    tracking,
)

BAG = manifest_number(17, DAY, 1)
OTHER_BAG = manifest_number(17, DAY, 2)
PAGE = f"/courier/bags/{BAG}"
OP = "c" * 32
JSON = {"Accept": "application/json"}


class ShakyDesk(MemoryDesk):
    """A desk whose line breaks after so many reports."""

    left = 99

    def report(self, number: str, said: Said, courier: str) -> None:
        if self.left == 0:
            raise NotRecorded
        self.left -= 1
        super().report(number, said, courier)


@pytest.fixture
def desk(clock: Clock) -> ShakyDesk:
    """Four parcels on one manifest, and one on none."""
    desk = ShakyDesk(clock, MASTER)
    desk.senders = make_desk(clock).senders
    for serial in (1, 2, 3, 4, 9):
        pack(desk, serial)
    enlist(desk, BAG, (1, 2, 3, 4))
    return desk


def enlist(desk: MemoryDesk, manifest: str, serials: Sequence[int]) -> None:
    for serial in serials:
        data = {"manifest": manifest}
        desk.state("parcel.listed", number(serial), data, author=POINT, actor="s-m1")


def code(manifest: str = BAG, expires: date = date(2026, 12, 1), master: bytes = MASTER) -> str:
    return mint(point_key(master, 17), Purpose.MANIFEST, manifest, expires)


def scan(phone: Phone, manifest: str = BAG) -> str:
    return phone.get(f"/W/{code(manifest)}", follow_redirects=True).text


def sign(phone: Phone, serials: Sequence[int], count: int = -1, op: str = OP) -> str:
    """Send the manifest's form with these parcels ticked. :returns: the page that answers."""
    ticked = [number(serial) for serial in serials]
    typed = {"op": op, "parcel": ticked, "count": str(len(ticked) if count < 0 else count)}
    return phone.post(PAGE, typed, follow_redirects=True).text


def states(desk: MemoryDesk, *serials: int) -> list[str]:
    found = [desk.parcel(number(serial)) for serial in serials]
    return [parcel.state.value for parcel in found if parcel]


def test_one_scan_shows_the_list_with_everything_ticked_and_no_room(meng: Phone) -> None:
    text = scan(meng)
    assert "军门社区便民服务站的一袋" in text
    assert "清单上有 4 件" in text
    assert text.count(" checked") == 4
    assert number(9) not in text
    assert "军门社区12号楼***" in text
    assert "502室" not in text


def test_one_press_takes_over_what_is_there_and_tells_of_what_is_not(
    meng: Phone, desk: ShakyDesk
) -> None:
    scan(meng)
    told = sign(meng, (1, 2, 4))
    assert "已揽收 3 件，1 件不在袋里" in told
    assert tracking(3)[-4:] in told
    assert states(desk, 1, 2, 3, 4, 9) == ["taken_over", "taken_over", "packed", "taken_over",
                                           "packed"]  # fmt: skip
    taken, missing = desk.parcel(number(1)), desk.parcel(number(3))
    assert taken
    assert missing
    assert (holder(taken), taken.steps[-1].data["manifest"]) == (MENG, BAG)
    (difference,) = differences(missing)
    assert (difference.manifest, difference.by, difference.open) == (BAG, MENG, True)
    assert holder(missing) == ""
    assert "3 件" in meng.get("/courier/").text


def test_a_line_that_broke_in_the_middle_is_resumed_by_the_same_form(
    meng: Phone, desk: ShakyDesk
) -> None:
    scan(meng)
    desk.left = 2
    broken = sign(meng, (1, 3, 4))
    assert "还没有记下“整袋签收”" in broken
    for serial in (1, 3, 4):
        assert f'name="parcel" value="{number(serial)}"' in broken
    assert states(desk, 1, 2, 3, 4) == ["taken_over", "packed", "packed", "packed"]
    desk.left = 99
    assert "已揽收 3 件，1 件不在袋里" in sign(meng, (1, 3, 4))
    assert states(desk, 1, 2, 3, 4) == ["taken_over", "packed", "taken_over", "taken_over"]
    before = [len(parcel.steps) for s in (1, 2, 3, 4) if (parcel := desk.parcel(number(s)))]
    assert "已揽收 3 件，1 件不在袋里" in sign(meng, (1, 3, 4))  # once more changes nothing
    after = [len(parcel.steps) for s in (1, 2, 3, 4) if (parcel := desk.parcel(number(s)))]
    assert after == before


@pytest.mark.parametrize(
    ("ticked", "count", "words"),
    [
        ((1, 2, 3, 4), 3, "您数了 3 件，勾了 4 件"),
        ((1, 2), 4, "您数了 4 件，勾了 2 件"),
        ((1, 2, 3, 4), 6, "多出来的请拿出来"),
    ],
)
def test_what_was_counted_and_ticked_must_be_the_same(
    meng: Phone, desk: ShakyDesk, ticked: tuple[int, ...], count: int, words: str
) -> None:
    scan(meng)
    answer = sign(meng, ticked, count)
    assert words in answer
    assert answer.count(" checked") == len(ticked)
    assert set(states(desk, 1, 2, 3, 4)) == {"packed"}


@pytest.mark.parametrize("count", ["", "drei", "-1", "٣", "1000000000000"])
def test_a_count_that_is_none_is_asked_again(meng: Phone, desk: ShakyDesk, count: str) -> None:
    scan(meng)
    typed = {"op": OP, "parcel": [number(1)], "count": count}
    assert meng.post(PAGE, typed).status_code == 400
    assert set(states(desk, 1, 2, 3, 4)) == {"packed"}


def test_what_another_courier_has_meanwhile_is_left_to_them_and_said(
    meng: Phone, hua: Phone, desk: ShakyDesk
) -> None:
    scan(meng)
    hua.take(2)
    assert "已揽收 3 件" in sign(meng, (1, 2, 3, 4))
    parcel = desk.parcel(number(2))
    assert parcel
    assert (holder(parcel), differences(parcel)) == (HUA, ())
    text = scan(meng)
    assert "3 件您已经揽收了" in text
    assert f"尾号 {tracking(2)[-4:]}：这件邮件在另一位快递员手上" in text
    assert "这一袋没有等您揽收的邮件" in text


def test_a_parcel_that_was_listed_anew_goes_with_the_later_bag(
    meng: Phone, desk: ShakyDesk
) -> None:
    enlist(desk, OTHER_BAG, (4,))
    assert "清单上有 3 件" in scan(meng)
    assert "请单独扫面单" in scan(meng)
    assert "清单上有 1 件" in scan(meng, OTHER_BAG)


def test_only_who_scanned_the_manifest_sees_it_and_only_for_a_while(
    meng: Phone, hua: Phone, desk: ShakyDesk, clock: Clock
) -> None:
    scan(meng)
    assert "请先扫交接单" in hua.get(PAGE).text
    assert "请先扫交接单" in sign(hua, (1, 2, 3, 4))
    assert set(states(desk, 1, 2, 3, 4)) == {"packed"}
    clock.forward(seconds=13 * 3600)
    assert meng.get(PAGE).status_code == 404


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        (code(master=b"another master key, 32 bytes too"), "对不上"),
        (code(BAG)[:-1] + ("A" if code(BAG)[-1] != "A" else "B"), "对不上"),
        (code(expires=date(2026, 1, 1)), "过期"),
    ],
)
def test_a_forged_manifest_opens_nothing(meng: Phone, forged: str, words: str) -> None:
    answer = meng.get(f"/W/{forged}")
    assert (answer.status_code, words in answer.text) == (400, True)
    assert meng.get(PAGE).status_code == 404


def test_a_stranger_is_told_the_same_as_of_a_label(app: Flask) -> None:
    stranger = Phone(app.test_client())
    pages = [
        stranger.get(f"/W/{one}").text.replace(one, "").partition("next=")[0]
        for one in (code(), token(1))
    ]
    assert pages[0] == pages[1]
    assert BAG not in pages[0]
    assert stranger.get(PAGE).status_code == 302


def test_a_manifest_that_central_has_not_heard_of_waits_for_the_point(meng: Phone) -> None:
    text = scan(meng, OTHER_BAG)
    assert "受理点还没联上网" in text
    assert "一件一件扫面单" in text


def test_a_manifest_s_code_is_no_label_and_its_number_may_be_typed(
    meng: Phone, desk: ShakyDesk
) -> None:
    answer = meng.post("/courier/take", {"q": code(), "op": OP}, headers=JSON)
    assert answer.json["verdict"] == "refused"  # type: ignore[index]
    typed = meng.get(f"/courier/find?q={BAG}", follow_redirects=True)
    assert "清单上有 4 件" in typed.text
    assert "对不上" in meng.get(f"/courier/find?q={BAG[:-1]}0").text


def test_a_script_is_told_what_counted_and_what_did_not(meng: Phone, desk: ShakyDesk) -> None:
    scan(meng)
    ticked = [number(serial) for serial in (1, 2, 3)]
    typed = {"op": OP, "parcel": ticked, "count": "3"}
    wrong = meng.post(PAGE, {**typed, "count": "4"}, headers=JSON)
    assert (wrong.status_code, wrong.json["verdict"]) == (400, "refused")  # type: ignore[index]
    desk.left = 1
    again = meng.post(PAGE, typed, headers=JSON)
    assert (again.status_code, again.json["verdict"]) == (503, "again")  # type: ignore[index]
    desk.left = 99
    for _ in range(2):
        answer = meng.post(PAGE, typed, headers=JSON)
        assert answer.json["verdict"] == "counted"  # type: ignore[index]
        assert answer.json["words"] == "已揽收 3 件，1 件不在袋里"  # type: ignore[index]


# out for delivery


def test_all_in_hand_go_out_with_one_press_and_once(
    meng: Phone, hua: Phone, desk: ShakyDesk
) -> None:
    for serial in (1, 2, 3):
        meng.take(serial)
    hua.take(9)
    meng.say(3, "failed", why="later", next="2026-11-24")
    home = meng.get("/courier/").text
    assert "全部派送（2 件）" in home
    found = re.search(r'name="op" value="([0-9a-f]{32})"', home)
    assert found
    for _ in range(2):
        answer = meng.post("/courier/out", {"op": found[1]}, follow_redirects=True)
        assert "2 件开始派送" in answer.text
    assert states(desk, 1, 2, 3, 9) == ["out", "out", "failed", "taken_over"]
    parcel = desk.parcel(number(1))
    assert parcel
    assert sum(step.type == Report.OUT.value for step in parcel.steps) == 1
    assert "全部派送" not in meng.get("/courier/").text


def test_one_parcel_goes_out_by_its_own_button_and_what_failed_goes_out_again(
    meng: Phone, desk: ShakyDesk, clock: Clock
) -> None:
    meng.take(1)
    page = f"/courier/parcels/{number(1)}"
    meng.post(f"{page}/out", {"op": meng.op(page)})
    assert states(desk, 1) == ["out"]
    assert "派送中" in meng.get(page).text
    refused = meng.post(f"{page}/out", {"op": "d" * 32})
    assert (refused.status_code, "已经在派送" in refused.text) == (409, True)
    meng.say(1, "failed", why="nobody_home", next="2026-11-24")
    clock.forward(days=1)
    assert "全部派送（1 件）" in meng.get("/courier/").text
    meng.post("/courier/out", {"op": OP})
    assert states(desk, 1) == ["out"]


def test_what_nobody_will_take_does_not_go_out_again(meng: Phone, desk: ShakyDesk) -> None:
    meng.take(1)
    meng.say(1, "failed", why="refused")
    assert "全部派送" not in meng.get("/courier/").text
    answer = meng.post(f"/courier/parcels/{number(1)}/out", {"op": "d" * 32})
    assert "请退回寄件的受理点" in answer.text
    parcel = desk.parcel(number(1))
    assert parcel
    assert parcel.state is ParcelState.FAILED


def test_all_out_resumes_where_the_line_broke(meng: Phone, desk: ShakyDesk) -> None:
    for serial in (1, 2, 3):
        meng.take(serial)
    desk.left = 1
    broken = meng.post("/courier/out", {"op": OP})
    assert (broken.status_code, "全部派送" in broken.text) == (503, True)
    assert sorted(states(desk, 1, 2, 3)) == ["out", "taken_over", "taken_over"]
    desk.left = 99
    answer = meng.post("/courier/out", {"op": OP}, headers=JSON)
    assert answer.json["words"] == "3 件开始派送"  # type: ignore[index]
    assert states(desk, 1, 2, 3) == ["out", "out", "out"]
    assert meng.post("/courier/out", {"op": "x"}).status_code == 400


def test_a_bag_signed_for_without_a_signal_counts_a_day_later_and_for_nobody_else(
    meng: Phone, hua: Phone, desk: ShakyDesk, clock: Clock
) -> None:
    opened = re.search(r'name="opened" value="([^"]+)"', scan(meng))
    assert opened
    pressed = desk.now()
    clock.forward(days=1)
    numbers = [number(serial) for serial in (1, 2, 3, 4)]
    sent = {"op": OP, "when": pressed, "count": "4", "parcel": numbers, "opened": opened[1]}
    for phone, changed in ((hua, {}), (meng, {"when": desk.now()}), (meng, {"opened": "x.y"})):
        fields = {**sent, **changed}
        assert phone.post(PAGE, fields, headers=JSON).status_code == 404
    answer = meng.post(PAGE, sent, headers=JSON)
    assert answer.json["verdict"] == "counted"
    assert {holder(p) for n in numbers if (p := desk.parcel(n))} == {MENG}
