"""What every page carries, and what it says when something is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError

import courier.look
from courier.look import cacheable, init_look
from tests.courier.look.conftest import Visitor
from tests.courier.look.gallery import KEY, make_gallery

TEMPLATES = sorted((Path(courier.look.__file__).parent / "templates").rglob("*.html"))
STATIC = Path(courier.look.__file__).parent / "static"


def test_every_page_carries_the_strict_headers(clerk: Visitor) -> None:
    headers = clerk.open("/window").headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'self'",
        "script-src 'self';",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert part in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_error_pages_carry_them_too(visitor: Visitor) -> None:
    for url in ("/nowhere", "/stop/429", "/save"):
        headers = visitor.open(url).headers
        assert headers["Cache-Control"] == "no-store"
        assert "object-src 'none'" in headers["Content-Security-Policy"]


def test_only_the_courier_s_pages_may_use_the_camera(visitor: Visitor) -> None:
    assert "camera=(self)" in visitor.open("/courier/").headers["Permissions-Policy"]
    assert "camera=()" in visitor.open("/resident/").headers["Permissions-Policy"]


def test_a_static_file_is_kept_a_year_under_its_hash_and_not_without(visitor: Visitor) -> None:
    page = visitor.open("/resident/").text
    for url in re.findall(r'(?:href|src)="(/look/static/[^"]+)"', page):
        with visitor.open(url) as file:
            assert file.status_code == 200
            assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with visitor.open("/look/static/base.css") as file:
        assert file.headers["Cache-Control"] == "no-cache"


def test_a_view_may_let_its_answer_be_kept(app: Flask) -> None:
    @app.get("/worker.js")
    def worker() -> object:
        return cacheable(app.make_response("ok"), 60)

    assert app.test_client().get("/worker.js").headers["Cache-Control"] == "public, max-age=60"


def test_the_session_cookie_is_the_app_s_own_and_kept_from_scripts(visitor: Visitor) -> None:
    cookie = visitor.open("/signin/").headers["Set-Cookie"]
    assert cookie.startswith("gallery=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_two_apps_in_one_process_keep_to_themselves() -> None:
    one, two = Flask("one"), Flask("two")
    init_look(one, surface="window", secret_key=KEY, product_place="甲", cookie_name="one")
    init_look(two, surface="board", secret_key=KEY, product_place="乙", secure_cookies=True)
    assert "甲" in one.test_client().get("/x").text
    page = two.test_client().get("/x")
    assert 'data-surface="board"' in page.text
    assert "甲" not in page.text
    assert two.config["SESSION_COOKIE_SECURE"]


def test_an_unknown_surface_or_a_short_key_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="under 16 bytes"):
        init_look(Flask("x"), surface="window", secret_key=b"short", product_place="")
    with pytest.raises(ValueError, match="attic"):
        init_look(Flask("x"), surface="attic", secret_key=KEY, product_place="")  # type: ignore[arg-type]


def test_a_value_that_the_view_forgot_is_an_error_not_a_blank(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(UndefinedError):
        render_template_string("{{ forgotten }}")


def test_no_part_uses_inline_styles_scripts_or_handlers() -> None:
    for path in [*TEMPLATES, *(Path(__file__).parent / "templates").glob("*.html")]:
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", text), path


def test_no_file_of_the_kit_asks_another_host_for_anything() -> None:
    for path in [*TEMPLATES, *STATIC.glob("*.css"), *STATIC.glob("*.js")]:
        assert not re.search(r"(?:https?:)?//[a-z]+[.]", path.read_text()), path


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (403, "不在您的权限内"),
        (404, "找不到这一页"),
        (405, "不能这样打开"),
        (413, "超过了 1 MB"),
        (429, "操作太快了"),
        (422, "没有看懂这次提交"),
        (503, "系统暂时办不了"),
    ],
)
def test_every_error_says_what_to_do_next(visitor: Visitor, code: int, words: str) -> None:
    answer = visitor.open(f"/stop/{code}")
    assert answer.status_code == code
    assert words in answer.text
    assert "回到首页" in answer.text


def test_a_body_over_a_megabyte_is_refused_in_words(visitor: Visitor) -> None:
    answer = visitor.client.post("/resident/", data={"name": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "超过了 1 MB" in answer.text


def test_a_failure_shows_a_number_and_nothing_of_the_person(app: Flask) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/break")
    assert answer.status_code == 500
    assert "不是您填错了" in answer.text
    assert re.search(r"<code>[0-9a-f]{8}</code>", answer.text)
    assert "13800005678" not in answer.text


def test_scripts_get_errors_as_json_with_readable_chinese(visitor: Visitor) -> None:
    answer = visitor.open("/nowhere", headers={"Accept": "application/json"})
    assert answer.json is not None
    assert answer.json["error"]["code"] == 404
    assert "找不到这一页" in answer.text


def test_a_form_without_its_token_is_refused_and_offered_again_to_our_own_page_only(
    visitor: Visitor,
) -> None:
    fields = {"name": "𠮷·林", "csrf_token": "old"}
    own = {"Sec-Fetch-Site": "same-origin"}
    ours = visitor.client.post("/resident/", data=fields, headers=own)
    assert ours.status_code == 400
    assert 'name="name" value="𠮷·林"' in ours.text
    for site in ({"Sec-Fetch-Site": "cross-site"}, {}):
        theirs = visitor.client.post("/resident/", data=fields, headers=site)
        assert theirs.status_code == 400
        assert "𠮷·林" not in theirs.text


def test_what_was_typed_is_shown_escaped(visitor: Visitor) -> None:
    answer = visitor.send("/resident/", "/resident/", name='"><script>alert(1)</script>')
    assert "<script>alert" not in answer.text


def test_a_page_says_everything_that_is_wrong_and_links_to_each_field(visitor: Visitor) -> None:
    answer = visitor.send("/resident/", "/resident/", number="123")
    assert "请改正下面 3 处" in answer.text
    for field in ("name", "number", "route"):
        assert f'href="#f-{field}"' in answer.text
        assert f'id="f-{field}"' in answer.text
    assert 'value="123"' in answer.text


def test_a_toast_with_undo_follows_a_saved_form(clerk: Visitor) -> None:
    clerk.send("/window", "/save")
    page = clerk.open("/window").text
    assert "已收件 GL017-261122-0042-K" in page
    assert 'action="/undo"' in page
    assert "已收件 GL017-261122-0042-K" not in clerk.open("/window").text


def test_english_is_for_residents_who_ask_for_it(visitor: Visitor) -> None:
    english = {"Accept-Language": "en-GB,en;q=0.8"}
    assert 'lang="en"' in visitor.open("/resident/", headers=english).text
    assert 'lang="zh-CN"' in visitor.open("/resident/").text
    assert 'lang="zh-CN"' in visitor.open("/board/", headers=english).text
    assert 'lang="en"' in visitor.open("/resident/", headers={"Accept-Language": "fr"}).text


def test_the_language_link_keeps_the_page_and_is_remembered(visitor: Visitor) -> None:
    page = visitor.open("/resident/?step=2").text
    assert 'href="/resident/?step=2&amp;lang=en"' in page
    assert "(optional)" in visitor.open("/resident/?step=2&lang=en").text
    assert "(optional)" in visitor.open("/resident/").text
    assert "（选填）" in visitor.open("/resident/?lang=zh").text
    assert "（选填）" in visitor.open("/resident/?lang=xx").text


def test_an_error_in_english_is_english(visitor: Visitor) -> None:
    visitor.open("/resident/?lang=en")
    answer = visitor.send("/resident/", "/resident/", number="123")
    assert "Please correct the 3 items below" in answer.text
    assert "does not fit" in answer.text


def test_higher_contrast_is_one_link_away_on_every_surface(visitor: Visitor) -> None:
    assert 'data-theme="contrast"' in visitor.open("/board/?theme=contrast").text
    assert 'data-theme="contrast"' in visitor.open("/kiosk/").text


def test_a_stranger_s_host_is_refused_where_hosts_are_named() -> None:
    app = Flask("x")
    init_look(
        app, surface="board", secret_key=KEY, product_place="", trusted_hosts=["door.example"]
    )
    client = app.test_client()
    refused = client.get("/x", base_url="http://evil.example")
    assert (refused.status_code, refused.mimetype) == (400, "text/plain")
    assert client.get("/x", base_url="http://door.example").status_code == 404


def test_every_surface_renders(app: Flask) -> None:
    client = make_gallery().test_client()
    for surface in ("resident", "courier", "board", "kiosk"):
        page = client.get(f"/{surface}/")
        assert page.status_code == 200
        assert f'<body data-surface="{surface}"' in page.text
