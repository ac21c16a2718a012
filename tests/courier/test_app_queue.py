"""What a courier's phone asks by itself: verdicts, a pass, the bag, the app's own files."""

from __future__ import annotations

import io
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from cases.states import ParcelState
from courier.app_queue import BY_ITSELF
from courier.desk import MemoryDesk
from labels.tokens import Purpose, mint, point_key
from tests.courier.app_cast import (
    CODE,
    DAY,
    HUA,
    MASTER,
    MENG,
    NOW,
    OFFICE,
    Clock,
    Phone,
    make_desk,
    number,
    pack,
    state,
    token,
    tracking,
)

OP, OTHER = "a" * 32, "b" * 32
LABEL_FORMS = ("/courier/label/delivered", "/courier/label/failed")
ASKS = {"Accept": "application/json", BY_ITSELF: "1"}


@pytest.fixture
def desk(clock: Clock) -> MemoryDesk:
    desk = make_desk(clock)
    pack(desk, 1)
    pack(desk, 2, OFFICE, to_point="350102000000")
    return desk


def ask(phone: Phone, path: str) -> TestResponse:
    return phone.client.get(path, headers=ASKS)


def send(phone: Phone, path: str, **fields: str) -> TestResponse:
    """As the queue does: a fresh pass, then the report, and its verdict."""
    csrf = ask(phone, "/courier/pass").json.get("csrf", "")  # type: ignore[union-attr]
    return phone.client.post(path, data=fields, headers={**ASKS, "X-CSRFToken": csrf})


def said(answer: TestResponse) -> tuple[int, str]:
    assert answer.json
    return answer.status_code, str(answer.json["verdict"])


def report(serial: int, slug: str) -> str:
    return f"/courier/parcels/{number(serial)}/{slug}"


def cookies(client: FlaskClient) -> str:
    cookie = client.get_cookie("courier-test")
    return cookie.value if cookie else ""


