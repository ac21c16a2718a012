"""Every one of the 998 matters is received over one node's HTTP, by the routes of the catalogue."""

from __future__ import annotations

from markupsafe import escape

from cases.states import CaseState
from node.local import Node
from sync import registers
from sync.bundle import load_bundle
from sync.verify import verify
from tests.node.conftest import HERE, ROOT, Desk
from tests.node.receiving import typed

MATTERS = 998


def test_all_matters_are_received_at_one_window(clerk: Desk, node: Node) -> None:
    directory = load_bundle().directory
    homes = {"district": directory.centre.code, "subdistrict": f"{HERE[:9]}000", "community": HERE}
    matters = load_bundle().catalogue.matters
    assert len(matters) == MATTERS
    for count, matter in enumerate(matters):
        fields = typed(matter.code) | {"op": f"{count:016x}"}
        answer = clerk.post(f"/reception/{matter.code}", fields)
        assert answer.status_code == 303, (matter.code, answer.text)
        number = answer.headers["Location"].split("/")[2]
        assert number[13:17] == f"{count + 1:04d}"
    with node.local() as local:
        found = {c.matter: c for c in registers.newest(local.store.db, "case", limit=2 * MATTERS)}
        assert len(found) == MATTERS
        for matter in matters:
            case = found[matter.code]
            assert case.holder == homes[matter.level], matter.code
            here = case.holder == HERE
            assert case.state is (CaseState.RECEIVED if here else CaseState.FORWARDED)
            assert not case.set_aside
        problems = list(verify(local.store, ROOT.public, whole=local.identity.author))
    assert problems == []


def test_every_form_opens(clerk: Desk) -> None:
    for count, matter in enumerate(load_bundle().catalogue.matters[::13]):
        answer = clerk.get(f"/reception/{matter.code}?op={count:016x}")
        assert answer.status_code == 200
        for paper in matter.materials:
            assert escape(paper.name) in answer.text
            assert (f'id="f-paper-{paper.position}"' in answer.text) >= paper.required
