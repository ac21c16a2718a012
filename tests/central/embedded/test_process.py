"""The store as a process: killed, stopped, and started where it cannot be."""

from __future__ import annotations

import http.client
import random
import signal
import threading
import time

import pytest

from sync.process import EXIT_SETTINGS
from tests.central.embedded.serving import PASSWORD, Process, is_silent, refused, replied


def write_until_cut(server, name, acknowledged):
    """Write batches one after the other until the line breaks; note what was acknowledged."""
    connection = server.connection()
    headers = {"Content-Type": "application/json", "Authorization": "Basic YWRtaW46c2VjcmV0"}
    try:
        for batch in range(10_000):
            ids = [f"{name}-{batch:05}-{i:02}" for i in range(40)]
            docs = ",".join(f'{{"_id":"{id}","t":"{"x" * 300}"}}' for id in ids)
            connection.request("POST", "/d/_bulk_docs", f'{{"docs":[{docs}]}}'.encode(), headers)
            if replied(connection).status == 201:
                acknowledged.append(ids)
    except (OSError, ValueError, AssertionError, http.client.HTTPException):
        return
    finally:
        connection.close()


@pytest.mark.parametrize("chance", range(4))
def test_a_killed_store_has_every_document_it_acknowledged(tmp_path, chance):
    written: list[list[str]] = []
    with Process(tmp_path / "data") as server:
        server.ask("PUT", "/d")
        writers = [
            threading.Thread(target=write_until_cut, args=(server, name, written)) for name in "abc"
        ]
        for writer in writers:
            writer.start()
        goal = random.Random(chance).randint(3, 40)  # noqa: S311 - when to pull the plug
        while len(written) < goal:
            assert any(writer.is_alive() for writer in writers)
        server.end(signal.SIGKILL)
        for writer in writers:
            writer.join(10)
    with Process(tmp_path / "data") as server:
        rows = server.ask("GET", "/d/_all_docs").json
        there = {row["id"] for row in rows["rows"]}
        assert {id for batch in written for id in batch} <= there
        assert len(there) % 40 == 0, "a batch was stored in part"
        info = server.ask("GET", "/d").json
        assert info["doc_count"] == rows["total_rows"] == len(there)
        assert info["update_seq"].startswith(f"{len(there)}-")
        assert server.ask("PUT", "/d/after", {}).status == 201


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_answers_every_held_poll_and_ends_soon(server, number):
    polls = [server.connection() for _ in range(30)]
    try:
        for place, poll in enumerate(polls):
            wish = "heartbeat=10000" if place % 2 else "timeout=60000"
            headers = {"Authorization": "Basic YWRtaW46c2VjcmV0"}
            poll.request("GET", f"/d/_changes?feed=longpoll&since=now&{wish}", headers=headers)
        for _ in range(10):
            assert server.ask("GET", "/_up").status == 200
        assert is_silent(polls[0])
        began = time.monotonic()
        assert server.end(number) == 0
        assert time.monotonic() - began < 2
        assert all(replied(poll).json["results"] == [] for poll in polls)
    finally:
        for poll in polls:
            poll.close()


def test_a_port_that_is_taken_is_said_in_one_line(server, tmp_path):
    code, said = refused("--data", str(tmp_path / "other"), "--port", str(server.port))
    assert code == 1
    assert said.count("\n") == 1
    assert f"127.0.0.1:{server.port}" in said


def test_an_empty_password_file_is_refused(tmp_path):
    (tmp_path / "empty").write_text("\n")
    asked = ("--data", str(tmp_path / "d"), "--port", "0")
    for file, reason in (("empty", "is empty"), ("none", "cannot be read")):
        code, said = refused(*asked, "--admin-file", str(tmp_path / file))
        assert (code, said.count("\n")) == (EXIT_SETTINGS, 1)
        assert reason in said


def test_an_id_with_any_character_goes_through_the_wire(server):
    for id in ("a%2Fb%2Bc", "%E6%9E%97", "a%20b%3Fc%23d", "a:b~c.d", "%F0%A0%AE%B7"):
        assert server.ask("PUT", f"/d/{id}", {}).status == 201
    ids = [row["id"] for row in server.ask("GET", "/d/_all_docs").json["rows"]]
    assert ids == sorted(["a/b+c", "林", "a b?c#d", "a:b~c.d", "𠮷"])


def test_a_large_listing_comes_whole_over_the_wire(server):
    docs = [{"_id": f"{i:05}", "t": "林" * 300} for i in range(3_000)]
    assert server.ask("POST", "/d/_bulk_docs", {"docs": docs}).status == 201
    rows = server.ask("GET", "/d/_all_docs?include_docs=true").json["rows"]
    assert [row["doc"]["t"] for row in rows] == ["林" * 300] * 3_000


def test_a_client_that_hangs_up_gives_its_place_back(server):
    for _ in range(3):
        gone = [server.connection() for _ in range(100)]
        for poll in gone:
            headers = {"Authorization": "Basic YWRtaW46c2VjcmV0"}
            poll.request(
                "GET", "/d/_changes?feed=longpoll&heartbeat=100&since=now", headers=headers
            )
        for poll in gone:
            poll.close()
    waiting = 0
    while server.ask("GET", "/d/_changes?feed=longpoll&since=now&timeout=1").status != 200:
        waiting += 1
        assert waiting < 5_000
    assert server.ask("GET", "/_session", password=PASSWORD).status == 200


def test_an_address_with_a_host_in_it_is_understood(server):
    server.ask("PUT", "/d/a%2Fb", {})
    for path, status in (("/d/a%2Fb", 200), ("/d/none", 404), ("", 200)):
        assert server.ask("GET", f"http://localhost:5984{path}").status == status
