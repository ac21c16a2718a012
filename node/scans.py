"""Scans of a case at this node: attached here, or fetched from central when somebody opens one.

A scan lies on the disk sealed, and is unsealed only on its way to who opens it. Its blob is durable
before the event that names it is written: a case never names what was not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO

from cases.events import CENTRAL, point_of
from cases.fold import WrongState, permit
from cases.folded import Case, Scan, Visit
from cases.scans import SCAN_REMOVED, SCANNED, SCANS_MAX, described
from cases.times import shown
from node import officer
from node.line import word_of
from node.local import Local
from node.people_card import opened
from node.permissions import RECEIVING, Person, refusal, require
from node.steps_card import point_name
from sync.blobs.book import BlobBook, Entry
from sync.blobs.seal import new_blob_key, seal_blob, unseal_blob
from sync.scan_files import FILE_CHARS_MAX, facts_of, prepared
from sync.seal import CannotUnseal

SCAN_BYTES_MAX = 20 * 1024 * 1024
ATTACH = "附扫描件"
REMOVE = "撤下扫描件"
OTHER = "其他材料"


@dataclass(frozen=True)
class ScanRow:
    """One scan as the case page lists it. Its file's name may name a person: it is not here."""

    id: str
    paper: str
    what: str
    pages: int
    how: str
    seen: bool
    may_remove: bool
    mark: str
    tone: str
    problem: str


@dataclass(frozen=True)
class OpenScan:
    """A scan that is being read: its type, its file's name, its bytes."""

    media: str
    file: str
    pieces: Generator[bytes, None, None]


@dataclass(frozen=True)
class AwaitedScan:
    """A scan that is on its way from central: what to tell who waits, and when to look again."""

    title: str
    words: str
    have: int
    size: int
    look_again_seconds: int


def may_attach(local: Local, case: Case, person: Person) -> str:
    """Why this person may not attach a scan to this case now, or empty."""
    if problem := refusal(person, RECEIVING, ATTACH, case):
        return problem
    if len(case.scans) >= SCANS_MAX:
        return f"一件最多附 {SCANS_MAX} 份扫描件"
    try:
        least = {"blob": "", "size": 0, "media": ""}
        permit(case, SCANNED, local.identity.author, least, ("file", "key"))
    except WrongState as problem:
        return str(problem)
    return ""


def attach(
    local: Local, case: Case, person: Person, op: str, *, plain: BinaryIO, file: str, position: int
) -> str:
    """Keep a scan, sealed, and state that the case has it. :returns: what to tell the person.

    :raises BadField: it is no file of ours. :raises NotPermitted: this person may not.
    :raises WrongState: the case does not take one now. :raises OSError: the disk does not.
    """
    require(person, RECEIVING, ATTACH, case)
    if problem := may_attach(local, case, person):
        raise WrongState(problem)
    scan = prepared(plain)
    folder, key = local.node.blobs, new_blob_key()
    blob, size = folder.keep(seal_blob(key, case.number, scan.plain))
    data = facts_of(scan, blob, size, position)

    def work(hand: officer.Hand) -> str:
        private = {"file": file[-FILE_CHARS_MAX:] or scan.media, "key": key}
        hand.state(SCANNED, case.number, sealed=private, **data)
        BlobBook(hand.w.store).store_here(blob, size)
        return "扫描件已存在本机，联网后自动传到区中心"

    try:
        return officer.once(local, op, person, work)
    finally:
        if not _is_named(local, case.number, blob):
            folder.drop(blob)  # sent twice, or refused: nobody has its key any more


def may_remove(local: Local, case: Case, scan: Scan, person: Person) -> str:
    """Why this person may not take a scan back, or empty."""
    if problem := refusal(person, RECEIVING, REMOVE, case):
        return problem
    try:
        permit(case, SCAN_REMOVED, local.identity.author, {"scan": scan.event})
    except WrongState as problem:
        return str(problem)
    return ""


def remove(local: Local, case: Case, scan: Scan, person: Person, op: str) -> str:
    """Take back a scan that was attached by mistake; its bytes go, that it was there stays.

    :returns: what to tell the person.
    :raises NotPermitted: this person may not. :raises WrongState: it is another party's, or gone.
    """
    require(person, RECEIVING, REMOVE, case)

    def work(hand: officer.Hand) -> str:
        hand.state(SCAN_REMOVED, case.number, scan=scan.event)
        BlobBook(hand.w.store).forget(scan.blob)
        return "已撤下，这份扫描件不再提供"

    words = officer.once(local, op, person, work)
    if not _is_named(local, case.number, scan.blob):
        local.node.blobs.drop(scan.blob)
    return words


def _is_named(local: Local, number: str, blob: str) -> bool:
    case = local.store.case(number)
    return case is not None and any(scan.blob == blob for scan in case.scans)


def rows(local: Local, case: Case, person: Person) -> tuple[ScanRow, ...]:
    """The scans of a case, each blob once, in the order in which they were attached."""
    book = BlobBook(local.store)
    once = {scan.blob: scan for scan in reversed(case.scans)}
    return tuple(
        _row(local, case, scan, person, book.entry(scan.blob)) for scan in reversed(once.values())
    )


