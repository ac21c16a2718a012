"""The board's finished values: rows, figures, timelines. Made here, only printed by templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import url_for

from cases.aside import Aside, NotCounted, Offer, Refusal, said
from cases.calendar import Calendar
from cases.carried import CARRIED_ZH
from cases.dates import when
from cases.escalation import LADDER, turn
from cases.events import CENTRAL, point_of
from cases.folded import Answer, Case, Folded, Parcel, Step
from cases.lights import in_words, light
from cases.numbers import SubjectKind, kind_of
from cases.papers import PURPOSES_ZH
from cases.points import PointKind
from cases.states import STATE_ZH, CaseState, ParcelState
from cases.table import TYPES
from cases.tasks import REVIEW_ASIDE, REVIEW_OFFER, REVIEW_REFUSED, SETTLE_DISPUTE
from cases.timeline import in_order
from cases.times import SHANGHAI, ago, day_of, from_text, shown
from central import board
from central.accounts import ADMIN, COURIER, FileAccounts
from central.board import Late, Picture, Waiting
from central.contacts import Contact
from central.context import bundle, district, now, store
from central.freshness import read_model_at
from central.mail_board import watch_list
from central.mail_tables import postage
from central.sent_mail import Accounts
from courier.carriers.decide import MOVES, PASSED
from courier.carriers.ports import Kind
from courier.carriers.words import actor_zh, delivered_zh, failed_zh, happened_zh, passed_zh
from courier.look.cards import Happening, Stat
from courier.look.cards import Light as Colour
from courier.look.signin import current_account
from courier.watch import Watched
from sync.merging import carried_ids
from sync.store import Store

STALE_SECONDS = 120
TASKS_ZH = {
    "accept": "待受理",
    "notice_missing": "缺件待告知补正",
    "forward": "待转办",
    "decide": "待作决定",
    "complete": "待办结",
    "settle_request": "待答复申请",
    "send_papers": "材料待寄出",
    "check_papers": "材料待清点",
    "post_result": "结果待寄出",
    "hand_out": "结果待当面交付",
    "return_papers": "原件待退还",
    "give_back": "原件待当面退还",
    "confirm_slip": "寄递单待核对",
    "tell_resident": "待告知申请人",
    "close": "待归档",
    "ask_paper": "证照没查到待补交",
    "check_licence": "免交待核验",
    "print_waybill": "面单待打印",
    "answer_missing": "交接差异待答复",
    "double_tracking": "面单号重复",
    "mend_delivery": "投递未成功待处理",
    "resend": "退件待处理",
    SETTLE_DISPUTE: "没收到待查清",
    REVIEW_ASIDE: "未被采纳待答复",
    REVIEW_REFUSED: "拒收待答复",
    REVIEW_OFFER: "补送不进待答复",
}


@dataclass(frozen=True)
class Row:
    """One line of a list: a link, its cells, a light."""

    title: str
    url: str
    cells: tuple[str, ...]
    light: Colour | None = None
    light_word: str = ""


@dataclass(frozen=True)
class Listing:
    """A list page: what it lists, its headings, its rows."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    words: str = ""
    empty: str = "现在没有"


def name_of(code: str) -> str:
    """The name of a point by its code, of central, or (unknown) the code itself."""
    point = bundle().directory.find(code)
    if point is None:
        return "区中心" if code.startswith("central") else code
    return point.name if point.kind is PointKind.DISTRICT_CENTRE else point.area_name


def stats(
    counts: Mapping[str, int], states: type[CaseState] | type[ParcelState], view: str
) -> list[Stat]:
    """A figure for each state, which opens the list behind it."""
    return [
        Stat(str(count), STATE_ZH[state], url_for(view, state=state.value))
        for state, count in board.in_order(counts, states)
    ]


def late_row(found: Late) -> Row:
    """A case that is late or nearly so: whose it is, what is due."""
    case = found.case
    due = in_words(found.light, day_of(now()))
    return Row(
        case.number,
        url_for("board.case", number=case.number),
        (case.title, name_of(case.holder), due, turn(found.light) or LADDER[0].zh),
        found.light.colour,
        found.light.word,
    )


def case_row(case: Case, calendar: Calendar) -> Row:
    """A case in a list, with its light."""
    found = light(case, calendar, now())
    title = case.title or "尚未收到收件记录"
    cells = (
        title,
        STATE_ZH[case.state],
        name_of(case.holder or case.point),
        waited(case.changed_at),
    )
    return Row(
        case.number,
        url_for("board.case", number=case.number),
        cells,
        found.colour if found else None,
        found.word if found else "",
    )


def waited(at: str) -> str:
    """How long ago, or a dash."""
    return ago(at, now()) if at else "—"


