"""Asking a carrier over HTTP what became of our parcels. What answers is outside, and misbehaves.

One step asks once, page by page, and never waits: a failure is noted with when to ask again, longer
each time, or when the carrier says. Each page is kept whole before the next is asked for, and only
when all are kept is it remembered up to when it was asked.

::

    FeedUnavailable   retry   no usable answer: ask again, after ``wait_s`` if it says so
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any, Protocol

import requests
import structlog
import urllib3

from cases.reading import BadData
from cases.times import from_text, to_text
from central.carrier_db import CarrierDb, Poll
from courier.carriers.ports import Carrier
from sync.errors import RemoteUnavailable

log = structlog.get_logger()
TIMEOUT_S = (3.05, 10.0)
TOTAL_S = 30.0
ANSWER_BYTES_MAX = 8_000_000
READ_BYTES = 64 * 1024
PAGES_MAX = 50
OVERLAP = timedelta(days=2)  # what a carrier learns late, it dates back
FIRST = timedelta(days=7)
WAIT_MAX = timedelta(hours=6)
SILENT_FOR = timedelta(hours=6)  # then a person is told
WORDS_MAX = 200


class FeedUnavailable(RemoteUnavailable):
    """A carrier gave no usable answer. ``wait_s``: how long it asks us to wait, 0 for nothing."""

    def __init__(self, words: str, wait_s: float = 0) -> None:
        super().__init__(words)
        self.wait_s = wait_s


class Feed(Protocol):
    """Where a carrier is asked."""

    def ask(self, since: str, page: int) -> Any:
        """A page of what is new since a time, decoded.

        :raises FeedUnavailable: there is no usable answer.
        """


class HttpFeed:
    """A carrier's address that answers with JSON: ``GET <url>?since=<time>&page=<n>``.

    :param key: sent as a bearer token; it came from a file.
    """

    def __init__(
        self, url: str, key: str = "", *, ca_file: str | None = None,
        timeout_s: tuple[float, float] = TIMEOUT_S, total_s: float = TOTAL_S,
    ) -> None:  # fmt: skip
        self._url = url
        self._timeout_s = timeout_s
        self._total_s = total_s
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca_file or True
        self._session.headers["Accept"] = "application/json"
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def close(self) -> None:
        """Give back the connection."""
        self._session.close()

    def ask(self, since: str, page: int) -> Any:
        """A page of what is new."""
        try:
            with self._session.get(
                self._url, params={"since": since, "page": str(page)}, timeout=self._timeout_s,
                stream=True, allow_redirects=False,
            ) as answer:  # fmt: skip
                if answer.status_code != requests.codes.ok:
                    raise FeedUnavailable(f"回答 {answer.status_code}", _wait_s(answer))
                return _decoded(_body(answer, self._total_s))
        except requests.exceptions.SSLError as error:
            raise FeedUnavailable(f"对方的证书不可信（{type(error).__name__}）") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise FeedUnavailable(f"没有连上或中途断了（{type(error).__name__}）") from error


def _body(answer: requests.Response, total_s: float) -> bytes:
    """The body, within limits of size and time: a trickle keeps no timeout of the socket's."""
    body, until = bytearray(), time.monotonic() + total_s
    for chunk in answer.iter_content(READ_BYTES):
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise FeedUnavailable("回答太长")
        if time.monotonic() > until:
            raise FeedUnavailable("回答太慢")
    return bytes(body)


def _decoded(body: bytes) -> Any:
    """JSON in UTF-8, or as some send it in GBK. A number keeps the digits that were sent."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return json.loads(body.decode(encoding), parse_float=str, parse_int=str)
        except UnicodeDecodeError:
            continue
        except (ValueError, RecursionError):
            break
    raise FeedUnavailable("回答不是完整的 JSON")


def _wait_s(answer: requests.Response) -> float:
    """How long the other end asks us to wait; a date instead of seconds is passed over."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), WAIT_MAX.total_seconds()) if said.isdigit() else 0


def poll_once(feed: Feed, carrier: Carrier, db: CarrierDb, now: str, every: timedelta) -> Poll:
    """Ask what is new, if it is time to. :returns: how asking stands now."""
    known = db.poll(carrier.code)
    if known.next > now:
        return known
    since = known.since or to_text(from_text(now) - FIRST)
    try:
        kept = _take(feed, carrier, db, since, now)
    except (FeedUnavailable, BadData) as problem:
        poll = _failed(known, str(problem), getattr(problem, "wait_s", 0), now, every)
        log.warning("carrier", carrier=carrier.code, error=poll.words, failures=poll.failures)
    else:
        next_since = to_text(from_text(now) - OVERLAP)
        poll = Poll(
            carrier.code, max(next_since, since), now, now, 0, _later(now, every), f"新报 {kept} 条"
        )
    db.note_poll(poll)
    return poll


def _take(feed: Feed, carrier: Carrier, db: CarrierDb, since: str, now: str) -> int:
    kept = 0
    for page in range(1, PAGES_MAX + 1):
        reading = carrier.read_answer(feed.ask(since, page), now)
        kept += db.keep(carrier.code, reading, now, "http")
        if not reading.more:
            return kept
    log.warning("carrier", carrier=carrier.code, error="more pages than are read at once")
    raise FeedUnavailable(f"一次给了 {PAGES_MAX} 页还没有完")


def _failed(known: Poll, words: str, wait_s: float, now: str, every: timedelta) -> Poll:
    failures = known.failures + 1
    wait = max(min(every * 2 ** min(failures - 1, 10), WAIT_MAX), timedelta(seconds=wait_s))
    return known._replace(
        tried=now, failures=failures, next=_later(now, wait), words=words[:WORDS_MAX]
    )


def _later(now: str, wait: timedelta) -> str:
    return to_text(from_text(now) + wait)


def silent(poll: Poll, now: str) -> bool:
    """Whether a carrier has given no usable answer for so long that a person must look."""
    if poll.failures == 0:
        return False
    since = poll.succeeded or poll.tried
    long = from_text(now) - from_text(since) >= SILENT_FOR if poll.succeeded else poll.failures > 2
    return bool(since) and long
