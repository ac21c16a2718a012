"""A held poll is answered by what it waits for, by its end, and by nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from central.embedded.store import Base
from tests.central.embedded.serving import Here, is_silent, replied


@pytest.fixture
def people() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.fixture
def held(monkeypatch) -> Callable[..., None]:
    """Waits until all these polls are being held: the conditions have as many waiting."""
    bases: list[Base] = []
    made = Base.__init__

    def noted(self, *args, **kwargs):
        made(self, *args, **kwargs)
        bases.append(self)

    monkeypatch.setattr(Base, "__init__", noted)

    def wait(*polls: Future[Any]) -> None:
        while sum(len(base.changed._waiters) for base in bases) < len(polls):
            ended, _ = futures.wait(polls, timeout=0.005, return_when=futures.FIRST_COMPLETED)
            assert not ended, [poll.result() for poll in ended]

    return wait


@pytest.fixture
def polled(held, tmp_path) -> Iterator[Here]:
    here = Here(tmp_path / "data", polls_max=2)
    here.ask("PUT", "/d")
    here.ask("PUT", "/other")
    yield here
    here.app.close()


def poll(here, people, more="", body=None):
    path = f"/d/_changes?feed=longpoll&since=now&timeout=20000{more}"
    return people.submit(here.ask, "GET" if body is None else "POST", path, body)


def test_a_poll_is_answered_within_milliseconds_of_the_write(polled, people, held):
    waiting = poll(polled, people, "&include_docs=true")
    held(waiting)
    polled.ask("PUT", "/d/x", {"v": 1})
    written = time.monotonic()
    got = waiting.result(5).json
    assert time.monotonic() - written < 0.25
    assert got["results"][0]["doc"]["v"] == 1
    assert got["pending"] == 0


def test_a_write_elsewhere_or_a_refused_one_wakes_nobody(polled, people, held):
    rev = polled.ask("PUT", "/d/x", {}).json["rev"]
    waiting = poll(polled, people)
    held(waiting)
    polled.ask("PUT", "/other/x", {})
    assert polled.ask("PUT", "/d/x", {}).status == 409
    polled.ask("PUT", "/d/_local/x", {})
    assert not waiting.done()
    polled.ask("PUT", "/d/x", {"_rev": rev})
    assert [row["id"] for row in waiting.result(5).json["results"]] == ["x"]


def test_a_poll_for_some_documents_sleeps_through_all_others(polled, people, held):
    waiting = poll(polled, people, "&filter=_doc_ids", {"doc_ids": ["mine"]})
    held(waiting)
    polled.ask("PUT", "/d/yours", {})
    polled.ask("PUT", "/d/mine", {})
    assert [row["id"] for row in waiting.result(5).json["results"]] == ["mine"]


def test_a_poll_nobody_answers_ends_at_its_time(polled):
    began = time.monotonic()
    got = polled.ask("GET", "/d/_changes?feed=longpoll&since=now&timeout=150")
    assert 0.14 < time.monotonic() - began < 2
    assert got.json["results"] == []


def test_dropping_the_database_ends_its_polls(polled, people, held):
    waiting = poll(polled, people)
    held(waiting)
    polled.ask("DELETE", "/d")
    assert waiting.result(5).json["results"] == []
    assert polled.ask("GET", "/d/_changes").status == 404


def test_stopping_ends_all_polls_and_holds_no_new_one(polled, people, held):
    waiting = poll(polled, people)
    held(waiting)
    polled.app.stop_polls()
    assert waiting.result(5).status == 200
    assert poll(polled, people).result(5).status == 200


def test_a_poll_too_many_is_told_to_come_back_later(polled, people, held):
    polls = [poll(polled, people), poll(polled, people)]
    held(*polls)
    third = poll(polled, people)
    fourth = polled.ask("GET", "/d/_changes?feed=longpoll&since=now&timeout=1&heartbeat=100")
    assert {third.result(5).status, fourth.status} == {503}
    polled.ask("PUT", "/d/x", {})
    assert [waiting.result(5).status for waiting in polls] == [200, 200]
    assert polled.ask("GET", "/d/_changes?feed=longpoll&since=now&timeout=1").status == 200


def test_a_heart_beats_while_a_poll_is_held(server):
    connection = server.connection()
    try:
        path = "/d/_changes?feed=longpoll&since=now&heartbeat=100"
        connection.request("GET", path, headers={"Authorization": "Basic YWRtaW46c2VjcmV0"})
        answer = connection.getresponse()
        assert [answer.read(1) for _ in range(3)] == [b"\n"] * 3
        server.ask("PUT", "/d/x", {})
        assert b'"id":"x"' in answer.read()
    finally:
        connection.close()


def test_two_hundred_held_polls_leave_the_server_answering(server):
    connections = [server.connection() for _ in range(200)]
    try:
        for connection in connections:
            path = "/d/_changes?feed=longpoll&since=now&timeout=50000"
            connection.request("GET", path, headers={"Authorization": "Basic YWRtaW46c2VjcmV0"})
        began = time.monotonic()
        for _ in range(20):
            assert server.ask("GET", "/d").status == 200
        assert time.monotonic() - began < 5
        assert all(is_silent(connection) for connection in connections)
        server.ask("PUT", "/d/x", {})
        assert all(replied(one).json["results"][0]["id"] == "x" for one in connections)
    finally:
        for connection in connections:
            connection.close()
