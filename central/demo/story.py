"""What people do in the demonstration: each function is one person's errand over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

from central.demo.paper import Paper, read_paper
from central.demo.person import Lost, Person
from central.demo.plan import COURIER, PASSWORD, PIN, SUPERVISOR, Place, Plan

PATIENCE_S = 15.0
Typed = Mapping[str, str | list[str]]
LOOKED = {"looked": "all"}  # 三样都看过了, before a parcel is sealed


@dataclass(frozen=True)
class Resident:
    """A resident of the demonstration, with what the slip asks for."""

    name: str
    document_number: str
    phone: str
    province: str = "350000"
    city: str = "350100"
    county: str = "350102"
    street: str = "东街街道津泰路 88 号 3 座 502 室"

    @property
    def last_four(self) -> str:
        """What proves the resident to the portal."""
        return self.phone[-4:]


def until(what: str, is_so: Callable[[], bool], seconds: float = PATIENCE_S) -> float:
    """Wait until something is so. :returns: after how many seconds. :raises Lost: never so."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise Lost(f"{seconds:.0f} 秒内没有等到：{what}")
        time.sleep(0.15)  # a person looks again
    return time.monotonic() - began


def at_window(plan: Plan, place: Place, login: str) -> Person:
    """Somebody of the staff, signed in at a point's window."""
    person = Person(f"{place.name} {login}", plan.window(place))
    person.open("/")
    person.press("登录", {"login": login, "password": PASSWORD})
    person.must_see("下一步做什么")
    return person


def receive(
    clerk: Person, find: str, matter: str, resident: Resident, typed: Typed | None = None
) -> str:
    """Find a matter by what residents call it and receive a case. :returns: its number."""
    clerk.open("/")
    clerk.press("查找", {"q": find})
    clerk.follow(matter)
    clerk.follow("收件")
    fields: dict[str, str | list[str]] = {
        "document_number": resident.document_number,
        "name": resident.name,
        "phone": resident.phone,
        "paper": every(clerk, "收件", "paper"),
        **(typed or {}),
    }
    clerk.press("收件", fields)
    clerk.must_see("收好了")
    return clerk.url.split("/")[-2]


def every(person: Person, button: str, name: str) -> list[str]:
    """Every value that the form of a button offers under a name."""
    form, _ = person.form(button)
    return [c.value for c in form.controls if c.name == name]


def print_waybill(person: Person) -> Paper:
    """Print the waybill on a parcel's page, after looking at it where nobody has, and read it."""
    asked = every(person, "打印面单", "looked")
    return read_paper(person.print_from("打印面单", LOOKED if asked else {}))


def count_papers(person: Person, parcel: str) -> None:
    """Wait for a parcel of papers at the point it goes to, tick off each, and sign for them."""
    until("材料送到", lambda: _lies_here(person, parcel))
    person.press("清点无误", {"contents": every(person, "清点无误", "contents")})
    must(person.status < 400 and person.sees("收件点已签收"), "材料清点签收")


def _lies_here(person: Person, parcel: str) -> bool:
    person.open(f"/parcels/{parcel}")
    return person.status == 200 and person.sees("已签收", "清点无误，签收")


def next_please(clerk: Person) -> None:
    """The resident leaves the window, if somebody is there."""
    clerk.open("/")
    if clerk.sees("正在接待"):
        clerk.press("下一位")


def receipt(clerk: Person, number: str) -> Paper:
    """Print a case's receipt and read it."""
    clerk.open(f"/cases/{number}/received")
    return read_paper(clerk.fetch(clerk.link("打印收件凭证")))


def code_on(paper: Paper) -> str:
    """The four digits on a receipt that the courier is told at the door."""
    found = re.search(r"Delivery code\D*(\d{4})", paper.words)
    if found is None:
        raise Lost("收件凭证上没有签收码")
    return found[1]


