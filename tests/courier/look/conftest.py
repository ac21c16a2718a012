"""The gallery app with a clock that tests set."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from courier.look.signin import MemoryAccounts
from tests.courier.look.gallery import make_accounts, make_gallery


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Visitor:
    """Somebody at a browser: opens pages and sends forms with the page's own token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, url: str, **kwargs: object) -> TestResponse:
        return self.client.get(url, **kwargs)

    def send(self, page: str, url: str, **fields: object) -> TestResponse:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.open(page).text)
        token = found.group(1) if found else ""
        return self.client.post(url, data={"csrf_token": token, **fields})

    def sign_in(self, **fields: str) -> TestResponse:
        typed = {"login": "linmei", "password": "door", **fields}
        return self.send("/signin/", "/signin/", **typed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts() -> MemoryAccounts:
    return make_accounts()


@pytest.fixture
def app(clock: Clock, accounts: MemoryAccounts) -> Flask:
    return make_gallery(clock=clock, accounts=accounts)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app.test_client())


@pytest.fixture
def clerk(visitor: Visitor) -> Visitor:
    assert visitor.sign_in().status_code == 302
    return visitor
