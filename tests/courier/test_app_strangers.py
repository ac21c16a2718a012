"""Who has no business with a parcel learns nothing of its recipient, on any page there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from flask import Flask

from cases.numbers import manifest_number
from courier.desk import MemoryDesk
from courier.look.signin import Account, MemoryAccounts
from tests.courier.app_cast import (
    CODE,
    DAY,
    HASH,
    MENG,
    PIN,
    POINT,
    Clock,
    Phone,
    make_desk,
    number,
    pack,
    sign_in,
    token,
    tracking,
)

NAME, PHONE, ROOM, BUILDING = "林𠮷梅", "13805911234", "502室", "军门社区12号楼"
WHOLE = (NAME, PHONE, ROOM, CODE)
BAG = manifest_number(17, DAY, 1)
OP = "e" * 32
SLUGS = ("take", "out", "delivered", "failed", "returned", "done", "phone", "nothing")
VALUES: dict[str, tuple[str, ...]] = {
    "number": (number(1),), "slug": SLUGS, "manifest": (BAG,), "filename": ("courier.css",),
}  # fmt: skip


@pytest.fixture
def desk(clock: Clock) -> MemoryDesk:
    desk = make_desk(clock)
    pack(desk, 1)
    pack(desk, 2)
    desk.state("parcel.listed", number(1), {"manifest": BAG}, author=POINT, actor="s-m1")
    return desk


@pytest.fixture
def meng(app: Flask) -> Phone:
    """Has the parcel in hand."""
    phone = sign_in(app, "meng")
    phone.take(1)
    return phone


def pages(app: Flask) -> Iterator[tuple[str, str]]:
    """Every address of the courier's pages and what a script asks, of the first parcel."""
    for rule in app.url_map.iter_rules():
        if not str(rule.endpoint).startswith("courier.") or "token" in rule.arguments:
            continue
        verbs = [verb for verb in ("GET", "POST") if verb in (rule.methods or ())]
        for values in product(*(VALUES[name] for name in sorted(rule.arguments))):
            built = rule.build(dict(zip(sorted(rule.arguments), values, strict=True)))
            assert built
            yield from ((verb, built[1]) for verb in verbs)


def seen_by(app: Flask, phone: Phone) -> str:
    """All that somebody is shown, wherever they go and whatever they send."""
    typed = {"op": OP, "q": tracking(1), "to": "self", "code": CODE[::-1], "why": "later",
             "sure": "yes", "parcel": number(1), "count": "1"}  # fmt: skip
    shown = []
    for verb, path in pages(app):
        for accept in ("text/html", "application/json"):
            more: dict[str, Any] = {"headers": {"Accept": accept}, "follow_redirects": True}
            answer = phone.post(path, typed, **more) if verb == "POST" else phone.get(path, **more)
            answer.close()
            shown.append(answer.get_data(as_text=True) if "css" not in path else "")
    return "\n".join(shown)


def test_the_pages_that_are_tried_are_those_there_are(app: Flask) -> None:
    tried = {path for _verb, path in pages(app)}
    assert {"/courier/", "/courier/bag", f"/courier/bags/{BAG}", "/courier/take"} <= tried
    assert f"/courier/parcels/{number(1)}/delivered" in tried


def test_a_stranger_and_a_courier_who_left_see_nothing_and_change_nothing(
    app: Flask, meng: Phone, desk: MemoryDesk
) -> None:
    before = desk.parcel(number(1))
    stranger = Phone(app.test_client())
    stranger.get("/courier/in/")
    doors = app.extensions["look_doors"]
    doors["rider"] = replace(doors["rider"], accounts=MemoryAccounts())
    for somebody in (stranger, meng):
        shown = seen_by(app, somebody)
        assert not [word for word in (*WHOLE, BUILDING) if word in shown]
    assert desk.parcel(number(1)) == before


def test_a_courier_who_became_something_else_is_out_at_once(
    app: Flask, meng: Phone, desk: MemoryDesk
) -> None:
    accounts = app.extensions["look_doors"]["rider"].accounts
    accounts.put(Account(MENG, "meng", "孟师傅", frozenset({"supervisor"}), HASH))
    shown = seen_by(app, meng)
    assert not [word for word in (*WHOLE, BUILDING) if word in shown]


