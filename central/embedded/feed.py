"""The handler of `_changes`: at once, or held until something is written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from central.embedded import reading
from central.embedded.call import BaseCall, checked_keys, json_param
from central.embedded.errors import CouchError, bad_request, not_implemented
from central.embedded.reading import Span, Step
from central.embedded.store import Base
from central.embedded.wire import Answer, encode

TIMEOUT_MS_MAX = 60_000  # as CouchDB's changes_timeout
HEARTBEAT_MS = 60_000
LOOK_S = 5.0  # how often a held poll looks whether its client is still there
_FEEDS = ("normal", "longpoll")
_FEEDS_LEFT_OUT = ("continuous", "live", "eventsource")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader of changes asks for. `ids` None means all documents."""

    since: int
    limit: int | None
    docs: bool
    descending: bool
    ids: list[str] | None
    wait_s: float
    beat_s: float | None


def changes(call: BaseCall) -> Answer:
    """`_changes`: normal or long-poll, from an opaque sequence on."""
    wish = _wish(call)
    if wish.wait_s and not _anything(call, wish):
        if wish.beat_s is not None:
            beats = _beating(call, wish, wish.beat_s)
            next(beats)  # takes its place now, while a refusal can still be said
            return Answer(beats, live=True)
        with call.polls:
            _hold(call, wish, time.monotonic() + wish.wait_s)
    return Answer(_answer(call, wish))


def _wish(call: BaseCall) -> Wish:
    params = call.request.params
    feed = params.get("feed", "normal")
    if feed in _FEEDS_LEFT_OUT:
        raise not_implemented(f"{feed} feed: use longpoll")
    if feed not in _FEEDS:
        raise bad_request("Supported `feed` types: normal, continuous, live, longpoll, eventsource")
    if params.get("style", "main_only") != "main_only":
        raise not_implemented("style parameter: only the revision that is seen is listed")
    ids = _ids(call)
    return Wish(
        since=reading.since(call.base, params.get("since") or params.get("last-event-id") or "0"),
        limit=_number(params["limit"]) if "limit" in params else None,
        docs=params.get("include_docs") == "true",
        descending=params.get("descending") == "true",
        ids=ids,
        wait_s=_wait_s(params.get("timeout")) if feed == "longpoll" else 0.0,
        beat_s=_beat_s(params.get("heartbeat")),
    )


def _ids(call: BaseCall) -> list[str] | None:
    match call.request.params.get("filter"):
        case None:
            return None
        case "_doc_ids":
            body = call.request.json_object() if call.request.method == "POST" else {}
            if "doc_ids" not in body and "doc_ids" in call.request.params:
                return checked_keys(json_param(call.request.params["doc_ids"]), "doc_ids")
            return checked_keys(body.get("doc_ids"), "doc_ids")
        case other:
            raise not_implemented(f"{other} filter")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise CouchError(500, "unknown_error", "badarg")  # 3.5.1 answers just this
    return int(text)


def _wait_s(text: str | None) -> float:
    return min(TIMEOUT_MS_MAX, _number(text) if text else TIMEOUT_MS_MAX) / 1000


def _beat_s(text: str | None) -> float | None:
    if text is None or text == "false":
        return None
    beat = HEARTBEAT_MS if text == "true" else _number(text)
    if beat < 1:
        raise bad_request("The heartbeat value should be a positive integer (in milliseconds).")
    return max(beat, 100) / 1000


def _anything(call: BaseCall, wish: Wish) -> bool:
    if call.base.tally.last_seq <= wish.since:
        return False
    if wish.ids is None:
        return True
    with call.file.reading() as conn:
        return bool(reading.changes_of(conn, call.base, wish.since, wish.ids, docs=False))


def _hold(call: BaseCall, wish: Wish, until: float) -> bool:
    """Wait for a change that matters, until `until`. True if waiting further is of no use."""
    base, seen = call.base, wish.since

    def news() -> bool:
        return base.tally.last_seq > seen or base.dropped or call.store.stopping

    gone = call.request.environ.get("waitress.client_disconnected", lambda: False)
    while (left := until - time.monotonic()) > 0:
        with base.changed:
            told = base.changed.wait_for(news, min(left, LOOK_S))
        if base.dropped or call.store.stopping or (told and _anything(call, wish)) or gone():
            return True
        seen = max(seen, base.tally.last_seq) if told else seen
    return False


def _beating(call: BaseCall, wish: Wish, beat_s: float) -> Iterator[bytes]:
    """A poll that sends a line break every `beat_s` so that no box on the way cuts the line."""
    with call.polls:
        yield b""
        yield b"\n"
        while not _hold(call, wish, time.monotonic() + beat_s):
            yield b"\n"
    yield from _answer(call, wish)


def _answer(call: BaseCall, wish: Wish) -> Iterator[bytes]:
    until = call.base.tally.last_seq
    yield b'{"results":[\n'
    last, number, comma = wish.since, 0, b""
    for page in _pages(call, wish, until):
        yield comma + b",\n".join([_line(call.base, step, wish.docs) for step in page])
        last, number, comma = page[-1].seq, number + len(page), b",\n"
    left = _left(call, wish, last, number)
    if wish.descending or not left:
        last = max(wish.since, until)
    yield b'\n],"last_seq":"%s","pending":%d}\n' % (
        reading.sequence(call.base, last).encode(), left,
    )  # fmt: skip


def _left(call: BaseCall, wish: Wish, last: int, number: int) -> int:
    """How many changes a limit kept back."""
    if wish.limit is None:
        return 0
    with call.file.reading() as conn:
        if wish.ids is not None:
            found = reading.changes_of(conn, call.base, wish.since, wish.ids, docs=False)
            return len(found) - number
        if wish.descending:
            return reading.pending(conn, call.base, 0) - number
        return reading.pending(conn, call.base, last)


def _pages(call: BaseCall, wish: Wish, until: int) -> Iterator[list[Step]]:
    if wish.ids is None:
        span = Span(0 if wish.descending else wish.since, until, wish.descending)
        yield from reading.changes(call.file, call.base, span, limit=wish.limit, docs=wish.docs)
        return
    with call.file.reading() as conn:
        steps = reading.changes_of(conn, call.base, wish.since, wish.ids, docs=wish.docs)
    chosen = (steps[::-1] if wish.descending else steps)[: wish.limit]
    if chosen:
        yield chosen


def _line(base: Base, step: Step, docs: bool) -> bytes:
    doc = step.doc
    head = b'{"seq":"%s","id":%s,"changes":[{"rev":"%s"}]' % (
        reading.sequence(base, step.seq).encode(), encode(doc.id), doc.rev.encode(),
    )  # fmt: skip
    if doc.deleted:
        head += b',"deleted":true'
    return head + (b',"doc":%s}' % doc.json() if docs else b"}")
