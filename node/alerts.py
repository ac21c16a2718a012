"""What a person at this PC must look after, in words: the line, the disk, the clock, the agent.

Each says what is so, what it means and what to do. The header has the short word of each.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from cases.dates import CLOCK_WRONG_S
from cases.times import duration, from_text, shown
from courier.carriers import carrier_zh
from node import line
from node.line import Word
from node.local import Local
from sync.errors import StorageFull, StorageReadOnly
from sync.store import Store
from sync.word import OFFER
from sync.writing import last_time, tracking_carrier, tracking_left

ROOM_MIN_BYTES = 200 * 1024 * 1024
TOLD_S = 3 * 24 * 3600
NUMBERS_LOW = 100  # central tops a block up well before
SILENT_S = 600  # the agent says a word every minute, whatever the line does
_SET = "办件的日期和期限从这个时间算起：请对照手机上的日期和时间，不对就改正本机的时钟。"
KEPT = "收件照常，已收的都存在本机，不用重填。"

_LINE = {
    line.PORTAL: (
        "连上的不是区中心",
        "这个网络多半要先登录。请打开浏览器随便访问一个网站，按提示登录；还不行，请找管网络的人。",
    ),
    line.UNTRUSTED: (
        "区中心的安全证书对不上",
        "请先核对本机的日期和时间；时间没错，就是有别的机器冒名应答，请告诉区中心。",
    ),
    line.ACCOUNT: (
        "区中心不认本受理点的账号",
        "请联系区中心查看本受理点的账号，必要时重新领取入网文件。",
    ),
    line.MAILBOX: (
        "区中心还没有本受理点的信箱",
        "区中心会自己重建，一般几分钟就好；超过一小时，请联系区中心。",
    ),
    line.REFUSED: ("区中心不收本机的请求", "请联系区中心：本机的程序可能要升级。"),
    line.DISK: ("上报程序存不下东西", "请检查磁盘是否已满、只读或有故障。"),
}


@dataclass(frozen=True)
class Alert:
    """One thing to look after: ``short`` for the header, ``text`` for the page."""

    short: str
    text: str


def alerts(local: Local) -> tuple[Alert, ...]:
    """What a person must look after now."""
    data, now = local.node.config.data, local.now()
    word = line.word_of(local.store)
    room = shutil.disk_usage(data).free
    found = (
        of_line(word),
        of_disk(room, writable=os.access(data, os.W_OK)),
        of_clock(word, now, last_time(local.store, local.identity.author)),
        of_agent(word, now),
        of_numbers(
            tracking_left(local.store, local.identity.author),
            tracking_carrier(local.store, local.identity.author),
        ),
        of_restore(local.store),
        of_new_name(local.store, local.identity.author, now),
    )
    return tuple(alert for alert in found if alert is not None)


def of_line(word: Word) -> Alert | None:
    """A line that is up, but leads nowhere; one that is down is no alert: the point works on."""
    if word.ok or word.why not in _LINE:
        return None
    short, advice = _LINE[word.why]
    return Alert(short, f"{advice}{KEPT}")


def of_disk(room_bytes: int, *, writable: bool) -> Alert | None:
    """A disk on which the next case may find no room, or that has become read-only."""
    if not writable:
        return Alert(StorageReadOnly.what, f"现在不能收件。{StorageReadOnly.advice}。")
    if room_bytes >= ROOM_MIN_BYTES:
        return None
    left = f"磁盘只剩 {room_bytes // 1024**2} MB"
    return Alert(left, f"再满下去就存不下新的办件。{StorageFull.advice}；已收的都在，不用重填。")


def of_clock(word: Word, now: str, newest: str) -> Alert | None:
    """Two clocks that differ plainly, or one that shows a time before what it has witnessed."""
    if word.ahead:
        what = f"本机的时间比区中心{'快' if word.ahead > 0 else '慢'}了 {duration(word.ahead)}"
        return Alert(what, f"{_SET} 本机没有错，请告诉区中心。")
    behind = (from_text(newest) - from_text(now)).total_seconds()
    if behind <= CLOCK_WRONG_S:
        return None
    what = f"本机的时间比最后一条记录早了 {duration(behind)}"
    return Alert(what, f"最后一条记在{shown(newest, now)}，新的办件也会记成那个时间。{_SET}")


def of_agent(word: Word, now: str) -> Alert | None:
    """An agent that has not said a word for long: it hangs, or cannot write."""
    if not word.last:
        return None
    silent = (from_text(now) - from_text(word.last)).total_seconds()
    if silent <= SILENT_S:
        return None
    return Alert(
        f"上报程序已 {duration(silent)}没有动静",
        f"新的办件没有上报。请重新启动本机的程序；还不行，请联系区中心。{KEPT}",
    )


def of_numbers(left: int, carrier: str) -> Alert | None:
    """A block of tracking numbers that is low and was not topped up, or none at all."""
    if left >= NUMBERS_LOW:
        return None
    missing = "区中心没有可发的号了，请区中心导入承运方的新号段"
    if not carrier:
        return Alert(
            "没有面单号",
            f"邮件装不了封。联网后区中心会自动发号；已经联网还没有，就是{missing}。{KEPT}",
        )
    what = f"面单号只剩 {left} 个" if left else "面单号用完了"
    return Alert(
        f"{what}（{carrier_zh(carrier)}）",
        f"联网后区中心会自动补发；已经联网还没有补上，就是{missing}。{KEPT}",
    )


def of_restore(store: Store) -> Alert | None:
    """Central was restored, and this node is sending what it holds."""
    if not store.cursor(OFFER, ""):
        return None
    what = "本机正把手里的记录全部补送给区中心，自己会做完，不用管它；收件、办件照常。"
    return Alert("区中心恢复过数据", what)


def of_new_name(store: Store, author: str, now: str) -> Alert | None:
    """This data folder was restored, copied or moved: it goes on under a new name, as said."""
    first = store.of_author(author, 0, 1)
    if not first or not first[0].data.get("continues"):
        return None
    since = first[0].at
    if (from_text(now) - from_text(since)).total_seconds() > TOLD_S:
        return None
    what = (
        "本机的数据是从备份恢复，或拷贝、搬到这台电脑上的。"
        f"从{shown(since, now)}起换了新的编号段接着办；以前的办件照常有效，不用重填。"
    )
    return Alert("本机换了新的编号段", what)
