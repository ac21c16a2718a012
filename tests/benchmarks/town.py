"""A whole district on one machine: central's real processes and 81 real nodes in a few more."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from central.config import load_central
from central.district import District, inbox_name, open_district
from central.setup import enrolment
from sync.bundle import load_bundle
from sync.errors import DoorstepError
from tests.benchmarks.stage import ROOT, cpu_s
from tests.serving import free_port
from tests.system.processes import Command, until

HOSTS = 3


class HostProcess:
    """One process of :mod:`tests.benchmarks.host`."""

    def __init__(self, configs: list[Path], log: Path) -> None:
        words = [sys.executable, "-m", "tests.benchmarks.host", *map(str, configs)]
        self.log = log.open("wb")
        self.process = subprocess.Popen(  # noqa: S603 - ours
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log
        )
        assert self._line() == b"ready\n", log.read_text()

    def _line(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def tell(self, do: str, **more: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode({"do": do, **more}) + b"\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        line = self._line()
        assert line, Path(self.log.name).read_text()[-3000:]
        return msgspec.json.decode(line)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()


class Town:
    """Central under its own command, and the nodes of all points in their hosts."""

    def __init__(self, folder: Path, staff: dict[str, Any]) -> None:
        self.folder, self.staff = folder, staff
        self.points = [point.code for point in load_bundle().directory.points]
        self.couch, self.web = free_port(), free_port()
        config = folder / "central.toml"
        config.write_text(
            f'[central]\ndata = "{folder / "central"}"\n[central.mail]\ncarrier = "own"\n'
            f'[central.couchdb]\nhost = "127.0.0.1"\nport = {self.couch}\n'
            f'[central.web]\nhost = "127.0.0.1"\nport = {self.web}\n'
            f'public_url = "http://127.0.0.1:{self.web}"\n',
            encoding="utf-8",
        )
        self.central = Command("central", config, folder / "central.log")
        self.hosts: list[HostProcess] = []
        self.configs: dict[str, Path] = {}

    def open_central(self) -> None:
        """Start central and enrol every point."""
        self.central.start()
        until(self._enrol, "81 points enrolled", seconds=120)

    def _enrol(self) -> bool:
        district: District = open_district(load_central(self.central.config))
        try:
            with district.server() as server:
                for code in self.points:
                    if code not in self.configs:
                        self._keep(code, enrolment(district, server, code, self.staff))
        except DoorstepError:
            return False
        return True

    def _keep(self, code: str, content: dict[str, Any]) -> None:
        file = self.folder / f"{code}.json"
        file.write_bytes(msgspec.json.encode(content))
        config = self.folder / f"{code}.toml"
        config.write_text(
            f'[node]\ndata = "{self.folder / code}"\nenrolment = "{file}"\n'
            f'[node.central]\ncouchdb_url = "http://127.0.0.1:{self.couch}"\n'
            f'portal_url = "http://127.0.0.1:{self.web}"\n'
            f'[node.window]\nhost = "127.0.0.1"\nport = {free_port()}\n',
            encoding="utf-8",
        )
        self.configs[code] = config

    def open_nodes(self, without: tuple[str, ...] = ()) -> None:
        """Open the nodes of all points but these in their hosts; their agents do not run yet."""
        configs = [self.configs[code] for code in self.points if code not in without]
        for number in range(HOSTS):
            log = self.folder / f"host-{number}.log"
            self.hosts.append(HostProcess(configs[number::HOSTS], log))

    def all(self, do: str, **more: Any) -> list[Any]:
        """Give every host an order and wait for all the answers."""
        for host in self.hosts:
            host.tell(do, **{"points": self.points, **more})
        return [host.answer() for host in self.hosts]

    def waiting(self) -> int:
        """How many events of all nodes have no receipt yet."""
        return sum(answer["waiting"] for answer in self.all("state"))

    def delivered(self, code: str) -> int:
        """How many documents lie in a point's inbox."""
        with open_district(load_central(self.central.config)).server() as server:
            return len(server.database(inbox_name(code)).range("", "~", limit=10**6, docs=False))

    def cpu_s(self) -> dict[str, float]:
        """What each of central's processes has taken of the processor so far."""
        return {name: cpu_s(pid) for name, pid in self.central.children().items()}

    def close_nodes(self) -> None:
        """Switch every node off."""
        for host in self.hosts:
            host.end()
        self.hosts.clear()

    def end(self) -> None:
        self.close_nodes()
        self.central.end()


@contextmanager
def town(folder: Path, staff: dict[str, Any] | None = None) -> Iterator[Town]:
    """A district with central running; everything is stopped at the end.

    :param staff: the accounts of every point.
    """
    made = Town(folder, staff or {"accounts": []})
    try:
        made.open_central()
        yield made
    finally:
        made.end()


class Load:
    """The share of one core that each of central's processes takes over a time."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.began, self.before = time.monotonic(), town.cpu_s()

    def shares(self) -> dict[str, float]:
        took = time.monotonic() - self.began
        after = self.town.cpu_s()
        return {name: (after[name] - self.before.get(name, 0.0)) / took for name in after}
