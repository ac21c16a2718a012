"""收件: what a clerk can receive, what is refused and why, and that nothing typed is lost."""

from __future__ import annotations

import re

import pytest

from cases.documents import id_check_character
from cases.folded import Case
from cases.papers import TO_AUTHORITY
from cases.people import DocumentKind
from cases.states import CaseState
from node.local import Node
from sync import registers
from sync.bundle import load_bundle
from sync.db import write
from sync.verify import verify
from tests.node.conftest import CENTRE, HERE, ROOT, Desk, receipt_all
from tests.node.receiving import (
    AGENT,
    CREDIT,
    ELDERS_CARD,
    form_op,
    matter,
    receive,
    send,
    typed,
)

COMPANY = "SCJG-000101"  # a district matter of organisations: 公司登记（设立登记）
STREET = next(
    m.code
    for m in load_bundle().catalogue.matters
    if m.level == "subdistrict" and m.applicant == "person"
)

DOCUMENTS = {
    DocumentKind.RESIDENT_ID: "11010519850601002X",
    DocumentKind.HK_MACAO_TAIWAN_RESIDENCE: "810000199408230021",
    DocumentKind.HK_MACAO_PERMIT: "H12345678",
    DocumentKind.TAIWAN_PERMIT: "12345678",
    DocumentKind.FOREIGN_RESIDENT: "USA123456789012",
    DocumentKind.PASSPORT: "E12345678",
}


def case_of(node: Node, number: str) -> Case:
    with node.local() as local:
        case = local.store.case(number)
    assert case is not None
    return case


def sealed_of(node: Node, number: str) -> dict[str, str]:
    with node.local() as local:
        case = local.store.case(number)
        event = local.store.event(case.received_event)
        return local.store.unseal(event)


def cases(node: Node) -> list[str]:
    with node.local() as local:
        return [c.number for c in registers.newest(local.store.db, "case", limit=2000)]


def whole(node: Node) -> list[str]:
    with node.local() as local:
        return list(verify(local.store, ROOT.public, whole=local.identity.author))


def test_a_clerk_receives_a_case_with_the_line_cut(clerk: Desk, node: Node) -> None:
    number = receive(clerk)
    case = case_of(node, number)
    assert case.state is CaseState.RECEIVED
    assert (case.deciding, case.holder, case.applicant_kind) == (HERE, HERE, "person")
    page = clerk.get(f"/cases/{number}/received").text
    assert number in page
    assert "目前只在本机，待上报" in page
    assert whole(node) == []


def test_the_page_says_safe_once_central_has_it(clerk: Desk, node: Node) -> None:
    number = receive(clerk)
    assert "待上报" in clerk.get(f"/cases/{number}/safe").text
    receipt_all(node)
    assert "已上报，区中心已收到" in clerk.get(f"/cases/{number}/safe").text


def test_a_matter_of_the_district_goes_there_with_its_papers(clerk: Desk, node: Node) -> None:
    number = receive(clerk, COMPANY)
    case = case_of(node, number)
    assert (case.state, case.holder) == (CaseState.FORWARDED, CENTRE)
    with node.local() as local:
        (parcel,) = local.store.parcels_of(number)
    assert (parcel.purpose, parcel.to_point) == (TO_AUTHORITY, CENTRE)
    assert parcel.tracking.startswith("DS")
    identity = {m.position for m in case.materials if m.identity}
    assert not identity & {content["position"] for content in parcel.contents}
    assert whole(node) == []


def test_a_matter_of_a_subdistrict_goes_to_the_competent_one(clerk: Desk, node: Node) -> None:
    number = receive(clerk, STREET, area="350102003000")
    assert case_of(node, number).holder == "350102003000"


def test_another_communitys_matter_goes_to_that_community(clerk: Desk, node: Node) -> None:
    other = "350102001001"
    number = receive(clerk, ELDERS_CARD, area=other)
    assert case_of(node, number).holder == other


