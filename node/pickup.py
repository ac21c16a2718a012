"""The pick-up window (统一交付): what waits here to be fetched, and where each original lies."""

from __future__ import annotations

from dataclasses import dataclass

from cases.folded import Case
from cases.originals import LEG_ZH, came_late, missing, way
from cases.papers import SETTLED, brought_to, originals, owed
from cases.slips import is_posted, standing
from cases.states import STATE_ZH
from cases.times import ago, day_of, shown
from node.actions import Scene
from node.case_card import scene_of
from node.local import Local
from node.mail import to_post
from node.people_card import applicant
from node.steps_card import point_name
from node.whereabouts import here_to_give, place_of
from sync import registers

CASES_MAX = 2_000
FOUND_MAX = 200
LATE_DAYS = 7
UNCLAIMED_DAYS = 30


@dataclass(frozen=True)
class PickupRow:
    """One case of which something waits here to be fetched."""

    number: str
    title: str
    applicant: str
    what: str
    since: str
    tone: str
    waited: str
    told: str
    url: str


@dataclass(frozen=True)
class OriginalRow:
    """One original: whose, where it lies, since when, its way, and what is missing."""

    name: str
    number: str
    applicant: str
    state: str
    place: str
    here: bool
    since: str
    legs: tuple[str, ...]
    missing: str


def waiting(local: Local, words: str = "") -> tuple[PickupRow, ...]:
    """What waits here to be fetched, what waits longest first."""
    scenes = [scene_of(local, case) for case in _settled(local, words)]
    found = [(scene, due) for scene in scenes if (due := to_fetch(scene))]
    rows = [(_since(scene.case), _row(local, scene, due)) for scene, due in found]
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))


def to_fetch(scene: Scene) -> tuple[str, ...]:
    """What the applicant fetches here: what is not to be posted, by name."""
    case = scene.case
    posted = {o.position for o in to_post(scene)} if standing(case) else set()
    if is_posted(case):
        posted.add(0)
    here = here_to_give(case, scene.parcels, scene.point)
    return tuple(o.name for o in here if o.position not in posted)


def _settled(local: Local, words: str) -> list[Case]:
    """The cases that are settled and not closed; of those that words name, what came late too."""
    db = local.store.db
    if words:
        found = [registers.subject(db, n) for n in registers.find(db, words, limit=FOUND_MAX)]
        cases = (one for one in found if isinstance(one, Case))
        return [case for case in cases if case.state in SETTLED or came_late(case)]
    newest = (registers.newest(db, "case", state=state.value, limit=CASES_MAX) for state in SETTLED)
    return [case for some in newest for case in some if isinstance(case, Case)]


def _since(case: Case) -> str:
    return case.completed_at or case.changed_at


def _row(local: Local, scene: Scene, due: tuple[str, ...]) -> PickupRow:
    case, now = scene.case, local.now()
    days = (day_of(now) - day_of(_since(case))).days
    tone = "red" if days > UNCLAIMED_DAYS else "amber" if days > LATE_DAYS else "green"
    word = {"red": "久未领取", "amber": "请催领", "green": "新到"}[tone]
    return PickupRow(
        number=case.number,
        title=case.title,
        applicant=applicant(local, case),
        what="、".join(due),
        since=ago(_since(case), now),
        tone=tone,
        waited=word,
        told=_told(case, now),
        url=f"/cases/{case.number}/do/hand_out",
    )


def _told(case: Case, now: str) -> str:
    parts = [f"已告知（{ago(case.told_at, now)}）"] if case.told_at else ["还没有告知"]
    if case.calls:
        last = case.calls[-1]
        reached = "打通" if last.reached else "没打通"
        parts.append(f"打过 {len(case.calls)} 次电话，最近一次{reached}（{ago(last.at, now)}）")
    return "；".join(parts)


def ledger(local: Local) -> tuple[OriginalRow, ...]:
    """Every original that is neither filed nor back with its owner; what is missing first."""
    live = registers.live(local.store.db, "case", limit=CASES_MAX)
    kept = [case for case in live if isinstance(case, Case) and originals(case)]
    rows = [row for case in kept for row in _originals(local, scene_of(local, case))]
    return tuple(sorted(rows, key=lambda row: (not row.missing, not row.here)))


def _originals(local: Local, scene: Scene) -> list[OriginalRow]:
    case, now = scene.case, local.now()
    if local.point.code not in (case.point, case.deciding, *case.holders, *brought_to(case)):
        return []
    kept = {m.position: m for m in originals(case)}
    open_ones = [kept[o.position] for o in owed(case, scene.parcels) if o.position in kept]
    found = []
    for material in open_ones:
        place = place_of(case, material, scene.parcels, lambda code: point_name(local, code))
        legs = way(case, material, scene.parcels)
        found.append(
            OriginalRow(
                name=material.name,
                number=case.number,
                applicant=applicant(local, case),
                state=STATE_ZH[case.state],
                place=place.words,
                here=place.point == local.point.code,
                since=shown(legs[-1].at, now) if legs else "",
                legs=tuple(f"{shown(leg.at, now)} {LEG_ZH[leg.what]}" for leg in legs),
                missing=missing(case, material, scene.parcels, now),
            )
        )
    return found
