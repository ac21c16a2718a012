"""What each type of event changes in its subject, once the fold has let it count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from cases import (
    desks,
    disputes,
    effects_papers,
    effects_parcel,
    effects_visit,
    originals,
    proceedings,
    slips,
)
from cases.effects_papers import is_whole
from cases.events import Event
from cases.folded import (
    Answer,
    Case,
    Decision,
    Material,
    Request,
    StoreBook,
    Subject,
)
from cases.states import CaseState
from cases.table import TYPES


def _received(case: Case, event: Event) -> Case:
    data = event.data
    plain = ("matter", "title", "version", "level", "department", "department_name", "deciding",
             "area", "applicant_kind", "capacity", "document", "immediate", "statutory_days",
             "promised_days", "day_unit")  # fmt: skip
    return replace(
        case,
        **{name: data[name] for name in plain},
        extension_days=data.get("extension_days"),
        agent_document=str(data.get("agent_document") or ""),
        visit=str(data.get("visit") or ""),
        accepting=str(data.get("accepting") or ""),
        instant=data.get("instant") is True,
        materials=tuple(m for m in map(_material, data["materials"]) if m is not None),
        state=CaseState.RECEIVED,
        point=event.point,
        holder=event.point,
        holders=(event.point,),
        received_at=event.at,
        received_event=event.id,
        **_group(data.get("bundle")),
    )


def _group(value: Any) -> dict[str, Any]:
    """With what it was applied for at once (一件事)."""
    if not isinstance(value, Mapping):
        return {}
    return {
        "bundle": str(value.get("code") or ""),
        "group": str(value.get("group") or ""),
        "group_size": value["size"] if is_whole(value.get("size")) else 0,
        "together": value.get("together") is True,
    }


def _material(value: Any) -> Material | None:
    if not isinstance(value, Mapping) or not is_whole(value.get("position")):
        return None
    waived = value.get("waived")
    waived = waived if isinstance(waived, Mapping) and value.get("taken") is not True else {}
    return Material(
        position=value["position"],
        name=str(value.get("name", "")),
        handling=str(value.get("handling", "looked_at")),
        taken=value.get("taken") is True,
        identity=value.get("identity") is True,
        licence=str(waived.get("licence") or ""),
        check=str(waived.get("check") or ""),
        undertaken=str(value.get("undertaken") or ""),
        lacking=value.get("lacking") is True,
        copies=copies if type(copies := value.get("copies")) is int else 1,
        source=str(value.get("source") or ""),
    )


def _licence_checked(case: Case, event: Event) -> Case:
    """The first answer to a paper that waits for its check; later ones say the same again."""
    found = "found" if event.data["found"] else "not_found"
    return replace(
        case,
        materials=tuple(
            replace(m, check=found)
            if m.position == event.data["position"] and m.check == "pending"
            else m
            for m in case.materials
        ),
    )


def _forwarded(case: Case, event: Event) -> Case:
    """To whom decides. What the receiving point took on stays taken on, and its clock runs on."""
    taken_on = case.state is CaseState.ACCEPTED
    case = case if taken_on else replace(case, state=CaseState.FORWARDED)
    return _pass_to(case, event.data["to"], decides=True)


def _sent_back(case: Case, event: Event) -> Case:
    return _pass_to(replace(case, state=CaseState.RECEIVED), case.point)


def _pass_to(case: Case, party: str, *, decides: bool = False) -> Case:
    return replace(
        case,
        holder=party,
        officer="",
        deciding=party if decides else case.deciding,
        holders=case.holders if party in case.holders else (*case.holders, party),
    )


def _accepted(case: Case, event: Event) -> Case:
    rule = str(event.data.get("rule") or "")
    return replace(case, state=CaseState.ACCEPTED, accepted_at=event.at, rule=rule)


def _withdrawn(case: Case, event: Event) -> Case:
    return replace(_undone(case), state=CaseState.WITHDRAWN)


def _not_accepted(case: Case, event: Event) -> Case:
    decision = Decision(False, event.id, event.at, event.author)
    return replace(_undone(case), state=CaseState.NOT_ACCEPTED, decision=decision)


def _undone(case: Case) -> Case:
    """What was told and handed over belonged to an earlier outcome, which was voided since."""
    return replace(case, told_at="", result_handed_out=False)


def _decided(approved: bool) -> Callable[[Case, Event], Case]:
    def apply(case: Case, event: Event) -> Case:
        elsewhere = str(event.data.get("elsewhere_date") or "")
        return replace(
            _undone(case),
            state=CaseState.APPROVED if approved else CaseState.REFUSED,
            decision=Decision(approved, event.id, event.at, event.author, elsewhere),
        )

    return apply


def _completed(case: Case, event: Event) -> Case:
    return replace(
        case,
        state=CaseState.COMPLETED,
        completed_at=event.at,
        result=event.data["result"],
        delivery=event.data["delivery"],
        filed=_positions(case.filed, case, event),
    )


def _positions(known: tuple[int, ...], case: Case, event: Event) -> tuple[int, ...]:
    return tuple(sorted({*known, *originals.meant(case, event.data)}))


def _requested(case: Case, event: Event) -> Case:
    request = Request(event.id, event.type, event.at, event.author)
    return replace(case, requests=(*case.requests, request))


def _shown(case: Case, event: Event) -> Case:
    """Whoever is shown the receipt is a party: the resident asked there (DESIGN: parties)."""
    known = event.point in case.shown_to
    return case if known else replace(case, shown_to=(*case.shown_to, event.point))


def _request_settled(case: Case, event: Event) -> Case:
    left = tuple(r for r in case.requests if r.event != event.data["request"])
    return replace(proceedings.answered(case, event), requests=left)


def _told(case: Case, event: Event) -> Case:
    return replace(case, told_at=event.at)


def _handed_out(case: Case, event: Event) -> Case:
    return replace(
        case,
        result_handed_out=case.result_handed_out or event.data["result"],
        handed_out=_positions(case.handed_out, case, event),
    )


def _originals_filed(case: Case, event: Event) -> Case:
    return replace(case, filed=_positions(case.filed, case, event))


def _closed(case: Case, event: Event) -> Case:
    """Nobody closes a case with a request open, so those that are had not come there yet."""
    unheard = tuple(request.at for request in case.requests)
    return replace(case, state=CaseState.CLOSED, closed_at=event.at, unheard=unheard)


def _to(event: Event) -> Any:
    return TYPES[event.type].to


def _store_opened(book: StoreBook, event: Event) -> StoreBook:
    said = {name: event.data[name] for name in ("sign_key", "box_key", "software", "range")}
    return replace(book, point=event.point, state=_to(event), **said)


def _store_refused(book: StoreBook, event: Event) -> StoreBook:
    if any(r["n"] == event.data["n"] for r in book.refused):
        return book  # two routers refused the same event
    return replace(book, refused=(*book.refused, dict(event.data)))


def _refusal_answered(book: StoreBook, event: Event) -> StoreBook:
    """The first answer stands; another one stays in the history."""
    n = str(event.data["n"])
    return book if n in book.answers else replace(book, answers={**book.answers, n: answer(event)})


def _offer_refused(book: StoreBook, event: Event) -> StoreBook:
    """The same content offered by several parties, or met by two routers, is one thing."""
    offer = {**event.data, "at": event.at}
    if any(offer_key(known) == offer_key(offer) for known in book.offers):
        return book
    return replace(book, offers=(*book.offers, offer))


def offer_key(offer: Mapping[str, Any]) -> str:
    """Which content at which place of a store it is: what an answer to it names."""
    return f"{offer['n']}:{offer['hash']}"


def _offer_answered(book: StoreBook, event: Event) -> StoreBook:
    """The first answer stands; another one stays in the history."""
    key = offer_key(event.data)
    if key in book.answers:
        return book
    return replace(book, answers={**book.answers, key: answer(event)})


def answer(event: Event) -> Answer:
    """The answer that an event gives to something that did not count."""
    return Answer(event.data["how"], event.id, event.at, event.author, event.actor)


def _as_it_was(subject: Subject, event: Event) -> Subject:
    """Nothing changes but the history, where the fold and ``issued`` read it."""
    return subject


#: The effect of each type of event on its subject.
EFFECTS: dict[str, Callable[[Any, Event], Any]] = {
    "store.opened": _store_opened,
    "store.refused": _store_refused,
    "store.refusal_answered": _refusal_answered,
    "store.offer_refused": _offer_refused,
    "store.offer_answered": _offer_answered,
    "aside.answered": _as_it_was,
    "event.carried": _as_it_was,  # only one that cannot be read: else the fold has what it carries
    **effects_visit.EFFECTS,
    "case.received": _received,
    "case.forwarded": _forwarded,
    "case.sent_back": _sent_back,
    "case.correction_noticed": proceedings.noticed,
    "case.supplemented": proceedings.supplemented,
    "case.pickup_wished": proceedings.pickup_wished,
    "case.lapsed": proceedings.lapsed,
    "case.accepted": _accepted,
    "case.suspended": proceedings.suspended,
    "case.resumed": proceedings.resumed,
    "case.extended": proceedings.extended,
    "case.called": proceedings.called,
    "case.not_accepted": _not_accepted,
    "case.approved": _decided(True),
    "case.refused": _decided(False),
    "case.completed": _completed,
    **desks.EFFECTS,
    "case.withdrawn": _withdrawn,
    "case.closed": _closed,
    "case.withdrawal_requested": _requested,
    "case.shown": _shown,
    "case.papers_received": _requested,  # the holder answers it, and completion waits
    "case.request_settled": _request_settled,
    "case.resident_told": _told,
    "case.licence_checked": _licence_checked,
    "case.handed_out": _handed_out,
    "case.originals_filed": _originals_filed,
    "case.result_issued": _as_it_was,
    "case.date_confirmed": _as_it_was,  # the fold counts anew what it dates
    "case.corrected_on_spot": _as_it_was,  # what is sealed in it is read by ``corrected``
    "case.undertaking_kept": effects_papers.undertaking_kept,
    "case.scanned": effects_papers.scanned,
    "case.scan_removed": effects_papers.scan_removed,
    **slips.EFFECTS,
    **disputes.EFFECTS,
    **effects_parcel.EFFECTS,
}
