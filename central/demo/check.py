"""``doorstep demo --check``: proves the main job (``main``), every path of a case (``cases``) and
of a parcel (``mail``), on separate processes, over HTTP only.

A scratch folder, free ports, the community point's line to central really cut where a step needs
it. Parts named together run one after the other in one demonstration.
Ends with a line that begins with ``ok`` and exit 0, or says what failed and where its data and
logs are, and exits 1.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from central.demo import (
    case_bundles,
    case_days,
    case_law,
    case_phones,
    case_shown,
    case_standards,
    case_windows,
    mail_accounts,
    mail_home,
    mail_ways,
)
from central.demo.crew import CaseCrew, Crew, verify_journals
from central.demo.journey import Journey
from central.demo.mail_crew import MailCrew
from central.demo.plan import Plan, free_port_block
from central.demo.route import Line
from central.demo.run import running, take_folder
from sync.errors import DoorstepError


@dataclass(frozen=True)
class Part:
    """Something to prove: who takes part, and what they do one after the other."""

    crew: Callable[[Plan, Line, Callable[[str], None]], Crew]
    steps: tuple[Callable[[Any], None], ...]


PARTS = {
    "main": Part(
        Journey,
        (
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
        ),
    ),
    "cases": Part(
        CaseCrew,
        (
            case_law.correct_once,
            case_law.not_accepted,
            case_windows.approved_by_rule,
            case_windows.paper_not_asked,
            case_windows.come_again,
            case_windows.runs_already,
            case_windows.promised,
            case_windows.received_without,
            case_law.ask_the_departments,
            case_law.asked_back,
            case_law.void_a_decision,
            case_law.refuse_with_grounds,
            case_law.forbidden,
            case_bundles.several_at_once,
            case_bundles.posted_together,
            case_phones.seen_at_the_other_point,
            case_phones.answered_on_phone,
            case_shown.given_where_shown,
            case_shown.sent_where_shown,
            case_standards.change_the_standards,
            case_days.stop_the_clock,
            case_days.not_supplemented,
            case_days.deemed_accepted,
            case_days.unclaimed,
        ),
    ),
    "mail": Part(
        MailCrew,
        (
            mail_ways.failed_then_delivered,
            mail_ways.refused_and_returned,
            mail_ways.left_with_consent,
            mail_ways.a_day_without_signal,
            mail_ways.never_came,
            mail_ways.a_bag,
            mail_home.fetched_elsewhere,
            mail_home.from_home,
            mail_accounts.by_post,
            mail_accounts.the_months_bill,
        ),
    ),
}


class Timeline:
    """Prints what happened, with the seconds since the start."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def __call__(self, words: str) -> None:
        sys.stdout.write(f"{time.monotonic() - self.began:6.1f} s  {words}\n")
        sys.stdout.flush()


def check(*parts: str, central: str = "central") -> int:
    """Run named parts, the main job if none is named.

    :param central: the module that runs central (tests spoil it).
    :returns: 0 if all of it is so, 1 otherwise.
    """
    wanted = parts or ("main",)
    if unknown := [part for part in wanted if part not in PARTS]:
        names, known = "、".join(unknown), "、".join(PARTS)
        sys.stderr.write(f"没有叫 {names} 的检查，有：{known}\n")
        return 1
    named = "、".join(wanted)
    say = Timeline()
    scratch = Path(tempfile.mkdtemp(prefix="doorstep-check-"))
    try:
        _run([PARTS[part] for part in wanted], scratch, say, central)
    except DoorstepError as error:
        say(f"✗ {error}")
        sys.stdout.write(f"failed: {named}，数据和日志留在 {scratch}\n")
        return 1
    shutil.rmtree(scratch)
    seconds, steps = (
        time.monotonic() - say.began,
        1 + sum(len(PARTS[part].steps) for part in wanted),
    )
    sys.stdout.write(f"ok: {named}，{steps} 段全部做到，用时 {seconds:.0f} 秒\n")
    return 0


def _run(parts: Sequence[Part], scratch: Path, say: Timeline, central: str) -> None:
    plan = Plan(scratch / "district", free_port_block())
    take_folder(plan, reset=False)
    line = Line(("127.0.0.1", plan.port + 2))
    with running(plan, threading.Event(), say=say, couch=line.url, central=central):
        try:
            for part in parts:
                prove(part, plan, line, say)
            verify_journals(plan, say)
        finally:
            line.cut()


def prove(part: Part, plan: Plan, line: Line, say: Callable[[str], None]) -> None:
    """Prove one part on a running demonstration. :raises DoorstepError: something is not so."""
    crew = part.crew(plan, line, say)
    try:
        for step in part.steps:
            step(crew)
    finally:
        crew.end()
