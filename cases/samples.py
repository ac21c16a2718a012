"""Samples (样图): which drawn picture shows how a paper is prepared, decided by the paper's name.

A table names the kinds in the order in which they are tried; the first whose pattern is found in
a paper's name decides. A name that fits none has the general one, and says so. The pictures are
drawn for this project and marked as samples: nobody may take one for a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from cases.catalogue import Handling, MaterialSpec
from cases.reading import BadData, read_rows, split_list

ELECTRONIC, GENERAL = "electronic", "copy"
_COLUMNS = (
    "kind", "pattern", "name", "name_en", "caption", "caption_en", "marks", "marks_en",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A kind of paper: what it is called, what to mind, what each red number points at."""

    kind: str
    pattern: str
    name: str
    english: str
    caption: str
    caption_english: str
    marks: tuple[str, ...]
    marks_english: tuple[str, ...]

    @property
    def general(self) -> bool:
        """Whether it is only what holds for any paper, for lack of a picture of its own."""
        return self.kind == GENERAL

    @property
    def picture(self) -> str:
        """The name of its picture's file."""
        return f"{self.kind}.svg"


@dataclass(frozen=True)
class Samples:
    """Every kind, in the order in which they are tried."""

    kinds: tuple[Sample, ...]

    @cached_property
    def _tried(self) -> tuple[tuple[re.Pattern[str], Sample], ...]:
        return tuple((re.compile(kind.pattern), kind) for kind in self.kinds if kind.pattern)

    @cached_property
    def _named(self) -> dict[str, Sample]:
        return {kind.kind: kind for kind in self.kinds}

    def of(self, spec: MaterialSpec) -> Sample:
        """The sample of a paper of the catalogue."""
        return self.named(spec.name, electronic=spec.handling is Handling.ELECTRONIC)

    def named(self, name: str, *, electronic: bool = False) -> Sample:
        """The sample of a paper by its name; ``electronic``: nothing of it is on paper."""
        rest = self._named[ELECTRONIC if electronic else GENERAL]
        return next((kind for pattern, kind in self._tried if pattern.search(name)), rest)


def read_samples(text: str) -> Samples:
    """The samples from the text of their table; raises :class:`BadData`."""
    found = Samples(tuple(_kinds(read_rows("samples", text, _COLUMNS))))
    kinds = [sample.kind for sample in found.kinds]
    if twice := {kind for kind in kinds if kinds.count(kind) > 1}:
        raise BadData(f"samples: {sorted(twice)[0]} stands twice")
    if missing := {ELECTRONIC, GENERAL} - set(kinds):
        raise BadData(f"samples: no {sorted(missing)[0]}, which is for papers that fit no other")
    return found


def _kinds(rows: Iterable[dict[str, str]]) -> Iterable[Sample]:
    for row in rows:
        marks, english = split_list(row["marks"]), split_list(row["marks_en"])
        if not marks or len(marks) != len(english):
            raise BadData(f"samples {row['kind']}: marks and their English differ")
        try:
            re.compile(row["pattern"])
        except re.error as wrong:
            raise BadData(f"samples {row['kind']}: {row['pattern']!r}: {wrong}") from None
        yield Sample(
            row["kind"], row["pattern"], row["name"], row["name_en"], row["caption"],
            row["caption_en"], marks, english,
        )  # fmt: skip
