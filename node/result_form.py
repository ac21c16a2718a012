"""The form and the act of issuing a result (出证), or another one in its place (换发)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Case
from cases.issued import RESULT_ISSUED, live_result
from courier.look.forms import Form
from node.act_fields import Asked, Field, Work, area, reason
from node.actions import Scene
from node.local import Local
from node.officer import Hand, needed, short
from node.people_card import said

CONTENT_MAX = 600


@dataclass(frozen=True)
class Kind:
    """What a case's result is: a certificate of a type, or an approval; and what it is called."""

    kind: str
    licence: str
    name: str


@dataclass(frozen=True)
class Holder:
    """Whose result it is, as the case's reception has it."""

    name: str
    document_number: str


@dataclass(frozen=True)
class Draft:
    """What is written into the result; ``why``: the reason for another one."""

    content: str = ""
    valid_until: str = ""
    why: str = ""


def kind_of(local: Local, case: Case) -> Kind:
    """What the matter's result is, as the catalogue in use has it."""
    catalogue = local.bundle.catalogue
    matter = catalogue.get(case.matter)
    if matter is not None and matter.result_licence:
        licence = catalogue.licence(matter.result_licence)
        return Kind("certificate", licence.code, licence.name)
    return Kind("approval", "", matter.result if matter and matter.result else "批准文书")


def issue(hand: Hand, number: str, *, kind: Kind, holder: Holder, draft: Draft) -> str:
    """Issue the result of a granted case; where one holds already, this one replaces it."""
    case = hand.scene(number).case
    old = live_result(case)
    hand.begin("reissue" if old else "issue", number)
    sealed = {
        "holder": holder.name,
        "document_number": holder.document_number,
        "content": short("content", draft.content, CONTENT_MAX),
        "why": needed("why", draft.why, "换发的原因", CONTENT_MAX) if old else "",
    }
    dated = {"valid_until": _until(draft.valid_until, hand.w.day)} if draft.valid_until else {}
    replaces = {"replaces": old.event} if old else {}
    hand.state(
        RESULT_ISSUED, number, sealed=sealed,
        kind=kind.kind, licence=kind.licence, **dated, **replaces,
    )  # fmt: skip
    return f"已换发{kind.name}" if old else f"已出具{kind.name}"


def _until(text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadField(
            "valid_until",
            "日期不对，请按 2026-11-22 的格式填写。",
            "Not a date such as 2026-11-22.",
        ) from None
    if day < today:
        raise BadField("valid_until", "有效期不能早于今天。", "The date lies in the past.")
    return day.isoformat()


def issue_form(local: Local, scene: Scene) -> Asked:
    """The form of issuing a result."""
    case = scene.case
    kind, old = kind_of(local, case), live_result(case)
    what = Field(
        "area", "content", "写在上面的内容", "例如许可项目、范围、地址；没有就空着。", False
    )
    until = Field("date", "valid_until", "有效期至", "长期有效的不用填。", required=False)
    why = (reason("why", "换发的原因", "例如：遗失补发、内容变更。原来的那份随即失效。"),)

    def read(form: Form) -> Work:
        content = area(form, "content", required=False)
        day = form.text("valid_until", required=False)
        said = area(form, "why") if old else ""
        if day:
            form.checked("valid_until", lambda text: _until(text, local.today()), day)
        draft = Draft(content, day, said)
        holder = _holder(local, case)
        return lambda hand: issue(hand, case.number, kind=kind, holder=holder, draft=draft)

    now = f"现在有效的是 {old.number}，换发后它就作废。" if old else ""
    intro = f"出具：{kind.name}。文号自动编，持有人是申请人。{now}"
    return Asked((what, until, *(why if old else ())), (), read, intro)


def _holder(local: Local, case: Case) -> Holder:
    fields = said(local, case)
    if fields is None:
        raise WrongState(f"{case.number} 的申请人在本机看不到，不能出证，请联系区中心")
    return Holder(str(fields.get("name") or ""), str(fields.get("document_number") or ""))
