"""What a receipt says of the papers that a case was received without."""

from __future__ import annotations

from cases.folded import Case
from cases.lacking import still_missing_zh
from tests.cases.facts import CENTRAL, CHEN, LIN, History

PAPERS = [{"position": 1, "name": "收入证明", "handling": "copy_kept", "lacking": True}]


def received() -> History:
    told = History()
    told.say("case.received", LIN, deciding=CHEN.partition(".")[0], materials=PAPERS)
    told.say("case.forwarded", LIN, to=CHEN.partition(".")[0])
    return told


def notice(told: History) -> None:
    defects = [{"position": 1, "reason": "missing"}]
    told.say("case.correction_noticed", CHEN, days=5, defects=defects)


def said(told: History) -> str:
    case = told.now()
    assert isinstance(case, Case)
    return still_missing_zh([case])


def test_a_receipt_names_what_is_missing_until_it_was_given() -> None:
    told = received()
    assert said(told).startswith("还缺：收入证明。5 个工作日内")
    notice(told)
    assert said(told).startswith("还缺：收入证明。已一次告知补正")
    told.say("case.supplemented", CENTRAL, how="photo", positions=[1])
    assert said(told) == "", "a photograph of it was given"


def test_a_receipt_printed_again_once_the_case_was_taken_on_misses_nothing() -> None:
    told = received()
    told.say("case.accepted", CHEN)
    assert said(told) == ""
    told = received()
    notice(told)
    told.say("case.accepted", CHEN)
    assert said(told) == ""
