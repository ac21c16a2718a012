"""A visit: opened by the first thing done, ended by the clerk, one a window."""

from __future__ import annotations

from cases.folded import Visit
from node.local import Node
from sync import registers
from tests.node.conftest import Clock, Desk
from tests.node.receiving import ELDERS_CARD, receive


def visits_of(node: Node) -> list[Visit]:
    with node.local() as local:
        found = registers.newest(local.store.db, "visit")
    return [v for v in found if isinstance(v, Visit)]


def test_a_question_is_recorded_in_a_visit(clerk: Desk, node: Node) -> None:
    clerk.post(f"/matters/{ELDERS_CARD}/asked")
    clerk.post("/matters/SCJG-000101/asked")
    (visit,) = visits_of(node)
    assert visit.asked == (ELDERS_CARD, "SCJG-000101")
    assert "咨询 2 项" in clerk.get("/").text


def test_asking_about_an_unknown_matter_is_not_recorded(clerk: Desk, node: Node) -> None:
    assert clerk.post("/matters/NO-1/asked").status_code == 404
    assert visits_of(node) == []


def test_one_click_begins_and_one_ends(clerk: Desk, node: Node) -> None:
    clerk.post("/visits")
    clerk.post("/visits")
    assert [v.state.value for v in visits_of(node)] == ["open"]
    assert "正在接待" in clerk.get("/").text
    clerk.post("/visits/end")
    assert [v.state.value for v in visits_of(node)] == ["ended"]
    page = clerk.post("/visits/end", follow_redirects=True).text
    assert "现在没有正在接待的人" in page


def test_two_windows_serve_two_people(clerk: Desk, lead: Desk, node: Node) -> None:
    clerk.post("/visits")
    lead.post("/visits")
    assert len(visits_of(node)) == 2
    clerk.post("/visits/end")
    assert sorted(v.state.value for v in visits_of(node)) == ["ended", "open"]


def test_a_visit_left_open_overnight_ends_with_the_next_one(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    receive(clerk)
    clock.forward(seconds=24 * 3600)
    again = Desk(clerk.client)
    again.get("/")
    assert "等下一位" in again.get("/").text
    again.post("/visits")
    assert sorted(v.state.value for v in visits_of(node)) == ["ended", "open"]


def test_only_clerks_serve(mailer: Desk, node: Node) -> None:
    for path in ("/visits", "/visits/end", f"/matters/{ELDERS_CARD}/asked"):
        assert mailer.post(path).status_code == 403
    assert visits_of(node) == []
