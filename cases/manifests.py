"""Manifests (交接单): what was listed for a courier, what came of it, and what differed.

A manifest is no subject of its own: each parcel tells on which it was listed. So a point with no
network can print one, and central finds the whole bag when its courier scans the manifest's code.
A difference is a parcel that was listed and, the courier says, is not in the bag
(``parcel.missing``); the point answers each, until then it is a task.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cases.folded import Parcel, Step
from cases.states import ParcelState

LISTED = "parcel.listed"
MISSING = "parcel.missing"
ANSWERED = "parcel.missing_answered"
_TAKEN = ("parcel.taken_over", "parcel.out_for_delivery", "parcel.delivered")


class How(Enum):
    """How a point answers that a listed parcel was not in the bag."""

    FOUND_HERE = "found_here"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    LOST = "lost"


HOW_ZH = {
    How.FOUND_HERE: "在本窗口找到了，随下一袋交",
    How.HANDED_OVER: "已当面补交给快递员，由快递员扫面单",
    How.CANCELLED: "取消这个邮件，内件重新装封",
    How.LOST: "没有找到，已报告负责人",
}


GRAMS_MAX = 30_000  # a parcel of papers that is heavier was weighed wrong
#: What is looked at on acceptance (收寄验视), as it is on the form.
LOOKED_ZH = {
    "contents": "内件与清单一致",
    "allowed": "没有禁寄物品",
    "sealed": "封装完好",
}


def how_words(how: str) -> str:
    """An answer in words; one of a newer version as it is."""
    return next((words for known, words in HOW_ZH.items() if known.value == how), how)


def looked_words(looked: Any) -> str:
    """What was looked at, in words."""
    codes = looked if isinstance(looked, list) else []
    return "、".join(LOOKED_ZH.get(str(code), str(code)) for code in codes)


class Fate(Enum):
    """What came of a parcel that a manifest lists."""

    WAITING = "waiting"
    TAKEN = "taken"
    MISSING = "missing"
    SETTLED = "settled"  # it was missing, and the point has answered
    MOVED = "moved"  # listed anew on a later manifest before anybody took it over
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Difference:
    """A listed parcel that was not in the bag: the report, its manifest, and the answer if any."""

    event: str
    manifest: str
    at: str
    by: str
    how: str = ""
    answered_at: str = ""

    @property
    def open(self) -> bool:
        """Whether the point has yet to say what became of it."""
        return not self.how


def listed(parcel: Parcel) -> tuple[str, ...]:
    """The manifests that list a parcel, in order; only its own point can have printed them."""
    numbers = (str(step.data.get("manifest", "")) for step in _counted(parcel, LISTED))
    return tuple(n for n in dict.fromkeys(numbers) if n[:6] == f"M{parcel.number[1:6]}")


def current(parcel: Parcel) -> str:
    """The manifest that a parcel goes with: the last one that lists it, or empty.

    One that was missing from the bag goes with none until it is listed again.
    """
    last = ""
    for step in parcel.steps:
        if step.verdict == "ok" and step.type == LISTED:
            last = str(step.data.get("manifest", ""))
        elif step.verdict == "ok" and step.type == MISSING:
            last = "" if step.data.get("manifest") == last else last
    return last if last in listed(parcel) else ""


def bag(parcels: Iterable[Parcel], manifest: str) -> tuple[Parcel, ...]:
    """The parcels that a courier who scans this manifest has to find in the bag, in order."""
    here = (p for p in parcels if p.state is ParcelState.PACKED and current(p) == manifest)
    return tuple(sorted(here, key=lambda parcel: parcel.number))


def on(parcels: Iterable[Parcel], manifest: str) -> tuple[Parcel, ...]:
    """All parcels that a manifest lists, whatever came of them since."""
    return tuple(sorted((p for p in parcels if manifest in listed(p)), key=lambda p: p.number))


def differences(parcel: Parcel) -> tuple[Difference, ...]:
    """Every time a parcel was not in the bag, each with the first answer to it."""
    answers: dict[str, Step] = {}
    for step in _counted(parcel, ANSWERED):
        answers.setdefault(str(step.data.get("missing", "")), step)
    told: dict[str, Step] = {}
    for step in _counted(parcel, MISSING):
        told.setdefault(str(step.data.get("op") or step.id), step)
    return tuple(_difference(step, answers.get(step.id)) for step in told.values())


def _difference(step: Step, answer: Step | None) -> Difference:
    manifest = str(step.data.get("manifest", ""))
    if answer is None:
        return Difference(step.id, manifest, step.at, step.actor)
    how = str(answer.data.get("how", ""))
    return Difference(step.id, manifest, step.at, step.actor, how, answer.at)


def open_difference(parcel: Parcel) -> Difference | None:
    """The difference that the point has yet to answer: none once somebody has it in hand."""
    if parcel.state is not ParcelState.PACKED:
        return None
    last = max((s.id for s in _counted(parcel, *_TAKEN)), default="")
    return next((d for d in differences(parcel) if d.open and d.event > last), None)


def taken_by(parcel: Parcel) -> Step | None:
    """The report by which a parcel was first taken over, or None."""
    return next(iter(_counted(parcel, "parcel.taken_over")), None)


def fate(parcel: Parcel, manifest: str) -> Fate:
    """What came of a parcel that this manifest lists."""
    packed = parcel.state is ParcelState.PACKED
    if packed and current(parcel) == manifest:
        return Fate.WAITING
    told = [d for d in differences(parcel) if d.manifest == manifest]
    if told:
        return Fate.MISSING if packed and told[-1].open else Fate.SETTLED
    if packed or listed(parcel)[-1:] != (manifest,):
        return Fate.MOVED
    return Fate.CANCELLED if parcel.state is ParcelState.CANCELLED else Fate.TAKEN


def inspected(parcel: Parcel) -> Step | None:
    """The inspection on acceptance (收寄验视) of a parcel, or None.

    邮政法 第二十五条: what is handed in for posting is looked at before it is accepted;
    快递暂行条例 第三十一条: and it is marked as looked at.
    """
    return next(iter(_counted(parcel, "parcel.inspected")), None)


def _counted(parcel: Parcel, *types: str) -> list[Step]:
    return [step for step in parcel.steps if step.verdict == "ok" and step.type in types]
