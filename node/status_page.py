"""The state of this node in words: the line, what waits, what needs a person, and the proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from cases.events import NotAnEvent
from courier.carriers import carrier_zh
from courier.look.forms import Form
from courier.look.signin import needs
from node import asides
from node.alerts import Alert, alerts
from node.asides import AsideRow, when
from node.case_page import STAFF, new_op
from node.context import line_state, local
from node.identity import SOFTWARE
from node.line import word_of
from node.local import Local
from sync.verify import verify
from sync.writing import tracking_carrier, tracking_left

blueprint = Blueprint("status", __name__, template_folder="templates")
PROBLEMS_MAX = 200

Group = tuple[str, tuple[AsideRow, ...]]  # a heading, and what stands under it


@dataclass(frozen=True)
class StatusCard:
    """Everything the status page says."""

    words: str
    light: str
    alerts: tuple[Alert, ...]
    facts: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]

    @property
    def waiting(self) -> bool:
        """Whether something waits for an answer of this point."""
        return not all(_has_none_open(group) for group in self.groups)


def status_card(local: Local) -> StatusCard:
    """The state of a node now."""
    line = line_state(local)
    now = local.now()
    return StatusCard(
        words=line.words,
        light=line.light,
        alerts=alerts(local),
        facts=_facts(local, now),
        groups=tuple(sorted(_groups(local), key=_has_none_open)),
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
            f"到第 {receipt.n} 条，{when(receipt.at, now)}" if receipt.n else "还没有",
        ),
        ("最近一次联系", when(line.last_ok, now) if line.last_ok else "还没有连上过"),
        ("面单号", _numbers(local)),
        ("事项目录", f"{local.bundle.version}（第 {local.bundle.number} 版）"),
        ("软件版本", SOFTWARE),
        ("本机名称", author),
    )


def _numbers(local: Local) -> str:
    author = local.identity.author
    carrier = tracking_carrier(local.store, author)
    left = tracking_left(local.store, author)
    return f"还有 {left} 个（{carrier_zh(carrier)}）" if carrier else "还没有领到"


def _groups(local: Local) -> Iterator[Group]:
    groups = (
        ("区中心没有收录的", asides.refused(local)),
        ("传不出去或收不进来的", asides.parked_here(local)),
        ("没有被采纳的记录", asides.set_aside(local)),
    )
    return (group for group in groups if group[1])


def _has_none_open(group: Group) -> bool:
    return not any(row.open for row in group[1])


@blueprint.get("/status")
@needs(*STAFF)
def show() -> ResponseReturnValue:
    """The state of this node."""
    return status_page()


@blueprint.post("/status/verify")
@needs(*STAFF)
def prove() -> ResponseReturnValue:
    """Prove the journal and the registers, and show what is wrong."""
    found = verify(local().store, local().node.enrolment.root_key, whole=local().identity.author)
    try:
        return status_page(tuple(islice(found, PROBLEMS_MAX)))
    except NotAnEvent as broken:
        return status_page((f"日志里有读不出的内容：{broken}",))


def status_page(
    proven: tuple[str, ...] | None = None,
    *,
    form: Form | None = None,
    problem: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """The page as this node is now. ``proven``: what a proof found; ``problem``: why the last try
    to answer something changed nothing."""
    page = render_template(
        "node/status.html",
        card=status_card(local()),
        problems=proven,
        form=form or Form(),
        problem=problem,
        op=new_op(),
    )
    return page, status
