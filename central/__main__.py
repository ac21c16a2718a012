"""``python -m central --config FILE``: embedded store, router, jobs and pages under one command."""

from __future__ import annotations

from pathlib import Path

from central.config import STARTED_WITH, CentralConfig, load_central
from central.district import open_district
from sync.process import process, stop_on_signals
from sync.supervisor import Child, module, supervise


def children(config: CentralConfig, path: Path) -> list[Child]:
    """Central's processes: the embedded store only where no CouchDB is named."""
    couch, data = config.couchdb, config.data
    embedded = module(
        "central.embedded", "--data", str(data / "couchdb"), "--host", couch.host,
        "--port", str(couch.port), "--admin-file", str(data / "keys" / "couch"),
    )  # fmt: skip
    ours = ("central.router", "central.jobs", "central.web")
    return [
        *([] if couch.url else [Child("embedded store", embedded)]),
        *(Child(name, module(name, "--config", str(path))) for name in ours),
    ]


def main() -> int:
    """Open central's folder, then keep its processes running until stopped."""
    with process("central") as path:
        config = load_central(path)
        open_district(config)
        (config.data / STARTED_WITH).write_text(str(path.resolve()), encoding="utf-8")
        return supervise(children(config, path), stop_on_signals())
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
