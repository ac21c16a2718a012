"""The administrator's pages of the carriers: numbers, what is to be fetched, what carriers tell."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.numbers import BadNumber
from cases.reading import BadData
from cases.times import shown
from cases.tracking import FORMATS, OWN
from central.accounts import ADMIN
from central.carrier_alerts import note_homes, pool_alert
from central.carrier_db import ODD, CarrierDb, Given, Kept, Poll, Standing, pretty
from central.carrier_hand_over import hand_over, note, waiting
from central.carrier_poll import silent
from central.carrier_ranges import Taken, Wrong, range_of, ranges_in
from central.carriers import carriers_of, open_carrier_db
from central.config import Mail
from central.context import bundle, district, now, portal_db, server, store
from central.leases import LEASES, Overlapping, Range, Stock, add_ranges, stock
from central.setup import epoch
from central.sheets import FILE_BYTES_MAX, read_sheets
from courier.carriers import carrier_zh
from courier.carriers.ports import Carrier, Reading
from courier.look import say, show_place
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.files import let_files_in
from courier.look.forms import Form
from courier.look.signin import current_account, refuse
from sync.errors import RemoteError

SHOWN_MAX = 200
STANDINGS_ZH = {
    Standing.CONTRARY: ("前后矛盾", "邮件的状态没有动，承运方的话记在它的经过里。请打电话问清。"),
    Standing.UNKNOWN: ("看不懂的状态码", "请把它补进状态码对照表，重新启动后自动再认。"),
    Standing.FOREIGN: ("不是我们的号", "受理点上报以后会自动认上；一直在这里的，请告诉承运方。"),
    Standing.UNREAD: ("读不了的行", "请按承运方发来的原样核对，让它重发。"),
}
Answer = ResponseReturnValue

blueprint = Blueprint(
    "carriers", __name__, url_prefix="/board/carriers", template_folder="templates"
)


@blueprint.before_request
def guard() -> Answer | None:
    """Administrators only."""
    show_place("区中心邮路管理")
    return refuse(ADMIN, door="signin")


def too_large() -> Answer:
    """The file is larger than a table may be."""
    what = f"一次最多 {FILE_BYTES_MAX // 1_000_000} MB，什么都没有变。"
    card = ErrorCard(
        413, "文件太大，没有导入", what, "请分几次导入。", "回邮路", url_for(".numbers")
    )
    return error_page(card)


let_files_in(
    blueprint, "import_ranges", "send_reports", bytes_max=FILE_BYTES_MAX, too_large=too_large
)


def carrier_alerts() -> tuple[str, ...]:
    """What the board's first page says of the carriers, because somebody must look after it."""
    with closing(open_carrier_db(district())) as db:
        return db.alerts()


def _carrier() -> Carrier:
    """The carrier whose ranges are imported and who reports by file: there is one."""
    mail = district().config.mail
    carriers = carriers_of(mail)
    return next(each for each in carriers.values() if each.reports_by_file)


# numbers


@blueprint.get("")
def numbers() -> Answer:
    """Whose numbers the points are given, the ranges, and a form for a new one."""
    return _numbers(Form())


def _numbers(form: Form, wrong: tuple[Wrong, ...] = (), status: int = 200) -> Answer:
    carrier, mail = _carrier(), district().config.mail
    try:
        found = server().database(LEASES)
        rows, restored = stock(found), str(epoch(server()).get("restored") or "")
    except RemoteError:
        rows, restored = None, ""
    left = sum(row.left for row in rows or () if row.range.carrier == carrier.code)
    page = render_template(
        "central/carrier_numbers.html",
        form=form,
        wrong=wrong[:SHOWN_MAX],
        mail=_sent_by(mail),
        carrier=carrier_zh(carrier.code),
        in_use=carrier.code in mail.used,
        alert=pool_alert(left, carrier.code) if rows is not None else "",
        empty=left == 0,
        rows=None if rows is None else [_stock_row(row) for row in rows],
        restored=shown(restored, now()) if restored else "",
        examples=" 或 ".join(FORMATS[code].example for code in carrier.formats),
        total=f"还能发 {left} 个" if rows else "",
    )
    return page, status


def _sent_by(mail: Mail) -> str:
    """Who carries the mail, and at how many points it is their own people instead."""
    words = carrier_zh(mail.carrier)
    if not mail.own_points or mail.carrier == OWN:
        return words
    return f"{words}；{len(mail.own_points)} 个点用{carrier_zh(OWN)}"