def test_an_organisation_is_received_by_its_credit_code(clerk: Desk, node: Node) -> None:
    number = receive(clerk, COMPANY)
    sealed = sealed_of(node, number)
    assert sealed["document_number"] == CREDIT
    assert (sealed["name"], sealed["contact"]) == ("福州某某餐饮管理有限公司", "陈建国")
    case = case_of(node, number)
    assert (case.document, case.capacity) == ("credit_code", "legal_representative")


def test_a_company_being_founded_is_known_by_its_heads_document(clerk: Desk, node: Node) -> None:
    number = receive(clerk, COMPANY, org_document="resident_id", credit_code="11010519850601002X")
    case = case_of(node, number)
    assert (case.applicant_kind, case.document) == ("organization", "resident_id")


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_kind_of_document_is_taken(clerk: Desk, node: Node, kind: DocumentKind) -> None:
    number = DOCUMENTS[kind]
    if kind is DocumentKind.HK_MACAO_TAIWAN_RESIDENCE:
        number = number[:17] + id_check_character(number[:17])
    made = receive(clerk, ELDERS_CARD, document=kind.value, document_number=number)
    assert sealed_of(node, made)["document_number"] == number
    assert case_of(node, made).document == kind.value


@pytest.mark.parametrize("capacity", ["agent", "guardian"])
def test_somebody_may_come_for_the_applicant(clerk: Desk, node: Node, capacity: str) -> None:
    papers = [str(m.position) for m in matter(ELDERS_CARD).materials]
    changed = {**AGENT, "capacity": capacity, "phone": "", "paper": papers}
    number = receive(clerk, ELDERS_CARD, **changed)
    sealed = sealed_of(node, number)
    assert sealed["agent_name"] == "王代办"
    assert sealed["phone"] == AGENT["agent_phone"], "nobody is reachable but through the agent"
    assert case_of(node, number).capacity == capacity


def test_an_agents_own_papers_are_asked_for_only_then(clerk: Desk) -> None:
    assert send(clerk, ELDERS_CARD).status_code == 303
    answer = send(clerk, ELDERS_CARD, typed(ELDERS_CARD, **AGENT))
    assert answer.status_code == 422
    assert "还缺“代办人居民身份证”（由他人代办时必须有）" in answer.text


def test_nobody_acts_for_themselves(clerk: Desk) -> None:
    changed = {**AGENT, "agent_number": "11010519850601002X", "paper": ["1", "2", "3"]}
    answer = send(clerk, ELDERS_CARD, typed(ELDERS_CARD, **changed))
    assert answer.status_code == 422
    assert "本人来办，请选“本人到场”" in answer.text


WRONG = [
    ({"document_number": "110105194912310021"}, "号码校验不对"),
    ({"document_number": "11010519491331002X"}, "出生日期 19491331 不存在"),
    ({"document_number": "110105209912310021"}, "出生日期 20991231 不可能"),
    ({"document_number": "110105491231002"}, "15 位的旧号码"),
    ({"document_number": ""}, "还没有填居民身份证号码"),
    ({"document": "passport", "document_number": "!!"}, "护照号码应为"),
    ({"document": "library_card"}, "请选证件"),
    ({"phone": "1380591123"}, "手机号码应为 11 位，现在是 10 位"),
    ({"phone": ""}, "还没有填电话"),
    ({"name": ""}, "还没有填姓名"),
    ({"name": "<script>alert(1)</script>"}, "姓名里不能有"),
    ({"capacity": "neighbour"}, "请选谁到场"),
    ({"paper": ["1"]}, "还缺“近期免冠证件照”"),
    ({"area": ""}, "请选择归哪里管"),
    ({"area": "999999999999"}, "请选择归哪里管"),
    ({"note": "长" * 501}, "最多 500 个字"),
]


@pytest.mark.parametrize(("changed", "words"), WRONG, ids=[w for _, w in WRONG])
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    clerk: Desk, node: Node, changed: dict[str, str], words: str
) -> None:
    fields = typed(ELDERS_CARD, **{"name": "欧阳小龘", **changed})
    answer = send(clerk, ELDERS_CARD, fields)
    assert answer.status_code == 422
    assert words in answer.text
    if "name" not in changed:
        assert 'value="欧阳小龘"' in answer.text
    assert "<script>alert" not in answer.text
    assert cases(node) == []


