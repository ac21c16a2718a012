"""Writing at a node: one durable transaction that states facts in this store's own name.

Everything of one action (the case, its forwarding, its parcel, the numbers they take) is in one
transaction: it is all there after a power cut, or none of it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from cases import numbers
from cases.dates import BEHIND, CLOCK, RUNS_FROM, is_behind
from cases.events import CENTRAL, FAR_OFF_K, VERSION, Event, event_id, parse, point_of
from cases.fold import blank, permit
from cases.parties import parties
from cases.tracking import Block, block_of
from sync import registers
from sync.canonical import canonical, require_fit
from sync.db import write
from sync.seal import new_key, seal
from sync.sign import Signer
from sync.store import Store, StoreError

MAX_SERIAL = 9999
FIRST_DAY = "2026-01-01T00:00:00Z"  # no event of this program is older than the program


NUMBERS_USED_UP = "面单号段已用完：请联网，区中心会自动补发号段"
NO_NUMBERS = (
    "本受理点还没有领到面单号：请联网，区中心会自动发号；一直没有，请区中心先导入承运方的号段。"
    "材料先在本点保管好，有了号再装封"
)


class Tracking(NamedTuple):
    """A tracking number, and the carrier it is of."""

    carrier: str
    number: str


@dataclass(frozen=True)
class Identity:
    """Who writes: the author's name, its point, the signing key, and its serial range."""

    author: str
    point: str
    point_number: int
    signer: Signer
    box_public: str
    serial_suffix: str = ""


class Writing:
    """An open transaction. Obtain it from :func:`writing`."""

    def __init__(
        self, store: Store, identity: Identity, at: str, day: date, *, doubtful: bool = False
    ) -> None:
        self.store = store
        self.identity = identity
        self.at = at
        self.day = day
        self.doubtful = doubtful
        self.touched: set[str] = set()
        self.n, self.prev = store.head(identity.author)

    def new_number(self, kind: numbers.SubjectKind) -> str:
        """The next case, visit or parcel number of this store's day."""
        make = {
            numbers.SubjectKind.CASE: numbers.case_number,
            numbers.SubjectKind.VISIT: numbers.visit_number,
            numbers.SubjectKind.PARCEL: numbers.parcel_number,
        }[kind]
        serial = self._next_serial(kind.value)
        return make(self.identity.point_number, self.day, serial, self.identity.serial_suffix)

    def new_manifest_number(self) -> str:
        """The number of the next manifest of this store's day."""
        who, serial = self.identity, self._next_serial("manifest")
        return numbers.manifest_number(who.point_number, self.day, serial, who.serial_suffix)

    def _next_serial(self, what: str) -> int:
        name = f"serial:{self.identity.author}:{what}:{self.day.isoformat()}"
        serial = int(self.store.cursor(name)) + 1
        if serial > MAX_SERIAL:
            raise StoreError("今天的号已用完（9999 个），请明天再收件或换一台电脑")
        self.store.set_cursor(name, str(serial))
        return serial

    def paper_number(self, series: str, year: int = 0) -> str:
        """The next number of a series of papers in a year of this store, this year's by default.

        Nothing is asked of anybody: another store of the point has its own suffix in the number.
        """
        year, who = year or self.day.year, self.identity
        name = f"serial:{who.author}:paper:{series}:{year}"
        serial = int(self.store.cursor(name)) + 1
        self.store.set_cursor(name, str(serial))
        return numbers.PaperNumber(series, year, who.point_number, serial, who.serial_suffix).text

    def next_tracking(self) -> Tracking:
        """The next tracking number of the blocks leased to this author, and whose it is.

        :raises StoreError: every block is used up, or none was leased yet.
        """
        held = _blocks(self.store, self.identity.author)
        for id, block, used in held:
            if used < block.last:
                self.store.set_cursor(f"used:{id}", str(used + 1))
                return Tracking(block.carrier, block.number(used + 1))
        raise StoreError(NUMBERS_USED_UP if held else NO_NUMBERS)

    def once(self, op: str) -> str | None:
        """The answer of an operation that was done before, else None (then call :meth:`done`)."""
        row = self.store.db.execute("SELECT answer FROM operations WHERE op=?", [op]).fetchone()
        return row[0] if row else None

    def done(self, op: str, answer: str) -> None:
        """Remember an operation's answer, so that sending a form twice does it once."""
        self.store.db.execute("INSERT INTO operations VALUES (?, ?, ?)", [op, answer, self.at])

    def state(
        self,
        type: str,
        subject: str,
        data: Mapping[str, Any],
        *,
        actor: str,
        sealed: Mapping[str, Any] | None = None,
    ) -> Event:
        """State one fact.

        :raises WrongState: (NotEntitled) the table does not allow it; nothing is written.
        :raises UnfitEvent: too long, or not storable.
        """
        folded = registers.subject(self.store.db, subject) or blank(subject)
        permit(folded, type, self.identity.author, data, sealed or ())
        if self.doubtful and type in RUNS_FROM:
            data = {**data, CLOCK: BEHIND}
        event = self._sign(type, subject, data, actor, sealed)
        self._keep(event)
        return event

    def repeat(self, event: Event, data: Mapping[str, Any], sealed: Mapping[str, Any]) -> Event:
        """State in this store's name, at its old time, what stood under another; the fold judges.

        A copied store moves what it wrote so to its new author (``node.renewal``).
        """
        now, self.at = self.at, event.at
        stated = self._sign(event.type, event.subject, data, event.actor, sealed)
        self.at = now
        self._keep(stated)
        return stated

    def _keep(self, event: Event) -> None:
        self.n, self.prev = event.n, self.store.insert(event, heard="")
        registers.refold(self.store, [event.subject], {event.id: event})
        self.touched.add(event.subject)

    def _sign(
        self,
        type: str,
        subject: str,
        data: Mapping[str, Any],
        actor: str,
        sealed: Mapping[str, Any] | None,
    ) -> Event:
        k = next_k(self.store, subject, self.identity.author)
        id = event_id(subject, k, self.identity.author)
        doc: dict[str, Any] = {
            "id": id, "v": VERSION, "type": type, "at": self.at, "author": self.identity.author,
            "n": self.n + 1, "actor": actor, "data": dict(data), "prev": self.prev,
        }  # fmt: skip
        if sealed:
            doc["sealed"] = seal(self._key(subject), id, dict(sealed))
        require_fit(doc)
        return parse(self.identity.signer.sign(doc))

    def _key(self, subject: str) -> bytes:
        author = self.identity.author
        key = self.store.subject_key(subject, author)
        if key is None:
            key = new_key()
            wraps = canonical([self.store.keyring.wrap(key)])
            self.store.db.execute(
                "INSERT OR REPLACE INTO keys VALUES (?, ?, ?)", [subject, author, wraps]
            )
        return key


