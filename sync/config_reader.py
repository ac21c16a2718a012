"""Walks a parsed TOML table beside the dataclass it should become; see `sync.config`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

_WRONG: Any = object()
_WORDS = {
    str: "文字 / must be text",
    int: "整数 / must be a whole number",
    float: "数 / must be a number",
    bool: "true 或 false / must be true or false",
}


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A secret that the file names by path: `text` without the line end, never shown by repr."""

    path: Path
    text: str = field(repr=False)


class Reader:
    """Makes values out of raw TOML and collects, in `problems`, what does not fit."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.problems: list[str] = []

    def wrong(self, key: str, words: str) -> Any:
        """Note a problem; the mark that is returned keeps the caller from using the value."""
        self.problems.append(f"{key or '(文件 file)'}: {words}")
        return _WRONG

    def table(self, kind: Any, raw: Any, key: str) -> Any:
        """`raw` as one `kind` (a dataclass); unknown, wrong and missing keys are noted."""
        if not isinstance(raw, Mapping):
            return self.wrong(key, f"应是一个表 [{key}] / must be a table [{key}]")
        hints = get_type_hints(kind, include_extras=True)
        prefix, before = f"{key}." if key else "", len(self.problems)
        self.unknown([name for name in raw if name not in hints], list(hints), prefix)
        values = {}
        for each in fields(kind):
            if each.name in raw:
                values[each.name] = self.value(hints[each.name], raw[each.name], prefix + each.name)
            elif each.default is MISSING and each.default_factory is MISSING:
                values[each.name] = self.absent(hints[each.name], prefix + each.name)
        if len(self.problems) > before:
            return _WRONG
        return self.checked(lambda: kind(**values), key)

    def unknown(self, names: list[str], known: list[str], prefix: str) -> None:
        """Keys that nothing reads, each with the key that was probably meant."""
        for name in names:
            near = get_close_matches(name, known, 1)
            hint = f"，是不是 {near[0]}？/ did you mean {near[0]}?" if near else ""
            self.wrong(prefix + name, f"没有这一项 / unknown key{hint}")

    def absent(self, hint: Any, key: str) -> Any:
        """A table that is left out is an empty one: its own keys say what is missing."""
        if is_dataclass(hint) and hint is not SecretFile:
            return self.table(hint, {}, key)
        return self.wrong(key, "缺少这一项 / missing")

    def checked(self, make: Callable[[], Any], key: str) -> Any:
        """What `make` gives; its `ValueError` is a problem of `key`."""
        try:
            return make()
        except ValueError as error:
            return self.wrong(key, str(error))

    def value(self, hint: Any, raw: Any, key: str) -> Any:
        """`raw` as the annotated type `hint`."""
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            value = self.value(args[0], raw, key)
            for check in args[1:] if value is not _WRONG else ():
                self.checked(partial(check, value), key)
            return value
        if origin in (Union, UnionType):
            return self.value(next(arm for arm in args if arm is not NoneType), raw, key)
        if origin is Literal:
            names = " | ".join(map(repr, args))
            return raw if raw in args else self.wrong(key, f"只能是 / must be {names}, is {raw!r}")
        if origin is tuple:
            return self.items(args[0], raw, key)
        if origin is dict:
            return self.named(args[1], raw, key)
        if hint is SecretFile or hint is Path:
            return self.file(hint, raw, key)
        return self.table(hint, raw, key) if is_dataclass(hint) else self.plain(hint, raw, key)

    def items(self, hint: Any, raw: Any, key: str) -> Any:
        """A list, as a tuple."""
        if not isinstance(raw, list):
            return self.wrong(key, f"应是列表 [...] / must be a list, is {raw!r}")
        return tuple(self.value(hint, each, f"{key}[{i}]") for i, each in enumerate(raw))

    def named(self, hint: Any, raw: Any, key: str) -> Any:
        """A table whose keys are the operator's own names."""
        if not isinstance(raw, dict):
            return self.wrong(key, f"应是一个表 [{key}] / must be a table [{key}]")
        return {name: self.value(hint, each, f"{key}.{name}") for name, each in raw.items()}

    def plain(self, hint: Any, raw: Any, key: str) -> Any:
        """`bool` is not a number here, and a whole number is good where any number is."""
        if type(raw) is hint or (hint is float and type(raw) is int):
            return hint(raw)
        return self.wrong(key, f"应是{_WORDS[hint]}, is {raw!r}")

    def file(self, hint: Any, raw: Any, key: str) -> Any:
        """A path beside the configuration file, or the secret that is in that file."""
        if not isinstance(raw, str) or not raw.strip():
            return self.wrong(key, f"应是一个路径 / must be a path, is {raw!r}")
        path = self.base / Path(raw).expanduser()
        if hint is Path:
            missing = key.endswith("_file") and not path.is_file()
            return self.wrong(key, f"没有这个文件 / no such file: {path}") if missing else path
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            return self.wrong(key, f"密钥文件读不了 / cannot read the secret: {error}")
        return SecretFile(path, text) if text else self.wrong(key, f"是空的 / is empty: {path}")
