"""Central's blobs as every remote must give them: the memory twin, and central's web over HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.scans import BLOB_BYTES_MAX
from central.web import create_app
from sync.blobs.memory import MemoryBlobs
from sync.blobs.ports import CHUNK_BYTES_MAX, NAMES_MAX, BlobLacking, BlobRefused, BlobRemote, Held
from sync.blobs.web import WebBlobs
from tests.central.world import HERE, Central, Clock, Point, make_district
from tests.contract.conftest import served

BODY = bytes(range(256)) * 12_000  # nearly three chunks
NAME = "sha256:" + hashlib.sha256(BODY).hexdigest()
HALF = len(BODY) // 2


@pytest.fixture(params=["memory", "web"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobRemote]:
    if request.param == "memory":
        yield MemoryBlobs()
        return
    clock = Clock()
    district = make_district(tmp_path / "central", clock)
    central = Central(district)
    point = Point(district, HERE, clock)
    point.receive()
    central.carry()
    with served(create_app(district)) as url:
        web = WebBlobs(url, point.author, point.signer, clock)
        yield web
        web.close()
    central.close()


def give(remote: BlobRemote, body: bytes = BODY, name: str = NAME) -> Held:
    held = remote.held(name)
    while not held.whole:
        chunk = body[held.have : held.have + CHUNK_BYTES_MAX]
        held = remote.put(name, len(body), held.have, chunk)
    return held


def take(remote: BlobRemote, name: str = NAME, size: int = len(BODY)) -> bytes:
    came = b""
    while len(came) < size:
        came += remote.get(name, len(came), CHUNK_BYTES_MAX)
    return came


def test_nothing_is_there_at_first(remote: BlobRemote) -> None:
    assert remote.held(NAME) == Held(0, whole=False)
    assert remote.lacking([NAME]) == [NAME]


def test_a_blob_is_given_in_chunks_and_taken_in_ranges(remote: BlobRemote) -> None:
    assert give(remote) == Held(len(BODY), whole=True)
    assert remote.held(NAME) == Held(len(BODY), whole=True)
    assert take(remote) == BODY
    assert BODY[HALF:].startswith(remote.get(NAME, HALF, 1000))
    assert remote.lacking([NAME]) == []


def test_a_chunk_at_another_place_is_not_written_and_the_answer_says_where(
    remote: BlobRemote,
) -> None:
    chunk = BODY[:CHUNK_BYTES_MAX]
    assert remote.put(NAME, len(BODY), 0, chunk) == Held(CHUNK_BYTES_MAX, whole=False)
    for place in (0, 5, CHUNK_BYTES_MAX + 1):
        assert remote.put(NAME, len(BODY), place, b"x" * 100) == Held(CHUNK_BYTES_MAX, whole=False)
    assert remote.held(NAME) == Held(CHUNK_BYTES_MAX, whole=False)
    give(remote)
    assert take(remote) == BODY


def test_what_is_whole_is_not_taken_twice(remote: BlobRemote) -> None:
    give(remote)
    assert remote.put(NAME, len(BODY), 0, b"something else") == Held(len(BODY), whole=True)
    assert take(remote) == BODY


def test_the_wrong_bytes_are_dropped_and_said_and_it_begins_anew(remote: BlobRemote) -> None:
    with pytest.raises(BlobRefused, match="哈希"):
        give(remote, b"X" + BODY[1:])
    assert remote.held(NAME) == Held(0, whole=False)
    assert remote.lacking([NAME]) == [NAME]
    give(remote)
    assert take(remote) == BODY


def test_what_is_not_whole_is_given_to_nobody(remote: BlobRemote) -> None:
    remote.put(NAME, len(BODY), 0, BODY[:1000])
    with pytest.raises(BlobLacking):
        remote.get(NAME, 0, 100)


def test_a_blob_that_came_whole_but_was_not_finished_is_finished_by_an_empty_chunk(
    remote: BlobRemote,
) -> None:
    short, name = b"short", "sha256:" + hashlib.sha256(b"short").hexdigest()
    remote.put(name, 10, 0, short)  # of another length, as somebody said first
    assert remote.put(name, len(short), len(short), b"") == Held(len(short), whole=True)
    assert take(remote, name, len(short)) == short


def test_more_than_was_announced_is_of_something_else_and_makes_room(remote: BlobRemote) -> None:
    short, name = b"short", "sha256:" + hashlib.sha256(b"short").hexdigest()
    remote.put(name, 100, 0, b"not it at all")
    assert remote.put(name, len(short), len(short), b"") == Held(0, whole=False)
    give(remote, short, name)
    assert take(remote, name, len(short)) == short


@pytest.mark.parametrize(
    ("size", "offset", "chunk"),
    [
        (BLOB_BYTES_MAX + 1, 0, b"x"),
        (0, 0, b""),
        (10, 0, b"x" * 11),
        (10, 11, b""),
        (len(BODY), 0, BODY[: CHUNK_BYTES_MAX + 1]),
    ],
)
def test_what_breaks_the_limits_is_refused(
    remote: BlobRemote, size: int, offset: int, chunk: bytes
) -> None:
    with pytest.raises(BlobRefused):
        remote.put(NAME, size, offset, chunk)
    assert remote.held(NAME) == Held(0, whole=False)


@pytest.mark.parametrize("name", ["", "sha256:x", "../../keys/root", "sha256:" + "A" * 64])
def test_what_is_no_name_is_refused(remote: BlobRemote, name: str) -> None:
    for ask in (
        lambda: remote.held(name),
        lambda: remote.put(name, 1, 0, b"x"),
        lambda: remote.get(name, 0, 1),
        lambda: remote.lacking([name]),
    ):
        with pytest.raises(BlobRefused):
            ask()


def test_a_range_that_is_not_there_is_refused(remote: BlobRemote) -> None:
    give(remote)
    for offset, length in ((len(BODY), 10), (0, 0), (0, CHUNK_BYTES_MAX + 1)):
        with pytest.raises(BlobRefused):
            remote.get(NAME, offset, length)


def test_only_so_many_are_asked_about_at_once(remote: BlobRemote) -> None:
    names = [f"sha256:{number:064x}" for number in range(NAMES_MAX)]
    assert remote.lacking(names) == names
    with pytest.raises(BlobRefused, match=str(NAMES_MAX)):
        remote.lacking([*names, NAME])
