"""Issued papers: their numbers, what voids and replaces them, what is never issued twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.folded import Case
from cases.issued import Issued, PaperKind, Standing, live_result, papers_of
from cases.numbers import SUFFIX_ALPHABET, PaperNumber, parse_paper_number
from tests.cases.facts import CHEN, LIN, WU, History, case_in

NUMBER = "榕鼓市监证〔2026〕GL001-{:04d}号"
stores = st.tuples(
    st.sampled_from(("榕鼓市监受", "榕鼓市监不受", "榕鼓民准")),
    st.integers(2026, 2060),
    st.integers(0, 999),
    st.integers(1, 999_999),
    st.sampled_from(("", "k3f9", "0042", "zzzz", "k3f90042")),
)


def papers(told: History) -> tuple[Issued, ...]:
    case = told.now()
    assert isinstance(case, Case)
    return papers_of(case.steps)


def approved() -> History:
    told = case_in("accepted")
    told.say("case.approved", CHEN, paper_number="榕鼓市监准〔2026〕GL001-0001号")
    return told


def issue(told: History, serial: int, by: str = CHEN, **more: str) -> str:
    data = {"kind": "certificate", "licence": "YYZZ", "paper_number": NUMBER.format(serial)}
    return told.say("case.result_issued", by, **{**data, **more}).id


def verdict(told: History) -> str:
    return told.now().steps[-1].verdict


@given(st.lists(stores, unique=True, max_size=30))
def test_no_two_stores_series_or_years_ever_make_one_number(parts: list[tuple]) -> None:
    texts = [PaperNumber(*each).text for each in parts]
    assert len(set(texts)) == len(texts)
    for each, text in zip(parts, texts, strict=True):
        assert parse_paper_number(text) == PaperNumber(*each)


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_what_is_no_number_is_none(text: str) -> None:
    found = parse_paper_number(text)
    assert found is None or found.text == text


def test_the_suffix_of_a_store_cannot_be_taken_for_a_serial() -> None:
    assert set("0042") <= set(SUFFIX_ALPHABET)
    assert PaperNumber("榕鼓民准", 2026, 17, 42, "0001").text == "榕鼓民准〔2026〕GL0170001-0042号"


def test_a_fact_with_a_number_issues_its_paper_and_one_without_issues_none() -> None:
    (paper,) = papers(approved())
    assert (paper.kind, paper.standing) == (PaperKind.APPROVAL, Standing.VALID)
    assert not papers(case_in("approved"))


def test_a_decision_made_elsewhere_has_its_paper_there() -> None:
    told = case_in("accepted")
    number = "榕鼓市监准〔2026〕GL001-0001号"
    told.say("case.approved", CHEN, paper_number=number, elsewhere_date="2026-11-20")
    assert not papers(told)


def test_what_did_not_count_issues_nothing() -> None:
    told = case_in("accepted")
    told.say("case.approved", LIN, paper_number="榕鼓市监准〔2026〕GL017-0001号")
    assert verdict(told) == "set_aside"
    assert not papers(told)


def test_a_voided_decision_voids_its_paper_and_the_result() -> None:
    told = approved()
    result = issue(told, 1)
    decision = told.events[-2].id
    told.say("case.voided", CHEN, event=decision)
    assert [p.standing for p in papers(told)] == [Standing.VOID, Standing.VOID]
    assert live_result(told.now()) is None
    told.say("case.approved", CHEN, paper_number="榕鼓市监准〔2026〕GL001-0002号")
    again = issue(told, 2)
    assert verdict(told) == "ok"
    held = live_result(told.now())
    assert held is not None
    assert held.event == again != result


def test_no_result_is_issued_twice() -> None:
    told = approved()
    issue(told, 1)
    issue(told, 2)
    assert verdict(told) == "set_aside"
    assert "不能重复出证" in told.now().steps[-1].reason


def test_no_number_is_used_twice_not_even_by_who_replaces() -> None:
    told = approved()
    first = issue(told, 1)
    issue(told, 1, replaces=first)
    assert "已经用过" in told.now().steps[-1].reason


def test_a_result_is_replaced_once_and_by_name() -> None:
    told = approved()
    first = issue(told, 1)
    second = issue(told, 2, replaces=first)
    assert [p.standing for p in papers(told)[1:]] == [Standing.REPLACED, Standing.VALID]
    assert papers(told)[1].replaced_by == NUMBER.format(2)
    issue(told, 3, replaces=first)
    assert verdict(told) == "set_aside"
    issue(told, 4, replaces=second)
    assert verdict(told) == "ok"


def test_only_who_decides_issues_and_only_what_was_granted() -> None:
    for by in (LIN, WU):
        told = approved()
        issue(told, 1, by=by)
        assert verdict(told) == "set_aside"
    told = case_in("refused")
    told.say("case.completed", CHEN)
    issue(told, 1)
    assert "没有准予决定" in told.now().steps[-1].reason


def test_a_nonsense_number_or_kind_does_not_count() -> None:
    for wrong in ({"paper_number": "第一号"}, {"kind": "medal"}):
        told = approved()
        issue(told, 1, **wrong)
        assert verdict(told) == "set_aside"
