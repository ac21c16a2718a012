"""Central in memory, points that write what really travels, and browsers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cases.events import parse
from cases.numbers import case_number, own_tracking, parcel_number
from cases.times import from_text, to_text
from central.accounts import add_account
from central.author import CentralAuthor
from central.config import CentralConfig, Mail
from central.district import District, open_district, outbox_name
from central.intake import Intake
from central.jobs import Jobs
from central.keys import open_secrets
from central.setup import prepare_couch
from labels.tokens import Purpose, mint
from sync.bundle import load_bundle
from sync.canonical import digest
from sync.errors import RemoteUnavailable
from sync.memory import MemoryServer
from sync.ports import Server
from sync.push import outbox_id
from sync.seal import Box, new_key, seal, wrap_to
from sync.sign import Signer
from sync.store import Envelope, envelope_doc
from tests.hashes import cheap_accounts
from tests.remembered import packed

HERE = "350102004001"  # 军门社区
CENTRE = "350102000000"
NOW = "2026-11-23T01:31:05Z"  # a Monday, 09:31 in Shanghai
DAY = date(2026, 11, 23)
PASSWORD = "open the door"
PIN = "246810"
PERSON = {
    "name": "林小梅",
    "document_number": "35010219490312392X",
    "phone": "13805915678",
}
TYPED = {
    "name": "林小梅", "phone": "138 0591 5678", "county": "350102",
    "street": "东街街道军门社区12号楼3单元502室", "note": "",
}  # fmt: skip


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: str = NOW

    def __call__(self) -> str:
        return self.now

    def forward(self, *, minutes: float = 0, days: int = 0) -> None:
        self.now = to_text(from_text(self.now) + timedelta(minutes=minutes, days=days))


@dataclass(frozen=True)
class MemoryDistrict(District):
    """A district whose CouchDB is the memory twin."""

    memory: MemoryServer = field(default_factory=MemoryServer)

    def connect(self) -> Server:
        connection = self.memory.connect()
        connection.before = lambda verb, name: self.memory.before(verb, name)
        connection.after = lambda verb, name: self.memory.after(verb, name)
        return connection


class Central:
    """What the router and the jobs do, one step at a time."""

    def __init__(self, district: MemoryDistrict) -> None:
        self.district = district
        self.server = district.connect()
        with patch("zlib.compress", packed):
            prepare_couch(district, self.server)
        self.router = district.open_store("router.db")
        self.author = CentralAuthor(
            lambda: self.server.database("outbox-central"),
            district.secrets.box.public,
            district.clock,
        )
        self.jobs = Jobs(district)
        self.intake = Intake(district, self.server, self.router, self.author)

    def carry(self) -> None:
        """Take in what waits in every outbox in use, and follow the journal."""
        for party in ("central", HERE, CENTRE):
            self.intake.take_in(party)
        self.jobs.step()

    def cut_line(self) -> None:
        """From now on CouchDB does not answer."""

        def no_answer(verb: str, database: str) -> None:
            raise RemoteUnavailable("no answer")

        self.district.memory.before = no_answer

    def mend_line(self) -> None:
        self.district.memory.before = lambda verb, database: None

    def close(self) -> None:
        self.router.close()
        self.jobs.close()


class Point:
    """A point that writes what its node would write, into its outbox."""

    def __init__(self, district: MemoryDistrict, code: str, clock: Callable[[], str]) -> None:
        self.code, self.district, self.clock = code, district, clock
        self.number = district.bundle.directory.by_code(code).number
        self.author = f"{code}.t{self.number:03d}"
        self.signer, self.n, self.prev = Signer.new(), 0, ""
        self.keys: dict[str, bytes] = {}
        self.ks: dict[str, int] = {}
        self.serial = 40

    def state(self, type: str, subject: str, data: dict[str, Any], **sealed: str) -> str:
        """State one fact. :returns: the event's id."""
        if self.n == 0 and type != "store.opened":
            opened = {
                "sign_key": self.signer.public, "box_key": Box.new().public,
                "software": "0.1.0", "range": "plain",
            }  # fmt: skip
            self.state("store.opened", self.author, opened)
        self.n += 1
        k = self.ks[subject] = self.ks.get(subject, 0) + 1
        id = f"{subject}:{k:04d}-{self.author}"
        doc = {
            "id": id, "v": 1, "type": type, "at": self.clock(), "author": self.author,
            "n": self.n, "actor": "s-1", "data": data, "prev": self.prev,
        }  # fmt: skip
        keys: tuple[dict[str, str], ...] = ()
        if sealed:
            key = self.keys.setdefault(subject, new_key())
            doc["sealed"] = seal(key, id, sealed)
            keys = (wrap_to(self.district.secrets.box.public, key),)
        signed = self.signer.sign(doc)
        self.prev = digest(signed)
        envelope = envelope_doc(outbox_id(self.author, self.n), Envelope(parse(signed), keys))
        self.district.memory.database(outbox_name(self.code)).put(envelope)
        return id

    def new_case_number(self) -> str:
        """The number of a case that nobody has heard of yet."""
        self.serial += 1
        return case_number(self.number, DAY, self.serial)

    def receive(
        self,
        number: str = "",
        *,
        deciding: str = "",
        visit: str = "",
        bundle: dict[str, Any] | None = None,
        **person: str,
    ) -> str:
        """Receive a case. :returns: its number."""
        number = number or self.new_case_number()
        matter = next(m for m in self.district.bundle.catalogue.matters if m.materials)
        data = {
            "matter": matter.code, "title": matter.name, "version": "x", "level": "district",
            "department": matter.department, "department_name": "区市场监督管理局",
            "deciding": deciding or self.code, "area": self.code, "applicant_kind": "person",
            "capacity": "self", "document": "resident_id", "immediate": False,
            "statutory_days": 20, "promised_days": 5, "day_unit": "working", "visit": visit,
            "materials": [
                {"position": 1, "name": "居民身份证", "handling": "looked_at", "taken": True,
                 "identity": True},
                {"position": 2, "name": "营业执照", "handling": "original_kept", "taken": True},
            ],
        }  # fmt: skip
        told = {**data, "bundle": bundle} if bundle else data
        self.state("case.received", number, told, **{**PERSON, **person})
        return number

    def decide(self, number: str, *, approve: bool = True, delivery: str = "mail") -> None:
        """Accept, decide and complete a case of this point's own."""
        self.state("case.accepted", number, {})
        if approve:
            self.state("case.approved", number, {})
        else:
            self.state(
                "case.refused", number, {}, grounds="材料与事实不符", remedies="六十日内复议"
            )
        done = {"result": "paper", "delivery": delivery, "filed": []}
        self.state("case.completed", number, done)

    def post(
        self, case: str, *, purpose: str = "result_to_resident", ems: str = "", to_point: str = ""
    ) -> str:
        """Pack the result, for China Post where its number is given. :returns: the parcel's."""
        self.serial += 1
        number = parcel_number(self.number, DAY, self.serial)
        data = {
            "purpose": purpose, "cases": [case], "carrier": "ems" if ems else "own",
            "tracking": ems or own_tracking(self.number, self.serial), "contents": [],
            **({"to_point": to_point} if to_point else {}),
        }  # fmt: skip
        self.state(
            "parcel.packed", number, data, name="林小梅", phone="13805915678",
            address="军门社区12号楼", region="福建省福州市鼓楼区",
        )  # fmt: skip
        return number

    def token(self, target: str, purpose: Purpose = Purpose.RECEIPT, *, days: int = 365) -> str:
        """What is printed for a case, a poster or a parcel."""
        key = self.district.secrets.token_key(self.number)
        return mint(key, purpose, target, DAY + timedelta(days=days))

    def poster(self) -> str:
        return self.token(f"{self.number:03d}", Purpose.POSTER)


