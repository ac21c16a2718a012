"""Get a Chromium and a Chinese font for the tests, with or without root: ``make browser``.

What is there already is used: ``$DOORSTEP_CHROMIUM``, .cache/chromium/chromium, or Debian's
chromium-headless-shell: the same Chromium without windows, which takes little more than half of the
processor's time (no window is made for each test). Otherwise root installs that package. Anybody
else gets the same package, and those libraries that this machine lacks, unpacked under
.cache/chromium with nothing changed outside of it; apt checks the signatures as ever.
``DOORSTEP_CHROMIUM_PRIVATE=1`` takes that way although a system browser is there. Where the shell
cannot be had, the whole chromium does as well, and takes longer.

Playwright's own Node.js wants libatomic, which small systems lack; it is got in the same ways,
into .cache/driver. .cache/fonts/fonts.conf adds labels/fonts to the fonts of the system, so that
Chinese is drawn everywhere. Standard library only: it also runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
FONTS_CONF = CACHE / "fonts" / "fonts.conf"
PRIVATE = CACHE / "chromium" / "chromium"
DRIVER_LIBS = CACHE / "driver"
SHELL = "chromium-headless-shell"
WHOLE = "chromium"
SYSTEM = Path("/usr/bin")
DPKG_STATUS = Path("/var/lib/dpkg/status")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
TRY_SECONDS = 120
WAYS_OUT = (
    "Install Chromium by this system's own means, or name one: DOORSTEP_CHROMIUM=/path/to/chromium"
)


class NoBrowser(Exception):
    """There is no browser and none could be had; the message says why and what to do."""


def main() -> int:
    """Find or fetch a browser, write the fonts file, and say where they are."""
    try:
        write_fonts_conf(FONTS_CONF, ROOT / "labels" / "fonts")
        browser = find(os.environ) or get_one(os.environ)
        if not driver_starts():
            fetch_driver_libs()
    except NoBrowser as error:
        say(f"{error}\n         {WAYS_OUT}")
        return 1
    say(f"{browser} and {FONTS_CONF.relative_to(ROOT)}")
    return 0


def find(environ: Mapping[str, str]) -> Path | None:
    """The browser that is here already, and works; None if one must be fetched."""
    named = environ.get("DOORSTEP_CHROMIUM")
    if named:
        if not works(Path(named)):
            raise NoBrowser(f"DOORSTEP_CHROMIUM={named} does not start.")
        return Path(named)
    candidates = [PRIVATE] if wants_private(environ) else [PRIVATE, SYSTEM / SHELL]
    return next((path for path in candidates if path.is_file() and works(path)), None)


def wants_private(environ: Mapping[str, str]) -> bool:
    """Whether the system's own browser is to be left out of account."""
    return environ.get("DOORSTEP_CHROMIUM_PRIVATE", "") not in {"", "0"}


def get_one(environ: Mapping[str, str]) -> Path:
    """The shell, or the whole browser where apt has no shell: what is here of it, or fetched."""
    try:
        return fetch(environ, SHELL)
    except NoBrowser as error:
        say(f"{error}\n         the whole browser is taken instead")
    whole = SYSTEM / WHOLE
    if not wants_private(environ) and whole.is_file() and works(whole):
        return whole
    return fetch(environ, WHOLE)


def fetch(environ: Mapping[str, str], package: str) -> Path:
    """Debian's package: installed by root, unpacked under .cache by anybody else."""
    if os.geteuid() == 0 and not wants_private(environ):
        install(package)
        browser = SYSTEM / package
    else:
        tree = unpack(package, PRIVATE.parent, "60 to 100 MB")
        write_wrapper(PRIVATE, tree / "usr/lib/chromium" / package)
        browser = PRIVATE
    trouble = try_out(browser)
    if trouble:
        PRIVATE.unlink(missing_ok=True)
        raise NoBrowser(f"{browser} was fetched but does not start: {trouble}")
    return browser


def driver_starts() -> bool:
    """Whether Playwright's Node.js finds its libraries; true where Playwright is not installed."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return True
    node = Path(spec.origin).parent / "driver" / "node"
    return not node.exists() or begins([str(node), "--version"], "v") == ""


def fetch_driver_libs() -> None:
    """Get libatomic: `make test` puts .cache/driver into LD_LIBRARY_PATH."""
    if os.geteuid() == 0:
        install("libatomic1")
    else:
        tree = unpack("libatomic1", DRIVER_LIBS, "small")
        for library in tree.glob("**/libatomic.so.1"):
            shutil.copy(library, DRIVER_LIBS)
    os.environ["LD_LIBRARY_PATH"] = str(DRIVER_LIBS)
    if not driver_starts():
        raise NoBrowser("Playwright's driver does not start, even with libatomic1.")


def install(package: str) -> None:
    """Root's way: the package becomes part of the system."""
    need_apt(package)
    say(f"installing Debian's {package} (once)")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "-qq", "update", env=quiet)
    run("apt-get", "-qq", "install", "-y", "--no-install-recommends", package, env=quiet)


