"""The events that are measured with: a busy point's cases, signed and sealed by a real store.

One event has about 600 bytes, and half of them have a sealed part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cases.numbers import SubjectKind
from sync.canonical import canonical
from sync.envelopes import Envelopes
from sync.sign import certify
from sync.store import envelope_doc
from sync.writing import Writing
from tests.cases.facts import CENTRE, least
from tests.sync.cast import CENTRAL_BOX, NOW, ROOT, SEALED, Desk

CASE_EVENTS = 4
SLIP = {
    "name": "林小梅", "phone": "13805915678", "province": "福建省", "city": "福州市",
    "county": "鼓楼区", "street": "东街街道军门社区12号楼3单元502室", "region": "350102",
}  # fmt: skip
AT_ONCE = 100
DELIVERED_AT_ONCE = 200
Doc = dict[str, Any]


def state_case(w: Writing, to: str = CENTRE) -> str:
    """One case as a point takes it in: received, the slip filled in and looked at, forwarded."""
    number = _received(w, to)
    filled = {**least("slip.filled"), "channel": "counter"}
    slip = w.state("slip.filled", number, filled, actor="s-1", sealed=SLIP)
    w.state("slip.confirmed", number, {"slip": slip.id}, actor="s-1")
    w.state("case.forwarded", number, {"to": to, "department": ""}, actor="s-1")
    return number


def state_forwarded(w: Writing, to: str) -> str:
    """A case received and forwarded. :returns: the id of the forwarding."""
    number = _received(w, to)
    return w.state("case.forwarded", number, {"to": to, "department": ""}, actor="s-1").id


def _received(w: Writing, to: str) -> str:
    number = w.new_number(SubjectKind.CASE)
    data = {**least("case.received"), "title": "敬老卡", "deciding": to}
    w.state("case.received", number, data, actor="s-1", sealed=SEALED)
    return number


def fill(desk: Desk, events: int) -> None:
    """Write so many events, in transactions of some hundred."""
    for start in range(0, events, AT_ONCE):
        with desk.writing() as w:
            for _ in range(0, min(AT_ONCE, events - start), CASE_EVENTS):
                state_case(w)


def inbox_docs(desk: Desk) -> list[Doc]:
    """What delivery puts into the inbox of the owner of central's test box, batch by batch."""
    cert = certify(
        ROOT, author=desk.author, sign_key=desk.signer.public, box_key=desk.box.public, at=NOW
    )
    docs: list[Doc] = []
    while events := desk.store.of_author(desk.author, len(docs), DELIVERED_AT_ONCE):
        envelopes = Envelopes(desk.store, [CENTRAL_BOX.public])
        for event in events:
            envelope = envelopes.of(event)._replace(cert=cert, heard=NOW)
            docs.append(envelope_doc(event.id, envelope))
    return docs


def sizes(docs: Sequence[Doc]) -> tuple[float, float]:
    """The mean bytes of an event, and of the document that carries it."""
    events = [len(canonical(doc["event"])) for doc in docs]
    whole = [len(canonical(doc)) for doc in docs]
    return sum(events) / len(docs), sum(whole) / len(docs)