def attached_by(local: Local, scan: Scan, person: Person) -> bool:
    """Whether this very person attached a scan here: it shows them nothing that is new to them."""
    event = local.store.event(scan.event)
    here = local.node.blobs.size(scan.blob) is not None
    return here and event is not None and event.actor == person.id


def _row(local: Local, case: Case, scan: Scan, person: Person, entry: Entry | None) -> ScanRow:
    mark, tone = _standing(local, scan, entry)
    picture = scan.media.startswith("image/")
    return ScanRow(
        id=id_of(scan),
        paper=_paper(case, scan.position),
        what=described(scan.media, scan.size, scan.pages),
        pages=scan.pages,
        how=f"{shown(scan.at, local.now())}，{_giver(local, scan)}",
        seen=picture and attached_by(local, scan, person),
        may_remove=not may_remove(local, case, scan, person),
        mark=mark,
        tone=tone,
        problem=entry.problem if entry else "",
    )


def _giver(local: Local, scan: Scan) -> str:
    point = point_of(scan.by)
    return "申请人用手机交的" if point == CENTRAL else point_name(local, point)


def _standing(local: Local, scan: Scan, entry: Entry | None) -> tuple[str, str]:
    here = local.node.blobs.size(scan.blob) is not None
    if entry and entry.wanted_at:
        return "正在取", "amber"
    if not here:
        return "在区中心，打开时取", "plain"
    if entry and entry.safe_at:
        return "区中心已收到", "green"
    done = f"（{100 * entry.sent // scan.size}%）" if entry and entry.sent else ""
    return f"待传{done}", "amber"


def _paper(case: Case, position: int) -> str:
    return next((m.name for m in case.materials if m.position == position), OTHER)


def id_of(scan: Scan) -> str:
    """What an address calls a scan."""
    return scan.blob.removeprefix("sha256:")


def find(subject: Case | Visit, id: str) -> Scan | None:
    """The scan of a case (or of an application from home) that an address names."""
    return next((scan for scan in subject.scans if id_of(scan) == id), None)


def named(case: Case, scan: Scan) -> str:
    """What the log of showings calls it."""
    return f"扫描件：{_paper(case, scan.position)}（{id_of(scan)[:12]}）"


def open_scan(local: Local, subject: Case | Visit, scan: Scan) -> OpenScan | AwaitedScan:
    """The scan unsealed, if it is here; else it is asked for, and the person is told.

    :raises CannotUnseal: this store has no key for it.
    """
    return open_blob(local, subject.number, scan, lambda: _key_of(local, subject, scan.blob))


def open_blob(
    local: Local, subject: str, scan: Scan, fields_of: Callable[[], Mapping[str, Any]]
) -> OpenScan | AwaitedScan:
    """What a subject's event named, unsealed, if it is here; else it is asked for.

    :param fields_of: the sealed part of that event: ``key``, and ``file``, what it is called.
    :raises CannotUnseal: it is damaged, or there is no key for it.
    """
    folder = local.node.blobs
    if folder.size(scan.blob) is None:
        return _awaited(local, scan)
    if not folder.is_intact(scan.blob):
        entry = BlobBook(local.store).entry(scan.blob)
        if entry is None or not entry.safe_at:
            raise CannotUnseal("这份扫描件的文件在本机损坏了，区中心也没有，打不开。请重新扫描")
        folder.drop(scan.blob)
        return _awaited(local, scan)
    fields = fields_of()
    pieces = _unsealed(str(fields["key"]), subject, folder.open(scan.blob))
    first = next(pieces)  # proven before the answer begins
    return OpenScan(scan.media, str(fields["file"]), _all(first, pieces))


def _unsealed(key: str, number: str, file: BinaryIO) -> Generator[bytes, None, None]:
    with file:
        yield from unseal_blob(key, number, file)


def _all(first: bytes, others: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    with closing(others):
        yield first
        yield from others


def _key_of(local: Local, subject: Case | Visit, blob: str) -> dict[str, Any]:
    """The sealed part of an event that names the blob: any of them opens it."""
    for scan in subject.scans:
        fields = opened(local, scan.event) if scan.blob == blob else None
        if fields and {"key", "file"} <= fields.keys():
            return fields
    raise CannotUnseal("本机没有这份扫描件的密钥，打不开。联网后再试；还是不行请联系区中心")


def _awaited(local: Local, scan: Scan) -> AwaitedScan:
    entry = BlobBook(local.store).want(scan.blob, scan.size, local.now())
    have = local.node.blobs.part_size(scan.blob)
    if not word_of(local.store).ok:
        words = "这份扫描件在区中心，本机还没有。不用一直等：恢复后本机自己会取，取到就打开。"
        return AwaitedScan("网络断开，恢复后自动取", words, have, scan.size, 5)
    if entry.problem:
        return AwaitedScan("还取不到，会自动再试", entry.problem, have, scan.size, 5)
    return AwaitedScan("正在从区中心取，稍候自动打开", "取到就在这一页打开。", have, scan.size, 1)
