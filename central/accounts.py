"""Who works at central: supervisors, couriers, the administrator. One file, mode 0600.

The file holds argon2 hashes only; it is replaced whole, so a reader never sees half of it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import msgspec

from courier.look.accounts import Account, hash_password
from sync.errors import DoorstepError

FILE = "accounts.json"
SUPERVISOR, COURIER, ADMIN = "supervisor", "courier", "admin"
ROLES = frozenset({SUPERVISOR, COURIER, ADMIN})


class BadAccounts(DoorstepError):
    """The accounts file cannot be read, or an account in it is not one. A person must look."""


class _Row(msgspec.Struct, frozen=True):
    id: str
    login: str
    name: str
    roles: tuple[str, ...]
    password_hash: str


class _File(msgspec.Struct, frozen=True):
    accounts: tuple[_Row, ...] = ()


def add_account(
    data: Path, *, login: str, display: str, roles: Iterable[str], secret: str, id: str = ""
) -> Account:
    """Give somebody an account, or give the one with this login a new name, roles and password.

    :param secret: the password, or a courier's PIN.
    :param id: the opaque id that events name; a random one if empty.
    :raises BadAccounts: a role that does not exist, or an empty login or password.
    """
    wanted = tuple(sorted(set(roles)))
    if not set(wanted) <= ROLES or not wanted or not login.strip() or not secret:
        raise BadAccounts(
            f"{login}：账号要有登录名、密码和岗位，岗位只有 {'、'.join(sorted(ROLES))}"
        )
    hashed = hash_password(secret)
    with _locked(data):
        known = _read(data / FILE)
        old = next((row for row in known if row.login == login), None)
        row = _Row(id or (old.id if old else f"c-{token_hex(4)}"), login, display, wanted, hashed)
        _write(data / FILE, (*(r for r in known if r.login != login and r.id != row.id), row))
    return _account(row)


class FileAccounts:
    """The accounts of the file, for one door: read anew whenever the file has changed.

    :param roles: only who has one of these may come in by this door.
    """

    def __init__(self, data: Path, roles: Iterable[str]) -> None:
        self._path = data / FILE
        self._roles = frozenset(roles)
        self._known: tuple[tuple[int, int, int] | None, tuple[_Row, ...]] = (None, ())

    def find(self, login: str) -> Account | None:
        """The account with this login name."""
        return self._first(row for row in self._rows() if row.login == login)

    def by_id(self, account_id: str) -> Account | None:
        """The account with this id."""
        return self._first(row for row in self._rows() if row.id == account_id)

    def everybody(self) -> list[Account]:
        """Everybody who may come in by this door, by their names."""
        rows = [row for row in self._rows() if self._roles & set(row.roles)]
        return sorted(map(_account, rows), key=lambda account: account.login)

    def _first(self, rows: Iterator[_Row]) -> Account | None:
        row = next((r for r in rows if self._roles & set(r.roles)), None)
        return _account(row) if row else None

    def _rows(self) -> tuple[_Row, ...]:
        mark = _mark(self._path)
        if mark != self._known[0]:
            self._known = (mark, _read(self._path))
        return self._known[1]


def _account(row: _Row) -> Account:
    return Account(row.id, row.login, row.name, frozenset(row.roles), row.password_hash)


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file is replaced."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> tuple[_Row, ...]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File).accounts
    except FileNotFoundError:
        return ()
    except msgspec.DecodeError as error:
        raise BadAccounts(f"{path}: 账号文件读不了（{error}），请从备份恢复") from error


def _write(path: Path, rows: tuple[_Row, ...]) -> None:
    spare = path.with_name(f".{path.name}.{token_hex(4)}")
    text = msgspec.json.format(msgspec.json.encode(_File(rows)))
    with open(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    spare.replace(path)


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    """One writer at a time, in whichever process."""
    with open(os.open(data / ".accounts.lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
