"""What every test would make again though it comes out the same, made once per process.

Nearly every test makes an app of its own, and central a bundle to publish. Compiling their pages,
addresses and content took longer than what the tests did with them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing.rules import Rule

packed = lru_cache(maxsize=4)(zlib.compress)


class Pages(BytecodeCache):
    """The code of templates that another app has compiled from the same text."""

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of this very text, if it is known."""
        bucket.code = self.known.get(_place(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next app."""
        if bucket.code:
            self.known[_place(bucket)] = bucket.code


def _place(bucket: Bucket) -> tuple[object, ...]:
    made = bucket.environment
    return bucket.key, bucket.checksum, made.trim_blocks, made.lstrip_blocks, *made.extensions


def remember_pages_and_addresses() -> None:
    """From now on an app takes over what one before it has compiled."""
    Flask.jinja_options = {"bytecode_cache": Pages()}
    Rule._compile_builder = _builders(Rule._compile_builder)  # type: ignore[method-assign]


def _builders(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """What writes an address, which of the rule itself holds its words only."""
    known: dict[tuple[object, ...], Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compiled(rule, append_unknown)
        place = (rule.rule, append_unknown, *rule._trace)
        if place not in known:
            known[place] = compiled(rule, append_unknown)
        return known[place]

    return builder
