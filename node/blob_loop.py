"""The agent's third loop: scans go up to central and come down when somebody asks for them.

One step is one chunk of one blob, or one question. A person who waits goes first; a blob that is
refused waits by itself; only a line that is down holds up everything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import structlog

from cases.events import Event
from cases.times import from_text, to_text
from node.local import Node
from sync.blobs.book import BlobBook, Entry, is_still_named
from sync.blobs.folder import BlobError, BlobFolder
from sync.blobs.ports import NAMES_MAX, BlobRefused, BlobRemote, Held
from sync.blobs.travel import ChunkSize, fetch_once, upload_once
from sync.blobs.web import WebBlobs
from sync.errors import DoorstepError, RemoteUnavailable
from sync.loop import Retry
from sync.store import Store
from sync.watch import Watch
from sync.word import MAILBOX

log = structlog.get_logger()
ASK_AGAIN, ASK_SOON = timedelta(hours=1), timedelta(minutes=1)
REST_S = 3.0  # what nobody writes is noticed by then: the end of a wait, an hour that is over
LEFT_SECONDS = 24 * 3600
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
        self.store = store
        self.book = BlobBook(store)
        self.folder = folder
        self.remote = remote
        self.point = point
        self.clock = clock
        self.chunk = ChunkSize()
        self._met: set[str] = set()  # how much central has of these was said since the last failure
        self._looked = 0
        self._asked_to = ""
        self._asked_of = ""
        self._ask_at = ""

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
        here = event.point == self.point or self.folder.size(event.data["blob"]) is not None
        return here and is_still_named(self.store, event)

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
        """Ask central, page by page, whether it still has what it said it has.

        Once an hour, and when its journal has another name: it was restored. Whoever holds a blob
        then gives it again, also another party.
        """
        now, journal = self.clock(), str((self.store.document(MAILBOX) or {}).get("journal", ""))
        if not self._is_due(now, journal):
            return False
        page = self.book.after(self._asked_to, NAMES_MAX)
        here = [e.name for e in page if e.safe_at and self.folder.size(e.name) is not None]
        try:
            lost = self.remote.lacking(here) if here else []
        except BlobRefused as why:
            log.warning("central does not say which scans it lacks", error=str(why))
            self._asked(now, journal, again=ASK_SOON)
            return True
        if lost:
            log.warning("central lacks scans that it had: sending them again", count=len(lost))
            self.book.lost(lost)
        if len(page) == NAMES_MAX:
            self._asked_to = page[-1].name
            return True
        self._asked(now, journal, again=ASK_AGAIN)
        return bool(here)

    def _is_due(self, now: str, journal: str) -> bool:
        if not self._ask_at or journal != self._asked_of:
            return True
        left = from_text(self._ask_at) - from_text(now)
        return not timedelta() < left <= ASK_AGAIN  # longer: the clock was wrong when it was noted

    def _asked(self, now: str, journal: str, *, again: timedelta) -> None:
        self._asked_to, self._asked_of = "", journal
        self._ask_at = to_text(from_text(now) + again)


def run_blobs(node: Node, stop: threading.Event, retry: Retry) -> None:
    """Repeat until stopped. What was written or asked for here is noticed at once."""
    central, identity = node.config.central, node.identity
    store = node.open_store()
    watch = Watch(store.db)
    remote = WebBlobs(
        central.blobs_url, identity.author, identity.signer, node.clock,
        ca_file=str(central.ca_file) if central.ca_file else None,
    )  # fmt: skip
    node.blobs.sweep(before=from_text(node.clock()).timestamp() - LEFT_SECONDS)
    loop = BlobLoop(store, node.blobs, remote, node.point.code, node.clock)

    def step() -> None:
        if not loop.step():
            watch.wait(stop, REST_S)

    def failed(error: DoorstepError, delay_s: float) -> None:
        with suppress(OSError):  # the log may be on a full disk
            log.warning("blobs", error=str(error), retry_in_s=round(delay_s, 1))

    retry.repeat(step, failed)
    store.close()
    remote.close()
