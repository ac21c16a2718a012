"""What a clerk types to receive a case: good values that a test changes one by one."""

from __future__ import annotations

import re
from typing import Any

from cases.catalogue import Matter
from cases.known import known_answers
from cases.routing import needs_area
from cases.times import day_of
from sync.bundle import load_bundle
from tests.node.conftest import NOW, Desk

ID = "11010519850601002X"
CREDIT = "91350100M000100Y43"
ELDERS_CARD = "MZJ-080101"  # a community's own matter, immediate: 老年人优待证办理（申领）
#: Who applies, as a person or for an organisation; ``kind`` says which.
APPLICANT = {
    "capacity": "self",
    "document": "resident_id",
    "document_number": ID,
    "name": "林小梅",
    "phone": "13805911234",
    "org_capacity": "legal_representative",
    "org_document": "credit_code",
    "credit_code": CREDIT,
    "org_name": "福州某某餐饮管理有限公司",
    "contact": "陈建国",
    "org_phone": "0591-87654321",
    "agent_document": "resident_id",
}


def matter(code: str) -> Matter:
    return load_bundle().catalogue.matter(code)


def typed(code: str, *, area: str = "350102004001", **changed: Any) -> dict[str, Any]:
    """Everything that the form needs for a matter, with some fields changed (None: left out)."""
    of = matter(code)
    kind = "organization" if of.applicant == "organization" else "person"
    fields: dict[str, Any] = {**APPLICANT, "kind": kind}
    answers = fewest_papers(of, "self" if kind == "person" else "legal_representative")
    needed = load_bundle().guide.resolve(of.materials, answers).needed
    fields["paper"] = [str(paper.position) for paper in needed]
    fields |= {f"q-{question}": sorted(given) for question, given in answers.items()}
    if needs_area(of):
        fields["area"] = area if of.level == "community" else f"{area[:9]}000"
    fields |= changed
    return {name: value for name, value in fields.items() if value is not None}


def fewest_papers(of: Matter, capacity: str) -> dict[str, frozenset[str]]:
    """Answers that nothing is left open by, chosen so that few papers are needed."""
    guide, kind = load_bundle().guide, "organization" if capacity.startswith("l") else "person"
    number = ID if kind == "person" else ""
    said = known_answers(of, kind=kind, capacity=capacity, resident_id=number, today=day_of(NOW))
    while questions := guide.resolve(of.materials, said).questions:
        ask = questions[0]
        ways = [{**said, ask.id: frozenset({a.id})} for a in guide.choices(of, ask)]
        said = min(ways, key=lambda way: len(guide.resolve(of.materials, way).needed))
    return said


AGENT = {
    "capacity": "agent",
    "agent_name": "王代办",
    "agent_number": "110105194912310046",
    "agent_phone": "13900001111",
}


def form_op(desk: Desk, code: str, query: str = "") -> str:
    """Open the form, as a clerk does. :returns: the operation that it will carry out."""
    answer = desk.get(f"/reception/{code}{query}")
    found = re.search(r"op=([0-9a-f]{16})", answer.headers["Location"])
    assert found
    assert desk.get(answer.headers["Location"]).status_code == 200
    return found[1]


def send(desk: Desk, code: str, fields: dict[str, Any] | None = None, op: str = "") -> Any:
    """Send the form. :returns: the answer."""
    op = op or form_op(desk, code)
    return desk.post(f"/reception/{code}", {**(fields or typed(code)), "op": op})


def receive(desk: Desk, code: str = ELDERS_CARD, **changed: Any) -> str:
    """Receive a case through the page. :returns: its number."""
    answer = send(desk, code, typed(code, **changed))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"].split("/")[2])
