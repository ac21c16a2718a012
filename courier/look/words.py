"""Translation of what residents read: msgids are the Chinese words, English is in translations/."""

from __future__ import annotations

from flask_babel import gettext, ngettext  # type: ignore[import-untyped, unused-ignore]


def _(words: str, **values: object) -> str:
    """The words in the reader's language, with `%(name)s` filled in."""
    return str(gettext(words, **values))


def plural(one: str, many: str, number: int) -> str:
    """One of two wordings by number, which is `%(num)s` in them."""
    return str(ngettext(one, many, number))
