"""Reading documents: single ones, ranges in id order, changes in the order of writing.

Long answers come page by page, each from a view of its own, so that neither a slow reader holds
the file nor a whole database stands in memory. Bodies go out as the bytes that came in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from central.embedded.drafts import encode
from central.embedded.errors import bad_request, missing
from central.embedded.file import Connection, File
from central.embedded.store import Base

PAGE_ROWS = 500
KEYS_AT_ONCE = 100
PAGE_BYTES_MAX = 4_000_000
OFFSET_MAX = 10_000  # counted no further: `offset` is null beyond, as in answers to keys
BODY = "(select content from bodies where bodies.key = body)"
LAST = "\U0010ffff" * 8  # sorts after every id


class Stored(NamedTuple):
    """One revision of a document as stored."""

    id: str
    rev: str
    deleted: bool
    body: bytes

    def json(self, extra: bytes = b"") -> bytes:
        """The document as clients see it; `extra` are further members, each ending in a comma."""
        head = b'{"_id":%s,"_rev":"%s",' % (encode(self.id), self.rev.encode())
        if self.deleted:
            head += b'"_deleted":true,'
        head += extra
        return head + self.body[1:] if len(self.body) > 2 else head[:-1] + b"}"


@dataclass(frozen=True, slots=True)
class Range:
    """Which documents `_all_docs` is to list. `low` and `high` are ids, both included."""

    low: str = ""
    high: str = LAST
    low_open: bool = False
    high_open: bool = False
    limit: int | None = None
    skip: int = 0
    descending: bool = False
    docs: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Sequences after `after` up to `until`."""

    after: int
    until: int
    descending: bool = False


class Step(NamedTuple):
    """One change: the present revision of a document and when it was written."""

    seq: int
    doc: Stored


def get(conn: Connection, base: Base, id: str) -> Stored:
    """The document as readers see it; 404 (`missing` or `deleted`)."""
    found = find(conn, base, id)
    if found is None:
        raise missing()
    if found.deleted:
        raise missing("deleted")
    return found


def find(conn: Connection, base: Base, id: str) -> Stored | None:
    """The winning revision of `id`, a tombstone included."""
    row = conn.execute(
        f"select rev, deleted, {BODY} from documents where db = ? and id = ?",  # noqa: S608
        (base.key, id),
    ).fetchone()
    return None if row is None else Stored(id, row[0], bool(row[1]), row[2])


def get_revision(conn: Connection, base: Base, id: str, rev: str) -> Stored:
    """That revision of `id`, an old one while its body is kept; 404 otherwise."""
    found = find(conn, base, id)
    if found is not None and found.rev == rev:
        return found
    row = conn.execute(
        f"select rev, deleted, {BODY} from revisions where db = ? and id = ? and rev = ?"  # noqa: S608
        " and body is not null",
        (base.key, id, rev),
    ).fetchone()
    if row is None:
        raise missing()
    return Stored(id, row[0], bool(row[1]), row[2])


def get_local(conn: Connection, base: Base, id: str) -> Stored:
    """A local document; 404."""
    row = conn.execute(
        f"select rev, {BODY} from locals where db = ? and id = ?",  # noqa: S608
        (base.key, id),
    ).fetchone()
    if row is None:
        raise missing()
    return Stored(id, f"0-{row[0]}", False, row[1])


def local_ids(conn: Connection, base: Base) -> list[tuple[str, str]]:
    """Ids and revisions of the local documents."""
    rows = conn.execute("select id, rev from locals where db = ? order by id", (base.key,))
    return [(id, f"0-{rev}") for id, rev in rows.fetchall()]


def history(conn: Connection, base: Base, id: str, rev: str) -> list[str]:
    """`rev` and its ancestors, newest first, as far as they are remembered."""
    parents = dict(revisions(conn, base, id))
    line = [rev]
    while parents.get(line[-1]) is not None:
        line.append(parents[line[-1]] or "")
    return line


def revisions(conn: Connection, base: Base, id: str) -> list[tuple[str, str | None]]:
    """All remembered revisions of `id`, each with its parent."""
    rows = conn.execute(
        "select rev, parent from revisions where db = ?1 and id = ?2"
        " union all select rev, parent from documents where db = ?1 and id = ?2",
        (base.key, id),
    )
    return [tuple(row) for row in rows.fetchall()]


def offset(conn: Connection, base: Base, wanted: Range) -> int | None:
    """How many documents come before the first one listed; None if too many to count."""
    if wanted.descending:
        limit, sign = wanted.high, ">=" if wanted.high_open else ">"
    else:
        limit, sign = wanted.low, "<=" if wanted.low_open else "<"
    if limit == ("" if not wanted.descending else LAST):
        return wanted.skip
    number = conn.execute(
        "select count(*) from (select 1 from documents"  # noqa: S608 - `sign` is one of four
        f" where db = ? and deleted = 0 and id {sign} ? limit {OFFSET_MAX + 1})",
        (base.key, limit),
    ).fetchone()[0]
    return None if number > OFFSET_MAX else number + wanted.skip


def listed(file: File, base: Base, wanted: Range) -> Iterator[list[Stored]]:
    """The documents of a range, page by page; bodies are empty unless `wanted.docs`."""
    left = wanted.limit
    while left is None or left > 0:
        with file.reading() as conn:
            page, full = _page(conn, base, wanted, left)
        if page:
            yield page
        if not full:
            return
        left = None if left is None else left - len(page)
        wanted = _after(wanted, page[-1].id)


