"""What did not count is answered by whom it concerns, stays in the history, and asks no more."""

from __future__ import annotations

import re
from itertools import permutations
from typing import Any

import pytest

from cases import aside
from cases.fold import NotEntitled, WrongState, fold, permit
from cases.folded import Case, Folded, StoreBook
from cases.states import CaseState
from cases.table import TYPES
from cases.tasks import REVIEW_ASIDE, aside_tasks, case_tasks, offer_tasks, refusal_tasks
from tests.cases.facts import (
    CASE,
    CENTRAL,
    CENTRE,
    CHEN,
    ELSEWHERE,
    HERE,
    LIN,
    WU,
    History,
    case_in,
    parcel_in,
    store_in,
    visit_in,
)  # fmt: skip

NEW_PC = f"{HERE}.eeee"  # 军门社区 after its store was renewed
WEB = "central.wwwwwwww"  # the process of central that the supervisors' answers come from


def told(state: str = "accepted", by: str = LIN, type: str = "case.approved") -> History:
    """A case with a fact set aside at its end."""
    history = case_in(state)
    history.say(type, by)
    assert history.now().steps[-1].verdict == "set_aside"
    return history


def answer(history: History, by: str, event: str = "", **more: Any) -> Folded:
    data = {"event": event or history.events[-1].id, "how": "corrected", **more}
    history.say("aside.answered", by, **data)
    return history.now()


def test_an_answer_stands_beside_the_fact_and_takes_the_task_away() -> None:
    history = told()
    assert [t.kind for t in aside_tasks(history.now(), HERE)] == [REVIEW_ASIDE]
    folded = answer(history, LIN)
    (found,) = aside.asides(folded)
    assert (found.reason, found.point) == (history.now().steps[-2].reason, HERE)
    assert found.words == "只有有审批权的部门可以准予"
    assert found.answer is not None
    assert (found.answer.how, found.answer.by) == ("corrected", LIN)
    assert folded.state is CaseState.ACCEPTED
    assert aside_tasks(folded, HERE) == ()
    assert aside.unanswered(folded) == 0
    assert aside.not_counted(folded) == 1


@pytest.mark.parametrize("who", [CHEN, WU, CENTRAL])
def test_nobody_else_answers_for_the_author(who: str) -> None:
    history = told()
    event = history.events[-1].id
    with pytest.raises(NotEntitled, match="只有那条记录的作者一方可以答复"):
        permit(history.now(), "aside.answered", who, {"event": event, "how": "told"})
    folded = answer(history, who)
    assert folded.steps[-1].verdict == "set_aside"
    assert aside.asides(folded)[0].answer is None


def test_another_store_of_the_same_point_answers() -> None:
    assert aside.unanswered(answer(told(), NEW_PC)) == 0


def test_what_central_stated_in_vain_is_answered_by_the_receiving_point() -> None:
    history = parcel_in("cancelled")
    history.say("parcel.delivered", CENTRAL, op="late", when="t", to="self")
    assert aside_tasks(history.now(), CENTRE) == ()
    assert len(aside_tasks(history.now(), HERE)) == 1
    assert aside_tasks(answer(history, LIN), HERE) == ()


def test_what_central_stated_in_vain_is_answered_at_central_too() -> None:
    history = parcel_in("cancelled")
    history.say("parcel.delivered", CENTRAL, op="late", when="t", to="self")
    late = history.events[-1].id
    assert [found.of_central for found in aside.asides(history.now())] == [True]
    for stranger in (CHEN, WU):
        answer(history, stranger, late)
        assert aside.asides(history.now())[0].answer is None
    assert aside_tasks(answer(history, WEB, late), HERE) == ()
    answer(history, LIN, late, how="told")
    first = aside.asides(history.now())[0].answer
    assert first is not None
    assert (first.by, first.how) == (WEB, "corrected")
    assert history.now().steps[-1].verdict == "ok"


def test_what_central_stated_of_a_subject_nobody_opened_waits_at_whoever_holds_it() -> None:
    history = parcel_in("new")
    history.say("parcel.delivered", CENTRAL, op="1", when="t", to="self")
    assert len(aside_tasks(history.now(), ELSEWHERE)) == 1
    assert aside_tasks(answer(history, WU), ELSEWHERE) == ()


@pytest.mark.parametrize("history", [case_in("closed"), visit_in("ended"), parcel_in("arrived")])
def test_a_settled_subject_asks_all_the_same(history: History) -> None:
    kind = history.events[0].type.partition(".")[0]
    history.say({"case": "case.closed", "visit": "visit.ended"}.get(kind, "parcel.packed"), LIN)
    assert len(aside_tasks(history.now(), HERE)) == 1
    assert aside_tasks(answer(history, LIN), HERE) == ()


