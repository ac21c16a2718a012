"""A stand-in for a carrier's server, which misbehaves when it is asked to.

It answers over real HTTP. ``next`` is how the next answers go wrong, one after the other; when
none is left it answers properly, with the traces that it holds.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, request

from tests.serving import served

PAGE = 4
Trace = dict[str, Any]


class PostOffice:
    """The server: what it holds, what it was asked, and how it will answer."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.next: list[str] = []
        self.asked: list[tuple[str, str, str]] = []
        self.rolls = random.Random(7)  # noqa: S311 - how it misbehaves, told by its seed
        self.let_go = threading.Event()
        self.url = ""

    def tell(self, tracking: str, code: str, when: str, place: str = "鼓楼投递部") -> None:
        """Something happened to a parcel."""
        self.traces.append({"mailNo": tracking, "opCode": code, "opTime": when, "opOrgName": place})

    def answer(self) -> Response:
        self.asked.append(
            (request.args["since"], request.args["page"], request.headers["Authorization"])
        )
        how = self.next.pop(0) if self.next else "well"
        return getattr(self, f"_{how}", lambda: self._page(MANGLED[how]))()  # type: ignore[no-any-return]

    def _page(self, mangled: Callable[[PostOffice, list[Trace]], Any] | None = None) -> Response:
        page = int(request.args["page"])
        rows = self.traces[(page - 1) * PAGE : page * PAGE]
        more = len(self.traces) > page * PAGE
        traces = mangled(self, rows) if mangled else rows
        return Response(json.dumps({"traces": traces, "more": more}), mimetype="application/json")

    def _well(self) -> Response:
        return self._page()

    def _slow(self) -> Response:
        self.let_go.wait(10)  # the client gives up long before: that is what is tested
        return self._page()

    def _trickle(self) -> Response:
        def drops() -> Iterator[bytes]:
            while not self.let_go.wait(0.01):
                yield b" "

        return Response(drops(), mimetype="application/json")

    def _broken(self) -> Response:
        return Response("server error", 500)

    def _busy(self) -> Response:
        return Response("slow down", 429, headers={"Retry-After": "7200"})

    def _busy_until(self) -> Response:
        return Response("", 503, headers={"Retry-After": "Wed, 25 Nov 2026 08:00:00 GMT"})

    def _half(self) -> Response:
        whole = self._page().get_data()
        return Response(whole[: len(whole) // 2], mimetype="application/json")

    def _cut(self) -> Response:
        whole = self._page().get_data()
        return Response(whole[:40], headers={"Content-Length": str(len(whole))})

    def _html(self) -> Response:
        return Response("<!doctype html><title>请登录</title>", mimetype="text/html")

    def _gbk(self) -> Response:
        text = json.dumps({"traces": self.traces, "more": False}, ensure_ascii=False)
        return Response(text.encode("gbk"), mimetype="application/json; charset=utf-8")

    def _elsewhere(self) -> Response:
        return Response("", 302, headers={"Location": f"{self.url}?since=x&page=1"})

    def _endless(self) -> Response:
        return Response(json.dumps({"traces": [], "more": True}), mimetype="application/json")

    def _huge(self) -> Response:
        def pour() -> Iterator[bytes]:
            while True:
                yield b" " * 1_000_000

        return Response(pour(), mimetype="application/json")

    def _deep(self) -> Response:
        return Response("[" * 200_000, mimetype="application/json")


def _twice_and_anyhow(office: PostOffice, rows: list[Trace]) -> list[Trace]:
    again = [*rows, *rows]
    office.rolls.shuffle(again)
    return again


MANGLED: dict[str, Callable[[PostOffice, list[Trace]], Any]] = {
    "shuffled": _twice_and_anyhow,
    "gappy": lambda office, rows: rows[::2],
    "floats": lambda office, rows: [{**r, "mailNo": float(r["mailNo"])} for r in rows],
    "rounded": lambda office, rows: [{**r, "mailNo": 1.06012e12} for r in rows],
    "numbers": lambda office, rows: [{**r, "mailNo": int(r["mailNo"]), "opCode": int(r["opCode"])}
                                     for r in rows],
    "zoned": lambda office, rows: [{**r, "opTime": f"{r['opTime'].replace(' ', 'T')}+08:00"}
                                   for r in rows],
    "odd_rows": lambda office, rows: [*rows, None, 5, {}, {"mailNo": []}, {"mailNo": "x" * 99}],
}  # fmt: skip


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """The stand-in on a free port, as long as a test needs it."""
    office, app = PostOffice(), Flask("post_office")
    app.add_url_rule("/traces", "answer", office.answer)
    with served(app) as address:
        office.url = f"{address}/traces"
        try:
            yield office
        finally:
            office.let_go.set()
