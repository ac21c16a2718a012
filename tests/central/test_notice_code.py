"""The code on a notice of correction opens what it asks for, and no more than the notice says."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from cases.issued import PaperKind, papers_of
from cases.numbers import PaperNumber
from central.jobs import Jobs
from central.qr import revoke
from central.web import create_app
from labels.paper_code import PaperCode, mint_paper
from labels.tokens import VALID_DAYS
from node.issuing import render, says, with_number
from tests.central.test_corrections import case_of, give
from tests.central.test_progress import NOTICE, WORDS
from tests.central.travel import Journey
from tests.central.world import CENTRE, Browser, Central, Clock, MemoryDistrict, Point
from tests.labels.paper import all_codes
from tests.node.pictures import jpeg

GENUINE = "这份补正告知书是真的"
ASKED = ("居民身份证", "没有签名或盖章", "地址写到门牌号", "还有 2 样要补", "前补齐")
FOURS = "最后四位"


def numbered(serial: int) -> PaperNumber:
    return PaperNumber("榕鼓市监补", 2026, 31, serial)


def notice(point: Point, case: str, serial: int = 1, **more: Any) -> str:
    data = {**NOTICE, "paper_number": numbered(serial).text, **more}
    return point.state("case.correction_noticed", case, data, words=WORDS)


def code(printer: Point, case: str, serial: int = 1, kind: PaperKind = PaperKind.CORRECTION) -> str:
    """What a notice's QR holds after the address, printed by a point."""
    key = printer.district.secrets.token_key(printer.number)
    bare = numbered(serial)._replace(series="")
    return mint_paper(key, PaperCode(case, kind, bare, printer.number))


@pytest.fixture
def number(point: Point, central: Central) -> str:
    number = point.receive()
    notice(point, number)
    central.carry()
    return number


def test_wherever_it_was_printed_it_opens_the_defects_at_once_and_is_checked_all_the_same(
    point: Point, centre: Point, central: Central, number: str, stranger: Browser
) -> None:
    made_up = stranger.get(f"/V/{code(centre, number)}/correct")
    assert "门牌号" not in made_up.text, "by a point that has no part in the case"
    centre.state("case.shown", number, {}, token=point.token(number))
    central.carry()
    for printer in (point, centre):
        for address in (f"/V/{code(printer, number)}", f"/v/{code(printer, number).lower()}"):
            page = stranger.get(address)
            for words in (*ASKED, GENUINE, "区市场监督管理局", "11月23日", numbered(1).text):
                assert words in page.text, words
            for secret in ("林小梅", "13805915678", "392X", "5678"):
                assert secret not in page.text
            assert page.headers["Cache-Control"] == "no-store"
            assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "受理点" in stranger.get(f"/V/{code(point, number)}/correct/points").text
    assert "This notice is genuine" in stranger.get(f"/V/{code(point, number)}?lang=en").text
    stranger.get("/?lang=zh")
    opened = stranger.get(f"/V/{code(point, number)}").text
    assert f'href="/V/{code(point, number)}?check=1"' in opened
    checked = stranger.get(f"/V/{code(point, number)}?check=1").text
    for words in ("是真的，现在有效", "补正告知书", "林*梅", numbered(1).text):
        assert words in checked, words
    assert "门牌号" not in checked
    assert f'href="/V/{code(point, number)}/correct"' in checked


def test_to_give_something_needs_the_last_four_and_leads_back_to_what_was_wanted(
    point: Point,
    central: Central,
    district: MemoryDistrict,
    number: str,
    stranger: Browser,
    resident: Browser,
) -> None:
    base = f"/V/{code(point, number)}/correct"
    for page in (f"{base}/1", f"{base}/0/words", f"{base}/fetch"):
        assert FOURS in stranger.get(page).text, page
        assert FOURS in stranger.post(page, {"words": "我来改", "day": "2026-11-24"}).text, page
    assert case_of(central, district, number).supplements == ()
    for page in ("1", "0/words", "fetch"):
        asked = stranger.client.get(f"{base}/{page}").headers["Location"]
        resident.get(asked)
        opened = resident.post(asked, {"last_four": "392X"})
        assert opened.request.path == f"/case/{number}/correct/{page}"
        resident.client.delete_cookie("session")
    resident.get(asked)
    resident.post(asked, {"last_four": "392X"})
    assert "还有 1 样要补" in give(resident, f"{base}/1", jpeg()).text, (
        "by the notice's own address"
    )
    assert len(case_of(central, district, number).supplements) == 1
    assert "收到了，等办理部门看" in stranger.get(base).text


