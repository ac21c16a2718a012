"""Numbers that people read, type and scan: cases, visits, parcels, tracking numbers.

A case number is ``GL017-261122-0042-K``: district and point, day, serial of that store's day, and
a check character (ISO 7064 MOD 37,36) over everything before it. Visits carry ``V`` in front,
parcels ``P``. A store that continues another one (restored, copied, a second counter) puts its
four-character suffix before the serial, ``GL017-261122-K3F90042-Z``, so that no two stores can ever
give the same number, with or without a network.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import Enum
from typing import NamedTuple

SUFFIX_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
POINT_NUMBER_MAX = 999
CENTRAL_NUMBER = 0  # no point has it: in the numbers of the papers that central issues
SERIAL_MAX = 9_999
TRACKING_SERIAL_MAX = 9_999_999
PAPER_SERIAL_MAX = 999_999
TEXT_LENGTH_MAX = 64

_CHECK_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣ー一_", "-"))
_LOOKALIKE_DIGITS = str.maketrans("OIL", "011")
_SUFFIX_CLASS = f"[{SUFFIX_ALPHABET.upper()}]"
_SUBJECT = re.compile(
    rf"([VP]?)([A-Z]{{2}})([0-9]{{3}})-([0-9]{{6}})-((?:{_SUFFIX_CLASS}{{4}})?)"
    r"([0-9]{4})-([0-9A-Z])"
)
_STORE = re.compile(rf"(?:[0-9]{{12}}|central)\.[{SUFFIX_ALPHABET}]{{4,16}}")
_PAPER = re.compile(
    rf"(.{{1,40}})〔([0-9]{{4}})〕([A-Z]{{2}})([0-9]{{3}})((?:{_SUFFIX_CLASS}{{4}}){{0,2}})-"
    r"([0-9]{4,6})号"
)
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_OWN_TRACKING = re.compile(r"DS([0-9]{3})([0-9]{7})([0-9])")


class SubjectKind(Enum):
    """What events can be about."""

    CASE = "case"
    VISIT = "visit"
    PARCEL = "parcel"
    STORE = "store"


_PREFIXES = {SubjectKind.CASE: "", SubjectKind.VISIT: "V", SubjectKind.PARCEL: "P"}
_KINDS = {prefix: kind for kind, prefix in _PREFIXES.items()}
_MANIFEST = "M"


class BadNumber(ValueError):
    """What was typed or scanned is not such a number; never worth a retry with the same text."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_zh = message_zh
        self.message_en = message_en


class Number(NamedTuple):
    """A case, visit or parcel number, taken apart."""

    kind: SubjectKind
    district: str
    point_number: int
    day: date
    serial: int
    suffix: str = ""

    @property
    def text(self) -> str:
        """The number as it is printed, check character included."""
        return _compose(*self)


class ManifestNumber(NamedTuple):
    """A manifest's number, taken apart."""

    district: str
    point_number: int
    day: date
    serial: int
    suffix: str = ""

    @property
    def text(self) -> str:
        """The number as it is printed, check character included."""
        return _composed(_MANIFEST, *self)


def check_character(text: str) -> str:
    """The ISO 7064 MOD 37,36 check character of ``text`` (digits and A-Z; hyphens are skipped)."""
    product = 36
    for value in _values(text):
        product = (product + value) % 36 or 36
        product = product * 2 % 37
    return _CHECK_ALPHABET[(37 - product) % 36]


def _values(text: str) -> Iterable[int]:
    for character in text.replace("-", ""):
        value = _CHECK_ALPHABET.find(character)
        if value < 0:
            raise ValueError(f"{character!r} has no value in a check character: use 0-9 and A-Z")
        yield value


def case_number(
    point_number: int, day: date, serial: int, suffix: str = "", *, district: str = "GL"
) -> str:
    """The number of a case received at a point on a day (Asia/Shanghai)."""
    return _compose(SubjectKind.CASE, district, point_number, day, serial, suffix)


def visit_number(
    point_number: int, day: date, serial: int, suffix: str = "", *, district: str = "GL"
) -> str:
    """The number of a visit to a point on a day (Asia/Shanghai)."""
    return _compose(SubjectKind.VISIT, district, point_number, day, serial, suffix)


def parcel_number(
    point_number: int, day: date, serial: int, suffix: str = "", *, district: str = "GL"
) -> str:
    """The number of a parcel made up at a point on a day (Asia/Shanghai)."""
    return _compose(SubjectKind.PARCEL, district, point_number, day, serial, suffix)


