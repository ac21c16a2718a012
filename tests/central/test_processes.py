"""The web and the jobs as processes: they begin, they answer, they stop when told to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.config import load_central
from central.district import READ_MODEL, open_district
from central.freshness import read_model_at
from central.setup import prepare_couch
from sync.errors import RemoteError
from tests.serving import free_port

STOP_SECONDS_MAX = 6
PATIENCE_SECONDS = 30


def until(what: str, is_so: object) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if callable(is_so) and is_so():
            return
        time.sleep(0.1)  # another process is starting; there is nothing to wait on
    pytest.fail(f"not so within {PATIENCE_SECONDS} s: {what}")


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """Central's configuration, with its embedded store running."""
    couch, web = free_port(), free_port()
    file = tmp_path / "central.toml"
    file.write_text(
        f'[central]\ndata = "central"\n[central.couchdb]\nport = {couch}\n'
        f"[central.web]\nport = {web}\n"
    )
    district = open_district(load_central(file))
    data = district.config.data
    store = start(
        "central.embedded", "--data", str(data / "couchdb"), "--port", str(couch),
        "--admin-file", str(data / "keys" / "couch"),
    )  # fmt: skip

    def prepared() -> bool:
        try:
            with district.server() as server:
                prepare_couch(district, server)
        except RemoteError:
            return False
        return True

    until("the store answers", prepared)
    yield file
    stop(store)


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", module, *arguments])  # noqa: S603


def stop(process: subprocess.Popen[bytes]) -> float:
    """Ask it to stop. :returns: after how many seconds it had."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    return time.monotonic() - began


def test_the_jobs_follow_the_journal_and_stop_promptly(config: Path) -> None:
    jobs = start("central.jobs", "--config", str(config))
    district = open_district(load_central(config))

    def followed() -> bool:
        if not (district.config.data / READ_MODEL).exists():
            return False
        store = district.open_store()
        at = read_model_at(store)
        store.close()
        return bool(at)

    until("the read model is followed", followed)
    assert stop(jobs) < STOP_SECONDS_MAX


def test_the_web_answers_and_stops_promptly(config: Path) -> None:
    web = start("central.web", "--config", str(config))
    url = f"http://127.0.0.1:{load_central(config).web.port}/health"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(json.load(answer)["ok"])
        except OSError:
            return False

    until("the web answers", answers)
    assert stop(web) < STOP_SECONDS_MAX


def test_a_mistake_in_the_configuration_is_said_once_and_ends_it(tmp_path: Path) -> None:
    file = tmp_path / "central.toml"
    file.write_text('[central]\ndata = "central"\n[central.web]\nport = "x"\n')
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "central.web", "--config", str(file)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 78
    assert "central.web.port" in done.stderr
    assert "Traceback" not in done.stderr
