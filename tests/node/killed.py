"""A reception that kills its own process before the N-th statement that reaches the database.

Run as ``python -m tests.node.killed FRESH PLACE``: for N = 1, 2, … it copies the node's folder
FRESH to ``PLACE/N`` and lets a process of its own receive a case there, until one is not killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from cases.people import DocumentKind
from node.config import CentralAt, NodeConfig
from node.local import Local, open_node
from node.reception import Applicant, Reception, receive
from node.tables import prepare_tables
from sync.bundle import load_bundle
from tests.node.conftest import PORTAL, Clock

STATEMENTS_MAX = 1000
OP = "00000000000000aa"
CODE = "SCJG-000101"


class Killer:
    """Counts statements and, at the N-th, ends the process as a power cut would."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def __call__(self, _statement: str) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def reception(local: Local) -> Reception:
    matter = local.bundle.catalogue.matter(CODE)
    who = Applicant(
        "organization",
        "legal_representative",
        DocumentKind.CREDIT_CODE,
        "91350100M000100Y43",
        "福州某某餐饮管理有限公司",
        "0591-87654321",
        "陈建国",
    )
    return Reception(OP, matter, "", who, frozenset(m.position for m in matter.materials))


def run(folder: Path, at: int) -> None:
    """Open the node and receive one case, to be killed before statement ``at``."""
    central = CentralAt(couchdb_url="http://couch.test:5984", portal_url=PORTAL)
    here = open_node(NodeConfig(data=folder / "data", central=central), Clock())
    prepare_tables(here)
    with here.local() as local:
        local.store.db.conn.set_trace_callback(Killer(at))
        receive(local, reception(local), "s-c1")


def main(fresh: Path, place: Path) -> None:
    """A process of its own for each N, until one lives: then there was nothing left to kill."""
    load_bundle()
    for at in range(1, STATEMENTS_MAX):
        folder = place / f"{at:04d}"
        shutil.copytree(fresh, folder)
        child = os.fork()
        if child == 0:
            run(folder, at)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            sys.stdout.write(f"{at} {os.WEXITSTATUS(status)}\n")
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
