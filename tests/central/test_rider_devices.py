"""A courier's account works on one phone: bound by signing in, released by a supervisor."""

from __future__ import annotations

import pytest
from flask import Flask

from central.accounts import add_account
from tests.central.world import PIN, Browser, Clock, MemoryDistrict, cheap_accounts


def phone(app: Flask) -> Browser:
    return Browser(app.test_client())


def sign_in(phone: Browser, login: str = "1001", pin: str = PIN) -> str:
    phone.get("/courier/in/")
    return phone.post("/courier/in/", {"login": login, "password": pin}).text


def is_in(phone: Browser) -> bool:
    return "手上没有邮件" in phone.get("/courier/").text


@pytest.fixture
def first(app: Flask) -> Browser:
    first = phone(app)
    sign_in(first)
    assert is_in(first)
    return first


def test_the_first_phone_is_the_account_s_and_another_is_told_whom_to_ask(
    app: Flask, first: Browser
) -> None:
    other = phone(app)
    answer = sign_in(other)
    assert "换手机请找主管解绑" in answer
    assert not is_in(other)
    assert "账号或PIN 码不对" in sign_in(other, pin="000000")
    assert is_in(first)


def test_signing_out_and_in_again_on_the_same_phone_needs_nobody(first: Browser) -> None:
    first.get("/courier/")
    first.post("/courier/in/out")
    assert not is_in(first)
    sign_in(first)
    assert is_in(first)


def test_a_session_that_was_carried_to_another_phone_opens_nothing(
    app: Flask, first: Browser
) -> None:
    session = first.client.get_cookie("doorstep_central")
    device = first.client.get_cookie("doorstep_central_device")
    assert session
    assert device
    assert device.http_only
    thief = phone(app)
    thief.client.set_cookie("doorstep_central", session.value)
    assert not is_in(thief)
    thief.client.set_cookie("doorstep_central_device", "a guess")
    assert not is_in(thief)


def test_a_supervisor_releases_a_phone_and_its_sessions_end_at_once(
    app: Flask, first: Browser, supervisor: Browser, district: MemoryDistrict
) -> None:
    page = supervisor.get("/board/couriers").text
    assert "阿强" in page
    assert "已绑定" in page
    assert "已解绑" in supervisor.post("/board/couriers/c-1001/release").text
    assert "还没有绑定" in supervisor.get("/board/couriers").text
    assert not is_in(first)
    new = phone(app)
    sign_in(new)
    assert is_in(new)
    assert "换手机请找主管解绑" in sign_in(first)
    supervisor.post("/board/couriers/c-1001/release")
    assert "不用解绑" in supervisor.post("/board/couriers/c-1001/release").text


def test_only_a_supervisor_releases_phones(app: Flask, first: Browser, stranger: Browser) -> None:
    for somebody in (first, stranger):
        somebody.get("/courier/")
        answer = somebody.post("/board/couriers/c-1001/release")
        assert "已解绑" not in answer.text
        assert "阿强" not in somebody.get("/board/couriers").text
    assert is_in(first)


def test_a_shared_phone_serves_two_accounts_and_a_new_pin_keeps_the_phone(
    first: Browser, district: MemoryDistrict
) -> None:
    with cheap_accounts():
        data = district.config.data
        add_account(data, login="1002", display="小周", roles=["courier"], secret="135790")
        sign_in(first, "1002", "135790")
        assert is_in(first)
        add_account(data, login="1001", display="阿强", roles=["courier"], secret="246801")
    sign_in(first, "1001", "246801")
    assert is_in(first)


def test_guessing_a_pin_soon_has_to_wait(app: Flask, clock: Clock) -> None:
    guesser = phone(app)
    answers = [sign_in(guesser, pin=f"{n:06d}") for n in range(6)]
    assert "账号或PIN 码不对" in answers[4]
    assert "试错的次数太多" in answers[5]
    assert "试错的次数太多" in sign_in(guesser)
