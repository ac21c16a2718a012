"""Writing documents: each function runs inside one transaction and keeps the tally.

The table `documents` holds of every document the revision that readers see; `revisions` holds
ancestors (`leaf = 0`, body dropped by compaction) and losing branches (`leaf = 1`).
"""

from __future__ import annotations

from typing import NamedTuple

from central.embedded import bodies
from central.embedded.drafts import Draft
from central.embedded.errors import bad_request, conflict
from central.embedded.file import Connection
from central.embedded.revisions import checked, following, generation, rank
from central.embedded.store import Base, Tally

REVISIONS_MAX = 1_000  # ancestors remembered of one document, as CouchDB's _revs_limit
_PRUNE_EVERY = 100
NO_BODY = 0


class Present(NamedTuple):
    """The winning revision of a document as stored."""

    key: int
    rev: str
    parent: str | None
    deleted: int
    branches: int
    body: int
    size: int


class Growth(NamedTuple):
    """One revision about to be put onto another (`parent`), or onto nothing."""

    rev: str
    parent: str | None
    deleted: bool
    body: int
    size: int


def present(conn: Connection, base: Base, id: str) -> Present | None:
    """The winning revision of `id`, a tombstone included; None if there never was one."""
    row = conn.execute(
        "select key, rev, parent, deleted, branches, body, size from documents"
        " where db = ? and id = ?",
        (base.key, id),
    ).fetchone()
    return None if row is None else Present(*row)


def save(conn: Connection, base: Base, tally: Tally, draft: Draft) -> str:
    """Write `draft` as an edit of the revision it names. Returns the new one; 409 if outdated."""
    if draft.local:
        return save_local(conn, base, draft)
    now = present(conn, base, draft.id)
    parent = _edited(conn, base, draft, now)
    rev = following(parent, draft.body, deleted=draft.deleted)
    _put(conn, base, tally, draft, now, (rev, parent))
    return rev


def save_as_told(conn: Connection, base: Base, tally: Tally, draft: Draft) -> None:
    """Write `draft` under the revision it bears (`new_edits: false`), as replication does."""
    if not draft.history:
        raise bad_request(
            "When `new_edits: false`, the document needs `_rev` or `_revisions` specified"
        )
    rev, *ancestors = draft.history
    now = present(conn, base, draft.id)
    if now is not None and (now.rev == rev or _known(conn, base, draft.id, rev)):
        return
    for place, ancestor in enumerate(ancestors):
        if now is not None and (ancestor == now.rev or _known(conn, base, draft.id, ancestor)):
            break
        older = ancestors[place + 1] if place + 1 < len(ancestors) else None
        _remember(conn, base, draft.id, Growth(ancestor, older, False, NO_BODY, 0), leaf=0)
    _put(conn, base, tally, draft, now, (rev, ancestors[0] if ancestors else None))


def save_local(conn: Connection, base: Base, draft: Draft) -> str:
    """Write or delete a local document. It has no conflict check: the last writer wins."""
    number = 1 + _local_number(draft.rev)
    where = "where db = ? and id = ?"
    old = conn.execute(
        f"delete from locals {where} returning body",  # noqa: S608 - our own words
        (base.key, draft.id),
    )
    bodies.blank(conn, [body for (body,) in old.fetchall()])
    if draft.deleted:
        return "0-0"
    conn.execute(
        "insert into locals values (?, ?, ?, ?)",
        (base.key, draft.id, number, bodies.add(conn, draft.body)),
    )
    return f"0-{number}"


def compact(conn: Connection, base: Base) -> int:
    """Drop the bodies of revisions that were replaced. Returns how many."""
    dropped = conn.execute(
        "select body from revisions where db = ? and leaf = 0 and body is not null", (base.key,)
    ).fetchall()
    bodies.blank(conn, [body for (body,) in dropped])
    conn.execute("update revisions set body = null where db = ? and leaf = 0", (base.key,))
    return len(dropped)


