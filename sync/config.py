"""A TOML file read once into one frozen value, with every mistake in it named at once.

A program declares its configuration as frozen dataclasses, one per table of the file::

    @dataclass(frozen=True, slots=True)
    class Window:
        host: Host = "127.0.0.1"
        port: Port = 8017

    @dataclass(frozen=True, slots=True)
    class NodeConfig:
        data: Path                      # no default: must be in the file
        central: Central                # a table; its own keys may all have defaults
        master_key_file: SecretFile     # read here, never again
        window: Window = Window()

    config = load_config(Path("config.toml"), NodeConfig)

Types understood: ``str int float bool Path SecretFile``, ``Literal``, ``X | None``,
``tuple[X, ...]`` (a list), ``dict[str, X]``, a dataclass (a table), and ``Annotated[X, check, …]``
where a check is called with the value and raises `ValueError` with the words for the operator. A
``__post_init__`` that raises `ValueError` judges keys together. A `Path` whose key ends in
``_file`` must exist. Paths are relative to the configuration file. Unknown keys are mistakes.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from sync.config_reader import Reader, SecretFile
from sync.errors import DoorstepError

__all__ = [
    "Between",
    "ConfigError",
    "Host",
    "Port",
    "Seconds",
    "SecretFile",
    "Text",
    "Url",
    "is_url",
    "load_config",
    "not_empty",
    "read_config",
]

T = TypeVar("T")


class ConfigError(DoorstepError):
    """The configuration cannot be used; `problems` has one line for each mistake in the file."""

    def __init__(self, problems: list[str], source: str = "") -> None:
        self.problems = tuple(problems)
        head = f"配置有 {len(problems)} 处要改 / {len(problems)} to correct: {source}".rstrip(": ")
        super().__init__("\n".join([head, *(f"  {line}" for line in problems)]))


@dataclass(frozen=True, slots=True)
class Between:
    """A check: the number lies between `low` and `high`, both allowed."""

    low: float
    high: float

    def __call__(self, value: float) -> None:
        if not self.low <= value <= self.high:
            span = f"{self.low} – {self.high}"
            raise ValueError(f"要在 {span} 之间，现在是 {value} / must be {span}, is {value}")


def is_url(value: str) -> None:
    """A check: an http(s) address with a host and no password in it (secrets go in files)."""
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"要写成 http(s)://主机[:端口] / must be an http(s) address, is {value!r}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("地址里不写用户名和密码，密码放进文件 / no user or password in an address")


def not_empty(value: str) -> None:
    """A check: something other than blanks is written."""
    if not value.strip():
        raise ValueError("不能是空的 / must not be empty")


Text = Annotated[str, not_empty]
Host = Annotated[str, not_empty]
Url = Annotated[str, is_url]
Port = Annotated[int, Between(1, 65535)]
Seconds = Annotated[float, Between(0, 86_400)]


PARTS = ("node", "central")


def load_config(path: Path, kind: type[T], *, part: str = "") -> T:
    """The file at `path` as one `kind`. `ConfigError` if it cannot be read or has mistakes.

    `part` names the program's own table, so that one file may hold a node's and central's.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"读不了 / cannot be read: {error}"], str(path)) from error
    return read_config(text, kind, base=path.parent, source=str(path), part=part)


def read_config(
    text: str, kind: type[T], *, base: Path = Path(), source: str = "", part: str = ""
) -> T:
    """`text` (TOML) as one `kind`; paths in it are relative to `base`. `ConfigError` lists all."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"不是有效的 TOML / not valid TOML: {error}"], source) from error
    reader = Reader(base)
    for name in set(raw) - set(PARTS) if part else ():
        reader.wrong(name, "不认识的键 / unknown key")
    value: T = reader.table(kind, raw.get(part, {}) if part else raw, part)
    if reader.problems:
        raise ConfigError(reader.problems, source)
    return value
