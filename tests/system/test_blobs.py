"""A scan between real processes that are killed while it travels: it arrives whole, once."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

from central.verifying import problems as problems_of_central
from node import scans
from node.local import Node
from node.permissions import CLERK, Person
from node.verifying import problems as problems_of_node
from tests.node.pictures import pdf
from tests.node.scanning import receive
from tests.system.processes import Town, until

HERE, CENTRE = "350102004001", "350102000000"
LIN = Person("s-1", "林小燕", frozenset({CLERK}))
BODY = pdf() + Random(11).randbytes(12_000_000)  # noqa: S311 - no secret


def attach(node: Node, number: str) -> str:
    with node.local() as local:
        case = local.store.case(number)
        assert case
        scans.attach(local, case, LIN, "op", plain=io.BytesIO(BODY), file="a.pdf", position=0)
        case = local.store.case(number)
        assert case
        return case.scans[0].blob


def opened(node: Node, number: str) -> bytes | None:
    """What the officer's page asks again and again: the scan, once it is here."""
    with node.local() as local:
        case = local.store.case(number)
        if case is None or not case.scans:
            return None
        found = scans.open_scan(local, case, case.scans[0])
        return b"".join(found.pieces) if isinstance(found, scans.OpenScan) else None


def test_a_scan_arrives_whole_though_both_ends_are_killed_on_its_way(tmp_path: Path) -> None:
    town = Town(tmp_path)
    try:
        town.central.start()
        here, centre = town.enrol(HERE), town.enrol(CENTRE)
        for command in town.nodes.values():
            command.start()
        number = receive(here)
        blob = attach(here, number)
        kept = tmp_path / "central" / "blobs"
        until(lambda: any(kept.glob("*/*")), "something of it is at central")
        assert town.nodes[HERE].kill("node.agent")
        assert town.central.kill("central.web")
        assert until(lambda: opened(centre, number), "the scan at the centre", 60) == BODY
        assert [path.parent.name for path in kept.glob("*/*")] == [blob[7:9]]
        assert centre.blobs.is_intact(blob)
        for node in (here, centre):
            assert list(problems_of_node(node.config.data)) == []
    finally:
        town.end()
    assert list(problems_of_central(tmp_path / "central")) == []
