"""What one node is told: one frozen value, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sync.config import Host, Port, Seconds, Url, load_config


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


def load_node(path: Path) -> NodeConfig:
    """The ``[node]`` part of a configuration file. :raises ConfigError: lists every mistake."""
    return load_config(path, NodeConfig, part="node")
