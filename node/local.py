"""This node as one value: its store, its identity, the catalogue, the clock.

Made once a process (:func:`open_node`) and once a request or thread (:meth:`Node.local`), since
a connection belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cases.guide import Guide
from cases.parties import home_in
from cases.points import Point
from cases.times import day_of
from node.catalogue import held_bundle
from node.config import NodeConfig
from node.enrolment import Enrolment, read_enrolment
from node.identity import (
    high_water,
    identity_of,
    load_kept,
    machine_id,
    must_renew,
    new_kept,
    open_book,
    raise_high_water,
    save_kept,
)
from node.line import word_of
from node.renewal import is_copied, restate_copied
from sync.blobs.folder import BlobFolder
from sync.bundle import Bundle, load_bundle
from sync.clock import clock_of, utc_now
from sync.db import DataFolderError, named, require_writable
from sync.seal import Box
from sync.store import Store
from sync.writing import Identity, Writing, writing

if TYPE_CHECKING:
    from node.judging import Kept

BLOBS = "blobs"


@dataclass(frozen=True)
class Local:
    """What one request works with. ``writing()`` is one durable transaction."""

    store: Store
    node: Node

    @property
    def bundle(self) -> Bundle:
        """Catalogue, points, divisions and calendar."""
        return self.node.bundle

    @property
    def guide(self) -> Guide:
        """The questions that decide which papers are needed: the bundle's, or the product's own."""
        guide = self.node.bundle.guide
        return guide if guide.questions else load_bundle().guide

    @property
    def point(self) -> Point:
        """The point this node stands at."""
        return self.node.point

    @property
    def identity(self) -> Identity:
        """The author this node writes as."""
        return self.node.identity

    def now(self) -> str:
        """The time now (UTC, ISO)."""
        return self.node.clock()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One durable transaction in this node's name."""
        behind = max(0, -word_of(self.store).ahead)
        with writing(self.store, self.identity, self.node.clock, day_of, behind_s=behind) as w:
            yield w
        raise_high_water(self.node.config.data, w.identity.author, w.n)

    def today(self) -> date:
        """Today in Shanghai."""
        return day_of(self.now())


@dataclass(frozen=True)
class Node:
    """What every process of this node shares."""

    config: NodeConfig
    enrolment: Enrolment
    identity: Identity
    box: Box
    bundle: Bundle
    clock: Callable[[], str] = utc_now
    judged: dict[str, Kept] = field(default_factory=dict, compare=False, repr=False)
    """What lists have judged of each case: ``judging`` alone looks into it."""

    @property
    def point(self) -> Point:
        """The point this node stands at."""
        return self.bundle.directory.by_code(self.enrolment.point)

    @property
    def database(self) -> Path:
        """The data file."""
        return self.config.data / "node.db"

    @property
    def blobs(self) -> BlobFolder:
        """The sealed scans that are here."""
        return BlobFolder(self.config.data / BLOBS)

    @property
    def token_key(self) -> bytes:
        """The key this point's QR tokens are authenticated with."""
        return bytes.fromhex(self.enrolment.token_key)

    def open_store(self, *, checkpoints: bool = False) -> Store:
        """A connection of one's own to the store. Close it."""
        home = home_in(self.bundle.directory)
        return Store(self.database, self.box, home, checkpoints=checkpoints)

    @contextmanager
    def local(self) -> Iterator[Local]:
        """A store for one request or thread, closed at its end."""
        store = self.open_store()
        try:
            yield Local(store, self)
        finally:
            store.close()


def open_node(config: NodeConfig, clock: Callable[[], str] | None = None) -> Node:
    """Open the data folder: take the enrolment, settle who writes, make the store.

    :raises DataFolderError: says what is wrong with the folder and what to do.
    :raises StorageError: the disk is full, read-only or broken.
    """
    with named(str(config.data)):
        return _open_node(config, clock or clock_of(config.data))


def _open_node(config: NodeConfig, clock: Callable[[], str]) -> Node:
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_writable(config.data)
    enrolment = _enrolment(config)
    kept = load_kept(config.data)
    backup = kept is None and (config.data / "node.db").exists()
    first = kept is None and not backup
    machine = machine_id()
    if kept is None:
        kept = new_kept(enrolment, first=first, machine=machine)
        save_kept(config.data, kept)
    home = home_in(load_bundle().directory)
    store = Store(config.data / "node.db", Box(kept.box_seed), home)
    try:
        if backup:
            store.rebuild()  # its registers hold words of what only the old PC's keys open
        bundle = held_bundle(store, enrolment.root_key, day_of(clock()).isoformat())
        head, mark = store.head(kept.author)[0], high_water(config.data, kept.author)
        if must_renew(kept, head, machine, high_water=mark) or is_copied(store, kept.author):
            kept = new_kept(enrolment, first=False, machine=machine, before=kept)
            save_kept(config.data, kept)
        identity = identity_of(kept, enrolment)
        open_book(store, identity, enrolment, clock, day_of)
        restate_copied(store, identity, clock, day_of)
    finally:
        store.close()
    return Node(config, enrolment, identity, Box(kept.box_seed), bundle, clock)


def _enrolment(config: NodeConfig) -> Enrolment:
    kept = config.data / "keys" / "enrolment.json"
    if kept.exists():
        return read_enrolment(kept)
    if config.enrolment is None:
        raise DataFolderError(f"{config.data}: 本机还没有入网，请在配置里写上 enrolment 文件的位置")
    enrolment = read_enrolment(config.enrolment)
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept.write_bytes(config.enrolment.read_bytes())
    kept.chmod(0o600)
    return enrolment