def _stock_row(row: Stock) -> tuple[str, ...]:
    whole = row.range
    return (
        f"{whole.number(whole.first)} — {whole.number(whole.last)}",
        str(whole.count), str(row.leased), str(row.held_back), str(row.left),
        f"{whole.by} {shown(whole.at, now())}".strip() if whole.at else "",
    )  # fmt: skip


@blueprint.post("")
def import_ranges() -> Answer:
    """Import one range that was typed, or those of a table: all of them or none."""
    form, carrier = Form(request.form), _carrier()
    by, at = _who(), now()
    file = request.files.get("file")
    try:
        if file is not None and file.filename:
            taken = ranges_in(carrier, read_sheets(file.filename, file.stream.read()), at=at, by=by)
        else:
            taken = _typed(form, carrier, at, by)
    except BadData as problem:
        taken = Taken((), (Wrong(0, str(problem)),))
    if str(epoch(server()).get("restored") or "") and not form.ticked("unused"):
        form.fail("unused", "请先确认：恢复备份以前没有导入过这些号")
    if taken.wrong or not form.ok:
        return _numbers(form, taken.wrong, 422)
    try:
        add_ranges(server().database(LEASES), [each for _, each in taken.ranges])
    except Overlapping as problem:
        return _numbers(form, (_overlap(problem, taken),), 409)
    count = sum(each.count for _, each in taken.ranges)
    say(f"已导入 {len(taken.ranges)} 段，{count} 个号")
    return redirect(url_for(".numbers"), 303)


def _typed(form: Form, carrier: Carrier, at: str, by: str) -> Taken:
    first = form.text("first", missing_zh="请填首号，或者选一个表格文件")
    last = form.text("last", missing_zh="请填末号")
    if not (first and last):
        return Taken((), ())
    try:
        return Taken(((0, range_of(carrier, first, last, at=at, by=by)),), ())
    except BadNumber as problem:
        form.fail("first", problem.message_zh)
        return Taken((), ())


def _overlap(problem: Overlapping, taken: Taken) -> Wrong:
    row = next((row for row, each in taken.ranges if each == problem.new), 0)
    other: Range = problem.other
    return Wrong(
        row,
        f"和已经导入的 {other.number(other.first)} — {other.number(other.last)} 有重复的号，"
        "整批都没有导入",
    )


def _who() -> str:
    account = current_account("signin")
    return account.display if account else ""


# what is to be fetched


@blueprint.get("/hand-over")
def fetch() -> Answer:
    """Where parcels wait for the carrier, and what was handed over to it before."""
    carrier = _carrier()
    with closing(open_carrier_db(district())) as db:
        rows = waiting(store(), bundle(), db, carrier.code)
        given = db.hand_overs(carrier.code, SHOWN_MAX)
    return render_template(
        "central/carrier_fetch.html",
        carrier=carrier_zh(carrier.code),
        rows=rows,
        given=[_given_row(each) for each in given],
    )


@dataclass(frozen=True)
class GivenRow:
    """An earlier hand-over, in words."""

    number: int
    point: str
    when: str
    who: str
    count: int
    undone: str
    kept: bool


def _given_row(given: Given) -> GivenRow:
    place = bundle().directory.find(given.point)
    name = place.name if place else given.point
    when = shown(given.at, now())
    return GivenRow(
        given.number, name, when, given.who, given.parcels, given.undone, given.kept
    )  # fmt: skip


@blueprint.post("/hand-over/<point>")
def hand_over_file(point: str) -> Answer:
    """Hand over what waits at a point: from now on it stands in that list only."""
    place, account = bundle().directory.find(point), current_account("signin")
    if place is None or account is None:
        abort(404)
    carrier = _carrier()
    with closing(open_carrier_db(district())) as db:
        given = hand_over(store(), db, portal_db(), carrier, place, who=account, now=now())
        note_homes(db, store(), carrier.code)
    if given is None:
        say(f"{place.name}没有新的邮件要交：刚才的请在下面“交过的”里下载")
    else:
        name = carrier_zh(carrier.code)
        say(f"第 {given.number} 次交寄，{given.parcels} 件：请下载清单交给{name}")
    return redirect(url_for(".fetch"), 303)


@blueprint.post("/hand-over/given/<int:number>/file")
def given_file(number: int) -> Answer:
    """The file of a hand-over exactly as it was; who had it is noted."""
    account = current_account("signin")
    with closing(open_carrier_db(district())) as db:
        given = next((g for g in db.hand_overs(_carrier().code) if g.number == number), None)
        content, parcels = db.file_of(number), db.parcels_of(number)
    if account is None or given is None or not content:
        abort(404)
    note(portal_db(), parcels, account.id, now())
    body = Response(content, mimetype="text/csv")
    body.headers["Content-Type"] = f"text/csv; charset={given.encoding}"
    body.headers["Content-Disposition"] = f'attachment; filename="{given.file}"'
    return body


