"""The board's pages of the mail: what is to be looked after, and a month's accounts."""

from __future__ import annotations

import csv
from collections import Counter
from io import StringIO

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.times import shown
from central import bill_db, mail_month, mail_statement, mail_tables
from central.accounts import ADMIN, SUPERVISOR
from central.bill_desk import accounts, at_db, me
from central.bill_pages import month_zh, months
from central.board import LIST_MAX
from central.board_cards import (
    Listing,
    Row,
    as_of,
    mail_links,
    name_of,
    subject_url,
    waited,
    watching,
)
from central.context import bundle, now, store
from central.mail_month import MonthBook
from central.mail_tables import postage
from central.sent_mail import is_month
from central.workbook import TYPE, workbook
from courier.look import say, show_address, show_place
from courier.look.cards import Light, Stat
from courier.look.signin import current_account, refuse
from courier.postage import samples, yuan
from courier.watch import KINDS_ZH, Kind, Watched
from labels.statement import statement

REFRESH_SECONDS = 60
PROBLEMS_MAX = 200
_RED = (Kind.DISPUTED, Kind.LOST, Kind.MISSING, Kind.ORIGINAL)
Answer = ResponseReturnValue

blueprint = Blueprint("post", __name__, url_prefix="/board/mail", template_folder="templates")


@blueprint.before_request
def guard() -> Answer | None:
    """Supervisors and administrators."""
    show_place("区中心监督看板")
    return refuse(SUPERVISOR, ADMIN, door="signin")


@blueprint.get("")
def watched() -> Answer:
    """Everything that somebody has to look after, with whose it is and what comes next."""
    kind = request.args.get("kind", "")
    if kind and kind not in {each.value for each in Kind}:
        abort(404)
    found = watching()
    chosen = [one for one in found if kind in ("", one.kind.value)]
    listing = Listing(
        KINDS_ZH[Kind(kind)] if kind else "要盯的邮件和原件",
        ("邮件或办件", "为什么", "从什么时候起", "谁负责", "下一步"),
        tuple(_row(one) for one in chosen[:LIST_MAX]),
        f"共 {len(chosen)} 条，等得最久的在前",
        "没有要盯的",
    )
    words, stale = as_of()
    return render_template(
        "central/mail_watch.html",
        listing=listing,
        links=mail_links(),
        kinds=_kinds(found),
        as_of=words,
        stale=stale,
        refresh=REFRESH_SECONDS,
    )


def _row(one: Watched) -> Row:
    cells = (KINDS_ZH[one.kind], waited(one.since), name_of(one.owner), one.next)
    return Row(one.subject, subject_url(one.subject), cells)


def _kinds(found: tuple[Watched, ...]) -> list[Stat]:
    counts = Counter(one.kind for one in found)
    figures = []
    for kind, words in KINDS_ZH.items():
        light: Light = "red" if kind in _RED else "amber"
        light = light if counts[kind] else "green"
        url = url_for(".watched", kind=kind.value)
        figures.append(
            Stat(str(counts[kind]), words, url, light, "要处理" if counts[kind] else "没有")
        )
    return figures


# the tables that postage goes by


@blueprint.get("/tables")
def tables() -> Answer:
    """What carriers ask and who bears it, and who answers for that."""
    return _tables()


def _tables(problems: tuple[mail_tables.Problem, ...] = (), status: int = 200) -> Answer:
    account, held = current_account("signin"), mail_tables.kept()
    cards = [
        (name, title, f"{held[name][2]} {shown(held[name][1], now())}" if name in held else "")
        for name, title in mail_tables.TITLES.items()
    ]
    page = render_template(
        "central/mail_tables.html",
        cards=cards,
        problems=problems[:PROBLEMS_MAX],
        links=mail_links(),
        may_change=account is not None and ADMIN in account.roles,
        reach=_reach(),
    )
    return page, status


def _reach() -> str:
    """Where free mail goes, in words."""
    found = postage()
    every = bundle().divisions.provinces()
    without = [each.name for each in every if not found.reach(each.code).free]
    words = f"除{'、'.join(without)}外全国免费寄到" if without else "全国各省都免费寄到"
    sample = any(found.reach(each.code).sample for each in every)
    return f"{words}；多少天送到按省份算{'，天数是样例数据' if sample else ''}。"


@blueprint.get("/tables/<name>.csv")
def table(name: str) -> Answer:
    """A table as people fill it in."""
    if name not in mail_tables.TITLES:
        abort(404)
    content = mail_tables.as_filled_in(name).encode("utf-8-sig")
    return _file(content, "text/csv", f"{name}.csv")


@blueprint.post("/tables/<name>")
def send_table(name: str) -> Answer:
    """Take a table that was filled in: whole, or not at all. Administrators only."""
    if refused := refuse(ADMIN, door="signin"):
        return refused
    if name not in mail_tables.TITLES:
        abort(404)
    show_address(url_for(".tables"))
    file = request.files.get("file")
    if file is None or not file.filename:
        return _tables(((0, "", "还没有选文件"),), 422)
    try:
        text = mail_tables.read_filled_in(name, str(file.filename), file.stream.read())
    except mail_tables.Wrong as wrong:
        return _tables(wrong.problems, 422)
    at_db(bill_db.keep_table, name, now(), me(), text)
    say(f"{mail_tables.TITLES[name]}已换上，以后按它算")
    return redirect(url_for(".tables"), 303)


# a month's accounts


