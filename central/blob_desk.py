"""Central's blobs: who may give and get them, and one copy of each.

A blob belongs to the parties of the cases whose events name it. Before central has heard of such an
event the blob may be uploaded all the same (events and blobs travel apart), within a quota, and
only the point that uploaded it gets it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlite_utils import Database

from cases.deliveries import pictures
from cases.events import CENTRAL, point_of
from cases.folded import Case, Folded, Parcel
from cases.scans import BLOB_BYTES_MAX, is_blob_name
from cases.times import from_text, to_text
from central import blob_index
from central.blob_index import Upload
from central.holders import parties_of
from sync.blobs.book import naming
from sync.blobs.folder import BlobFolder, DamagedBlob, WrongPlace
from sync.blobs.ports import CHUNK_BYTES_MAX, NAMES_MAX, Held
from sync.blobs.request import WINDOW_SECONDS, Asked, Question, body_hash
from sync.db import write
from sync.store import Store

log = structlog.get_logger()
UNNAMED_MAX = 200  # blobs of one point that no event names yet
UNNAMED_BYTES_MAX = 512 * 1024 * 1024
UNNAMED_FOR = timedelta(days=30)
UNFINISHED_FOR = timedelta(days=7)


class NotServed(Exception):
    """Why a question is not answered: a status, a word for programs, a sentence for people."""

    def __init__(self, status: int, error: str, reason: str, *, have: int = 0) -> None:
        super().__init__(reason)
        self.status, self.error, self.reason, self.have = status, error, reason, have


@dataclass(frozen=True)
class Named:
    """What the journal says of a blob: its sizes (one, unless somebody lies), and its parties."""

    sizes: frozenset[int] = frozenset()
    parties: frozenset[str] = frozenset()


@dataclass(frozen=True)
class BlobDesk:
    """One request's view of central's blobs."""

    folder: BlobFolder
    index: Database
    store: Store
    now: str

    def prove(self, asked: Asked, body: bytes) -> str:
        """The point that asks. :raises NotServed: forged, repeated, stale, or a stranger."""
        question = asked.question
        cert = self.store.certificate(question.author)
        if cert is None or point_of(question.author) == CENTRAL:
            raise NotServed(403, "stranger", "区中心还不认识这台电脑：等它的第一批记录上报以后再试")
        if not asked.is_signed(str(cert["sign_key"])):
            raise NotServed(403, "forged", "签名不符，不是这台电脑发的")
        if question.body != body_hash(body):
            raise NotServed(403, "forged", "内容与签名时的不一样")
        if _seconds_apart(question.at, self.now) > WINDOW_SECONDS:
            raise NotServed(403, "stale", "请求的时间与区中心相差太大，请用区中心的时间再签一次")
        if not blob_index.is_first_time(self.index, asked.sig, self.now):
            raise NotServed(403, "replayed", "这个请求已经用过一次，不能重复使用")
        return point_of(question.author)

    def held(self, point: str, name: str) -> Held:
        """How much of a blob is here. :raises NotServed: it is not for this point."""
        self._check_may_give(point, name)
        size = self.folder.size(name)
        if size is not None:
            return Held(size, whole=True)
        return Held(self.folder.part_size(name), whole=False)

    def put(self, point: str, question: Question, chunk: bytes) -> Held:
        """Take a chunk. :raises NotServed: not there, too much, not allowed, or the wrong hash."""
        name, size, offset = question.blob, question.size, question.offset
        named = self._check_may_give(point, name)
        if not 0 < size <= BLOB_BYTES_MAX or len(chunk) > CHUNK_BYTES_MAX:
            raise NotServed(413, "too_large", f"扫描件最多 {BLOB_BYTES_MAX // 1024 // 1024} MB")
        if offset + len(chunk) > size:
            raise NotServed(400, "range", "这一段超出了文件的长度")
        if named.sizes and size not in named.sizes:
            raise NotServed(403, "size", "大小与记录里写的不一样")
        with write(self.index):
            if (there := self.folder.size(name)) is not None:
                return Held(there, whole=True)
            self._check_quota(point, name, size, named)
            return self._append(point, question, chunk, named)

    def _append(self, point: str, question: Question, chunk: bytes, named: Named) -> Held:
        name, size = question.blob, question.size
        if self.folder.part_size(name) > size:
            self.folder.drop_part(name)  # of another length: it cannot become this blob
        try:
            have = self.folder.append(name, question.offset, chunk)
            if have == size:
                self.folder.finish(name)
        except WrongPlace as place:
            raise NotServed(409, "elsewhere", str(place), have=place.have) from None
        except DamagedBlob as damaged:
            log.warning("blob dropped", point=point, blob=name, size=size)
            raise NotServed(422, "hash", str(damaged)) from None
        if have == size and named.parties:
            blob_index.forget(self.index, name)  # the journal says the rest
        else:
            upload = Upload(name, point, size, self.now, named=bool(named.parties))
            blob_index.note(self.index, upload)
        return Held(have, whole=have == size)

    def get(self, point: str, question: Question) -> bytes:
        """A range of a blob. :raises NotServed: it is not for this point, or not here whole."""
        name = question.blob
        self._check_may_get(point, name)
        if not question.offset and self.folder.size(name) and not self.folder.is_intact(name):
            log.error("a blob is damaged: whoever else has it is asked for it", blob=name)
            self.folder.drop(name)
        if self.folder.size(name) is None:
            raise NotServed(404, "lacking", "区中心还没有收到这份扫描件，收件的受理点联网后会传来")
        if not 0 < question.length <= CHUNK_BYTES_MAX:
            raise NotServed(400, "range", "没有这一段")
        found = self.folder.read(name, question.offset, question.length)
        if not found:
            raise NotServed(400, "range", "没有这一段")
        return found

    def lacking(self, point: str, names: Sequence[str]) -> list[str]:
        """Those of the blobs that are not whole here and that this point may give."""
        if len(names) > NAMES_MAX or not all(map(is_blob_name, names)):
            raise NotServed(400, "names", f"一次最多问 {NAMES_MAX} 份扫描件，而且要写对名字")
        absent = [name for name in names if self.folder.size(name) is None]
        return [name for name in absent if self._may_give(point, self.named(name))]

    def named(self, name: str) -> Named:
        """What the journal says of a blob, in events that count."""
        sizes: set[int] = set()
        points: frozenset[str] = frozenset()
        for number in {event.subject for event in naming(self.store, name)}:
            found = sizes_in(self.store.subject(number), name)
            if found:
                sizes |= found
                points |= parties_of(self.store, number)
        return Named(frozenset(sizes), points)

    def _may_give(self, point: str, named: Named) -> bool:
        return not named.parties or point in named.parties

    def _check_may_give(self, point: str, name: str) -> Named:
        named = self._known(name)
        if not self._may_give(point, named):
            raise NotServed(403, "not_party", "这份扫描件所在的办件与您的受理点无关")
        return named

    def _check_may_get(self, point: str, name: str) -> None:
        named = self._known(name)
        begun = blob_index.upload(self.index, name)
        own = not named.parties and begun is not None and begun.point == point
        if point not in named.parties and not own:
            raise NotServed(403, "not_party", "这份扫描件所在的办件与您的受理点无关")

    def _known(self, name: str) -> Named:
        if not is_blob_name(name):
            raise NotServed(400, "name", "这不是扫描件的名字")
        return self.named(name)

    def _check_quota(self, point: str, name: str, size: int, named: Named) -> None:
        """What nobody has named yet is limited: a point cannot fill central's disk unseen."""
        if named.parties:
            return
        others = [u for u in blob_index.unnamed(self.index, point) if u.name != name]
        if not _fits(others, size):
            others = [upload for upload in others if not self._was_named(upload)]
        if not _fits(others, size):
            raise NotServed(
                429, "quota", "先传来的扫描件太多，区中心还没有收到它们的记录；记录上报后会继续传"
            )

    def _was_named(self, upload: Upload) -> bool:
        named = bool(self.named(upload.name).parties)
        if named:
            blob_index.note(self.index, upload._replace(named=True))
        return named

    def clean(self) -> int:
        """Drop uploads that were given up, and blobs that nobody names. :returns: how many."""
        before = _before(self.now, UNFINISHED_FOR)
        return sum(self._clean(upload) for upload in blob_index.untouched_since(self.index, before))

    def _clean(self, upload: Upload) -> int:
        whole = self.folder.size(upload.name) is not None
        named = bool(self.named(upload.name).parties)
        if whole and not named and upload.last_at >= _before(self.now, UNNAMED_FOR):
            return 0
        with write(self.index):
            blob_index.forget(self.index, upload.name)
            self.folder.drop_part(upload.name)
            if whole and not named:
                self.folder.drop(upload.name)
        return 0 if whole and named else 1


def sizes_in(subject: Folded | None, name: str) -> set[int]:
    """The sizes that a subject's events, as far as they count, give a blob: none that names it."""
    if isinstance(subject, Case):
        return {scan.size for scan in subject.scans if scan.blob == name}
    if isinstance(subject, Parcel):
        return {picture.size for picture in pictures(subject) if picture.blob == name}
    return set()


def _fits(others: Sequence[Upload], size: int) -> bool:
    bytes = sum(upload.size for upload in others) + size
    return len(others) < UNNAMED_MAX and bytes <= UNNAMED_BYTES_MAX


def _seconds_apart(one: str, other: str) -> float:
    """Between two times; for ever, where one of them is none (the 31st of February)."""
    try:
        return abs((from_text(one) - from_text(other)).total_seconds())
    except ValueError:
        return float("inf")


def _before(now: str, span: timedelta) -> str:
    return to_text(from_text(now) - span)
