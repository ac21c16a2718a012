"""What a subject's events amount to: one frozen value a kind of subject."""

from __future__ import annotations

from typing import Any

import msgspec

from cases.catalogue import SAMPLE, Accepting
from cases.states import CaseState, ParcelState, StoreState, VisitState


class Answer(msgspec.Struct, frozen=True):
    """What a person said of something that did not count: how it was settled, in which event."""

    how: str
    event: str
    at: str
    by: str
    actor: str


class Step(msgspec.Struct, frozen=True):
    """One event as it counts: ``verdict`` is ok, set_aside, voided, passed_over or unknown.

    ``answer``: what a person said of it when it was set aside. ``dated``: the time it counts as of
    where its clock was wrong (``dates``).
    """

    id: str
    type: str
    at: str
    author: str
    actor: str
    verdict: str
    reason: str = ""
    data: dict[str, Any] = {}
    answer: Answer | None = None
    dated: str = ""


class Material(msgspec.Struct, frozen=True):
    """A paper of a case: how it is handled, and whether it was taken at the window.

    ``undertaken``: the day by which it was promised instead (告知承诺); kept when it is taken too.
    ``brought_at``, ``brought_to``: when and where it came afterwards, as what was to be corrected.
    """

    position: int
    name: str
    handling: str
    taken: bool
    identity: bool = False
    brought_at: str = ""
    brought_to: str = ""
    licence: str = ""
    """The type of the licence that replaces it, where it was waived (免交)."""
    check: str = ""
    """How far the look-up has come: found, pending or not_found."""
    undertaken: str = ""
    copies: int = 1
    source: str = ""
    """Who issues or writes it; empty in what was received before this was stated."""
    place: int = 0
    """Of an earlier one (``Case.earlier``): the position that it had."""
    lacking: bool = False
    """Whether the case was received without it, for one notice to ask for (``cases.lacking``)."""


class Slip(msgspec.Struct, frozen=True):
    """Where a slip's address is sealed: the event that holds it, and how it came.

    ``way``: by post, or to be fetched at ``to_point``; ``consent``: where a courier may leave it.
    ``settled``: a person has chosen it or another one beside it; ``cancelled``: it was taken back.
    """

    event: str
    channel: str
    at: str
    visit: str = ""
    replaces: str = ""
    by: str = ""
    actor: str = ""
    way: str = "post"
    to_point: str = ""
    consent: tuple[str, ...] = ()
    settled: bool = False
    cancelled: bool = False


class Decision(msgspec.Struct, frozen=True):
    """The outcome, the event that holds its sealed grounds, and by whom."""

    approved: bool
    event: str
    at: str
    by: str
    elsewhere_date: str = ""


class Request(msgspec.Struct, frozen=True):
    """An open request: it changes no state, and waits for the holder's answer."""

    event: str
    type: str
    at: str
    by: str


class Defect(msgspec.Struct, frozen=True):
    """What is wrong with a paper (or, at position 0, with the application): a code."""

    position: int
    reason: str


class Correction(msgspec.Struct, frozen=True):
    """The one notice of what to correct, the days given for it; its words are in the event."""

    event: str
    at: str
    by: str
    days: int
    defects: tuple[Defect, ...]


class Supplement(msgspec.Struct, frozen=True):
    """What a resident gave afterwards, and how; ``answer``: granted, denied, or still open."""

    event: str
    at: str
    by: str
    how: str
    positions: tuple[int, ...]
    answer: str = ""


class Pickup(msgspec.Struct, frozen=True):
    """A wish that somebody comes for papers; when and where is sealed in its event."""

    event: str
    at: str
    positions: tuple[int, ...]


class Pause(msgspec.Struct, frozen=True):
    """A special procedure: which, the days expected, since when; ``until`` once it has ended."""

    event: str
    kind: str
    days: int
    since: str
    until: str = ""


class Extension(msgspec.Struct, frozen=True):
    """The one extension of the period, in days of the matter's unit."""

    event: str
    at: str
    days: int


class Call(msgspec.Struct, frozen=True):
    """A call to the applicant: about what, whether reached, and the day of the next try."""

    event: str
    at: str
    by: str
    reached: bool
    about: str
    next: str = ""


class Opinion(msgspec.Struct, frozen=True):
    """Another department's opinion (征求意见): asked when, of whom, where it sits, in what time.

    ``view``: what it answered, or empty; its words are in the event.
    """

    event: str
    at: str
    department: str
    department_name: str
    to: str
    days: int
    view: str = ""
    given_at: str = ""


