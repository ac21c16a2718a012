"""The headers that every answer carries, and the few exceptions a view may ask for."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response, g, request

from courier.look.surface import current_surface

P = ParamSpec("P")
R = TypeVar("R")

YEAR_SECONDS = 365 * 24 * 3600
POLICY = (
    "default-src 'self'; script-src 'self'{scripts}; style-src 'self'{styles}; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def allow_wasm(view: Callable[P, R]) -> Callable[P, R]:
    """Let this view's page compile WebAssembly (the label reader of the courier's page)."""

    @wraps(view)
    def allowed(*args: P.args, **kwargs: P.kwargs) -> R:
        g.look_scripts = " 'wasm-unsafe-eval'"
        return view(*args, **kwargs)

    return allowed


def allow_style(text: str) -> None:
    """Let this answer's page hold this one style sheet, and no other that is not a file of ours."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    g.look_styles = f"{g.get('look_styles', '')} 'sha256-{digest}'"


def cacheable(response: Response, seconds: int) -> Response:
    """Let a browser keep this answer: only for what holds nothing about anybody."""
    g.look_cacheable = True
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response


def add_headers(response: Response) -> Response:
    """Set the security headers; pages are never stored, files with a hash for a year."""
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY.format(
        scripts=g.get("look_scripts", ""), styles=g.get("look_styles", "")
    )
    # Tokens of receipts are in addresses: nobody we link to may learn them.
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    camera = "camera=(self)" if current_surface() == "courier" else "camera=()"
    headers["Permissions-Policy"] = f"{camera}, microphone=(), geolocation=(), payment=(), usb=()"
    _set_caching(response)
    return response


def _set_caching(response: Response) -> None:
    if (request.endpoint or "").rsplit(".", 1)[-1] == "static" and response.status_code < 400:
        if "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        return
    if not g.get("look_cacheable"):
        response.headers["Cache-Control"] = "no-store"
