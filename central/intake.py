"""Intake (收录): what points and central's own processes wrote is checked and journaled.

Refused is only what cannot be parsed, authenticated or chained; all else is journaled and the
fold judges. An outbox is read from the author's last journaled ``n`` + 1 and the reading stops at
a gap: the last ``n`` in the journal is the checkpoint and the receipt. Every step may run twice.

After a restore, points offer what they hold of others (``sync.offer``). That may leave gaps: the
receipt speaks of what is complete, and what fills a gap must fit at both ends.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

from cases.events import CENTRAL, Event, NotAnEvent, point_of
from cases.folded import StoreBook
from cases.table import TYPES, missing_fields
from cases.times import day_of
from central.author import CentralAuthor
from central.carrying import Carrying
from central.district import JOURNAL, District, outbox_name
from central.holders import is_party
from central.offered import Offers
from central.outboxes import BATCH, Refused, Taken, authors, pages, place
from central.purging import awaits, is_without_key
from central.receipts import SURE, Position, Receipts
from labels.shown import case_shown
from labels.tokens import TokenError
from sync import parked
from sync.canonical import UnfitEvent, digest, require_fit
from sync.db import write
from sync.errors import DoorstepError, Missing, RemoteUnavailable
from sync.opened import keys_in, place_of, unsealed
from sync.ports import Database, Doc, Server
from sync.push import OPENED, PARKED, PURGED, outbox_id, same_event
from sync.seal import CannotUnseal, is_box_key
from sync.sign import certify, is_certificate, is_signed
from sync.store import Envelope, Store, envelope_doc, read_envelope

WHY_CHARS_MAX = 200  # it quotes what was refused, which may be of any length
OPENING = ("case.received", "visit.opened", "parcel.packed")


class Intake:
    """Reads outboxes into the journal. One a thread.

    :param store: the router's read model, which must have followed the journal.
    """

    def __init__(
        self, district: District, server: Server, store: Store, author: CentralAuthor
    ) -> None:
        self.district = district
        self.store = store
        self.author = author
        self.server = server
        self.journal = server.database(JOURNAL)
        self.receipts = Receipts(server, store, district.clock, self.position)
        self.offers = Offers(store, author, district.clock)
        self.carrying = Carrying(server, store, author, self._prove, self._hear_own)
        self._reached: dict[str, Position] = {}
        self._renamed = False

    def take_in(self, party: str, *, behind_gaps: bool = False) -> int:
        """Take in everything that waits in a party's outbox. :returns: how many events.

        Anybody may pass on what another author signed, but only the author's own point is
        answered with a refusal: nobody can make central pass over another's events.

        :param behind_gaps: also what lies behind a gap, which a lost disk may never fill.
        """
        outbox, taken, self._renamed = self.server.database(outbox_name(party)), 0, False
        try:
            for author in authors(outbox):
                if point_of(author) != party:
                    taken += self._offered(author, outbox, party)
                else:
                    taken += self._of_author(author, outbox)
                    taken += self._behind_gap(author, outbox) if behind_gaps else 0
                self.offers.settle(author)
                self._hear_offers()
        except Missing:
            return 0
        return taken

    def _hear_offers(self) -> None:
        if self.offers.unheard:
            self._hear_own()
            self.offers.unheard = False

    def _hear_own(self) -> None:
        """Journal what this router has just stated itself."""
        self._of_author(self.author.author, self.server.database(outbox_name(CENTRAL)))

    def _of_author(self, author: str, outbox: Database) -> int:
        taken = 0
        while True:
            position = self.position(author)
            docs = outbox.range(
                outbox_id(author, position.n + 1), f"{author};", limit=BATCH, docs=True
            )
            docs = _with_first(author, position, docs)
            envelopes = self._judge(author, position, docs)
            if envelopes:
                self._keep(envelopes)
                taken += len(envelopes)
            whole = bool(envelopes) and len(envelopes) == len(docs) < BATCH  # later ones ring again
            if whole or (not envelopes and self.position(author) == position):
                self.receipts.tell(author, self.position(author))
                return taken

    def _offered(self, author: str, outbox: Database, party: str) -> int:
        """Take in what a party still holds of another author, gaps or not, and clear it away.

        The author may be lost for ever. What the gaps held may come from others, in any order.
        """
        taken = 0
        for page in pages(outbox, author, 1):
            docs = [doc for doc in page if not awaits(self.store, doc)]
            other = self.carrying.contradicted(author, docs)
            found = [self._or_park(author, doc, party, doc["_id"] in other) for doc in docs]
            if new := self._keep_loose(found):
                self.carrying.note_loose(author, min(e.event.n for e in found if e))
            taken += new
            self.carrying.tell(party, docs)
            self._put_right(docs)
            outbox.bulk([{"_id": d["_id"], "_rev": d["_rev"], "_deleted": True} for d in docs])
        if taken:
            self.receipts.tell(author, self.position(author))
        return taken

    def _behind_gap(self, author: str, outbox: Database) -> int:
        """Take in what an author wrote behind a gap. What does not fit is judged in its turn."""
        taken = 0
        for docs in pages(outbox, author, self.position(author).n + 1):
            found = []
            for doc in docs:
                with suppress(Refused):
                    found.append(self._loose(author, doc, own=True))
            taken += self._keep_loose(found)
        if taken:
            self.receipts.tell(author, self.position(author))
        self.carrying.rest(author, outbox, self.position(author).n)
        return taken

    def _keep_loose(self, found: list[Envelope | None]) -> int:
        kept = [envelope for envelope in found if envelope is not None]
        if kept:
            self._keep(kept)
        return len(kept)

    def _put_right(self, docs: list[Doc]) -> None:
        """What somebody else offered whole needs nobody any more."""
        waiting = parked.among(self.store.db, (str(doc["_id"]) for doc in docs))
        there = {id for id in waiting if self.store.hash_at(id.partition(":")[0], place(id))}
        if there:
            with write(self.store.db):
                parked.drop(self.store.db, there)

    def _or_park(self, author: str, doc: Doc, party: str, contradicted: bool) -> Envelope | None:
        """An offered envelope; what has no place is carried, the rest put aside for a person.

        :param contradicted: the author's own outbox has another fact in its place.
        """
        try:
            if contradicted:
                raise Taken("作者自己的发件箱里，这个位置是另一内容")
            return self._loose(author, doc, own=False)
        except Refused as why:
            if isinstance(why, Taken) and self.carrying.carry(author, doc):
                return None
            n = place(str(doc["_id"]))
            self.offers.put_aside(author, n, doc, offered_by=party, why=str(why))
            self._hear_offers()
            return None

    def _loose(self, author: str, doc: Doc, *, own: bool) -> Envelope | None:
        """An envelope that need not follow what is journaled; None if it is journaled already.

        :raises Refused: it is unsound, or does not fit its neighbours where these are known.
        """
        n, event = place(str(doc["_id"])), doc.get("event")
        known = self.store.hash_at(author, n)
        if known and isinstance(event, dict) and digest(event) == known:
            return None
        if known or n <= self.position(author).n:
            raise Taken("这个位置已是另一内容")
        before = self.store.hash_at(author, n - 1) or ""
        self.carrying.require_life(author, n, event, before)
        return self._check(author, Position(n - 1, before), doc, own=own)

    def position(self, author: str) -> Position:
        """How far an author's events are journaled or refused, without a gap."""
        n, hash = self._reached.get(author, Position(0, ""))
        book = self.store.subject(author)
        refused = {
            int(r["n"]): str(r["hash"])
            for r in (book.refused if isinstance(book, StoreBook) else ())
        }
        while (further := self.store.reach(author, n)) > n or n + 1 in refused:
            if further > n:
                n, hash = further, self.store.hash_at(author, further) or ""
            else:
                n, hash = n + 1, refused[n + 1]
        self._reached[author] = Position(n, hash)
        return self._reached[author]

    def forget(self) -> None:
        """The read model is built anew: nothing that was known of it holds."""
        self._reached.clear()

    def _judge(self, author: str, position: Position, docs: list[Doc]) -> list[Envelope]:
        """The envelopes that may be journaled, up to a gap or the first refusal."""
        good: list[Envelope] = []
        for doc in docs:
            if doc["_id"] != outbox_id(author, position.n + 1):
                break  # a gap: what is missing comes later
            try:
                envelope = self._check(author, position, doc)
            except Refused as why:
                if not good and not self.carrying.is_other_life(author, doc, why):
                    self._refuse(author, position.n + 1, doc, str(why))
                break
            if any(envelope.event.id == other.event.id for other in good):
                break  # the next round finds the first one journaled, and refuses this one
            good.append(envelope)
            position = Position(position.n + 1, digest(envelope.event.doc))
        return good

    def _check(self, author: str, position: Position, doc: Doc, *, own: bool = True) -> Envelope:
        """The envelope as it is journaled. ``own``: it came from the author's own point."""
        envelope = self._read(author, position.n + 1, doc)
        if (known := self.store.holds(envelope.event.id)) and known != envelope.event.n:
            raise Taken(f"编号已被第 {known} 条占用")
        self._require_linked(envelope.event, position)
        return self._proven(envelope, own=own)

    def _read(self, author: str, n: int, doc: Doc) -> Envelope:
        """The envelope in an outbox document."""
        if isinstance(event := doc.get("event"), dict) and PARKED in event:
            raise Refused("发件箱收不下，受理点只留了占位")
        try:
            envelope = read_envelope(doc)
            require_fit(envelope.event.doc)
            require_fit(envelope.more or {})
        except (NotAnEvent, UnfitEvent) as error:
            raise Refused(f"看不懂：{error}") from None
        if (envelope.event.author, envelope.event.n) != (author, n):
            raise Refused("作者或序号与发件箱的编号不符")
        return envelope

    def _prove(self, author: str, doc: Doc) -> Envelope:
        """The envelope in a document that need fit nowhere, as it is journaled."""
        return self._proven(self._read(author, place(str(doc["_id"])), doc), own=False)

    def _proven(self, envelope: Envelope, *, own: bool) -> Envelope:
        """The envelope as it is journaled, if the author signed it and may open its subject."""
        event = envelope.event
        cert = self._certificate(envelope, own=own)
        if not is_signed(event.doc, str(cert["sign_key"])):
            raise Refused("签名不符")
        if event.type in OPENING and self.store.home_of(event.subject) != event.point:
            raise Refused("编号不属于这个受理点")
        keys, now = self._rewrapped(envelope, own=own), self.district.clock()
        if event.type == "case.shown":
            self._require_shown(event, keys)
        more = {k: v for k, v in (envelope.more or {}).items() if k not in (OPENED, PURGED)}
        return Envelope(event, keys, cert, now, more or None)

    def _require_linked(self, event: Event, position: Position) -> None:
        """The event follows the one before it and precedes the one behind it, where known."""
        if event.prev != position.hash and (position.hash or position.n == 0):
            raise Taken("与前一条接不上（prev 不符）")
        behind = self.store.of_author(event.author, event.n, 1)
        if behind and behind[0].n == event.n + 1 and behind[0].prev != digest(event.doc):
            raise Taken("后一条已在日志里，与这一条接不上")

    def _certificate(self, envelope: Envelope, *, own: bool) -> dict[str, Any]:
        """The author's certificate: known, sent along, or made now from its first event."""
        event, root = envelope.event, self.district.secrets.root
        known = self.store.certificate(event.author)
        if known:
            return known
        if is_certificate(envelope.cert, root.public, event.author):
            return dict(envelope.cert or {})
        if event.n != 1 or event.type != "store.opened" or event.subject != event.author:
            raise Refused("这个作者还没有登记公钥")
        if not own:
            raise Refused("公钥只能由本受理点自己的发件箱登记")
        if missing := missing_fields(TYPES["store.opened"], dict(event.data)):
            raise Refused(f"登记公钥的字段不对：{'、'.join(missing)}")
        sign_key, box_key = str(event.data["sign_key"]), str(event.data["box_key"])
        if not is_box_key(box_key):
            raise Refused("登记的公钥不能用")
        at = self.district.clock()
        return certify(root, author=event.author, sign_key=sign_key, box_key=box_key, at=at)

    def _rewrapped(self, envelope: Envelope, *, own: bool) -> tuple[dict[str, str], ...]:
        """The sealing key, unless forgotten, under central's key of the month, not its box."""
        if place_of(envelope.event) is None or is_without_key(self.store, envelope, own=own):
            return ()
        try:
            keys = keys_in(self.store.keyring, envelope.keys)
        except CannotUnseal as error:
            raise Refused(str(error)) from None
        if not keys:
            raise Refused("没有附上中心能打开的密钥")
        return tuple(map(self.store.keyring.wrap, keys))

    def _require_shown(self, event: Event, keys: tuple[dict[str, str], ...]) -> None:
        """The code that makes a point a party is a party's, of this case, valid on that day."""
        try:
            fields = unsealed(keys_in(self.store.keyring, keys), event)
            keys_of = partial(self._token_key, event.subject)
            case = case_shown(str(fields.get("token")), day_of(event.at), keys_of)
        except (CannotUnseal, TokenError, ValueError):
            raise Refused("凭证上的码不是我们印的，或已过期") from None
        if case != event.subject:
            raise Refused("凭证上的码不是这一件的")

    def _token_key(self, subject: str, point_number: int) -> bytes | None:
        found = (p for p in self.district.bundle.directory.points if p.number == point_number)
        may = any(is_party(self.store, subject, point.code) for point in found)
        return self.district.secrets.token_key(point_number) if may else None

    def _keep(self, envelopes: list[Envelope]) -> None:
        """Journal a batch of one author. Whole, at a quorum and behind what is sure, it is sure."""
        first, last = envelopes[0].event, envelopes[-1].event
        follows = self.receipts.sure(first.author, first.n - 1) == first.n - 1
        follows = follows and last.n - first.n == len(envelopes) - 1
        docs = [envelope_doc(e.event.id, e) for e in envelopes]
        rows = self.journal.bulk(docs)
        taken = [row.id for row in rows if row.error == "conflict"]
        there = self.journal.fetch(taken) if taken else {}
        kept = []
        for envelope, doc, row in zip(envelopes, docs, rows, strict=True):
            if row.error == "conflict" and same_event(there.get(row.id), doc):
                kept.append(read_envelope(there[row.id]))
            elif row.error is None:
                kept.append(envelope)
            else:
                raise RemoteUnavailable(f"日志没有收下 {row.id}（{row.error}），稍后再试")
        sure = (SURE + last.author, str(last.n)) if follows and not there else None
        self.store.merge(kept, cursor=sure)
        self._unpark([outbox_id(e.event.author, e.event.n) for e in kept])

    def _unpark(self, taken: list[str]) -> None:
        """What was put aside when one party offered it, and is taken in now, needs nobody more."""
        waited = parked.among(self.store.db, taken)
        if waited:
            with write(self.store.db):
                parked.drop(self.store.db, waited)

    def _refuse(self, author: str, n: int, doc: Doc, why: str) -> None:
        """State the refusal; when it is journaled, the reading passes over the event.

        Of what this router wrote itself, it speaks under a new name: the old one's chain is broken.
        """
        if self.receipts.caught_up(author).n >= n:
            return  # another router has dealt with it meanwhile
        if author == self.author.author:
            if self._renamed:
                raise DoorstepError(f"{doc['_id']}: 中心自己的记录又不能收录：{why}")
            self._renamed = True
            self.author.begin_anew()
        data = {
            "author": author, "n": n, "why": why[:WHY_CHARS_MAX], "hash": self._said(author, n, doc)
        }  # fmt: skip
        self.author.state(self.store, "store.refused", author, data, actor="intake")
        self._hear_own()

    def _said(self, author: str, n: int, doc: Doc) -> str:
        """The hash of a refused event, if it is the author's own; the next one links to it.

        "" for what is not: whatever the author did write there is not known.
        """
        event, cert = doc.get("event"), self.store.certificate(author) or {}
        if not isinstance(event, dict) or (event.get("author"), event.get("n")) != (author, n):
            return ""
        return digest(event) if is_signed(event, str(cert.get("sign_key", ""))) else ""


def _with_first(author: str, position: Position, docs: list[Doc]) -> list[Doc]:
    """An author's documents, behind its first event where only a later one brought that along."""
    first = docs[0].get(OPENED) if docs and position.n == 0 else None
    if not isinstance(first, dict) or (first.get("author"), first.get("n")) != (author, 1):
        return docs
    return [{"_id": outbox_id(author, 1), "event": first}, *docs]


def write_beside(database: Database, id: str, body: dict[str, Any]) -> None:
    """Write a document that is no event, over what stood there, unless it says the same."""
    known = database.get(id)
    if known and {k: v for k, v in known.items() if k[0] != "_"} == body:
        return
    row = database.bulk([{"_id": id, **({"_rev": known["_rev"]} if known else {}), **body}])[0]
    if row.error not in (None, "conflict"):
        raise RemoteUnavailable(f"{database.name}/{id}: {row.error} {row.reason}")
