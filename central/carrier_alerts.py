"""What an administrator must look after of the carriers: numbers that run out, a carrier that is
silent, homes that nobody was told to go to.

Noted by ``central.jobs`` in ``carriers.db``, so that every page can say it at once.
"""

from __future__ import annotations

from cases.times import shown
from central.carrier_db import CarrierDb, Poll
from central.carrier_hand_over import to_fetch, untold
from central.carrier_poll import silent
from central.leases import LEASES, has_ranges, left_of
from courier.carriers import carrier_zh
from courier.fetches import waits
from sync.ports import Server
from sync.store import Store

POOL_LOW = 5_000
NUMBERS, SILENT, HOMES = "numbers", "silent", "homes"


def pool_alert(left: int, carrier: str) -> str:
    """What is to be said of a pool of numbers that runs low, or is empty; empty for nothing."""
    if left >= POOL_LOW:
        return ""
    name = carrier_zh(carrier)
    if not left:
        return (
            f"没有可发的{name}面单号：各受理点手里的用完就装不了封，收件照常。"
            f"请向{name}申请号段，在“标准·邮路”里导入。"
        )
    return f"{name}的面单号只剩 {left} 个可发，请尽快申请新的号段。"


def note_numbers(db: CarrierDb, server: Server, carrier: str) -> str:
    """Note how the pool of the carrier stands whose numbers are leased. :returns: the words."""
    low = has_ranges(carrier)
    words = pool_alert(left_of(server.database(LEASES), carrier), carrier) if low else ""
    db.set_alert(NUMBERS, words)
    return words


def note_homes(db: CarrierDb, store: Store, carrier: str) -> None:
    """Note how many papers are to be fetched at homes by a carrier that was not told of it yet."""
    count = sum(map(waits, untold(db, to_fetch(store, carrier))))
    name, words = carrier_zh(carrier), ""
    if count:
        words = (
            f"{count} 次上门取件还没有告诉{name}："
            "请在“标准·邮路”的“交寄清单”里做好清单，下载了交给它。上门的地址、时间和要取的材料都在清单里。"
        )
    db.set_alert(HOMES, words)


def note_silence(db: CarrierDb, poll: Poll, now: str) -> str:
    """Note whether a carrier has not answered for long. :returns: the words."""
    words = ""
    if silent(poll, now):
        last = f"，上一次是{shown(poll.succeeded, now)}" if poll.succeeded else ""
        words = (
            f"{carrier_zh(poll.carrier)}很久没有回答邮件去向了{last}（{poll.words}）："
            "请联系它的技术人员，急的在“标准·邮路”里上传状态表。"
        )
    db.set_alert(SILENT, words)
    return words
