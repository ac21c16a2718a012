"""A node that holds 100,000 cases: search, reception, the worklist and a case's page.

Beside each page a bare answer is asked for, which reads nothing: on a machine that does other work
both wait for a turn, so the ratio and the processor time say more than the time alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from cases.numbers import SubjectKind
from cases.times import day_of
from node.config import load_node
from node.local import open_node
from sync.clock import utc_now
from sync.db import write
from sync.store import Receipt, Store
from sync.writing import Writing
from tests.benchmarks.host import told
from tests.benchmarks.report import Report
from tests.benchmarks.stage import at_percent, cpu_s, seconds
from tests.benchmarks.window import HERE, MATTER, Clerk, node_command, node_config
from tests.cases.facts import least
from tests.sync.cast import SEALED

LIVE_SHARE = 50  # one case of so many is not closed yet: a week's work of a year's
SEED = 490  # closed cases that are written; the others are copies of these, which nobody opens
AT_ONCE = 100
ROUNDS = 60
WORDS = (SEALED["name"], SEALED["phone"][-4:], "GL031-2611")
WAITING = 20  # events that central has not receipted yet
BARE = "/look/static/house.svg"  # a file as it lies there
PHRASES = ("敬老卡", "老年证", "shebao", "gszc", "残疾证", "开小吃店", "落户口", "生育登记")
_WAY = ("case.accepted", "case.approved", "case.completed", "case.resident_told", "case.closed")
_COPY = (
    "INSERT INTO events (id, subject, author, n, at, type, hash, body, heard)"
    " SELECT replace(id, :day, :new), replace(subject, :day, :new), author, n + :more,"
    " replace(at, :date, :then), type, hash,"
    " cast(replace(replace(cast(body AS TEXT), :day, :new), :date, :then) AS BLOB), heard"
    " FROM chosen CROSS JOIN events ON subject=number",
    "INSERT INTO words SELECT word, replace(subject, :day, :new)"
    " FROM chosen CROSS JOIN words ON subject=number",
    "INSERT INTO subjects SELECT replace(s.number, :day, :new), kind, home, state, holder,"
    " deciding, department, matter, replace(opened_at, :date, :then),"
    " replace(changed_at, :date, :then), live, aside,"
    " cast(replace(replace(cast(body AS TEXT), :day, :new), :date, :then) AS BLOB), unanswered"
    " FROM chosen c CROSS JOIN subjects s ON s.number=c.number",
)


def measure(report: Report, folder: Path, *, cases: int) -> None:
    """Each page of the node's own command while it holds so many cases."""
    report.head(f"holding {cases:,} cases, one of {LIVE_SHARE} not closed yet")
    config = node_config(folder)
    numbers = _filled(config, cases)
    with node_command(config) as command:
        port = re.search(r"port = (\d+)\n$", command.config.read_text())
        assert port
        clerk = Clerk(f"http://127.0.0.1:{port[1]}", "wang")
        pages: dict[str, Callable[[int], object]] = {
            "search": lambda n: clerk.get(f"/matters?q={PHRASES[n % len(PHRASES)]}"),
            "the form of a reception": lambda n: clerk.get(f"/reception/{MATTER}"),
            "a reception": lambda n: clerk.receive(),
            "the first page": lambda n: clerk.get("/"),
            "the worklist": lambda n: clerk.get("/cases"),
            "all cases": lambda n: clerk.get(f"/cases?show=all&page={1 + n * 30}"),
            "cases by name, phone or number": lambda n: clerk.get(
                f"/cases?q={WORDS[n % len(WORDS)]}"
            ),
            "a case's page": lambda n: clerk.get(f"/cases/{numbers[n % len(numbers)]}"),
        }
        for name, ask in pages.items():
            ask(0)
            took, bare, work = _asked(ask, clerk, command.children()["node.window"])
            report.say(f"{name}: median", at_percent(took, 50), "ms")
            report.at_most(f"{name}: p95", at_percent(took, 95), "ms", 100)
            report.say(f"{name}: p95 of a bare answer beside it", at_percent(bare, 95), "ms")
            ratio = at_percent(took, 50) / at_percent(bare, 50)
            report.say(f"{name}: median, of the bare answer's", ratio, "x")
            report.say(f"{name}: processor time of the window, each", work, "ms")


def _asked(
    ask: Callable[[int], object], clerk: Clerk, window: int
) -> tuple[list[float], list[float], float]:
    """Milliseconds of each page and of each bare answer, in turns, and the work of a page."""
    took, bare, worked = [], [], 0.0
    for n in range(ROUNDS):
        before = cpu_s(window)
        took.append(seconds(lambda n=n: ask(n)) * 1000)  # type: ignore[misc]
        worked += cpu_s(window) - before
        bare.append(seconds(lambda: clerk.get(BARE)) * 1000)
    return took, bare, worked * 1000 / ROUNDS


def _filled(config: Path, cases: int) -> list[str]:
    """A store with so many cases; every one that is not closed was really written."""
    node = open_node(load_node(config))
    store = node.open_store(checkpoints=True)
    store.db.execute("PRAGMA synchronous=OFF")
    with told(node, store) as w:
        closed = [_case(w, _WAY) for _ in range(SEED)]
    _multiply(store, closed, (cases - cases // LIVE_SHARE) // SEED)
    live = []
    for start in range(0, cases // LIVE_SHARE, AT_ONCE):
        with told(node, store) as w:
            live += [_case(w, _WAY[: (start + n) % len(_WAY)]) for n in range(AT_ONCE)]
    _receipted(store, node.identity.author)
    store.checkpoint()
    store.close()
    return [*closed[: len(live)], *live]


def _receipted(store: Store, author: str) -> None:
    """Central has all but the last few, as on any day with a line."""
    n, hash = store.head(author)
    with write(store.db):
        store.set_receipt(author, Receipt(n - WAITING, hash, utc_now()))


def _case(w: Writing, way: Sequence[str]) -> str:
    """A case that went so far on its way."""
    number = w.new_number(SubjectKind.CASE)
    data = {**least("case.received"), "title": "敬老卡", "matter": MATTER, "deciding": HERE,
            "promised_days": 5, "department": "MZJ", "day_unit": "working"}  # fmt: skip
    w.state("case.received", number, data, actor="s-1", sealed=SEALED)
    more = {"case.completed": {"result": "none"}, "case.resident_told": {"how": "phone"}}
    for type in way:
        w.state(type, number, {**least(type), **more.get(type, {})}, actor="s-1")
    return number


def _multiply(store: Store, closed: Sequence[str], times: int) -> None:
    """Copy closed cases by statements, each time as those of a day before."""
    store.db.execute("PRAGMA cache_size=-400000")
    store.db.execute("CREATE TEMP TABLE chosen (number TEXT PRIMARY KEY)")
    store.db.conn.executemany("INSERT INTO chosen VALUES (?)", [(number,) for number in closed])
    n, at = store.db.execute("SELECT max(n), max(at) FROM events").fetchone()
    for turn in range(1, times):
        then = day_of(at) - timedelta(days=turn)
        values = {
            "day": closed[0][5:13], "new": f"-{then:%y%m%d}-", "date": at[:10], "then": str(then),
            "more": turn * n + 100_000,
        }  # fmt: skip
        with write(store.db):
            for statement in _COPY:
                store.db.execute(statement, values)
