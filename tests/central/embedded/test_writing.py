"""Documents are written whole or not at all, and revisions decide who was first."""

from __future__ import annotations

import gzip
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.embedded import drafts, wire, writing
from tests.central.embedded.serving import Here, packed

HEX = {letter: letter * 32 for letter in "abcdef"}


def bulk(store, docs, **more):
    return store.ask("POST", "/d/_bulk_docs", {"docs": docs, **more})


def test_the_second_of_two_editors_meets_a_conflict(store):
    first = store.ask("PUT", "/d/x", {"v": 1}).json["rev"]
    assert store.ask("PUT", "/d/x", {"_rev": first, "v": 2}).status == 201
    assert store.ask("PUT", "/d/x", {"_rev": first, "v": 3}).status == 409
    assert store.ask("GET", "/d/x").json["v"] == 2


@pytest.mark.parametrize("way", ["query", "header"])
def test_a_revision_may_come_in_the_query_or_a_header(store, way):
    rev = store.ask("PUT", "/d/x", {"v": 1}).json["rev"]
    query = f"?rev={rev}" if way == "query" else ""
    headers = {"If-Match": f'"{rev}"'} if way == "header" else {}
    assert store.ask("PUT", f"/d/x{query}", {"v": 2}, headers=headers).status == 201


def test_two_different_revisions_in_one_request_are_refused(store):
    rev = store.ask("PUT", "/d/x", {"v": 1}).json["rev"]
    other = "1-" + HEX["a"]
    assert store.ask("PUT", f"/d/x?rev={other}", {"_rev": rev}).status == 400


def test_the_same_content_gets_the_same_revision_everywhere(store):
    one = store.ask("PUT", "/d/x", {"v": 1, "w": "林"}).json["rev"]
    two = store.ask("PUT", "/d/y", {"v": 1, "w": "林"}).json["rev"]
    other = store.ask("PUT", "/d/z", {"v": 2, "w": "林"}).json["rev"]
    assert one == two != other


def test_a_document_posted_without_id_gets_one(store):
    made = store.ask("POST", "/d", {"v": 1})
    assert made.status == 201
    assert store.ask("GET", f"/d/{made.json['id']}").json["v"] == 1


@pytest.mark.parametrize(
    "spoiled",
    [
        b'{"docs":[{"_id":"good"},{"_id":"bad","a":"\\ud800 alone"}]}',
        b'{"docs":[{"_id":"good"},{"_id":"bad","a":"\xff"}]}',
        b'{"docs":[{"_id":"good"},{"_id":"bad","a":"\xed\xa0\x80"}]}',
        b'{"docs":[{"_id":"good"},{"_id":"_bad"}]}',
        b'{"docs":[{"_id":"good"},{"_id":"bad","_odd":1}]}',
        b'{"docs":[{"_id":"good"},[]]}',
        b'{"docs":[{"_id":"good"}',
        b'{"docs":' + b"[" * 100_000,
        b'{"docs":[{"_id":"good"},{"_id":"bad","a":NaN}]}',
        b"[]",
    ],
)
def test_a_spoiled_batch_is_refused_whole(store, spoiled):
    assert store.ask("POST", "/d/_bulk_docs", spoiled).status == 400
    assert store.ask("GET", "/d").json["doc_count"] == 0


def test_a_document_over_the_limit_refuses_the_batch_by_name(store):
    big = {"_id": "big", "a": "x" * drafts.DOCUMENT_BYTES_MAX}
    answer = bulk(store, [{"_id": "small"}, big])
    assert (answer.status, answer.json["reason"]) == (413, "big")
    assert store.ask("GET", "/d/small").status == 404


def test_a_document_just_within_the_limit_is_taken_and_read_back(store):
    text = "x" * (drafts.DOCUMENT_BYTES_MAX - 10)
    assert store.ask("PUT", "/d/big", {"a": text}).status == 201
    assert store.ask("GET", "/d/big").json["a"] == text


