"""A line that breaks after every so many bytes, as tests put it before a memory twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sync.blobs.memory import MemoryBlobs
from sync.errors import RemoteUnavailable

REQUEST_BYTES = 600  # what a request weighs besides its chunk


@dataclass
class BreakingLine:
    """Carries ``bytes_max``, breaks, and is mended. ``sent`` is all that was put on it."""

    bytes_max: int
    left: int = field(init=False)
    sent: int = 0
    breaks: int = 0

    def __post_init__(self) -> None:
        self.left = self.bytes_max

    def carry(self, verb: str, size: int) -> None:
        size += REQUEST_BYTES
        self.sent += min(size, self.left)
        if size > self.left:
            self.left, self.breaks = self.bytes_max, self.breaks + 1
            raise RemoteUnavailable("the line broke")
        self.left -= size


def behind(line: BreakingLine, blobs: MemoryBlobs) -> MemoryBlobs:
    """A remote behind that line, with what ``blobs`` holds."""
    return MemoryBlobs(blobs.whole, blobs.parts, before=line.carry)


def losing_answers(every: int) -> Callable[[str, int], None]:
    """An ``after`` hook: each n-th answer is lost, though what was asked is done."""
    count = 0

    def lose(verb: str, size: int) -> None:
        nonlocal count
        count += 1
        if count % every == 0:
            raise RemoteUnavailable("the answer was lost")

    return lose
