"""Nothing but CouchDB's own word counts as success, and nothing is told to an impostor."""

from __future__ import annotations

import gzip
import importlib.metadata
import inspect
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from pycouchdb.client import Database as PyCouchDatabase
from pycouchdb.resource import Resource

import sync.couch
import sync.line
from sync.couch import CouchServer, StrictResource, connect
from sync.errors import (
    Conflict,
    Missing,
    NotAllowed,
    NotCouch,
    OnlyAccepted,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    TooLarge,
)
from sync.line import Line
from sync.ports import START
from tests.sync.stub import JSON, Answer, HangUp, Reply, Sent, Silence, Stub, stub_server

REV = "1-967a00dff5e02add41819138abb3284d"
PAGE = b"<html><body>Welcome to Free Wi-Fi, please log in</body></html>"
PATIENT_S, IMPATIENT_S = (5.0, 30.0), (5.0, 0.3)

Verb = Callable[[CouchServer], object]

VERBS: dict[str, Verb] = {
    "get": lambda server: server.database("db").get("a"),
    "put": lambda server: server.database("db").put({"_id": "a"}),
    "delete": lambda server: server.database("db").delete("a", REV),
    "bulk": lambda server: server.database("db").bulk([{"_id": "a"}]),
    "fetch": lambda server: server.database("db").fetch(["a"]),
    "range": lambda server: server.database("db").range("a", "b", limit=1),
    "range-ids": lambda server: server.database("db").range("a", "b", limit=1, docs=False),
    "changes": lambda server: server.database("db").changes(START, limit=1),
    "long-poll": lambda server: server.database("db").changes(START, limit=1, wait_s=0.1),
    "secure": lambda server: server.database("db").secure(["p"]),
    "purge": lambda server: server.database("db").purge({"a": [REV]}),
    "compact": lambda server: server.database("db").compact(),
    "create": lambda server: server.create("db"),
    "drop": lambda server: server.drop("db"),
    "names": lambda server: server.names(),
    "set_user": lambda server: server.set_user("p", "pw"),
}
DOCUMENT_VERBS = [verb for verb in VERBS if verb not in ("create", "drop", "set_user")]


@pytest.fixture(scope="module")
def running() -> Iterator[Stub]:
    with stub_server() as stub:
        yield stub


@pytest.fixture
def stub(running: Stub) -> Stub:
    running.forget()
    return running


@pytest.fixture
def couch(stub: Stub) -> Iterator[CouchServer]:
    with closing(connect(stub.url, timeout_s=PATIENT_S)) as couch:
        yield couch


@pytest.fixture
def impatient(stub: Stub) -> Iterator[CouchServer]:
    """For what is never answered; anything else may come late on a busy machine."""
    with closing(connect(stub.url, timeout_s=IMPATIENT_S)) as couch:
        yield couch


def said(status: int, error: str = "said", reason: str = "so") -> Reply:
    return Reply(status, json.dumps({"error": error, "reason": reason}).encode())


def told(value: object) -> Reply:
    return Reply(200, json.dumps(value).encode())


def raised_by(verb: str, couch: CouchServer) -> type[BaseException]:
    with pytest.raises(RemoteError) as caught:
        VERBS[verb](couch)
    return caught.type


# Something else answers


IMPOSTORS: dict[str, Answer] = {
    "captive portal: 200 with a page": Reply(200, PAGE, "text/html; charset=utf-8"),
    "201 with a page": Reply(201, PAGE, "text/html"),
    "no content type": Reply(200, b'{"ok":true}', None),
    "text that looks like json": Reply(200, b'{"ok":true}', "text/plain"),
    "truncated json": Reply(200, b'{"ok":true,"id":"a","re'),
    "empty body": Reply(200, b""),
    "204 without a body": Reply(204, b""),
    "206 part of something": Reply(206, b'{"ok":true}'),
    "bytes that are no text": Reply(200, b'{"ok":"\xff"}'),
    "nested without end": Reply(200, b"[" * 100_000),
    "json of another service": told({"status": "please log in"}),
    "json null": told(None),
    "json true": told(True),
    "404 page": Reply(404, PAGE, "text/html"),
    "401 page": Reply(401, PAGE, "text/html"),
    "403 page": Reply(403, PAGE, "text/html"),
    "409 page": Reply(409, PAGE, "text/html"),
    "412 page": Reply(412, PAGE, "text/html"),
    "404 json of another service": Reply(404, b'{"message":"no route"}'),
    "403 json of another service": Reply(403, b'{"message":"blocked"}'),
    "304": Reply(304, b"", JSON),
    "302 to a log-in page": Reply(302, b"{}", JSON, {"Location": "/login"}),
}


