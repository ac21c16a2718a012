"""Signatures of stores, and central's certificates for their keys (Ed25519).

Algorithms are named in every value, so that national ones can follow.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.canonical import canonical

PREFIX = "ed25519:"


class Signer:
    """A private signing key. ``public`` is how others know it."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PREFIX + _b64(self._key.public_key().public_bytes_raw())

    @classmethod
    def new(cls) -> Signer:
        """A fresh key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, to be kept in a file of mode 0600."""
        return self._key.private_bytes_raw()

    def sign(self, doc: Mapping[str, Any]) -> dict[str, Any]:
        """The value with its ``sig`` over everything else in it."""
        unsigned = {name: value for name, value in doc.items() if name != "sig"}
        return {**unsigned, "sig": PREFIX + _b64(self._key.sign(canonical(unsigned)))}


def is_signed(doc: Mapping[str, Any], public: str) -> bool:
    """Whether ``sig`` is that key's signature over everything else in the value."""
    unsigned = {name: value for name, value in doc.items() if name != "sig"}
    try:
        key = Ed25519PublicKey.from_public_bytes(_unb64(public))
        key.verify(_unb64(str(doc.get("sig", ""))), canonical(unsigned))
    except (InvalidSignature, ValueError, RecursionError):
        return False
    return True


def certify(root: Signer, *, author: str, sign_key: str, box_key: str, at: str) -> dict[str, Any]:
    """Central's word that an author's keys were announced from that point's own outbox."""
    return root.sign({"author": author, "sign_key": sign_key, "box_key": box_key, "at": at})


def is_certificate(cert: object, root_public: str, author: str) -> bool:
    """Whether a value is central's certificate for that author."""
    return (
        isinstance(cert, Mapping)
        and cert.get("author") == author
        and isinstance(cert.get("sign_key"), str)
        and is_signed(cert, root_public)
    )


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unb64(text: str) -> bytes:
    if not text.startswith(PREFIX):
        raise ValueError(f"not an {PREFIX} value")
    return base64.b64decode(text[len(PREFIX) :], validate=True)
