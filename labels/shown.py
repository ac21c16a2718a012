"""What a resident shows at a window to have a case opened there: its receipt, or the notice of what
is to be corrected. Both are printed for them alone; other papers are shown to others too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import MAXYEAR, date

from cases.issued import PaperKind
from labels import tokens
from labels.paper_code import PaperCode, named_paper, read_paper


def case_named(text: str) -> tuple[str, date]:
    """The case that such a code says it is of, not proved, and the last day on which it is valid.

    :raises NotAToken: it is neither. :raises WrongPurpose: it is a code of ours for something else.
    """
    try:
        token = tokens.expect(tokens.named(text), tokens.Purpose.RECEIPT)
    except tokens.NotAToken:
        return _of_notice(named_paper(text))
    return token.target, token.expires


def case_shown(text: str, on: date, keys: Callable[[int], bytes | None]) -> str:
    """The case of such a code, proved. :raises TokenError: none of ours, expired, another paper.

    :param keys: of the case's parties alone; any other point could prove a notice that it made up.
    """
    try:
        return tokens.expect(tokens.read(text, on, keys), tokens.Purpose.RECEIPT).target
    except tokens.NotAToken:
        case, until = _of_notice(read_paper(text, keys))
    if on > until:
        raise tokens.Expired(f"{case}: the notice was valid until {until.isoformat()}")
    return case


def _of_notice(code: PaperCode) -> tuple[str, date]:
    """A notice bears its year alone: it is valid to the end of the next, so no less than a year."""
    if code.kind is not PaperKind.CORRECTION:
        raise tokens.WrongPurpose(f"{code.case}: this paper opens no case at a window")
    return code.case, date(min(code.number.year + 1, MAXYEAR), 12, 31)
