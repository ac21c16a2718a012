"""A manifest as a card and as paper: what it lists, who took it over, what differs."""

from __future__ import annotations

from dataclasses import dataclass

from cases.folded import Parcel
from cases.manifests import (
    HOW_ZH,
    LISTED,
    Difference,
    Fate,
    current,
    differences,
    fate,
    how_words,
    inspected,
    open_difference,
    taken_by,
)
from cases.numbers import BadNumber, parse_manifest_number
from cases.papers import PURPOSES_ZH
from cases.states import STATE_ZH, ParcelState
from cases.times import shown
from courier.carriers import carrier_zh
from courier.carriers.words import actor_zh
from courier.look.cards import Choice, Light
from labels.manifest import Line, Manifest
from labels.tokens import Purpose, mint, url
from node import prints
from node.bags import bag_of, why_not_listed
from node.local import Local
from node.mail_desk import PARCELS_MAX, recipient
from node.people_card import masked, opened
from node.steps_card import point_name
from node.waybills import VALID_FOR, waybill_of, weighed
from sync import registers
from sync.bags import manifests_of, parcels_on

RECENT_MAX = 50
ANSWERS = tuple(Choice(how.value, words) for how, words in HOW_ZH.items())
FATE_ZH = {
    Fate.WAITING: "等快递员来取",
    Fate.TAKEN: "快递员已取走",
    Fate.MISSING: "不在袋里，请核实后答复",
    Fate.SETTLED: "差异已处理",
    Fate.MOVED: "改列在后来的交接单上",
    Fate.CANCELLED: "已取消交寄",
}


@dataclass(frozen=True)
class BagRow:
    """One parcel of a manifest; ``open``: the point has to answer that it was not in the bag."""

    number: str
    tracking: str
    to: str
    state: str
    fate: str
    taken: str
    told: str
    open: bool


@dataclass(frozen=True)
class BagCard:
    """Everything that a manifest's page says."""

    number: str
    carrier: str
    made: str
    copies: int
    rows: tuple[BagRow, ...]
    light: Light
    words: str
    differences: int


@dataclass(frozen=True)
class BagLine:
    """A manifest in a list."""

    number: str
    carrier: str
    made: str
    count: int
    light: Light
    words: str


@dataclass(frozen=True)
class ListRow:
    """A parcel that waits for a courier; ``why_not``: what it still lacks to be listed."""

    number: str
    tracking: str
    what: str
    to: str
    why_not: str


@dataclass(frozen=True)
class ForCarrier:
    """What waits to be listed for one carrier."""

    carrier: str
    rows: tuple[ListRow, ...]


def to_list(local: Local) -> tuple[ForCarrier, ...]:
    """The parcels with a waybill on them that are on no manifest yet, by their carrier."""
    waiting: dict[str, list[ListRow]] = {}
    for parcel in registers.live(local.store.db, "parcel", limit=PARCELS_MAX):
        if (
            isinstance(parcel, Parcel)
            and parcel.point == local.point.code
            and parcel.state is ParcelState.PACKED
            and parcel.copies
            and not current(parcel)
            and not open_difference(parcel)
        ):
            row = ListRow(
                parcel.number,
                parcel.tracking,
                PURPOSES_ZH.get(parcel.purpose, parcel.purpose),
                _to(local, parcel),
                why_not_listed(local, parcel),
            )
            waiting.setdefault(parcel.carrier, []).append(row)
    return tuple(ForCarrier(carrier_zh(code), tuple(rows)) for code, rows in waiting.items())


def known(local: Local, manifest: str) -> bool:
    """Whether a manifest of this point lists anything."""
    try:
        parse_manifest_number(manifest)
    except BadNumber:
        return False
    return bool(parcels_on(local.store.db, manifest))


def bag_card(local: Local, manifest: str) -> BagCard:
    """The page of a manifest that lists something."""
    parcels = parcels_on(local.store.db, manifest)
    light, words = _standing(parcels, manifest)
    return BagCard(
        number=manifest,
        carrier=carrier_zh(parcels[0].carrier),
        made=_made(local, parcels, manifest),
        copies=prints.copies(local, manifest),
        rows=_rows(local, parcels, manifest),
        light=light,
        words=words,
        differences=sum(fate(p, manifest) is Fate.MISSING for p in parcels),
    )


