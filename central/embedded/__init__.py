"""A small CouchDB-compatible store over SQLite: the default central database for one machine.

It speaks the part of CouchDB's HTTP API that Doorstep uses, as CouchDB 3.5.1 was recorded to speak
it, and says 501 to the rest. Switching to Apache CouchDB is a changed address, nothing else.

    python -m central.embedded --data DIR --port N [--host 127.0.0.1] [--admin-file FILE]
"""

from central.embedded.app import App, create_app
from central.embedded.errors import FolderError

__all__ = ["App", "FolderError", "create_app"]
