"""One PC at a point: the real node over a folder, its window, and its agent's real steps."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import msgspec

from central.setup import enrolment
from node.agent import Agent, Puller, Pusher
from node.config import CentralAt, NodeConfig
from node.local import Local, Node, open_node
from node.renewal import note_copied
from sync.errors import RemoteError
from sync.ports import Server
from sync.push import CopiedStore
from sync.store import Store
from sync.word import CURSOR, OFFER
from sync.writing import Writing
from tests.simulation.chance import MINUTE
from tests.simulation.process import Crash, Process
from tests.simulation.weather import Wired

if TYPE_CHECKING:
    from tests.simulation.world import World

BELL = 5 * MINUTE
ROUNDS_MAX = 40
BACKUP = "backup.db"
CENTRAL = CentralAt(couchdb_url="http://couch.test", portal_url="http://portal.test")


class _Agent(Agent):
    """The agent, whose line goes through the weather."""

    def __init__(self, node: Node, connector: Callable[[], Server]) -> None:
        super().__init__(node, threading.Event())
        self._connector = connector

    def connect(self) -> Server:
        return self._connector()

    def rest(self, held_s: float) -> None:
        """Nobody waits in virtual time."""


class Office:
    """A PC that may be switched off, crash, be copied, put back, or be lost."""

    def __init__(self, world: World, code: str, name: str, machine: str = "") -> None:
        self.world = world
        self.code = code
        self.name = name
        self.machine = machine or name
        self.folder = world.folder / name
        self.skew_s = 0
        self.away_until = 0  # switched off, or unplugged as a copy that nobody has started yet
        self.lost = False
        self.process = Process(name)
        self._noted = 0
        self._photographs = 0
        self._looked = -BELL
        self._open = False

    # the life of the PC

    def enrol(self, backup: Path | None = None) -> None:
        """A new PC at this point: the first, or one in the place of a lost one, with its backup."""
        self.folder.mkdir()
        if backup is not None:
            (self.folder / "data").mkdir()
            shutil.copy(backup / BACKUP, self.folder / "data" / "node.db")
        district = self.world.district
        content = enrolment(district.value, district.admin, self.code, {"accounts": []})
        (self.folder / "enrolment.json").write_bytes(msgspec.json.encode(content))
        self.start()

    def start(self) -> None:
        """Open the data folder as after switching on; what is found there was stated."""
        config = NodeConfig(
            self.folder / "data", central=CENTRAL, enrolment=self.folder / "enrolment.json"
        )
        with self.process.running(), patch("node.local.machine_id", lambda: self.machine):
            self.node = open_node(config, lambda: self.world.now.text(self.skew_s))
            self.local = Local(self.node.open_store(), self.node)
            self.agent = _Agent(self.node, self._connect)
            self.store = self.node.open_store(checkpoints=True)
            server = self.agent.connect()
            self.pusher = Pusher(self.agent, self.store, server)
            self.puller = Puller(self.agent, self.store, server)
        self._open = True
        self.note()
        for author, n in self._receipts():
            self.world.oracle.found_safe(self.name, author, n)

    def _receipts(self) -> list[tuple[str, int]]:
        """Up to where this store calls the events of its point's authors safe."""
        mine = (a for a in self.store.authors() if a.startswith(self.code))
        return [(author, self.store.receipt(author).n) for author in mine]

    def _connect(self) -> Server:
        who = self.node.enrolment
        inner = self.world.couch.connect(who.couch_user, who.couch_password)
        return Wired(inner, self.name, self.world.weather)  # type: ignore[return-value]

    def stop(self) -> None:
        """Pull the plug."""
        self.process.end()
        self._open = False

    @property
    def runs(self) -> bool:
        """Whether it is switched on."""
        return not self.lost and self.world.now.now >= self.away_until

    def guarded(self, what: Callable[[], Any]) -> Any:
        """Do something as this PC; if it dies over it, it is switched on again a little later."""
        if not self.runs:
            return None
        try:
            if not self._open:
                self.start()
            with self.process.running():
                return what()
        except Crash:
            self.world.fault("crash")
            self.stop()
            self.away_until = self.world.now.now + 2 * MINUTE
            return None

    # the window

    def act(self, what: Callable[[Writing], Any]) -> Any:
        """One durable transaction at the window; the oracle hears of what it wrote."""

        def write() -> Any:
            with self.local.writing() as w:
                done = what(w)
            return done, w

        done = self.guarded(write)
        if done is None:
            return None
        answer, w = done
        self.note()
        self.world.oracle.promised(self.name, w.identity.author, w.n)
        return answer

    def note(self) -> None:
        """Tell the oracle what is durable here under this store's own name."""
        while held := self.store.held(self._noted, 500):
            for seq, event in held:
                self._noted = seq
                if event.author == self.node.identity.author:
                    self.world.oracle.stated(dict(event.doc), self.name)

    # the agent

    def sync(self) -> None:
        """The agent's steps until nothing moves, as its two loops would take them."""
        self.guarded(self._sync)
        if self._open:
            self._hear()

    def _sync(self) -> None:
        steps = [self._push, self._pull]
        self.world.rolls.shuffle(steps)
        for step in steps:
            try:
                step()
            except CopiedStore as copied:
                self.world.trace.note(self.name, "copied", copied.author, copied.n)
                note_copied(self.store, copied.author, copied.n)
                self.stop()
                self.start()
                return
        if self.world.now.now - self._looked >= BELL:
            self._looked = self.world.now.now

    def _due(self) -> bool:
        return self.world.now.now - self._looked >= BELL

    def _push(self) -> None:
        try:
            if self._due():
                self.pusher.ring()
                self.pusher.look_after()
            for _ in range(ROUNDS_MAX):
                before = dict(self.pusher.pushed), self.store.cursor(OFFER, "")
                self.pusher.step()
                if before == (self.pusher.pushed, self.store.cursor(OFFER, "")):
                    break
        except RemoteError:
            self.agent.again.set()

    def _pull(self) -> None:
        due = self._due()
        if due:
            self.puller.doubt()
        try:
            if due:
                self.puller.look()
            for _ in range(ROUNDS_MAX):
                before = self.store.cursor(CURSOR)
                self.puller.step(0)
                if before == self.store.cursor(CURSOR) and self.puller._sure:
                    break
        except RemoteError:
            self.puller.doubt()

    def _hear(self) -> None:
        """What this store now calls safe must be in the journal at this moment."""
        for author, n in self._receipts():
            self.world.oracle.called_safe(self.name, author, n)

    # what happens to its disk

    def photograph(self) -> Path:
        """Keep its disk as it is: whole, and the data file alone as a backup would hold it."""
        self._photographs += 1
        kept = self.world.folder / f"photo-{self.name}-{self._photographs}"
        shutil.copytree(self.folder, kept, ignore=shutil.ignore_patterns(BACKUP))
        store = self.closed_store()
        store.db.conn.execute("VACUUM INTO ?", [str(kept / BACKUP)])
        store.close()
        return kept

    def put_back(self, photo: Path, *, whole: bool) -> None:
        """Replace the data file by its backup, or the whole disk by its image."""
        self.stop()
        if whole:
            shutil.rmtree(self.folder)
            shutil.copytree(photo, self.folder)
        else:
            for file in (self.folder / "data").glob("node.db*"):
                file.unlink()
            shutil.copy(photo / BACKUP, self.folder / "data" / "node.db")
        self._noted = 0
        self.start()

    def lose(self) -> None:
        """The disk is gone for ever."""
        self.stop()
        self.lost = True
        shutil.rmtree(self.folder)

    def closed_store(self) -> Store:
        """A connection for looking, outside every process. Close it."""
        return self.node.open_store()
