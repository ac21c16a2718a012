"""The code on an issued paper: which paper it is, and the proof that a point of ours printed it.

    GL0172611220042K - A - 2026GL001 - 0042 - 017 ABCDEFGHIJKLMNOP
    case               kind  year, point and store, serial   who printed it, and the proof

Capitals, digits and hyphens alone, so that a QR holds it in alphanumeric mode. The proof is
HMAC-SHA256 cut to 80 bits, under the key of the point that printed it: a node needs no network, and
central can tell a paper of ours before it has heard of the case. It does not expire: a certificate
is checked years later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cases.issued import PaperKind
from cases.numbers import BadNumber, PaperNumber, SubjectKind, parse_number
from labels.tokens import Altered, NotAToken

_PROOF_BYTES: Final = 10
_PROOF_CHARS: Final = 16
_CODE: Final = re.compile(
    r"([0-9A-Z]{16}|[0-9A-Z]{20})-([A-Z])-([0-9]{4})([A-Z]{2})([0-9]{3})((?:[0-9A-Z]{4}){0,2})"
    r"-([0-9]{4,6})-([0-9]{3})([A-Z2-7]{16})"
)
_LETTERS: Final = {
    PaperKind.CORRECTION: "R",
    PaperKind.LAPSE: "L",
    PaperKind.SPECIAL_PROCEDURE: "S",
    PaperKind.EXTENSION: "E",
    PaperKind.ACCEPTANCE: "A",
    PaperKind.NON_ACCEPTANCE: "N",
    PaperKind.APPROVAL: "Y",
    PaperKind.REFUSAL: "X",
    PaperKind.DELIVERY: "D",
    PaperKind.CERTIFICATE: "C",
    PaperKind.APPROVAL_DOCUMENT: "P",
}
_KINDS: Final = {letter: kind for kind, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class PaperCode:
    """What a code says. ``number`` has no words: its series is empty."""

    case: str
    kind: PaperKind
    number: PaperNumber
    printer: int  # the number of the point that printed it

    def names(self, number: PaperNumber | None) -> bool:
        """Whether it is the code of a paper with this number."""
        return number is not None and number._replace(series="") == self.number


def mint_paper(key: bytes, code: PaperCode) -> str:
    """The code's text, proved with the printing point's ``key``."""
    body = _body(code)
    return f"{body}{_proof(key, body)}"


def read_paper(text: str, keys: Callable[[int], bytes | None]) -> PaperCode:
    """Read and prove a code. :raises NotAToken: it is none. :raises Altered: not ours, or changed.

    ``keys`` gives the key of a point by its number, None for a point that is not known.
    """
    code, plain = named_paper(text), text.strip().upper()
    body, proof = plain[:-_PROOF_CHARS], plain[-_PROOF_CHARS:]
    key = keys(code.printer)
    if key is None or not hmac.compare_digest(_proof(key, body), proof):
        raise Altered("this code was not printed by one of our points, or was changed since")
    return code


def named_paper(text: str) -> PaperCode:
    """What a code says of itself, not proved: where the key of who printed it is not at hand.

    :raises NotAToken: it is none.
    """
    match = _CODE.fullmatch(text.strip().upper())
    if match is None or match[2] not in _KINDS:
        raise NotAToken("this is not the code of one of our papers")
    number = PaperNumber(
        "", int(match[3]), int(match[5]), int(match[7]), match[6].lower(), match[4]
    )
    return PaperCode(_case(match[1]), _KINDS[match[2]], number, int(match[8]))


def paper_url(base: str, code: str) -> str:
    """The address that a paper's QR holds: ``HTTP://HOST:PORT/V/CODE``."""
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{base!r} is not an address like http://host:port")
    return f"{parts.scheme}://{parts.netloc}".upper() + f"{parts.path.rstrip('/')}/V/{code}"


def _case(compact: str) -> str:
    try:
        number = parse_number(compact)
    except BadNumber as error:
        raise NotAToken(f"this code names no case: {error}") from error
    if number.kind is not SubjectKind.CASE:
        raise NotAToken("this code names no case")
    return number.text


def _body(code: PaperCode) -> str:
    number = code.number
    store = f"{number.year:04d}{number.district}{number.point_number:03d}{number.suffix.upper()}"
    case = code.case.replace("-", "")
    return f"{case}-{_LETTERS[code.kind]}-{store}-{number.serial:04d}-{code.printer:03d}"


def _proof(key: bytes, body: str) -> str:
    proof = hmac.digest(key, f"doorstep paper:{body}".encode(), hashlib.sha256)[:_PROOF_BYTES]
    return base64.b32encode(proof).decode()
