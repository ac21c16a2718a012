"""What each state and each step of a case means to its resident, in plain words (说人话).

Terms of law stand as the law uses them, each with what it means. Chinese here, English in the
translations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cases.folded import Case, Parcel, Step
from cases.proceedings import given, outstanding
from cases.slips import is_posted, pickup_at
from cases.slips import standing as standing_slips
from cases.states import CaseState, ParcelState
from courier.look.words import _


@dataclass(frozen=True)
class Standing:
    """Where a case stands, what that means, and what comes next."""

    title: str
    text: str
    next: str


@dataclass(frozen=True)
class Told:
    """A step: its name, who took it, what it means."""

    title: str
    who: str = ""
    text: str = ""


def standing(
    case: Case,
    result: Parcel | None,
    deciding: str,
    name_of: Callable[[str], str],
    *,
    deemed: bool = False,
) -> Standing:
    """Where a case stands.

    :param result: the parcel with the result, if there is one.
    :param name_of: the name of a point.
    :param deemed: the law takes it for accepted, as nobody spoke in time.
    """
    if deemed and case.state is not CaseState.ACCEPTED:
        return Standing(
            _("已视为受理"),
            _("收件后五个工作日内没有人告诉您要补什么，按法律规定，从收件那天起就算受理了。"),
            _("接下来作出决定。您现在不用做什么；想问的话，可以打受理点的电话。"),
        )
    if case.state is CaseState.CLOSED and case.decision is None:
        return Standing(
            _("已归档"),
            _("这件事没有办下去，已经了结。收下的原件还给您了，或者按规定存了档。"),
            _("您不用再做什么。"),
        )
    if case.state in (CaseState.COMPLETED, CaseState.CLOSED):
        return Standing(*_completed(case, result, name_of))
    words = _before_completion(case, deciding).get(case.state)
    return Standing(*words()) if words else Standing(_("还没有收件"), "", "")


def _before_completion(
    case: Case, deciding: str
) -> dict[CaseState, Callable[[], tuple[str, str, str]]]:
    """What each state means until a case is completed."""
    return {
        CaseState.RECEIVED: lambda: (
            _("已收件"),
            _("受理点收下了您的材料。"),
            _("接下来决定是否受理。受理，就是正式开始办。"),
        ),
        CaseState.FORWARDED: lambda: (
            _("已转办"),
            _("材料转给了有权办这件事的部门：%(place)s。", place=deciding),
            _("接下来由它决定是否受理。您不用跑过去，有消息会通知您。"),
        ),
        CaseState.CORRECTION: lambda: _to_correct(case, deciding),
        CaseState.ACCEPTED: lambda: (
            _("已受理，正在办"),
            _("受理，就是正式开始办。%(place)s正在审查您的申请。", place=deciding),
            _("接下来作出决定。您现在不用做什么。"),
        ),
        CaseState.SUSPENDED: lambda: (
            _("正在%(what)s", what=procedure_words(case.pauses[-1].kind)),
            _("这件事要先%(what)s。", what=procedure_words(case.pauses[-1].kind)),
            _("结束以后接着办，您会收到书面通知。"),
        ),
        CaseState.NOT_ACCEPTED: lambda: (
            _("不予受理"),
            _("这件事按规定不能在这里开始办。"),
            _("受理点会告诉您原因和可以去哪里办，收下的原件会还给您。"),
        ),
        CaseState.APPROVED: lambda: (
            _("已准予"),
            _("准予，就是同意了您的申请。"),
            _("接下来制作结果，做好就办结。"),
        ),
        CaseState.REFUSED: lambda: (
            _("不予许可"),
            _("不予许可，就是没有同意您的申请。决定书上写着理由。"),
            _("不服的话，可以申请行政复议或者提起行政诉讼，决定书上写着怎么做、多久之内。"),
        ),
        CaseState.WITHDRAWN: lambda: (
            _("已撤回"),
            _("按您的申请，这件事不再办了。"),
            _("收下的原件会还给您。"),
        ),
        CaseState.LAPSED: lambda: (
            _("已终止"),
            _("到期没有收到要补的材料，这次申请不再办了。"),
            _("收下的原件会还给您。材料齐了，随时可以重新申请。"),
        ),
    }


def _to_correct(case: Case, deciding: str) -> tuple[str, str, str]:
    if given(case) and not outstanding(case):
        return (
            _("补的材料收到了"),
            _("%(place)s正在看您补的材料。", place=deciding),
            _("齐了就受理，受理就是正式开始办。"),
        )
    return (
        _("要补材料"),
        _("%(place)s看过您的材料，下面这些要补齐或者改正，一次都列出来了。", place=deciding),
        _("用手机拍照、写说明、请人上门取，或者送到任何受理点都行，齐了就受理。"),
    )


def procedure_words(kind: str) -> str:
    """A special procedure, during which the clock stands."""
    return {
        "hearing": _("听证"),
        "tender": _("招标"),
        "auction": _("拍卖"),
        "inspection": _("检验"),
        "testing": _("检测"),
        "quarantine": _("检疫"),
        "appraisal": _("鉴定"),
        "expert_review": _("专家评审"),
    }.get(kind, "")


def defect_words(reason: str) -> str:
    """What is wrong with a paper, and so what to do."""
    return {
        "missing": _("还没有交，请补交"),
        "incomplete": _("页数或内容不全，请补全"),
        "unclear": _("看不清，请换一份清楚的"),
        "wrong": _("填错了，请改正"),
        "unsigned": _("没有签名或盖章，请补上"),
        "expired": _("过了有效期，请换一份有效的"),
        "mismatch": _("和别的材料对不上，请核对改正"),
        "form": _("不合规定的格式，请按样本重做"),
        "original": _("请带原件来看一下"),
    }.get(reason, _("要改正，受理点会告诉您怎么改"))


def _completed(
    case: Case, result: Parcel | None, name_of: Callable[[str], str]
) -> tuple[str, str, str]:
    title = _("已办结") if case.state is CaseState.COMPLETED else _("已办结，并已归档")
    text = _("办结，就是这件事办完了，结果已经出来。")
    if case.decision is not None and not case.decision.approved:
        text = _("这件事办完了，没有同意您的申请。决定书上写着理由，以及怎样申请复议或者诉讼。")
    return title, text, _after_completion(case, result, name_of)


def _after_completion(case: Case, result: Parcel | None, name_of: Callable[[str], str]) -> str:
    if result is not None and result.disputed_at:
        return _("您说没有收到，寄出的受理点在查，查清后给您打电话。")
    if case.result == "none" or case.state is CaseState.CLOSED:
        return _("您不用再做什么。")
    if case.result_handed_out:
        return _("结果已经当面交给您。")
    to = result.to_point if result is not None else pickup_at(case)
    if to:
        return _to_fetch(case, result, name_of(to))
    if result is not None:
        return {
            ParcelState.PACKED: _("结果已经装好，等快递员来取。"),
            ParcelState.TAKEN_OVER: _("结果在快递员手里，正在寄给您，请留意电话。"),
            ParcelState.OUT: _("结果正在派送，今天送到您那里，请留意电话。"),
            ParcelState.FAILED: _("快递员送过一次没有送到，会再和您联系。"),
            ParcelState.DELIVERED: _("结果已经送到。"),
            ParcelState.ARRIVED: _("结果已经送到。"),
        }.get(result.state, "")
    if is_posted(case):
        if case.confirmed_slip:
            return _("结果马上装封，寄到您填的地址，邮费全免。")
        if standing_slips(case):
            return _("受理点核对您填的地址后，就把结果寄出。")
        return _("请在下面填寄递单，填好就把结果寄到您家，邮费全免。")
    return _("结果在受理点，请带上收件凭证和身份证去取。")


def _to_fetch(case: Case, result: Parcel | None, place: str) -> str:
    """A result that the resident fetches at a point."""
    if result is None and pickup_at(case) != case.holder and case.result != "electronic":
        return _("结果马上装封，送到%(place)s，到了会通知您。", place=place)
    if result is None or result.state is ParcelState.ARRIVED:
        return _("结果在%(place)s，请带上收件凭证和身份证去取。", place=place)
    if result.state is ParcelState.PACKED:
        return _("结果已经装好，等快递员送到%(place)s。", place=place)
    if result.state is ParcelState.DELIVERED:
        return _("结果已经送到%(place)s，正在清点，清点好了会通知您。", place=place)
    return _("结果正在送往%(place)s，到了会通知您。", place=place)


def happening(step: Step, case: Case, name_of: Callable[[str], str]) -> Told | None:
    """A step in plain words; None for what a resident need not see."""
    who = name_of(step.author.split(".", 1)[0]) if not step.author.startswith("central") else ""
    tell = _STEPS.get(step.type)
    return tell(step, case, who, name_of) if tell else None


_Tell = Callable[[Step, Case, str, Callable[[str], str]], Told]

_STEPS: dict[str, _Tell] = {
    "case.received": lambda s, c, who, name: Told(_("收件"), who, _("收下了您的材料。")),
    "case.forwarded": lambda s, c, who, name: Told(
        _("转办"), who, _("转给有权办的部门：%(place)s。", place=name(str(s.data.get("to"))))
    ),
    "case.sent_back": lambda s, c, who, name: Told(
        _("退回受理点"), who, _("办理部门把这件退回受理点，受理点会和您联系。")
    ),
    "case.correction_noticed": lambda s, c, who, name: Told(
        _("告知补正"), who, _("一次告诉您要补的全部材料。")
    ),
    "case.corrected_on_spot": lambda s, c, who, name: Told(
        _("当场更正"), who, _("填错的地方在窗口改好了，不用补材料。")
    ),
    "case.supplemented": lambda s, c, who, name: Told(_("收到补正"), who, _("等审核。")),
    "case.pickup_wished": lambda s, c, who, name: Told(
        _("预约上门取件"), who, _("受理点会打电话和您约好。")
    ),
    "case.lapsed": lambda s, c, who, name: Told(
        _("终止"), who, _("到期没有收到要补的材料。")
    ),
    "case.suspended": lambda s, c, who, name: Told(
        _("启动特别程序"), who,
        _("%(what)s，这段时间不算在办理期限里。", what=procedure_words(str(s.data.get("kind")))),
    ),
    "case.resumed": lambda s, c, who, name: Told(
        _("特别程序结束"), who, _("接着计算办理期限。")
    ),
    "case.extended": lambda s, c, who, name: Told(
        _("延长期限"), who, _("经批准，办理期限延长 %(n)s 天。", n=str(s.data.get("days")))
    ),
    "case.accepted": lambda s, c, who, name: Told(
        _("受理"), _("系统自动审批（秒批）") if s.data.get("rule") else who, _("正式开始办。")
    ),
    "case.not_accepted": lambda s, c, who, name: Told(
        _("不予受理"), who, _("按规定不能在这里开始办。")
    ),
    "case.approved": lambda s, c, who, name: Told(
        _("准予"), _("系统自动审批（秒批）") if s.data.get("rule") else who, _("同意了您的申请。")
    ),
    "case.licence_checked": lambda s, c, who, name: Told(
        _("核验电子证照"), who,
        _("查到了，这份材料不用交。") if s.data.get("found")
        else _("没有查到，请补交这份材料，受理点会联系您。"),
    ),
    "case.refused": lambda s, c, who, name: Told(_("不予许可"), who, _("没有同意您的申请。")),
    "case.completed": lambda s, c, who, name: Told(_("办结"), who, _("结果出来了。")),
    "case.withdrawn": lambda s, c, who, name: Told(_("撤回"), who, _("按您的申请不再办了。")),
    "case.withdrawal_requested": lambda s, c, who, name: Told(
        _("申请撤回"), who, _("您申请不再办这件事，等答复。")
    ),
    "case.shown": lambda s, c, who, name: Told(
        _("出示了收件凭证"), who, _("这个受理点也能为您答复和收材料。")
    ),
    "case.papers_received": lambda s, c, who, name: Told(
        _("收到补充材料"), who, _("您补交的材料收下了，等经办方答复。")
    ),
    "case.request_settled": lambda s, c, who, name: Told(
        _("答复申请"), who, _("同意了您的申请。") if s.data.get("granted") else _("没有同意。")
    ),
    "case.resident_told": lambda s, c, who, name: Told(_("已告知您"), who),
    "case.handed_out": lambda s, c, who, name: Told(
        _("当面交付"), who,
        _("结果当面交了出去。") if s.data.get("result") else _("原件当面还了回去。"),
    ),
    "case.result_issued": lambda s, c, who, name: Told(_("出证"), who, _("结果制作好了。")),
    "case.originals_filed": lambda s, c, who, name: Told(_("材料归档"), who),
    "case.closed": lambda s, c, who, name: Told(_("归档"), who, _("这件事全部办完。")),
    "slip.filled": lambda s, c, who, name: Told(
        _("填了寄递单"), "", _("等受理点核对。")
    ),
    "slip.attached": lambda s, c, who, name: Told(
        _("填了寄递单"), who, _("您排队时填的单子放到了这件里。")
    ),
    "slip.confirmed": lambda s, c, who, name: Told(_("寄递单核对好了"), who),
    "slip.cancelled": lambda s, c, who, name: Told(
        _("取消了寄递单"), who, _("不再按它寄。要寄的，重新填一张就行。")
    ),
    "parcel.packed": lambda s, c, who, name: Told(
        _("装封"), who, _("寄给您的邮件装好了，单号 %(n)s。", n=str(s.data.get("tracking", "")))
    ),
    "parcel.taken_over": lambda s, c, who, name: Told(_("快递员取走了邮件")),
    "parcel.out_for_delivery": lambda s, c, who, name: Told(_("快递员出门派送")),
    "parcel.delivered": lambda s, c, who, name: Told(
        _("邮件已签收"), "", receiver_words(str(s.data.get("to", "")))
    ),
    "parcel.delivery_failed": lambda s, c, who, name: Told(
        _("没有送到"), "", failure_words(str(s.data.get("why", "")))
    ),
    "parcel.disputed": lambda s, c, who, name: Told(
        _("您说没有收到"), "", _("寄出的受理点在查，查清后给您打电话。")
    ),
    "parcel.dispute_settled": lambda s, c, who, name: Told(
        _("查清了邮件的下落"), who,
        _("邮件找到了。") if s.data.get("how") == "found" else _("邮件丢失，会免费补办再寄给您。"),
    ),
    "parcel.arrived": lambda s, c, who, name: Told(
        _("送到了受理点"), who, _("带上收件凭证和身份证，就可以去取了。")
    ),
    "parcel.returned": lambda s, c, who, name: Told(
        _("邮件退回受理点"), "", _("受理点会和您联系。")
    ),
}  # fmt: skip


def receiver_words(to: str) -> str:
    """Who took the parcel at the door."""
    return {
        "self": _("您本人签收。"),
        "family": _("家人代收。"),
        "neighbour": _("邻居代收。"),
        "locker": _("放在快递柜，请去取。"),
        "property": _("物业代收，请去取。"),
        "point": _("受理点代收，请去取。"),
    }.get(to, "")


def failure_words(why: str) -> str:
    """Why a delivery did not succeed, and what follows."""
    known = {
        "nobody_home": _("家里没有人。"),
        "no_answer": _("电话没有打通。"),
        "later": _("约了改天送。"),
        "no_entry": _("进不了小区或楼门。"),
        "wrong_address": _("地址不对，找不到。"),
        "moved": _("收件人搬走了。"),
        "refused": _("当时没有收。"),
        "damaged": _("邮件破损，先带回处理。"),
    }.get(why, "")
    return f"{known}{_('会再和您联系，请留意电话。')}"
