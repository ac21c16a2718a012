"""What the pages of an application from home show while it is filled in: finished, frozen cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.catalogue import Handling, MaterialSpec, Matter
from cases.folded import Visit
from cases.from_home import must_photograph
from cases.guide import Guide, Question, Resolved
from cases.points import Directory, Point, PointKind
from cases.scans import described
from central.context import bundle, now, today
from central.guide_pages import days_of, fee_of
from central.home_form import DAYS_AHEAD, HOURS, Filled, Photo, photos_of
from central.paper_names import kind_in_english
from central.progress import Seen
from central.progress_words import defect_words
from central.sample_cards import sample_of
from courier.look.cards import Choice, SampleCard
from courier.look.surface import current_language
from courier.look.words import _
from courier.pickups import Pickups
from labels.masking import mask_id, mask_phone


@dataclass(frozen=True)
class Found:
    """A matter that fits the words."""

    title: str
    url: str
    text: str
    tag: str = ""


@dataclass(frozen=True)
class MatterCard:
    """A matter before anything is asked."""

    title: str
    summary: str
    days: str
    fee: str
    sample: bool


@dataclass(frozen=True)
class QuestionCard:
    """One question of the guide, with the answers to choose from."""

    id: str
    text: str
    help: str
    many: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class PlacesCard:
    """The points to choose from: first an area, then a place in it."""

    within: str
    areas: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Taken:
    """A photograph that was taken; one that was sent already cannot be taken back."""

    blob: str
    words: str
    sent: bool


@dataclass(frozen=True)
class PaperCard:
    """One paper: what becomes of it, what to mind, what was photographed, what was wrong."""

    position: int
    name: str
    kind: str
    how: str
    must: bool
    note: str
    wrong: str
    photos: tuple[Taken, ...]
    picture: SampleCard

    @property
    def new(self) -> bool:
        """Whether a photograph was taken that the point has not seen."""
        return any(not photo.sent for photo in self.photos)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do for it."""
        return self.new if self.wrong else bool(self.photos) or not self.must


@dataclass(frozen=True)
class Row:
    """One line of the look over all: what it is, what was said, where that is changed."""

    term: str
    value: str
    step: str
    more: str = ""


def found(matter: Matter, why: str) -> Found:
    """A matter in the list of what was found."""
    more = why if why.startswith(("也叫", "相近")) and current_language() == "zh" else ""
    return Found(
        matter.name, f"/apply/{matter.code}", " · ".join(filter(None, (days_of(matter), more)))
    )


def matter(matter: Matter) -> MatterCard:
    """A matter before anything is asked."""
    sample = bundle().catalogue.sample
    return MatterCard(matter.name, matter.summary, days_of(matter), fee_of(matter), sample)


def question(guide: Guide, matter: Matter, papers: Resolved, asked: str) -> QuestionCard | None:
    """The question that was asked for, else the first that papers still hang on; None: no more."""
    concerned = {each.id: each for each in guide.concerned(matter)}
    found = concerned.get(asked) or next(iter(papers.questions), None)
    return _question(guide, matter, found) if found else None


def _question(guide: Guide, matter: Matter, found: Question) -> QuestionCard:
    english = current_language() == "en"
    offered = guide.choices(matter, found)
    return QuestionCard(
        found.id,
        found.english if english else found.text,
        "" if english else found.help,
        found.many,
        tuple(Choice(a.id, a.english if english else a.text) for a in offered),
    )


def places(directory: Directory, within: str, typed: str = "") -> PlacesCard:
    """The areas, and the points of the one that was chosen, or those that were typed."""
    heads = [p for p in directory.points if p.kind is not PointKind.COMMUNITY_POINT]
    areas = tuple((p.code, p.area_name) for p in heads)
    head = directory.find(within)
    points = (head, *directory.children(head.code)) if head in heads and head else ()
    if head is directory.centre:
        points = (directory.centre,)
    if typed:
        return PlacesCard("", areas, Pickups(directory).find(typed))
    return PlacesCard(within if points else "", areas, points)


