"""The administrator's pages of the standards: the draft, what it would change, every version."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import StringIO

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.changes import ADDED, CHANGED, REMOVED, Change
from cases.columns import COLUMNS, TITLES
from cases.points import ready_for_mail
from cases.standards import Standards, finished
from cases.standards_rows import table_rows
from cases.times import shown, shown_day
from central import standards_db
from central.accounts import ADMIN
from central.carrier_pages import carrier_alerts
from central.context import now, today
from central.standards_db import Published
from central.standards_desk import (
    Desk,
    NotNow,
    at_db,
    go_back,
    open_desk,
    publish_draft,
    withdraw,
)
from courier.look import say, show_place
from courier.look.forms import Form
from courier.look.signin import refuse
from sync.bundle import BadBundle, Bundle
from sync.errors import Conflict, RemoteError

SHOWN_MAX = 300
DAYS_AHEAD_MAX = 400
AT_ONCE = "现在起生效，有线路的受理点几分钟内换上"
HOW = {ADDED: ("新增", "green"), CHANGED: ("修改", "accent"), REMOVED: ("删除", "red")}
Answer = ResponseReturnValue

blueprint = Blueprint(
    "standards", __name__, url_prefix="/board/standards", template_folder="templates"
)


def guard() -> Answer | None:
    """Administrators only."""
    show_place("区中心标准管理")
    return refuse(ADMIN, door="signin")


blueprint.before_request(guard)


@dataclass(frozen=True)
class Gap:
    """Something that is still to be filled in: how many, and where."""

    words: str
    count: int
    url: str


def gaps(standards: Standards) -> tuple[Gap, ...]:
    """What nobody has confirmed yet."""
    matters = sum(is_open(m) for m in standards.catalogue.matters)
    closed = sum(not ready_for_mail(p, sample=False) for p in standards.points)
    years = {table.year for table in standards.calendar}
    missing = [year for year in (today().year, today().year + 1) if year not in years]
    return (
        Gap("个事项有没核对的初始值", matters, url_for("values.matters", which="open")),
        Gap("个受理点没填地址、电话或办公时间", closed, url_for("values.points")),
        Gap(
            f"个年份（{'、'.join(map(str, missing))}）的放假安排没有公布，日期都标“暂定”"
            if missing
            else "个年份的放假安排没有公布",
            len(missing),
            url_for("values.calendar"),
        ),
    )


def is_open(matter: object) -> bool:
    """Whether a matter, or a material of it, has values that nobody has confirmed."""
    materials = getattr(matter, "materials", ())
    unconfirmed = any("handling" in m.sample and not m.identity for m in materials)
    return bool(getattr(matter, "sample", ())) or unconfirmed


@dataclass(frozen=True)
class VersionCard:
    """One version as the list shows it."""

    number: int
    title: str
    mark: str
    tone: str
    since: str
    by: str
    why: str
    can_return: bool


def _day_words(day: str) -> str:
    return shown_day(date.fromisoformat(day), today())


def _state_of(found: Bundle | None) -> str:
    if found is None:
        return ""
    since = f"，{_day_words(found.since)}起" if found.since else ""
    return f"{_number(found.number)}（{len(found.catalogue.matters)} 个事项{since}）"


def _number(number: int) -> str:
    return f"第 {number} 版" if number else "产品自带的初始目录"


@blueprint.get("/")
def overview() -> Answer:
    """What is in force, what waits, what the draft would change, what is still to be filled in."""
    return _overview(Form(_first_values()))


def _first_values() -> dict[str, str]:
    return {"since": today().isoformat()}


def _overview(form: Form, problem: str = "", status: int = 200) -> Answer:
    desk = open_desk()
    found = desk.changes
    page = render_template(
        "central/standards_overview.html",
        form=form,
        problem=problem,
        in_force=_state_of(desk.in_force),
        waiting=_state_of(desk.waiting),
        draft=desk.draft,
        draft_at=shown(desk.draft.at, now()) if desk.draft else "",
        based_on=_number(desk.draft.based_on) if desk.draft else "",
        counts=counts_of(found),
        closed=_closed(desk),
        gaps=gaps(desk.standards),
        sample=desk.standards.catalogue.sample,
        today=today().isoformat(),
        alerts=carrier_alerts(),
    )
    return page, status


def _closed(desk: Desk) -> int:
    """How many points would not be open for mail."""
    return sum(not point.open_for_mail for point in finished(desk.standards).points)


def counts_of(found: tuple[Change, ...]) -> list[tuple[str, str, int]]:
    """(what, tone, how many) of each kind of change, as the figures above the list."""
    counts = Counter((change.kind, change.how) for change in found)
    return [(f"{HOW[how][0]}{kind}", HOW[how][1], n) for (kind, how), n in counts.items()]


@blueprint.get("/changes")
def preview() -> Answer:
    """Everything that publishing the draft would change."""
    desk = open_desk()
    found = desk.changes
    return render_template(
        "central/standards_changes.html",
        draft=desk.draft,
        based_on=_number(desk.draft.based_on) if desk.draft else "",
        counts=counts_of(found),
        rows=change_rows(found),
        more=max(len(found) - SHOWN_MAX, 0),
        closed=_closed(desk),
    )


def change_rows(found: tuple[Change, ...]) -> list[tuple[str, str, Change]]:
    """Changes with their word and tone, as far as a page shows them."""
    return [(*HOW[change.how], change) for change in found[:SHOWN_MAX]]


@blueprint.post("/publish")
def publish() -> Answer:
    """Publish the draft from a day on."""
    form = Form(request.form)
    since = form.text("since", missing_zh="请选从哪一天起生效")
    why = form.text("why", missing_zh="请写明为什么改，例如依据的文件")
    if since and not _fits(since):
        form.fail("since", f"日期要在今天到 {DAYS_AHEAD_MAX} 天之内")
    if not form.ok:
        return _overview(form, status=422)
    try:
        number = publish_draft(since, why)
    except (NotNow, Conflict, BadBundle, RemoteError) as error:
        return _overview(form, _not_published(error), 409)
    when = AT_ONCE if since <= today().isoformat() else f"{_day_words(since)}起生效"
    say(f"已发布第 {number} 版，{when}")
    return redirect(url_for(".versions"), 303)


def _not_published(error: Exception) -> str:
    if isinstance(error, NotNow):
        return str(error)
    if isinstance(error, Conflict):
        return "别人刚刚也发布了一版，这一版没有发布。请刷新看过改动再发布。"
    return f"没有发布成功（{error}）。草稿还在，请稍后再按一次“发布”。"


def _fits(since: str) -> bool:
    try:
        ahead = (date.fromisoformat(since) - today()).days
    except ValueError:
        return False
    return 0 <= ahead <= DAYS_AHEAD_MAX


@blueprint.post("/drop")
def drop() -> Answer:
    """Throw the draft away."""
    at_db(standards_db.drop_draft)
    say("草稿已丢弃，正在用的版本没有变化")
    return redirect(url_for(".overview"), 303)


@blueprint.get("/versions")
def versions() -> Answer:
    """Every version, who published it, when and why."""
    return _versions()


def _versions(problem: str = "", status: int = 200) -> Answer:
    desk = open_desk()
    entries = at_db(standards_db.history)
    cards = [_card(entry, desk) for entry in entries]
    known = {entry.number for entry in entries}
    return render_template(
        "central/standards_versions.html",
        cards=cards,
        problem=problem,
        waiting=_state_of(desk.waiting),
        in_force=_state_of(desk.in_force) if desk.in_force.number not in known else "",
        initial=desk.in_force.origin == "district",
    ), status


def _card(entry: Published, desk: Desk) -> VersionCard:
    mark, tone = "", "plain"
    if entry.number == desk.in_force.number:
        mark, tone = "正在用", "green"
    elif desk.waiting and entry.number == desk.waiting.number:
        mark, tone = "等待生效", "amber"
    return VersionCard(
        entry.number,
        f"第 {entry.number} 版",
        mark,
        tone,
        _day_words(entry.since),
        f"{entry.name} {shown(entry.at, now())}",
        entry.why,
        not mark,
    )


@blueprint.post("/versions/<int:number>/back")
def back(number: int) -> Answer:
    """Publish the content of an earlier version anew, at once."""
    return _now(lambda: go_back(number, request.form.get("why", "")))


@blueprint.post("/withdraw")
def take_back() -> Answer:
    """Take back what waits for its day."""
    return _now(lambda: withdraw(request.form.get("why", "")))


def _now(work: Callable[[], int]) -> Answer:
    try:
        number = work()
    except (NotNow, Conflict, BadBundle, RemoteError) as error:
        return _versions(_not_published(error), 409)
    say(f"已发布第 {number} 版，{AT_ONCE}")
    return redirect(url_for(".versions"), 303)


@blueprint.get("/tables/<table>.csv")
def table(table: str) -> Answer:
    """A table of the draft, to be filled in and sent back; what is unconfirmed is empty."""
    if table not in COLUMNS:
        abort(404)
    text = StringIO()
    csv.writer(text).writerows([_harmless(c) for c in r] for r in rows_of(table))
    body = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    body.headers["Content-Disposition"] = f'attachment; filename="{table}.csv"'
    return body


def rows_of(table: str) -> list[list[str]]:
    """The rows of a table of what is worked on."""
    return list(table_rows(open_desk().standards, table))


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for words, whatever it begins with."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def table_names() -> list[tuple[str, str]]:
    """The tables, to be offered for download."""
    return list(TITLES.items())
