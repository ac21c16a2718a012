"""The licence library (证照库): what of a licence is known to central, asked for one holder.

The district keeps one of its own: what its points issued, and what was imported from a file. A
library elsewhere (the province's, a ministry's) is one more :class:`LicenceLibrary`.

::

    LibraryUnavailable   retry   the library does not answer now: that is not "has none"
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import date
from typing import Protocol

import msgspec
from sqlite_utils import Database

from cases.documents import DocumentKind, check_document
from cases.fields import BadField
from cases.reading import BadData, read_rows
from central.licence_db import LicenceKeys
from sync.canonical import canonical, decode
from sync.db import write
from sync.errors import RemoteUnavailable
from sync.seal import seal, unseal

COLUMNS = ("licence", "document_number", "number", "issuer", "valid_until")
PROBLEMS_MAX = 50


class LibraryUnavailable(RemoteUnavailable):
    """A library that does not answer now."""


class Held(msgspec.Struct, frozen=True):
    """A licence as a library holds it. ``valid_until``: its last day (ISO), empty for none."""

    number: str
    issuer: str
    valid_until: str = ""

    def is_valid(self, today: date) -> bool:
        """Whether it is in force."""
        return not self.valid_until or self.valid_until >= today.isoformat()


class LicenceLibrary(Protocol):
    """Something that knows licences."""

    def find(self, licence: str, holder: str, today: date) -> Held | None:
        """The licence of a type that a holder (by document number) has in force, or None.

        :raises LibraryUnavailable: nobody can tell now.
        """

    def put(self, licence: str, holder: str, source: str, held: Held) -> None:
        """Take in a licence. The same source (a case, a row of a file) says it once."""

    def withdraw(self, source: str) -> None:
        """Forget what a source said: it was voided."""


class MemoryLibrary:
    """The memory twin."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, str], Held] = {}

    def find(self, licence: str, holder: str, today: date) -> Held | None:
        """The licence in force that is valid longest, or None."""
        return _best(
            (h for (kind, of, _), h in self._held.items() if (kind, of) == (licence, holder)), today
        )

    def put(self, licence: str, holder: str, source: str, held: Held) -> None:
        """Keep a licence."""
        self._held[licence, holder, source] = held

    def withdraw(self, source: str) -> None:
        """Forget what a source said."""
        self._held = {key: held for key, held in self._held.items() if key[2] != source}


class DistrictLibrary:
    """The district's own, in ``licences.db``."""

    def __init__(self, db: Database, keys: LicenceKeys) -> None:
        self._db = db
        self._keys = keys

    def find(self, licence: str, holder: str, today: date) -> Held | None:
        """The licence in force that is valid longest, or None."""
        hidden = self._hidden(holder)
        rows = self._db.execute(
            "SELECT source, sealed FROM licences WHERE licence=? AND holder=?", [licence, hidden]
        ).fetchall()
        return _best((self._opened(licence, hidden, *row) for row in rows), today)

    def put(self, licence: str, holder: str, source: str, held: Held) -> None:
        """Keep a licence, sealed, under the hash of its holder's number."""
        hidden = self._hidden(holder)
        name = _name(licence, hidden, source)
        sealed = canonical(seal(self._keys.seal, name, msgspec.to_builtins(held)))
        with write(self._db):
            self._db.execute(
                "INSERT OR REPLACE INTO licences VALUES (?, ?, ?, ?)",
                [licence, hidden, source, sealed],
            )

    def withdraw(self, source: str) -> None:
        """Forget what a source said."""
        with write(self._db):
            self._db.execute("DELETE FROM licences WHERE source=?", [source])

    def _hidden(self, holder: str) -> str:
        return hmac.digest(self._keys.holder, holder.upper().encode(), "sha256").hex()

    def _opened(self, licence: str, hidden: str, source: str, sealed: bytes) -> Held:
        fields = unseal(self._keys.seal, _name(licence, hidden, source), decode(sealed))
        return msgspec.convert(fields, Held)


def _name(licence: str, hidden: str, source: str) -> str:
    """What a row is sealed to: moved to another holder, it opens no more."""
    return f"{licence}:{hidden}:{source}"


def _best(found: Iterable[Held], today: date) -> Held | None:
    valid = [held for held in found if held.is_valid(today)]
    return max(valid, key=lambda held: held.valid_until or "9999", default=None)


def import_file(library: LicenceLibrary, name: str, text: str, known: frozenset[str]) -> int:
    """Take in the licences of a CSV file. :returns: how many.

    :param known: the codes of the types in the catalogue.
    :raises BadData: every row that cannot be used, by its number; nothing was taken in.
    """
    rows = read_rows(name, text, COLUMNS)
    problems = [f"第 {n} 行：{why}" for n, row in enumerate(rows, 2) if (why := _wrong(row, known))]
    if problems:
        raise BadData("\n".join([f"{name}: 有 {len(problems)} 行要改", *problems[:PROBLEMS_MAX]]))
    for row in rows:
        held = Held(row["number"], row["issuer"], row["valid_until"])
        source = f"file:{name}:{row['licence']}:{row['number']}"
        library.put(row["licence"], row["document_number"].upper(), source, held)
    return len(rows)


def _wrong(row: dict[str, str], known: frozenset[str]) -> str:
    """Why a row cannot be used, or empty."""
    if row["licence"] not in known:
        return f"没有证照类型 {row['licence']!r}"
    if not row["number"]:
        return "没有证照编号"
    if not any(_is_number(kind, row["document_number"]) for kind in DocumentKind):
        return "持证主体的证件号码不对"
    try:
        if row["valid_until"]:
            date.fromisoformat(row["valid_until"])
    except ValueError:
        return f"有效期 {row['valid_until']!r} 不是 2030-12-31 这样的日期"
    return ""


def _is_number(kind: DocumentKind, text: str) -> bool:
    try:
        return check_document(kind, text) == text.upper()
    except BadField:
        return False
