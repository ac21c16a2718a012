"""Listings and feeds give everything once, in order, however long they are."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.embedded import reading

MANY = reading.PAGE_ROWS * 2 + 7


def fill(store, number=MANY):
    docs = [{"_id": f"k{i:05}", "i": i} for i in range(number)]
    assert store.ask("POST", "/d/_bulk_docs", {"docs": docs}).status == 201


def listing(store, **options):
    query = "&".join(f"{name}={quote(json.dumps(value))}" for name, value in options.items())
    answer = store.ask("GET", f"/d/_all_docs?{query}")
    assert answer.status == 200, answer.raw
    return answer.json


@pytest.mark.parametrize("docs", [True, False])
@pytest.mark.parametrize("descending", [True, False])
def test_a_listing_longer_than_a_page_is_complete_and_in_order(store, docs, descending):
    fill(store)
    rows = listing(store, include_docs=docs, descending=descending)["rows"]
    ids = [f"k{i:05}" for i in range(MANY)]
    assert [row["id"] for row in rows] == (ids[::-1] if descending else ids)
    assert all(("doc" in row) == docs for row in rows)


def test_a_listing_of_large_documents_is_cut_into_pages_by_size(store):
    for number in range(3):
        store.ask("PUT", f"/d/{number}", {"t": "x" * (reading.PAGE_BYTES_MAX - 100)})
    rows = listing(store, include_docs=True)["rows"]
    assert [row["id"] for row in rows] == ["0", "1", "2"]
    changes = store.ask("GET", "/d/_changes?include_docs=true").json
    assert [row["id"] for row in changes["results"]] == ["0", "1", "2"]


def test_many_keys_are_answered_in_their_order_with_what_is_missing(store):
    fill(store)
    keys = [f"k{i:05}" for i in reversed(range(-3, MANY))]
    rows = store.ask("POST", "/d/_all_docs", {"keys": keys}).json["rows"]
    assert [row["key"] for row in rows] == keys
    assert [row.get("error") for row in rows[-3:]] == ["not_found"] * 3


def test_the_offset_is_counted_only_so_far(store, monkeypatch):
    fill(store, 20)
    assert listing(store, startkey="k00015")["offset"] == 15
    monkeypatch.setattr(reading, "OFFSET_MAX", 10)
    assert listing(store, startkey="k00015")["offset"] is None


IDS = sorted(
    ["a", "a:1", "a:2", "a;", "b", "Z", "~", "林", "林梅", "\u00e9", "z\ufff0", "\U00020bb7"]
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    start=st.sampled_from([None, "", *IDS, "a:", "m"]),
    end=st.sampled_from([None, *IDS, "a:\ufff0"]),
    inclusive=st.booleans(), descending=st.booleans(),
    limit=st.none() | st.integers(0, 15), skip=st.integers(0, 5),
)  # fmt: skip
def test_a_range_is_what_sorting_the_ids_by_their_bytes_gives(
    store, start, end, inclusive, descending, limit, skip
):
    if store.ask("GET", "/d").json["doc_count"] == 0:
        store.ask("POST", "/d/_bulk_docs", {"docs": [{"_id": id} for id in IDS]})
    options = {"descending": descending, "skip": skip, "inclusive_end": inclusive}
    options |= {"startkey": start} if start is not None else {}
    options |= {"endkey": end} if end is not None else {}
    options |= {"limit": limit} if limit is not None else {}
    ordered = sorted(IDS, key=str.encode, reverse=descending)

    def past(id: str, bound: str) -> bool:
        return id.encode() < bound.encode() if descending else id.encode() > bound.encode()

    wanted = [id for id in ordered if start is None or id == start or past(id, start)]
    before = len(ordered) - len(wanted)
    if end is not None:
        wanted = [id for id in wanted if past(end, id) or (id == end and inclusive)]
    wanted = wanted[skip:] if limit is None else wanted[skip : skip + limit]
    got = listing(store, **options)
    assert [row["id"] for row in got["rows"]] == wanted
    assert got["offset"] == before + skip


@pytest.mark.parametrize("key", [None, 7, ["a"], {"a": 1}])
def test_a_key_that_is_no_text_sorts_beside_all_ids(store, key):
    fill(store, 3)
    after = isinstance(key, (list, dict))
    assert len(listing(store, startkey=key)["rows"]) == (0 if after else 3)
    assert len(listing(store, endkey=key)["rows"]) == (3 if after else 0)


def test_one_partition_is_listed_alone(store):
    store.ask("PUT", "/p?partitioned=true")
    ids = ["a:1", "a:2", "ab:1", "b:1", "a:3"]
    store.ask("POST", "/p/_bulk_docs", {"docs": [{"_id": id} for id in ids]})
    got = store.ask("GET", "/p/_partition/a/_all_docs").json
    assert [row["id"] for row in got["rows"]] == ["a:1", "a:2", "a:3"]
    assert got["total_rows"] == 3
    got = store.ask("GET", "/p/_partition/a/_all_docs?descending=true&limit=1").json
    assert [row["id"] for row in got["rows"]] == ["a:3"]
    assert store.ask("GET", "/d/_partition/a/_all_docs").status == 400


def test_a_reader_that_follows_the_feed_in_small_steps_meets_every_document(store):
    fill(store, 23)
    since, met, left = "0", [], 1
    while left:
        got = store.ask("GET", f"/d/_changes?since={since}&limit=5").json
        met += [row["id"] for row in got["results"]]
        since, left = got["last_seq"], got["pending"]
    assert met == [f"k{i:05}" for i in range(23)]


def test_a_document_changed_while_the_feed_is_followed_is_met_again(store):
    fill(store, 6)
    first = store.ask("GET", "/d/_changes?limit=3").json
    rev = store.ask("GET", "/d/k00001").json["_rev"]
    store.ask("PUT", "/d/k00001", {"_rev": rev, "i": "new"})
    rest = store.ask("GET", f"/d/_changes?since={first['last_seq']}").json
    assert [row["id"] for row in rest["results"]] == ["k00003", "k00004", "k00005", "k00001"]


def test_the_feed_backwards_is_complete_too(store):
    fill(store)
    got = store.ask("GET", "/d/_changes?descending=true").json["results"]
    assert [row["id"] for row in got] == [f"k{i:05}" for i in reversed(range(MANY))]


def test_a_sequence_ahead_of_the_database_has_nothing_after_it(store):
    fill(store, 3)
    tag = store.ask("GET", "/d").json["update_seq"].partition("-")[2]
    for ahead in ("99", f"99-{tag}"):
        got = store.ask("GET", f"/d/_changes?since={ahead}")
        assert (got.status, got.json["results"]) == (200, [])
        assert got.json["last_seq"].startswith("99-")


def test_a_cursor_of_a_dropped_database_starts_over_in_the_one_made_anew(store):
    fill(store, 3)
    since = store.ask("GET", "/d/_changes").json["last_seq"]
    store.ask("DELETE", "/d")
    store.ask("PUT", "/d")
    fill(store, 2)
    got = store.ask("GET", f"/d/_changes?since={since}").json
    assert [row["id"] for row in got["results"]] == ["k00000", "k00001"]


def test_a_feed_of_some_ids_keeps_back_what_is_over_its_limit(store):
    fill(store, 6)
    ids = {"doc_ids": ["k00001", "k00004"]}
    got = store.ask("POST", "/d/_changes?filter=_doc_ids&limit=1", ids).json
    assert [row["id"] for row in got["results"]] == ["k00001"]
    again = f"/d/_changes?filter=_doc_ids&since={got['last_seq']}"
    got = store.ask("POST", again, ids).json
    assert [row["id"] for row in got["results"]] == ["k00004"]


def test_many_documents_are_fetched_by_id_and_revision(store):
    rev = store.ask("PUT", "/d/x", {"v": 1}).json["rev"]
    asked = {"docs": [{"id": "x", "rev": rev}, {"id": "x", "rev": "9-" + "0" * 32}]}
    first, second = store.ask("POST", "/d/_bulk_get", asked).json["results"]
    assert first["docs"][0]["ok"]["v"] == 1
    assert second["docs"][0]["error"]["error"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/d/_all_docs?limit=-1", 400),
        ("GET", "/d/_all_docs?limit=x", 400),
        ("GET", "/d/%FF", 400),
        ("DELETE", "/_all_dbs", 405),
        ("PATCH", "/d/x", 405),
        ("GET", "/d/_design/a/_view/b", 501),
        ("GET", "/d/x?open_revs=all", 501),
        ("GET", "/d/_changes?filter=app/own", 501),
        ("POST", "/d/_index", 501),
        ("GET", "/_replicate", 501),
        ("GET", "/d/x/file", 501),
    ],
)
def test_what_cannot_be_answered_is_refused_in_json(store, method, path, status):
    got = store.ask(method, path)
    assert got.status == status
    assert got.json["error"]
    assert got.json["reason"]


def test_a_head_has_no_body(store):
    store.ask("PUT", "/d/x", {})
    for path in ("/d", "/d/x", "/d/_all_docs", "/"):
        assert (store.ask("HEAD", path).status, store.ask("HEAD", path).raw) == (200, b"")


def test_what_would_be_answered_only_in_part_is_refused_instead(store):
    assert store.ask("GET", "/d/_changes?style=all_docs").status == 501
    assert store.ask("PUT", "/d/x?new_edits=false", {"_rev": "1-" + "a" * 32}).status == 501
