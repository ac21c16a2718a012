"""One command supervises its processes: starts them, restarts what dies, stops them together.

Killing any of them at any moment loses nothing; here it only costs a restart, however often. A
process that ends *by itself* again and again cannot be helped by that, and ends the command.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import structlog

from sync.process import EXIT_RENEW, EXIT_SETTINGS, SUPERVISOR

log = structlog.get_logger()
QUICK_S = 3.0
QUICK_MAX = 4
PAUSE_S = 0.2
PAUSE_MAX_S = 5.0
GRACE_S = 8.0
#: What a child's memory shrinks to. By itself the C library keeps what was once used: the 32 MB
#: that checking a password takes would stay with the window for good.
LEAN = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "262144",
    "MALLOC_TRIM_THRESHOLD_": "262144",
}


@dataclass
class Child:
    """One process to keep running. ``log``: the file that takes what it says, else our own end."""

    name: str
    command: Sequence[str]
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick: int = 0
    failed: int = 0
    due: float | None = None

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches only the supervisor."""
        self.started, self.due = time.monotonic(), None
        with self.log.open("ab") if self.log else nullcontext() as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                list(self.command),
                start_new_session=True,
                env={**LEAN, **os.environ, SUPERVISOR: str(os.getpid())},
                stdout=out,
                stderr=out,
            )


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs one of our modules with this same Python."""
    return [sys.executable, "-m", name, *arguments]


def supervise(children: Sequence[Child], stop: threading.Event, *, grace_s: float = GRACE_S) -> int:
    """Keep the children running until ``stop``. :returns: the exit code of the whole command.

    A child that ends with :data:`EXIT_SETTINGS`, or dies again and again at once, stops them all:
    it has said why. :data:`EXIT_RENEW` stops them all too, but leaves ``stop`` alone: the caller
    opens the data folder anew and calls this again.

    :param grace_s: seconds they have to stop by themselves.
    """
    code = 0
    try:
        for child in children:
            child.start()
        while not code and not stop.wait(0.2):
            code = _tend(children)
            if code not in (0, EXIT_RENEW):
                stop.set()
    finally:
        _stop_all(children, grace_s)
    return code


def _tend(children: Sequence[Child]) -> int:
    """Restart what ended, when its pause is over. :returns: the code to end with, 0 to go on."""
    for child in children:
        ended = child.process.poll() if child.process else None
        if ended is None:
            continue
        if child.due is None and not _again(child, ended):
            return ended or 1
        if child.due is not None and time.monotonic() >= child.due:
            child.start()
    return 0


def _again(child: Child, code: int) -> bool:
    """Set down when a child that ended starts again, unless that cannot help.

    Killed by a signal (a negative code): the next life may be longer, whoever did it.
    """
    if code in (EXIT_SETTINGS, EXIT_RENEW):
        return False
    lived_long = time.monotonic() - child.started >= QUICK_S
    child.quick = 0 if lived_long else child.quick + 1
    child.failed = 0 if lived_long else child.failed + (code >= 0)
    if child.failed >= QUICK_MAX:
        log.error("a process dies again and again", process=child.name, code=code)
        return False
    log.warning("restarting a process", process=child.name, code=code)
    child.due = time.monotonic() + min(PAUSE_S * child.quick, PAUSE_MAX_S)
    return True


def _stop_all(children: Sequence[Child], grace_s: float) -> None:
    """Ask them to stop, the last started first; kill what does not."""
    running = [c.process for c in reversed(children) if c.process and c.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + grace_s
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
