"""Filling in by hand what a table does not say: matters and their materials, points, calendars."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import msgspec
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases import columns
from cases.calendar import YearTable
from cases.calendar_text import read_year, year_text
from cases.catalogue import Handling, Matter
from cases.catalogue_tables import material_of, matter_of
from cases.columns import COLUMNS, Column, column_of
from cases.points import Point, ready_for_mail
from cases.standards import Standards, with_contact, with_matter, with_point, with_year
from cases.standards_check import check_row
from cases.standards_rows import material_cells, matter_cells, point_cells
from central.context import today
from central.standards_db import Overtaken
from central.standards_desk import Desk, open_desk, save
from central.standards_pages import guard, is_open
from courier.look import say
from courier.look.forms import Form
from sync.rules import load_rules

LISTED_MAX = 100
YEAR_CHARS_MAX = 4_000
FIELDS = (
    "basis", "accepting", "day_unit", "statutory_days", "promised_days", "extension_days",
    "legal_basis", "fee", "fee_reference", "instant",
)  # fmt: skip
Answer = ResponseReturnValue

blueprint = Blueprint(
    "values", __name__, url_prefix="/board/standards", template_folder="templates"
)
blueprint.before_request(guard)


def _mark_of(record: object) -> str:
    """What a record is called by its content: whoever edits an older one is told so."""
    return sha256(msgspec.json.encode(record)).hexdigest()[:16]


def _changed_meanwhile(form: Form, record: object) -> bool:
    return form.value("was") != _mark_of(record)


MEANWHILE = "别人在您打开这一页之后改过它。下面是您填的内容，核对后再按一次“存进草稿”。"


# matters


@blueprint.get("/matters")
def matters() -> Answer:
    """The matters that were searched for, or those that are still to be confirmed."""
    wish, which = request.args.get("q", "").strip(), request.args.get("which", "")
    every = open_desk().standards.catalogue.matters
    fitting = [m for m in every if _fits(m, wish) and (which != "open" or is_open(m))]
    return render_template(
        "central/standards_matters.html",
        rows=[(m.code, m.name, _state(m)) for m in fitting[:LISTED_MAX]],
        count=len(fitting),
        more=max(len(fitting) - LISTED_MAX, 0),
        wish=wish,
        which=which,
    )


def _fits(matter: Matter, wish: str) -> bool:
    words = (matter.code, matter.name, *matter.aliases)
    return not wish or any(wish.casefold() in each.casefold() for each in words)


def _state(matter: Matter) -> str:
    names = [column_of("items", name).zh for name in matter.sample]
    if any("handling" in m.sample and not m.identity for m in matter.materials):
        names.append("材料处理方式")
    return f"没核对：{'、'.join(names)}" if names else "已核对"


def _matter(desk: Desk, code: str) -> Matter:
    found = desk.standards.catalogue.get(code)
    if found is None:
        abort(404)
    return found


@blueprint.get("/matters/<code>")
def matter(code: str) -> Answer:
    """One matter, to be filled in."""
    found = _matter(open_desk(), code)
    cells = matter_cells(found)
    typed = {name: cells[name] for name in FIELDS if name != "instant"}
    typed |= {"instant": "yes"} if found.instant else {}
    typed |= {f"handling-{m.position}": m.handling.value for m in found.materials}
    return _matter_page(found, Form({**typed, "was": _mark_of(found)}))


def _matter_page(found: Matter, form: Form, problem: str = "", status: int = 200) -> Answer:
    page = render_template(
        "central/standards_matter.html",
        matter=found,
        form=form,
        problem=problem,
        was=_mark_of(found),
        columns={name: column_of("items", name) for name in FIELDS},
        words=columns,
        unconfirmed=_unconfirmed(found),
        rule=load_rules().get(found.code),
        handlings=list(columns.HANDLINGS.items()),
    )
    return page, status


def _unconfirmed(found: Matter) -> dict[str, str]:
    """The hint of each field whose value nobody has confirmed."""
    hint = "初始值，还没有人核对；存了就算核对过"
    marks = dict.fromkeys(found.sample, hint)
    return marks | {f"handling-{m.position}": hint for m in found.materials if m.sample}


@blueprint.post("/matters/<code>")
def keep_matter(code: str) -> Answer:
    """Check what was typed and keep it in the draft."""
    desk, form = open_desk(), Form(request.form)
    found = _matter(desk, code)
    new = _read_matter(found, form)
    if new is None:
        return _matter_page(found, form, status=422)
    if _changed_meanwhile(form, found):
        return _matter_page(found, form, MEANWHILE, 409)
    return _kept(
        desk,
        with_matter(desk.standards, new),
        lambda: _matter_page(found, form, MEANWHILE, 409),
        f"{new.name}已存进草稿",
        url_for(".matters", which="open" if request.form.get("next") else None),
    )


def _read_matter(found: Matter, form: Form) -> Matter | None:
    typed = {name: form.value(name) for name in FIELDS} | {
        "instant": "1" if form.value("instant") else "0"
    }
    row = _checked("items", {**matter_cells(found), **typed}, form)
    if form.value("instant") and not found.instant and found.code not in load_rules():
        form.fail("instant", "这个事项还没有秒批规则，不能列入")
    materials = []
    for spec in found.materials:
        field = f"handling-{spec.position}"
        chosen = form.choice(field, [h.value for h in Handling], required=not spec.identity)
        cells = {**material_cells(spec), "item": found.code}
        cells["handling"] = "" if spec.identity else chosen
        materials.append(material_of(cells, found.result_licence, found.variant))
    if not form.ok or row is None:
        return None
    return matter_of(row, materials, found.guide)


def _checked(table: str, cells: dict[str, str], form: Form) -> dict[str, str] | None:
    """A row in its proper form; what is wrong with it is said at the form's fields."""
    order: tuple[Column, ...] = COLUMNS[table]
    line, problems = check_row(table, order, (0, [cells[c.name] for c in order]), "")
    for problem in problems:
        name = next(c.name for c in order if c.zh == problem.column)
        form.fail(name, f"{problem.column}：{problem.words}")
    return None if problems else line.cells


