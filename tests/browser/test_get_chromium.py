"""The browser for the tests is found, or fetched without root, or its lack is said in words."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.browser import get_chromium as get


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_browser_that_is_named_is_used_when_it_draws_a_page(tmp_path: Path) -> None:
    good = executable(
        tmp_path / "good", "echo '<html><head></head><body><p>works</p></body></html>'"
    )
    assert get.find({"DOORSTEP_CHROMIUM": str(good)}) == good


@pytest.mark.parametrize(
    "script", ["exit 1", "echo '<html></html>'", "echo libnss3 is missing >&2; exit 127"]
)
def test_a_browser_that_is_named_and_draws_nothing_is_refused(tmp_path: Path, script: str) -> None:
    bad = executable(tmp_path / "bad", script)
    with pytest.raises(get.NoBrowser, match="does not start"):
        get.find({"DOORSTEP_CHROMIUM": str(bad)})


def test_why_a_browser_does_not_start_is_said(tmp_path: Path) -> None:
    assert "libnss3" in get.try_out(
        executable(tmp_path / "b", "echo libnss3 is missing >&2; exit 127")
    )
    assert "absent" in get.try_out(tmp_path / "absent")


def test_a_machine_without_apt_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(get.NoBrowser, match="chromium is not here, and neither is apt"):
        get.need_apt("chromium")


def test_the_whole_browser_does_where_apt_has_no_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def fetch(_: object, package: str) -> Path:
        asked.append(package)
        if package == get.SHELL:
            raise get.NoBrowser("no such package")
        return tmp_path / package

    monkeypatch.setattr(get, "fetch", fetch)
    monkeypatch.setattr(get, "SYSTEM", tmp_path)
    assert get.get_one({}) == tmp_path / get.WHOLE
    assert asked == [get.SHELL, get.WHOLE]
    whole = executable(
        tmp_path / get.WHOLE, "echo '<html><head></head><body><p>works</p></body></html>'"
    )
    asked.clear()
    assert get.get_one({}) == whole
    assert asked == [get.SHELL]


def test_a_command_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    broken = executable(tmp_path / "apt", "echo E: no network >&2; exit 100")
    with pytest.raises(get.NoBrowser, match="no network"):
        get.run(str(broken), "update")


def test_the_unpacked_browser_starts_with_its_own_libraries_and_our_fonts(tmp_path: Path) -> None:
    tree = tmp_path / "a folder" / "root"
    browser = executable(
        tree / "usr/lib/chromium/chromium", 'echo "$LD_LIBRARY_PATH|$FONTCONFIG_FILE|$1"'
    )
    executable(tree / "usr/lib/x86_64-linux-gnu/libnss3.so", "")
    wrapper = tmp_path / "chromium"
    get.write_wrapper(wrapper, browser)
    said = subprocess.run(  # noqa: S603 - the wrapper that was just written
        [str(wrapper), "--headless"], capture_output=True, text=True, check=True, env={}
    ).stdout.strip()
    assert said == f"{tree}/usr/lib/x86_64-linux-gnu|{get.FONTS_CONF}|--headless"


def test_the_fonts_file_adds_ours_to_those_of_the_system(tmp_path: Path) -> None:
    conf = tmp_path / "made" / "fonts.conf"
    get.write_fonts_conf(conf, Path("/somewhere/a & b/fonts"))
    tree = ET.parse(conf)  # noqa: S314 - written on the line above
    assert tree.findtext("dir") == "/somewhere/a & b/fonts"
    assert tree.findtext("include") == "/etc/fonts/fonts.conf"


def test_apt_is_kept_within_its_own_folder(tmp_path: Path) -> None:
    options = [option for option in get.private_apt(tmp_path) if option != "-o"]
    assert f"Dir::State={tmp_path}/state" in options
    assert f"Dir::Cache={tmp_path}/cache" in options
    assert "Package: chromium\n" not in (tmp_path / "status").read_text(encoding="utf-8")
