"""The carriers that take the district's mail: what each must be able to do, and the two there are.

``ports`` says what a carrier is; ``own`` and ``ems`` are the two; ``decide`` tells what a report of
theirs amounts to for one of our parcels.
"""

from __future__ import annotations

from collections.abc import Mapping

from cases.tracking import EMS, OWN

NAMES_ZH: Mapping[str, str] = {OWN: "家门口投递员", EMS: "中国邮政 EMS"}


def carrier_zh(code: str) -> str:
    """What people call a carrier; one that a later version knows stays as it is."""
    return NAMES_ZH.get(code, code)
