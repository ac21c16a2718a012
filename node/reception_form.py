"""The form of a reception, read: every field by its own rule, every mistake told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from cases.catalogue import Matter
from cases.guide import Resolved
from cases.lacking import may_lack
from cases.people import PERSON_DOCUMENTS, DocumentKind, check_document, check_name, check_phone
from cases.routing import OUTSIDE, NeedsArea, Route
from cases.undertakings import check_day, may_promise
from courier.look.forms import Form
from node import licences
from node.reception import (
    BY_ANOTHER,
    CAPACITIES,
    ORGANIZATION,
    PERSON,
    SELF,
    Agent,
    Applicant,
    Reception,
)

NOTE_CHARS_MAX = 500
# An organisation that is only being founded has no code yet: its head's own document stands for it.
ORG_DOCUMENTS = (DocumentKind.CREDIT_CODE, *PERSON_DOCUMENTS)
OP = re.compile(r"[0-9a-f]{16}")


def kinds(matter: Matter) -> tuple[str, ...]:
    """Who may apply for a matter: persons, organisations or both."""
    return (PERSON, ORGANIZATION) if matter.applicant == "both" else (matter.applicant.value,)


def read(
    form: Form,
    matter: Matter,
    route: Route,
    op: str,
    today: date,
    papers: Resolved,
    said: Mapping[int, licences.Said],
    new: Mapping[int, licences.Said],
) -> Reception | None:
    """The checked reception, or None with what is wrong noted in the form.

    :param said: what central said of the papers' licences, by position, as the page has shown it.
    :param new: what was only asked now: nothing is waived before somebody has seen that it is.
    """
    area = form.value("area")
    if isinstance(route, NeedsArea):
        form.fail("area", "请选择归哪里管，才知道由谁决定。")
    applicant = _applicant(form, matter, today)
    taken = taken_of(form, papers)
    waived = licences.waivers(papers.needed, taken, said)
    promised = _promised(form, matter, papers, taken | waived.keys(), today)
    there = taken | waived.keys() | dict(promised).keys()
    lacking = _lacking(form, matter, papers, there)
    _require_papers(form, papers, there | lacking, {**said, **new})
    note = form.text("note", required=False, lines=True, chars_max=NOTE_CHARS_MAX)
    if not form.ok:
        return None
    where = "" if area == OUTSIDE else area
    return Reception(op, matter, where, applicant, taken, note, waived, promised, lacking)


def _applicant(form: Form, matter: Matter, today: date) -> Applicant:
    allowed = kinds(matter)
    kind = allowed[0]
    if len(allowed) > 1:
        kind = form.choice("kind", allowed, missing_zh="请选个人还是单位。") or PERSON
    return _organization(form, today) if kind == ORGANIZATION else _person(form, today)


def _person(form: Form, today: date) -> Applicant:
    capacity = form.choice("capacity", CAPACITIES[PERSON], missing_zh="请选谁到场。") or SELF
    document, number = _document(form, "document", "document_number", today)
    name = form.text("name", _name("name"), missing_zh="还没有填姓名。")
    agent = _agent(form, today, (document, number)) if capacity in BY_ANOTHER else None
    phone = form.text(
        "phone",
        check_phone,
        required=agent is None,
        missing_zh="还没有填电话：结果和补正都要靠它通知。",
    )
    return Applicant(
        PERSON,
        capacity,
        document,
        number,
        name,
        phone or (agent.phone if agent else ""),
        agent=agent,
    )


def _organization(form: Form, today: date) -> Applicant:
    capacity = form.choice("org_capacity", CAPACITIES[ORGANIZATION], missing_zh="请选谁到场。")
    document, code = _document(form, "org_document", "credit_code", today, ORG_DOCUMENTS)
    name = form.text("org_name", _name("org_name"), missing_zh="还没有填单位名称。")
    contact = form.text("contact", _name("contact"), missing_zh="还没有填法定代表人姓名。")
    agent = _agent(form, today) if capacity in BY_ANOTHER else None
    phone = form.text(
        "org_phone", _phone("org_phone"), required=agent is None, missing_zh="还没有填联系电话。"
    )
    return Applicant(
        ORGANIZATION,
        capacity,
        document,
        code,
        name,
        phone or (agent.phone if agent else ""),
        contact,
        agent,
    )


def _document(
    form: Form,
    kind_field: str,
    field: str,
    today: date,
    allowed: tuple[DocumentKind, ...] = PERSON_DOCUMENTS,
) -> tuple[DocumentKind, str]:
    chosen = form.choice(kind_field, [k.value for k in allowed], missing_zh="请选证件。")
    kind = DocumentKind(chosen) if chosen else allowed[0]

    def check(text: str) -> str:
        return check_document(kind, text, field=field, today=today)

    return kind, form.text(field, check, missing_zh=f"还没有填{kind.zh}号码。")


def _agent(form: Form, today: date, applicant: tuple[DocumentKind, str] | None = None) -> Agent:
    document, number = _document(form, "agent_document", "agent_number", today)
    if number and (document, number) == applicant:
        form.fail("agent_number", "代办人的证件和申请人的一样：本人来办，请选“本人到场”。")
    name = form.text("agent_name", _name("agent_name"), missing_zh="还没有填到场人的姓名。")
    phone = form.text("agent_phone", _phone("agent_phone"), missing_zh="还没有填到场人的电话。")
    return Agent(name, document, number, phone)


def _name(field: str) -> Callable[[str], str]:
    return lambda text: check_name(text, field=field)


def _phone(field: str) -> Callable[[str], str]:
    return lambda text: check_phone(text, field=field)


def _promised(
    form: Form, matter: Matter, papers: Resolved, there: frozenset[int], today: date
) -> tuple[tuple[int, str], ...]:
    """The papers that are not there and that an undertaking stands for, each with its day."""
    asked = set(form.values("promise"))
    found = []
    for spec in papers.needed:
        position = str(spec.position)
        if position in asked and spec.position not in there and may_promise(matter, spec):
            field = f"due-{position}"
            check = partial(check_day, today=today, field=field)
            day = form.text(field, check, missing_zh="请填承诺补交的日期。")
            found.append((spec.position, day))
    return tuple(found)


def _lacking(form: Form, matter: Matter, papers: Resolved, there: frozenset[int]) -> frozenset[int]:
    """The papers without which the applicant wants the case received all the same."""
    asked = set(form.values("lack"))
    wanted = {s.position for s in papers.needed if str(s.position) in asked and may_lack(matter, s)}
    return frozenset(wanted - there)


def taken_of(form: Form, papers: Resolved) -> frozenset[int]:
    """The positions of the papers taken, of those that are needed."""
    ticked = set(form.values("paper"))
    return frozenset(s.position for s in papers.needed if str(s.position) in ticked)


def _require_papers(
    form: Form, papers: Resolved, there: frozenset[int], said: Mapping[int, licences.Said]
) -> None:
    """A paper that is missing and a question left open are mistakes."""
    for question in papers.questions:
        form.fail(f"q-{question.id}", f"还没有回答“{question.text}”，答了才知道要哪些材料。")
    for spec in papers.needed:
        if spec.position not in there:
            why = "" if spec.required else f"（{spec.condition}必须有）"
            card = licences.card(spec, said[spec.position]) if spec.position in said else None
            more = f"电子证照{card.tag}。" if card else ""
            more += "核对后再按一次“收件”。" if card and card.waived else ""
            form.fail(f"paper-{spec.position}", f"还缺“{spec.name}”{why}。{more}")
