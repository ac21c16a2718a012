"""Who is asking: accounts, passwords, cookies, and what a database's `_security` lets them do."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from central.embedded import reading
from central.embedded.drafts import DESIGN
from central.embedded.errors import CouchError, bad_request, forbidden, unauthorized
from central.embedded.lockout import Lockout
from central.embedded.store import USERS, Base, Store

ITERATIONS = 100_000
SESSION_S = 36_000
USER_PREFIX = "org.couchdb.user:"
REMEMBERED_MAX = 4_096
_HASHED = re.compile(r"-pbkdf2:(sha256|sha)-([0-9a-f]+),([^,]+),(\d+)")
_WRONG = "Name or password is incorrect."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `how` is the way of signing in, None for nobody."""

    name: str | None = None
    roles: tuple[str, ...] = ()
    how: str | None = None

    @property
    def is_admin(self) -> bool:
        """A server administrator may do everything."""
        return "_admin" in self.roles


@dataclass(frozen=True, slots=True)
class Account:
    """A name with a hashed password."""

    name: str
    roles: tuple[str, ...]
    salt: str
    derived: str
    iterations: int
    prf: str = "sha256"


NOBODY = Caller()


class People:
    """The administrators given at the start and the documents of `_users`."""

    def __init__(self, store: Store, admins: Mapping[str, str]) -> None:
        self._store = store
        self._admins = {name: _admin(name, secret) for name, secret in admins.items()}
        self._key = secrets.token_bytes(32)
        self._good: dict[tuple[str, str], bytes] = {}  # account's hash -> mac of its password
        self._users: dict[str, tuple[int, Account | None]] = {}
        self._lockout = Lockout()
        self._hashing = threading.Semaphore(2)  # or guessing passwords would take every core

    def caller(self, authorization: str, cookie: str | None, address: str = "") -> Caller:
        """Who asks, by Basic authorization or by session cookie; 401 if a password is wrong."""
        if authorization[:6].lower() == "basic ":
            account = self.sign_in(*_basic(authorization[6:]), address)
            return Caller(account.name, account.roles, "default")
        return self._by_cookie(cookie) if cookie else NOBODY

    def sign_in(self, name: str, password: str, address: str = "") -> Account:
        """The account, if the password is right; else 401, and 403 after too many wrong ones."""
        account = self._account(name)
        if account is None:
            raise unauthorized(_WRONG)
        who = (address, name, account.salt)
        self._lockout.check(who)
        if not self._fits(account, password):
            self._lockout.failed(who)
            raise unauthorized(_WRONG)
        return account

    def cookie(self, account: Account, now: float | None = None) -> str:
        """A session's cookie value, good for SESSION_S seconds or until the password changes."""
        made = int(time.time() if now is None else now)
        plain = f"{account.name}:{made:X}".encode()
        return base64.urlsafe_b64encode(plain + b":" + self._mac(account, plain)).decode()

    def _by_cookie(self, cookie: str) -> Caller:
        try:
            plain = base64.urlsafe_b64decode(cookie)
            name, made, mac = plain.rsplit(b":", 2)
            age = time.time() - int(made, 16)
            account = self._account(name.decode())
        except (ValueError, binascii.Error):
            return NOBODY
        signed = account and hmac.compare_digest(mac, self._mac(account, name + b":" + made))
        if account is None or not signed or not -60 <= age < SESSION_S:
            return NOBODY
        return Caller(account.name, account.roles, "cookie")

    def _mac(self, account: Account, plain: bytes) -> bytes:
        key = self._store.secret + account.salt.encode() + account.derived.encode()
        return hmac.digest(key, plain, "sha256").hex().encode()

    def _account(self, name: str) -> Account | None:
        if name in self._admins:
            return self._admins[name]
        base = self._store.base(USERS)
        stamp = base.tally.last_seq
        known = self._users.get(name)
        if known is None or known[0] != stamp:
            if len(self._users) >= REMEMBERED_MAX:
                self._users.clear()
            known = (stamp, self._read(base, name))
            self._users[name] = known
        return known[1]

    def _read(self, base: Base, name: str) -> Account | None:
        with self._store.file.reading() as conn:
            found = reading.find(conn, base, USER_PREFIX + name)
        if found is None or found.deleted:
            return None
        user = msgspec.json.decode(found.body)
        try:
            return Account(
                name, tuple(user["roles"]), user["salt"], user["derived_key"],
                int(user["iterations"]), user.get("pbkdf2_prf", "sha"),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError):
            return None  # a user without a password cannot sign in

    def _fits(self, account: Account, password: str) -> bool:
        given = hmac.digest(self._key, password.encode(), "sha256")
        slot = (account.salt, account.derived)
        if hmac.compare_digest(self._good.get(slot, b""), given):
            return True
        with self._hashing:
            derived = derive(password, account.salt, account.iterations, account.prf)
        if not hmac.compare_digest(derived, account.derived):
            return False
        if len(self._good) >= REMEMBERED_MAX:
            self._good.clear()
        self._good[slot] = given
        return True


