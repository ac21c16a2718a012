"""Every exchange recorded with Apache CouchDB 3.5.1, asked of the embedded store in the same order.

Status, error, reason, shape and meaning must be the recorded ones. Revisions, sequences, uuids,
salts and times are opaque: a recorded one is replaced by the one that the store gave in its place.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.central.embedded.serving import Process, Reply, basic, encoded, is_silent, replied

RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parent / "couchdb-3.5.1.jsonl").read_text("utf-8").split("\n")
    if line
]
REV = re.compile(r"\b[1-9]\d*-[0-9a-f]{32}\b")
SEQ = re.compile(r"\d+-g1AAAA[\w-]*")

# What the embedded store leaves out, and why. It answers 501 to each.
LEFT_OUT = {
    "changes with a selector": "nothing reads filtered feeds: each point has its own database",
    "continuous feed for a while (timeout 300)": "long-polls are what every reader uses",
    "attachment put": "blobs travel through central's web, never through the database",
    "attachment get": "as attachment put",
    "attachment range": "as attachment put",
    "attachment head": "as attachment put; a HEAD says it by its status alone",
    "attachment missing": "as attachment put",
    "attachment put without rev": "as attachment put",
    "inline attachment": "as attachment put",
    "design doc with validate_doc_update": "no JavaScript on the way of events",
    "db updates from now": "late and not guaranteed; the database `bell` is polled instead",
    "db updates longpoll answered by a write": "as db updates from now",
    "find without an index": "no Mango: readers go by id or by feed",
}
# What only follows from something left out: these are not asked.
FOLLOWS = {
    "doc with attachment stub": "attachment put",
    "member writes as another": "design doc with validate_doc_update",
    "member changes a doc": "design doc with validate_doc_update",
    "member deletes a doc": "design doc with validate_doc_update",
    "member bulk: one allowed, one forbidden, one there already":
        "design doc with validate_doc_update",
}  # fmt: skip

# What was done between the recorded exchanges, without being recorded, before the one named.
BETWEEN: dict[str, list[tuple[str, str, Any]]] = {
    "bulk: the same id twice in one request": [("POST", "/rec-a", {"n": 7})],
    "changes of an empty db": [("PUT", "/rec-b", None)],
    "changes from 0": [("PUT", f"/rec-b/d{i}", {"i": i}) for i in (1, 2, 3)],
    "changes after a delete": [("DELETE", "/rec-b/d2?rev={d2}", None)],
    "user created": [
        ("PUT", "/_users/org.couchdb.user:rec-point",
         {"name": "rec-point", "type": "user", "roles": [], "password": "old"}),
        ("DELETE", "/_users/org.couchdb.user:rec-point?rev={user}", None),
    ],
    "security set": [
        ("PUT", "/_users/org.couchdb.user:rec-stranger",
         {"name": "rec-stranger", "type": "user", "roles": [], "password": "pw"}),
    ],
}  # fmt: skip
AMID_POLL = {"longpoll answered by a write half a second later": ("PUT", "/rec-b/d9", {"i": 9})}
WRONG_PASSWORD = {"wrong password", "wrong password reads"}
PASSWORDS = {"admin": "secret", "rec-point": "pw", "rec-stranger": "pw"}
# A sharded feed is not in the order of writing, and its count under a filter is not documented.
UNORDERED = {"longpoll with changes waiting returns at once"}
ANY_CHANGE = {"changes descending"}
OTHER_PENDING = {"changes by ids"}
OPAQUE = {
    "uuid", "git_sha", "features", "vendor", "instance_start_time", "sizes", "salt",
    "derived_key", "iterations", "ref",
}  # fmt: skip


class Replay:
    """Asks what was recorded, and learns which of our opaque values stands for which recorded."""

    def __init__(self, server: Process) -> None:
        self.server = server
        self.ours: dict[str, str] = {}

    def ask(self, entry: dict[str, Any]) -> Reply:
        for method, path, body in BETWEEN.get(entry["note"], []):
            self._do(method, path, body)
        who = entry["as"]
        password = "wrong" if entry["note"] in WRONG_PASSWORD else PASSWORDS.get(who or "", "")
        headers = {**basic(who, password), **self._headers(entry)}
        connection = self.server.connection()
        try:
            connection.request(
                entry["method"], self._mapped(entry["path"]), self._body(entry), headers
            )
            if entry["note"] in AMID_POLL:
                for _ in range(20):
                    assert self.server.ask("GET", "/_up").status == 200
                assert is_silent(connection)
                self._do(*AMID_POLL[entry["note"]])
            return replied(connection)
        finally:
            connection.close()

    def compare(self, recorded: Any, ours: Any, entry: dict[str, Any], at: str = "") -> None:
        """Fail unless `ours` means what was recorded."""
        key = at.rpartition(".")[2]
        if key in OPAQUE or (key == "pending" and entry["note"] in OTHER_PENDING):
            assert type(recorded) is type(ours), at
        elif isinstance(recorded, dict):
            assert recorded.keys() == ours.keys(), at
            for name, value in recorded.items():
                self.compare(value, ours[name], entry, f"{at}.{name}")
        elif isinstance(recorded, list):
            self._compare_list(recorded, ours, entry, at)
        elif isinstance(recorded, str) and SEQ.fullmatch(recorded):
            assert re.fullmatch(r"\d+-\w+", ours), at
            self.ours.setdefault(recorded, ours)
        elif isinstance(recorded, str) and REV.fullmatch(recorded):
            assert REV.fullmatch(ours), at
            assert ours.split("-")[0] == recorded.split("-")[0], at
            assert self.ours.setdefault(recorded, ours) == ours, at
        elif at.endswith(".ids]"):
            assert re.fullmatch("[0-9a-f]{32}", ours), at
        else:
            assert (type(recorded), recorded) == (type(ours), ours), at

    def _compare_list(self, recorded: list, ours: list, entry: dict[str, Any], at: str) -> None:
        assert len(recorded) == len(ours), at
        if entry["note"] in ANY_CHANGE and at == ".results":
            assert recorded[0].keys() == ours[0].keys()
            return
        if entry["note"] in UNORDERED and at == ".results":
            recorded = sorted(recorded, key=lambda row: row["id"])
            ours = sorted(ours, key=lambda row: row["id"])
        for then, now in zip(recorded, ours, strict=True):
            self.compare(then, now, entry, at + "]")

    def _do(self, method: str, path: str, body: Any) -> None:
        revs = {"d2": "/rec-b/d2", "user": "/_users/org.couchdb.user:rec-point"}
        for name, where in revs.items():
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", self.server.ask("GET", where).json["_rev"])
        assert self.server.ask(method, path, body).status in (200, 201), path

    def _mapped(self, text: str) -> str:
        for form in (REV, SEQ):
            text = form.sub(lambda found: self.ours.get(found[0], found[0]), text)
        return text

    def _headers(self, entry: dict[str, Any]) -> dict[str, str]:
        if "request" in entry:
            return {"Content-Type": "application/json"}
        given = entry.get("request_headers", {})
        return {name: self._mapped(value) for name, value in given.items()}

    def _body(self, entry: dict[str, Any]) -> bytes | None:
        if "request" in entry:
            return self._mapped(encoded(entry["request"]).decode()).encode()
        if "request_base64" in entry:
            return base64.b64decode(entry["request_base64"])
        return entry["request_text"].encode() if "request_text" in entry else None


@pytest.fixture(scope="module")
def replies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, tuple[Replay, Reply]]]:
    """The store's answer to every recorded exchange that is asked, by its place."""
    with Process(tmp_path_factory.mktemp("recorded") / "data") as server:
        replay, answers = Replay(server), {}
        for place, entry in enumerate(RECORDED):
            if entry["note"] in FOLLOWS:
                continue
            answers[place] = (replay, replay.ask(entry))
            if entry["note"] not in LEFT_OUT and entry["response"] != {"text": ""}:
                learn(replay, entry, answers[place][1])
        yield answers


