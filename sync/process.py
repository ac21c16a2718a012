"""What each of our processes begins and ends with: its one argument, its logs, its stop."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import structlog

from sync.errors import DoorstepError

EXIT_SETTINGS = 78  # EX_CONFIG of sysexits.h: a person must change something; do not restart

EXIT_RENEW = 79  # stop all of this command's processes and open its data folder anew

LAST_MOMENT_S = 1.0
SUPERVISOR = "DOORSTEP_SUPERVISOR"  # set by sync.supervisor for its children: its process id


@contextmanager
def process(name: str) -> Iterator[Path]:
    """Read ``--config FILE``, set up the logs, and turn a known failure into one clear message.

    The block gets the file's path. A :class:`DoorstepError` in it ends the process with
    :data:`EXIT_SETTINGS`: what the message asks for must be done before a restart can help. One
    that may pass by itself, as a full disk does, ends it with 1: it is started again.
    """
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("--config", type=Path, required=True, help="the configuration file")
    config: Path = parser.parse_args().config
    os.umask(0o077)  # what this process writes is for its own account, whatever the folder allows
    set_up_logs()
    end_with_supervisor()
    structlog.contextvars.bind_contextvars(process=name)
    try:
        yield config
    except DoorstepError as error:
        sys.stderr.write(f"{name}: {error}\n")
        raise SystemExit(1 if error.retry else EXIT_SETTINGS) from None


def end_with_supervisor() -> None:
    """Stop when the supervisor that started this process is gone, however it ended."""
    supervisor = os.environ.get(SUPERVISOR)
    if supervisor is None:
        return

    def watch() -> None:
        while str(os.getppid()) == supervisor:
            time.sleep(0.5)  # the only way to notice on every system
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="supervisor watch", daemon=True).start()


def run_loops(
    stop: threading.Event,
    loops: Mapping[str, Callable[[], None]],
    code: Callable[[], int] = lambda: 0,
) -> int:
    """Run each loop in a thread of its own until stopped. :returns: the exit code, from ``code``.

    A loop may be in the middle of a long poll: it gets a moment, then the process ends all the
    same, since every step may be repeated. A loop that fails ends the process with 1, so that the
    supervisor starts it whole again.
    """
    threads = [
        threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops.items()
    ]
    for thread in threads:
        thread.start()
    while all(thread.is_alive() for thread in threads) and not stop.wait(0.2):
        pass
    failed = not stop.is_set()
    stop.set()
    for thread in threads:
        thread.join(LAST_MOMENT_S)
    if any(thread.is_alive() for thread in threads):
        sys.stderr.flush()
        os._exit(1 if failed else code())
    return 1 if failed else code()


def set_up_logs() -> None:
    """One JSON line an event, on stderr. No personal data is ever logged."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
