"""What the courier's pages ask of whoever keeps the parcels: the seam, and its memory twin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, NamedTuple, Protocol

from cases.events import Event, event_id, parse
from cases.fields import BadField
from cases.fold import blank, fold, permit
from cases.folded import Parcel
from cases.from_home import is_fetch
from cases.manifests import on
from cases.scans import media_of
from courier.fetches import Home, is_open
from courier.parcels import Picture, Proof, Said, done_by, facts, holder
from courier.proofs import WRONG_MAX, Answer
from labels.tokens import point_key

DONE_MAX = 50
TYPED_MAX = 60
NO_PICTURE = "这不是照片。请重新拍一张，或者换一种证明。"


class Addressee(NamedTuple):
    """A parcel's recipient in full, or its sender."""

    name: str
    phone: str
    address: str
    region: str = ""  # province, city, county; empty where the address holds them


class NotRecorded(Exception):
    """Nobody knows yet whether a report was recorded: the same one may be sent again."""


class CourierDesk(Protocol):
    """The parcels as central knows them; for one request."""

    def now(self) -> str:
        """The time (UTC)."""

    def token_key(self, point_number: int) -> bytes | None:
        """The key that a point's waybill tokens are proved with; None for no point of ours."""

    def parcel(self, number: str) -> Parcel | None:
        """A parcel by its number, with the reports of a moment ago; None if nothing is known."""

    def with_tracking(self, tracking: str) -> Parcel | None:
        """The parcel that bears a tracking number."""

    def typed_too_often(self, courier: str) -> bool:
        """Count a typed whole number; whether there were so many that they may be guesses."""

    def in_hand(self, courier: str) -> Sequence[Parcel]:
        """The parcels that a courier has taken over and still has, the last changed first."""

    def done(self, courier: str) -> Sequence[Parcel]:
        """The parcels that a courier has lately delivered or brought back, the last one first."""

    def fetches(self) -> Sequence[Parcel]:
        """The papers that somebody still has to fetch from a home, the last changed first."""

    def home(self, parcel: Parcel) -> Home | None:
        """Where papers are fetched; None if that cannot be opened here any more."""

    def recipient(self, parcel: Parcel) -> Addressee | None:
        """Who a parcel goes to; None if that cannot be opened here any more.

        What is fetched goes to a point: that is its recipient, and no home.
        """

    def sender(self, parcel: Parcel) -> Addressee:
        """The point that sent it."""

    def on_manifest(self, manifest: str) -> Sequence[Parcel]:
        """The parcels that a manifest lists, whatever came of them since; none if unheard of."""

    def proves(self, parcel: Parcel, proof: Proof, digits: str) -> Answer:
        """Whether a code is the recipient's, or the last four are of the recipient's document.

        A wrong one is counted. A document that central does not know proves nothing.
        """

    def keep_picture(self, number: str, file: IO[bytes]) -> Picture:
        """Keep a photo or a signature, sealed, before a report names it.

        :raises BadField: it is no picture. :raises NotRecorded: it could not be kept now.
        """

    def report(self, number: str, said: Said, courier: str) -> None:
        """Record a report durably.

        :raises WrongState: it cannot be, with a sentence that says why.
        :raises NotRecorded: it is not known whether it was recorded; ask again, it counts once.
        """

    def note_showing(self, number: str, what: str, courier: str) -> None:
        """Note that a courier is about to be shown personal data in full."""