def test_a_notice_that_is_over_only_says_what_became_of_it(
    point: Point, central: Central, stranger: Browser, clock: Clock
) -> None:
    twice, accepted, lapsed, late = (point.receive() for _ in range(4))
    notice(point, twice)
    notice(point, twice, 2)
    notice(point, accepted)
    point.state("case.accepted", accepted, {})
    notice(point, lapsed)
    clock.forward(days=40)
    point.state("case.lapsed", lapsed, {}, reason="没有补正")
    notice(point, late)
    central.carry()
    for case, serial, said in (
        (twice, 2, "不算数"),
        (accepted, 1, "是真的，现在没有要补的"),
        (lapsed, 1, "是真的，但这次申请已经终止"),
        (late, 1, "是真的，现在没有要补的"),
    ):
        for path in ("", "/correct", "/correct/1", "/correct/points"):
            page = stranger.get(f"/V/{code(point, case, serial)}{path}").text
            assert said in page, (case, path)
            assert "门牌号" not in page
    assert "还有 2 样要补" in stranger.get(f"/V/{code(point, twice)}").text, "the one that stands"


def test_it_opens_nothing_after_a_year_nor_once_the_case_s_codes_are_stopped(
    point: Point,
    central: Central,
    district: MemoryDistrict,
    number: str,
    stranger: Browser,
    clock: Clock,
) -> None:
    other = point.receive()
    notice(point, other)
    central.carry()
    revoke(district.config.data, other)
    assert "是真的，现在有效" in stranger.get(f"/V/{code(point, other)}").text
    clock.forward(days=VALID_DAYS)
    assert GENUINE in stranger.get(f"/V/{code(point, number)}").text
    clock.forward(days=1)
    assert "是真的，现在有效" in stranger.get(f"/V/{code(point, number)}").text


def test_no_other_paper_opens_it_and_no_forged_one(
    point: Point, central: Central, number: str, stranger: Browser
) -> None:
    for kind in PaperKind:
        if kind is not PaperKind.CORRECTION:
            page = stranger.get(f"/V/{code(point, number, kind=kind)}/correct")
            assert page.request.path == f"/V/{code(point, number, kind=kind)}"
            assert "门牌号" not in page.text
    true = code(point, number)
    forged = f"{true[:-1]}{'A' if true[-1] != 'A' else 'B'}"
    for path in (f"/V/{forged}", f"/V/{forged}/correct", f"/V/{point.token(number)}/correct"):
        page = stranger.get(path)
        assert page.status_code == 404
        assert "不要相信这份文书" in page.text
    nobodys = stranger.get(f"/V/{code(point, number, 9)}").text
    assert "门牌号" not in nobodys
    unheard = stranger.get(f"/V/{code(point, point.new_case_number())}").text
    for words in ("详情随后就到", "送到任何一个受理点也可以"):
        assert words in unheard, words


def test_the_code_that_a_department_s_print_really_carries_opens_it(twin: Journey) -> None:
    number = twin.receive()
    twin.forward(number)
    twin.carry()
    told = {"defects": [{"position": 0, "reason": "wrong"}], "whole": True, "days": 10}
    with twin.nodes[CENTRE].local() as local:
        with local.writing() as w:
            data = with_number(w, "case.correction_noticed", number, told)
            w.state("case.correction_noticed", number, data, actor="s-1", sealed={"words": WORDS})
        case = local.store.case(number)
        assert case is not None
        (issued,) = papers_of(case.steps)
        (printed,) = all_codes(render(says(local, case, issued), copy=1))
    twin.carry()
    with closing(Jobs(twin.district)) as jobs:
        jobs.step()
        scanner = Browser(create_app(twin.district).test_client())
        page = scanner.get(urlsplit(printed).path)
    for words in (GENUINE, "还有 1 样要补", "地址写到门牌号", issued.number):
        assert words in page.text, words
