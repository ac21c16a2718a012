"""What proves a delivery, at central: codes and documents are compared, pictures are kept.

A wrong code is counted for its parcel and day, by whomever it was tried. A photo or a signature is
judged by its content, sealed under a key of its own and kept here before an event names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hmac import compare_digest
from typing import IO

from cases.deliveries import pictures
from cases.fields import BadField
from cases.folded import Case, Parcel
from cases.papers import carries
from cases.people import last_four
from central import blob_index, limits
from central.blob_index import FOLDER, Upload, open_index
from central.context import district, now, portal_db, store, today
from central.delivery_codes import code_of
from central.lookup import sealed_of
from courier.desk import NO_PICTURE, Addressee
from courier.parcels import PROOF_ZH, Picture, Proof
from courier.proofs import Answer
from sync.blobs.folder import BlobFolder
from sync.blobs.seal import new_blob_key, seal_blob, unseal_blob
from sync.db import write
from sync.said import said_or_nothing
from sync.scan_files import PDF, prepared
from sync.seal import CannotUnseal

_DOCUMENTS = (("name", "document_number"), ("agent_name", "agent_number"))


def answer(parcel: Parcel, to: Addressee | None, proof: Proof, digits: str) -> Answer:
    """Whether digits prove the recipient of a parcel. A document that nobody knows does not."""
    known = set(_codes(parcel) if proof is Proof.CODE else _documents(parcel, to))
    if not known and proof is Proof.ID:
        return Answer.UNKNOWN
    key, db = f"proof:{proof.value}:{parcel.number}:{today()}", portal_db()
    if limits.take_try(db, now(), {key: limits.WRONG_PROOF}):
        return Answer.LOCKED
    matches = [compare_digest(digits, each) for each in known]
    if not any(matches):
        return Answer.WRONG
    limits.give_back(db, now(), key, limits.WRONG_PROOF)
    return Answer.FITS


def _codes(parcel: Parcel) -> Iterator[str]:
    return (code_of(case) for case in _cases(parcel))


def _documents(parcel: Parcel, to: Addressee | None) -> Iterator[str]:
    """The last four of the applicant's or agent's document, if it is them who get the parcel."""
    for case in _cases(parcel):
        fields = said_or_nothing(store(), case)
        for name, number in _DOCUMENTS:
            if to is not None and fields.get(name) == to.name and fields.get(number):
                yield last_four(fields[number])


def _cases(parcel: Parcel) -> Iterator[Case]:
    cases = (store().case(number) for number in parcel.cases)
    return (case for case in cases if case is not None and carries(parcel, case))


@dataclass(frozen=True)
class ProofCard:
    """What proved a delivery, in words, and whether there is a picture of it."""

    words: str
    picture: bool


def card(parcel: Parcel) -> ProofCard | None:
    """What the board says of the proof; None where none was given."""
    words = PROOF_ZH.get(parcel.proof, "")
    return ProofCard(words, bool(pictures(parcel))) if words else None


def picture(parcel: Parcel) -> tuple[str, bytes]:
    """The picture of the last delivery, unsealed: its type and its bytes.

    :raises LookupError: there is none. :raises CannotUnseal: it cannot be opened any more.
    :raises OSError: it is not here.
    """
    found = pictures(parcel)[-1]
    key = sealed_of(store().event(found.event)).get("key", "")
    if not key:
        raise CannotUnseal("这张照片的密钥已经不在了")
    with BlobFolder(district().config.data / FOLDER).open(found.blob) as sealed:
        return found.media, b"".join(unseal_blob(key, parcel.number, sealed))


def keep(number: str, file: IO[bytes]) -> Picture:
    """Seal a picture into this host's blobs. :raises BadField: it is none."""
    picture, key = prepared(file), new_blob_key()
    if picture.media == PDF:
        raise BadField("file", NO_PICTURE, "this is no picture")
    data = district().config.data
    with closing(open_index(data)) as index:
        blob, size = BlobFolder(data / FOLDER).keep(seal_blob(key, number, picture.plain))
        with write(index):  # should no event come to name it, it is dropped like any such upload
            blob_index.note(index, Upload(blob, "central", size, now(), named=False))
    return Picture(blob, picture.media, size, key)
