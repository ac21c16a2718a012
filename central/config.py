"""What central is told: one frozen value, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from courier.carriers.codes import read_codes
from sync.config import Between, Host, Port, Seconds, SecretFile, Url, load_config

_HERE = ("127.0.0.1", "::1", "localhost")
STARTED_WITH = "started-with"
"""The file of the data folder that names the configuration central was last started with."""


@dataclass(frozen=True, slots=True)
class CouchAt:
    """The CouchDB that central joins the district up on. No ``url``: the embedded store."""

    url: Url | None = None
    user: str = "admin"
    password_file: SecretFile | None = None
    ca_file: Path | None = None
    host: Host = "127.0.0.1"
    port: Port = 5984

    def __post_init__(self) -> None:
        """:raises ValueError: a CouchDB of one's own needs its administrator's password."""
        if self.url and self.password_file is None:
            raise ValueError("写了 url 就要写 password_file / url needs password_file")


@dataclass(frozen=True, slots=True)
class Web:
    """The portal, the courier's page and the board."""

    host: Host = "127.0.0.1"
    port: Port = 8400
    public_url: Url = "http://127.0.0.1:8400"
    workers: int = 1
    threads: int = 32
    secure_cookies: bool = False
    trusted_proxies: Annotated[int, Between(0, 5)] = 0


@dataclass(frozen=True, slots=True)
class Router:
    """How the router paces itself."""

    long_poll_seconds: Seconds = 25
    sweep_seconds: Seconds = 600


@dataclass(frozen=True, slots=True)
class Mail:
    """Who carries the district's mail: whose numbers the points are given.

    China Post, unless it is said otherwise. 邮政法 (2015) art. 55: a courier enterprise (快递企业)
    may not run the letter business that is reserved to the postal enterprise, and may not carry
    official papers of state organs (国家机关公文). What a department sends to another one, and a
    decision that it sends to a resident, are such papers; what a resident gives in is a paper of
    their own. People of the points and departments themselves (``own``) are no courier enterprise:
    they hand over what is their office's, and that has to be said here.
    """

    carrier: Literal["ems", "own"] = "ems"
    own_points: tuple[str, ...] = ()
    status_url: Url | None = None
    status_key_file: SecretFile | None = None
    status_ca_file: Path | None = None
    status_minutes: Annotated[float, Between(1, 1440)] = 15
    codes_file: Path | None = None

    def __post_init__(self) -> None:
        """:raises ValueError: a key would travel in the open, or the codes cannot be used."""
        at = urlsplit(self.status_url or "")
        if self.status_key_file and at.scheme == "http" and at.hostname not in _HERE:
            raise ValueError("有 status_key_file 时 status_url 要用 https / a key needs https")
        if self.codes_file is not None:
            read_codes(self.codes_file.name, self.codes_file.read_text("utf-8-sig"))

    def carrier_of(self, point: str) -> Literal["ems", "own"]:
        """Who carries what a point sends: its own people, where that is said of it."""
        return "own" if point in self.own_points else self.carrier

    @property
    def used(self) -> frozenset[str]:
        """Every carrier that some point sends by."""
        return frozenset({self.carrier, *(("own",) if self.own_points else ())})


@dataclass(frozen=True, slots=True)
class CentralConfig:
    """Central: its data folder, its store, its pages, its mail."""

    data: Path
    couchdb: CouchAt = CouchAt()
    web: Web = Web()
    router: Router = Router()
    mail: Mail = Mail()


def load_central(path: Path) -> CentralConfig:
    """The ``[central]`` part of a configuration file. :raises ConfigError: lists every mistake."""
    return load_config(path, CentralConfig, part="central")