def test_a_packed_body_that_unpacks_to_too_much_is_refused(store):
    bomb = gzip.compress(b" " * (wire.BODY_BYTES_MAX + 1))
    answer = store.ask("POST", "/d/_bulk_docs", bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status == 413


def test_a_packed_body_cut_short_is_refused(store):
    cut = packed({"docs": [{"_id": "a"}]})[:-9]
    answer = store.ask("POST", "/d/_bulk_docs", cut, headers={"Content-Encoding": "gzip"})
    assert answer.status == 400


def test_any_json_comes_back_as_it_went_in(store):
    doc = {"n": 10**30, "f": 1.5, "e": "", "z": None, "l": [[], {}], "s": '\u0001\u2028𠮷"\\/'}
    store.ask("PUT", "/d/x", doc)
    assert {**store.ask("GET", "/d/x").json, "_id": 0, "_rev": 0} == {**doc, "_id": 0, "_rev": 0}


def test_a_deleted_document_is_gone_from_listings_and_known_to_the_feed(store):
    rev = store.ask("PUT", "/d/x", {"v": 1}).json["rev"]
    assert bulk(store, [{"_id": "x", "_rev": rev, "_deleted": True}]).json[0]["ok"]
    assert store.ask("GET", "/d/_all_docs").json["rows"] == []
    assert store.ask("GET", "/d/_changes").json["results"][0]["deleted"]
    info = store.ask("GET", "/d").json
    assert (info["doc_count"], info["doc_del_count"]) == (0, 1)


def test_only_so_many_old_revisions_are_remembered(store, monkeypatch):
    monkeypatch.setattr(writing, "REVISIONS_MAX", 100)
    rev = None
    for number in range(301):
        doc = {"v": number} if rev is None else {"v": number, "_rev": rev}
        rev = store.ask("PUT", "/d/x", doc).json["rev"]
    line = store.ask("GET", "/d/x?revs=true").json["_revisions"]
    assert line["start"] == 301
    assert 100 <= len(line["ids"]) <= 202


def test_old_revisions_are_readable_until_compaction(store):
    old = store.ask("PUT", "/d/x", {"v": 1}).json["rev"]
    new = store.ask("PUT", "/d/x", {"_rev": old, "v": 2}).json["rev"]
    assert store.ask("GET", f"/d/x?rev={old}").json["v"] == 1
    assert store.ask("POST", "/d/_compact").status == 202
    assert store.ask("GET", f"/d/x?rev={old}").status == 404
    assert store.ask("GET", f"/d/x?rev={new}").json["v"] == 2
    assert len(store.ask("GET", "/d/x?revs=true").json["_revisions"]["ids"]) == 2


def replicated(*line, **doc):
    start, digests = len(line), [HEX[letter] for letter in reversed(line)]
    return {
        "_id": "x", "_rev": f"{start}-{digests[0]}",
        "_revisions": {"start": start, "ids": digests}, **doc,
    }  # fmt: skip


def test_of_two_branches_the_longer_one_is_seen_and_an_edit_may_go_on_either(store):
    bulk(store, [replicated("a", "b", v="ab"), replicated("a", "c", "d", v="acd")], new_edits=False)
    assert store.ask("GET", "/d/x").json["v"] == "acd"
    loser = f"2-{HEX['b']}"
    assert store.ask("GET", f"/d/x?rev={loser}").json["v"] == "ab"
    grown = store.ask("PUT", "/d/x", {"_rev": loser, "v": "abe"})
    assert grown.status == 201
    assert store.ask("GET", f"/d/x?rev={grown.json['rev']}").json["v"] == "abe"
    assert store.ask("PUT", "/d/x", {"_rev": loser, "v": "again"}).status == 409


def test_deleting_the_branch_that_is_seen_shows_the_other(store):
    bulk(store, [replicated("a", "b", v="ab"), replicated("a", "c", v="ac")], new_edits=False)
    assert store.ask("GET", "/d/x").json["v"] == "ac"
    assert store.ask("DELETE", f"/d/x?rev=2-{HEX['c']}").status == 200
    assert store.ask("GET", "/d/x").json["v"] == "ab"
    info = store.ask("GET", "/d").json
    assert (info["doc_count"], info["doc_del_count"]) == (1, 0)


def test_purging_one_branch_leaves_the_other_and_their_common_past(store):
    bulk(store, [replicated("a", "b", v="ab"), replicated("a", "c", v="ac")], new_edits=False)
    winner, loser = f"2-{HEX['c']}", f"2-{HEX['b']}"
    purged = store.ask("POST", "/d/_purge", {"x": [winner, f"1-{HEX['a']}"]}).json["purged"]
    assert purged == {"x": [winner]}
    assert store.ask("GET", "/d/x?revs=true").json["_revisions"]["ids"] == [HEX["b"], HEX["a"]]
    assert store.ask("POST", "/d/_purge", {"x": [loser]}).json["purged"] == {"x": [loser]}
    assert store.ask("GET", "/d").json["doc_count"] == 0
    assert store.ask("GET", "/d/_changes").json["results"] == []


LINES = [("a",), ("a", "b"), ("a", "c"), ("a", "b", "d"), ("a", "c", "e"), ("f",)]


@settings(max_examples=40, deadline=None)
@given(
    order=st.permutations(range(len(LINES))), kept=st.integers(1, len(LINES)),
    dead=st.sets(st.integers(0, len(LINES) - 1)),
)  # fmt: skip
def test_the_order_in_which_revisions_arrive_does_not_matter(tmp_path_factory, order, kept, dead):
    """Replication is set union: the same revisions show the same document, whatever the order."""
    here = Here(tmp_path_factory.mktemp("orders"))
    try:
        shown = []
        for number, arrival in enumerate((sorted(order[:kept]), order[:kept])):
            base = f"/o{number}"
            here.ask("PUT", base)
            for place in arrival:
                doc = replicated(*LINES[place], v=place, _deleted=place in dead)
                body = {"docs": [doc], "new_edits": False}
                assert here.ask("POST", f"{base}/_bulk_docs", body).status == 201
            info = here.ask("GET", base).json
            shown.append(
                (here.ask("GET", f"{base}/x").json, info["doc_count"], info["doc_del_count"])
            )
        assert shown[0] == shown[1]
    finally:
        here.app.close()


def test_revisions_that_are_not_here_are_told_apart(store):
    bulk(store, [replicated("a", "b", v=1)], new_edits=False)
    asked = {"x": [f"2-{HEX['b']}", f"1-{HEX['a']}", f"3-{HEX['c']}"]}
    told = store.ask("POST", "/d/_revs_diff", asked).json
    assert told["x"]["missing"] == [f"3-{HEX['c']}"]
    assert told["x"]["possible_ancestors"] == [f"1-{HEX['a']}", f"2-{HEX['b']}"]


@pytest.mark.parametrize("id", ["no-colon", ":empty", "empty:"])
def test_a_partitioned_database_takes_only_ids_with_a_partition(store, id):
    store.ask("PUT", "/p?partitioned=true")
    assert store.ask("PUT", f"/p/{id}", {}).status == 400
    assert store.ask("POST", "/p/_bulk_docs", {"docs": [{"_id": id}]}).status == 400
    assert store.ask("POST", "/p", {}).status == 400


def test_local_documents_come_and_go(store):
    rev = store.ask("PUT", "/d/_local/c", {"seq": "7"}).json["rev"]
    assert bulk(store, [{"_id": "_local/c", "_rev": rev, "seq": "8"}]).json[0]["rev"] == "0-2"
    assert store.ask("DELETE", "/d/_local/c?rev=0-2").status == 200
    assert store.ask("GET", "/d/_local/c").status == 404
    for wrong in ("x", 7, "1-1"):
        assert store.ask("PUT", "/d/_local/c", {"_rev": wrong}).status == 400


def test_the_counts_are_those_of_the_rows_after_all_kinds_of_writes(store):
    for id, step in itertools.product("abc", range(3)):
        now = store.ask("GET", f"/d/{id}")
        doc = {"v": step, **({"_rev": now.json["_rev"]} if now.status == 200 else {})}
        bulk(store, [{"_id": id, **doc}, {"_id": id, "v": "loses"}])
    rev = store.ask("GET", "/d/a").json["_rev"]
    store.ask("DELETE", f"/d/a?rev={rev}")
    info = store.ask("GET", "/d").json
    rows = store.ask("GET", "/d/_all_docs").json
    assert info["doc_count"] == rows["total_rows"] == len(rows["rows"]) == 2
    assert info["doc_del_count"] == 1
    assert info["sizes"]["active"] == len('{"v":2}') * 2 + len("{}")
