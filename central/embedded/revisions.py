"""Revisions: their form, their numbers and which of several wins. Pure functions."""

from __future__ import annotations

import re
from hashlib import blake2b

from central.embedded.errors import bad_request

_REV = re.compile(r"[1-9][0-9]{0,8}-[0-9a-f]{32}")


def checked(rev: object) -> str:
    """`rev` if it has the form `N-<32 hex digits>`; else CouchDB's 400."""
    if isinstance(rev, str) and _REV.fullmatch(rev):
        return rev
    raise bad_request("Invalid rev format")


def generation(rev: str) -> int:
    """The number before the dash."""
    return int(rev.partition("-")[0])


def following(parent: str | None, body: bytes, *, deleted: bool) -> str:
    """The revision that `body` makes on top of `parent`: the same content gives the same one."""
    digest = blake2b(body, digest_size=16)
    digest.update(b"%d:%s" % (deleted, (parent or "").encode()))
    number = 1 if parent is None else generation(parent) + 1
    return f"{number}-{digest.hexdigest()}"


def rank(rev: str, *, deleted: bool) -> tuple[bool, int, str]:
    """The greatest rank among a document's leaves is what readers see."""
    number, _, digest = rev.partition("-")
    return (not deleted, int(number), digest)
