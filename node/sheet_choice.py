"""Which label paper this PC's printer has: chosen on the page that prints, remembered by the PC."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from labels.sheets import Sheet, formats

COOKIE = "label_sheet"
KEPT_S = 400 * 86_400  # as long as a browser keeps a cookie at most


def chosen() -> Sheet:
    """The paper that the form or address names, else the one chosen last at this PC."""
    return formats().sheet(request.values.get("sheet") or request.cookies.get(COOKIE, ""))


def first_label(sheet: Sheet) -> int:
    """How many labels of the first sheet are used up, as the form or address says."""
    typed = request.values.get("first", "")
    used = int(typed) - 1 if typed.isascii() and typed.isdigit() else 0
    return used if 0 <= used < sheet.labels else 0


def remember(answer: Response, sheet: Sheet) -> Response:
    """Let this PC's browser remember the paper."""
    answer.set_cookie(COOKIE, sheet.code, max_age=KEPT_S, httponly=True, samesite="Lax")
    return answer
