"""What was learned from a real CouchDB, asked in plain HTTP: our rules rest on each of these.

The memory twin has no HTTP; where one of these matters to it, `test_remotes.py` asks it too.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.contract.conftest import COUCHDB_URL

ROOT_A, ROOT_B = f"1-{'a' * 32}", f"1-{'b' * 32}"


class Http:
    """One server, asked as its administrator."""

    def __init__(self, url: str, name: str, password: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._who = name, password
        self.base = f"/test-{secrets.token_hex(4)}"

    def ask(
        self, method: str, path: str, body: Any = None, *, who: tuple[str, str] | None = None,
        root: str | None = None, **headers: str,
    ) -> tuple[int, Any, dict[str, str]]:  # fmt: skip
        name, password = who or self._who
        token = base64.b64encode(f"{name}:{password}".encode()).decode()
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "Authorization": f"Basic {token}"}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        with closing(http.client.HTTPConnection(self._host, self._port, timeout=60)) as line:
            line.request(method, (self.base if root is None else root) + path, data, sent)
            answer = line.getresponse()
            raw = answer.read()
            told = {key.lower(): value for key, value in answer.getheaders()}
        return answer.status, json.loads(raw) if raw else None, told

    def bulk(self, docs: list[Any], query: str = "", **more: Any) -> tuple[int, Any]:
        return self.ask("POST", f"/_bulk_docs{query}", {"docs": docs, **more})[:2]

    def changed(self, since: str = "0") -> tuple[int, Any]:
        return self.ask("GET", f"/_changes?since={since}")[:2]


@pytest.fixture(params=["embedded", *(["couchdb"] if COUCHDB_URL else [])])
def http_(request: pytest.FixtureRequest) -> Iterator[Http]:
    if request.param == "embedded":
        server = Http(request.getfixturevalue("embedded_url"), "admin", "pw")
    else:
        parts = urlsplit(os.environ["DOORSTEP_COUCHDB_URL"])
        name, password = unquote(parts.username or ""), unquote(parts.password or "")
        server = Http(COUCHDB_URL or "", name, password)
    assert server.ask("PUT", "?q=1")[0] in (201, 202)
    yield server
    server.ask("DELETE", "")


def test_the_feed_names_every_document_of_a_bulk_write_once_in_whatever_order(http_: Http) -> None:
    ids = [f"d{n}" for n in (3, 1, 2, 5, 4)]
    http_.bulk([{"_id": id} for id in ids])
    status, told = http_.changed()
    assert status == 200
    assert sorted(row["id"] for row in told["results"]) == sorted(ids)


def test_a_cursor_ahead_of_the_database_is_answered_200_and_nothing(http_: Http) -> None:
    """After a restore: nothing in the answer says that the cursor is of another time."""
    http_.bulk([{"_id": "a"}, {"_id": "b"}])
    _, told = http_.changed()
    number, _, rest = told["last_seq"].partition("-")
    ahead = f"{int(number) + 50}-{rest}"
    if http_.changed(ahead)[0] != 200:
        pytest.skip("this server's cursors carry more than their number")
    for id in ("c", "d"):
        http_.bulk([{"_id": id}])
        status, told = http_.changed(ahead)
        assert (status, told["results"]) == (200, [])


def test_a_local_document_has_no_conflict_check(http_: Http) -> None:
    assert http_.ask("PUT", "/_local/c", {"seq": "1"})[:1] == (201,)
    assert http_.ask("PUT", "/_local/c", {"_rev": "0-1", "seq": "5"})[:1] == (201,)
    status, told, _ = http_.ask("PUT", "/_local/c", {"_rev": "0-1", "seq": "2"})
    assert (status, told["ok"]) == (201, True)
    assert http_.ask("GET", "/_local/c")[1]["seq"] == "2"  # the checkpoint went back, unseen


def test_new_edits_false_slips_a_second_root_in(http_: Http) -> None:
    """Whoever may write may thereby change what readers see of a document, unasked."""
    assert http_.bulk([{"_id": "x", "_rev": ROOT_A, "v": 1}], new_edits=False) == (201, [])
    assert http_.bulk([{"_id": "x", "_rev": ROOT_B, "v": 2}], new_edits=False) == (201, [])
    assert http_.ask("GET", "/x")[1]["v"] == 2
    assert http_.ask("GET", f"/x?rev={ROOT_A}")[1]["v"] == 1
    assert [row["id"] for row in http_.changed()[1]["results"]] == ["x"]
    status, told = http_.bulk([{"_id": "x", "v": 3}])
    assert (status, told[0]["error"]) == (201, "conflict")


def test_what_was_deleted_can_be_read_by_its_revision_until_it_is_purged(http_: Http) -> None:
    rev = http_.ask("PUT", "/x", {"name": "林"})[1]["rev"]
    last = http_.ask("DELETE", f"/x?rev={rev}")[1]["rev"]
    assert http_.ask("GET", "/x")[0] == 404
    assert http_.ask("GET", f"/x?rev={rev}")[1]["name"] == "林"
    assert http_.ask("POST", "/_purge", {"x": [last]})[0] in (201, 202)
    assert http_.ask("GET", f"/x?rev={rev}")[0] == 404


def test_a_document_of_8_mb_refuses_its_batch(http_: Http) -> None:
    status, told = http_.bulk([{"_id": "fine"}, {"_id": "huge", "t": "x" * 8_100_000}])
    assert (status, told["error"]) == (413, "document_too_large")
    assert http_.ask("GET", "/fine")[0] == 404


def test_half_a_character_refuses_its_batch(http_: Http) -> None:
    status, told = http_.bulk([{"_id": "fine"}, {"_id": "half", "t": "\ud842"}])
    assert (status, told["error"]) == (400, "bad_request")
    assert http_.ask("GET", "/fine")[0] == 404


def test_more_copies_than_there_are_nodes_is_202_for_one_and_for_many(http_: Http) -> None:
    assert http_.ask("PUT", "/x?w=3", {})[0] == 202
    status, rows = http_.bulk([{"_id": "y"}], "?w=3")
    assert (status, rows[0]["ok"]) == (202, True)  # the row alone does not tell
    assert http_.ask("PUT", "/z", {})[0] == 201


def test_bodies_may_come_packed_and_answers_are_never_packed(http_: Http) -> None:
    packed = gzip.compress(json.dumps({"docs": [{"_id": "x", "t": "福" * 2000}]}).encode())
    assert http_.ask("POST", "/_bulk_docs", packed, Content_Encoding="gzip")[0] == 201
    status, told, headers = http_.ask(
        "GET", "/_all_docs?include_docs=true", Accept_Encoding="gzip, deflate"
    )
    assert (status, told["rows"][0]["doc"]["t"]) == (200, "福" * 2000)
    assert "content-encoding" not in headers


def test_five_wrong_passwords_lock_the_account_out_even_for_the_right_one(http_: Http) -> None:
    name = f"test-{secrets.token_hex(4)}"
    doc = {"name": name, "type": "user", "roles": [], "password": "right"}
    path = f"/_users/org.couchdb.user:{name}"
    rev = http_.ask("PUT", path, doc, root="")[1]["rev"]
    tries = [http_.ask("GET", "/_session", who=(name, "wrong"), root="")[0] for _ in range(5)]
    status, told, _ = http_.ask("GET", "/_session", who=(name, "right"), root="")
    http_.ask("DELETE", f"{path}?rev={rev}", root="")
    assert (tries, status, told["error"]) == ([401] * 5, 403, "forbidden")
