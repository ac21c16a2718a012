"""What only central can answer is a task of the supervisors: seen, looked into, answered once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cases import aside
from cases.aside import Aside, NotCounted, Offer, Refusal
from central.answers import LOOKED_INTO
from central.author import OUTBOX
from central.board import own_in, picture
from central.portal_db import open_portal_db
from central.web import create_app
from sync.canonical import digest
from sync.errors import DoorstepError
from sync.ports import Doc
from sync.push import outbox_id
from sync.seal import Wrap
from tests.central.world import CENTRE, HERE, PIN, TYPED, Browser, Central, MemoryDistrict, Point

WORDS = "已请军门社区打电话给申请人"
STRANGE = f"{CENTRE}.zzzz"


def own(district: MemoryDistrict, *, answered: bool = False) -> list[NotCounted]:
    store = district.open_store()
    try:
        return own_in(store, answered=answered)
    finally:
        store.close()


def offer_in_vain(central: Central, point: Point, *, party: str = CENTRE) -> Doc:
    """A party offers what another point received, and a byte of it was altered.

    It happens when central was restored and that point's PC is lost. :returns: how it was whole.
    """
    outbox = central.server.database(f"outbox-{point.code}")
    doc = outbox.get(outbox_id(point.author, 2))
    assert doc is not None
    outbox.bulk([{"_id": doc["_id"], "_rev": doc["_rev"], "_deleted": True}])
    offered = {**doc, "event": {**doc["event"], "actor": "somebody else"}}
    offered.pop("_rev")
    central.server.database(f"outbox-{party}").put(offered)
    central.carry()
    central.carry()
    return doc


def spoil_own(central: Central, event: str) -> None:
    """Somebody alters what a process of central wrote, before the router reads it."""
    outbox = central.server.database(OUTBOX)
    doc = next(d for d in outbox.range("", "~", limit=100) if d["event"]["id"] == event)
    doc["event"] = {**doc["event"], "actor": "somebody else"}
    outbox.put(doc)
    central.carry()
    central.carry()


def late_slip(central: Central, point: Point, monkeypatch: pytest.MonkeyPatch) -> str:
    """A resident fills in a slip for a case that was closed meanwhile."""
    number = point.receive()
    point.state("case.not_accepted", number, {}, reason="不属于")
    point.state("case.closed", number, {})
    central.carry()
    with monkeypatch.context() as allowed:
        allowed.setattr("central.author.permit", lambda *given: None)  # it was permitted then
        sealed = {"name": "林小梅", "street": TYPED["street"]}
        central.author.state(
            central.router, "slip.filled", number, {"channel": "receipt"}, actor="resident",
            sealed=sealed,
        )  # fmt: skip
    central.carry()
    return number


def open_first(supervisor: Browser) -> str:
    """Open the first thing in the list. :returns: its address."""
    page = supervisor.get("/board/own").text
    found = re.search(r'<tbody><tr><td[^>]*><a href="([^"]+)"', page)
    assert found, page
    supervisor.get(found[1])
    return found[1]


def press(
    browser: Browser, url: str, *, op: str = "", how: str = "told", words: str = WORDS
) -> str:
    """Send the form of the page that is open."""
    assert browser.page is not None
    shown = re.search(r'name="op" value="([^"]+)"', browser.page.text)
    op = op or (shown[1] if shown else "")
    return browser.post(url, {"op": op, "how": how, "words": words}).text


@pytest.fixture
def lost(central: Central, point: Point) -> Doc:
    point.receive()
    return offer_in_vain(central, point)


# what is a task here


def test_an_offer_that_could_not_be_taken_in_is_a_task_of_the_supervisors(
    supervisor: Browser, central: Central, district: MemoryDistrict, lost: Doc, point: Point
) -> None:
    (found,) = own(district)
    assert isinstance(found, Offer)
    assert (found.author, found.n, found.offered_by) == (point.author, 2, CENTRE)
    assert (found.why, found.what) == ("签名不符", "case.received")
    assert '<a href="/board/own"><b>1</b>' in supervisor.get("/board/").text
    assert lost["event"]["id"].partition(":")[0] in supervisor.get("/board/own").text
    assert "补送不进" in supervisor.get("/board/tasks?kind=review_offer").text


def test_offered_again_it_is_stated_once_and_other_content_again(
    central: Central, district: MemoryDistrict, lost: Doc, point: Point
) -> None:
    for actor in ("somebody else", "somebody else", "and another"):
        doc = {"_id": lost["_id"], "event": {**lost["event"], "actor": actor}}
        known = central.server.database(f"outbox-{CENTRE}").get(doc["_id"])
        assert known is None
        central.server.database(f"outbox-{CENTRE}").put(doc)
        central.carry()
    central.carry()
    assert len(own(district)) == 2
    assert len([e for e in central.router.events(point.author) if "offer" in e.type]) == 2


def test_rubbish_offered_without_end_stops_being_stated(
    central: Central, district: MemoryDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.offered.OPEN_MAX", 3)
    docs = [{"_id": outbox_id(STRANGE, n), "event": {"n": n}} for n in range(1, 9)]
    docs.append({"_id": f"{STRANGE}:junk", "event": "nonsense"})
    central.server.database(f"outbox-{HERE}").bulk(docs)
    central.carry()
    assert len(own(district)) == 3
    assert central.server.database(f"outbox-{HERE}").range("", "~", limit=20) == []
    assert len(central.router.parked()) == 9


def test_it_outlives_the_router_s_file_and_the_read_model(
    central: Central, district: MemoryDistrict, lost: Doc
) -> None:
    before = own(district)
    for store in (central.router, district.open_store()):
        store.empty()
    central.intake.forget()
    central.jobs.step()
    assert own(district) == before
    central.carry()
    assert own(district) == before


def test_when_somebody_gives_it_whole_nobody_need_answer(
    central: Central, district: MemoryDistrict, lost: Doc
) -> None:
    whole = {name: lost[name] for name in lost if name != "_rev"}
    central.server.database(f"outbox-{CENTRE}").put(whole)
    central.carry()
    central.carry()
    assert own(district) == []
    (found,) = own(district, answered=True)
    assert found.answer is not None
    assert aside.said(found.answer.how) == "后来完整收到了"


def test_what_the_portal_wrote_and_central_refused_is_a_task_too(
    supervisor: Browser, central: Central, district: MemoryDistrict, point: Point
) -> None:
    number = point.receive()
    central.carry()
    data = {"channel": "receipt"}
    names = ("name", "phone", "province", "city", "county", "street", "region")
    sealed = dict.fromkeys(names, "林小梅")
    web = create_app(district).extensions["author"]
    with create_app(district).app_context():
        event = web.state(central.router, "slip.filled", number, data, actor="r", sealed=sealed)
        spoil_own(central, event)
    (found,) = own(district)
    assert isinstance(found, Refusal)
    assert (found.author, found.n, found.why) == (web.author, 2, "签名不符")
    assert "第 2 条（拒收）" in supervisor.get("/board/own").text


def test_a_late_slip_is_answered_by_the_receiving_point_or_here(
    supervisor: Browser, central: Central, district: MemoryDistrict, point: Point,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    number = late_slip(central, point, monkeypatch)
    (found,) = own(district)
    assert isinstance(found, Aside)
    assert (found.subject, found.point) == (number, HERE)
    assert "等军门社区答复，区中心也可以答复" in supervisor.get("/board/aside").text
    press(supervisor, open_first(supervisor))
    central.carry()
    assert own(district) == []
    store = district.open_store()
    seen = picture(store, district.bundle.calendar, district.clock())
    store.close()
    assert seen.aside == ()
    assert [w for w in seen.tasks if w.task.kind == "review_set_aside"] == []


# nothing is held back


def test_a_router_whose_every_word_is_spoilt_gives_up_for_this_time_and_holds_up_nobody(
    central: Central, point: Point, centre: Point
) -> None:
    point.receive()
    outbox = central.server.database(f"outbox-{HERE}")
    doc = outbox.get(outbox_id(point.author, 2))
    assert doc is not None
    outbox.put({**doc, "event": {**doc["event"], "actor": "somebody else"}})
    theirs, put, there = centre.receive(), central.author._write, central.server.database(OUTBOX)

    def spoilt(event: Doc, subject: str, keys: tuple[Wrap, ...] = ()) -> None:
        put(event, subject, keys)
        known = there.get(outbox_id(event["author"], event["n"]))
        assert known is not None
        there.put({**known, "event": {**known["event"], "actor": "x"}})

    with pytest.MonkeyPatch.context() as bad:
        bad.setattr(central.author, "_write", spoilt)
        with pytest.raises(DoorstepError, match="又不能收录"):
            central.intake.take_in(HERE)
        central.intake.take_in(CENTRE)
    assert central.router.case(theirs) is not None
    central.carry()
    central.carry()
    book = central.router.subject(point.author)
    assert book is not None
    assert [r.n for r in aside.refusals(book)] == [2]


def test_what_the_router_wrote_itself_and_cannot_take_in_holds_up_nothing(
    central: Central, district: MemoryDistrict, point: Point
) -> None:
    point.receive()
    outbox = central.server.database(f"outbox-{HERE}")
    doc = outbox.get(outbox_id(point.author, 2))
    assert doc is not None
    outbox.put({**doc, "event": {**doc["event"], "actor": "somebody else"}})
    later = point.receive()
    first, put = central.author.author, central.author._write

    def spoilt(event: Doc, subject: str, keys: tuple[Wrap, ...] = ()) -> None:
        put(event, subject, keys)
        there = central.server.database(OUTBOX)
        if event["author"] == first and event["n"] == 2:
            known = there.get(outbox_id(first, 2))
            assert known is not None
            there.put({**known, "event": {**known["event"], "actor": "x"}})

    central.author._write = spoilt  # type: ignore[method-assign]
    central.carry()
    central.carry()
    assert central.author.author != first
    assert central.router.case(later) is not None
    refused = [(f.author, f.n) for f in own(district) if isinstance(f, Refusal)]
    assert refused == [(first, 2)]
    book = central.router.subject(point.author)
    assert book is not None
    assert [r.n for r in aside.refusals(book)] == [2]


# who, how, how often


def test_only_supervisors_see_and_answer(
    stranger: Browser, supervisor: Browser, district: MemoryDistrict, lost: Doc, app: Flask
) -> None:
    url = open_first(supervisor)
    courier = Browser(app.test_client())
    courier.get("/courier/in/")
    courier.post("/courier/in/", {"login": "1001", "password": PIN})
    for somebody in (stranger, courier):
        assert "区中心登录" in somebody.get(url).text
        for path in (url, f"{url}/open"):
            somebody.post(path, {"op": "0" * 16, "how": "told"})
    assert showings(district) == []
    assert own(district, answered=True) == []
    assert len(own(district)) == 1


def test_one_press_counts_once_and_the_answered_moves_to_the_settled(
    supervisor: Browser, central: Central, district: MemoryDistrict, lost: Doc, point: Point
) -> None:
    url = open_first(supervisor)
    assert supervisor.page is not None
    found = re.search(r'name="op" value="([^"]+)"', supervisor.page.text)
    assert found
    for _ in range(3):
        assert "已答复：已与申请人说明" in press(supervisor, url, op=found[1])
        central.carry()
    said = [e for e in central.router.events(point.author) if e.type == "store.offer_answered"]
    assert [(e.actor, e.data["how"]) for e in said] == [("c-guan", "told")]
    assert central.router.unseal(said[0]) == {"words": WORDS}
    assert own(district) == []
    assert '<a href="/board/own"><b>0</b>' in supervisor.get("/board/").text
    assert "没有等区中心答复的记录" in supervisor.get("/board/own").text
    settled = supervisor.get("/board/own?which=done").text
    assert "已与申请人说明（区中心 c-guan，" in settled
    assert WORDS not in settled
    assert "已答复" in supervisor.get(url).text
    assert 'name="how"' not in supervisor.get(url).text


def test_a_colleague_who_comes_too_late_is_told_and_the_first_answer_stands(
    supervisor: Browser, central: Central, district: MemoryDistrict, lost: Doc
) -> None:
    url = open_first(supervisor)
    press(supervisor, url)
    central.carry()
    assert "已经有人答复过了" in press(supervisor, url, op="f" * 16, how="no_need")
    central.carry()
    assert [one.answer.how for one in own(district, answered=True) if one.answer] == ["told"]


Wrong = Callable[[Browser, str], str]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda b, url: press(b, url, how=""), "请选怎样处理的"),
        (lambda b, url: press(b, url, how="arrived"), "请选"),
        (lambda b, url: press(b, url, words="长" * 501), "500"),
    ],
)
def test_a_mistake_keeps_what_was_typed_and_answers_nothing(
    supervisor: Browser, central: Central, district: MemoryDistrict, lost: Doc, wrong: Wrong,
    words: str,
) -> None:  # fmt: skip
    url = open_first(supervisor)
    page = wrong(supervisor, url)
    assert words in page
    assert ("长" if words == "500" else WORDS) in page
    central.carry()
    assert len(own(district)) == 1


def test_with_the_line_cut_nothing_typed_is_lost_and_the_same_press_counts_once(
    supervisor: Browser, central: Central, district: MemoryDistrict, lost: Doc
) -> None:
    url = open_first(supervisor)
    central.cut_line()
    page = press(supervisor, url)
    central.mend_line()
    assert "请过一会儿再按一次" in page
    assert WORDS in page
    assert "已答复" in press(supervisor, url)
    central.carry()
    assert len(own(district, answered=True)) == 1


@pytest.mark.parametrize("path", ["offer/x", "refused/x:1", "aside/GL031-261123-0001-X:0001-x"])
def test_what_is_not_there_is_said_so(supervisor: Browser, path: str) -> None:
    assert supervisor.get(f"/board/own/{path}").status_code == 404


def test_what_a_point_must_answer_is_not_opened_here(
    supervisor: Browser, central: Central, point: Point
) -> None:
    vain = point.state("case.closed", point.receive(), {})
    central.carry()
    assert supervisor.get(f"/board/own/aside/{vain}").status_code == 404


# what it said


def showings(district: MemoryDistrict) -> list[tuple[str, str]]:
    db = open_portal_db(district.config.data)
    try:
        return list(db.execute("SELECT who, what FROM showings").fetchall())
    finally:
        db.close()


def test_what_was_offered_is_opened_for_who_asks_and_the_asking_is_noted(
    supervisor: Browser, central: Central, district: MemoryDistrict, lost: Doc
) -> None:
    url = open_first(supervisor)
    page = supervisor.get(url).text
    assert "case.received" not in page
    assert "登记的是" in page
    for secret in ("林小梅", "林*梅", "13805915678"):
        assert secret not in page
    assert showings(district) == []
    page = supervisor.post(f"{url}/open").text
    assert "林小梅" in page
    assert "13805915678" in page
    assert showings(district) == [("c-guan", LOOKED_INTO)]


def test_the_words_of_an_answer_are_opened_the_same_way(
    supervisor: Browser, central: Central, lost: Doc
) -> None:
    url = open_first(supervisor)
    press(supervisor, url)
    central.carry()
    assert WORDS not in supervisor.get(url).text
    assert WORDS in supervisor.post(f"{url}/open").text


def test_where_the_content_is_gone_that_is_said_and_it_is_answered_all_the_same(
    supervisor: Browser, central: Central, district: MemoryDistrict, lost: Doc
) -> None:
    central.router.empty()
    central.intake.forget()
    url = open_first(supervisor)
    assert "内容读不出来" in supervisor.get(url).text
    assert supervisor.post(f"{url}/open").status_code == 200
    supervisor.get(url)
    press(supervisor, url)
    central.carry()
    assert own(district) == []


def test_other_content_offered_of_the_same_place_is_not_shown_for_it(
    supervisor: Browser, central: Central, district: MemoryDistrict, lost: Doc
) -> None:
    url = open_first(supervisor)
    other = {"_id": lost["_id"], "event": {**lost["event"], "actor": "a third one"}}
    central.server.database(f"outbox-{CENTRE}").put(other)
    central.carry()
    central.carry()
    assert digest(other["event"]) != url.rpartition(":")[2]
    assert len(own(district)) == 2
    assert "内容读不出来" in supervisor.get(url).text
