"""The answer when this PC could not save: which trouble it is, what to do, and nothing lost."""

from __future__ import annotations

from contextlib import suppress

import structlog
from flask import Response, request

from courier.look.cards import ErrorCard
from courier.look.errors import KEPT_CHARS_MAX, SECRETS_OF_FORMS, error_page

log = structlog.get_logger("doorstep.node")

_WORDS = (
    ("full", "这台电脑的磁盘满了", "请清理磁盘（至少腾出 1 GB），再按下面的按钮重新提交。"),
    ("disk I/O", "这台电脑的磁盘写不进去", "请检查磁盘是否已满或有故障，再按下面的按钮重新提交。"),
    ("readonly", "数据目录不能写入", "请管理员检查数据目录的权限，再按下面的按钮重新提交。"),
    ("locked", "数据文件正忙", "请等一分钟，再按下面的按钮重新提交。"),
)
_OTHER = ("数据文件出了问题", "请不要重装或删除数据，联系区中心；处理好后按下面的按钮重新提交。")


def words(error: BaseException) -> tuple[str, str]:
    """What happened and what to do, for a database error."""
    said = f"{error} {error.__context__ or ''}"
    for mark, what, advice in _WORDS:
        if mark in said:
            return what, advice
    return _OTHER


def not_saved(error: BaseException) -> Response:
    """The page for a write that failed: nothing was saved, what was typed can be sent again."""
    what, advice = words(error)
    with suppress(OSError):  # the log may be on the same full disk; the page must still come
        log.error("not_saved", kind=type(error).__name__, said=str(error))
    pairs = tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in SECRETS_OF_FORMS
    )
    kept = pairs if sum(len(value) for _, value in pairs) <= KEPT_CHARS_MAX else ()
    card = ErrorCard(
        503,
        "没有保存成功",
        f"{what}，刚才这一步没有存下来，之前的内容不受影响。",
        advice,
        "回到首页",
        "/",
        resubmit_url=request.full_path.rstrip("?") if kept else None,
        kept=kept,
    )
    return error_page(card)
