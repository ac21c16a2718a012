"""Two days with something of everything: at the windows of two points, and at central.

What the tour opens is made here by what people do, through the pages and events of the program.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path

from cases.numbers import case_number, manifest_number
from cases.standards_rows import table_rows
from central import licence_calls
from central.accounts import add_account
from central.carriers import open_carrier_db
from central.leases import LEASES, Range, add_ranges
from central.licence_calls import Call
from central.licence_db import open_licence_db
from central.standards_desk import standards_of
from central.web import create_app as central_app
from courier.carriers.ems import Ems
from labels.notice import guide_url
from labels.tokens import Purpose, mint, url
from node.app import create_app
from node.print_loop import AT_ONCE_MAX
from tests.browser.test_portal import World, busy, code_on_paper, settle
from tests.central.test_answers import offer_in_vain
from tests.central.test_bill_pages import DEAR, GOOD, STRANGE, bill, sent_by_ems
from tests.central.test_bill_pages import take_in as take_bill_in
from tests.central.test_board import spoil
from tests.central.test_from_home import fetch
from tests.central.test_mail_board import make_accounts
from tests.central.test_progress import NOTICE as DEFECTS
from tests.central.test_progress import WORDS
from tests.central.test_second_visits import visit
from tests.central.test_standards_pages import as_csv, cell
from tests.central.world import DAY, PASSWORD, Browser
from tests.central.world import Point as CentralPoint
from tests.node.applied import apply
from tests.node.casework import (
    AT_ONCE,
    FOOD,
    TWO_DAYS,
    act,
    ask_back,
    confirm,
    decided,
    fill_slip,
    meet,
    op_in,
    press,
    say_in_vain,
)
from tests.node.central_says import poster_slip
from tests.node.conftest import CENTRE, HERE, PORTAL, Clock, Desk, make_node, receipt_all, sign_in
from tests.node.mailing import listed, packed, printed
from tests.node.pictures import jpeg
from tests.node.receiving import ELDERS_CARD, ID, form_op, receive
from tests.node.scanning import attached
from tests.node.test_asides import n_of, refuse
from tests.node.test_bags import missing, taken
from tests.node.test_dating import DEAD
from tests.node.test_draft_scans import give
from tests.node.test_instant import ELDER
from tests.node.test_mail import pack, papers_of, press_parcel, take_in
from tests.node.test_proceeding import NOTICE
from tests.node.test_undertakings import PAPER, promise

DAY_S = 86_400
TWO_OF_THEM = {"posted": {}, "pack": {"name": "郑国强", "phone": "13700002222"}}
ELSEWHERE = case_number(17, date(2026, 11, 20), 3)
SUPPORT = "YBJ-001200"  # 困难群众参加居民医保资助: asks who comes, income, disability
MANY = AT_ONCE_MAX + 1  # a batch that the window leaves to the agent


@dataclass
class Windows:
    """军门社区 (``here``) and the district centre with cases, each named for what it shows."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    cases: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock.forward(seconds=-10 * DAY_S)
        self.here = make_node(self.folder / "here", HERE, self.clock)
        self.centre = make_node(self.folder / "centre", CENTRE, self.clock)
        self.clerk = sign_in(create_app(self.here), "wang")
        self.officer = sign_in(create_app(self.centre), "wang")
        self._last_week()
        self._today()
        self._visitors()
        self._dead_clock()
        self._mail_desk()
        for node in (self.here, self.centre):
            receipt_all(node, self.clock())

    def _received(self, name: str, code: str, **more: str) -> str:
        self.cases[name] = receive(self.clerk, code, **more)
        return self.cases[name]

    def _meet(self) -> None:
        meet(self.here, self.centre)

    def _last_week(self) -> None:
        """Cases that went on since: to be fetched, posted, lapsed, promised, asked back."""
        for name in ("fetch", "posted", "lapsed"):
            number = self._received(name, TWO_DAYS)
            self._meet()
            if name != "lapsed":
                take_in(self.centre, papers_of(self.here, number))
        for name, recipient in TWO_OF_THEM.items():
            number = self.cases.get(name) or self._received(name, TWO_DAYS)
            confirm(self.here, number, fill_slip(self.here, number, **recipient))
        self._meet()
        for name, delivery in (("fetch", "window"), ("posted", "mail"), ("pack", "mail")):
            decided(self.officer, self.cases[name], delivery=delivery)
        act(self.officer, self.cases["lapsed"], "notice_correction", **NOTICE)
        self.cases["parcel"] = pack(self.officer, self.cases["posted"])
        self.cases["owing"] = promise(self.clerk, **{f"due-{PAPER}": "2026-11-20"})
        self._meet()
        self.clock.forward(seconds=10 * DAY_S)

    def _today(self) -> None:
        """This morning's: new, taken on, to correct, halted, granted, with a licence."""
        for name in ("correct", "new", "accepted", "halted", "granted", "issued", "back"):
            self._received(name, FOOD)
            self.clock.forward(seconds=240)
        self.cases["papers"] = papers_of(self.here, self.cases["new"])
        fill_slip(self.here, self.cases["accepted"])
        ask_back(self.here, self.cases["back"])
        self._meet()
        act(self.officer, self.cases["correct"], "notice_correction", **NOTICE)
        for name in ("accepted", "halted", "granted", "issued"):
            press(self.officer, self.cases[name], "accept")
        for name in ("granted", "issued"):
            act(self.officer, self.cases[name], "approve")
        act(self.officer, self.cases["issued"], "issue", content="热食类食品制售",
            valid_until="2031-11-22")  # fmt: skip
        press(self.officer, self.cases["accepted"], "take_up")
        act(self.officer, self.cases["accepted"], "ask_opinion", question="场所能否办这个业务？",
            days="3", departments=[f"WJ@{CENTRE}"])  # fmt: skip
        act(self.officer, self.cases["halted"], "suspend", kind="hearing", days="10", words="听证")
        attached(self.clerk, self.here, self.cases["accepted"], jpeg(900, 1200), position="1")
        self._meet()
        own = self._received("own", AT_ONCE)
        press(self.clerk, own, "accept")
        say_in_vain(self.here, own)
        refuse(self.here, n_of(self.here, own, "case.accepted"))
        self._received("instant", ELDERS_CARD, document_number=ELDER)
        self._received("at_once", AT_ONCE)

    def _visitors(self) -> None:
        """Somebody who was told before and sits here now; slips from the poster; a draft."""
        for name, phone in (("郑国强", "13700002222"), ("买买提·吐尔逊", "13805915678")):
            poster_slip(self.here, name=name, phone=phone)
        code = mint(
            b"a key of another point, 32 bytes", Purpose.RECEIPT, ELSEWHERE, date(2036, 1, 1)
        )
        self.code = url(PORTAL, code)
        self.clerk.post("/shown", {"code": self.code})
        self.op = form_op(self.clerk, FOOD)
        give(self.clerk, self.op, jpeg(900, 1200))
        self.clerk.post(f"/drafts/{self.op}", {"document_number": ID, "name": "林小梅"})
        self.clerk.post(f"/matters/{ELDERS_CARD}/asked")
        self.home = apply(self.here)

    def _dead_clock(self) -> None:
        """A case that the PC dated while its battery was empty."""
        now, self.clock.now = self.clock.now, DEAD
        self._received("unsure", FOOD)
        self.clock.now = now

    def _mail_desk(self) -> None:
        """A bag that lacked a parcel, a batch that is being drawn, papers that were given up."""
        numbers = printed(self.officer, self.centre, 6)
        self.bag = listed(self.officer, numbers)
        for number in numbers[:3]:
            taken(self.centre, number, self.bag)
        missing(self.centre, numbers[3], self.bag)
        batch = packed(self.centre, MANY)
        op = op_in(self.officer.get("/mail"))
        self.officer.post("/mail/print", {"op": op, "parcels": batch, "looked": "all"})
        self.batch = f"/mail/prints/{op}"
        given_up = papers_of(self.here, self.cases["halted"])
        press_parcel(self.clerk, given_up, "cancel")


