"""The embedded store as its own process: events written in batches, and read back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.couch import connect
from sync.ports import Database
from tests.benchmarks.conftest import Measure

EVENTS = 5_000
BATCH = 50
BODY = {"type": "case.noted", "sealed": "证" * 120}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Database]:
    command = [sys.executable, "-m", "central.embedded", "--data", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        password = (tmp_path / "admin-password").read_text(encoding="utf-8").strip()
        server = connect(url, user="admin", password=password)
        server.create("outbox")
        yield server.database("outbox")
        server.close()
        process.terminate()


def test_writing_and_reading_events(outbox: Database, measure: Measure) -> None:
    docs = [{"_id": f"author:{n:010d}", "n": n, **BODY} for n in range(EVENTS)]

    def write() -> None:
        for start in range(0, EVENTS, BATCH):
            assert all(row.error is None for row in outbox.bulk(docs[start : start + BATCH]))

    def follow() -> None:
        cursor, seen = "0", 0
        while seen < EVENTS:
            page = outbox.changes(cursor, limit=500)
            cursor, seen = page.cursor, seen + len(page.rows)

    assert measure(f"events written in batches of {BATCH}", EVENTS, write) < 120
    assert measure("events read by changes", EVENTS, follow) < 120
