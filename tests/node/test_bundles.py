"""一件事: one form, several cases in one transaction, one receipt, followed as one."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from cases.bundles import areas_to_ask, paper_key, places_of, resolve
from cases.catalogue import Bundle, Matter
from cases.folded import Case
from labels import tokens
from node.local import Node
from sync import registers
from sync.bundle import load_bundle
from sync.verify import verify
from tests.labels.paper import pages, text
from tests.node.central_says import poster_slip
from tests.node.conftest import CENTRE, HERE, ROOT, Desk
from tests.node.receiving import APPLICANT, ID
from tests.node.test_recall import told
from tests.node.test_receipts import token_on

NEWBORN, FIRM, EATERY, WEDDING = "YJS02", "YJS04", "YJS01", "YJS09"


def bundle(code: str) -> Bundle:
    found = load_bundle().catalogue.bundle(code)
    assert found is not None
    return found


def matters(codes: list[str]) -> list[Matter]:
    return [load_bundle().catalogue.matter(code) for code in codes]


def said(matter: Matter) -> dict[str, frozenset[str]]:
    firm = matter.applicant == "organization"
    kind, here = ("organization", "legal_representative") if firm else ("person", "self")
    return {"kind": frozenset({kind}), "here": frozenset({here}), "channel": frozenset({"window"})}


def typed(code: str, ticked: list[str] | None = None, **changed: Any) -> dict[str, Any]:
    """Everything that the form needs for the ticked matters (all of them by default)."""
    guide, every = load_bundle().guide, matters(list(bundle(code).matters))
    some = [m for m in every if ticked is None or m.code in ticked]
    places, answers = places_of(every), {}
    while True:
        given = {m.code: {**answers, **said(m)} for m in some}
        found = resolve(guide, some, given, places)
        if not found.questions:
            break
        question = found.questions[0]
        offered = [a.id for m in some for a in guide.choices(m, question)
                   if question in guide.concerned(m)]  # fmt: skip
        answers[question.id] = frozenset({offered[-1]})
    fields: dict[str, Any] = {
        "ticks": "1",
        "matter": [m.code for m in some],
        **APPLICANT,
        "kind": "person",
        "together": "yes",
        "paper": [str(shared.place) for shared in found.needed],
    }
    fields |= {f"q-{question}": sorted(given) for question, given in answers.items()}
    for matter in areas_to_ask(some):
        community = matter.level == "community"
        fields[f"area-{matter.basis.value}"] = HERE if community else f"{HERE[:9]}000"
    return {**fields, **changed}


def form_op(desk: Desk, code: str) -> str:
    answer = desk.get(f"/bundles/{code}")
    assert answer.status_code == 303, answer.text
    assert desk.get(answer.headers["Location"]).status_code == 200
    return answer.headers["Location"].rpartition("op=")[2]


def send(desk: Desk, code: str, fields: dict[str, Any], op: str = "") -> Any:
    return desk.post(f"/bundles/{code}", {**fields, "op": op or form_op(desk, code)})


def receive(desk: Desk, code: str = NEWBORN, **more: Any) -> str:
    answer = send(desk, code, typed(code, **more))
    assert answer.status_code == 303, re.findall(r'class="error[^<]*<[^<]*', answer.text)
    return str(answer.headers["Location"].split("/")[2])


def cases(node: Node) -> list[Case]:
    with node.local() as local:
        found = list(registers.newest(local.store.db, "case", limit=2000))
        assert list(verify(local.store, ROOT.public, whole=local.identity.author)) == []
    return sorted(found, key=lambda case: case.number)


def test_one_form_receives_every_matter_each_on_its_own_way(clerk: Desk, node: Node) -> None:
    first = receive(clerk)
    found = cases(node)
    assert [case.matter for case in found] == list(bundle(NEWBORN).matters)
    assert found[0].number == first
    assert {case.group for case in found} == {found[0].group}
    assert found[0].group.startswith(found[0].visit)
    assert all((c.bundle, c.group_size, c.together) == (NEWBORN, 8, True) for c in found)
    catalogue = load_bundle().catalogue
    for case in found:
        matter = catalogue.matter(case.matter)
        assert case.promised_days == matter.promised_days
        deciding = {"district": CENTRE, "subdistrict": f"{HERE[:9]}000", "community": HERE}
        assert case.deciding == deciding[matter.level.value]
        always = {spec.position for spec in matter.materials if spec.required}
        assert always <= {m.position for m in case.materials if m.taken}


def test_every_bundle_can_be_received_whole(clerk: Desk, node: Node) -> None:
    every = load_bundle().catalogue.bundles
    for each in every:
        op, fields = form_op(clerk, each.code), typed(each.code)
        answer = send(clerk, each.code, fields, op)
        if answer.status_code == 409:  # of an earlier bundle's cases some run already
            seen = re.findall(r'name="seen" value="([^"]+)"', answer.text)
            answer = send(clerk, each.code, {**fields, "seen": seen}, op)
        assert answer.status_code == 303, each.code
    received = Counter(case.bundle for case in cases(node))
    assert received == {each.code: len(each.matters) for each in every}


def test_papers_for_one_place_go_in_one_parcel(clerk: Desk, node: Node) -> None:
    first = receive(clerk)
    with node.local() as local:
        parcels = {p.number: p for c in cases(node) for p in local.store.parcels_of(c.number)}
    assert {p.to_point for p in parcels.values()} == {CENTRE, f"{HERE[:9]}000"}
    assert len(parcels) == 2
    page = clerk.get(f"/cases/{first}/received").text
    assert "装一个袋，寄往鼓楼区行政服务中心" in page


def test_only_what_is_ticked_is_asked_for_and_received(clerk: Desk, node: Node) -> None:
    some = list(bundle(NEWBORN).matters[:2])
    receive(clerk, ticked=some)
    assert [case.matter for case in cases(node)] == some
    answer = send(clerk, NEWBORN, {**typed(NEWBORN), "matter": []})
    assert answer.status_code == 422
    assert "一个事项也没有勾" in answer.text


def test_a_paper_that_is_missing_is_told_once_and_nothing_is_received(
    clerk: Desk, node: Node
) -> None:
    fields = typed(NEWBORN)
    places = places_of(matters(list(bundle(NEWBORN).matters)))
    birth = str(places["CSYX"])
    fields["paper"] = [place for place in fields["paper"] if place != birth]
    answer = send(clerk, NEWBORN, fields)
    assert answer.status_code == 422
    assert answer.text.count(f'href="#f-paper-{birth}"') == 1
    assert cases(node) == []
    assert "林小梅" in answer.text, "what was typed is still there"


def test_an_area_outside_the_district_names_the_matters_to_leave_out(
    clerk: Desk, node: Node
) -> None:
    answer = send(clerk, WEDDING, typed(WEDDING, **{"area-residence": "outside"}))
    assert answer.status_code == 422
    assert "不归鼓楼区办，去掉它再收" in answer.text
    assert cases(node) == []


def test_a_firm_and_its_people_are_asked_for_on_one_form(clerk: Desk, node: Node) -> None:
    receive(clerk, EATERY)
    kinds = {case.applicant_kind for case in cases(node)}
    assert kinds == {"person", "organization"}
    page = clerk.get(clerk.get(f"/bundles/{EATERY}").headers["Location"]).text
    assert 'data-needs="organization"' in page


def test_sending_twice_receives_once(clerk: Desk, node: Node) -> None:
    op, fields = form_op(clerk, NEWBORN), typed(NEWBORN)
    one, two = (send(clerk, NEWBORN, fields, op) for _ in range(2))
    assert one.headers["Location"] == two.headers["Location"]
    assert len(cases(node)) == 8


def test_nothing_is_received_when_one_case_cannot_be_written(
    clerk: Desk, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cases.fold import WrongState
    from node import reception

    state, count = reception.state, iter(range(100))

    def fails_at_the_third(*given: Any, **more: Any) -> str:
        if next(count) == 2:
            raise WrongState("此刻写不进去")
        return state(*given, **more)

    monkeypatch.setattr(reception, "state", fails_at_the_third)
    op = form_op(clerk, NEWBORN)
    answer = send(clerk, NEWBORN, typed(NEWBORN), op)
    assert answer.status_code == 409
    assert "一件也没有收" in answer.text
    assert cases(node) == []
    assert send(clerk, NEWBORN, typed(NEWBORN), op).status_code == 303
    assert len(cases(node)) == 8


def test_a_case_that_runs_already_is_shown_before_a_second_one(clerk: Desk, node: Node) -> None:
    some = list(bundle(NEWBORN).matters[:1])
    running = receive(clerk, ticked=some)
    op, fields = form_op(clerk, NEWBORN), typed(NEWBORN, some)
    answer = send(clerk, NEWBORN, fields, op)
    assert answer.status_code == 409
    assert running in answer.text
    assert f'name="seen" value="{running}"' in answer.text
    assert send(clerk, NEWBORN, {**fields, "seen": running}, op).status_code == 303


def test_who_was_told_before_for_one_of_the_matters_is_shown_with_the_notice(
    clerk: Desk, lead: Desk
) -> None:
    some = list(bundle(NEWBORN).matters[:2])
    told(clerk, code=some[0])
    fields = {"op": form_op(lead, NEWBORN), "ticks": "1", "matter": some, "document_number": ID}
    page = lead.post(f"/bundles/{NEWBORN}/earlier", fields).text
    shown = [matter.code for matter in matters(some) if f"{matter.name}：" in page]
    assert shown == some[:1]
    assert "给过一次性告知书" in page
    page = lead.post(f"/bundles/{NEWBORN}/earlier", {**fields, "matter": some[1:]}).text
    assert "告知书" not in page, "only of what is ticked"
    assert lead.post("/bundles/YJS99/earlier", fields).status_code == 404


def test_what_was_typed_and_unticked_comes_back_as_a_draft(clerk: Desk) -> None:
    op, some = form_op(clerk, NEWBORN), list(bundle(NEWBORN).matters[:3])
    clerk.post(f"/drafts/{op}?matter={NEWBORN}", typed(NEWBORN, some))
    assert f"/bundles/{NEWBORN}?op={op}" in clerk.get("/").text
    page = clerk.get(f"/bundles/{NEWBORN}?op={op}").text
    assert "林小梅" in page
    assert len(re.findall(r'name="matter" value="[^"]+" id="[^"]+" checked', page)) == 3


def test_one_receipt_on_one_page_has_one_code_for_all(clerk: Desk, node: Node) -> None:
    first = receive(clerk, EATERY)
    every = cases(node)
    answer = clerk.get(f"/cases/{every[-1].number}/receipt.pdf")
    assert pages(answer.data) == 1
    token = token_on(answer.data)
    assert (token.purpose, token.target) == (tokens.Purpose.RECEIPT, first)
    words = text(answer.data)
    for case in every:
        assert case.number in words
    assert words.count("营业执照") <= 2, "a shared paper stands there once"
    assert "林*梅" in words
    assert "重印" in text(clerk.get(f"/cases/{first}/receipt.pdf").data)
    page = clerk.get(f"/cases/{first}").text
    assert "一件事：开办小餐馆一件事" in page
    assert all(f'href="/cases/{other.number}"' in page for other in every[1:])


def test_another_point_sees_which_it_does_not_hold(
    clerk: Desk, officer: Desk, node: Node, centre: Node, tell: Any
) -> None:
    receive(clerk)
    tell(node, centre)
    number = next(case.number for case in cases(node) if case.deciding == CENTRE)
    assert "一件事：新生儿出生一件事" in officer.get(f"/cases/{number}").text


def test_one_slip_serves_every_case_of_the_reception(clerk: Desk, node: Node) -> None:
    visit, first = poster_slip(node), receive(clerk)
    clerk.post(f"/cases/{first}/slip", {"visit": visit})
    for case in cases(node):
        assert case.confirmed_slip == case.slips[-1].event
        assert case.slips[-1].channel == ("poster" if case.number == first else "bundle")


def test_a_bundle_is_found_by_what_residents_call_it(clerk: Desk) -> None:
    for words in ("开办小餐馆", "新生儿出生一件事", "身后", "xsecs", "qiyekaiban"):
        found = clerk.get(f"/matters?q={words}", headers={"HX-Request": "true"}).text
        assert 'href="/bundles/YJS' in found, words
    assert clerk.get("/matters").text.count('href="/bundles/YJS') == 12


def test_the_page_follows_what_is_unticked(clerk: Desk) -> None:
    op, some = form_op(clerk, NEWBORN), list(bundle(NEWBORN).matters[:1])
    fields = {"op": op, "ticks": "1", "matter": some, "kind": "person"}
    page = clerk.post(f"/bundles/{NEWBORN}/now", fields, headers={"HX-Request": "true"}).text
    assert "收 1 件" in page
    whole = [paper_key(s) for m in matters(list(bundle(NEWBORN).matters)) for s in m.materials]
    assert page.count('name="paper"') < len(set(whole))


def test_an_unknown_bundle_and_a_forged_operation_are_refused(clerk: Desk) -> None:
    assert clerk.get("/bundles/YJS99").status_code == 404
    assert clerk.post(f"/bundles/{NEWBORN}", {"op": "x"}).status_code == 400
