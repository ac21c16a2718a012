"""The core: what one durable fact costs, and push and pull against what the store can do at most.

Everything is said as a median and as a ratio to a plain ceiling on the same disk at the same time.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from pysqlite3 import dbapi2 as sqlite3

from cases.fold import fold
from sync.couch import connect
from sync.ports import Database, Server
from sync.pull import pull_once
from sync.push import push_once
from sync.store import envelope_doc
from tests.cases.facts import CENTRE, case_in
from tests.sync.cast import CENTRAL_BOX, Desk, desk

APPENDS = 300
EVENTS = 2_000
BATCH = 200
ROUNDS = 3
FOLDS = 2_000


def say(words: str) -> None:
    sys.stdout.write(f"\n  {words}")


def each(count: int, work: Callable[[], object]) -> float:
    """The median of how long one takes, in milliseconds."""
    times = []
    for _ in range(count):
        started = perf_counter()
        work()
        times.append(perf_counter() - started)
    return median(times) * 1000


def once(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@pytest.fixture
def lin(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "lin.db") as made:
        yield made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "central.embedded", "--data", str(tmp_path / "couch"),
               "--port", "0"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        password = (tmp_path / "couch" / "admin-password").read_text(encoding="utf-8").strip()
        server = connect(url, user="admin", password=password)
        yield server
        server.close()
        process.terminate()


def bare(path: Path) -> Callable[[], object]:
    """One row, one commit, with the same safety: what no durable write can be faster than."""
    conn = sqlite3.connect(str(path), isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE rows (body TEXT)")
    return lambda: conn.execute("INSERT INTO rows VALUES (?)", ["x" * 1500])


def test_one_durable_fact_against_one_bare_row(lin: Desk, tmp_path: Path) -> None:
    """Sealed, signed, journaled, folded into every register, and on the disk."""
    row = bare(tmp_path / "bare.db")
    ours, plain = [], []
    for _ in range(ROUNDS):  # in turns, so that both meet the same disk
        plain.append(each(APPENDS // ROUNDS, row))
        ours.append(each(APPENDS // ROUNDS, lin.receive))
    say(f"a case received: {median(ours):.2f} ms, a bare row {median(plain):.2f} ms, "
        f"{median(ours) / median(plain):.1f} times as long")  # fmt: skip
    assert median(ours) < 100


def test_a_later_fact_of_a_case_costs_as_little(lin: Desk) -> None:
    numbers = [lin.receive() for _ in range(100)]
    waiting = iter(numbers)
    took = each(len(numbers), lambda: lin.state("case.forwarded", next(waiting), to=CENTRE))
    say(f"a case forwarded: {took:.2f} ms")
    assert took < 100


def written(lin: Desk) -> None:
    for _ in range(EVENTS // 100):
        with lin.writing() as w:
            for _ in range(100):
                lin.receive(w)


def outbox_docs(lin: Desk, name: str) -> list[dict[str, object]]:
    docs = [envelope_doc(e.event.id, e) for e in lin.envelopes(CENTRAL_BOX)]
    return [{**doc, "_id": f"{name}:{number:010d}"} for number, doc in enumerate(docs)]


def push_all(lin: Desk, outbox: Database) -> None:
    after, caught_up = 0, False
    while not caught_up:
        _, after, caught_up = push_once(
            lin.store, lin.author, outbox, CENTRAL_BOX.public, after=after, batch=BATCH
        )


def put_all(outbox: Database, docs: list[dict[str, object]]) -> None:
    for start in range(0, len(docs), BATCH):
        assert all(row.ok for row in outbox.bulk(docs[start : start + BATCH]))


def read_all(inbox: Database) -> None:
    cursor, caught_up = "0", False
    while not caught_up:
        page = inbox.changes(cursor, limit=BATCH)
        cursor, caught_up = page.cursor, page.caught_up


def pull_all(store: Desk, inbox: Database) -> None:
    while not pull_once(store.store, inbox, batch=BATCH).caught_up:
        pass


def test_push_against_the_stores_raw_ceiling(lin: Desk, server: Server) -> None:
    written(lin)
    docs = outbox_docs(lin, "raw")
    ours, raw = [], []
    for number in range(ROUNDS):
        for name in ("raw", "ours"):
            server.create(f"{name}-{number}")
        raw.append(once(lambda n=number: put_all(server.database(f"raw-{n}"), docs)))
        ours.append(once(lambda n=number: push_all(lin, server.database(f"ours-{n}"))))
    say(f"push: {EVENTS / median(ours):,.0f} events per second, raw _bulk_docs "
        f"{EVENTS / median(raw):,.0f}: {median(raw) / median(ours):.0%} of it")  # fmt: skip
    assert median(ours) < 60


def test_pull_against_the_stores_raw_ceiling(lin: Desk, server: Server, tmp_path: Path) -> None:
    """Taking in means: parse, journal, fold, unseal for the search words, commit durably."""
    written(lin)
    server.create("inbox")
    inbox = server.database("inbox")
    put_all(inbox, [envelope_doc(e.event.id, e) for e in lin.envelopes(CENTRAL_BOX)])
    raw = [once(lambda: read_all(inbox)) for _ in range(ROUNDS)]
    ours = [pulled_anew(tmp_path / f"chen-{number}.db", inbox) for number in range(ROUNDS)]
    say(f"pull: {EVENTS / median(ours):,.0f} events per second, raw _changes "
        f"{EVENTS / median(raw):,.0f}: {median(raw) / median(ours):.0%} of it")  # fmt: skip
    assert median(ours) < 60


def pulled_anew(path: Path, inbox: Database) -> float:
    with desk(path, point=CENTRE, suffix="bbbb", box=CENTRAL_BOX) as chen:
        took = once(lambda: pull_all(chen, inbox))
        assert len(chen.store.authors()) == 2
        return took


def test_the_fold() -> None:
    history = case_in("closed")
    took = each(FOLDS, lambda: fold(history.subject, history.events))
    say(f"a fold of {len(history.events)} events: {took * 1000:.0f} microseconds")
    assert took < 50
