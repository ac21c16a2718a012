"""承诺 at the window: ticked instead of a paper, owed on a list, kept with one press."""

from __future__ import annotations

import re

from cases.undertakings import pending
from node.local import Node
from node.whereabouts import place_of
from sync.bundle import load_bundle
from tests.node.casework import case_of, op_in
from tests.node.conftest import HERE, Clock, Desk
from tests.node.receiving import ELDERS_CARD, receive, send, typed

DAY_S = 24 * 3600


def of_promises() -> tuple[str, str]:
    """A matter that allows a promise, and a paper of it that may be promised."""
    for matter in load_bundle().catalogue.matters:
        taken = set(typed(matter.code)["paper"]) if matter.commitment else set()
        for spec in matter.materials:
            if str(spec.position) in taken and not spec.identity:
                return matter.code, str(spec.position)
    raise AssertionError("no matter allows a promise")


CODE, PAPER = of_promises()


def promise(desk: Desk, **more: str) -> str:
    papers = [p for p in typed(CODE)["paper"] if p != PAPER]
    return receive(desk, CODE, paper=papers, promise=PAPER, **more)


def test_a_paper_may_be_promised_and_the_day_is_proposed(clerk: Desk, node: Node) -> None:
    number = promise(clerk, **{f"due-{PAPER}": "2026-12-07"})
    (owed,) = pending(case_of(node, number))
    assert (str(owed.position), owed.undertaken, owed.taken) == (PAPER, "2026-12-07", False)
    page = clerk.get(f"/cases/{number}/received").text
    paper = f"/cases/{number}/undertaking.pdf?owed={PAPER}"
    assert paper in page
    assert clerk.get(paper).mimetype == "application/pdf"
    assert "12月7日" in page
    answer = send(clerk, CODE, {**typed(CODE), "paper": []})
    assert f'id="f-due-{PAPER}" value="2026-12-07"' in answer.text, "ten working days"


def test_a_promise_has_a_day_and_a_matter_that_allows_it(clerk: Desk) -> None:
    papers = [p for p in typed(CODE)["paper"] if p != PAPER]
    for day, words in (("", "请填承诺补交的日期"), ("2026-11-01", "要在明天以后")):
        fields = typed(CODE, paper=papers, promise=PAPER, **{f"due-{PAPER}": day})
        answer = send(clerk, CODE, fields)
        assert (answer.status_code, words in answer.text) == (422, True)
    some = typed(ELDERS_CARD)["paper"]
    fields = typed(ELDERS_CARD, paper=some[1:], promise=some[0], **{f"due-{some[0]}": "2026-12-07"})
    answer = send(clerk, ELDERS_CARD, fields)
    assert (answer.status_code, "还缺" in answer.text) == (422, True)
    assert 'name="promise"' not in answer.text


def test_what_is_owed_is_listed_with_its_light_and_kept_once(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    assert "没有要补的材料" in clerk.get("/undertakings").text
    number = promise(clerk, **{f"due-{PAPER}": "2026-11-25"})
    page = clerk.get("/undertakings")
    assert number in page.text
    assert 'data-light="green"' in page.text
    assert "过期" not in clerk.get("/").text
    clock.forward(seconds=3 * DAY_S)
    assert "承诺补交的材料已经过期" in clerk.get("/").text
    assert 'data-light="red"' in clerk.get("/undertakings").text
    op = op_in(page)
    for _ in range(2):
        answer = clerk.post(f"/undertakings/{number}", {"op": op, "position": PAPER})
        assert answer.status_code == 303
    case = case_of(node, number)
    assert pending(case) == ()
    with node.local() as local:
        late = next(m for m in case.materials if m.undertaken)
        parcels = local.store.parcels_of(number)
    assert len(parcels) == 1, "what was there was packed"
    assert place_of(case, late, parcels, str).point == HERE, "what came later is not in it"
    assert [s.type for s in case.steps].count("case.undertaking_kept") == 1
    assert number not in clerk.get("/undertakings").text
    again = clerk.post(f"/undertakings/{number}", {"op": "0" * 16, "position": PAPER})
    assert (again.status_code, "已经补过" in again.text) == (409, True)


def test_nothing_ticked_and_nobody_s_business_are_told(clerk: Desk, mailer: Desk) -> None:
    number = promise(clerk, **{f"due-{PAPER}": "2026-12-07"})
    op = op_in(clerk.get("/undertakings"))
    answer = clerk.post(f"/undertakings/{number}", {"op": op})
    assert (answer.status_code, "请勾选" in answer.text) == (400, True)
    assert mailer.get("/undertakings").status_code == 403
    assert re.search("书面承诺补交", clerk.get(f"/cases/{number}").text)
