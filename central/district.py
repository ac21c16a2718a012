"""Central as one value: its secrets, its CouchDB, the district's points, its read model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cases.parties import home_in
from central.config import CentralConfig
from central.keys import CentralKeyring, Secrets, open_secrets
from sync.bundle import Bundle, load_bundle
from sync.clock import clock_of, utc_now
from sync.couch import connect
from sync.ports import Server
from sync.store import Store

JOURNAL = "journal"
CATALOGUE = "catalogue"
READ_MODEL = "read.db"
CONNECTED_WITHIN_S = 3.05
PATIENCE_S = 65.0  # longer than the longest wait for news
ROUTER_MODEL = "router.db"


def outbox_name(party: str) -> str:
    """The mailbox a point (or ``central``) writes to."""
    return f"outbox-{party}"


def inbox_name(point: str) -> str:
    """The mailbox a point reads from."""
    return f"inbox-{point}"


@dataclass(frozen=True)
class District:
    """What every process of central shares."""

    config: CentralConfig
    secrets: Secrets
    bundle: Bundle
    clock: Callable[[], str] = utc_now
    patience_s: float = PATIENCE_S
    """How long an answer of CouchDB is waited for."""

    def connect(self) -> Server:
        """A connection of one's own to CouchDB, as its administrator. Close it."""
        couch = self.config.couchdb
        password = couch.password_file.text if couch.password_file else None
        return connect(
            couch.url or f"http://{couch.host}:{couch.port}",
            user=couch.user,
            password=password or self.secrets.couch_password,
            timeout_s=(CONNECTED_WITHIN_S, self.patience_s),
            ca_file=str(couch.ca_file) if couch.ca_file else None,
        )

    @contextmanager
    def server(self) -> Iterator[Server]:
        """A connection that is closed at the end."""
        server = self.connect()
        try:
            yield server
        finally:
            server.close()

    def open_store(self, name: str = READ_MODEL, *, checkpoints: bool = False) -> Store:
        """A connection of one's own to a read model. It keeps no names in clear. Close it."""
        keyring = CentralKeyring(self.secrets, self.clock)
        home = home_in(self.bundle.directory)
        path: Path = self.config.data / name
        return Store(path, keyring, home, checkpoints=checkpoints, words=False)


def open_district(config: CentralConfig, clock: Callable[[], str] | None = None) -> District:
    """Open central's data folder, making its secrets the first time."""
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = open_secrets(config.data / "keys")
    return District(config, secrets, load_bundle(), clock or clock_of(config.data))
