"""Files in forms: where a form may be longer than a form, and the page for what is longer still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

BODY_BYTES_MAX = 1_000_000


def let_files_in(
    blueprint: Blueprint,
    *views: str,
    bytes_max: int,
    too_large: Callable[[], ResponseReturnValue] | None = None,
) -> None:
    """Let files in at these views of a blueprint alone; `too_large` answers for a longer form."""
    endpoints = {f"{blueprint.name}.{view}" for view in views}

    @blueprint.url_value_preprocessor
    def let_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        # How long a form may be must be known before it is read.
        if endpoint in endpoints:
            request.max_content_length = bytes_max + BODY_BYTES_MAX

    if too_large is not None:
        blueprint.register_error_handler(RequestEntityTooLarge, lambda _error: too_large())
