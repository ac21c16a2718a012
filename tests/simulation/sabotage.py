"""Built-in bugs, by name: each replaces a piece of the product by one that errs.

The proof that the proof can fail: every one of them must be found within a few seeds. They touch
the running process alone, never a file, and only while :func:`sabotaged` holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from unittest.mock import patch

import cases.fold
import central.delivery
import central.holders
import central.jobs
import central.router
import node.agent
import sync.merging
import sync.pull
import sync.push
import sync.registers
import sync.word
from cases.events import CENTRAL
from central.author import CentralAuthor
from central.delivery import Delivery
from central.district import inbox_name
from central.intake import Intake, write_beside
from central.receipts import Position
from central.router import IntakeLoop
from sync.canonical import digest
from sync.db import write
from sync.envelopes import Envelopes
from sync.errors import RemoteError, RemoteUnavailable
from sync.offer import OFFER, Offered
from sync.ports import Row
from sync.push import CopiedStore
from sync.store import Store
from sync.word import RECEIPT, Word

Piece = tuple[Any, str, Any]
Bug = Callable[[], list[Piece]]


def receipt_before_journal() -> list[Piece]:
    """The receipt is written first, the journal after it."""
    keep = Intake._keep

    def early(self: Intake, envelopes: list[Any]) -> None:
        last = envelopes[-1].event
        if last.point != CENTRAL:
            inbox = self.server.database(inbox_name(last.point))
            body = {"n": last.n, "hash": digest(last.doc), "at": self.district.clock()}
            write_beside(inbox, RECEIPT + last.author, body)
        keep(self, envelopes)

    return [(Intake, "_keep", early)]


def conflict_is_sent() -> list[Piece]:
    """A place in the outbox that is taken counts as sent, whatever its receipt says."""
    return [
        (sync.push, "taken_elsewhere", lambda docs, there: []),
        (sync.pull, "_require_one_life", lambda *given: None),
        *copy_unnoticed()[:1],
    ]


def lost_answer_is_sent() -> list[Piece]:
    """A batch whose answer never came counts as sent, and is not sent again."""
    send, again = sync.push.send, node.agent.Pusher.send_again

    def hopeful(*given: Any) -> Any:
        try:
            return send(*given)
        except RemoteUnavailable:
            return [Row(doc["_id"], "1-a", None, None) for doc in given[2]]

    def once(self: Any) -> None:
        if not self.pushed:
            again(self)

    return [
        (sync.push, "send", hopeful),
        (node.agent.Pusher, "send_again", once),
        (node.agent.Pusher, "look_after", lambda self: None),
    ]


def no_key() -> list[Piece]:
    """Envelopes reach an inbox without their keys."""

    class Bare(Envelopes):
        def _wrapped(self, subject: str, author: str) -> tuple[Any, ...]:
            return ()

    return [(central.delivery, "Envelopes", Bare)]


def party_forgotten() -> list[Piece]:
    """The point that decides a case is not thought of."""
    parties = central.holders.parties

    def forgetful(subject: Any, home: str = "") -> Any:
        return parties(subject, home) - {getattr(subject, "deciding", "")}

    return [(central.holders, "parties", forgetful)]


def no_history() -> list[Piece]:
    """A new party of a subject gets what comes from now on, not what was, and no audit looks."""
    lacking = Delivery._lacking

    def newest(self: Delivery, point: str, number: str, read: Any) -> Any:
        found = lacking(self, point, number, read)
        self._given += [(point, event.id) for event in found[:-1]]
        return found[-1:]

    return [(Delivery, "_lacking", newest), (Delivery, "_compare_next", lambda self: None)]


def restored_central_unnoticed() -> list[Piece]:
    """Nobody sees that central was restored: not central, not the points."""
    return [
        (central.router, "forget_if_foreign", lambda store, server: False),
        (central.jobs, "forget_if_foreign", lambda store, server: False),
        (IntakeLoop, "_knows_better", lambda self, change: False),
        (sync.word, "_compare", lambda store, said, known, box: Word()),
        (sync.word, "_last_given", lambda store, point: []),
        (node.agent, "note_bell", lambda store, before, after: False),
        *_never_compared(),
    ]


def _never_compared() -> list[Piece]:
    return [(node.agent, "look_once", lambda store, inbox: ())]


def receipt_never_lowered() -> list[Piece]:
    """A node believes the highest receipt it ever had."""
    read = sync.word.read_receipt
    return [(sync.word, "read_receipt", lambda doc, known: max(known, read(doc, known)))]


def cursor_before_data() -> list[Piece]:
    """The cursor is moved in a transaction of its own, before the data, and nobody compares."""
    merge = Store.merge

    def early(self: Store, envelopes: Any, *, cursor: Any = None, rest: Any = None) -> Any:
        if cursor:
            with write(self.db):
                self.set_cursor(*cursor)
        return merge(self, envelopes, cursor=cursor, rest=rest)

    return [(Store, "merge", early), *_never_compared()]


def gap_skipped() -> list[Piece]:
    """Intake passes over a gap in an outbox, and its receipt with it."""
    judge = Intake._judge

    def onwards(self: Intake, author: str, position: Position, docs: list[Any]) -> Any:
        if docs and "event" in docs[0]:
            first = docs[0]["event"]
            position = Position(first["n"] - 1, first["prev"])
        return judge(self, author, position, docs)

    def highest(self: Intake, author: str) -> Position:
        return Position(*self.store.head(author))

    return [(Intake, "_judge", onwards), (Intake, "position", highest)]


def copy_unnoticed() -> list[Piece]:
    """A store that is a copy goes on as if it were not."""
    ask, push = node.agent.ask_central, node.agent.Pusher._push

    def deaf(*given: Any) -> Word:
        with suppress(CopiedStore):
            return ask(*given)
        return Word()

    def blind(self: Any, author: str) -> int:
        with suppress(CopiedStore):
            return push(self, author)
        return 0

    return [(node.agent, "ask_central", deaf), (node.agent.Pusher, "_push", blind)]


def others_not_offered() -> list[Piece]:
    """After a restore of central a node sends its own events only."""

    def nothing(store: Store, *given: Any) -> Offered:
        with write(store.db):
            store.set_cursor(OFFER, "")
        return Offered(0, True)

    return [(node.agent, "offer_once", nothing)]


def register_not_refolded() -> list[Piece]:
    """A late event of a known subject is stored, and its register left as it was."""
    take_in = sync.merging.take_in

    def lazy(store: Store, part: Any) -> Any:
        taken = take_in(store, part)
        known = {s for s in taken.touched if sync.registers.subject(store.db, s) is not None}
        return taken._replace(touched=taken.touched - known)

    return [(sync.merging, "take_in", lazy)]


def order_of_arrival() -> list[Piece]:
    """Subjects are folded in the order in which their events came here."""
    events_of = sync.registers._events_of

    def as_they_came(db: Any, numbers: list[str], at_hand: Any) -> Any:
        found = events_of(db, numbers, at_hand)
        place = dict(db.execute("SELECT id, seq FROM events").fetchall())
        return {s: sorted(events, key=lambda e: place[e.id]) for s, events in found.items()}

    return [
        (sync.registers, "_events_of", as_they_came),
        (cases.fold, "sorted", lambda events, key: list(events)),
    ]


def refusal_holds_back() -> list[Piece]:
    """What intake refuses is not passed over: whatever follows it waits for ever."""
    return [(Intake, "_refuse", lambda self, author, n, doc, why: None)]


def pending_forgotten() -> list[Piece]:
    """Central's author forgets what it was writing when the line broke."""
    settle = CentralAuthor._settle_pending

    def forgetful(self: CentralAuthor) -> None:
        try:
            settle(self)
        except RemoteError:
            self._pending = None
            raise

    return [(CentralAuthor, "_settle_pending", forgetful)]


def dropped_inbox_left() -> list[Piece]:
    """An inbox that was deleted is made anew, and nobody fills it."""
    return [(Delivery, "audit", lambda self: ())]


BUGS: dict[str, Bug] = {
    bug.__name__.replace("_", "-"): bug
    for bug in (
        receipt_before_journal, conflict_is_sent, lost_answer_is_sent, no_key, party_forgotten,
        no_history, restored_central_unnoticed, receipt_never_lowered, cursor_before_data,
        gap_skipped, copy_unnoticed,  others_not_offered,
        register_not_refolded, order_of_arrival, refusal_holds_back, pending_forgotten,
        dropped_inbox_left,
    )
}  # fmt: skip


def listed() -> str:
    """The names of all built-in bugs and what each does."""
    return "\n".join(f"{name:28}{bug.__doc__}" for name, bug in BUGS.items())


@contextmanager
def sabotaged(name: str) -> Iterator[None]:
    """While it holds, the product has this bug; "" for none."""
    with ExitStack() as stack:
        for place, attribute, piece in BUGS[name]() if name else []:
            create = place is cases.fold  # `sorted` is not its own
            stack.enter_context(patch.object(place, attribute, piece, create=create))
        yield
