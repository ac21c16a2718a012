"""Answers a point that looks up licences for a case: only what the matter's papers call for.

Asked are types of licence and whose; said is whether there is one, with its number masked. Every
look-up is noted with its purpose before it is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Annotated, Any

import msgspec
from sqlite_utils import Database

from cases.catalogue import Catalogue
from cases.licences import is_waivable
from cases.times import day_of
from central import context, licence_calls
from central.blob_desk import NotServed
from central.licence_calls import Call
from central.licence_db import licence_keys, open_licence_db
from central.licence_library import DistrictLibrary, Held, LicenceLibrary
from labels.masking import mask_id

CALLS_PER_HOUR_MAX = 1_000  # of one point: no window serves so many, and nobody trawls

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class _Look(msgspec.Struct, frozen=True):
    licence: Text
    holder: Text


class _Asked(msgspec.Struct, frozen=True):
    matter: Text
    purpose: Text
    subject: Annotated[str, msgspec.Meta(max_length=64)]
    actor: Text
    looks: Annotated[tuple[_Look, ...], msgspec.Meta(max_length=30)]


def answer(point: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a point is told. :raises NotServed: the matter does not call for it, or too much."""
    try:
        asked = msgspec.convert(dict(fields), _Asked)
    except msgspec.ValidationError:
        raise NotServed(400, "fields", "看不懂要查什么证照") from None
    _require_purpose(asked, context.bundle().catalogue)
    district, now = context.district(), context.now()
    with closing(open_licence_db(district.config.data)) as db:
        before = licence_calls.calls_since(db, point, licence_calls.an_hour_before(now))
        if before + len(asked.looks) > CALLS_PER_HOUR_MAX:
            raise NotServed(429, "too_many", "这个受理点一小时里查得太多，请稍后再查")
        library = DistrictLibrary(db, licence_keys(district.secrets))
        return {"found": [_look(db, library, point, asked, look, now) for look in asked.looks]}


def _require_purpose(asked: _Asked, catalogue: Catalogue) -> None:
    matter = catalogue.get(asked.matter)
    allowed = {m.licence for m in matter.materials if is_waivable(m)} if matter else set()
    if asked.purpose != "reception" or not {look.licence for look in asked.looks} <= allowed:
        raise NotServed(403, "purpose", "这个事项的材料用不到这种证照，不能查")


def _look(
    db: Database, library: LicenceLibrary, point: str, asked: _Asked, look: _Look, now: str
) -> dict[str, str]:
    held = library.find(look.licence, look.holder, day_of(now))
    result = licence_calls.FOUND if held else licence_calls.NONE
    call = Call(
        now, point, asked.actor, asked.subject, asked.matter, asked.purpose, look.licence, result
    )
    licence_calls.note(db, call)
    return _said(held)


def _said(held: Held | None) -> dict[str, str]:
    if held is None:
        return {"state": licence_calls.NONE}
    return {
        "state": licence_calls.FOUND,
        "number": mask_id(held.number),
        "issuer": held.issuer,
        "valid_until": held.valid_until,
    }
