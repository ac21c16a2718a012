"""What a courier's phone asks by itself: a pass to send with, which pages it has to keep.

The phone writes a report down before anything is sent (``static/queue.js``) and may send it a day
later. By then the page that it was filled in on is gone, and with it that page's form token. So the
phone asks for a pass just before it sends: who is signed in, the time here, and a fresh token of
this session. That is as strong as a token in a page: no answer of ours carries a header that lets
another site's script read it, and the session's cookie is not sent with such a script's form.
"""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped, unused-ignore]

from cases.folded import Parcel
from cases.times import day_of
from courier.app_cards import SLUGS
from courier.app_codes import label_stem
from courier.app_frame import Pages, rider
from courier.app_labels import FORMS
from courier.app_reports import TEMPLATES
from courier.fetches import Errand, is_open
from courier.fetches import standing as errand
from courier.parcels import FETCHED, choices

#: On what a phone sends by itself: it does not keep a session alive that nobody uses.
BY_ITSELF = "X-Courier-Queue"
STAMP_CHARS = 16
#: So many errands that nobody has accepted yet are kept whole, the last changed ones.
OFFERED_MAX = 40


def add_queue(blueprint: Blueprint, pages: Pages) -> None:
    """Register what a phone asks by itself on the courier's blueprint."""

    @blueprint.before_request
    def quiet() -> None:
        g.look_quiet = BY_ITSELF in request.headers

    @blueprint.get("/courier/pass")
    @rider
    def give_pass() -> ResponseReturnValue:
        me = pages.me()
        return jsonify(courier=me.id, name=me.display, now=pages.desk().now(), csrf=generate_csrf())

    @blueprint.get("/courier/bag")
    @rider
    def bag() -> ResponseReturnValue:
        return _bag(pages)


def _bag(pages: Pages) -> Response:
    """What is in hand, what is to be fetched, the pages of each, a stamp that changes with them.

    ``beside``: what is kept for what may come: the forms for any parcel, and the errands that wait
    for somebody to accept them, without the address.
    """
    desk, me = pages.desk(), pages.me().id
    errands = desk.fetches()
    to_fetch = (parcel for parcel in errands if errand(parcel, me) is Errand.MINE)
    offered = [parcel for parcel in errands if errand(parcel, me) is Errand.FREE][:OFFERED_MAX]
    today = day_of(desk.now()).isoformat()
    parcels = [
        {
            **_kept(parcel, today, me),
            "tracking": parcel.tracking,
            "stem": label_stem(parcel.number),
        }
        for parcel in (*desk.in_hand(me), *to_fetch)
    ]
    forms = {"number": "", "stamp": today, "pages": _forms()}
    beside = [forms, *(_kept(parcel, today, me) for parcel in offered)]
    return jsonify(courier=me, name=pages.me().display, parcels=parcels, beside=beside)


def _kept(parcel: Parcel, today: str, courier: str) -> dict[str, object]:
    stamp, pages = _stamp(today, parcel), _pages_of(parcel, courier)
    return {"number": parcel.number, "stamp": stamp, "pages": pages}


def _forms() -> list[str]:
    return [url_for("courier.ask_of_label", slug=slug) for slug in FORMS]


def _stamp(today: str, parcel: Parcel) -> str:
    """A form names the next days, so that it is stale tomorrow."""
    words = f"{today} {parcel.number} {parcel.changed_at} {len(parcel.steps)}"
    return hashlib.sha256(words.encode()).hexdigest()[:STAMP_CHARS]


def _pages_of(parcel: Parcel, courier: str) -> list[str]:
    """A parcel's page and its forms; an errand's up to its end at the point."""
    number, waits = parcel.number, is_open(parcel)
    ends = ("courier.fetch", "courier.fetch_failed") if waits else ("courier.parcel",)
    reports = FETCHED if waits else choices(parcel, courier)
    slugs = [SLUGS[report] for report in reports if report in TEMPLATES]
    return [
        *(url_for(end, number=number) for end in ends),
        *(url_for("courier.ask", number=number, slug=slug) for slug in slugs),
    ]
