"""Heads: what central once published fixes the past, and a change of it is seen at every point."""

from __future__ import annotations

from typing import Any, cast

import pytest

from central.district import JOURNAL
from central.router import follow_journal
from central.setup import CATALOGUE
from sync.canonical import canonical, decode, digest
from sync.db import write
from sync.heads import PREFIX, publish_heads, published, take_heads, verify_pages
from sync.memory import MemoryServer
from sync.ports import Doc
from sync.sign import Signer
from sync.store import Store
from tests.central.travel import CENTRE, HERE, Journey

AT = "2026-11-25T16:00:05Z"


def publish(twin: Journey, day: str) -> bool:
    catalogue = twin.server.database(CATALOGUE)
    return publish_heads(twin.router.store, catalogue, twin.district.secrets.root, day, AT)


def take(twin: Journey, store: Store) -> int:
    root = twin.district.secrets.root.public
    return take_heads(store, twin.server.database(CATALOGUE), root)


def wrong(twin: Journey, store: Store) -> list[str]:
    pages = (page for _, page in store.documents(PREFIX))
    return list(verify_pages(store, pages, twin.district.secrets.root.public))


def pages(twin: Journey) -> list[Doc]:
    return list(published(twin.server.database(CATALOGUE)))


def put(twin: Journey, id: str, signer: Signer | None = None, **fields: Any) -> None:
    catalogue = twin.server.database(CATALOGUE)
    known = cast(Doc, catalogue.get(id)) if catalogue.get(id) else {"_id": id}
    plain = {k: v for k, v in known.items() if k[0] != "_"} | fields
    signed = (signer or twin.district.secrets.root).sign(plain)
    catalogue.put({**{k: v for k, v in known.items() if k[0] == "_"}, **signed})


@pytest.fixture
def kept(twin: Journey) -> str:
    """A case that both points and central hold, under two days' heads kept at both points."""
    number = twin.receive()
    twin.forward(number)
    twin.carry()
    assert publish(twin, "2026-11-25")
    twin.receive()
    twin.carry()
    assert publish(twin, "2026-11-26")
    for code in (HERE, CENTRE):
        with twin.at(code) as store:
            assert take(twin, store) == 2
            assert take(twin, store) == 0
            assert store.parked() == []
            assert wrong(twin, store) == []
    return number


def test_a_day_has_one_page_and_only_who_wrote_stands_in_the_next(twin: Journey, kept: str) -> None:
    assert not publish(twin, "2026-11-26")
    first, second = pages(twin)
    author = twin.nodes[HERE].identity.author
    assert {author, twin.nodes[CENTRE].identity.author} <= first["authors"].keys()
    assert list(second["authors"]) == [author]
    assert second["prev"] == digest({k: v for k, v in first.items() if k[0] != "_"})


@pytest.mark.parametrize("code", [HERE, CENTRE])
def test_a_page_that_is_changed_afterwards_is_told_to_a_person(
    twin: Journey, kept: str, code: str
) -> None:
    put(twin, "heads:2026-11-26", authors={})
    with twin.at(code) as store:
        take(twin, store)
        assert [why for _, why, _ in store.parked()] == [
            "区中心把已公布的日志摘要改了，请报区中心说明"
        ]


def test_a_history_written_anew_does_not_link_to_the_pages_held(twin: Journey, kept: str) -> None:
    put(twin, "heads:2026-11-27", day="2026-11-27", at=AT, prev="sha256:0", authors={})
    with twin.at(CENTRE) as store:
        assert take(twin, store) == 1
        assert "接不上" in store.parked()[0][1]
        assert any("接不上" in said for said in wrong(twin, store))


def test_a_page_nobody_could_sign_is_not_kept(twin: Journey, kept: str) -> None:
    put(twin, "heads:2026-11-27", Signer.new(), day="2026-11-27", at=AT, prev="", authors={})
    with twin.at(CENTRE) as store:
        assert take(twin, store) == 0
        assert store.document("heads:2026-11-27") is None
        assert "不是区中心签的" in store.parked()[0][1]


def test_central_that_publishes_another_event_in_our_name_is_found_out(
    twin: Journey, kept: str
) -> None:
    author = twin.nodes[HERE].identity.author
    last = digest({k: v for k, v in pages(twin)[-1].items() if k[0] != "_"})
    put(twin, "heads:2026-11-27", day="2026-11-27", at=AT, prev=last,
        authors={author: [2, "sha256:another"]})  # fmt: skip
    with twin.at(HERE) as store:
        assert take(twin, store) == 1
        assert [why for _, why, _ in store.parked()] == [
            f"{author}: 第 2 条与 2026-11-27 公布的日志摘要不符"
        ]


def test_an_event_changed_with_its_signature_afterwards_contradicts_the_page(
    twin: Journey, kept: str
) -> None:
    """Even the author itself cannot change what a page covers."""
    author = twin.nodes[HERE].identity.author
    with twin.at(CENTRE) as store:
        (body,) = (
            store.db.execute("SELECT body FROM events WHERE author=? AND n=4", [author]).fetchone()
            or store.db.execute(
                "SELECT body FROM events WHERE author=? ORDER BY n DESC", [author]
            ).fetchone()
        )
        doc = twin.nodes[HERE].identity.signer.sign({**decode(body), "actor": "s-9"})
        with write(store.db):
            store.db.execute(
                "UPDATE events SET body=?, hash=? WHERE id=?",
                [canonical(doc), digest(doc), doc["id"]],
            )
        assert any("公布的日志摘要不符" in said for said in wrong(twin, store))


def test_central_that_dropped_what_it_once_published_is_found_out(twin: Journey, kept: str) -> None:
    fresh = twin.district.open_store("fresh.db")
    root = twin.district.secrets.root.public
    bases = cast(MemoryServer, twin.server)._store.bases
    for id in list(bases[JOURNAL].docs):
        if id.startswith(kept):
            del bases[JOURNAL].docs[id]
    while follow_journal(fresh, twin.server):
        pass
    said = list(verify_pages(fresh, pages(twin), root, complete=True))
    fresh.close()
    author = twin.nodes[HERE].identity.author
    assert said == [f"{author}: 第 3 条在 2026-11-25 已公布，日志里却没有"]
