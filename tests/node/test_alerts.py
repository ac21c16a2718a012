"""What a person must look after is said at the window: what is so, what it means, what to do."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from pathlib import Path

import pytest

from cases.times import from_text
from node.agent import Agent
from node.alerts import (
    NUMBERS_LOW,
    ROOM_MIN_BYTES,
    SILENT_S,
    alerts,
    of_agent,
    of_clock,
    of_disk,
    of_line,
    of_new_name,
    of_numbers,
    of_restore,
)
from node.line import CURSOR, Board, Line, Word, word_of
from node.local import Local, Node, open_node
from sync.canonical import canonical
from sync.db import write
from sync.errors import (
    DoorstepError,
    Missing,
    NotAllowed,
    NotCouch,
    RemoteRefused,
    RemoteUnavailable,
    StorageFull,
    Untrusted,
)
from sync.store import Receipt
from sync.word import OFFER
from tests.node.conftest import NOW, Clock, Desk, receipt_all

DATE = format_datetime(from_text(NOW), usegmt=True)
YEAR_S = 365 * 86400


@pytest.fixture
def local(node: Node) -> Iterator[Local]:
    with node.local() as local:
        yield local


@pytest.fixture
def board(clock: Clock) -> Board:
    return Board(clock)


@dataclass
class Loops:
    """The agent's two loops at their board."""

    local: Local
    board: Board
    push: Line = field(init=False)
    pull: Line = field(init=False)

    def __post_init__(self) -> None:
        self.push = Line(self.local.store, self.board, "push")
        self.pull = Line(self.local.store, self.board, "pull")

    @property
    def word(self) -> Word:
        return word_of(self.local.store)


@pytest.fixture
def loops(local: Local, board: Board) -> Loops:
    return Loops(local, board)


@pytest.mark.parametrize(
    ("error", "words", "advice"),
    [
        (NotCouch("a page"), "连上的不是区中心", "打开浏览器"),
        (Untrusted("tls"), "区中心的安全证书对不上", "核对本机的日期和时间"),
        (NotAllowed("403"), "区中心不认本受理点的账号", "重新领取入网文件"),
        (Missing("404"), "区中心还没有本受理点的信箱", "会自己重建"),
        (RemoteRefused("400"), "区中心不收本机的请求", "联系区中心"),
        (StorageFull("node.db"), "上报程序存不下东西", "磁盘"),
    ],
)
def test_what_keeps_cases_from_central_is_said_with_what_to_do(
    clerk: Desk, loops: Loops, error: DoorstepError, words: str, advice: str
) -> None:
    loops.pull.failed(error)
    assert f"1 件待上报（{words}）" in clerk.get("/line").text
    for page in ("/", "/status"):
        text = clerk.get(page).text
        assert advice in text
        assert "收件照常，已收的都存在本机" in text


def test_a_line_that_is_only_down_is_no_alarm(clerk: Desk, loops: Loops, clock: Clock) -> None:
    loops.pull.failed(RemoteUnavailable("no answer"))
    clock.forward(seconds=300)
    assert "1 件待上报（网络断开 5 分钟）" in clerk.get("/line").text
    assert of_line(loops.word) is None


def test_a_loop_that_asked_nothing_does_not_call_the_line_up(loops: Loops) -> None:
    """Push has nothing to send, and so no failure, while pull has no answer."""
    loops.pull.failed(RemoteUnavailable("no answer"))
    loops.push.worked()
    assert not loops.word.ok
    loops.pull.worked()
    assert not loops.word.ok, "no loop is in trouble, but nobody has answered either"
    loops.board.answered(DATE)
    loops.pull.worked()
    assert loops.word.ok


def test_trouble_of_one_loop_is_not_covered_by_the_other(loops: Loops) -> None:
    loops.board.answered(DATE)
    loops.push.failed(NotAllowed("403"))
    loops.pull.worked()
    assert (loops.word.ok, loops.word.why) == (False, "account")


def test_the_hour_it_began_stays_and_survives_a_restart(
    loops: Loops, local: Local, clock: Clock
) -> None:
    loops.board.answered(DATE)
    loops.pull.worked()
    clock.forward(seconds=60)
    loops.pull.failed(RemoteUnavailable("no answer"))
    began = clock.now
    clock.forward(seconds=600)
    again = Loops(local, Board(clock))
    again.pull.failed(RemoteUnavailable("no answer"))
    assert (again.word.since, again.word.last_ok) == (began, NOW)
    assert again.word.last == clock.now


# the clock


@pytest.mark.parametrize(
    ("seconds", "words"), [(3 * YEAR_S, "快了 1095 天"), (-7200, "慢了 2 小时")]
)
def test_a_clock_that_differs_plainly_from_centrals_is_said(
    clerk: Desk, loops: Loops, clock: Clock, seconds: int, words: str
) -> None:
    clock.forward(seconds=seconds)
    loops.board.answered(DATE)
    loops.pull.worked()
    assert f"本机的时间比区中心{words}" in clerk.get("/line").text
    assert "请对照手机上的日期和时间" in clerk.get("/status").text
    clock.now = NOW
    loops.board.answered(DATE)
    loops.pull.worked()
    assert "本机的时间" not in clerk.get("/line").text


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_an_answer_without_a_time_says_nothing_of_the_clock(loops: Loops, date: str) -> None:
    loops.board.answered(date)
    loops.pull.worked()
    assert (loops.word.ok, loops.word.ahead) == (True, 0)


