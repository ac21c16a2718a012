"""Central: the real intake, delivery and jobs, one step at a time, and a process of the web."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from cases.points import Directory, Point
from central.author import OUTBOX, CentralAuthor
from central.config import CentralConfig, Mail
from central.delivery import Delivery
from central.district import READ_MODEL, ROUTER_MODEL, District, open_district
from central.jobs import Jobs
from central.router import IntakeLoop, follow_journal
from central.setup import prepare_couch, prepare_point
from sync.errors import Missing, RemoteError
from sync.ports import Server
from sync.store import Store
from tests.simulation.chance import MINUTE
from tests.simulation.process import Crash, Process
from tests.simulation.weather import Wired

if TYPE_CHECKING:
    from tests.simulation.world import World

SWEEP = CHECK = 30 * MINUTE  # a calm district lives by its bell
MODELS = (ROUTER_MODEL, READ_MODEL)


class Quiet:
    """A notifier: residents are not part of the simulation."""

    def send(self, notice: object) -> None:
        """Nobody reads it."""


def connect_nowhere() -> Server:
    """:raises LookupError: a district must be told where its CouchDB is."""
    raise LookupError("no CouchDB")


@dataclass(frozen=True)
class SimulatedDistrict(District):
    """A district whose CouchDB is in this process."""

    connector: Callable[[], Server] = connect_nowhere

    def connect(self) -> Server:
        return self.connector()


class Router(NamedTuple):
    """The two loops of the router's one process."""

    intake: IntakeLoop
    server: Server
    store: Store
    delivery: Delivery


class Program:
    """A process of central: opened when it is first needed, and again after it died."""

    def __init__(self, world: World, name: str, start: Callable[[], Any]) -> None:
        self.world = world
        self.process = Process(name)
        self._start = start
        self.parts: Any = None

    def run(self, what: Callable[[Any], Any]) -> Any:
        """Do something as this process. A failure of the line leaves it for the next time."""
        try:
            with self.process.running():
                if self.parts is None:
                    self.parts = self._start()
                return what(self.parts)
        except RemoteError as error:
            self.world.trace.note(self.process.name, type(error).__name__)
        except Crash:
            self.world.fault("crash")
            self.end()
        return None

    def end(self) -> None:
        """It dies."""
        self.parts = None
        self.process.end()


class Central:
    """Central's folder and its processes."""

    def __init__(self, world: World, points: Sequence[Point]) -> None:
        self.world = world
        self.folder = world.folder / "central"
        whole = open_district(
            CentralConfig(data=self.folder, mail=Mail(carrier="own")), world.now.text
        )
        bundle = dataclasses.replace(whole.bundle, directory=Directory(points))
        self.value = SimulatedDistrict(
            whole.config, whole.secrets, bundle, world.now.text, connector=self._connect
        )
        self.admin = world.couch.watch()
        prepare_couch(self.value, self.admin)
        self.router = Program(world, "router", self._start_router)
        self.jobs = Program(world, "jobs", self._start_jobs)
        self.web = Program(world, "web", self._start_web)
        self.programs = (self.router, self.jobs, self.web)

    def _connect(self) -> Server:
        return Wired(self.world.couch.connect(), "central", self.world.weather)  # type: ignore[return-value]

    # the processes, as their own loops begin

    def _start_router(self) -> Router:
        self._swept = self._audited = -SWEEP
        server, store = self._connect(), self.value.open_store(ROUTER_MODEL, checkpoints=True)
        restore = lambda point: prepare_point(self.value, server, point)  # noqa: E731 - as the router
        loop = IntakeLoop(self.value, threading.Event())
        return Router(loop, server, store, Delivery(server, store, restore))

    def _start_jobs(self) -> Jobs:
        self._checked = -CHECK
        jobs = Jobs(self.value, Quiet())
        jobs.schedule.clear()  # what is due is told by virtual time
        return jobs

    def _start_web(self) -> tuple[CentralAuthor, Store]:
        server = self._connect()
        box = self.value.secrets.box.public
        author = CentralAuthor(lambda: server.database(OUTBOX), box, self.value.clock)
        return author, self.value.open_store()

    # one step of each

    def step(self) -> None:
        """Each process once, in any order."""
        steps = [
            lambda: self.router.run(self._take_in),
            lambda: self.router.run(self._deliver),
            lambda: self.jobs.run(self._follow),
        ]
        self.world.rolls.shuffle(steps)
        for step in steps:
            step()

    def _take_in(self, router: Router) -> None:
        """What the step of ``IntakeLoop.run`` does."""
        loop = router.intake
        if not loop.sure.is_set():
            loop.make_sure()
            loop.sure.set()
        try:
            if self.world.now.now - self._swept >= SWEEP:
                loop.sweep()
                self._swept = self.world.now.now
            loop.listen(0)
        except RemoteError as error:
            loop.sure.clear()
            if isinstance(error, Missing):
                self._swept = -SWEEP
            raise

    def _deliver(self, router: Router) -> None:
        """What the step of ``run_delivery`` does."""
        if not router.intake.sure.is_set():
            return
        if self.world.now.now - self._audited >= SWEEP:
            router.delivery.audit()
            self._audited = self.world.now.now
        while not router.delivery.deliver_once().caught_up:
            pass
        follow_journal(router.store, router.server)

    def _follow(self, jobs: Jobs) -> None:
        """What the loop of the jobs does."""
        if self.world.now.now - self._checked >= CHECK:
            jobs.check()
            self._checked = self.world.now.now
        jobs.step()

    # what residents and couriers say

    def state(
        self, type: str, subject: str, data: Mapping[str, Any], token: str, sealed: Any
    ) -> None:
        """The web states a fact; the person is told only if it is in the outbox."""

        def say(parts: tuple[CentralAuthor, Store]) -> str:
            author, store = parts
            return author.state(store, type, subject, data, actor=token, sealed=sealed)

        id = self.web.run(say)
        if id is not None:
            self.world.oracle.stated_by_central(token, id, type, subject, sealed)

    # what happens to its disks

    def photograph(self, name: str) -> None:
        """A backup of the store and of the models."""
        self.world.couch.photograph(name)
        kept = self.world.folder / f"photo-central-{name}"
        kept.mkdir()
        for model in MODELS:
            if (self.folder / model).exists():
                store = self.value.open_store(model)
                store.db.conn.execute("VACUUM INTO ?", [str(kept / model)])
                store.close()

    def put_back(self, name: str, models: str) -> None:
        """The store as it was; the models ``kept`` of today, ``gone``, or ``old`` like it."""
        for program in self.programs:
            program.end()
        self.world.couch.put_back(name)
        for model in MODELS if models != "kept" else ():
            for file in self.folder.glob(f"{model}*"):
                file.unlink()
            photo = self.world.folder / f"photo-central-{name}" / model
            if models == "old" and photo.exists():
                shutil.copy(photo, self.folder / model)

    def model(self, name: str) -> Store:
        """A connection for looking, outside every process. Close it."""
        return self.value.open_store(name)

    def close(self) -> None:
        """The world ends."""
        for program in self.programs:
            program.end()
