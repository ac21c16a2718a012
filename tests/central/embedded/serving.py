"""The store for tests: called in this process, or as a process of its own."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from werkzeug.test import Client as WsgiClient

from central.embedded import App, create_app

ADMIN, PASSWORD = "admin", "secret"
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


def basic(name: str | None, password: str = PASSWORD) -> dict[str, str]:
    if name is None:
        return {}
    token = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


class Here:
    """The application called directly, as `who`."""

    def __init__(self, folder: Path, polls_max: int = 240) -> None:
        self.folder = folder
        self.app: App = create_app(folder, {ADMIN: PASSWORD}, polls_max=polls_max)
        self._client = WsgiClient(self.app, use_cookies=False)

    def ask(
        self, method: str, path: str, body: Any = None, *, who: str | None = ADMIN,
        password: str = PASSWORD, headers: dict[str, str] | None = None, address: str = "",
    ) -> Reply:  # fmt: skip
        sent = {"Content-Type": "application/json", **basic(who, password), **(headers or {})}
        data = body if isinstance(body, bytes) else b"" if body is None else encoded(body)
        answer = self._client.open(
            path, method=method, data=data, headers=sent, environ_base={"REMOTE_ADDR": address}
        )
        with answer:
            names = {name.lower(): value for name, value in answer.headers}
            return Reply(answer.status_code, names, answer.get_data())

    def reopened(self) -> Here:
        self.app.close()
        return Here(self.folder)


class Process:
    """`python -m central.embedded` on a free port."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        secret = folder.with_name(folder.name + ".password")
        secret.write_text(PASSWORD)
        self.process = launched(
            "--data", str(folder), "--port", "0", "--admin-file", str(secret), *arguments
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.port = int(line.rpartition(":")[2])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(
        self, method: str, path: str, body: Any = None, *, who: str | None = ADMIN,
        password: str = PASSWORD, headers: dict[str, str] | None = None,
    ) -> Reply:  # fmt: skip
        connection = self.connection()
        try:
            sent = {"Content-Type": "application/json", **basic(who, password), **(headers or {})}
            data = body if body is None or isinstance(body, bytes) else encoded(body)
            connection.request(method, path, data, sent)
            return replied(connection)
        finally:
            connection.close()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)


def launched(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own program with our own arguments
        [sys.executable, "-m", "central.embedded", *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def refused(*arguments: str) -> tuple[int, str]:
    """Exit code and what was said of a start that must fail."""
    process = launched(*arguments)
    _, said = process.communicate(timeout=20)
    return process.returncode, said


def replied(connection: http.client.HTTPConnection) -> Reply:
    answer = connection.getresponse()
    names = {name.lower(): value for name, value in answer.getheaders()}
    return Reply(answer.status, names, answer.read())


def is_silent(connection: http.client.HTTPConnection) -> bool:
    """Whether nothing has been answered yet."""
    return not select.select([connection.sock], [], [], 0)[0]


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def packed(value: Any) -> bytes:
    return gzip.compress(encoded(value))
