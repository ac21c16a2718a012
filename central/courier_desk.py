"""Central's courier desk: parcels from the read model, reports as events in central's name.

The read model follows the journal, so it learns of a report a moment after the courier's page has
said that it is recorded. Until then the report is kept in ``portal.db`` too, and every parcel is
folded with it, so that no page ever shows an older state than the courier has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import IO, Any

from sqlite_utils import Database

from cases.events import Event, parse
from cases.fold import WrongState, blank, fold, permit
from cases.folded import Parcel
from cases.from_home import is_fetch
from cases.points import UnknownPoint
from cases.states import ParcelState
from cases.times import from_text, to_text
from central import limits, proofs
from central.context import author, bundle, district, now, portal_db, server, store
from courier.app_frame import DOOR
from courier.desk import DONE_MAX, Addressee, NotRecorded
from courier.fetches import Home, is_open
from courier.look.signin import current_account
from courier.parcels import HELD, Picture, Proof, Report, Said, done_by, facts, holder
from courier.proofs import Answer
from sync import bags, registers
from sync.canonical import canonical, decode
from sync.db import write
from sync.errors import RemoteError
from sync.seal import CannotUnseal

SCHEMA = """
CREATE TABLE IF NOT EXISTS courier_reports (event TEXT PRIMARY KEY, subject TEXT NOT NULL,
  actor TEXT NOT NULL, at TEXT NOT NULL, doc BLOB NOT NULL) STRICT, WITHOUT ROWID
"""
_EXISTS = "SELECT 1 FROM sqlite_master WHERE type='table' AND name='courier_reports'"
KEPT_FOR = timedelta(days=7)
TIDIED_MAX = 500
IN_HAND_MAX = 2_000
USED_BEFORE = "那一页已经用过了，请重新打开这件邮件。"


class CentralCourierDesk:
    """The courier's desk of one request."""

    def now(self) -> str:
        """The time (UTC)."""
        return now()

    def token_key(self, point_number: int) -> bytes | None:
        """The key of a point of ours, None for a number that no point has."""
        try:
            bundle().directory.by_number(point_number)
        except UnknownPoint:
            return None
        return district().secrets.token_key(point_number)

    def parcel(self, number: str) -> Parcel | None:
        """A parcel as the journal has it, and with the reports of a moment ago."""
        waiting = _waiting(portal_db(), number)
        if not waiting:
            return store().parcel(number)
        folded = fold(number, [*store().events(number), *waiting])
        return folded if isinstance(folded, Parcel) else None

    def with_tracking(self, tracking: str) -> Parcel | None:
        """The parcel that bears a tracking number."""
        number = registers.parcel_of_tracking(store().db, tracking)
        return self.parcel(number) if number else None

    def typed_too_often(self, courier: str) -> bool:
        """Count a typed whole number: they follow one another, and could be tried one by one."""
        moment = now()
        tries = {f"typed:{courier}:{moment[:13]}": limits.TYPED_BY_COURIER}
        return bool(limits.take_try(portal_db(), moment, tries))

    def in_hand(self, courier: str) -> Sequence[Parcel]:
        """The parcels that a courier has in hand, the last changed first."""
        found = self._of(courier, *HELD)
        return [parcel for parcel in found if holder(parcel) == courier]

    def done(self, courier: str) -> Sequence[Parcel]:
        """The parcels whose way a courier has lately ended."""
        found = self._of(courier, ParcelState.DELIVERED, ParcelState.RETURNED)
        return [parcel for parcel in found if done_by(parcel) == courier][:DONE_MAX]

    def _of(self, courier: str, *states: ParcelState) -> list[Parcel]:
        """Parcels in some states, and those that the courier reported of a moment ago."""
        known = [
            parcel
            for state in states
            for parcel in registers.newest(
                store().db, "parcel", state=state.value, limit=IN_HAND_MAX
            )
            if isinstance(parcel, Parcel)
        ]
        lately = _lately_reported(portal_db())
        parcels = [parcel for parcel in known if parcel.number not in lately]
        parcels += [p for p in map(self.parcel, lately) if p is not None and p.state in states]
        return sorted(parcels, key=lambda parcel: parcel.changed_at, reverse=True)

    def fetches(self) -> Sequence[Parcel]:
        """The papers that somebody still has to fetch from a home."""
        return [p for p in self._of("", ParcelState.PACKED, ParcelState.FAILED) if is_open(p)]

    def home(self, parcel: Parcel) -> Home | None:
        """Where papers are fetched, unsealed; None once its keys are gone."""
        fields = _sealed(parcel)
        names = ("name", "phone", "region", "address", "day", "hours", "note")
        return Home(*(str(fields.get(name, "")) for name in names)) if fields else None

    def recipient(self, parcel: Parcel) -> Addressee | None:
        """Who a parcel goes to, unsealed; None once its keys are gone."""
        if is_fetch(parcel):
            return self.sender(parcel)
        fields = _sealed(parcel)
        names = ("name", "phone", "address", "region")
        return Addressee(*(str(fields.get(name, "")) for name in names)) if fields else None

    def sender(self, parcel: Parcel) -> Addressee:
        """The point that sent it."""
        point = bundle().directory.find(parcel.point)
        return Addressee(point.name, point.phone, point.address) if point else Addressee("", "", "")

    def on_manifest(self, manifest: str) -> Sequence[Parcel]:
        """The parcels that a manifest lists, with the reports of a moment ago."""
        listed = bags.parcels_on(store().db, manifest)
        return [parcel for p in listed if (parcel := self.parcel(p.number)) is not None]

    def proves(self, parcel: Parcel, proof: Proof, digits: str) -> Answer:
        """Whether a code or a document's last four are the recipient's; wrong ones are counted."""
        return proofs.answer(parcel, self.recipient(parcel), proof, digits)

    def keep_picture(self, number: str, file: IO[bytes]) -> Picture:
        """Seal a photo or a signature into this host's blobs."""
        try:
            return proofs.keep(number, file)
        except OSError as error:
            raise NotRecorded from error

    def report(self, number: str, said: Said, courier: str) -> None:
        """State what a courier reports, once for each operation, and ring the bell."""
        data, sealed = facts(said)
        if said.report in (Report.TAKEN_OVER, Report.MISSING):
            sealed |= _named()
        waiting = _waiting(portal_db(), number)
        permit(
            self.parcel(number) or blank(number), said.report.value, author().author, data, sealed
        )
        if any(event.author != author().author for event in waiting):
            raise NotRecorded  # another process has just spoken: what it said must be known first
        try:
            event = author().state_once(
                portal_db(), store(), said.op, said.report.value, number, data,
                actor=courier, sealed=sealed or None,
            )  # fmt: skip
        except RemoteError as error:
            raise NotRecorded from error
        except WrongState as refused:
            if waiting:
                raise NotRecorded from refused  # the read model is a moment behind
            raise
        if event.partition(":")[0] != number:
            raise WrongState(USED_BEFORE)
        doc = {
            "id": event, "v": 1, "type": said.report.value, "at": now(), "actor": courier,
            "author": event.rpartition("-")[2], "n": 1, "data": data, "prev": "", "sig": "",
        }  # fmt: skip
        _keep(portal_db(), parse(doc))
        author().ring(server())

    def note_showing(self, number: str, what: str, courier: str) -> None:
        """Log that a courier is shown personal data in full."""
        with write(portal_db()) as db:
            db.execute("INSERT INTO showings VALUES (?, ?, ?, ?)", [now(), courier, number, what])


