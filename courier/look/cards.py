"""The finished values that page parts show. A view makes them; a template only prints them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Light = Literal["green", "amber", "red"]
Tone = Literal["plain", "accent", "green", "amber", "red"]
Progress = Literal["done", "now", "next", "aside"]


@dataclass(frozen=True)
class NavItem:
    """One entry of the page's navigation; `key` is the key that opens it (Alt + key)."""

    label: str
    url: str
    key: str = ""
    here: bool = False
    count: int | None = None


@dataclass(frozen=True)
class LineState:
    """What the line to central is doing, in words: 已上报 / 3 件待上报（网络断开 12 分钟）."""

    light: Light
    words: str
    url: str | None = None
    refresh_url: str | None = None
    refresh_seconds: int = 10


@dataclass(frozen=True)
class Choice:
    """One option of radio buttons, check boxes or a select."""

    value: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Happening:
    """One entry of a case's timeline, newest or oldest first as the view likes."""

    title: str
    when: str = ""
    who: str = ""
    text: str = ""
    state: Progress = "done"


@dataclass(frozen=True)
class StepCard:
    """One step of a process that the reader is going through."""

    title: str
    state: Progress = "next"
    text: str = ""
    url: str | None = None


@dataclass(frozen=True)
class WorkItem:
    """One row of a worklist at the window."""

    title: str
    url: str
    text: str = ""
    when: str = ""
    light: Light | None = None
    light_word: str = ""
    tag: str = ""
    here: bool = False


@dataclass(frozen=True)
class Stat:
    """One figure of a board; `url` opens the list behind it."""

    number: str
    words: str
    url: str
    light: Light | None = None
    light_word: str = ""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, for the field itself and the summary that links to it."""

    field: str
    message: str


@dataclass(frozen=True)
class SampleCard:
    """A sample picture: what it shows, what to mind, and what each red number points at.

    `general` marks the one that a paper has for lack of a picture of its own.
    """

    picture: str
    name: str
    caption: str
    marks: Sequence[str]
    general: bool = False


@dataclass(frozen=True)
class ErrorCard:
    """A page that says what went wrong and what to do next."""

    code: int
    title: str
    what: str
    advice: str
    link_text: str
    link_url: str
    number: str = ""
    resubmit_url: str | None = None
    kept: Sequence[tuple[str, str]] = ()
