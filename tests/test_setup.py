"""`make setup` on a machine that lacks something says so in words, before it touches anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tree import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the script alone, and a `bin` that is the whole PATH."""
    (tmp_path / "deploy").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "deploy" / "setup.sh", tmp_path / "deploy")
    for tool in ("dirname", "sh"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def command(clone: Path, name: str, script: str) -> None:
    path = clone / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def refusal(clone: Path) -> str:
    done = subprocess.run(  # noqa: S603 - our own script
        [str(clone / "bin" / "sh"), str(clone / "deploy" / "setup.sh")],
        env={"PATH": str(clone / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert not (clone / ".venv").exists()
    return done.stderr


def test_a_machine_without_python_is_told_what_to_install(clone: Path) -> None:
    assert "needs Python 3.11 or newer, and here is no python3" in refusal(clone)


def test_a_machine_with_an_old_python_is_told_which_it_has(clone: Path) -> None:
    command(clone, "python3", '[ "$1" = --version ] && echo Python 3.9.2 || exit 1')
    assert "needs Python 3.11 or newer, and here is Python 3.9.2" in refusal(clone)


def test_a_python_that_cannot_make_environments_is_named_with_the_cure(clone: Path) -> None:
    command(clone, "python3.12", 'case "$2" in *ensurepip*) exit 1;; esac')
    said = refusal(clone)
    assert "python3.12 cannot make virtual environments" in said
    assert "apt install python3-venv" in said


def test_the_command_works_from_another_folder_through_a_link_and_with_blanks(
    tmp_path: Path,
) -> None:
    tree, elsewhere = tmp_path / "a tree", tmp_path / "elsewhere"
    (tree / ".venv" / "bin").mkdir(parents=True)
    elsewhere.mkdir()
    (tree / ".venv" / "bin" / "python").symlink_to(sys.executable)
    shutil.copy(ROOT / "deploy" / "launcher.sh", tree / ".venv" / "bin" / "doorstep")
    (tree / ".venv" / "bin" / "doorstep").chmod(0o755)
    (tree / "doorstep.py").write_text(
        "import sys\ndef main():\n    print(sys.argv)\n    return 3\n"
    )
    (elsewhere / "doorstep.py").write_text("raise SystemExit('the wrong one')")
    (elsewhere / "link").symlink_to(tree / ".venv" / "bin" / "doorstep")
    done = subprocess.run(
        ["./link", "demo", "--data", "a b"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "['doorstep', 'demo', '--data', 'a b']\n")
