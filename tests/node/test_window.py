"""The window as a process: it serves, it stops when told, and a taken port is a clear message."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.node.conftest import HERE, PORTAL, Clock, make_node
from tests.serving import free_port

TREE = Path(__file__).parents[2]
CONFIG = """
[node]
data = "data"
[node.central]
couchdb_url = "http://couch.test:5984"
portal_url = "{portal}"
[node.window]
port = {port}
"""


@pytest.fixture
def port() -> int:
    return free_port()


@contextmanager
def window(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    make_node(tmp_path, HERE, Clock())
    config = tmp_path / "node.toml"
    config.write_text(CONFIG.format(portal=PORTAL, port=port))
    command = [sys.executable, "-m", "node.window", "--config", str(config)]
    process = subprocess.Popen(command, cwd=TREE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_serves_and_stops_when_told(tmp_path: Path, port: int) -> None:
    with window(tmp_path, port) as process:
        assert process.stderr is not None
        assert "window is open" in process.stderr.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/signin/") as answer:
            assert "窗口登录" in answer.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_a_taken_port_is_a_clear_message(tmp_path: Path, port: int) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with window(tmp_path, port) as process:
            _, said = process.communicate(timeout=60)
    assert process.returncode == 78
    assert f"端口 {port} 已被别的程序占用" in said