@pytest.mark.parametrize("event", ["", "nothing:0001-x", "its own", "the first"])
def test_answering_what_is_not_set_aside_is_itself_set_aside(event: str) -> None:
    history = case_in("accepted")
    wanted = {"its own": f"{history.subject}:0004-{LIN}", "the first": history.events[0].id}
    folded = answer(history, LIN, wanted.get(event, event) or "-")
    assert folded.steps[-1].verdict == "set_aside"
    assert "没有被搁置" in folded.steps[-1].reason
    with pytest.raises(WrongState):
        permit(case_in("accepted").now(), "aside.answered", LIN, {"event": event, "how": "x"})


def test_an_answer_in_vain_can_be_answered_too() -> None:
    history = case_in("accepted")
    answer(history, LIN, "-")
    assert len(aside_tasks(history.now(), HERE)) == 1
    assert aside_tasks(answer(history, LIN), HERE) == ()


def test_of_two_answers_the_first_stands_and_neither_is_set_aside() -> None:
    history = told()
    event = history.events[-1].id
    answer(history, LIN)
    folded = answer(history, NEW_PC, event, how="told")
    first = aside.asides(folded)[0].answer
    assert first is not None
    assert first.how == "corrected"
    assert folded.steps[-1].verdict == "ok"
    assert aside.unanswered(folded) == 0


def test_an_answer_survives_the_voiding_of_a_step() -> None:
    history = told("approved", LIN, "case.refused")
    answer(history, LIN)
    history.say("case.voided", CHEN, event=history.events[3].id)
    folded = history.now()
    assert folded.state is CaseState.ACCEPTED
    assert aside.unanswered(folded) == 0


def test_what_is_set_aside_holds_back_nothing_of_its_case() -> None:
    history = told()
    case = history.now()
    assert isinstance(case, Case)
    assert not case.read_only
    permit(case, "case.approved", CHEN, {})
    assert "decide" in [t.kind for t in case_tasks(case, (), CENTRE)]


# what central refused


def refused(*places: int) -> History:
    history = store_in("open")
    for n in places:
        history.say("store.refused", CENTRAL, author=LIN, n=n, why="签名不符", hash="")
    return history


def book(history: History) -> StoreBook:
    found = history.now()
    assert isinstance(found, StoreBook)
    return found


def test_each_refusal_is_a_task_of_the_point_until_it_is_answered() -> None:
    history = refused(7, 9)
    assert [t.event for t in refusal_tasks(book(history), HERE)] == ["7", "9"]
    assert "签名不符" in refusal_tasks(book(history), HERE)[0].words
    assert refusal_tasks(book(history), CENTRE) == ()
    history.say("store.refusal_answered", LIN, author=LIN, n=7, how="reported")
    assert [t.event for t in refusal_tasks(book(history), HERE)] == ["9"]
    assert [r.answer is not None for r in aside.refusals(book(history))] == [True, False]
    assert aside.unanswered(book(history)) == 1
    assert aside.not_counted(book(history)) == 2


def test_the_present_store_of_a_point_answers_for_a_renewed_one() -> None:
    history = refused(7)
    history.say("store.refusal_answered", NEW_PC, author=LIN, n=7, how="corrected")
    assert book(history).steps[-1].verdict == "ok"
    assert aside.unanswered(book(history)) == 0


@pytest.mark.parametrize("who", [CHEN, WU, CENTRAL])
def test_no_other_point_answers_a_refusal(who: str) -> None:
    history = refused(7)
    history.say("store.refusal_answered", who, author=LIN, n=7, how="corrected")
    assert book(history).steps[-1].verdict == "set_aside"
    assert aside.refusals(book(history))[0].answer is None


@pytest.mark.parametrize(("author", "n"), [(LIN, 8), (CHEN, 7)])
def test_a_refusal_that_was_none_is_not_answered(author: str, n: int) -> None:
    history = refused(7)
    history.say("store.refusal_answered", LIN, author=author, n=n, how="corrected")
    assert "没有拒收过" in book(history).steps[-1].reason


def test_the_first_answer_to_a_refusal_stands() -> None:
    history = refused(7)
    for how in ("told", "reported"):
        history.say("store.refusal_answered", LIN, author=LIN, n=7, how=how)
    assert [r.answer.how for r in aside.refusals(book(history)) if r.answer] == ["told"]
    assert book(history).set_aside == ()


def test_a_refusal_of_central_s_own_is_answered_by_any_of_its_processes() -> None:
    history = History(CENTRAL)
    history.say("store.opened", CENTRAL)
    history.say("store.refused", WEB, author=CENTRAL, n=4, why="签名不符", hash="")
    assert len(refusal_tasks(book(history), "central")) == 1
    history.say("store.refusal_answered", LIN, author=CENTRAL, n=4, how="no_need")
    assert history.now().steps[-1].verdict == "set_aside"
    history.say("store.refusal_answered", WEB, author=CENTRAL, n=4, how="no_need")
    assert refusal_tasks(book(history), "central") == ()


