"""Central's desk for applications from home: keeps drafts and photographs, states what is sent.

Nothing is stated before the resident hands the whole form in. A photograph is judged and sealed
when it is taken; the key to it lies in the draft, which only this browser can open. An upload that
no application comes to name can be read by nobody, and is dropped after a month.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import IO, cast

from flask import current_app, request

from cases.folded import Case, Parcel, Visit
from cases.from_home import Stage, live_fetch, may_cancel, stage
from cases.numbers import parse_number
from cases.scans import too_many_files
from cases.times import day_of
from central import blob_index, limits, lookup, slip_drafts
from central.blob_index import FOLDER, Upload, open_index
from central.context import author, bundle, district, now, portal_db, server, store, today
from central.home_form import TEXTS, Filled, Photo, photos_of
from central.slip_desk import ACTOR
from central.visit_numbers import VisitNumbers
from central.web_author import newest_act, stated
from courier.slip_desk import TooMany
from labels.tokens import VALID_DAYS, Purpose, mint
from sync import registers
from sync.blobs.folder import BlobFolder
from sync.blobs.seal import new_blob_key, seal_blob, unseal_blob
from sync.canonical import canonical
from sync.db import write
from sync.scan_files import FILE_CHARS_MAX, prepared

APPLIED, PHOTOGRAPHED, CANCELLED = "visit.applied", "visit.scanned", "visit.cancelled"
HOME = "home"
PHOTOS_MAX = 20


def read(name: str) -> dict[str, str]:
    """What this browser has typed under a name, or a new draft."""
    kept = slip_drafts.read_draft(portal_db(), name)
    return kept if kept is not None else {**dict.fromkeys(TEXTS, ""), "op": new_op()}


def new_op() -> str:
    """A name for one sending of a form."""
    return secrets.token_urlsafe(18)


def keep(name: str, draft: Mapping[str, str]) -> None:
    """Keep what was typed, readable by this browser alone."""
    slip_drafts.keep_draft(portal_db(), name, draft, now())


def drop(name: str) -> None:
    """Forget what was typed."""
    slip_drafts.drop_draft(portal_db(), name)


def mending(visit: Visit) -> dict[str, str]:
    """A draft to mend an application with: what was sent, the photographs named already too."""
    event = store().event(visit.applied_event)
    fields = lookup.sealed_of(event)
    lookup.note_showing(visit.number, "application")
    photos = [
        Photo(s.position, s.blob, s.size, s.media, s.pages, "", "", stated=True)
        for s in visit.scans
    ]
    typed = {name: fields.get(name, "") for name in TEXTS}
    own = {
        "kind": visit.applicant_kind,
        "document": visit.document,
        "point": visit.point,
        "post": "yes" if visit.slips else "",
        "op": new_op(),
        "visit": visit.number,
    }
    return _with_photos({**typed, **own}, photos)


def _with_photos(draft: Mapping[str, str], photos: list[Photo]) -> dict[str, str]:
    return {**draft, "photos": canonical([asdict(photo) for photo in photos]).decode()}


def add_photo(
    draft: Mapping[str, str], position: int, file: IO[bytes], name: str
) -> dict[str, str]:
    """Keep a photograph with a draft, sealed under the number that the visit will have.

    :raises BadField: the file is none of ours, or there are too many.
    :raises TooMany, OSError, RemoteError: nothing was kept; it may be sent again.
    """
    if sum(not photo.stated for photo in photos_of(draft)) >= PHOTOS_MAX:
        raise too_many_files()
    hour = now()[:13]
    _take_a_try({
        f"photo:{request.remote_addr}:{hour}": limits.FILLED_FROM_ADDRESS,
        f"photo:{hour}": limits.PHOTOS_BEFORE_SENDING,
    })  # fmt: skip
    scan, key, numbered = prepared(file), new_blob_key(), with_number(draft)
    folder = BlobFolder(district().config.data / FOLDER)
    blob, size = folder.keep(seal_blob(key, numbered["visit"], scan.plain))
    kept = name[-FILE_CHARS_MAX:] or scan.media
    photo = Photo(position, blob, size, scan.media, scan.pages, kept, key)
    _let_have([photo], draft["point"])
    return _with_photos(numbered, [*photos_of(numbered), photo])


def remove_photo(draft: Mapping[str, str], blob: str) -> dict[str, str]:
    """Take back a photograph that was not sent yet. Its upload goes as all forgotten ones do."""
    left = [photo for photo in photos_of(draft) if photo.blob != blob or photo.stated]
    return _with_photos(draft, left)


def with_number(draft: Mapping[str, str]) -> dict[str, str]:
    """The draft with the number that its visit will have. :raises RemoteError: none was to be had.

    It is a number of the chosen point: what was photographed for another one is sealed anew.
    """
    number, point = draft.get("visit", ""), bundle().directory.by_code(draft["point"])
    if number and parse_number(number).point_number == point.number:
        return dict(draft)
    numbers = cast(VisitNumbers, current_app.extensions["visit_numbers"])
    new = numbers.next(server(), store(), point.number, day_of(now()), now())
    photos = [_sealed_anew(photo, number, new) for photo in photos_of(draft)]
    return _with_photos({**draft, "visit": new}, photos)


def _sealed_anew(photo: Photo, old: str, new: str) -> Photo:
    folder, key = BlobFolder(district().config.data / FOLDER), new_blob_key()
    with folder.open(photo.blob) as sealed:
        plain = BytesIO(b"".join(unseal_blob(photo.key, old, sealed)))
    blob, size = folder.keep(seal_blob(key, new, plain))
    return replace(photo, blob=blob, size=size, key=key)


def _let_have(photos: Iterable[Photo], point: str) -> None:
    """Note that photographs are for one point: it alone may fetch them, and in a month they go."""
    data = district().config.data
    with closing(open_index(data)) as index, write(index):
        for photo in photos:
            blob_index.forget(index, photo.blob)
            blob_index.note(index, Upload(photo.blob, point, photo.size, now(), named=True))


def send(draft: Mapping[str, str], filled: Filled, language: str) -> str:
    """State the photographs, the slip and the form, each once for its operation.

    :returns: the visit's number. :raises TooMany: too many from here or for that point.
    :raises WrongState: it was answered or cancelled meanwhile.
    :raises RemoteError: nobody knows whether it was kept; the same form may be sent again.
    """
    op, number = draft["op"], draft["visit"]
    if not stated(portal_db(), op):
        _require_not_too_many(filled.point)
        new = [photo for photo in photos_of(draft) if not photo.stated]
        _let_have(new, filled.point)
        for place, photo in enumerate(new):
            private = {"file": photo.file, "key": photo.key}
            _state(f"{op}.{place}", PHOTOGRAPHED, number, photo.facts, private)
        if filled.post:
            slip = filled.slip(bundle().directory.district)
            _state(
                f"{op}.slip", "slip.filled", number, {"channel": HOME, "language": language}, slip
            )
        _state(op, APPLIED, number, filled.open_part(language), filled.sealed_part())
        author().ring(server())
    lookup.grant(number)
    return number


def sent(op: str) -> str:
    """The visit that an operation was sent for, or empty."""
    return stated(portal_db(), op).partition(":")[0] if op else ""


def _state(
    op: str, type: str, number: str, data: Mapping[str, object], sealed: Mapping[str, str] | None
) -> None:
    author().state_once(
        portal_db(), store(), op, type, number, data, actor=ACTOR, sealed=sealed or None
    )


def _require_not_too_many(point: str) -> None:
    hour = now()[:13]
    _take_a_try({
        f"apply:{request.remote_addr}:{hour}": limits.FILLED_FROM_ADDRESS,
        f"apply:{point}:{hour}": limits.FILLED_FOR_POINT,
    })  # fmt: skip


def _take_a_try(tries: Mapping[str, limits.Limit]) -> None:
    wait = limits.take_try(portal_db(), now(), tries)
    if wait:
        raise TooMany(wait)


@dataclass(frozen=True)
class Following:
    """An application as it is followed: the visit, who fetches, what came of it.

    ``ahead``: this host has stated something that the read model has not heard of yet.
    """

    number: str
    visit: Visit | None
    parcels: tuple[Parcel, ...]
    case: Case | None
    ahead: bool

    @property
    def parcel(self) -> Parcel | None:
        """What fetches the papers."""
        return live_fetch(self.parcels)

    @property
    def may_cancel(self) -> bool:
        """Whether it may be called off now."""
        return self.visit is not None and not self.ahead and may_cancel(self.stage, self.parcels)

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.visit is None or self.ahead:
            return Stage.CHECKING
        return stage(self.visit, self.parcel, received=self.case is not None)


def following(number: str) -> Following:
    """An application by its number, as far as central has heard of it."""
    visit = store().subject(number)
    known = visit if isinstance(visit, Visit) and visit.applied_event else None
    event, _act = newest_act(portal_db(), number)
    ahead = bool(event) and store().event(event) is None
    others = sorted(registers.linked(store().db, number))
    cases = (store().case(other) for other in others)
    case = next((c for c in cases if c is not None and c.visit == number), None)
    parcels = (store().parcel(other) for other in others)
    mine = (p for p in parcels if p is not None and known and p.point == known.point)
    return Following(number, known, tuple(mine), case, ahead)


def cancel(found: Following, op: str) -> bool:
    """Call it off, once for each operation. :returns: False if a courier has the papers already.

    :raises WrongState: it is over. :raises RemoteError: the same may be sent again.
    """
    if stated(portal_db(), op):
        return True
    if not found.may_cancel:
        return False
    _state(op, CANCELLED, found.number, {}, None)
    author().ring(server())
    return True


def token_of(number: str, purpose: Purpose = Purpose.HOME) -> str:
    """The code by which somebody follows an application, or the case that came of it."""
    key = district().secrets.token_key(parse_number(number).point_number)
    return mint(key, purpose, number, today() + timedelta(days=VALID_DAYS))
