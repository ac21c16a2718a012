"""The courier's pages through the test client: what is shown, what is refused, what counts once."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from cases.numbers import case_number
from cases.states import ParcelState
from courier.desk import MemoryDesk
from labels.tokens import Purpose, mint, point_key
from tests.courier.app_cast import (
    CODE,
    DAY,
    HUA,
    MASTER,
    MENG,
    OFFICE,
    Clock,
    Phone,
    make_app,
    make_desk,
    number,
    pack,
    sign_in,
    state,
    token,
    tracking,
)

ROOM, PHONE, NAME = "502室", "13805911234", "林𠮷梅"


@pytest.fixture
def desk(clock: Clock) -> MemoryDesk:
    desk = make_desk(clock)
    pack(desk, 1)
    pack(desk, 2)
    pack(desk, 3, OFFICE, to_point="350102000000")
    return desk


def page(serial: int, slug: str = "") -> str:
    return f"/courier/parcels/{number(serial)}" + (f"/{slug}" if slug else "")


# who may see what


def test_a_stranger_who_scans_a_label_is_told_nothing_whatever_the_code_is(
    stranger: Phone,
) -> None:
    answers = [
        stranger.get(f"/W/{code}")
        for code in (token(1), token(99), "A" * 32, "nonsense", token(1).lower())
    ]
    texts = {a.text.replace(a.request.path, "") for a in answers}
    pages = {text.split("<main", 1)[1].split("next=", 1)[0] for text in texts}
    assert {a.status_code for a in answers} == {200}
    assert len(pages) == 1
    assert "只给快递员用" in pages.pop()
    assert number(1) not in "".join(texts)


@pytest.mark.parametrize("path", ["/courier/", "/courier/scan", "/courier/find?q=0012", page(1)])
def test_pages_lead_a_stranger_to_the_sign_in(stranger: Phone, path: str) -> None:
    answer = stranger.get(path)
    assert (answer.status_code, "/courier/in/" in answer.headers["Location"]) == (302, True)


def test_after_signing_in_a_scanned_label_opens(app: Flask) -> None:
    phone = Phone(app.test_client())
    phone.get(f"/courier/in/?next=/W/{token(1)}")
    answer = phone.post(
        "/courier/in/",
        {"login": "meng", "password": "482913", "next": f"/W/{token(1)}"},
        follow_redirects=True,
    )
    assert "军门社区12号楼" in answer.text


def test_somebody_without_the_courier_s_role_is_a_stranger(app: Flask) -> None:
    boss = Phone(app.test_client())
    boss.get("/courier/in/")
    boss.post("/courier/in/", {"login": "boss", "password": "482913"})
    assert boss.get("/courier/").status_code == 403
    assert "只给快递员用" in boss.get(f"/W/{token(1)}").text


def test_a_parcel_opens_only_by_its_label(meng: Phone, desk: MemoryDesk) -> None:
    assert meng.get(page(1)).status_code == 404
    assert meng.post(page(1, "take"), {"op": "a" * 32}).status_code == 404
    assert state(desk, 1) is ParcelState.PACKED
    assert meng.scan(1).status_code == 200


def test_a_scanned_label_shows_the_address_and_masks_name_and_phone(
    meng: Phone, desk: MemoryDesk
) -> None:
    text = meng.scan(1).text
    assert ROOM in text
    assert "林*梅" in text
    assert NAME not in text
    assert PHONE not in text
    assert desk.showings == [(number(1), "地址", MENG)]


def test_a_typed_number_shows_no_room_until_the_parcel_is_taken_over(
    meng: Phone, desk: MemoryDesk
) -> None:
    text = meng.get(f"/courier/find?q={tracking(1)}", follow_redirects=True).text
    assert "军门社区12号楼***" in text
    assert ROOM not in text
    assert desk.showings == []
    taken = meng.post(page(1, "take"), {"op": "a" * 32}, follow_redirects=True)
    assert "已揽收" in taken.text
    assert ROOM in meng.get(page(1)).text


def test_a_typed_number_does_not_undo_a_scan(meng: Phone) -> None:
    meng.scan(1)
    assert ROOM in meng.get(f"/courier/find?q={tracking(1)}", follow_redirects=True).text


def test_what_was_opened_by_its_label_closes_again_after_a_day(meng: Phone, clock: Clock) -> None:
    meng.scan(1)
    clock.forward(seconds=13 * 3600)
    assert meng.get(page(1)).status_code == 404


def test_another_courier_s_scan_opens_nothing_for_the_next_on_the_same_phone(meng: Phone) -> None:
    meng.scan(1)
    meng.post("/courier/in/out")
    meng.get("/courier/in/")
    meng.post("/courier/in/", {"login": "hua", "password": "482913"})
    assert meng.get(page(1)).status_code == 404


def test_the_phone_number_is_shown_only_to_the_holder_and_noted_first(
    meng: Phone, desk: MemoryDesk
) -> None:
    meng.scan(1)
    assert PHONE not in meng.post(page(1, "phone")).text
    meng.take(1)
    meng.get(page(1))
    shown = meng.post(page(1, "phone"))
    assert f'href="tel:{PHONE}"' in shown.text
    assert desk.showings[-1] == (number(1), "地址、电话", MENG)
    assert PHONE not in meng.get(page(1)).text


def test_the_bag_lists_only_what_is_in_hand_and_no_room(meng: Phone, hua: Phone) -> None:
    meng.take(1)
    hua.take(2)
    text = meng.get("/courier/").text
    assert "1 件" in text
    assert page(1) in text
    assert page(2) not in text
    assert ROOM not in text


def test_another_courier_who_scans_it_learns_only_that_it_is_taken(meng: Phone, hua: Phone) -> None:
    meng.take(1)
    text = hua.scan(1).text
    assert "另一位快递员" in text
    assert "军门社区12号楼" not in text
    assert "孟师傅" not in text


def test_after_delivery_the_address_is_no_longer_shown_whole(meng: Phone) -> None:
    meng.take(1)
    meng.say(1, "delivered", to="self", code=CODE)
    text = meng.get(page(1)).text
    assert "已送达：本人" in text
    assert ROOM not in text


def test_a_point_s_address_and_phone_are_public(meng: Phone, desk: MemoryDesk) -> None:
    text = meng.scan(3).text
    assert "市场监管局" in text
    assert "tel:059187654321" in text
    assert desk.showings == []


# the way of a parcel


def test_a_parcel_is_scanned_taken_over_and_delivered(meng: Phone, desk: MemoryDesk) -> None:
    done = meng.take(1)
    assert "已揽收" in done.text
    assert "扫下一件" in done.text
    assert state(desk, 1) is ParcelState.TAKEN_OVER
    done = meng.say(1, "delivered", to="neighbour", receiver="502 郑阿姨", code=CODE)
    assert "已送达：邻居代收" in done.text
    parcel = desk.parcel(number(1))
    assert parcel
    last = parcel.steps[-1]
    assert (last.actor, last.data["to"], last.data["when"]) == (MENG, "neighbour", desk.now())
    assert desk.sealed[last.data["op"]] == {"receiver": "502 郑阿姨"}
    assert "郑阿姨" not in str(last.data)
    assert "已送达：邻居代收" in meng.get("/courier/").text


def test_a_failed_delivery_says_why_and_when_next(meng: Phone, desk: MemoryDesk) -> None:
    meng.take(1)
    done = meng.say(1, "failed", why="nobody_home", next="2026-11-24", note="门上贴了条")
    assert "11月24日（周二）再送" in done.text
    parcel = desk.parcel(number(1))
    assert parcel
    assert (parcel.state, parcel.failure) == (ParcelState.FAILED, "nobody_home")
    assert parcel.steps[-1].data["next"] == "2026-11-24"
    assert "第 1 次没送到：家里没有人" in meng.get("/courier/").text
    meng.say(1, "delivered", to="self", code=CODE)
    assert state(desk, 1) is ParcelState.DELIVERED


def test_a_refused_parcel_goes_back_and_no_next_attempt_is_kept(
    meng: Phone, desk: MemoryDesk
) -> None:
    meng.take(1)
    done = meng.say(1, "failed", why="refused", next="2026-11-24")
    assert "请退回军门社区便民服务站" in done.text
    parcel = desk.parcel(number(1))
    assert parcel
    assert "next" not in parcel.steps[-1].data
    assert "请把邮件当面交还军门社区便民服务站" in meng.say(1, "returned").text
    assert state(desk, 1) is ParcelState.RETURNED


def test_returning_asks_once_more(meng: Phone, desk: MemoryDesk) -> None:
    meng.take(1)
    meng.post(page(1, "returned"), {"op": meng.op(page(1, "returned"))})
    assert state(desk, 1) is ParcelState.TAKEN_OVER


def test_a_parcel_that_failed_may_be_taken_over_by_another(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    meng.take(1)
    meng.say(1, "failed", why="no_answer")
    assert "上一位快递员没有送到" in hua.scan(1).text
    hua.take(1)
    assert meng.get(page(1)).text.count("另一位快递员") == 1
    assert state(desk, 1) is ParcelState.TAKEN_OVER


def test_a_parcel_to_a_point_is_handed_to_its_staff(meng: Phone, desk: MemoryDesk) -> None:
    meng.take(3)
    text = meng.get(page(3, "delivered")).text
    assert "受理点工作人员" in text
    assert "邻居代收" not in text
    assert meng.say(3, "delivered", to="self").status_code == 400
    meng.say(3, "delivered", to="point")
    assert state(desk, 3) is ParcelState.DELIVERED


# sent twice, sent late, sent wrong


def test_a_form_sent_twice_counts_once_and_says_the_same(meng: Phone, desk: MemoryDesk) -> None:
    meng.scan(1)
    typed = {"op": meng.op(page(1))}
    first = meng.post(page(1, "take"), typed)
    second = meng.post(page(1, "take"), typed)
    assert first.headers["Location"] == second.headers["Location"]
    parcel = desk.parcel(number(1))
    assert parcel
    assert len(parcel.operations) == 1
    assert len(parcel.steps) == 2


def test_a_delivery_sent_twice_counts_once_too(meng: Phone, desk: MemoryDesk) -> None:
    meng.take(1)
    typed = {"op": meng.op(page(1, "delivered")), "to": "self", "code": CODE}
    answers = [meng.post(page(1, "delivered"), typed) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    parcel = desk.parcel(number(1))
    assert parcel
    assert len(parcel.steps) == 3


def test_an_old_page_s_operation_cannot_be_used_for_something_else(
    meng: Phone, desk: MemoryDesk
) -> None:
    meng.scan(1)
    op = meng.op(page(1))
    meng.post(page(1, "take"), {"op": op})
    answer = meng.post(page(1, "returned"), {"op": op, "sure": "yes"}, follow_redirects=True)
    assert "那一页已经用过了" in answer.text
    assert state(desk, 1) is ParcelState.TAKEN_OVER


def test_one_courier_cannot_use_another_s_operation(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    meng.scan(1)
    hua.scan(1)
    op = meng.op(page(1))
    meng.post(page(1, "take"), {"op": op})
    answer = hua.post(page(1, "take"), {"op": op}, follow_redirects=True)
    assert "已揽收</h1>" not in answer.text
    assert hua.get(f"{page(1, 'done')}?op={op}").status_code == 404


def test_when_the_line_breaks_everything_is_kept_and_the_same_report_goes_again(
    meng: Phone, desk: MemoryDesk
) -> None:
    meng.take(1)
    op = meng.op(page(1, "delivered"))
    typed = {"op": op, "to": "family", "receiver": "儿子", "code": CODE}
    desk.broken = True
    answer = meng.post(page(1, "delivered"), typed)
    assert answer.status_code == 503
    for name, value in typed.items():
        assert f'name="{name}" value="{value}"' in answer.text
    desk.broken = False
    meng.post(page(1, "delivered"), typed)
    assert state(desk, 1) is ParcelState.DELIVERED


def test_a_report_may_say_when_it_happened(meng: Phone, desk: MemoryDesk) -> None:
    meng.scan(1)
    meng.post(page(1, "take"), {"op": meng.op(page(1)), "when": "2026-11-23T00:10:00Z"})
    parcel = desk.parcel(number(1))
    assert parcel
    assert parcel.steps[-1].data["when"] == "2026-11-23T00:10:00Z"
    wrong = meng.post(page(1, "failed"), {"op": "b" * 32, "when": "2027-01-01T00:00:00Z"})
    assert (wrong.status_code, "自动校时" in wrong.text) == (400, True)


def test_a_form_without_its_operation_is_refused(meng: Phone, desk: MemoryDesk) -> None:
    meng.scan(1)
    assert meng.post(page(1, "take"), {"op": "short"}).status_code == 400
    assert state(desk, 1) is ParcelState.PACKED


@pytest.mark.parametrize(
    ("slug", "typed", "words"),
    [
        ("delivered", {"receiver": "郑阿姨"}, "请选交给了谁"),
        ("delivered", {"to": "dog", "receiver": "郑阿姨"}, "请选交给了谁"),
        ("delivered", {"to": "self", "receiver": "长" * 61}, "最多 60 个字"),
        ("failed", {"note": "没人"}, "请选没送到的原因"),
        ("failed", {"why": "other"}, "请写一句是什么原因"),
        ("failed", {"why": "later", "next": "2027-11-24"}, "一周之内"),
    ],
)
def test_a_form_with_a_mistake_says_which_and_keeps_what_was_typed(
    meng: Phone, desk: MemoryDesk, slug: str, typed: dict[str, str], words: str
) -> None:
    meng.take(1)
    answer = meng.say(1, slug, **typed)
    assert answer.status_code == 400
    assert words in answer.text
    for name in ("receiver", "note"):
        assert typed.get(name, "") in answer.text
    assert state(desk, 1) is ParcelState.TAKEN_OVER


@pytest.mark.parametrize("slug", ["delivered", "failed", "returned"])
def test_nothing_can_be_reported_of_what_is_not_taken_over(
    meng: Phone, desk: MemoryDesk, slug: str
) -> None:
    meng.scan(1)
    assert "要先揽收" in meng.get(page(1, slug)).text
    answer = meng.post(page(1, slug), {"op": "c" * 32, "to": "self", "why": "later", "sure": "yes"})
    assert answer.status_code == 409
    assert state(desk, 1) is ParcelState.PACKED


def test_nobody_can_report_another_courier_s_parcel(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    meng.take(1)
    hua.scan(1)
    answer = hua.post(page(1, "delivered"), {"op": "d" * 32, "to": "self", "sure": "yes"})
    assert (answer.status_code, "另一位快递员" in answer.text) == (409, True)
    assert state(desk, 1) is ParcelState.TAKEN_OVER


def test_a_form_from_another_site_is_refused(meng: Phone, desk: MemoryDesk) -> None:
    meng.scan(1)
    op = meng.op(page(1))
    assert meng.client.post(page(1, "take"), data={"op": op}).status_code == 400
    assert state(desk, 1) is ParcelState.PACKED


# codes and numbers


def test_every_way_of_reading_a_label_opens_its_parcel(meng: Phone) -> None:
    address = f"HTTP://PORTAL.TEST:8600/W/{token(1)}"
    for text in (address, token(1), tracking(1), tracking(1)[2:], number(1), f" {tracking(1)} "):
        answer = meng.get("/courier/find", query_string={"q": text}, follow_redirects=True)
        assert tracking(1)[-4:] in answer.text, text
        assert answer.status_code == 200
    assert meng.get(f"/w/{token(1).lower()}", follow_redirects=True).status_code == 200


def test_the_last_digits_find_what_is_in_hand_and_nothing_else(meng: Phone) -> None:
    digits = tracking(1)[-4:]
    assert "没有尾号" in meng.get(f"/courier/find?q={digits}").text
    meng.take(1)
    answer = meng.get(f"/courier/find?q={digits}")
    assert answer.headers["Location"] == page(1)


def test_the_same_last_digits_are_asked_about(meng: Phone, desk: MemoryDesk) -> None:
    end = tracking(4)[-4:]
    twin = next(n for n in range(5, 100_000) if tracking(n).endswith(end))
    pack(desk, 4)
    pack(desk, 5, number_on_label=tracking(twin))
    meng.take(4)
    meng.take(5)
    text = meng.get(f"/courier/find?q={end}").text
    assert "有 2 件尾号相同" in text
    assert page(4) in text
    assert page(5) in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "请输入邮件号"),
        ("12", "至少输入后 4 位"),
        ("DS01700000011", "对不上"),
        ("EE123456785CN", "不是本平台的邮件"),
        ("https://example.test/anything", "不是本平台的邮件"),
        (case_number(17, DAY, 1), "办件的编号"),
        ("x" * 400, "请输入邮件号"),
    ],
)
def test_what_is_not_a_number_of_ours_is_said_and_kept(meng: Phone, text: str, words: str) -> None:
    answer = meng.get("/courier/find", query_string={"q": text})
    assert answer.status_code == 400
    assert words in answer.text
    assert f'value="{text}"' in answer.text


def test_a_number_that_nobody_knows_is_not_found(meng: Phone) -> None:
    answer = meng.get(f"/courier/find?q={tracking(77)}")
    assert (answer.status_code, "没有这个邮件号" in answer.text) == (404, True)


def test_a_true_label_of_a_parcel_that_central_has_not_heard_of_waits_for_the_point(
    meng: Phone, desk: MemoryDesk
) -> None:
    answer = meng.scan(77)
    assert answer.status_code == 404
    assert "还没联上网" in answer.text
    assert meng.post(page(77, "take"), {"op": "a" * 32}).status_code == 404
    assert desk.parcel(number(77)) is None


def altered() -> str:
    good = token(1)
    return good[:-1] + ("A" if good[-1] != "A" else "B")


def expired() -> str:
    return mint(point_key(MASTER, 17), Purpose.WAYBILL, number(1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (altered(), "不要揽收"),
        (expired(), "过期"),
        (token(1, purpose=Purpose.RECEIPT, target=case_number(17, DAY, 1)), "不是面单"),
        (token(1, purpose=Purpose.POSTER, target="017"), "不是面单"),
        ("A" * 32, "不是本平台"),
        ("short", "不是本平台"),
    ],
)
def test_a_code_that_opens_nothing_says_why(meng: Phone, code: str, words: str) -> None:
    answer = meng.get(f"/W/{code}")
    assert answer.status_code == 400
    assert words in answer.text


def test_a_cancelled_parcel_is_not_taken_over(meng: Phone, desk: MemoryDesk) -> None:
    desk.state("parcel.cancelled", number(1), {}, author="350102004001.k3f9", actor="s-m1")
    answer = meng.scan(1)
    assert "已取消" in answer.text
    assert "请不要揽收" in answer.text
    assert ROOM not in answer.text
    assert meng.post(page(1, "take"), {"op": "e" * 32}).status_code == 409


def test_two_couriers_who_press_at_once_are_told_who_was_second(
    meng: Phone, hua: Phone, desk: MemoryDesk
) -> None:
    for phone in (meng, hua):
        phone.scan(1)
    meng.take(1)
    data = {"op": "f" * 32, "when": desk.now()}
    desk.state("parcel.taken_over", number(1), data, author="central.xther001", actor=HUA)
    answer = hua.get(f"{page(1, 'done')}?op={'f' * 32}")
    assert "没有算数" in answer.text
    assert "已揽收，在途" in answer.text


def test_only_the_scan_page_may_compile_webassembly_and_use_the_camera(meng: Phone) -> None:
    scan, home = meng.get("/courier/scan"), meng.get("/courier/")
    assert "'wasm-unsafe-eval'" in scan.headers["Content-Security-Policy"]
    assert "unsafe" not in home.headers["Content-Security-Policy"]
    assert "camera=(self)" in scan.headers["Permissions-Policy"]
    assert "输入邮件号" in scan.text


def test_the_label_reader_is_ours_and_asks_no_other_host(meng: Phone) -> None:
    with meng.client.get("/courier/static/vendor/zxing/zxing_reader.wasm") as wasm:
        assert wasm.mimetype == "application/wasm"
        assert wasm.data[:4] == b"\0asm"
    with meng.client.get("/courier/static/scan.js") as script:
        assert "http" not in script.text
        assert "locateFile" in script.text


def test_two_apps_in_one_process_do_not_share_their_couriers(desk: MemoryDesk) -> None:
    first, second = make_app(desk), make_app(make_desk(Clock()))
    sign_in(first, "meng").take(1)
    assert "手上没有邮件" in sign_in(second, "meng").get("/courier/").text
