"""Taking a carrier's bill in: read, held against our parcels in bounded steps, then kept whole.

Until the last step nothing is kept but how far it is: a broken file, or somebody who goes away in
between, leaves nothing half done. The same bill sent again is recognised, also as another file.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import TypeVar

import msgspec

from cases.reading import BadData
from cases.times import from_text, to_text
from central import bill_db
from central.bill_db import Body, Head, open_bill_db
from central.context import bundle, district, now, store
from central.mail_tables import postage
from central.sent_mail import Accounts, may_concern
from central.sheets import filled, read_sheets
from courier.bill_columns import initial_words
from courier.bill_rows import BillLine, Note, read_bill
from courier.bills import Ledger, Sent, reconcile
from courier.look.signin import current_account
from courier.postage import province_in, samples
from sync.registers import parcel_of_tracking

T = TypeVar("T")
STEP_PARCELS = 500
IMPORT_DAYS_KEPT = 7
NAME_CHARS_MAX = 80


class SameBill(Exception):
    """This bill is here already; ``id`` says which one it is."""

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self.id = id


class Coming(msgspec.Struct):
    """A bill on its way: what it says, and how many of our parcels it has been held against.

    ``bill``: the one that is reconciled anew; empty for a new one.
    """

    head: tuple[str, str, str]
    digest: str
    lines: tuple[BillLine, ...]
    passed_over: tuple[Note, ...]
    problems: tuple[Note, ...]
    waiting: list[str]
    count: int
    ours: list[Sent] = []
    bill: str = ""

    @property
    def looked_at(self) -> int:
        """How many parcels have been looked at."""
        return self.count - len(self.waiting)


def at_db(work: Callable[..., T], *given: object, **named: object) -> T:
    """Do something with the file of the bills."""
    with closing(open_bill_db(district().config.data)) as db:
        return work(db, *given, **named)


def me() -> str:
    """Who is signed in, by name."""
    account = current_account("signin")
    return account.display if account else ""


def accounts() -> Accounts:
    """Our parcels as the accounts see them."""
    return Accounts(store(), bundle().divisions, postage())


def begin(name: str, content: bytes, carrier: str, month: str) -> str:
    """Read a bill and begin to hold it against our parcels. :returns: the import's id.

    :raises BadData: it cannot be read, or holds no parcel, with what to do.
    :raises SameBill: it is here already.
    """
    digest = hashlib.sha256(content).hexdigest()
    if known := at_db(bill_db.same_bill, digest, ""):
        raise SameBill(known)
    lines, passed_over, problems = _read(name, content, int(month[:4]))
    if known := at_db(bill_db.same_bill, digest, content_of(lines)):
        raise SameBill(known)
    waiting = may_concern(store(), month)
    coming = Coming(
        (carrier, month, name[-NAME_CHARS_MAX:]), digest, lines, passed_over, problems, waiting,
        len(waiting),
    )  # fmt: skip
    return keep(coming)


def _read(
    name: str, content: bytes, year: int
) -> tuple[tuple[BillLine, ...], tuple[Note, ...], tuple[Note, ...]]:
    """The lines of all sheets that are bills; one that is none is passed over, unless all are."""
    sheets = read_sheets(name, content)
    read, why, notes = [], BadData("里面没有内容，请换一个文件"), list[Note]()
    for sheet in sheets:
        title = "" if len(sheets) == 1 else sheet.name
        try:
            read.append(read_bill(title, filled(sheet), initial_words(), year))
        except BadData as wrong:
            why = wrong
            notes.append(Note(sheet.name, 0, "", f"这张表没有读：{wrong}"))
    if not any(bill.lines for bill in read):
        raise why if not read else BadData("认出了列名，可是下面没有一行是邮件，请换一个文件")
    return (
        tuple(line for bill in read for line in bill.lines),
        (*notes, *(note for bill in read for note in bill.passed_over)),
        tuple(note for bill in read for note in bill.problems),
    )


def content_of(lines: tuple[BillLine, ...]) -> str:
    """What a bill says, whatever file it stands in and in whatever order."""
    said = sorted((ln.tracking or ln.raw, ln.day, ln.weight_g, ln.fen) for ln in lines)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def again(head: Head, body: Body) -> str:
    """Begin to hold a kept bill against our parcels anew. :returns: the import's id."""
    waiting = may_concern(store(), head.month)
    coming = Coming(
        (head.carrier, head.month, head.name), "", body.lines, body.passed_over, body.problems,
        waiting, len(waiting), bill=head.id,
    )  # fmt: skip
    return keep(coming)


def keep(coming: Coming, id: str = "") -> str:
    """Keep how far a bill is. :returns: its import's id."""
    id = id or secrets.token_hex(8)
    before = to_text(from_text(now()) - timedelta(days=IMPORT_DAYS_KEPT))
    at_db(bill_db.drop_imports, before=before)
    at_db(bill_db.keep_import, id, now(), me(), coming)
    return id


def find(id: str) -> Coming | None:
    """A bill on its way, or None."""
    found = at_db(bill_db.read_import, id, Coming)
    return found if isinstance(found, Coming) else None


def step(id: str, coming: Coming) -> str:
    """Look at the next parcels. :returns: the bill's id once it is kept, empty before.

    :raises SameBill: somebody else has taken the same bill in, in the meantime.
    """
    some, coming.waiting = coming.waiting[:STEP_PARCELS], coming.waiting[STEP_PARCELS:]
    carrier, month, _ = coming.head
    coming.ours += accounts().sent_in(some, month, carrier=carrier)
    if coming.waiting:
        keep(coming, id)
        return ""
    return _finish(id, coming)


def _finish(id: str, coming: Coming) -> str:
    carrier, month, name = coming.head
    bill, content = coming.bill or id, content_of(coming.lines)
    known = at_db(bill_db.same_bill, coming.digest, content)
    if known and known != bill:
        raise SameBill(known)
    findings = reconcile(coming.lines, _ledger(coming, bill))
    body = Body(
        coming.lines, coming.passed_over, coming.problems, findings, now(),
        samples(postage(), [carrier]),
    )  # fmt: skip
    head = Head(bill, carrier, month, name, now(), me(), "")
    at_db(bill_db.keep_bill, head, coming.digest, content, body)
    at_db(bill_db.drop_imports, id=id)
    return bill


def _ledger(coming: Coming, bill: str) -> Ledger:
    book, (carrier, month, _) = accounts(), coming.head
    mine = {sent.tracking for sent in coming.ours}
    billed = {line.tracking for line in coming.lines if line.tracking}
    known = {
        tracking: book.sent(parcel)
        for tracking in billed - mine
        if (number := parcel_of_tracking(store().db, tracking))
        and (parcel := store().parcel(number))
    }
    divisions = bundle().divisions
    return Ledger(
        month=month,
        ours=coming.ours,
        expected=lambda sent, grams: book.expected(sent, carrier, grams),
        province=lambda words: province_in(words, divisions),
        known=known,
        charged=at_db(bill_db.charged, billed | mine, but=bill),
    )


def forget_import(id: str) -> None:
    """Throw away a bill that is on its way."""
    at_db(bill_db.drop_imports, id=id)