def happenings(subject: Folded, held: Store) -> list[Happening]:
    """Every step with its time and who stated it; what does not count says why."""
    carried = carried_ids(held, subject.number)
    couriers = FileAccounts(district().config.data, (COURIER,))
    return [
        Happening(
            TYPES[s.type].zh if s.type in TYPES else s.type,
            when(s, now()),
            _who(s, couriers),
            _said(s) or (CARRIED_ZH if s.id in carried else "") or _told(s),
            "done" if s.verdict == "ok" else "aside",
        )
        for s in reversed(in_order(subject.steps))
    ]


def _who(step: Step, couriers: FileAccounts) -> str:
    """Who stated it; a carrier's word, and a courier's, is only what central says is one."""
    place = step.author.partition(".")[0]
    if place != CENTRAL:
        return f"{name_of(place)} · {step.actor}"
    courier = couriers.by_id(step.actor)
    named = courier.display if courier else step.actor
    return actor_zh(step.actor) or f"{name_of(place)} · {named}"


def _told(step: Step) -> str:
    """What was told of the way, and when that happened."""
    told, happened = _REPORTED.get(step.type), happened_zh(step, now())
    return "，".join(part for part in (told(step.data) if told else "", happened) if part)


_REPORTED = {PASSED: passed_zh, MOVES[Kind.DELIVERED]: delivered_zh, MOVES[Kind.FAILED]: failed_zh}


def _said(step: Step) -> str:
    verdicts = {
        "set_aside": "未被采纳：",
        "unknown": "本版本不认识：",
        "voided": "已作废：",
        "passed_over": "不再算：",
    }
    words = verdicts.get(step.verdict, "") + step.reason if step.verdict != "ok" else ""
    return f"{words}；{answered(step.answer)}" if step.answer else words


def answered(answer: Answer | None) -> str:
    """What was said of something that did not count, by whom, when. Words stay at the point."""
    if answer is None:
        return "还没有答复"
    who = f"{name_of(answer.by.partition('.')[0])} {answer.actor}"
    return f"{said(answer.how)}（{who}，{shown(answer.at, now())}）"


def subject_url(number: str) -> str:
    """The board's page of a case or parcel; a visit or store has none."""
    kind = kind_of(number)
    if kind is SubjectKind.CASE:
        return url_for("board.case", number=number)
    return url_for("board.parcel", number=number) if kind is SubjectKind.PARCEL else ""


def aside_row(found: Aside) -> Row:
    """A fact that was set aside: what, by whom, why, since when, what was said of it."""
    cells = (
        f"{name_of(point_of(found.author))}：{fact_name(found.type)}",
        found.words,
        f"{shown(found.at, now())}（{waited(found.at)}）",
        _whose(found),
    )
    light, word = _answer_light(found.answer)
    return Row(found.subject, subject_url(found.subject), cells, light, word)


def _whose(found: Aside) -> str:
    if found.answer:
        return answered(found.answer)
    also = "，区中心也可以答复" if found.of_central else ""
    return f"等{name_of(found.point)}答复{also}" if found.point else answered(None) + also


def refusal_row(found: Refusal) -> Row:
    """An event that central refused: of which point and store, why, since when, what was said."""
    point = bundle().directory.find(found.point)
    cells = (
        f"{found.author} 第 {found.n} 条",
        found.why,
        f"{shown(found.at, now())}（{waited(found.at)}）" if found.at else "—",
        answered(found.answer),
    )
    light, word = _answer_light(found.answer, "red")
    url = url_for("board.point", code=found.point) if point else ""
    if found.point == CENTRAL:
        url = own_url(found)
    return Row(name_of(found.point), url, cells, light, word)


def fact_name(type: str) -> str:
    """What a fact says, in Chinese; one of a newer version by its own name."""
    return TYPES[type].zh if type in TYPES else f"新版本的记录（{type}）"


def own_key(found: NotCounted) -> tuple[str, str]:
    """What names a thing that did not count: its kind, and which of them it is."""
    if isinstance(found, Aside):
        return "aside", found.event
    if isinstance(found, Offer):
        return "offer", f"{found.author}:{found.n}:{found.hash}"
    return "refused", f"{found.author}:{found.n}"


def own_url(found: NotCounted) -> str:
    """The page on which the district's supervisors answer it."""
    kind, which = own_key(found)
    return url_for("answers.show", kind=kind, which=which)


def own_what(found: NotCounted) -> str:
    """What it is, in words: which fact, what became of it."""
    if isinstance(found, Aside):
        return f"{fact_name(found.type)}（未被采纳）"
    if isinstance(found, Offer):
        return f"{fact_name(found.what) if found.what else '读不出的记录'}（恢复时补送不进）"
    return f"第 {found.n} 条（拒收）"


def own_whose(found: NotCounted) -> str:
    """Whose it was: which store wrote it at which place, and who offered it."""
    if isinstance(found, Aside):
        return f"{name_of(point_of(found.author))} {found.author}"
    words = f"{name_of(found.point)} {found.author} 第 {found.n} 条"
    return f"{words}，{name_of(found.offered_by)}补送" if isinstance(found, Offer) else words


