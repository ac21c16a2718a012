"""The journal against a plain model: written, taken in, killed and opened again in any order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sync.verify import verify
from tests.cases.facts import CENTRE
from tests.sync.cast import ROOT, Desk

TEXT = st.text(min_size=1, max_size=8)


class _PowerCut(Exception):
    """The process dies inside a transaction."""


class Journal(RuleBasedStateMachine):
    """LIN writes; CHEN takes in what LIN wrote, in any parts and as often as may be."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.lin = Desk(Path(self._folder.name) / "lin.db")
        self.chen = Desk(Path(self._folder.name) / "chen.db", point=CENTRE, suffix="bbbb")
        for desk in (self.lin, self.chen):
            desk.open()
        self.names: dict[str, str] = {}  # what the model knows: case, and the name sealed in it
        self.forwarded: set[str] = set()
        self.taken: set[int] = set()

    @rule(name=TEXT)
    def receive(self, name: str) -> None:
        self.names[self.lin.receive(name=name)] = name

    @rule(name=TEXT)
    def receive_and_die_before_the_commit(self, name: str) -> None:
        try:
            with self.lin.writing() as w:
                self.lin.receive(w, name=name)
                raise _PowerCut
        except _PowerCut:
            self.lin.reopen()

    @precondition(lambda self: self.names.keys() - self.forwarded)
    @rule(data=st.data())
    def forward(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.names.keys() - self.forwarded)))
        self.lin.state("case.forwarded", number, to=CENTRE)
        self.forwarded.add(number)

    @rule(data=st.data())
    def take_in(self, data: st.DataObject) -> None:
        envelopes = self.lin.envelopes(self.chen.box)
        some = data.draw(st.lists(st.sampled_from(envelopes), max_size=6))
        new = self.chen.store.merge(some).new
        places = {e.event.n for e in some}
        assert len(new) == len(places - self.taken)
        self.taken |= places

    @rule()
    def open_again(self) -> None:
        self.lin.reopen()
        self.chen.reopen()

    @invariant()
    def the_writer_holds_just_what_it_wrote(self) -> None:
        store = self.lin.store
        assert store.head(self.lin.author)[0] == 1 + len(self.names) + len(self.forwarded)
        for number, name in self.names.items():
            events = store.events(number)
            assert store.unseal(events[0])["name"] == name
            assert len(events) == 1 + (number in self.forwarded)
            assert self._state(store, number) == ("forwarded" if len(events) > 1 else "received")

    @invariant()
    def the_taker_holds_just_what_it_took(self) -> None:
        held = self.chen.store.of_author(self.lin.author, 0, 1000)
        assert {event.n for event in held} == self.taken
        assert self.chen.store.parked() == []

    @invariant()
    def both_are_proven(self) -> None:
        for desk in (self.lin, self.chen):
            assert list(verify(desk.store, ROOT.public, whole=desk.author)) == []

    def _state(self, store: Any, number: str) -> str:
        case = store.case(number)
        return str(case.state.value) if case else ""

    def teardown(self) -> None:
        for desk in (self.lin, self.chen):
            desk.store.close()
        self._folder.cleanup()


TestJournal = Journal.TestCase
TestJournal.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
