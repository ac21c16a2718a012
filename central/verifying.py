"""``doorstep verify`` for central's data folder: the journal, read anew from CouchDB.

Where the embedded store does not run, it is opened here for the time of the proof.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waitress.server import create_server  # type: ignore[import-untyped]  # it ships none

from central.blob_index import FOLDER
from central.config import STARTED_WITH, CentralConfig, load_central
from central.district import CATALOGUE, District, open_district
from central.embedded import create_app
from central.router import follow_journal
from sync.blobs.folder import BlobFolder
from sync.blobs.verify import damaged
from sync.couch import connect
from sync.db import DataFolderError
from sync.errors import RemoteUnavailable
from sync.heads import published, verify_pages
from sync.ports import Server
from sync.store import Store
from sync.verify import verify


def problems(data: Path) -> Iterator[str]:
    """Everything that is wrong with the district's journal, in words."""
    if not (data / "keys" / "root").exists():
        raise DataFolderError(f"{data}: 既不是节点也不是区中心的数据目录")
    district = open_district(_settings(data))
    with _server(district) as server, tempfile.TemporaryDirectory() as scratch:
        store = district.open_store(str(Path(scratch) / "fresh.db"))
        try:
            yield from _read(store, server, district)
        finally:
            store.close()


def _settings(data: Path) -> CentralConfig:
    """The configuration that central was last started with; its folder notes which file it is."""
    try:
        return load_central(Path((data / STARTED_WITH).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return CentralConfig(data=data)


def _read(store: Store, server: Server, district: District) -> Iterator[str]:
    while follow_journal(store, server):
        pass
    root = district.secrets.root.public
    yield from verify(store, root)
    pages = published(server.database(CATALOGUE))
    yield from verify_pages(store, pages, root, complete=True)
    yield from damaged(BlobFolder(district.config.data / FOLDER))


@contextmanager
def _server(district: District) -> Iterator[Server]:
    server = district.connect()
    try:
        server.names()
        yield server
        return
    except RemoteUnavailable:
        if district.config.couchdb.url:
            raise
    finally:
        server.close()
    with _embedded(district) as opened:
        yield opened


@contextmanager
def _embedded(district: District) -> Iterator[Server]:
    password = district.secrets.couch_password
    app = create_app(district.config.data / "couchdb", {"admin": password})
    listener = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=listener.run, daemon=True)
    thread.start()
    server = connect(f"http://127.0.0.1:{listener.effective_port}", user="admin", password=password)
    try:
        yield server
    finally:
        server.close()
        app.stop_polls()
        listener.close()
        app.close()