def papers(
    needed: Iterable[MaterialSpec], taken: Iterable[Photo], mends: Visit | None
) -> tuple[PaperCard, ...]:
    """The papers with what was photographed of each."""
    wrong = {defect.position: defect.reason for defect in mends.defects} if mends else {}
    photos = tuple(taken)
    return tuple(
        PaperCard(
            position=spec.position,
            name=spec.name,
            kind=kind_in_english(spec.name) if current_language() == "en" else "",
            how=_how(spec),
            must=must_photograph(spec),
            note=spec.note,
            wrong=defect_words(wrong[spec.position]) if spec.position in wrong else "",
            photos=tuple(
                Taken(photo.blob, described(photo.media, photo.size, photo.pages), photo.stated)
                for photo in photos
                if photo.position == spec.position
            ),
            picture=sample_of(spec),
        )
        for spec in needed
    )


def _how(spec: MaterialSpec) -> str:
    if spec.identity:
        return _("证件不寄：拍照就行，原件留在您手里")
    if not must_photograph(spec):
        copies = _("，%(n)s 份", n=spec.copies) if spec.copies > 1 else ""
        kept = spec.handling is Handling.ORIGINAL_KEPT
        return (_("快递员上门取原件") if kept else _("快递员上门取复印件")) + copies
    return _("不用寄：拍照就行")


def days() -> list[tuple[str, str]]:
    """The working days on which a courier may come: the point looks first."""
    calendar, seen = bundle().calendar, Seen(bundle().directory, bundle().calendar, now())
    found = [calendar.add_working_days(today(), n) for n in DAYS_AHEAD]
    return [
        (due.day.isoformat(), seen.last_day(due.day, provisional=due.provisional)) for due in found
    ]


def hours_words(code: str) -> str:
    """A time window in words."""
    words = {"9-12": _("上午 9 点到 12 点"), "14-18": _("下午 2 点到 6 点")}
    return words.get(code, code)


def hours() -> list[Choice]:
    """The time windows to choose from."""
    return [Choice(code, hours_words(code)) for code in HOURS]


def look_over(filled: Filled, draft: dict[str, str], guide: Guide) -> tuple[Row, ...]:
    """All that was filled in, each with where it is changed; numbers masked as the slip does."""
    english = current_language() == "en"
    point = bundle().directory.by_code(filled.point)
    document = filled.document.en if english else filled.document.zh
    answers = guide.in_words(guide.answers_of(draft.get("answers", "")), english=english)
    count = len(photos_of(draft))
    rows = [
        Row(_("办什么"), filled.matter.name, ""),
        Row(_("申请人"), filled.name, "who"),
        Row(document, mask_id(filled.document_number), "who"),
        *([Row(_("法定代表人（负责人）"), filled.contact, "who")] if filled.contact else []),
        Row(_("电话"), mask_phone(filled.phone), "who"),
        *(Row(asked, said, "questions", _id_of(guide, asked)) for asked, said in answers),
        Row(_("受理点"), point.name, "" if draft.get("photos") and _is_sent(draft) else "point"),
        Row(_("照片"), _("%(n)s 张", n=count), "photos"),
    ]
    if filled.fetch:
        when = dict(days()).get(filled.day, filled.day)
        rows += [
            Row(_("上门取件"), f"{when} {hours_words(filled.hours)}", "when"),
            Row(_("取件地址"), filled.address, "where"),
            Row(_("办好的结果"), _("寄到取件地址") if filled.post else _("以后再说"), "where"),
        ]
    return tuple(rows)


def _is_sent(draft: dict[str, str]) -> bool:
    return any(photo.stated for photo in photos_of(draft))


def _id_of(guide: Guide, asked: str) -> str:
    return next((q.id for q in guide.questions if asked in (q.text, q.english)), "")
