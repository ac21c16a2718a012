"""Nothing lost, nothing twice: every request of a node's sync meets every fault, one at a time.

A fault meets one request of a round; the rounds after it are healthy. Then central has every event
once, the deciding point too, the node knows it, and nothing is parked, refused or set aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

import sync.couch
import sync.line
from cases.folded import StoreBook
from node.alerts import alerts
from node.line import UNTRUSTED, word_of
from node.local import Node
from sync.memory import MemoryServer
from sync.store import Store
from sync.writing import FIRST_DAY
from tests.central.travel import CENTRE, HERE, NEIGHBOUR, journey
from tests.sync.cast import Clock
from tests.sync.stub import self_signed, stub_server
from tests.system.faults import (
    FAULTS,
    IMPATIENCE_S,
    PATIENCE_S,
    SILENT,
    Faulty,
    QuickAgent,
    faulty_district,
)

pytestmark = pytest.mark.xdist_group("every fault")

OUTBOX = f"/outbox-{HERE}"
BULK = f"POST {OUTBOX}/_bulk_docs"
LOOPS = ("push", "push later", "push again", "pull")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    with faulty_district(tmp_path_factory.mktemp("district")) as faulty:
        yield faulty


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll that is never answered is soon given up; a refused sign-in may soon be repeated."""
    monkeypatch.setattr(sync.couch, "POLL_MARGIN_S", 0.15)
    monkeypatch.setattr(sync.line, "FIRST_REST_S", 0.0)


def forwarded(faulty: Faulty) -> str:
    number = faulty.journey.receive()
    faulty.journey.forward(number)
    return number


@dataclass
class Round:
    """One loop of the agent, with work to do: what it asks may meet a fault."""

    faulty: Faulty
    loop: str
    case: str = ""

    def begin(self) -> None:
        """Everything before the round."""
        if self.loop == "push later":
            return  # the case comes while the loop runs
        self.case = forwarded(self.faulty)
        if self.loop != "push":
            self.faulty.push()
        if self.loop == "pull":
            self.faulty.route()

    def go(self, steps: int, patience_s: float, ready: Callable[[], None]) -> QuickAgent:
        """The round, and more of the same process; ``ready`` is called just before it."""
        if self.loop == "push later":
            come = {steps: lambda: self._come(ready)}
            return self.faulty.push(steps + 1, patience_s=patience_s, meanwhile=come)
        ready()
        loop = self.faulty.pull if self.loop == "pull" else self.faulty.push
        return loop(steps, patience_s=patience_s)

    def _come(self, ready: Callable[[], None]) -> None:
        self.faulty.route()  # the bell of the first contact is heard: it must ring anew
        self.case = forwarded(self.faulty)
        ready()

    def asked(self) -> list[str]:
        """What it asks when nothing is wrong."""
        self.begin()
        self.go(1, PATIENCE_S, self.faulty.gate.passed.clear)
        found = list(self.faulty.gate.passed)
        self.faulty.arrive()
        return found


@pytest.fixture(scope="module")
def rounds(faulty: Faulty) -> dict[str, list[str]]:
    """What a healthy round of each loop asks."""
    return {loop: Round(faulty, loop).asked() for loop in LOOPS}


def met_elsewhere(rounds: dict[str, list[str]], loop: str, request: str) -> bool:
    """Whether a request meets its faults in another loop's round, where more hangs on it."""
    if loop == "push":
        return request in rounds["push later"]
    return loop == "push again" and OUTBOX not in request


def ids(store: Store, number: str) -> list[str]:
    return [event.id for event in store.events(number)]


def require_once(faulty: Faulty, number: str) -> None:
    """Central's journal, the deciding point and the author hold the case's two events, once."""
    travel, author = faulty.journey, faulty.here.identity.author
    journal = travel.server.database("journal").range(f"{number}:", f"{number};", limit=9)
    with travel.at(HERE) as here, travel.at(CENTRE) as centre:
        assert here.waiting(author) == 0
        assert ids(here, number) == ids(centre, number) == [doc["_id"] for doc in journal]
        assert len(journal) == 2
        for store in (here, centre, travel.router.store):
            case = store.case(number)
            assert case is not None
            assert (case.holder, case.set_aside) == (CENTRE, ())
            assert store.parked() == []
        book = travel.router.store.subject(author)
        assert isinstance(book, StoreBook)
        assert book.refused == ()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("loop", LOOPS)
def test_whatever_a_request_meets_nothing_is_lost_and_nothing_happens_twice(
    faulty: Faulty, rounds: dict[str, list[str]], loop: str, fault: str
) -> None:
    """The fault is met once; the next step of the same process must mend what it did.

    Where nothing comes, the agent is impatient; a slow moment here may then cost it more steps.
    """
    steps, patience_s = (5, IMPATIENCE_S) if fault in SILENT else (2, PATIENCE_S)
    for number, request in enumerate(rounds[loop]):
        if met_elsewhere(rounds, loop, request):
            continue
        round = Round(faulty, loop)
        round.begin()
        agent = round.go(steps, patience_s, lambda n=number: faulty.gate.arm(FAULTS[fault], n))
        assert (faulty.gate.went_off, faulty.gate.passed[number]) == (True, request)
        faulty.arrive()
        try:
            assert (agent.copied, agent.renewed) == (False, False)
            require_once(faulty, round.case)
        except AssertionError as error:
            raise AssertionError(f"{fault} at {request}: {error}") from error


def test_after_all_that_every_journal_is_whole_and_every_register_a_fresh_fold(
    faulty: Faulty,
) -> None:
    assert list(faulty.journey.problems()) == []


