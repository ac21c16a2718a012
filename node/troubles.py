"""The answer when this PC could not save: which trouble it is, what to do, and nothing lost."""

from __future__ import annotations

from contextlib import suppress

import structlog
from flask import Response, request

from courier.look.cards import ErrorCard
from courier.look.errors import KEPT_CHARS_MAX, SECRETS_OF_FORMS, error_page
from sync.db import storage_error
from sync.errors import StorageError

log = structlog.get_logger("doorstep.node")

_OTHER = ("数据文件出了问题", "请不要重装或删除数据，联系区中心；处理好后按下面的按钮重新提交。")


def words(error: BaseException) -> tuple[str, str]:
    """What happened and what to do, for a trouble with the disk or the data file."""
    trouble = error if isinstance(error, StorageError) else storage_error(error, "")
    if trouble is None:
        return _OTHER
    return trouble.what, f"{trouble.advice}，再按下面的按钮重新提交。"


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