def by_keys(conn: Connection, base: Base, ids: list[str], *, docs: bool) -> list[Stored | None]:
    """The winning revision of each of `ids` (KEYS_AT_ONCE at most), None where there is none."""
    found: dict[str, Stored] = {}
    column = BODY if docs else "x''"
    marks = ",".join("?" * len(ids))
    rows = conn.execute(
        f"select id, rev, deleted, {column} from documents"  # noqa: S608 - marks only
        f" where db = ? and id in ({marks})",
        (base.key, *ids),
    )
    for id, rev, deleted, body in rows.fetchall():
        found[id] = Stored(id, rev, bool(deleted), body)
    return [found.get(id) for id in ids]


def changes(
    file: File, base: Base, span: Span, *, limit: int | None, docs: bool
) -> Iterator[list[Step]]:
    """What was written within `span`, page by page, in its direction."""
    left = limit
    while span.after < span.until and (left is None or left > 0):
        rows_max = PAGE_ROWS if left is None else min(left, PAGE_ROWS)
        with file.reading() as conn:
            page = _steps(conn, base, span, rows_max, docs=docs)
        if not page:
            return
        yield page
        left = None if left is None else left - len(page)
        if span.descending:
            span = replace(span, until=page[-1].seq - 1)
        else:
            span = replace(span, after=page[-1].seq)


def _steps(conn: Connection, base: Base, span: Span, rows_max: int, *, docs: bool) -> list[Step]:
    column, order = BODY if docs else "x''", "desc" if span.descending else "asc"
    cursor = conn.execute(
        f"select seq, id, rev, deleted, {column} from documents"  # noqa: S608 - our own words
        f" where db = ? and seq > ? and seq <= ? order by seq {order} limit ?",
        (base.key, span.after, span.until, rows_max),
    )
    page, size = [], 0
    for seq, id, rev, deleted, body in cursor:
        page.append(Step(seq, Stored(id, rev, bool(deleted), body)))
        size += len(body)
        if size > PAGE_BYTES_MAX:
            break
    cursor.close()
    return page


def changes_of(
    conn: Connection, base: Base, after: int, ids: list[str], *, docs: bool
) -> list[Step]:
    """What was written of `ids` after sequence `after`, oldest first."""
    steps = []
    column = BODY if docs else "x''"
    for id in dict.fromkeys(ids):
        row = conn.execute(
            f"select seq, rev, deleted, {column} from documents"  # noqa: S608 - as above
            " where db = ? and id = ? and seq > ?",
            (base.key, id, after),
        ).fetchone()
        if row is not None:
            steps.append(Step(row[0], Stored(id, row[1], bool(row[2]), row[3])))
    return sorted(steps)


def pending(conn: Connection, base: Base, after: int) -> int:
    """How many changes there are after sequence `after`."""
    counted = conn.execute(
        "select count(*) from documents where db = ? and seq > ?", (base.key, after)
    )
    return int(counted.fetchone()[0])


def number(conn: Connection, base: Base, low: str, high: str) -> int:
    """How many documents have an id of at least `low` and below `high`."""
    counted = conn.execute(
        "select count(*) from documents where db = ? and id >= ? and id < ? and deleted = 0",
        (base.key, low, high),
    )
    return int(counted.fetchone()[0])


def sequence(base: Base, number: int) -> str:
    """A sequence as clients see it: opaque to them."""
    return f"{number}-{base.tag}"


def since(base: Base, text: str) -> int:
    """The number of a sequence. One of an earlier database of this name means from the start."""
    if text == "now":
        return base.tally.last_seq
    number, dash, tag = text.strip('"').partition("-")
    known_form = not dash or (len(tag) == len(base.tag) and tag.isalnum())
    if not (number.isdecimal() and len(number) < 16 and known_form):
        raise bad_request("Malformed sequence supplied in 'since' parameter.")
    return 0 if dash and tag != base.tag else int(number)


def _page(
    conn: Connection, base: Base, wanted: Range, left: int | None
) -> tuple[list[Stored], bool]:
    """Up to a page of the range, and whether there may be more."""
    rows_max = PAGE_ROWS if left is None else min(left, PAGE_ROWS)
    low, high = ">" if wanted.low_open else ">=", "<" if wanted.high_open else "<="
    order = "desc" if wanted.descending else "asc"
    column = BODY if wanted.docs else "x''"
    cursor = conn.execute(
        f"select id, rev, {column} from documents where db = ? and deleted = 0"  # noqa: S608 - ours
        f" and id {low} ? and id {high} ? order by id {order} limit ? offset ?",
        (base.key, wanted.low, wanted.high, rows_max, wanted.skip),
    )
    page, size = [], 0
    for id, rev, body in cursor:
        page.append(Stored(id, rev, False, body))
        size += len(body)
        if size > PAGE_BYTES_MAX:
            break
    cursor.close()
    return page, len(page) == rows_max or size > PAGE_BYTES_MAX


def _after(wanted: Range, id: str) -> Range:
    if wanted.descending:
        return replace(wanted, high=id, high_open=True, skip=0)
    return replace(wanted, low=id, low_open=True, skip=0)
