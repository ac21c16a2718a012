"""SIGKILL between any two writes of a reception: the whole case is there, or none of it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from cases.states import CaseState
from node.local import Node, open_node
from node.reception import receive
from sync import registers
from sync.verify import verify
from tests.node.conftest import HERE, ROOT, Clock, make_node
from tests.node.killed import reception

TREE = Path(__file__).parents[2]


def state_after(node: Node) -> tuple[list[str], int, int]:
    """The cases that are there, how many parcels and visits."""
    with node.local() as local:
        problems = list(verify(local.store, ROOT.public, whole=local.identity.author))
        assert problems == []
        db = local.store.db
        cases = registers.newest(db, "case")
        for case in cases:
            assert case.state is CaseState.FORWARDED
            assert len(local.store.parcels_of(case.number)) == 1
        parcels = sum(registers.counts(db, "parcel").values())
        visits = sum(registers.counts(db, "visit").values())
        return [case.number for case in cases], parcels, visits


def test_a_node_killed_between_any_two_writes_is_found_whole(tmp_path: Path) -> None:
    fresh, place = tmp_path / "fresh", tmp_path / "killed"
    config = make_node(fresh, HERE, Clock()).config
    command = [sys.executable, "-m", "tests.node.killed", str(fresh), str(place)]
    ended = subprocess.run(  # noqa: S603 - our own driver
        command, cwd=TREE, capture_output=True, text=True, timeout=200
    )
    assert ended.returncode == 0, ended.stderr
    lived, code = (int(word) for word in ended.stdout.split())
    assert (lived > 50, code) == (True, 0), "one reception is many statements"
    for folder in sorted(place.iterdir()):
        node = open_node(replace(config, data=folder / "data"), Clock())
        cases, parcels, visits = state_after(node)
        at = int(folder.name)
        expected = (1, 1, 1) if at == lived else (0, 0, 0)
        assert (len(cases), parcels, visits) == expected, f"killed before statement {at}"
        with node.local() as local:
            number = receive(local, reception(local), "s-c1")
        assert state_after(node) == ([number], 1, 1), "the same form, sent again, is received once"
