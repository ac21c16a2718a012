"""Central and eight nodes as real processes, over lines that tear, drip, hang and lie.

Cases are received at all of them and forwarded among them while lines fail and processes are
killed. Then everything heals: each event is at central and at its parties, once, and proven.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from cases.folded import Case
from cases.numbers import SubjectKind
from cases.states import CaseState
from central.district import JOURNAL
from central.verifying import problems as problems_of_central
from node.local import Local, Node
from node.verifying import problems as problems_of_node
from sync import registers
from sync.bundle import load_bundle
from tests.cases.facts import least
from tests.system.processes import Town, until
from tests.system.proxy import Like, Line, Lines

HERE, CENTRE = "350102004001", "350102000000"
NODES = 8
ROUNDS = 8
PERSON = {"name": "林𠮷梅", "document_number": "35010219490312392X", "phone": "13805915678"}
PROGRAMS = ("central.router", "central.embedded", "central.jobs", "node.agent", "node.window")
BAD = [like for like in Like if like is not Like.SOUND]


def codes() -> list[str]:
    others = [p.code for p in load_bundle().directory.points if p.code not in (HERE, CENTRE)]
    return [HERE, CENTRE, *Random(8).sample(others, NODES - 2)]  # noqa: S311 - any points do


@dataclass
class Storm:
    """The town, its lines, and the dice that say what goes wrong next."""

    town: Town
    lines: Lines
    line_of: dict[str, Line]
    nodes: dict[str, Node]
    dice: Random = field(default_factory=lambda: Random(26))  # noqa: S311 - a plan, no secret
    killed: list[str] = field(default_factory=list)

    def strike(self) -> None:
        """One thing goes wrong, or one gets well again."""
        if self.dice.random() < 0.3:
            self._kill()
        else:
            like = self.dice.choice([Like.SOUND, *BAD])
            self.lines.make(self.dice.choice(self.lines.all), like)

    def _kill(self) -> None:
        spared = [program for program in PROGRAMS if program not in self.killed]
        program = self.dice.choice(spared or PROGRAMS)
        code = self.dice.choice(list(self.nodes))
        if program == "node.agent" and code != HERE:
            self._kill_alone(code)
        else:
            command = self.town.central if program.startswith("central") else self.town.nodes[HERE]
            if command.kill(program):
                self.killed.append(program)

    def _kill_alone(self, code: str) -> None:
        """An agent without a supervisor of its own is started again from here."""
        command = self.town.nodes[code]
        assert command.process is not None
        command.process.send_signal(signal.SIGKILL)
        command.end()
        command.start()
        self.killed.append("node.agent")

    def heal(self) -> None:
        for line in self.lines.all:
            self.lines.make(line, Like.SOUND)

    @property
    def has_had_everything(self) -> bool:
        met = {like for like in BAD if any(line.met[like] for line in self.lines.all)}
        return len(met) == len(BAD) and len(set(self.killed)) == len(PROGRAMS)

    @contextmanager
    def raging(self) -> Iterator[None]:
        done = threading.Event()
        for line, like in zip(self.lines.all, BAD, strict=False):
            self.lines.make(line, like)

        def go_on() -> None:
            while not done.wait(0.05 + self.dice.random() / 6):
                self.strike()

        thread = threading.Thread(target=go_on, name="storm")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self.heal()


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    town = Town(tmp_path)
    with Lines().running() as lines:
        try:
            town.central.start()
            line_of = {code: lines.lay(town.couch) for code in codes()}
            nodes = {
                code: town.enrol(
                    code, couch=line.port, module="node" if code == HERE else "node.agent"
                )
                for code, line in line_of.items()
            }
            for command in town.nodes.values():
                command.start()
            yield Storm(town, lines, line_of, nodes)
        finally:
            town.end()


def turn(local: Local, to: str) -> str:
    """What a point does next: it accepts what has come to it, and sends a case to another one."""
    held = [c for c in registers.live(local.store.db, "case") if isinstance(c, Case)]
    with local.writing() as w:
        for case in held:
            if case.holder == local.point.code and case.state is CaseState.FORWARDED:
                w.state("case.accepted", case.number, least("case.accepted"), actor="s-1")
        number = w.new_number(SubjectKind.CASE)
        data = {**least("case.received"), "title": "敬老卡", "deciding": to}
        w.state("case.received", number, data, actor="s-1", sealed=PERSON)
        w.state("case.forwarded", number, {"to": to, "department": "WJ"}, actor="s-1")
    return number


def work(storm: Storm, pause: threading.Event) -> dict[str, tuple[str, str]]:
    """Every point takes its turns. :returns: the two parties of each case."""
    parties = {}
    everybody = list(storm.nodes)
    for _ in range(ROUNDS):
        for code, node in storm.nodes.items():
            to = storm.dice.choice([c for c in everybody if c != code])
            with node.local() as local:
                parties[turn(local, to)] = (code, to)
            pause.wait(0.04)
    return parties


def everything_is_safe(node: Node) -> bool:
    with node.local() as local:
        return local.store.waiting(node.identity.author) == 0


def written(storm: Storm) -> dict[str, set[str]]:
    """By subject, the ids of what all these nodes wrote, each taken from its author's own store."""
    found: dict[str, set[str]] = {}
    for node in storm.nodes.values():
        with node.local() as local:
            for event in local.store.of_author(node.identity.author, 0, 10_000):
                found.setdefault(event.subject, set()).add(event.id)
    return found


def holds(node: Node, events: dict[str, set[str]]) -> bool:
    """Whether a store holds all events of these subjects, and its register tells all of them."""
    with node.local() as local:
        for number, ids in events.items():
            case = local.store.case(number)
            if case is None or {e.id for e in local.store.events(number)} != ids:
                return False
            if len(case.steps) != len(ids):
                return False
        return True


def test_eight_nodes_and_central_lose_nothing_and_do_nothing_twice_over_bad_lines(
    storm: Storm,
) -> None:
    for node in storm.nodes.values():
        until(lambda n=node: everything_is_safe(n), "the first words", 60)
    with storm.raging():
        parties = work(storm, threading.Event())
        until(lambda: storm.has_had_everything, "every kind of bad line, every program killed", 60)
    assert len(parties) == NODES * ROUNDS
    for code, node in storm.nodes.items():
        until(lambda n=node: everything_is_safe(n), f"all of {code} receipted", 60)
    events = written(storm)
    for code, node in storm.nodes.items():
        own = {number: events[number] for number, both in parties.items() if code in both}
        until(lambda n=node, o=own: holds(n, o), f"all of {code}'s cases at {code}", 60)
    require_proven(storm, events)


def require_proven(storm: Storm, events: dict[str, set[str]]) -> None:
    """Once everywhere: at central as often as written, and every journal and register is proven."""
    with storm.town.district().server() as server:
        journal = server.database(JOURNAL).range("", "~", limit=10_000, docs=False)
    theirs = {doc["_id"] for doc in journal if not doc["_id"].startswith("central.")}
    assert theirs == set().union(*events.values())
    for node in storm.nodes.values():
        with node.local() as local:
            assert local.store.parked() == []
            aside = local.store.db.execute("SELECT number FROM subjects WHERE aside>0").fetchall()
            assert aside == []
    for command in storm.town.commands:
        assert command.process is not None
        command.process.terminate()  # all at once; each is then waited for
    codes = {command.log.stem: command.stop(60) for command in storm.town.commands}
    assert set(codes.values()) == {0}, codes
    for code in storm.nodes:
        assert list(problems_of_node(storm.town.folder / code)) == []
    assert list(problems_of_central(storm.town.folder / "central")) == []
