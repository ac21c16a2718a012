"""The guide at the window: choice cards, exactly the papers, and the notice that says them."""

from __future__ import annotations

import re

from cases.people import id_check_character
from node import reveal, visit_answers, visits
from node.local import Node
from sync.bundle import load_bundle
from tests.labels import paper
from tests.node.conftest import Clock, Desk
from tests.node.receiving import AGENT, ELDERS_CARD, ID, form_op, receive, send, typed

HOUSING = "JD-006401"  # 公共租赁住房申请受理（新申请）: asks marriage and as who
SUPPORT = "YBJ-001200"  # 困难群众参加居民医保资助: asks income and disability
AID = "YBJ-001100"  # 医疗救助费用手工报销: asks income
HX = {"HX-Request": "true"}


def names(page: str) -> list[str]:
    """The papers with a box to tick."""
    return re.findall(r'name="paper"[^>]*><span class="choice-text"><b>([^<]+)', page)


def asked(page: str) -> list[str]:
    return re.findall(r'name="asked" value="(\w+)"', page)


def code_of_visit(node: Node, actor: str = "s-c1") -> str:
    with node.local() as here:
        visit = visits.current(here.store, actor, here.today())
        assert visit is not None
        return visit.number


def test_a_condition_is_never_the_control(clerk: Desk) -> None:
    for code in (HOUSING, SUPPORT, "SCJG-001702", "SFJ-000204"):
        page = clerk.get(f"/reception/{code}?op={'0' * 16}").text
        for spec in load_bundle().catalogue.matter(code).materials:
            assert not spec.condition or f"{spec.condition}才要" not in page
        assert "本次不需要" not in page


def test_an_open_question_is_asked_and_its_answer_brings_the_paper(clerk: Desk) -> None:
    fields = typed(SUPPORT, **{"q-income": None, "q-disability": None})
    refused = send(clerk, SUPPORT, fields)
    assert refused.status_code == 422
    assert "还没有回答“申请人家里是低保或特困吗？”" in refused.text
    assert "最低生活保障证" not in names(refused.text)
    poor = send(clerk, SUPPORT, typed(SUPPORT, **{"q-income": "dibao"}))
    assert poor.status_code == 422
    assert "还缺“最低生活保障证”（低保对象必须有）" in poor.text
    assert "最低生活保障证" in names(poor.text)


def test_the_list_follows_an_answer_while_the_page_stays_open(clerk: Desk) -> None:
    op = form_op(clerk, SUPPORT)
    sent = {"op": op, "asked": ["income", "disability"], "q-income": "dibao"}
    part = clerk.post(f"/reception/{SUPPORT}/papers", sent, headers=HX).text
    assert "<html" not in part
    assert "最低生活保障证" in names(part)
    assert asked(part) == ["income", "disability"]
    assert "答了上面的问题才知道要不要：</b>残疾人证" in part
    whole = clerk.post(f"/reception/{SUPPORT}/papers", sent)
    assert whole.status_code == 200
    assert "最低生活保障证" in names(whole.text), "and without JavaScript, by a button"
    assert clerk.post(f"/reception/{SUPPORT}/papers", {"op": "x"}).status_code == 400


def test_the_number_keys_belong_to_the_first_open_question(clerk: Desk) -> None:
    page = clerk.get(f"/matters/{SUPPORT}").text
    keys = re.findall(r'data-key="(\d)"><input class="answer" type="radio" name="(q-\w+)"', page)
    assert keys[0] == ("1", "q-here")
    assert [key for key, _ in keys] == ["1", "2", "3"], "no legal representative of a person"
    page = clerk.post(f"/matters/{SUPPORT}/answers", {"q-here": "self"}, headers=HX).text
    assert re.findall(r'data-key="1"><input class="answer" type="radio" name="(q-\w+)"', page) == [
        "q-income"
    ]


def test_the_window_opens_the_sample_of_each_paper(clerk: Desk) -> None:
    page = clerk.get(f"/matters/{SUPPORT}").text
    assert "/samples/id_card.svg" in page
    assert page.count('<details class="sample">') == page.count("<li><div><b>") > 0
    assert "样图（示意）" in page


