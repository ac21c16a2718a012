"""The servers that must behave alike: the memory twin, the embedded store, any CouchDB given."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import waitress.server

from central.embedded import create_app
from sync.couch import connect
from sync.memory import MemoryServer
from sync.ports import Database, Server

THREADS = 16
COUCHDB_URL = os.environ.get("DOORSTEP_COUCHDB_URL")


class Remote:
    """One server under test, and a broom: what a test made is dropped when it ends."""

    def __init__(
        self, administer: Callable[[], Server], sign_in: Callable[[str, str], Server]
    ) -> None:
        self._administer = administer
        self._sign_in = sign_in
        self._open: list[Server] = []
        self._names: list[str] = []
        self.admin = self.connect()

    def connect(self) -> Server:
        """Another connection of the administrator, for another thread."""
        return self._kept(self._administer())

    def sign_in(self, name: str, password: str) -> Server:
        return self._kept(self._sign_in(name, password))

    def name(self, what: str) -> str:
        """A name for a database that nobody else uses."""
        self._names.append(f"test-{secrets.token_hex(4)}-{what}")
        return self._names[-1]

    def make(self, what: str = "db", *, partitioned: bool = False) -> Database:
        name = self.name(what)
        assert self.admin.create(name, partitioned=partitioned)
        return self.admin.database(name)

    def user(self, password: str = "pw") -> tuple[str, Server]:  # noqa: S107  # guards nothing
        """A new user, and a connection signed in as that user."""
        name = f"test-{secrets.token_hex(4)}"
        self.admin.set_user(name, password)
        return name, self.sign_in(name, password)

    def sweep(self) -> None:
        for name in self._names:
            self.admin.drop(name)
        for server in self._open:
            server.close()

    def _kept(self, server: Server) -> Server:
        self._open.append(server)
        return server


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve a WSGI application on a free port in a thread; gives its address."""
    sockets: dict[int, Any] = {}
    server = waitress.server.create_server(
        app,
        host="127.0.0.1",
        port=0,
        threads=THREADS,
        map=sockets,
        clear_untrusted_proxy_headers=True,
    )
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.asyncore.loop(timeout=0.05, map=sockets, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stop.set()
        thread.join()
        server.task_dispatcher.shutdown()
        for channel in list(sockets.values()):
            channel.close()


@pytest.fixture(scope="session")
def embedded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("embedded")
    app = create_app(folder, admins={"admin": "pw"}, polls_max=THREADS // 2)
    try:
        with served(app) as url:
            yield url
    finally:
        app.close()


def _memory() -> Remote:
    server = MemoryServer()
    return Remote(server.connect, server.as_user)


def _couch(url: str, name: str, password: str) -> Remote:
    return Remote(
        lambda: connect(url, user=name, password=password),
        lambda user, secret: connect(url, user=user, password=secret),
    )


def _given(url: str) -> Remote:
    parts = urlsplit(url)
    plain = url.replace(f"{parts.netloc.rpartition('@')[0]}@", "")
    return Remote(
        lambda: connect(url), lambda user, secret: connect(plain, user=user, password=secret)
    )


@pytest.fixture(params=["memory", "embedded", *(["couchdb"] if COUCHDB_URL else [])])
def remote(request: pytest.FixtureRequest) -> Iterator[Remote]:
    if request.param == "memory":
        remote = _memory()
    elif request.param == "embedded":
        remote = _couch(request.getfixturevalue("embedded_url"), "admin", "pw")
    else:
        remote = _given(COUCHDB_URL or "")
    yield remote
    remote.sweep()


@pytest.fixture
def db(remote: Remote) -> Database:
    """An empty database, as the administrator."""
    return remote.make()
