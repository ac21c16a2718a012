"""No page breaks on, or runs, what a stranger's PC put into facts that are well signed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from cases.events import event_id, parse
from cases.issued import PaperKind
from cases.numbers import case_number, parcel_number, parse_paper_number
from cases.states import CaseState, ParcelState
from labels.paper_code import PaperCode, mint_paper
from labels.tokens import Purpose, mint
from node.actions import ACTIONS
from node.app import create_app as window
from node.local import Node
from sync.seal import new_key, seal, wrap_to
from sync.store import Envelope
from tests.central.world import Browser, Central, MemoryDistrict
from tests.node.conftest import CENTRE, Desk, make_node, sign_in

NEIGHBOUR, NUMBER = "350102001002", 14
ROGUE, VICTIM, COURIERS = f"{NEIGHBOUR}.r0ge", f"{CENTRE}.zzzz", "central.zzzz"
DAY = date(2026, 11, 23)
PAPER = "榕鼓市监受〔2026〕GL014-0001号"
SCRIPT = "<script>alert('𠮷')</script>"
ODD: tuple[Any, ...] = (
    SCRIPT, "", "長" * 3000, "\x00\u202e\ud7ff", "../../x", "{{7*7}}%s", "central", "2026-13-45",
)  # fmt: skip
ODD_INT = (-(10**30), 10**30, 0, 2**63)
ODD_LIST: tuple[list[Any], ...] = (
    [True, [1], {"position": [1]}, None, "x"],
    [{"position": 0, "name": {"a": 1}, "case": ["x"], "handling": [1], "taken": True}],
    [{"position": 10**30, "name": SCRIPT, "handling": "original_kept", "taken": True}],
    [{"position": True, "name": None, "case": 5}, [], {}],
)
SEALED: tuple[Any, ...] = (
    ["x"], {}, {"name": ["x"], "phone": {"a": 1}, "region": 5, "address": None},
    {"name": SCRIPT, "phone": SCRIPT, "address": SCRIPT, "region": SCRIPT, "street": SCRIPT,
     "note": SCRIPT, "document_number": SCRIPT, "reason": SCRIPT, "grounds": SCRIPT},
)  # fmt: skip


class Story:
    """A hostile case and its parcels as envelopes: every open field odd, in the way ``turn``."""

    def __init__(self, turn: int, box: str) -> None:
        self.turn, self.box = turn, box
        self.envelopes: list[Envelope] = []
        self.n = {ROGUE: 0, VICTIM: 0, COURIERS: 0}
        self.ks: dict[str, int] = {}
        self.case = case_number(NUMBER, DAY, 1)
        self.parcel = parcel_number(NUMBER, DAY, 1)

    def say(self, type: str, subject: str, by: str = ROGUE, *, sealed: bool = False,
            **data: Any) -> str:  # fmt: skip
        k = self.ks[subject] = self.ks.get(subject, 0) + 1
        self.n[by] += 1
        id = event_id(subject, k, by)
        doc = {
            "id": id, "v": 1, "type": type, "at": "2026-11-23T01:30:00Z", "author": by,
            "n": self.n[by], "actor": SCRIPT, "data": {"when": self.odd, "next": self.odd, **data},
            "prev": "", "sig": "",
        }  # fmt: skip
        keys = ()
        if sealed:
            key = new_key()
            doc["sealed"] = seal(key, id, SEALED[self.turn % len(SEALED)])
            keys = (wrap_to(self.box, key),)
        self.envelopes.append(Envelope(parse(doc), keys))
        return id

    @property
    def odd(self) -> Any:
        return ODD[self.turn % len(ODD)]

    @property
    def list(self) -> Any:
        return ODD_LIST[self.turn % len(ODD_LIST)]

    @property
    def int(self) -> Any:
        return ODD_INT[self.turn % len(ODD_INT)]

    def received(self) -> Story:
        names = (
            "matter",
            "title",
            "version",
            "level",
            "department",
            "department_name",
            "area",
            "applicant_kind",
            "capacity",
            "document",
            "agent_document",
            "day_unit",
            "visit",
        )
        odd = dict.fromkeys(names, self.odd)
        self.say(
            "case.received",
            self.case,
            sealed=True,
            deciding=CENTRE,
            immediate=False,
            statutory_days=self.int,
            promised_days=self.int,
            materials=self.list,
            **odd,
        )
        self.say("case.received", self.case, sealed=True, materials=5)  # does not count
        self.say("slip.filled", self.case, sealed=True, channel=self.odd, replaces=self.odd)
        self.say("slip.attached", self.case, sealed=True, visit=self.odd, slip=self.odd)
        self.say("case.withdrawal_requested", self.case, sealed=True)
        self.say("store.refused", VICTIM, author="x", n=[1], why={"a": 1}, hash=self.odd)
        return self

    def forwarded(self) -> Story:
        self.say("case.forwarded", self.case, to=CENTRE, department=self.odd)
        return self

    def accepted(self) -> Story:
        self.say("case.accepted", self.case, VICTIM, paper_number=PAPER)
        return self

    def decided(self) -> Story:
        """It goes back, and the stranger decides it."""
        self.say("case.sent_back", self.case, VICTIM, sealed=True)
        self.say("case.forwarded", self.case, to=NEIGHBOUR, department=self.odd)
        self.say("case.accepted", self.case)
        self.say(
            "case.approved" if self.turn % 2 else "case.refused",
            self.case,
            sealed=True,
            elsewhere_date=self.odd,
            paper_number=self.odd,
        )
        for kind, number in ((self.odd, self.odd), ("certificate", PAPER.replace("受", "证"))):
            self.say(
                "case.result_issued", self.case, sealed=True, licence=self.odd,
                valid_until=self.odd, replaces=self.odd, paper_number_before=self.odd,
                kind=kind, paper_number=number,
            )  # fmt: skip
        return self

    def completed(self) -> Story:
        self.say("case.completed", self.case, result=self.odd, delivery=self.odd, filed=self.list)
        self.say(
            "case.handed_out",
            self.case,
            sealed=True,
            result=False,
            positions=self.list,
            to=self.odd,
        )
        self.say("case.resident_told", self.case, sealed=True, how=self.odd)
        return self

    def posted(self, *, purpose: str = "") -> Story:
        self.say(
            "parcel.packed",
            self.parcel,
            sealed=True,
            purpose=purpose or self.odd,
            cases=[self.case, "", "a/b", SCRIPT, 5],
            to_point=CENTRE if self.turn % 2 else "",
            carrier=self.odd,
            tracking=self.odd,
            contents=self.list,
            slip=self.odd,
        )
        self.say("parcel.waybill_printed", self.parcel, copy=abs(self.int))
        if self.turn % 4 < 2:
            self.say("parcel.taken_over", self.parcel, COURIERS, op="x")
        if self.turn % 4 == 1:
            self.say("parcel.returned", self.parcel)
        return self


STAGES: dict[str, tuple[str, ...]] = {
    "forwarded": (),
    "accepted": ("accepted",),
    "decided": ("decided",),
    "completed": ("decided", "completed"),
}
TURNS = [
    (turn, stage)
    for turn in range(len(ODD))
    for stage in (STAGES if turn < 2 else ("forwarded", "completed"))
]


def story(turn: int, stage: str, box: str) -> Story:
    told = Story(turn, box).received().forwarded()
    for name in STAGES[stage]:
        getattr(told, name)()
    purposes = ("papers_to_authority", "result_to_resident", "papers_returned", "")
    return told.posted(purpose=purposes[turn % 4])


@pytest.fixture
def victim(tmp_path: Any) -> Node:
    return make_node(tmp_path / "victim", CENTRE, lambda: "2026-11-23T01:31:05Z")


@pytest.mark.parametrize(("turn", "stage"), TURNS)
def test_every_page_of_a_window_bears_a_hostile_case(turn: int, stage: str, victim: Node) -> None:
    told = story(turn, stage, victim.box.public)
    with victim.local() as local:
        local.store.merge(told.envelopes)
    desk = sign_in(window(victim), "wang")
    case, parcel = f"/cases/{told.case}", f"/parcels/{told.parcel}"
    pages = [
        "/", "/cases", "/cases?show=all", f"/cases?q={told.case}", "/cases?q=%F0%A0%AE%B7", case,
        f"{case}/received", f"{case}/safe", f"{case}/receipt.pdf", "/slips", "/mail", "/status",
        f"/mail/pack/{told.case}", f"/mail/papers/{told.case}", parcel, f"{parcel}/waybill.pdf",
        f"/matters?q={told.case}", "/line", "/pickup", "/originals", f"/pickup?q={told.case}",
        *(f"{case}/papers/{e.event.id.rpartition(':')[2]}.pdf" for e in told.envelopes),
        *(f"{case}/do/{name}" for name in ACTIONS),
    ]  # fmt: skip
    for page in pages:
        bears(desk, page)
    for page in (f"{case}/reveal", f"{parcel}/reveal", "/status/verify"):
        answer = desk.post(page)
        assert answer.status_code < 500, (page, answer.text)
        assert SCRIPT not in answer.text


def papers_for(district: MemoryDistrict, case: str) -> list[str]:
    """The address on each paper that the story speaks of."""
    key, number = district.secrets.token_key(NUMBER), parse_paper_number(PAPER)
    assert number is not None
    bare = number._replace(series="")
    kinds = (PaperKind.ACCEPTANCE, PaperKind.APPROVAL, PaperKind.CERTIFICATE)
    return [f"/V/{mint_paper(key, PaperCode(case, kind, bare, NUMBER))}" for kind in kinds]


def bears(desk: Desk | Browser, page: str) -> None:
    answer = desk.get(page)
    assert answer.status_code < 500, (page, answer.text[:2000])
    if "html" in answer.mimetype:
        assert SCRIPT not in answer.text, page


@pytest.fixture
def watched(app: Flask, central: Central, supervisor: Browser) -> Browser:
    return supervisor


@pytest.mark.parametrize(("turn", "stage"), TURNS)
def test_every_page_of_central_bears_a_hostile_case(
    turn: int, stage: str, watched: Browser, central: Central, district: MemoryDistrict,
    app: Flask, resident: Browser,
) -> None:  # fmt: skip
    told = story(turn, stage, district.secrets.box.public)
    for model in (central.router, central.jobs.store):
        model.merge(told.envelopes)
    central.jobs.notify()
    for state in (*CaseState, ""):
        bears(watched, f"/board/cases?state={getattr(state, 'value', '')}")
    for kind in (*ParcelState, ""):
        bears(watched, f"/board/parcels?state={getattr(kind, 'value', '')}")
    for page in (
        "", "late", "late?which=soon", "tasks", "points", "aside", "refused", "mail",
        "mail/accounts?month=2026-11",
        f"cases/{told.case}", f"parcels/{told.parcel}", f"points/{CENTRE}", f"points/{NEIGHBOUR}",
    ):  # fmt: skip
        bears(watched, f"/board/{page}")
        if page == "mail":
            for step in ("", "/step", "/step"):
                assert watched.post(f"/board/mail/accounts/2026-11{step}").status_code < 500
    for page in papers_for(district, told.case):
        bears(resident, page)
    token = mint_for(district, told.case)
    for page in (f"/T/{token}", f"/T/{token}?lang=en", f"/T/{token}/slip", f"/T/{token}/prove"):
        bears(resident, page)
    courier = Browser(app.test_client())
    courier.get("/courier/in/")
    courier.post("/courier/in/", {"login": "1001", "password": "246810"})
    waybill = mint_for(district, told.parcel, Purpose.WAYBILL)
    for page in ("/courier/", f"/W/{waybill}", f"/courier/parcels/{told.parcel}",
                 f"/courier/parcels/{told.parcel}/delivered"):  # fmt: skip
        bears(courier, page)


def mint_for(district: MemoryDistrict, target: str, purpose: Purpose = Purpose.RECEIPT) -> str:
    key = district.secrets.token_key(NUMBER)
    return mint(key, purpose, target, DAY + timedelta(days=90))
