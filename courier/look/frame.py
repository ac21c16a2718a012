"""What the page frame shows: place, line state, person, navigation, language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import current_app, flash, g, request, url_for
from markupsafe import Markup

from courier.look import surface as surfaces
from courier.look.cards import LineState, NavItem
from courier.look.security import allow_style
from courier.look.surface import Surface
from courier.look.words import _

_OWN_FILE = re.compile(r'url\("([\w.-]+)"\)')


@dataclass(frozen=True)
class Look:
    """The settings of one app's pages; kept in `app.extensions["look"]`."""

    surface: Surface
    place: str
    languages: Sequence[str]
    surfaces: Mapping[str, Surface]
    home: str
    nav: Callable[[], Sequence[NavItem]]
    line: Callable[[], LineState | None]
    assets: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """A word and where it leads."""

    text: str
    url: str


class Frame:
    """The finished values of the page frame; each is made when the template first asks."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.home = look.home

    @property
    def bare(self) -> bool:
        """True on error pages, which must not depend on anything that can fail."""
        return bool(g.get("look_bare"))

    @cached_property
    def place(self) -> str:
        """The name of the point, or of the office, that serves this page."""
        return str(g.get("look_place", self._look.place))

    @cached_property
    def surface(self) -> Surface:
        """window, resident, courier, board or kiosk."""
        return surfaces.current_surface()

    @cached_property
    def language(self) -> str:
        """The page's `lang` attribute."""
        return "zh-CN" if surfaces.current_language() == "zh" else "en"

    @cached_property
    def theme(self) -> str:
        """light or contrast."""
        return surfaces.current_theme()

    @cached_property
    def nav(self) -> Sequence[NavItem]:
        """The navigation of this app, for who is signed in."""
        return () if self.bare else self._look.nav()

    @cached_property
    def line(self) -> LineState | None:
        """What the line to central is doing, where a page shows it."""
        return None if self.bare else self._look.line()

    @cached_property
    def person(self) -> str | None:
        """The name of who is signed in here."""
        account = None if self.bare else g.get("look_account")
        return None if account is None else account.display

    @cached_property
    def address(self) -> str:
        """Where a page that answers a form can be opened again; empty for any other page.

        look.js puts it into the browser's history, so that "back" finds the page and not the
        browser's question whether to send the form again. A view may give another one.
        """
        if self.bare or request.method != "POST":
            return ""
        rule = request.url_rule
        opens = rule is not None and "GET" in (rule.methods or ())
        own = request.full_path.removesuffix("?") if opens else ""
        return str(g.get("look_address", own))

    @cached_property
    def sign_out_url(self) -> str:
        """Where the sign-out button posts to."""
        return url_for(f"{g.look_door}.sign_out")

    @cached_property
    def languages(self) -> Sequence[Link]:
        """The link to the page in the other language, on residents' surfaces only."""
        if self.surface not in surfaces.BILINGUAL or len(self._look.languages) < 2:
            return ()
        if self.language == "en":
            return (Link("中文", surfaces.here_with(lang="zh")),)
        return (Link("English", surfaces.here_with(lang="en")),)

    @cached_property
    def other_theme(self) -> Link:
        """The link to higher contrast, or back."""
        if self.theme == "contrast":
            return Link(_("标准颜色"), surfaces.here_with(theme="light"))
        return Link(_("加强对比"), surfaces.here_with(theme="contrast"))


def asset(filename: str, endpoint: str = "look.static") -> str:
    """The address of a static file with its content's hash, so that browsers may keep it a year."""
    known: dict[tuple[str, str], str] = current_app.extensions["look"].assets
    key = (endpoint, filename)
    if key not in known or current_app.debug:
        known[key] = _hash_of(endpoint, filename)
    return url_for(endpoint, filename=filename, v=known[key])


def sheet(filename: str, endpoint: str = "look.static") -> Markup:
    """A style sheet for the page's head: its address, or the whole of it where it is a first visit.

    A resident who has just scanned a code waits for one answer then, and not for two: over a slow
    line each takes most of a second before anything is drawn.
    """
    if not first_visit():
        return Markup('<link rel="stylesheet" href="{}">').format(asset(filename, endpoint))
    text = _file(endpoint, filename).read_text(encoding="utf-8")
    text = _OWN_FILE.sub(lambda found: f'url("{asset(found[1], endpoint)}")', text)
    allow_style(text)
    return Markup("<style>{}</style>").format(Markup(text))  # noqa: S704 - our own file


def first_visit() -> bool:
    """Whether a resident's browser opens a page for the first time, with nothing typed yet.

    It bears no cookie, so that no secret of an earlier page is in the answer: such a page, and no
    other, may be sent compressed though it holds a form's token.
    """
    return (
        surfaces.current_surface() == "resident"
        and request.method == "GET"
        and not request.cookies
        and not request.query_string
    )


def _hash_of(endpoint: str, filename: str) -> str:
    return hashlib.sha256(_file(endpoint, filename).read_bytes()).hexdigest()[:12]


def _file(endpoint: str, filename: str) -> Path:
    blueprint = endpoint.rpartition(".")[0]
    owner = current_app.blueprints[blueprint] if blueprint else current_app
    return Path(str(owner.static_folder)) / filename


def context() -> dict[str, Any]:
    """What every template may use besides what its view hands over."""
    return {"look": Frame(current_app.extensions["look"]), "sheet": sheet}


def say(text: str, *, tone: str = "green", undo_url: str | None = None) -> None:
    """Show a toast on the next page; with `undo_url` it has an undo button that posts there."""
    flash({"text": text, "tone": tone, "undo_url": undo_url}, "toast")  # type: ignore[arg-type]


def show_place(name: str) -> None:
    """Show another place's name in the header of this request's page."""
    g.look_place = name


def show_address(url: str) -> None:
    """Give another address under which this answer to a form can be opened again."""
    g.look_address = url


def here(*endpoints: str) -> bool:
    """True where this request is for one of these endpoints (for `NavItem.here`)."""
    return request.endpoint in endpoints
