"""The photo or signature that proves a delivery, at the point that sent the parcel."""

from __future__ import annotations

from dataclasses import dataclass

from cases.deliveries import pictures
from cases.folded import Parcel, Scan
from courier.parcels import PROOF_ZH
from node.local import Local
from node.people_card import opened
from node.scans import AwaitedScan, OpenScan, open_blob
from sync.seal import CannotUnseal

SHOWN = "签收的照片或签名"


@dataclass(frozen=True)
class ProofCard:
    """What proved the delivery, in words, and whether there is a picture of it."""

    words: str
    picture: bool


def proof_card(parcel: Parcel) -> ProofCard | None:
    """What the parcel's page says of the proof; None where none was given."""
    words = PROOF_ZH.get(parcel.proof, "")
    return ProofCard(words, picture_of(parcel) is not None) if words else None


def picture_of(parcel: Parcel) -> Scan | None:
    """The picture of the last delivery, or None."""
    return next(reversed(pictures(parcel)), None)


def open_picture(local: Local, parcel: Parcel, picture: Scan) -> OpenScan | AwaitedScan:
    """The picture unsealed, if it is here; else it is asked for, and the person is told.

    :raises CannotUnseal: this store has no key for it.
    """

    def fields() -> dict[str, str]:
        found = opened(local, picture.event) or {}
        if "key" not in found:
            raise CannotUnseal("本机没有这张照片的密钥，打不开。联网后再试；还是不行请联系区中心")
        return {"key": str(found["key"]), "file": parcel.number}

    return open_blob(local, parcel.number, picture, fields)
