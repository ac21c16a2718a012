"""Central and nodes as real processes, started by their real commands on free ports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from central.config import load_central
from central.district import District, open_district
from central.enrol import write_enrolment
from node.config import load_node
from node.local import Node, open_node
from sync.errors import DoorstepError
from tests.serving import free_port

ROOT = Path(__file__).parents[2]


def until(holds: Callable[[], Any], what: str, seconds: float = 40) -> Any:
    """Look again and again until something holds, and give it back."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        pause.wait(0.05)
    raise AssertionError(f"it never came: {what}")


@dataclass
class Command:
    """One command of ours under its supervisor."""

    module: str
    config: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _file: IO[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        self._file = self.log.open("ab")
        command = [sys.executable, "-m", self.module, "--config", str(self.config)]
        self.process = subprocess.Popen(  # noqa: S603 - ours
            command, cwd=ROOT, stdout=self._file, stderr=self._file, start_new_session=True
        )

    def children(self) -> dict[str, int]:
        """The process ids of its programs, by their module; none is shown twice."""
        assert self.process is not None
        try:
            listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except OSError:
            return {}
        found = {}
        for pid in map(int, listed.split()):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if "-m" in words:
                found[words[words.index("-m") + 1]] = pid
        return found

    def kill(self, module: str) -> bool:
        """SIGKILL one of its programs. :returns: whether it ran."""
        pid = self.children().get(module)
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        return True

    def stop(self, seconds: float = 20) -> int:
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(seconds)
        assert self._file is not None
        self._file.close()
        return code

    def end(self) -> None:
        """Whatever happened: nothing of it runs on."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._file is not None:
            self._file.close()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Town:
    """A central and some nodes in one folder. Only what is needed of central is slow to pace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.couch, self.web = free_port(), free_port()
        config = folder / "central.toml"
        config.write_text(
            f'[central]\ndata = "{folder / "central"}"\n[central.mail]\ncarrier = "own"\n'
            f'[central.couchdb]\nhost = "127.0.0.1"\nport = {self.couch}\n'
            f'[central.web]\nhost = "127.0.0.1"\nport = {self.web}\n'
            f'public_url = "http://127.0.0.1:{self.web}"\n'
            "[central.router]\nlong_poll_seconds = 1\nsweep_seconds = 5\n",
            encoding="utf-8",
        )
        self.central = Command("central", config, folder / "central.log")
        self.nodes: dict[str, Command] = {}

    @property
    def commands(self) -> list[Command]:
        return [*self.nodes.values(), self.central]

    def district(self) -> District:
        return open_district(load_central(self.central.config))

    def enrol(self, code: str, *, couch: int = 0, module: str = "node") -> Node:
        """Enrol a point and open its folder, as the installing person would.

        :param couch: the port at which the node finds central's store, if not at its own.
        :param module: what to run there: the whole node, or one program of it.
        """
        enrolment = self.folder / f"{code}.json"
        until(lambda: self._enrolled(code, enrolment), f"{code} enrolled")
        config = self.folder / f"{code}.toml"
        config.write_text(
            f'[node]\ndata = "{self.folder / code}"\nenrolment = "{enrolment}"\n'
            f'[node.central]\ncouchdb_url = "http://127.0.0.1:{couch or self.couch}"\n'
            f'portal_url = "http://127.0.0.1:{self.web}"\n'
            f'[node.window]\nhost = "127.0.0.1"\nport = {free_port()}\n'
            "[node.agent]\npoll_seconds = 0.1\nlong_poll_seconds = 1\nbell_seconds = 2\n",
            encoding="utf-8",
        )
        self.nodes[code] = Command(module, config, self.folder / f"{code}.log")
        return self.open(code)

    def open(self, code: str) -> Node:
        return open_node(load_node(self.nodes[code].config))

    def _enrolled(self, code: str, out: Path) -> bool:
        try:
            write_enrolment(self.central.config, code, None, out)
        except DoorstepError:
            return False
        return True

    def end(self) -> None:
        for command in self.commands:
            command.end()
