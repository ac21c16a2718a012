"""The form of an application from home (在家申请): its fields, each by its own rule; what follows.

What was typed is a draft of texts until it is sent. Who applies stands for themselves: whoever acts
for another proves that at a window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from cases.catalogue import MaterialSpec, Matter
from cases.fields import BadField
from cases.from_home import given_answers, must_photograph, to_fetch
from cases.guide import Guide, Resolved
from cases.people import PERSON_DOCUMENTS, DocumentKind, check_document, check_name, check_phone
from cases.points import DISTRICT_ADDRESS, Directory
from courier.slips import check_note, check_street, phone_inside
from sync.canonical import decode

PERSON, ORGANIZATION = "person", "organization"
DAYS_AHEAD = range(2, 7)  # working days: the point looks first, then somebody comes
HOURS = ("9-12", "14-18")
TEXTS = (
    "kind", "name", "document", "document_number", "phone", "contact", "answers", "point",
    "day", "hours", "address", "note", "post",
)  # fmt: skip


@dataclass(frozen=True)
class Photo:
    """A photograph of a paper, sealed at central; ``stated``: an event names it already."""

    position: int
    blob: str
    size: int
    media: str
    pages: int
    file: str
    key: str
    stated: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """What its event says in clear."""
        pages = {"pages": self.pages} if self.pages else {}
        return {
            "blob": self.blob, "size": self.size, "media": self.media, "position": self.position,
            **pages,
        }  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A whole form, checked. ``fetch``: a courier comes. ``post``: the result goes there too."""

    matter: Matter
    kind: str
    name: str
    document: DocumentKind
    document_number: str
    phone: str
    contact: str
    answers: str
    point: str
    needed: tuple[MaterialSpec, ...]
    fetch: bool
    day: str = ""
    hours: str = ""
    address: str = ""
    note: str = ""
    post: bool = False

    def open_part(self, language: str) -> dict[str, Any]:
        """What stands in clear: codes and terms of the catalogue only."""
        return {
            "point": self.point,
            "matter": self.matter.code,
            "title": self.matter.name,
            "applicant_kind": self.kind,
            "document": self.document.value,
            "fetch": self.fetch,
            "language": language,
        }

    def sealed_part(self) -> dict[str, str]:
        """What names a person, says how they live, or when nobody is in."""
        fields = {
            "name": self.name,
            "document_number": self.document_number,
            "phone": self.phone,
            "contact": self.contact,
            "answers": self.answers,
            "region": DISTRICT_ADDRESS if self.fetch else "",
            "address": self.address,
            "day": self.day,
            "hours": self.hours,
            "note": self.note,
        }
        return {name: value for name, value in fields.items() if value}

    def slip(self, district: str) -> dict[str, str]:
        """The sealed part of a slip that sends the result to where the papers were fetched."""
        return {
            "name": self.contact or self.name,
            "phone": self.phone,
            "province": f"{district[:2]}0000",
            "city": f"{district[:4]}00",
            "county": district,
            "street": self.address,
            "region": DISTRICT_ADDRESS,
        }


def kinds(matter: Matter) -> tuple[str, ...]:
    """Who may apply for a matter."""
    return (PERSON, ORGANIZATION) if matter.applicant == "both" else (matter.applicant.value,)


def kind_of(draft: Mapping[str, str], matter: Matter) -> str:
    """Who applies, as far as it is known; empty while it is to be asked."""
    allowed = kinds(matter)
    if len(allowed) == 1:
        return allowed[0]
    return draft.get("kind", "") if draft.get("kind") in allowed else ""


def documents(kind: str) -> tuple[DocumentKind, ...]:
    """What somebody may be known by."""
    return (DocumentKind.CREDIT_CODE,) if kind == ORGANIZATION else PERSON_DOCUMENTS


def given_of(
    draft: Mapping[str, str], matter: Matter, guide: Guide, today: date
) -> dict[str, frozenset[str]]:
    """Every answer that is known: what was chosen, and what follows from who applies."""
    return given_answers(
        guide,
        matter,
        kind=kind_of(draft, matter),
        document=draft.get("document", ""),
        number=draft.get("document_number", ""),
        code=draft.get("answers", ""),
        today=today,
    )


