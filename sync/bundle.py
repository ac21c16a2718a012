"""The bundle: all public reference data of the district, versioned, signed and whole.

The product carries one (``sync/data``). Central publishes newer ones as a set of CouchDB documents:
``bundle:<version>:<n>`` hold the content in parts, and ``bundle`` names the version, its number,
the parts and the hash of the content, signed by central. A node opens a set whole or not at all,
and goes on with the bundle it has when it cannot. A head may say ``from`` which day it holds
(``sync/holding.py``); until then it lies ready beside the one in force.

::

    BadBundle   never   not signed by central, not whole, damaged, or older than the one held

Only data anybody may read belongs in here: no staff, no residents, no keys.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Any

import msgspec

from cases.calendar import Calendar, YearTable, calendar_of, read_calendar
from cases.catalogue import Catalogue, version_of
from cases.catalogue_tables import TABLES, read_catalogue
from cases.divisions import Division, Divisions, read_divisions
from cases.guide import Guide
from cases.guide_tables import TABLES as GUIDE_TABLES
from cases.guide_tables import read_guide
from cases.points import Directory, Point, read_points
from cases.reading import BadData
from cases.samples import Samples, read_samples
from sync.errors import DoorstepError
from sync.sign import Signer, is_signed

FORMAT = 3
FORMATS = (1, 2, FORMAT)  # 1: before there was a guide; 2: before a day from which it holds
HEAD_ID = "bundle"
NO_GUIDE = Guide()
PART_CHARS_MAX = 900_000
PARTS_MAX = 64
CONTENT_BYTES_MAX = 64_000_000
PRODUCT, DISTRICT = "product", "district"


class BadBundle(DoorstepError):
    """A bundle that may not be used; the one held stays in use. Never retried unchanged."""


@dataclass(frozen=True)
class Bundle:
    """Everything public that a node or central looks things up in."""

    catalogue: Catalogue
    directory: Directory
    divisions: Divisions
    calendar: Calendar
    guide: Guide = NO_GUIDE
    number: int = 0
    """Grows with every bundle published; 0 is the one the product carries."""
    since: str = ""
    """The day (ISO, in Shanghai) from which it holds; empty: at once."""
    origin: str = PRODUCT
    """Whose standards these are: the product's initial ones, or what the district published."""

    @cached_property
    def version(self) -> str:
        """What the whole content is called: the same everywhere for the same content."""
        return version_of(content_of(self), self.catalogue.sample, 12)


class Head(msgspec.Struct, forbid_unknown_fields=True):
    """What a signed head says of the bundle it publishes."""

    format: int
    version: str
    number: int
    parts: list[str]
    bytes: int
    sha256: str
    sig: str
    since: str = msgspec.field(name="from", default="")
    origin: str = PRODUCT


