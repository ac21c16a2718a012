"""上门取件 on the courier's phone: who goes, what is seen before and after, what was there."""

from __future__ import annotations

import pytest

from cases.states import ParcelState
from courier.desk import MemoryDesk
from tests.courier.app_cast import (
    AT_HOME,
    NOW,
    POINT,
    Clock,
    Phone,
    errand,
    make_desk,
    number,
)
from tests.courier.test_app_queue import OP, OTHER, ask, said, send

LIST, ONE = "/courier/fetches", f"/courier/fetches/{number(7)}"
PARCEL = f"/courier/parcels/{number(7)}"
ROOM, PHONE = "502室", "13805911234"


@pytest.fixture
def desk() -> MemoryDesk:
    desk = make_desk(Clock())
    errand(desk, 7)
    return desk


def accept(phone: Phone) -> str:
    data = {"op": phone.op(ONE)}
    return phone.post(f"{ONE}/accept", data, follow_redirects=True).text


def collect(phone: Phone, *places: int, **more: str) -> str:
    data = {"op": phone.op(ONE), "collected": [str(place) for place in places], **more}
    return phone.post(f"{ONE}/collect", data, follow_redirects=True).text


def state(desk: MemoryDesk) -> ParcelState:
    parcel = desk.parcel(number(7))
    assert parcel is not None
    return parcel.state


