"""Central's secrets, in ``keys/`` of its data folder: made once, mode 0600, never in CouchDB.

``root`` certifies authors, ``box`` opens what points wrap to central, ``months/`` holds the keys
of the month, ``tokens`` derives each point's QR key, ``licences`` hides and seals the licence
library, ``persons`` makes the marks by which the same person is known again, ``carriers`` seals
what carriers tell until it is stated, ``sessions`` signs cookies.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from labels.tokens import point_key
from sync.seal import Box, MonthKeys, Wrap, new_key
from sync.sign import Signer


@dataclass(frozen=True)
class Secrets:
    """The opened secrets of central."""

    folder: Path
    root: Signer
    box: Box
    token_master: bytes
    licence_master: bytes
    session_key: bytes
    couch_password: str
    person_key: bytes
    carrier_key: bytes

    def token_key(self, point_number: int) -> bytes:
        """The key that a point's QR tokens are authenticated with."""
        return point_key(self.token_master, point_number)

    def months(self, month: str) -> MonthKeys:
        """The keys of the months, with this month's (``2026-11``) made if it is new."""
        _keep(self.folder / "months" / month, new_key)
        keys = {f.name: f.read_bytes() for f in (self.folder / "months").iterdir()}
        return MonthKeys(keys, month)


class CentralKeyring:
    """Opens what was wrapped to central's box or under any month; wraps under this month.

    Processes run for longer than a month: the month is asked of the clock at each wrapping, and
    a month that is not known yet was begun by another process.
    """

    def __init__(self, secrets: Secrets, clock: Callable[[], str]) -> None:
        self._secrets = secrets
        self._clock = clock
        self._month = clock()[:7]
        self._months = secrets.months(self._month)

    def wrap(self, key: bytes) -> Wrap:
        """Wrap a key under this month's key, as the journal holds it."""
        if self._clock()[:7] != self._month:
            self._read_again()
        return self._months.wrap(key)

    def unwrap(self, wraps: Sequence[Wrap]) -> bytes | None:
        """Open a wrapping from an outbox or from the journal."""
        found = self._box.unwrap(wraps) or self._months.unwrap(wraps)
        if found is None and wraps:
            self._read_again()
            found = self._months.unwrap(wraps)
        return found

    @property
    def _box(self) -> Box:
        return self._secrets.box

    def _read_again(self) -> None:
        self._month = self._clock()[:7]
        self._months = self._secrets.months(self._month)


def open_secrets(folder: Path) -> Secrets:
    """Read central's secrets, making those that are missing."""
    return Secrets(
        folder=folder,
        root=Signer(_keep(folder / "root", lambda: Signer.new().seed)),
        box=Box(_keep(folder / "box", lambda: Box.new().seed)),
        token_master=_keep(folder / "tokens", new_key),
        licence_master=_keep(folder / "licences", new_key),
        session_key=_keep(folder / "sessions", new_key),
        couch_password=_keep(folder / "couch", lambda: secrets.token_hex(16).encode()).decode(),
        person_key=_keep(folder / "persons", new_key),
        carrier_key=_keep(folder / "carriers", new_key),
    )


def _keep(path: Path, make: Callable[[], bytes]) -> bytes:
    """The bytes of a secret file; it is made, whole, the first time."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        spare = path.parent.parent / f".{path.name}.{secrets.token_hex(4)}"
        with open(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(spare, path)  # fails if another process made it first: then that one holds
        except FileExistsError:
            pass
        finally:
            spare.unlink()
    return path.read_bytes()
