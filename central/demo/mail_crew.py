"""Those who live with the mail: a point that decides for itself and posts, a courier, residents."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

from central.demo.crew import CaseCrew
from central.demo.paper import Paper
from central.demo.person import Lost, Person
from central.demo.plan import JUNMEN, Plan
from central.demo.route import Line
from central.demo.story import (
    LOOKED,
    Resident,
    act,
    close,
    code_on,
    courier,
    fill_in_slip,
    find_parcel,
    must,
    next_please,
    print_waybill,
    receipt,
    receive,
    sees_state,
    take_over,
    until,
)

SENIOR_CARD = "老年人优待证办理（申领）"
RESULT = "结果寄递"


@dataclass(frozen=True)
class Posted:
    """A result that is packed: its case, parcel and tracking number, and what is on the receipt."""

    case: str
    parcel: str
    tracking: str
    code: str
    qr: str
    who: Resident
    waybill: Paper


class MailCrew(CaseCrew):
    """The people of a check of cases, and a courier."""

    def __init__(self, plan: Plan, line: Line, say: Callable[[str], None]) -> None:
        super().__init__(plan, line, say)
        self.rider = self.meet(courier(plan))
        self.posted: dict[str, str] = {}
        """What China Post carries: the parcel of each tracking number."""

    def elder(self, name: str) -> Resident:
        """Somebody old enough for the card that the point grants by itself."""
        return self.resident(name, born="19490312")


def settled(
    crew: MailCrew, name: str, *away: str, slip: bool = True
) -> tuple[str, Paper, Resident]:
    """A card granted by the point, a slip filled in on the phone and checked at the window.

    :param away: where the courier may leave it when nobody is at home.
    :returns: the case's number, its receipt, and whose it is.
    """
    who = crew.elder(name)
    next_please(crew.clerk)
    number = receive(crew.clerk, "敬老卡", SENIOR_CARD, who, {"area": JUNMEN.code})
    paper = receipt(crew.clerk, number)
    if slip:
        phone = crew.passer_by()
        phone.open(paper.qr[0])
        fill_in_slip(phone, who, *away)
        until("窗口看到寄递单", lambda: sees_state(crew.clerk, number, "核对寄递单"))
        act(crew.clerk, number, "核对无误")
    crew.clerk.open(f"/cases/{number}")
    crew.clerk.follow("/do/complete")
    crew.clerk.press("办结", {"result": "paper", "delivery": "mail"})
    return number, paper, who


def packed(crew: MailCrew, number: str, purpose: str = RESULT) -> str:
    """Pack what a case has to post. :returns: the parcel's number."""
    until("可以装封", lambda: number in crew.clerk.open("/mail"))
    crew.clerk.open(f"/mail/pack/{number}")
    crew.clerk.press("装封", LOOKED)
    return find_parcel(crew.clerk, number, purpose)


def posted(crew: MailCrew, name: str, *away: str) -> Posted:
    """A result in its envelope, with its waybill printed and read as a scanner would."""
    number, paper, who = settled(crew, name, *away)
    parcel = packed(crew, number)
    waybill = labelled(crew.clerk, parcel, who)
    return Posted(number, parcel, waybill.code128[0], code_on(paper), paper.qr[0], who, waybill)


def labelled(clerk: Person, parcel: str, who: Resident) -> Paper:
    """Print a waybill and read it: both codes, and nothing on it that a stranger may know."""
    clerk.open(f"/parcels/{parcel}")
    paper = print_waybill(clerk)
    must(len(paper.qr) == 1 and len(paper.code128) == 1, "面单的二维码和条码都能读出")
    for hidden in (who.name, who.phone, who.document_number, "502", SENIOR_CARD):
        must(hidden not in paper.words, f"面单上没有“{hidden}”")
    return paper


def taken(crew: MailCrew, sent: Posted) -> None:
    """The courier scans the label and takes the parcel over."""
    take_over(crew.rider, sent.waybill, sent.parcel)


def sees_parcel(person: Person, parcel: str, *words: str) -> bool:
    """Whether a point's window says all this of a parcel."""
    person.open(f"/parcels/{parcel}")
    return person.status == 200 and person.sees(*words)


def closed(crew: MailCrew, number: str) -> None:
    """The applicant is told and the case filed: everything is in the right hands."""
    crew.clerk.open(f"/cases/{number}")
    if crew.clerk.sees("告知申请人"):
        act(crew.clerk, number, "告知申请人", {"how": "phone"})
    close(crew.clerk, number)


class Queue:
    """The queue on a courier's phone: kept when it was pressed, sent when there is a line."""

    def __init__(self, rider: Person, plan: Plan) -> None:
        self.rider = rider
        self.plan = plan
        self.kept: list[tuple[str, dict[str, str]]] = []

    def press(self, path: str, hours_ago: float, **fields: str) -> None:
        """Keep a report of some hours ago."""
        when = (self.plan.now - timedelta(hours=hours_ago)).astimezone(UTC)
        stamp = when.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.kept.append((path, {"op": secrets.token_hex(16), "when": stamp, **fields}))

    def send(self) -> list[str]:
        """Send all of it in order, as the app does. :returns: what became of each."""
        return [self._send(path, fields) for path, fields in self.kept]

    def _send(self, path: str, fields: dict[str, str]) -> str:
        session, base = self.rider.session, self.rider.base
        given = session.get(f"{base}/courier/pass", headers={"Accept": "application/json"})
        answer = session.post(
            f"{base}{path}",
            data={**fields, "csrf_token": given.json()["csrf"]},
            headers={"Accept": "application/json", "Referer": f"{base}/courier/"},
        )
        try:
            said = answer.json()
        except ValueError:
            raise Lost(f"{path} 没有回话（{answer.status_code}）：{answer.text[:300]}") from None
        return f"{said['verdict']}：{said.get('words', '')}"
