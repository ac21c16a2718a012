"""The store as a process: its arguments, its port, its end."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import sys
from pathlib import Path
from types import FrameType

from waitress.server import create_server  # type: ignore[import-untyped]  # it ships none

from central.embedded.app import App, create_app
from central.embedded.errors import FolderError
from central.embedded.wire import BODY_BYTES_MAX
from sync.process import EXIT_SETTINGS, end_with_supervisor

THREADS = 256
CONNECTIONS_MAX = 1_000
PASSWORD_FILE = "admin-password"  # noqa: S105 - a file's name


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code; one line on stderr if it cannot.

    A port that is taken may be free a moment later (1); a folder needs a person (78).
    """
    wishes = _parser().parse_args(arguments)
    end_with_supervisor()
    os.umask(0o077)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        password = _password(wishes.admin_file, wishes.data)
        app = create_app(wishes.data, {"admin": password})
    except FolderError as problem:
        sys.stderr.write(f"数据目录不能用 / the data folder cannot be used: {problem}\n")
        return EXIT_SETTINGS
    try:
        return _serve(app, wishes.host, wishes.port)
    finally:
        app.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m central.embedded", description="The embedded CouchDB-compatible store."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the data")
    parser.add_argument("--port", type=int, required=True, help="TCP port; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--admin-file", type=Path, help="file that holds the password of admin, or its hash;"
        f" without it DIR/{PASSWORD_FILE} is made with a random one"
    )  # fmt: skip
    return parser


def _password(given: Path | None, folder: Path) -> str:
    """The administrator's password from its file, made if none was named and none is there."""
    path = given or folder / PASSWORD_FILE
    try:
        if given is None and not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(24) + "\n")
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise FolderError(f"{path}: cannot be read as password file ({problem})") from problem
    if not password:
        raise FolderError(f"{path}: is empty; write the administrator's password into it")
    return password


def _serve(app: App, host: str, port: int) -> int:
    try:
        server = create_server(
            app, host=host, port=port, threads=THREADS, connection_limit=CONNECTIONS_MAX,
            max_request_body_size=BODY_BYTES_MAX + 2**20, channel_request_lookahead=1,
            ident=None, clear_untrusted_proxy_headers=True,
        )  # fmt: skip
    except OSError as problem:
        sys.stderr.write(f"cannot listen on {host}:{port}: {problem.strerror or problem}\n")
        return 1

    def stop(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        app.stop_polls()
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write(f"listening on http://{host}:{server.effective_port}\n")
    sys.stdout.flush()
    server.run()
    server.close()
    return 0
