"""Signing in and out, and what stands in the way of a guesser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from courier.look.accounts import HASHER, KEYS_MAX, Throttle, password_fits
from courier.look.signin import Account, MemoryAccounts, hash_password, safe_next
from tests.courier.look.conftest import Clock, Visitor


def test_a_clerk_signs_in_and_comes_back_to_the_page_asked_for(visitor: Visitor) -> None:
    sent_away = visitor.open("/window?list=tasks")
    assert sent_away.location == "/signin/?next=/window?list%3Dtasks"
    landed = visitor.sign_in(next="/window?list=tasks")
    assert landed.location == "/window?list=tasks"
    assert "林梅" in visitor.open(landed.location).text


def test_a_wrong_password_keeps_the_login_typed_and_never_the_password(visitor: Visitor) -> None:
    answer = visitor.sign_in(password="wrong-secret")
    assert answer.status_code == 401
    assert 'value="linmei"' in answer.text
    assert "wrong-secret" not in answer.text
    assert "账号或密码不对" in answer.text


def test_an_unknown_login_gets_the_same_words_as_a_wrong_password(visitor: Visitor) -> None:
    known, unknown = visitor.sign_in(password="x"), visitor.sign_in(login="nobody")
    assert (unknown.status_code, "账号或密码不对" in unknown.text) == (known.status_code, True)


def test_an_empty_form_names_both_fields(visitor: Visitor) -> None:
    answer = visitor.sign_in(login=" ", password="")
    assert answer.status_code == 400
    assert 'href="#f-login"' in answer.text
    assert 'href="#f-password"' in answer.text


def test_five_wrong_passwords_make_even_the_right_one_wait(visitor: Visitor, clock: Clock) -> None:
    for _try in range(5):
        assert visitor.sign_in(password="x").status_code == 401
    waiting = visitor.sign_in()
    assert waiting.status_code == 429
    assert "请过 11 秒再试" in waiting.text
    assert waiting.headers["Retry-After"] == "11"
    clock.now += 11
    assert visitor.sign_in().status_code == 302


def test_each_further_guess_waits_twice_as_long_up_to_a_quarter_of_an_hour(clock: Clock) -> None:
    throttle, waits = Throttle(clock), []
    for _try in range(20):
        while wait := throttle.wait_seconds("linmei"):
            waits.append(wait - 1)
            clock.now += wait
    assert waits[:4] == [10, 20, 40, 80]
    assert waits[-1] == 15 * 60


def test_the_throttle_never_remembers_more_than_its_limit(clock: Clock) -> None:
    throttle = Throttle(clock)
    for number in range(KEYS_MAX + 50):
        throttle.wait_seconds(str(number))
    assert len(throttle._tries) == KEYS_MAX


def test_somebody_else_s_wrong_passwords_do_not_lock_a_clerk_out(app: Flask) -> None:
    stranger, clerk = Visitor(app.test_client()), Visitor(app.test_client())
    for _try in range(6):
        stranger.sign_in(login="wang", password="x")
    assert clerk.sign_in().status_code == 302


def test_signing_out_takes_a_form_and_ends_the_session(clerk: Visitor) -> None:
    assert clerk.open("/signin/out").status_code == 405
    clerk.send("/window", "/signin/out")
    assert clerk.open("/window").status_code == 302


def test_a_page_asked_for_before_signing_out_and_answered_late_changes_no_cookie(
    clerk: Visitor, app: Flask
) -> None:
    name = str(app.config["SESSION_COOKIE_NAME"])
    before = clerk.client.get_cookie(name)
    assert before is not None
    clerk.send("/window", "/signin/out")
    late = app.test_client()
    late.set_cookie(name, before.value)
    answer = late.get("/window")
    assert answer.status_code == 302
    assert "Set-Cookie" not in answer.headers, "it would undo the page to sign in that is open now"


def test_twelve_idle_hours_end_a_session_and_work_keeps_it_alive(
    clerk: Visitor, clock: Clock
) -> None:
    for _hour in range(20):
        clock.now += 3600
        assert clerk.open("/window").status_code == 200
    clock.now += 12 * 3600 + 1
    assert clerk.open("/window").status_code == 302


def test_a_changed_password_signs_out_wherever_one_was_signed_in(
    clerk: Visitor, accounts: MemoryAccounts
) -> None:
    account = accounts.find("linmei")
    assert account is not None
    accounts.put(replace(account, password_hash=hash_password("another")))
    assert clerk.open("/window").status_code == 302


def test_somebody_shut_out_is_out_at_the_next_page(
    clerk: Visitor, accounts: MemoryAccounts
) -> None:
    accounts._by_id.clear()
    assert clerk.open("/window").status_code == 302


def test_a_role_that_is_missing_is_told_so_in_words(clerk: Visitor) -> None:
    answer = clerk.open("/supervisor")
    assert answer.status_code == 403
    assert "您的岗位不能查看" in answer.text


def test_the_form_token_from_before_signing_in_is_worth_nothing_after(visitor: Visitor) -> None:
    page = visitor.open("/signin/").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    visitor.sign_in()
    assert visitor.client.post("/save", data={"csrf_token": token}).status_code == 400


def test_a_form_sent_after_the_session_ended_is_offered_again(clerk: Visitor, clock: Clock) -> None:
    token = clerk.open("/window").text.split('name="csrf_token" value="')[1].split('"')[0]
    clock.now += 13 * 3600
    fields = {"csrf_token": token, "name": "𠮷·林", "password": "x"}
    answer = clerk.client.post("/save", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    assert 'name="name" value="𠮷·林"' in answer.text
    assert 'name="password"' not in answer.text


def test_htmx_and_scripts_are_told_to_sign_in_in_their_own_way(visitor: Visitor) -> None:
    part = visitor.open("/line", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (204, "/signin/")
    script = visitor.open("/line", headers={"Accept": "application/json"})
    assert script.status_code == 401
    assert script.json is not None
    assert script.json["error"]["title"] == "请先登录"


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/a\tb",
        "\\/x",
        "javascript:alert(1)",
        "",
        None,
        "window",
    ],
)
def test_signing_in_never_leads_to_another_site(wish: str | None) -> None:
    assert safe_next(wish, "/window") == "/window"


def test_passwords_are_kept_as_owasp_says_and_never_shown() -> None:
    account = Account("s", "a", "甲", frozenset(), hash_password("door"))
    assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "argon2" not in repr(account)
    assert password_fits(account, "door")
    assert not password_fits(replace(account, password_hash="broken"), "door")
    assert not password_fits(None, "nobody has this password")
    assert HASHER.memory_cost == 19 * 1024