def test_a_report_that_counts_says_so_and_again_when_it_is_sent_again(
    meng: Phone, desk: MemoryDesk
) -> None:
    meng.take(1)
    fields = {"op": OP, "when": NOW, "to": "self", "code": CODE}
    answers = [send(meng, report(1, "delivered"), **fields) for _ in range(2)]
    assert [said(a) for a in answers] == [(200, "counted")] * 2
    assert answers[0].json == answers[1].json == {
        "op": OP, "verdict": "counted", "words": "已送达：本人",
        "url": f"{report(1, 'done')}?op={OP}", "field": "",
    }  # fmt: skip
    assert meng.get(answers[0].json["url"]).status_code == 200
    assert len(desk.parcel(number(1)).operations) == 2  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("slug", "fields", "words"),
    [
        ("take", {}, "不用再揽收"),
        ("delivered", {"sure": "yes"}, "请选交给了谁"),
        ("delivered", {"to": "self"}, "用什么证明"),
        ("returned", {}, "重新报"),
        ("failed", {"why": "other"}, "写一句"),
        ("failed", {"why": "later", "when": "2027-01-01T00:00:00Z"}, "自动校时"),
        ("dance", {}, "请打开"),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_words(
    meng: Phone, desk: MemoryDesk, slug: str, fields: dict[str, str], words: str
) -> None:
    meng.take(1)
    answer = send(meng, report(1, slug), op=OP, **fields)
    assert said(answer)[1] == "refused"
    assert words in answer.json["words"] or slug == "dance"  # type: ignore[index]
    assert state(desk, 1) is ParcelState.TAKEN_OVER


def test_an_operation_used_for_something_else_is_refused(meng: Phone) -> None:
    meng.scan(1)
    assert said(send(meng, report(1, "take"), op=OP)) == (200, "counted")
    assert said(send(meng, report(1, "returned"), op=OP, sure="yes")) == (409, "refused")


def test_a_report_that_did_not_count_after_all_is_refused_with_the_reason(
    meng: Phone, desk: MemoryDesk
) -> None:
    desk.state("parcel.taken_over", number(1), {"op": OTHER, "when": NOW},
               author="central.mem00001", actor=HUA)  # fmt: skip
    desk.state("parcel.taken_over", number(1), {"op": OP, "when": NOW},
               author="central.mem00001", actor=MENG)  # fmt: skip
    answer = send(meng, "/courier/take", q=token(1), op=OP)
    assert said(answer) == (409, "refused")
    assert answer.json["words"]  # type: ignore[index]


def test_while_nobody_knows_it_is_to_be_sent_again(meng: Phone, desk: MemoryDesk) -> None:
    meng.take(1)
    desk.broken = True
    fields = {"op": OP, "to": "self", "code": CODE}
    assert said(send(meng, report(1, "delivered"), **fields)) == (503, "again")
    desk.broken = False
    assert said(send(meng, report(1, "delivered"), **fields)) == (200, "counted")


def test_without_a_session_everything_waits_for_its_courier(meng: Phone, app: Flask) -> None:
    assert ask(meng, "/courier/pass").status_code == 200
    csrf = ask(meng, "/courier/pass").json["csrf"]  # type: ignore[index]
    meng.client.set_cookie("courier-test", "")
    assert ask(meng, "/courier/pass").status_code == 401
    assert ask(meng, "/courier/bag").status_code == 401
    app.config["WTF_CSRF_ENABLED"] = False
    answer = meng.client.post(
        report(1, "take"), data={"op": OP}, headers={**ASKS, "X-CSRFToken": csrf}
    )
    assert said(answer) == (401, "signin")


def test_a_report_without_a_pass_is_no_verdict_at_all(meng: Phone, desk: MemoryDesk) -> None:
    meng.scan(1)
    answer = meng.client.post(report(1, "take"), data={"op": OP}, headers=ASKS)
    assert (answer.status_code, "verdict" in (answer.json or {})) == (400, False)
    assert state(desk, 1) is ParcelState.PACKED


def test_a_pass_says_who_it_is_for_and_what_time_it_is_here(meng: Phone) -> None:
    answer = ask(meng, "/courier/pass")
    assert answer.json
    assert {**answer.json, "csrf": ""} == {
        "courier": MENG, "name": "孟师傅", "now": NOW, "csrf": "",
    }  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_what_a_phone_asks_by_itself_does_not_keep_a_session_alive(meng: Phone) -> None:
    with meng.client.session_transaction() as session:
        session["door-rider"] = {
            **session["door-rider"],
            "seen": session["door-rider"]["seen"] - 99,
        }
    before = cookies(meng.client)
    ask(meng, "/courier/pass")
    ask(meng, "/courier/bag")
    assert cookies(meng.client) == before
    meng.get("/courier/")
    assert cookies(meng.client) != before


def test_the_bag_names_the_pages_of_what_is_in_hand_and_a_stamp_that_moves_with_it(
    meng: Phone, clock: Clock
) -> None:
    forms = {"number": "", "stamp": "2026-11-23", "pages": list(LABEL_FORMS)}
    assert ask(meng, "/courier/bag").json == {
        "courier": MENG, "name": "孟师傅", "parcels": [], "beside": [forms],
    }  # fmt: skip
    meng.take(1)
    (first,) = ask(meng, "/courier/bag").json["parcels"]  # type: ignore[index]
    page = f"/courier/parcels/{number(1)}"
    assert (first["number"], first["tracking"]) == (number(1), tracking(1))
    assert token(1).startswith(first["stem"])
    assert mint(point_key(MASTER, 17), Purpose.WAYBILL, number(1), DAY).startswith(first["stem"])
    assert not token(2).startswith(first["stem"])
    assert first["pages"][0] == page
    assert {f"{page}/delivered", f"{page}/failed", f"{page}/returned"} <= set(first["pages"])
    assert all(meng.get(path).status_code == 200 for path in first["pages"])
    meng.say(1, "failed", why="no_answer")
    (second,) = ask(meng, "/courier/bag").json["parcels"]  # type: ignore[index]
    clock.forward(days=1)
    (third,) = ask(meng, "/courier/bag").json["parcels"]  # type: ignore[index]
    assert len({first["stamp"], second["stamp"], third["stamp"]}) == 3
    meng.say(1, "delivered", to="self", code=CODE)
    assert ask(meng, "/courier/bag").json["parcels"] == []  # type: ignore[index]


# the app on the phone


def test_the_worker_names_every_file_that_it_keeps_and_each_is_there(app: Flask) -> None:
    stranger = app.test_client()
    answer = stranger.get("/courier/worker.js")
    assert answer.mimetype == "text/javascript"
    known = dict(re.findall(r"^const (VERSION|FILES|QUEUE) = (.*);$", answer.text, re.MULTILINE))
    files = json.loads(known["FILES"])
    assert json.loads(known["QUEUE"]) in files
    for path in files:
        with stranger.get(path) as file:
            assert file.status_code == 200, path
    assert {"/courier/offline"} == {path for path in files if "?v=" not in path}


def test_the_page_without_a_signal_and_the_sign_in_say_nothing_of_anybody(app: Flask) -> None:
    stranger = app.test_client()
    for path in ("/courier/offline", "/courier/in/"):
        assert 'data-id="" data-name=""' in stranger.get(path).text


def test_the_app_installs_under_its_own_door(app: Flask) -> None:
    with app.test_client().get("/courier/static/app.webmanifest") as manifest:
        assert manifest.mimetype == "application/manifest+json"
        says = json.loads(manifest.text)
    assert (says["start_url"], says["scope"], says["display"]) == (
        "/courier/", "/courier/", "standalone",
    )  # fmt: skip
    for icon in says["icons"]:
        with app.test_client().get(f"/courier/static/{icon['src']}") as picture:
            size = Image.open(io.BytesIO(picture.data)).size
        assert "x".join(map(str, size)) == icon["sizes"]