def test_a_later_matter_of_the_visit_does_not_ask_again(clerk: Desk) -> None:
    receive(clerk, SUPPORT, **{"q-income": "none", "q-disability": "none"})
    page = clerk.get(f"/reception/{AID}?op={'1' * 16}").text
    assert 'name="q-income" value="none" id="f-q-income-3" checked' in page
    assert "还差" not in page
    assert clerk.post("/visits/end").status_code == 303
    page = clerk.get(f"/reception/{AID}?op={'2' * 16}").text
    assert "还差 1 个问题" in page, "the next visitor is somebody else"


def test_an_answer_about_one_case_is_not_taken_for_another(clerk: Desk) -> None:
    receive(clerk, "SCJG-001702", **{"q-changes": ["other"], "q-commitment": "no"})
    page = clerk.get(f"/reception/SCJG-002002?op={'1' * 16}").text
    assert "这次要变更什么？" in page
    assert 'name="q-changes" value="other" id="f-q-changes-2" checked' not in page


def test_an_answer_can_be_taken_back(clerk: Desk) -> None:
    clerk.post(f"/matters/{SUPPORT}/answers", {"q-income": "dibao"})
    assert "最低生活保障证" in clerk.get(f"/matters/{SUPPORT}").text
    part = clerk.post(f"/matters/{SUPPORT}/answers", {"asked": "income"}, headers=HX).text
    assert 'value="dibao" id="f-q-income" checked' not in part


def test_who_comes_and_how_old_somebody_is_need_no_question(clerk: Desk) -> None:
    card = "GAJ-001501"  # 居民身份证办理（首次申领）: the guardian's card for a child under 16
    op = form_op(clerk, card)
    child = {"op": op, "capacity": "self", "document": "resident_id"}
    assert "age" in asked(clerk.post(f"/reception/{card}/papers", child, headers=HX).text)
    young = "11010520150101003"
    for number, needed in ((young + id_check_character(young), True), (ID, False)):
        sent = {**child, "document_number": number}
        part = clerk.post(f"/reception/{card}/papers", sent, headers=HX).text
        assert "age" not in asked(part)
        assert ("监护人居民身份证" in names(part)) is needed, number


def test_somebody_who_comes_for_another_brings_their_own_papers(clerk: Desk) -> None:
    sent = {"op": form_op(clerk, ELDERS_CARD), **AGENT}
    part = clerk.post(f"/reception/{ELDERS_CARD}/papers", sent, headers=HX).text
    assert "代办人居民身份证" in names(part)
    alone = clerk.get(f"/reception/{ELDERS_CARD}?op={'1' * 16}").text
    assert "代办人居民身份证" not in names(alone)
    assert "这位不用交：代办人居民身份证" in alone


def test_answers_lie_sealed_and_only_sealed_codes_travel(clerk: Desk, node: Node) -> None:
    number = receive(clerk, SUPPORT, **{"q-income": "none", "q-disability": "none"})
    clerk.get(f"/matters/{SUPPORT}/notice.pdf")
    guide = load_bundle().guide
    with node.local() as here:
        case = here.store.case(number)
        assert case is not None
        event = here.store.event(case.received_event)
        assert event is not None
        sealed = here.store.unseal(event)["answers"]
        assert guide.answers_of(sealed)["income"] == {"none"}
        for table in ("visit_answers", "events", "operations", "subjects"):
            for row in here.store.db.execute(f"SELECT * FROM {table}").fetchall():  # noqa: S608
                assert "income" not in str(row)
                assert sealed not in str(row)


def test_answers_go_with_the_visit_and_after_a_day(clerk: Desk, node: Node, clock: Clock) -> None:
    def kept() -> int:
        with node.local() as here:
            return int(here.store.db.execute("SELECT count(*) FROM visit_answers").fetchone()[0])

    clerk.post(f"/matters/{SUPPORT}/answers", {"q-income": "dibao"})
    assert kept() == 1
    clerk.post("/visits/end")
    assert kept() == 0
    clerk.post(f"/matters/{SUPPORT}/answers", {"q-income": "dibao"})
    clock.forward(seconds=int(visit_answers.KEPT_FOR.total_seconds()) + 60)
    clerk.post(f"/matters/{SUPPORT}/answers", {"q-income": "dibao"})
    assert kept() == 1, "yesterday's, left open in the evening, are gone"