@blueprint.post("/hand-over/given/<int:number>/undo")
def undo_given(number: int) -> Answer:
    """The file never reached the carrier: its parcels wait again."""
    with closing(open_carrier_db(district())) as db:
        if all(given.number != number for given in db.hand_overs(_carrier().code)):
            abort(404)
        done = db.undo_hand_over(number, f"{_who()}，{shown(now(), now())}")
        note_homes(db, store(), _carrier().code)
    after = "里面的邮件重新等着交" if done else "先前已经撤过，没有再改"
    say(f"第 {number} 次交寄已撤回，{after}")
    return redirect(url_for(".fetch"), 303)


# what carriers tell


@dataclass(frozen=True)
class OddRow:
    """A report that waits for a person."""

    op: str
    tracking: str
    parcel: str
    why: str
    when: str
    raw: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OddGroup:
    """Reports that wait for the same reason."""

    title: str
    advice: str
    rows: tuple[OddRow, ...]


@blueprint.get("/reports")
def reports() -> Answer:
    """How asking stands, a form for a file, and what a person must look at."""
    return _reports(Form())


def _reports(form: Form, status: int = 200) -> Answer:
    carrier, mail = _carrier(), district().config.mail
    with closing(open_carrier_db(district())) as db:
        poll, counts = db.poll(carrier.code), db.counts()
        groups = tuple(group for state in ODD if (group := _group(db, state)))
    page = render_template(
        "central/carrier_reports.html",
        form=form,
        carrier=carrier_zh(carrier.code),
        asked=mail.status_url is not None,
        poll=_poll_words(poll),
        silent=silent(poll, now()),
        waiting=counts.get(Standing.WAITING, 0) + counts.get(Standing.STATED, 0),
        done=counts.get(Standing.DONE, 0),
        groups=groups,
    )
    return page, status


def _group(db: CarrierDb, state: Standing) -> OddGroup | None:
    rows = db.in_state(state, limit=SHOWN_MAX)
    if not rows:
        return None
    title, advice = STANDINGS_ZH[state]
    return OddGroup(title, advice, tuple(_odd_row(kept) for kept in rows))


def _odd_row(kept: Kept) -> OddRow:
    report = kept.report
    return OddRow(
        report.op, report.tracking, kept.parcel, kept.why, shown(report.when, now()),
        tuple(pretty(report.raw)),
    )  # fmt: skip


def _poll_words(poll: Poll) -> str:
    if not poll.tried:
        return "还没有问过"
    if poll.failures:
        ok = f"上一次问到是{shown(poll.succeeded, now())}" if poll.succeeded else "还没有问到过"
        again = shown(poll.next, now())
        return f"连续 {poll.failures} 次没有问到（{poll.words}），{ok}，{again}再问"
    return f"{shown(poll.succeeded, now())}问到，{poll.words}，{shown(poll.next, now())}再问"


@blueprint.post("/reports")
def send_reports() -> Answer:
    """Take in a file that the carrier sent."""
    form, carrier = Form(), _carrier()
    file = request.files.get("file")
    if file is None or not file.filename:
        form.fail("file", "还没有选文件。请选 XLSX 或 CSV")
        return _reports(form, 422)
    try:
        reading = _read(carrier, file.filename, file.stream.read())
    except BadData as problem:
        form.fail("file", str(problem))
        return _reports(form, 422)
    with closing(open_carrier_db(district())) as db:
        new = db.keep(carrier.code, reading, now(), "file")
    again = len(reading.reports) + len(reading.unread) - new
    say(f"收下 {new} 条，正在登记" + (f"；{again} 条以前收过，不再算" if again else ""))
    return redirect(url_for(".reports"), 303)


def _read(carrier: Carrier, name: str, content: bytes) -> Reading:
    found = [carrier.read_rows(sheet.rows, now()) for sheet in read_sheets(name, content)[:1]]
    if not found:
        raise BadData("文件里没有内容")
    return found[0]


@blueprint.post("/reports/<op>/settle")
def settle(op: str) -> Answer:
    """A person has looked at a report: it leaves the list, and what it said goes with it."""
    with closing(open_carrier_db(district())) as db:
        kept = db.find(op)
        if kept is None or kept.state not in ODD:
            abort(404)
        db.move(op, Standing.SETTLED, why=f"{kept.why}（{_who()} 处理）")
    say("已处理，不再列出")
    return redirect(url_for(".reports"), 303)
