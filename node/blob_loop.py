"""The agent's third loop: scans go up to central and come down when somebody asks for them.

One step is one chunk of one blob, or one question. A person who waits goes first; a blob that is
refused waits by itself; only a line that is down holds up everything.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from cases.events import Event
from cases.times import from_text
from node.local import Node
from sync.blobs.book import BlobBook, Entry
from sync.blobs.folder import BlobError, BlobFolder
from sync.blobs.ports import NAMES_MAX, BlobRefused, BlobRemote, Held
from sync.blobs.travel import ChunkSize, fetch_once, upload_once
from sync.blobs.web import WebBlobs
from sync.errors import RemoteUnavailable
from sync.pace import Pace
from sync.store import Store

log = structlog.get_logger()
ASK_AGAIN = timedelta(hours=1)
LEFT_SECONDS = 24 * 3600
CEILING_S = 5
LOST_HERE = "本机的扫描件文件不见了，区中心也没有。请重新扫描，或从备份恢复数据目录"
UNREADABLE = "本机的磁盘读写不了这份扫描件（{}），请检查磁盘"


class BlobLoop:
    """What must travel, one bounded step at a time. Every step may be repeated."""

    def __init__(
        self,
        store: Store,
        folder: BlobFolder,
        remote: BlobRemote,
        point: str,
        clock: Callable[[], str],
    ) -> None:
        self.book = BlobBook(store)
        self.folder = folder
        self.remote = remote
        self.point = point
        self.clock = clock
        self.chunk = ChunkSize()
        self._met: set[str] = set()  # how much central has of these was said since the last failure
        self._looked = 0
        self._asked_to = ""
        self._asked_at = ""

    def step(self) -> bool:
        """Do one thing. :returns: whether there was one to do.

        :raises RemoteUnavailable: the line is down; nothing is lost, the next chunk is shorter.
        """
        self._look()
        try:
            return self._fetch() or self._send() or self._ask()
        except RemoteUnavailable:
            self.chunk.failed()
            self._met.clear()
            raise

    def _look(self) -> None:
        """Enter in the book what the journal names since."""
        self._looked = self.book.note_named(self._looked, self._is_ours)

    def _is_ours(self, event: Event) -> bool:
        return event.point == self.point or self.folder.size(event.data["blob"]) is not None

    def _fetch(self) -> bool:
        entry = self.book.next_wanted(self.clock())
        if entry is None:
            return False
        try:
            held = fetch_once(
                self.folder, self.remote, entry.name, entry.size, chunk_bytes=self.chunk.bytes
            )
        except (BlobRefused, BlobError) as why:
            self.book.failed(entry, self.clock(), str(why))
        except OSError as error:
            self.book.failed(entry, self.clock(), UNREADABLE.format(error.strerror))
        else:
            self.chunk.worked()
            if held.whole:
                self.book.arrived(entry.name, self.clock())
        return True

    def _send(self) -> bool:
        entry = self.book.next_to_send(self.clock())
        if entry is None:
            return False
        try:
            self._sent(entry, self._upload(entry))
        except BlobRefused as why:
            self._met.discard(entry.name)
            self.book.failed(entry, self.clock(), str(why))
        except OSError as error:
            self.book.failed(entry, self.clock(), UNREADABLE.format(error.strerror))
        return True

    def _upload(self, entry: Entry) -> Held:
        if self.folder.size(entry.name) is None:
            return self.remote.held(entry.name)  # another PC of this point may have sent it
        return upload_once(
            self.folder,
            self.remote,
            entry.name,
            offset=entry.sent if entry.name in self._met else None,
            chunk_bytes=self.chunk.bytes,
        )

    def _sent(self, entry: Entry, held: Held) -> None:
        if held.whole:
            self._met.discard(entry.name)
            self.book.safe(entry.name, self.clock())
        elif self.folder.size(entry.name) is None:
            self.book.failed(entry, self.clock(), LOST_HERE)
        else:
            self._met.add(entry.name)
            self.chunk.worked()
            self.book.sent(entry.name, held.have)

    def _ask(self) -> bool:
        """Ask central, page by page, once an hour, whether it still has what it said it has.

        It may have been restored. Whoever holds a blob then gives it again, also another party.
        """
        now = self.clock()
        if self._asked_at and from_text(now) - from_text(self._asked_at) < ASK_AGAIN:
            return False
        page = self.book.after(self._asked_to, NAMES_MAX)
        here = [e.name for e in page if e.safe_at and self.folder.size(e.name) is not None]
        if here and (lost := self.remote.lacking(here)):
            log.warning("central lacks scans that it had: sending them again", count=len(lost))
            self.book.lost(lost)
        if len(page) == NAMES_MAX:
            self._asked_to = page[-1].name
            return True
        self._asked_to, self._asked_at = "", now
        return bool(here)


def run_blobs(node: Node, stop: threading.Event) -> None:
    """Repeat until stopped; while the line is down wait a little longer each time."""
    central, identity = node.config.central, node.identity
    store = node.open_store()
    remote = WebBlobs(
        central.blobs_url, identity.author, identity.signer, node.clock,
        ca_file=str(central.ca_file) if central.ca_file else None,
    )  # fmt: skip
    node.blobs.sweep(before=from_text(node.clock()).timestamp() - LEFT_SECONDS)
    loop = BlobLoop(store, node.blobs, remote, node.point.code, node.clock)
    pace = Pace(random=random.random, ceiling_s=CEILING_S)
    while not stop.is_set():
        try:
            busy = loop.step()
            pace.succeeded()
            if not busy:
                stop.wait(node.config.agent.poll_seconds)
        except RemoteUnavailable as error:
            delay = pace.failed()
            log.warning("blobs", error=str(error), retry_in_s=round(delay, 1))
            stop.wait(delay)
    store.close()
    remote.close()