# what was offered after a restore and could not be taken in

DAMAGED = {"author": LIN, "n": 7, "hash": "sha256:aa", "offered_by": CENTRE, "why": "签名不符"}


def offered(*more: dict[str, Any], at: str = "open") -> History:
    history = store_in(at)
    for each in more or ({},):
        history.say("store.offer_refused", CENTRAL, **{**DAMAGED, **each})
    return history


def settle(history: History, by: str = WEB, **more: Any) -> None:
    data = {name: DAMAGED[name] for name in ("author", "n", "hash")}
    history.say("store.offer_answered", by, **{**data, "how": "told", **more})


@pytest.mark.parametrize("at", ["new", "open"])
def test_an_offer_that_was_not_taken_in_is_a_task_until_central_answers(at: str) -> None:
    history = offered({"what": "case.received", "subject": CASE}, at=at)
    (found,) = aside.offers(book(history))
    assert (found.point, found.offered_by, found.why, found.n) == (HERE, CENTRE, "签名不符", 7)
    assert (found.what, found.subject) == ("case.received", CASE)
    assert found.at == history.events[-1].at
    assert ["第 7 条" in t.words for t in offer_tasks(book(history))] == [True]
    assert aside.unanswered(book(history)) == aside.not_counted(book(history)) == 1
    settle(history)
    assert offer_tasks(book(history)) == ()
    assert aside.unanswered(book(history)) == 0
    assert aside.not_counted(book(history)) == 1
    assert refusal_tasks(book(history), HERE) == ()


def test_the_same_content_is_one_thing_whoever_offers_it_and_other_content_another() -> None:
    history = offered({}, {"offered_by": ELSEWHERE}, {"hash": "sha256:bb"}, {"n": 8})
    found = aside.offers(book(history))
    assert [(o.n, o.hash, o.offered_by) for o in found] == [
        (7, "sha256:aa", CENTRE), (7, "sha256:bb", CENTRE), (8, "sha256:aa", CENTRE),
    ]  # fmt: skip
    assert history.now().set_aside == ()
    settle(history)
    assert [o.answer is not None for o in aside.offers(book(history))] == [True, False, False]


@pytest.mark.parametrize("who", [LIN, CHEN, WU])
def test_no_point_answers_what_was_offered(who: str) -> None:
    history = offered()
    settle(history, who)
    assert history.now().steps[-1].verdict == "set_aside"
    assert len(offer_tasks(book(history))) == 1


@pytest.mark.parametrize("wrong", [{"n": 8}, {"hash": "sha256:bb"}, {"author": CHEN}])
def test_an_offer_that_was_none_is_not_answered(wrong: dict[str, Any]) -> None:
    history = offered()
    settle(history, **wrong)
    assert "没有补送不进的" in history.now().steps[-1].reason


def test_the_first_answer_to_an_offer_stands_also_against_its_arrival() -> None:
    history = offered()
    settle(history, how="no_need")
    settle(history, CENTRAL, how=aside.ARRIVED)
    assert [o.answer.how for o in aside.offers(book(history)) if o.answer] == ["no_need"]
    assert book(history).set_aside == ()


def test_an_offer_and_a_refusal_of_one_place_are_answered_apart() -> None:
    history = offered()
    history.say("store.refused", CENTRAL, author=LIN, n=7, why="签名不符", hash="")
    settle(history)
    assert len(refusal_tasks(book(history), HERE)) == 1
    history.say("store.refusal_answered", LIN, author=LIN, n=7, how="told")
    assert aside.unanswered(book(history)) == 0


def test_in_whatever_order_the_events_arrive_the_book_is_the_same() -> None:
    history = offered({}, {"hash": "sha256:bb"})
    settle(history)
    whole = book(history)
    for turned in permutations(history.events):
        assert fold(history.subject, turned) == whole


# in what words


def test_every_reason_of_central_is_told_in_plain_words_with_what_to_do() -> None:
    reasons = ("看不懂：x", "签名不符", "编号已被第 3 条占用", "something unheard of")
    said = [aside.of_refusal(why) for why in reasons]
    assert len({a.means for a in said}) == len(reasons)
    assert all(re.search("再在这里答复", a.do) for a in said)


def test_a_persons_words_are_sealed_and_the_rest_is_a_term() -> None:
    for type in ("aside.answered", "store.refusal_answered", "store.offer_answered"):
        assert TYPES[type].sealed == {"words?"}
