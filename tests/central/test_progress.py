"""A case's page for its resident between reception and decision, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cases.numbers import visit_number
from central.notices import MemoryNotifier
from tests.central.test_portal import look_up
from tests.central.world import DAY, Browser, Central, Clock, Point

NOTICE: dict[str, Any] = {
    "defects": [{"position": 1, "reason": "unsigned"}, {"position": 0, "reason": "wrong"}],
    "whole": True,
    "days": 10,
}
WORDS = "申请本身：地址写到门牌号"


@pytest.fixture
def number(point: Point) -> str:
    return point.receive()


def page(resident: Browser, central: Central, point: Point, number: str) -> str:
    central.carry()
    return resident.get(f"/T/{point.token(number)}").text


def test_what_to_correct_is_listed_and_its_words_want_the_last_four(
    resident: Browser, central: Central, point: Point, number: str
) -> None:
    point.state("case.correction_noticed", number, NOTICE, words=WORDS)
    seen = page(resident, central, point, number)
    for words in ("要补材料", "没有签名或盖章，请补上", "申请本身", "填错了，请改正", "前补齐"):
        assert words in seen
    assert "门牌号" not in seen
    assert "看说明" in seen
    look_up(resident, number, "392X")
    assert "地址写到门牌号" in page(resident, central, point, number)
    english = resident.get(f"/T/{point.token(number)}?lang=en").text
    assert "not signed or stamped" in english
    assert "Please complete this by" in english


def test_what_came_afterwards_is_being_looked_at(
    resident: Browser, central: Central, point: Point, number: str
) -> None:
    point.state("case.correction_noticed", number, NOTICE)
    point.state("case.supplemented", number, {"positions": [1], "how": "brought"})
    seen = page(resident, central, point, number)
    assert "没有签名或盖章，请补上" not in seen
    assert "填错了，请改正" in seen, "for the other defect nothing came yet"
    point.state("case.supplemented", number, {"positions": [0], "how": "brought"})
    seen = page(resident, central, point, number)
    assert "补的材料收到了" in seen
    assert "填错了，请改正" not in seen


def test_a_phone_corrected_at_the_window_is_told_proves_and_gets_the_messages(
    resident: Browser, stranger: Browser, central: Central, point: Point, number: str
) -> None:
    central.jobs.notifier = told = MemoryNotifier()
    point.state("case.corrected_on_spot", number, {"fields": ["phone"]}, phone="13805914321")
    seen = page(resident, central, point, number)
    assert "当场更正" in seen
    assert "填错的地方在窗口改好了" in seen
    assert "4321" not in seen
    assert "没有找到" in look_up(stranger, number, "5678"), "it is somebody else's phone"
    assert "已收件" in look_up(resident, number, "4321")
    point.decide(number)
    central.carry()
    assert [n.to for n in told.sent.values() if n.kind == "decided"] == ["13805914321"]


def test_cases_of_one_reception_are_followed_from_one_code(
    resident: Browser, central: Central, point: Point
) -> None:
    visit = visit_number(point.number, DAY, 3)
    group = {"code": "YJS02", "group": f"{visit}.ab12", "size": 2, "together": True}
    first, second = (point.receive(visit=visit, bundle=group) for _ in range(2))
    alone = point.receive(visit=visit)
    point.state("case.correction_noticed", second, NOTICE)
    seen = page(resident, central, point, first)
    assert "一起申请的其他几件" in seen
    assert f"/case/{second}/prove" in seen
    assert "要补材料" in seen
    assert alone not in seen
    assert "一起申请的其他几件" not in page(resident, central, point, alone)


def test_silence_is_told_as_acceptance(
    resident: Browser, central: Central, point: Point, number: str, clock: Clock
) -> None:
    clock.forward(days=8)
    seen = page(resident, central, point, number)
    assert "已视为受理" in seen
    assert "从收件那天起就算受理了" in seen


def test_a_procedure_says_which_and_until_about_when(
    resident: Browser, central: Central, point: Point, number: str
) -> None:
    point.state("case.accepted", number, {})
    point.state("case.suspended", number, {"kind": "expert_review", "days": 5})
    seen = page(resident, central, point, number)
    assert "正在专家评审" in seen
    assert "预计到11月30日（周一），这段时间不算在办理期限里" in seen
    point.state("case.resumed", number, {})
    point.state("case.extended", number, {"days": 10}, approver="陈局长", reason="情况复杂")
    seen = page(resident, central, point, number)
    assert "办理期限延长 10 天" in seen
    assert "最晚12月14日（周一）前办结" in seen


def test_a_case_that_lapsed_says_what_becomes_of_the_papers(
    resident: Browser, central: Central, point: Point, number: str
) -> None:
    point.state("case.correction_noticed", number, NOTICE)
    point.state("case.lapsed", number, {}, reason="没有补正")
    seen = page(resident, central, point, number)
    assert "已终止" in seen
    assert "收下的原件会还给您" in seen
    point.state("case.originals_filed", number, {"positions": [2]})
    point.state("case.resident_told", number, {"how": "phone"})
    point.state("case.closed", number, {})
    seen = page(resident, central, point, number)
    assert "这件事没有办下去，已经了结" in seen
    assert "结果已经出来" not in seen


def test_late_in_the_last_published_year_a_last_day_is_provisional_and_messages_name_none(
    resident: Browser, central: Central, point: Point, number: str, clock: Clock
) -> None:
    central.jobs.notifier = told = MemoryNotifier()
    clock.now = "2026-12-30T02:00:00Z"
    late, waits = point.receive(), point.receive()
    point.state("case.correction_noticed", late, NOTICE, words=WORDS)
    for case in (late, waits):
        seen = page(resident, central, point, case)
        assert "2027年1月" in seen
        assert re.findall(r"2027年1月\d+日（周.）(?!（暂定)", seen) == []
        english = resident.get(f"/T/{point.token(case)}?lang=en").text
        assert "provisional" in english
        resident.get(f"/T/{point.token(case)}?lang=zh")
    look_up(resident, late, "392X")
    form = resident.get(f"/case/{late}/correct").text
    assert re.findall(r"2027年1月\d+日（周.）(?!（暂定)", form) == []
    assert "2027年1月" in form
    assert {n.kind for n in told.sent.values()} >= {"received", "correction"}
    assert not any(re.search(r"\d+月\d+日", n.text) for n in told.sent.values())
