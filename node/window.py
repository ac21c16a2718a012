"""The window's process: ``python -m node.window --config FILE`` serves the pages of one point."""

from __future__ import annotations

import errno
import signal
from types import FrameType
from typing import Any

import structlog
from waitress.server import create_server  # type: ignore[import-untyped]  # it ships none

from courier.look import BODY_BYTES_MAX
from courier.look.logs import set_up_logs
from node.app import create_app
from node.config import Window, load_node
from node.local import Node, open_node
from node.scans import SCAN_BYTES_MAX
from sync.config import ConfigError
from sync.process import process

log = structlog.get_logger()
CONNECTIONS_MAX = 200


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
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    log.info("window is open", host=node.config.window.host, port=server.effective_port)
    server.run()
    server.close()


def _server(node: Node, window: Window) -> Any:
    try:
        return create_server(
            create_app(node),
            host=window.host,
            port=window.port,
            threads=window.threads,
            connection_limit=CONNECTIONS_MAX,
            # past what the pages take, so that they themselves say what is too large
            max_request_body_size=SCAN_BYTES_MAX + 2 * BODY_BYTES_MAX,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                [f"window.port：端口 {window.port} 已被别的程序占用，请换一个"]
            ) from None
        where = f"{window.host}:{window.port}"
        raise ConfigError([f"window：不能在 {where} 上监听（{error.strerror}）"]) from None


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    raise SystemExit(main())