def test_all_mistakes_are_told_at_once(clerk: Desk) -> None:
    answer = send(clerk, ELDERS_CARD, {"kind": "person", "capacity": "self"})
    assert answer.status_code == 422
    assert "请改正下面 7 处" in answer.text


def test_a_wrong_credit_code_is_refused(clerk: Desk) -> None:
    fields = typed(COMPANY, credit_code="91350100M000100Y44")
    assert "统一社会信用代码校验不对" in send(clerk, COMPANY, fields).text


def test_people_from_elsewhere_are_told_where_to_go(clerk: Desk, node: Node) -> None:
    op = form_op(clerk, ELDERS_CARD)
    answer = send(clerk, ELDERS_CARD, typed(ELDERS_CARD, area="outside") | {"area": "outside"}, op)
    assert answer.status_code == 200
    assert "不归鼓楼区办" in answer.text
    assert "请到现在居住的社区的社区（村）居民委员会办理" in answer.text
    assert cases(node) == []
    assert "林小梅" in clerk.get(f"/reception/{ELDERS_CARD}?op={op}").text, "it can be corrected"


def test_an_unknown_matter_is_not_there(clerk: Desk) -> None:
    for path in ("/reception/NO-000000", "/matters/NO-000000"):
        assert clerk.get(path).status_code == 404
    assert clerk.post("/reception/NO-000000", {"op": "0" * 16}).status_code == 404


def test_sending_a_form_twice_makes_one_case(clerk: Desk, node: Node) -> None:
    op = form_op(clerk, ELDERS_CARD)
    first = send(clerk, ELDERS_CARD, op=op)
    second = send(clerk, ELDERS_CARD, op=op)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(cases(node)) == 1


def test_going_back_after_receiving_leads_to_the_case_not_to_an_empty_form(clerk: Desk) -> None:
    op = form_op(clerk, ELDERS_CARD)
    received = send(clerk, ELDERS_CARD, op=op).headers["Location"]
    back = clerk.get(f"/reception/{ELDERS_CARD}?op={op}")
    assert (back.status_code, back.headers["Location"]) == (303, received)


@pytest.mark.parametrize("changed", [{"name": "王小明"}, {"phone": "13905911234"}, {"note": "急"}])
def test_another_persons_case_typed_into_a_used_form_is_not_swallowed(
    clerk: Desk, node: Node, changed: dict[str, str]
) -> None:
    op = form_op(clerk, ELDERS_CARD)
    first = send(clerk, ELDERS_CARD, op=op).headers["Location"].split("/")[2]
    fields = typed(ELDERS_CARD, **changed)
    answer = send(clerk, ELDERS_CARD, fields, op=op)
    assert answer.status_code == 409
    assert "还没有收件" in answer.text
    assert first in answer.text
    assert str(fields["name"]) in answer.text
    fresh = re.search(r'name="op" value="([0-9a-f]{16})"', answer.text)
    assert fresh
    assert fresh[1] != op
    assert send(clerk, ELDERS_CARD, fields, op=fresh[1]).status_code == 303
    assert len(cases(node)) == 2


def test_a_form_without_its_operation_is_refused(clerk: Desk) -> None:
    assert clerk.post(f"/reception/{ELDERS_CARD}", typed(ELDERS_CARD)).status_code == 400


@pytest.mark.parametrize("name", ["𠮷小䶮", "㛃龘", "买买提·吐尔逊", "欧阳𠮷"])
def test_rare_characters_survive_intake_and_search(clerk: Desk, node: Node, name: str) -> None:
    number = receive(clerk, name=name)
    assert sealed_of(node, number)["name"] == name
    for words in (name, name[-1], number, number.lower(), "13805911234", "1234", "002x"):
        assert number in clerk.get("/matters", query_string={"q": words}).text, words


