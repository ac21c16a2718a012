"""A changed URL is all that switches central to a CouchDB of one's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.setup import read_accounts
from central.verifying import problems
from sync.couch import connect
from sync.errors import NotAllowed, RemoteUnavailable
from tests.serving import free_port
from tests.system.processes import ROOT, Town, until

PASSWORD = "of somebody else's server"
SOME_POINT = "350102004001"


@pytest.fixture
def couchdb(tmp_path: Path) -> Iterator[str]:
    """A server that central knows nothing of but its address and its administrator."""
    port, secret = free_port(), tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    command = [sys.executable, "-m", "central.embedded", "--data", str(tmp_path / "theirs"),
               "--port", str(port), "--admin-file", str(secret)]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - ours
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def answers(url: str) -> bool:
    server = connect(url, user="admin", password=PASSWORD)
    try:
        return "journal" in server.names() and "inbox-350102100012" in server.names()
    except RemoteUnavailable:
        return False
    finally:
        server.close()


def test_central_makes_what_it_needs_there_and_starts_no_store_of_its_own(couchdb, tmp_path):
    town = Town(tmp_path)
    text = town.central.config.read_text(encoding="utf-8")
    text = text.replace(
        "[central.couchdb]", f'[central.couchdb]\nurl = "{couchdb}"\npassword_file = "password"'
    )
    town.central.config.write_text(text, encoding="utf-8")
    town.central.start()
    try:
        until(lambda: answers(couchdb), "the databases")
        until(lambda: len(town.central.children()) == 3, "router, jobs and web")
        assert "central.embedded" not in town.central.children()
        assert not (tmp_path / "central" / "couchdb").exists()
        own, other = f"outbox-{SOME_POINT}", "outbox-350102004000"
        town.enrol(SOME_POINT)
        account = read_accounts(town.district())[SOME_POINT]
        point = connect(couchdb, user=account.user, password=account.password)
        assert point.database(own).get("nothing") is None
        with pytest.raises(NotAllowed):
            point.database(other).get("nothing")
        with pytest.raises(NotAllowed):
            point.database("journal").get("nothing")
        point.close()
        assert list(problems(tmp_path / "central")) == []
    finally:
        town.central.end()
