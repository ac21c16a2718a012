"""A store that writes, without a node around it, and central's half of what verify needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cases.events import Event
from cases.numbers import SubjectKind
from cases.parties import home_in
from cases.times import day_of, from_text, to_text
from sync.bundle import load_bundle
from sync.db import write
from sync.seal import Box, wrap_to
from sync.sign import Signer, certify
from sync.store import Envelope, Store
from sync.writing import Identity, Writing, writing
from tests.cases.facts import CENTRE, HERE, least

ROOT = Signer.new()
CENTRAL_BOX = Box.new()
NOW = "2026-11-22T01:31:05Z"
RARE = "𠮷䶮㛃龘·林"
SEALED = {"name": RARE, "document_number": "350102199001011234", "phone": "13800001234"}


@dataclass
class Clock:
    """Time passes by one second a look; ``now`` may be set to any time."""

    now: str = NOW

    def __call__(self) -> str:
        self.now = to_text(from_text(self.now) + timedelta(seconds=1))
        return self.now


@dataclass
class Desk:
    """One point's store and the name it writes in."""

    path: Path
    point: str = HERE
    suffix: str = "aaaa"
    clock: Clock = field(default_factory=Clock)
    box: Box = field(default_factory=Box.new)
    signer: Signer = field(default_factory=Signer.new)
    serial_suffix: str = ""

    def __post_init__(self) -> None:
        number = load_bundle().directory.by_code(self.point).number
        self.author = f"{self.point}.{self.suffix}"
        self.identity = Identity(
            self.author, self.point, number, self.signer, self.box.public, self.serial_suffix
        )
        self.store = self.connect()

    def connect(self) -> Store:
        """Another connection to the same file."""
        return Store(self.path, self.box, home_in(load_bundle().directory))

    def reopen(self) -> None:
        self.store.close()
        self.store = self.connect()

    def writing(self, store: Store | None = None) -> AbstractContextManager[Writing]:
        return writing(store or self.store, self.identity, self.clock, day_of)

    def open(self) -> Event:
        data = {**least("store.opened"), "sign_key": self.signer.public,
                "box_key": self.box.public, "range": "plain"}  # fmt: skip
        with self.writing() as w:
            event = w.state("store.opened", self.author, data, actor="node")
            w.store.set_cursor("author", self.author)
        return event

    def receive(self, w: Writing | None = None, **sealed: Any) -> str:
        """Take a case in. :returns: its number."""
        if w is None:
            with self.writing() as w:
                return self.receive(w, **sealed)
        number = w.new_number(SubjectKind.CASE)
        data = {**least("case.received"), "title": "敬老卡", "deciding": CENTRE}
        w.state("case.received", number, data, actor="s-1", sealed={**SEALED, **sealed})
        return number

    def state(self, type: str, number: str, **data: Any) -> Event:
        with self.writing() as w:
            return w.state(type, number, {**least(type), **data}, actor="s-1")

    def envelopes(self, box: Box, after: int = 0) -> list[Envelope]:
        """What central would put into the inbox of whoever owns that box."""
        cert = certify(
            ROOT, author=self.author, sign_key=self.signer.public, box_key=self.box.public, at=NOW
        )
        found = []
        for event in self.store.of_author(self.author, after, 10_000):
            key = self.store.subject_key(event.subject, event.author) if event.sealed else None
            keys = (wrap_to(box.public, key),) if key else ()
            found.append(Envelope(event, keys, cert, NOW))
        return found

    def tamper(self, sql: str, *values: Any) -> None:
        """Change the file as no program of ours would."""
        with write(self.store.db):
            assert self.store.db.conn.execute(sql, values).rowcount > 0


@contextmanager
def desk(path: Path, **more: Any) -> Iterator[Desk]:
    """A desk that has opened its book; closed at the end."""
    made = Desk(path, **more)
    try:
        made.open()
        yield made
    finally:
        made.store.close()


def dump(store: Store) -> dict[str, list[Any]]:
    """Everything a store holds, table by table."""
    return {
        name: sorted(map(repr, store.db.execute(f"SELECT * FROM {name}").fetchall()))  # noqa: S608
        for name in store.db.table_names()
        if not name.startswith("sqlite_")
    }
