"""Second visits on the board: two notices side by side, and what the first one omitted."""

from __future__ import annotations

import pytest

from cases.numbers import visit_number
from tests.central.world import DAY, Browser, Central, Clock, MemoryDistrict, Point

ID = "35010219490312392X"
CARD, LEASE, LICENCE = "居民身份证", "房屋租赁合同", "营业执照"


@pytest.fixture
def matter(district: MemoryDistrict) -> str:
    return next(m.code for m in district.bundle.catalogue.matters if m.materials)


def visit(
    point: Point, serial: int, matter: str, *papers: str, number: str = ID, answers: str = ""
) -> str:
    subject = visit_number(point.number, DAY, serial)
    point.state("visit.opened", subject, {"window": "s-1"})
    point.state("visit.identified", subject, {"document": "resident_id"}, document_number=number)
    said = {"papers": list(papers), "answers": answers} if papers else {}
    point.state("visit.asked", subject, {"matter": matter, "title": "x"}, **said)
    point.state("visit.ended", subject, {})
    return subject


def board(supervisor: Browser, central: Central, *, every: bool = False) -> str:
    central.carry()
    return supervisor.get("/board/second" + ("?which=all" if every else "")).text


def test_what_the_first_notice_omitted_stands_beside_both_lists(
    supervisor: Browser, point: Point, centre: Point, central: Central, clock: Clock, matter: str
) -> None:
    visit(point, 1, matter, CARD)
    clock.forward(days=2)
    case = centre.receive()  # with 居民身份证 and 营业执照
    page = board(supervisor, central)
    assert f"军门社区第一次告知漏了：{LICENCE}。" in page
    assert f"<b>{LICENCE}</b>" in page
    assert page.count(CARD) == 2
    assert f"/board/cases/{case}" in page
    assert "第二次来的 1 次，其中第一次告知漏了材料的 1 次" in page
    assert not [secret for secret in (ID, "392X", "林小梅", "林*梅") if secret in page]


def test_two_notices_with_other_answers_are_told_apart(
    supervisor: Browser, point: Point, centre: Point, central: Central, clock: Clock, matter: str
) -> None:
    guide = central.district.bundle.guide
    question = guide.questions[0]
    codes = [guide.code_of({question.id: frozenset({a.id})}) for a in question.answers[:2]]
    visit(point, 1, matter, CARD, answers=codes[0])
    clock.forward(minutes=30)
    visit(centre, 1, matter, CARD, LEASE, answers=codes[1])
    page = board(supervisor, central)
    assert f"第一次告知漏了：{LEASE}。两次回答不同" in page
    for answer in question.answers[:2]:
        assert f"{question.text} {answer.text}" in page


def test_a_second_visit_that_needed_nothing_more_is_no_finding(
    supervisor: Browser, point: Point, centre: Point, central: Central, clock: Clock, matter: str
) -> None:
    visit(point, 1, matter, CARD, LICENCE, LEASE)
    visit(point, 2, matter, number="11010519491231002X")  # asked only, and never came again
    clock.forward(days=1)
    centre.receive()
    assert "没有漏了材料的第二次来访" in board(supervisor, central)
    assert "第一次告知没有漏。" in board(supervisor, central, every=True)


def test_a_first_visit_without_a_notice_says_so(
    supervisor: Browser, point: Point, central: Central, clock: Clock, matter: str
) -> None:
    visit(point, 1, matter)
    clock.forward(days=1)
    point.receive()
    page = board(supervisor, central, every=True)
    assert "军门社区第一次没有给一次性告知书。" in page
    assert "没有给材料清单" in page


def test_each_visit_is_compared_with_the_one_before_it_and_none_twice(
    supervisor: Browser, point: Point, centre: Point, central: Central, clock: Clock, matter: str
) -> None:
    for serial, papers in enumerate(([CARD], [CARD, LEASE], [CARD, LEASE, LICENCE]), 1):
        visit(point if serial != 2 else centre, serial, matter, *papers)
        clock.forward(days=1)
    page = board(supervisor, central)
    assert "其中第一次告知漏了材料的 2 次" in page
    assert f"军门社区第一次告知漏了：{LEASE}" in page
    assert f"第一次告知漏了：{LICENCE}" in page
    assert page.count('class="panel second"') == 2


def test_a_visit_of_which_a_case_came_is_no_first_visit(
    supervisor: Browser, point: Point, central: Central, clock: Clock, matter: str
) -> None:
    first = visit(point, 1, matter, CARD)
    point.receive(visit=first)
    clock.forward(days=1)
    again = visit(point, 2, matter, CARD, LEASE)
    point.receive(visit=again)
    assert "第二次来的 0 次" in board(supervisor, central)
    clock.forward(days=1)
    visit(point, 3, matter, CARD)
    clock.forward(days=1)
    point.receive(visit=visit(point, 4, matter, CARD))
    assert "第二次来的 1 次" in board(supervisor, central), "the case alone, and not its visit too"


def test_only_supervisors_see_it(stranger: Browser, supervisor: Browser) -> None:
    assert "区中心登录" in stranger.get("/board/second").text
    assert "没有第二次来访" in supervisor.get("/board/second?which=all").text
    assert 'href="/board/second"' in supervisor.get("/board/").text
