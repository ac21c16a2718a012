"""A process of central as an ordinary author: ``central.<random>``, with ``n``, ``prev``, ``sig``.

What the portal or the courier's page states is written to ``outbox-central`` before the page says
so; the router takes it from there as it does from any point.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

from cases.events import VERSION, event_id, parse
from cases.fold import blank, permit
from cases.numbers import CENTRAL_NUMBER, SUFFIX_ALPHABET, PaperNumber
from sync import registers
from sync.canonical import digest, require_fit
from sync.errors import Conflict, DoorstepError, RemoteError
from sync.ports import Database
from sync.push import outbox_id, same_event
from sync.seal import Box, Wrap, new_key, seal, wrap_to
from sync.sign import Signer
from sync.store import Envelope, Store, envelope_doc
from sync.writing import next_k

OUTBOX = "outbox-central"
SOFTWARE = "0.1.0"


class CentralAuthor:
    """States facts in central's name, one at a time. Safe to share between threads.

    :param outbox: gives this thread's own connection to ``outbox-central``.
    """

    def __init__(
        self, outbox: Callable[[], Database], central_box: str, clock: Callable[[], str]
    ) -> None:
        self._outbox = outbox
        self._central_box = central_box
        self._clock = clock
        self._lock = threading.Lock()
        self._take_a_name()

    def _take_a_name(self) -> None:
        suffix = "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(8))
        self.author = f"central.{suffix}"
        self._signer = Signer.new()
        self._keys: dict[str, bytes] = {}
        self._places: dict[str, int] = {}
        self._papers: dict[tuple[str, int], int] = {}
        self._n = 0
        self._prev = ""
        self._pending: dict[str, Any] | None = None

    def begin_anew(self) -> None:
        """Go on under a new name: something that stands under the old one cannot be journaled."""
        with self._lock:
            self._take_a_name()

    def paper_number(self, series: str, year: int) -> str:
        """The next number of a series of papers in a year, of this author alone.

        No number is ever used twice, whatever is restored: the next start has another name.
        """
        with self._lock:
            serial = self._papers.get((series, year), 0) + 1
            self._papers[series, year] = serial
            suffix = self.author.partition(".")[2]
            return PaperNumber(series, year, CENTRAL_NUMBER, serial, suffix).text

    def state(
        self,
        store: Store,
        type: str,
        subject: str,
        data: Mapping[str, Any],
        *,
        actor: str,
        sealed: Mapping[str, Any] | None = None,
        keys: tuple[Wrap, ...] = (),
        k_min: int = 1,
    ) -> str:
        """State one fact; it is in the outbox when this returns. :returns: the event's id.

        :param keys: what opens a fact that this one carries, which has place ``k_min``.

        :raises WrongState: the table does not allow it, as far as the read model knows.
        :raises RemoteError: it is not known whether it was written; asking again is safe.
        """
        folded = registers.subject(store.db, subject) or blank(subject)
        permit(folded, type, self.author, data, sealed or ())
        with self._lock:
            self._settle_pending()
            if self._n == 0:
                self._open()
            k = max(next_k(store, subject), self._places.get(subject, 0) + 1, k_min)
            event = self._event(type, subject, k, data, actor, sealed)
            self._places[subject] = k  # taken now: what is still on its way may yet arrive
            self._write(event, subject, keys)
            return str(event["id"])

    def _open(self) -> None:
        data = {
            "sign_key": self._signer.public,
            "box_key": Box.new().public,  # nobody writes to a process of central
            "software": SOFTWARE,
            "range": "plain",
        }
        self._write(self._event("store.opened", self.author, 1, data, "central", None), "")

    def _event(
        self,
        type: str,
        subject: str,
        k: int,
        data: Mapping[str, Any],
        actor: str,
        sealed: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        id = event_id(subject, k, self.author)
        doc: dict[str, Any] = {
            "id": id, "v": VERSION, "type": type, "at": self._clock(), "author": self.author,
            "n": self._n + 1, "actor": actor, "data": dict(data), "prev": self._prev,
        }  # fmt: skip
        if sealed:
            key = self._keys.setdefault(subject, new_key())
            doc["sealed"] = seal(key, id, dict(sealed))
        require_fit(doc)
        return self._signer.sign(doc)

    def _write(self, event: dict[str, Any], subject: str, keys: tuple[Wrap, ...] = ()) -> None:
        key = self._keys.get(subject) if "sealed" in event else None
        keys = (wrap_to(self._central_box, key),) if key else keys
        doc = envelope_doc(outbox_id(self.author, event["n"]), Envelope(parse(event), keys))
        self._pending = doc
        self._settle_pending()

    def _settle_pending(self) -> None:
        """Write what is on its way; its place in the chain is taken only when it is there.

        A conflict may be the word of one copy alone: only a write that is taken again, unchanged,
        shows that a quorum holds it.
        """
        doc = self._pending
        if doc is None:
            return
        outbox = self._outbox()
        try:
            outbox.put(doc)
        except Conflict:
            there = outbox.get(doc["_id"])
            if there is None or not same_event(there, doc):
                self._take_a_name()  # this place will never be ours, nor any behind it
                raise DoorstepError(f"{doc['_id']}: 发件箱里已是另一内容") from None
            outbox.put(there)
        except RemoteError as error:
            if not error.retry:
                self._pending = None
            raise
        self._pending = None
        self._n, self._prev = doc["event"]["n"], digest(doc["event"])
