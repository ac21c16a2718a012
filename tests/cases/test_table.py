"""Who may state what, where from and where to: said here once more in plain words, and compared
with what the fold does for every type, in every state, by everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from cases.fold import NotEntitled, WrongState, permit
from cases.folded import Case, Folded, Parcel
from cases.states import STATE_ZH, CaseState, ParcelState, StoreState, VisitState
from cases.table import TYPES, missing_fields, sealed_names
from tests.cases.facts import (
    CAST,
    CENTRAL,
    CENTRE,
    CHEN,
    HERE,
    LIN,
    History,
    case_in,
    parcel_in,
    store_in,
    visit_in,
)  # fmt: skip

#: What speaks of another fact, and is tried with one elsewhere.
OF_ANOTHER = {"case.voided", "case.scan_removed", "case.date_confirmed"}

UNDECIDED = "received forwarded correction accepted suspended"
RUNNING = f"{UNDECIDED} approved refused"
SETTLED = "not_accepted completed withdrawn lapsed"
DECIDED = f"approved refused {SETTLED}"
PAST = "delivered arrived returned cancelled"
MOVING = "packed taken_over out failed"
ANY_WAY = f"{MOVING} delivered arrived returned cancelled"

# type | who | in which states | the state it leads to ("=" stays)
CASE_RULES = f"""
case.received             | any point                 | new                        | received
case.forwarded            | holder                    | received                   | forwarded
case.sent_back            | holder                    | forwarded                  | received
case.correction_noticed   | decider                   | received forwarded         | correction
case.lapsed               | holder                    | correction                 | lapsed
case.accepted             | decider                   | received forwarded correction | accepted
case.not_accepted         | decider                   | received forwarded correction | not_accepted
case.suspended            | decider                   | accepted                   | suspended
case.resumed              | decider                   | suspended                  | accepted
case.extended             | decider                   | accepted                   | =
case.approved             | decider                   | accepted                   | approved
case.refused              | decider                   | accepted                   | refused
case.completed            | decider                   | approved refused           | completed
case.taken_up             | decider                   | {RUNNING}                  | =
case.handed_back          | decider                   | {RUNNING}                  | =
case.handed_over          | decider                   | {RUNNING}                  | =
case.opinion_asked        | decider                   | {UNDECIDED}                | =
case.opinion_given        | asked                     | {RUNNING} {SETTLED} closed | =
case.withdrawn            | holder                    | {UNDECIDED}                | withdrawn
case.closed               | receiver                  | {SETTLED}                  | closed
case.withdrawal_requested | receiver holder party central | {RUNNING}              | =
case.supplemented         | receiver holder party central | {RUNNING} lapsed       | =
case.pickup_wished        | central                   | {UNDECIDED} lapsed         | =
case.request_settled      | holder                    | {RUNNING} {SETTLED} closed | =
case.resident_told        | receiver                  | {DECIDED}                  | =
case.called               | receiver holder party     | {RUNNING} {SETTLED}        | =
case.handed_out           | receiver holder party     | {DECIDED} closed           | =
case.licence_checked      | central                   | {RUNNING} {SETTLED}        | =
case.result_issued        | decider                   | approved completed         | =
case.originals_filed      | receiver holder party     | {DECIDED}                  | =
case.shown                | point                     | new {RUNNING} {SETTLED} closed | =
case.papers_received      | receiver holder party     | new {RUNNING} {SETTLED} closed | =
case.date_confirmed       | receiver holder party central | {RUNNING} {SETTLED}    | =
case.corrected_on_spot    | receiver holder           | received forwarded correction | =
case.undertaking_kept     | receiver holder party     | {RUNNING} {SETTLED}        | =
case.scanned              | receiver holder party central | {RUNNING} {SETTLED}    | =
slip.filled               | receiver holder party central | new {RUNNING} {SETTLED}| =
slip.attached             | receiver holder party     | {RUNNING} {SETTLED}        | =
slip.confirmed            | receiver holder party     | {RUNNING} {SETTLED}        | =
slip.cancelled            | receiver holder party central | new {RUNNING} {SETTLED}| =
"""
PARCEL_RULES = f"""
parcel.packed             | any point                 | new                        | packed
parcel.waybill_printed    | receiver                  | {MOVING}                   | =
parcel.inspected          | receiver                  | packed                     | =
parcel.listed             | receiver                  | packed                     | =
parcel.missing_answered   | receiver                  | {MOVING} {PAST}            | =
parcel.fetch_accepted     | central                   | packed failed              | =
parcel.taken_over         | central                   | packed failed arrived      | taken_over
parcel.passed             | central                   | {ANY_WAY}                  | =
parcel.missing            | central                   | {MOVING} arrived           | =
parcel.out_for_delivery   | central                   | packed taken_over failed arrived | out
parcel.delivered          | central                   | {MOVING} arrived           | delivered
parcel.delivery_failed    | central                   | {MOVING} arrived           | failed
parcel.returned           | central receiver          | {MOVING}                   | returned
parcel.arrived            | destination               | {MOVING} delivered         | arrived
parcel.cancelled          | receiver                  | packed                     | cancelled
parcel.disputed           | central                   | delivered                  | =
parcel.dispute_called     | receiver                  | delivered                  | =
parcel.dispute_settled    | receiver                  | delivered                  | =
"""
VISIT_RULES = """
visit.opened              | any point                 | new                        | open
visit.asked               | receiver                  | open                       | =
visit.identified          | receiver                  | open                       | =
visit.ended               | receiver                  | open checked               | ended
visit.applied             | central                   | new to_mend                | applied
visit.scanned             | central                   | new to_mend                | =
visit.checked             | receiver                  | applied                    | checked
visit.mending_asked       | receiver                  | applied checked            | to_mend
visit.declined            | receiver                  | applied to_mend checked    | declined
visit.cancelled           | receiver central          | applied to_mend checked    | cancelled
slip.filled               | receiver central          | new to_mend open ended     | =
subject.forgotten         | central                   | new forgotten              | forgotten
"""
STORE_RULES = """
store.opened              | itself                    | new                        | open
store.refused             | central                   | new open                   | =
store.offer_refused       | central                   | new open                   | =
"""
Rules = dict[str, tuple[set[str], set[str], str]]


def rules(text: str) -> Rules:
    rows = (re.split(r" *\| *", line) for line in text.strip().splitlines())
    return {
        type.strip(): (set(re.findall("any point|[a-z]+", who)), set(states.split()), to.strip())
        for type, who, states, to in rows
    }


def roles(folded: Folded, author: str) -> set[str]:
    """What somebody is to a subject, said without the product's own words for it."""
    point = author.split(".")[0]
    if point == "central":
        return {"central"}
    found = {"point"} if folded.point else {"point", "any point"}
    if author == folded.number:
        found.add("itself")
    if folded.point == point:
        found.add("receiver")
    if isinstance(folded, Case) and folded.holder == point:
        found |= {"holder", *(["decider"] if folded.deciding == point else [])}
    known = (*folded.holders, folded.deciding, *folded.shown_to) if isinstance(folded, Case) else ()
    if point in known:
        found.add("party")
    if isinstance(folded, Parcel) and folded.to_point == point:
        found.add("destination")
    return found