def papers_of(draft: Mapping[str, str], matter: Matter, guide: Guide, today: date) -> Resolved:
    """The papers that somebody who answered so needs."""
    return guide.resolve(matter.materials, given_of(draft, matter, guide, today))


def photos_of(draft: Mapping[str, str]) -> tuple[Photo, ...]:
    """The photographs of a draft, the oldest first."""
    kept = draft.get("photos", "")
    return tuple(Photo(**fields) for fields in decode(kept.encode())) if kept else ()


def unphotographed(
    needed: tuple[MaterialSpec, ...], photos: tuple[Photo, ...]
) -> tuple[MaterialSpec, ...]:
    """The papers that a photograph must stand for and that have none yet."""
    there = {photo.position for photo in photos}
    return tuple(s for s in needed if must_photograph(s) and s.position not in there)


def check_who(draft: Mapping[str, str], kind: str, today: date) -> dict[str, str]:
    """Who applies, in proper form. :raises BadField: the first that cannot be right."""
    allowed = documents(kind)
    chosen = draft.get("document", "") or allowed[0].value
    if chosen not in {each.value for each in allowed}:
        raise BadField("document", "请选证件。", "Choose a document.")
    document = partial(check_document, field="document_number", today=today)
    found = {
        "name": check_name(draft.get("name", "")),
        "document": chosen,
        "document_number": document(DocumentKind(chosen), draft.get("document_number", "")),
        "phone": check_phone(draft.get("phone", "")),
    }
    if kind == ORGANIZATION:
        found["contact"] = check_name(draft.get("contact", ""), field="contact")
    return found


def check_address(text: str) -> str:
    """Where the courier goes. :raises BadField: too short, too long, or with a phone in it."""
    try:
        street = check_street(text.strip().removeprefix(DISTRICT_ADDRESS))
    except BadField as wrong:
        raise BadField("address", wrong.message_zh, wrong.message_en) from None
    if phone_inside(street):
        raise BadField(
            "address", "地址里有手机号码，请删掉。", "Take the phone number out of the address."
        )
    return street


def check_all(
    draft: Mapping[str, str], matter: Matter, guide: Guide, directory: Directory, today: date,
    days: frozenset[str],
) -> Filled:  # fmt: skip
    """The whole form. :raises BadField: what is missing or wrong first, in the order of the steps.

    :param days: those on which somebody may come; a draft of yesterday may name one that is over.
    """
    kind = kind_of(draft, matter)
    if not kind:
        raise BadField("kind", "请选以谁的名义申请。", "Choose who applies.")
    who = check_who(draft, kind, today)
    papers = papers_of({**draft, **who}, matter, guide, today)
    if papers.questions:
        raise BadField("question", "还有问题没有回答。", "A question is not answered yet.")
    if missing := unphotographed(papers.needed, photos_of(draft)):
        raise BadField("photos", f"还没有拍“{missing[0].name}”。", "A photo is missing.")
    if draft.get("point", "") not in directory:
        raise BadField("point", "请选一个受理点。", "Choose a service point.")
    where = _where(draft, days) if to_fetch(papers.needed) else {}
    given = given_of({**draft, **who}, matter, guide, today)
    concerned = {q.id: given[q.id] for q in guide.concerned(matter) if q.id in given}
    return Filled(
        matter=matter,
        kind=kind,
        name=who["name"],
        document=DocumentKind(who["document"]),
        document_number=who["document_number"],
        phone=who["phone"],
        contact=who.get("contact", ""),
        answers=guide.code_of(concerned),
        point=draft["point"],
        needed=papers.needed,
        fetch=bool(where),
        post=bool(where) and draft.get("post") == "yes",
        **where,
    )


def _where(draft: Mapping[str, str], days: frozenset[str]) -> dict[str, str]:
    if draft.get("day", "") not in days:
        raise BadField("day", "请选哪一天来取。", "Choose a day.")
    if draft.get("hours", "") not in HOURS:
        raise BadField("hours", "请选什么时段。", "Choose a time.")
    return {
        "day": draft["day"],
        "hours": draft["hours"],
        "address": check_address(draft.get("address", "")),
        "note": check_note(draft.get("note", "")),
    }
