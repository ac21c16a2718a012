"""A case's page for its resident: where it stands, what that means, what comes next.

Everything shown is finished here, in the reader's language, without personal data in full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from cases.calendar import Calendar
from cases.clocks import ACCEPT, CORRECT, DELIVER, deemed_accepted
from cases.disputes import may_dispute
from cases.folded import Case, Parcel, Step
from cases.lacking import lacking
from cases.licences import Check
from cases.lights import light
from cases.originals import late_at
from cases.papers import (
    RESULT,
    RESULT_TO_POINT,
    TO_AUTHORITY,
    earlier_originals,
    originals,
    outgoing,
)
from cases.points import Directory
from cases.proceedings import APPLICATION, outstanding, paper_name
from cases.states import CaseState, ParcelState
from cases.times import day_of, shown, shown_day, shown_day_en, shown_en
from cases.tracking import OWN
from central.parcel_track import carrier_name, track
from central.progress_words import defect_words, failure_words, happening, standing
from courier.look.cards import Happening
from courier.look.surface import current_language
from courier.look.words import _
from courier.postage import moment

_NEGATIVE = (CaseState.REFUSED, CaseState.NOT_ACCEPTED, CaseState.LAPSED)
ON_THE_WAY = frozenset(
    {ParcelState.PACKED, ParcelState.TAKEN_OVER, ParcelState.OUT, ParcelState.FAILED}
)
DELIVERED = ParcelState.DELIVERED
SEALED_REASONS = ("reason", "grounds", "remedies", "where_to_go")


@dataclass(frozen=True)
class ParcelCard:
    """One parcel of the case, as its resident follows it."""

    number: str
    tracking: str
    state: str
    when: str
    words: str
    carrier: str = ""
    track: tuple[Happening, ...] = ()
    may_dispute: bool = False
    to: str = ""
    """The point where it is fetched; empty for one that comes to the door."""


@dataclass(frozen=True)
class SlipCard:
    """Whether there is a slip, and what of it may be shown; ``point``: where it is fetched."""

    filled: bool = False
    masked: str = ""
    words: str = ""
    url: str = ""
    point: str = ""
    away: str = ""
    cancel_url: str = ""


@dataclass(frozen=True)
class SiblingCard:
    """Another case of the same reception (一件事): where it stands, and its own page."""

    number: str
    title: str
    standing: str
    due: str
    tone: str


@dataclass(frozen=True)
class ProgressCard:
    """The finished page."""

    number: str
    title: str
    place: str
    phone: str
    heard_of: bool
    standing: str = ""
    meaning: str = ""
    next: str = ""
    due: str = ""
    applicant: str = ""
    tone: str = "accent"
    corrections: tuple[tuple[str, str], ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    reasons_locked: bool = False
    happenings: tuple[Happening, ...] = ()
    parcels: tuple[ParcelCard, ...] = ()
    code: str = ""
    code_locked: bool = False
    papers: tuple[tuple[str, str], ...] = ()
    siblings: tuple[SiblingCard, ...] = ()
    slip: SlipCard = field(default_factory=SlipCard)


@dataclass(frozen=True)
class Seen:
    """Through whose eyes, and when: the points' names, working days, the time."""

    directory: Directory
    calendar: Calendar
    now: str

    def at(self, moment: str) -> str:
        """A time as the reader writes it."""
        return (shown_en if current_language() == "en" else shown)(moment, self.now)

    def when(self, step: Step) -> str:
        """When a step happened, in words."""
        return self.at(happened_at(step))

    def day(self, day: date) -> str:
        """A day as the reader writes it."""
        today = day_of(self.now)
        return (shown_day_en if current_language() == "en" else shown_day)(day, today)

    def last_day(self, day: date, *, provisional: bool) -> str:
        """A last day as the reader writes it; provisional where a year is not published yet."""
        words = self.day(day)
        if not provisional:
            return words
        return _("%(day)s（暂定，那年的节假日还没有公布）", day=words)

    def name(self, code: str) -> str:
        """The name of a point."""
        point = self.directory.find(code)
        return point.name if point else _("有权办理的部门")


def happened_at(step: Step) -> str:
    """When a step happened (UTC) as who reported it says, else when it was written."""
    return moment(step.data.get("when"), step.dated or step.at)


