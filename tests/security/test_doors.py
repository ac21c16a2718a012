"""The doors: who is not signed in, or is somebody else, gets nowhere; guessing gets nowhere."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from central import limits, web
from central.limits import WRONG_FOR_SUBJECT
from central.portal_db import open_portal_db
from courier.look.accounts import TRIES_FREE_ANYWHERE
from node import window
from node.app import create_app as window_app
from node.local import Node
from tests.central.world import NOW, PIN, Browser, Central, MemoryDistrict, Point
from tests.node.conftest import HERE, PASSWORD, Desk, make_node, sign_in

OPEN = {
    "portal.home", "portal.look_up", "portal.case", "portal.scanned", "portal.prove", "health",
    "courier.opened", "slip.privacy", "signin.sign_in", "signin.sign_out", "rider.sign_in",
    "rider.sign_out", "courier.worker", "courier.offline",
    "guide.papers",  # what a matter asks for is public, and says nothing of anybody
    "verify.paper",  # whether a paper is true, for whoever holds it
}  # fmt: skip
SIGNED = {"blobs.answer", "ask.answer"}
NUMBER = "GL031-261123-0041-X"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return make_node(tmp_path / "here", HERE, lambda: NOW)


@pytest.fixture
def window_of(node: Node) -> Flask:
    return window_app(node)


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every address of an app, with something in its places."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<any\((\w+).*?>", r"\1", rule.rule)
        yield rule, re.sub(r"<.*?>", NUMBER, re.sub(r"<int:.*?>", "1", path))


def closed(rule: Rule) -> bool:
    return (
        rule.endpoint not in OPEN
        and not rule.endpoint.endswith("static")
        and not rule.endpoint.startswith(("slip.", "correction.", "dispute."))  # behind a code
        and not rule.endpoint.startswith(("apply.", "followed."))  # one's own draft; a code
    )


def test_nothing_of_a_window_opens_without_signing_in(window_of: Flask) -> None:
    for rule, path in rules(window_of):
        if rule.endpoint in ("signin.sign_in", "signin.sign_out") or "static" in rule.endpoint:
            continue
        desk = Desk(window_of.test_client())
        desk.get("/signin/")
        for method in rule.methods & {"GET", "POST"}:
            answer = desk.post(path) if method == "POST" else desk.get(path)
            assert answer.status_code in (302, 401), (rule, answer.status_code)
            assert method == "POST" or "/signin/" in answer.headers["Location"]


def test_a_colleague_without_a_role_gets_no_case_no_paper_and_no_person(window_of: Flask) -> None:
    desk = sign_in(window_of, "guest")
    for rule, path in rules(window_of):
        if rule.endpoint.split(".")[0] not in ("cases", "receipts", "mail", "slips", "status"):
            continue
        for method in rule.methods & {"GET", "POST"}:
            answer = desk.post(path) if method == "POST" else desk.get(path)
            if rule.endpoint != "receipts.safe":
                assert answer.status_code == 403, (rule, answer.status_code)


def test_nothing_of_central_but_the_residents_pages_opens_without_signing_in(
    app: Flask,
) -> None:
    for rule, path in rules(app):
        if not closed(rule):
            continue
        browser = Browser(app.test_client())
        browser.get("/signin/")
        for method in rule.methods & {"GET", "POST"}:
            sent = browser.client.post if method == "POST" else browser.client.get
            answer = (
                sent(path, data={"csrf_token": browser.csrf}) if method == "POST" else sent(path)
            )
            assert answer.status_code in (302, 401), (rule, answer.status_code)


@pytest.mark.parametrize(("login", "door", "theirs"), [
    ("1001", "/courier/in/", "board"), ("guan", "/signin/", "courier"),
])  # fmt: skip
def test_couriers_see_no_board_and_supervisors_no_parcels(
    app: Flask,
    login: str,
    door: str,
    theirs: str,
) -> None:
    browser = Browser(app.test_client())
    browser.get(door)
    browser.post(door, {"login": login, "password": PIN if login == "1001" else PASSWORD})
    for rule, path in rules(app):
        if rule.endpoint.startswith(f"{theirs}.") and closed(rule) and "GET" in rule.methods:
            assert browser.client.get(path).status_code in (302, 403), rule


def test_no_form_is_taken_without_its_token(app: Flask, window_of: Flask) -> None:
    for each in (app, window_of):
        for rule, path in rules(each):
            if "POST" in rule.methods:
                refusal = 401 if rule.endpoint in SIGNED else 400
                client = each.test_client()
                client.get("/signin/")
                assert client.post(path, data={"login": "x"}).status_code == refusal, rule
                forged = client.post(path, data={"csrf_token": "x"}, headers={"Origin": "http://e"})
                assert forged.status_code == refusal, rule


def test_no_signing_in_opens_what_only_a_signature_opens(app: Flask) -> None:
    for door, login, secret in (("/signin/", "guan", PASSWORD), ("/courier/in/", "1001", PIN)):
        browser = Browser(app.test_client())
        browser.get(door)
        browser.post(door, {"login": login, "password": secret})
        for rule, path in rules(app):
            if rule.endpoint in SIGNED:
                assert browser.post(path).status_code == 401, rule


@pytest.mark.parametrize(
    "next", ["//evil.test", "http://evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test",
             "https:evil.test", "javascript:alert(1)", "/%0d%0aSet-Cookie:x=1\r\n", " //evil.test"],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(window_of: Flask, next: str) -> None:
    desk = Desk(window_of.test_client())
    desk.get("/signin/", query_string={"next": next})
    sent = {"login": "lin", "password": PASSWORD, "next": next}
    assert "evil" not in desk.post("/signin/", sent).headers["Location"].partition("?")[0]


def test_a_cookie_that_was_copied_opens_nothing_after_signing_out(window_of: Flask) -> None:
    desk = sign_in(window_of, "lin")
    copied = cookie(desk.client)
    assert with_cookie(window_of, copied).get("/cases").status_code == 200
    desk.post("/signin/out")
    assert with_cookie(window_of, copied).get("/cases").status_code == 302


def test_signing_in_changes_the_form_token_and_keeps_no_session_of_a_strangers_making(
    window_of: Flask,
) -> None:
    desk = Desk(window_of.test_client())
    desk.get("/signin/")
    before = desk.csrf
    planted = cookie(desk.client)
    desk.post("/signin/", {"login": "lin", "password": PASSWORD})
    desk.get("/")
    assert desk.csrf != before
    assert with_cookie(window_of, planted).get("/cases").status_code == 302


def cookie(client: FlaskClient) -> tuple[str, str]:
    (found,) = (c for c in client._cookies.values() if c.key.startswith("doorstep_0"))
    return found.key, found.value


def with_cookie(app: Flask, found: tuple[str, str]) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(*found)
    return client


def test_a_pin_is_not_guessed_from_many_addresses(app: Flask) -> None:
    browser, codes = Browser(app.test_client()), []
    browser.get("/courier/in/")
    for n in range(TRIES_FREE_ANYWHERE + 3):
        at = {"REMOTE_ADDR": f"10.0.{n}.1", "HTTP_X_FORWARDED_FOR": f"10.9.9.{n}"}
        sent = {"login": "1001", "password": f"{n:06d}", "csrf_token": browser.csrf}
        codes.append(browser.client.post("/courier/in/", data=sent, environ_base=at).status_code)
    assert codes[: TRIES_FREE_ANYWHERE - 1] == [401] * (TRIES_FREE_ANYWHERE - 1)
    assert codes[-1] == 429


def test_guessing_does_not_lock_out_the_phone_that_was_here_before(app: Flask) -> None:
    own = Browser(app.test_client())
    own.get("/courier/in/")
    own.post("/courier/in/", {"login": "1001", "password": PIN})
    own.post("/courier/in/out")
    thief = Browser(app.test_client())
    thief.get("/courier/in/")
    for n in range(TRIES_FREE_ANYWHERE + 3):
        sent = {"login": "1001", "password": "000000", "csrf_token": thief.csrf}
        at = {"REMOTE_ADDR": f"10.0.{n}.1"}
        thief.client.post("/courier/in/", data=sent, environ_base=at)
    own.get("/courier/in/")
    assert own.post("/courier/in/", {"login": "1001", "password": PIN}).status_code == 200
    assert own.client.get("/courier/").status_code == 200


def test_many_guesses_at_once_are_no_more_guesses(tmp_path: Path) -> None:
    """Two hundred tries from twenty browsers in the same moment: five may go ahead."""
    open_portal_db(tmp_path).close()
    free: list[bool] = []

    def guess() -> None:
        db = open_portal_db(tmp_path)
        for _ in range(10):
            free.append(not limits.take_try(db, NOW, {"wrong:x": WRONG_FOR_SUBJECT}))
        db.close()

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(free) == WRONG_FOR_SUBJECT.free


def test_a_right_one_gives_its_try_back_and_no_more(tmp_path: Path) -> None:
    db = open_portal_db(tmp_path)
    few = limits.Limit(3, 60)
    for _ in range(9):
        assert limits.take_try(db, NOW, {"a": few}) == 0
        limits.give_back(db, NOW, "a", few)
    assert [limits.take_try(db, NOW, {"a": few}) for _ in range(4)] == [0, 0, 0, 60]
    db.close()


def test_an_address_that_is_only_claimed_counts_for_nothing(
    app: Flask,
    point: Point,
    central: Central,
) -> None:
    number, codes = point.receive(), []
    central.carry()
    browser = Browser(app.test_client())
    browser.get("/")
    for n in range(8):
        sent = {"number": number, "last_four": f"{n:04d}", "csrf_token": browser.csrf}
        headers = {"X-Forwarded-For": f"10.1.1.{n}", "Forwarded": f"for=10.1.1.{n}"}
        codes.append(browser.client.post("/lookup", data=sent, headers=headers).status_code)
    assert codes == [400] * 5 + [429] * 3


def test_a_last_four_that_only_a_stranger_wrote_proves_nothing(
    point: Point,
    centre_point: Point,
    central: Central,
    resident: Browser,
) -> None:
    """A point with no part in it fills in a slip for a case that central has not heard of."""
    number = point.new_case_number()
    slip = {"name": "x", "phone": "13912340000", "province": "x", "city": "x", "county": "x",
            "street": "x", "region": "x"}  # fmt: skip
    centre_point.state("slip.filled", number, {"channel": "qr"}, **slip)
    central.carry()
    resident.get("/")
    resident.post("/lookup", {"number": number, "last_four": "0000"})
    assert resident.client.get(f"/case/{number}").status_code == 302


@pytest.fixture
def centre_point(district: MemoryDistrict, central: Central, clock: object) -> Point:
    return Point(district, "350102000000", clock)  # type: ignore[arg-type]


def test_one_poster_spelled_in_other_ways_is_one_poster(
    point: Point,
    resident: Browser,
    district: MemoryDistrict,
) -> None:
    key = point.poster()
    other = key.lower().replace("o", "0").replace("i", "1").replace("b", "8")
    for door in (f"/T/{key}", f"/t/{other}", f"/T/{key.lower()}"):
        resident.fill(door)
    db = open_portal_db(district.config.data)
    counted = db.execute("SELECT key, count FROM tries WHERE key LIKE 'fill:%'").fetchall()
    db.close()
    assert sorted(count for _key, count in counted) == [3, 3]


def test_a_courier_does_not_try_numbers_one_by_one(app: Flask) -> None:
    courier = Browser(app.test_client())
    courier.get("/courier/in/")
    courier.post("/courier/in/", {"login": "1001", "password": PIN})
    for _ in range(61):
        answer = courier.get("/courier/find?q=DS00100000018")
    assert "输入的号码太多了" in answer.text


@pytest.mark.parametrize("main", [window.main, web.main])
def test_pages_that_fail_are_logged_without_tokens_and_words(main: object) -> None:
    """Both web processes set up the masked logs before they serve."""
    code = main.__code__.co_names  # type: ignore[attr-defined]
    assert "set_up_logs" in code


def test_gunicorns_own_words_go_the_same_masked_way() -> None:
    from gunicorn.config import Config

    error_log = logging.getLogger("gunicorn.error")
    before = error_log.handlers[:], error_log.propagate
    try:
        web.Logs(Config())
        assert (error_log.handlers, error_log.propagate) == ([], True)
    finally:
        error_log.handlers[:], error_log.propagate = before


def test_what_our_processes_write_is_nobody_elses_to_read(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from sync.process import process\n"
        "sys.argv = ['x', '--config', 'x']\n"
        f"with process('x'): Path({str(tmp_path / 'f')!r}).touch()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own words
    assert (tmp_path / "f").stat().st_mode & 0o077 == 0
