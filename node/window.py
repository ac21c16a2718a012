"""The window's process: ``python -m node.window --config FILE`` serves the pages of one point."""

from __future__ import annotations

import errno
import signal
import threading
from types import FrameType
from typing import Any

import structlog
from flask import Flask
from waitress.server import create_server  # type: ignore[import-untyped]  # it ships none

from courier.look.files import BODY_BYTES_MAX
from courier.look.logs import set_up_logs
from node.app import create_app, session_key
from node.config import Window, load_node
from node.local import Node, open_node
from node.phone_pages import create_phone_app
from node.scans import SCAN_BYTES_MAX
from sync.config import ConfigError
from sync.process import process

log = structlog.get_logger()
CONNECTIONS_MAX = 200
PHONE_THREADS = 2


def main() -> int:
    """Serve until stopped."""
    with process("window") as config:
        set_up_logs("window")
        serve(open_node(load_node(config)))
    return 0


def serve(node: Node) -> None:
    """Serve the pages of a node until SIGTERM or Ctrl-C; what is being answered is finished.

    :raises ConfigError: the address cannot be listened on.
    """
    server = _server(node, node.config.window)
    phones = _phones(node)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    log.info("window is open", host=node.config.window.host, port=server.effective_port)
    if phones is not None:
        threading.Thread(target=phones.run, name="phones", daemon=True).start()
        log.info("phones are let in", host=node.config.phone.host, port=phones.effective_port)
    server.run()
    server.close()


def _phones(node: Node) -> Any:
    """The server of the phones' page, on a port of its own; None where no phone is let in."""
    phone = node.config.phone
    if not phone.url:
        return None
    app = create_phone_app(node, session_key(node.config.data))
    return _listening(app, "phone", phone.host, phone.port, PHONE_THREADS)


def _server(node: Node, window: Window) -> Any:
    return _listening(create_app(node), "window", window.host, window.port, window.threads)


def _listening(app: Flask, part: str, host: str, port: int, threads: int) -> Any:
    try:
        return create_server(
            app,
            host=host,
            port=port,
            threads=threads,
            connection_limit=CONNECTIONS_MAX,
            # past what the pages take, so that they themselves say what is too large
            max_request_body_size=SCAN_BYTES_MAX + 2 * BODY_BYTES_MAX,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError([f"{part}.port：端口 {port} 已被别的程序占用，请换一个"]) from None
        where = f"{host}:{port}"
        raise ConfigError([f"{part}：不能在 {where} 上监听（{error.strerror}）"]) from None


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    raise SystemExit(main())