def manifest_number(
    point_number: int, day: date, serial: int, suffix: str = "", *, district: str = "GL"
) -> str:
    """The number of a manifest printed at a point on a day. No events are about it: see manifests.

    It is formed as a parcel's is, with ``M`` in front.
    """
    return _composed(_MANIFEST, district, point_number, day, serial, suffix)


def _compose(
    kind: SubjectKind, district: str, point_number: int, day: date, serial: int, suffix: str
) -> str:
    return _composed(_PREFIXES[kind], district, point_number, day, serial, suffix)


def _composed(
    prefix: str, district: str, point_number: int, day: date, serial: int, suffix: str
) -> str:
    _require_range("point number", point_number, POINT_NUMBER_MAX)
    _require_range("serial", serial, SERIAL_MAX)
    if not re.fullmatch("[A-Z]{2}", district):
        raise ValueError(f"district {district!r} is not two capital letters")
    if suffix and not re.fullmatch(f"[{SUFFIX_ALPHABET}]{{4}}", suffix):
        raise ValueError(f"suffix {suffix!r} is not four characters of {SUFFIX_ALPHABET}")
    body = f"{prefix}{district}{point_number:03d}-{day:%y%m%d}-{suffix.upper()}{serial:04d}"
    return f"{body}-{check_character(body)}"


def _require_range(what: str, value: int, maximum: int) -> None:
    if not 0 <= value <= maximum:
        raise ValueError(f"{what} {value} is not in 0..{maximum}")


def kind_of(subject_id: str) -> SubjectKind:
    """What a subject's id names, by its exact form alone (the check character is not computed).

    A store's id looks like ``350102004001.k3f9`` or ``central.k3f9aa``.
    """
    if match := _SUBJECT.fullmatch(subject_id):
        return _KINDS[match[1]]
    if _STORE.fullmatch(subject_id):
        return SubjectKind.STORE
    raise BadNumber(
        f"“{subject_id[:TEXT_LENGTH_MAX]}”不是办件、来访、邮件或站点的编号。",
        f"{subject_id[:TEXT_LENGTH_MAX]!r} names no case, visit, parcel or store",
    )


def parse_number(text: str) -> Number:
    """A case, visit or parcel number from what a person typed or a scanner read.

    Forgiven: lower case, full-width characters, spaces, missing or strange hyphens, and O, I, L
    where only a digit can stand. Raises :class:`BadNumber` saying what is wrong.
    """
    compact = _compact(text)
    prefix = compact[: _prefix_length(compact, "VP")]
    return Number(_KINDS[prefix], *_parts(prefix, compact[len(prefix) :]))


def parse_manifest_number(text: str) -> ManifestNumber:
    """A manifest's number, as forgiving as :func:`parse_number`. Raises :class:`BadNumber`."""
    compact = _compact(text)
    if not _prefix_length(compact, _MANIFEST):
        raise BadNumber(
            "这不是交接单的编号：应以 M 开头。", "not a manifest's number: it begins with M"
        )
    return ManifestNumber(*_parts(_MANIFEST, compact[1:]))


def _parts(prefix: str, rest: str) -> tuple[str, int, date, int, str]:
    """District, point, day, serial and suffix of what stands behind the prefix."""
    _require_shape(rest)
    body = rest[:2] + _digits(rest[2:11]) + rest[11:-5].translate(_LOOKALIKE_DIGITS)
    body += _digits(rest[-5:-1])
    if check_character(prefix + body) != rest[-1]:
        raise BadNumber(
            f"编号最后一位“{rest[-1]}”与前面对不上，可能抄错了一位，请逐位核对。",
            f"the check character {rest[-1]!r} does not fit: one character was probably mistyped",
        )
    return body[:2], int(body[2:5]), _day(body[5:11]), int(body[-4:]), body[11:-4].lower()


def _compact(text: str) -> str:
    if len(text) > TEXT_LENGTH_MAX:
        raise BadNumber("内容太长，不是一个编号。", "too long for a number")
    plain = unicodedata.normalize("NFKC", text).upper().translate(_DASHES)
    compact = "".join(plain.split()).replace("-", "")
    if not compact:
        raise BadNumber("还没有填编号。", "no number was given")
    for place, character in enumerate(compact, 1):
        if character not in _CHECK_ALPHABET:
            raise BadNumber(
                f"第 {place} 位“{character}”不能出现在编号里，编号只有数字和字母。",
                f"character {place}, {character!r}, is neither a digit nor a letter",
            )
    return compact


def _prefix_length(compact: str, prefixes: str) -> int:
    """1 if the number begins with one of these prefixes, told by its length alone."""
    return int(len(compact) in (17, 21) and compact[0] in prefixes)


