"""An app over real HTTP on a free port of this machine, as long as a test needs it."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

LOOK_S = 0.02  # how soon it notices that it is to end
PORTS = range(11000, 18400)  # below those of the demonstration and of outgoing connections


def free_port() -> int:
    """A port for a program that will only start later, and that nothing else is likely to take."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("this machine has no free port left")


class Quiet(WSGIRequestHandler):
    """Serves and says nothing."""

    def log(self, *_args: object) -> None:
        """The test's own report is enough."""

    def make_environ(self) -> WSGIEnvironment:
        """The request; a file is sent from memory: the server would leave one open, which fails a
        test, when a browser goes away in the middle."""
        return {**super().make_environ(), "wsgi.file_wrapper": _whole}


def _whole(file: IO[bytes], _size: int = 0) -> list[bytes]:
    with file:
        return [file.read()]


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """The address at which the app is served; nothing of it runs on, whatever a test meets."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": LOOK_S})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
