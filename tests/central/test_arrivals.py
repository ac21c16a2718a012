"""What central does of itself when a case arrives: checks what was waived, decides by a rule, and
takes results into the licence library. A second process does nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest

from cases.dates import CONFIRMED, later
from cases.folded import Case
from cases.issued import PaperKind, papers_of
from cases.licences import approval_type
from cases.numbers import PaperNumber, parse_paper_number
from cases.states import CaseState
from cases.times import day_of
from central import licence_calls
from central.jobs import Jobs
from central.licence_db import licence_keys, open_licence_db
from central.licence_library import DistrictLibrary, Held
from central.router import follow_journal
from labels.paper_code import PaperCode, mint_paper
from sync.errors import RemoteUnavailable
from tests.central.world import CENTRE, Browser, Central, MemoryDistrict, Point

ELDER = "11010519491231002X"
CODE = "91350100M000100Y43"
FOOD = "SCJG-001801"  # 仅销售预包装食品备案: nothing from outside but the licence library
TODAY = date(2026, 11, 23)
PAPER = "榕鼓民证〔2026〕GL031-{:04d}号"


@pytest.fixture
def library(district: MemoryDistrict) -> Iterator[DistrictLibrary]:
    with closing(open_licence_db(district.config.data)) as db:
        yield DistrictLibrary(db, licence_keys(district.secrets))


def receive(point: Point, code: str, *, number: str, waived: str = "", **changed: Any) -> str:
    """A case of a matter whose papers were taken, forwarded to the centre."""
    matter = point.district.bundle.catalogue.matter(code)
    firm = number == CODE
    materials: list[dict[str, Any]] = [
        {"position": m.position, "name": m.name, "handling": m.handling.value, "taken": True,
         "identity": m.identity}
        for m in matter.materials
    ]  # fmt: skip
    if waived:
        last = next(m for m in materials if m["position"] == _position(matter, waived))
        last |= {"taken": False, "waived": {"licence": waived, "check": "pending"}}
    data = {
        "matter": code, "title": matter.name, "version": "x", "level": "district",
        "department": matter.department, "department_name": "x", "deciding": CENTRE,
        "area": point.code, "applicant_kind": "organization" if firm else "person",
        "capacity": "self", "document": "credit_code" if firm else "resident_id",
        "immediate": True, "statutory_days": 1, "promised_days": 0, "day_unit": "working",
        "materials": materials, "instant": matter.instant, **changed,
    }  # fmt: skip
    case = point.new_case_number()
    person = {"name": "林小梅", "document_number": number, "phone": "13805915678"}
    point.state("case.received", case, data, **person)
    point.state("case.forwarded", case, {"to": CENTRE, "department": matter.department})
    return case


def _position(matter: Any, licence: str) -> int:
    return next(int(m.position) for m in matter.materials if m.licence == licence)


def settle(central: Central, *others: Jobs) -> None:
    for _ in range(4):
        central.carry()
        for jobs in others:
            jobs.step()


def case_of(central: Central, number: str) -> Case:
    case = central.jobs.store.case(number)
    assert case is not None
    return case


def test_a_case_whose_facts_are_all_there_is_approved_in_the_departments_name(
    central: Central, point: Point, library: DistrictLibrary, resident: Browser
) -> None:
    library.put("YYZZ", CODE, "file:1", Held("Y-1", "市场监管局"))
    number = receive(point, FOOD, number=CODE)
    settle(central)
    case = case_of(central, number)
    assert (case.state, case.holder) == (CaseState.APPROVED, CENTRE)
    assert case.rule.startswith(f"{FOOD}@")
    event = central.jobs.store.event(case.steps[-1].id)
    assert event is not None
    assert event.data["rule"] == case.rule
    facts = central.jobs.store.unseal(event)["facts"]
    assert "营业执照在有效期内" in [fact["words"] for fact in facts]
    page = resident.get(f"/T/{point.token(number)}").text
    assert "系统自动审批（秒批）" in page


def test_its_notices_are_numbered_in_the_departments_name_and_verify(
    central: Central, point: Point, library: DistrictLibrary, resident: Browser
) -> None:
    library.put("YYZZ", CODE, "file:1", Held("Y-1", "市场监管局"))
    number = receive(point, FOOD, number=CODE)
    settle(central)
    papers = papers_of(case_of(central, number).steps)
    assert [p.kind for p in papers] == [PaperKind.ACCEPTANCE, PaperKind.APPROVAL]
    suffix = central.jobs.author.author.partition(".")[2].upper()
    assert [p.number for p in papers] == [
        f"榕鼓市监{word}〔2026〕GL000{suffix}-0001号" for word in ("受", "准")
    ]
    for paper in papers:
        named = parse_paper_number(paper.number)
        assert named is not None
        code = PaperCode(number, paper.kind, named._replace(series=""), point.number)
        key = point.district.secrets.token_key(point.number)
        page = resident.get(f"/V/{mint_paper(key, code)}").text
        for said in ("是真的，现在有效", paper.number):
            assert said in page, said


def test_what_is_dated_after_the_day_central_heard_of_it_counts_from_that_day(
    central: Central, point: Point
) -> None:
    right, heard = point.clock, point.clock()
    point.clock = lambda: later(heard, 3 * 86_400)
    ahead = point.receive(document_number=ELDER)
    point.clock = lambda: later(heard, 3_600)
    an_hour = point.receive(document_number=ELDER)
    point.clock = right
    settle(central)
    case = case_of(central, ahead)
    assert day_of(case.received_at) == day_of(heard) < day_of(case.steps[0].at)
    (said,) = [s for s in case.steps if s.type == CONFIRMED]
    assert (said.verdict, said.data["how"]) == ("ok", "receipt")
    assert CONFIRMED not in [s.type for s in case_of(central, an_hour).steps]


def test_no_two_starts_or_processes_of_central_ever_give_one_number(
    central: Central,
) -> None:
    """Also where the first start was forgotten: restored from a backup that knows nothing of it."""
    author, given = central.jobs.author, []
    for _ in range(3):
        given += [author.paper_number("榕鼓市监准", year) for year in (2026, 2026, 2027)]
        author.begin_anew()
    assert len(set(given)) == len(given)
    assert all(parse_paper_number(number) is not None for number in given)


def test_a_notice_that_central_has_not_heard_of_is_told_from_a_points(
    central: Central, point: Point, resident: Browser
) -> None:
    bare = PaperNumber("", 2026, 0, 1, "k3f9zzzz")
    code = PaperCode(point.new_case_number(), PaperKind.APPROVAL, bare, point.number)
    key = point.district.secrets.token_key(point.number)
    page = resident.get(f"/V/{mint_paper(key, code)}").text
    assert "区政务服务中心的自动审批" in page
    assert "不知道的受理点" not in page


def test_two_processes_of_central_decide_once(
    central: Central, point: Point, library: DistrictLibrary, district: MemoryDistrict
) -> None:
    library.put("YYZZ", CODE, "file:1", Held("Y-1", "市场监管局"))
    number = receive(point, FOOD, number=CODE)
    second = Jobs(replace_model(district))
    central.intake.take_in(point.code)
    second.step()
    settle(central, second)
    case = case_of(central, number)
    assert case.state is CaseState.APPROVED
    assert [s.type for s in case.steps if s.verdict == "ok"].count("case.approved") == 1
    assert case.set_aside == ()
    assert len({s.author for s in case.steps if s.author.startswith("central")}) == 2
    second.close()


def replace_model(district: MemoryDistrict) -> MemoryDistrict:
    """The same district as another host sees it: with a read model of its own."""

    class Other(MemoryDistrict):
        def open_store(self, name: str = "other.db", *, checkpoints: bool = False) -> Any:
            return super().open_store("other.db", checkpoints=checkpoints)

    return Other(
        district.config, district.secrets, district.bundle, district.clock, memory=district.memory
    )


NO_RULE_DECIDES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (FOOD, CODE, {"instant": False}),  # the point says it is none
    (FOOD, ELDER, {}),  # no firm
    ("SCJG-000501", ELDER, {}),  # needs a register outside
    ("SCJG-001400", CODE, {"instant": True}),  # the catalogue says it is none
)


def test_everything_else_goes_to_a_person(
    central: Central, point: Point, library: DistrictLibrary
) -> None:
    library.put("YYZZ", CODE, "file:1", Held("Y-1", "市场监管局"))
    numbers = [receive(point, code, number=n, **more) for code, n, more in NO_RULE_DECIDES]
    settle(central)
    assert {case_of(central, number).state for number in numbers} == {CaseState.FORWARDED}


def test_no_licence_in_the_library_is_no_approval_and_no_refusal(
    central: Central, point: Point
) -> None:
    number = receive(point, FOOD, number=CODE)
    settle(central)
    assert case_of(central, number).state is CaseState.FORWARDED
    assert case_of(central, number).set_aside == ()


def test_a_second_one_while_the_first_runs_goes_to_a_person(
    central: Central, point: Point, library: DistrictLibrary
) -> None:
    library.put("YYZZ", CODE, "file:1", Held("Y-1", "市场监管局"))
    both = [receive(point, FOOD, number=CODE) for _ in range(2)]
    settle(central)
    assert {case_of(central, number).state for number in both} == {CaseState.FORWARDED}


def test_what_was_waived_without_a_line_is_checked_on_arrival(
    central: Central, point: Point, library: DistrictLibrary
) -> None:
    library.put("SBK", ELDER, "file:1", Held("S-1", "人社局"))
    for holder, has in ((ELDER, True), ("110105194912310046", False)):
        number = receive(point, "RSJ-002401", number=holder, waived="SBK")
        settle(central)
        (paper,) = [m for m in case_of(central, number).materials if m.licence]
        assert paper.check == ("found" if has else "not_found")
        checked = [s for s in case_of(central, number).steps if s.type == "case.licence_checked"]
        assert [s.data for s in checked] == [{"position": paper.position, "found": has}]
        with closing(open_licence_db(central.district.config.data)) as db:
            call = licence_calls.newest(db)[0]
        assert (call.subject, call.purpose, call.licence) == (number, "check", "SBK")


def test_after_the_check_the_rule_decides(
    central: Central, point: Point, library: DistrictLibrary
) -> None:
    library.put("YYZZ", CODE, "file:1", Held("Y-1", "市场监管局"))
    number = receive(point, FOOD, number=CODE, waived="YYZZ")
    settle(central)
    assert case_of(central, number).state is CaseState.APPROVED


def test_a_line_that_fails_loses_nothing_and_states_nothing_twice(
    central: Central, point: Point, library: DistrictLibrary
) -> None:
    library.put("YYZZ", CODE, "file:1", Held("Y-1", "市场监管局"))
    number = receive(point, FOOD, number=CODE)
    central.intake.take_in(point.code)
    while central.jobs.store.case(number) is None:
        follow_journal(central.jobs.store, central.jobs.server)
    central.cut_line()
    with pytest.raises(RemoteUnavailable):
        central.jobs.arrive()
    central.mend_line()
    settle(central)
    case = case_of(central, number)
    assert case.state is CaseState.APPROVED
    assert [s.type for s in case.steps].count("case.approved") == 1


def test_a_paper_that_nobody_can_look_up_is_asked_for(central: Central, point: Point) -> None:
    number = receive(point, "RSJ-000701", number=CODE, waived="SFZ")  # an employee's card
    settle(central)
    (paper,) = [m for m in case_of(central, number).materials if m.licence]
    assert paper.check == "not_found"


def test_what_is_issued_here_is_in_the_library_until_it_is_replaced_or_void(
    central: Central, point: Point, library: DistrictLibrary
) -> None:
    number = point.receive(document_number=ELDER)
    point.state("case.accepted", number, {})
    approved = point.state("case.approved", number, {})
    data = {"kind": "certificate", "licence": "LNYD", "valid_until": "2030-12-31"}
    first = {**data, "paper_number": PAPER.format(1)}
    issued = point.state("case.result_issued", number, first, holder="林小梅")
    settle(central)
    assert number_of(library) == PAPER.format(1)
    second = {**data, "paper_number": PAPER.format(2), "replaces": issued}
    point.state("case.result_issued", number, second, holder="林小梅")
    settle(central)
    assert number_of(library) == PAPER.format(2)
    point.state("case.voided", number, {"event": approved}, reason="办错了")
    settle(central)
    assert number_of(library) == ""


def test_an_approval_is_in_the_library_under_what_it_approves(
    central: Central, point: Point, library: DistrictLibrary
) -> None:
    number = point.receive(document_number=ELDER)
    point.state("case.accepted", number, {})
    point.state("case.approved", number, {})
    said = {"kind": "approval", "licence": "", "paper_number": PAPER.format(3)}
    point.state("case.result_issued", number, said, holder="林小梅")
    settle(central)
    kind = approval_type(case_of(central, number).matter)
    found = library.find(kind, ELDER, TODAY)
    assert found is not None
    assert found.number == PAPER.format(3)


def number_of(library: DistrictLibrary) -> str:
    """The number of the elder's card in force, or empty."""
    found = library.find("LNYD", ELDER, TODAY)
    return found.number if found else ""
