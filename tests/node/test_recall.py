"""Who came before for the same matter, and what already runs, is on the page before reception."""

from __future__ import annotations

import re

import pytest

from cases.folded import Visit
from node.local import Node
from sync import registers
from tests.node.casework import decided
from tests.node.conftest import NOW, Clock, Desk, line_down, receipt_all
from tests.node.receiving import AGENT, ELDERS_CARD, ID, form_op, receive, send, typed

OTHER = "110105194912310046"
DAY_S = 24 * 3600


def told(clerk: Desk, number: str = ID, code: str = ELDERS_CARD) -> None:
    """Somebody asks, leaves a number or none, and goes away with the one-time notice."""
    if number:
        assert clerk.post(f"/matters/{code}/person", {"person_number": number}).status_code == 303
    answers = {n: v for n, v in typed(code).items() if n.startswith("q-")}
    clerk.post(f"/matters/{code}/answers", answers)
    assert clerk.get(f"/matters/{code}/notice.pdf").mimetype == "application/pdf"
    clerk.post("/visits/end")


def earlier(desk: Desk, code: str = ELDERS_CARD, **fields: str) -> str:
    return desk.post(f"/matters/{code}/earlier", {"document_number": ID, **fields}).text


def newest_visit(node: Node) -> Visit:
    with node.local() as local:
        (visit, *_) = registers.newest(local.store.db, "visit")
    assert isinstance(visit, Visit)
    return visit


def test_a_visit_keeps_whose_it_was_and_what_was_told_sealed(clerk: Desk, node: Node) -> None:
    told(clerk)
    visit = newest_visit(node)
    with node.local() as local:
        events = {e.type: e for e in local.store.events(visit.number)}
        assert local.store.unseal(events["visit.identified"]) == {"document_number": ID}
        said = local.store.unseal(events["visit.asked"])
        assert said["papers"] == ["申请人居民身份证", "近期免冠证件照"]
        row = local.store.db.execute("SELECT count(*) FROM words WHERE word=?", [ID]).fetchone()
    assert row[0] == 0
    assert ID not in str([event.doc for event in events.values()])


def test_the_next_time_the_clerk_sees_the_notice_its_day_and_its_list(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    told(clerk)
    clock.forward(seconds=3 * DAY_S)
    again = Desk(clerk.client)
    again.get("/")
    page = earlier(again)
    assert "11月23日（周一）在本窗口给过一次性告知书" in page
    assert "居民身份证" in page
    assert "不怪申请人" in page
    assert earlier(again, document_number=OTHER).count("告知书") == 0
    assert "告知书" not in earlier(again, code="SCJG-000101"), "another matter"
    assert earlier(again, document_number="1101051949123").strip() == "", "not whole yet"
    assert "没有来问过这件事" in earlier(again, document_number=OTHER)


def test_what_was_noted_shows_on_the_matter_s_page_and_in_its_form_without_typing(
    clerk: Desk, node: Node
) -> None:
    told(clerk)
    clerk.post(f"/matters/{ELDERS_CARD}/person", {"person_number": ID.lower()})
    matter = clerk.get(f"/matters/{ELDERS_CARD}").text
    form = clerk.get(f"/reception/{ELDERS_CARD}?op={'0' * 16}").text
    assert "给过一次性告知书" in matter
    assert "给过一次性告知书" in form
    assert ID not in matter
    assert form.count(ID) == form.count(f'value="{ID}"') == 1, "in its field, and nowhere else"
    visit = newest_visit(node)
    clerk.post(f"/matters/{ELDERS_CARD}/person", {"person_number": ID})
    assert len(newest_visit(node).identified) == len(visit.identified) == 1, "noted once"


def test_a_visit_that_became_a_case_is_no_earlier_notice_and_the_case_is_shown(
    clerk: Desk, node: Node
) -> None:
    clerk.post(f"/matters/{ELDERS_CARD}/person", {"person_number": ID})
    clerk.post(f"/matters/{ELDERS_CARD}/asked")
    number = receive(clerk)
    clerk.post("/visits/end")
    page = earlier(clerk)
    assert "告知书" not in page
    assert "这位的同一事项正在办理" in page
    assert f'href="/cases/{number}"' in page
    assert "已收件" in page
    agent = {k: v for k, v in AGENT.items() if k == "agent_number"}
    assert number not in earlier(clerk, document_number="", **agent), "an agent has many cases"


def test_a_running_case_stops_a_form_once_and_one_that_was_seen_does_not(
    clerk: Desk, node: Node
) -> None:
    number = receive(clerk)
    op = form_op(clerk, ELDERS_CARD)
    page = send(clerk, ELDERS_CARD, typed(ELDERS_CARD, seen=[""]), op)
    assert page.status_code == 409
    assert "这位的同一事项正在办理" in page.text
    assert 'value="林小梅"' in page.text, "what was typed is kept"
    seen = re.findall(r'name="seen" value="([^"]*)"', page.text)
    assert number in seen
    again = send(clerk, ELDERS_CARD, typed(ELDERS_CARD, seen=seen), op)
    assert again.status_code == 303
    other = typed(ELDERS_CARD, seen=[""], document_number=OTHER)
    assert send(clerk, ELDERS_CARD, other).status_code == 303


def test_a_settled_case_is_not_in_the_way(lead: Desk, node: Node) -> None:
    number = receive(lead)
    decided(lead, number, delivery="window")
    assert number not in earlier(lead)


def test_with_no_line_the_page_says_that_only_this_window_was_looked_at(
    clerk: Desk, node: Node
) -> None:
    line_down(node, NOW)
    page = earlier(clerk)
    assert "只查了本窗口：网络断开" in page
    assert "where=district" not in page
    receipt_all(node, NOW)
    assert "where=district" in earlier(clerk)


def test_central_that_does_not_answer_is_said_and_what_is_known_here_stays(
    clerk: Desk, node: Node
) -> None:
    told(clerk)
    receipt_all(node, NOW)
    page = clerk.post(f"/matters/{ELDERS_CARD}/earlier?where=district", {"document_number": ID})
    assert "区中心暂时没有应答" in page.text
    assert "给过一次性告知书" in page.text


@pytest.mark.parametrize("wrong", ["", "11010519491231002", "110105194912310020", "x" * 99])
def test_a_number_that_cannot_be_is_not_noted(clerk: Desk, node: Node, wrong: str) -> None:
    clerk.post("/visits")
    clerk.post(f"/matters/{ELDERS_CARD}/person", {"person_number": wrong})
    assert newest_visit(node).identified == ()
    assert "证件号码不对" in clerk.get(f"/matters/{ELDERS_CARD}").text


def test_only_clerks_ask(mailer: Desk) -> None:
    for path in ("person", "earlier"):
        assert mailer.post(f"/matters/{ELDERS_CARD}/{path}").status_code == 403
    assert 'id="person"' not in mailer.get(f"/matters/{ELDERS_CARD}").text
