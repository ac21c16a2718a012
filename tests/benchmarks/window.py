"""Reception: what one durable fact costs at the window, in the store and through its pages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import msgspec
import requests
from pysqlite3 import dbapi2 as sqlite3

from cases.numbers import SubjectKind
from labels.tokens import point_key
from node.enrolment import Enrolment
from sync.bundle import load_bundle
from tests.benchmarks.idle import fill_quickly
from tests.benchmarks.report import Report
from tests.benchmarks.stage import at_percent, children_of, resident_mb, seconds
from tests.cases.facts import CENTRE, least
from tests.node.conftest import PASSWORD, TOKEN_MASTER, staff_document
from tests.node.receiving import typed
from tests.serving import free_port
from tests.sync.cast import CENTRAL_BOX, SEALED, Desk
from tests.sync.cast import ROOT as ROOT_KEY
from tests.system.processes import Command, until

HERE = "350102004001"
MATTER = "MZJ-080101"
ROUNDS = 5
TURN = 10


def bare_row(path: Path, size: int) -> Callable[[], object]:
    """One row in one transaction, just as durable: what no reception can be faster than."""
    conn = sqlite3.connect(str(path), isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE rows (body TEXT)")
    return lambda: conn.execute("INSERT INTO rows VALUES (?)", ["x" * size])


def receive(made: Desk) -> None:
    """Signed, sealed, journaled, folded into every register, and on the disk."""
    with made.writing() as w:
        number = w.new_number(SubjectKind.CASE)
        data = {**least("case.received"), "title": "敬老卡", "deciding": CENTRE}
        w.state("case.received", number, data, actor="s-1", sealed=SEALED)


def _many(work: Callable[[], object], count: int) -> float:
    """How many in a second."""

    def all_of_them() -> None:
        for _ in range(count):
            work()

    return count / seconds(all_of_them)


def measure(report: Report, folder: Path, *, sizes: tuple[int, ...], count: int) -> None:
    """The store's append, from an empty store to a full one, against bare commits, in turns."""
    report.head("window: receptions in the store, one durable commit each")
    stores = {size: _filled(folder, size) for size in sizes}
    works = {-1: bare_row(folder / "bare.db", 600)}
    works |= {size: partial(receive, made) for size, made in stores.items()}
    took: dict[int, list[float]] = {which: [] for which in works}
    for _ in range(count // TURN):  # in short turns, so that all meet the same disk
        for which, work in works.items():
            took[which].append(1 / _many(work, TURN))
    bare = median(took.pop(-1))
    report.say("bare one-row commits", 1 / bare, "a second")
    for size, times in took.items():
        each = median(times)
        report.say(f"holding {size:,} events: receptions", 1 / each, "a second")
        report.at_least(f"holding {size:,} events: of the bare commits", bare / each, "%", 0.4)
    few, many = median(took[sizes[0]]), median(took[sizes[-1]])
    report.at_least("the fuller store against the empty one", few / many, "%", 0.9)
    for made in stores.values():
        made.store.close()


def _filled(folder: Path, size: int) -> Desk:
    made = Desk(folder / f"lin-{size}.db")
    made.open()
    if size:
        fill_quickly(made, size)
        made.clock.now = "2027-01-04T01:00:00Z"
        made.store.checkpoint()
    made.store.db.execute("PRAGMA wal_autocheckpoint=0")  # as at a window: the agent does that
    return made


def node_config(folder: Path) -> Path:
    """The settings of a node whose line leads nowhere."""
    number = load_bundle().directory.by_code(HERE).number
    enrolment = Enrolment(
        point=HERE,
        point_number=number,
        couch_user="u",
        couch_password="p",
        token_key=point_key(TOKEN_MASTER, number).hex(),
        root_key=ROOT_KEY.public,
        central_box=CENTRAL_BOX.public,
        range="plain",
        staff=staff_document(),
        block={"id": f"b-{number}", "prefix": number, "first": 1, "last": 2000},
    )
    (folder / "enrolment.json").write_bytes(msgspec.json.encode(enrolment))
    port = free_port()
    config = folder / "node.toml"
    config.write_text(
        f'[node]\ndata = "{folder / HERE}"\nenrolment = "{folder / "enrolment.json"}"\n'
        f'[node.central]\ncouchdb_url = "http://127.0.0.1:{free_port()}"\n'
        f'portal_url = "http://127.0.0.1:1"\n[node.window]\nport = {port}\n',
        encoding="utf-8",
    )
    return config


def window_of(config: Path) -> str:
    """The address of the window of these settings."""
    port = re.search(r"port = (\d+)\n$", config.read_text(encoding="utf-8"))
    assert port
    return f"http://127.0.0.1:{port[1]}"


@contextmanager
def node_command(config: Path) -> Iterator[Command]:
    """A real node under its own command."""
    command = Command("node", config, config.with_suffix(".log"))
    command.start()
    try:
        yield command
    finally:
        command.end()


class Clerk:
    """Somebody at the window, signed in, who receives the same case again and again."""

    def __init__(self, base: str, login: str = "lin") -> None:
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        until(self._answers, "the window open")
        page = self.get("/signin/")
        answer = self.session.post(
            f"{base}/signin/",
            data={"login": login, "password": PASSWORD, "csrf_token": _token(page)},
        )
        assert answer.ok, answer.text
        self.csrf = _token(self.get("/"))
        self.form = typed(MATTER)

    def _answers(self) -> bool:
        try:
            return bool(self.session.get(f"{self.base}/signin/").ok)
        except requests.RequestException:
            return False

    def get(self, path: str) -> str:
        """A page's text; anything but a page is a mistake of the measurement."""
        answer = self.session.get(self.base + path)
        assert answer.ok, answer.text
        return answer.text

    def receive(self, op: str = "") -> None:
        """Send the form and look at what comes; an operation done before writes nothing."""
        data = {**self.form, "op": op or os.urandom(8).hex(), "csrf_token": self.csrf}
        answer = self.session.post(f"{self.base}/reception/{MATTER}", data=data)
        errors = re.findall(r'class="[^"]*error[^"]*"[^>]*>(.*?)</', answer.text)
        assert answer.ok, (answer.status_code, errors)
        assert answer.url.endswith("/received"), answer.url


def _token(page: str) -> str:
    found = re.search(r'"X-CSRFToken": "([^"]+)"', page) or re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', page
    )
    assert found, page[:2000]
    return found[1]


