"""Notices to residents: received, decided, posted. Short, plain, and nothing a stranger may read.

Whatever carries them (an SMS gateway, 闽政通) stands behind :class:`Notifier`. For now a spool
folder takes them, one file a notice; its name is the event and the kind, so that a repeated one is
the same one.
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from cases.events import Event
from cases.folded import Case, Parcel, Visit
from cases.papers import RESULT, RESULT_TO_POINT, carries
from cases.times import from_text, to_text
from central.persons import sealed_of
from sync.db import write
from sync.said import said_or_nothing
from sync.store import Store

CURSOR = "notices"
BATCH = 100
OLD_AFTER = timedelta(days=3)
"""A read model that is built anew passes old events again: nobody is told twice about those."""
DECIDED = ("case.approved", "case.refused", "case.not_accepted")
#: What else a resident must hear of at once: nothing of it says what the case is about.
ON_THE_WAY = {
    "case.correction_noticed": ("correction", "要补材料，请查看要补什么、到哪天为止。"),
    "case.lapsed": ("lapsed", "到期没有补材料，已经终止，请查看。"),
    "case.suspended": ("suspended", "进入特别程序，办理期限暂停计算，请查看。"),
    "case.extended": ("extended", "延长了办理期限，请查看。"),
}
#: What somebody who applied from home must hear of, before there is a case.
FROM_HOME = {
    "visit.mending_asked": ("home_mend", "有地方要改，请在手机上改好再交一次。"),
    "visit.checked": ("home_checked", "受理点看过了，可以办，请查看。"),
    "visit.declined": ("home_declined", "受理点看过了，不在这里办，请查看。"),
}


class Notice(msgspec.Struct, frozen=True):
    """One message to one phone. ``id`` is the event's and the kind's: the same notice, once."""

    id: str
    kind: str
    case: str
    to: str
    text: str
    at: str


class Notifier(Protocol):
    """Something that takes notices to phones. Taking the same id twice must tell nobody twice."""

    def send(self, notice: Notice) -> None:
        """Take a notice durably. :raises OSError: it was not taken; it is offered again."""


class MemoryNotifier:
    """The memory twin."""

    def __init__(self) -> None:
        self.sent: dict[str, Notice] = {}

    def send(self, notice: Notice) -> None:
        """Keep a notice."""
        self.sent.setdefault(notice.id, notice)


class SpoolNotifier:
    """Writes each notice to a file of its own, whole or not at all, readable by us alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def send(self, notice: Notice) -> None:
        """Write the notice, unless it is there."""
        path = self._folder / f"{notice.id.replace(':', '_')}.json"
        if path.exists():
            return
        spare = self._folder / f".{secrets.token_hex(6)}"
        with open(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(notice)))
            file.flush()
            os.fsync(file.fileno())
        spare.replace(path)


class Noticed(NamedTuple):
    """What one step did: events looked at, notices sent, whether that is all."""

    seen: int
    sent: int
    caught_up: bool


def notify_once(store: Store, notifier: Notifier, now: str, portal: str) -> Noticed:
    """Tell residents about the next events of the read model; then the cursor moves.

    :param portal: the portal's address, which notices name.
    """
    after = int(store.cursor(CURSOR))
    rows = store.db.execute(
        "SELECT seq, id, at, heard FROM events WHERE seq>? ORDER BY seq LIMIT ?", [after, BATCH]
    ).fetchall()
    if not rows:
        return Noticed(0, 0, True)
    old = to_text(from_text(now) - OLD_AFTER)
    sent = 0
    for _seq, id, at, heard in rows:
        notice = notice_of(store, id, portal) if (heard or at) >= old else None
        if notice is not None:
            notifier.send(notice)
            sent += 1
    with write(store.db):
        store.set_cursor(CURSOR, str(rows[-1][0]))
    return Noticed(len(rows), sent, len(rows) < BATCH)


def notice_of(store: Store, event_id: str, portal: str) -> Notice | None:
    """What a resident is told about an event, or None."""
    event = store.event(event_id)
    if event is None or not _counts(store, event):
        return None
    case, kind, words = _told(store, event)
    folded = store.subject(case) if case else None
    phone = _phone(store, folded) if isinstance(folded, Case | Visit) else ""
    if not words or not phone:
        return None
    text = f"【鼓楼区家门口】{words}查进度：{portal}"
    return Notice(f"{event.id}.{kind}", kind, case, phone, text, event.at)


def _counts(store: Store, event: Event) -> bool:
    """Whether the fold let the event count: what was set aside is no news."""
    folded = store.subject(event.subject)
    return folded is not None and any(s.id == event.id and s.verdict == "ok" for s in folded.steps)


def _told(store: Store, event: Event) -> tuple[str, str, str]:
    """(case, kind, words): neither the matter nor the outcome, which others might read."""
    if event.type == "case.received":
        return event.subject, "received", f"您的办件 {event.subject} 已经收下。"
    if event.type in DECIDED:
        return event.subject, "decided", f"您的办件 {event.subject} 有了决定，请查看。"
    if event.type in ON_THE_WAY:
        kind, words = ON_THE_WAY[event.type]
        return event.subject, kind, f"您的办件 {event.subject} {words}"
    if event.type in FROM_HOME:
        kind, words = FROM_HOME[event.type]
        return event.subject, kind, f"您的在家申请 {event.subject} {words}"
    if event.type == "parcel.arrived":
        return _to_fetch(store, event)
    parcel = store.parcel(event.subject) if event.type == "parcel.taken_over" else None
    told = parcel is not None and parcel.purpose == RESULT and parcel.cases
    if isinstance(parcel, Parcel) and told and carries(parcel, store.case(parcel.cases[0])):
        first = not any(
            s.type == event.type and s.verdict == "ok" and s.id < event.id for s in parcel.steps
        )
        words = f"您的办件 {parcel.cases[0]} 的结果已经寄出，单号 {parcel.tracking}。"
        return parcel.cases[0], "posted", words if first else ""
    return "", "", ""


def _to_fetch(store: Store, event: Event) -> tuple[str, str, str]:
    """A result that was sent to a point is there, to be fetched."""
    parcel = store.parcel(event.subject)
    if parcel is None or parcel.purpose != RESULT_TO_POINT or not parcel.cases:
        return "", "", ""
    if not carries(parcel, store.case(parcel.cases[0])):
        return "", "", ""
    words = f"您的办件 {parcel.cases[0]} 的结果送到了您选的受理点，请带收件凭证和身份证去取。"
    return parcel.cases[0], "fetch", words


def _phone(store: Store, subject: Case | Visit) -> str:
    """The agent's phone where there is an agent, else the applicant's."""
    if isinstance(subject, Case):
        fields = said_or_nothing(store, subject)
    else:
        fields = sealed_of(store, subject.applied_event)
    return str(fields.get("agent_phone") or fields.get("phone") or "")