def tracking_left(store: Store, author: str) -> int:
    """How many tracking numbers of the leased blocks are still free."""
    return sum(block.last - used for _, block, used in _blocks(store, author))


def tracking_carrier(store: Store, author: str) -> str:
    """Whose the numbers are that are given now; empty where no block was ever leased."""
    return next((block.carrier for _, block, _ in _blocks(store, author)), "")


def _blocks(store: Store, author: str) -> list[tuple[str, Block, int]]:
    """The blocks numbers are given of, the oldest first, and the last serial used of each.

    Of one carrier only: the one that was leased last. Where the district went over to another
    carrier, what is left of the earlier one's numbers is not used any more.
    """
    held = [(id, doc) for id, doc in store.documents("block:") if doc.get("author") == author]
    held.sort(key=lambda row: (str(row[1].get("at", "")), row[0]))
    known = [(id, block) for id, doc in held if (block := block_of(doc))]
    now = known[-1][1].carrier if known else ""
    return [
        (id, block, int(store.cursor(f"used:{id}", str(block.first - 1))))
        for id, block in known
        if block.carrier == now
    ]


def next_k(store: Store, subject: str, author: str = "") -> int:
    """One more than the greatest place of a subject known here.

    A far-off place is passed over, and so is what somebody wrote who has no part in the subject:
    else a stranger could use up all its places. ``author``: whose own places always count.
    """
    rows = store.db.execute("SELECT id, author FROM events WHERE subject=? ORDER BY id", [subject])
    folded = registers.subject(store.db, subject)
    known = parties(folded, store.home_of(subject)) | {CENTRAL} if folded else frozenset()
    k = 0
    for id, by in rows:
        place = int(id.rsplit(":", 1)[1][:4])
        counts = not known or by == author or point_of(by) in known
        k = place if counts and place - k <= FAR_OFF_K else k
    return k + 1


@contextmanager
def writing(
    store: Store,
    identity: Identity,
    clock: Callable[[], str],
    day_of: Callable[[str], date],
    *,
    behind_s: int = 0,
) -> Iterator[Writing]:
    """One durable transaction. It is committed, with a full sync of the disk, when the block ends.

    ``clock`` gives the time now (UTC, ISO); the event's time never precedes the store's last event
    or the last time heard from central, nor the program itself: a PC without a battery says 1970.
    What a clock that is plainly behind dates is marked, and a person confirms the day.

    :param behind_s: by how much the clock was behind central's when they last spoke.
    """
    with write(store.db):
        now, witnessed = clock(), last_time(store, identity.author)
        at = max(now, witnessed)
        doubtful = is_behind(now, witnessed, behind_s)
        yield Writing(store, identity, at, day_of(at), doubtful=doubtful)


def last_time(store: Store, author: str) -> str:
    """The latest time that an event of this store may not precede; :data:`FIRST_DAY` at least."""
    row = store.db.execute(
        "SELECT at FROM events WHERE author=? ORDER BY n DESC LIMIT 1", [author]
    ).fetchone()
    heard = store.receipt(author).at
    return max(row[0] if row else "", heard, FIRST_DAY)