class MemoryDesk:
    """A desk in memory, for tests: the same fold, no line that could break unless told to."""

    def __init__(self, clock: Callable[[], str], master: bytes) -> None:
        self._clock = clock
        self._master = master
        self._events: dict[str, list[Event]] = {}
        self._recipients: dict[str, Addressee] = {}
        self._homes: dict[str, Home] = {}
        self.senders: dict[str, Addressee] = {}
        self.sealed: dict[str, Mapping[str, Any]] = {}
        self.showings: list[tuple[str, str, str]] = []
        self.typed: dict[str, int] = {}
        self.codes: dict[str, str] = {}
        self.documents: dict[str, str] = {}
        self.wrong: dict[tuple[str, Proof], int] = {}
        self.pictures: dict[str, bytes] = {}
        self.broken = False

    def state(
        self, type: str, number: str, data: Mapping[str, Any], *, author: str, actor: str
    ) -> None:
        """State a fact, whether or not the fold lets it count."""
        events = self._events.setdefault(number, [])
        k = len(events) + 1
        doc = {
            "id": event_id(number, k, author), "v": 1, "type": type, "at": self._clock(),
            "author": author, "n": k, "actor": actor, "data": dict(data), "prev": "", "sig": "",
        }  # fmt: skip
        events.append(parse(doc))

    def expect(self, number: str, recipient: Addressee) -> None:
        """Keep who a parcel goes to."""
        self._recipients[number] = recipient

    def now(self) -> str:
        """The time (UTC)."""
        return self._clock()

    def token_key(self, point_number: int) -> bytes | None:
        """The key of a point."""
        return point_key(self._master, point_number)

    def parcel(self, number: str) -> Parcel | None:
        """A parcel by its number, or None."""
        events = self._events.get(number)
        folded = fold(number, events) if events else None
        return folded if isinstance(folded, Parcel) else None

    def with_tracking(self, tracking: str) -> Parcel | None:
        """The parcel that bears a tracking number."""
        return next((p for p in self._parcels() if p.tracking == tracking), None)

    def typed_too_often(self, courier: str) -> bool:
        """Count a typed whole number."""
        self.typed[courier] = self.typed.get(courier, 0) + 1
        return self.typed[courier] > TYPED_MAX

    def in_hand(self, courier: str) -> Sequence[Parcel]:
        """The parcels in a courier's hands."""
        return [p for p in self._parcels() if holder(p) == courier]

    def done(self, courier: str) -> Sequence[Parcel]:
        """The parcels a courier has lately dealt with."""
        return [p for p in self._parcels() if done_by(p) == courier][:DONE_MAX]

    def lives_at(self, number: str, home: Home) -> None:
        """Keep where papers are fetched."""
        self._homes[number] = home

    def fetches(self) -> Sequence[Parcel]:
        """The errands that are open."""
        return [parcel for parcel in self._parcels() if is_open(parcel)]

    def home(self, parcel: Parcel) -> Home | None:
        """Where papers are fetched."""
        return self._homes.get(parcel.number)

    def recipient(self, parcel: Parcel) -> Addressee | None:
        """Who a parcel goes to."""
        if is_fetch(parcel):
            return self.sender(parcel)
        return self._recipients.get(parcel.number)

    def sender(self, parcel: Parcel) -> Addressee:
        """The point that sent it."""
        return self.senders.get(parcel.point, Addressee(parcel.point, "", ""))

    def on_manifest(self, manifest: str) -> Sequence[Parcel]:
        """The parcels that a manifest lists."""
        return on(self._parcels(), manifest)

    def proves(self, parcel: Parcel, proof: Proof, digits: str) -> Answer:
        """Whether digits prove the recipient; counts wrong ones."""
        key, known = (parcel.number, proof), self.codes if proof is Proof.CODE else self.documents
        if self.wrong.get(key, 0) >= WRONG_MAX:
            return Answer.LOCKED
        if proof is Proof.ID and parcel.number not in known:
            return Answer.UNKNOWN
        if known.get(parcel.number) == digits:
            return Answer.FITS
        self.wrong[key] = self.wrong.get(key, 0) + 1
        return Answer.WRONG

    def keep_picture(self, number: str, file: IO[bytes]) -> Picture:
        """Keep a picture, as it is."""
        body = file.read()
        media = media_of(body)
        if media not in ("image/jpeg", "image/png"):
            raise BadField("file", NO_PICTURE, "this is no picture")
        if self.broken:
            raise NotRecorded
        blob = f"sha256:{hashlib.sha256(body).hexdigest()}"
        self.pictures[blob] = body
        return Picture(blob, media, len(body), "key")

    def report(self, number: str, said: Said, courier: str) -> None:
        """Record a report."""
        if self.broken:
            raise NotRecorded
        data, sealed = facts(said)
        author = "central.mem00001"
        permit(self.parcel(number) or blank(number), said.report.value, author, data, sealed)
        self.sealed[said.op] = sealed
        self.state(said.report.value, number, data, author=author, actor=courier)

    def note_showing(self, number: str, what: str, courier: str) -> None:
        """Note a showing."""
        self.showings.append((number, what, courier))

    def _parcels(self) -> list[Parcel]:
        found = [self.parcel(number) for number in self._events]
        return sorted((p for p in found if p), key=lambda p: p.changed_at, reverse=True)