@blueprint.get("/accounts")
def of_month() -> Answer:
    """A month's accounts: as they were made last, or how far they are, or that they can be made."""
    month = _month(request.args.get("month", months()[0]))
    book = _read(month)
    ready = book is not None and bool(book.made_at)
    page = _figures(book) if book is not None and ready else {}
    return render_template(
        "central/mail_month.html",
        month=month,
        title=f"{month_zh(month)}寄递账",
        months=[(each, month_zh(each)) for each in months()],
        links=mail_links(),
        book=book,
        ready=ready,
        made=shown(book.made_at, now()) if book is not None and ready else "",
        sample=samples(postage(), postage().billing()),
        **page,
    )


def _month(text: str) -> str:
    return text if is_month(text) else abort(404)


def _read(month: str) -> MonthBook | None:
    found = at_db(bill_db.read_month, month, MonthBook)
    return found if isinstance(found, MonthBook) else None


def _figures(book: MonthBook) -> dict[str, object]:
    """The figures of a month that was gathered."""
    charges = mail_month.billed(at_db(bill_db.bills_of, book.month))
    lines, (results, posted) = mail_month.points(book, charges), mail_month.share(book)
    expected = sum(line.expected for line in lines)
    billed = sum(line.billed for line in lines)
    return {
        "figures": [
            Stat(str(sum(line.parcels for line in lines)), "件邮件交出", "#points"),
            Stat(
                f"{100 * posted / results:.0f}%" if results else "—",
                f"结果寄出（{results} 份里 {posted} 份）",
                "#points",
            ),
            Stat(yuan(expected), "应付邮费（元）", "#points"),
            Stat(yuan(billed), "承运方账单（元）", url_for("bills.index")),
        ],
        "points": [
            (name_of(line.point), line.point, line.parcels, yuan(line.expected),
             yuan(line.billed) if line.billed else "—", _share(line), line.unpriced)
            for line in lines
        ],
        "provinces": [
            (accounts().province_name(line.province), line.parcels, f"{line.median_days:g} 天",
             f"{postage().reach(line.province).days} 天内")
            for line in mail_month.provinces(book)
        ],
        "bearers": [
            (who, count, yuan(fen))
            for who, count, fen in mail_month.by_bearer(mail_month.priced(book.posted, charges))
        ],
    }  # fmt: skip


def _share(line: mail_month.PointLine) -> str:
    return f"{line.shared}/{line.results}" if line.results else "—"


@blueprint.post("/accounts/<month>")
def make(month: str) -> Answer:
    """Gather a month's accounts anew, from the first parcel on."""
    book = mail_month.begin(store(), _month(month), now())
    at_db(bill_db.keep_month, month, book)
    return redirect(url_for(".of_month", month=month), 303)


@blueprint.post("/accounts/<month>/step")
def step(month: str) -> Answer:
    """Gather on."""
    book = _read(_month(month)) or abort(404)
    if not book.made_at:
        mail_month.step(book, accounts(), now())
        at_db(bill_db.keep_month, month, book)
    url = url_for(".of_month", month=month)
    if not request.headers.get("HX-Request"):
        return redirect(url, 303)
    if book.made_at:
        say("已统计好")
        return "", 200, {"HX-Redirect": url}
    return render_template("central/mail_month_progress.html", month=month, book=book)


@blueprint.get("/accounts/<month>/points.csv")
def points_csv(month: str) -> Answer:
    """The postage of every point."""
    book = _made(month)
    charges = mail_month.billed(at_db(bill_db.bills_of, month))
    text = StringIO()
    out = csv.writer(text)
    out.writerow(
        ["受理点编码", "受理点", "邮件数", "应付（元）", "账单（元）", "结果数", "寄出的结果"]
    )
    for line in mail_month.points(book, charges):
        out.writerow(
            [line.point, name_of(line.point), line.parcels, f"{line.expected / 100:.2f}",
             f"{line.billed / 100:.2f}", line.results, line.shared]
        )  # fmt: skip
    return _file(text.getvalue().encode("utf-8-sig"), "text/csv", f"postage-{month}.csv")


@blueprint.get("/accounts/<month>/<point>.xlsx")
def statement_sheet(month: str, point: str) -> Answer:
    """A point's statement as a spreadsheet."""
    book, name = _made(month), _point(point)
    charges = mail_month.billed(at_db(bill_db.bills_of, month))
    mine = mail_statement.chosen(book, point, charges)
    table = mail_statement.sheet(book, name, mine, charges, accounts())
    return _file(workbook(table), TYPE, f"statement-{month}-{point}.xlsx")


@blueprint.get("/accounts/<month>/<point>.pdf")
def statement_paper(month: str, point: str) -> Answer:
    """A point's statement on paper."""
    book, name = _made(month), _point(point)
    charges = mail_month.billed(at_db(bill_db.bills_of, month))
    mine = mail_statement.chosen(book, point, charges)
    content = statement(mail_statement.paper(book, name, mine, charges, accounts()))
    return _file(content, "application/pdf", f"statement-{month}-{point}.pdf", "inline")


def _made(month: str) -> MonthBook:
    book = _read(_month(month))
    return book if book is not None and book.made_at else abort(404)


def _point(code: str) -> str:
    found = bundle().directory.find(code) or abort(404)
    return found.name


def _file(content: bytes, type: str, name: str, how: str = "attachment") -> Response:
    answer = Response(content, mimetype=type)
    answer.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    return answer