def test_a_notice_says_exactly_the_papers_and_its_code_opens_the_same(
    clerk: Desk, node: Node
) -> None:
    said = {"q-here": "agent", "q-income": "dibao", "q-disability": "none"}
    clerk.post(f"/matters/{SUPPORT}/answers", said)
    printed = clerk.get(f"/matters/{SUPPORT}/notice.pdf")
    assert printed.mimetype == "application/pdf"
    words = paper.text(printed.data)
    assert "最低生活保障证" in words
    assert "样图见手机" in words
    assert "残疾人证" not in words.replace("申请人有残疾人证吗", "")
    (address,) = paper.all_codes(printed.data)
    assert address == address.upper()
    *_, point, matter, code = address.split("/")
    assert (point, matter) == (f"{node.point.number:03d}", SUPPORT)
    guide, spec = load_bundle().guide, load_bundle().catalogue.matter(SUPPORT)
    given = guide.answers_of(code)
    assert given == {q.removeprefix("q-"): {a} for q, a in said.items()}
    assert "最低生活保障证" in [m.name for m in guide.resolve(spec.materials, given).needed]


def test_a_notice_is_recorded_once_and_a_reprint_says_so(clerk: Desk, node: Node) -> None:
    clerk.post(f"/matters/{ELDERS_CARD}/answers", {"q-here": "self"})
    first = clerk.get(f"/matters/{ELDERS_CARD}/notice.pdf")
    again = clerk.get(f"/matters/{ELDERS_CARD}/notice.pdf")
    assert "重印" not in paper.text(first.data)
    assert "重印 第 2 份" in paper.text(again.data)
    visit = code_of_visit(node)
    with node.local() as here:
        told = [e for e in here.store.events(visit) if e.type == "visit.asked"]
        assert [e.data["matter"] for e in told] == [ELDERS_CARD]
        assert here.store.unseal(told[0])["answers"] == "02A"


def test_a_notice_waits_until_everything_was_asked(clerk: Desk) -> None:
    answer = clerk.get(f"/matters/{SUPPORT}/notice.pdf")
    assert answer.status_code == 303
    assert "还有问题没有问清楚" in clerk.get(answer.headers["Location"]).text


def test_only_a_clerk_asks_and_prints(stranger: Desk, clerk: Desk) -> None:
    page = stranger.get(f"/matters/{SUPPORT}").text
    assert 'name="q-income"' not in page
    assert "最低生活保障证" in page, "but everybody at the point may read what may be needed"
    assert stranger.get(f"/matters/{SUPPORT}/notice.pdf").status_code == 403
    assert stranger.post(f"/matters/{SUPPORT}/answers", {"q-income": "dibao"}).status_code == 403
    assert clerk.get("/matters/NO-000000/notice.pdf").status_code == 404


def test_a_number_noted_a_while_ago_is_asked_again(clerk: Desk, clock: Clock) -> None:
    clerk.post(f"/matters/{SUPPORT}/person", {"person_number": ID})
    clock.forward(seconds=16 * 60)
    page = clerk.get(f"/reception/{SUPPORT}?op={'1' * 16}").text
    assert ID not in page, "nobody ended the visit: it may be the next person"


def test_who_comes_and_for_whom_is_asked_once_a_visit(clerk: Desk, node: Node) -> None:
    clerk.post(f"/matters/{SUPPORT}/answers", {"q-here": "agent"})
    clerk.post(f"/matters/{SUPPORT}/person", {"person_number": ID})
    page = clerk.get(f"/reception/{SUPPORT}?op={'1' * 16}").text
    assert re.search(r'name="capacity" value="agent"[^>]* checked', page)
    assert f'value="{ID}"' in page
    assert "授权委托书" in names(clerk.post(f"/reception/{SUPPORT}/papers", {
        "op": "1" * 16, "capacity": "agent", "q-income": "none", "q-disability": "none",
    }, headers=HX).text)  # fmt: skip
    with node.local() as here:
        shown = reveal.of_subject(here, code_of_visit(node))
    assert [note.what for note in shown] == ["沿用来访时记下的证件号码"]
    none = {"q-income": "none", "q-disability": "none"}
    receive(clerk, SUPPORT, **AGENT, **none, paper=["1", "4", "5"])
    page = clerk.get(f"/reception/{AID}?op={'2' * 16}").text
    assert re.search(r'name="capacity" value="agent"[^>]* checked', page)
    assert ID not in page, "whose the next one is, the clerk says"
    clerk.post("/visits/end")
    page = clerk.get(f"/reception/{AID}?op={'3' * 16}").text
    assert re.search(r'name="capacity" value="self"[^>]* checked', page)