def _kept(
    desk: Desk, standards: Standards, again: Callable[[], Answer], words: str, url: str
) -> Answer:
    try:
        save(desk, standards)
    except Overtaken:
        return again()
    say(words)
    return redirect(url, 303)


# points


@blueprint.get("/points")
def points() -> Answer:
    """Every point: what of it is filled in, and whether mail may go there."""
    found = open_desk().standards
    return render_template(
        "central/standards_points.html",
        rows=[(p, _contact_state(p)) for p in found.points],
        open=sum(ready_for_mail(p, sample=False) for p in found.points),
        sample=found.catalogue.sample,
    )


def _contact_state(point: Point) -> tuple[str, str]:
    if ready_for_mail(point, sample=False):
        return "green", "已开通邮寄"
    lacking = {"address", "phone", "hours"} & set(point.sample)
    return ("amber", "地址、电话、办公时间待填") if lacking else ("amber", "没有开通邮寄")


def _point(desk: Desk, code: str) -> Point:
    found = next((p for p in desk.standards.points if p.code == code), None)
    if found is None:
        abort(404)
    return found


@blueprint.get("/points/<code>")
def point(code: str) -> Answer:
    """One point, to be filled in."""
    found = _point(open_desk(), code)
    typed = {n: v for n, v in point_cells(found).items() if n not in found.sample}
    typed["open_for_mail"] = "yes" if typed.get("open_for_mail") == "1" else ""
    return _point_page(found, Form(typed))


def _point_page(found: Point, form: Form, problem: str = "", status: int = 200) -> Answer:
    page = render_template(
        "central/standards_point.html",
        point=found, form=form, problem=problem, was=_mark_of(found),
    )  # fmt: skip
    return page, status


@blueprint.post("/points/<code>")
def keep_point(code: str) -> Answer:
    """Check what was typed of a point and keep it in the draft."""
    desk, form = open_desk(), Form(request.form)
    found = _point(desk, code)
    typed = {name: form.value(name) for name in ("address", "phone", "hours")}
    wish = "1" if form.value("open_for_mail") else "0"
    if not any(typed.values()):
        form.fail("address", "地址：没有填")
    row = _checked("points", {**point_cells(found), **typed, "open_for_mail": wish}, form)
    if row is None or not form.ok:
        return _point_page(found, form, status=422)
    if _changed_meanwhile(form, found):
        return _point_page(found, form, MEANWHILE, 409)
    new = with_contact(
        found, address=row["address"], phone=row["phone"], hours=row["hours"],
        open_for_mail=row["open_for_mail"] == "1",
    )  # fmt: skip
    return _kept(
        desk,
        with_point(desk.standards, new),
        lambda: _point_page(found, form, MEANWHILE, 409),
        f"{new.name}已存进草稿",
        url_for(".points"),
    )


# calendars


@blueprint.get("/calendar")
def calendar() -> Answer:
    """The years that are published, and one to be typed."""
    standards = open_desk().standards
    year = request.args.get("year", type=int) or _next_year(standards)
    found = next((t for t in standards.calendar if t.year == year), None)
    typed = {"year": str(year)}
    if found:
        typed |= {"notice": found.notice, "days": year_text(found)}
    return _calendar_page(standards, Form(typed))


def _next_year(standards: Standards) -> int:
    years = {table.year for table in standards.calendar}
    return next(y for y in range(today().year, today().year + 99) if y not in years)


def _calendar_page(standards: Standards, form: Form, status: int = 200) -> Answer:
    years = {table.year: table for table in standards.calendar}
    page = render_template(
        "central/standards_calendar.html",
        form=form,
        years=[(y, t.notice, len(t.holidays)) for y, t in sorted(years.items(), reverse=True)],
        missing=[y for y in (today().year, today().year + 1) if y not in years],
    )
    return page, status


@blueprint.post("/calendar")
def keep_calendar() -> Answer:
    """Check a year's notice and keep it in the draft."""
    desk, form = open_desk(), Form(request.form)
    year, notice = (
        form.value("year").strip(),
        form.text("notice", missing_zh="请写通知的名称和文号"),
    )
    if not (year.isascii() and year.isdigit() and 2000 <= int(year) <= 2100):
        form.fail("year", "年份要写四位数字，例如 2027")
    table = _typed_year(form, year, notice) if form.ok else None
    if table is None:
        return _calendar_page(desk.standards, form, 422)
    return _kept(
        desk,
        with_year(desk.standards, table),
        lambda: _calendar_page(desk.standards, form, 409),
        f"{table.year} 年放假安排已存进草稿",
        url_for(".calendar"),
    )


def _typed_year(form: Form, year: str, notice: str) -> YearTable | None:
    table, problems = read_year(int(year), notice, form.value("days")[:YEAR_CHARS_MAX])
    for problem in problems[:1]:
        more = f"（还有 {len(problems) - 1} 处）" if len(problems) > 1 else ""
        form.fail("days", f"放假安排{problem}{more}" if problem[0] == "第" else problem)
    return table if form.ok else None
