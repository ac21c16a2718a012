"""A process that holds many real nodes: ``python -m tests.benchmarks.host CONFIG ...``.

Each node has its own data folder and its agent's two real loops over real HTTP; only the window's
process is missing. Orders come as JSON lines on stdin, one answer line each goes to stdout. Times
are of the monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import structlog

from cases.times import day_of
from node import agent as node_agent
from node.agent import Agent
from node.config import load_node
from node.local import Node, open_node
from sync.pull import Pulled
from sync.store import Store
from sync.writing import Writing, writing
from tests.benchmarks.work import CASE_EVENTS, state_case, state_forwarded


class Host:
    """The nodes of this process and what was seen of them."""

    def __init__(self, configs: list[Path]) -> None:
        self.nodes = [open_node(load_node(path)) for path in configs]
        self.stores = [node.open_store() for node in self.nodes]
        self.stop = threading.Event()
        self.seen: list[tuple[str, str, float]] = []  # (point, event, when it was on the disk)
        self.chance = Random(len(configs))  # noqa: S311 - who writes to whom is no secret
        self._watch()

    def _watch(self) -> None:
        """Note when an event is in a node's store: the moment the real pull step returns."""
        pull_once = node_agent.pull_once

        def watched(store: Store, *args: Any, **more: Any) -> Pulled:
            pulled = pull_once(store, *args, **more)
            now, point = time.monotonic(), Path(store.path).parent.name
            self.seen += [(point, id, now) for id in pulled.new]
            return pulled

        node_agent.pull_once = watched  # type: ignore[assignment]

    def start(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """Let every agent run its loops."""
        for node in self.nodes:
            agent = Agent(node, self.stop)
            for loop in (agent._push_loop, agent._pull_loop):
                threading.Thread(target=loop, daemon=True).start()
        return {"nodes": len(self.nodes)}

    def fill(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """Write so many events at every node. :returns: how many each point awaits of others."""
        sent: Counter[str] = Counter()
        for node, store in zip(self.nodes, self.stores, strict=True):
            with told(node, store) as write:
                for _ in range(0, wishes["events"], CASE_EVENTS):
                    to = wishes.get("to") or self._other(node, wishes["points"])
                    state_case(write, to=to)
                    sent[to] += CASE_EVENTS
        return {"sent": sent}

    def waiting(self, wishes: dict[str, Any] | None = None) -> int:
        """How many events here have no receipt yet."""
        return sum(
            store.waiting(node.identity.author)
            for node, store in zip(self.nodes, self.stores, strict=True)
        )

    def state(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """How far everything is."""
        counts = [store.db.execute("SELECT count(*) FROM events") for store in self.stores]
        return {
            "waiting": self.waiting(),
            "events": {
                node.point.code: count.fetchone()[0]
                for node, count in zip(self.nodes, counts, strict=True)
            },
        }

    def write(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """Receive and forward cases at a steady rate, at nodes and for points taken by chance.

        :returns: [event, receiving point, deciding point, just before, just after it was written]
        """
        written = []
        begun, count = time.monotonic(), int(wishes["per_second"] * wishes["seconds"])
        for number in range(count):
            self.stop.wait(max(0.0, begun + number / wishes["per_second"] - time.monotonic()))
            place = self.chance.randrange(len(self.nodes))
            node, to = self.nodes[place], self._other(self.nodes[place], wishes["points"])
            before = time.monotonic()
            with told(node, self.stores[place]) as write:
                id = state_forwarded(write, to=to)
            written.append([id, node.point.code, to, before, time.monotonic()])
        return {"written": written}

    def looked(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """What arrived since this was last asked."""
        seen, self.seen = self.seen, []
        return {"seen": seen}

    def _other(self, node: Node, points: list[str]) -> str:
        code = node.point.code
        return self.chance.choice([point for point in points if point != code])


@contextmanager
def told(node: Node, store: Store) -> Iterator[Writing]:
    """One durable transaction in a node's name."""
    with writing(store, node.identity, node.clock, day_of) as w:
        yield w


def main() -> int:
    """Obey until stdin ends."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    host = Host([Path(word) for word in sys.argv[1:]])
    orders = {name: getattr(host, name) for name in ("start", "fill", "state", "write", "looked")}
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        wishes = msgspec.json.decode(line)
        answer = orders[wishes["do"]](wishes)
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        sys.stdout.flush()
    host.stop.set()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
