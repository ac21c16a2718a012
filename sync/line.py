"""One HTTP session to one CouchDB: deadlines, TLS, sign-in, and no answer taken on trust."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from sync.errors import NotAllowed, NotCouch, RemoteError, RemoteUnavailable, Untrusted
from sync.wire import decode, encode, judge_body, judge_head, judge_no_body

Timeout = tuple[float, float]
Answered = Callable[[str], None]
"""Told of every answer that is CouchDB's own, whatever it says: the time its server gives."""

ANSWER_BYTES_MAX = 256 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
FIRST_REST_S, REST_S = 60.0, 300.0
"""After a refused sign-in, and after every further one: five within 300 s lock the account out."""
JSON_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}


class Line:
    """One HTTP session to one server, its deadlines and its sign-in. Used by one thread."""

    def __init__(
        self,
        base_url: str,
        credentials: tuple[str, str] | None,
        timeout_s: Timeout,
        ca_file: str | None,
        answered: Answered | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.base_url = base_url
        self._answered = answered
        self._credentials = credentials
        self.timeout_s = timeout_s
        self.verify: bool | str = ca_file or True
        self._signed_in = False
        self._clock = clock
        self._rests_until, self._rest_s = clock(), FIRST_REST_S
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = self.verify
        adapter = HTTPAdapter(max_retries=_only_connecting_again())
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def close(self) -> None:
        """Give the connections back."""
        self.session.close()

    def ask(self, method: str, url: str, **request: Any) -> tuple[requests.Response, Any]:
        """Send one request as the user; sign in before it, or again after one 401.

        Return the response and its decoded body. Raises the classes of `sync.errors`.
        """
        what = f"{method} {urlsplit(url).path}"
        fresh = self._credentials is not None and not self._signed_in
        if fresh:
            self._sign_in()
        response, result = self._exchange(method, url, what, request)
        if response.status_code == 401 and self._signed_in and not fresh:
            self._sign_in()
            response, result = self._exchange(method, url, what, request)
        self._judge(method, response, result, what)
        return response, result

    def _judge(self, method: str, response: requests.Response, result: Any, what: str) -> None:
        """Raise the error that CouchDB meant; tell that it was CouchDB who answered."""
        try:
            if method == "HEAD":
                judge_no_body(response.status_code, what=what)
            else:
                judge_body(response.status_code, result, what=what)
        except NotCouch:
            raise
        except RemoteError:
            self._tell(response)
            raise
        self._tell(response)

    def _tell(self, response: requests.Response) -> None:
        if self._answered:
            self._answered(response.headers.get("Date", ""))

    def _sign_in(self) -> None:
        """Get a cookie for this session; raises `NotAllowed` if name or password is wrong.

        Once refused it is not asked again for a while: whoever calls, and however often.
        """
        name, password = self._credentials or ("", "")
        self._signed_in = False
        self.session.cookies.clear()
        what = f"sign-in of {name}"
        left_s = self._rests_until - self._clock()
        if left_s > 0:
            raise NotAllowed(f"{what}: was refused; it is tried again in {left_s:.0f} s")
        request = {"data": encode({"name": name, "password": password})}
        response, result = self._exchange("POST", f"{self.base_url}/_session", what, request)
        try:
            judge_body(response.status_code, result, what=what)
        except NotAllowed:
            self._rests_until, self._rest_s = self._clock() + self._rest_s, REST_S
            raise
        if "AuthSession" not in self.session.cookies:
            raise NotCouch(f"{what}: no session cookie came back; this is not CouchDB")
        self._signed_in, self._rest_s = True, FIRST_REST_S

    def _exchange(
        self, method: str, url: str, what: str, request: Mapping[str, Any]
    ) -> tuple[requests.Response, Any]:
        """Send once and read the whole answer; raises if it cannot be CouchDB's."""
        options = {"timeout": self.timeout_s, "headers": dict(JSON_HEADERS), **request}
        try:
            with self.session.request(
                method, url, stream=True, allow_redirects=False, **options
            ) as response:
                judge_head(response.status_code, response.headers.get("Content-Type"), what=what)
                if method == "HEAD":
                    return response, None
                return response, decode(_read(response, what), what=what)
        except requests.exceptions.SSLError as error:
            raise Untrusted(f"{what}: no trusted TLS; is this the right server?") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            reason = type(error).__name__
            raise RemoteUnavailable(f"{what}: no answer ({reason}); try again later") from error


def _only_connecting_again() -> urllib3.Retry:
    """Try a connection three times; never repeat a request that may have been carried out."""
    return urllib3.Retry(
        total=2, connect=2, read=0, redirect=0, status=0, other=0, allowed_methods=None
    )


def _read(response: requests.Response, what: str) -> bytes:
    """Return the body, but never more of it than fits in memory."""
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            error = NotCouch(f"{what}: more than {ANSWER_BYTES_MAX} bytes; this is not CouchDB")
            error.too_large = True
            raise error
    return bytes(body)
