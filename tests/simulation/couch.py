"""The CouchDB of a simulated district: the memory twin, or the embedded store without sockets."""

from __future__ import annotations

import copy
import io
import shutil
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from central.embedded import create_app
from central.embedded.app import App
from sync.couch import CouchServer, connect
from sync.memory import MemoryServer
from sync.ports import Server
from tests.simulation.process import Crash, Process

ADMIN, PASSWORD = "admin", "pw"
Answer = tuple[int, list[tuple[str, str]], bytes]
SPOILT: dict[str, Answer] = {
    "trouble": (503, [("Content-Type", "text/html")], b"<h1>503 Service Unavailable</h1>"),
    "portal": (200, [("Content-Type", "text/html")], "<h1>欢迎使用 Wi-Fi</h1>".encode()),
}


class Couch(Protocol):
    """What the world does with the store itself. A photograph may be put back many times."""

    process: Process

    def connect(self, user: str = ADMIN, password: str = PASSWORD) -> Server:
        """A connection of one's own, on a line that never fails."""
        ...

    def watch(self) -> Server:
        """The world's own connection, over whose requests nothing dies."""
        ...

    def spoil(self, kind: str) -> bool:
        """Spoil the next answer over HTTP, if this one speaks it. :returns: whether it does."""
        ...

    def photograph(self, name: str) -> None:
        """Keep all databases as they are now."""
        ...

    def put_back(self, name: str) -> None:
        """Make all databases what they were."""
        ...

    def close(self) -> None:
        """The world ends."""
        ...


class Twin:
    """The memory twin. Each request is whole or not done at all: it has no inside to die in."""

    def __init__(self, folder: Path) -> None:
        self.process = Process("couch")
        self._server = MemoryServer()
        self._photographs: dict[str, Any] = {}

    def connect(self, user: str = ADMIN, password: str = PASSWORD) -> Server:
        return self._server.connect() if user == ADMIN else self._server.as_user(user, password)

    def watch(self) -> Server:
        return self.connect()

    def spoil(self, kind: str) -> bool:
        return False

    def photograph(self, name: str) -> None:
        store = self._server._store
        self._photographs[name] = copy.deepcopy((store.bases, store.passwords))

    def put_back(self, name: str) -> None:
        store = self._server._store
        store.bases, store.passwords = copy.deepcopy(self._photographs[name])

    def close(self) -> None:
        self._photographs.clear()


class Embedded:
    """The embedded store's own code, called as a web server would call it."""

    def __init__(self, folder: Path) -> None:
        self.process = Process("couch")
        self._folder = folder
        self._spoil = ""
        self._app = self._open()

    def _open(self) -> App:
        with self.process.running():
            return create_app(self._folder / "couchdb", {ADMIN: PASSWORD}, polls_max=4)

    def connect(self, user: str = ADMIN, password: str = PASSWORD) -> CouchServer:
        server = connect("http://couch.test", user=user, password=password)
        server._line.session.mount("http://", _InProcess(self.ask))
        return server

    def spoil(self, kind: str) -> bool:
        self._spoil = kind
        return True

    def ask(self, environ: dict[str, Any]) -> Answer:
        """One request. :raises Crash: the store died over it; it is up again."""
        spoil, self._spoil = self._spoil, ""
        if spoil in SPOILT:
            return SPOILT[spoil]
        status, headers, body = self._answer(environ)
        return status, headers, body[: len(body) // 2] if spoil else body

    def _answer(self, environ: dict[str, Any]) -> Answer:
        told: list[Any] = []
        try:
            with self.process.running():
                pieces = self._app(environ, lambda status, headers: told.extend((status, headers)))
                body = b"".join(pieces)
        except Crash:
            self.process.end()
            self._app = self._open()
            raise
        return int(told[0].split()[0]), told[1], body

    def watch(self) -> CouchServer:
        server = self.connect()
        server._line.session.mount("http://", _InProcess(self._ask_unharmed))
        return server

    def _ask_unharmed(self, environ: dict[str, Any]) -> Answer:
        fuse, self.process.fuse = self.process.fuse, None
        try:
            return self._answer(environ)
        finally:
            self.process.fuse = fuse

    def photograph(self, name: str) -> None:
        shutil.copytree(self._folder / "couchdb", self._folder / f"photo-{name}")

    def put_back(self, name: str) -> None:
        self._app.close()
        self.process.end()
        shutil.rmtree(self._folder / "couchdb")
        shutil.copytree(self._folder / f"photo-{name}", self._folder / "couchdb")
        self._app = self._open()

    def close(self) -> None:
        self._app.close()
        self.process.end()


COUCHES: dict[str, Callable[[Path], Couch]] = {"memory": Twin, "embedded": Embedded}


class _InProcess(BaseAdapter):
    """Carries a request of `requests` to a function instead of a socket."""

    def __init__(self, ask: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__()
        self._ask = ask

    def send(self, request: Any, **_: Any) -> requests.Response:
        try:
            status, headers, body = self._ask(_environ(request))
        except Crash as crash:
            if crash.process.name != "couch":
                raise
            raise requests.ConnectionError("the store died") from None
        return _response(request, status, headers, body)

    def close(self) -> None:
        """There is nothing to give back."""


def _environ(request: Any) -> dict[str, Any]:
    parts = urlsplit(request.url)
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()}
    return {
        **headers, "REQUEST_METHOD": request.method, "PATH_INFO": parts.path,
        "REQUEST_URI": parts.path, "QUERY_STRING": parts.query, "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": request.headers.get("Content-Type", ""), "wsgi.input": io.BytesIO(body),
    }  # fmt: skip


def _response(
    request: Any, status: int, headers: list[tuple[str, str]], body: bytes
) -> requests.Response:
    message = Message()
    for name, value in headers:
        message[name] = value
    response = requests.Response()
    response.status_code, response.url, response.request = status, request.url, request
    response.headers.update(headers)
    response.raw = _Body(body)
    response.raw._original_response = SimpleNamespace(msg=message)  # `requests` finds cookies there
    return response


class _Body(io.BytesIO):
    """An answer's bytes; it may bear what `requests` hangs on it."""
