"""The real commands, killed where it hurts: nothing is lost, nothing happens twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from cases.numbers import SubjectKind
from central.verifying import problems as problems_of_central
from node.local import Node
from node.verifying import problems as problems_of_node
from sync.store import Store
from tests.cases.facts import least
from tests.system.processes import Town, until

HERE, CENTRE = "350102004001", "350102000000"
EVENTS = 200
VICTIMS = ("node.agent", "central.router", "central.embedded", "node.window", "central.jobs")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    try:
        town.central.start()
        yield town
    finally:
        town.end()


def receive(node: Node, store: Store, *, forward: bool) -> str:
    """What the window does for one case, in one durable transaction."""
    from cases.times import day_of
    from sync.writing import writing

    with writing(store, node.identity, node.clock, day_of) as w:
        number = w.new_number(SubjectKind.CASE)
        data = {**least("case.received"), "title": "敬老卡", "deciding": CENTRE}
        person = {"name": "林𠮷梅", "document_number": "35010219490312392X", "phone": "13805915678"}
        w.state("case.received", number, data, actor="s-1", sealed=person)
        if forward:
            w.state("case.forwarded", number, {"to": CENTRE, "department": "WJ"}, actor="s-1")
    return number


def write_all(node: Node, stop: threading.Event) -> list[str]:
    """Two hundred events at this point, in a breath each."""
    numbers = []
    store = node.open_store()
    try:
        for _ in range(EVENTS // 2):
            numbers.append(receive(node, store, forward=True))
            stop.wait(0.03)
    finally:
        store.close()
    return numbers


def everything_is_safe(node: Node) -> bool:
    with node.local() as local:
        return local.store.waiting(node.identity.author) == 0


def holds(node: Node, numbers: list[str]) -> bool:
    with node.local() as local:
        return all((case := local.store.case(n)) and case.holder == CENTRE for n in numbers)


def test_processes_killed_at_any_moment_lose_nothing_and_do_nothing_twice(town: Town) -> None:
    here, centre = town.enrol(HERE), town.enrol(CENTRE)
    for command in town.nodes.values():
        command.start()
    until(lambda: everything_is_safe(here) and everything_is_safe(centre), "the first words")
    chance, done = Random(7), threading.Event()  # noqa: S311 - which one dies is no secret
    killed: list[str] = []

    def kill_now_and_then() -> None:
        while not done.wait(0.25 + chance.random() / 2):
            victim = chance.choice(VICTIMS)
            program = town.central if victim.startswith("central") else town.nodes[HERE]
            if program.kill(victim):
                killed.append(victim)

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        numbers = write_all(here, done)
    finally:
        done.set()
        killer.join()
    assert len(set(numbers)) == EVENTS // 2
    assert len(killed) >= 3
    until(lambda: everything_is_safe(here), "everything receipted", 60)
    until(lambda: holds(centre, numbers), "everything at the centre", 60)
    with centre.local() as local:
        assert len(local.store.of_author(here.identity.author, 0, 1000)) == EVENTS
        assert local.store.parked() == []
    stop_and_verify(town)


def stop_and_verify(town: Town) -> None:
    codes = {command.log.stem: command.stop() for command in town.commands}
    assert set(codes.values()) == {0}, codes
    for code in town.nodes:
        assert list(problems_of_node(town.folder / code)) == []
    assert list(problems_of_central(town.folder / "central")) == []


def test_a_supervisor_starts_again_what_was_killed_and_stops_all_of_it(town: Town) -> None:
    expected = {"central.embedded", "central.router", "central.jobs", "central.web"}
    before = until(lambda: (c := town.central.children()).keys() == expected and c, "all four")
    town.enrol(HERE)
    for module in ("central.router", "central.embedded"):
        assert town.central.kill(module)
        until(lambda m=module: town.central.children().get(m) not in (None, before[m]), module)
    assert town.central.stop() == 0
    for pid in before.values():
        assert not Path(f"/proc/{pid}").exists()


def test_a_copied_node_renews_itself_under_its_supervisor(town: Town) -> None:
    """A disk image of the point's PC is started beside it, on a machine of the same name."""
    import shutil

    here = town.enrol(HERE)
    shutil.copytree(town.folder / HERE, town.folder / "copy")
    with here.local() as local:
        mine = receive(here, local.store, forward=True)
    town.nodes[HERE].start()
    until(lambda: everything_is_safe(here), "the original is safe")
    assert town.nodes[HERE].stop() == 0

    shutil.move(town.folder / HERE, town.folder / "original")
    shutil.move(town.folder / "copy", town.folder / HERE)
    copy = town.open(HERE)
    assert copy.identity.author == here.identity.author
    with copy.local() as local:
        theirs = [receive(copy, local.store, forward=True) for _ in range(2)]
    assert theirs[0] == mine
    town.nodes[HERE].start()

    def renewed() -> bool:
        node = town.open(HERE)
        return node.identity.author != here.identity.author and everything_is_safe(node)

    until(lambda: "goes on as a new author" in town.nodes[HERE].said(), "it found out")
    until(renewed, "the copy is safe under its new name")
    node = town.open(HERE)
    with node.local() as local:
        case = local.store.case(theirs[1])
        assert case is not None
        assert case.set_aside == ()
        until(lambda: len(local.store.events(mine)) == 4, "both cases of the one number")
    stop_and_verify(town)
