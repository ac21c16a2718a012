"""Documents as they arrive: checked and taken apart into what is stored. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from central.embedded.errors import (
    CouchError,
    bad_request,
    illegal_id,
    not_implemented,
    too_large,
)
from central.embedded.revisions import checked

DOCUMENT_BYTES_MAX = 8_000_000  # max_document_size of CouchDB
ID_CHARACTERS_MAX = 1_000
LOCAL, DESIGN = "_local/", "_design/"
_IGNORED = frozenset(
    {"_revs_info", "_conflicts", "_deleted_conflicts", "_local_seq", "_attachments"}
)
encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Draft:
    """A document to be written. `body` is its JSON without `_id`, `_rev` and the like.

    `history` is `[rev, parent, grandparent, …]` as far as the writer told it.
    """

    id: str
    rev: str | None
    deleted: bool
    body: bytes
    history: Sequence[str] = ()

    @property
    def local(self) -> bool:
        """Local documents have no history and are in no listing or feed."""
        return self.id.startswith(LOCAL)


def draft(doc: object, id: str | None = None, *, rev: str | None = None) -> Draft:
    """`doc` as a Draft under `id` (its own `_id` if None); CouchError if it may not be stored."""
    if not isinstance(doc, dict):
        raise bad_request("Document must be a JSON object")
    own = doc.pop("_id", None)
    id = checked_id(own if id is None else id)
    given = doc.pop("_rev", None) or rev
    if rev and given != rev:
        raise bad_request("Document rev from request body and query string have different values")
    deleted = doc.pop("_deleted", False) is True
    history = _history(doc.pop("_revisions", None), given) if "_revisions" in doc else ()
    _strip_special(doc)
    if id.startswith(DESIGN) and "validate_doc_update" in doc:
        raise not_implemented("validate_doc_update functions")
    body = _encoded(doc)
    if len(body) > DOCUMENT_BYTES_MAX:
        raise too_large(id)
    if given is not None and not (id.startswith(LOCAL) and isinstance(given, str)):
        checked(given)
    return Draft(id, given, deleted, body, history or ((given,) if given else ()))


def checked_id(id: object) -> str:
    """`id` if a document may be called that; else CouchDB's 400."""
    if not isinstance(id, str):
        raise illegal_id("Document id must be a string")
    if not id:
        raise illegal_id("Document id must not be empty")
    if id.startswith("_") and not (
        id.startswith((LOCAL, DESIGN)) and len(id.partition("/")[2]) > 0
    ):
        raise illegal_id("Only reserved document ids may start with underscore.")
    if len(id) > ID_CHARACTERS_MAX:
        raise illegal_id(f"Document id is longer than {ID_CHARACTERS_MAX} characters")
    return id


def check_partition(id: str) -> None:
    """CouchDB's 400 unless `id` is `partition:rest`, as a partitioned database demands."""
    if id.startswith("_"):
        return
    partition, colon, rest = id.partition(":")
    if not (partition and colon and rest):
        raise illegal_id("Doc id must be of form partition:id")


def _encoded(doc: dict[str, Any]) -> bytes:
    try:
        return encode(doc)
    except (UnicodeEncodeError, RecursionError) as problem:
        raise bad_request("invalid UTF-8 JSON") from problem


def _strip_special(doc: dict[str, Any]) -> None:
    for name in [name for name in doc if name.startswith("_")]:
        if name not in _IGNORED:
            raise CouchError(400, "doc_validation", f"Bad special document member: {name}")
        if name == "_attachments" and doc[name]:
            raise not_implemented("attachments")
        del doc[name]


def _history(told: object, rev: str | None) -> Sequence[str]:
    """`_revisions` as a list of revisions, newest first."""
    match told:
        case {"start": int(start), "ids": [*ids]} if ids and start >= len(ids):
            revs = [checked(f"{start - back}-{digest}") for back, digest in enumerate(ids)]
        case _:
            raise CouchError(400, "doc_validation", "_revisions is malformed")
    if rev is not None and rev != revs[0]:
        raise bad_request("Document rev and _revisions differ")
    return revs
