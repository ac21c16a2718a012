"""The bytes of an event that are signed and hashed: sorted keys, UTF-8, no floats."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from cases.events import MAX_EVENT_BYTES
from sync.errors import DoorstepError

_encode = msgspec.json.Encoder(order="sorted").encode
decode = msgspec.json.Decoder().decode


class UnfitEvent(DoorstepError):
    """A value that may not become an event (size, Unicode, float, reserved name). Never retried."""


def canonical(value: Any) -> bytes:
    """The canonical JSON bytes of a value."""
    return _encode(value)


def digest(doc: Mapping[str, Any]) -> str:
    """``sha256:`` and the hex hash of an event's canonical bytes, signature included."""
    return "sha256:" + hashlib.sha256(canonical(doc)).hexdigest()


DEPTH_MAX = 16


def require_fit(doc: Mapping[str, Any]) -> bytes:
    """Check an event before it gets its ``n``, so that no remote can refuse it for its form.

    :returns: its canonical bytes. :raises UnfitEvent: says what does not fit.
    """
    _walk(doc, "event", DEPTH_MAX)
    try:
        body = canonical(doc)
    except UnicodeEncodeError:
        raise UnfitEvent("文字里有无法保存的字符，请重新输入") from None
    if len(body) > MAX_EVENT_BYTES:
        raise UnfitEvent(f"内容太长（{len(body) // 1024} KB），最多 {MAX_EVENT_BYTES // 1024} KB")
    return body


def _walk(value: Any, where: str, deeper: int) -> None:
    if not deeper:
        raise UnfitEvent(f"内容一层套一层，最多 {DEPTH_MAX} 层")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str) or name.startswith("_"):
                raise UnfitEvent(f"{where}: 字段名 {name!r} 不可用")
            _walk(inner, f"{where}.{name}", deeper - 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _walk(inner, where, deeper - 1)
    elif isinstance(value, float):
        raise UnfitEvent(f"{where}: 不能用小数")
    elif isinstance(value, str):
        _require_unicode(value, where)
    elif not isinstance(value, int | bool | None):
        raise UnfitEvent(f"{where}: {type(value).__name__} 不可用")


def _require_unicode(value: str, where: str) -> None:
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UnfitEvent(f"{where}: 文字里有无法保存的字符，请重新输入") from None