def own_why(found: NotCounted) -> str:
    """The reason that was given."""
    return found.words if isinstance(found, Aside) else found.why


def own_row(found: NotCounted) -> Row:
    """What the district's supervisors answer: what, why, whose, since when, what was said."""
    subject = found.author if isinstance(found, Refusal) else found.subject
    cells = (
        own_what(found),
        own_why(found),
        own_whose(found),
        f"{shown(found.at, now())}（{waited(found.at)}）" if found.at else "—",
        answered(found.answer),
    )
    light, word = _answer_light(found.answer)
    return Row(subject or "对象不详", own_url(found), cells, light, word)


def _answer_light(answer: Answer | None, waiting: Colour = "amber") -> tuple[Colour, str]:
    return ("green", "已答复") if answer else (waiting, "待答复")


def task_row(waiting: Waiting) -> Row:
    """A task: what, where, since when."""
    task = waiting.task
    refused = url_for("board.refused") if task.kind == REVIEW_REFUSED else ""
    refused = url_for("board.own") if waiting.point == CENTRAL else refused
    return Row(
        task.subject,
        refused or subject_url(task.subject),
        (task.words, name_of(waiting.point), waited(task.since)),
    )


def parcel_row(parcel: Parcel) -> Row:
    """A parcel in a list."""
    cells = (
        parcel.tracking or "—",
        PURPOSES_ZH.get(parcel.purpose, parcel.purpose),
        STATE_ZH[parcel.state],
        name_of(parcel.point),
        waited(parcel.changed_at),
    )
    return Row(parcel.number, url_for("board.parcel", number=parcel.number), cells)


def mail_links() -> tuple[tuple[str, str], ...]:
    """The pages of the mail beside one another; what carriers send is an administrator's."""
    pages = {"要盯的": "post.watched", "全部邮件": "board.parcels", "寄递账": "post.of_month",
             "承运方账单": "bills.index", "资费": "post.tables",
             "快递员和手机": "riders.show"}  # fmt: skip
    account = current_account("signin")
    if account is not None and ADMIN in account.roles:
        pages["交寄和承运方报来的"] = "carriers.reports"
    return tuple((words, url_for(view)) for words, view in pages.items())


def contact_row(contact: Contact, seen: Picture) -> Row:
    """A point: its line, and what it has in hand."""
    code = contact.point.code
    cells = (
        contact.words,
        str(contact.behind) if contact.at else "—",
        str(seen.live_by_point.get(code, 0)),
        str(seen.late_by_point.get(code, 0)),
    )
    url = url_for("board.point", code=code)
    return Row(name_of(code), url, cells, contact.light, contact.light_word)


def watching() -> tuple[Watched, ...]:
    """The mail that somebody has to look after."""
    book = Accounts(store(), bundle().divisions, postage())
    return watch_list(book, bundle().calendar, now())


def pressing(seen: Picture, found: Iterable[Contact]) -> list[Stat]:
    """The figures that somebody must act on."""
    silent = Counter(c.light for c in found)
    cut = silent["red"] + silent["amber"]
    figures: list[tuple[int, str, str, Colour, str]] = [
        (len(seen.late), "超期办件", url_for("board.late"), "red", "要处理"),
        (len(seen.soon), "快到期办件", url_for("board.late", which="soon"), "amber", "两天内"),
        (cut, "断线的受理点", url_for("board.points"), "amber", "要联系"),
        (len(seen.aside), "未被采纳的记录", url_for("board.aside"), "amber", "等答复"),
        (len(seen.refused), "拒收的记录", url_for("board.refused"), "red", "等答复"),
        (len(seen.own), "等区中心答复", url_for("board.own"), "amber", "等您答复"),
        (len(watching()), "要盯的邮件", url_for("post.watched"), "amber", "要过问"),
    ]
    return [
        Stat(str(count), words, url, colour if count else "green", word if count else "没有")
        for count, words, url, colour, word in figures
    ]


def task_stats(tasks: Iterable[Waiting]) -> list[Stat]:
    """A figure for each kind of task that waits."""
    counts = Counter(w.task.kind for w in tasks)
    return [
        Stat(str(counts[kind]), words, url_for("board.tasks", kind=kind))
        for kind, words in TASKS_ZH.items()
        if counts[kind]
    ]


def as_of() -> tuple[str, bool]:
    """``数据截至 09:31``, and whether that is too long ago."""
    if not (at := read_model_at(store())):
        return "还没有收到数据", True
    then, today = from_text(at), day_of(at) == day_of(now())
    words = f"{then.astimezone(SHANGHAI):%H:%M}" if today else shown(at, now())
    return f"数据截至 {words}", (from_text(now()) - then).total_seconds() > STALE_SECONDS