def measure_pages(report: Report, folder: Path, *, count: int) -> None:
    """Through HTTP, against the same form sent once more, which writes nothing; memory at rest."""
    report.head("window: receptions through the page, by the node's own command")
    with node_command(node_config(folder)) as command:
        clerk = Clerk(window_of(command.config))
        done = os.urandom(8).hex()
        clerk.receive(done)
        with_write, without = [], []
        for _ in range(ROUNDS):
            without.append(_many(lambda: clerk.receive(done), count))
            with_write.append(_many(clerk.receive, count))
        ratio = median(w / o for w, o in zip(with_write, without, strict=True))
        report.say("receptions through the page", median(with_write), "a second")
        report.say("the same pages without a write", median(without), "a second")
        report.at_least("with the write against without", ratio, "%", 0.5)
        slow = at_percent([seconds(clerk.receive) * 1000 for _ in range(100)], 99)
        report.say("one reception through the page, p99", slow, "ms")
        _memory(report, command)


def _memory(report: Report, command: Command) -> None:
    assert command.process is not None
    pids = [command.process.pid, *children_of(command.process.pid)]
    sizes = [resident_mb(pid) for pid in pids]
    names = {pid: name for name, pid in command.children().items()}
    for pid, size in zip(pids, sizes, strict=True):
        report.say(f"resident: {names.get(pid, 'supervisor')}", size, "MB")
    both = sum(s for pid, s in zip(pids, sizes, strict=True) if pid in names)
    report.at_most("resident: window and agent together", both, "MB", 120)
