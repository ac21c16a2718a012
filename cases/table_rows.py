"""What a row of the table of event types is made of. The table itself stands in ``table``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from cases.states import State


class By(Enum):
    """Who is entitled to state an event."""

    RECEIVER = "受理点"  # the point in the subject's number
    HOLDER = "经办方"  # the one party that may move a case on
    DECIDER = "有审批权的部门"  # the holder, when it is also the deciding party
    EMPOWERED = "目录授权的受理点"  # the receiver, to take on what another one decides
    RULE = "按秒批规则的区中心"  # central, by the rule of an instant matter, see ``fold``
    PARTY = "相关方"  # receiver, decider, holder ever, shown the receipt, asked, or fetched at
    ASKED = "被征求意见的部门"  # where a department sits whose opinion was asked
    DESTINATION = "收件点"  # the point a parcel goes to
    CENTRAL = "区中心"
    SELF = "本节点"
    SAME_POINT = "这个节点的受理点"  # any store of the point whose book it is
    ANY_POINT = "任何受理点"  # wherever the resident shows the receipt: intake proves its code
    AUTHOR = "那条记录的作者一方"  # by the fact it answers, see ``fold``


@dataclass(frozen=True)
class EventType:
    """One row: a type's Chinese name, who states it, where from, where to, its fields."""

    zh: str
    by: By | tuple[By, ...]
    states: frozenset[State]
    to: State | None
    open: dict[str, type]
    sealed: frozenset[str] = frozenset()

    @cached_property
    def fields(self) -> tuple[tuple[str, type, bool], ...]:
        """Each open field: its name, its kind, whether it may be missing."""
        return tuple((n.rstrip("?"), kind, n.endswith("?")) for n, kind in self.open.items())

    @property
    def may(self) -> tuple[By, ...]:
        """Who may state it, always as a tuple."""
        return self.by if isinstance(self.by, tuple) else (self.by,)

    def entitled_zh(self, *, empowered: bool) -> str:
        """Who is entitled, in words. A rule acts for the decider; few points are empowered."""
        unsaid = (By.RULE,) if empowered else (By.RULE, By.EMPOWERED)
        return "或".join(by.value for by in self.may if by not in unsaid)


def row(
    zh: str,
    by: By | tuple[By, ...],
    states: set[State],
    to: State | None,
    fields: dict[str, type] | None = None,
    sealed: str = "",
) -> EventType:
    """A row: ``sealed`` names the sealed fields, with blanks between."""
    return EventType(zh, by, frozenset(states), to, fields or {}, frozenset(sealed.split()))
