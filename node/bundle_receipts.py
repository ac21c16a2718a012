"""One receipt for everything that was received at once, and the rows that say so on pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.bundles import merged_names
from cases.folded import Case
from cases.lacking import still_missing_zh
from cases.lights import Light, light
from cases.states import STATE_ZH
from cases.times import shown
from labels.bundle_receipt import BundleReceipt, ReceivedCase, bundle_receipt
from labels.receipt import Handling, Paper
from labels.tokens import delivery_code
from node import staff
from node.local import Local
from node.matter_card import fee_due
from node.search_pages import applicant_name
from sync.groups import group_cases


@dataclass(frozen=True)
class SiblingRow:
    """One case of the same reception: where it stands, how pressing it is."""

    number: str
    title: str
    state: str
    light: Light | None
    here: bool


@dataclass(frozen=True)
class GroupCard:
    """A case's whole reception: what it was, the cases, and what is not here."""

    title: str
    rows: tuple[SiblingRow, ...]
    elsewhere: int
    together: bool


def bundle_name(here: Local, case: Case) -> str:
    """What a bundle is called; one that the catalogue no longer has, by its kind."""
    bundle = here.bundle.catalogue.bundle(case.bundle)
    return bundle.name if bundle else "一件事"


def group_card(here: Local, case: Case) -> GroupCard | None:
    """The reception that a case belongs to, or None."""
    if not case.group:
        return None
    cases = group_cases(here.store, case)
    return GroupCard(
        bundle_name(here, case),
        tuple(_row(here, each, case.number) for each in cases),
        max(case.group_size - len(cases), 0),
        case.together,
    )


def _row(here: Local, case: Case, opened: str) -> SiblingRow:
    parcels = here.store.parcels_of(case.number)
    lit = light(case, here.bundle.calendar, here.now(), parcels)
    return SiblingRow(case.number, case.title, STATE_ZH[case.state], lit, case.number == opened)


def receipt_of(
    here: Local, case: Case, address: str, decided: Sequence[str], note: str, copy: int
) -> bytes:
    """The one receipt of a reception, as PDF."""
    cases = group_cases(here.store, case)
    event = here.store.event(case.received_event)
    names = staff.names(here.store, here.point.code)
    made = BundleReceipt(
        title=bundle_name(here, case),
        address=address,
        applicant=applicant_name(here, case),
        point=here.point.name,
        received_at=shown(case.received_at, here.now()),
        cases=[
            ReceivedCase(each.number, each.title, who, when_of(each))
            for each, who in zip(cases, decided, strict=True)
        ],
        papers=_papers(here, cases),
        next_steps=_next_steps(case, _dues(here, cases) + still_missing_zh(cases)),
        clerk=names.get(event.actor if event else "", ""),
        phone=here.point.phone,
        organisation=all(each.applicant_kind == "organization" for each in cases),
        code=delivery_code(here.node.token_key, case.group),
        note=note,
    )
    return bundle_receipt(made, copy=copy)


def when_of(case: Case) -> str:
    """How long a case takes, as the applicant should know it."""
    unit = "个工作日" if case.day_unit == "working" else "天"
    return "受理后当场办结" if case.immediate else f"受理后 {case.promised_days} {unit}内"


def _papers(here: Local, cases: Sequence[Case]) -> list[Paper]:
    taken = [
        (_spec_key(here, case, m.position, m.name), m)
        for case in cases
        for m in case.materials
        if m.taken
    ]
    found = []
    for group in merged_names(taken):
        kept = [m for m in group if m.handling in ("copy_kept", "original_kept")]
        most = max(group, key=lambda m: _ORDER.index(m.handling))
        found.append(Paper(most.name, Handling(most.handling), max(len(kept), 1)))
    return found


_ORDER = ("electronic", "looked_at", "copy_kept", "original_kept")


def _spec_key(here: Local, case: Case, position: int, name: str) -> str:
    matter = here.bundle.catalogue.get(case.matter)
    specs = matter.materials if matter and here.bundle.catalogue.version == case.version else ()
    return next((s.licence or s.name for s in specs if s.position == position), name)


def _dues(here: Local, cases: Sequence[Case]) -> str:
    dues = [f"{each.title}{due}" for each in cases if (due := fee_due(here, each))]
    return f"{'；'.join(dues)}。" if dues else ""


def _next_steps(case: Case, dues: str) -> tuple[str, ...]:
    post = (
        "同一个地点办的，结果等齐了一起寄；有一件没办成或者晚了，先出来的就先寄。"
        if case.together
        else "结果出一件寄一件。"
    )
    return (
        f"每一件分别受理、分别计算时间。{dues}",
        f"要寄到家：扫上面的码填一张寄递单，全部都用它，寄送免费。{post}快递员送来问签收码时再报。",
        "收存的原件，办完后依法归档，或者随结果退还给您。",
        "查进度：扫码，或报任意一个办件编号和证件（或手机号）后四位。",
    )


def clerk_steps(here: Local, case: Case) -> tuple[str, ...]:
    """What the clerk does now, for the whole reception."""
    cases = group_cases(here.store, case)
    papers = _papers(here, cases)
    back = [paper.name for paper in papers if paper.handling is Handling.LOOKED_AT]
    copied = [f"{p.name} {p.copies} 份" for p in papers if p.handling is Handling.COPY_KEPT]
    parcels = {p.number: p for each in cases for p in here.store.parcels_of(each.number)}
    found = ["打印收件凭证，一张管全部，交给申请人。"]
    if dues := _dues(here, cases):
        found.append(dues)
    if copied:
        found.append(f"复印：{'、'.join(copied)}。")
    if back:
        found.append(f"当场退还：{'、'.join(back)}。")
    for parcel in parcels.values():
        point = here.bundle.directory.find(parcel.to_point)
        where = point.name if point else parcel.to_point
        words = f"{len(parcel.cases)} 件的材料装一个袋，寄往{where}"
        found.append(f"{words}：单号 {parcel.tracking}，面单在“邮件”里打印。")
    return tuple(found)
