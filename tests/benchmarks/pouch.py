"""PouchDB 9 beside us: the same documents over the same server, with LevelDB under Node."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import msgspec

from tests.benchmarks.stage import ROOT, Served

HOME = ROOT / ".cache" / "pouchdb"
SCRIPT = Path(__file__).with_name("pouch.js")
DEFAULT = 0  # whatever PouchDB takes by itself
BATCHES = (500, 1000, 2000)


def why_absent() -> str:
    """Why PouchDB cannot be measured here, or nothing. It is fetched the first time."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        return "there is no Node on this machine"
    if not (HOME / "node_modules" / "pouchdb").is_dir():
        if npm is None:
            return "there is no npm on this machine"
        HOME.mkdir(parents=True, exist_ok=True)
        wish = ["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit"]
        got = subprocess.run([npm, *wish, "pouchdb@9"], cwd=HOME, capture_output=True, check=False)  # noqa: S603 - ours
        if got.returncode:
            return "PouchDB could not be installed"
    probe = "require('leveldown')"
    loads = subprocess.run([node, "-e", probe], cwd=HOME, capture_output=True, check=False)  # noqa: S603 - ours
    return "" if loads.returncode == 0 else "LevelDB has no build for this machine"


class Pouch:
    """PouchDB's replication to and from one server."""

    def __init__(self, folder: Path, served: Served) -> None:
        self.folder = folder
        self.served = served
        folder.mkdir()

    def push(self, name: str, docs: list[dict[str, object]], batch: int) -> float:
        """Seconds to push documents into an empty database."""
        path = self.folder / "docs.json"
        path.write_bytes(msgspec.json.encode(docs))
        return self._run(name, "push", batch, len(docs), str(path))

    def pull(self, name: str, count: int, batch: int) -> float:
        """Seconds to pull a database into an empty LevelDB."""
        return self._run(name, "pull", batch, count)

    def _run(self, name: str, way: str, batch: int, count: int, *more: str) -> float:
        words = [
            str(SCRIPT), str(self.folder), self.served.open_url, name, way, str(batch), *more
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603 - ours
            [str(shutil.which("node")), *words],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "POUCH_HOME": str(HOME)},
        )
        told = msgspec.json.decode(done.stdout.splitlines()[-1])
        assert (told["written"], told["failures"]) == (count, 0)
        shutil.rmtree(self.folder / f"{name}-{way}-{batch}")
        return float(told["seconds"])
