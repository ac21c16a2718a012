"""Importing tables: sent, checked step by step with a bar, every mistake listed, then previewed."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.changes import changes
from cases.reading import BadData
from central import importing, standards_db
from central.importing import PROBLEMS_MAX, File, Import
from central.sheets import FILE_BYTES_MAX
from central.standards_db import Overtaken
from central.standards_desk import at_db, keep_import, open_desk, save
from central.standards_pages import SHOWN_MAX, change_rows, counts_of, guard, table_names
from courier.look import say
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.files import let_files_in
from courier.look.forms import Form

FILES_MAX = 12
Answer = ResponseReturnValue

blueprint = Blueprint(
    "imports", __name__, url_prefix="/board/standards/import", template_folder="templates"
)
blueprint.before_request(guard)


def too_large() -> Answer:
    """The files are larger than tables may be."""
    return error_page(
        ErrorCard(
            413,
            "文件太大，没有导入",
            f"一次最多 {FILE_BYTES_MAX // 1_000_000} MB。草稿和正在用的版本都没有变化。",
            "请删去表里的图片，或者分几次导入。",
            "回到导入",
            url_for(".send"),
        )
    )


let_files_in(blueprint, "send_files", bytes_max=FILE_BYTES_MAX, too_large=too_large)


@blueprint.get("")
def send() -> Answer:
    """Choose the files."""
    return _choose(Form())


def _choose(form: Form, status: int = 200) -> Answer:
    page = render_template(
        "central/standards_import.html",
        form=form,
        tables=table_names(),
        sample=open_desk().standards.catalogue.sample,
        size=FILE_BYTES_MAX // 1_000_000,
    )
    return page, status


@blueprint.post("")
def send_files() -> Answer:
    """Read the files; the checking follows in steps."""
    form = Form(request.form)
    came = [file for file in request.files.getlist("file") if file.filename]
    if not came:
        form.fail("file", "还没有选文件。请选 XLSX 或 CSV，可以一次选几个")
    if len(came) > FILES_MAX:
        form.fail("file", f"一次最多 {FILES_MAX} 个文件")
    if not form.ok:
        return _choose(form, 422)
    still = open_desk().standards.catalogue.sample and not form.ticked("official")
    files = [File(str(file.filename), file.stream.read()) for file in came]
    id = keep_import(importing.begin(files, sample=still))
    return redirect(url_for(".checking", id=id), 303)


def _found(id: str) -> Import:
    found = at_db(standards_db.read_import, id, Import)
    if found is None:
        abort(404)
    assert isinstance(found, Import)  # noqa: S101 what it was decoded as
    return found


@blueprint.get("/<id>")
def checking(id: str) -> Answer:
    """How far the checking is; what is wrong; or what would change."""
    return _page(id, _found(id))


def _page(id: str, found: Import, problem: str = "", status: int = 200) -> Answer:
    if not found.done:
        return render_template("central/standards_checking.html", id=id, found=found)
    rows, counts, total = [], [], 0
    if not found.problems:
        standards = open_desk().standards
        try:
            would = changes(standards, importing.applied(found, standards))
        except BadData as wrong:
            would, problem = (), f"草稿在这期间改过，和这批表对不上了：{wrong}。请重新导入。"
        rows, counts, total = change_rows(would), counts_of(would), len(would)
    page = render_template(
        "central/standards_report.html",
        id=id,
        found=found,
        problems=found.problems[:PROBLEMS_MAX],
        problem=problem,
        rows=rows,
        counts=counts,
        more=max(total - SHOWN_MAX, 0),
        total=total,
    )
    return page, status


@blueprint.post("/<id>/step")
def check_on(id: str) -> Answer:
    """Check the next rows."""
    found = _found(id)
    if not found.done:
        importing.step(found, open_desk().standards)
        keep_import(found, id)
    if not request.headers.get("HX-Request"):
        return redirect(url_for(".checking", id=id), 303)
    if found.done:
        return "", 200, {"HX-Redirect": url_for(".checking", id=id)}
    return render_template("central/standards_progress.html", id=id, found=found)


@blueprint.post("/<id>/take")
def take(id: str) -> Answer:
    """Put what was imported into the draft."""
    found, desk = _found(id), open_desk()
    if not found.done or found.problems:
        return _page(id, found, status=409)
    try:
        save(desk, importing.applied(found, desk.standards))
    except BadData as wrong:
        return _page(id, found, f"草稿在这期间改过，和这批表对不上了：{wrong}", 409)
    except Overtaken:
        return _page(id, found, "别人刚刚改了草稿。请看过下面的改动，再按一次。", 409)
    at_db(standards_db.drop_imports, id=id)
    say("已放进草稿，还没有发布")
    return redirect(url_for("standards.preview"), 303)


@blueprint.post("/<id>/drop")
def drop_import(id: str) -> Answer:
    """Throw an import away."""
    at_db(standards_db.drop_imports, id=id)
    say("没有导入，草稿没有变化")
    return redirect(url_for(".send"), 303)
