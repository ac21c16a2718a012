"""Who and what the demonstration consists of: its folder, ports, points, people, files."""

from __future__ import annotations

import json
import random
import socket
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cases.times import day_of
from central.leases import Range
from courier.look.accounts import hash_password
from sync.clock import DEMO_MARK, days_ahead, set_days_ahead, utc_now
from sync.db import DataFolderError

PASSWORD = "doorstep"  # noqa: S105 - printed on the demonstration's first page
PIN = "246810"
BLOCKS = range(18400, 32000, 20)  # below the ports that systems give to outgoing connections


@dataclass(frozen=True)
class Place:
    """One of the demonstration's points: its code, short name, and port offset."""

    code: str
    key: str
    name: str
    offset: int


JUNMEN = Place("350102004001", "junmen", "军门社区", 11)
DONGJIE = Place("350102004000", "dongjie", "东街街道", 12)
CENTRE = Place("350102000000", "centre", "区行政服务中心", 13)
PLACES = (JUNMEN, DONGJIE, CENTRE)


@dataclass(frozen=True)
class Someone:
    """A demonstration account."""

    login: str
    name: str
    roles: tuple[str, ...]
    what: str


STAFF: dict[str, tuple[Someone, ...]] = {
    "junmen": (Someone("lin", "林小燕", ("clerk", "officer", "mail", "lead"), "综合窗口"),),
    "dongjie": (
        Someone("chen", "陈志强", ("clerk", "mail"), "综合窗口"),
        Someone("wu", "吴美玲", ("officer", "mail", "lead"), "审批"),
    ),
    "centre": (
        Someone("huang", "黄建国", ("clerk", "mail"), "综合窗口、寄递台"),
        Someone("zheng", "郑国梁", ("officer", "mail", "lead"), "各部门审批"),
    ),
}
SUPERVISOR = Someone("guan", "管淑芬", ("supervisor", "admin"), "监督看板")
COURIER = Someone("1001", "阿强", ("courier",), "快递员手机页")

#: The points whose own people carry what they send.
OWN_CARRIERS = (JUNMEN, CENTRE)
#: What China Post would have assigned: 东街街道 sends by it, the others by their own people.
EMS_NUMBERS = Range("ems", "ems13", "", 1_052_600_001_000, 1_052_600_002_999, by="演示")


@dataclass(frozen=True)
class Plan:
    """Where everything of one demonstration stands."""

    folder: Path
    port: int

    @property
    def hub(self) -> str:
        """The page that links everything."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def portal(self) -> str:
        """Central's pages."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def couch(self) -> str:
        """The embedded store."""
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def today(self) -> date:
        """The day it is in the demonstration."""
        return day_of(utc_now()) + timedelta(days=days_ahead(self.folder))

    @property
    def now(self) -> datetime:
        """The time it is in the demonstration, in the district's zone."""
        return datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=days_ahead(self.folder))

    def move_to(self, day: date) -> None:
        """Let that day begin, in every program of the demonstration."""
        set_days_ahead(self.folder, (day - day_of(utc_now())).days)

    def window(self, place: Place) -> str:
        """A point's window."""
        return f"http://127.0.0.1:{self.port + place.offset}"

    def data(self, key: str) -> Path:
        """The data folder of central or of a point."""
        return self.folder / key

    def log(self, key: str) -> Path:
        """What the programs of central or of a point say."""
        return self.folder / "logs" / f"{key}.log"

    def config(self, key: str) -> Path:
        """The configuration file of central or of a point."""
        return self.folder / f"{key}.toml"

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port it needs."""
        return (*(self.port + n for n in range(3)), *(self.port + p.offset for p in PLACES))


def require_free(plan: Plan) -> None:
    """:raises DataFolderError: names the ports that another program holds."""
    taken = [port for port in plan.ports if not _is_free(port)]
    if taken:
        raise DataFolderError(
            f"端口 {'、'.join(map(str, taken))} 已被别的程序占用。"
            f"请先关掉它（也许演示已经开着：{plan.hub}），"
            f"或换一组端口：doorstep demo --port {plan.port + 100}"
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port_block() -> int:
    """A first port such that every port of a plan is free now.

    Any of many, so that two who look at the same moment hardly find the same.
    """
    for port in random.sample(BLOCKS, len(BLOCKS)):
        if all(_is_free(p) for p in Plan(Path(), port).ports):
            return port
    raise DataFolderError("找不到一组空闲的端口")


def write_configs(plan: Plan, *, couch: str = "", portal: str = "") -> None:
    """Write the configuration files. ``couch`` and ``portal``: another way there, for one check."""
    plan.config("central").write_text(_central_toml(plan), encoding="utf-8")
    for place in PLACES:
        detour = place is JUNMEN
        text = _node_toml(
            plan, place, couch=(detour and couch) or plan.couch, portal=portal or plan.portal
        )
        plan.config(place.key).write_text(text, encoding="utf-8")


def _central_toml(plan: Plan) -> str:
    return (
        "[central]\n"
        f'data = "{plan.data("central").name}"\n\n'
        f"[central.couchdb]\nport = {plan.port + 2}\n\n"
        f"[central.mail]\nown_points = {[place.code for place in OWN_CARRIERS]}\n\n"
        f'[central.web]\nport = {plan.port + 1}\npublic_url = "{plan.portal}"\n'
    )


def _node_toml(plan: Plan, place: Place, *, couch: str, portal: str) -> str:
    return (
        "[node]\n"
        f'data = "{place.key}"\nenrolment = "{place.key}.enrolment.json"\n\n'
        f"[node.window]\nport = {plan.port + place.offset}\n\n"
        f'[node.central]\ncouchdb_url = "{couch}"\nportal_url = "{portal}"\n\n'
        "[node.agent]\nlong_poll_seconds = 10\nbell_seconds = 3\n"
    )


def staff_document(place: Place) -> dict[str, Any]:
    """The staff of a point, as its enrolment carries it."""
    return {
        "accounts": [
            {
                "id": f"s-{place.key}-{someone.login}",
                "login": someone.login,
                "name": someone.name,
                "roles": list(someone.roles),
                "departments": [],
                "password_hash": hash_password(PASSWORD),
            }
            for someone in STAFF[place.key]
        ]
    }


def mark(plan: Plan, **facts: Any) -> None:
    """Note in the folder that it is the demonstration's, and what was done in it."""
    (plan.folder / DEMO_MARK).write_text(json.dumps(facts), encoding="utf-8")


def marked(folder: Path) -> dict[str, Any] | None:
    """What was noted in the folder, or None if it is not the demonstration's."""
    try:
        found: dict[str, Any] = json.loads((folder / DEMO_MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
