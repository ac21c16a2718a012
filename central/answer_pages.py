"""The board's page of one thing that the district's supervisors answer: why, and what it said."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.aside import AT_CENTRAL_ZH, NotCounted, said
from cases.fold import WrongState
from cases.table import TYPES
from cases.times import shown
from central import answers
from central.accounts import SUPERVISOR
from central.board_cards import (
    answered,
    fact_name,
    name_of,
    own_key,
    own_what,
    own_whose,
    own_why,
    subject_url,
    waited,
)
from central.context import now, store
from courier.look import say, show_address, show_place
from courier.look.cards import Choice
from courier.look.forms import Form
from courier.look.signin import current_account, refuse
from sync.canonical import UnfitEvent
from sync.errors import RemoteError
from sync.seal import CannotUnseal

WORDS_MAX = 500
SHOWN_CHARS_MAX = 200
_OPEN_ZH = {"title": "事项", "tracking": "单号"}
_OP = re.compile(r"[0-9a-f]{16}")
_HOWS = tuple(Choice(how, words) for how, words in AT_CENTRAL_ZH.items())
_SEALED_ZH = {
    "name": "姓名", "phone": "电话", "region": "地区", "street": "详细地址", "address": "地址",
    "note": "备注", "receiver": "签收人", "reason": "理由", "words": "说明", "contact": "联系人",
    "document_number": "证件号码", "agent_name": "代办人", "agent_number": "代办人证件号码",
    "agent_phone": "代办人电话", "remark": "备注", "grounds": "理由和依据", "remedies": "救济途径",
    "province": "省（编号）", "city": "市（编号）", "county": "县区（编号）",
}  # fmt: skip

blueprint = Blueprint("answers", __name__, url_prefix="/board/own", template_folder="templates")


@blueprint.before_request
def guard() -> ResponseReturnValue | None:
    """Supervisors only."""
    show_place("区中心监督看板")
    return refuse(SUPERVISOR, door="signin")


@blueprint.get("/<kind>/<which>")
def show(kind: str, which: str) -> ResponseReturnValue:
    """One thing that did not count. Nothing that is sealed is shown."""
    return _page(_found(kind, which), Form())


@blueprint.post("/<kind>/<which>/open")
def look_into(kind: str, which: str) -> ResponseReturnValue:
    """The same with what is sealed, once the showing is noted."""
    found = _found(kind, which)
    show_address(url_for(".show", kind=kind, which=which))
    try:
        fact, answer = answers.look_into(found, _me())
    except CannotUnseal as problem:
        return _page(found, Form(), problem=f"加密的内容打不开：{problem}", status=409)
    return _page(found, Form(), opened=(*_fields(fact), *_fields(answer, "答复的")))


@blueprint.post("/<kind>/<which>")
def do(kind: str, which: str) -> ResponseReturnValue:
    """Answer it, once for each form that was shown."""
    found, form = _found(kind, which), Form(request.form)
    op = form.value("op")
    if not _OP.fullmatch(op):
        abort(400)
    how = form.choice("how", list(AT_CENTRAL_ZH), missing_zh="请选怎样处理的")
    words = form.text("words", required=False, chars_max=WORDS_MAX)
    if not form.ok:
        return _page(found, form, status=400)
    try:
        answers.answer(found, f"answer:{op}", how=how, words=words, actor=_me())
    except WrongState as problem:
        return _page(found, form, problem=str(problem), status=409)
    except UnfitEvent as problem:
        return _page(found, form, problem=str(problem), status=422)
    except RemoteError:
        problem_zh = "网络断了，不知道有没有记下。您填的还在，请过一会儿再按一次，只会算一次。"
        return _page(found, form, problem=problem_zh, status=503)
    say(f"已答复：{said(how)}。几秒后从待答复里消失")
    return redirect(url_for("board.own"), 303)


def _found(kind: str, which: str) -> NotCounted:
    return answers.find(kind, which) or abort(404)


def _me() -> str:
    account = current_account("signin")
    return account.id if account else ""


def _page(
    found: NotCounted,
    form: Form,
    *,
    opened: tuple[tuple[str, str], ...] = (),
    problem: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    kind, which = own_key(found)
    content = answers.content(found)
    event = content.event if content else None
    known = event is not None and store().subject(event.subject) is not None
    return render_template(
        "central/board_answer.html",
        title=own_what(found),
        here=url_for(".show", kind=kind, which=which),
        facts=_facts(found),
        content=tuple(_of_event(content)) if content else (),
        subject=event.subject if event else "",
        url=subject_url(event.subject) if event and known else "",
        alone=bool(event) and not known,
        sealed=bool(event and event.sealed) or bool(found.answer),
        opened=opened,
        answer=answered(found.answer) if found.answer else "",
        problem=problem,
        hows=_HOWS,
        form=form,
        op=form.value("op") or secrets.token_hex(8),
    ), status


def _facts(found: NotCounted) -> list[tuple[str, str]]:
    since = f"{shown(found.at, now())}（{waited(found.at)}）" if found.at else "—"
    meaning = {
        "aside": "区中心自己登记的这一步没有算数，状态没有因它改变。",
        "refused": "区中心自己登记的这一条没有收进日志，谁也看不到它；别的记录不受影响。",
        "offer": "数据恢复时受理点补送来的这一条没能收进日志；别的记录不受影响。",
    }[own_key(found)[0]]
    return [
        ("为什么", own_why(found)),
        ("是什么意思", meaning),
        ("是谁的", own_whose(found)),
        ("从什么时候起", since),
    ]


def _of_event(content: answers.Content) -> Iterator[tuple[str, str]]:
    """What stands in clear: what it is, when, by whom, of what. The rest of it is codes."""
    event = content.event
    yield "登记的是", fact_name(event.type)
    yield "登记时间", shown(event.at, now())
    yield "登记人", f"{name_of(event.point)} {event.actor}"
    known = TYPES[event.type].open if event.type in TYPES else ()
    for name, label in _OPEN_ZH.items():
        if name in known and event.data.get(name):
            yield label, str(event.data[name])[:SHOWN_CHARS_MAX]


def _fields(sealed: Mapping[str, Any], whose: str = "") -> Iterator[tuple[str, str]]:
    for name, value in sealed.items():
        yield f"{whose}{_SEALED_ZH.get(name, name)}", str(value)
