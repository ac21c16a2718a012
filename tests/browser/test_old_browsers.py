"""What residents and couriers are sent runs in Safari 14.0 and Chrome 86, as far as can be read.

Scripts are read by acorn as ECMAScript 2020, which both of them know whole; what came later in the
language, in the browser or in CSS stands in ``old_browsers.tsv``, with the versions that have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.tree import ROOT

SAFARI, CHROME = 14.0, 86.0
HERE = Path(__file__).parent
FOLDERS = ("courier/look/static", "courier/static", "central/static")
NOT_SHIPPED_TO_PHONES = {"board.css"}
SCRIPTS = sorted(p for f in FOLDERS for p in (ROOT / f).rglob("*.js"))
SHEETS = sorted(
    p for f in FOLDERS for p in (ROOT / f).rglob("*.css") if p.name not in NOT_SHIPPED_TO_PHONES
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
FALLBACK = re.compile(r"@supports not \(inset: 0\) \{(.*?\})\s*\}", re.DOTALL)


@dataclass(frozen=True)
class Feature:
    """Something newer than the oldest browsers we serve, and why it may stand all the same."""

    kind: str
    what: str
    pattern: re.Pattern[str]
    known: bool
    allowed: str


def _features() -> Iterator[Feature]:
    for line in (HERE / "old_browsers.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            kind, what, pattern, safari, chrome, *allowed = line.split("\t")
            known = _since(safari) <= SAFARI and _since(chrome) <= CHROME
            yield Feature(kind, what, re.compile(pattern), known, "".join(allowed))


def _since(version: str) -> float:
    return float("inf") if version == "–" else float(version)


FEATURES = tuple(_features())


def _lacking(kind: str, text: str) -> list[str]:
    """What of ``text`` the old browsers do not know, and nothing makes up for."""
    text = COMMENT.sub("", text)
    return [
        feature.what
        for feature in FEATURES
        if feature.kind == kind
        and not feature.known
        and not feature.allowed
        and feature.pattern.search(text)
    ]


@pytest.fixture(scope="module")
def acorn(browser: Browser) -> Iterator[Page]:
    """A page in which the parser is loaded."""
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(content=(HERE / "vendor" / "acorn.js").read_text())
    yield page
    context.close()


def _syntax_error(acorn: Page, script: str, kind: str = "script") -> str:
    return str(
        acorn.evaluate(
            """([text, sourceType]) => {
              try { acorn.parse(text, { ecmaVersion: 2020, sourceType }); return ""; }
              catch (error) { return error.message; }
            }""",
            [script, kind],
        )
    )


def test_scripts_are_written_in_a_language_that_old_browsers_know(acorn: Page) -> None:
    assert len(SCRIPTS) > 4
    wrong = {p.name: _syntax_error(acorn, p.read_text()) for p in SCRIPTS}
    assert {name: why for name, why in wrong.items() if why} == {}


def test_the_parser_refuses_what_came_later(acorn: Page) -> None:
    for newer in ("a ||= 1", "class A { #b = 1 }", "await 1", "1_000", "class A { static { } }"):
        assert _syntax_error(acorn, newer), newer
    assert _syntax_error(acorn, "a?.b ?? import('c')") == ""


@pytest.mark.parametrize(
    "path", [p for p in SCRIPTS if "vendor" not in p.parts], ids=lambda p: p.name
)
def test_scripts_use_nothing_that_old_browsers_lack(path: Path) -> None:
    assert _lacking("js", path.read_text()) == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.name)
def test_style_sheets_use_nothing_that_old_browsers_lack(path: Path) -> None:
    assert _lacking("css", path.read_text()) == []


def test_the_table_finds_what_it_names() -> None:
    assert _lacking("css", ".a { inset: 0; }") == ["inset"]
    assert _lacking("css", ".a { padding-inline: 0; margin-left: auto; }") != []
    assert _lacking("css", "/* inset: 0 */ .a { box-shadow: inset 0 0 1px; top: 0; }") == []
    assert _lacking("js", "crypto.randomUUID(); list.at(-1)") == [
        "Array.prototype.at",
        "crypto.randomUUID",
    ]


def test_a_selector_that_is_not_known_spoils_no_other() -> None:
    """A list with one unknown selector is dropped whole by a browser that does not know it."""
    for path in SHEETS:
        text = COMMENT.sub("", path.read_text())
        for selectors, _body in RULE.findall(text):
            parts = [part.strip() for part in re.split(r",(?![^(]*\))", selectors)]
            new = [part for part in parts if ":has(" in part]
            assert not new or len(new) == len(parts), f"{path.name}: {selectors.strip()}"


def test_flexible_boxes_keep_their_distance_without_gap() -> None:
    """Safari 14.0 knows gap in grids only: for flexible boxes base.css has margins instead."""
    base = (ROOT / "courier/look/static/base.css").read_text()
    found = FALLBACK.search(base)
    assert found is not None
    helped = found[1]
    for path in SHEETS:
        for selectors, body in RULE.findall(COMMENT.sub("", path.read_text())):
            flexible = re.search(r"display:\s*(inline-)?flex", body) and re.search(r"\bgap:", body)
            if not flexible or "grid" in body:
                continue
            for part in selectors.split(","):
                assert f"{part.strip()} > *" in helped, f"{path.name}: {part.strip()}"