def happenings(case: Case, parcels: tuple[Parcel, ...], seen: Seen) -> tuple[Happening, ...]:
    """Every step that counts, the last to have happened first, each with its time."""
    steps = [(step, None) for step in case.steps]
    mine = [p for p in parcels if p.purpose in (RESULT, RESULT_TO_POINT)]
    steps += [(step, p) for p in mine for step in p.steps]  # type: ignore[misc]
    counted = [(s, p) for s, p in steps if s.verdict == "ok"]
    counted.sort(key=lambda pair: (happened_at(pair[0]), pair[0].id), reverse=True)
    found = [_happening(step, case, seen) for step, _parcel in counted]
    return tuple(h for h in found if h is not None)


def _happening(step: Step, case: Case, seen: Seen) -> Happening | None:
    words = happening(step, case, seen.name)
    if words is None:
        return None
    return Happening(words.title, seen.when(step), words.who, words.text)


def parcel_cards(case: Case, parcels: tuple[Parcel, ...], seen: Seen) -> tuple[ParcelCard, ...]:
    """The parcels on their way to the resident, the newest first."""
    mine = [p for p in parcels if p.purpose != "papers_to_authority"]
    return tuple(_parcel_card(p, seen) for p in reversed(mine))


def is_coming(parcels: tuple[Parcel, ...]) -> bool:
    """Whether something is on its way to the resident, for which our courier asks a code."""
    home = (p for p in parcels if p.purpose != TO_AUTHORITY and not p.to_point)
    return any(parcel.state in ON_THE_WAY and parcel.carrier == OWN for parcel in home)


def _parcel_card(parcel: Parcel, seen: Seen) -> ParcelCard:
    words = failure_words(parcel.failure) if parcel.state.value == "failed" else ""
    return ParcelCard(
        number=parcel.number,
        tracking=parcel.tracking,
        state=parcel_state(parcel),
        when=seen.at(_last_moment(parcel)),
        words=words or dispute_words(parcel),
        carrier=carrier_name(parcel.carrier),
        track=track(parcel, seen.when),
        may_dispute=may_dispute(parcel),
        to=seen.name(parcel.to_point) if parcel.purpose == RESULT_TO_POINT else "",
    )


def _last_moment(parcel: Parcel) -> str:
    counted = (happened_at(step) for step in parcel.steps if step.verdict == "ok")
    return max(counted, default=parcel.changed_at)


def dispute_words(parcel: Parcel) -> str:
    """What follows where a delivered parcel is said never to have come, or empty."""
    if parcel.lost:
        return _("查过了，邮件丢失。受理点会免费补办，再寄给您。")
    return _("您说没有收到，寄出的受理点在查，查清后给您打电话。") if parcel.disputed_at else ""


def parcel_state(parcel: Parcel) -> str:
    """Where a parcel is, in plain words."""
    if parcel.purpose == RESULT_TO_POINT and parcel.state in (DELIVERED, ParcelState.ARRIVED):
        counted = parcel.state is ParcelState.ARRIVED
        return _("已经送到，可以去取了") if counted else _("已经送到受理点，正在清点")
    return {
        "packed": _("已经装好，等快递员来取"),
        "taken_over": _("快递员已取走，正在送"),
        "out": _("快递员正在派送，请留意电话"),
        "failed": _("送过一次，没有送到"),
        "delivered": _("已经签收"),
        "arrived": _("已经签收"),
        "returned": _("已退回受理点，会重新联系您"),
        "cancelled": _("已取消"),
    }.get(parcel.state.value, "")


def due_words(case: Case, parcels: tuple[Parcel, ...], seen: Seen) -> str:
    """By when the next legal step must be taken, or empty; provisional where a year is unknown."""
    found = light(case, seen.calendar, seen.now, parcels)
    if found is None:
        return ""
    day = seen.last_day(found.due, provisional=found.provisional)
    late = found.due < day_of(seen.now)
    if found.stopped:
        return _("预计到%(day)s，这段时间不算在办理期限里", day=day)
    if found.what == CORRECT:
        return _("请在%(day)s前补齐", day=day) if not late else _("应当在%(day)s前补齐", day=day)
    if late:
        return _("原定%(day)s前办好，现在晚了，主管部门已看到。您可以打电话催办。", day=day)
    words = {ACCEPT: _("最晚%(day)s前决定是否受理", day=day),
             DELIVER: _("最晚%(day)s前把结果送到您手里", day=day)}  # fmt: skip
    return words.get(found.what) or _("最晚%(day)s前办结", day=day)