def test_a_round_asks_what_it_is_known_to_ask(rounds: dict[str, list[str]]) -> None:
    """If a round comes to ask more, or less, the faults above follow; this says what it asks."""
    looked = ["GET /catalogue/_all_docs", "POST /catalogue/_all_docs"]
    sent = ["POST /_session", *looked, BULK]
    rung = [f"GET /bell/{HERE}", f"PUT /bell/{HERE}"]
    assert rounds["push"] == [*sent, *rung]
    assert rounds["push later"] == [sent[-1], *rung]
    assert rounds["push again"] == [*sent, f"POST {OUTBOX}/_all_docs", *rung]
    word = f"POST /inbox-{HERE}/_all_docs"
    assert rounds["pull"] == ["POST /_session", word, f"GET /inbox-{HERE}/_changes"]


@pytest.mark.parametrize("fault", ["400", "413", "413 of a proxy"])
def test_an_event_that_was_refused_alone_is_shown_and_no_longer_once_it_is_taken(
    faulty: Faulty, rounds: dict[str, list[str]], fault: str
) -> None:
    case = faulty.journey.receive()
    faulty.gate.arm(FAULTS[fault], rounds["push"].index(BULK))
    faulty.push()
    with faulty.journey.at(HERE) as store:
        ((_, why, _),) = store.parked()
        assert "发件箱拒收" in why
    faulty.journey.forward(case)
    faulty.push()
    faulty.arrive()
    require_once(faulty, case)


# Whatever is wrong for a whole round


def test_a_server_that_cannot_prove_who_it_is_is_told_nothing(
    faulty: Faulty, tmp_path: Path
) -> None:
    case = forwarded(faulty)
    with stub_server(self_signed(tmp_path / "stub.pem")) as impostor:
        central = replace(faulty.here.config.central, couchdb_url=impostor.url)
        config = replace(faulty.here.config, central=central)
        with faulty.otherwise(replace(faulty.here, config=config)):
            faulty.push(2)
            faulty.pull(2)
        assert impostor.sent == []
    with faulty.journey.at(HERE) as store:
        assert word_of(store).why == UNTRUSTED
    faulty.push()
    faulty.arrive()
    require_once(faulty, case)


class ReadOnly(Node):
    """A node whose disk has become read-only under its agent."""

    def open_store(self, *, checkpoints: bool = False) -> Store:
        store = super().open_store(checkpoints=checkpoints)
        store.db.execute("PRAGMA query_only=ON")
        return store


@pytest.mark.parametrize("loop", ["push", "push again", "pull"])
def test_a_disk_that_cannot_be_written_for_a_round_loses_nothing(faulty: Faulty, loop: str) -> None:
    round = Round(faulty, loop)
    round.begin()
    usual = {field.name: getattr(faulty.here, field.name) for field in fields(Node)}
    with faulty.otherwise(ReadOnly(**usual)):
        round.go(2, PATIENCE_S, lambda: None)
    faulty.push()
    faulty.arrive()
    require_once(faulty, round.case)


@pytest.mark.parametrize("year", [1970, 2036])
def test_a_clock_here_that_is_wrong_by_years_loses_nothing(tmp_path: Path, year: int) -> None:
    with faulty_district(tmp_path) as faulty:
        wrong = replace(faulty.here, clock=Clock(f"{year}-07-01T08:00:00Z"))
        with faulty.otherwise(wrong):
            case = forwarded(faulty)
            faulty.push()
            faulty.arrive()
        require_once(faulty, case)
        with faulty.journey.at(HERE) as store:
            assert abs(word_of(store).ahead) > 365 * 86400, "both clocks' difference is said"
        require_in_order(faulty)
        after = forwarded(faulty)
        faulty.push()
        faulty.arrive()
        require_once(faulty, after)
        require_in_order(faulty)
        assert list(faulty.journey.problems()) == []


@pytest.mark.parametrize("year", [2016, 2036])
def test_a_clock_at_central_that_is_wrong_by_years_loses_nothing(tmp_path: Path, year: int) -> None:
    with (
        faulty_district(tmp_path) as faulty,
        faulty.otherwise(replace(faulty.here, clock=Clock(faulty.journey.clock.now))),
    ):
        right, faulty.journey.clock.now = faulty.journey.clock.now, f"{year}-07-01T08:00:00Z"
        cases = [forwarded(faulty)]
        faulty.push()
        faulty.arrive()
        cases.append(forwarded(faulty))
        faulty.journey.clock.now = right
        faulty.push()
        faulty.arrive()
        for case in cases:
            require_once(faulty, case)
        require_in_order(faulty)
        assert list(faulty.journey.problems()) == []


def require_in_order(faulty: Faulty) -> None:
    """No event's time precedes the one before it, nor the program."""
    with faulty.journey.at(HERE) as store:
        times = [event.at for event in store.of_author(faulty.here.identity.author, 0, 1000)]
    assert times == sorted(times)
    assert times[0] >= FIRST_DAY


def test_a_new_pc_whose_clock_says_1970_can_begin(tmp_path: Path) -> None:
    with journey(tmp_path, MemoryServer().connect) as travel:
        travel.clock.now = "1970-01-01T00:00:07Z"
        node = travel.enrol(NEIGHBOUR)
        with node.local() as local:
            assert local.store.of_author(node.identity.author, 0, 1)[0].at == FIRST_DAY
            (alert,) = alerts(local)
        assert "本机的时间比最后一条记录早了" in alert.short