class Scan(msgspec.Struct, frozen=True):
    """A scan of a paper: the event that holds its key, its blob, and which paper it is (or 0)."""

    event: str
    blob: str
    size: int
    media: str
    at: str
    by: str
    position: int = 0
    pages: int = 0


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What every kind has: its number, its point, its steps, what was set aside or unknown."""

    number: str
    point: str = ""
    steps: tuple[Step, ...] = ()
    slips: tuple[Slip, ...] = ()

    @property
    def set_aside(self) -> tuple[Step, ...]:
        """The events of somebody not entitled, or out of their state."""
        return tuple(step for step in self.steps if step.verdict == "set_aside")

    @property
    def read_only(self) -> bool:
        """Whether it holds an event this version does not know."""
        return any(step.verdict == "unknown" for step in self.steps)

    @property
    def changed_at(self) -> str:
        """The time of the last event, or empty."""
        return max((step.at for step in self.steps), default="")


class Case(Subject, frozen=True, kw_only=True, tag="case", tag_field="kind"):
    """A case as its events have made it."""

    state: CaseState = CaseState.NEW
    holder: str = ""
    holders: tuple[str, ...] = ()
    received_at: str = ""
    received_event: str = ""
    matter: str = ""
    title: str = ""
    version: str = ""
    level: str = ""
    department: str = ""
    department_name: str = ""
    deciding: str = ""
    accepting: str = ""
    area: str = ""
    applicant_kind: str = ""
    capacity: str = ""
    document: str = ""
    agent_document: str = ""
    immediate: bool = False
    instant: bool = False
    rule: str = ""
    """The rule by which it was accepted (秒批), until that is voided."""
    statutory_days: int = 0
    promised_days: int = 0
    day_unit: str = "working"
    materials: tuple[Material, ...] = ()
    earlier: tuple[Material, ...] = ()
    """What was kept before another came for its place, each at a position of its own."""
    visit: str = ""
    bundle: str = ""
    """The bundle (一件事) it was applied for with, and the group of that reception."""
    group: str = ""
    group_size: int = 0
    together: bool = False
    """Whether the results of the group are to be posted together."""
    accepted_at: str = ""
    decision: Decision | None = None
    completed_at: str = ""
    result: str = "none"
    delivery: str = ""
    filed: tuple[int, ...] = ()
    handed_out: tuple[int, ...] = ()
    result_handed_out: bool = False
    told_at: str = ""
    closed_at: str = ""
    unheard: tuple[str, ...] = ()  # when the requests were stated that were open at closing
    confirmed_slip: str = ""
    confirmed_at: str = ""
    pickup_points: tuple[str, ...] = ()
    """The points where a confirmed slip let the resident fetch the result."""
    requests: tuple[Request, ...] = ()
    extension_days: int | None = None
    correction: Correction | None = None
    supplements: tuple[Supplement, ...] = ()
    pickups: tuple[Pickup, ...] = ()
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    calls: tuple[Call, ...] = ()
    scans: tuple[Scan, ...] = ()
    shown_to: tuple[str, ...] = ()
    officer: str = ""
    """Who of the deciding department has taken it up: the opaque id of an actor."""
    opinions: tuple[Opinion, ...] = ()

    @property
    def asked_points(self) -> tuple[str, ...]:
        """Where the departments sit that were asked for an opinion."""
        return tuple(opinion.to for opinion in self.opinions)

    @property
    def of_sample(self) -> bool:
        """Whether it was received under a sample catalogue, whatever is published since."""
        return self.version.startswith(SAMPLE)

    @property
    def forwarded(self) -> bool:
        """Whether another point than the receiving one decides (跨级转办)."""
        return bool(self.deciding) and self.deciding != self.point

    @property
    def accepted_by_receiver(self) -> bool:
        """Whether the receiving point, which is empowered to, takes it on, and another decides."""
        return self.accepting == Accepting.RECEIVING_POINT and self.forwarded

    @property
    def waits_at_receiver(self) -> bool:
        """Whether it lies at the receiving point, to be taken on there or passed on from there."""
        return self.accepted_by_receiver and self.holder == self.point


class Parcel(Subject, frozen=True, kw_only=True, tag="parcel", tag_field="kind"):
    """A parcel as its events have made it.

    ``disputed_at``: since when its recipient says that it never came, until that is settled;
    ``lost``: it was settled so. ``dispute_calls``: what the sender tried in the meantime.
    """

    state: ParcelState = ParcelState.NEW
    purpose: str = ""
    cases: tuple[str, ...] = ()
    to_point: str = ""
    carrier: str = ""
    tracking: str = ""
    contents: tuple[dict[str, Any], ...] = ()
    slip: str = ""
    consent: tuple[str, ...] = ()
    """Where the recipient lets the courier leave it when nobody is at home."""
    packed_event: str = ""
    packed_at: str = ""
    copies: int = 0
    delivered_to: str = ""
    delivered_at: str = ""
    delivered_event: str = ""
    """What told of the delivery: the key of a photo or signature is sealed in it."""
    proof: str = ""
    missing: str = ""
    """The report that it was not in the bag, until somebody has it in hand."""
    failure: str = ""
    operations: tuple[str, ...] = ()
    disputed_at: str = ""
    lost: bool = False
    dispute_calls: tuple[Call, ...] = ()
    visit: str = ""  # the application from home whose papers it fetches
    collected: tuple[int, ...] | None = None
    """Of these, by their place in the contents, what the courier was given; None: not told."""


class Visit(Subject, frozen=True, kw_only=True, tag="visit", tag_field="kind"):
    """A visit as its events have made it."""

    state: VisitState = VisitState.NEW
    window: str = ""
    opened_at: str = ""
    ended_at: str = ""
    asked: tuple[str, ...] = ()
    identified: tuple[str, ...] = ()
    matter: str = ""
    """From here on: applied for from home (在家申请)."""
    title: str = ""
    applicant_kind: str = ""
    document: str = ""
    fetch: bool = False
    """Whether a courier comes for papers that are kept."""
    applied_at: str = ""
    applied_event: str = ""
    answered_at: str = ""
    answer_event: str = ""
    defects: tuple[Defect, ...] = ()
    declined: str = ""
    scans: tuple[Scan, ...] = ()


class StoreBook(Subject, frozen=True, kw_only=True, tag="store", tag_field="kind"):
    """A store's own book: its keys, what central refused of it, and the answers.

    ``offers``: what others offered of it after a restore and central could not take in. An answer
    stands under the place of a refused event, or under the place and hash of an offer.
    """

    state: StoreState = StoreState.NEW
    sign_key: str = ""
    box_key: str = ""
    software: str = ""
    range: str = ""
    refused: tuple[dict[str, Any], ...] = ()
    offers: tuple[dict[str, Any], ...] = ()
    answers: dict[str, Answer] = {}


Folded = Case | Parcel | Visit | StoreBook