def papers_of(case: Case, seen: Seen) -> tuple[tuple[str, str], ...]:
    """Each paper that was taken, and what becomes of it."""
    kept, missing = {m.position for m in originals(case)}, lacking(case)
    words: Callable[[int, str], str] = lambda position, handling: (  # noqa: E731
        _("已还给您") if position in case.handed_out
        else _("按规定存档") if position in case.filed
        else _("原件收下了，办完按规定存档或还给您") if position in kept
        else _("留了复印件") if handling == "copy_kept"
        else _("电子材料") if handling == "electronic"
        else _("看过，当场还给您了")
    )  # fmt: skip
    waived: dict[str, str] = {
        Check.FOUND: _("不用交，电子证照查到了"),
        Check.PENDING: _("先不用交，电子证照还在核验"),
        Check.NOT_FOUND: _("电子证照没有查到，请补交，受理点会联系您"),
        "": _("还缺这份，会一次告知您哪天前补"),
    }
    return tuple(
        (m.name, words(m.position, m.handling) if m.taken else waived.get(m.check, ""))
        for m in (*case.materials, *earlier_originals(case))
        if m.taken or m.licence or m in missing
    )


def corrections(case: Case) -> tuple[tuple[str, str], ...]:
    """Each paper that is to be corrected and what is wrong with it, until something came for it."""
    return tuple(
        (called(paper_name(case, d.position)), defect_words(d.reason)) for d in outstanding(case)
    )


def called(paper: str) -> str:
    """A paper's name as the catalogue has it; the application itself as the reader says it."""
    return _("申请本身") if paper == APPLICATION else paper


def sibling_card(case: Case, parcels: tuple[Parcel, ...], seen: Seen) -> SiblingCard:
    """A case of the same reception in one line."""
    blank = SlipCard()
    card = progress_card(
        case, parcels, seen, applicant="", slip=blank, reasons=(), reasons_locked=False
    )
    return SiblingCard(card.number, card.title, card.standing, card.due, card.tone)


def _of_late(case: Case, parcels: tuple[Parcel, ...], seen: Seen) -> str:
    """What was taken in for a case that had been closed is the resident's again."""
    where = "、".join(seen.name(point) for point in late_at(case, parcels))
    if not where:
        return ""
    return _("后来才知道还收过您的原件，在%(place)s。请去取，或者给那里打电话。", place=where)


def progress_card(
    case: Case, parcels: tuple[Parcel, ...], seen: Seen, *, applicant: str,
    slip: SlipCard, reasons: tuple[tuple[str, str], ...], reasons_locked: bool,
    siblings: tuple[SiblingCard, ...] = (), code: str = "",
) -> ProgressCard:  # fmt: skip
    """The page of a case that central has heard of."""
    place = seen.directory.find(case.point)
    result = outgoing(case, 0, parcels)
    waits = case.state in (CaseState.RECEIVED, CaseState.FORWARDED, CaseState.CORRECTION)
    deemed = waits and deemed_accepted(case, seen.calendar, seen.now)
    whose = case.holder if case.waits_at_receiver else case.deciding
    said = standing(case, result, seen.name(whose), seen.name, deemed=deemed)
    to_correct = corrections(case) if waits and not deemed else ()
    negative = bool(to_correct) or case.state in _NEGATIVE
    return ProgressCard(
        number=case.number,
        title=case.title,
        place=place.name if place else "",
        phone=place.phone if place else "",
        heard_of=True,
        standing=said.title,
        meaning=said.text,
        next=_of_late(case, parcels, seen) or said.next,
        due=due_words(case, parcels, seen),
        applicant=applicant,
        tone="amber" if negative else "green" if case.state is CaseState.COMPLETED else "accent",
        corrections=to_correct,
        reasons=reasons,
        reasons_locked=reasons_locked,
        happenings=happenings(case, parcels, seen),
        parcels=parcel_cards(case, parcels, seen),
        code=code,
        code_locked=not code and is_coming(parcels),
        papers=papers_of(case, seen),
        siblings=siblings,
        slip=slip,
    )