def test_with_no_line_a_clock_behind_the_last_record_is_found(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    clock.forward(seconds=-2 * YEAR_S)
    assert "本机的时间比最后一条记录早了 730 天" in clerk.get("/line").text


def test_with_no_line_a_clock_behind_centrals_last_word_is_found(
    node: Node, local: Local, clerk: Desk
) -> None:
    author = local.identity.author
    n, hash = local.store.head(author)
    with write(local.store.db):
        local.store.set_receipt(author, Receipt(n, hash, "2027-11-23T01:31:05Z"))
    assert "本机的时间比最后一条记录早了 365 天" in clerk.get("/line").text


def test_clocks_a_few_minutes_apart_are_no_alarm() -> None:
    assert of_clock(Word(), NOW, NOW) is None
    assert of_clock(Word(), "2026-11-23T01:25:00Z", NOW) is None
    assert of_clock(Word(), "2026-11-23T01:15:00Z", NOW) is not None


# the disk, and an agent that cannot say a word


def test_a_disk_that_fills_up_is_said_before_it_is_full() -> None:
    assert of_disk(ROOM_MIN_BYTES, writable=True) is None
    found = of_disk(30 * 1024**2, writable=True)
    assert found is not None
    assert found.short == "磁盘只剩 30 MB"
    assert "清理磁盘" in found.text


def test_a_disk_that_has_become_read_only_is_said() -> None:
    found = of_disk(10**12, writable=False)
    assert found is not None
    assert "现在不能收件" in found.text


def test_an_agent_that_says_nothing_for_long_is_missed(
    clerk: Desk, node: Node, local: Local, clock: Clock
) -> None:
    receipt_all(node)
    with write(local.store.db):
        word = {"ok": True, "last_ok": NOW, "last": NOW}
        local.store.set_cursor(CURSOR, canonical(word).decode())
    clock.forward(seconds=SILENT_S)
    assert "没有动静" not in clerk.get("/line").text
    clock.forward(seconds=60)
    assert "上报程序已 11 分钟没有动静" in clerk.get("/line").text
    assert of_agent(Word(), clock.now) is None, "before the first word there is nothing to miss"


class Rounds(threading.Event):
    """Set after so many looks; nobody waits on it."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return super().is_set() or self.looks < 0

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def test_a_full_disk_does_not_end_the_agents_loops(node: Node, clock: Clock) -> None:
    """Nothing can be written, not even its word; it goes on and has its say when there is room."""
    nowhere = replace(node.config.central, couchdb_url="http://127.0.0.1:1")
    node = replace(node, config=replace(node.config, central=nowhere))
    with node.local() as other:  # keeps the log open, as the window does
        other.store.waiting(node.identity.author)
        log = Path(f"{node.database}-wal")
        agent = Agent(node, Rounds(40))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
        try:
            agent._pull_loop()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert word_of(other.store) == Word()
        agent = Agent(node, Rounds(5))
        agent._pull_loop()
        assert word_of(other.store).last == clock.now


# what was restored


def test_a_restored_central_is_said_while_this_point_sends_what_it_holds(local: Local) -> None:
    assert of_restore(local.store) is None
    with write(local.store.db):
        local.store.set_cursor(OFFER, "0")
    alert = of_restore(local.store)
    assert alert is not None
    assert "补送" in alert.text


def test_a_folder_that_goes_on_under_a_new_name_says_so_for_some_days(
    node: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with node.local() as local:
        assert of_new_name(local.store, local.identity.author, NOW) is None
    monkeypatch.setattr("node.local.machine_id", lambda: "another machine")
    moved = open_node(node.config, clock)
    with moved.local() as local:
        alert = of_new_name(local.store, moved.identity.author, NOW)
        assert alert is not None
        assert "以前的办件照常有效" in alert.text
        assert alert in alerts(local)
        assert of_new_name(local.store, moved.identity.author, "2027-01-01T00:00:00Z") is None


def test_numbers_for_waybills_that_run_out_are_shouted_about_before_they_are_gone() -> None:
    assert of_numbers(NUMBERS_LOW, "ems") is None
    few, none, never = (of_numbers(3, "ems"), of_numbers(0, "own"), of_numbers(0, ""))
    shouted = [alert for alert in (few, none, never) if alert]
    assert [alert.short for alert in shouted] == [
        "面单号只剩 3 个（中国邮政 EMS）", "面单号用完了（家门口投递员）", "没有面单号",
    ]  # fmt: skip
    assert all("区中心" in alert.text and "收件照常" in alert.text for alert in shouted)