Way = Callable[[str], History]
KINDS: dict[str, tuple[Way, Any, str]] = {
    "case": (case_in, CaseState, CASE_RULES),
    "case decided where it was received": (
        lambda state: case_in(state, deciding=HERE), CaseState, CASE_RULES
    ),
    "parcel": (parcel_in, ParcelState, PARCEL_RULES),
    "visit": (visit_in, VisitState, VISIT_RULES),
    "store": (store_in, StoreState, STORE_RULES),
}  # fmt: skip


def states_of(kind: str) -> Iterator[str]:
    for state in KINDS[kind][1]:
        if not (kind.startswith("case ") and state is CaseState.FORWARDED):
            yield state.value


# what a courier reports after the point signed for the parcel is kept, and moves nothing
LATE_REPORTS = {
    "parcel.taken_over", "parcel.out_for_delivery", "parcel.delivered", "parcel.delivery_failed"
}  # fmt: skip
EVERY_STATE = [(kind, state) for kind in KINDS for state in states_of(kind)]


def substance(folded: Folded) -> Folded:
    return msgspec.structs.replace(folded, steps=())


@pytest.mark.parametrize(("kind", "state"), EVERY_STATE)
def test_a_usual_history_leads_to_each_state(kind: str, state: str) -> None:
    folded = KINDS[kind][0](state).now()
    assert folded.state.value == state
    assert folded.set_aside == ()


