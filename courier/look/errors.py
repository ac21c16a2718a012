"""Error pages: what happened, what it means, what to do next; never a bare number."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped, unused-ignore]
from werkzeug.exceptions import HTTPException

from courier.look.cards import ErrorCard
from courier.look.words import _

log = structlog.get_logger("doorstep.pages")
SECRETS_OF_FORMS = frozenset({"csrf_token", "password", "pin"})
KEPT_CHARS_MAX = 50_000


class Elsewhere(Exception):
    """Another page answers than the one that was asked for: raised from wherever that shows."""

    def __init__(self, answer: ResponseReturnValue) -> None:
        super().__init__()
        self.answer = answer


def wants_json() -> bool:
    """True for a script's request, which can do nothing with a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or best == "application/json"


def error_page(card: ErrorCard) -> Response:
    """The answer for an error: a page for people, JSON for scripts."""
    g.look_bare = True
    if wants_json():
        words = {"code": card.code, "title": card.title, "what": card.what, "advice": card.advice}
        return make_response(jsonify(error=words), card.code)
    try:
        page = render_template("look/errors.html", card=card)
    except Exception:
        # A strange host, or whatever broke the page, must not break the page that says so.
        log.exception("error_page_failed", code=card.code)
        return _plain_page(card)
    return make_response(page, card.code)


def _plain_page(card: ErrorCard) -> Response:
    words = f"{card.title}\n\n{card.what}\n{card.advice}\n{card.number}\n"
    response = make_response(words, card.code)
    response.mimetype = "text/plain"
    return response


def forbidden_page() -> Response:
    """The answer where who is signed in may not see a page."""
    return error_page(_card(403))


def signed_out_page(sign_in_url: str) -> Response:
    """The answer where a form was sent after its session had ended: nothing typed is lost."""
    card = ErrorCard(
        401,
        _("登录已过期"),
        _("您离开得太久，系统替您退出了。刚才提交的内容还没有保存。"),
        _("请在新打开的页面登录，再回到这一页重新提交。"),
        _("在新页面登录"),
        sign_in_url,
        **_kept(),
    )
    return error_page(card)


def register_errors(app: Flask) -> None:
    """Give the app its error pages."""
    app.register_error_handler(CSRFError, _csrf_expired)
    app.register_error_handler(Elsewhere, lambda error: error.answer)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, _broken)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = error_page(_card(error.code))
    if error.code == 405 and "Allow" in (made := error.get_response().headers):
        response.headers["Allow"] = made["Allow"]
    if error.code == 429 and "Retry-After" in (made := error.get_response().headers):
        response.headers["Retry-After"] = made["Retry-After"]
    return response


def _csrf_expired(_error: CSRFError) -> Response:
    card = ErrorCard(
        400,
        _("这一页放得太久了"),
        _("为了您的安全，放了太久的页面不能直接提交。您填的内容还没有提交，但没有丢。"),
        _("请按浏览器的“后退”，刷新后再提交一次。"),
        _("回到首页"),
        _home(),
        **_kept(),
    )
    return error_page(card)


def _kept() -> dict[str, Any]:
    """What was typed, to be offered again: only to a page that our own site's page led to.

    Without that condition a stranger's page could have its own form offered as the reader's.
    """
    pairs = [(k, v) for k, v in request.form.items(multi=True) if k not in SECRETS_OF_FORMS]
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not ours or not pairs or sum(len(v) for _k, v in pairs) > KEPT_CHARS_MAX:
        return {}
    return {"resubmit_url": request.full_path.rstrip("?"), "kept": tuple(pairs)}


def _broken(error: HTTPException) -> Response:
    number = secrets.token_hex(4)
    cause = getattr(error, "original_exception", None)
    log.error("page_failed", number=number, kind=type(cause).__name__)
    g.look_bare = True
    card = ErrorCard(
        500,
        _("这一步没有做成"),
        _("是系统出了问题，不是您填错了。已经保存的内容不会受影响。"),
        _("请稍等一分钟，按“后退”再试一次。还是不行，请把下面的编号告诉工作人员。"),
        _("回到首页"),
        _home(),
        number=number,
    )
    return error_page(card)


def _home() -> str:
    return str(current_app.extensions["look"].home)


def _card(code: int) -> ErrorCard:
    title, what, advice = _words(code)
    return ErrorCard(code, title, what, advice, _("回到首页"), _home())


def _words(code: int) -> tuple[str, str, str]:
    """Title, what it means and what to do, for an HTTP status."""
    table = {
        403: (
            _("这一页不在您的权限内"),
            _("您已登录，但您的岗位不能查看或办理这一项。"),
            _("如果工作需要，请找本受理点的管理员开通。"),
        ),
        404: (
            _("找不到这一页"),
            _("网址可能抄错了，或者这一页已经不用了。"),
            _("请核对网址或重新扫描二维码；也可以从首页重新开始。"),
        ),
        405: (
            _("这一页不能这样打开"),
            _("这个网址只用来接收提交的内容，不能直接打开。"),
            _("请按“后退”回到刚才的页面，再按页面上的按钮。"),
        ),
        413: (
            _("内容太大了"),
            _("提交的内容超过了 1 MB，没有收下。"),
            _("请按“后退”，删减文字或换一张小一点的图片再提交。"),
        ),
        429: (
            _("操作太快了"),
            _("短时间内试了太多次，系统先停一停，以防有人猜号码。"),
            _("请等一分钟再试，不需要重新填写。"),
        ),
    }
    unreadable = (
        _("没有看懂这次提交"),
        _("提交的内容不完整，没有保存。"),
        _("请按“后退”检查后再提交一次。"),
    )
    unavailable = (
        _("系统暂时办不了这一步"),
        _("不是您填错了。已经保存的内容不会受影响。"),
        _("请过几分钟按“后退”再试一次。"),
    )
    return table.get(code, unavailable if code >= 500 else unreadable)