def test_the_address_is_whole_only_for_who_said_that_they_go(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    assert "上门取件" in meng.get("/courier/").text
    page = meng.get(LIST).text
    assert "11月25日（周三） 上午 9 点到 12 点" in page
    before = meng.get(ONE).text
    for seen in (page, before):
        assert ROOM not in seen
        assert PHONE not in seen
    assert "近期病历" in before
    after = accept(meng)
    assert ROOM in after
    assert "门铃坏了" in after
    assert PHONE not in after
    assert PHONE in meng.post(f"{ONE}/phone").text
    assert [what for _, what, _ in desk.showings] == ["地址", "地址、电话"]
    assert "现在没有要上门取的" in hua.get(LIST).text
    assert ROOM not in hua.get(ONE).text
    assert "另一位快递员已经接单" in accept(hua)


def test_what_was_there_is_ticked_off_and_goes_to_the_point(meng: Phone, desk: MemoryDesk) -> None:
    accept(meng)
    assert "身份证件不收" in meng.get(ONE).text
    assert "一样也没有取到" in collect(meng, sure="yes")
    sure = collect(meng, 0)
    assert "还差 1 样没有取到" in sure
    assert state(desk) is ParcelState.PACKED, "nothing counts before it was looked over"
    assert "已揽收" in collect(meng, 0, sure="yes")
    parcel = desk.parcel(number(7))
    assert parcel is not None
    assert (parcel.state, parcel.collected) == (ParcelState.TAKEN_OVER, (0,))
    page = meng.get(f"/courier/parcels/{number(7)}").text
    assert "军门路8号" in page, "now it is a parcel to the point"
    assert ROOM not in page
    assert "退回" not in page
    assert "已送达：受理点工作人员" in meng.say(7, "delivered", to="point").text


def test_nobody_at_home_and_another_courier_goes_next_time(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    accept(meng)
    form = f"{ONE}/failed"
    assert "请选没取到的原因" in meng.post(form, {"op": meng.op(form)}).text
    said = {"op": meng.op(form), "why": "nobody_home", "next": "2026-11-24"}
    assert "没取到" in meng.post(form, said, follow_redirects=True).text
    assert "没取到" in meng.post(form, said, follow_redirects=True).text, "once, however often"
    parcel = desk.parcel(number(7))
    assert parcel is not None
    assert len([s for s in parcel.steps if s.type == "parcel.delivery_failed"]) == 1
    assert "手上没有邮件" in meng.get("/courier/").text, "nothing is in anybody's hands"
    assert "上次没取到：家里没有人" in hua.get(LIST).text
    assert ROOM in accept(hua)
    assert "请先接单" in collect(meng, 0, sure="yes") or "另一位" in collect(meng, 0, sure="yes")
    assert "已揽收" in collect(hua, 0, 1, sure="yes")


def test_a_label_of_an_errand_leads_to_its_list(meng: Phone, desk: MemoryDesk) -> None:
    assert "要取 2 样材料" in meng.scan(7).text
    path = f"/courier/parcels/{number(7)}"
    data = {"op": "5" * 32}
    assert meng.post(f"{path}/take", data).status_code in (404, 409)
    assert state(desk) is ParcelState.PACKED


def test_one_that_was_called_off_is_not_gone_to(meng: Phone, desk: MemoryDesk) -> None:
    accept(meng)
    desk.state("parcel.cancelled", number(7), {}, author=POINT, actor="s-m1")
    assert "受理点取消了" in meng.get(ONE).text
    assert "现在没有要上门取的" in meng.get(LIST).text


def kept_pages(phone: Phone, where: str = "parcels") -> list[list[str]]:
    told = ask(phone, "/courier/bag").json[where]  # type: ignore[index]
    return [kept["pages"] for kept in told if kept["number"]]


def test_a_phone_keeps_the_pages_of_an_errand_from_its_offer_until_it_is_over(
    meng: Phone, hua: Phone
) -> None:
    whole = [[ONE, f"{ONE}/failed", f"{PARCEL}/delivered", f"{PARCEL}/failed"]]
    assert (kept_pages(meng), kept_pages(meng, "beside")) == ([], whole)
    accept(meng)
    assert (kept_pages(meng), kept_pages(meng, "beside")) == (whole, [])
    assert kept_pages(hua) == kept_pages(hua, "beside") == []
    collect(meng, 0, sure="yes")
    assert kept_pages(meng)[0][0] == PARCEL
    assert meng.get(ONE).location == PARCEL
    assert "已经取到" in hua.get(ONE).text


def test_what_is_kept_of_an_errand_before_it_is_accepted_leads_to_nobody_s_door(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    (pages,) = kept_pages(meng, "beside")
    for path in pages:
        answer = meng.get(path)
        assert answer.status_code == 200, path
        assert not [word for word in (ROOM, PHONE, AT_HOME.name) if word in answer.text], path
    assert desk.showings == []
    assert "受理点工作人员" in meng.get(f"{PARCEL}/delivered").text
    accept(hua)
    for path in pages[1:]:
        assert meng.get(path).status_code in (404, 409), "it is another courier's now"


def test_an_errand_run_without_a_signal_counts_from_its_acceptance_to_the_point_in_one_sending(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    way = (
        (f"{ONE}/accept", {"op": OP}),
        (f"{ONE}/collect", {"op": OTHER, "collected": "0", "sure": "yes"}),
        (f"{PARCEL}/delivered", {"op": "c" * 32, "to": "point"}),
    )
    for _ in range(2):
        answers = [send(meng, path, when=NOW, **fields) for path, fields in way]
        assert [said(answer) for answer in answers] == [(200, "counted")] * 3
    assert state(desk) is ParcelState.DELIVERED
    answers = [send(hua, path, **{**fields, "op": "d" * 32}) for path, fields in way]
    assert {said(answer)[1] for answer in answers} == {"refused"}


def test_what_the_phone_wrote_down_at_a_home_counts_once_and_when_it_was_pressed(
    meng: Phone, desk: MemoryDesk
) -> None:
    accepted = [send(meng, f"{ONE}/accept", op=OP, when=NOW) for _ in range(2)]
    assert accepted[0].json == accepted[1].json == {
        "op": OP, "verdict": "counted", "words": "已接单", "url": ONE, "field": "",
    }  # fmt: skip
    vain = {"why": "nobody_home", "note": "明天再来", "next": "2026-11-24"}
    desk.broken = True
    assert said(send(meng, f"{ONE}/failed", op=OTHER, when=NOW, **vain)) == (503, "again")
    desk.broken = False
    for _ in range(2):
        assert said(send(meng, f"{ONE}/failed", op=OTHER, when=NOW, **vain)) == (200, "counted")
    got = {"op": "c" * 32, "when": NOW, "collected": "1", "sure": "yes"}
    answers = [send(meng, f"{ONE}/collect", **got) for _ in range(2)]
    assert [said(answer) for answer in answers] == [(200, "counted")] * 2
    parcel = desk.parcel(number(7))
    assert parcel is not None
    assert (parcel.collected, len(parcel.operations)) == ((1,), 3)
    assert {step.data["when"] for step in parcel.steps if "op" in step.data} == {NOW}
    assert desk.sealed[OTHER] == {"note": "明天再来"}


@pytest.mark.parametrize(
    ("slug", "fields", "words"),
    [
        ("accept", {}, "已经接单"),
        ("collect", {"sure": "yes"}, "一样也没有取到"),
        ("collect", {"collected": "0"}, "重新报"),
        ("collect", {"collected": "0", "sure": "yes", "when": "never"}, "看不懂"),
        ("failed", {}, "请选没取到的原因"),
        ("failed", {"why": "other"}, "写一句"),
    ],
)
def test_what_cannot_be_is_refused_with_words_for_the_phone(
    meng: Phone, desk: MemoryDesk, slug: str, fields: dict[str, str], words: str
) -> None:
    accept(meng)
    answer = send(meng, f"{ONE}/{slug}", op=OP, **fields)
    assert said(answer)[1] == "refused"
    assert words in answer.json["words"]  # type: ignore[index]
    assert state(desk) is ParcelState.PACKED


def test_another_s_errand_and_one_called_off_are_refused_to_the_phone(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    accept(meng)
    for slug in ("accept", "failed", "collect"):
        answer = send(hua, f"{ONE}/{slug}", op=OP, why="later", collected="0", sure="yes")
        assert said(answer) == (409, "refused")
    desk.state("parcel.cancelled", number(7), {}, author=POINT, actor="s-m1")
    assert said(send(meng, f"{ONE}/failed", op=OP, why="later")) == (404, "refused")
