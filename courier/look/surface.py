"""Which surface, language and theme the current request is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

from flask import Response, current_app, g, has_request_context, request

Surface = Literal["window", "resident", "courier", "board", "kiosk"]
SURFACES: tuple[Surface, ...] = ("window", "resident", "courier", "board", "kiosk")
BILINGUAL: frozenset[Surface] = frozenset({"resident", "kiosk"})
LANGUAGES = ("zh", "en")
THEMES = ("light", "contrast")
COOKIE_SECONDS = 365 * 24 * 3600


def current_surface() -> Surface:
    """The surface of this request: by its blueprint if that has one, else the app's own."""
    default: Surface = current_app.extensions["look"].surface
    surfaces: Mapping[str, Surface] = current_app.extensions["look"].surfaces
    return surfaces.get(request.blueprint or "", default)


def current_language() -> str:
    """`zh` or `en`: the link pressed just now, else the cookie, else what the browser asks for.

    Only residents' surfaces are translated; staff pages are Chinese whatever the browser says.
    """
    if not has_request_context():
        return "zh"
    languages: Sequence[str] = current_app.extensions["look"].languages
    if current_surface() not in BILINGUAL:
        return "zh"
    for wish in (request.args.get("lang"), request.cookies.get("doorstep_lang")):
        if wish in languages:
            return str(wish)
    return _asked_for(languages)


def _asked_for(languages: Sequence[str]) -> str:
    """The best of our languages for Accept-Language; Chinese where the browser says nothing."""
    for wish, _quality in request.accept_languages:
        short = wish.lower().split("-")[0]
        if short in languages:
            return short
    return "en" if request.accept_languages and "en" in languages else "zh"


def current_theme() -> str:
    """`light` or `contrast`."""
    for wish in (request.args.get("theme"), request.cookies.get("doorstep_theme")):
        if wish in THEMES:
            return wish
    return "light"


def here_with(**changed: str) -> str:
    """This page's address with some query arguments changed (never another host).

    The home page's where this address only takes what is posted to it.
    """
    rule = request.url_rule
    if rule is not None and "GET" not in (rule.methods or ()):
        return f"{current_app.extensions['look'].home}?{urlencode(changed)}"
    pairs = [(k, v) for k, v in request.args.items(multi=True) if k not in changed]
    return f"{request.path}?{urlencode([*pairs, *changed.items()])}"


def remember_choices(response: Response) -> Response:
    """Keep the language and the theme chosen by a link, one year, on this browser."""
    wishes = (("lang", "doorstep_lang", LANGUAGES), ("theme", "doorstep_theme", THEMES))
    for argument, cookie, allowed in wishes:
        wish = request.args.get(argument)
        if wish in allowed and not g.get("look_static"):
            response.set_cookie(
                cookie,
                wish,
                max_age=COOKIE_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=current_app.config["SESSION_COOKIE_SECURE"],
            )
    return response