def purge(conn: Connection, base: Base, tally: Tally, id: str, revs: list[str]) -> list[str]:
    """Remove leaf revisions of `id` as if they had never been. Returns those that were there."""
    now = present(conn, base, id)
    if now is None:
        return []
    kept = _leaves(conn, base, id)
    leaves = {now.rev, *kept}
    gone = [rev for rev in dict.fromkeys(revs) if checked(rev) in leaves]
    if gone:
        tally.purges += 1
        _cut(conn, base, tally, id, now, leaves.difference(gone))
    return gone


def _edited(conn: Connection, base: Base, draft: Draft, now: Present | None) -> str | None:
    """The revision that `draft` may replace; 409 if it names none that is a leaf."""
    if now is None:
        if draft.rev is not None:
            raise conflict()
        return None
    if draft.rev == now.rev or (draft.rev is None and now.deleted):
        return now.rev
    if now.branches and draft.rev in _leaves(conn, base, draft.id):
        return draft.rev
    raise conflict()


def _put(
    conn: Connection,
    base: Base,
    tally: Tally,
    draft: Draft,
    now: Present | None,
    line: tuple[str, str | None],
) -> None:
    """Store the draft's body, and it as the revision `line[0]` upon `line[1]`."""
    body = bodies.add(conn, draft.body)
    growth = Growth(*line, draft.deleted, body, len(draft.body))
    if now is None:
        _insert(conn, base, tally, draft.id, growth)
    else:
        _grow(conn, base, tally, draft.id, now, growth)


def _insert(conn: Connection, base: Base, tally: Tally, id: str, new: Growth) -> None:
    tally.last_seq += 1
    conn.execute(
        "insert into documents (db, id, seq, rev, parent, deleted, body, size)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        (base.key, id, tally.last_seq, *new),
    )
    _count(tally, new.deleted, 1, new.size)


def _grow(conn: Connection, base: Base, tally: Tally, id: str, now: Present, new: Growth) -> None:
    """Put `new` onto its parent, or beside the winner; then let the greatest leaf win."""
    if new.parent == now.rev:
        _archive(conn, base, id, now, leaf=0)
        _show(conn, tally, now, new)
    else:
        _remember(conn, base, id, new, leaf=1)
        conn.execute(
            "update revisions set leaf = 0 where db = ? and id = ? and rev = ?",
            (base.key, id, new.parent),
        )
        tally.last_seq += 1
        conn.execute("update documents set seq = ? where key = ?", (tally.last_seq, now.key))
    if now.branches or new.parent != now.rev:
        _elect(conn, base, tally, id)
    _prune(conn, base, id, new.rev)


def _show(conn: Connection, tally: Tally, now: Present, new: Growth) -> None:
    """Make `new` what readers see."""
    tally.last_seq += 1
    conn.execute(
        "update documents set seq = ?, rev = ?, parent = ?, deleted = ?, body = ?, size = ?"
        " where key = ?",
        (tally.last_seq, *new, now.key),
    )
    _count(tally, bool(now.deleted), -1, -now.size)
    _count(tally, new.deleted, 1, new.size)


def _elect(conn: Connection, base: Base, tally: Tally, id: str) -> None:
    """Let the leaf of the greatest rank be the one that readers see."""
    now = present(conn, base, id)
    leaves = _leaves(conn, base, id)
    if now is None:
        return
    best = max(leaves, key=lambda rev: rank(rev, deleted=leaves[rev]), default=now.rev)
    if leaves and rank(best, deleted=leaves[best]) > rank(now.rev, deleted=bool(now.deleted)):
        _archive(conn, base, id, now, leaf=1)
        _promote(conn, base, tally, id, now, best)
    conn.execute("update documents set branches = ? where key = ?", (len(leaves), now.key))


def _promote(conn: Connection, base: Base, tally: Tally, id: str, now: Present, rev: str) -> None:
    parent, deleted, body, size = conn.execute(
        "delete from revisions where db = ? and id = ? and rev = ?"
        " returning parent, deleted, body, size",
        (base.key, id, rev),
    ).fetchall()[0]
    _show(conn, tally, now, Growth(rev, parent, bool(deleted), body, size))


