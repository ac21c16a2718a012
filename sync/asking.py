"""A question of a point to central that a person waits for: what it looks like on the way.

The header is signed as for blobs (``sync.blobs.request``). What is asked names people, so the body
is sealed to central's key, and the answer under the key that came with it: an address without TLS,
a proxy, a log see neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sync.canonical import canonical
from sync.seal import Box, CannotUnseal, Wrap, new_key, seal, unseal, wrap_to

QUESTION_BYTES_MAX = 64 * 1024


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    wrap: Wrap
    sealed: dict[str, str]


class Sealed(msgspec.Struct, frozen=True):
    """A question as it travels, and the key under which its answer will come."""

    body: bytes
    key: bytes


def seal_question(central_box: str, do: str, fields: Mapping[str, Any]) -> Sealed:
    """Seal a question to central."""
    key = new_key()
    body = {"wrap": wrap_to(central_box, key), "sealed": seal(key, f"ask:{do}", fields)}
    return Sealed(canonical(body), key)


def open_question(box: Box, do: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """What is asked, and the key for the answer. :raises CannotUnseal: it is not for this box."""
    try:
        read = msgspec.json.decode(body, type=_Body)
        key = box.unwrap([read.wrap])
    except (msgspec.DecodeError, ValueError):
        key = None
    if key is None:
        raise CannotUnseal("the question is not sealed to this box")
    return unseal(key, f"ask:{do}", read.sealed), key


def seal_answer(key: bytes, do: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Seal an answer to who asked."""
    return seal(key, f"answer:{do}", fields)


def open_answer(key: bytes, do: str, sealed: Mapping[str, str]) -> dict[str, Any]:
    """Open an answer. :raises CannotUnseal: it is not the one to this question."""
    return unseal(key, f"answer:{do}", sealed)
