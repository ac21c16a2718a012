"""Papers that are waived because a licence is looked up: which, whose, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from cases.catalogue import Form, Handling, MaterialSpec, Source
from cases.folded import Case
from cases.licences import (
    Numbers,
    Whose,
    is_waivable,
    may_wait,
    not_found,
    pending,
    wanted,
    whose,
)
from cases.tasks import case_tasks
from sync.bundle import load_bundle
from tests.cases.facts import CENTRAL, CENTRE, CHEN, HERE, LIN, WU, History, least

CATALOGUE = load_bundle().catalogue
SHOWN = {"position": 1, "name": "申请人居民身份证", "handling": "looked_at", "taken": True}


def paper(name: str, licence: str, source: Source = Source.GOVERNMENT) -> MaterialSpec:
    return MaterialSpec(
        position=1, name=name, form=Form.ORIGINAL, source=source, licence=licence, required=True,
        handling=Handling.LOOKED_AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "licence", "of"),
    [
        ("申请人居民身份证", "SFZ", Whose.APPLICANT),
        ("居民户口簿", "HKB", Whose.APPLICANT),
        ("结婚证", "JHZ", Whose.APPLICANT),
        ("毕业证书", "XLZS", Whose.APPLICANT),
        ("营业执照", "YYZZ", Whose.APPLICANT),
        ("代办人居民身份证", "SFZ", Whose.ARRIVING),
        ("监护人居住证", "JZZ", Whose.ARRIVING),
        ("夫妻双方居民身份证", "SFZ", Whose.OTHER),
        ("员工居民身份证", "SFZ", Whose.OTHER),
        ("父母居民户口簿", "HKB", Whose.OTHER),
        ("出质股权所在公司营业执照", "YYZZ", Whose.OTHER),
        ("居民死亡医学证明（推断）书", "SWYX", Whose.OTHER),
    ],
)
def test_whose_a_licence_is_stands_in_the_papers_name(name: str, licence: str, of: Whose) -> None:
    assert whose(paper(name, licence), CATALOGUE.licence(licence)) is of


def test_only_what_an_authority_issued_is_waived_and_who_somebody_is_must_be_seen() -> None:
    assert is_waivable(paper("居民户口簿", "HKB"))
    assert not is_waivable(paper("居民户口簿", "HKB", Source.APPLICANT))
    assert not is_waivable(paper("申请书", ""))
    assert may_wait(paper("居民户口簿", "HKB"))
    assert not may_wait(paper("申请人居民身份证", "SFZ"))


def test_nothing_is_asked_of_somebody_whose_number_is_not_on_the_form() -> None:
    papers = [paper("申请人居民身份证", "SFZ"), paper("代办人居民身份证", "SFZ"),
              paper("营业执照", "YYZZ"), paper("配偶居民身份证", "SFZ")]  # fmt: skip
    alone = wanted(papers, CATALOGUE, Numbers("person", "A"))
    assert [(w.licence, w.holder) for w in alone] == [("SFZ", "A")]
    with_agent = wanted(papers, CATALOGUE, Numbers("person", "A", "B"))
    assert [(w.licence, w.holder) for w in with_agent] == [("SFZ", "A"), ("SFZ", "B")]
    firm = wanted(papers, CATALOGUE, Numbers("organization", "C", "B"))
    assert [(w.licence, w.holder) for w in firm] == [("SFZ", "B"), ("YYZZ", "C")]
    assert wanted(papers, CATALOGUE, Numbers("person", "")) == ()


def received(*waived: Any) -> History:
    told = History()
    materials = [SHOWN] + [
        {"position": n, "name": "居民户口簿", "handling": "looked_at", "taken": False, "waived": w}
        for n, w in enumerate(waived, 2)
    ]
    told.say("case.received", LIN, deciding=CENTRE, materials=materials)
    told.say("case.forwarded", LIN, to=CENTRE)
    return told


def now(told: History) -> Case:
    found = told.now()
    assert isinstance(found, Case)
    return found


PENDING = {"licence": "HKB", "check": "pending"}


def kinds(case: Case, point: str = HERE) -> list[str]:
    return [t.kind for t in case_tasks(case, (), point)]


def test_a_paper_that_waits_for_its_check_is_a_task_until_central_has_looked() -> None:
    told = received({"licence": "HKB", "check": "found"}, PENDING)
    assert [m.position for m in pending(now(told))] == [3]
    assert "check_licence" in kinds(now(told))
    assert "check_licence" not in kinds(now(told), CENTRE)
    told.say("case.licence_checked", CENTRAL, position=3, found=True)
    assert pending(now(told)) == ()
    assert {"check_licence", "ask_paper"} & set(kinds(now(told))) == set()


def test_what_is_not_found_is_asked_for_until_somebody_has_scanned_it() -> None:
    told = received(PENDING)
    told.say("case.licence_checked", CENTRAL, position=2, found=False)
    told.say("case.licence_checked", "central.eeeeeeee", position=2, found=False)
    assert [m.position for m in not_found(now(told))] == [2]
    assert "ask_paper" in kinds(now(told))
    blob = "sha256:" + "0" * 64
    told.say("case.scanned", LIN, blob=blob, size=9, media="image/png", position=2)
    assert not_found(now(told)) == ()
    assert "ask_paper" not in kinds(now(told))


@pytest.mark.parametrize("how", ["brought", "photographed"])
def test_a_supplement_alone_ends_the_asking_unless_it_is_not_what_was_missing(how: str) -> None:
    told = received(PENDING)
    told.say("case.licence_checked", CENTRAL, position=2, found=False)
    told.say("case.supplemented", LIN, positions=[3], how=how)
    assert "ask_paper" in kinds(now(told)), "that was another paper"
    given = told.say("case.supplemented", LIN, positions=[2], how=how)
    assert "ask_paper" not in kinds(now(told))
    told.say("case.request_settled", now(told).holder + ".bbbb", request=given.id, granted=False)
    assert "ask_paper" in kinds(now(told))


def test_once_decided_nothing_is_asked_for_any_more() -> None:
    told = received(PENDING, PENDING)
    told.say("case.licence_checked", CENTRAL, position=2, found=False)
    told.say("case.accepted", CHEN)
    assert {"ask_paper", "check_licence"} <= set(kinds(now(told)))
    told.say("case.approved", CHEN)
    assert {"ask_paper", "check_licence"} & set(kinds(now(told))) == set()


@pytest.mark.parametrize("by", [LIN, CHEN, WU])
def test_central_alone_says_that_a_licence_was_checked(by: str) -> None:
    told = received(PENDING)
    told.say("case.licence_checked", by, position=2, found=True)
    assert [m.check for m in pending(now(told))] == ["pending"]
    assert now(told).steps[-1].verdict == "set_aside"


@pytest.mark.parametrize("strange", [None, "x", 7, [], {}, {"licence": None}, {"licence": ""}])
def test_a_strange_waiver_waives_nothing(strange: Any) -> None:
    told = received(strange)
    assert now(told).materials[1].licence == ""
    assert pending(now(told)) == not_found(now(told)) == ()


def test_a_paper_that_was_taken_is_not_waived_too() -> None:
    told = History()
    data = {**least("case.received"), "materials": [{**SHOWN, "waived": PENDING}]}
    told.say("case.received", LIN, **data)
    assert now(told).materials[0].check == ""
