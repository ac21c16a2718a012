"""The agent: the node's sync process. Push and pull, each a bounded step, each in its own loop.

It shares the store with the window and alone checkpoints it. Stopping it at any moment loses
nothing: data is stored before the cursor moves, and every step may be repeated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import schedule
import structlog

from cases.times import day_of
from node.blob_loop import run_blobs
from node.catalogue import is_due, take_bundle
from node.config import load_node
from node.identity import SOFTWARE
from node.line import Board, Line
from node.local import Node, open_node
from node.print_loop import run_prints
from node.renewal import note_copied
from sync import bell
from sync.bundle import BadBundle
from sync.couch import connect
from sync.errors import DoorstepError
from sync.heads import take_heads
from sync.loop import Retry
from sync.missed import begin_again, is_rewound, lacking, look_once, note_bell, take_again
from sync.offer import offer_left, offer_once
from sync.ports import Database, Server
from sync.process import EXIT_RENEW, process, run_loops, stop_on_signals
from sync.pull import OtherLife, pull_once
from sync.push import CopiedStore, Pushed, outbox_id, push_once
from sync.store import Store
from sync.watch import Watch
from sync.word import LOST, ask_central, fork, own_authors
from sync.writing import tracking_carrier, tracking_left

log = structlog.get_logger()
MIN_REST_S = 0.005


class Agent:
    """The node's sync: its loops end when ``stop`` is set."""

    def __init__(self, node: Node, stop: threading.Event) -> None:
        self.node = node
        self.stop = stop
        self.point = node.point.code
        self.author = node.identity.author
        self.again = threading.Event()  # set: offer everything above the receipt again
        self.board = Board(node.clock)
        self.retry = Retry(stop)
        self.copied = False
        self.renewed = False

    def connect(self) -> Server:
        """A connection of one's own to central's CouchDB."""
        central = self.node.config.central
        return connect(
            central.couchdb_url,
            user=self.node.enrolment.couch_user,
            password=self.node.enrolment.couch_password,
            ca_file=str(central.ca_file) if central.ca_file else None,
            answered=self._answered,
        )

    def _answered(self, date: str) -> None:
        self.board.answered(date)
        self.retry.answered()

    def rest(self, held_s: float) -> None:
        """Leave the window as much time as the lock was held."""
        self.stop.wait(max(held_s, MIN_REST_S))

    def run(self) -> int:
        """Push and pull until stopped. :returns: the exit code."""
        loops = {
            "push": self._push_loop,
            "pull": self._pull_loop,
            "blobs": lambda: run_blobs(self.node, self.stop, self.retry),
            "prints": lambda: run_prints(self.node, self.stop, self.retry),
        }
        return run_loops(self.stop, loops, lambda: EXIT_RENEW if self.copied or self.renewed else 0)

    def _push_loop(self) -> None:
        store, server = self.node.open_store(checkpoints=True), self.connect()
        watch = Watch(store.db)
        pusher = Pusher(self, store, server)
        line = Line(store, self.board, "push")
        jobs = schedule.Scheduler()
        jobs.every(int(self.node.config.agent.bell_seconds)).seconds.do(pusher.ring)
        jobs.every(int(self.node.config.agent.bell_seconds)).seconds.do(pusher.look_after)
        jobs.every(30).seconds.do(store.checkpoint)
        catalogue = server.database("catalogue")
        jobs.every(int(self.node.config.agent.bell_seconds)).seconds.do(
            self._look_for_catalogue, store, catalogue
        )

        def step() -> None:
            self._change_over(store)
            if not pusher.rung:
                self._look_for_catalogue(store, catalogue)
            caught_up = pusher.step()
            line.worked()
            jobs.run_pending()
            if caught_up:
                watch.wait(self.stop, self.node.config.agent.poll_seconds)

        self._repeat(step, store, line, self.again.set)
        store.close()
        server.close()

    def _look_for_catalogue(self, store: Store, catalogue: Database) -> None:
        """Keep new heads; take a new catalogue over: the node then starts anew with it."""
        root_key = self.node.enrolment.root_key
        take_heads(store, catalogue, root_key)
        try:
            self.renewed = take_bundle(store, catalogue, root_key, self.node.bundle, self._today())
        except BadBundle as error:
            log.error("the published catalogue may not be used", error=str(error))
        if self.renewed:
            self.stop.set()

    def _change_over(self, store: Store) -> None:
        """Start anew when the day has come of a catalogue that lies ready here, also offline."""
        if is_due(store, self.node.enrolment.root_key, self.node.bundle, self._today()):
            self.renewed = True
            self.stop.set()

    def _today(self) -> str:
        return day_of(self.node.clock()).isoformat()

    def _pull_loop(self) -> None:
        store, server = self.node.open_store(), self.connect()
        puller = Puller(self, store, server)
        line = Line(store, self.board, "pull")
        jobs = schedule.Scheduler()
        jobs.every(int(self.node.config.agent.bell_seconds)).seconds.do(puller.doubt)
        jobs.every(int(self.node.config.agent.bell_seconds)).seconds.do(puller.look)
        wait_s = self.node.config.agent.long_poll_seconds

        def step() -> None:
            jobs.run_pending()
            puller.step(wait_s)
            line.worked()

        self._repeat(step, store, line, puller.doubt)
        store.close()
        server.close()

    def _repeat(
        self,
        step: Callable[[], None],
        store: Store,
        line: Line,
        on_failure: Callable[[], None],
    ) -> None:
        def safely() -> None:
            try:
                step()
            except CopiedStore as copied:
                log.warning("this store is a copy: it goes on as a new author", error=str(copied))
                note_copied(store, copied.author, copied.n)
                self.copied = True
                self.stop.set()

        def failed(error: DoorstepError, delay_s: float) -> None:
            line.failed(error)
            on_failure()
            with suppress(OSError):  # the log may be on the same full disk
                log.warning("line", error=str(error), retry_in_s=round(delay_s, 1))

        self.retry.repeat(safely, failed)


