"""A district's first sync: 81 points pull their own share of 20,000 documents, one by one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sync.bundle import load_bundle
from sync.pull import pull_once
from tests.benchmarks.report import Report
from tests.benchmarks.stage import Raw, embedded, seconds
from tests.benchmarks.sync_speed import put_all
from tests.benchmarks.work import fill, inbox_docs
from tests.cases.facts import HERE
from tests.sync.cast import CENTRAL_BOX, Desk, desk

DOCUMENTS = 20_000


def measure(report: Report, folder: Path) -> None:
    """Each into a new store of its own; what is common to all is asked of nobody."""
    codes = [point.code for point in load_bundle().directory.points if point.code != HERE]
    share = DOCUMENTS // (len(codes) + 1)
    report.head(f"shares: {len(codes)} points pull {share} documents each")
    with embedded(folder / "couch") as served, closing(served.connect()) as server:
        lin, raw = Desk(folder / "lin.db"), Raw(served)
        lin.open()
        fill(lin, share)
        docs = inbox_docs(lin)[:share]
        for code in codes:
            server.create(f"inbox-{code}")
            put_all(raw, f"inbox-{code}", docs)
        took = 0.0
        for code in codes:
            with desk(folder / f"{code}.db", point=code, suffix="bbbb", box=CENTRAL_BOX) as here:
                inbox = server.database(f"inbox-{code}")
                took += seconds(lambda store=here.store, box=inbox: _pull(store, box))
        report.at_most("all shares pulled", took, "s", 8)
        raw.close()
        lin.store.close()


def _pull(store: object, inbox: object) -> None:
    while not pull_once(store, inbox).caught_up:
        pass
