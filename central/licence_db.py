"""``licences.db`` of central's data folder: the licences central can look up, and who looked.

Whose a licence is stands there as a keyed hash, and what is in it sealed: the file alone tells
nobody who holds what. Neither travels: no point has an index of licences.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from central.keys import Secrets
from sync.db import connect, prepare

FILE = "licences.db"
VERSION = 1
SCHEMA = """
CREATE TABLE licences (licence TEXT NOT NULL, holder TEXT NOT NULL, source TEXT NOT NULL,
  sealed BLOB NOT NULL, PRIMARY KEY (licence, holder, source)) STRICT, WITHOUT ROWID;
CREATE INDEX licences_source ON licences (source);
CREATE TABLE calls (id INTEGER PRIMARY KEY, at TEXT NOT NULL, point TEXT NOT NULL,
  actor TEXT NOT NULL, subject TEXT NOT NULL, matter TEXT NOT NULL, purpose TEXT NOT NULL,
  licence TEXT NOT NULL, result TEXT NOT NULL) STRICT;
CREATE INDEX calls_at ON calls (at);
CREATE INDEX calls_point ON calls (point, at);
"""


class LicenceKeys(NamedTuple):
    """What hides a holder's number, and what seals a licence."""

    holder: bytes
    seal: bytes


def licence_keys(secrets: Secrets) -> LicenceKeys:
    """The two keys, derived from one secret of central's."""
    master = secrets.licence_master
    return LicenceKeys(
        hmac.digest(master, b"licence holder", "sha256"),
        hmac.digest(master, b"licence seal", "sha256"),
    )


def open_licence_db(data: Path) -> Database:
    """A connection of one's own. Close it."""
    path = data / FILE
    db = connect(path)
    prepare(db, SCHEMA, VERSION, str(path))
    return db