@dataclass
class Browser:
    """Somebody's browser: keeps cookies, and sends the form token as a page would."""

    client: FlaskClient
    csrf: str = field(default="", repr=False)
    page: TestResponse | None = field(default=None, repr=False)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._seen(self.client.get(path, follow_redirects=True, **more))

    def post(self, path: str, data: Any = None, **more: Any) -> TestResponse:
        body = {**(data or {}), "csrf_token": self.csrf}
        return self._seen(self.client.post(path, data=body, follow_redirects=True, **more))

    def _seen(self, answer: TestResponse) -> TestResponse:
        if "html" in answer.mimetype:
            found = re.search(r'"X-CSRFToken": "([^"]+)"', answer.text)
            self.csrf = found[1] if found else self.csrf
        self.page = answer
        return answer

    def fill_in(self, base: str, **typed: str) -> TestResponse:
        """Go through the slip's steps up to the look over all of it."""
        values = {**TYPED, **typed}
        self.get(f"{base}/slip")
        self.post(f"{base}/slip/who", {n: values[n] for n in ("name", "phone")})
        self.post(f"{base}/slip/place", {"county": values["county"]})
        return self.post(f"{base}/slip/street", {n: values[n] for n in ("street", "note")})

    def send(self, base: str) -> TestResponse:
        """Press the last button of the page that shows it all."""
        assert self.page is not None
        found = re.search(r'name="op" value="([^"]+)"', self.page.text)
        assert found, self.page.text
        return self.post(f"{base}/slip/check", {"op": found[1]})

    def fill(self, base: str, **typed: str) -> TestResponse:
        """Fill in and send a slip."""
        self.fill_in(base, **typed)
        return self.send(base)


def make_district(folder: Path, clock: Callable[[], str]) -> MemoryDistrict:
    """Central's data folder, with its people, over a memory server."""
    config = CentralConfig(data=folder, mail=Mail(carrier="own"))
    open_district(config, clock)
    for login, name, role, secret, id in (
        ("guan", "管淑芬", "supervisor", PASSWORD, "c-guan"),
        ("1001", "阿强", "courier", PIN, "c-1001"),
    ):
        with cheap_accounts():
            add_account(folder, login=login, display=name, roles=[role], secret=secret, id=id)
    return MemoryDistrict(config, open_secrets(folder / "keys"), load_bundle(), clock)
