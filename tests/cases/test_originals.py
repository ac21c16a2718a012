"""Every original's way ends with its owner, whatever was brought, sent and given back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cases.folded import Case, Material, Parcel
from cases.numbers import parcel_number
from cases.originals import brought, came_late, late_at, missing, way
from cases.papers import (
    PAPERS_RETURNED,
    TO_AUTHORITY,
    holds,
    may_close,
    originals,
    owed,
    to_send,
)
from cases.states import CaseState, ParcelState
from cases.tasks import case_tasks
from node.whereabouts import here_to_give, place_of
from tests.cases.facts import (
    CASE,
    CENTRAL,
    CENTRE,
    CHEN,
    ELSEWHERE,
    HERE,
    LIN,
    TODAY,
    WU,
    History,
)  # fmt: skip

BY = {HERE: LIN, ELSEWHERE: WU, CENTRE: CHEN}
PLACES = (2, 3)
PAPERS = [
    {"position": 1, "name": "身份证", "handling": "original_kept", "taken": True, "identity": True},
    {"position": 2, "name": "租赁合同", "handling": "original_kept", "taken": True},
    {"position": 3, "name": "营业执照", "handling": "original_kept", "taken": False},
]


class Moved:
    """A case in correction, its parcels, and where each paper really is, apart from every rule.

    With ``says`` the facts say which paper of a place they mean; those of before do not.
    """

    def __init__(self, *, says: bool = True) -> None:
        self.says = says
        self.told = History()
        self.minute = 0
        self.told.say("case.received", LIN, deciding=CENTRE, materials=PAPERS, at=self._now())
        self.told.say("case.forwarded", LIN, to=CENTRE, at=self._now())
        self.told.say("case.shown", WU, at=self._now())
        self.told.say("case.correction_noticed", CHEN, at=self._now())
        self.really: dict[int, str] = {2: HERE}
        """Where each lies, by its position in the fold; "" is with its owner."""
        self.parcels: list[tuple[History, list[int]]] = []

    def _now(self) -> str:
        self.minute += 1
        return f"2026-11-22T{self.minute // 60:02d}:{self.minute % 60:02d}:00Z"

    @property
    def case(self) -> Case:
        case = self.told.now()
        assert isinstance(case, Case)
        return case

    @property
    def posts(self) -> tuple[Parcel, ...]:
        return tuple(p for told, _ in self.parcels if isinstance(p := told.now(), Parcel))

    def brings(self, place: int, point: str) -> None:
        if place in self.really:
            turn = sum(each % 1000 == place for each in self.really)
            self.really[1000 * turn + place] = self.really[place]
            self.parcels = [
                (told, [1000 * turn + p if p == place else p for p in inside])
                for told, inside in self.parcels
            ]
        self.really[place] = point
        by = BY[point]
        self.told.say("case.supplemented", by, positions=[place], how="brought", at=self._now())

    def sends(self, point: str, end: str) -> None:
        going = to_send(self.case, self.posts, point)
        assert all(self.really[m.position] == point for m in going), "it sends what it has"
        if going:
            self._packs(point, TO_AUTHORITY, [m.position for m in going], end, CENTRE)

    def lapses(self) -> None:
        for request in self.case.requests:
            self.told.say("case.request_settled", CHEN, request=request.event)
        self.told.say("case.lapsed", CHEN)
        self.told.say("case.resident_told", LIN)

    def gives_back(self, point: str, end: str) -> None:
        due = [o.position for o in here_to_give(self.case, self.posts, point) if o.position]
        assert all(self.really[position] == point for position in due), "it gives what it has"
        if due and end == "by hand":
            self.told.say(
                "case.handed_out", BY[point], positions=due, at=self._now(), **self._meant(due)
            )
            self.really |= dict.fromkeys(due, "")
        elif due:
            self._packs(point, PAPERS_RETURNED, due, end, "")

    def _meant(self, positions: list[int]) -> dict[str, list[str]]:
        return {"brought": brought(self.case, positions)} if self.says else {}

    def _packs(self, point: str, purpose: str, inside: list[int], end: str, to: str) -> None:
        told = History(parcel_number(31, TODAY, len(self.parcels) + 1))
        since = self._meant(inside).get("brought", [None] * len(inside))
        contents = [
            {"case": CASE, "position": p, **({} if at is None else {"brought": at})}
            for p, at in zip(inside, since, strict=True)
        ]
        more: dict[str, Any] = {"to_point": to} if to else {}
        told.say("parcel.packed", BY[point], purpose=purpose, cases=[CASE], contents=contents,
                 at=self._now(), **more)  # fmt: skip
        reports = {"cancelled": (BY[point],), "returned": (CENTRAL,), "delivered": (CENTRAL,)}
        told.say(f"parcel.{end}", reports[end][0], op="1", when="", at=self._now())
        self.parcels.append((told, inside))
        if end == "delivered":
            self.really |= dict.fromkeys(inside, to)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("brings"), st.sampled_from(PLACES), st.sampled_from(tuple(BY))),
        st.tuples(
            st.just("sends"),
            st.sampled_from((HERE, ELSEWHERE)),
            st.sampled_from(("cancelled", "returned", "delivered", "delivered")),
        ),
    ),
    max_size=8,
)
ways_back = st.lists(
    st.tuples(st.sampled_from(tuple(BY)), st.sampled_from(("returned", "delivered", "by hand"))),
    max_size=4,
)


def lies(moved: Moved, material: Material) -> str:
    return place_of(moved.case, material, moved.posts, lambda code: code).point


@settings(max_examples=60)
@given(steps, ways_back, st.booleans())
def test_every_original_ends_with_its_owner_in_whatever_order_papers_came_and_went(
    done: list[tuple[str, Any, str]], back: list[tuple[str, str]], says: bool
) -> None:
    moved = Moved(says=says)
    for act, what, where in done:
        getattr(moved, act)(what, where)
        kept = {m.position: m for m in originals(moved.case)}
        assert {p: lies(moved, m) for p, m in kept.items()} == moved.really
    moved.lapses()
    for point, end in [*back, *((point, "by hand") for point in BY)]:
        still = {position for position, where in moved.really.items() if where}
        assert {o.position for o in owed(moved.case, moved.posts)} == still
        assert (may_close(moved.case, moved.posts) is None) == (not still)
        moved.gives_back(point, end)
    assert not any(moved.really.values())
    assert owed(moved.case, moved.posts) == ()
    assert may_close(moved.case, moved.posts) is None
    for material in originals(moved.case):
        legs = [leg.what for leg in way(moved.case, material, moved.posts)]
        assert legs[0] in ("case.received", "case.supplemented")
        assert legs[-1] in ("case.handed_out", "parcel.delivered")


def test_the_first_of_two_originals_has_a_line_of_its_own_in_the_ledger() -> None:
    moved = Moved()
    moved.sends(HERE, "delivered")
    moved.brings(2, ELSEWHERE)
    first, second = sorted(originals(moved.case), key=lambda m: -m.position)
    assert (first.name, lies(moved, first)) == ("租赁合同（先交的）", CENTRE)
    assert (second.name, lies(moved, second)) == ("租赁合同", ELSEWHERE)
    assert [leg.what for leg in way(moved.case, first, moved.posts)] == [
        "case.received", "parcel.packed", "parcel.delivered",
    ]  # fmt: skip
    assert [leg.what for leg in way(moved.case, second, moved.posts)] == ["case.supplemented"]
    moved.brings(2, HERE)
    names = {m.name for m in originals(moved.case)}
    assert names == {"租赁合同", "租赁合同（先交的）", "租赁合同（先交的第 2 份）"}


def test_what_was_given_back_before_a_better_one_came_is_not_owed_again() -> None:
    moved = Moved()
    moved.lapses()
    moved.gives_back(HERE, "by hand")
    moved.brings(2, HERE)
    assert [o.position for o in owed(moved.case, moved.posts)] == [2]
    moved.gives_back(HERE, "by hand")
    assert owed(moved.case, moved.posts) == ()


def test_two_points_that_had_not_heard_of_each_other_each_sent_what_they_had() -> None:
    moved = Moved()
    moved.brings(2, ELSEWHERE)
    told = History(parcel_number(31, TODAY, 9))
    told.say("parcel.packed", LIN, purpose=TO_AUTHORITY, cases=[CASE], to_point=CENTRE,
             contents=[{"case": CASE, "position": 2}], at="2026-11-22T09:00:00Z")  # fmt: skip
    told.say("parcel.arrived", CHEN)
    moved.parcels.append((told, [1002]))
    places = {m.position: lies(moved, m) for m in originals(moved.case)}
    assert places == {1002: CENTRE, 2: ELSEWHERE}


def test_a_point_to_which_a_paper_was_brought_is_asked_to_give_it_back() -> None:
    moved = Moved()
    moved.sends(HERE, "delivered")
    moved.brings(3, ELSEWHERE)
    moved.lapses()
    asked = {p: [t.kind for t in case_tasks(moved.case, moved.posts, p)] for p in BY}
    assert "return_papers" in asked[ELSEWHERE]
    assert "return_papers" in asked[CENTRE], "what had come there before"
    moved.gives_back(ELSEWHERE, "by hand")
    left = {p: [t.kind for t in case_tasks(moved.case, moved.posts, p)] for p in BY}
    assert "return_papers" not in left[ELSEWHERE]
    assert "return_papers" in left[CENTRE]


def unheard(moved: Moved, type: str, by: Any, **data: Any) -> None:
    """A fact about place 2 whose author had heard of nothing but what was received."""
    moved.told.say(type, by, brought=[""], at=moved._now(), **data)


@pytest.mark.parametrize("type", ["case.completed", "case.originals_filed", "case.handed_out"])
def test_what_is_filed_or_given_is_the_paper_that_was_there_and_not_one_unheard_of(
    type: str,
) -> None:
    moved = Moved()
    moved.brings(2, ELSEWHERE)
    moved.brings(2, HERE)
    for request in moved.case.requests:
        moved.told.say("case.request_settled", CHEN, request=request.event)
    moved.told.say("case.accepted", CHEN)
    moved.told.say("case.approved", CHEN)
    done = {"result": "none", "delivery": "none", "filed": [2]}
    unheard(moved, type, CHEN, **(done if type == "case.completed" else {"positions": [2]}))
    assert {*moved.case.filed, *moved.case.handed_out} == {1002}, "the one received first"
    left = {o.position for o in owed(moved.case, moved.posts)}
    assert left == {2, 2002}
    first, *rest = sorted(originals(moved.case), key=lambda m: m.position != 1002)
    assert way(moved.case, first, ())[-1].what == type
    assert all(way(moved.case, each, ())[-1].what == "case.supplemented" for each in rest)


def test_what_is_posted_is_the_paper_that_was_there_and_not_one_unheard_of() -> None:
    moved = Moved()
    moved.brings(2, ELSEWHERE)
    moved.lapses()
    told = History(parcel_number(31, TODAY, 9))
    inside = [{"case": CASE, "position": 2, "brought": ""}]
    told.say("parcel.packed", LIN, purpose=PAPERS_RETURNED, cases=[CASE], contents=inside)
    told.say("parcel.delivered", CENTRAL)
    moved.parcels.append((told, [1002]))
    assert [o.position for o in owed(moved.case, moved.posts)] == [2]


def ended(moved: Moved, **done: Any) -> Case:
    """Accepted, approved, completed and closed where nobody had heard of open requests."""
    moved.told.say("case.accepted", CHEN)
    moved.told.say("case.approved", CHEN)
    moved.told.say("case.completed", CHEN, **{"result": "none", "delivery": "none", **done})
    moved.told.say("case.closed", LIN)
    return moved.case


def test_a_case_that_was_closed_with_all_mailed_back_asks_nobody_for_anything() -> None:
    moved = Moved()
    moved.brings(3, ELSEWHERE)
    for request in moved.case.requests:
        moved.told.say("case.request_settled", CHEN, request=request.event)
    case = ended(moved, filed=[2])
    assert {o.position for o in owed(case, ())} == {3}
    assert not came_late(case), "whoever closed it had heard of the paper: a parcel has it"


@pytest.mark.parametrize("odd", [None, [], ["x"], [None], [3], ["", "", ""]])
def test_whatever_stands_where_it_says_which_paper_is_meant_the_case_can_be_read(odd: Any) -> None:
    moved = Moved()
    moved.brings(2, ELSEWHERE)
    case = ended(moved, filed=[2, 1, "x"], brought=odd)
    assert case.filed in ((1, 2), (1, 1002))
    assert way(case, case.materials[1], ())


def test_a_numbered_place_that_two_stores_count_differently_is_still_the_same_paper() -> None:
    moved = Moved()
    moved.brings(3, ELSEWHERE)  # WU's is unheard of where the next two come and the first goes back
    moved.brings(3, HERE)
    first = moved.case.materials[2].brought_at
    moved.brings(3, HERE)
    known_there_as = {"position": 1003, "brought": first}
    moved.lapses()
    moved.told.say("case.handed_out", LIN, positions=[1003], brought=[first])
    assert moved.case.handed_out == (2003,)
    posted = History(parcel_number(31, TODAY, 9))
    inside = [{"case": CASE, **known_there_as}]
    posted.say("parcel.packed", LIN, purpose=PAPERS_RETURNED, cases=[CASE], contents=inside)
    parcel = posted.now()
    assert isinstance(parcel, Parcel)
    kept = [m.position for m in originals(moved.case) if holds(parcel, moved.case, m)]
    assert kept == [2003]


def test_what_came_late_is_given_where_it_was_sent_on_to() -> None:
    moved = Moved()
    moved.brings(3, ELSEWHERE)
    moved.sends(ELSEWHERE, "delivered")
    case = ended(moved, filed=[2], brought=[""])
    asked = {p: [t.kind for t in case_tasks(case, moved.posts, p)] for p in BY}
    assert asked == {HERE: [], ELSEWHERE: [], CENTRE: ["check_papers", "give_back"]}
    assert late_at(case, moved.posts) == (CENTRE,)
    on_its_way = tuple(replace(p, state=ParcelState.OUT) for p in moved.posts)
    assert [case_tasks(case, on_its_way, point) for point in BY] == [(), (), ()]
    assert late_at(case, on_its_way) == (), "nobody has it"


def test_a_paper_brought_without_a_line_to_a_case_closed_meanwhile_is_a_task_there() -> None:
    told = Moved().told
    told.say("case.supplemented", WU, positions=[3], how="brought", at="2026-11-22T00:10:00Z")
    told.say("case.accepted", CHEN, at="2026-11-22T00:11:00Z")
    told.say("case.approved", CHEN, at="2026-11-22T00:12:00Z")
    filed = {"result": "none", "delivery": "none", "filed": [2]}
    told.say("case.completed", CHEN, at="2026-11-22T00:13:00Z", **filed)
    told.say("case.closed", LIN, at="2026-11-22T00:14:00Z")
    case = told.now()
    assert isinstance(case, Case)
    assert case.state is CaseState.CLOSED
    assert came_late(case)
    assert [o.position for o in here_to_give(case, (), ELSEWHERE)] == [3]
    assert [t.kind for t in case_tasks(case, (), ELSEWHERE)] == ["give_back"]
    assert case_tasks(case, (), CENTRE) == ()
    assert missing(case, case.materials[2], (), "2027-01-30T00:00:00Z").startswith("已经办完")
    told.say("case.handed_out", WU, positions=[], result=True, at="2026-11-22T00:14:30Z")
    assert "结果不能再当面交付" in told.now().steps[-1].reason, "it was in the right hands"
    told.say("case.handed_out", WU, positions=[3], at="2026-11-22T00:15:00Z")
    given_back = told.now()
    assert isinstance(given_back, Case)
    assert not came_late(given_back)
    assert [t.kind for t in case_tasks(given_back, (), ELSEWHERE)] == ["review_set_aside"]
