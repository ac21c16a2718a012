"""How Chinese text is read (pinyin) and cut into the units that a search matches.

A unit is one Chinese character with its syllable, one Latin letter, or one digit. A line is the
units of one text, such as ``'老lao'年nian'证zheng``, or its sounds alone, ``'lao'nian'zheng``.
:func:`pattern` makes an expression that finds in such lines whatever a person typed: characters,
full pinyin, initials, or a mixture.
"""

import re
import unicodedata
from typing import NamedTuple

_KEPT = re.compile(r"[^0-9a-z\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]+")
_SYLLABLE = re.compile("[a-z]+")
_SOFT = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l", "f": "h"}
_SOFT_START = re.compile("^(?:zh|ch|sh|n|r|f)")


class Reading(NamedTuple):
    """A text as its plain characters, its line, its sounds, its full pinyin and its initials."""

    plain: str
    line: str
    sounds: str
    pinyin: str
    initials: str


def plain(text: str) -> str:
    """The letters, digits and characters of a text: half-width, lower case, nothing else."""
    half_width = unicodedata.normalize("NFKC", text).lower().replace("ü", "v")
    return _KEPT.sub("", half_width)


def reading_of(text: str) -> Reading:
    """How a text is read; characters without a known reading stand for themselves alone."""
    characters = plain(text)
    syllables = _syllables(characters)
    units = [c if c.isascii() else c + s for c, s in zip(characters, syllables, strict=True)]
    return Reading(
        characters,
        "".join(f"'{unit}" for unit in units),
        "".join(f"'{syllable}" for syllable in syllables),
        "".join(syllables),
        "".join(syllable[:1] for syllable in syllables),
    )


def _syllables(characters: str) -> list[str]:
    """One syllable for each character: its own self for letters and digits, empty if unknown."""
    from pypinyin import lazy_pinyin  # a third of a second to import, and only searches need it

    syllables: list[str] = []
    for run in re.findall(r"[0-9a-z]|[^0-9a-z]+", characters):
        if run.isascii():
            syllables.append(run)
        else:
            read = lazy_pinyin(run, errors=_unknown)  # type: ignore[arg-type]  # takes lists too
            syllables.extend(s if _SYLLABLE.fullmatch(s) else "" for s in read)
    return syllables


def soft(syllable: str) -> str:
    """A syllable as those hear it who do not tell zh from z, n from l, f from h or -ng from -n.

    That is how many in Fuzhou speak, and so how they type and dictate.
    """
    sound = _SOFT_START.sub(lambda match: _SOFT[match[0]], syllable)
    return sound.removesuffix("g") if sound.endswith("ng") else sound


def _unknown(characters: str) -> list[str]:
    """One mark for each character without a reading, so that the count stays right."""
    return ["?"] * len(characters)


def pattern(typed: str) -> re.Pattern[str]:
    """An expression that finds ``typed`` (as :func:`plain` gives it).

    What is typed in letters and digits alone is to be looked for in sounds, else in lines. It
    matches whole units. A letter either goes on in the syllable of the letter before it or begins
    the next unit, so ``laonian``, ``lnian``, ``lon`` and ``ln`` all find 老年.
    """
    character_before_sound = "" if typed.isascii() else "[^a-z'\n]?"
    parts: list[str] = []
    within = False  # after a letter, whose unit may go on
    for typed_one in typed:
        one = "[uv]" if typed_one == "u" else typed_one
        if "a" <= typed_one <= "z":
            unit = f"'{character_before_sound}"
            parts.append(f"(?:[a-z]*{unit})?{one}" if within else f"{unit}{one}")
            within = True
        else:
            parts.append(f"[a-z]*'{one}" if parts else f"'{one}")
            within = False
    return re.compile("".join(parts) + "[a-z]*")
