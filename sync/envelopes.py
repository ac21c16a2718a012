"""The envelopes of one batch of events on their way to somebody: what is the same is made once.

A subject's key and an author's certificate are looked up once a batch, and a key is wrapped once
for each box, so that a subject's events carry one wrapping and its reader need not keep another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cases.events import Event
from sync.merging import MORE
from sync.opened import place_of
from sync.seal import Wrap, Wrapping
from sync.store import Envelope, Store


class Envelopes:
    """Envelopes for whoever owns the ``boxes``. Make one a batch."""

    def __init__(self, store: Store, boxes: Iterable[str]) -> None:
        self._store = store
        self._boxes = tuple(boxes)
        self._wrappings: list[Wrapping] = []
        self._keys: dict[tuple[str, str], tuple[Wrap, ...]] = {}
        self._certs: dict[str, dict[str, Any] | None] = {}

    def of(self, event: Event) -> Envelope:
        """The event with its key, wrapped to every box, and its author's certificate."""
        author = event.author
        if author not in self._certs:
            self._certs[author] = self._store.certificate(author)
        place = place_of(event)
        keys = self._wrapped(*place) if place else ()
        more = self._store.document(MORE + event.id)
        return Envelope(event, keys, self._certs[author], more=more)

    def _wrapped(self, subject: str, author: str) -> tuple[Wrap, ...]:
        place = (subject, author)
        if place not in self._keys:
            keys = self._store.subject_keys(subject, author)
            self._wrappings = self._wrappings or [Wrapping(box) for box in self._boxes]
            self._keys[place] = tuple(w.wrap(key) for key in keys for w in self._wrappings)
        return self._keys[place]
