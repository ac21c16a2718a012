"""What is committed serves any machine: no address of a registry, no path of somebody's disk."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.tree import ROOT, name_of, tracked_files

ADDRESS = re.compile(r"https?://")
LOCKS = re.compile(r"\.lock$|package-lock\.json$|requirements[^/]*\.txt$")
MACHINE_PATH = re.compile(r"(?:^|[^\w.$}])/(?:work|root|farm|home/\w+|Users/\w+)/", re.MULTILINE)
BINARY = {".xlsx", ".ttf", ".png", ".jpg", ".mo", ".ico", ".woff2", ".wasm", ".pdf"}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def texts() -> list[Path]:
    return [path for path in tracked_files() if path.suffix not in BINARY]


def test_every_picture_stands_in_one_place_and_is_there() -> None:
    pages = "".join(text_of(ROOT / name) for name in ("README.md", "docs/tour.md"))
    shown = re.findall(r"images/([\w-]+\.png)\)", pages)
    assert sorted(shown) == sorted(path.name for path in (ROOT / "docs/images").iterdir())


def test_no_lock_names_an_address() -> None:
    locks = [path for path in texts() if LOCKS.search(name_of(path))]
    assert ROOT / "requirements.lock" in locks
    assert [name_of(path) for path in locks if ADDRESS.search(text_of(path))] == []


def test_every_locked_package_has_its_hashes() -> None:
    entries = re.split(r"\n(?=\S)", text_of(ROOT / "requirements.lock").strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 40
    assert [entry.split()[0] for entry in packages if "--hash=sha256:" not in entry] == []


def test_every_package_that_is_asked_for_is_locked_at_that_version() -> None:
    asked = re.findall(r"^([A-Za-z][\w.-]*)(?:==(\S+))?", text_of(ROOT / "requirements.in"), re.M)
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", text_of(ROOT / "requirements.lock"), re.M))
    wrong = [
        n
        for n, version in asked
        if locked.get(n.lower(), "absent") != (version or locked.get(n.lower()))
    ]
    assert wrong == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    paths = [path for path in texts() if path.name != "test_repo.py"]
    assert [name_of(path) for path in paths if MACHINE_PATH.search(text_of(path))] == []


@pytest.mark.parametrize(
    "found", [f"cd /{'work'}/main", f'open("/{"root"}/x")', "/home/ann/doorstep", "/Users/bo/x"]
)
def test_a_path_of_one_machine_is_found(found: str) -> None:
    assert MACHINE_PATH.search(found)


@pytest.mark.parametrize(
    "fine", ["/var/lib/doorstep", f"{{tree}}/{'root'}/usr", f"./{'work'}/list", "/homes/x"]
)
def test_a_path_of_any_machine_is_left_in_peace(fine: str) -> None:
    assert not MACHINE_PATH.search(fine)


def test_the_changelog_speaks_of_this_version() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert f"## [{project['version']}]" in text_of(ROOT / "CHANGELOG.md")


def test_the_licence_is_the_one_that_is_named() -> None:
    licence = text_of(ROOT / "LICENSE")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
