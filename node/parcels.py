"""Packing: papers to the deciding point, results and originals to the resident.

Everything happens inside the caller's transaction, so that a case and the parcel with its papers
are there together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cases.numbers import SubjectKind
from cases.papers import TO_AUTHORITY, to_send
from cases.points import DISTRICT_ADDRESS, Directory
from sync.store import StoreError
from sync.writing import Writing


def pack(
    w: Writing,
    *,
    directory: Directory,
    actor: str,
    purpose: str,
    cases: Iterable[str],
    contents: Iterable[Mapping[str, Any]],
    recipient: Mapping[str, str],
    to_point: str = "",
    slip: str = "",
    consent: Iterable[str] = (),
    visit: str = "",
) -> str:
    """State ``parcel.packed`` with the next tracking number. :returns: the parcel's number.

    :param contents: ``{"case", "position", "name"}`` each; position 0 is the result.
    :param recipient: ``name``, ``phone``, ``address``, ``region``: it is sealed.
    :param consent: where the courier may leave it when nobody is at home.
    :param visit: the application from home whose papers are fetched.
    :raises StoreError: no tracking number is left, or a point is not open for mail.
    """
    if closed := not_open(directory, w.identity.point, to_point):
        raise StoreError(closed)
    tracking = w.next_tracking()
    number = w.new_number(SubjectKind.PARCEL)
    data: dict[str, Any] = {
        "purpose": purpose,
        "cases": list(cases),
        "carrier": tracking.carrier,
        "tracking": tracking.number,
        "contents": [dict(content) for content in contents],
    }
    if to_point:
        data["to_point"] = to_point
    if slip:
        data["slip"] = slip
    if agreed := list(consent):
        data["consent"] = agreed
    if visit:
        data["visit"] = visit
    w.state("parcel.packed", number, data, actor=actor, sealed=recipient)
    return number


def pack_papers(w: Writing, *numbers: str, actor: str, directory: Directory) -> str | None:
    """Pack what forwarded cases of one deciding point keep, in one parcel to it.

    Identity documents are never in it. :returns: the parcel's number, or None if nothing travels.

    :raises StoreError: no tracking number is left, or a point is not open for mail.
    """
    here = w.identity.point
    cases = [case for case in map(w.store.case, numbers) if case is not None]
    papers = {case.number: to_send(case, w.store.parcels_of(case.number), here) for case in cases}
    going = [case for case in cases if papers[case.number]]
    if not going:
        return None
    to, departments = going[0].deciding, {case.department_name for case in going}
    return pack(
        w,
        directory=directory,
        actor=actor,
        purpose=TO_AUTHORITY,
        cases=[case.number for case in going],
        contents=[
            {
                "case": case.number,
                "position": m.position,
                "name": m.name,
                "brought": m.brought_at,
            }
            for case in going
            for m in papers[case.number]
        ],
        recipient=office(directory, to, departments.pop() if len(departments) == 1 else ""),
        to_point=to,
    )


def not_open(directory: Directory, *codes: str) -> str:
    """Why no mail goes from or to one of these points, or empty: nobody has filled in where."""
    points = (directory.find(code) for code in codes)
    closed = next((point for point in points if point and not point.open_for_mail), None)
    if closed is None:
        return ""
    return (
        f"{closed.name}还没有开通邮寄：要寄的先保管好，区中心填好它的地址、电话和办公时间以后再装封"
    )


def office(directory: Directory, code: str, department: str = "") -> dict[str, str]:
    """A point as a parcel's recipient."""
    point = directory.by_code(code)
    return {
        "name": f"{point.name} {department}".strip(),
        "phone": point.phone,
        "address": point.address,
        "region": DISTRICT_ADDRESS,
    }
