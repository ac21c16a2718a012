"""The four digits that the recipient alone has (签收码): what a case's are, at central."""

from __future__ import annotations

from cases.folded import Case
from cases.numbers import parse_number
from central.context import district
from labels.tokens import delivery_code


def code_of(case: Case) -> str:
    """The code on the receipt of a case: cases that were received at once share one receipt."""
    key = district().secrets.token_key(parse_number(case.number).point_number)
    return delivery_code(key, case.group or case.number)
