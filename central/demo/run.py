"""``doorstep demo``: sets up one folder, starts everything, fills it once, and stops it cleanly."""

from __future__ import annotations

import shutil
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

from central.accounts import add_account
from central.config import load_central
from central.demo.hub import serve_hub
from central.demo.plan import (
    COURIER,
    EMS_NUMBERS,
    PASSWORD,
    PIN,
    PLACES,
    SUPERVISOR,
    Plan,
    mark,
    marked,
    require_free,
    staff_document,
    write_configs,
)
from central.demo.seed import SAMPLES, seed
from central.district import open_district
from central.leases import LEASES, Overlapping, add_ranges
from central.setup import enrolment, is_prepared
from sync.clock import DEMO_MARK
from sync.db import DataFolderError
from sync.errors import DoorstepError
from sync.process import stop_on_signals
from sync.supervisor import Child, module, supervise

START_S = 60
GRACE_S = 20.0
READY = """
  家门口 Doorstep 已就绪 / is ready:  {hub}
  Ctrl-C 停止 / stops it.  数据和日志 / data and logs: {folder}
"""


class GaveUp(DoorstepError):
    """A program ended again and again, and with it the whole."""


def run(folder: Path, port: int, *, reset: bool) -> int:
    """Run the demonstration until Ctrl-C. A second start finds its data again.

    :raises DataFolderError: a port is taken, or the folder is somebody else's.
    :raises GaveUp: a program does not stay up.
    """
    plan = Plan(folder.absolute(), port)
    require_free(plan)
    take_folder(plan, reset=reset)
    stop = stop_on_signals()
    try:
        with running(plan, stop, say=_say):
            _make_samples(plan, stop)
            with serve_hub(plan):
                _say(READY.format(hub=plan.hub, folder=plan.folder))
                stop.wait()
            _say("正在停止 / stopping …")
    except DoorstepError as error:
        if isinstance(error, GaveUp) or not stop.is_set():
            raise  # else Ctrl-C while it was still starting: nothing is wrong
    return 0


def _make_samples(plan: Plan, stop: threading.Event) -> None:
    """Settle the sample cases, once. Stopped halfway, the next start goes on from there."""
    facts = marked(plan.folder) or {}
    made = int(facts.get("samples", 0))
    if made < SAMPLES and not stop.is_set():
        _say("办几件样例，让每种状态都有 / settling a few sample cases …")
    with closing(seed(plan, made)) as samples:
        while made < SAMPLES and not stop.is_set():
            sample = next(samples)
            made = facts["samples"] = sample.nth
            if sample.example:
                facts["example"] = {"number": sample.number, "last_four": sample.who.last_four}
            mark(plan, **facts)
            _say(f"  {made:2d}/{SAMPLES}  {sample.words}")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def take_folder(plan: Plan, *, reset: bool) -> None:
    """Make the folder, or empty it where that is asked for and it is ours."""
    folder = plan.folder
    ours = marked(folder) is not None
    if folder.exists() and any(folder.iterdir()) and not ours:
        raise DataFolderError(f"{folder}: 里面有别的东西，演示不用这个目录。请用 --data 换一个。")
    if reset and ours:
        shutil.rmtree(folder)
    plan.log("central").parent.mkdir(parents=True, exist_ok=True)
    if not (folder / DEMO_MARK).exists():
        mark(plan, samples=0)


@contextmanager
def running(
    plan: Plan,
    stop: threading.Event,
    *,
    say: Callable[[str], None],
    couch: str = "",
    portal: str = "",
    central: str = "central",
) -> Iterator[None]:
    """Central and the three points, up and answering; stopped at the end.

    ``couch`` and ``portal`` are another way from the community point to central, ``central``
    another module to run as central (see ``check``).
    """
    write_configs(plan, couch=couch, portal=portal)
    halt = threading.Event()
    threads: list[threading.Thread] = []
    fallen: list[Path] = []

    def keep(*children: Child) -> None:
        threads.append(_keep(children, halt, stop, fallen))

    try:
        say("启动区中心 / starting central …")
        keep(_program(central, plan, "central"))
        until_answers(f"{plan.couch}/_up", stop)
        until_answers(f"{plan.portal}/health", stop)
        enrol_all(plan, stop)
        say("启动三个受理点 / starting three points …")
        keep(*(_program("node", plan, place.key) for place in PLACES))
        for place in PLACES:
            until_answers(f"{plan.window(place)}/health", stop)
        yield
    finally:
        halt.set()
        for thread in threads:
            thread.join()
        if fallen:
            raise GaveUp(f"有程序一再停下，请看 {'、'.join(map(str, fallen))}")


def _program(program: str, plan: Plan, key: str) -> Child:
    return Child(key, module(program, "--config", str(plan.config(key))), plan.log(key))


def _keep(
    children: Sequence[Child], halt: threading.Event, stop: threading.Event, fallen: list[Path]
) -> threading.Thread:
    """Supervise in a thread of its own; if it gives up, ``fallen`` says so and everything stops."""

    def keep() -> None:
        if supervise(children, halt, grace_s=GRACE_S):
            fallen.extend(child.log for child in children if child.log)
            stop.set()

    thread = threading.Thread(target=keep, name=children[0].name)
    thread.start()
    return thread


def until_answers(url: str, stop: threading.Event, seconds: float = START_S) -> None:
    """Wait until an address answers. :raises DataFolderError: it does not in that time."""

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own http address
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    _until(answers, url, stop, seconds)


def _until(is_so: Callable[[], bool], what: str, stop: threading.Event, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline or stop.wait(0.1):
            raise DataFolderError(f"{what} 在 {seconds:.0f} 秒内没有应答，请看演示目录里的 logs")


def enrol_all(plan: Plan, stop: threading.Event) -> None:
    """Accounts of central's people, and an enrolment file for each point that has none."""
    district = open_district(load_central(plan.config("central")))
    for someone, secret in ((SUPERVISOR, PASSWORD), (COURIER, PIN)):
        add_account(
            district.config.data,
            login=someone.login,
            display=someone.name,
            roles=frozenset(someone.roles),
            secret=secret,
        )
    with district.server() as server:
        _until(lambda: is_prepared(server), "区中心的数据库", stop, START_S)
        with suppress(Overlapping):
            add_ranges(server.database(LEASES), [EMS_NUMBERS])
        for place in PLACES:
            path = plan.folder / f"{place.key}.enrolment.json"
            if not path.exists():
                content = enrolment(district, server, place.code, staff_document(place))
                path.touch(mode=0o600)
                path.write_bytes(msgspec.json.encode(content))
