"""What a courier's phone asks by itself: a pass to send with, the bag's pages, a label taken over.

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

from cases.fields import BadField
from cases.folded import Parcel
from cases.numbers import BadNumber
from cases.times import day_of, from_text
from courier.app_cards import SLUGS
from courier.app_codes import BadCode, TypedTooOften, label_stem, look_for, parcel_of_token
from courier.app_frame import Pages, rider, stop
from courier.app_reports import TEMPLATES, record
from courier.app_verdicts import Verdict, verdict, wants_verdict
from courier.desk import CourierDesk
from courier.fetches import Errand, is_open
from courier.fetches import standing as errand
from courier.parcels import Report, check_when, choices

#: On what a phone sends by itself: it does not keep a session alive that nobody uses.
BY_ITSELF = "X-Courier-Queue"
STAMP_CHARS = 16
#: So long a label that nobody has heard of is waited for: its point may be without a line.
UNHEARD_DAYS_MAX = 3


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

    @blueprint.post("/courier/take")
    @rider
    def take() -> ResponseReturnValue:
        return _take(pages)


def _bag(pages: Pages) -> Response:
    """What is in hand, what is to be fetched, the pages of each, a stamp that changes with them."""
    desk, me = pages.desk(), pages.me().id
    to_fetch = (parcel for parcel in desk.fetches() if errand(parcel, me) is Errand.MINE)
    today = day_of(desk.now()).isoformat()
    parcels = [
        {
            "number": parcel.number,
            "tracking": parcel.tracking,
            "stem": label_stem(parcel.number),
            "stamp": _stamp(today, parcel),
            "pages": _pages_of(parcel, me),
        }
        for parcel in (*desk.in_hand(me), *to_fetch)
    ]
    return jsonify(courier=me, name=pages.me().display, parcels=parcels)


def _stamp(today: str, parcel: Parcel) -> str:
    """A form names the next days, so that it is stale tomorrow."""
    words = f"{today} {parcel.number} {parcel.changed_at} {len(parcel.steps)}"
    return hashlib.sha256(words.encode()).hexdigest()[:STAMP_CHARS]


def _pages_of(parcel: Parcel, courier: str) -> list[str]:
    if is_open(parcel):
        ends = ("courier.fetch", "courier.fetch_failed")
        return [url_for(end, number=parcel.number) for end in ends]
    forms = [SLUGS[report] for report in choices(parcel, courier) if report in TEMPLATES]
    return [
        url_for("courier.parcel", number=parcel.number),
        *(url_for("courier.ask", number=parcel.number, slug=slug) for slug in forms),
    ]


def _take(pages: Pages) -> ResponseReturnValue:
    """Take over the parcel that a label's code or number names, as scanned where no signal was."""
    desk, me = pages.desk(), pages.me().id
    try:
        number = _named(request.form.get("q", ""), desk, me)
    except TypedTooOften as problem:
        if wants_verdict():
            return verdict(Verdict.AGAIN, problem.message_zh, status=429)
        return stop(problem.title, problem.message_zh, 429)
    except (BadCode, BadNumber) as problem:
        return stop("没有揽收", problem.message_zh, 400)
    if desk.parcel(number) is None:
        return _unheard(desk)
    return record(pages, number, Report.TAKEN_OVER, label=True)


def _named(text: str, desk: CourierDesk, courier: str) -> str:
    """The number of the parcel whose label this is; empty for a tracking number nobody knows.

    :raises BadCode: it is no label's.
    """
    found = look_for(text, desk, courier)
    if found.token:
        return parcel_of_token(found.token, desk)
    if not found.label:
        raise BadCode("揽收要扫面单，或输入整个邮件号。")
    return found.parcels[0].number if found.parcels else found.number


def _unheard(desk: CourierDesk) -> ResponseReturnValue:
    """A label whose parcel nobody has heard of: its point is offline, or it is a mistake."""
    try:
        when = check_when(request.form.get("when", ""), desk.now())
    except BadField as problem:
        return stop("没有揽收", problem.message_zh, 400)
    waited = from_text(desk.now()) - from_text(when)
    if wants_verdict() and waited.days < UNHEARD_DAYS_MAX:
        words = "受理点还没联上网，区中心还没收到这件邮件的信息，收到以后自动揽收。"
        return verdict(Verdict.AGAIN, words, status=503)
    return stop("没有揽收", "区中心一直没有收到这件邮件的信息，请问一下寄件的受理点。", 404)
