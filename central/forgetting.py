"""Central states what is forgotten (``cases.forgotten``): poster slips that no case took in time.

Every step may be repeated, and in several processes at once: stated twice, it is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import structlog

from cases.fold import WrongState
from cases.forgotten import FORGOTTEN, is_due, poster_slips_end
from cases.states import VisitState
from central.author import CentralAuthor
from sync.store import Store

log = structlog.get_logger()
ACTOR = "retention"
AT_ONCE = 500  # a first step after years must not keep the other jobs waiting
#: What a case took bears its visit's number, and stays as long as the case.
_DUE = (
    "SELECT number FROM subjects s WHERE kind='visit' AND state=? AND opened_at<=?"
    " AND NOT EXISTS (SELECT 1 FROM links WHERE other=s.number) ORDER BY changed_at"
)


class Forgetting:
    """One process's eye on what has had its time.

    :param store: a read model that follows the journal.
    """

    def __init__(self, store: Store, author: CentralAuthor, clock: Callable[[], str]) -> None:
        self._store = store
        self._author = author
        self._clock = clock
        self._said: set[str] = set()  # what is on its way to the read model

    def step(self) -> int:
        """State it of the next poster slips whose time is over. :returns: of how many.

        :raises RemoteError: it is not known whether the last one was stated; the step is repeated.
        """
        due = [VisitState.NEW.value, poster_slips_end(self._clock())]
        numbers = [n for (n,) in self._store.db.execute(_DUE, due).fetchall()]
        self._said.intersection_update(numbers)
        others = (number for number in numbers if number not in self._said)
        return len(list(islice(filter(self._forget, others), AT_ONCE)))

    def begin_anew(self) -> None:
        """The journal was restored: what was on its way may never come."""
        self._said.clear()

    def _forget(self, number: str) -> bool:
        if not is_due(self._store.subject(number), self._clock()):
            return False
        try:
            self._author.state(self._store, FORGOTTEN, number, {}, actor=ACTOR)
        except WrongState as why:
            log.info("not stated", type=FORGOTTEN, why=str(why))
            return False
        self._said.add(number)
        return True
