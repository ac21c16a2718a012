"""The router: intake and delivery, each a bounded step, and the two loops that repeat them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import structlog

from cases.events import CENTRAL, point_of
from central.author import OUTBOX, CentralAuthor
from central.config import load_central
from central.delivery import Delivery, forget_given
from central.district import JOURNAL, ROUTER_MODEL, District, inbox_name, open_district
from central.intake import Intake, write_beside
from central.setup import lease, prepare_couch, prepare_point
from sync import bell
from sync.errors import Missing, NotCouch, RemoteError
from sync.pace import Pace
from sync.ports import Change, Server
from sync.process import process, run_loops, stop_on_signals
from sync.pull import pull_once
from sync.store import Store

log = structlog.get_logger()
LOW_BLOCK = 200
TOP_UP_REST_S = 120  # a point that was just given a block may ring before it has pulled it


def follow_journal(store: Store, server: Server, *, wait_s: float = 0) -> int:
    """Bring a read model up to the journal, one batch. :returns: how many documents came."""
    return pull_once(store, server.database(JOURNAL), wait_s=wait_s).taken


def forget_if_foreign(store: Store, server: Server) -> bool:
    """Empty a read model that knows an event the journal does not hold (it was restored).

    :returns: whether it was emptied; it then follows the journal from the start.
    """
    row = store.db.execute("SELECT id FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None or server.database(JOURNAL).get(row[0]) is not None:
        return False
    store.empty()
    return True


class IntakeLoop:
    """Listens for the bell, sweeps everything now and then, and takes in what waits."""

    def __init__(self, district: District, stop: threading.Event) -> None:
        self.district = district
        self.stop = stop
        self.server = district.connect()
        self.store = district.open_store(ROUTER_MODEL)
        outbox = self.server.database(OUTBOX)
        box = district.secrets.box.public
        self.author = CentralAuthor(lambda: outbox, box, district.clock)
        self.intake = Intake(district, self.server, self.store, self.author)
        self.cursor = "0"
        self._topped_up: dict[str, float] = {}
        self._behind: set[str] = set()

    def sweep(self) -> None:
        """Make what is missing, and look into every outbox."""
        prepare_couch(self.district, self.server)
        while follow_journal(self.store, self.server):
            pass
        for party in (CENTRAL, *(p.code for p in self.district.bundle.directory.points)):
            self._take_in(party)

    def listen(self, wait_s: float) -> None:
        """Wait for bells and take in what they announce."""
        changes = self.server.database(bell.NAME).changes(self.cursor, limit=200, wait_s=wait_s)
        points = self.district.bundle.directory
        rung = [change for change in changes.rows if change.id == CENTRAL or change.id in points]
        if rung:
            follow_journal(self.store, self.server)
        for party in dict.fromkeys((*sorted(self._behind), *(change.id for change in rung))):
            self._take_in(party)
        for change in rung:
            self._top_up(change)
        self.cursor = changes.cursor

    def _take_in(self, party: str) -> None:
        """Take in one party's events. Whatever stands in its outbox, the others do not wait for it.

        :raises RemoteError: of the line or of what all share; not of what stands in one outbox.
        """
        try:
            self.intake.take_in(party)
            self._behind.discard(party)
        except NotCouch as error:
            self._behind.add(party)
            log.warning("outbox", party=party, error=str(error))
        except RemoteError:
            self._behind.add(party)
            raise
        except Exception as error:
            self._behind.discard(party)  # its next bell, or the next sweep, tries again
            log.error("outbox", party=party, kind=type(error).__name__)

    def _top_up(self, change: Change) -> None:
        """Lease a point its next block of tracking numbers before the last one runs out."""
        left = (change.doc or {}).get("left")
        if change.id == CENTRAL or not isinstance(left, int) or not 0 <= left < LOW_BLOCK:
            return
        author, now = str((change.doc or {}).get("author")), time.monotonic()
        if point_of(author) != change.id or not self.store.head(author)[0]:
            return  # no store of that point: numbers are not leased to whatever name is called
        if now - self._topped_up.get(author, -TOP_UP_REST_S) < TOP_UP_REST_S:
            return
        point = self.district.bundle.directory.by_code(change.id)
        block = lease(self.server, point.number, author)
        write_beside(self.server.database(inbox_name(point.code)), f"block:{block['id']}", block)
        self._topped_up[author] = now

    def close(self) -> None:
        """Give back the connections."""
        self.store.close()
        self.server.close()

    def run(self) -> None:
        """Repeat until stopped."""
        router = self.district.config.router
        swept = 0.0

        def step() -> None:
            nonlocal swept
            if not swept or time.monotonic() - swept > router.sweep_seconds:
                self.sweep()
                swept = time.monotonic()
            try:
                self.listen(router.long_poll_seconds)
            except Missing:
                swept = 0.0  # somebody dropped a database: the sweep makes it anew
                raise

        repeat(step, self.stop, "intake")
        self.close()


def run_delivery(district: District, stop: threading.Event) -> None:
    """Repeat following and delivering until stopped."""
    server = district.connect()
    store = district.open_store(ROUTER_MODEL, checkpoints=True)
    delivery = Delivery(server, store, lambda point: prepare_point(district, server, point))
    audited = 0.0

    def step() -> None:
        nonlocal audited
        if not audited or time.monotonic() - audited > district.config.router.sweep_seconds:
            delivery.audit()
            audited = time.monotonic()
        while not delivery.deliver_once().caught_up:
            pass
        follow_journal(store, server, wait_s=district.config.router.long_poll_seconds)

    repeat(step, stop, "delivery")
    store.close()
    server.close()


def repeat(
    step: Callable[[], None],
    stop: threading.Event,
    name: str,
    *,
    until: threading.Event | None = None,
    ceiling_s: float = 30,
) -> None:
    """Run a step until stopped; after a failure of the line, wait a little longer each time.

    :param until: end as well once this is set by the step.
    """
    pace = Pace(random=random.random, ceiling_s=ceiling_s)
    while not stop.is_set() and not (until and until.is_set()):
        try:
            step()
            pace.succeeded()
        except RemoteError as error:
            delay = pace.failed()
            log.warning("line", loop=name, error=str(error), retry_in_s=round(delay, 1))
            stop.wait(delay)


def prepare(district: District, stop: threading.Event) -> None:
    """Make the databases and users, as soon as CouchDB answers, and see whose journal it is."""
    server = district.connect()
    ready = threading.Event()

    def step() -> None:
        prepare_couch(district, server)
        store = district.open_store(ROUTER_MODEL)
        if forget_if_foreign(store, server):
            log.warning("another journal: the read model is built anew")
            forget_given(store)
        store.close()
        ready.set()

    repeat(step, stop, "setup", until=ready, ceiling_s=2)
    server.close()


def main() -> int:
    """``python -m central.router --config FILE``: intake and delivery until stopped."""
    with process("router") as path:
        district = open_district(load_central(path))
        stop = stop_on_signals()
        prepare(district, stop)
        loops = {
            "intake": lambda: IntakeLoop(district, stop).run(),
            "delivery": lambda: run_delivery(district, stop),
        }
        return run_loops(stop, loops)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
