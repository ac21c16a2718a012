"""QR tokens: what a printed code says, and the proof that a point of ours printed it.

A token names a case, a parcel or a point, a purpose and an expiry. It is 20 bytes, so exactly 32
base32 characters with no spare bit: 10 bytes of payload and 10 bytes of HMAC-SHA256 under the key
of the point named in it. A node checks its own with no network, central checks every point's.

The payload, 80 bits from the highest down::

    version 4 | purpose 4 | point 10 | day 14 | serial 14 | suffixed 1 | suffix 20 | weeks 12 | 0

``day`` counts days and ``weeks`` weeks since 2020-01-01 (both last beyond 2060); ``suffix`` is the
four-character range of a store that continues another one's, five bits a character.

    TokenError          never retry: scan again, or look the subject up by its number
     ├─ NotAToken       not 32 base32 characters, or a layout this version does not know
     ├─ Altered         the code does not fit its proof, or names a point we do not know
     ├─ Expired         was ours, and its time is over
     └─ WrongPurpose    is ours and valid, but for something else
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

from cases.numbers import (
    SUFFIX_ALPHABET,
    BadNumber,
    case_number,
    manifest_number,
    parcel_number,
    parse_manifest_number,
    parse_number,
    visit_number,
)

TOKEN_CHARS: Final = 32
KEY_BYTES_MIN: Final = 16
#: How long what is printed or shown for a resident opens their page.
VALID_DAYS: Final = 366

_VERSION: Final = 1
_EPOCH: Final = date(2020, 1, 1)
_PAYLOAD_BYTES: Final = 10
# (name, bits) from the highest bit down; the names are those of the docstring's picture.
_LAYOUT: Final = (
    ("version", 4),
    ("purpose", 4),
    ("point", 10),
    ("day", 14),
    ("serial", 14),
    ("suffixed", 1),
    ("suffix", 20),
    ("weeks", 12),
    ("zero", 1),
)
# base32 has neither 0 nor 1 nor 8: a person who types one means the letter it looks like.
_LOOKALIKES: Final = str.maketrans("018", "OIB")


class TokenError(Exception):
    """A code that was read cannot be used. Never retried: the same code says the same again."""


class NotAToken(TokenError):
    """Not one of our codes at all."""


class Altered(TokenError):
    """Looks like one of ours, and was not printed by the point it names."""


class Expired(TokenError):
    """Was ours, and its time is over."""


class WrongPurpose(TokenError):
    """Is ours and valid, but for something else."""


class Purpose(Enum):
    """What a code is for, and with that what it names."""

    RECEIPT = 1  # a case: fill in the slip, see how far it is
    POSTER = 2  # a point: fill in a slip while queuing, the clerk attaches it
    WAYBILL = 3  # a parcel: the courier takes it over and delivers it
    MANIFEST = 4  # a manifest: the courier takes over all that it lists
    HOME = 6  # a visit: what was applied for from home, followed on the phone


_NUMBER_OF: Final = {
    Purpose.RECEIPT: case_number,
    Purpose.WAYBILL: parcel_number,
    Purpose.MANIFEST: manifest_number,
    Purpose.HOME: visit_number,
}
#: What only a courier opens: its address leads to the courier's app.
_COURIERS: Final = (Purpose.WAYBILL, Purpose.MANIFEST)
_NAMES: Final = {
    Purpose.RECEIPT: "a receipt (a case)",
    Purpose.POSTER: "a poster (a point)",
    Purpose.WAYBILL: "a waybill (a parcel)",
    Purpose.MANIFEST: "a manifest (a bag of parcels)",
    Purpose.HOME: "a resident's phone (a visit)",
}


@dataclass(frozen=True, slots=True)
class Token:
    """What a valid code says."""

    purpose: Purpose
    target: str  # the case's, parcel's or manifest's number; a poster's point as three digits
    point: int  # 1 to 999: whose key proved it
    expires: date  # the last day on which it is valid


def point_key(master: bytes, point_number: int) -> bytes:
    """The key of one point (32 bytes), derived from central's master key.

    Central keeps only ``master``; a point is given only its own key.
    """
    _check_point(point_number)
    return hmac.digest(_strong(master), f"doorstep point {point_number:03d}".encode(), "sha256")


def mint(key: bytes, purpose: Purpose, target: str, expires: date) -> str:
    """Make the token for ``target``, signed with its point's ``key``.

    ``target`` is a case number (RECEIPT), a parcel number (WAYBILL), a manifest's (MANIFEST) or a
    point's number as three digits (POSTER). Expiry is kept in weeks: the token is never valid for
    less than asked, and for six days longer at most. Raises ValueError when target and purpose do
    not fit.
    """
    fields = _point_fields(target) if purpose is Purpose.POSTER else _fields(purpose, target)
    fields |= {"version": _VERSION, "purpose": purpose.value, "weeks": _weeks(expires), "zero": 0}
    payload = _pack(fields)
    return base64.b32encode(payload + _proof(_strong(key), purpose, payload)).decode()


def read(token: str, now: date, keys: Callable[[int], bytes | None]) -> Token:
    """Read and prove a token on the day ``now``.

    ``keys`` gives the key of a point by its number, None for a point that is not known. Lower case,
    surrounding spaces and the look-alikes 0, 1 and 8 are forgiven. Raises NotAToken, Altered or
    Expired.
    """
    raw = _decode(token)
    payload, proof = raw[:_PAYLOAD_BYTES], raw[_PAYLOAD_BYTES:]
    fields = _unpack(payload)
    purpose = _purpose(fields)
    key = keys(fields["point"])
    if key is None or not hmac.compare_digest(_proof(_strong(key), purpose, payload), proof):
        raise Altered("this code was not printed by one of our points, or was changed since")
    found = Token(purpose, _target(purpose, fields), fields["point"], _expiry(fields["weeks"]))
    if now > found.expires:
        raise Expired(f"{found.target}: the code was valid until {found.expires.isoformat()}")
    return found


def named(token: str) -> Token:
    """What a code says of itself, not proved: where the key of the point it names is not at hand.

    Raises NotAToken.
    """
    fields = _unpack(_decode(token)[:_PAYLOAD_BYTES])
    purpose = _purpose(fields)
    return Token(purpose, _target(purpose, fields), fields["point"], _expiry(fields["weeks"]))


def expect(token: Token, purpose: Purpose) -> Token:
    """Give back ``token`` when it is for ``purpose``; WrongPurpose otherwise."""
    if token.purpose is not purpose:
        raise WrongPurpose(
            f"{token.target}: this is the code of {_NAMES[token.purpose]}, "
            f"what is needed here is {_NAMES[purpose]}"
        )
    return token


def url(base: str, token: str) -> str:
    """The address that a QR holds: ``HTTP://HOST:PORT/T/TOKEN``, ``/W/…`` for a courier's.

    Scheme and host are in upper case, where case means nothing, so that the code is made in QR's
    alphanumeric mode and stays small. A path in ``base`` keeps its case, since there it matters.
    """
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{base!r} is not an address like http://host:port")
    door = "W" if _purpose(_unpack(_decode(token)[:_PAYLOAD_BYTES])) in _COURIERS else "T"
    root = f"{parts.scheme}://{parts.netloc}".upper()
    return f"{root}{parts.path.rstrip('/')}/{door}/{token.upper()}"


def token_in(scanned: str) -> str:
    """The token within what a scanner typed: the last part of an address, or all of it.

    Nothing is checked here; ``read`` does that.
    """
    return scanned.strip().rstrip("/").rpartition("/")[2]


def delivery_code(key: bytes, what: str) -> str:
    """The four digits that the recipient alone has (签收码): on the receipt, on no parcel.

    ``key`` is the receiving point's, ``what`` the case's number, or the group of those received at
    once. Whoever may try often guesses it, so wrong ones are counted where it is asked for.
    """
    proof = hmac.digest(_strong(key), f"doorstep delivery code:{what}".encode(), hashlib.sha256)
    return f"{int.from_bytes(proof[:8], 'big') % 10_000:04d}"


def _strong(key: bytes) -> bytes:
    if len(key) < KEY_BYTES_MIN:
        raise ValueError(f"a key has {KEY_BYTES_MIN} bytes or more, not {len(key)}")
    return key


def _check_point(number: int) -> None:
    if not 1 <= number <= 999:
        raise ValueError(f"point {number} is not between 1 and 999")


def _point_fields(target: str) -> dict[str, int]:
    if len(target) != 3 or not (target.isascii() and target.isdigit()) or target == "000":
        raise ValueError(f"{target!r} is not a point's number in three digits")
    return {"point": int(target), "day": 0, "serial": 0, "suffixed": 0, "suffix": 0}


def _fields(purpose: Purpose, target: str) -> dict[str, int]:
    take_apart = parse_manifest_number if purpose is Purpose.MANIFEST else parse_number
    try:
        number = take_apart(target)
    except BadNumber as error:
        raise ValueError(f"{target!r} cannot be on {_NAMES[purpose]}: {error}") from error
    suffix = number.suffix.lower()
    if _NUMBER_OF[purpose](number.point_number, number.day, number.serial, suffix) != target:
        raise ValueError(f"{target!r} cannot be on {_NAMES[purpose]}")
    return {
        "point": number.point_number,
        "day": (number.day - _EPOCH).days,
        "serial": number.serial,
        "suffixed": int(bool(suffix)),
        "suffix": _suffix_bits(suffix),
    }


def _suffix_bits(suffix: str) -> int:
    bits = 0
    for character in suffix:
        bits = bits << 5 | SUFFIX_ALPHABET.index(character)
    return bits


def _suffix_text(bits: int) -> str:
    return "".join(SUFFIX_ALPHABET[bits >> shift & 31] for shift in (15, 10, 5, 0))


def _weeks(expires: date) -> int:
    return -((_EPOCH - expires).days // 7)


def _expiry(weeks: int) -> date:
    return _EPOCH + timedelta(weeks=weeks)


def _pack(fields: dict[str, int]) -> bytes:
    bits = 0
    for name, width in _LAYOUT:
        value = fields[name]
        if not 0 <= value < 1 << width:
            raise ValueError(f"{name} {value} does not fit into a token")
        bits = bits << width | value
    return bits.to_bytes(_PAYLOAD_BYTES, "big")


def _unpack(payload: bytes) -> dict[str, int]:
    bits = int.from_bytes(payload, "big")
    fields = {}
    for name, width in reversed(_LAYOUT):
        fields[name] = bits & (1 << width) - 1
        bits >>= width
    return fields


def _purpose(fields: dict[str, int]) -> Purpose:
    try:
        purpose = Purpose(fields["purpose"])
    except ValueError:
        raise NotAToken("this code is not one of ours") from None
    if fields["version"] != _VERSION or fields["zero"] or not 1 <= fields["point"] <= 999:
        raise NotAToken("this code is not one of ours, or of a newer version")
    return purpose


def _target(purpose: Purpose, fields: dict[str, int]) -> str:
    if purpose is Purpose.POSTER:
        return f"{fields['point']:03d}"
    suffix = _suffix_text(fields["suffix"]) if fields["suffixed"] else ""
    day = _EPOCH + timedelta(days=fields["day"])
    return _NUMBER_OF[purpose](fields["point"], day, fields["serial"], suffix)


def _proof(key: bytes, purpose: Purpose, payload: bytes) -> bytes:
    message = f"doorstep token {purpose.name}:".encode() + payload
    return hmac.digest(key, message, hashlib.sha256)[:_PAYLOAD_BYTES]


def _decode(token: str) -> bytes:
    text = token.strip()
    if len(text) != TOKEN_CHARS or not text.isascii():
        raise NotAToken(f"a code has {TOKEN_CHARS} letters and digits")
    try:
        return base64.b32decode(text.upper().translate(_LOOKALIKES))
    except binascii.Error:
        raise NotAToken("this code has characters that ours never have") from None
