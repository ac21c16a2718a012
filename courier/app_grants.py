"""Which parcels a courier has opened by their label, kept in the session until the day is over.

A parcel that is not in a courier's hands is shown only to who has its label before their eyes: by
its code (then with the whole address, since it is about to be taken over) or by its typed number.
"""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, session
from itsdangerous import BadSignature, URLSafeSerializer

from cases.times import from_text

KEY = "courier-opened"
OPENED_MAX = 40
HOURS_MAX = 12
SCANNED, TYPED = "scanned", "typed"


def grant(courier: str, number: str, how: str, now: str) -> None:
    """Note that this courier has opened a parcel by its label; a scan is not undone by typing."""
    opened = {n: entry for n, entry in _opened(courier, now).items() if n != number}
    known = _opened(courier, now).get(number)
    opened[number] = [SCANNED if known and known[0] == SCANNED else how, now]
    newest = sorted(opened.items(), key=lambda item: str(item[1][1]))[-OPENED_MAX:]
    session[KEY] = {"who": courier, "opened": dict(newest)}


def granted(courier: str, number: str, now: str) -> str:
    """How this courier has opened a parcel: ``scanned``, ``typed``, or empty."""
    entry = _opened(courier, now).get(number)
    return str(entry[0]) if entry else ""


def note(courier: str, number: str, now: str) -> str:
    """A word for a form that it was opened now: a phone may send that form when its session, and
    what was noted there, is over.
    """
    return _signer().dumps([courier, number, now])


def noted(courier: str, number: str, note: str, when: str) -> bool:
    """Whether a form that was filled in then had been opened by its courier shortly before."""
    try:
        who, what, at = _signer().loads(note)
    except (BadSignature, ValueError):
        return False
    seconds = (from_text(when) - from_text(at)).total_seconds()
    return (who, what) == (courier, number) and seconds <= HOURS_MAX * 3600


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(cast(bytes, current_app.secret_key), salt=KEY)


def _opened(courier: str, now: str) -> dict[str, list[Any]]:
    kept = session.get(KEY)
    if not isinstance(kept, dict) or kept.get("who") != courier:
        return {}
    limit = HOURS_MAX * 3600
    return {
        number: entry
        for number, entry in kept["opened"].items()
        if (from_text(now) - from_text(entry[1])).total_seconds() <= limit
    }
