"""``python -m tests.benchmarks [PART ...]``: how fast it is here, in ratios within one run."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import (
    bounded,
    catching,
    growth,
    holding,
    idle,
    labels,
    outage,
    phones,
    reception,
    route,
    shares,
    sync_speed,
    window,
)
from tests.benchmarks.report import Report


def _sync(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    events, rounds = (20_000, 5) if wishes.full else (4_000, 3)
    sync_speed.measure(report, folder, events=events, rounds=rounds, url=wishes.couchdb)


def _idle(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    sizes = (1_000, 58_000, 500_000) if wishes.full else (1_000, 58_000)
    idle.measure(report, folder, sizes=sizes)


def _district(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    totals = (10_000, 1_000_000) if wishes.full else (10_000, 100_000)
    idle.measure_growth(report, folder, totals=totals)


def _growth(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    growth.measure(report, folder, cases=400 if wishes.full else 100)


def _route(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    route.measure(report, folder, seconds=60 if wishes.full else 15)


def _outage(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    outage.measure(report, folder, events=500 if wishes.full else 100)


def _catching(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    catching.measure(report, folder, events=40_000 if wishes.full else 8_000)


def _window(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    sizes = (0, 1_000_000) if wishes.full else (0, 50_000)
    window.measure(report, folder, sizes=sizes, count=400)
    window.measure_pages(report, folder, count=40)


def _holding(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    holding.measure(report, folder, cases=100_000)


def _phones(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    phones.measure(report, folder, rounds=5 if wishes.full else 2)


def _labels(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    labels.measure(report)
    labels.measure_batch(report, folder)


def _bounded(report: Report, folder: Path, wishes: argparse.Namespace) -> None:
    bounded.measure(report, folder, events=200_000 if wishes.full else 20_000)


PARTS: dict[str, Callable[[Report, Path, argparse.Namespace], None]] = {
    "sync": _sync,
    "idle": _idle,
    "district": _district,
    "growth": _growth,
    "shares": lambda report, folder, wishes: shares.measure(report, folder),
    "route": _route,
    "outage": _outage,
    "catching": _catching,
    "window": _window,
    "reception": lambda report, folder, wishes: reception.measure(report, folder),
    "holding": _holding,
    "bounded": _bounded,
    "phones": _phones,
    "labels": _labels,
}


def main() -> int:
    """Measure the parts that were asked for, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)}")
    parser.add_argument("--couchdb", metavar="URL", help="with name and password; else our own")
    parser.add_argument("--full", action="store_true", help="the sizes that take long")
    wishes = parser.parse_args()
    if strange := set(wishes.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(strange))}")
    report, parts = Report(), wishes.parts or list(PARTS)
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
            PARTS[part](report, Path(folder), wishes)
    path = report.keep("-".join(parts) if wishes.parts else "all")
    report.head(
        f"kept in {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