@pytest.mark.parametrize("impostor", IMPOSTORS)
@pytest.mark.parametrize("verb", VERBS)
def test_whatever_is_not_couchdb_is_not_taken_for_it(
    stub: Stub, couch: CouchServer, verb: str, impostor: str
) -> None:
    stub.answer = IMPOSTORS[impostor]

    assert raised_by(verb, couch) is NotCouch


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - {"names"}))
def test_an_empty_list_is_no_answer(stub: Stub, couch: CouchServer, verb: str) -> None:
    stub.answer = told([])

    assert raised_by(verb, couch) is NotCouch


@pytest.mark.parametrize("verb", ["put", "delete", "secure", "create", "drop"])
def test_a_write_that_is_not_confirmed_is_not_done(
    stub: Stub, couch: CouchServer, verb: str
) -> None:
    stub.answer = told({"ok": False, "id": "a", "rev": REV})

    assert raised_by(verb, couch) is NotCouch


@pytest.mark.parametrize("answer", [{"ok": True}, {"ok": True, "id": "b", "rev": REV}])
def test_a_put_counts_only_with_its_own_revision(
    stub: Stub, couch: CouchServer, answer: dict
) -> None:
    stub.answer = told(answer)

    assert raised_by("put", couch) is NotCouch


def test_another_document_than_the_one_asked_for_is_refused(stub: Stub, couch: CouchServer) -> None:
    stub.answer = told({"_id": "b", "_rev": REV})

    assert raised_by("get", couch) is NotCouch


STORED = {"ok": True, "id": "a", "rev": REV}
REFUSED = {"id": "b", "error": "forbidden", "reason": "not yours"}


@pytest.mark.parametrize(
    "rows",
    [
        [STORED],
        [STORED, REFUSED, REFUSED],
        [REFUSED, STORED],
        [STORED, {"id": "b"}],
        [STORED, {"ok": True, "id": "b"}],
        [STORED, {"id": "b", "rev": REV}],
        [STORED, {"ok": True, "id": "b", "rev": REV, "error": "forbidden"}],
        [STORED, {"ok": "yes", "id": "b", "rev": REV}],
    ],
)
def test_a_bulk_counts_only_if_each_document_has_its_own_clear_answer(
    stub: Stub, couch: CouchServer, rows: list
) -> None:
    stub.answer = told(rows)

    with pytest.raises(NotCouch):
        couch.database("db").bulk([{"_id": "a"}, {"_id": "b"}])


def test_a_forbidden_row_is_a_refusal_and_hides_nothing(stub: Stub, couch: CouchServer) -> None:
    stub.answer = told([STORED, REFUSED])

    first, second = couch.database("db").bulk([{"_id": "a"}, {"_id": "b"}])

    assert (first.ok, first.rev) == (True, REV)
    assert (second.ok, second.rev, second.error) == (False, None, "forbidden")
    assert second.reason == "not yours"


def test_an_answer_without_end_is_cut_off(
    stub: Stub, couch: CouchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync.line, "ANSWER_BYTES_MAX", 1000)
    stub.answer = told({"_id": "a", "_rev": REV, "text": "x" * 1000})

    assert raised_by("get", couch) is NotCouch


def test_a_head_is_judged_by_its_content_type_too(stub: Stub) -> None:
    line = Line(stub.url, None, PATIENT_S, None)
    with closing(line):
        resource = StrictResource(stub.url, line)
        stub.answer = Reply(200, b"", "text/html")
        with pytest.raises(NotCouch):
            resource.head("db")
        stub.answer = Reply(404, b"")
        with pytest.raises(Missing):
            resource.head("db")
        stub.answer = Reply(200, b"")
        assert resource.head("db")[0].status_code == 200