def learn(replay: Replay, entry: dict[str, Any], reply: Reply) -> None:
    """Take over opaque values now; whether the answer is right is for the test of it to say."""
    try:
        replay.compare(entry["response"], reply.json, entry)
    except (AssertionError, AttributeError, IndexError, TypeError, ValueError):
        return


def asked(left_out: bool) -> list[Any]:
    chosen = [
        (place, entry)
        for place, entry in enumerate(RECORDED)
        if entry["note"] not in FOLLOWS and (entry["note"] in LEFT_OUT) == left_out
    ]
    return [pytest.param(place, entry, id=entry["note"]) for place, entry in chosen]


@pytest.mark.parametrize(("place", "entry"), asked(left_out=False))
def test_the_store_answers_as_couchdb_did(replies, place, entry):
    replay, reply = replies[place]
    assert reply.status == entry["status"], reply.raw
    if entry["response"] == {"text": ""}:
        assert reply.raw == b""
    else:
        replay.compare(entry["response"], reply.json, entry)
    compare_headers(replay, entry, reply)


def compare_headers(replay: Replay, entry: dict[str, Any], reply: Reply) -> None:
    recorded = entry["headers"]
    for name in ("content-type", "cache-control"):
        if name in recorded and entry["status"] != 304:
            assert reply.headers.get(name) == recorded[name]
    if REV.search(recorded.get("etag", "")):
        assert reply.headers["etag"] == replay._mapped(recorded["etag"])
    if "location" in recorded:
        there = recorded["location"].replace(":5984", f":{replay.server.port}")
        assert reply.headers["location"] == there
    if "set-cookie" in recorded:
        ours = [part.split("=")[0] for part in reply.headers["set-cookie"].split("; ")]
        assert ours == [part.split("=")[0] for part in recorded["set-cookie"].split("; ")]


@pytest.mark.parametrize(("place", "entry"), asked(left_out=True))
def test_what_is_left_out_is_refused_as_not_implemented(replies, place, entry):
    reply = replies[place][1]
    assert reply.status == 501
    if entry["method"] != "HEAD":
        assert reply.json["error"] == "not_implemented"
        assert reply.json["reason"]


def test_the_list_of_what_is_left_out_is_exact(replies):
    refused = {
        RECORDED[place]["note"] for place, (_, reply) in replies.items() if reply.status == 501
    }
    assert refused == LEFT_OUT.keys()
    assert set(FOLLOWS.values()) <= LEFT_OUT.keys()
    assert FOLLOWS.keys() <= {entry["note"] for entry in RECORDED}


def test_every_recorded_exchange_is_checked_or_listed_with_its_reason():
    notes = [entry["note"] for entry in RECORDED]
    assert len(notes) == len(set(notes)) == 145
    checked = {param.id for param in asked(left_out=False)}
    assert checked | LEFT_OUT.keys() | FOLLOWS.keys() == set(notes)
    assert len(checked) + len(LEFT_OUT) + len(FOLLOWS) == 145
    assert all(len(reason) > 10 for reason in (*LEFT_OUT.values(), *FOLLOWS.values()))
