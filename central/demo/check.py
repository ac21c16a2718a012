"""``doorstep demo --check``: proves the main job, on separate processes, over HTTP only.

A scratch folder, free ports, the community point's line to central really cut in steps 1 and 3.
Ends with a line that begins with ``ok`` and exit 0, or says what failed and where its data and
logs are, and exits 1.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from central.demo.journey import Journey
from central.demo.plan import Plan, free_port_block
from central.demo.route import Line
from central.demo.run import running, take_folder
from sync.errors import DoorstepError

PARTS: dict[str, tuple[Callable[[Journey], None], ...]] = {
    "main": (
        Journey.receive_with_no_line,
        Journey.fill_in_slips_with_no_line,
        Journey.mend_the_line,
        Journey.confirm_the_slips,
        Journey.carry_the_papers,
        Journey.decide,
        Journey.post_the_result,
        Journey.deliver_the_result,
        Journey.take_the_short_route,
        Journey.look_it_up,
        Journey.watch_the_board,
        Journey.close_the_case,
        Journey.verify_everything,
    )
}


class Timeline:
    """Prints what happened, with the seconds since the start."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def __call__(self, words: str) -> None:
        sys.stdout.write(f"{time.monotonic() - self.began:6.1f} s  {words}\n")
        sys.stdout.flush()


def check(part: str = "main", *, central: str = "central") -> int:
    """Run one named part. ``central`` is the module that runs central (tests spoil it).

    :returns: 0 if all of it is so, 1 otherwise.
    """
    if part not in PARTS:
        sys.stderr.write(f"没有叫 {part} 的检查，有：{'、'.join(PARTS)}\n")
        return 1
    say = Timeline()
    scratch = Path(tempfile.mkdtemp(prefix="doorstep-check-"))
    try:
        _run(PARTS[part], scratch, say, central)
    except DoorstepError as error:
        say(f"✗ {error}")
        sys.stdout.write(f"failed: {part}，数据和日志留在 {scratch}\n")
        return 1
    shutil.rmtree(scratch)
    seconds = time.monotonic() - say.began
    sys.stdout.write(f"ok: {part}，{len(PARTS[part])} 段全部做到，用时 {seconds:.0f} 秒\n")
    return 0


def _run(
    steps: tuple[Callable[[Journey], None], ...], scratch: Path, say: Timeline, central: str
) -> None:
    plan = Plan(scratch / "district", free_port_block())
    take_folder(plan, reset=False)
    line = Line(("127.0.0.1", plan.port + 2))
    with running(plan, threading.Event(), say=say, couch=line.url, central=central):
        journey = Journey(plan, line, say)
        try:
            for step in steps:
                step(journey)
        finally:
            journey.end()
            line.cut()