# CouchDB answers, or the line fails


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RemoteRefused),
        (401, NotAllowed),
        (403, NotAllowed),
        (404, Missing),
        (405, RemoteRefused),
        (409, Conflict),
        (413, TooLarge),
        (415, RemoteRefused),
        (429, RemoteUnavailable),
        (500, RemoteUnavailable),
        (503, RemoteUnavailable),
    ],
)
@pytest.mark.parametrize("verb", DOCUMENT_VERBS)
def test_each_refusal_is_its_own_class(
    stub: Stub, couch: CouchServer, verb: str, status: int, kind: type[RemoteError]
) -> None:
    stub.answer = said(status)

    assert raised_by(verb, couch) is kind


def test_a_412_is_refused_and_to_create_it_means_there_already(
    stub: Stub, couch: CouchServer
) -> None:
    stub.answer = said(412, "file_exists")

    assert couch.create("db") is False
    assert issubclass(raised_by("put", couch), RemoteRefused)


def test_only_couchdbs_own_words_say_that_a_document_is_missing(
    stub: Stub, couch: CouchServer
) -> None:
    stub.answer = said(404, "not_found", "deleted")
    assert couch.database("db").get("a") is None

    stub.answer = said(404, "not_found", "Database does not exist.")
    assert raised_by("get", couch) is Missing


ACCEPTED: dict[str, object] = {
    "put": {"ok": True, "id": "a", "rev": REV},
    "delete": {"ok": True, "id": "a", "rev": REV},
    "bulk": [{"ok": True, "id": "a", "rev": REV}],
    "purge": {"purge_seq": None, "purged": {"a": [REV]}},
    "secure": {"ok": True},
}


@pytest.mark.parametrize("verb", ACCEPTED)
def test_what_too_few_copies_took_is_not_written_and_may_be_tried_again(
    stub: Stub, couch: CouchServer, verb: str
) -> None:
    stub.answer = Reply(202, told(ACCEPTED[verb]).body)

    assert raised_by(verb, couch) is OnlyAccepted
    assert OnlyAccepted.retry


def test_a_database_that_not_all_nodes_know_yet_is_made_and_dropped(
    stub: Stub, couch: CouchServer
) -> None:
    stub.answer = Reply(202, b'{"ok":true}')

    assert couch.create("db") is True
    couch.drop("db")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("verb", VERBS)
def test_a_proxy_in_trouble_is_unavailable(
    stub: Stub, couch: CouchServer, verb: str, status: int
) -> None:
    stub.answer = Reply(status, PAGE, "text/html")

    assert raised_by(verb, couch) is RemoteUnavailable


def test_a_proxys_limit_is_as_hard_as_couchdbs(stub: Stub, couch: CouchServer) -> None:
    stub.answer = Reply(413, PAGE, "text/html")

    assert raised_by("bulk", couch) is TooLarge


