"""A node switches to the catalogue that central signed, whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from cases.divisions import Divisions
from cases.guide import Guide
from cases.parties import home_in
from node.agent import Agent
from node.catalogue import held_bundle, is_due, take_bundle
from sync.bundle import HEAD_ID, BadBundle, Bundle, bundle_documents, load_bundle
from sync.holding import NEXT_ID
from sync.memory import MemoryServer
from sync.ports import Database
from sync.seal import Box
from sync.sign import Signer
from sync.store import Store

ROOT = Signer.new()
TODAY, TOMORROW = "2026-11-23", "2026-11-24"


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


def publish(
    catalogue: Database, bundle: Bundle, number: int, signer: Signer = ROOT, head: str = HEAD_ID
) -> None:
    for made in bundle_documents(bundle, signer, number):
        doc = {**made, "_id": head} if made["_id"] == HEAD_ID else made
        known = catalogue.get(doc["_id"])
        catalogue.put({**doc, **({"_rev": known["_rev"]} if known else {})})


def changed(days: int = 3) -> Bundle:
    carried = load_bundle()
    first, second, *_ = carried.catalogue.matters
    matters = (msgspec.structs.replace(first, promised_days=days), second)
    few = msgspec.structs.replace(carried.catalogue, matters=matters, bundles=())
    return replace(carried, catalogue=few, guide=Guide(), divisions=Divisions([]))


def test_the_carried_catalogue_serves_until_one_was_published(store, catalogue):
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY) is False
    assert held_bundle(store, ROOT.public, TODAY).number == 0


def test_the_same_content_under_a_number_needs_no_restart_and_comes_once(store, catalogue):
    publish(catalogue, load_bundle(), 1)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY) is False
    assert held_bundle(store, ROOT.public, TODAY).number == 1
    catalogue.delete("bundle", str(catalogue.get("bundle")["_rev"]))
    publish(catalogue, load_bundle(), 1)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY) is False


def test_a_new_catalogue_is_in_use_from_the_next_start_on(store, catalogue):
    publish(catalogue, load_bundle(), 1)
    publish(catalogue, changed(), 2)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY) is True
    held = held_bundle(store, ROOT.public, TODAY)
    assert held.number == 2
    assert held.catalogue.matters[0].promised_days == 3


def test_a_catalogue_of_somebody_else_or_half_of_one_changes_nothing(store, catalogue):
    publish(catalogue, changed(), 2, Signer.new())
    with pytest.raises(BadBundle, match="签名"):
        take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY)
    head, *_ = [d for d in bundle_documents(changed(), ROOT, 3) if d["_id"] == "bundle"]
    catalogue.put({**head, "_rev": str(catalogue.get("bundle")["_rev"]), "parts": ["bundle:none"]})
    with pytest.raises(BadBundle):
        take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY)
    assert held_bundle(store, ROOT.public, TODAY).number == 0
    assert store.document("bundle") is None


def tomorrows(days: int = 9) -> Bundle:
    return replace(changed(days), since=TOMORROW)


def promised(store: Store, day: str) -> int:
    return held_bundle(store, ROOT.public, day).catalogue.matters[0].promised_days


def test_what_holds_from_tomorrow_lies_ready_and_holds_tomorrow_without_a_line(store, catalogue):
    publish(catalogue, changed(), 2)
    publish(catalogue, tomorrows(), 3, head=NEXT_ID)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY) is True
    held = held_bundle(store, ROOT.public, TODAY)
    assert (held.number, promised(store, TODAY)) == (2, 3)
    assert take_bundle(store, catalogue, ROOT.public, held, TODAY) is False
    assert not is_due(store, ROOT.public, held, TODAY)
    assert is_due(store, ROOT.public, held, TOMORROW)
    assert promised(store, TOMORROW) == 9
    assert not is_due(store, ROOT.public, held_bundle(store, ROOT.public, TOMORROW), TOMORROW)


def test_a_point_that_puts_tomorrows_head_where_todays_stands_changes_no_day(store, catalogue):
    publish(catalogue, changed(), 2)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY)
    publish(catalogue, tomorrows(), 3)
    assert not take_bundle(
        store, catalogue, ROOT.public, held_bundle(store, ROOT.public, TODAY), TODAY
    )
    assert (promised(store, TODAY), promised(store, TOMORROW)) == (3, 9)


def test_what_was_published_later_goes_over_what_waited_for_its_day(store, catalogue):
    publish(catalogue, changed(), 2)
    publish(catalogue, tomorrows(), 3, head=NEXT_ID)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY)
    publish(catalogue, changed(7), 4)
    assert take_bundle(store, catalogue, ROOT.public, held_bundle(store, ROOT.public, TODAY), TODAY)
    assert (promised(store, TODAY), promised(store, TOMORROW)) == (7, 7)


def test_a_new_pc_that_comes_after_the_day_uses_what_holds_then(store, catalogue):
    publish(catalogue, changed(), 2)
    publish(catalogue, tomorrows(), 3, head=NEXT_ID)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TOMORROW)
    assert promised(store, TOMORROW) == 9


def test_a_head_whose_parts_are_missing_is_not_taken_and_todays_stays(store, catalogue):
    publish(catalogue, changed(), 2)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY)
    head = bundle_documents(tomorrows(), ROOT, 3)[-1]
    catalogue.put({**head, "_id": NEXT_ID})
    with pytest.raises(BadBundle, match="缺少"):
        take_bundle(store, catalogue, ROOT.public, held_bundle(store, ROOT.public, TODAY), TODAY)
    assert (promised(store, TODAY), promised(store, TOMORROW)) == (3, 3)


def test_an_agent_without_a_line_starts_anew_on_the_day(store, catalogue):
    publish(catalogue, changed(), 2)
    publish(catalogue, tomorrows(), 3, head=NEXT_ID)
    assert take_bundle(store, catalogue, ROOT.public, load_bundle(), TODAY)
    now = [f"{TODAY}T15:59:00Z"]
    node = SimpleNamespace(
        point=SimpleNamespace(code="350102004001"),
        identity=SimpleNamespace(author="a"),
        enrolment=SimpleNamespace(root_key=ROOT.public),
        bundle=held_bundle(store, ROOT.public, TODAY),
        clock=lambda: now[0],
    )
    agent = Agent(node, threading.Event())
    agent._change_over(store)
    assert not agent.stop.is_set()
    now[0] = f"{TODAY}T16:00:00Z"
    agent._change_over(store)
    assert agent.stop.is_set()
    assert agent.renewed