def derive(password: str, salt: str, iterations: int, prf: str = "sha256") -> str:
    """PBKDF2 as CouchDB stores it: hexadecimal; `sha` stands for SHA-1."""
    digest = {"sha": "sha1"}.get(prf, prf)
    size = hashlib.new(digest, usedforsecurity=False).digest_size
    return hashlib.pbkdf2_hmac(digest, password.encode(), salt.encode(), iterations, size).hex()


def hashed_user(id: str, doc: object) -> object:
    """A document for `_users` with its `password` replaced by what it was hashed to."""
    if not isinstance(doc, dict) or id.startswith(DESIGN) or doc.get("_deleted") is True:
        return doc
    _check_user(id, doc)
    password = doc.pop("password", None)
    if password is None:
        return doc
    if not isinstance(password, str) or not password:
        raise forbidden("Password must be a text that is not empty.")
    salt = secrets.token_hex(16)
    made = {
        "password_scheme": "pbkdf2", "pbkdf2_prf": "sha256", "salt": salt,
        "iterations": ITERATIONS, "derived_key": derive(password, salt, ITERATIONS),
    }  # fmt: skip
    for name in made:
        doc.pop(name, None)
    return {**{k: v for k, v in doc.items() if k.startswith("_")}, **made,
            **{k: v for k, v in doc.items() if not k.startswith("_")}}  # fmt: skip


def _check_user(id: str, doc: dict[str, Any]) -> None:
    if doc.get("type") != "user":
        raise forbidden("doc.type must be user")
    if not isinstance(doc.get("name"), str) or not doc["name"]:
        raise forbidden("doc.name is required")
    if id != USER_PREFIX + doc["name"]:
        raise forbidden("Doc ID must be of the form org.couchdb.user:name")
    roles = doc.get("roles")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise forbidden("doc.roles must be an array")
    if any(role.startswith("_") for role in roles):
        raise forbidden("No system roles (starting with underscore) in users db.")


def check_server_admin(caller: Caller) -> None:
    """401 for all but server administrators, whoever they are: as CouchDB answers."""
    if not caller.is_admin:
        raise unauthorized("You are not a server admin.")


def check_member(caller: Caller, base: Base) -> None:
    """Let server and database administrators and members of the database pass."""
    if caller.is_admin or _is_db_admin(caller, base):
        return
    members = _security(base).get("members", {})
    names, roles = members.get("names") or [], members.get("roles") or []
    if not names and not roles:
        return
    if caller.name in names or set(roles).intersection(caller.roles):
        return
    if caller.name is None:
        raise unauthorized("You are not authorized to access this db.")
    raise forbidden("You are not allowed to access this db.")


def check_db_admin(caller: Caller, base: Base) -> None:
    """Design documents, purge and compaction are for administrators of the database."""
    if not (caller.is_admin or _is_db_admin(caller, base)):
        wrong = unauthorized if caller.name is None else forbidden
        raise wrong("You are not a db or server admin.")


def check_user_document(caller: Caller, id: str) -> None:
    """In `_users` everybody sees the own document only, and only administrators write."""
    if not caller.is_admin and id != USER_PREFIX + (caller.name or ""):
        raise CouchError(404, "not_found", "missing")


def checked_security(given: object) -> bytes:
    """The bytes to store for a new `_security`; 400 if its form is wrong."""
    if not isinstance(given, dict):
        raise bad_request("Request body must be a JSON object")
    for part in ("admins", "members"):
        group = given.get(part, {})
        lists = [group.get("names", []), group.get("roles", [])] if type(group) is dict else [None]
        for entries in lists:
            if not isinstance(entries, list) or not all(isinstance(e, str) for e in entries):
                raise bad_request(f"{part} must be a JSON list of strings")
    return msgspec.json.encode(given)


def _security(base: Base) -> dict[str, Any]:
    return msgspec.json.decode(base.security, type=dict[str, Any])


def _is_db_admin(caller: Caller, base: Base) -> bool:
    admins = _security(base).get("admins", {})
    by_role = set(admins.get("roles") or []).intersection(caller.roles)
    return bool(by_role) or (caller.name is not None and caller.name in (admins.get("names") or []))


def _admin(name: str, secret: str) -> Account:
    """An administrator by password, or by CouchDB's `-pbkdf2:sha256-<hex>,<salt>,<iterations>`."""
    parts = _HASHED.fullmatch(secret)
    if parts:
        prf, derived, salt, iterations = parts.groups()
        return Account(name, ("_admin",), salt, derived, int(iterations), prf)
    salt = secrets.token_hex(16)
    return Account(name, ("_admin",), salt, derive(secret, salt, ITERATIONS), ITERATIONS)


def _basic(encoded: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(encoded).decode().partition(":")
    except (ValueError, binascii.Error) as problem:
        raise bad_request("Authorization header has invalid base64 value") from problem
    return name, password
