"""The courier's pages over the desk that a test sets up, and whose phones open them."""

from __future__ import annotations

import pytest
from flask import Flask

from courier.desk import MemoryDesk
from tests.courier.app_cast import Clock, Phone, make_app, sign_in


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(desk: MemoryDesk) -> Flask:
    return make_app(desk)


@pytest.fixture
def meng(app: Flask) -> Phone:
    return sign_in(app, "meng")


@pytest.fixture
def hua(app: Flask) -> Phone:
    return sign_in(app, "hua")


@pytest.fixture
def stranger(app: Flask) -> Phone:
    return Phone(app.test_client())
