"""The acknowledgement of service (送达回证): of what was given by hand, of what was posted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.events import point_of
from cases.folded import Case, Parcel
from cases.issued import Issued, PaperKind, Standing, papers_of
from cases.papers import TO_AUTHORITY, originals
from cases.states import ParcelState
from cases.times import BadTime, day_of
from courier.carriers.words import hands_zh
from labels.issuer import issuing_body, title_of
from labels.official import Official
from labels.texts import wording
from node.local import Local

SAMPLE_NOTE = "事项目录为示例数据，时限和收费仅供演示，以当地公布为准。"
_NOT_SERVED = (PaperKind.DELIVERY, PaperKind.ACCEPTANCE)


def zh_day(day: date) -> str:
    """2026年11月26日, as papers write a day."""
    return f"{day.year}年{day.month}月{day.day}日"


def by_hand(here: Local, case: Case, paper: Issued, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What an acknowledgement shows in its table; nothing for another paper."""
    if paper.kind is not PaperKind.DELIVERY:
        return {}
    step = next(s for s in case.steps if s.id == paper.event)
    positions = step.data.get("positions")
    given = [p for p in positions if isinstance(p, int)] if isinstance(positions, list) else []
    point = here.bundle.directory.find(point_of(paper.author))
    agent = step.data.get("to") == "agent"
    rows = (
        ("送达的文书和物品", _what(here, case, given, result=step.data.get("result") is True)),
        ("送达方式", f"直接送达（{point.name if point else point_of(paper.author)}窗口领取）"),
        ("收件人", f"代理人 {fields.get('receiver') or ''}" if agent else "受送达人本人"),
        ("核对身份", str(fields.get("checked") or "")),
    )
    signers = ("受送达人", *(("代收人",) if agent else ()), "送达人")
    return {"rows": rows, "signers": signers}


def _what(here: Local, case: Case, positions: list[int], *, result: bool) -> str:
    names = {m.position: m.name for m in originals(case)}
    known = here.bundle.catalogue
    papers = [p for p in papers_of(case.steps) if p.kind not in _NOT_SERVED]
    held = [
        f"{title_of(case, p, known)}（{p.number}）" for p in papers if p.standing is Standing.VALID
    ]
    results = (held or ["办理结果"]) if result else []
    return "、".join([*results, *(f"{names[p]}（原件）" for p in positions if p in names)])


def posted(parcel: Parcel) -> bool:
    """Whether a parcel served its recipient with something: it arrived at a resident's."""
    return parcel.purpose != TO_AUTHORITY and parcel.state is ParcelState.DELIVERED


def by_mail(here: Local, case: Case, parcel: Parcel, applicant: str) -> Official:
    """The acknowledgement for what was posted: the courier's report stands for the signature."""
    text = wording().of(PaperKind.DELIVERY)
    mine = [c.get("position") for c in parcel.contents if c.get("case") == case.number]
    positions = [p for p in mine if isinstance(p, int)]
    day = zh_day(_day(parcel))
    rows = (
        ("送达的文书和物品", _what(here, case, positions, result=0 in positions)),
        ("送达方式", f"邮寄送达（邮件单号 {parcel.tracking}）"),
        ("签收", f"{hands_zh(parcel.delivered_to)}，{day}"),
        ("邮件编号", parcel.number),
    )
    return Official(
        title=text.title,
        english=text.english,
        number=f"邮件 {parcel.number}",
        body=issuing_body(case, here.bundle.directory, here.bundle.catalogue),
        to=applicant,
        paragraphs=(),
        date=day,
        case=case.number,
        address="",
        point=here.point.name,
        phone=here.point.phone,
        rows=rows,
        signers=("送达人",),
        note=SAMPLE_NOTE if case.of_sample else "",
    )


def _day(parcel: Parcel) -> date:
    try:
        return day_of(parcel.delivered_at)
    except BadTime:
        return day_of(parcel.changed_at)
