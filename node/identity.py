"""Who this node is: the author it writes as, its keys, and when it must become a new author.

The keys and the high-water mark stand in ``keys/`` beside the data file and are kept out of
backups. A store that is opened on another machine, or that is behind its high-water mark, was
copied or restored: it takes a new author and a serial range of its own before its first write.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from cases.numbers import SUFFIX_ALPHABET
from node.enrolment import Enrolment
from sync.seal import Box
from sync.sign import Signer
from sync.store import Store
from sync.writing import Identity, writing

SOFTWARE = "0.1.0"
HIGH_WATER = "high-water"


class Kept(msgspec.Struct, frozen=True):
    """What ``keys/identity.json`` holds."""

    author: str
    sign_seed: bytes
    box_seed: bytes
    machine: str
    serial_suffix: str


def machine_id() -> str:
    """What tells this machine from another one that runs a copy of its disk folder."""
    for name in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            return Path(name).read_text().strip()
        except OSError:
            continue
    return os.uname().nodename if hasattr(os, "uname") else ""


def keys_file(data: Path) -> Path:
    """Where the identity is kept."""
    return data / "keys" / "identity.json"


def load_kept(data: Path) -> Kept | None:
    """The identity of this data folder, or None before its first opening."""
    try:
        return msgspec.json.decode(keys_file(data).read_bytes(), type=Kept)
    except FileNotFoundError:
        return None


def save_kept(data: Path, kept: Kept) -> None:
    """Write the identity whole or not at all, readable by its owner only."""
    path = keys_file(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    spare = path.with_suffix(f".{secrets.token_hex(4)}")
    with open(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(kept))
        file.flush()
        os.fsync(file.fileno())
    spare.replace(path)


def new_kept(
    enrolment: Enrolment, *, first: bool, machine: str, before: Kept | None = None
) -> Kept:
    """A new author for the point, with a new key; its own serial range unless it is the first.

    The box of the one ``before`` stays: what was sealed for it here must open without a line.
    """
    suffix = "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(4))
    plain = first and enrolment.range == "plain"
    return Kept(
        author=f"{enrolment.point}.{suffix}",
        sign_seed=Signer.new().seed,
        box_seed=before.box_seed if before else Box.new().seed,
        machine=machine,
        serial_suffix="" if plain else suffix,
    )


def must_renew(kept: Kept, head: int, machine: str, *, high_water: int = 0) -> str | None:
    """Why this store, whose last own event is ``head``, may not go on as its author, or None."""
    if kept.machine != machine:
        return "数据目录被拷到了另一台电脑"
    if head < high_water:
        return f"数据比上次写入时旧（{head} < {high_water}），像是从备份恢复的"
    return None


def identity_of(kept: Kept, enrolment: Enrolment) -> Identity:
    """The writing identity of a kept one."""
    return Identity(
        author=kept.author,
        point=enrolment.point,
        point_number=enrolment.point_number,
        signer=Signer(kept.sign_seed),
        box_public=Box(kept.box_seed).public,
        serial_suffix=kept.serial_suffix,
    )


def open_book(
    store: Store,
    identity: Identity,
    enrolment: Enrolment,
    clock: Callable[[], str],
    day_of: Callable[[str], date],
) -> None:
    """State ``store.opened`` as the author's first event, and take the enrolment's documents."""
    if store.head(identity.author)[0] > 0:
        return
    before = store.cursor("author", "")
    data: dict[str, Any] = {
        "sign_key": identity.signer.public,
        "box_key": identity.box_public,
        "software": SOFTWARE,
        "range": identity.serial_suffix or "plain",
    }
    if before:
        data["continues"] = {"author": before, "hash": store.head(before)[1]}
    with writing(store, identity, clock, day_of) as w:
        w.state("store.opened", identity.author, data, actor="node")
        store.set_cursor("author", identity.author)
        if not before:
            _take_enrolled(store, identity, enrolment)


def _take_enrolled(store: Store, identity: Identity, enrolment: Enrolment) -> None:
    staff = f"staff:{enrolment.point}"
    if store.document(staff) is None:
        store.set_document(staff, enrolment.staff)
    if enrolment.block:
        block = {**enrolment.block, "author": identity.author}
        store.set_document(f"block:{enrolment.block['id']}", block)


def high_water(data: Path, author: str) -> int:
    """The last ``n`` that this author is known to have written here; 0 if nothing is known."""
    try:
        name, _, n = (data / "keys" / HIGH_WATER).read_text().partition(" ")
        return int(n) if name == author else 0
    except (OSError, ValueError):
        return 0


def raise_high_water(data: Path, author: str, n: int) -> None:
    """Note, after the commit, up to where the author has written.

    The file is kept out of backups, and not synced: a mark that is a little low only sees less. It
    is written over in its place and never cut first, so that a disk that is full leaves the old
    mark; what was committed is not undone by that.
    """
    if n > high_water(data, author):
        with suppress(OSError):
            mark = os.open(data / "keys" / HIGH_WATER, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.write(mark, f"{author} {n:010d}".encode())
            finally:
                os.close(mark)
