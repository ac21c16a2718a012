"""What a resident gives on the phone for a notice of correction: stated once, by this web's author.

A photograph is judged by its content, sealed and kept here before an event names it, so that the
parties fetch and open it like any scan. What is asked for is a wish, and gives nothing yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import IO

from flask import request, session

from cases.clocks import deemed_accepted
from cases.folded import Case, Defect
from cases.points import Directory, Point
from cases.proceedings import SUPPLEMENTED, outstanding
from cases.scans import SCANNED, SCANS_MAX, too_many_files
from cases.states import CaseState
from central import blob_index, limits
from central.blob_index import FOLDER, Upload, open_index
from central.context import author, bundle, district, now, portal_db, server, store
from central.slip_desk import ACTOR
from central.web_author import stated
from courier.slip_desk import TooMany
from sync.blobs.folder import BlobFolder
from sync.blobs.seal import new_blob_key, seal_blob
from sync.db import write
from sync.scan_files import FILE_CHARS_MAX, facts_of, prepared

FILE_BYTES_MAX = 20 * 1024 * 1024
PHOTOGRAPHED, ANSWERED = "photographed", "answered"
WISHED = "case.pickup_wished"
_GIVEN = "corrected"
_REMEMBERED_MAX = 5


def is_open(case: Case) -> bool:
    """Whether something is to be corrected: the notice came in time, and the case has not ended."""
    corrects = case.state is CaseState.CORRECTION and case.correction is not None
    return corrects and not deemed_accepted(case, bundle().calendar, now())


def left(case: Case) -> tuple[Defect, ...]:
    """What is still to be given, as this browser knows it: a moment ahead of the read model."""
    given = _given(case.number)
    return tuple(defect for defect in outstanding(case) if defect.position not in given)


def _given(number: str) -> list[int]:
    found = session.get(_GIVEN)
    return list(found.get(number, [])) if isinstance(found, dict) else []


def _remember(number: str, position: int) -> None:
    found = session.get(_GIVEN)
    others = {n: p for n, p in found.items() if n != number} if isinstance(found, dict) else {}
    positions = sorted({*_given(number), position})
    session[_GIVEN] = dict([*others.items(), (number, positions)][-_REMEMBERED_MAX:])


def give_photo(case: Case, position: int, op: str, file: IO[bytes], name: str) -> None:
    """Keep a photograph or PDF and say that it was given; once for each operation.

    :raises BadField: the file is none of ours, or there are too many.
    :raises TooMany, RemoteError: nothing counts yet; the same may be sent again.
    """
    if stated(portal_db(), op):
        return
    if len(case.scans) >= SCANS_MAX:
        raise too_many_files()
    _require_not_too_many(case.number)
    if not stated(portal_db(), f"{op}.scan"):
        data, sealed = _keep(case.number, position, file, name)
        _state(f"{op}.scan", SCANNED, case.number, data, sealed)
    _say_given(case, position, op, PHOTOGRAPHED, {})


def _keep(
    number: str, position: int, file: IO[bytes], name: str
) -> tuple[dict[str, object], dict[str, str]]:
    """Seal a file into this host's blobs. :returns: what its event says in clear, and sealed."""
    scan, key = prepared(file), new_blob_key()
    data = district().config.data
    with closing(open_index(data)) as index:
        blob, size = BlobFolder(data / FOLDER).keep(seal_blob(key, number, scan.plain))
        with write(index):  # should no event come to name it, it is dropped like any such upload
            blob_index.note(index, Upload(blob, "central", size, now(), named=False))
    said = facts_of(scan, blob, size, position)
    return said, {"file": name[-FILE_CHARS_MAX:] or scan.media, "key": key}


def give_words(case: Case, position: int, op: str, words: str) -> None:
    """Say in writing what was asked; once for each operation. :raises TooMany, RemoteError:"""
    if not stated(portal_db(), op):
        _require_not_too_many(case.number)
        _say_given(case, position, op, ANSWERED, {"words": words})


def wish_pickup(case: Case, op: str, fields: Mapping[str, str]) -> None:
    """Ask that somebody comes for everything that is left. :raises TooMany, RemoteError:"""
    if not stated(portal_db(), op):
        _require_not_too_many(case.number)
        positions = [defect.position for defect in left(case)]
        _state(op, WISHED, case.number, {"positions": positions}, fields)


def _say_given(case: Case, position: int, op: str, how: str, sealed: Mapping[str, str]) -> None:
    data = {"positions": [position], "how": how}
    if position in {defect.position for defect in left(case)} or sealed:
        _state(op, SUPPLEMENTED, case.number, data, sealed)
    _remember(case.number, position)


def _state(
    op: str, type: str, number: str, data: Mapping[str, object], sealed: Mapping[str, str]
) -> None:
    author().state_once(
        portal_db(), store(), op, type, number, data, actor=ACTOR, sealed=dict(sealed) or None
    )
    author().ring(server())


def _require_not_too_many(number: str) -> None:
    hour = now()[:13]
    tries = {
        f"give:{number}:{hour}": limits.GIVEN_FOR_CASE,
        f"give:{request.remote_addr}:{hour}": limits.FILLED_FROM_ADDRESS,
    }
    wait = limits.take_try(portal_db(), now(), tries)
    if wait:
        raise TooMany(wait)


def nearest(case: Case, directory: Directory) -> tuple[Point, ...]:
    """Every point, the one that received the case first, then its neighbours, then all others."""
    own = directory.find(case.point)
    if own is None:
        return directory.points
    centre = directory.subdistrict_of(own)

    def distance(point: Point) -> tuple[int, int]:
        near = centre is not None and centre.code in (point.code, point.parent)
        return (0 if point is own else 1 if near else 2, point.number)

    return tuple(sorted(directory.points, key=distance))
