"""Reading a form: every field checked by its own rule, every mistake told at once, nothing lost."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, overload

from werkzeug.datastructures import MultiDict

from courier.look.cards import FieldError
from courier.look.surface import current_language

T = TypeVar("T")
CHARS_MAX = 200


class Form:
    """What somebody typed, and what is wrong with it.

    A checker takes the text and returns it in its proper form, or raises an exception that has
    `message_zh` and `message_en` (such as `cases.people.BadField`). `Form()` is an empty form and
    `Form({"name": "林梅"})` one with initial values.
    """

    def __init__(self, typed: Mapping[str, str] | MultiDict[str, str] | None = None) -> None:
        self._typed: MultiDict[str, str] = MultiDict(typed or {})
        self._errors: dict[str, str] = {}

    @property
    def ok(self) -> bool:
        """True while nothing is wrong."""
        return not self._errors

    @property
    def typed(self) -> MultiDict[str, str]:
        """All that was typed, unchanged."""
        return self._typed

    @property
    def errors(self) -> list[FieldError]:
        """What is wrong, in the order of the fields on the page (the order they were read in)."""
        return [FieldError(name, message) for name, message in self._errors.items()]

    def value(self, name: str) -> str:
        """What was typed in a field, unchanged; empty if nothing."""
        return self._typed.get(name, "")

    def values(self, name: str) -> list[str]:
        """All that was ticked of a group of check boxes."""
        return self._typed.getlist(name)

    def error(self, name: str) -> str:
        """What is wrong with a field; empty if nothing."""
        return self._errors.get(name, "")

    def fail(self, name: str, message_zh: str, message_en: str = "") -> None:
        """Say that a field is wrong; the first thing said about a field stays."""
        words = message_en if current_language() == "en" and message_en else message_zh
        self._errors.setdefault(name, words)

    @overload
    def text(
        self,
        name: str,
        check: Callable[[str], str] | None = None,
        *,
        required: bool = True,
        lines: bool = False,
        chars_max: int = CHARS_MAX,
        missing_zh: str = "",
        missing_en: str = "",
    ) -> str: ...

    @overload
    def text(
        self,
        name: str,
        check: Callable[[str], T],
        *,
        required: bool = True,
        lines: bool = False,
        chars_max: int = CHARS_MAX,
        missing_zh: str = "",
        missing_en: str = "",
    ) -> T | str: ...

    def text(
        self,
        name: str,
        check: Callable[[str], T] | None = None,
        *,
        required: bool = True,
        lines: bool = False,
        chars_max: int = CHARS_MAX,
        missing_zh: str = "",
        missing_en: str = "",
    ) -> T | str:
        """A field's text, tidied and checked; empty if it is missing or wrong.

        `lines` keeps line breaks (text areas). White space at the ends and control characters,
        which nobody types on purpose, are taken away.
        """
        typed = tidy(self.value(name), lines=lines)
        if not typed:
            if required:
                self.fail(name, missing_zh or "这一项必须填写", missing_en or "Fill this in")
            return ""
        if len(typed) > chars_max:
            self.fail(
                name,
                f"最多 {chars_max} 个字，现在有 {len(typed)} 个",
                f"At most {chars_max} characters; there are {len(typed)}",
            )
            return ""
        if check is None:
            return typed
        done = self.checked(name, check, typed)
        return "" if done is None else done

    def checked(self, name: str, check: Callable[[str], T], text: str) -> T | None:
        """Run a checker on a text for a field; None, and the mistake noted, if it refuses."""
        try:
            return check(text)
        except Exception as problem:
            message = getattr(problem, "message_zh", None)
            if message is None:
                raise
            self.fail(name, str(message), str(getattr(problem, "message_en", "")))
            return None

    def choice(
        self,
        name: str,
        allowed: Iterable[str],
        *,
        required: bool = True,
        missing_zh: str = "请选一项",
        missing_en: str = "Choose one",
    ) -> str:
        """The one that was chosen of `allowed`; empty if none was, or one that is not offered."""
        chosen = self.value(name)
        if chosen in set(allowed) and chosen:
            return chosen
        if required or chosen:
            self.fail(name, missing_zh, missing_en)
        return ""

    def choices(
        self,
        name: str,
        allowed: Iterable[str],
        *,
        at_least: int = 0,
        missing_zh: str = "",
        missing_en: str = "",
    ) -> tuple[str, ...]:
        """All that were ticked of `allowed`, in the order of `allowed`."""
        ticked = set(self.values(name))
        chosen = tuple(value for value in allowed if value in ticked)
        if len(chosen) < at_least:
            self.fail(
                name,
                missing_zh or f"请至少选 {at_least} 项",
                missing_en or f"Choose at least {at_least}",
            )
        return chosen

    def ticked(self, name: str) -> bool:
        """True if a single check box was ticked."""
        return bool(self.value(name))


def tidy(text: str, *, lines: bool = False) -> str:
    """A text without white space at its ends and without control characters, in NFC."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        c if not _is_control(c) else ("\n" if c == "\n" and lines else " ") for c in text
    )
    return kept.strip()


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"}