def test_another_courier_sees_nothing_and_changes_nothing_also_with_the_label(
    app: Flask, meng: Phone, desk: MemoryDesk
) -> None:
    before, hua = desk.parcel(number(1)), sign_in(app, "hua")
    for scanned in (False, True):
        if scanned:
            hua.scan(1)
        shown = seen_by(app, hua)
        assert not [word for word in (*WHOLE, BUILDING) if word in shown]
    assert desk.parcel(number(1)) == before
    assert not [showing for showing in desk.showings if showing[2] != MENG]


def test_after_delivery_no_room_and_after_a_week_nothing_whatever_is_said_of_it_since(
    app: Flask, meng: Phone, desk: MemoryDesk, clock: Clock
) -> None:
    meng.say(1, "delivered", to="self", code=CODE)
    shown = seen_by(app, meng)
    assert not [word for word in WHOLE if word in shown]
    assert BUILDING in shown
    clock.forward(days=6, seconds=23 * 3600)
    meng = sign_in(app, "meng")
    assert BUILDING in seen_by(app, meng)
    data = {"op": "d" * 32, "when": clock()}
    desk.state("parcel.disputed", number(1), data, author="central.mem00001", actor="resident")
    clock.forward(seconds=2 * 3600)
    shown = seen_by(app, meng)
    assert not [word for word in (*WHOLE, BUILDING) if word in shown]


def test_signing_out_clears_what_was_opened_and_shuts_every_page(
    app: Flask, meng: Phone, desk: MemoryDesk
) -> None:
    meng.scan(2)
    with meng.client.session_transaction() as session:
        assert number(2) in str(dict(session))
    meng.get("/courier/")
    meng.post("/courier/in/out")
    with meng.client.session_transaction() as session:
        assert number(2) not in str(dict(session))
    shown = seen_by(app, meng)
    assert not [word for word in (*WHOLE, BUILDING) if word in shown]
    meng.get("/courier/in/")
    meng.post("/courier/in/", {"login": "meng", "password": PIN})
    assert meng.get(f"/courier/parcels/{number(2)}").status_code == 404


def test_every_form_from_another_site_is_refused(app: Flask, meng: Phone, desk: MemoryDesk) -> None:
    meng.get(f"/W/{token(2)}")
    before = [desk.parcel(number(serial)) for serial in (1, 2)]
    for verb, path in pages(app):
        if verb == "POST":
            typed = {"op": OP, "to": "self", "code": CODE, "why": "later", "sure": "yes"}
            assert meng.client.post(path, data=typed).status_code == 400, path
    assert [desk.parcel(number(serial)) for serial in (1, 2)] == before
    assert PHONE not in str(desk.showings)


def test_each_look_at_a_phone_number_is_logged_and_only_the_holder_may(
    app: Flask, meng: Phone, desk: MemoryDesk
) -> None:
    for count in (1, 2):
        assert PHONE in meng.post(f"/courier/parcels/{number(1)}/phone").text
        looks = [s for s in desk.showings if s == (number(1), "地址、电话", MENG)]
        assert len(looks) == count


def test_an_operation_of_another_courier_s_is_no_way_in(
    app: Flask, meng: Phone, desk: MemoryDesk
) -> None:
    page = f"/courier/parcels/{number(1)}"
    meng.post(f"{page}/out", {"op": OP})
    hua = sign_in(app, "hua")
    hua.scan(1)
    for slug, typed in (("out", {}), ("delivered", {"to": "self", "code": CODE}), ("take", {})):
        headers = {"Accept": "application/json"}
        answer = hua.post(f"{page}/{slug}", {"op": OP, **typed}, headers=headers)
        assert answer.json["verdict"] == "refused"  # type: ignore[index]
    assert hua.get(f"{page}/done?op={OP}").status_code == 404
    parcel = desk.parcel(number(1))
    assert parcel
    assert {step.actor for step in parcel.steps if step.type != "parcel.packed"} <= {MENG, "s-m1"}
