"""The state of this node in words: the line, what waits, what needs a person, and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from cases.events import NotAnEvent
from cases.folded import Case, Folded, Parcel, Step, StoreBook
from cases.states import STATE_ZH
from cases.table import TYPES
from cases.times import BadTime, ago, shown
from courier.look.signin import needs
from node.alerts import Alert, alerts
from node.case_page import STAFF
from node.context import line_state, local
from node.identity import SOFTWARE
from node.journal_reads import with_facts_aside
from node.line import word_of
from node.local import Local
from sync.verify import verify

blueprint = Blueprint("status", __name__, template_folder="templates")
PROBLEMS_MAX = 200


@dataclass(frozen=True)
class AsideRow:
    """A fact that was set aside: of which subject, what, why."""

    number: str
    url: str
    state: str
    what: str
    why: str
    when: str


@dataclass(frozen=True)
class StatusCard:
    """Everything the status page says."""

    words: str
    light: str
    alerts: tuple[Alert, ...]
    facts: tuple[tuple[str, str], ...]
    parked: tuple[tuple[str, str, str], ...]
    refused: tuple[str, ...]
    aside: tuple[AsideRow, ...]


def status_card(local: Local) -> StatusCard:
    """The state of a node now."""
    line = line_state(local)
    now = local.now()
    return StatusCard(
        words=line.words,
        light=line.light,
        alerts=alerts(local),
        facts=_facts(local, now),
        parked=tuple((id, why, _when(at, now)) for id, why, at in local.store.parked()),
        refused=_refused(local),
        aside=tuple(_aside(local, now)),
    )


def _facts(local: Local, now: str) -> tuple[tuple[str, str], ...]:
    author = local.identity.author
    receipt, line = local.store.receipt(author), word_of(local.store)
    head = local.store.head(author)[0]
    return (
        ("本机写下的记录", f"{head} 条"),
        ("等待上报", f"{local.store.waiting(author)} 条"),
        (
            "区中心的回执",
            f"到第 {receipt.n} 条，{_when(receipt.at, now)}" if receipt.n else "还没有",
        ),
        ("最近一次联系", _when(line.last_ok, now) if line.last_ok else "还没有连上过"),
        ("事项目录", f"{local.bundle.version}（第 {local.bundle.number} 版）"),
        ("软件版本", SOFTWARE),
        ("本机名称", author),
    )


def _when(at: str, now: str) -> str:
    try:
        return f"{shown(at, now)}（{ago(at, now)}）"
    except BadTime:
        return "时间不详"


def _refused(local: Local) -> tuple[str, ...]:
    book = local.store.subject(local.identity.author)
    refused = book.refused if isinstance(book, StoreBook) else ()
    return tuple(f"第 {r.get('n')} 条：{r.get('why')}" for r in refused)


def _aside(local: Local, now: str) -> list[AsideRow]:
    rows = []
    for number in with_facts_aside(local.store):
        subject = local.store.subject(number)
        for step in subject.set_aside if subject else ():
            state = STATE_ZH[subject.state] if subject else ""
            rows.append(_row(number, _url(subject), state, step, now))
    return rows


def _url(subject: Folded | None) -> str:
    if isinstance(subject, Case):
        return f"/cases/{subject.number}"
    return f"/parcels/{subject.number}" if isinstance(subject, Parcel) else ""


def _row(number: str, url: str, state: str, step: Step, now: str) -> AsideRow:
    row = TYPES.get(step.type)
    what = row.zh if row else step.type
    return AsideRow(number, url, state, what, step.reason, _when(step.at, now))


@blueprint.get("/status")
@needs(*STAFF)
def show() -> ResponseReturnValue:
    """The state of this node."""
    return _page(None)


@blueprint.post("/status/verify")
@needs(*STAFF)
def prove() -> ResponseReturnValue:
    """Prove the journal and the registers, and show what is wrong."""
    found = verify(local().store, local().node.enrolment.root_key, whole=local().identity.author)
    try:
        return _page(tuple(islice(found, PROBLEMS_MAX)))
    except NotAnEvent as broken:
        return _page((f"日志里有读不出的内容：{broken}",))


def _page(problems: tuple[str, ...] | None) -> ResponseReturnValue:
    return render_template("node/status.html", card=status_card(local()), problems=problems)
