"""The board's cards of second visits: two notices side by side, and what the first one omitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from cases.guide import Guide
from cases.times import shown
from central.board_cards import name_of
from central.context import bundle, now, store
from central.second_visits import SecondVisit, Told, second_visits
from sync.bundle import load_bundle


@dataclass(frozen=True)
class ToldCard:
    """One side: its heading, where and when, the answers, and each paper with whether it is new."""

    title: str
    place: str
    when: str
    answers: tuple[tuple[str, str], ...]
    papers: tuple[tuple[str, bool], ...]
    none: str
    url: str


@dataclass(frozen=True)
class SecondCard:
    """A second visit as the page prints it."""

    matter: str
    finding: str
    light: str
    word: str
    sides: tuple[ToldCard, ToldCard]


def page(every: bool) -> dict[str, Any]:
    """What the page prints: the visits whose first notice omitted something, or all of them."""
    found = second_visits(store(), _guide(), now())
    omitted = [pair for pair in found if pair.omitted]
    return {
        "cards": [_card(pair) for pair in (found if every else omitted)],
        "words": f"第二次来的 {len(found)} 次，其中第一次告知漏了材料的 {len(omitted)} 次",
        "links": (
            ("只看漏了材料的", url_for("board.second")),
            ("全部", url_for("board.second", which="all")),
        ),
        "every": every,
    }


def _guide() -> Guide:
    guide = bundle().guide
    return guide if guide.questions else load_bundle().guide


def _card(pair: SecondVisit) -> SecondCard:
    matter = bundle().catalogue.get(pair.matter)
    where = name_of(pair.first.point)
    if pair.omitted:
        finding = f"{where}第一次告知漏了：{'、'.join(pair.omitted)}"
        finding += "。两次回答不同，请核对当时是不是没有问清楚。" if pair.other_answers else "。"
        light, word = ("amber", "回答不同") if pair.other_answers else ("red", "漏了材料")
    elif pair.first.listed:
        finding, light, word = "第一次告知没有漏。", "green", "没有漏"
    else:
        finding, light, word = f"{where}第一次没有给一次性告知书。", "amber", "没给告知书"
    sides = (_side(pair.first, "第一次", ()), _side(pair.second, "第二次", pair.omitted))
    return SecondCard(matter.name if matter else pair.matter, finding, light, word, sides)


def _side(told: Told, title: str, omitted: tuple[str, ...]) -> ToldCard:
    what = "收件" if told.case else ("一次性告知书" if told.listed else "只咨询")
    return ToldCard(
        title=f"{title}：{what}",
        place=name_of(told.point),
        when=shown(told.at, now()),
        answers=told.answers,
        papers=tuple((paper, paper in omitted) for paper in told.papers),
        none="没有给材料清单",
        url=url_for("board.case", number=told.case) if told.case else "",
    )
