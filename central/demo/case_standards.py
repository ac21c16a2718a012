"""One set of standards: imported, previewed, published with a day, gone back to."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from functools import partial
from io import StringIO

from central.demo.crew import CaseCrew
from central.demo.days import in_words, today
from central.demo.lawful import FOOD, FOOD_ANSWERS, FOOD_CODE, food_case, must_say, printed
from central.demo.person import Lost, Person
from central.demo.story import act, must, receive, sees_state, until

STANDARDS = "/board/standards"
PROMISED, NAME, LEVEL, ACCEPTING = "承诺时限", "事项名称", "层级", "由谁受理"
WHY = "榕鼓政办〔2026〕12 号，调整承诺时限"


def change_the_standards(crew: CaseCrew) -> None:
    """Mistakes are listed; a change is previewed, published, and gone back from."""
    admin = crew.board
    at = _import(admin, {NAME: "", LEVEL: "天上"})
    must(f"{at}{NAME}" in admin.words and f"{at}{LEVEL}" in admin.words, "每处错都有行和列")
    admin.must_see("有 2 处问题，没有导入", "草稿和正在用的版本都没有变化")
    admin.press("丢弃")
    admin.must_see("没有导入，草稿没有变化")
    number = food_case(crew, crew.resident("柯守旧"))
    _import(admin, {PROMISED: "4", ACCEPTING: "受理点"})
    admin.must_see("修改事项 1", FOOD, PROMISED, ACCEPTING)
    admin.press("放进草稿")
    admin.must_see("草稿的改动", FOOD, PROMISED)
    must(_promises(crew.clerk, 5), "发布以前什么都不变")
    _taken_over(crew, _publish(admin, 0))
    until("窗口按新的承诺时限", lambda: _promises(crew.clerk, 4))
    crew.clerk.open(f"/cases/{number}")
    crew.clerk.must_see("受理后 5 个工作日")
    _accepted_by_the_point(crew)
    admin.open(f"{STANDARDS}/versions")
    admin.press("恢复产品自带的初始目录")
    crew.say(f"12 目录导入：2 处错各有行列；改承诺时限先预览，发布后窗口改为 4 天，"
             f"已收的 {number} 仍是 5 天")  # fmt: skip
    _taken_over(crew, _publish_for_later(crew))
    until("窗口恢复原来的承诺时限", lambda: _promises(crew.clerk, 5))
    crew.say("12 恢复旧版后，窗口改回 5 天")


def _accepted_by_the_point(crew: CaseCrew) -> None:
    """Where the standards empower the point, it takes the case on before it is passed on."""
    who = crew.resident("舒受理")
    number = receive(crew.clerk, "食品证", FOOD, who, FOOD_ANSWERS)
    act(crew.clerk, number, "受理")
    must_say(printed(crew.clerk, number, "受理通知书"), who.name, FOOD)
    until("部门看到已受理", lambda: sees_state(crew.officer, number, "已受理"))
    crew.say(f"12 标准里写明由受理点受理：{number} 在军门社区受理、出受理通知书，再转办到部门")


def _import(admin: Person, cells: dict[str, str]) -> int:
    """Download the matters, change cells of one, send the table back. :returns: its row."""
    admin.open(f"{STANDARDS}/import")
    text = admin.fetch(f"{STANDARDS}/tables/items.csv").decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    at = next(n for n, row in enumerate(rows) if row[0] == FOOD_CODE)
    for column, value in cells.items():
        rows[at][rows[0].index(column)] = value
    changed = StringIO()
    csv.writer(changed).writerows(rows)
    admin.send_file("检查", "items.csv", changed.getvalue().encode("utf-8"))
    while "正在检查第" in admin.words:
        admin.press("继续检查")
    return at + 1


def _promises(clerk: Person, days: int) -> bool:
    return _says(clerk, f"/matters/{FOOD_CODE}", f"承诺 {days} 个工作日")


def _says(person: Person, address: str, words: str) -> bool:
    """Whether a window says so; it starts anew to take over a version, and is away meanwhile."""
    try:
        return words in person.open(address)
    except Lost:
        return False


def _taken_over(crew: CaseCrew, version: str) -> None:
    """Every window has started anew with a version: none goes away later, in the middle."""
    for window in (crew.clerk, crew.neighbour, crew.officer):
        until(f"窗口用上{version}", partial(_says, window, "/status", version))


def _publish(admin: Person, days_ahead: int) -> str:
    """:returns: the version that is published now."""
    admin.open(f"{STANDARDS}/")
    since = today() + timedelta(days=days_ahead)
    admin.press("发布", {"since": since.isoformat(), "why": WHY})
    return _published(admin)


def _publish_for_later(crew: CaseCrew) -> str:
    """:returns: the version that is published last, which every window starts anew to take over."""
    admin = crew.board
    admin.open(f"{STANDARDS}/matters/{FOOD_CODE}")
    admin.press("存进草稿", {"promised_days": "3"})
    _publish(admin, 30)
    day = in_words(today() + timedelta(days=30))
    admin.open(f"{STANDARDS}/versions")
    admin.must_see("等待生效", day)
    must(not _promises(crew.clerk, 3), "没到日子，窗口还按现在的")
    admin.press("撤回")
    newest = _published(admin)
    admin.open(f"{STANDARDS}/versions")
    must("等待生效" not in admin.words.partition("恢复不会")[0], "撤回后没有等待的版本")
    crew.say(f"12 定于 {day} 生效的一版没到日子不起作用，撤回后没有了")
    return newest


def _published(admin: Person) -> str:
    found = re.search(r"已发布(第 \d+ 版)", admin.words)
    if found is None:
        raise Lost(f"没有说发布了第几版：{admin.words[:400]}")
    return found[1]
