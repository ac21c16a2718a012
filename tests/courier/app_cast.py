"""Couriers, a stranger and some parcels, over a desk in memory.

meng, hua   two couriers       stranger   somebody who found a parcel
home        a parcel to a resident       office     papers to the district centre
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cases.numbers import own_tracking, parcel_number
from cases.papers import PAPERS_FETCHED, RESULT, TO_AUTHORITY
from cases.states import ParcelState
from cases.times import from_text, to_text
from courier.app_frame import SURFACES
from courier.app_pages import add_courier
from courier.desk import Addressee, MemoryDesk
from courier.fetches import Home
from courier.look import init_look
from courier.look.signin import Account, MemoryAccounts
from labels.tokens import Purpose, mint, point_key
from tests.hashes import quick_hash

MASTER = b"a master key for tests, 32 bytes"
NOW = "2026-11-23T01:31:05Z"  # a Monday, 09:31 in Shanghai
DAY = date(2026, 11, 23)
HERE = "350102004001"
POINT = f"{HERE}.k3f9"
PIN = "482913"
CODE = "0427"
HASH = quick_hash(PIN)
MENG, HUA = "c-meng", "c-hua"
RESIDENT = Addressee(
    "林𠮷梅", "13805911234", "军门社区12号楼3单元502室", "福建省福州市鼓楼区东街街道"
)
OFFICE = Addressee("鼓楼区行政服务中心 市场监管局", "0591-87654321", "津泰路98号", "福州市鼓楼区")
AT_HOME = Home(
    RESIDENT.name, RESIDENT.phone, RESIDENT.region, RESIDENT.address, "2026-11-25", "9-12",
    "门铃坏了",
)  # fmt: skip
PAPERS = ("近期病历", "授权委托书")
SENDER = Addressee("军门社区便民服务站", "0591-87512345", "军门路8号")


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: str = NOW

    def __call__(self) -> str:
        return self.now

    def forward(self, *, seconds: int = 0, days: int = 0) -> None:
        self.now = to_text(from_text(self.now) + timedelta(seconds=seconds, days=days))


def number(serial: int) -> str:
    return parcel_number(17, DAY, serial)


def tracking(serial: int) -> str:
    return own_tracking(17, serial)


def token(serial: int, *, purpose: Purpose = Purpose.WAYBILL, target: str = "") -> str:
    expires = DAY + timedelta(days=60)
    return mint(point_key(MASTER, 17), purpose, target or number(serial), expires)


def pack(
    desk: MemoryDesk,
    serial: int,
    to: Addressee = RESIDENT,
    *,
    to_point: str = "",
    number_on_label: str = "",
    purpose: str = "",
    consent: Sequence[str] = (),
) -> str:
    """A parcel that waits at 军门社区 for a courier."""
    data = {
        "purpose": purpose or (TO_AUTHORITY if to_point else RESULT),
        "cases": ["GL017-261122-0042-K"],
        "carrier": "own",
        "tracking": number_on_label or tracking(serial),
        "contents": [{"case": "GL017-261122-0042-K", "position": 0, "name": "敬老卡"}],
        **({"to_point": to_point} if to_point else {}),
        **({"consent": list(consent)} if consent else {}),
    }
    desk.state("parcel.packed", number(serial), data, author=POINT, actor="s-m1")
    desk.expect(number(serial), to)
    desk.codes[number(serial)] = CODE
    return number(serial)


def errand(desk: MemoryDesk, serial: int) -> str:
    """Papers that wait at a resident's home for a courier."""
    data = {
        "purpose": PAPERS_FETCHED, "cases": [], "to_point": HERE, "visit": "V", "carrier": "own",
        "tracking": tracking(serial),
        "contents": [{"case": "", "position": n, "name": name} for n, name in enumerate(PAPERS, 2)],
    }  # fmt: skip
    desk.state("parcel.packed", number(serial), data, author=POINT, actor="s-m1")
    desk.lives_at(number(serial), AT_HOME)
    return number(serial)


def state(desk: MemoryDesk, serial: int) -> ParcelState:
    parcel = desk.parcel(number(serial))
    assert parcel
    return parcel.state


def make_desk(clock: Clock) -> MemoryDesk:
    desk = MemoryDesk(clock, MASTER)
    desk.senders["350102004001"] = SENDER
    return desk


def make_app(desk: MemoryDesk) -> Flask:
    app = Flask("courier-test")
    init_look(
        app,
        surface="resident",
        secret_key=b"a key for tests only, 32 bytes..",
        product_place="鼓楼区",
        cookie_name="courier-test",
        surfaces=SURFACES,
        home="/courier/",
    )
    roles = frozenset({"courier"})
    accounts = MemoryAccounts(
        Account(MENG, "meng", "孟师傅", roles, HASH),
        Account(HUA, "hua", "华师傅", roles, HASH),
        Account("c-boss", "boss", "王主任", frozenset({"supervisor"}), HASH),
    )
    add_courier(app, lambda: desk, accounts)
    return app


@dataclass
class Phone:
    """Somebody's browser: keeps the session, and sends the form token as a page would."""

    client: FlaskClient
    csrf: str = field(default="", repr=False)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._seen(self.client.get(path, **more))

    def post(self, path: str, data: Any = None, **more: Any) -> TestResponse:
        return self._seen(
            self.client.post(path, data={**(data or {}), "csrf_token": self.csrf}, **more)
        )

    def _seen(self, answer: TestResponse) -> TestResponse:
        found = re.search(r'"X-CSRFToken": "([^"]+)"', answer.text)
        self.csrf = found[1] if found else self.csrf
        return answer

    def scan(self, serial: int) -> TestResponse:
        return self.get(f"/W/{token(serial)}", follow_redirects=True)

    def op(self, path: str) -> str:
        """The operation that the form on a page carries."""
        found = re.search(r'name="op" value="([0-9a-f]{32})"', self.get(path).text)
        assert found, path
        return found[1]

    def take(self, serial: int) -> TestResponse:
        """Scan a label and take the parcel over."""
        self.scan(serial)
        path = f"/courier/parcels/{number(serial)}"
        return self.post(f"{path}/take", {"op": self.op(path)}, follow_redirects=True)

    def say(self, serial: int, slug: str, **typed: str) -> TestResponse:
        """Fill in a report's form and send it, past the question whether one is sure."""
        path = f"/courier/parcels/{number(serial)}/{slug}"
        return self.post(path, {"op": self.op(path), "sure": "yes", **typed}, follow_redirects=True)


def sign_in(app: Flask, login: str) -> Phone:
    phone = Phone(app.test_client())
    phone.get("/courier/in/")
    answer = phone.post("/courier/in/", {"login": login, "password": PIN})
    assert answer.status_code == 302, answer.text
    phone.get("/courier/")
    return phone