class Puller:
    """Asks for central's word where that is due, and takes in what waits in the inbox."""

    def __init__(self, agent: Agent, store: Store, server: Server) -> None:
        self.agent = agent
        self.store = store
        self.inbox = server.database(f"inbox-{agent.point}")
        self.outbox = server.database(f"outbox-{agent.point}")
        self._sure = False
        self._missed: tuple[str, ...] = ()

    def doubt(self) -> None:
        """Whatever central last said may not hold any more: ask before the next pull."""
        self._sure = False

    def look(self) -> None:
        """Compare a part of the inbox with what is held; what is lacking may just have come."""
        self._missed = look_once(self.store, self.inbox)

    def step(self, wait_s: float) -> None:
        """Pull one batch, waiting for it; ask for central's word first, where it is in doubt."""
        if is_rewound(self.store):
            begin_again(self.store)
            self.agent.again.set()
        if not self._sure:
            word = ask_central(self.store, self.agent.author, self.inbox, self.outbox)
            if word.news:
                log.warning("sending and taking everything again", **word._asdict())
                self.agent.again.set()
            self._sure = True
        author = self.agent.author
        try:
            pulled = pull_once(
                self.store, self.inbox, wait_s=wait_s, rest=self.agent.rest, author=author
            )
        except OtherLife as found:
            place = fork(self.store, found.author, self.inbox, self.outbox)
            raise CopiedStore(found.author, min(place, found.n)) from found
        self._sure = not pulled.ask
        if pulled.caught_up and self._missed:
            self._see_again()

    def _see_again(self) -> None:
        """What is still lacking when all is pulled lies behind the cursor: take all again."""
        missed, self._missed = lacking(self.store, self.inbox, self._missed), ()
        if missed:
            log.warning("the inbox holds what was missed", documents=len(missed))
            take_again(self.store)


class Pusher:
    """Sends what was written here, and rings the bell."""

    def __init__(self, agent: Agent, store: Store, server: Server) -> None:
        self.agent = agent
        self.store = store
        self.outbox = server.database(f"outbox-{agent.point}")
        self.inbox = server.database(f"inbox-{agent.point}")
        self.bell = server.database(bell.NAME)
        self.pushed: dict[str, int] = {}
        self.send_again()
        self.rung = False

    def step(self) -> bool:
        """Push one batch, if anything waits; ring after it and at the first contact.

        :returns: whether nothing is left to push.
        """
        if self.agent.again.is_set():
            self.agent.again.clear()
            self.send_again()
        pushed = [self._push(author) for author in list(self.pushed)]
        offered = offer_once(self.store, self.agent.point, self.outbox, self._box)
        if offered.sent or any(p.sent for p in pushed) or not self.rung:
            self.ring()
        return offered.caught_up and all(p.caught_up for p in pushed)

    @property
    def _box(self) -> str:
        return self.agent.node.enrolment.central_box

    def _push(self, author: str) -> Pushed:
        try:
            sent = push_once(self.store, author, self.outbox, self._box, after=self.pushed[author])
        except CopiedStore:
            if author == self.agent.author:
                raise
            sent = self._held_anyway(author)
        self.pushed[author] = sent.last
        return sent

    def _held_anyway(self, author: str) -> Pushed:
        """What an earlier author of ours wrote may be central's already: others have offered it.

        :raises CopiedStore: it is not.
        """
        n, last = fork(self.store, author, self.inbox, self.outbox), self.store.head(author)[0]
        if n <= last:
            raise CopiedStore(author, n)
        return Pushed(0, last, True)

    def send_again(self) -> None:
        """Send everything above the receipts once more: the outbox may have lost it."""
        self.pushed = dict.fromkeys((*_earlier(self.store, self.agent), self.agent.author), 0)

    def look_after(self) -> None:
        """See whether the outbox still holds what was sent last, unless that is receipted.

        What was left out for want of a key goes once the key has come.
        """
        for author, n in self.pushed.items():
            waits = n > self.store.receipt(author).n
            earlier = author != self.agent.author
            if waits and (earlier or self.outbox.get(outbox_id(author, n)) is None):
                self.agent.again.set()
        if offer_left(self.store, self.outbox, self._box):
            self.ring()

    def ring(self) -> None:
        """Tell central up to where this node has written, and what it has of central's word."""
        author = self.agent.author
        revs = bell.ring(
            self.bell,
            self.agent.point,
            author=author,
            n=self.pushed[author],
            at=self.agent.node.clock(),
            software=SOFTWARE,
            left=tracking_left(self.store, author),
            carrier=tracking_carrier(self.store, author),
            safe=self.store.receipt(author).n,
            lost=self.store.cursor(LOST, ""),
        )
        self.rung = True
        if note_bell(self.store, *revs):
            log.warning("the bell went back: sending and taking everything again")


def _earlier(store: Store, agent: Agent) -> list[str]:
    """The authors this store wrote as before, as far as central does not have all they wrote."""
    return [a for a in own_authors(store, agent.author)[1:] if store.waiting(a) > 0]


def main() -> int:
    """``python -m node.agent --config FILE``: sync until stopped."""
    with process("agent") as config:
        agent = Agent(open_node(load_node(config)), stop_on_signals())
        return agent.run()
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
