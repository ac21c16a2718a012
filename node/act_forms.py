"""The forms of the acts: which fields each asks for, and how what was typed becomes a command."""

from __future__ import annotations

from collections.abc import Callable

from cases.catalogue import Source
from cases.fields import past_day
from cases.folded import Case
from cases.papers import originals
from cases.slips import POST, confirmed, newest, standing
from cases.states import CaseState
from courier.look.cards import Choice
from courier.look.forms import Form
from node import correcting, dating, desk_forms, officer, proceeding_forms, result_form
from node.act_fields import Asked, Field, Work
from node.act_fields import area as _area
from node.act_fields import choices as _choices
from node.act_fields import reason as _reason
from node.actions import Action, Scene, last_step, originals_to_file
from node.desk_forms import still_awaited
from node.local import Local
from node.officer import Elsewhere, Outcome, Receiver
from node.whereabouts import to_hand_out


def asked(local: Local, action: Action, scene: Scene) -> Asked:
    """The form of an action for a case as it is now."""
    return _FORMS[action.name](local, scene)


def _not_accept(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    fields = (
        _reason(
            "reason", "不予受理的理由", "申请人会看到这段话，请说清楚缺什么或为什么不归本机关。"
        ),
        Field("area", "where_to_go", "应当到哪里办理", required=False, rows=2),
    )

    def read(form: Form) -> Work:
        reason = _area(form, "reason")
        where = _area(form, "where_to_go", required=False)
        return lambda hand: officer.not_accept(hand, number, reason=reason, where_to_go=where)

    return Asked(fields, (), read)


def _approve(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    waiting, intro = still_awaited(scene.case)
    remark = Field("area", "remark", "备注", "给同事看的，可以不填。", required=False, rows=2)

    def read(form: Form) -> Work:
        remark, unheard = _area(form, "remark", required=False), bool(form.value("unheard"))
        return lambda hand: officer.approve(hand, number, remark=remark, unheard=unheard)

    return Asked((remark, *waiting), (), read, intro)


_REFUSAL = (
    _reason("grounds", "理由和依据", "写明事实和法律依据，申请人会看到这段话。"),
    Field("area", "remedies", "救济途径和期限", "已按一般规定填好，请核对后修改。", rows=3),
)


def _refuse(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    waiting, intro = still_awaited(scene.case)

    def read(form: Form) -> Work:
        grounds, remedies = _area(form, "grounds"), _area(form, "remedies")
        unheard = bool(form.value("unheard"))
        return lambda hand: officer.refuse(
            hand, number, grounds=grounds, remedies=remedies, unheard=unheard
        )

    return Asked((*_REFUSAL, *waiting), (("remedies", officer.REMEDIES),), read, intro)


def _elsewhere(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    decisions = {"yes": "准予", "no": "不予许可"}
    fields = (
        Field(
            "choice", "approved", "在那个系统里作出的决定", options=_choices(decisions), columns=2
        ),
        Field("line", "system", "系统名称", "例如：福建省网上办事大厅", half=True),
        Field("line", "number", "在该系统的编号", "照那个系统里显示的写。", half=True),
        Field("date", "day", "作出决定的日期"),
        Field(
            "area", "grounds", "不予许可的理由和依据", "准予的不用填。", False, rows=3, half=True
        ),
        Field("area", "remedies", "救济途径和期限", "准予的不用改。", False, rows=3, half=True),
    )

    def read(form: Form) -> Work:
        approved = form.choice("approved", decisions, missing_zh="请选准予还是不予许可") == "yes"
        system = form.text("system", missing_zh="请填写系统名称")
        there = form.text("number", missing_zh="请填写在该系统的编号")
        day = form.text("day", missing_zh="请填写作出决定的日期")
        refused = form.value("approved") == "no"
        grounds = _area(form, "grounds", required=refused)
        remedies = _area(form, "remedies", required=refused)
        if day:
            form.checked("day", lambda t: past_day("day", t, local.today()), day)
        return lambda hand: officer.record_elsewhere(
            hand,
            number,
            approved=approved,
            elsewhere=Elsewhere(system, there, day),
            grounds=grounds,
            remedies=remedies,
        )

    not_yet = scene.case.state is not CaseState.ACCEPTED
    intro = "本件还没有受理，登记时会一并记录受理。" if not_yet else ""
    return Asked(fields, (("remedies", officer.REMEDIES),), read, intro)


def _outcome_fields(case: Case, *, delivery: bool) -> tuple[Field, ...]:
    papers = tuple(Choice(str(m.position), m.name) for m in originals(case))
    ways = _choices(officer.DELIVERIES)
    return (
        Field("choice", "result", "结果物", options=_choices(officer.RESULTS), columns=3),
        *((Field("choice", "delivery", "怎样交给申请人", options=ways, columns=2),)
          if delivery else ()),
        *((Field("ticks", "filed", "依法留存归档的原件",
                 "没有勾选的原件要免费退还申请人。", False, papers),) if papers else ()),
    )  # fmt: skip


def _outcome_initial(local: Local, case: Case) -> list[tuple[str, str]]:
    """Paper by mail where a confirmed slip lies ready; what the applicant wrote is filed."""
    matter = local.bundle.catalogue.get(case.matter)
    refused = case.decision is not None and not case.decision.approved
    no_result = matter is not None and not matter.result and not refused
    return [
        ("result", "none" if no_result else "paper"),
        ("delivery", "mail" if _to_mail(case) else "window"),
        *(("filed", str(m.position)) for m in originals(case) if m.source == Source.APPLICANT),
    ]


def _to_mail(case: Case) -> bool:
    """Whether a slip lies ready that asks for the post; what is fetched is given at a window."""
    slip = confirmed(case) or newest(case)
    return slip is not None and slip.way == POST


def _outcome(form: Form, case: Case, *, delivery: bool) -> Outcome:
    papers = [str(m.position) for m in originals(case)]
    result = form.choice("result", officer.RESULTS, missing_zh="请选结果物")
    filed = tuple(int(p) for p in form.choices("filed", papers))
    gives = result != "none" or len(filed) < len(papers)
    way = (
        form.choice("delivery", officer.DELIVERIES, required=gives, missing_zh="请选怎样交给申请人")
        if delivery
        else "window"
    )
    return Outcome(result, way, filed)


def _complete(local: Local, scene: Scene) -> Asked:
    case = scene.case

    def read(form: Form) -> Work:
        outcome = _outcome(form, case, delivery=True)
        return lambda hand: officer.complete(hand, case.number, outcome)

    intro = (
        ""
        if standing(case)
        else "申请人还没有填写寄递单；选“寄给申请人”的，要等寄递单填好并核对后才能寄出。"
    )
    fields = _outcome_fields(case, delivery=True)
    return Asked(fields, tuple(_outcome_initial(local, case)), read, intro)


def _receiver_fields(case: Case) -> tuple[Field, ...]:
    return (
        Field("choice", "to", "交给谁", options=_choices(officer.RECEIVERS), columns=2),
        Field(
            "line", "receiver", "代理人姓名", "交给申请人本人的不用填。", required=False, half=True
        ),
        Field("line", "checked", "怎样核对的身份", "例如：核对居民身份证原件", half=True),
    )


_RECEIVER = (("to", "applicant"), ("checked", "核对身份证件原件"))


def _receiver(form: Form) -> Receiver:
    to = form.choice("to", officer.RECEIVERS, missing_zh="请选交给谁")
    name = form.text("receiver", required=to == "agent", missing_zh="请填写代理人姓名")
    checked = form.text("checked", missing_zh="请填写怎样核对的身份")
    return Receiver(to, name, checked)


def _at_once(local: Local, scene: Scene) -> Asked:
    case = scene.case
    remark = Field("line", "remark", "备注", required=False)

    def read(form: Form) -> Work:
        outcome = _outcome(form, case, delivery=False)
        receiver, said = _receiver(form), form.text("remark", required=False)
        return lambda hand: officer.settle_at_once(
            hand, case.number, remark=said, outcome=outcome, receiver=receiver
        )

    fields = (*_outcome_fields(case, delivery=False), *_receiver_fields(case), remark)
    initial = [pair for pair in _outcome_initial(local, case) if pair[0] != "delivery"]
    intro = "一次完成：受理、准予、办结、当面交付和告知。"
    return Asked(fields, (*initial, *_RECEIVER), read, intro)


def _hand_out(local: Local, scene: Scene) -> Asked:
    case = scene.case
    due = to_hand_out(case, scene.parcels, scene.point)
    options = tuple(Choice(str(o.position), o.name) for o in due)
    what = Field("ticks", "positions", "交付了什么", options=options)

    def read(form: Form) -> Work:
        chosen = form.choices(
            "positions", [o.value for o in options], at_least=1, missing_zh="请勾选这次交付了什么"
        )
        receiver = _receiver(form)
        return lambda hand: officer.hand_out(hand, case.number, map(int, chosen), receiver)

    ticked = tuple(("positions", option.value) for option in options)
    return Asked((what, *_receiver_fields(case)), (*ticked, *_RECEIVER), read)


def _tell(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    fields = (
        Field("choice", "how", "怎样告知的", options=_choices(officer.TOLD_HOW), columns=3),
        Field("area", "note", "备注", "例如：电话里说明了领取方式。", required=False, rows=2),
    )

    def read(form: Form) -> Work:
        how = form.choice("how", officer.TOLD_HOW, missing_zh="请选怎样告知的")
        note = _area(form, "note", required=False)
        return lambda hand: officer.tell(hand, number, how=how, note=note)

    return Asked(fields, (("how", "phone"),), read)


def _file_originals(local: Local, scene: Scene) -> Asked:
    case = scene.case
    names = {m.position: m.name for m in originals(case)}
    options = tuple(Choice(str(p), names[p]) for p in originals_to_file(scene))
    fields = (Field("ticks", "positions", "依法留存、不退还的原件", options=options),)

    def read(form: Form) -> Work:
        chosen = form.choices(
            "positions", [o.value for o in options], at_least=1, missing_zh="请勾选要归档的原件"
        )
        return lambda hand: officer.file_originals(hand, case.number, map(int, chosen))

    return Asked(fields, (), read)


def _with_reason(
    act: Callable[..., str], label: str, hint: str = ""
) -> Callable[[Local, Scene], Asked]:
    def make(local: Local, scene: Scene) -> Asked:
        number = scene.case.number

        def read(form: Form) -> Work:
            reason = _area(form, "reason")
            return lambda hand: act(hand, number, reason=reason)

        return Asked((_reason("reason", label, hint),), (), read)

    return make


def _take_papers(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    fields = (
        Field("area", "papers", "收了哪些材料", "一行一样，写明原件还是复印件和份数。", rows=3),
        Field("area", "note", "备注", required=False, rows=2),
    )

    def read(form: Form) -> Work:
        papers, note = _area(form, "papers"), _area(form, "note", required=False)
        return lambda hand: officer.take_papers(hand, number, papers=papers, note=note)

    intro = "经办方会收到一条待答复；答复之前，本件不能作决定、办结或寄出。"
    return Asked(fields, (), read, intro)


def _withdraw(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    intro = "申请人要求撤回，本件不再办理，收存的原件要退还。请先核对申请人身份。"
    return Asked((), (), lambda form: lambda hand: officer.withdraw(hand, number), intro)


def _void(local: Local, scene: Scene) -> Asked:
    number = scene.case.number
    fields = (_reason("reason", "作废的理由"), Field("hidden", "event"))

    def read(form: Form) -> Work:
        reason, event = _area(form, "reason"), form.value("event")
        return lambda hand: officer.void(hand, number, event=event, reason=reason)

    intro = "作废后，本件回到上一步之前的状态；历史里会保留这一步，并标明已作废。"
    return Asked(fields, (("event", last_step(scene)),), read, intro)


_FORMS: dict[str, Callable[[Local, Scene], Asked]] = {
    "not_accept": _not_accept,
    "approve": _approve,
    "refuse": _refuse,
    "elsewhere": _elsewhere,
    "complete": _complete,
    "at_once": _at_once,
    "hand_out": _hand_out,
    "issue": result_form.issue_form,
    "reissue": result_form.issue_form,
    "tell": _tell,
    "file_originals": _file_originals,
    "send_back": _with_reason(
        officer.send_back, "退回的理由", "受理点会看到，例如：缺少哪份材料、应由哪个机关办理。"
    ),
    "ask_withdrawal": _with_reason(officer.ask_withdrawal, "申请人撤回的原因"),
    "take_papers": _take_papers,
    "withdraw": _withdraw,
    "void": _void,
    **correcting.FORMS,
    **dating.FORMS,
    **desk_forms.FORMS,
    **proceeding_forms.FORMS,
}
