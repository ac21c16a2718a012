"""The line between one node and central, where any one request can meet any one fault.

A node's agent speaks over a real socket to a gate; the gate asks the embedded store, and answers as
it is told to. The rest of the district is a `Journey` over the same store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from werkzeug.test import Client

from central.embedded import create_app
from central.router import IntakeLoop, follow_journal
from node.agent import Agent
from node.config import Agent as Pace
from node.local import Node, open_node
from sync.couch import connect
from sync.loop import Retry
from sync.ports import Server
from tests.central.travel import CENTRE, HERE, Journey, journey
from tests.contract.conftest import served
from tests.sync.stub import Answer, HangUp, Reply, Sent, Silence, Stub, stub_server

PATIENCE_S, IMPATIENCE_S = 30.0, 0.6
SILENT = ("no answer in time", "the answer comes too late")
PAGE = b"<html><body>Welcome to Free Wi-Fi, please log in</body></html>"
Ask = Callable[[], Reply]
Fault = Callable[[Ask], Answer]


def said(status: int, error: str, reason: str) -> Reply:
    return Reply(status, b'{"error":"%s","reason":"%s"}' % (error.encode(), reason.encode()))


def never(answer: Answer) -> Fault:
    """The request does not reach central; this is answered in its place."""
    return lambda ask: answer


def after(change: Callable[[Reply], Answer]) -> Fault:
    """Central carries the request out; of its answer this arrives."""
    return lambda ask: change(ask())


def _half(reply: Reply) -> bytes:
    return reply.body[: len(reply.body) // 2]


FAULTS: dict[str, Fault] = {
    "cut before the request": never(HangUp()),
    "no answer in time": never(Silence()),
    "the answer is lost": after(lambda reply: HangUp()),
    "the answer comes too late": after(lambda reply: Silence()),
    "cut in the middle of the body": after(
        lambda reply: replace(reply, body=_half(reply), length=len(reply.body))
    ),
    "garbage after the write": after(lambda reply: replace(reply, body=b"\x00\xff{]" * 9)),
    "an empty list": never(Reply(200, b"[]")),
    "a captive portal": never(Reply(200, PAGE, "text/html")),
    "400": never(said(400, "bad_request", "invalid UTF-8 JSON")),
    "401": never(said(401, "unauthorized", "You are not authorized.")),
    "403": never(said(403, "forbidden", "You are not allowed to access this db.")),
    "404 of the database": never(said(404, "not_found", "Database does not exist.")),
    "404 of the document": never(said(404, "not_found", "missing")),
    "409": never(said(409, "conflict", "Document update conflict.")),
    "412": never(said(412, "file_exists", "The database could not be created.")),
    "413": never(said(413, "too_large", "the request entity is too large")),
    "413 of a proxy": never(Reply(413, PAGE, "text/html")),
    "429": never(Reply(429, b"", None)),
    "500 after the write": after(lambda reply: said(500, "unknown_error", "timeout")),
    "502 of a proxy after the write": after(lambda reply: Reply(502, PAGE, "text/html")),
    "503": never(Reply(503, PAGE, "text/html")),
}


class Gate:
    """Passes requests on, and lets the one that it is told to meet a fault."""

    def __init__(self, stub: Stub, client: Client) -> None:
        self._client = client
        self._fault: Fault | None = None
        self._left = 0
        self.passed: list[str] = []
        self.url = stub.url
        stub.answer = self._answer

    def arm(self, fault: Fault, number: int) -> None:
        """The request of that number from now on, counted from 0, meets the fault."""
        self._fault, self._left = fault, number
        self.passed.clear()

    @property
    def went_off(self) -> bool:
        return self._fault is None

    def _answer(self, sent: Sent) -> Answer:
        self.passed.append(f"{sent.method} {sent.path.partition('?')[0]}")
        fault, self._left = self._fault, self._left - 1
        if fault is None or self._left >= 0:
            return self._ask(sent)
        self._fault = None
        return fault(lambda: self._ask(sent))

    def _ask(self, sent: Sent) -> Reply:
        headers = {k: v for k, v in sent.headers.items() if k not in ("Host", "Content-Length")}
        with self._client.open(
            sent.path, method=sent.method, data=sent.body, headers=headers
        ) as answer:
            kept = {k: v for k, v in answer.headers if k == "Set-Cookie"}
            return Reply(answer.status_code, answer.get_data(), answer.content_type, kept)


class Steps(threading.Event):
    """A stop that comes after so many steps of a loop; nobody waits on it.

    `meanwhile` holds what happens at this point before a step, by how many are left.
    """

    def __init__(self, steps: int, meanwhile: dict[int, Callable[[], object]]) -> None:
        super().__init__()
        self._left = steps
        self._meanwhile = meanwhile

    def is_set(self) -> bool:
        if happens := self._meanwhile.pop(self._left, None):
            happens()
        self._left -= 1
        return super().is_set() or self._left < 0

    def wait(self, timeout: float | None = None) -> bool:
        return super().is_set()


class QuickAgent(Agent):
    """The agent, which waits for nothing: it loses patience soon and tries again at once."""

    def __init__(self, node: Node, stop: Steps, patience_s: float) -> None:
        super().__init__(node, stop)
        self.retry = Retry(self.stop, random=lambda: 0.0)
        self._timeout_s = (1.0, patience_s)

    def connect(self) -> Server:
        account = self.node.enrolment
        return connect(
            self.node.config.central.couchdb_url, user=account.couch_user,
            password=account.couch_password, timeout_s=self._timeout_s,
            ca_file=str(self.node.config.central.ca_file or "") or None,
            answered=self.board.answered,
        )  # fmt: skip


@dataclass
class Faulty:
    """The district, whose point 军门社区 speaks through the gate."""

    journey: Journey
    gate: Gate
    intake: IntakeLoop

    @property
    def here(self) -> Node:
        return self.journey.nodes[HERE]

    @contextmanager
    def otherwise(self, node: Node) -> Iterator[None]:
        """For a while, this is the node."""
        usual, self.journey.nodes[HERE] = self.here, node
        try:
            yield
        finally:
            self.journey.nodes[HERE] = usual

    def push(
        self,
        steps: int = 1,
        *,
        patience_s: float = PATIENCE_S,
        meanwhile: dict[int, Callable[[], object]] | None = None,
    ) -> QuickAgent:
        """A push loop."""
        agent = QuickAgent(self.here, Steps(steps, meanwhile or {}), patience_s)
        agent._push_loop()
        return agent

    def pull(self, steps: int = 1, *, patience_s: float = PATIENCE_S) -> QuickAgent:
        """A pull loop."""
        agent = QuickAgent(self.here, Steps(steps, {}), patience_s)
        agent._pull_loop()
        return agent

    def route(self) -> None:
        """Central hears the bell, takes in what it announces, and delivers it."""
        self.intake.listen(0)
        while follow_journal(self.journey.router.store, self.journey.router.server):
            pass
        self.journey.router.deliver()

    def arrive(self) -> None:
        """What the node has sent so far goes all the way, and word of it comes back."""
        self.route()
        self.pull()
        self.journey.pull(CENTRE)


@contextmanager
def faulty_district(folder: Path) -> Iterator[Faulty]:
    """A running district, about which everybody knows already."""
    app = create_app(folder / "couchdb", {"admin": "pw"}, polls_max=4)
    with ExitStack() as stack:
        stack.callback(app.close)
        url = stack.enter_context(served(app))
        stub = stack.enter_context(stub_server())
        started = stack.enter_context(
            journey(folder, lambda: connect(url, user="admin", password="pw"))
        )
        gate = Gate(stub, Client(app, use_cookies=False))
        central = replace(started.nodes[HERE].config.central, couchdb_url=gate.url)
        config = replace(
            started.nodes[HERE].config, central=central, agent=Pace(long_poll_seconds=0.001)
        )
        started.nodes[HERE] = open_node(config, started.clock)
        intake = IntakeLoop(started.district, threading.Event())
        stack.callback(intake.close)
        faulty = Faulty(started, gate, intake)
        faulty.push()  # takes the catalogue over, and wants to be opened anew
        started.nodes[HERE] = open_node(config, started.clock)
        yield faulty
