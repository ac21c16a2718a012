"""What one node is told: one frozen value, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from sync.config import Between, Host, Port, Seconds, Text, Url, is_url, load_config

HERE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Window:
    """The pages for the staff at this point."""

    host: Host = "127.0.0.1"
    port: Port = 8017
    threads: int = 8


@dataclass(frozen=True, slots=True)
class CentralAt:
    """Where this point reaches central."""

    couchdb_url: Url
    portal_url: Url
    web_url: Url | None = None
    ca_file: Path | None = None

    @property
    def blobs_url(self) -> str:
        """Where this node reaches central's web for scans."""
        return self.web_url or self.portal_url


def is_here(value: str) -> None:
    """A check: an http address of this very PC, since what it gives is somebody's card; or none."""
    if not value:
        return
    is_url(value)
    parts = urlsplit(value)
    if parts.scheme != "http" or parts.hostname not in HERE:
        raise ValueError("读卡器的程序要在本机（http://127.0.0.1:端口）/ must be on this PC")


@dataclass(frozen=True, slots=True)
class Reader:
    """The identity-card reader's program on this PC, if any, and where its answer has what."""

    url: Annotated[str, is_here] = ""
    timeout_seconds: Annotated[float, Between(0.1, 30)] = 5
    number_field: Text = "idNumber"
    name_field: Text = "name"


def is_url_or_none(value: str) -> None:
    """A check: an http(s) address, or nothing."""
    if value:
        is_url(value)


@dataclass(frozen=True, slots=True)
class Phone:
    """Where the phones at the counter reach this PC over the point's Wi-Fi; no url: they do not."""

    url: Annotated[str, is_url_or_none] = ""
    host: Host = "0.0.0.0"  # noqa: S104 - only the hand-off of photographs listens there
    port: Port = 8018


@dataclass(frozen=True, slots=True)
class Agent:
    """How the agent paces its sync."""

    poll_seconds: Seconds = 0.3
    long_poll_seconds: Seconds = 25
    bell_seconds: Seconds = 300


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """One point's node: its data folder, its enrolment, and where central is."""

    data: Path
    central: CentralAt
    enrolment: Path | None = None
    seals: Path | None = None
    window: Window = Window()
    agent: Agent = Agent()
    reader: Reader = Reader()
    phone: Phone = Phone()


def load_node(path: Path) -> NodeConfig:
    """The ``[node]`` part of a configuration file. :raises ConfigError: lists every mistake."""
    return load_config(path, NodeConfig, part="node")
