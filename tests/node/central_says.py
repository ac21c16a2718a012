"""What central states, made by hand: signed, sealed, and merged as a pull would merge it."""

from __future__ import annotations

from typing import Any

from cases.events import event_id, parse
from cases.numbers import visit_number
from cases.times import day_of
from node.local import Node
from sync.canonical import digest
from sync.seal import new_key, seal, wrap_to
from sync.sign import Signer, certify
from sync.store import Envelope, Store
from sync.writing import next_k
from tests.node.conftest import ROOT

AUTHOR = "central.test0001"
SIGNER = Signer.new()
SLIP = {
    "province": "350000",
    "city": "350100",
    "county": "350102",
    "region": "福建省福州市鼓楼区",
    "street": "东街街道军门社区12号楼3单元502室",
}


def state(
    node: Node, type: str, subject: str, data: Any, sealed: Any = None, *, actor: str = "central"
) -> str:
    """One fact stated by central and known to this node. :returns: the event's id."""
    with node.local() as local:
        store = local.store
        if store.head(AUTHOR)[0] == 0:
            opened = {"sign_key": SIGNER.public, "box_key": "-", "software": "t", "range": "plain"}
            _merge(node, store, "store.opened", AUTHOR, opened, None)
        return _merge(node, store, type, subject, data, sealed, actor)


def _merge(
    node: Node, store: Store, type: str, subject: str, data: Any, sealed: Any,
    actor: str = "central",
) -> str:  # fmt: skip
    n, prev = store.head(AUTHOR)
    id = event_id(subject, next_k(store, subject), AUTHOR)
    doc = {
        "id": id, "v": 1, "type": type, "at": node.clock(), "author": AUTHOR, "n": n + 1,
        "actor": actor, "data": data, "prev": prev,
    }  # fmt: skip
    key = new_key()
    if sealed:
        known = store.subject_key(subject, AUTHOR)
        key = known or key
        doc["sealed"] = seal(key, id, sealed)
    event = parse(SIGNER.sign(doc))
    keys = (wrap_to(node.box.public, key),) if sealed else ()
    cert = certify(ROOT, author=AUTHOR, sign_key=SIGNER.public, box_key="-", at=node.clock())
    merged = store.merge([Envelope(event, keys, cert, node.clock())])
    assert merged.new, merged
    assert digest(event.doc)
    return id


def poster_slip(node: Node, serial: int = 0, **changed: str) -> str:
    """Somebody in the queue filled in a slip from this point's poster. :returns: the visit."""
    with node.local() as local:
        count = local.store.db.execute("SELECT count(*) FROM subjects WHERE kind='visit'")
        serial = serial or 9000 + int(count.fetchone()[0])
    number = visit_number(node.point.number, day_of(node.clock()), serial)
    fields = {"name": "林小梅", "phone": "13805911234", **SLIP, **changed}
    state(node, "slip.filled", number, {"channel": "poster"}, fields)
    return number


def receipt_slip(node: Node, case: str, **changed: str) -> str:
    """The applicant filled in the slip of a receipt. :returns: the event's id."""
    fields = {"name": "林小梅", "phone": "13805911234", **SLIP, **changed}
    return state(node, "slip.filled", case, {"channel": "receipt"}, fields)
