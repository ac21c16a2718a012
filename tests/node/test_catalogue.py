"""A node switches to the catalogue that central signed, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from cases.parties import home_in
from node.catalogue import held_bundle, take_bundle
from sync.bundle import BadBundle, Bundle, bundle_documents, load_bundle
from sync.memory import MemoryServer
from sync.ports import Database
from sync.seal import Box
from sync.sign import Signer
from sync.store import Store

ROOT = Signer.new()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "node.db", Box.new(), home_in(load_bundle().directory))
    yield store
    store.close()


@pytest.fixture
def catalogue() -> Database:
    server = MemoryServer()
    server.create("catalogue")
    return server.database("catalogue")


def publish(catalogue: Database, bundle: Bundle, number: int, signer: Signer = ROOT) -> None:
    for doc in bundle_documents(bundle, signer, number):
        known = catalogue.get(doc["_id"])
        catalogue.put({**doc, **({"_rev": known["_rev"]} if known else {})})


def changed() -> Bundle:
    carried = load_bundle()
    first, *rest = carried.catalogue.matters
    matters = (msgspec.structs.replace(first, promised_days=3), *rest)
    return replace(carried, catalogue=msgspec.structs.replace(carried.catalogue, matters=matters))


def test_the_carried_catalogue_serves_until_one_was_published(store, catalogue):
    assert take_bundle(store, catalogue, ROOT.public, load_bundle()) is False
    assert held_bundle(store, ROOT.public).number == 0


def test_the_same_content_under_a_number_needs_no_restart_and_comes_once(store, catalogue):
    publish(catalogue, load_bundle(), 1)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle()) is False
    assert held_bundle(store, ROOT.public).number == 1
    catalogue.delete("bundle", str(catalogue.get("bundle")["_rev"]))
    publish(catalogue, load_bundle(), 1)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle()) is False


def test_a_new_catalogue_is_in_use_from_the_next_start_on(store, catalogue):
    publish(catalogue, load_bundle(), 1)
    publish(catalogue, changed(), 2)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle()) is True
    held = held_bundle(store, ROOT.public)
    assert held.number == 2
    assert held.catalogue.matters[0].promised_days == 3


def test_a_catalogue_of_somebody_else_or_half_of_one_changes_nothing(store, catalogue):
    publish(catalogue, changed(), 2, Signer.new())
    with pytest.raises(BadBundle, match="签名"):
        take_bundle(store, catalogue, ROOT.public, load_bundle())
    head, *_ = [d for d in bundle_documents(changed(), ROOT, 3) if d["_id"] == "bundle"]
    catalogue.put({**head, "_rev": str(catalogue.get("bundle")["_rev"]), "parts": ["bundle:none"]})
    with pytest.raises(BadBundle):
        take_bundle(store, catalogue, ROOT.public, load_bundle())
    assert held_bundle(store, ROOT.public).number == 0
    assert store.document("bundle") is None
