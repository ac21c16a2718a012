"""A point's PC in a stranger's hands: it has the point's keys, and signs whatever it likes."""

from __future__ import annotations

from typing import Any

from sync.canonical import digest
from sync.push import outbox_id
from sync.seal import Box, new_key, seal, wrap_to
from sync.sign import Signer
from tests.central.travel import Journey


class Rogue:
    """Writes into its own point's outbox what no honest program would."""

    def __init__(self, travel: Journey, code: str) -> None:
        self.travel, self.code = travel, code
        self.number = travel.district.bundle.directory.by_code(code).number
        self.author, self.signer, self.box = f"{code}.r0ge", Signer.new(), Box.new()
        self.n, self.prev = 0, ""
        keys = {"sign_key": self.signer.public, "box_key": self.box.public}
        self.state("store.opened", self.author, {**keys, "software": "x", "range": "own"})

    def state(
        self, type: str, subject: str, data: Any = None, *, k: int = 0, sealed: Any = None,
        at: str = "", **change: Any,
    ) -> str:  # fmt: skip
        """Sign and send one fact. :returns: its id."""
        k = k or self.n + 1
        id = f"{subject}:{k:04d}-{self.author}"
        doc = {
            "id": id, "v": 1, "type": type, "at": at or self.travel.clock(), "author": self.author,
            "n": self.n + 1, "actor": "s-1", "data": data or {}, "prev": self.prev, **change,
        }  # fmt: skip
        keys = []
        if sealed is not None:
            key = new_key()
            doc["sealed"] = seal(key, id, sealed)
            keys = [wrap_to(self.travel.district.secrets.box.public, key)]
        signed = self.signer.sign(doc)
        self.n, self.prev = self.n + 1, digest(signed)
        self.put({"event": signed, "keys": keys})
        return id

    def put(self, doc: dict[str, Any]) -> None:
        """Send a document as it is."""
        self.travel.outbox(self.code).put({"_id": outbox_id(self.author, self.n), **doc})
