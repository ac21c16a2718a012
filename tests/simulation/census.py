"""Looks into every store and says in plain values what it holds: for the oracle to compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cases.carried import told
from cases.events import Event
from central.district import JOURNAL, READ_MODEL, ROUTER_MODEL, inbox_name
from sync import registers
from sync.ports import Database
from sync.seal import CannotUnseal
from sync.store import Store
from sync.verify import verify
from sync.word import own_authors
from tests.simulation.oracle import Census, View, token_of

if TYPE_CHECKING:
    from tests.simulation.office import Office
    from tests.simulation.world import World

PAGE = 1000
NO_AUTHOR = "nobody"  # central's gaps are judged by the oracle, which knows what was destroyed


def take(world: World) -> Census:
    """Everything there is."""
    server = world.district.admin
    inboxes = {}
    for code in world.codes:
        docs = _documents(server.database(inbox_name(code)))
        inboxes[code] = frozenset(doc["_id"] for doc in docs if "event" in doc)
    return Census(
        journal={doc["_id"]: doc["event"] for doc in _documents(server.database(JOURNAL))},
        nodes=tuple(_of_office(world, office) for office in world.offices if not office.lost),
        models=tuple(_of_model(world, name) for name in (ROUTER_MODEL, READ_MODEL)),
        inboxes=inboxes,
    )


def survivors(world: World) -> set[str]:
    """The tokens of every fact that any disk still holds: nodes, and CouchDB's databases.

    What a backup holds without its key, which went with the old disk, nobody can read any more.
    """
    found: set[str] = set()
    for office in world.offices:
        if not office.lost:
            store = office.closed_store()
            found |= {token_of(dict(e.doc)) for e in _events(store) if _opens(store, e)}
            store.close()
    server = world.district.admin
    for name in server.names():
        if name.startswith(("outbox-", "inbox-", JOURNAL)):
            docs = _documents(server.database(name))
            found |= {token_of(doc["event"]) for doc in docs if "event" in doc}
    return found


def _opens(store: Store, event: Event) -> bool:
    try:
        store.unseal(event)
    except CannotUnseal:
        return False
    return True


def _documents(database: Database) -> Iterator[dict[str, Any]]:
    start = ""
    while docs := database.range(start, "~", limit=PAGE):
        yield from docs
        start = f"{docs[-1]['_id']}!"


def _events(store: Store) -> Iterator[Event]:
    seq = 0
    while held := store.held(seq, PAGE):
        yield from (event for _, event in held)
        seq = held[-1][0]


def _of_office(world: World, office: Office) -> View:
    store = office.closed_store()
    try:
        identity = office.node.identity
        root = world.district.value.secrets.root.public
        mine = own_authors(store, identity.author)
        return _view(
            store,
            office.name,
            office.code,
            identity.author,
            receipts={author: store.receipt(author).n for author in mine},
            unopened=tuple(_unopened(world, store)),
            problems=tuple(verify(store, root, whole=identity.author)),
        )
    finally:
        store.close()


def _of_model(world: World, name: str) -> View:
    store = world.district.model(name)
    try:
        root = world.district.value.secrets.root.public
        return _view(
            store, name, "central", "", problems=tuple(verify(store, root, whole=NO_AUTHOR))
        )
    finally:
        store.close()


def _view(store: Store, name: str, point: str, author: str, **more: Any) -> View:
    events = {event.id: dict(event.doc) for event in _events(store)}
    return View(name, point, author, events, dict(_states(store)), **more)


def _states(store: Store) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    numbers = store.db.execute("SELECT number FROM subjects ORDER BY number").fetchall()
    for (number,) in numbers:
        folded = registers.subject(store.db, number)
        if folded is not None:
            verdicts = {step.id: step.verdict for step in folded.steps}
            yield number, (folded.state.value, verdicts)


def _unopened(world: World, store: Store) -> Iterator[str]:
    """The events whose sealed part does not open here, or does not say what was sealed."""
    for event in _events(store):
        fact = told(event)
        if fact.sealed is None:
            continue
        try:
            said = store.unseal(fact)
        except CannotUnseal:
            yield event.id
            continue
        if said != world.oracle.sealed.get(fact.actor):
            yield event.id
