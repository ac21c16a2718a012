"""Scans as tests say them in one line: files, attaching at a window, and an agent's blob loop."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.test import TestResponse

from cases.numbers import SubjectKind
from node.blob_loop import BlobLoop
from node.local import Node
from node.scans import id_of
from sync.blobs.memory import MemoryBlobs
from sync.blobs.ports import BlobRemote
from tests.cases.facts import least
from tests.node.casework import case_of, op_in
from tests.node.conftest import CENTRE, Desk
from tests.node.pictures import jpeg, pdf

PDF = pdf() + b"\n%lin xiaomei, 35010219490312392X" * 12_000
JPEG = jpeg()


def receive(node: Node) -> str:
    """A case of the market supervision that the district decides, as its reception states it."""
    paper = {"position": 1, "name": "营业执照", "handling": "copy_kept", "taken": True}
    data = {**least("case.received"), "title": "食品经营许可", "deciding": CENTRE,
            "department": "SCJG", "materials": [paper]}  # fmt: skip
    person = {"name": "林小梅", "document_number": "35010219490312392X", "phone": "13805911234"}
    with node.local() as local, local.writing() as w:
        number = w.new_number(SubjectKind.CASE)
        w.state("case.received", number, data, actor="s-c1", sealed=person)
        w.state("case.forwarded", number, {"to": CENTRE, "department": "SCJG"}, actor="s-c1")
    return number


def attach(
    desk: Desk, number: str, body: bytes = PDF, file: str = "林小梅的户口簿.pdf", **more: str
) -> TestResponse:
    """Send the form of the case page."""
    op = more.pop("op", "") or op_in(desk.get(f"/cases/{number}"))
    fields = {"op": op, "position": "0", **more, "file": (io.BytesIO(body), file)}
    return desk.post(f"/cases/{number}/scans", fields)


def attached(desk: Desk, node: Node, number: str, body: bytes = PDF, **more: str) -> str:
    """Attach a scan. :returns: the name of its blob."""
    answer = attach(desk, number, body, **more)
    assert answer.status_code == 303, answer.text
    return case_of(node, number).scans[-1].blob


def open_scan(desk: Desk, node: Node, number: str) -> TestResponse:
    """Press the button of a case's last scan, and go where it leads."""
    desk.get(f"/cases/{number}")
    scan = case_of(node, number).scans[-1]
    answer = desk.post(f"/cases/{number}/scans/{id_of(scan)}")
    return desk.get(answer.location) if answer.status_code == 303 else answer


@contextmanager
def blob_loop(node: Node, remote: BlobRemote) -> Iterator[BlobLoop]:
    """The blob loop of a node's agent, to be stepped by hand."""
    store = node.open_store()
    try:
        yield BlobLoop(store, node.blobs, remote, node.point.code, node.clock)
    finally:
        store.close()


def carry(node: Node, remote: BlobRemote, *, steps_max: int = 100) -> int:
    """Step a node's loop until nothing is left to do. :returns: how many steps did something."""
    with blob_loop(node, remote) as loop:
        for count in range(steps_max):
            if not loop.step():
                return count
    raise AssertionError(f"never done in {steps_max} steps")


def central_has(remote: MemoryBlobs) -> set[str]:
    return set(remote.whole)


def words_of(answer: TestResponse) -> str:
    return re.sub(r"<[^>]+>|\s+", "", answer.text)
