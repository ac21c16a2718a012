"""Who a parcel goes to or comes from, and how much of that paper may show."""

from dataclasses import dataclass
from typing import NamedTuple

from labels.masking import mask_address, mask_name, mask_phone


@dataclass(frozen=True, slots=True)
class Person:
    """A resident, given in full. Paper shows this masked: nobody can print it otherwise."""

    name: str
    phone: str
    address: str  # province to room


@dataclass(frozen=True, slots=True)
class Office:
    """A point or department, or an organisation that applies: public, and shown in full."""

    name: str
    phone: str
    address: str


Addressee = Person | Office


class Shown(NamedTuple):
    """What is printed of an addressee."""

    name: str
    phone: str
    address: str


def shown(addressee: Addressee) -> Shown:
    """An office as it is; a person with name, six digits of the phone and the room hidden."""
    if isinstance(addressee, Office):
        return Shown(addressee.name, addressee.phone, addressee.address)
    return Shown(
        mask_name(addressee.name),
        mask_phone(addressee.phone, paper=True),
        mask_address(addressee.address),
    )
