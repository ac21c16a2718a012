"""Errands of those who settle cases by the law: acting, printing and checking what was printed."""

from __future__ import annotations

from datetime import date

from central.demo.crew import CaseCrew
from central.demo.days import after, in_words, mark, on_paper, today
from central.demo.paper import Paper, read_paper
from central.demo.person import Lost, Person
from central.demo.story import Resident, Typed, act, must, receive, sees_state, until

FOOD = "食品经营许可（新办）"
FOOD_CODE = "SCJG-001701"
FOOD_ANSWERS: Typed = {"q-commitment": "no", "q-food_contact": "no", "kind": "person"}
REPRINT = "重印"


def food_case(crew: CaseCrew, who: Resident, typed: Typed | None = None) -> str:
    """A licence for a restaurant, received at the community and decided by the district."""
    number = receive(crew.clerk, "食品证", FOOD, who, {**FOOD_ANSWERS, **(typed or {})})
    until("审批窗口看到办件", lambda: sees_state(crew.officer, number, "已转办，待受理"))
    return number


def accepted_case(crew: CaseCrew, who: Resident) -> str:
    """The same, taken on."""
    number = food_case(crew, who)
    act(crew.officer, number, "受理")
    return number


def show_paper(person: Person, paper: Paper, number: str) -> None:
    """The resident shows a receipt, or a correction notice, at another point's window."""
    (code,) = paper.qr
    person.open("/shown")
    person.press("打开", {"code": code})
    until(
        "凭回执取到办件", lambda: f"/cases/{number}" in person.open(f"/shown/{number}") + person.url
    )


def due_in(
    person: Person,
    number: str,
    what: str,
    working_days: int,
    since: date | None = None,
    now: date | None = None,
) -> date:
    """The page of a case names the day that an independent count finds. :returns: the day."""
    since = since or today()
    day = after(since, working_days)
    person.open(f"/cases/{number}")
    person.must_see(f"{what} {in_words(day, now or since)}", mark(since, day))
    return day


def printed(person: Person, number: str, title: str, on: date | None = None) -> Paper:
    """Print a paper of a case and read it: numbered, dated today, its code readable, no reprint."""
    on = on or today()
    person.open(f"/cases/{number}")
    paper = read_paper(person.fetch(person.link(title)))
    said = spaceless(paper.words)
    must(number in said and title in said, f"{title}上有标题和办件编号")
    must(f"〔{on.year}〕GL" in said, f"{title}有文号")
    must(on_paper(on) in said, f"{title}的日期是{on_paper(on)}")
    must(len(paper.qr) == 1, f"{title}的二维码能读出")
    must(REPRINT not in said, f"{title}第一次打印不标重印")
    return paper


def must_say(paper: Paper, *words: str) -> None:
    """:raises Lost: a printed paper does not say all of these."""
    said = spaceless(paper.words)
    for each in words:
        must(spaceless(each) in said, f"纸上写着“{each}”：{said[:400]}")


def spaceless(words: str) -> str:
    """Words without the breaks of lines."""
    return "".join(words.split())


def verifies(crew: CaseCrew, paper: Paper, verdict: str) -> Person:
    """Anybody checks a paper by its code. :returns: who did."""
    anybody = crew.passer_by()
    until(f"查验：{verdict}", lambda: verdict in anybody.open(paper.qr[0]))
    return anybody


def opens_correction(crew: CaseCrew, notice: Paper, *words: str) -> Person:
    """A notice's code opens what it asks for at once, to whoever holds it, and proves it genuine.

    :returns: whoever scanned it, with what is asked for in front of them.
    """
    anybody = verifies(crew, notice, "这份补正告知书是真的")
    anybody.must_see("还有 2 样要补", *words)
    anybody.follow("查验这份文书")
    anybody.must_see("是真的，现在有效", "补正告知书")
    anybody.follow("看要补什么")
    return anybody


def must_refuse(person: Person, number: str, act_name: str, *words: str) -> None:
    """An act that the law does not allow now is refused with a sentence that says why."""
    person.open(f"/cases/{number}/do/{act_name}")
    must(person.status in (403, 409), f"{person.name} 对 {number} 做 {act_name} 被拒绝")
    person.must_see(*words)


def must_not_offer(person: Person, number: str, action: str) -> None:
    """A page does not offer what may not be done."""
    person.open(f"/cases/{number}")
    try:
        person.form(action)
        offered = True
    except Lost:
        offered = any(said.startswith(action) for said, _ in person.page.links)
    must(not offered, f"{number} 上没有“{action}”")
