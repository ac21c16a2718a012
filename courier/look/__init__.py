"""The page kit that every Doorstep page is made of: frame, parts, sign-in, forms, headers, words.

`init_look(app, ...)` is all that an app factory calls. See README.md beside this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from flask import Blueprint, Flask
from flask_babel import Babel  # type: ignore[import-untyped, unused-ignore]
from flask_wtf.csrf import CSRFProtect  # type: ignore[import-untyped, unused-ignore]
from jinja2 import StrictUndefined

from courier.look.cards import LineState, NavItem
from courier.look.errors import register_errors
from courier.look.files import BODY_BYTES_MAX
from courier.look.frame import (
    Look,
    asset,
    context,
    first_visit,
    here,
    say,
    show_address,
    show_place,
)
from courier.look.security import add_headers, allow_wasm, cacheable
from courier.look.surface import (
    SURFACES,
    Surface,
    current_language,
    current_surface,
    remember_choices,
)

__all__ = [
    "allow_wasm",
    "asset",
    "cacheable",
    "current_language",
    "current_surface",
    "first_visit",
    "here",
    "init_look",
    "say",
    "show_address",
    "show_place",
]

TRANSLATIONS = Path(__file__).parent / "translations"


def init_look(
    app: Flask,
    *,
    surface: Surface,
    secret_key: bytes,
    product_place: str,
    languages: Sequence[str] = ("zh",),
    secure_cookies: bool = False,
    cookie_name: str = "doorstep",
    surfaces: Mapping[str, Surface] | None = None,
    home: str = "/",
    nav: Callable[[], Sequence[NavItem]] = tuple,
    line: Callable[[], LineState | None] = lambda: None,
    trusted_hosts: Sequence[str] = (),
) -> None:
    """Give an app Doorstep's pages, sign-in session, CSRF check, headers and error pages.

    `surfaces` names the surface of single blueprints (central serves several); `cookie_name` must
    differ between apps on one host, because browsers do not tell ports apart. `nav` and `line` are
    called once a page, for who is signed in.
    """
    unknown = {surface, *(surfaces or {}).values()} - set(SURFACES)
    if unknown or len(secret_key) < 16:
        raise ValueError(f"unknown surface {unknown}" if unknown else "secret_key under 16 bytes")
    app.extensions["look"] = Look(
        surface, product_place, tuple(languages), dict(surfaces or {}), home, nav, line
    )
    _configure(app, secret_key, secure_cookies, cookie_name, trusted_hosts)
    _register(app)


def _configure(
    app: Flask, secret_key: bytes, secure: bool, cookie_name: str, trusted_hosts: Sequence[str]
) -> None:
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME=cookie_name,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=12 * 3600,
        # Only what changed it sets the cookie anew: a slow answer must not put an older one back.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES_MAX,
        MAX_FORM_PARTS=500,
        TRUSTED_HOSTS=list(trusted_hosts) or None,
        # A form may stay open all day; its token lives as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
        # We send no referrer (tokens are in addresses), so Flask-WTF cannot ask for one.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset"] = asset  # for the parts too, which know nothing of the page


def _register(app: Flask) -> None:
    kit = Blueprint(
        "look",
        __name__,
        static_folder="static",
        static_url_path="/look/static",
        template_folder="templates",
    )
    app.register_blueprint(kit)
    app.context_processor(context)
    app.after_request(add_headers)
    app.after_request(remember_choices)
    CSRFProtect(app)
    Babel(
        app,
        default_locale="zh",
        default_translation_directories=str(TRANSLATIONS),
        default_timezone="Asia/Shanghai",
        locale_selector=current_language,
    )
    register_errors(app)
