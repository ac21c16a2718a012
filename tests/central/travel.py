"""A small district of real nodes and a real router, joined by the twin or the embedded store.

The cast: LIN's node at 军门社区 and CHEN's at the district centre; 东街街道 and 庆城社区 are points
of the district that nobody has enrolled yet. `Journey` moves things one step at a time.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from cases.numbers import SubjectKind
from cases.points import Directory
from cases.table import TYPES
from central.author import OUTBOX, CentralAuthor
from central.config import CentralConfig, Mail
from central.delivery import Delivery
from central.district import ROUTER_MODEL, District, inbox_name, open_district, outbox_name
from central.intake import Intake
from central.router import follow_journal
from central.setup import enrolment, prepare_couch
from node.config import CentralAt, NodeConfig
from node.local import Node, open_node
from sync.errors import RemoteUnavailable
from sync.memory import MemoryServer
from sync.offer import offer_once
from sync.ports import Database, Server
from sync.pull import pull_once
from sync.push import push_once
from sync.store import Store
from sync.verify import verify
from sync.word import ask_central
from tests.cases.facts import least
from tests.sync.cast import RARE, Clock

HERE, CENTRE = "350102004001", "350102000000"
SUBDISTRICT, NEIGHBOUR = "350102004000", "350102004003"
PERSON = {"name": RARE, "document_number": "35010219490312392X", "phone": "13805915678"}
SLIP = {
    "name": "寄给龘䶮㛃", "phone": "13700137000", "province": "350000", "city": "350100",
    "county": "350102", "street": "东街口八一七北路𠮷祥大厦", "region": "福建省福州市鼓楼区",
    "note": "放门卫处不要按铃",
}  # fmt: skip
Connect = Callable[[], Server]


@dataclass(frozen=True)
class SmallDistrict(District):
    """A district of four points, whose CouchDB is whatever it is given."""

    connector: Connect = MemoryServer

    def connect(self) -> Server:
        return self.connector()


def small_district(folder: Path, connector: Connect, clock: Callable[[], str]) -> SmallDistrict:
    whole = open_district(CentralConfig(data=folder, mail=Mail(carrier="own")), clock)
    codes = (CENTRE, SUBDISTRICT, NEIGHBOUR, HERE)
    points = [whole.bundle.directory.by_code(code) for code in codes]
    bundle = dataclasses.replace(whole.bundle, directory=Directory(points))
    return SmallDistrict(whole.config, whole.secrets, bundle, clock, connector=connector)


class Router:
    """One router process: intake and delivery over connections of its own."""

    def __init__(self, district: SmallDistrict, model: str = ROUTER_MODEL) -> None:
        self.server = district.connect()
        self.store = district.open_store(model)
        self.author = CentralAuthor(
            lambda: self.server.database(OUTBOX), district.secrets.box.public, district.clock
        )
        self.intake = Intake(district, self.server, self.store, self.author)
        self.delivery = Delivery(
            self.server, self.store, lambda point: prepare_couch(district, self.server)
        )
        self.parties = ("central", *(p.code for p in district.bundle.directory.points))

    def take_in(self) -> int:
        while follow_journal(self.store, self.server):
            pass
        return sum(self.intake.take_in(party) for party in self.parties)

    def deliver(self) -> int:
        put = 0
        while not (step := self.delivery.deliver_once()).caught_up:
            put += step.put
        return put + step.put

    def close(self) -> None:
        self.store.close()
        self.server.close()


@dataclass
class Journey:
    """The district, one router, and the nodes by the code of their point."""

    folder: Path
    district: SmallDistrict
    server: Server
    router: Router
    clock: Clock
    nodes: dict[str, Node] = field(default_factory=dict)
    folders: Iterator[int] = field(default_factory=itertools.count)

    def enrol(self, code: str) -> Node:
        """A new PC at a point, with a folder of its own."""
        folder = self.folder / f"{code}-{next(self.folders)}"
        folder.mkdir()
        file = folder / "enrolment.json"
        content = enrolment(self.district, self.server, code, {"accounts": []})
        file.write_bytes(msgspec.json.encode(content))
        self.nodes[code] = self.open(folder, file)
        return self.nodes[code]

    def open(self, folder: Path, file: Path | None = None) -> Node:
        central = CentralAt(couchdb_url="http://couch.test", portal_url="http://portal.test")
        return open_node(NodeConfig(data=folder / "data", central=central, enrolment=file),
                         self.clock)  # fmt: skip

    def outbox(self, code: str) -> Database:
        return self.server.database(outbox_name(code))

    def inbox(self, code: str) -> Database:
        return self.server.database(inbox_name(code))

    def inbox_events(self, code: str) -> set[str]:
        docs = self.inbox(code).range("", "~", limit=100_000)
        return {doc["_id"] for doc in docs if "event" in doc}

    def push(self, code: str, node: Node | None = None) -> int:
        node = node or self.nodes[code]
        box = node.enrolment.central_box
        with node.local() as local:
            author, outbox = node.identity.author, self.outbox(code)
            sent = push_once(local.store, author, outbox, box, after=0).sent
            while not (offered := offer_once(local.store, code, outbox, box)).caught_up:
                sent += offered.sent
            return sent + offered.sent

    def pull(self, code: str, node: Node | None = None) -> None:
        with (node or self.nodes[code]).local() as local:
            ask_central(local.store, local.identity.author, self.inbox(code), self.outbox(code))
            while not pull_once(local.store, self.inbox(code)).caught_up:
                pass

    def carry(self) -> None:
        """Everything travels once: up, in, out, down."""
        for code in self.nodes:
            self.push(code)
        self.router.take_in()
        self.router.deliver()
        for code in self.nodes:
            self.pull(code)

    def state(self, code: str, type: str, number: str, *, sealed: Any = None, **data: Any) -> str:
        with self.nodes[code].local() as local, local.writing() as w:
            fields = {**least(type), **data}
            return w.state(type, number, fields, actor="s-1", sealed=sealed).id

    def receive(self, code: str = HERE, *, deciding: str = CENTRE, **sealed: str) -> str:
        with self.nodes[code].local() as local, local.writing() as w:
            number = w.new_number(SubjectKind.CASE)
            data = {**least("case.received"), "title": "敬老卡", "deciding": deciding}
            w.state("case.received", number, data, actor="s-1", sealed={**PERSON, **sealed})
            return number

    def forward(self, number: str, to: str = CENTRE, code: str = HERE) -> str:
        return self.state(code, "case.forwarded", number, to=to)

    def central_states(self, type: str, number: str, *, sealed: Any = None, **data: Any) -> str:
        return self.router.author.state(
            self.router.store, type, number, {**least(type), **data}, actor="resident",
            sealed=sealed,
        )  # fmt: skip

    @contextmanager
    def at(self, code: str) -> Iterator[Store]:
        with self.nodes[code].local() as local:
            yield local.store

    def problems(self) -> Sequence[str]:
        """What verify says, at both ends."""
        root = self.district.secrets.root.public
        found = list(verify(self.router.store, root))
        for node in self.nodes.values():
            with node.local() as local:
                found += verify(local.store, root, whole=node.identity.author)
        return found


@contextmanager
def journey(folder: Path, connector: Connect) -> Iterator[Journey]:
    """A district with the two nodes of the cast, about which everybody knows already."""
    clock = Clock()
    district = small_district(folder / "central", connector, clock)
    with ExitStack() as stack:
        server = district.connect()
        stack.callback(server.close)
        prepare_couch(district, server)
        router = Router(district)
        stack.callback(router.close)
        journey = Journey(folder, district, server, router, clock)
        for code in (HERE, CENTRE):
            journey.enrol(code)
        journey.carry()
        yield journey


assert set(PERSON) <= {name.rstrip("?") for name in TYPES["case.received"].sealed}


class Fray:
    """A line that breaks at the request it is told to: before it, or after it (answer lost)."""

    def __init__(self) -> None:
        self.count = 0
        self.at = -1
        self.moment = "before"

    def cut_at(self, at: int, moment: str) -> None:
        self.count, self.at, self.moment = 0, at, moment

    def mend(self) -> None:
        self.count, self.at = 0, -1

    def run(self, ask: Callable[[], Any]) -> Any:
        number, self.count = self.count, self.count + 1
        if number == self.at and self.moment == "before":
            raise RemoteUnavailable("cut before the request")
        answer = ask()
        if number == self.at:
            raise RemoteUnavailable("the answer was lost")
        return answer


class Frayed:
    """A server or a database behind such a line."""

    def __init__(self, inner: Any, fray: Fray) -> None:
        self._inner = inner
        self._fray = fray

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "database":
            return lambda name: Frayed(found(name), self._fray)
        if not callable(found) or name == "close":
            return found
        return lambda *given, **named: self._fray.run(lambda: found(*given, **named))
