"""What a store signs for each question about blobs: who asks what, when, with which body.

The store's own key signs it, so central needs no account for it: it knows the key by the store's
certificate. The header's value is base64 of the signed JSON. The address of a request is not part
of it and says nothing that counts: central reads everything from here.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Annotated, Any

import msgspec

from cases.events import is_author
from sync.canonical import canonical
from sync.sign import Signer, is_signed

SCHEME = "Doorstep "
HEADER_CHARS_MAX = 2_048
Bytes = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
WINDOW_SECONDS = 300  # how far a request's time may be from central's


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One request: ``do`` is held, put, get or lacking."""

    do: str
    blob: str = ""
    size: Bytes = 0
    offset: Bytes = 0
    length: Bytes = 0
    body: str = ""
    author: str
    at: Annotated[str, msgspec.Meta(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$")]
    nonce: str


class Asked(msgspec.Struct, frozen=True):
    """A question as it came: not yet proven. ``sig`` tells it from any other."""

    question: Question
    doc: dict[str, Any]
    sig: str

    def is_signed(self, public: str) -> bool:
        """Whether the store with this key asked it."""
        return is_signed(self.doc, public)


def body_hash(body: bytes) -> str:
    """What a question says of the body that comes with it."""
    return hashlib.sha256(body).hexdigest()


def ask(signer: Signer, question: Question) -> str:
    """The header's value."""
    doc = signer.sign(msgspec.to_builtins(question))
    return SCHEME + base64.b64encode(canonical(doc)).decode()


def new_nonce() -> str:
    """What tells two equal questions apart."""
    return secrets.token_hex(12)


def read(header: str) -> Asked | None:
    """The question in a header, or None if there is none of ours in it."""
    if not header.startswith(SCHEME) or len(header) > HEADER_CHARS_MAX:
        return None
    try:
        doc = msgspec.json.decode(base64.b64decode(header[len(SCHEME) :], validate=True))
        sig = doc.pop("sig")
        question = msgspec.convert(doc, Question)
    except (ValueError, AttributeError, KeyError, RecursionError):
        return None
    if not isinstance(sig, str) or not is_author(question.author):
        return None
    return Asked(question, {**doc, "sig": sig}, sig)
