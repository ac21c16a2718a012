"""Issued papers at this node: the number they get, and what each says (the printed page)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cases.catalogue import Matter
from cases.clocks import deemed_accepted
from cases.folded import Case, Step
from cases.issued import Issued, PaperKind, Standing, kind_of_fact, papers_of
from cases.numbers import PaperNumber, parse_paper_number
from cases.proceedings import DEFECTS_ZH, PROCEDURES_ZH
from cases.times import day_of
from labels.certificate import Certificate, certificate
from labels.issuer import issuing_body, licence_name, text_of, title_of
from labels.official import Official, official
from labels.paper_code import PaperCode, mint_paper, paper_url
from labels.texts import UNDERTAKING, wording
from node import served
from node.local import Local
from node.people_card import opened, said
from node.served import SAMPLE_NOTE, zh_day
from sync.writing import Writing

PNG = b"\x89PNG\r\n\x1a\n"
_DEEMED = (
    "本机关收到申请后五个工作日内没有告知，依法自收到申请材料之日起即为受理，办理期限从该日起计算。"
)


def with_number(w: Writing, type: str, number: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The open fields of a fact about to be stated, with a paper's number where it issues one."""
    kind, case = kind_of_fact(type, data), w.store.case(number)
    if kind is None or case is None or "paper_number" in data:
        return dict(data)
    return {**data, "paper_number": w.paper_number(wording().series(kind, case.department))}


def zh_days(case: Case) -> str:
    """The promised period in words."""
    unit = "个工作日" if case.day_unit == "working" else "日"
    return "当日内" if case.immediate else f"{case.promised_days} {unit}内"


def _body(here: Local, case: Case, paper: Issued | None = None) -> str:
    return issuing_body(case, here.bundle.directory, here.bundle.catalogue, paper)


def find(case: Case, step: str) -> Issued | None:
    """The paper that a step of the case issued: ``step`` is its event's place and author."""
    return next((p for p in papers_of(case.steps) if p.event == f"{case.number}:{step}"), None)


def step_of(paper: Issued) -> str:
    """A paper's event, as an address within its case names it."""
    return paper.event.rpartition(":")[2]


class CannotPrint(ValueError):
    """A paper that may not be printed, or not here; the message says why."""


def render(made: Official | Certificate, *, copy: int) -> bytes:
    """A paper as PDF."""
    if isinstance(made, Certificate):
        return certificate(made, copy=copy)
    return official(made, copy=copy)


def says(here: Local, case: Case, paper: Issued) -> Official | Certificate:
    """Everything that a paper says: what its fact says, dated as its fact is.

    :raises CannotPrint: it no longer holds, or this node cannot open what it says.
    """
    if paper.standing is not Standing.VALID:
        raise CannotPrint(f"{paper.number} 已经作废或换发，不能再打印")
    fields, applicant = opened(here, paper.event), said(here, case)
    if applicant is None:
        raise CannotPrint("本机没有这件的密钥，看不到申请人，不能打印")
    if paper.kind is PaperKind.CERTIFICATE:
        return _certificate(here, case, paper, fields or {})
    text = text_of(case, paper.kind, here.bundle.catalogue)
    values = _values(here, case, paper, fields or {}, str(applicant.get("name") or ""))
    return Official(
        title=title_of(case, paper, here.bundle.catalogue),
        english=text.english,
        number=paper.number,
        body=_body(here, case, paper),
        to=values["applicant"],
        paragraphs=(*text.filled(values), *_content(paper, fields or {})),
        date=zh_day(day_of(paper.at)),
        case=case.number,
        **_code(here, case, paper),
        point=here.point.name,
        phone=here.point.phone,
        note=SAMPLE_NOTE if case.of_sample else "",
        seal=_seal(here, case, paper),
        **served.by_hand(here, case, paper, fields or {}),
    )


def _certificate(here: Local, case: Case, paper: Issued, fields: Mapping[str, Any]) -> Certificate:
    rows = (
        ("持证人", str(fields.get("holder") or "")),
        ("证件号码", str(fields.get("document_number") or "")),
        ("办理事项", case.title),
        ("有效期至", _until(paper)),
    )
    return Certificate(
        title=licence_name(paper.licence, here.bundle.catalogue),
        number=paper.number,
        rows=[(label, value) for label, value in rows if value],
        content=str(fields.get("content") or ""),
        body=_body(here, case),
        date=zh_day(day_of(paper.at)),
        case=case.number,
        address=_address(here, case, paper),
        note=SAMPLE_NOTE if case.of_sample else "",
        seal=_seal(here, case, paper),
    )


def _until(paper: Issued) -> str:
    try:
        return zh_day(date.fromisoformat(paper.valid_until)) if paper.valid_until else "长期"
    except ValueError:
        return paper.valid_until


