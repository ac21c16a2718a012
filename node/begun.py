"""What a new form of a reception begins with: what this visit has told already.

Who comes and whose matter it is are asked once a visit: what was answered or noted at a matter's
page stands in the form. Filled in is a number in full, so that it is noted first.
"""

from __future__ import annotations

from datetime import timedelta

from cases.folded import Case, Visit
from cases.people import DocumentKind
from cases.times import from_text
from node import recall, reveal, visit_answers, visits
from node.local import Local
from node.people_card import said
from node.reception import CAPACITIES, ORGANIZATION, PERSON

Fields = dict[str, list[str]]
#: A visit that nobody ended may be the next person's: what was noted earlier is asked again.
NOTED_FOR = timedelta(minutes=15)


def begun(here: Local, actor: str, *, same: bool) -> Fields:
    """The fields of a new form. ``same``: for the applicant of this visit's last case."""
    visit = visits.current(here.store, actor, here.today())
    if visit is None:
        return {}
    cases = visits.cases_of(here.store, visit.number)
    if same and cases and (fields := _fields_of(here, cases[-1])):
        reveal.note(here, cases[-1].number, "沿用申请人信息", actor)
        return fields
    return {**_answered(here, visit), **({} if cases else _noted(here, visit, actor))}


def _answered(here: Local, visit: Visit) -> Fields:
    given = visit_answers.of_visit(here, visit.number, "")
    fields = {"kind": sorted(given.get("kind", ()))}
    for name, kind in (("capacity", PERSON), ("org_capacity", ORGANIZATION)):
        fields[name] = [c for c in CAPACITIES[kind] if c in given.get("here", ())]
    return {name: values for name, values in fields.items() if values}


def _noted(here: Local, visit: Visit, actor: str) -> Fields:
    """The number that was just noted with the visit, unless there are several."""
    noted = here.store.event(visit.identified[-1]) if visit.identified else None
    if noted is None or from_text(here.now()) - from_text(noted.at) > NOTED_FOR:
        return {}
    numbers = recall.of_visit(here, visit)
    found = recall.checked(numbers[0], here) if len(set(numbers)) == 1 else None
    if found is None:
        return {}
    reveal.note(here, visit.number, "沿用来访时记下的证件号码", actor)
    kind, number = found
    if kind is DocumentKind.CREDIT_CODE:
        return {"org_document": [kind.value], "credit_code": [number]}
    return {"document": [kind.value], "document_number": [number]}


def _fields_of(here: Local, case: Case) -> Fields:
    sealed = said(here, case)
    if sealed is None:
        return {}
    names = {
        "agent_name": "agent_name",
        "agent_number": "agent_number",
        "agent_phone": "agent_phone",
    }
    values = {"kind": case.applicant_kind}
    if case.applicant_kind == ORGANIZATION:
        values |= {"org_capacity": case.capacity, "org_document": case.document}
        names |= {
            "credit_code": "document_number",
            "org_name": "name",
            "org_phone": "phone",
            "contact": "contact",
        }
    else:
        values |= {"capacity": case.capacity, "document": case.document}
        names |= {"document_number": "document_number", "name": "name", "phone": "phone"}
    values["agent_document"] = case.agent_document
    values |= {field: str(sealed.get(name) or "") for field, name in names.items()}
    return {field: [value] for field, value in values.items() if value}