def _archive(conn: Connection, base: Base, id: str, now: Present, *, leaf: int) -> None:
    """Keep the winner's content among the older revisions before another takes its place."""
    conn.execute(
        "insert into revisions (db, id, gen, leaf, rev, parent, deleted, body, size)"
        " select db, id, ?, ?, rev, parent, deleted, body, size from documents where key = ?",
        (generation(now.rev), leaf, now.key),
    )


def _remember(conn: Connection, base: Base, id: str, new: Growth, *, leaf: int) -> None:
    conn.execute(
        "insert into revisions (db, id, gen, leaf, rev, parent, deleted, body, size)"
        " values (?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?)",
        (base.key, id, generation(new.rev), leaf, *new),
    )


def _prune(conn: Connection, base: Base, id: str, rev: str) -> None:
    """Forget ancestors past the limit; now and then is enough."""
    number = generation(rev)
    if number > REVISIONS_MAX and number % _PRUNE_EVERY == 0:
        old = "db = ? and id = ? and leaf = 0 and gen <= ?"
        _forget(conn, old, base.key, id, number - REVISIONS_MAX)


def _cut(conn: Connection, base: Base, tally: Tally, id: str, now: Present, kept: set[str]) -> None:
    """Remove every revision of `id` that none of the leaves in `kept` descends from."""
    if not kept:
        conn.execute("delete from documents where key = ?", (now.key,))
        bodies.blank(conn, [now.body])
        _forget(conn, "db = ? and id = ?", base.key, id)
        _count(tally, bool(now.deleted), -1, -now.size)
        return
    if now.rev not in kept:
        leaves = _leaves(conn, base, id)
        heir = max(kept, key=lambda rev: rank(rev, deleted=leaves[rev]))
        _promote(conn, base, tally, id, now, heir)
        bodies.blank(conn, [now.body])
    parents = dict(
        conn.execute(
            "select rev, parent from revisions where db = ? and id = ?", (base.key, id)
        ).fetchall()
    )
    shown = present(conn, base, id)
    if shown is not None:
        parents[shown.rev] = shown.parent
    needed: set[str] = set()
    for leaf in kept:
        rev: str | None = leaf
        while rev is not None and rev in parents and rev not in needed:
            needed.add(rev)
            rev = parents[rev]
    for rev in parents.keys() - needed:
        _forget(conn, "db = ? and id = ? and rev = ?", base.key, id, rev)
    tally.last_seq += 1
    conn.execute(
        "update documents set seq = ?, branches = ? where key = ?",
        (tally.last_seq, len(kept) - 1, now.key),
    )


def _forget(conn: Connection, which: str, *values: object) -> None:
    """Remove older revisions, bodies and all."""
    gone = conn.execute(f"delete from revisions where {which} returning body", values)  # noqa: S608
    bodies.blank(conn, [body for (body,) in gone.fetchall() if body is not None])


def _leaves(conn: Connection, base: Base, id: str) -> dict[str, bool]:
    """The losing leaves of `id`, and whether each is a tombstone."""
    rows = conn.execute(
        "select rev, deleted from revisions where db = ? and id = ? and leaf = 1", (base.key, id)
    )
    return {rev: bool(deleted) for rev, deleted in rows.fetchall()}


def _known(conn: Connection, base: Base, id: str, rev: str) -> bool:
    found = conn.execute(
        "select 1 from revisions where db = ? and id = ? and rev = ?", (base.key, id, rev)
    )
    return found.fetchone() is not None


def _count(tally: Tally, deleted: bool, number: int, size: int) -> None:
    if deleted:
        tally.dead += number
    else:
        tally.live += number
    tally.size += size


def _local_number(rev: str | None) -> int:
    if rev is None:
        return 0
    prefix, _, number = rev.partition("-")
    if prefix != "0" or not number.isdecimal():
        raise bad_request("Invalid rev format")
    return int(number)