def _content(paper: Issued, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """What an approval grants, in its own words, and how long it holds."""
    if not paper.is_result:
        return ()
    said = str(fields.get("content") or "")
    return (*((said,) if said else ()), f"有效期至：{_until(paper)}。")


def undertaking(
    here: Local, matter: Matter, owed: Sequence[str], *, case: Case | None = None, who: str = ""
) -> Official:
    """The undertaking (告知承诺书) for papers that are owed: signed by hand, it has no number.

    :param owed: their names; of a case, with the day by which each is owed.
    """
    text = wording().papers[UNDERTAKING]
    values = {
        "matter": matter.name,
        "owed": "、".join(owed),
        "words": "" if case else "______年____月____日",
    }
    department = here.bundle.catalogue.department(matter.department).name
    return Official(
        title=text.title,
        english=text.english,
        number="",
        body=_body(here, case) if case else wording().body(department),
        to="",
        paragraphs=text.filled(values),
        date="",
        case=case.number if case else "",
        address="",
        point=here.point.name,
        phone=here.point.phone,
        rows=(("申请人", who),) if who else (),
        signers=("申请人", "经办人"),
        stamp="",
        note=SAMPLE_NOTE if here.bundle.catalogue.sample else "",
    )


def _values(
    here: Local, case: Case, paper: Issued, fields: Mapping[str, Any], applicant: str
) -> dict[str, str]:
    accepted = _accepted(case.steps, paper.event)
    deemed = bool(case.accepted_at) and deemed_accepted(case, here.bundle.calendar, here.now())
    values = {
        "applicant": applicant,
        "matter": case.title,
        "received_on": zh_day(day_of(case.received_at)),
        "accepted_on": _accepted_on(case, accepted, deemed=deemed),
        "deemed": _DEEMED if deemed else "",
        "days": zh_days(case),
        "body": _body(here, case, paper),
        "case": case.number,
        "point": here.point.name,
        "phone": here.point.phone,
    }
    said = ("reason", "where_to_go", "grounds", "remedies", "words")
    values |= {name: str(fields.get(name) or "") for name in said}
    return values | _of_law(case, paper)


def _of_law(case: Case, paper: Issued) -> dict[str, str]:
    """What a correction notice, a special procedure or an extension says in its open fields."""
    step = next(s for s in case.steps if s.id == paper.event)
    days = step.data.get("days")
    unit = "个工作日" if case.day_unit == "working" else "日"  # of the matter's own period alone
    names = {m.position: m.name for m in case.materials}
    noticed = case.correction if paper.kind is PaperKind.CORRECTION else None
    listed = (
        f"{number}. {names.get(d.position, '申请书')}：{DEFECTS_ZH.get(d.reason, d.reason)}"
        for number, d in enumerate(noticed.defects if noticed else (), 1)
    )
    return {
        "given_days": f" {days} 个工作日" if isinstance(days, int) else "",
        "more_days": f" {days} {unit}" if isinstance(days, int) else "",
        "procedure": PROCEDURES_ZH.get(str(step.data.get("kind")), ""),
        "defects": "\n".join(listed),
    }


def _accepted(steps: tuple[Step, ...], event: str) -> Step | None:
    """The acceptance that stood when a fact was stated."""
    before = [s for s in steps if s.type == "case.accepted" and s.id < event]
    return next((s for s in reversed(before) if s.verdict in ("ok", "voided")), None)


def _accepted_on(case: Case, accepted: Step | None, *, deemed: bool) -> str:
    """The day of acceptance: by the law's own word that of the receipt (第三十二条)."""
    if accepted is None:
        return ""
    return zh_day(day_of(case.received_at if deemed else accepted.dated or accepted.at))


def _code(here: Local, case: Case, paper: Issued) -> dict[str, Any]:
    """The QR: it checks the paper. That of a correction notice opens what is to be corrected."""
    address = {"address": _address(here, case, paper)}
    if paper.kind is not PaperKind.CORRECTION:
        return address
    words = {"scan": "扫码看要补什么、在手机上补"}
    return {**address, **words, "scan_english": "Scan: what is missing, and to answer"}


def _address(here: Local, case: Case, paper: Issued) -> str:
    number = parse_paper_number(paper.number)
    if number is None:
        raise CannotPrint(f"{paper.number} 不是一个文号")
    code = PaperCode(case.number, paper.kind, _bare(number), here.point.number)
    return paper_url(here.node.config.central.portal_url, mint_paper(here.node.token_key, code))


def _seal(here: Local, case: Case, paper: Issued) -> bytes:
    """The electronic seal for what this point issues itself, where one is configured."""
    folder = here.node.config.seals
    if folder is None or paper.issuer(case) != here.point.code:
        return b""
    known = {department.code for department in here.bundle.catalogue.departments}
    file = folder / f"{case.department}.png"
    if case.department not in known or not file.is_file():
        return b""
    png = file.read_bytes()
    if not png.startswith(PNG):
        raise CannotPrint(f"电子印章 {file.name} 不是 PNG 图片，请联系区中心")
    return png


def _bare(number: PaperNumber) -> PaperNumber:
    return number._replace(series="")
