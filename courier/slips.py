"""The slip (寄递单): who gets the mail, and where. Pure rules; what is typed comes in as text.

Every check forgives how something is typed and returns the stored form, or raises
:class:`cases.people.BadField` with words in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from cases.divisions import Divisions
from cases.fields import BadField
from cases.people import check_name, check_phone
from cases.slips import CONSENTS, PICKUP, POST, WAYS
from courier.postage import Postage, initial_postage

STREET_CHARS_MIN = 4
STREET_CHARS_MAX = 100
NOTE_CHARS_MAX = 60
TYPED = ("way", "to_point", "name", "phone", "county", "street", "note", "consent")

SEALED = ("name", "phone", "province", "city", "county", "street", "region", "note")

_SPACES = re.compile(r"\s+")
_HAS_WORDS = re.compile(r"[^\W\d_]")
_PHONE_INSIDE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class Slip:
    """A checked slip. ``region`` is the name of the county from the province down.

    Who fetches at ``to_point`` gives a name and a phone only. ``consent``: where the courier may
    leave it when nobody is at home.
    """

    name: str
    phone: str
    province: str = ""
    city: str = ""
    county: str = ""
    street: str = ""
    region: str = ""
    note: str = ""
    way: str = POST
    to_point: str = ""
    consent: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The whole address, as it stands on a waybill."""
        return f"{self.region}{self.street}"

    def sealed(self) -> dict[str, str]:
        """The sealed fields of ``slip.filled``; what is empty is left out."""
        return {name: value for name in SEALED if (value := str(getattr(self, name)))}

    def opened(self) -> dict[str, str | list[str]]:
        """The open fields: how it goes; the post, to the door, needs no word."""
        if self.way == PICKUP:
            return {"way": PICKUP, "to_point": self.to_point}
        return {"consent": list(self.consent)} if self.consent else {}


def check_street(text: str) -> str:
    """The part of an address below the county; raises :class:`BadField`."""
    street = _SPACES.sub(" ", text.translate(_UNWANTED)).strip()
    if not street:
        raise BadField("street", "还没有填详细地址。", "Please fill in the street and number.")
    if len(street) > STREET_CHARS_MAX:
        raise BadField(
            "street",
            f"地址太长：有 {len(street)} 个字，最多 {STREET_CHARS_MAX} 个。",
            f"{len(street)} characters are too many for an address: at most {STREET_CHARS_MAX}.",
        )
    if len(street) < STREET_CHARS_MIN or not _HAS_WORDS.search(street):
        raise BadField(
            "street",
            "地址太短，快递员找不到：请写清街道、门牌和房号，例如“东街88号3单元502室”。",
            "Too short for the courier to find: give street, number and room, as in"
            " “88 Dongjie, Unit 3, Room 502”.",
        )
    return street


def check_note(text: str) -> str:
    """Words for the courier, which may be empty; raises :class:`BadField`."""
    note = _SPACES.sub(" ", text.translate(_UNWANTED)).strip()
    if len(note) > NOTE_CHARS_MAX:
        raise BadField(
            "note",
            f"备注太长：有 {len(note)} 个字，最多 {NOTE_CHARS_MAX} 个。",
            f"{len(note)} characters are too many for a note: at most {NOTE_CHARS_MAX}.",
        )
    return note


def check_county(code: str, divisions: Divisions, postage: Postage | None = None) -> str:
    """The code of a county that free mail reaches; raises :class:`BadField`.

    :param postage: where it reaches; without it, where the product's own table says.
    """
    county = code.strip()
    if not divisions.valid(*_levels(county)):
        raise BadField(
            "county",
            "还没有选到区、县这一级，请一级一级点下去。",
            "Please choose down to the district or county.",
        )
    if not (postage or initial_postage()).reach(f"{county[:2]}0000").free:
        raise BadField(
            "county",
            "免费寄递还到不了这里。可以寄给别的地方的家人，或者选到受理点来取。",
            "Free mail does not reach there yet. Have it sent to somebody elsewhere, or fetch it.",
        )
    return county


def _levels(county: str) -> tuple[str, str, str]:
    """The codes of the province and the city that a county's code begins with, and itself."""
    return f"{county[:2]}0000", f"{county[:4]}00", county


def check_way(way: str) -> str:
    """How the result comes; raises :class:`BadField`."""
    if way not in WAYS:
        raise BadField("way", "请选一种：寄到家，或者到受理点取。", "Please choose one.")
    return way


def check_point(code: str, points: Container[str]) -> str:
    """A point where things can be fetched; raises :class:`BadField`."""
    if code not in points:
        raise BadField("to_point", "请选一个受理点。", "Please choose a service point.")
    return code


def agreed(text: str) -> tuple[str, ...]:
    """The consents that stand in a draft, with commas between."""
    said = text.split(",")
    return tuple(consent for consent in CONSENTS if consent in said)


def check_slip(
    typed: Mapping[str, str], divisions: Divisions, points: Container[str] = frozenset(),
    postage: Postage | None = None,
) -> Slip:  # fmt: skip
    """The slip that was typed; raises the first :class:`BadField`.

    :param points: the codes of the points where things can be fetched.
    """
    if check_way(typed.get("way") or POST) == PICKUP:
        to = check_point(typed.get("to_point", ""), points)
        name, phone = check_name(typed.get("name", "")), check_phone(typed.get("phone", ""))
        return Slip(name, phone, way=PICKUP, to_point=to)
    name = check_name(typed.get("name", ""))
    phone = check_phone(typed.get("phone", ""))
    county = check_county(typed.get("county", ""), divisions, postage)
    street = without_region(check_street(typed.get("street", "")), county, divisions)
    province, city, _ = _levels(county)
    region = divisions.full_name(county)
    note = check_note(typed.get("note", ""))
    away = agreed(typed.get("consent", ""))
    street = check_street(street)
    return Slip(name, phone, province, city, county, street, region, note, consent=away)


def without_region(street: str, county: str, divisions: Divisions) -> str:
    """A street without the province, city and county that were typed once more before it."""
    left = street
    for code in _levels(county):
        name = divisions.name_of(code)
        left = left.removeprefix(name).strip()
    return left if len(left) >= STREET_CHARS_MIN else street


def phone_inside(street: str) -> bool:
    """Whether somebody typed a phone number into the address, where all would read it."""
    return bool(_PHONE_INSIDE.search(street))


_UNWANTED = {ord(c): None for c in '<>{}\\|`"\u200b\u200c\u200d\ufeff'}
