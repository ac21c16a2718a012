"""The WSGI application: finds out who asks and about what, and words the errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

from central.embedded import routes, server
from central.embedded.call import BaseCall, Call
from central.embedded.errors import CouchError, not_implemented
from central.embedded.people import People, check_member, check_server_admin, check_user_document
from central.embedded.polls import Polls
from central.embedded.store import USERS, Store
from central.embedded.wire import JSON_TYPE, Answer, Request, error_answer

POLLS_MAX = 240
log = logging.getLogger("central.embedded")
StartResponse = Callable[..., Any]


class App:
    """The embedded store as a WSGI application. `close` lets go of the data folder."""

    def __init__(self, folder: Path, admins: Mapping[str, str], polls_max: int) -> None:
        self._store = Store(folder)
        self._people = People(self._store, admins)
        self._polls = Polls(polls_max)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._answer(Request(environ))
            answer.gather()
        except CouchError as error:
            answer = error_answer(error)
        except Exception:
            log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            reason = "The store could not do this; its log says why."
            answer = error_answer(CouchError(500, "internal_server_error", reason))
        return _sent(answer, environ["REQUEST_METHOD"] == "HEAD", start_response)

    def stop_polls(self) -> None:
        """End all polls now: the server is going down."""
        self._store.stop_polls()

    def close(self) -> None:
        """End all polls, finish the write under way, let go of the folder."""
        self._store.close()

    def _answer(self, request: Request) -> Answer:
        first, *rest = request.segments
        call = self._call(request)
        if first in routes.SERVER and not rest:
            return routes.chosen(routes.SERVER[first], request.method)(call)
        if routes.is_left_out(first):
            check_server_admin(call.caller)
            raise not_implemented(first)
        if not rest and request.method == "PUT":
            return server.create_database(call, first)
        if not rest and request.method == "DELETE":
            return server.drop_database(call, first)
        return self._of_database(call, first, tuple(rest))

    def _call(self, request: Request) -> Call:
        if request.segments == ["_session"] and request.method == "POST":
            caller = self._people.caller("", None)  # who signs in is nobody yet
        else:
            cookie = _session_cookie(request.header("Cookie"))
            authorization = request.header("Authorization")
            caller = self._people.caller(authorization, cookie, request.address)
        return Call(request, caller, self._store, self._people, self._polls)

    def _of_database(self, call: Call, name: str, path: tuple[str, ...]) -> Answer:
        base = self._store.base(name)
        if name == USERS and not call.caller.is_admin:
            _check_users(call, path)
        else:
            check_member(call.caller, base)
        inner = BaseCall(call.request, call.caller, call.store, call.people, call.polls, base)
        return routes.inside(inner, path)


def create_app(path: str | Path, admins: Mapping[str, str], *, polls_max: int = POLLS_MAX) -> App:
    """The embedded store over the data folder `path`, which this process then holds alone.

    `admins`: name → password, or CouchDB's hash of it. `polls_max`: long-polls held at once; keep
    it some way below the server's number of threads. FolderError if the folder cannot be served.
    """
    return App(Path(path), admins, polls_max)


def _check_users(call: Call, path: tuple[str, ...]) -> None:
    """Of `_users` everybody sees the own document, and nobody but an administrator more."""
    if len(path) != 1 or call.request.method not in ("GET", "HEAD"):
        check_server_admin(call.caller)
    check_user_document(call.caller, path[0])


def _session_cookie(header: str) -> str | None:
    if "AuthSession" not in header:
        return None
    try:
        return SimpleCookie(header)["AuthSession"].value
    except (CookieError, KeyError):
        return None


def _sent(answer: Answer, head: bool, start_response: StartResponse) -> Iterable[bytes]:
    headers = [("Cache-Control", "must-revalidate"), *answer.headers]
    if answer.status != 304:
        headers.append(("Content-Type", JSON_TYPE))
    if isinstance(answer.body, bytes):
        headers.append(("Content-Length", str(len(answer.body))))
    start_response(answer.status_line, headers)
    if head:
        return []
    return [answer.body] if isinstance(answer.body, bytes) else answer.body