def _require_shape(rest: str) -> None:
    if len(rest) not in (16, 20):
        raise BadNumber(
            f"编号长度不对：去掉横线是 {len(rest)} 位，应为 16 位，如 GL017-261122-0042-X。",
            f"{len(rest)} characters without hyphens, where 16 were expected,"
            " as in GL017-261122-0042-X",
        )
    for place in (0, 1):
        if not rest[place].isalpha():
            raise BadNumber(
                f"开头的“{rest[place]}”应为字母，编号以区的两个字母开头，如 GL。",
                f"{rest[place]!r} at the beginning must be a letter: numbers begin as GL does",
            )


def _digits(text: str) -> str:
    digits = text.translate(_LOOKALIKE_DIGITS)
    for character in digits:
        if not character.isdigit():
            raise BadNumber(
                f"编号里的“{character}”应为数字。", f"{character!r} stands where a digit must be"
            )
    return digits


def _day(digits: str) -> date:
    try:
        return date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        raise BadNumber(
            f"编号里的日期 {digits} 不存在，应为年月日各两位。",
            f"{digits} is no date (two digits each of year, month, day)",
        ) from None


class PaperNumber(NamedTuple):
    """The number of an issued paper (文号), taken apart: ``榕鼓市监受〔2026〕GL017-0042号``.

    ``series`` is the words before the year: the department and the kind of paper. Each store
    counts each of its series a year, so that no two papers ever bear one number, with or without
    a network; a restored or second store has its suffix behind the point. Central (point 0) has
    the eight characters of its process's name there: each start is a store of its own.
    """

    series: str
    year: int
    point_number: int
    serial: int
    suffix: str = ""
    district: str = "GL"

    @property
    def text(self) -> str:
        """The number as it is printed."""
        _require_range("point number", self.point_number, POINT_NUMBER_MAX)
        _require_range("serial", self.serial, PAPER_SERIAL_MAX)
        store = f"{self.district}{self.point_number:03d}{self.suffix.upper()}"
        text = f"{self.series}〔{self.year}〕{store}-{self.serial:04d}号"
        if not _PAPER.fullmatch(text):
            raise ValueError(f"{text!r} is not a paper's number")
        return text


def parse_paper_number(text: str) -> PaperNumber | None:
    """A paper's number as it is printed, taken apart; None where it is none."""
    match = _PAPER.fullmatch(text)
    if match is None:
        return None
    series, year, district, point, suffix, serial = match.groups()
    return PaperNumber(series, int(year), int(point), int(serial), suffix.lower(), district)


def own_tracking(point_number: int, serial: int) -> str:
    """A tracking number of our own couriers: ``DS``, point, serial, ISO 7064 MOD 11,10 digit.

    Two letters and eleven digits can be taken neither for a UPU S10 number (letters at both ends)
    nor for a domestic EMS number (thirteen digits).
    """
    _require_range("point number", point_number, POINT_NUMBER_MAX)
    _require_range("serial", serial, TRACKING_SERIAL_MAX)
    digits = f"{point_number:03d}{serial:07d}"
    return f"DS{digits}{mod_11_10_digit(digits)}"


def mod_11_10_digit(digits: str) -> str:
    """The ISO 7064 MOD 11,10 check digit of some digits."""
    product = 10
    for digit in digits:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return str((11 - product) % 10)


def check_tracking(text: str) -> str:
    """Our own tracking number in its printed form; raises :class:`BadNumber` if it is not ours."""
    compact = _compact(text)
    match = _OWN_TRACKING.fullmatch(compact)
    if not match:
        raise BadNumber(
            "这不是本平台的邮件号：应为 DS 加 11 位数字。",
            "not a tracking number of ours: DS and eleven digits were expected",
        )
    if mod_11_10_digit(match[1] + match[2]) != match[3]:
        raise BadNumber(
            f"邮件号最后一位“{match[3]}”与前面对不上，请重新扫描或逐位核对。",
            f"the check digit {match[3]} does not fit: scan again or compare digit by digit",
        )
    return compact


def s10_check_digit(serial: str) -> str:
    """The check digit of the eight-digit serial of a UPU S10 number (UPU standard S10-12)."""
    total = sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, serial, strict=True))
    return {10: "0", 11: "5"}.get(11 - total % 11, str(11 - total % 11))


def s10_valid(text: str) -> bool:
    """Whether ``text`` is a UPU S10 number (such as EE123456785CN) with a fitting check digit."""
    compact = "".join(unicodedata.normalize("NFKC", text).upper().split())
    return bool(_S10.fullmatch(compact)) and s10_check_digit(compact[2:10]) == compact[10]
