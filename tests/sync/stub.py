"""A misbehaving server on a real socket, which remembers what it was sent."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

JSON = "application/json"


@dataclass(frozen=True)
class Sent:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What to answer. `length` may lie; without a `content_type` the header is left out."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str | None = JSON
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


class Silence:
    """Answer nothing until the stub is closed."""


class HangUp:
    """Close the connection without a word."""


Answer = Reply | Silence | HangUp


class Stub:
    """The server: set `answer` to a value, or to a function of the request.

    `heard` is set once something was sent, which may be after its sender lost patience.
    """

    def __init__(self) -> None:
        self.answer: Answer | Callable[[Sent], Answer] = Reply()
        self.sent: list[Sent] = []
        self.heard = threading.Event()
        self.closing = threading.Event()
        self.url = ""

    def forget(self) -> None:
        """Be as new, for the next test."""
        self.answer = Reply()
        self.sent.clear()
        self.heard.clear()

    def reply_to(self, sent: Sent) -> Answer:
        self.sent.append(sent)
        self.heard.set()
        return self.answer(sent) if callable(self.answer) else self.answer


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sent = Sent(self.command, self.path, dict(self.headers.items()), body)
            reply = stub.reply_to(sent)
            if isinstance(reply, Silence):
                stub.closing.wait(30)
            elif isinstance(reply, Reply):
                self.write(reply)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        def write(self, reply: Reply) -> None:
            self.send_response(reply.status)
            if reply.content_type is not None:
                self.send_header("Content-Type", reply.content_type)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            length = len(reply.body) if reply.length is None else reply.length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what these tests are about."""


@contextmanager
def stub_server(certificate: Path | None = None) -> Iterator[Stub]:
    """Run a stub on a free port; with TLS if given a file of certificate and key."""
    stub = Stub()
    server = _Server(("127.0.0.1", 0), _handler(stub))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    stub.url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        stub.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def self_signed(path: Path, address: str = "127.0.0.1") -> Path:
    """Write a certificate for `address`, signed by nobody else, and its key into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stub")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, private, serialization.NoEncryption())
    )
    return path
