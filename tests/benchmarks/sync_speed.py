"""Push and pull against the raw ceilings of the same server, and against PouchDB, in one run."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from sync.ports import Database
from sync.pull import pull_once
from sync.push import push_once
from tests.benchmarks import pouch
from tests.benchmarks.report import Report
from tests.benchmarks.stage import Raw, Served, seconds, server_at
from tests.benchmarks.work import Doc, fill, inbox_docs, sizes
from tests.cases.facts import CENTRE
from tests.sync.cast import CENTRAL_BOX, Desk, desk

BATCH = 200  # what push and pull take by themselves


class Race:
    """One server, one set of documents; every runner gets fresh databases in every round."""

    def __init__(self, folder: Path, served: Served, events: int) -> None:
        self.folder = folder
        self.served = served
        self.raw = Raw(served)
        self.server = served.connect()
        self.names: list[str] = []
        self.lin = Desk(folder / "lin.db")
        self.lin.open()
        fill(self.lin, events)
        self.docs = inbox_docs(self.lin)
        self.inbox = self.made("bench-inbox")
        put_all(self.raw, self.inbox, self.docs)

    def made(self, name: str) -> str:
        self.server.drop(name)
        self.server.create(name)
        self.names.append(name)
        return name

    def close(self) -> None:
        for name in self.names:
            self.server.drop(name)
        self.lin.store.close()
        self.raw.close()
        self.server.close()

    def raw_push(self, batch: int = BATCH) -> float:
        name = self.made("bench-raw")
        return seconds(lambda: put_all(self.raw, name, self.docs, batch))

    def raw_pull(self, batch: int = BATCH) -> float:
        return seconds(lambda: read_all(self.raw, self.inbox, batch))

    def our_push(self) -> float:
        """The real step of the real store, from the first event to caught up."""
        outbox = self.server.database(self.made("bench-outbox"))
        return seconds(lambda: push_all(self.lin, outbox))

    def our_pull(self, number: int) -> float:
        """Into an empty store: parsed, journaled, folded, search words unsealed, all durable."""
        inbox = self.server.database(self.inbox)
        path = self.folder / f"chen-{number}.db"
        with desk(path, point=CENTRE, suffix="bbbb", box=CENTRAL_BOX) as chen:
            took = seconds(lambda: pull_all(chen, inbox))
            known = chen.store.db.execute("SELECT count(*) FROM events").fetchone()[0]
            assert known == len(self.docs) + 1
        return took


def put_all(raw: Raw, name: str, docs: list[Doc], batch: int = BATCH) -> None:
    for start in range(0, len(docs), batch):
        rows = raw.ask("POST", f"/{name}/_bulk_docs", {"docs": docs[start : start + batch]})
        assert all(row.get("ok") for row in rows), rows


def read_all(raw: Raw, name: str, batch: int) -> None:
    cursor, pending = "0", 1
    while pending:
        query = f"since={cursor}&limit={batch}&include_docs=true"
        page = raw.ask("GET", f"/{name}/_changes?{query}")
        cursor, pending = page["last_seq"], page["pending"]


def push_all(lin: Desk, outbox: Database) -> None:
    after, caught_up = 0, False
    while not caught_up:
        _, after, caught_up = push_once(
            lin.store, lin.author, outbox, CENTRAL_BOX.public, after=after
        )


def pull_all(chen: Desk, inbox: Database) -> None:
    while not pull_once(chen.store, inbox).caught_up:
        pass


def measure(report: Report, folder: Path, *, events: int, rounds: int, url: str | None) -> None:
    """The whole race; runners take turns so that all meet the same disk and the same neighbours."""
    report.head(f"sync: {events:,} events, {'a given server' if url else 'the embedded store'}")
    with server_at(url, folder / "couch") as served:
        race = Race(folder, served, events)
        try:
            _run(report, race, rounds)
        finally:
            race.close()


def _run(report: Report, race: Race, rounds: int) -> None:
    count = len(race.docs)
    event, whole = sizes(race.docs)
    report.say("one event, canonical bytes", event, "bytes")
    report.say("the document that carries it", whole, "bytes")
    took: dict[str, list[float]] = {}
    runners = {"raw push": race.raw_push, "our push": race.our_push, "raw pull": race.raw_pull}
    for number in range(rounds):
        for name, runner in runners.items():
            took.setdefault(name, []).append(runner())
        took.setdefault("our pull", []).append(race.our_pull(number))
    rate = {name: count / median(times) for name, times in took.items()}
    report.say("raw _bulk_docs, one client, batches of 200", rate["raw push"], "docs/s")
    report.say("our push", rate["our push"], "events/s")
    _ratio(report, "our push of the raw ceiling", took["our push"], took["raw push"], 0.8)
    report.say("raw _changes with documents, one client", rate["raw pull"], "docs/s")
    report.say("our pull, stored, folded and durable", rate["our pull"], "events/s")
    _ratio(report, "our pull of the raw ceiling", took["our pull"], took["raw pull"], 0.6)
    _against_pouch(report, race, rounds, rate)
    _against_replicator(report, race)


def _ratio(
    report: Report, what: str, ours: list[float], ceiling: list[float], wanted: float
) -> None:
    """The median of the ratios of each round: both of a round met the same neighbours."""
    ratios = [c / o for o, c in zip(ours, ceiling, strict=True)]
    report.at_least(what, median(ratios), "%", wanted)


def _against_pouch(report: Report, race: Race, rounds: int, rate: dict[str, float]) -> None:
    if why := pouch.why_absent():
        report.note(f"PouchDB was not measured: {why}")
        return
    pouch_db = pouch.Pouch(race.folder / "pouch", race.served)
    count, turns = len(race.docs), range(max(1, rounds - 1))

    def push(batch: int) -> float:
        times = [pouch_db.push(race.made("bench-pouch"), race.docs, batch) for _ in turns]
        return count / median(times)

    def pull(batch: int) -> float:
        return count / median([pouch_db.pull(race.inbox, count, batch) for _ in turns])

    for name, measured in (("push", push), ("pull", pull)):
        ours, usual = rate[f"our {name}"], measured(pouch.DEFAULT)
        best, batch = max((measured(batch), batch) for batch in pouch.BATCHES)
        report.say(f"PouchDB 9 {name}, at its defaults", usual, "docs/s")
        report.say(f"PouchDB 9 {name}, at its best (batches of {batch})", best, "docs/s")
        report.at_least(f"our {name} against PouchDB at its defaults", ours / usual, "x", 3)
        report.at_least(f"our {name} against PouchDB at its best", ours / best, "x", 1.5)


def _against_replicator(report: Report, race: Race) -> None:
    """CouchDB's own replication between two databases of the server, where it has one."""
    name = race.made("bench-replica")
    base = race.served.open_url
    wish = {"source": f"{base}/{race.inbox}", "target": f"{base}/{name}"}
    answers: list[dict[str, object]] = []
    took = seconds(lambda: answers.append(race.raw.ask("POST", "/_replicate", wish)))
    if answers[0].get("ok"):
        report.say("CouchDB's own replicator, on the server", len(race.docs) / took, "docs/s")
    else:
        report.note(f"this server has no replicator ({answers[0].get('error')})")
