"""The server that is measured, a client that does nothing but ask, and what processes cost."""

from __future__ import annotations

import base64
import http.client
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from sync.couch import connect
from sync.ports import Server

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True)
class Served:
    """A running server: its address with name and password, and its process if it is ours."""

    host: str
    port: int
    user: str
    password: str
    pid: int | None = None

    @property
    def url(self) -> str:
        """The address without name and password."""
        return f"http://{self.host}:{self.port}"

    @property
    def open_url(self) -> str:
        """The address as a program takes it that knows no other way to sign in."""
        return f"http://{quote(self.user)}:{quote(self.password)}@{self.host}:{self.port}"

    def connect(self) -> Server:
        """Our own client of it."""
        return connect(self.url, user=self.user, password=self.password)


@contextmanager
def embedded(folder: Path) -> Iterator[Served]:
    """The embedded store as a process of its own."""
    command = [sys.executable, "-m", "central.embedded", "--data", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603 - ours
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().rpartition(":")[2])
            password = (folder / "admin-password").read_text(encoding="utf-8").strip()
            yield Served("127.0.0.1", port, "admin", password, process.pid)
        finally:
            process.terminate()


@contextmanager
def server_at(url: str | None, folder: Path) -> Iterator[Served]:
    """The server at an address with name and password in it, or our own."""
    if url is None:
        with embedded(folder) as served:
            yield served
        return
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    yield Served(parts.hostname or "127.0.0.1", parts.port or 5984, user, password)


class Raw:
    """One connection that asks and reads, and checks nothing: the ceiling of any client."""

    def __init__(self, served: Served) -> None:
        self._conn = http.client.HTTPConnection(served.host, served.port, timeout=300)
        word = base64.b64encode(f"{served.user}:{served.password}".encode()).decode()
        self._headers = {**_JSON, "Authorization": f"Basic {word}"}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else msgspec.json.encode(body)
        self._conn.request(method, path, data, self._headers)
        answer = self._conn.getresponse()
        return msgspec.json.decode(answer.read())

    def close(self) -> None:
        self._conn.close()


def cpu_s(pid: int) -> float:
    """The processor time that a process has taken, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mb(pid: int) -> float:
    """The resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


def peak_mb(pid: int) -> float:
    """The most resident memory that a process ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def seconds(work: Callable[[], object]) -> float:
    """How long something takes, once."""
    started = perf_counter()
    work()
    return perf_counter() - started


def at_percent(values: list[float], percent: float) -> float:
    """The value that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
