"""Handlers of single documents and of batches of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from central.embedded import reading, writing
from central.embedded.call import KEYS_MAX, BaseCall, checked_keys
from central.embedded.drafts import DESIGN, Draft, check_partition, checked_id, draft
from central.embedded.errors import (
    CouchError,
    bad_request,
    conflict,
    missing,
    not_allowed,
    not_implemented,
)
from central.embedded.people import check_db_admin, check_server_admin, hashed_user
from central.embedded.reading import Stored
from central.embedded.revisions import checked, generation
from central.embedded.store import USERS
from central.embedded.wire import Answer, Headers, encode, json_answer

_UNKNOWN_VIEWS = ("open_revs", "revs_info", "conflicts", "attachments", "att_encoding_info", "meta")


def document(call: BaseCall, id: str) -> Answer:
    """GET, HEAD, PUT or DELETE of one document."""
    match call.request.method:
        case "GET" | "HEAD":
            return _get(call, id)
        case "PUT":
            return _put(call, id)
        case "DELETE":
            return _delete(call, id)
        case "POST":
            raise bad_request("Referer header required.")  # 3.5.1 expects a form here
        case "COPY":
            raise not_implemented("COPY")
    raise not_allowed("DELETE,GET,HEAD,POST,PUT,COPY")


def post_document(call: BaseCall) -> Answer:
    """POST of a document to the database: with its own id or a new one."""
    doc = call.request.json_object()
    id = doc.get("_id", "")
    if "_id" not in doc:
        id = secrets.token_hex(16)
    return _written(call, _draft(call, doc, checked_id(id)), _status(call, 201))


def bulk_docs(call: BaseCall) -> Answer:
    """Write many documents in one transaction; one answer per document, in order."""
    body = call.request.json_object()
    docs = body.get("docs")
    if docs is None:
        raise bad_request("POST body must include `docs` parameter.")
    if not isinstance(docs, list):
        raise bad_request("`docs` parameter must be an array.")
    new_edits = body.get("new_edits", True)
    if not isinstance(new_edits, bool):
        raise bad_request("`new_edits` parameter must be a boolean.")
    drafts = [_draft(call, doc, _id_of(doc)) for doc in docs]
    if not new_edits and not all(one.history or one.local for one in drafts):
        raise bad_request(
            "When `new_edits: false`, the document needs `_rev` or `_revisions` specified"
        )
    if not drafts:
        return json_answer([], 201)
    with call.store.changing(call.base) as (conn, tally):
        if new_edits:
            rows = [_row(call, conn, tally, one) for one in drafts]
        else:
            rows = []
            for one in drafts:
                if one.local:
                    writing.save_local(conn, call.base, one)
                else:
                    check_design(call, one.id)
                    writing.save_as_told(conn, call.base, tally, one)
    return json_answer(rows, _status(call, 201))


def bulk_get(call: BaseCall) -> Answer:
    """Many documents by id, and by revision where one is given."""
    docs = call.request.json_object().get("docs")
    if not isinstance(docs, list) or len(docs) > KEYS_MAX:
        raise bad_request("Missing JSON list of 'docs'.")
    for wanted in docs:
        if not isinstance(wanted, dict) or not isinstance(wanted.get("id"), str):
            raise bad_request("Each of `docs` needs an `id`.")

    def pieces() -> Iterator[bytes]:
        yield b'{"results":['
        for place, wanted in enumerate(docs):
            comma = b",\n" if place else b"\n"
            yield comma + _got(call, wanted["id"], wanted.get("rev"))
        yield b"\n]}\n"

    return Answer(pieces())


def revs_diff(call: BaseCall) -> Answer:
    """Which of the revisions named are not here, and which may be their ancestors."""
    asked = call.request.json_object()
    answer: dict[str, Any] = {}
    with call.file.reading() as conn:
        for id, revs in asked.items():
            here = {rev for rev, _ in reading.revisions(conn, call.base, id)}
            absent = [rev for rev in checked_keys(revs, id) if checked(rev) not in here]
            if not absent:
                continue
            newest = max(generation(rev) for rev in absent)
            older = sorted(rev for rev in here if generation(rev) < newest)
            answer[id] = {"missing": absent}
            if older:
                answer[id]["possible_ancestors"] = older
    return json_answer(answer)


def purge(call: BaseCall) -> Answer:
    """Remove revisions for good, from the file and its log."""
    check_db_admin(call.caller, call.base)
    asked = call.request.json_object()
    wanted = {id: checked_keys(revs, id) for id, revs in asked.items()}
    with call.store.changing(call.base) as (conn, tally):
        purged = {
            id: writing.purge(conn, call.base, tally, id, revs) for id, revs in wanted.items()
        }
    call.file.scrub()
    return json_answer({"purge_seq": None, "purged": purged}, 201)


def check_design(call: BaseCall, id: str) -> None:
    """403 if `id` is a design document and the caller no administrator."""
    if id.startswith(DESIGN):
        check_db_admin(call.caller, call.base)


def _got(call: BaseCall, id: str, rev: object) -> bytes:
    """One row of `_bulk_get`."""
    try:
        with call.file.reading() as conn:
            found = _of_rev(conn, call, id, rev)
            answer = b'{"ok":%s}' % found.json(_revs(conn, call, found))
    except CouchError as error:
        told = {
            "id": id, "rev": rev or "undefined", "error": error.error, "reason": error.reason
        }  # fmt: skip
        answer = b'{"error":%s}' % encode(told)
    return b'{"id":%s,"docs":[%s]}' % (encode(id), answer)


def _get(call: BaseCall, id: str) -> Answer:
    for name in _UNKNOWN_VIEWS:
        if call.request.params.get(name, "false") != "false":
            raise not_implemented(f"{name} parameter")
    with call.file.reading() as conn:
        if id.startswith("_local/"):
            found = reading.get_local(conn, call.base, id)
        else:
            found = _of_rev(conn, call, id, call.request.params.get("rev"))
        extra = _revs(conn, call, found)
    etag = f'"{found.rev}"'
    if call.request.header("If-None-Match") == etag:
        return Answer(b"", 304, [("ETag", etag)])
    return Answer(found.json(extra) + b"\n", headers=[("ETag", etag)])


def _put(call: BaseCall, id: str) -> Answer:
    checked_id(id)
    if call.request.params.get("new_edits", "true") != "true":
        raise not_implemented("new_edits parameter of a single document: use _bulk_docs")
    doc = call.request.json()
    rev = call.request.params.get("rev") or call.request.header("If-Match").strip('"') or None
    return _written(call, _draft(call, doc, id, rev), _status(call, 201))


def _delete(call: BaseCall, id: str) -> Answer:
    rev = call.request.params.get("rev") or call.request.header("If-Match").strip('"') or None
    with call.file.reading() as conn:
        if id.startswith("_local/"):
            reading.get_local(conn, call.base, id)
        else:
            reading.get(conn, call.base, id)
            if rev is None:
                raise conflict()
    return _written(call, draft({"_deleted": True}, id, rev=rev), 200)


def _written(call: BaseCall, one: Draft, status: int) -> Answer:
    check_design(call, one.id)
    with call.store.changing(call.base) as (conn, tally):
        rev = writing.save(conn, call.base, tally, one)
    headers: Headers = [("ETag", f'"{rev}"')]
    if status != 200:
        safe = "" if one.id.startswith("_") else ":"
        kept = "/" if call.base.name == USERS else ""
        host = call.request.header("Host")
        path = f"{quote(call.base.name, safe='')}/{quote(one.id, safe=safe + kept + ':')}"
        headers.append(("Location", f"http://{host}/{path}"))
    return json_answer({"ok": True, "id": one.id, "rev": rev}, status, headers)


def _status(call: BaseCall, done: int) -> int:
    """`done`, or 202 if the caller wants more copies written (`w`) than the one there is."""
    wanted = call.request.params.get("w", "1")
    return 202 if wanted.isdecimal() and int(wanted) > 1 else done


def _draft(call: BaseCall, doc: object, id: str, rev: str | None = None) -> Draft:
    if call.base.name == USERS:
        check_server_admin(call.caller)
        doc = hashed_user(id, doc)
    if call.base.partitioned:
        check_partition(id)
    return draft(doc, id, rev=rev)


def _id_of(doc: object) -> str:
    if not isinstance(doc, dict):
        raise bad_request("Document must be a JSON object")
    return checked_id(doc["_id"]) if "_id" in doc else secrets.token_hex(16)


def _row(call: BaseCall, conn: Any, tally: Any, one: Draft) -> dict[str, Any]:
    try:
        check_design(call, one.id)
        rev = writing.save(conn, call.base, tally, one)
    except CouchError as error:
        return {"id": one.id, "error": error.error, "reason": error.reason}
    return {"ok": True, "id": one.id, "rev": rev}


def _of_rev(conn: Any, call: BaseCall, id: str, rev: object) -> Stored:
    if rev is None:
        return reading.get(conn, call.base, id)
    if not isinstance(rev, str):
        raise missing()
    return reading.get_revision(conn, call.base, id, checked(rev))


def _revs(conn: Any, call: BaseCall, found: Stored) -> bytes:
    if not call.flag("revs") or found.rev.startswith("0-"):
        return b""
    line = reading.history(conn, call.base, found.id, found.rev)
    digests = [rev.partition("-")[2] for rev in line]
    return b'"_revisions":%s,' % encode({"start": generation(line[0]), "ids": digests})