CUTS: dict[str, Answer] = {
    "cut in the middle of the body": Reply(201, b'[{"ok":true,"id":"a","rev":"1-a"}]', length=900),
    "hung up without a word": HangUp(),
    "silence": Silence(),
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("verb", sorted(VERBS.keys() - {"long-poll"}))
def test_a_line_that_fails_is_unavailable_and_nothing_is_sent_twice(
    stub: Stub, couch: CouchServer, impatient: CouchServer, verb: str, cut: str
) -> None:
    stub.answer = CUTS[cut]

    assert raised_by(verb, impatient if cut == "silence" else couch) is RemoteUnavailable
    assert stub.heard.wait(30)
    assert len(stub.sent) == 1


def test_a_long_poll_that_is_never_answered_ends(
    stub: Stub, impatient: CouchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync.couch, "POLL_MARGIN_S", 0.1)
    stub.answer = Silence()
    begun = time.monotonic()

    assert raised_by("long-poll", impatient) is RemoteUnavailable
    assert time.monotonic() - begun < 5


def test_nobody_listening_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with closing(connect(url, timeout_s=PATIENT_S)) as couch:
            for verb in VERBS:
                assert raised_by(verb, couch) is RemoteUnavailable


def test_the_classes_say_retry_or_never() -> None:
    assert RemoteUnavailable.retry
    assert NotCouch.retry
    never = (RemoteRefused, TooLarge, NotAllowed, Missing, Conflict)
    assert not any(kind.retry for kind in never)


# What is sent


def test_a_request_is_written_as_couchdb_reads_it(stub: Stub, couch: CouchServer) -> None:
    stub.answer = told({"rows": []})
    couch.database("db").range("a", "b", limit=3)
    stub.answer = told({"_id": "a/b?c#d+e 福", "_rev": REV})
    couch.database("db").get("a/b?c#d+e 福")
    stub.answer = told({"ok": True})
    couch.create("outbox")
    couch.create("journal", partitioned=True)

    assert [sent.path for sent in stub.sent] == [
        "/db/_all_docs?startkey=%22a%22&endkey=%22b%22&inclusive_end=false&limit=3"
        "&include_docs=true",
        "/db/a%2Fb%3Fc%23d%2Be%20%E7%A6%8F",
        "/outbox?q=1",
        "/journal?partitioned=true",
    ]


def test_a_large_body_travels_compressed_and_a_small_one_plain(
    stub: Stub, couch: CouchServer
) -> None:
    stub.answer = told(STORED)
    large = {"_id": "a", "text": "福州" * 2000}

    couch.database("db").put({"_id": "a"})
    couch.database("db").put(large)

    small, big = stub.sent
    assert "Content-Encoding" not in small.headers
    assert json.loads(small.body) == {"_id": "a"}
    assert big.headers["Content-Encoding"] == "gzip"
    assert len(big.body) < 500
    assert json.loads(gzip.decompress(big.body)) == large
    assert {sent.headers["Content-Type"] for sent in stub.sent} == {"application/json"}


def test_a_database_without_members_is_sent_as_closed(stub: Stub, couch: CouchServer) -> None:
    stub.answer = told({"ok": True})

    couch.database("db").secure([])

    [sent] = stub.sent
    assert json.loads(sent.body)["members"] == {"names": [], "roles": ["_admin"]}


def test_many_purges_go_in_parts_that_couchdb_takes(stub: Stub, couch: CouchServer) -> None:
    stub.answer = told({"purge_seq": None, "purged": {}})

    couch.database("db").purge({f"d{n}": [REV] for n in range(250)})

    assert [len(json.loads(_plain(sent))) for sent in stub.sent] == [100, 100, 50]


def _plain(sent: Sent) -> bytes:
    packed = sent.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(sent.body) if packed else sent.body


# pycouchdb underneath


def test_pycouchdb_still_goes_through_the_private_name_that_we_replace() -> None:
    assert importlib.metadata.version("pycouchdb") == "1.17.1"
    theirs = list(inspect.signature(vars(Resource)["_request_response"]).parameters)
    ours = list(inspect.signature(vars(StrictResource)["_request_response"]).parameters)
    assert ours == theirs
    assert "self._request_response(" in inspect.getsource(Resource.request)


def test_pycouchdbs_own_methods_cannot_pass_by_the_strict_resource(stub: Stub) -> None:
    stub.answer = Reply(502, PAGE, "text/html")
    with closing(Line(stub.url, None, PATIENT_S, None)) as line:
        database = PyCouchDatabase(StrictResource(stub.url, line)("db"), "db")
        calls: list[Callable[[], object]] = [
            lambda: database.get("a"),
            lambda: database.save({"_id": "a"}),
            lambda: database.save_bulk([{"_id": "a"}]),
            lambda: database.delete_bulk([{"_id": "a"}]),
            lambda: database.changes_list(),
            lambda: list(database.all(as_list=True)),
            lambda: list(database.find({})),
        ]
        for call in calls:
            with pytest.raises(RemoteUnavailable):
                call()


def test_an_unchecked_stream_is_not_to_be_had(stub: Stub) -> None:
    with closing(Line(stub.url, None, PATIENT_S, None)) as line:
        with pytest.raises(ValueError, match="stream"):
            StrictResource(stub.url, line).get("db", stream=True)
        with pytest.raises(RemoteRefused):
            StrictResource(stub.url, line)("..", "db")

    assert stub.sent == []


@pytest.mark.parametrize(
    "url", ["", "central.example", "ftp://central.example", "http://", "http://host/?a=1"]
)
def test_an_address_that_is_none_is_a_mistake_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="address of a CouchDB"):
        connect(url)
