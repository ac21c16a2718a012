"""Answers a window that has somebody before it: what they were told before, what already runs.

It is asked with the whole number of a document, or with a case's number and a last four: nothing
can be browsed. Each look-up is limited, and logged before it is answered. An answer names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import msgspec

from cases.numbers import BadNumber, Number, SubjectKind, parse_number
from cases.times import day_of
from central import context, limits, lookup, persons
from central.blob_desk import NotServed
from central.limits import Limit
from labels.tokens import Purpose, mint
from sync.db import write

#: By the hour and the point: a busy window has some dozen visitors in it.
ASKED_BY_POINT = Limit(600, 10 * 60)
WRONG_FROM_POINT = Limit(20, 15 * 60)
CODE_VALID_FOR = timedelta(days=30)
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class _Person(msgspec.Struct, frozen=True):
    visit: Text
    matter: Text
    actor: Text
    numbers: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=4)]


class _Receipt(msgspec.Struct, frozen=True):
    case: Text
    last_four: Text
    actor: Text


def person(point: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of who stands at the window, told to the point that serves the visit alone.

    :raises NotServed: another point serves it, it asks too much, or it cannot be read.
    """
    try:
        asked = msgspec.convert(dict(fields), _Person)
    except msgspec.ValidationError:
        raise NotServed(400, "fields", "看不懂要查谁") from None
    if context.store().home_of(asked.visit) != point:
        raise NotServed(403, "elsewhere", "只有正在接待这位的受理点才能问")
    _limit(f"ask:{point}:{context.now()[:13]}", ASKED_BY_POINT)
    _log(point, asked.actor, asked.visit, f"同一人同一事项 {asked.matter}")
    key = context.district().secrets.person_key
    found = persons.found(context.store(), key, asked.matter, asked.numbers, asked.visit)
    return dict(msgspec.to_builtins(found))


def receipt(point: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A code for a case, as its receipt bears one, for who knows its number and a last four.

    :raises NotServed: they do not fit, or were tried too often.
    """
    try:
        asked = msgspec.convert(dict(fields), _Receipt)
        number = parse_number(asked.case)
    except (msgspec.ValidationError, BadNumber):
        raise NotServed(400, "fields", "这不是办件编号") from None
    _require_fitting(point, number, asked.last_four)
    _log(point, asked.actor, number.text, "凭编号和后四位调取办件")
    key = context.district().secrets.token_key(number.point_number)
    expires = day_of(context.now()) + CODE_VALID_FOR
    return {"code": mint(key, Purpose.RECEIPT, number.text, expires)}


def _require_fitting(point: str, number: Number, last_four: str) -> None:
    """A wrong one counts for the case together with who tries on a phone, and for the point."""
    db, now = context.portal_db(), context.now()
    subject, here = f"wrong:{number.text}", f"ask-wrong:{point}:{now[:13]}"
    _limit(subject, limits.WRONG_FOR_SUBJECT)
    _limit(here, WRONG_FROM_POINT)
    if number.kind is not SubjectKind.CASE or not lookup.fits(number.text, last_four):
        raise NotServed(404, "unknown", "编号和后四位对不上，或者区中心还没有收到这一件")
    limits.give_back(db, now, subject, limits.WRONG_FOR_SUBJECT)
    limits.give_back(db, now, here, WRONG_FROM_POINT)


def _limit(key: str, limit: Limit) -> None:
    if limits.take_try(context.portal_db(), context.now(), {key: limit}):
        raise NotServed(429, "too_many", "问得太多了，请过几分钟再试")


def _log(point: str, actor: str, subject: str, what: str) -> None:
    row = [context.now(), f"{point} {actor}", subject, what]
    with write(context.portal_db()) as db:
        db.execute("INSERT INTO showings VALUES (?, ?, ?, ?)", row)
