"""The line that can be cut: it passes everything on, nothing once it is cut, and can be mended."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from central.demo.route import Line

PATIENCE_S = 5


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while piece := self.request.recv(65536):
            self.request.sendall(piece.upper())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    line = Line(("127.0.0.1", server.server_address[1]))
    yield line
    line.cut()


def call(line: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), timeout=PATIENCE_S)


def say(call: socket.socket, words: bytes) -> bytes:
    call.sendall(words)
    heard = b""
    while len(heard) < len(words) and (piece := call.recv(65536)):
        heard += piece
    return heard


def test_it_passes_on_both_ways(line: Line) -> None:
    with call(line) as one, call(line) as other:
        assert say(one, b"here") == b"HERE"
        assert say(other, b"there") == b"THERE"
        assert say(one, b"x" * 500_000) == b"X" * 500_000


def test_what_hangs_up_on_one_side_hangs_up_on_the_other(line: Line) -> None:
    with call(line) as one:
        assert say(one, b"bye") == b"BYE"
        one.shutdown(socket.SHUT_WR)
        assert one.recv(10) == b""


def test_a_cut_closes_what_was_open_and_lets_nobody_in(line: Line) -> None:
    with call(line) as one:
        assert say(one, b"here") == b"HERE"
        line.cut()
        assert one.recv(10) == b""
        with pytest.raises(OSError):  # noqa: PT011 - refused, or reset: both mean no line
            call(line)


def test_a_cut_reaches_the_far_end_too(line: Line, server: Server) -> None:
    gone = threading.Event()
    server.RequestHandlerClass.finish = lambda _self: gone.set()  # type: ignore[method-assign]
    with call(line) as one:
        assert say(one, b"here") == b"HERE"
        line.cut()
        assert gone.wait(PATIENCE_S)


def test_it_can_be_cut_twice_and_mended_on_the_same_port(line: Line) -> None:
    port, url = line.port, line.url
    for _ in range(3):
        line.cut()
        line.cut()
        line.mend()
        with call(line) as one:
            assert say(one, b"again") == b"AGAIN"
    assert (line.port, line.url) == (port, url)


def test_nobody_at_the_far_end_is_a_line_that_hangs_up(server: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens there
        line = Line(("127.0.0.1", taken.getsockname()[1]))
        with call(line) as one:
            assert one.recv(10) == b""
        line.cut()
