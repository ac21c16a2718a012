"""The supervisors' board: what is late, where, whose; every figure opens the list behind it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from cases.numbers import parcel_number
from sync import bell
from tests.central.world import CENTRE, DAY, HERE, PIN, Browser, Central, Clock, Point

PAGES = ("", "late", "cases", "tasks", "points", "parcels", "aside", "refused", "own")


@pytest.fixture
def busy(point: Point, centre: Point, central: Central, clock: Clock) -> dict[str, str]:
    """Cases in several states: one late, one in the post, one with a fact set aside."""
    clock.now = "2026-11-02T01:00:00Z"
    late = point.receive()
    clock.now = "2026-11-23T01:00:00Z"
    forwarded = point.receive(deciding=CENTRE)
    point.state("case.forwarded", forwarded, {"to": CENTRE, "department": "SCJG"})
    centre.state("case.closed", forwarded, {})
    done = point.receive()
    point.decide(done)
    parcel = point.post(done)
    clock.now = "2026-11-23T01:31:05Z"
    central.carry()
    return {"late": late, "forwarded": forwarded, "done": done, "parcel": parcel}


def rows(page: str) -> int:
    return page.count("<tr>") - 1 if "<tbody>" in page else 0


def test_strangers_and_couriers_may_not_see_it(stranger: Browser, app: Flask) -> None:
    for page in PAGES:
        assert "区中心登录" in stranger.get(f"/board/{page}").text
    stranger.get("/courier/in/")
    stranger.post("/courier/in/", {"login": "1001", "password": PIN})
    assert "区中心登录" in stranger.get("/board/").text


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_in_an_empty_district(supervisor: Browser, page: str) -> None:
    answer = supervisor.get(f"/board/{page}")
    assert answer.status_code == 200
    assert "还没有收到数据" in answer.text


def test_every_figure_opens_a_list_of_that_length(
    supervisor: Browser, busy: dict[str, str]
) -> None:
    page = supervisor.get("/board/").text
    figures = re.findall(r'<li><a href="([^"]+)"><b>(\d+)</b><span>([^<]+)', page)
    assert len(figures) > 20
    for url, count, words in figures:
        listing = supervisor.get(url.replace("&amp;", "&")).text
        if "/board/points" not in url:
            assert rows(listing) == int(count), words
    assert ("/board/late", "1", "超期办件") in figures
    assert ("/board/aside", "1", "未被采纳的记录") in figures


def brought_unheard(point: Point, centre: Point, central: Central) -> str:
    """A case that its point closed, while 区中心 without a line took a better original in."""
    number = point.receive()
    point.state("case.correction_noticed", number, {"defects": [], "whole": True, "days": 10})
    central.carry()
    centre.ks[number] = 2
    centre.state("case.shown", number, {}, token=point.token(number))
    centre.state("case.supplemented", number, {"positions": [2], "how": "brought"})
    point.ks[number] = 4
    point.state("case.accepted", number, {})
    point.state("case.approved", number, {})
    done = {"result": "none", "delivery": "none", "filed": [2], "brought": [""]}
    point.state("case.completed", number, done)
    point.state("case.closed", number, {})
    central.carry()
    return number


def test_what_came_to_a_case_closed_meanwhile_is_asked_of_the_point_where_it_lies(
    supervisor: Browser, resident: Browser, point: Point, centre: Point, central: Central
) -> None:
    number = brought_unheard(point, centre, central)
    tasks = supervisor.get("/board/tasks?kind=give_back").text
    assert number in tasks
    assert "行政服务中心" in tasks
    of_point = supervisor.get(f"/board/points/{HERE}").text
    assert "手里的办件 0" in of_point
    assert "现在手里没有办件" in of_point, "it is closed, and no longer in anybody's hands"
    page = f"/T/{point.token(number)}"
    assert "后来才知道还收过您的原件，在" in resident.get(page).text
    assert "found later" in resident.get(f"{page}?lang=en").text
    given = {"result": False, "positions": [2], "to": "applicant"}
    centre.ks[number] = 8
    centre.state("case.handed_out", number, given, receiver="林小梅", checked="身份证")
    central.carry()
    assert "您不用再做什么" in resident.get(f"{page}?lang=zh").text
    assert number not in supervisor.get("/board/tasks").text


def test_what_is_late_says_whose_it_is(supervisor: Browser, busy: dict[str, str]) -> None:
    page = supervisor.get("/board/late").text
    assert busy["late"] in page
    assert "已视为受理，超期" in page
    assert "区中心督办" in page
    assert "军门社区" in page
    assert busy["forwarded"] not in page


def test_a_case_shows_its_steps_and_nobody_s_data(
    supervisor: Browser, busy: dict[str, str], central: Central
) -> None:
    for number in busy.values():
        kind = "parcels" if number.startswith("P") else "cases"
        page = supervisor.get(f"/board/{kind}/{number}").text
        assert number in page
        for secret in ("林小梅", "林*梅", "1380591", "392X", "12号楼"):
            assert secret not in page
    assert "未被采纳：" in supervisor.get(f"/board/cases/{busy['forwarded']}").text


def test_a_fact_that_central_carries_says_so(
    supervisor: Browser, busy: dict[str, str], central: Central
) -> None:
    number, author = busy["late"], f"{HERE}.k3f9"
    original = {
        "id": f"{number}:0002-{author}", "v": 1, "type": "case.withdrawal_requested",
        "at": "2026-11-23T02:00:00Z", "author": author, "n": 9, "actor": "s-1", "data": {},
        "prev": "", "sig": "ed25519:x",
    }  # fmt: skip
    assert "区中心转录" not in supervisor.get(f"/board/cases/{number}").text
    data = {"event": original, "cert": {}}
    central.author.state(central.router, "event.carried", number, data, actor="intake")
    central.carry()
    assert supervisor.get(f"/board/cases/{number}").text.count("区中心转录") == 1


@pytest.mark.parametrize(
    "path",
    ["cases/GL031-261123-9999-X", "parcels/x", "points/1", "cases?state=x", "parcels?state=y"],
)
def test_what_does_not_exist_is_said_so(supervisor: Browser, path: str) -> None:
    assert supervisor.get(f"/board/{path}").status_code == 404


def test_points_show_when_they_were_last_heard_from(
    supervisor: Browser, central: Central, clock: Clock
) -> None:
    bells = central.server.database(bell.NAME)
    clock.now = "2026-11-23T01:30:00Z"
    bell.ring(bells, HERE, author=f"{HERE}.t031", n=3, at=clock.now, software="0.1.0")
    clock.now = "2026-11-22T20:00:00Z"
    bell.ring(bells, CENTRE, author=f"{CENTRE}.t001", n=0, at=clock.now, software="0.1.0")
    clock.now = "2026-11-23T01:31:05Z"
    page = supervisor.get("/board/points").text
    assert page.index("断线较久") < page.index("在线") < page.index(">从未联系")
    assert page.count("从未联系") >= 79
    one = supervisor.get(f"/board/points/{HERE}").text
    assert "3 条" in one
    assert "1 分钟前" in one


def test_with_the_store_away_the_board_still_shows_what_it_knows(
    supervisor: Browser, central: Central, busy: dict[str, str]
) -> None:
    central.cut_line()
    assert "现在查不到" in supervisor.get("/board/points").text
    assert busy["late"] in supervisor.get("/board/").text
    central.mend_line()


def test_old_data_is_called_old(supervisor: Browser, busy: dict[str, str], clock: Clock) -> None:
    assert "数据截至 09:31" in supervisor.get("/board/").text
    clock.forward(minutes=3)
    page = supervisor.get("/board/").text
    assert "不是最新" in page
    assert "数据截至 09:31" in page


def spoil(central: Central, n: int) -> None:
    """Somebody alters an event on its way; central refuses it."""
    outbox = central.server.database(f"outbox-{HERE}")
    doc = next(d for d in outbox.range("", "~", limit=100) if d["event"]["n"] == n)
    doc["event"]["data"]["title"] = "altered on the way"
    outbox.put(doc)
    central.carry()
    central.carry()


def in_order(page: str, *words: str) -> bool:
    """Whether the words stand in a list in this order."""
    places = [page.index(word, page.index("<tbody>")) for word in words]
    return places == sorted(places)


def test_a_refused_event_is_seen(supervisor: Browser, point: Point, central: Central) -> None:
    number = point.receive()
    spoil(central, 2)
    page = supervisor.get("/board/refused").text
    assert f"{HERE}.t031" in page
    assert number not in page


def test_refusals_say_since_when_and_what_was_answered_the_longest_waiting_first(
    supervisor: Browser, point: Point, central: Central, clock: Clock
) -> None:
    point.receive()
    spoil(central, 2)
    clock.forward(days=1)
    point.receive()
    spoil(central, 3)
    assert '<a href="/board/refused"><b>2</b>' in supervisor.get("/board/").text
    page = supervisor.get("/board/refused").text
    assert in_order(page, "第 2 条", "第 3 条")
    assert "1 天前" in page
    assert rows(supervisor.get("/board/tasks?kind=review_refused").text) == 2
    answer = {"author": point.author, "n": 2, "how": "corrected"}
    point.ks[point.author] = 9  # it has heard what central said
    point.state("store.refusal_answered", point.author, answer, words="打过电话")
    central.carry()
    assert '<a href="/board/refused"><b>1</b>' in supervisor.get("/board/").text
    assert "第 2 条" not in supervisor.get("/board/refused").text
    page = supervisor.get("/board/refused?which=all").text
    assert in_order(page, "第 3 条", "还没有答复", "第 2 条", "已用新记录改正（军门社区 s-1，")
    assert "打过电话" not in page


def test_facts_set_aside_say_whose_answer_they_wait_for_and_what_it_was(
    supervisor: Browser, point: Point, centre: Point, central: Central, clock: Clock
) -> None:
    first, second = point.receive(), point.receive()
    vain = point.state("case.closed", first, {})
    clock.forward(days=1)
    centre.state("case.closed", second, {})
    central.carry()
    page = supervisor.get("/board/aside").text
    assert in_order(page, first, "等军门社区答复", second, "等鼓楼区行政服务中心答复")
    assert "已收件：不能归档" in page
    assert rows(supervisor.get("/board/tasks?kind=review_set_aside").text) == 2
    assert "未被采纳" in supervisor.get(f"/board/points/{CENTRE}").text
    point.state("aside.answered", first, {"event": vain, "how": "no_need"}, words="点错了")
    central.carry()
    assert first not in supervisor.get("/board/aside").text
    page = supervisor.get("/board/aside?which=all").text
    assert in_order(page, second, first, "核实过，不用再做什么（军门社区 s-1，")
    assert "点错了" not in page
    assert "核实过，不用再做什么" in supervisor.get(f"/board/cases/{first}").text


def test_what_central_stated_of_nothing_known_waits_at_the_point_of_its_number(
    supervisor: Browser, point: Point, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    point.receive()
    central.carry()
    monkeypatch.setattr("central.author.permit", lambda *given: None)  # it was permitted then
    report = {"op": "1", "when": "2026-11-23T01:00:00Z", "to": "self"}
    number = parcel_number(point.number, DAY, 99)
    central.author.state(central.router, "parcel.delivered", number, report, actor="c-1")
    central.carry()
    page = supervisor.get(f"/board/tasks?point={HERE}").text
    assert number in page
    assert number in supervisor.get("/board/aside").text


def test_that_nothing_was_ever_set_aside_or_refused_is_said_apart_from_nothing_waits(
    supervisor: Browser, central: Central
) -> None:
    for page, words in (("aside", "没有未被采纳的记录"), ("refused", "没有拒收的记录")):
        assert words in supervisor.get(f"/board/{page}?which=all").text
        assert words not in supervisor.get(f"/board/{page}").text
