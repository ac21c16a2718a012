"""What central does of itself when a case arrives: check what was waived, decide by a rule (秒批),
take results that were issued into the licence library.

It follows the read model, one bounded step at a time; every step may be repeated, and in several
processes at once: the fold counts what is stated twice only once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import structlog
from sqlite_utils import Database

from cases.catalogue import Matter
from cases.dates import BY_RECEIPT, CONFIRMED, RUNS_FROM, is_late
from cases.events import CENTRAL, Event
from cases.fold import VOID, WrongState
from cases.folded import Case, Material
from cases.instant import SYSTEM, Approve, Known, Rule, Source, evaluate, facts_of, said_facts
from cases.issued import OF_FACT, RESULT_ISSUED, Standing, papers_of
from cases.licences import Numbers, approval_type, pending
from cases.states import CaseState
from cases.times import day_of
from central import licence_calls
from central.author import CentralAuthor
from central.district import District
from central.licence_calls import Call
from central.licence_library import Held, LicenceLibrary
from labels.issuer import issuing_body
from labels.texts import wording
from sync.db import write
from sync.doubles import running_doubles
from sync.rules import load_rules
from sync.said import said_of
from sync.seal import CannotUnseal
from sync.store import Store

log = structlog.get_logger()
CURSOR = "arrivals"
BATCH = 100
_OF_RESULTS = (RESULT_ISSUED, VOID)
_MOVES = ("case.received", "case.forwarded", "case.licence_checked", "case.accepted")
_LOOKED_AT = frozenset({*_MOVES, *_OF_RESULTS, *RUNS_FROM})


class Arrived(NamedTuple):
    """What one step did: events looked at, facts stated, whether that is all."""

    seen: int
    stated: int
    caught_up: bool


class Arrivals:
    """One process's eye on what arrives."""

    def __init__(
        self,
        district: District,
        store: Store,
        author: CentralAuthor,
        library: LicenceLibrary,
        calls: Database,
    ) -> None:
        self._district = district
        self._store = store
        self._author = author
        self._library = library
        self._calls = calls
        self._said: set[tuple[str, str]] = set()  # what is on its way to the read model

    def step(self) -> Arrived:
        """Look at the next events of the read model; then the cursor moves.

        :raises RemoteError: it is not known whether something was stated; the step is repeated.
        """
        rows = self._store.db.execute(
            "SELECT seq, id FROM events WHERE seq>? ORDER BY seq LIMIT ?",
            [int(self._store.cursor(CURSOR)), BATCH],
        ).fetchall()
        if not rows:
            return Arrived(0, 0, True)
        stated = sum(self._look_at(id) for _, id in rows)
        with write(self._store.db):
            self._store.set_cursor(CURSOR, str(rows[-1][0]))
        return Arrived(len(rows), stated, len(rows) < BATCH)

    def _look_at(self, id: str) -> int:
        event = self._store.event(id)
        if event is None or event.type not in _LOOKED_AT:
            return 0
        case = self._store.case(event.subject)
        if case is None or not any(s.id == id and s.verdict == "ok" for s in case.steps):
            return 0
        bounded = self._bound(case, event)
        try:
            if event.type in _OF_RESULTS:
                self._take_in(case, self._sealed(case))
            elif event.type in _MOVES:
                sealed = self._sealed(case)
                return self._check(case, sealed) or self._decide(case, sealed) or bounded
        except CannotUnseal:
            pass  # nobody can tell whose it is any more: a person decides
        return bounded

    def _bound(self, case: Case, event: Event) -> int:
        """No period runs from later than the receipt: state when a fact was heard of, where it is
        dated after that day."""
        heard = self._store.heard(event.id)
        if event.type not in RUNS_FROM or not is_late(event.at, heard):
            return 0
        data = {"event": event.id, "on": heard, "how": BY_RECEIPT}
        return self._state(CONFIRMED, case, f"heard:{event.id}", data)

    def _sealed(self, case: Case) -> dict[str, Any]:
        return said_of(self._store, case)

    def _state(
        self, type: str, case: Case, key: str, data: Mapping[str, Any], **sealed: Any
    ) -> int:
        if (case.number, key) in self._said:
            return 0
        try:
            self._author.state(
                self._store, type, case.number, data, actor=SYSTEM, sealed=sealed or None
            )
        except WrongState as why:
            log.info("not stated", type=type, why=str(why))
            return 0
        self._said.add((case.number, key))
        return 1

    # what was waived

    def _check(self, case: Case, sealed: Mapping[str, Any]) -> int:
        """Look up what was waived without a line."""
        running = (CaseState.RECEIVED, CaseState.FORWARDED, CaseState.ACCEPTED)
        if case.state not in running:
            return 0
        return sum(self._check_paper(case, paper, sealed) for paper in pending(case))

    def _check_paper(self, case: Case, paper: Material, sealed: Mapping[str, Any]) -> int:
        key = f"check:{paper.position}"
        if (case.number, key) in self._said:
            return 0
        holder = _holder(self._district, paper, case, sealed)
        found = bool(holder) and self._find(case, paper.licence, holder, "check")
        data = {"position": paper.position, "found": found}
        return self._state("case.licence_checked", case, key, data)

    def _find(self, case: Case, licence: str, holder: str, purpose: str) -> bool:
        now = self._district.clock()
        held = self._library.find(licence, holder, day_of(now))
        result = licence_calls.FOUND if held else licence_calls.NONE
        call = Call(now, CENTRAL, SYSTEM, case.number, case.matter, purpose, licence, result)
        licence_calls.note(self._calls, call)
        return held is not None

    # 秒批

    def _decide(self, case: Case, sealed: Mapping[str, Any]) -> int:
        """Take a case on, or approve what was taken on so, by its matter's rule."""
        matter = self._district.bundle.catalogue.get(case.matter)
        rule = load_rules().get(case.matter) if case.instant and matter and matter.instant else None
        type = _next(case)
        if rule is None or not type or (rule.of_the_node and case.deciding == case.point):
            return 0
        outcome = self._outcome(rule, matter, case, sealed)
        if outcome is None:
            return 0
        facts = {"facts": said_facts(outcome)} if type == "case.approved" else {}
        data = {"rule": rule.name, "paper_number": self._paper_number(case, type)}
        return self._state(type, case, type, data, **facts)

    def _paper_number(self, case: Case, type: str) -> str:
        """The number of the notice that a fact issues, in the department's name."""
        series = wording().series(OF_FACT[type], case.department)
        return self._author.paper_number(series, day_of(self._district.clock()).year)

    def _outcome(
        self, rule: Rule, matter: Matter | None, case: Case, sealed: Mapping[str, Any]
    ) -> Approve | None:
        """The approval, or None. A library is asked only if nothing else stands against it."""
        if any(check.source.outside for check in rule.checks):
            return None  # no register outside is connected: unknown, so a person decides
        number = str(sealed.get("document_number") or "")
        wanted = [c.fact.partition(":")[2] for c in rule.checks if c.source is Source.LIBRARY]
        known = Known(
            case, sealed, day_of(self._district.clock()),
            self._district.bundle.guide.answers_of(str(sealed.get("answers") or "")),
            running_doubles(self._store, case, number), dict.fromkeys(wanted, True),
        )  # fmt: skip
        if not isinstance(evaluate(rule, facts_of(known, matter)), Approve):
            return None
        if not all(self._find(case, licence, number, "rule") for licence in wanted):
            return None
        outcome = evaluate(rule, facts_of(known, matter))
        return outcome if isinstance(outcome, Approve) else None

    # results

    def _take_in(self, case: Case, sealed: Mapping[str, Any]) -> None:
        """Of a case's certificates and approvals the library holds what is valid: not what was
        voided since, nor what another one replaced."""
        for paper in papers_of(case.steps):
            if not paper.is_result:
                continue
            event = self._store.event(paper.event)
            own = self._store.unseal(event) if event and event.sealed else {}
            holder = str(own.get("document_number") or sealed.get("document_number") or "")
            source = f"case:{paper.event}"
            if paper.standing is not Standing.VALID or not holder:
                self._library.withdraw(source)
                continue
            bundle = self._district.bundle
            issuer = issuing_body(case, bundle.directory, bundle.catalogue)
            held = Held(paper.number, issuer, paper.valid_until)
            kind = paper.licence or approval_type(case.matter)
            self._library.put(kind, holder, source, held)


def _next(case: Case) -> str:
    """What a rule would state next, or empty."""
    if case.holder != case.deciding:
        return ""
    if case.state in (CaseState.RECEIVED, CaseState.FORWARDED):
        return "case.accepted"
    return "case.approved" if case.state is CaseState.ACCEPTED and case.rule else ""


def _holder(district: District, paper: Material, case: Case, sealed: Mapping[str, Any]) -> str:
    """By whose number a waived paper is looked up, or empty."""
    catalogue = district.bundle.catalogue
    matter = catalogue.get(case.matter)
    specs = matter.materials if matter else ()
    spec = next((m for m in specs if m.position == paper.position), None)
    if spec is None or spec.licence != paper.licence:
        return ""
    numbers = Numbers(
        case.applicant_kind,
        str(sealed.get("document_number") or ""),
        str(sealed.get("agent_number") or ""),
    )
    return numbers.of(spec, catalogue.licence(spec.licence))
