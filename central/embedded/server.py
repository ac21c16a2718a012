"""Handlers about the server as a whole and about a database as a whole."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, quote

from central.embedded import reading, writing
from central.embedded.call import BaseCall, Call, number_param
from central.embedded.errors import CouchError, bad_request
from central.embedded.people import (
    SESSION_S,
    Caller,
    check_db_admin,
    check_server_admin,
    checked_security,
)
from central.embedded.store import Base
from central.embedded.wire import Answer, Headers, error_answer, json_answer

COUCHDB_VERSION = "3.5.1"
_NAME = re.compile(r"[a-z][a-z0-9_$()+/-]{0,237}")
_SYSTEM_NAMES = ("_users", "_replicator", "_global_changes")
UUIDS_MAX = 1_000


def welcome(call: Call) -> Answer:
    """Who we are: the CouchDB whose answers these are, by another maker."""
    return json_answer(
        {
            "couchdb": "Welcome", "version": COUCHDB_VERSION, "git_sha": "embedded",
            "uuid": call.store.uuid, "features": ["partitioned"],
            "vendor": {"name": "Doorstep embedded store"},
        }
    )  # fmt: skip


def up(call: Call) -> Answer:
    """Whether we are there."""
    return json_answer({"status": "ok", "seeds": {}})


def all_dbs(call: Call) -> Answer:
    """The names of all databases."""
    check_server_admin(call.caller)
    return json_answer(call.store.names())


def uuids(call: Call) -> Answer:
    """Random ids."""
    count = number_param(call.request.params.get("count", "1"), "count")
    return json_answer({"uuids": [secrets.token_hex(16) for _ in range(min(count, UUIDS_MAX))]})


def session(call: Call) -> Answer:
    """Who is signed in, and how."""
    info: dict[str, Any] = {"authentication_handlers": ["cookie", "default"]}
    if call.caller.how:
        info["authenticated"] = call.caller.how
    who = {"name": call.caller.name, "roles": call.caller.roles}
    return json_answer({"ok": True, "userCtx": who, "info": info})


def sign_in(call: Call) -> Answer:
    """Name and password, as JSON or as a form, for a cookie."""
    if call.request.content_type == "application/x-www-form-urlencoded":
        given: Any = dict(parse_qsl(call.request.body.decode("utf-8", "replace")))
    else:
        given = call.request.json()
    name = given.get("name") if isinstance(given, dict) else None
    password = given.get("password") if isinstance(given, dict) else None
    if not isinstance(name, str) or not isinstance(password, str):
        raise bad_request("request body must contain a username and a password")
    try:
        account = call.people.sign_in(name, password, call.request.address)
    except CouchError as error:
        refused = error_answer(error)
        refused.headers.append(_cookie("", 0))
        return refused
    told = {"ok": True, "name": account.name, "roles": account.roles}
    return json_answer(told, 200, [_cookie(call.people.cookie(account), SESSION_S)])


def sign_out(call: Call) -> Answer:
    """Forget the cookie."""
    return json_answer({"ok": True}, 200, [_cookie("", 0)])


def create_database(call: Call, name: str) -> Answer:
    """Make a database."""
    check_server_admin(call.caller)
    if not _NAME.fullmatch(name) and name not in _SYSTEM_NAMES:
        reason = (
            f"Name: '{name}'. Only lowercase characters (a-z), digits (0-9), and any of the "
            "characters _, $, (, ), +, -, and / are allowed. Must begin with a letter."
        )
        raise CouchError(400, "illegal_database_name", reason)
    shards = number_param(call.request.params.get("q", "2"), "q")
    if not 1 <= shards <= 1_024:
        raise bad_request("`q` must be a positive integer")
    call.store.create(name, shards=shards, partitioned=call.flag("partitioned"))
    host = call.request.header("Host")
    headers: Headers = [("Location", f"http://{host}/{quote(name, safe='')}")]
    return json_answer({"ok": True}, 201, headers)


def drop_database(call: Call, name: str) -> Answer:
    """Delete a database with all it holds."""
    check_server_admin(call.caller)
    call.store.drop(name)
    return json_answer({"ok": True})


def database_info(call: BaseCall) -> Answer:
    """The numbers of a database."""
    base, tally = call.base, call.base.tally
    return json_answer(
        {
            "instance_start_time": str(base.created),
            "db_name": base.name,
            "purge_seq": f"{tally.purges}-{base.tag}",
            "update_seq": reading.sequence(base, tally.last_seq),
            "sizes": {"file": tally.size, "external": tally.size, "active": tally.size},
            "props": {"partitioned": True} if base.partitioned else {},
            "doc_del_count": tally.dead,
            "doc_count": tally.live,
            "disk_format_version": 8,
            "compact_running": False,
            "cluster": {"q": base.shards, "n": 1, "w": 1, "r": 1},
        }
    )


def security(call: BaseCall) -> Answer:
    """GET or PUT who may use the database."""
    if call.request.method != "PUT":
        return Answer(call.base.security + b"\n")
    if not _may_secure(call.caller, call.base):
        raise CouchError(500, "error", "no_majority")  # 3.5.1 answers just this
    call.store.secure(call.base, checked_security(call.request.json()))
    return json_answer({"ok": True})


def compact(call: BaseCall) -> Answer:
    """Drop what old revisions said, from the file and its log. Done when this answers."""
    check_db_admin(call.caller, call.base)
    call.request.json_type()
    with call.store.changing(call.base) as (conn, _):
        writing.compact(conn, call.base)
    call.file.reclaim()
    call.file.scrub()
    return json_answer({"ok": True}, 202)


def ensure_full_commit(call: BaseCall) -> Answer:
    """Every write is on the disk before it is answered: there is nothing to do."""
    call.request.json_type()
    return json_answer({"ok": True, "instance_start_time": str(call.base.created)}, 201)


def _may_secure(caller: Caller, base: Base) -> bool:
    try:
        check_db_admin(caller, base)
    except CouchError:
        return False
    return True


def _cookie(value: str, age_s: int) -> tuple[str, str]:
    until = time.strftime("%a, %d-%b-%Y %H:%M:%S GMT", time.gmtime(time.time() + age_s))
    parts = f"AuthSession={value}; Version=1; Expires={until}; Max-Age={age_s}; Path=/; HttpOnly"
    return ("Set-Cookie", parts)
