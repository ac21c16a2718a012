"""A bag of parcels (交接单): listed when its manifest is made, differences answered one by one."""

from __future__ import annotations

from collections.abc import Iterable

from cases.fields import BadField
from cases.fold import WrongState
from cases.folded import Parcel
from cases.from_home import is_fetch
from cases.manifests import (
    HOW_ZH,
    Fate,
    How,
    current,
    fate,
    how_words,
    inspected,
    open_difference,
)
from cases.states import ParcelState
from node.local import Local
from node.mail import cancel, may_print, parcel_in
from node.officer import Hand, one_of
from node.permissions import POSTING, require
from node.print_jobs import BATCH_MAX
from sync.bags import parcels_on

BAG_MAX = BATCH_MAX
_LEFT_OUT = (Fate.CANCELLED, Fate.MOVED)


def why_not_listed(local: Local, parcel: Parcel) -> str:
    """Why a parcel cannot be listed for a courier now, or empty."""
    if parcel.state is not ParcelState.PACKED:
        return "已不在本窗口"
    if is_fetch(parcel):
        return "上门取件，东西还在申请人家里"
    if problem := may_print(local, parcel):
        return problem
    if not parcel.copies:
        return "面单还没有打印"
    if inspected(parcel) is None:
        return "还没有收寄验视，请打开这个邮件登记"
    if open_difference(parcel):
        return "上一次交接时不在袋里，请先答复"
    if known := current(parcel):
        return f"已列入 {known}"
    return ""


def list_parcels(hand: Hand, local: Local, numbers: Iterable[str]) -> str:
    """List parcels of one carrier on a new manifest. :returns: its number."""
    require(hand.person, POSTING, "做交接单")
    chosen = list(dict.fromkeys(numbers))
    if not chosen:
        raise BadField("parcels", "请勾选要交给快递员的邮件。", "Choose parcels.")
    if len(chosen) > BAG_MAX:
        raise BadField("parcels", f"一张交接单最多 {BAG_MAX} 个邮件。", "Too many parcels.")
    parcels = [parcel_in(hand, number) for number in chosen]
    if len({parcel.carrier for parcel in parcels}) > 1:
        raise WrongState("这些邮件的承运单位不一样，请分开做交接单")
    for parcel in parcels:
        if problem := why_not_listed(local, parcel):
            raise WrongState(f"{parcel.number}：{problem}")
    manifest = hand.w.new_manifest_number()
    for number in chosen:
        hand.state("parcel.listed", number, manifest=manifest)
    return manifest


def bag_of(local: Local, manifest: str) -> tuple[Parcel, ...]:
    """The parcels that go with a manifest, in order: not those called off or listed anew since."""
    parcels = parcels_on(local.store.db, manifest)
    return tuple(parcel for parcel in parcels if fate(parcel, manifest) not in _LEFT_OUT)


def answer(hand: Hand, number: str, how: str) -> str:
    """Answer that a parcel was not in the bag; what is called off is cancelled at once."""
    require(hand.person, POSTING, "答复交接差异")
    chosen = How(one_of("how", how, [known.value for known in HOW_ZH]))
    difference = open_difference(parcel_in(hand, number))
    if difference is None:
        raise WrongState(f"{number} 没有要答复的交接差异，可能已经答复过了")
    hand.state("parcel.missing_answered", number, missing=difference.event, how=chosen.value)
    if chosen is How.CANCELLED:
        cancel(hand, number)
    return f"已答复：{how_words(chosen.value)}"
