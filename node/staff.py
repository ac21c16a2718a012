"""Who works at this point: the accounts of the document ``staff:<point>`` that central sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from courier.look.accounts import Account
from sync.store import Store

CLERK = ("clerk", "lead")
OFFICER = ("officer", "lead")
MAIL = ("mail", "clerk", "lead")


class StaffAccounts:
    """The accounts of one point, read anew each time: a change from central counts at once."""

    def __init__(self, store: Callable[[], Store], point: str) -> None:
        """:param store: gives the store of the present request."""
        self._store = store
        self._point = point

    def find(self, login: str) -> Account | None:
        """The account with this login name."""
        return self._first("login", login)

    def by_id(self, account_id: str) -> Account | None:
        """The account with this id."""
        return self._first("id", account_id)

    def _first(self, field: str, value: str) -> Account | None:
        document = self._store().document(f"staff:{self._point}") or {}
        for raw in document.get("accounts", ()):
            if raw.get(field) == value:
                return account_of(raw, self._point)
        return None


def account_of(raw: dict[str, Any], point: str) -> Account:
    """One account of the staff document."""
    return Account(
        id=str(raw["id"]),
        login=str(raw["login"]),
        display=str(raw["name"]),
        roles=frozenset(raw.get("roles", ())),
        password_hash=str(raw["password_hash"]),
        point=point,
        extra={"departments": tuple(raw.get("departments", ()))},
    )


def accounts(store: Store, point: str) -> tuple[Account, ...]:
    """Everybody who works at this point."""
    document = store.document(f"staff:{point}") or {}
    return tuple(account_of(raw, point) for raw in document.get("accounts", ()))


def names(store: Store, point: str) -> dict[str, str]:
    """The names behind the opaque ids that events name as ``actor``, for this point's staff."""
    return {account.id: account.display for account in accounts(store, point)}
