"""A phone that may give a scan: a token in a QR code, for one case or draft, for fifteen minutes.

The phone is anybody's and the line is plain HTTP over the point's Wi-Fi. So the token only lets in:
it shows nothing, opens nothing, and what came by it is stated by the clerk who made it. Kept is not
the token but its hash.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from cases.times import from_text, to_text
from node.local import Local
from sync.db import write

SCHEMA = """
CREATE TABLE IF NOT EXISTS hand_offs (
  proof TEXT PRIMARY KEY, target TEXT NOT NULL, actor TEXT NOT NULL, position INTEGER NOT NULL,
  expires TEXT NOT NULL, used INTEGER NOT NULL) STRICT, WITHOUT ROWID
"""
VALID_FOR = timedelta(minutes=15)
USES_MAX = 20
TOKEN_BYTES = 15  # 24 characters of base32, without padding
CASE, DRAFT = "case:", "draft:"


@dataclass(frozen=True)
class HandOff:
    """What a token lets in: scans of one paper of one case or draft, in one clerk's name."""

    proof: str
    target: str
    actor: str
    position: int

    @property
    def case(self) -> str:
        """The case's number, or empty for a draft."""
        return self.target.removeprefix(CASE) if self.target.startswith(CASE) else ""

    @property
    def draft(self) -> str:
        """The draft's operation, or empty for a case."""
        return self.target.removeprefix(DRAFT) if self.target.startswith(DRAFT) else ""


def mint(local: Local, target: str, actor: str, position: int) -> str:
    """A token for a target; an earlier one of this clerk for it is good no more."""
    token = base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode()
    now = local.now()
    row = [_proof(token), target, actor, position, to_text(from_text(now) + VALID_FOR), 0]
    with write(local.store.db) as db:
        db.execute("DELETE FROM hand_offs WHERE expires<=? OR (target=? AND actor=?)",
                   [now, target, actor])  # fmt: skip
        db.execute("INSERT INTO hand_offs VALUES (?, ?, ?, ?, ?, ?)", row)
    return token


def read(local: Local, token: str) -> HandOff | None:
    """What a token lets in now; None: never made, run out, or used often enough."""
    row = local.store.db.execute(
        "SELECT proof, target, actor, position FROM hand_offs"
        " WHERE proof=? AND expires>? AND used<?",
        [_proof(token.upper()), local.now(), USES_MAX],
    ).fetchone()
    return HandOff(*row) if row else None


def use(local: Local, found: HandOff) -> bool:
    """Count one use. :returns: False if there is none left."""
    with write(local.store.db) as db:
        done = db.execute(
            "UPDATE hand_offs SET used=used+1 WHERE proof=? AND used<? AND expires>?",
            [found.proof, USES_MAX, local.now()],
        )
    return done.rowcount == 1


def is_open(local: Local, target: str, actor: str) -> bool:
    """Whether a phone may be giving something to this target now."""
    row = local.store.db.execute(
        "SELECT 1 FROM hand_offs WHERE target=? AND actor=? AND expires>?",
        [target, actor, local.now()],
    ).fetchone()
    return row is not None


def end(local: Local, target: str) -> None:
    """Nothing more may come for a target: it was sent, thrown away, or closed."""
    with write(local.store.db) as db:
        db.execute("DELETE FROM hand_offs WHERE target=?", [target])


def _proof(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
