"""What we rely on in CouchDB. Every server, and the memory twin, must behave like this."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from sync.errors import Conflict, Missing, NotAllowed, RemoteError, RemoteRefused, TooLarge
from sync.ports import START, Database
from tests.contract.conftest import Remote

CASE = "GL017-261122-0042-K"
EVENTS = [f"{CASE}:{k:04}-350102005005.k3f9" for k in range(1, 6)]


def ids(docs: list[dict]) -> list[str]:
    return [doc["_id"] for doc in docs]


def drain(db: Database, since: str = START, limit: int = 2) -> tuple[list[str], str]:
    """Read page after page until caught up; gives the ids in order, and the last cursor."""
    seen: list[str] = []
    while True:
        page = db.changes(since, limit=limit)
        seen += [change.id for change in page.rows]
        since = page.cursor
        if page.caught_up:
            return seen, since


# Databases


def test_a_database_is_made_once(remote: Remote) -> None:
    name = remote.name("once")

    assert remote.admin.create(name) is True
    assert remote.admin.create(name) is False
    assert name in remote.admin.names()


def test_a_database_that_is_there_keeps_what_it_holds(remote: Remote) -> None:
    db = remote.make()
    db.put({"_id": "a"})

    remote.admin.create(db.name)

    assert db.get("a") is not None


def test_a_dropped_database_is_gone_and_may_be_dropped_again(remote: Remote) -> None:
    db = remote.make()
    db.put({"_id": "a"})

    remote.admin.drop(db.name)
    remote.admin.drop(db.name)

    assert db.name not in remote.admin.names()
    with pytest.raises(Missing):
        db.get("a")


def test_a_database_made_anew_is_empty(remote: Remote) -> None:
    db = remote.make()
    db.put({"_id": "a"})
    remote.admin.drop(db.name)

    assert remote.admin.create(db.name)

    assert db.get("a") is None
    assert db.changes(START, limit=10).rows == []


def test_a_bad_name_of_a_database_is_refused(remote: Remote) -> None:
    with pytest.raises(RemoteRefused):
        remote.admin.create("017-outbox")
    with pytest.raises(RemoteRefused):
        remote.admin.create("Bad Name")


def test_asking_for_a_handle_makes_no_request(remote: Remote) -> None:
    assert remote.admin.database("not-there").name == "not-there"


VERBS: dict[str, Callable[[Database], object]] = {
    "get": lambda db: db.get("a"),
    "put": lambda db: db.put({"_id": "a"}),
    "delete": lambda db: db.delete("a", "1-967a00dff5e02add41819138abb3284d"),
    "bulk": lambda db: db.bulk([{"_id": "a"}]),
    "fetch": lambda db: db.fetch(["a"]),
    "range": lambda db: db.range("a", "b", limit=1),
    "changes": lambda db: db.changes(START, limit=1),
    "long-poll": lambda db: db.changes(START, limit=1, wait_s=5),
    "secure": lambda db: db.secure(["somebody"]),
    "purge": lambda db: db.purge({"a": ["1-967a00dff5e02add41819138abb3284d"]}),
    "compact": lambda db: db.compact(),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_missing_database_is_missing_on_every_verb(remote: Remote, verb: str) -> None:
    with pytest.raises(Missing):
        VERBS[verb](remote.admin.database(remote.name("none")))


# One document


def test_what_was_put_comes_back(db: Database) -> None:
    rev = db.put({"_id": EVENTS[0], "type": "case.received", "n": 1, "data": {"empty": None}})

    assert db.get(EVENTS[0]) == {
        "_id": EVENTS[0],
        "_rev": rev,
        "type": "case.received",
        "n": 1,
        "data": {"empty": None},
    }


def test_a_document_that_was_never_written_is_none(db: Database) -> None:
    assert db.get("never") is None


def test_unicode_survives(db: Database) -> None:
    text = '林𠮷㐂𬭎 \u0001"\\/ \u2028 é e\u0301 👩‍👩‍👧'

    db.put({"_id": "a", "名": text, "list": [text]})

    assert db.fetch(["a"])["a"]["名"] == text
    [change] = db.changes(START, limit=1).rows
    assert change.doc is not None
    assert change.doc["list"] == [text]


def test_whole_numbers_survive(db: Database) -> None:
    numbers = [0, -1, 2**53 + 1, 2**63 - 1, 12345678901234567890]

    db.put({"_id": "a", "numbers": numbers})

    doc = db.get("a")
    assert doc is not None
    assert doc["numbers"] == numbers


def test_half_a_character_is_refused(db: Database) -> None:
    with pytest.raises(RemoteRefused):
        db.put({"_id": "a", "text": "\ud842"})
    with pytest.raises(RemoteRefused):
        db.bulk([{"_id": "fine"}, {"_id": "b", "text": "\ud842"}])

    assert db.fetch(["a", "b", "fine"]) == {}


def test_a_field_called_error_is_just_a_field(db: Database) -> None:
    db.put({"_id": "a", "error": "conflict", "reason": "quarrel"})

    doc = db.get("a")
    assert doc is not None
    assert doc["error"] == "conflict"


def test_a_changed_document_has_another_revision(db: Database) -> None:
    first = db.put({"_id": "bell", "n": 1})
    second = db.put({"_id": "bell", "_rev": first, "n": 2})

    assert first != second
    assert db.get("bell") == {"_id": "bell", "_rev": second, "n": 2}


@pytest.mark.parametrize("rev", [None, "1-00000000000000000000000000000000"])
def test_a_put_that_does_not_know_the_present_revision_conflicts(
    db: Database, rev: str | None
) -> None:
    db.put({"_id": "a", "n": 1})
    known = {} if rev is None else {"_rev": rev}

    with pytest.raises(Conflict):
        db.put({"_id": "a", "n": 2, **known})

    doc = db.get("a")
    assert doc is not None
    assert doc["n"] == 1


def test_a_revision_of_a_document_that_is_not_there_conflicts(db: Database) -> None:
    with pytest.raises(Conflict):
        db.put({"_id": "a", "_rev": "1-00000000000000000000000000000000"})


def test_a_field_that_couchdb_keeps_for_itself_is_refused(db: Database) -> None:
    with pytest.raises(RemoteRefused):
        db.put({"_id": "a", "_mine": 1})


@pytest.mark.parametrize("id", ["", ".", "..", "_all_docs", "_bad", "\ud842"])
def test_an_id_that_would_address_something_else_is_refused(db: Database, id: str) -> None:
    with pytest.raises(RemoteRefused):
        db.get(id)
    with pytest.raises(RemoteRefused):
        db.put({"_id": id})
    with pytest.raises(RemoteRefused):
        db.bulk([{"_id": id}])


def test_an_id_full_of_url_characters_is_one_document(db: Database) -> None:
    odd = "a/b?c#d+e %2F福"

    db.put({"_id": odd, "n": 1})

    assert set(db.fetch([odd, "a", "a/b"])) == {odd}
    doc = db.get(odd)
    assert doc is not None
    assert doc["n"] == 1


def test_a_big_document_is_taken_and_a_huge_one_is_too_large(db: Database) -> None:
    db.put({"_id": "big", "text": "福" * 300_000})

    doc = db.get("big")
    assert doc is not None
    assert len(doc["text"]) == 300_000
    with pytest.raises(TooLarge):
        db.put({"_id": "huge", "text": "x" * 8_100_000})


def test_a_deleted_document_is_none(db: Database) -> None:
    rev = db.put({"_id": "a"})

    db.delete("a", rev)

    assert db.get("a") is None
    assert db.fetch(["a"]) == {}


def test_only_the_present_revision_is_deleted(db: Database) -> None:
    first = db.put({"_id": "a"})
    second = db.put({"_id": "a", "_rev": first})

    with pytest.raises(Conflict):
        db.delete("a", first)

    doc = db.get("a")
    assert doc is not None
    assert doc["_rev"] == second


def test_deleting_what_is_not_there_conflicts_and_is_not_a_missing_database(db: Database) -> None:
    rev = db.put({"_id": "a"})
    db.delete("a", rev)

    with pytest.raises(Conflict):
        db.delete("a", rev)
    with pytest.raises(Conflict):
        db.delete("never", rev)


def test_a_deleted_document_may_be_written_again(db: Database) -> None:
    db.delete("a", db.put({"_id": "a", "n": 1}))

    rev = db.put({"_id": "a", "n": 2})

    assert db.get("a") == {"_id": "a", "_rev": rev, "n": 2}


# Many documents


def test_a_bulk_answers_for_each_document_in_order(db: Database) -> None:
    rows = db.bulk([{"_id": id, "n": n} for n, id in enumerate(reversed(EVENTS))])

    assert [row.id for row in rows] == EVENTS[::-1]
    assert all(row.ok for row in rows)
    stored = db.fetch(EVENTS)
    assert {row.id: row.rev for row in rows} == {id: doc["_rev"] for id, doc in stored.items()}


def test_a_bulk_with_one_conflict_still_reports_and_writes_all_others(db: Database) -> None:
    db.put({"_id": EVENTS[1], "n": "first"})

    rows = db.bulk([{"_id": id, "n": "second"} for id in EVENTS[:3]])

    assert [row.ok for row in rows] == [True, False, True]
    assert (rows[1].id, rows[1].rev, rows[1].error) == (EVENTS[1], None, "conflict")
    assert [doc["n"] for doc in db.fetch(EVENTS[:3]).values()] == ["second", "first", "second"]


def test_the_same_content_again_is_a_conflict_row_and_the_caller_compares(db: Database) -> None:
    docs = [{"_id": id, "n": n} for n, id in enumerate(EVENTS)]
    db.bulk(docs)

    again = db.bulk(docs)

    assert [row.error for row in again] == ["conflict"] * 5
    stored = db.fetch(EVENTS)
    assert [{**stored[doc["_id"]], "_rev": None} for doc in docs] == [
        {**doc, "_rev": None} for doc in docs
    ]


def test_the_same_id_twice_in_a_bulk_is_written_once(db: Database) -> None:
    rows = db.bulk([{"_id": "twice", "v": 1}, {"_id": "twice", "v": 2}])

    assert [row.error for row in rows] == [None, "conflict"]
    doc = db.get("twice")
    assert doc is not None
    assert doc["v"] == 1


def test_a_bulk_changes_and_deletes_with_the_right_revisions(db: Database) -> None:
    a, b = (row.rev for row in db.bulk([{"_id": "a"}, {"_id": "b"}]))

    rows = db.bulk([{"_id": "a", "_rev": a, "n": 2}, {"_id": "b", "_rev": b, "_deleted": True}])

    assert all(row.ok for row in rows)
    assert [(id, doc["n"]) for id, doc in db.fetch(["a", "b"]).items()] == [("a", 2)]


def test_a_bulk_of_nothing_answers_nothing(db: Database) -> None:
    assert db.bulk([]) == []


def test_a_bulk_with_one_document_that_is_none_writes_nothing(db: Database) -> None:
    with pytest.raises(RemoteRefused):
        db.bulk([{"_id": "fine"}, {"_id": "bad", "_mine": 1}])

    assert db.get("fine") is None


def test_a_bulk_does_not_change_what_the_caller_gave(db: Database) -> None:
    docs = [{"_id": "a", "n": [1]}]

    db.bulk(docs)

    assert docs == [{"_id": "a", "n": [1]}]


def test_fetch_gives_those_that_exist(db: Database) -> None:
    db.bulk([{"_id": "a", "n": 1}, {"_id": "b", "n": 2}])
    db.delete("b", db.fetch(["b"])["b"]["_rev"])

    found = db.fetch(["b", "none", "a"])

    assert set(found) == {"a"}
    assert found["a"]["n"] == 1
    assert db.fetch([]) == {}


# Ranges


def test_a_range_gives_ids_in_order_from_start_up_to_but_without_end(db: Database) -> None:
    db.bulk([{"_id": id} for id in ("b", "a", "d", "c")])

    assert ids(db.range("a", "d", limit=10)) == ["a", "b", "c"]
    assert ids(db.range("aa", "z", limit=2)) == ["b", "c"]
    assert db.range("x", "z", limit=10) == []


def test_a_range_that_runs_backwards_is_empty(db: Database) -> None:
    db.put({"_id": "b"})

    assert db.range("c", "a", limit=10) == []
    assert db.range("b", "b", limit=10) == []


def test_a_range_orders_ids_by_bytes(db: Database) -> None:
    mixed = ["A-1", "Z", "a", "a-1", "a.1", "a1", "a:1", "a~1", "b", "0", "9"]
    db.bulk([{"_id": id} for id in mixed])

    assert ids(db.range("0", "~", limit=20)) == sorted(mixed)


def test_one_range_reads_one_whole_subject(db: Database) -> None:
    db.bulk([{"_id": id} for id in (*EVENTS, "GL017-261122-0041-A:0001-x", f"{CASE}9:0001-x")])

    assert ids(db.range(f"{CASE}:", f"{CASE};", limit=100)) == EVENTS


def test_a_range_without_documents_gives_ids_and_revisions(db: Database) -> None:
    rev = db.put({"_id": "a", "n": 1})

    assert db.range("a", "b", limit=10, docs=False) == [{"_id": "a", "_rev": rev}]
    assert db.range("a", "b", limit=10) == [{"_id": "a", "_rev": rev, "n": 1}]


def test_a_range_passes_over_what_is_deleted(db: Database) -> None:
    db.bulk([{"_id": "a"}, {"_id": "b"}])
    db.delete("a", db.fetch(["a"])["a"]["_rev"])

    assert ids(db.range("a", "z", limit=1)) == ["b"]


def test_a_limit_of_nothing_is_a_mistake_of_the_caller(db: Database) -> None:
    with pytest.raises(ValueError, match="asks for nothing"):
        db.range("a", "z", limit=0)
    with pytest.raises(ValueError, match="asks for nothing"):
        db.changes(START, limit=0)


# Changes


def test_changes_come_in_the_order_of_the_last_write_each_document_once(db: Database) -> None:
    rev = db.put({"_id": "a", "n": 1})
    db.put({"_id": "b"})
    db.put({"_id": "a", "_rev": rev, "n": 2})

    page = db.changes(START, limit=10)

    assert [(change.id, change.deleted) for change in page.rows] == [("b", False), ("a", False)]
    assert page.rows[1].doc is not None
    assert page.rows[1].doc["n"] == 2
    assert page.caught_up


def test_a_cursor_resumes_exactly(db: Database) -> None:
    names = [f"d{n}" for n in range(7)]
    for name in names:
        db.put({"_id": name})

    seen, cursor = drain(db, limit=3)
    db.put({"_id": "later"})

    assert seen == names
    assert drain(db, cursor)[0] == ["later"]


def test_the_cursor_of_each_row_resumes_after_that_row(db: Database) -> None:
    db.bulk([{"_id": f"d{n}"} for n in range(4)])
    rows = db.changes(START, limit=10).rows

    for at, row in enumerate(rows):
        assert drain(db, row.seq)[0] == [later.id for later in rows[at + 1 :]]


def test_a_full_page_says_whether_more_waits(db: Database) -> None:
    db.bulk([{"_id": f"d{n}"} for n in range(4)])

    first = db.changes(START, limit=2)
    second = db.changes(first.cursor, limit=2)

    assert (len(first.rows), first.caught_up) == (2, False)
    assert (len(second.rows), second.caught_up) == (2, True)


def test_an_empty_database_is_caught_up(db: Database) -> None:
    page = db.changes(START, limit=10)

    assert page.rows == []
    assert page.caught_up
    assert drain(db, page.cursor)[0] == []


def test_changes_without_documents_have_none(db: Database) -> None:
    db.put({"_id": "a", "n": 1})

    [change] = db.changes(START, limit=10, docs=False).rows

    assert (change.id, change.doc) == ("a", None)


def test_a_deleted_document_shows_as_a_deleted_change(db: Database) -> None:
    cursor = drain(db)[1]
    db.delete("a", db.put({"_id": "a"}))

    [change] = db.changes(cursor, limit=10).rows

    assert (change.id, change.deleted, change.doc) == ("a", True, None)


def test_a_refused_write_is_no_change(db: Database) -> None:
    db.put({"_id": "a"})
    cursor = drain(db)[1]

    db.bulk([{"_id": "a"}])

    assert db.changes(cursor, limit=10).rows == []


def test_nonsense_for_a_cursor_is_refused(db: Database) -> None:
    with pytest.raises(RemoteRefused):
        db.changes("nonsense", limit=10)


def test_a_cursor_ahead_of_the_database_gives_no_rows_and_no_error(remote: Remote) -> None:
    """After a restore: a cursor that is ahead must not pass for an error, or for new rows."""
    ahead, behind = remote.make("ahead"), remote.make("behind")
    ahead.bulk([{"_id": f"d{n}"} for n in range(5)])
    behind.put({"_id": "old"})
    cursor = drain(ahead)[1]

    page = behind.changes(cursor, limit=10)

    # A CouchDB knows databases apart, and may begin this one anew: that is safe too.
    assert [change.id for change in page.rows] in ([], ["old"])
    assert page.caught_up
    behind.put({"_id": "new"})
    assert drain(behind, page.cursor)[0] == ["new"]


def test_a_long_poll_with_changes_waiting_answers_at_once(db: Database) -> None:
    db.put({"_id": "a"})
    begun = time.monotonic()

    page = db.changes(START, limit=10, wait_s=30)

    assert [change.id for change in page.rows] == ["a"]
    assert time.monotonic() - begun < 5


WRITES: dict[str, Callable[[Database, str], object]] = {
    "put": lambda db, rev: db.put({"_id": "woken", "_rev": rev}),
    "bulk": lambda db, rev: db.bulk([{"_id": "woken", "_rev": rev}]),
    "delete": lambda db, rev: db.delete("woken", rev),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_long_poll_wakes_on_a_write(remote: Remote, db: Database, write: str) -> None:
    rev = db.put({"_id": "woken"})
    cursor = drain(db)[1]
    writer = remote.connect().database(db.name)
    later = threading.Timer(0.3, WRITES[write], [writer, rev])
    begun = time.monotonic()
    later.start()

    page = db.changes(cursor, limit=10, wait_s=30)

    later.join()
    assert 0.2 < time.monotonic() - begun < 5
    [change] = page.rows
    assert (change.id, change.deleted) == ("woken", write == "delete")
    assert drain(db, page.cursor)[0] == []


def test_a_long_poll_does_not_wake_for_another_database(remote: Remote, db: Database) -> None:
    other = remote.connect().database(remote.make("other").name)
    cursor = drain(db)[1]
    later = threading.Timer(0.1, other.put, [{"_id": "elsewhere"}])
    begun = time.monotonic()
    later.start()

    page = db.changes(cursor, limit=10, wait_s=0.4)

    later.join()
    assert page.rows == []
    assert time.monotonic() - begun >= 0.35


def test_a_long_poll_that_nothing_wakes_comes_back_caught_up(db: Database) -> None:
    db.put({"_id": "a"})
    cursor = drain(db)[1]

    page = db.changes(cursor, limit=10, wait_s=0.2)

    assert (page.rows, page.caught_up) == ([], True)
    db.put({"_id": "b"})
    assert drain(db, page.cursor)[0] == ["b"]


# Purging


def test_a_purged_document_is_as_if_never_written(db: Database) -> None:
    rev = db.put({"_id": "a", "key": "wrapped"})
    db.put({"_id": "b"})

    db.purge({"a": [rev]})

    assert db.get("a") is None
    assert ids(db.range("a", "z", limit=10)) == ["b"]
    assert [change.id for change in db.changes(START, limit=10).rows] == ["b"]
    assert db.put({"_id": "a"}).startswith("1-")


def test_purging_what_is_not_there_does_nothing(db: Database) -> None:
    rev = db.put({"_id": "a"})

    db.purge({"none": [rev], "a": ["9-00000000000000000000000000000000"]})

    assert db.get("a") is not None


def test_more_is_purged_than_one_request_takes(db: Database) -> None:
    rows = db.bulk([{"_id": f"d{n:03}"} for n in range(130)])

    db.purge({row.id: [row.rev or ""] for row in rows})

    assert db.range("d", "e", limit=200) == []


# Compacting


def test_compacting_changes_nothing_that_anybody_sees(db: Database) -> None:
    rev = db.put({"_id": "a", "keys": ["wrapped"]})
    rev = db.put({"_id": "a", "_rev": rev})
    cursor = db.changes(START, limit=10).cursor

    for _ in range(2):
        db.compact()

    assert db.get("a") == {"_id": "a", "_rev": rev}
    assert db.changes(cursor, limit=10).rows == []


# Partitions


def test_a_partitioned_database_holds_whole_subjects(remote: Remote) -> None:
    journal = remote.make("journal", partitioned=True)

    journal.bulk([{"_id": id} for id in EVENTS])

    assert ids(journal.range(f"{CASE}:", f"{CASE};", limit=100)) == EVENTS
    assert sorted(drain(journal)[0]) == EVENTS


def test_a_partitioned_database_refuses_an_id_without_a_subject(remote: Remote) -> None:
    journal = remote.make("journal", partitioned=True)

    with pytest.raises(RemoteRefused):
        journal.put({"_id": "nosubject"})


# Who may do what


def test_a_member_uses_its_own_database(remote: Remote) -> None:
    db = remote.make("own")
    point, line = remote.user()
    db.secure([point])
    own = line.database(db.name)

    own.put({"_id": "a", "n": 1})

    assert own.bulk([{"_id": "b"}])[0].ok
    assert set(own.fetch(["a", "b"])) == {"a", "b"}
    assert drain(own)[0] == ["a", "b"]


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - {"secure"}))
def test_a_stranger_is_not_allowed_anything(remote: Remote, verb: str) -> None:
    db = remote.make("closed")
    point, _ = remote.user()
    db.secure([point])
    _, stranger = remote.user()

    with pytest.raises(NotAllowed):
        VERBS[verb](stranger.database(db.name))


def test_a_member_cannot_open_its_database_to_others(remote: Remote) -> None:
    db = remote.make("own")
    point, line = remote.user()
    other, stranger = remote.user()
    db.secure([point])

    with pytest.raises(RemoteError):  # a CouchDB answers 500 here, of all things
        line.database(db.name).secure([point, other])

    with pytest.raises(NotAllowed):
        stranger.database(db.name).get("a")


def test_a_new_database_is_closed_to_all_but_administrators(remote: Remote) -> None:
    db = remote.make()
    _, line = remote.user()

    with pytest.raises(NotAllowed):
        line.database(db.name).get("a")


def test_a_database_without_members_is_not_public(remote: Remote) -> None:
    db = remote.make()
    point, line = remote.user()
    db.secure([point])
    line.database(db.name).put({"_id": "a"})

    db.secure([])

    with pytest.raises(NotAllowed):
        line.database(db.name).get("a")
    assert db.get("a") is not None


@pytest.mark.parametrize(
    "order",
    [
        lambda server, name: server.create(name),
        lambda server, name: server.drop(name),
        lambda server, name: server.names(),
        lambda server, name: server.set_user("test-other", "pw"),
    ],
    ids=["create", "drop", "names", "set_user"],
)
def test_only_administrators_keep_house(remote: Remote, order: Callable) -> None:
    db = remote.make()
    point, line = remote.user()
    db.secure([point])

    with pytest.raises(NotAllowed):
        order(line, db.name)

    assert db.get("a") is None


def test_a_wrong_password_is_not_allowed(remote: Remote) -> None:
    db = remote.make()
    point, _ = remote.user("right")
    db.secure([point])

    with pytest.raises(NotAllowed):
        remote.sign_in(point, "wrong").database(db.name).get("a")
    with pytest.raises(NotAllowed):
        remote.sign_in("test-nobody", "right").database(db.name).get("a")


def test_a_changed_password_holds_at_once(remote: Remote) -> None:
    db = remote.make()
    point, _ = remote.user("old")
    db.secure([point])

    remote.admin.set_user(point, "new")

    assert remote.sign_in(point, "new").database(db.name).get("a") is None
    with pytest.raises(NotAllowed):
        remote.sign_in(point, "old").database(db.name).get("a")


def test_setting_a_password_twice_is_no_conflict(remote: Remote) -> None:
    point, _ = remote.user("pw")

    remote.admin.set_user(point, "pw")
    remote.admin.set_user(point, "pw")


# Many at once


def test_of_two_who_write_one_document_at_once_one_wins(remote: Remote, db: Database) -> None:
    lines = [remote.connect().database(db.name) for _ in range(4)]
    revs: list[str] = []
    gate = threading.Barrier(len(lines))

    def write(line: Database) -> None:
        gate.wait()
        with suppress(Conflict):
            revs.append(line.put({"_id": "one", "n": 1}))

    threads = [threading.Thread(target=write, args=[line]) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [rev] = revs
    doc = db.get("one")
    assert doc is not None
    assert doc["_rev"] == rev


def test_no_change_is_lost_while_others_write(remote: Remote, db: Database) -> None:
    lines = [remote.connect().database(db.name) for _ in range(3)]
    total = 3 * 40

    def write(line: Database, who: int) -> None:
        for n in range(40):
            line.put({"_id": f"w{who}-{n:03}"})

    threads = [threading.Thread(target=write, args=[line, at]) for at, line in enumerate(lines)]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    cursor, until = START, time.monotonic() + 60
    while len(seen) < total and time.monotonic() < until:
        page = db.changes(cursor, limit=7, wait_s=1)
        seen += [change.id for change in page.rows]
        cursor = page.cursor
    for thread in threads:
        thread.join()

    assert len(seen) == len(set(seen)) == total


def test_a_few_huge_documents_do_not_stop_whoever_reads(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter of what one answer may hold, eight times: all of it comes, in smaller answers."""
    monkeypatch.setattr("sync.line.ANSWER_BYTES_MAX", 400_000)
    db = remote.make()
    for n in range(8):
        db.put({"_id": f"d{n}", "text": "x" * 100_000})

    cursor, caught_up, seen = START, False, []
    while not caught_up:
        page = db.changes(cursor, limit=8)
        cursor, caught_up = page.cursor, page.caught_up
        seen += [change.id for change in page.rows]

    assert sorted(seen) == [f"d{n}" for n in range(8)]
    listed: list[str] = []
    while page_of_docs := db.range(f"{listed[-1]}!" if listed else "", "~", limit=8):
        listed += [doc["_id"] for doc in page_of_docs]
    assert listed == sorted(seen)