@pytest.mark.parametrize("type", sorted(set(TYPES) - OF_ANOTHER))
@pytest.mark.parametrize(("kind", "state"), EVERY_STATE)
def test_exactly_what_the_rules_say_counts_and_nothing_else(
    kind: str, state: str, type: str
) -> None:
    way, _, text = KINDS[kind]
    who, where, to = rules(text).get(type, (set(), set(), "="))
    for author in CAST:
        history = way(state)
        before = history.now()
        counts = bool(roles(before, author) & who) and state in where
        more = {"to": CENTRE, "deciding": CENTRE, "op": "a new report",
                "kind": "tender", "days": 5}  # fmt: skip
        if type == "case.result_issued":
            more |= {"kind": "approval", "paper_number": "榕鼓民批〔2026〕GL001-0001号"}
        if type == "case.handed_over":
            more["officer"] = "s-2"
        if type == "case.corrected_on_spot":
            more["fields"] = ["phone"]
        known = {name for name, _, _ in TYPES[type].fields}
        event = history.say(type, author, **{k: v for k, v in more.items() if k in known})
        after = history.now()
        if counts:
            assert after.steps[-1].verdict == "ok", (author, after.steps[-1])
            stays = to == "=" or (type in LATE_REPORTS and state == "arrived")
            assert after.state.value == (state if stays else to)
        else:
            assert after.steps[-1].verdict == "set_aside", author
            assert re.search("[一-龥]", after.steps[-1].reason)
            assert substance(after) == substance(before)
        assert allowed(before, event.type, author, dict(event.data)) is counts


def allowed(folded: Folded, type: str, author: str, data: dict[str, Any]) -> bool:
    try:
        permit(folded, type, author, data, sealed_names(TYPES[type])[0])
    except WrongState:
        return False
    return True


def test_the_rules_here_name_every_type_of_the_table() -> None:
    texts = (CASE_RULES, PARCEL_RULES, VISIT_RULES, STORE_RULES)
    answers = {"aside.answered", "store.refusal_answered", "store.offer_answered"}
    own = {*OF_ANOTHER, "event.carried", *answers}  # of another fact
    assert {*own, *(type for text in texts for type in rules(text))} == set(TYPES)


def test_somebody_else_is_told_who_is_entitled() -> None:
    case = case_in("accepted").now()
    with pytest.raises(NotEntitled, match="只有有审批权的部门可以准予"):
        permit(case, "case.approved", LIN, {})
    with pytest.raises(WrongState, match="已受理，办理中：不能受理"):
        permit(case, "case.accepted", CHEN, {})


def test_a_fact_without_its_fields_is_not_permitted() -> None:
    parcel = parcel_in("packed").now()
    with pytest.raises(WrongState, match="揽收的字段不对：when"):
        permit(parcel, "parcel.taken_over", CENTRAL, {"op": "1"})
    with pytest.raises(WrongState, match="copy"):
        permit(parcel, "parcel.waybill_printed", LIN, {"copy": True})
    with pytest.raises(WrongState, match="缺少grounds、remedies"):
        permit(case_in("accepted").now(), "case.refused", CHEN, {})


def test_a_field_that_may_be_missing_may_not_be_of_another_kind() -> None:
    row = TYPES["parcel.returned"]
    assert missing_fields(row, {"when": "t"}) == []
    assert missing_fields(row, {"when": "t", "op": None}) == []
    assert missing_fields(row, {"when": "t", "op": 7}) == ["op"]


def test_every_state_has_its_words() -> None:
    states = {*CaseState, *ParcelState, *VisitState, *StoreState}
    assert set(STATE_ZH) == states
    assert all(re.search("[一-龥]", words) for words in STATE_ZH.values())


def test_nothing_that_names_a_person_is_an_open_field() -> None:
    personal = {
        "name",
        "phone",
        "street",
        "address",
        "document_number",
        "reason",
        "note",
        "grounds",
    }
    open_fields = {name.rstrip("?") for row in TYPES.values() for name in row.open}
    assert open_fields & personal == set()
