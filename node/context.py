"""What every page of the window starts from: this request's store, who is signed in, the line."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g
from werkzeug.exceptions import Unauthorized

from cases.times import duration, from_text
from courier.look.accounts import Account
from courier.look.cards import Light, LineState
from courier.look.signin import current_account
from node.alerts import Alert, alerts, of_line
from node.line import Word, word_of
from node.local import Local, Node
from sync.store import Store

WAITING_MANY = 100  # so many kept only here that a person should look after the line


def bind(app: Flask, node: Node) -> None:
    """Let the pages of this app reach the node; each request gets its own store."""
    app.extensions["node"] = node
    app.teardown_appcontext(_close)


def this_node() -> Node:
    """The node that this app is the window of."""
    return cast(Node, current_app.extensions["node"])


def local() -> Local:
    """What this request works with; opened when first asked for, closed when it ends."""
    if "local" not in g:
        node = this_node()
        g.local = Local(node.open_store(), node)
    return cast(Local, g.local)


def store() -> Store:
    """This request's store."""
    return local().store


def _close(_error: BaseException | None) -> None:
    found: Local | None = g.pop("local", None)
    if found is not None:
        found.store.close()


def staff() -> Account:
    """Who is signed in; the page must be guarded by ``needs``."""
    account = g.get("look_account") or current_account()
    if account is None:
        raise Unauthorized
    return cast(Account, account)


def case_url(number: str) -> str:
    """The page of a case."""
    return f"/cases/{number}"


def waiting_subjects(local: Local) -> int:
    """How many cases and parcels hold a fact that central has not receipted (at least 1 if any)."""
    author = local.identity.author
    if local.store.waiting(author) <= 0:
        return 0
    row = local.store.db.execute(
        "SELECT count(DISTINCT e.subject) FROM events e JOIN subjects s ON s.number=e.subject"
        " WHERE e.author=? AND e.n>? AND s.kind IN ('case', 'parcel')",
        [author, local.store.receipt(author).n],
    ).fetchone()
    return max(int(row[0]), 1)


def line_state(local: Local) -> LineState:
    """The line in words: 已上报 / 3 件待上报（网络断开 12 分钟）, and what else needs a person."""
    word, count = word_of(local.store), waiting_subjects(local)
    found = alerts(local)
    words = f"{count} 件待上报" if count else "已上报"
    notes = [alert.short for alert in found]
    if not word.ok and of_line(word) is None:
        notes.insert(0, _down(word, local.now()))
    if notes:
        words += f"（{'；'.join(notes)}）"
    return LineState(
        _light(word, count, found), words, url="/status", refresh_url="/line", refresh_seconds=5
    )


def _light(word: Word, count: int, found: tuple[Alert, ...]) -> Light:
    if found or (not word.ok and count >= WAITING_MANY):
        return "red"
    return "green" if word.ok and not count else "amber"


def _down(line: Word, now: str) -> str:
    since = line.since or line.last_ok
    if not since:
        return "还没有连上区中心"
    seconds = (from_text(now) - from_text(since)).total_seconds()
    return "网络刚断开" if seconds < 60 else f"网络断开 {duration(seconds)}"
