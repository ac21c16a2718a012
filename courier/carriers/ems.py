"""China Post (中国邮政 EMS): the default carrier of official papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cases.tracking import EMS, EMS13, S10
from courier.carriers import status
from courier.carriers.codes import initial_ems_codes
from courier.carriers.hand_over import write_hand_over
from courier.carriers.ports import Carrier, Handed, HandOver, Meaning, Reading, Report

ENCODING = "gb18030"  # GBK and every character that GBK lacks


class Ems:
    """:param codes: the codes of the district's contract, where they are not the initial ones."""

    code = EMS
    formats = (EMS13, S10)
    reports_by_file = True

    def __init__(self, codes: Mapping[str, Meaning] | None = None) -> None:
        self._codes = initial_ems_codes() if codes is None else codes

    def meaning(self, report: Report) -> Meaning | None:
        """By its code, else by its words where they are one of those listed."""
        return self._codes.get(report.code) or self._codes.get(report.words)

    def read_rows(self, rows: Sequence[tuple[int, Sequence[str]]], heard: str) -> Reading:
        """What a table says."""
        return status.read_rows(self.code, rows, heard)

    def read_answer(self, answer: Any, heard: str) -> Reading:
        """What an answer says."""
        return status.read_answer(self.code, answer, heard)

    def hand_over(self, day: str, parcels: Sequence[Handed]) -> HandOver:
        """The file for its desk, in the encoding that its desk opens."""
        return write_hand_over(self.code, day, parcels, ENCODING)


_: type[Carrier] = Ems