@dataclass
class Board:
    """Central with a busy district: ``paths`` that only what happened today can name."""

    world: World

    def __post_init__(self) -> None:
        world = self.world
        data = world.district.config.data
        add_account(data, login="biao", display="林督导", roles=["admin", "supervisor"],
                    secret=PASSWORD)  # fmt: skip
        busy(world)
        self.case = world.point.receive()
        world.central.carry()
        self.parcel = settle(world, self.case)
        self.wrong = world.point.receive()
        world.point.state("case.correction_noticed", self.wrong, DEFECTS, words=WORDS)
        world.central.carry()
        self.fresh = world.point.token(world.point.new_case_number())
        self.receipt = world.point.token(self.case)
        self.paper = code_on_paper(world, self.case)
        self._found_out()
        self._carriers_told()
        self._bag()
        guide = world.district.bundle.guide
        said = {"here": frozenset({"agent"}), "income": frozenset({"dibao"})}
        self.guide = guide_url(world.url, 31, SUPPORT, guide.code_of(said)).removeprefix(
            world.url.upper()
        )

    def _carriers_told(self) -> None:
        """Numbers that China Post assigned, a parcel for it, and what it told that fits nothing."""
        world = self.world
        numbers = Range("ems", "s10", "EA", 0, 9_999, "CN", at=world.clock(), by="林督导")
        add_ranges(world.central.server.database(LEASES), [numbers])
        world.point.post(self.case, ems="EA000000005CN")
        told = [["邮件号", "状态码", "时间"], ["EA000000005CN", "999", world.clock()],
                ["EA000000019CN", "704", world.clock()]]  # fmt: skip
        with closing(open_carrier_db(world.district)) as db:
            reading = Ems().read_rows(list(enumerate(told, 1)), world.clock())
            db.keep("ems", reading, world.clock(), "file")
        world.central.carry()
        world.central.carry()

    def _bag(self) -> None:
        """A courier with two parcels in hand, and a bag of three at the point."""
        world = self.world
        self.bag = manifest_number(world.point.number, DAY, 1)
        self.bag_code = world.point.token(self.bag, Purpose.MANIFEST)
        self.in_hand = [self._posted() for _ in range(2)]
        for parcel in [self._posted() for _ in range(3)]:
            world.point.state("parcel.listed", parcel, {"manifest": self.bag})
        world.central.carry()
        for parcel in self.in_hand:
            self._reported("taken_over", parcel)

    def _posted(self) -> str:
        """A result on its way to somebody. :returns: the parcel."""
        case = self.world.point.receive()
        self.world.point.decide(case)
        return self.world.point.post(case)

    def _reported(self, type: str, parcel: str, **more: str) -> None:
        """What the courier reported."""
        central = self.world.central
        said = {"op": type, "when": self.world.clock(), **more}
        central.author.state(central.router, f"parcel.{type}", parcel, said, actor="c-1001")
        central.carry()

    def errand(self, visit: str) -> str:
        """The point has looked at an application from home. :returns: the parcel to be fetched."""
        self.world.central.carry()
        parcel = fetch(self.world.point, visit)
        self.world.central.carry()
        return parcel

    def _found_out(self) -> None:
        """What did not count, second visits, and licences that were asked for."""
        world = self.world
        matter = next(m.code for m in world.district.bundle.catalogue.matters if m.materials)
        visit(world.point, 1, matter, "居民身份证")
        world.clock.forward(days=1)
        world.centre.receive()
        spoil(world.central, 4)
        lost = CentralPoint(world.district, "350102005001", world.clock)
        lost.receive()
        offer_in_vain(world.central, lost, party=HERE)
        with closing(open_licence_db(world.district.config.data)) as db:
            for licence, result in (("SBK", "found"), ("SFZ", "none"), ("SFZ", "found")):
                licence_calls.note(
                    db,
                    Call(
                        world.clock(), HERE, "s-1", "", "RSJ-002401", "reception", licence, result
                    ),
                )
        world.central.carry()
        admin = Browser(central_app(world.district).test_client())
        admin.get("/signin/")
        admin.post("/signin/", {"login": "biao", "password": PASSWORD})
        self.own = re.findall(r"/board/own/[^\"?]+/[^\"?]+", admin.get("/board/own").text)[0]
        rows = list(table_rows(standards_of(world.district.bundle), "points"))
        cell(rows, 1, rows[0][0], "x")
        self._mail(admin)
        files = {"file": (BytesIO(as_csv(rows)), "受理点.csv")}
        admin.get("/board/standards/import")
        sent = admin.post("/board/standards/import", files)
        self.imported = sent.request.path
        while "/step" in admin.get(self.imported).text:
            admin.post(f"{self.imported}/step")

    def _mail(self, admin: Browser) -> None:
        """Parcels with a carrier, its bill, one more on its way, and a result that never came."""
        world = self.world
        sent_by_ems(world.point, world.central)
        self.never = world.point.receive()
        world.point.decide(self.never)
        parcel = world.point.post(self.never)
        world.central.carry()
        self._reported("taken_over", parcel)
        self._reported("delivered", parcel, to="neighbour")
        self.not_come = f"/case/{self.never}/not-come/{parcel}"
        self.bill = take_bill_in(admin, bill(GOOD, DEAR, STRANGE))
        make_accounts(admin)


def acts_in(desk: Desk, number: str) -> set[str]:
    """The forms that a case's page leads to."""
    found = re.findall(rf"/cases/{number}/do/(\w+)", desk.get(f"/cases/{number}").text)
    return set(found)