def unpack(package: str, home: Path, size: str) -> Path:
    """Everybody else's way: apt with a state of its own, then dpkg-deb -x; gives the tree."""
    need_apt(package)
    apt = ["apt-get", "-qq", *private_apt(home / "apt")]
    say(f"{package}: reading the package lists (1 of 3)")
    run(*apt, "update")
    say(f"{package}: downloading it and the libraries that are missing here, {size} (2 of 3)")
    run(*apt, "install", "-y", "--download-only", "--no-install-recommends", package)
    say(f"{package}: unpacking (3 of 3)")
    tree = home / "root"
    shutil.rmtree(tree, ignore_errors=True)
    for archive in sorted((home / "apt" / "cache" / "archives").glob("*.deb")):
        run("dpkg-deb", "-x", str(archive), str(tree))
    shutil.rmtree(home / "apt")
    return tree


def need_apt(package: str) -> None:
    """Only Debian and its kin have it."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NoBrowser(f"{package} is not here, and neither is apt to get it with.")


def private_apt(home: Path) -> Iterator[str]:
    """Options that keep apt's lists, downloads and locks under `home`.

    The system's list of installed packages is read, without Chromium's own: so just the libraries
    that are missing are fetched, and a system browser is no reason to fetch none.
    """
    for part in ("state/lists/partial", "cache/archives/partial"):
        (home / part).mkdir(parents=True, exist_ok=True)
    status = home / "status"
    entries = DPKG_STATUS.read_text(encoding="utf-8").split("\n\n")
    kept = [entry for entry in entries if not entry.startswith("Package: chromium")]
    status.write_text("\n\n".join(kept), encoding="utf-8")
    for option in (
        f"Dir::State={home}/state",
        f"Dir::State::status={status}",
        f"Dir::Cache={home}/cache",
        "Dir::Log=/dev/null",
        "Debug::NoLocking=true",
        "APT::Sandbox::User=",
        "APT::Keep-Downloaded-Packages=true",
        "DPkg::Post-Invoke=",
        "APT::Update::Post-Invoke=",
    ):
        yield from ("-o", option)


def write_wrapper(wrapper: Path, browser: Path) -> None:
    """A command that starts the unpacked browser with the unpacked libraries and our fonts."""
    tree = browser.parents[3]
    library_dirs = sorted({str(path.parent) for path in tree.glob("**/lib*.so*")})
    wrapper.write_text(
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="{":".join(library_dirs)}"\n'
        f'export FONTCONFIG_FILE="${{FONTCONFIG_FILE:-{FONTS_CONF}}}"\n'
        f'exec "{browser}" "$@"\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)


def write_fonts_conf(conf: Path, fonts: Path) -> None:
    """The system's fonts and ours; a page that asks for just any font gets Chinese from ours."""
    conf.parent.mkdir(parents=True, exist_ok=True)
    conf.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        "<fontconfig>\n"
        '  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f"  <dir>{escape(str(fonts))}</dir>\n"
        f"  <cachedir>{escape(str(conf.parent / 'cache'))}</cachedir>\n"
        + "".join(
            f'  <alias binding="same"><family>{name}</family>'
            "<prefer><family>Noto Sans CJK SC</family></prefer></alias>\n"
            for name in ("Noto Sans SC", "sans-serif")
        )
        + "</fontconfig>\n",
        encoding="utf-8",
    )


def works(browser: Path) -> bool:
    """Whether it really draws a page, which `--version` alone would not show."""
    return try_out(browser) == ""


def try_out(browser: Path) -> str:
    """What goes wrong when `browser` loads a page; nothing if it does well."""
    command = [str(browser), *FLAGS, "--dump-dom", "data:text/html,<p>works</p>"]
    return begins(command, "<html><head></head><body><p>works</p>")


def begins(command: list[str], start: str) -> str:
    """What goes wrong with `command`; nothing if its output begins with `start`."""
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own browser, the locked driver
            command, capture_output=True, text=True, timeout=TRY_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0 and done.stdout.startswith(start):
        return ""
    return done.stderr.strip()[-400:] or f"it said {done.stdout[:80]!r}"


def run(*command: str, env: Mapping[str, str] | None = None) -> None:
    """Run `command`; if it fails, `NoBrowser` with the end of what it said."""
    done = subprocess.run(  # noqa: S603 - only the fixed commands of this file
        command, capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = "\n         ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise NoBrowser(f"{command[0]} {command[-1]} failed:\n         {said}")


def say(words: str) -> None:
    """One line for the person at the terminal."""
    sys.stderr.write(f"browser: {words}\n")


if __name__ == "__main__":
    sys.exit(main())
