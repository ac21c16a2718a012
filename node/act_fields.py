"""What a form of an act is made of: its fields, what stands in them, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from courier.look.cards import Choice
from courier.look.forms import Form
from node.officer import TEXT_MAX, Hand, within

Work = Callable[[Hand], str]


@dataclass(frozen=True)
class Field:
    """One field as the page prints it.

    ``kind``: area, line, number, date, choice, select, tick, ticks, hidden.
    """

    kind: str
    name: str
    label: str = ""
    hint: str = ""
    required: bool = True
    options: tuple[Choice, ...] = ()
    rows: int = 4
    columns: int = 1
    half: bool = False


@dataclass(frozen=True)
class Asked:
    """A form: its fields, what stands in them at first, and how it is read."""

    fields: tuple[Field, ...]
    initial: tuple[tuple[str, str], ...]
    read: Callable[[Form], Work]
    intro: str = ""
    shows: str = ""
    """The personal data that stands in it in full, for the log of showings."""

    def blank(self) -> Form:
        """The form before anything was typed."""
        return Form(MultiDict(self.initial))


def choices(options: dict[str, str]) -> tuple[Choice, ...]:
    """Options as choice cards."""
    return tuple(Choice(value, text) for value, text in options.items())


def reason(name: str, label: str, hint: str = "") -> Field:
    """A text that must be given."""
    return Field("area", name, label, hint)


def area(form: Form, name: str, *, required: bool = True) -> str:
    """What was typed into a text field of several lines."""
    return form.text(name, required=required, lines=True, chars_max=TEXT_MAX)


def days_in(form: Form, days_max: int) -> int:
    """A number of days that was typed, or 0 where it is none that is offered."""

    def check(text: str) -> str:
        digits = text.isascii() and text.isdigit() and len(text) < 5
        return str(within("days", int(text) if digits else 0, days_max))

    return int(form.text("days", check, missing_zh="请填写天数") or 0)
