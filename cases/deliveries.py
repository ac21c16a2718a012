"""What proves a delivery: the pictures that its reports name. Pure."""

from __future__ import annotations

from cases.folded import Parcel, Scan
from cases.scans import DELIVERED, names_a_blob


def pictures(parcel: Parcel) -> tuple[Scan, ...]:
    """The photos and signatures of a parcel's deliveries that count, the last one last."""
    return tuple(
        Scan(s.id, s.data["blob"], s.data["size"], s.data["media"], s.at, s.author)
        for s in parcel.steps
        if s.type == DELIVERED and s.verdict == "ok" and names_a_blob(s.data)
    )
