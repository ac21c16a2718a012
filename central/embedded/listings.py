"""Handlers of `_all_docs` in its forms, and of `_local_docs`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from central.embedded import reading
from central.embedded.call import BaseCall, checked_keys, json_param, number_param
from central.embedded.errors import bad_request, illegal_id
from central.embedded.reading import Range, Stored
from central.embedded.wire import Answer, encode, json_answer

QUERIES_MAX = 1_000
_NUMBERS, _FLAGS = ("limit", "skip"), ("descending", "inclusive_end", "include_docs")
_KEYS = ("key", "startkey", "start_key", "endkey", "end_key")


def all_docs(call: BaseCall) -> Answer:
    """Documents in the order of their ids: a range, or those named by `keys`."""
    options = _from_query(call)
    if call.request.method == "POST":
        options.update(call.request.json_object())
    return Answer(_streamed(_listing(call, options)))


def partition_docs(call: BaseCall) -> Answer:
    """`_all_docs` of one partition: the ids that begin with its name and a colon."""
    partition = call.request.segments[2]
    if not call.base.partitioned or not partition:
        raise bad_request("database is not partitioned")
    if partition.startswith("_"):
        raise illegal_id("partition names may not start with underscore")
    options = _from_query(call)
    wanted = _range(options)
    low, high = partition + ":", partition + ";"  # ";" is the character after ":"
    if low > wanted.low:
        wanted = replace(wanted, low=low, low_open=False)
    if high <= wanted.high:
        wanted = replace(wanted, high=high, high_open=True)
    with call.file.reading() as conn:
        inside = reading.number(conn, call.base, low, high)
    return Answer(_streamed(_range_listing(call, wanted, total=inside, offset=0)))


def all_docs_queries(call: BaseCall) -> Answer:
    """Several `_all_docs` in one request."""
    queries = call.request.json_object().get("queries")
    if not isinstance(queries, list) or len(queries) > QUERIES_MAX:
        raise bad_request("`queries` body member must be an array.")
    for query in queries:
        if not isinstance(query, dict):
            raise bad_request("Each of `queries` must be an object.")
    listings = [_listing(call, query) for query in queries]

    def pieces() -> Iterator[bytes]:
        yield b'{"results":['
        for number, listing in enumerate(listings):
            yield b"," if number else b""
            yield from listing
        yield b"]}\n"

    return Answer(pieces())


def local_docs(call: BaseCall) -> Answer:
    """The ids of the local documents."""
    with call.file.reading() as conn:
        rows = [
            {"id": id, "key": id, "value": {"rev": rev}}
            for id, rev in reading.local_ids(conn, call.base)
        ]
    return json_answer({"total_rows": None, "offset": None, "rows": rows})


def _from_query(call: BaseCall) -> dict[str, Any]:
    params = call.request.params
    options: dict[str, Any] = {name: json_param(params[name]) for name in _KEYS if name in params}
    if "keys" in params:
        options["keys"] = json_param(params["keys"])
    for name in _NUMBERS:
        if name in params:
            options[name] = number_param(params[name], name)
    for name in _FLAGS:
        if name in params:
            options[name] = params[name] == "true"
    return options


def _listing(call: BaseCall, options: dict[str, Any]) -> Iterator[bytes]:
    wanted = _range(options)
    if "keys" in options:
        return _key_listing(call, checked_keys(options["keys"]), docs=wanted.docs)
    with call.file.reading() as conn:
        offset = reading.offset(conn, call.base, wanted)
    return _range_listing(call, wanted, total=call.base.tally.live, offset=offset)


def _range(options: dict[str, Any]) -> Range:
    """The options of CouchDB as a Range of ids."""
    descending = options.get("descending") is True
    start = options.get("startkey", options.get("start_key"))
    end = options.get("endkey", options.get("end_key"))
    if "key" in options:
        start = end = options["key"]
    has_end = "key" in options or "endkey" in options or "end_key" in options
    has_start = "key" in options or "startkey" in options or "start_key" in options
    first = _bound(start, low=not descending) if has_start else None
    last = _bound(end, low=descending) if has_end else None
    exclusive = options.get("inclusive_end") is False and has_end
    low, high = (last, first) if descending else (first, last)
    return Range(
        low=low or "",
        high=reading.LAST if high is None else high,
        low_open=exclusive and descending,
        high_open=exclusive and not descending,
        limit=_whole(options, "limit", None),
        skip=_whole(options, "skip", 0) or 0,
        descending=descending,
        docs=options.get("include_docs") is True,
    )


def _bound(key: object, *, low: bool) -> str:
    """An id to compare with: numbers and null sort before all ids, lists and objects after."""
    if isinstance(key, str):
        return key
    return reading.LAST if isinstance(key, (list, dict)) else ""


def _whole(options: dict[str, Any], name: str, default: int | None) -> int | None:
    value = options.get(name, default)
    if value is not None and (type(value) is not int or value < 0):
        raise bad_request(f"Invalid value for integer: {name}")
    return value


def _key_listing(call: BaseCall, keys: list[str], *, docs: bool) -> Iterator[bytes]:
    yield b'{"total_rows":%d,"offset":null,"rows":[' % call.base.tally.live
    step = reading.KEYS_AT_ONCE
    for start in range(0, len(keys), step):
        some = keys[start : start + step]
        with call.file.reading() as conn:
            found = reading.by_keys(conn, call.base, some, docs=docs)
        rows = [
            b'{"key":%s,"error":"not_found"}' % encode(key) if doc is None else _row(doc, docs)
            for key, doc in zip(some, found, strict=True)
        ]
        yield (b",\n" if start else b"\n") + b",\n".join(rows)
    yield b"\n]}"


def _range_listing(
    call: BaseCall, wanted: Range, *, total: int, offset: int | None
) -> Iterator[bytes]:
    yield b'{"total_rows":%d,"offset":%s,"rows":[' % (total, encode(offset))
    comma = b"\n"
    for page in reading.listed(call.file, call.base, wanted):
        yield comma + b",\n".join([_row(doc, wanted.docs) for doc in page])
        comma = b",\n"
    yield b"\n]}"


def _row(doc: Stored, docs: bool) -> bytes:
    key, rev = encode(doc.id), doc.rev.encode()
    if doc.deleted:
        tail = b',"doc":null}' if docs else b"}"
        return b'{"id":%s,"key":%s,"value":{"rev":"%s","deleted":true}' % (key, key, rev) + tail
    tail = b',"doc":%s}' % doc.json() if docs else b"}"
    return b'{"id":%s,"key":%s,"value":{"rev":"%s"}' % (key, key, rev) + tail


def _streamed(listing: Iterator[bytes]) -> Iterator[bytes]:
    yield from listing
    yield b"\n"