def bag_lines(local: Local, *, limit: int = RECENT_MAX, open_only: bool = False) -> list[BagLine]:
    """This point's manifests, the last one first."""
    found = []
    for manifest in manifests_of(local.store.db, local.point.number, limit=limit):
        parcels = parcels_on(local.store.db, manifest)
        light, words = _standing(parcels, manifest)
        if parcels and not (open_only and light == "green"):
            made = _made(local, parcels, manifest)
            carrier = carrier_zh(parcels[0].carrier)
            found.append(BagLine(manifest, carrier, made, len(parcels), light, words))
    return found


def _standing(parcels: tuple[Parcel, ...], manifest: str) -> tuple[Light, str]:
    """How far a manifest is, in a light and a sentence."""
    fates = [fate(parcel, manifest) for parcel in parcels]
    waiting, missing = fates.count(Fate.WAITING), fates.count(Fate.MISSING)
    if missing:
        return "red", f"{missing} 个不在袋里，等您答复"
    if waiting == len(fates):
        return "amber", f"{waiting} 个等快递员来取"
    if waiting:
        return "amber", f"取走 {fates.count(Fate.TAKEN)} 个，还有 {waiting} 个没有取"
    return "green", "已交接清楚"


def _made(local: Local, parcels: tuple[Parcel, ...], manifest: str) -> str:
    times = [
        step.at
        for parcel in parcels
        for step in parcel.steps
        if step.type == LISTED and step.data.get("manifest") == manifest
    ]
    return shown(min(times), local.now())


def _rows(local: Local, parcels: tuple[Parcel, ...], manifest: str) -> tuple[BagRow, ...]:
    """The rows, what waits for an answer first."""
    rows = (_row(local, parcel, manifest) for parcel in parcels)
    return tuple(sorted(rows, key=lambda row: not row.open))


def _row(local: Local, parcel: Parcel, manifest: str) -> BagRow:
    came = fate(parcel, manifest)
    return BagRow(
        number=parcel.number,
        tracking=parcel.tracking,
        to=_to(local, parcel),
        state=STATE_ZH[parcel.state],
        fate=FATE_ZH[came],
        taken=_taken(local, parcel),
        told="；".join(_told(local, d) for d in differences(parcel) if d.manifest == manifest),
        open=came is Fate.MISSING,
    )


def _to(local: Local, parcel: Parcel) -> str:
    if parcel.to_point:
        return point_name(local, parcel.to_point)
    found = recipient(local, parcel)
    return masked(found).name if found else "申请人"


def _taken(local: Local, parcel: Parcel) -> str:
    step = taken_by(parcel)
    if step is None:
        return ""
    who = _courier(local, step.id, step.actor)
    return f"{shown(str(step.data.get('when') or step.at), local.now())}　{who}"


def _courier(local: Local, event: str, actor: str) -> str:
    """Who came for a bag, by the name that the report carries; else by the account's number."""
    name = str((opened(local, event) or {}).get("courier") or "")
    return actor_zh(actor) or f"快递员 {name or f'（编号 {actor}）'}"


def _told(local: Local, difference: Difference) -> str:
    who = _courier(local, difference.event, difference.by)
    said = f"{shown(difference.at, local.now())} {who} 报：不在袋里"
    return f"{said}；{how_words(difference.how)}" if difference.how else said


def manifest_of(local: Local, manifest: str) -> Manifest:
    """What a manifest says on paper. :raises CannotPrint: an address cannot be opened here."""
    bag = bag_of(local, manifest)
    token = mint(local.node.token_key, Purpose.MANIFEST, manifest, local.today() + VALID_FOR)
    return Manifest(
        title=manifest,
        address=url(local.node.config.central.portal_url, token),
        point=local.point.name,
        carrier=carrier_zh(bag[0].carrier) if bag else "",
        made_at=_made(local, bag, manifest) if bag else "",
        lines=tuple(_line(local, parcel) for parcel in bag),
    )


def _line(local: Local, parcel: Parcel) -> Line:
    w = waybill_of(local, parcel)
    return Line(
        number=w.number,
        tracking=w.tracking,
        address=w.address,
        to=w.to,
        certificates=w.certificates,
        documents=w.documents,
        grams=weighed(parcel),
        inspected=inspected(parcel) is not None,
    )