def act(person: Person, number: str, action: str, typed: Typed | None = None) -> None:
    """Do what the case page offers: press the button, or follow the link and fill in its form."""
    person.open(f"/cases/{number}")
    if not _offers(person, action):
        person.follow(action)
    person.press(action, typed)
    if person.status >= 400:
        raise Lost(f"{person.name}: {action}没有做成（{person.status}）：{person.words[:500]}")


def _offers(person: Person, action: str) -> bool:
    return any(words.startswith(action) for words in _buttons(person))


def close(person: Person, number: str) -> None:
    """Close a case, once word came that all is in the right hands, and see that it is closed."""

    def offered() -> bool:
        person.open(f"/cases/{number}")
        return _offers(person, "归档")

    until("可以归档", offered)
    act(person, number, "归档")
    person.open(f"/cases/{number}")
    person.must_see("已归档")


def sees_state(person: Person, number: str, state: str) -> bool:
    """Whether a point's window shows a case in a state."""
    person.open(f"/cases/{number}")
    return person.status == 200 and person.sees(state)


def courier(plan: Plan) -> Person:
    """The courier, signed in on a phone."""
    person = Person("快递员", plan.portal)
    known = {"login": COURIER.login, "password": PIN}
    person.open("/courier")
    person.press("登录", known)
    if person.status == 403:  # another phone has been at work with this account
        release_phone(plan)
        person.press("登录", known)
    return person


def release_phone(plan: Plan) -> None:
    """The supervisor releases the courier's phone: whoever signs in next binds theirs."""
    with closing(supervisor(plan)) as boss:
        boss.open("/board/couriers")
        boss.press("解绑")


def supervisor(plan: Plan) -> Person:
    """The supervisor, signed in at the board."""
    person = Person("监督员", plan.portal)
    person.open("/board")
    person.press("登录", {"login": SUPERVISOR.login, "password": PASSWORD})
    return person


def must(so: bool, what: str) -> None:
    """:raises Lost: something is not as it must be."""
    if not so:
        raise Lost(f"不成立：{what}")


def fill_in_slip(person: Person, resident: Resident, *away: str) -> None:
    """Fill in the slip on a phone, from the page that the QR opened.

    :param away: where the courier may leave it when nobody is at home.
    """
    if not person.sees("结果怎么拿？"):
        person.follow("/slip")
    person.choose("way", "post")
    person.must_see("谁来收")
    person.press("下一步", {"name": resident.name, "phone": resident.phone})
    person.must_see("寄到哪里")
    person.press("查找", {"q": "鼓楼"})
    person.choose("county", resident.county)
    person.press("下一步", {"street": resident.street})
    person.must_see("对不对")
    person.press("没有错", {"consent": list(away)})
    person.must_see("填好了")


def find_parcel(person: Person, case: str, purpose: str) -> str:
    """The number of a case's parcel of a purpose, from its case page."""
    person.open(f"/cases/{case}")
    for _, address in person.page.links:
        if "/parcels/" in address:
            number = address.rsplit("/", 1)[1]
            if purpose in person.open(f"/parcels/{number}"):
                return number
            person.open(f"/cases/{case}")
    raise Lost(f"{person.name}: {case} 没有“{purpose}”的邮件")


def take_over(rider: Person, waybill: Paper, number: str) -> None:
    """The courier scans a waybill, again while the point's line brings it, and takes it over."""
    until("邮件到了区中心", lambda: "还不能揽收" not in rider.open(waybill.qr[0]))
    report(rider, number, "揽收")


def report(person: Person, parcel: str, what: str, typed: Typed | None = None) -> None:
    """The courier reports from the parcel's page, and confirms where asked."""
    person.open(f"/courier/parcels/{parcel}")
    if any(what in words for words in _buttons(person)):
        person.press(what)
    else:
        person.follow(what)
    for _ in range(3):
        if "/done" in person.url:
            return
        names = {c.name for form in person.page.forms for c in form.controls}
        person.press("确定", {k: v for k, v in (typed or {}).items() if k in names})
    raise Lost(f"{person.name}: {what}没有记下（{person.status}）：{person.words[:400]}")


def _buttons(person: Person) -> list[str]:
    return [c.words for form in person.page.forms for c in form.buttons]
