"""Processes under one command: restarted when they die, stopped together, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from sync import supervisor
from sync.process import EXIT_RENEW, EXIT_SETTINGS
from sync.supervisor import Child, module, supervise

ROOT = Path(__file__).parents[2]


def script(text: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", dedent(text), *map(str, arguments)]


STAYS = script("import time; time.sleep(60)")
COUNTS = """
    import pathlib, sys, time
    with open(sys.argv[1], "a") as file:
        file.write("x")
    time.sleep(60)
"""


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Wait until something holds, a hundredth of a second at a time, for ten seconds."""
    pause = threading.Event()

    def until(holds: Callable[[], object]) -> None:
        for _ in range(1000):
            if holds():
                return
            pause.wait(0.01)
        raise AssertionError("it never came")

    return until


class Running:
    """A supervisor in a thread, and the code it ended with."""

    def __init__(self, *children: Child, grace_s: float = 5) -> None:
        self.children, self.stop, self.code = children, threading.Event(), -1
        self._thread = threading.Thread(target=self._run, args=[grace_s])
        self._thread.start()

    def _run(self, grace_s: float) -> None:
        self.code = supervise(self.children, self.stop, grace_s=grace_s)

    def end(self) -> int:
        self.stop.set()
        return self.ended()

    def ended(self) -> int:
        self._thread.join(20)
        assert not self._thread.is_alive()
        assert all(c.process is None or c.process.poll() is not None for c in self.children)
        return self.code


@pytest.fixture(autouse=True)
def nothing_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "QUICK_S", 0.0)


def test_a_process_that_is_killed_is_started_again(
    tmp_path: Path, wait: Callable[..., None]
) -> None:
    starts = tmp_path / "starts"
    child = Child("counts", script(COUNTS, starts))
    running = Running(child, Child("stays", STAYS))
    for number in range(1, 4):
        wait(lambda number=number: starts.exists() and len(starts.read_text()) == number)
        assert child.process is not None
        if number < 3:
            os.kill(child.process.pid, signal.SIGKILL)
    assert running.end() == 0


def test_a_process_that_says_why_it_cannot_run_stops_the_command(tmp_path: Path) -> None:
    running = Running(Child("fails", script(f"raise SystemExit({EXIT_SETTINGS})")),
                      Child("stays", STAYS))  # fmt: skip
    assert running.ended() == EXIT_SETTINGS
    assert running.stop.is_set()


def test_a_process_that_wants_its_folder_opened_anew_ends_this_round_only() -> None:
    running = Running(Child("renews", script(f"raise SystemExit({EXIT_RENEW})")),
                      Child("stays", STAYS))  # fmt: skip
    assert running.ended() == EXIT_RENEW
    assert not running.stop.is_set()


def test_a_process_that_dies_again_and_again_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "QUICK_S", 60.0)
    running = Running(Child("dies", script("raise SystemExit(3)")), Child("stays", STAYS))
    assert running.ended() == 3


def test_a_process_that_is_killed_again_and_again_is_not_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: Callable[..., None]
) -> None:
    monkeypatch.setattr(supervisor, "QUICK_S", 60.0)
    monkeypatch.setattr(supervisor, "PAUSE_S", 0.0)
    starts = tmp_path / "starts"
    child = Child("counts", script(COUNTS, starts))
    running = Running(child)
    for number in range(1, supervisor.QUICK_MAX + 3):
        wait(lambda number=number: starts.exists() and len(starts.read_text()) == number)
        assert child.process is not None
        os.kill(child.process.pid, signal.SIGKILL)
    assert running.end() == 0


def test_a_process_that_does_not_stop_is_killed(tmp_path: Path, wait: Callable[..., None]) -> None:
    ready = tmp_path / "ready"
    deaf = script(
        """
        import pathlib, signal, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pathlib.Path(sys.argv[1]).touch()
        time.sleep(60)
        """,
        ready,
    )
    running = Running(Child("deaf", deaf), grace_s=0.2)
    wait(ready.exists)
    assert running.end() == 0


def test_a_process_ends_when_its_supervisor_was_killed(
    tmp_path: Path, wait: Callable[..., None]
) -> None:
    pid = tmp_path / "pid"
    child = """
        import os, pathlib, sys
        from sync.process import end_with_supervisor, stop_on_signals
        stop = stop_on_signals()
        end_with_supervisor()
        pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
        stop.wait(60)
    """
    parent = script(
        """
        import sys, threading
        from sync.supervisor import Child, supervise
        supervise([Child("child", sys.argv[1:])], threading.Event())
        """,
        *script(child, pid),
    )
    with subprocess.Popen(parent, cwd=ROOT) as process:  # noqa: S603 - ours
        wait(lambda: pid.exists() and pid.read_text())
        process.kill()
    number = int(pid.read_text())
    wait(lambda: not alive(number))


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def run(text: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - ours
        script(text, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


def test_a_known_failure_is_one_clear_message_and_a_code_that_is_not_restarted() -> None:
    ended = run(
        """
        from sync.errors import DoorstepError
        from sync.process import process
        with process("agent") as config:
            raise DoorstepError(f"{config}: 没有这个文件")
        """,
        "--config", "there.toml",
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (EXIT_SETTINGS, "agent: there.toml: 没有这个文件\n")


@pytest.mark.parametrize(("trouble", "code"), [("Full", 1), ("ReadOnly", EXIT_SETTINGS)])
def test_a_full_disk_is_said_and_may_pass_and_a_read_only_one_needs_a_person(
    trouble: str, code: int
) -> None:
    ended = run(
        f"""
        from sync.errors import Storage{trouble}
        from sync.process import process
        with process("window") as config:
            raise Storage{trouble}("node.db")
        """,
        "--config", "there.toml",
    )  # fmt: skip
    assert ended.returncode == code
    assert ended.stderr.startswith("window: node.db: ")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("loop", "code"),
    [("lambda: None", 1), ("lambda: 1 / 0", 1), ("stop.set", 7), ("poll", 7)],
)
def test_loops_end_together_even_in_the_middle_of_a_long_poll(loop: str, code: int) -> None:
    ended = run(
        f"""
        import threading, time
        from sync import process
        process.LAST_MOMENT_S = 0.1
        stop = threading.Event()
        def poll():
            stop.set()
            time.sleep(60)
        raise SystemExit(process.run_loops(stop, {{"a": {loop}, "b": stop.wait}}, lambda: 7))
        """
    )
    assert ended.returncode == code


def test_a_module_is_run_by_this_same_python() -> None:
    assert module("node.agent", "--config", "x") == [
        sys.executable, "-m", "node.agent", "--config", "x",
    ]  # fmt: skip
