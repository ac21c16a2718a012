"""Which parcels a manifest lists, and which manifests a point has printed, out of the registers.

A parcel is linked to each manifest that lists it, as it is to its cases: so no table more is
needed, and an older store's file holds all there is.
"""

from __future__ import annotations

from sqlite_utils import Database

from cases import manifests
from cases.folded import Parcel
from sync.registers import read


def parcels_on(db: Database, manifest: str) -> tuple[Parcel, ...]:
    """The parcels that a manifest lists, whatever came of them since."""
    rows = db.execute(
        "SELECT s.body FROM links l JOIN subjects s ON s.number=l.subject WHERE l.other=?",
        [manifest],
    ).fetchall()
    parcels = (p for (body,) in rows if isinstance(p := read(body), Parcel))
    return manifests.on(parcels, manifest)


def manifests_of(db: Database, point_number: int, *, limit: int = 50) -> list[str]:
    """The numbers of a point's manifests, the last printed first."""
    rows = db.execute(
        "SELECT DISTINCT other FROM links WHERE other>='M' AND other<'N' AND other LIKE ?"
        " ORDER BY substr(other, 7) DESC LIMIT ?",
        [f"M__{point_number:03d}-%", limit],
    ).fetchall()
    return [number for (number,) in rows]
