"""Our own couriers: they report in their app, and fetch a bag with its manifest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cases.reading import BadData
from cases.tracking import DS, OWN
from courier.carriers.hand_over import write_hand_over
from courier.carriers.ports import Carrier, Handed, HandOver, Meaning, Reading, Report

ENCODING = "utf-8-sig"
IN_THE_APP = "本区投递员在手机上报，不用导入状态表"


class Own:
    """Nothing of theirs comes by file."""

    code = OWN
    formats = (DS,)
    reports_by_file = False

    def meaning(self, report: Report) -> Meaning | None:
        """No code is theirs."""
        return None

    def read_rows(self, rows: Sequence[tuple[int, Sequence[str]]], heard: str) -> Reading:
        """:raises BadData: always."""
        raise BadData(IN_THE_APP)

    def read_answer(self, answer: Any, heard: str) -> Reading:
        """:raises BadData: always."""
        raise BadData(IN_THE_APP)

    def hand_over(self, day: str, parcels: Sequence[Handed]) -> HandOver:
        """A list of the bag, for whoever has no phone."""
        return write_hand_over(self.code, day, parcels, ENCODING)


_: type[Carrier] = Own