def test_several_cases_of_one_person_are_one_visit(clerk: Desk, node: Node) -> None:
    first, second = receive(clerk), receive(clerk)
    assert case_of(node, first).visit == case_of(node, second).visit
    clerk.post("/visits/end")
    assert case_of(node, receive(clerk)).visit != case_of(node, first).visit


def test_the_next_case_may_take_over_the_applicant(clerk: Desk) -> None:
    receive(clerk, name="林大梅")
    location = clerk.get(f"/reception/{ELDERS_CARD}?same=1").headers["Location"]
    page = clerk.get(location).text
    assert 'value="林大梅"' in page
    assert 'value="11010519850601002X"' in page


def test_what_was_begun_is_kept_and_found_again(clerk: Desk, node: Node) -> None:
    op = form_op(clerk, ELDERS_CARD)
    said = clerk.post(f"/drafts/{op}?matter={ELDERS_CARD}", {"name": "林半途", "paper": ["1"]})
    assert "已自动存草稿 09:31:05" in said.text
    assert 'value="林半途"' in clerk.get(f"/reception/{ELDERS_CARD}?op={op}").text
    assert f"op={op}" in clerk.get("/").text, "the first page offers it"
    files = b"".join(path.read_bytes() for path in node.config.data.glob("node.db*"))
    assert "林半途".encode() not in files
    send(clerk, ELDERS_CARD, op=op)
    assert f"op={op}" not in clerk.get("/").text, "it is done"


def test_a_draft_is_its_writers_alone(clerk: Desk, lead: Desk) -> None:
    op = form_op(clerk, ELDERS_CARD)
    clerk.post(f"/drafts/{op}?matter={ELDERS_CARD}", {"name": "林半途"})
    assert "林半途" not in lead.get(f"/reception/{ELDERS_CARD}?op={op}").text
    lead.post(f"/drafts/{op}/drop")
    assert "林半途" in clerk.get(f"/reception/{ELDERS_CARD}?op={op}").text


def test_the_route_is_shown_before_anything_is_received(clerk: Desk) -> None:
    op = form_op(clerk, COMPANY)
    assert "转办到鼓楼区行政服务中心" in clerk.get(f"/reception/{COMPANY}?op={op}").text
    asked = clerk.get(f"/reception/{ELDERS_CARD}/route?area={HERE}").text
    assert "本点直接办" in asked
    asked = clerk.get(f"/reception/{ELDERS_CARD}/route?area=350102001001").text
    assert "转办到" in asked
    assert "不归鼓楼区办" in clerk.get(f"/reception/{ELDERS_CARD}/route?area=outside").text


def test_a_matter_of_the_district_is_not_ours_either_where_somebody_belongs_elsewhere(
    clerk: Desk,
) -> None:
    licence = "GAJ-001502"  # 居民身份证办理（到期换领）, by registered residence
    op = form_op(clerk, licence)
    page = clerk.get(f"/reception/{licence}?op={op}").text
    assert "户籍不在鼓楼区" in page
    answer = send(clerk, licence, {**typed(licence), "area": "outside"}, op)
    assert "请到户籍所在区的区县政务服务中心办理" in answer.text
    assert "居民身份证申领登记表" in answer.text, "what to take there"


def test_only_clerks_receive(stranger: Desk, mailer: Desk) -> None:
    for desk in (stranger, mailer):
        assert desk.get(f"/reception/{ELDERS_CARD}").status_code == 403
        assert desk.post(f"/reception/{ELDERS_CARD}", {"op": "0" * 16}).status_code == 403


def test_a_point_out_of_tracking_numbers_still_receives(clerk: Desk, node: Node) -> None:
    with node.local() as local, write(local.store.db):
        for id, block in list(local.store.documents("block:")):
            local.store.set_cursor(f"used:{id}", str(block["last"]))
    number = receive(clerk, COMPANY)
    assert case_of(node, number).state is CaseState.FORWARDED
    assert "面单号段用完了" in clerk.get(f"/cases/{number}/received").text
