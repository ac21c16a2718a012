"""The files of this repository, for the tests that read them instead of running them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("cases", "sync", "labels", "courier", "node", "central")


@cache
def product_files() -> tuple[Path, ...]:
    """Every Python file that people run: the packages, and what lies at the top."""
    inside = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return tuple(sorted([*ROOT.glob("*.py"), *inside]))


@cache
def files_of_tests() -> tuple[Path, ...]:
    """Every Python file of the tests."""
    return tuple(sorted((ROOT / "tests").rglob("*.py")))


@cache
def tracked_files() -> tuple[Path, ...]:
    """What a clone would hold; without git (an unpacked archive), everything but what is made."""
    listed = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        ["git", "-C", str(ROOT), "ls-files", "-z"],  # noqa: S607 - git is found as the shell does
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        made = {".git", ".venv", ".cache", "artefacts", "demo-data"}
        paths = [p for p in ROOT.rglob("*") if not made & set(p.relative_to(ROOT).parts)]
    else:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return tuple(path for path in paths if path.is_file())


def name_of(path: Path) -> str:
    """The path as people say it: from the top of the repository, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