class _Content(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    catalogue: msgspec.Raw
    """As it was written: an older program's catalogue keeps its bytes, and so its version."""
    points: tuple[Point, ...]
    divisions: tuple[Division, ...]
    calendar: tuple[YearTable, ...]
    guide: Guide | None = None
    """Left out where there is none, so that an older bundle keeps its content and its version."""


@cache
def load_bundle() -> Bundle:
    """The bundle that the product carries, read once per process."""
    data = files("sync") / "data"

    def texts(names: Iterable[str]) -> dict[str, str]:
        return {n: (data / "catalogue" / f"{n}.csv").read_text("utf-8") for n in names}

    return Bundle(
        catalogue=read_catalogue(texts(TABLES)),
        guide=read_guide(texts(GUIDE_TABLES)),
        directory=read_points((data / "points.csv").read_text("utf-8")),
        divisions=read_divisions((data / "divisions.csv").read_text("utf-8")),
        calendar=read_calendar(
            year.read_text("utf-8")
            for year in (data / "calendar").iterdir()
            if year.name.endswith(".json")
        ),
    )


@cache
def load_samples() -> Samples:
    """Which picture shows how a paper is prepared: like the pictures, part of the product.

    It goes by the papers' names, so it serves what the district publishes as well.
    """
    table = files("sync") / "data" / "catalogue" / "samples.csv"
    return read_samples(table.read_text("utf-8"))


def bundle_documents(bundle: Bundle, signer: Signer, number: int) -> list[dict[str, Any]]:
    """The documents that publish a bundle, parts first and the signed head last.

    Writing them in this order keeps every moment whole: until the head is written, readers see
    the head before it. ``number`` must be greater than that of the bundle published before.
    """
    content = content_of(bundle)
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    parts = {f"{HEAD_ID}:{bundle.version}:{n:02d}": part for n, part in enumerate(_cut(packed))}
    head = {
        "format": FORMAT,
        "version": bundle.version,
        "number": number,
        "parts": list(parts),
        "bytes": len(content),
        "sha256": sha256(content).hexdigest(),
        "from": bundle.since,
        "origin": bundle.origin,
    }
    return [
        *({"_id": name, "part": part} for name, part in parts.items()),
        {"_id": HEAD_ID, **signer.sign(head)},
    ]


def _cut(packed: str) -> Iterator[str]:
    for start in range(0, len(packed), PART_CHARS_MAX):
        yield packed[start : start + PART_CHARS_MAX]


def content_of(bundle: Bundle) -> bytes:
    """The whole content in the bytes that its version is the hash of."""
    return msgspec.json.encode(
        _Content(
            catalogue=msgspec.Raw(msgspec.json.encode(bundle.catalogue)),
            points=bundle.directory.points,
            divisions=bundle.divisions.all,
            calendar=tuple(table for _, table in sorted(bundle.calendar.years.items())),
            guide=bundle.guide if bundle.guide.questions else None,
        )
    )


def wanted_parts(head: Mapping[str, Any]) -> list[str]:
    """The ids of the parts a head names, to be fetched; raises :class:`BadBundle`."""
    return _head(head).parts


def signed_head(doc: Mapping[str, Any], public: str) -> Head:
    """A published head, which central signed; raises :class:`BadBundle`.

    Every point can write where it is published: nothing of it is believed, or fetched, before.
    """
    plain = {name: value for name, value in doc.items() if not name.startswith("_")}
    if not is_signed(plain, public):
        raise BadBundle("事项目录的签名不是区中心的，继续使用现有版本")
    return _head(plain)


def open_bundle(docs: Iterable[Mapping[str, Any]], public: str, held: int = 0) -> Bundle:
    """The bundle from its documents (in any order, with or without ``_rev``).

    ``public`` is central's signing key (``ed25519:…``), ``held`` the number of the bundle in use.
    Raises :class:`BadBundle` unless the set is signed, whole, unaltered and not older than that.
    """
    by_id = {str(doc.get("_id")): doc for doc in docs}
    if HEAD_ID not in by_id:
        raise BadBundle("事项目录没有目录头，继续使用现有版本")
    head = signed_head(by_id[HEAD_ID], public)
    if head.number < held:
        raise BadBundle(f"事项目录第 {head.number} 版比现有的第 {held} 版旧，继续使用现有版本")
    return _opened(head, _unpack(head, [_part(by_id, name) for name in head.parts]))


def _head(doc: Mapping[str, Any]) -> Head:
    plain = {name: value for name, value in doc.items() if not name.startswith("_")}
    if plain.get("format") not in FORMATS:
        raise BadBundle(f"事项目录的格式 {plain.get('format')!r} 不认识，请先升级本程序")
    try:
        head = msgspec.convert(plain, Head)
    except msgspec.ValidationError as error:
        raise BadBundle(f"事项目录的目录头不完整：{error}") from None
    if len(head.parts) > PARTS_MAX or not 0 < head.bytes <= CONTENT_BYTES_MAX:
        raise BadBundle(f"事项目录太大：{len(head.parts)} 份，{head.bytes} 字节")
    return head


def _part(by_id: Mapping[str, Mapping[str, Any]], name: str) -> str:
    part = by_id.get(name, {}).get("part")
    if not isinstance(part, str):
        raise BadBundle(f"事项目录缺少 {name}，收齐后再切换，继续使用现有版本")
    return part


def _unpack(head: Head, parts: list[str]) -> bytes:
    try:
        packed = base64.b64decode("".join(parts), validate=True)
        content = zlib.decompressobj().decompress(packed, head.bytes + 1)
    except (ValueError, zlib.error):
        content = b""
    if len(content) != head.bytes or sha256(content).hexdigest() != head.sha256:
        raise BadBundle(f"事项目录 {head.version} 的内容已损坏，继续使用现有版本")
    return content


def _opened(head: Head, content: bytes) -> Bundle:
    try:
        bundle = bundle_of(content)
    except (msgspec.DecodeError, BadData) as error:
        raise BadBundle(f"事项目录 {head.version} 不能用：{error}") from None
    if bundle.version != head.version:
        raise BadBundle(f"事项目录的版本 {head.version} 与内容不符")
    number, since, origin = head.number, head.since, head.origin
    return _named(replace(bundle, number=number, since=since, origin=origin), head.version)


def bundle_of(content: bytes) -> Bundle:
    """The bundle from its content; raises msgspec.DecodeError or :class:`BadData`.

    It is called what its bytes are called, also when an older program wrote them: what is new
    since then has its initial value and does not change the version.
    """
    read = msgspec.json.decode(content, type=_Content)
    raw = bytes(read.catalogue)
    catalogue = msgspec.json.decode(raw, type=Catalogue)
    vars(catalogue)["version"] = version_of(raw, catalogue.sample, 10)
    catalogue.require_sound()
    if read.guide:
        read.guide.require_sound(catalogue)
    bundle = Bundle(
        catalogue=catalogue,
        directory=Directory(read.points),
        divisions=Divisions(read.divisions),
        calendar=calendar_of(read.calendar),
        guide=read.guide or NO_GUIDE,
    )
    return _named(bundle, version_of(content, catalogue.sample, 12))


def _named(bundle: Bundle, version: str) -> Bundle:
    vars(bundle)["version"] = version  # a frozen value's cached property, known beforehand
    return bundle
