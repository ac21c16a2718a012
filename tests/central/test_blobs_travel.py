"""A scan from one node to another through central's web: over HTTP, over a line that breaks."""

from __future__ import annotations

import io
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from central.jobs import Jobs
from central.web import create_app
from node import scans
from node.blob_loop import BlobLoop
from node.local import Node
from node.permissions import CLERK, Person
from node.renewal import note_copied
from node.verifying import problems
from sync.blobs.web import WebBlobs
from sync.errors import RemoteUnavailable
from sync.memory import MemoryServer
from tests.central.travel import CENTRE, HERE, Journey, journey
from tests.contract.conftest import served
from tests.node.pictures import pdf

LIN = Person("s-1", "林小燕", frozenset({CLERK}))
BODY = pdf() + random.Random(7).randbytes(5_000_000)  # noqa: S311 - no secret
STEPS_MAX = 400


class BreakingLine:
    """A wire to a server; each connection is cut after so many bytes, up and down together."""

    def __init__(self, target: int, bytes_max: int) -> None:
        self._target, self._bytes_max = target, bytes_max
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.carried = 0
        self._ends: list[socket.socket] = []
        self._threads = [self._start(self._serve)]

    def _start(self, run: Callable[..., None], *given: Any) -> threading.Thread:
        thread = threading.Thread(target=run, args=given)
        thread.start()
        return thread

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._ends += [near, far]
                left = [self._bytes_max]
                for source, target in ((near, far), (far, near)):
                    self._threads.append(self._start(self._pump, source, target, left))

    def _pump(self, source: socket.socket, target: socket.socket, left: list[int]) -> None:
        """Carry until one end is gone or the bytes are used up; then both directions are cut."""
        with suppress(OSError):
            while left[0] > 0 and (piece := source.recv(min(16_384, left[0]))):
                target.sendall(piece)
                self.carried += len(piece)
                left[0] -= len(piece)
        cut(source, target)

    def close(self) -> None:
        cut(self._listener, *self._ends)
        for thread in self._threads:
            thread.join()
        for end in (self._listener, *self._ends):
            end.close()


def cut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Journey]:
    with journey(tmp_path, MemoryServer().connect) as started:
        yield started


@pytest.fixture
def web(town: Journey) -> Iterator[str]:
    with served(create_app(town.district)) as url:
        yield url


def follow(town: Journey) -> None:
    """Central's pages come to know what the journal holds."""
    town.carry()
    with closing(Jobs(town.district)) as jobs:
        jobs.step()


@contextmanager
def agent_of(node: Node, url: str) -> Iterator[BlobLoop]:
    remote = WebBlobs(url, node.identity.author, node.identity.signer, node.clock)
    with node.local() as local:
        yield BlobLoop(local.store, node.blobs, remote, node.point.code, node.clock)
    remote.close()


def carry(node: Node, url: str) -> int:
    """Step until nothing is left to do. :returns: how often the line broke."""
    broke = 0
    with agent_of(node, url) as loop:
        for _ in range(STEPS_MAX):
            try:
                if not loop.step():
                    return broke
            except RemoteUnavailable:
                broke += 1
    raise AssertionError(f"not done in {STEPS_MAX} steps; the line broke {broke} times")


def attach(node: Node, number: str) -> str:
    with node.local() as local:
        case = local.store.case(number)
        assert case
        scans.attach(
            local, case, LIN, "op-1", plain=io.BytesIO(BODY), file="户口簿.pdf", position=0
        )
        case = local.store.case(number)
        assert case
        return case.scans[0].blob


def opened(node: Node, number: str) -> bytes | None:
    with node.local() as local:
        case = local.store.case(number)
        assert case
        found = scans.open_scan(local, case, case.scans[0])
        return b"".join(found.pieces) if isinstance(found, scans.OpenScan) else None


def test_a_scan_reaches_the_officer_and_nobody_else(town: Journey, web: str) -> None:
    here, centre = town.nodes[HERE], town.nodes[CENTRE]
    number = town.receive()
    blob = attach(here, number)
    town.forward(number)
    follow(town)
    carry(here, web)
    assert opened(centre, number) is None
    carry(centre, web)
    assert opened(centre, number) == BODY
    assert centre.blobs.read(blob, 0, 10**8) == here.blobs.read(blob, 0, 10**8)
    for node in (here, centre):
        assert list(problems(node.config.data)) == []


def test_a_blob_that_arrives_before_its_event_is_there_when_the_event_comes(
    town: Journey, web: str
) -> None:
    here, centre = town.nodes[HERE], town.nodes[CENTRE]
    number = town.receive()
    follow(town)
    attach(here, number)
    carry(here, web)
    town.forward(number)
    follow(town)
    assert opened(centre, number) is None
    carry(centre, web)
    assert opened(centre, number) == BODY


def test_five_megabytes_go_up_and_down_over_a_line_that_breaks_again_and_again(
    town: Journey, web: str
) -> None:
    here, centre = town.nodes[HERE], town.nodes[CENTRE]
    number = town.receive()
    attach(here, number)
    town.forward(number)
    follow(town)
    line = BreakingLine(int(web.rpartition(":")[2]), bytes_max=400_000)
    with closing(line):
        assert carry(here, line.url) > 5
        up = line.carried
        assert up < 2.2 * len(BODY)
        assert opened(centre, number) is None
        carry(centre, line.url)
    assert opened(centre, number) == BODY
    assert line.carried - up < 1.4 * len(BODY)


def test_a_store_that_was_copied_states_its_scan_anew_and_others_open_it(
    town: Journey, web: str
) -> None:
    """Its new author has new keys; but the blob's own key stands in the event, so it opens."""
    here, centre = town.nodes[HERE], town.nodes[CENTRE]
    number = town.receive()
    attach(here, number)
    town.forward(number)
    with here.local() as local:
        received = local.store.events(number)[0]
        note_copied(local.store, received.author, received.n)
    again = town.nodes[HERE] = town.open(here.config.data.parent)
    assert again.identity.author != here.identity.author
    follow(town)
    carry(again, web)
    assert opened(centre, number) is None
    carry(centre, web)
    assert opened(centre, number) == BODY
