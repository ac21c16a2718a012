"""The agent's fourth loop: draws the batches of waybills that the window has entered."""

from __future__ import annotations

import threading
from contextlib import suppress

import structlog

from node.local import Local, Node
from sync.errors import DoorstepError
from sync.loop import Retry
from sync.watch import Watch

log = structlog.get_logger()
AT_ONCE_MAX = 20  # so few the window draws itself, while one waits
REST_S = 30.0


def draw_next(local: Local) -> bool:
    """Draw one batch. :returns: whether there was one."""
    from node import print_jobs  # only who prints needs the typefaces, which are large

    one = print_jobs.waiting(local, more_than=AT_ONCE_MAX)
    if one is None:
        print_jobs.tidy(local)
        return False
    print_jobs.draw(local, one)
    return True


def run_prints(node: Node, stop: threading.Event, retry: Retry) -> None:
    """Repeat until stopped. What was entered here is noticed at once."""
    with node.local() as local:
        watch = Watch(local.store.db)

        def step() -> None:
            if not draw_next(local):
                watch.wait(stop, REST_S)

        def failed(error: DoorstepError, delay_s: float) -> None:
            with suppress(OSError):  # the log may be on the same full disk
                log.warning("prints", error=str(error), retry_in_s=round(delay_s, 1))

        retry.repeat(step, failed)
