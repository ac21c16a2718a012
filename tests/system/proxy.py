"""Lines between nodes and central that can be made bad: small TCP proxies in one thread.

What a line is like counts for every byte that passes from then on. To change it ends whatever a
black hole has swallowed, and to cut it ends every connection.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto

CHUNK_BYTES = 64 * 1024
DRIP_BYTES = 40
DRIP_S, DELAY_S = 0.01, 0.15

Pair = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


class Like(Enum):
    """What a line is like."""

    SOUND = auto()
    CUT = auto()  # whoever comes is turned away
    SLOW = auto()  # every answer comes late
    DRIPPING = auto()  # every answer comes by a few bytes
    HOLE = auto()  # connections stand, and nothing passes in either direction
    TORN = auto()  # the connection is reset in the middle of an answer
    DEAF = auto()  # the request is carried out, and its answer lost


class Line:
    """One proxy. `port` is where a node finds central at; `passed` counts the faults it met."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._pairs: set[Pair] = set()
        self.like = Like.SOUND
        self.port = 0
        self.met: dict[Like, int] = dict.fromkeys(Like, 0)

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def become(self, like: Like) -> None:
        """To be called in the loop's thread."""
        if Like.CUT is like or Like.HOLE is self.like:
            self.reset()
        self.like = like

    def reset(self) -> None:
        for pair in self._pairs:
            _abort(pair)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.like is Like.CUT:
            self.met[Like.CUT] += 1
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        pair = writer, back
        self._pairs.add(pair)
        with suppress(OSError):
            await asyncio.gather(self._up(reader, back), self._down(there, writer))
        _abort(pair)
        self._pairs.discard(pair)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK_BYTES):
            if self.like is not Like.HOLE:
                writer.write(data)
                await writer.drain()
        raise ConnectionError("the node has gone")

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK_BYTES):
            self.met[self.like] += 1
            await self._pass(data, writer)
        raise ConnectionError("central has gone")

    async def _pass(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self.like is Like.DEAF:
            raise ConnectionError("the answer is lost")
        if self.like is Like.SLOW:
            await asyncio.sleep(DELAY_S)
        while self.like is Like.DRIPPING and len(data) > DRIP_BYTES:
            writer.write(data[:DRIP_BYTES])
            data = data[DRIP_BYTES:]
            await asyncio.sleep(DRIP_S)
        if self.like is Like.TORN:
            writer.write(data[: len(data) // 2])
            await writer.drain()
            raise ConnectionError("torn in the middle of an answer")
        if self.like is not Like.HOLE:
            writer.write(data)
            await writer.drain()


def _abort(pair: Pair) -> None:
    for writer in pair:
        writer.transport.abort()


class Lines:
    """All lines of a district, kept in one thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lines")
        self._servers: list[asyncio.Server] = []
        self.all: list[Line] = []

    def lay(self, target: int) -> Line:
        """A new line to a port of this machine."""
        line = Line(target)
        self._servers.append(asyncio.run_coroutine_threadsafe(line.listen(), self._loop).result(5))
        self.all.append(line)
        return line

    def make(self, line: Line, like: Like) -> None:
        """From now on a line is like this."""
        self._loop.call_soon_threadsafe(line.become, like)

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for line in self.all:
            line.reset()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others, timeout=5) if others else None

    @contextmanager
    def running(self) -> Iterator[Lines]:
        self._thread.start()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
