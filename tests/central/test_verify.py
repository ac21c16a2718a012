"""Checking an issued paper by its code: what a stranger learns, and what a forger does not."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest

from cases.issued import PaperKind
from cases.numbers import PaperNumber
from central.licence_db import licence_keys, open_licence_db
from central.licence_library import DistrictLibrary, Held
from labels.paper_code import PaperCode, mint_paper
from tests.central.world import Browser, Central, MemoryDistrict, Point

ELDER = "11010519491231002X"
SECRETS = ("林小梅", "小梅", "13805915678", "392X", "5678")


def numbered(point: Point, serial: int, word: str = "证") -> PaperNumber:
    return PaperNumber(f"榕鼓市监{word}", 2026, point.number, serial)


def code_of(
    point: Point, case: str, kind: PaperKind, number: PaperNumber, printer: Point | None = None
) -> str:
    by = printer or point
    key = by.district.secrets.token_key(by.number)
    return mint_paper(key, PaperCode(case, kind, number._replace(series=""), by.number))


def issue(point: Point, case: str, serial: int, **more: str) -> str:
    data = {
        "kind": "certificate", "licence": "YYZZ", "paper_number": numbered(point, serial).text,
    }  # fmt: skip
    return point.state("case.result_issued", case, {**data, **more}, holder="林小梅")


@pytest.fixture
def granted(point: Point) -> str:
    number = point.receive()
    point.state("case.accepted", number, {"paper_number": numbered(point, 1, "受").text})
    point.state("case.approved", number, {"paper_number": numbered(point, 1, "准").text})
    return number


def checked(browser: Browser, code: str) -> str:
    answer = browser.get(f"/V/{code}")
    assert answer.status_code == 200
    text = answer.text
    for secret in SECRETS:
        assert secret not in text
    return text


def test_anybody_may_see_that_a_certificate_holds_and_whose_it_is_stays_masked(
    point: Point, centre: Point, central: Central, stranger: Browser, granted: str
) -> None:
    issue(point, granted, 1, valid_until="2031-11-22")
    central.carry()
    page = checked(stranger, code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 1)))
    for said in ("是真的，现在有效", numbered(point, 1).text, "营业执照", "林*梅", "2031年11月22日",
                 "福州市鼓楼区市场监督管理局"):  # fmt: skip
        assert said in page, said
    elsewhere = code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 1), centre)
    assert "现在有效" in checked(stranger, elsewhere), "a copy that another point printed"
    assert "Genuine, and valid now" in checked(stranger, f"{elsewhere}?lang=en")
    stranger.get("/?lang=zh")
    for kind, word, title in ((PaperKind.ACCEPTANCE, "受", "受理通知书"),
                              (PaperKind.APPROVAL, "准", "准予")):  # fmt: skip
        other = checked(stranger, code_of(point, granted, kind, numbered(point, 1, word)))
        assert title in other
        assert numbered(point, 1, word).text in other
    nobodys = checked(stranger, code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 9)))
    assert "现在有效" not in nobodys
    assert "营业执照" not in nobodys


def test_before_central_has_heard_of_it_a_proved_paper_is_told_from_a_forged_one(
    point: Point, central: Central, stranger: Browser
) -> None:
    number = point.new_case_number()
    code = code_of(point, number, PaperKind.CERTIFICATE, numbered(point, 7))
    page = checked(stranger, code)
    assert "详情随后就到" in page
    assert f"GL{point.number:03d}-0007号" in page
    assert "现在有效" not in page
    forged = stranger.get(f"/V/{code[:-1]}{'A' if code[-1] != 'A' else 'B'}")
    assert forged.status_code == 404
    assert "不要相信这份文书" in forged.text
    assert number not in forged.text


def test_a_voided_decision_makes_its_certificate_void(
    point: Point, central: Central, stranger: Browser
) -> None:
    number = point.receive()
    point.state("case.accepted", number, {})
    decision = point.state("case.approved", number, {})
    issue(point, number, 1)
    point.state("case.voided", number, {"event": decision}, reason="写错了")
    central.carry()
    page = checked(stranger, code_of(point, number, PaperKind.CERTIFICATE, numbered(point, 1)))
    assert "已作废" in page
    assert "现在有效" not in page


def test_a_replaced_certificate_names_the_one_that_holds(
    point: Point, central: Central, stranger: Browser, granted: str
) -> None:
    first = issue(point, granted, 1)
    issue(point, granted, 2, replaces=first)
    issue(point, granted, 3)
    central.carry()
    old = checked(stranger, code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 1)))
    assert "这一份失效了" in old
    assert numbered(point, 2).text in old
    new = checked(stranger, code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 2)))
    assert "现在有效" in new
    second = checked(stranger, code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 3)))
    assert "不能作为凭证" in second, "one that replaces none does not count"


def test_what_is_over_says_so(
    point: Point, central: Central, stranger: Browser, granted: str
) -> None:
    issue(point, granted, 1, valid_until="2026-01-01")
    central.carry()
    page = checked(stranger, code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 1)))
    assert "已经过期" in page


def test_a_renumbered_paper_is_found_by_the_number_on_it(
    point: Point, central: Central, stranger: Browser, granted: str
) -> None:
    issue(point, granted, 2, paper_number_before=numbered(point, 1).text)
    central.carry()
    page = checked(stranger, code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 1)))
    assert "印在纸上的原文号" in page
    assert numbered(point, 2).text in page


def test_its_holder_goes_on_to_the_case_with_the_last_four(
    point: Point, central: Central, resident: Browser, granted: str
) -> None:
    issue(point, granted, 1)
    central.carry()
    code = code_of(point, granted, PaperKind.CERTIFICATE, numbered(point, 1))
    assert f"/case/{granted}/prove" in checked(resident, code)
    resident.get(f"/case/{granted}/prove")
    page = resident.post(f"/case/{granted}/prove", {"last_four": "392X"})
    assert granted in page.text


def test_the_library_holds_the_certificate_that_is_valid_and_no_other(
    point: Point, central: Central, district: MemoryDistrict
) -> None:
    number = point.receive(document_number=ELDER)
    point.state("case.accepted", number, {})
    decision = point.state("case.approved", number, {})
    first = issue(point, number, 1, valid_until="2030-12-31")
    with closing(open_licence_db(district.config.data)) as db:
        library = DistrictLibrary(db, licence_keys(district.secrets))
        held = found(central, library)
        assert held is not None
        assert (held.number, held.valid_until) == (numbered(point, 1).text, "2030-12-31")
        issue(point, number, 2, replaces=first)
        held = found(central, library)
        assert held is not None
        assert held.number == numbered(point, 2).text
        point.state("case.voided", number, {"event": decision}, reason="写错了")
        assert found(central, library) is None


def found(central: Central, library: DistrictLibrary) -> Held | None:
    for _ in range(3):
        central.carry()
    return library.find("YYZZ", ELDER, date(2026, 11, 23))
