"""What a resident hands in on the phone: done, or told in words why it was not."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue

from cases.fields import BadField
from courier.look.cards import ErrorCard
from courier.look.errors import error_page
from courier.look.forms import Form
from courier.look.words import _
from courier.slip_desk import TooMany
from sync.errors import RemoteError


def tried(form: Form, field: str, work: Callable[[], None]) -> int:
    """Do it. :returns: 0, or the status of the page that says why it was not done."""
    try:
        work()
    except BadField as wrong:
        form.fail(field, wrong.message_zh, wrong.message_en)
        return 400
    except TooMany as wait:
        minutes = (wait.wait_seconds + 59) // 60
        form.fail(
            field,
            f"交得太快太多，请过 {minutes} 分钟再试。",
            f"Too many at once. Please wait {minutes} minutes.",
        )
        return 429
    except (RemoteError, OSError):
        form.fail(
            field,
            "线路断了，还没有收下。填的都在，请过一会儿再按一次；按两次也只算一次。",
            "The line broke; nothing was received yet. Press again in a while: it counts once.",
        )
        return 503
    return 0


def too_large() -> ResponseReturnValue:
    """The file is larger than one may be."""
    return error_page(
        ErrorCard(
            413,
            _("文件太大，没有收下"),
            _("一份最多 20 MB。"),
            _("请用手机直接拍照，或者分成几份交。"),
            _("再试一次"),
            request.path,
        )
    )
