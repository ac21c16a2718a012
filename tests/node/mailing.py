"""Parcels that wait at a point's mail desk, made without a case: papers to another point."""

from __future__ import annotations

from cases.papers import TO_AUTHORITY
from node.local import Node
from node.parcels import office, pack
from node.print_loop import draw_next
from tests.node.casework import op_in
from tests.node.conftest import CENTRE, HERE, Desk

LOOKED = {"looked": "all"}  # one key: all of it was looked at
PAPERS = {"case": "GL031-261122-0042-K", "position": 1, "name": "申请书"}


def packed(node: Node, count: int) -> list[str]:
    """So many parcels with no waybill yet."""
    with node.local() as local, local.writing() as w:
        to = HERE if local.point.code == CENTRE else CENTRE
        recipient = office(local.bundle.directory, to)
        return [
            pack(
                w,
                actor="s-m1",
                directory=local.bundle.directory,
                purpose=TO_AUTHORITY,
                cases=[],
                contents=[PAPERS],
                recipient=recipient,
                to_point=to,
            )
            for _ in range(count)
        ]


def printed(desk: Desk, node: Node, count: int) -> list[str]:
    """So many parcels with a waybill on them, looked at: ready to be listed for a courier."""
    numbers = packed(node, count)
    op = op_in(desk.get("/mail"))
    answer = desk.post("/mail/print", {"op": op, "parcels": numbers, **LOOKED})
    assert answer.status_code == 303, answer.text
    draw(node)
    return numbers


def draw(node: Node) -> None:
    """What the agent does once the window has entered a batch."""
    with node.local() as local:
        while draw_next(local):
            pass


def listed(desk: Desk, numbers: list[str]) -> str:
    """Make a manifest of parcels through the page. :returns: its number."""
    op = op_in(desk.get("/mail"))
    answer = desk.post("/mail/manifest", {"op": op, "parcels": numbers})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"].rsplit("/", 1)[1])
