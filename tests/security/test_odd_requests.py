"""Whatever is sent, a page answers with words: never a failure, never what was sent, run."""

from __future__ import annotations

import http.client
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

from node.app import create_app as window_app
from node.local import Node
from tests.central.world import NOW, PASSWORD, PIN, Browser, Central, Point
from tests.contract.conftest import served
from tests.node.conftest import HERE, make_node
from tests.node.conftest import sign_in as at_window
from tests.security.test_doors import NUMBER

SCRIPT = "\"'><script>alert(1)</script>"
ODD = (
    "", SCRIPT, "\x00", "a\x00b", "𠮷" * 50, "\ud800", "x" * 5_000, "%", "{{7*7}}", "../../etc/x",
    "-1", "9" * 30, "true", "[]", "\r\nSet-Cookie: a=b", "\u202e", "²", "٣", "DS٠٠١٠٠٠٠٠٠١٨", "Ⅷ",
)  # fmt: skip
RAW = (
    b"%ff%fe=%c3%28&name=%ed%a0%80", b"\xff\xfe\x00", b"name=" + b"x" * 400_000, b"[" * 5_000,
    b"&".join(b"a%d=1" % n for n in range(30_000)), b"name[]=1&name[0][a]=2",
)  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return make_node(tmp_path / "here", HERE, lambda: NOW)


def paths(app: Flask, method: str) -> list[str]:
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and "static" not in rule.endpoint:
            found.append(re.sub(r"<any\((\w+).*?>", r"\1", str(rule)))
    return found


def fill(path: str, odd: str) -> str:
    return re.sub(r"<.*?>", quote(odd, safe="", errors="surrogatepass") or "x", path)


def probe(app: Flask, browsers: list[Browser]) -> None:
    """Every address, with something odd in its places, its query and its form, for everybody."""
    for browser in browsers:
        for odd in ODD:
            for path in paths(app, "GET"):
                query = {n: odd.encode(errors="surrogatepass") for n in
                         ("q", "lang", "theme", "next", "page", "state", "in", "op", "area", "show",
                          "code", "parcels", "department", "point", "kind", "then")}  # fmt: skip
                check(browser.client.get(fill(path, odd), query_string=query), path, odd)
                if "<" in path:
                    check(browser.client.get(fill(path, NUMBER), query_string=query), path, odd)
    browser = browsers[-1]
    for odd in ODD:
        names = ("name", "phone", "number", "last_four", "op", "login", "password", "items", "to",
                 "parcels", "visit", "street", "county", "then", "when", "next")  # fmt: skip
        form = {n: odd.encode(errors="surrogatepass") for n in names}
        for path in paths(app, "POST"):
            if path.endswith("/out"):
                continue
            sent = {**form, "csrf_token": browser.csrf}
            check(browser.client.post(fill(path, NUMBER), data=sent), path, odd)


def check(answer: object, path: str, odd: str) -> None:
    status, text = answer.status_code, answer.get_data()  # type: ignore[attr-defined]
    assert status < 500, (path, odd[:40], status)
    assert b"<script>alert(1)" not in text, (path, odd[:40])
    assert not answer.headers.get("Location", "").startswith(("//", "http://e"))  # type: ignore[attr-defined]


def test_a_window_answers_whatever_is_asked(node: Node) -> None:
    app = window_app(node)
    desk = at_window(app, "wang")
    probe(app, [Browser(desk.client, desk.csrf)])


def test_central_answers_whatever_is_asked(app: Flask, point: Point, central: Central) -> None:
    number = point.receive()
    central.carry()
    anybody, rider, boss = (Browser(app.test_client()) for _ in range(3))
    rider.get("/courier/in/")
    rider.post("/courier/in/", {"login": "1001", "password": PIN})
    boss.get("/signin/")
    boss.post("/signin/", {"login": "guan", "password": PASSWORD})
    anybody.get(f"/T/{point.token(number)}")
    probe(app, [rider, boss, anybody])


@pytest.mark.parametrize("body", RAW)
def test_bodies_that_are_no_forms_are_refused_with_words(app: Flask, body: bytes) -> None:
    for path in ("/lookup", "/signin/", "/courier/in/"):
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                     "multipart/form-data", "application/json", "text/xml"):  # fmt: skip
            answer = app.test_client().post(path, data=body, content_type=kind)
            assert 400 <= answer.status_code < 500, (path, kind)


def test_a_body_without_end_is_not_read(app: Flask, node: Node) -> None:
    for each in (app, window_app(node)):
        answer = each.test_client().post(
            "/signin/", data=b"x" * 1_100_000, content_type="text/plain"
        )
        assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    "path", ["/%ff", "/T/%00", "/T/..%2f..%2fx", "//evil.test/", "/look/static/../../accounts.json",
             "/look/static/%2e%2e/%2e%2e/errors.py", "/look/static//etc/passwd",
             "/board/static/..%2f..%2faccounts.py", "/static/../web.py", "/T/" + "A" * 9_000],
)  # fmt: skip
def test_paths_lead_to_no_file_of_ours(app: Flask, path: str) -> None:
    with served(app) as url:
        line = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        line.putrequest("GET", path, skip_host=True)
        line.putheader("Host", "evil.test")
        line.endheaders()
        answer = line.getresponse()
        text = answer.read()
        line.close()
    assert answer.status in (308, 400, 404, 414)
    assert b"import" not in text
    assert not (answer.getheader("Location") or "").startswith("//")


def test_pages_are_not_kept_and_tell_nobody_where_one_came_from(
    app: Flask, point: Point, central: Central
) -> None:
    number = point.receive()
    central.carry()
    browser = Browser(app.test_client())
    for page in (f"/T/{point.token(number)}", f"/W/{point.token(number)}", "/", "/signin/",
                 "/courier/in/", "/T/x", "/board/"):  # fmt: skip
        headers = browser.client.get(page).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_what_one_browser_typed_another_on_the_same_phone_does_not_see(
    app: Flask, point: Point
) -> None:
    one, other = Browser(app.test_client()), Browser(app.test_client())
    base = f"/T/{point.poster()}"
    one.fill_in(base)
    assert "502室" not in other.get(f"{base}/slip/street").text
    assert "13805915678" not in other.get(f"{base}/slip/who").text
    one.send(base)
    assert "502室" not in one.get(f"{base}/slip/street").text
    assert "林小梅" not in one.get(f"{base}/slip/who").text
