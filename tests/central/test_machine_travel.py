"""Push, router and pull in any order, over a line cut anywhere, against a plain model.

The same machine runs against the memory twin and, in this process, against the embedded store.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from central.district import outbox_name
from sync.errors import RemoteError
from sync.ports import Server
from tests.central.travel import CENTRE, HERE, Fray, Frayed, Router, journey
from tests.simulation.couch import Embedded, Twin

POINTS = st.sampled_from((HERE, CENTRE))
CUTS = st.tuples(st.integers(0, 12), st.sampled_from(("before", "after")))


class Travel(RuleBasedStateMachine):
    """LIN receives and forwards, CHEN accepts; the model knows what each of them stated."""

    couch: Callable[[Path], Any] = Twin

    def __init__(self) -> None:
        super().__init__()
        self._undo = ExitStack()
        folder = Path(self._undo.enter_context(tempfile.TemporaryDirectory()))
        couch = type(self).couch(folder)
        self._undo.callback(couch.close)
        self.world = self._undo.enter_context(journey(folder, couch.connect))
        self.fray = Fray()
        over_the_line = cast(Callable[[], Server], lambda: Frayed(couch.connect(), self.fray))
        self.world.router.close()
        self.world.router = Router(replace(self.world.district, connector=over_the_line))
        self.world.server = cast(Server, Frayed(self.world.server, self.fray))
        self.stated: dict[str, list[str]] = {}

    @rule()
    def receive(self) -> None:
        self.stated[self.world.receive()] = ["received"]

    def _at(self, state: str) -> list[str]:
        return sorted(number for number, states in self.stated.items() if states[-1] == state)

    @precondition(lambda self: self._at("received"))
    @rule(data=st.data())
    def forward(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self._at("received")))
        self.world.forward(number)
        self.stated[number].append("forwarded")

    @precondition(lambda self: self._at("forwarded"))
    @rule(data=st.data())
    def accept_if_it_has_come(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self._at("forwarded")))
        with self.world.at(CENTRE) as store:
            case = store.case(number)
        if case is not None and case.state.value == "forwarded":
            self.world.state(CENTRE, "case.accepted", number)
            self.stated[number].append("accepted")

    def _over_the_line(self, what: Callable[[], object], cut: tuple[int, str] | None) -> None:
        if cut:
            self.fray.cut_at(*cut)
        with suppress(RemoteError):
            what()
        self.fray.mend()

    @rule(code=POINTS, cut=st.none() | CUTS)
    def push(self, code: str, cut: tuple[int, str] | None) -> None:
        self._over_the_line(lambda: self.world.push(code), cut)

    @rule(cut=st.none() | CUTS)
    def take_in(self, cut: tuple[int, str] | None) -> None:
        self._over_the_line(self.world.router.take_in, cut)

    @rule(cut=st.none() | CUTS)
    def deliver(self, cut: tuple[int, str] | None) -> None:
        self._over_the_line(self.world.router.deliver, cut)

    @rule(code=POINTS, cut=st.none() | CUTS)
    def pull(self, code: str, cut: tuple[int, str] | None) -> None:
        self._over_the_line(lambda: self.world.pull(code), cut)

    @rule(code=POINTS)
    def delete_an_outbox(self, code: str) -> None:
        self.world.server.drop(outbox_name(code))
        self.world.server.create(outbox_name(code))

    def teardown(self) -> None:
        try:
            for _ in range(3):
                self.world.carry()
            self._agree()
        finally:
            self._undo.close()

    def _agree(self) -> None:
        """Central holds all that was stated, and each party what it is party to."""
        for number, states in self.stated.items():
            assert self._seen(self.world.router.store, number) == states
            for code in (HERE, CENTRE):  # who decides is a party from the reception on
                with self.world.at(code) as store:
                    assert self._seen(store, number) == states
        for code, node in self.world.nodes.items():
            with self.world.at(code) as store:
                assert store.waiting(node.identity.author) == 0
                assert store.parked() == []
        assert self.world.problems() == []

    def _seen(self, store: Any, number: str) -> list[str]:
        case = store.case(number)
        steps = case.steps if case else ()
        assert all(step.verdict == "ok" for step in steps)
        return [step.type.removeprefix("case.") for step in steps]


class OverEmbedded(Travel):
    """The same over the embedded store."""

    couch = Embedded


TestTwin = Travel.TestCase
TestTwin.settings = settings(max_examples=6, stateful_step_count=12, deadline=None)
TestEmbedded = OverEmbedded.TestCase
TestEmbedded.settings = settings(max_examples=2, stateful_step_count=10, deadline=None)
