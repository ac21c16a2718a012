"""The slips of a case as cards: what each says, what became of it, how rivals differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from cases.folded import Case
from cases.folded import Slip as Filled
from cases.slips import CONSENTS_ZH, PICKUP, rivals, standing, to_check
from cases.times import shown
from node import staff
from node.local import Local
from node.people_card import Slip, masked, slip_of
from node.steps_card import CHANNELS, point_name, who

TERMS = {"name": "收件人", "phone": "电话", "way": "怎么给", "address": "地址",
         "note": "给快递员的话", "away": "不在家时"}  # fmt: skip
KEYS = ("k", "h")  # the newest first; others are chosen with the mouse
NOBODY = "只交给收件人或家人"


@dataclass(frozen=True)
class SlipRow:
    """One line of a slip; ``differs`` from the one beside it."""

    term: str
    value: str
    differs: bool


@dataclass(frozen=True)
class SlipCard:
    """One slip as the page shows it: ``status`` in words, in full only where it is checked.

    ``seen``: the other slips on the page, which are passed over when this one is confirmed.
    """

    event: str
    how: str
    status: str
    tone: str
    to_check: bool
    content: Slip | None
    rows: tuple[SlipRow, ...] = ()
    key: str = ""
    may_choose: bool = False
    seen: str = ""


def slip_cards(local: Local, case: Case, *, may_check: bool, full: bool) -> tuple[SlipCard, ...]:
    """Every slip of a case, the newest first. The only one that waits is shown in full."""
    asked = {slip.event for slip in rivals(case)} if may_check else set()
    open_ones = {slip.event for slip in standing(case)}
    said = {slip.event: _said(local, slip) for slip in case.slips}
    differing = _differing(said[event] for event in asked)
    single = len(asked) == 1
    cards: list[SlipCard] = []
    for slip in reversed(case.slips):
        checked = slip.event in asked
        content = _shown(said[slip.event], full=full or (checked and single))
        chosen = slip.event == case.confirmed_slip
        status, tone = _status(case, slip)
        others = (e for e in open_ones if e != slip.event)
        place = sum(card.to_check for card in cards)
        cards.append(
            SlipCard(
                slip.event, _how(local, case, slip), status, tone, checked, content,
                _rows(content, differing),
                KEYS[place] if checked and place < len(KEYS) else "",
                may_check and slip.event in open_ones and (not chosen or checked),
                " ".join((slip.event, *sorted(others))),
            )
        )  # fmt: skip
    return tuple(cards)


def _said(local: Local, slip: Filled) -> Slip | None:
    content = slip_of(local, slip.event)
    if content is None:
        return None
    if slip.way == PICKUP:
        way, away = f"送到{point_name(local, slip.to_point)}，本人去取", ""
    else:
        way = "寄到家"
        places = "、".join(CONSENTS_ZH[place] for place in slip.consent)
        away = f"可以交给{places}" if places else NOBODY
    return Slip(content.name, content.phone, content.address, content.note, way, away)


def _shown(content: Slip | None, *, full: bool) -> Slip | None:
    return content if content is None or full else masked(content)


def _differing(said: Iterable[Slip | None]) -> frozenset[str]:
    """The fields in which slips are not all the same."""
    known = [slip for slip in said if slip is not None]
    return frozenset(
        f.name for f in fields(Slip) if len({getattr(slip, f.name) for slip in known}) > 1
    )


def _rows(content: Slip | None, differing: frozenset[str]) -> tuple[SlipRow, ...]:
    if content is None:
        return ()
    values: Mapping[str, str] = {name: getattr(content, name) for name in TERMS}
    return tuple(
        SlipRow(TERMS[name], value or "没有", name in differing)
        for name, value in values.items()
        if value or name in differing
    )


def _how(local: Local, case: Case, slip: Filled) -> str:
    """By which way it came, by whose hand, and when."""
    step = next((s for s in case.steps if s.id == slip.event), None)
    names = staff.names(local.store, local.point.code)
    hand = who(local, step, names) if step else ""
    channel = CHANNELS.get(slip.channel, slip.channel)
    return "，".join(part for part in (channel, hand, shown(slip.at, local.now())) if part)


def _status(case: Case, slip: Filled) -> tuple[str, str]:
    if slip.cancelled:
        return ("已取消", "plain")
    asks = to_check(case)
    if slip.event == case.confirmed_slip:
        return ("之前核对过，又来了别的", "plain") if asks else ("已核对", "green")
    if slip.event in {each.event for each in asks}:
        return ("待核对", "amber")
    replaced = slip.event in {each.replaces for each in standing(case)}
    return ("已被更新的代替" if replaced else "核对时没有选用", "plain")
