"""What is wrong with something a person filled in, and the forgiving first step of every check."""

import unicodedata

TEXT_LENGTH_MAX = 100
_SEPARATORS = dict.fromkeys(map(ord, "-‐‑‒–—―−－_ー"), None)


class BadField(ValueError):
    """A field that cannot be right as it was filled in; never worth a retry with the same text."""

    def __init__(self, field: str, message_zh: str, message_en: str) -> None:
        super().__init__(f"{field}: {message_en}")
        self.field = field
        self.message_zh = message_zh
        self.message_en = message_en


def plain_text(field: str, text: str) -> str:
    """Half-width, without spaces, hyphens and invisible characters."""
    if len(text) > TEXT_LENGTH_MAX:
        raise BadField(field, "填得太长了，请检查。", "This is too long, please check.")
    plain = unicodedata.normalize("NFKC", text).translate(_SEPARATORS)
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")
