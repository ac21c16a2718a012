"""The administrator's desk: what is published, what waits for its day, and the draft over it.

A draft begins from the newest version published. It is changed whole: whoever looked at an older
one is told so, and what was typed stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from cases.calendar import calendar_of
from cases.changes import Change, changes
from cases.points import Directory
from cases.standards import Standards, finished
from cases.times import from_text, to_text
from central import standards_db
from central.context import bundle, district, now, server, today
from central.importing import Import
from central.publishing import publish
from central.shelf import read_shelf
from central.standards_db import Draft, Published, open_standards_db
from courier.look.signin import current_account
from sync.bundle import Bundle, load_bundle

T = TypeVar("T")
WHY_CHARS_MAX = 300
IMPORT_DAYS_KEPT = 7


class NotNow(Exception):
    """This cannot be published now; the message says why, and what to do."""


@dataclass(frozen=True)
class Desk:
    """What lies on the desk: the version in force, a waiting one, a draft."""

    in_force: Bundle
    waiting: Bundle | None
    draft: Draft | None

    @property
    def newest(self) -> Bundle:
        """What was published last, whether it holds yet or not."""
        return self.waiting or self.in_force

    @property
    def bundle(self) -> Bundle:
        """What is worked on: the draft, or what it would begin from."""
        return self.draft.bundle if self.draft else self.newest

    @property
    def standards(self) -> Standards:
        """What is worked on, as a value that tables and forms change."""
        return standards_of(self.bundle)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What publishing the draft would change, as it would be published."""
        if self.draft is None:
            return ()
        return changes(standards_of(self.newest), finished(self.standards))


def open_desk() -> Desk:
    """The desk as it is now."""
    shelf, root = read_shelf(district().config.data), district().secrets.root.public
    waiting = shelf.open_waiting(root, today().isoformat())
    return Desk(bundle(), waiting, at_db(standards_db.read_draft))


def at_db(work: Callable[..., T], *given: object, **named: object) -> T:
    """Do something with the desk's own file."""
    with closing(open_standards_db(district().config.data)) as db:
        return work(db, *given, **named)


def standards_of(found: Bundle) -> Standards:
    """A bundle as what an administrator answers for."""
    years = tuple(table for _, table in sorted(found.calendar.years.items()))
    return Standards(found.catalogue, found.directory.points, years, found.guide)


def bundle_with(found: Bundle, standards: Standards) -> Bundle:
    """The bundle with other standards in it."""
    return replace(
        found,
        catalogue=standards.catalogue,
        directory=Directory(standards.points),
        calendar=calendar_of(standards.calendar),
        guide=standards.guide,
        number=0,
        since="",
    )


def save(desk: Desk, standards: Standards) -> None:
    """Keep these standards as the draft; raises ``Overtaken`` if somebody was faster."""
    at_db(
        standards_db.keep_draft,
        bundle_with(desk.bundle, standards),
        was=desk.draft.rev if desk.draft else 0,
        based_on=desk.draft.based_on if desk.draft else desk.newest.number,
        base=desk.draft.base if desk.draft else desk.newest.version,
        at=now(),
        who=me(),
    )


def me() -> str:
    """Who is signed in, by name."""
    account = current_account("signin")
    return account.display if account else ""


def publish_draft(since: str, why: str) -> int:
    """Publish the draft from a day on. :returns: its number.

    :raises NotNow: there is no draft, it is older than what is published, or the day is too late.
    :raises Conflict, RemoteError, BadBundle: see ``central.publishing``.
    """
    desk = open_desk()
    if desk.draft is None:
        raise NotNow("现在没有草稿，不用发布")
    if desk.draft.base != desk.newest.version:
        raise NotNow(
            f"草稿是在第 {desk.draft.based_on} 版上改的，已经发布到第 {desk.newest.number} 版："
            "请把改动导出，丢弃草稿后重新导入"
        )
    if desk.waiting and since > desk.waiting.since:
        raise NotNow(
            f"第 {desk.waiting.number} 版要从 {desk.waiting.since} 起生效，还没有到：这一版的日期"
            "不能比它晚；要晚，请先撤回它"
        )
    return _publish(bundle_with(desk.bundle, finished(desk.standards)), since, why)


def withdraw(why: str) -> int:
    """Take back what waits for its day: what is in force goes on, under a new number."""
    desk = open_desk()
    if desk.waiting is None:
        raise NotNow("没有等待生效的版本")
    return _publish(desk.in_force, "", f"撤回第 {desk.waiting.number} 版。{why}".strip())


def go_back(number: int, why: str) -> int:
    """Publish the content of an earlier version anew, at once; 0 is what the product carries."""
    found = at_db(standards_db.published_content, number) if number else load_bundle()
    if found is None:
        raise NotNow(f"没有从这里发布过第 {number} 版")
    words = f"恢复第 {number} 版的内容" if number else "恢复产品自带的初始目录"
    return _publish(found, "", f"{words}。{why}".strip())


def _publish(found: Bundle, since: str, why: str) -> int:
    day = max(since, today().isoformat())
    number = publish(district(), server(), found, day)
    account = current_account("signin")
    entry = Published(
        number, found.version, day, now(), account.id if account else "", me(), why[:WHY_CHARS_MAX]
    )
    at_db(standards_db.note_published, entry, found)
    return number


def keep_import(found: Import, id: str = "") -> str:
    """Keep an import on its way; old ones go. :returns: its id."""
    id = id or secrets.token_hex(8)
    before = to_text(from_text(now()) - timedelta(days=IMPORT_DAYS_KEPT))
    at_db(standards_db.drop_imports, before=before)
    at_db(standards_db.keep_import, id, now(), me(), found)
    return id