def _named() -> dict[str, str]:
    """The name of the courier who hands over with a point: its staff know them by it."""
    account = current_account(DOOR)
    return {"courier": account.display} if account and account.display else {}


def _sealed(parcel: Parcel) -> dict[str, Any]:
    """The sealed part of a parcel's packing; empty once its keys are gone."""
    packed = store().event(parcel.packed_event)
    try:
        return store().unseal(packed) if packed else {}
    except CannotUnseal:
        return {}


def _waiting(db: Database, subject: str) -> list[Event]:
    """The reports of a subject that the read model has not heard of yet."""
    if not db.execute(_EXISTS).fetchone():
        return []
    rows = db.execute("SELECT doc FROM courier_reports WHERE subject=?", [subject]).fetchall()
    events = (parse(decode(doc)) for (doc,) in rows)
    return [event for event in events if store().event(event.id) is None]


def _lately_reported(db: Database) -> set[str]:
    """The parcels that something was reported of and not tidied away since."""
    if not db.execute(_EXISTS).fetchone():
        return set()
    return {n for (n,) in db.execute("SELECT DISTINCT subject FROM courier_reports").fetchall()}


def _keep(db: Database, event: Event) -> None:
    """Keep a report until the read model has it, and drop those that it has."""
    known = []
    if db.execute(_EXISTS).fetchone():
        rows = db.execute("SELECT event FROM courier_reports LIMIT ?", [TIDIED_MAX]).fetchall()
        known = [id for (id,) in rows if store().event(id) is not None]
    old = to_text(from_text(now()) - KEPT_FOR)
    with write(db):
        db.execute(SCHEMA)
        db.execute(
            "INSERT OR IGNORE INTO courier_reports VALUES (?, ?, ?, ?, ?)",
            [event.id, event.subject, event.actor, event.at, canonical(dict(event.doc))],
        )
        db.execute("DELETE FROM courier_reports WHERE at<?", [old])
        for id in known:
            db.execute("DELETE FROM courier_reports WHERE event=?", [id])
