"""Whether a case lapses on the day it must: its own records, judged by the rules on other days.

The clock of running programs is the machine's and is not moved. So what central holds of the case
is read, and the rules are asked for the days that have not come.
"""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta

from cases.fold import objection
from cases.proceedings import LAPSED
from cases.table import TYPES
from cases.timely import untimely
from central.config import load_central
from central.demo.plan import Plan
from central.demo.story import must
from central.district import open_district


def lapses_only_after(plan: Plan, number: str, day: date) -> None:
    """:raises Lost: it may lapse on its last day already, or not even on the day after."""
    district = open_district(load_central(plan.config("central")))
    with closing(district.open_store()) as store:
        case = store.case(number)
    must(case is not None and case.correction is not None, f"区中心有 {number} 的补正告知")
    assert case is not None  # noqa: S101 - the line above
    calendar = district.bundle.calendar
    on_the_day, after_it = (f"{day + timedelta(days=n)}T04:00:00Z" for n in (0, 1))
    must("不能终止" in untimely(case, LAPSED, calendar, on_the_day), "最后一天还不能终止")
    must(untimely(case, LAPSED, calendar, after_it) == "", "过了最后一天可以终止")
    author = case.correction.by if case.correction else ""
    must(objection(case, TYPES[LAPSED], LAPSED, author, {}) is None, "由经办方终止")
