"""The router: intake and delivery, each a bounded step, and the two loops that repeat them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog

from cases.events import CENTRAL, is_author, point_of
from central.author import OUTBOX, CentralAuthor
from central.config import load_central
from central.delivery import Delivery, forget_given
from central.district import JOURNAL, ROUTER_MODEL, District, inbox_name, open_district
from central.intake import Intake, write_beside
from central.setup import (
    EPOCH,
    declare_restored,
    epoch,
    lease,
    prepare_couch,
    prepare_point,
)
from sync import bell
from sync.db import write
from sync.errors import DoorstepError, Missing, NotCouch, RemoteError
from sync.loop import CEILING_S, Retry
from sync.ports import START, Change, Server
from sync.process import process, run_loops, stop_on_signals
from sync.pull import pull_once
from sync.registers import any_tracking
from sync.store import Store

log = structlog.get_logger()
LOW_BLOCK = 200
SAMPLE = 100
ALARM_REST_S = 600.0
COMPACT_REST_S = 24 * 3600.0  # CouchDB writes a whole database anew for it
SURE_WAIT_S = 1.0  # a stop is noticed within this time
TOP_UP_REST_S = 120  # a point that was just given a block may ring before it has pulled it


def follow_journal(store: Store, server: Server, *, wait_s: float = 0) -> int:
    """Bring a read model up to the journal, one batch. :returns: how many documents came."""
    return pull_once(store, server.database(JOURNAL), wait_s=wait_s).taken


def forget_if_foreign(store: Store, server: Server) -> bool:
    """Empty a read model that another journal made: this one was restored.

    It is another one when it has another name than the model was built under, or lacks one of a
    sample of the events the model knows: what was lost may be on its way back in any order.

    :returns: whether it was emptied; it then follows the journal from the start.
    """
    journal = str(epoch(server)["journal"])
    known = store.cursor(EPOCH, journal)
    sample = _sample(store)
    foreign = known != journal or len(server.database(JOURNAL).fetch(sample)) < len(sample)
    if foreign:
        store.empty()
    with write(store.db):
        store.set_cursor(EPOCH, journal)
    return foreign


def _sample(store: Store) -> list[str]:
    """The ids of the events a read model came to know last, and of some others."""
    top = store.db.execute("SELECT max(seq) FROM events").fetchone()[0] or 0
    newest = range(max(top - SAMPLE, 0), top + 1)
    others = (random.randrange(top + 1) for _ in range(SAMPLE))  # noqa: S311 - no secret
    seqs = sorted({*newest, *others})
    marks = ",".join("?" * len(seqs))
    rows = store.db.execute(f"SELECT id FROM events WHERE seq IN ({marks})", seqs)  # noqa: S608
    return [id for (id,) in rows.fetchall()]


class IntakeLoop:
    """Listens for the bell, sweeps everything now and then, and takes in what waits."""

    def __init__(
        self, district: District, stop: threading.Event, sure: threading.Event | None = None
    ) -> None:
        """:param sure: set while the read model is known to be this journal's."""
        self.district = district
        self.stop = stop
        self.sure = sure or threading.Event()
        self.server = district.connect()
        self.store = district.open_store(ROUTER_MODEL)
        outbox = self.server.database(OUTBOX)
        box = district.secrets.box.public
        self.author = CentralAuthor(lambda: outbox, box, district.clock)
        self.intake = Intake(district, self.server, self.store, self.author)
        self.cursor = START
        self._topped_up: dict[str, float] = {}
        self._behind: set[str] = set()
        self._heeded: set[tuple[str, int]] = set()
        self._declared = -ALARM_REST_S

    def make_sure(self) -> None:
        """See that the read model is this journal's, and make the district's databases.

        To be called whenever the line has failed: the other end may have been restored meanwhile.
        """
        self.cursor = START  # it may point behind the bell of a CouchDB that was restored
        prepare_couch(self.district, self.server)
        known = str(epoch(self.server)["journal"])
        if forget_if_foreign(self.store, self.server):
            log.warning("the journal was restored: points are asked for what they hold")
            forget_given(self.store)
            self.intake.forget()
            self._declare(known)

    def _declare(self, known: str) -> None:
        """Name the journal anew; the read model, which is this journal's, goes on under it."""
        declare_restored(self.server, known)
        with write(self.store.db):
            self.store.set_cursor(EPOCH, str(epoch(self.server)["journal"]))
        prepare_couch(self.district, self.server)

    def sweep(self) -> None:
        """Make what is missing, and look into every outbox."""
        prepare_couch(self.district, self.server)
        self._follow()
        for party in (CENTRAL, *(p.code for p in self.district.bundle.directory.points)):
            self._take_in(party, behind_gaps=True)

    def _follow(self) -> None:
        while follow_journal(self.store, self.server):
            pass

    def listen(self, wait_s: float) -> None:
        """Wait for bells and take in what they announce."""
        changes = self.server.database(bell.NAME).changes(self.cursor, limit=200, wait_s=wait_s)
        points = self.district.bundle.directory
        rung = [change for change in changes.rows if change.id == CENTRAL or change.id in points]
        if rung:
            self._follow()
        for party in dict.fromkeys((*sorted(self._behind), *(change.id for change in rung))):
            self._take_in(party)
        for change in rung:
            if self._knows_better(change):
                self._declare(str(epoch(self.server)["journal"]))
                break
        for change in rung:
            self._top_up(change)
        self.cursor = changes.cursor

    def _take_in(self, party: str, *, behind_gaps: bool = False) -> None:
        """Take in one party's events. Whatever stands in its outbox, the others do not wait for it.

        :raises RemoteError: of the line or of what all share; not of what stands in one outbox.
        """
        try:
            self.intake.take_in(party, behind_gaps=behind_gaps)
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

    def _knows_better(self, change: Change) -> bool:
        """Whether a point has a receipt for more than the journal holds, or misses what it gave.

        Then it was restored, and every point must hear of it: a cursor of before may point into
        the midst of what came after. No bell is heeded soon after another, nor once the journal
        has another name: a point that errs, or lies, can have the others offer what they hold, but
        not for ever.
        """
        doc = change.doc or {}
        author, safe, now = str(doc.get("author")), doc.get("safe"), time.monotonic()
        if not isinstance(safe, int) or point_of(author) != change.id or not is_author(author):
            return False
        missed = bool(doc.get("lost")) and doc.get("lost") == self.store.cursor(EPOCH, "")
        beyond = safe > self.intake.position(author).n and (author, safe) not in self._heeded
        if not (missed or beyond) or now - self._declared < ALARM_REST_S:
            return False
        self._declared = now
        self._heeded.add((author, safe))
        log.warning("a point knows more than the journal", author=author, safe=safe, missed=missed)
        return True

    def _top_up(self, change: Change) -> None:
        """Lease a point its next block of tracking numbers before the last one runs out.

        Also before, where its numbers are of another carrier than the one it now sends by.
        """
        left, theirs = (change.doc or {}).get("left"), (change.doc or {}).get("carrier")
        carrier = self.district.config.mail.carrier_of(change.id)
        if change.id == CENTRAL or not isinstance(left, int) or left < 0:
            return
        if left >= LOW_BLOCK and theirs in (None, carrier):
            return
        author, now = str((change.doc or {}).get("author")), time.monotonic()
        if point_of(author) != change.id or not self.store.head(author)[0]:
            return  # no store of that point: numbers are not leased to whatever name is called
        if now - self._topped_up.get(author, -TOP_UP_REST_S) < TOP_UP_REST_S:
            return
        point = self.district.bundle.directory.by_code(change.id)
        used = partial(any_tracking, self.store.db)
        block = lease(self.server, point.number, author, carrier, used)
        if block is None:
            log.error("no tracking numbers are left to lease", carrier=carrier, point=point.code)
            self._topped_up[author] = now
            return
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
            if not self.sure.is_set():
                self.make_sure()
                self.sure.set()
            try:
                if not swept or time.monotonic() - swept > router.sweep_seconds:
                    self.sweep()
                    swept = time.monotonic()
                self.listen(router.long_poll_seconds)
            except DoorstepError as error:
                self.sure.clear()
                if isinstance(error, Missing):
                    swept = 0.0  # somebody dropped a database: the sweep makes it anew
                raise

        repeat(step, self.stop, "intake")
        self.close()


