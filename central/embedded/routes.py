"""Which handler answers which address, and what of CouchDB is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from central.embedded import documents, feed, listings, server
from central.embedded.call import BaseCall, BaseHandler, Handler
from central.embedded.errors import missing, not_allowed, not_implemented
from central.embedded.wire import Answer

_H = TypeVar("_H")

SERVER: dict[str, dict[str, Handler]] = {
    "": {"GET": server.welcome},
    "_up": {"GET": server.up},
    "_all_dbs": {"GET": server.all_dbs},
    "_uuids": {"GET": server.uuids},
    "_session": {"GET": server.session, "POST": server.sign_in, "DELETE": server.sign_out},
}
_DATABASE: dict[tuple[str, ...], dict[str, BaseHandler]] = {
    (): {"GET": server.database_info, "POST": documents.post_document},
    ("_all_docs",): {"GET": listings.all_docs, "POST": listings.all_docs},
    ("_all_docs", "queries"): {"POST": listings.all_docs_queries},
    ("_bulk_docs",): {"POST": documents.bulk_docs},
    ("_bulk_get",): {"POST": documents.bulk_get},
    ("_changes",): {"GET": feed.changes, "POST": feed.changes},
    ("_compact",): {"POST": server.compact},
    ("_ensure_full_commit",): {"POST": server.ensure_full_commit},
    ("_local_docs",): {"GET": listings.local_docs},
    ("_purge",): {"POST": documents.purge},
    ("_revs_diff",): {"POST": documents.revs_diff},
    ("_security",): {"GET": server.security, "PUT": server.security},
}
# Parts of CouchDB that are known and left out: a clean 501 says so, to those who might use them.
_SERVER_LEFT_OUT = {
    "_active_tasks", "_cluster_setup", "_db_updates", "_dbs_info", "_membership", "_node",
    "_replicate", "_reshard", "_scheduler", "_search_analyze", "_utils",
}  # fmt: skip
_DATABASE_LEFT_OUT = {
    "_auto_purge", "_design_docs", "_explain", "_find", "_index", "_missing_revs", "_partition",
    "_purged_infos", "_purged_infos_limit", "_revs_limit", "_shards", "_sync_shards", "_view",
    "_view_cleanup",
}  # fmt: skip


def chosen(methods: Mapping[str, _H], method: str) -> _H:
    """The handler for `method`, where HEAD is a GET without body; 405 if there is none."""
    try:
        return methods["GET" if method == "HEAD" else method]
    except KeyError:
        raise not_allowed(",".join(sorted(methods))) from None


def is_left_out(endpoint: str) -> bool:
    """Whether `/endpoint` is a part of CouchDB that the embedded store has not."""
    return endpoint in _SERVER_LEFT_OUT


def inside(call: BaseCall, path: tuple[str, ...]) -> Answer:
    """Answer a request about `path` inside a database."""
    if path in _DATABASE:
        return chosen(_DATABASE[path], call.request.method)(call)
    match path:
        case "_partition", _, "_all_docs":
            return chosen({"GET": listings.partition_docs}, call.request.method)(call)
        case ("_design" | "_local") as kind, name:
            return documents.document(call, f"{kind}/{name}")
        case "_design", _, *_:
            raise not_implemented("views, shows, lists, updates or rewrites")
        case [endpoint, *_] if endpoint in _DATABASE_LEFT_OUT:
            raise not_implemented(endpoint)
        case [id]:
            return documents.document(call, id)
        case [endpoint, *_] if endpoint.startswith("_"):
            raise missing()
    raise not_implemented("attachments")
