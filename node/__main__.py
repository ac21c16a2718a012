"""``python -m node --config FILE``: one node, its window and its agent under one command."""

from __future__ import annotations

from node.config import load_node
from node.local import open_node
from sync.process import EXIT_RENEW, process, stop_on_signals
from sync.supervisor import Child, module, supervise


def main() -> int:
    """Open the data folder, then keep both processes running until stopped."""
    with process("node") as config:
        stop = stop_on_signals()
        while True:
            open_node(load_node(config))
            children = [
                Child("window", module("node.window", "--config", str(config))),
                Child("agent", module("node.agent", "--config", str(config))),
            ]
            code = supervise(children, stop)
            if code != EXIT_RENEW:
                return code
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