def run_delivery(district: District, stop: threading.Event, sure: threading.Event) -> None:
    """Repeat following and delivering until stopped, while intake is sure of the read model.

    Out of another journal's model an inbox would get what the journal of today does not hold.
    """
    server = district.connect()
    store = district.open_store(ROUTER_MODEL, checkpoints=True)
    delivery = Delivery(server, store, lambda point: prepare_point(district, server, point))
    audited = compacted = 0.0

    def step() -> None:
        nonlocal audited, compacted
        if not sure.wait(SURE_WAIT_S):
            return
        if not audited or time.monotonic() - audited > district.config.router.sweep_seconds:
            delivery.audit()
            store.checkpoint()
            audited = time.monotonic()
        if not compacted or time.monotonic() - compacted > COMPACT_REST_S:
            delivery.purging.compact()
            compacted = time.monotonic()
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
    ceiling_s: float = CEILING_S,
) -> None:
    """Run a step until stopped; after a failure of line or disk, wait a little longer each time.

    :param until: end as well once this is set by the step.
    """

    def failed(error: DoorstepError, delay_s: float) -> None:
        with suppress(OSError):  # the log may be on the same full disk
            log.warning("line", loop=name, error=str(error), retry_in_s=round(delay_s, 1))

    Retry(stop, ceiling_s=ceiling_s).repeat(step, failed, until=until)


def prepare(district: District, stop: threading.Event) -> None:
    """Make the databases and users, as soon as CouchDB answers."""
    server = district.connect()
    ready = threading.Event()

    def step() -> None:
        prepare_couch(district, server)
        ready.set()

    repeat(step, stop, "setup", until=ready, ceiling_s=2)
    server.close()


def main() -> int:
    """``python -m central.router --config FILE``: intake and delivery until stopped."""
    with process("router") as path:
        district = open_district(load_central(path))
        stop, sure = stop_on_signals(), threading.Event()
        prepare(district, stop)
        loops = {
            "intake": lambda: IntakeLoop(district, stop, sure).run(),
            "delivery": lambda: run_delivery(district, stop, sure),
        }
        return run_loops(stop, loops)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
