"""A disk that is full or may not be written: said in plain words, and nothing typed is lost."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3

from node.app import create_app
from node.identity import HIGH_WATER, high_water, raise_high_water
from node.local import Node, open_node
from node.verifying import problems
from sync import registers
from sync.db import DataFolderError, version_of
from sync.errors import StorageDamaged
from sync.store import Store
from tests.node.conftest import Desk, sign_in
from tests.node.receiving import ELDERS_CARD, form_op, receive, send, typed
from tests.sync.test_parked import OLD


@contextmanager
def full_disk(node: Node) -> Iterator[None]:
    """From now on the journal's log cannot grow; the agent has the file open, as ever."""
    with node.local() as agent:
        agent.store.waiting(node.identity.author)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (_size(node), hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_room_at_all() -> Iterator[None]:
    """Not a byte can be written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _size(node: Node) -> int:
    log = Path(f"{node.database}-wal")
    return log.stat().st_size if log.exists() else 0


def cases(node: Node) -> list[str]:
    with node.local() as local:
        return [c.number for c in registers.newest(local.store.db, "case")]


def test_a_full_disk_is_said_and_the_form_is_kept(clerk: Desk, node: Node) -> None:
    op = form_op(clerk, ELDERS_CARD)
    with full_disk(node):
        answer = send(clerk, ELDERS_CARD, typed(ELDERS_CARD, name="林小梅", note="轮椅"), op)
    assert answer.status_code == 503
    assert "没有保存成功" in answer.text
    assert "磁盘" in answer.text
    assert 'value="林小梅"' in answer.text
    assert "轮椅" in answer.text
    assert cases(node) == []
    assert send(clerk, ELDERS_CARD, op=op).status_code == 303, "the same form, once there is room"
    assert len(cases(node)) == 1


def test_other_steps_offer_what_was_sent_again(clerk: Desk, node: Node) -> None:
    with full_disk(node):
        answer = clerk.post(f"/matters/{ELDERS_CARD}/asked", {"extra": "一二三"})
    assert answer.status_code == 503
    assert "没有保存成功" in answer.text
    assert 'value="一二三"' in answer.text
    assert "csrf_token" in answer.text


def test_a_disk_too_full_even_to_open_the_file_is_said(clerk: Desk, node: Node) -> None:
    with no_room_at_all():
        answer = clerk.post(f"/matters/{ELDERS_CARD}/asked", {"extra": "一二三"})
    assert answer.status_code == 503
    assert 'value="一二三"' in answer.text


class ReadOnlyNode(Node):
    """A node whose data file may be read and not written."""

    def open_store(self, *, checkpoints: bool = False) -> Store:
        store = super().open_store(checkpoints=checkpoints)
        store.db.execute("PRAGMA query_only=ON")
        return store


@pytest.fixture
def read_only(node: Node) -> Node:
    create_app(node)  # makes the tables while that is still allowed
    return ReadOnlyNode(**{field.name: getattr(node, field.name) for field in fields(node)})


def test_a_data_folder_that_may_not_be_written_is_said(
    node: Node, read_only: Node, clerk: Desk
) -> None:
    receive(clerk)
    app = create_app(read_only, tables=False)
    desk = sign_in(app, "lin")
    answer = send(desk, ELDERS_CARD)
    assert answer.status_code == 503
    assert "数据目录不能写入" in answer.text
    assert 'value="林小梅"' in answer.text
    assert desk.get("/").status_code == 200, "what is there can still be looked at"


def test_a_case_is_received_although_the_high_water_mark_cannot_be_raised(
    clerk: Desk, node: Node
) -> None:
    """The mark is for the next start; what is committed is not called unsaved because of it."""
    mark = node.config.data / "keys" / HIGH_WATER
    mark.unlink(missing_ok=True)
    mark.mkdir()
    number = receive(clerk)
    assert cases(node) == [number]


def test_a_high_water_mark_is_never_cut_before_it_is_raised(node: Node) -> None:
    data, author = node.config.data, node.identity.author
    raise_high_water(data, author, 9)
    with no_room_at_all():
        raise_high_water(data, author, 10)
    assert high_water(data, author) == 9
    raise_high_water(data, author, 1_000_000)
    assert high_water(data, author) == 1_000_000


@pytest.mark.parametrize("sound_pages", [1, 3])
def test_a_damaged_data_file_is_refused_with_what_to_do(
    clerk: Desk, node: Node, sound_pages: int
) -> None:
    receive(clerk)
    with node.local() as local:
        local.store.checkpoint()
    body = node.database.read_bytes()
    sound = sound_pages * 4096
    node.database.write_bytes(body[:sound] + b"\xa5" * (len(body) - sound))
    with pytest.raises((DataFolderError, StorageDamaged), match="用最近的备份恢复"):
        open_node(node.config)


def test_a_proof_leaves_an_older_file_at_its_version(clerk: Desk, node: Node) -> None:
    """The older program may still be the one that runs here."""
    receive(clerk)
    conn = sqlite3.connect(str(node.database))
    conn.executescript(OLD)
    conn.close()
    assert list(problems(node.config.data)) == []
    assert version_of(node.database) == 1
