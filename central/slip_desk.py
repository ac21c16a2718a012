"""Central's slip desk: keeps a resident's slip as an event in central's name."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import cast

from flask import current_app, request, session

from cases.divisions import Divisions
from cases.fold import WrongState
from cases.folded import Case, Folded, Parcel
from cases.forgotten import is_poster_slip
from cases.numbers import parse_number
from cases.papers import nothing_left, printed
from cases.points import Point
from cases.slips import newest, standing, taken_back
from cases.states import CaseState, ParcelState
from cases.times import day_of
from central import limits, lookup, mail_tables, slip_drafts
from central.context import author, bundle, now, portal_db, server, store
from central.qr import open_code
from central.visit_numbers import VisitNumbers
from central.web_author import claimed_subject, newest_act, stated
from courier.look.cards import ErrorCard
from courier.look.words import _
from courier.pickups import Pickups
from courier.places import PlaceFinder
from courier.postage import Postage
from courier.regions import Regions
from courier.slip_desk import NotOpen, Sent, Target, TooMany, TryAgain
from courier.slips import TYPED, Slip
from labels.tokens import Purpose
from sync import registers
from sync.errors import RemoteError

ACTOR = "resident"
OWN_MAX = 5
_OWN = "own-slips"


class CentralSlipDesk:
    """The slip desk of one request."""

    @property
    def divisions(self) -> Divisions:
        """The national list."""
        return bundle().divisions

    @property
    def postage(self) -> Postage:
        """The tables as an administrator has filled them in."""
        return mail_tables.postage()

    @property
    def places(self) -> PlaceFinder:
        """The search over it."""
        return cast(PlaceFinder, current_app.extensions["places"])

    @property
    def regions(self) -> Regions:
        """The reader of pasted addresses."""
        return cast(Regions, current_app.extensions["regions"])

    @property
    def pickups(self) -> Pickups:
        """The points where a result can be fetched."""
        return Pickups(bundle().directory)

    def new_op(self, act: str) -> str:
        """The id of an operation that a form will carry out once."""
        return f"{act}-{secrets.token_urlsafe(18)}"

    def target(self, door: str, key: str) -> Target:
        """What an address leads to."""
        if door == "case":
            return self._of_case(door, key, _granted_number(key))
        token = open_code(key, Purpose.RECEIPT, Purpose.POSTER)
        if token.purpose is Purpose.POSTER:
            point = _point(token.point)
            return Target(door, key, point.name, point.code, back_url="/")
        return self._of_case(door, key, token.target)

    def _of_case(self, door: str, key: str, number: str) -> Target:
        case = store().case(number)
        back = f"/{door}/{key}"
        _require_open(case, number, back)
        last = newest_slip(case, number)
        heard_of = bool(case and case.received_at)
        allowed = lookup.granted(number) or (not heard_of and _own(number) == last)
        point = _point(parse_number(number).point_number)
        return Target(
            door,
            key,
            point.name,
            point.code,
            case=number,
            heard_of=heard_of,
            filled=bool(last),
            must_prove=bool(last) and not allowed,
            back_url=back,
        )

    def draft(self, target: Target) -> dict[str, str]:
        """What was typed, or what stands in the filled slip of somebody who proved their right."""
        kept = slip_drafts.read_draft(portal_db(), _name(target))
        if kept is not None:
            return kept
        blank = dict.fromkeys(TYPED, "")
        return {**blank, **self._filled(target), "op": self.new_op("slip")}

    def _filled(self, target: Target) -> dict[str, str]:
        case = store().case(target.case) if target.case else None
        last = newest(case) if case else None
        if last is None or target.must_prove:
            return {}
        fields = lookup.sealed_of(store().event(last.event))
        if fields:
            lookup.note_showing(target.case, "slip")
        typed = {name: fields.get(name, "") for name in TYPED}
        went = {"way": last.way, "to_point": last.to_point, "consent": ",".join(last.consent)}
        return {**typed, **went}

    def keep_draft(self, target: Target, draft: Mapping[str, str]) -> None:
        """Keep what was typed."""
        slip_drafts.keep_draft(portal_db(), _name(target), draft, now())

    def drop_draft(self, target: Target) -> None:
        """Forget what was typed."""
        slip_drafts.drop_draft(portal_db(), _name(target))

    def sent(self, op: str) -> Sent | None:
        """What an operation has become."""
        event = stated(portal_db(), op)
        return _sent(event.partition(":")[0]) if event else None

    def send(self, target: Target, op: str, slip: Slip, language: str) -> Sent:
        """State ``slip.filled``, once for each operation, and ring the bell."""
        self._require_not_too_many(target)
        try:
            begun = target.case or claimed_subject(portal_db(), op)
            number = begun or _sent_before(target, slip) or self._visit(target)
            data = {"channel": target.channel, "language": language, **slip.opened()}
            before = newest_slip(store().subject(number), number)
            if before:
                data["replaces"] = before
            event = author().state_once(
                portal_db(), store(), op, "slip.filled", number, data,
                actor=ACTOR, sealed=slip.sealed(),
            )  # fmt: skip
        except RemoteError as error:
            raise TryAgain(str(error)) from error
        except WrongState:
            raise NotOpen(_no_more(_("这件事已经办完归档"), target.back_url)) from None
        author().ring(server())
        self._count(target)
        _keep_own(number, event)
        return _sent(number)

    def cancel(self, target: Target, op: str) -> None:
        """State ``slip.cancelled`` for every slip that stands, and ring the bell."""
        self._require_not_too_many(target)
        case = store().case(target.case)
        last = newest_slip(case, target.case)
        gone = taken_back(case, last) if case else frozenset({last})
        others = [s.event for s in standing(case) if s.event not in gone] if case else []
        try:
            for place, slip in enumerate((last, *others)):
                author().state_once(
                    portal_db(), store(), f"{op}-{place}" if place else op, "slip.cancelled",
                    target.case, {"slip": slip}, actor=ACTOR,
                )  # fmt: skip
        except RemoteError as error:
            raise TryAgain(str(error)) from error
        except WrongState:
            raise NotOpen(_no_more(_("这件事已经办完归档"), target.back_url)) from None
        author().ring(server())
        self._count(target)

    def _visit(self, target: Target) -> str:
        point = open_code(target.key, Purpose.POSTER).point
        numbers = cast(VisitNumbers, current_app.extensions["visit_numbers"])
        return numbers.next(server(), store(), point, day_of(now()), now())

    def _limits(self, target: Target) -> dict[str, limits.Limit]:
        hour = now()[:13]
        whose = limits.FILLED_FOR_CASE if target.case else limits.FILLED_FOR_POINT
        return {
            f"fill:{request.remote_addr}:{hour}": limits.FILLED_FROM_ADDRESS,
            f"fill:{target.case or target.place}:{hour}": whose,
        }

    def _require_not_too_many(self, target: Target) -> None:
        wait = limits.wait_seconds(portal_db(), now(), *self._limits(target))
        if wait:
            raise TooMany(wait)

    def _count(self, target: Target) -> None:
        for key, limit in self._limits(target).items():
            limits.count(portal_db(), now(), key, limit)

    def prove(self, target: Target, last_four: str) -> bool:
        """Whether these are the last four."""
        return lookup.prove(target.case, last_four)


def newest_slip(case: Folded | None, number: str) -> str:
    """The event of the newest slip that stands, which the read model may not know yet; empty if
    there is none, or it was just taken back."""
    stated_here, act = newest_act(portal_db(), number, ("slip", "cancel"))
    if stated_here and store().event(stated_here) is None:
        return stated_here if act == "slip" else ""
    last = newest(case) if case else None
    return last.event if last else ""


def _own(number: str) -> str:
    """The slip that this very browser sent.

    While central has not heard of the case nobody can be asked for its last four: until then this
    browser may mend what it sent.
    """
    found = session.get(_OWN)
    return str(found.get(number, "-")) if isinstance(found, dict) else "-"


def _sent_before(target: Target, slip: Slip) -> str:
    """The visit that this very browser announced from a poster here for the same recipient, while
    no case has its slip; empty if none. Another name is another person with the same phone."""
    point, known = open_code(target.key, Purpose.POSTER).point, session.get(_OWN)
    for number in known if isinstance(known, dict) else ():
        if is_poster_slip(store().subject(number)) and parse_number(number).point_number == point:
            fields = lookup.sealed_of(store().event(_own(number)))
            if fields.get("name") == slip.name and not registers.linked(store().db, number):
                return str(number)
    return ""


def _keep_own(number: str, event: str) -> None:
    known = session.get(_OWN)
    others = {n: e for n, e in known.items() if n != number} if isinstance(known, dict) else {}
    session[_OWN] = dict([*others.items(), (number, event)][-OWN_MAX:])


def _point(number: int) -> Point:
    return bundle().directory.by_number(number)


def _name(target: Target) -> str:
    """What a draft belongs to: a case however it was reached, or a poster."""
    return target.case or target.key.upper()


def _granted_number(number: str) -> str:
    if lookup.granted(number):
        return number
    raise NotOpen(
        ErrorCard(
            403,
            _("请再查询一次"),
            _("为了保护您的信息，查询的结果只在一小段时间里能看。"),
            _("请重新填写办件编号和后四位。"),
            _("去查询"),
            "/",
        )
    )


def _sent(number: str) -> Sent:
    parsed = parse_number(number)
    return Sent(number, f"{parsed.serial:04d}" if number.startswith("V") else "")


def _require_open(case: Case | None, number: str, back: str) -> None:
    """A slip may be filled in, changed or taken back while something is to come and no label for
    it is printed. The point that prints has the last word: central may hear of it late."""
    if case is None:
        return
    parcels = store().parcels_of(number)
    if case.state is CaseState.CLOSED:
        raise NotOpen(_no_more(_("这件事已经办完归档"), back))
    if nothing_left(case, parcels):
        raise NotOpen(_no_more(_("该给您的都给您了"), back))
    if parcel := printed(case, parcels):
        raise NotOpen(_printed(bundle().directory.find(_where(parcel)), back))


def _where(parcel: Parcel) -> str:
    """The point to call about a parcel: where it waits to be fetched, else who sent it."""
    return parcel.to_point if parcel.state is ParcelState.ARRIVED else parcel.point


def _printed(point: Point | None, back: str) -> ErrorCard:
    advice = _("要改，请打电话给受理点。")
    if point is not None and point.phone:
        advice = _("要改，请打电话给%(place)s：%(phone)s。", place=point.name, phone=point.phone)
    return ErrorCard(
        409,
        _("面单已经打印，不能在这里改了"),
        _("办理结果已经按您选的办法装好，正在等快递员，或者已经在路上。"),
        advice,
        _("看办到哪一步了"),
        back,
    )


def _no_more(title: str, back: str) -> ErrorCard:
    return ErrorCard(
        409,
        title,
        _("不用再填寄递单了。"),
        _("有疑问请到受理点，或打电话问。"),
        _("看办理经过"),
        back,
    )
