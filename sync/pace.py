"""How long to wait before trying again: exponential back-off with full jitter. Pure, no clock."""

from __future__ import annotations

from collections.abc import Callable

DOUBLINGS_MAX = 64
"""Beyond this many failures the ceiling holds anyway, and floats would overflow."""


class Pace:
    """The waits between tries at one thing. The caller sleeps; this only counts.

    The wait after the n-th failure in a row is chosen evenly between nothing and
    ``base_s * 2**(n - 1)``, at most `ceiling_s`: stores that lost the line together do not all
    come back in the same second. `random` gives floats from 0 up to, but without, 1.
    """

    def __init__(
        self,
        base_s: float = 0.5,
        ceiling_s: float = 60,
        *,
        random: Callable[[], float],
    ) -> None:
        if not 0 < base_s <= ceiling_s:
            raise ValueError(f"a pace needs 0 < base_s <= ceiling_s, not {base_s} and {ceiling_s}")
        self._base_s = base_s
        self._ceiling_s = ceiling_s
        self._random = random
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many tries in a row have failed."""
        return self._failures

    def failed(self) -> float:
        """Count a failed try and return the seconds to wait before the next."""
        doublings = min(self._failures, DOUBLINGS_MAX)
        self._failures += 1
        return self._random() * min(self._ceiling_s, self._base_s * 2.0**doublings)

    def succeeded(self) -> None:
        """Forget the failures: the next one waits for a moment only."""
        self._failures = 0

    def at_once(self) -> float:
        """Begin anew because somebody asked or the line is back; return no wait at all.

        The failures are forgotten too, so that a try that fails again is soon repeated.
        """
        self._failures = 0
        return 0.0
