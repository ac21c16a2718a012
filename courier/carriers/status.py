"""What a carrier sends of its parcels' ways, read: rows of a table, or objects of an answer. Pure.

Which column is which is told by the words carriers use, as data. A row that cannot be read for sure
is kept as it came, with why, for a person; it never spoils its neighbours.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from cases.reading import BadData
from courier.bill_cells import Unreadable, tracking_of
from courier.carriers.moments import NoMoment, moment_of
from courier.carriers.ports import Reading, Report, Unread

HEADING_ROWS_MAX = 12
OP_CHARS = 32
CODE_CHARS_MAX = 40
PLACE_CHARS_MAX = 120
RAW_CHARS_MAX = 4_000
ROWS_MAX = 50_000
_NEEDED = ("tracking", "when")
_LISTS = ("traces", "data", "rows", "result", "items", "list")

Row = tuple[int, Sequence[str]]


@lru_cache(maxsize=1)
def words_of_columns() -> Mapping[str, str]:
    """The column that each heading, or name of a field, stands for."""
    text = (files("courier") / "data" / "status_columns.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {_folded(row["word"]): row["column"] for row in rows}


def _folded(heading: str) -> str:
    return "".join(heading.split()).casefold().replace("_", "")


def read_rows(carrier: str, rows: Sequence[Row], heard: str) -> Reading:
    """The reports of a table; its title rows above the heading are passed over.

    :raises BadData: there is no heading with a tracking number and a time.
    """
    for at, (_, cells) in enumerate(rows[:HEADING_ROWS_MAX]):
        columns = [words_of_columns().get(_folded(cell), "") for cell in cells]
        if all(name in columns for name in _NEEDED) and {"code", "words"} & set(columns):
            return _read(carrier, _objects(cells, rows[at + 1 :]), heard)
    raise BadData("认不出这张表：要有邮件号、状态（或状态码）和时间三列")


def _objects(heading: Sequence[str], rows: Iterable[Row]) -> Iterable[tuple[int, dict[str, Any]]]:
    names = [name or f"{place}" for place, name in enumerate(heading, 1)]
    for number, cells in rows:
        yield number, dict(zip(names, cells, strict=False))


def read_answer(carrier: str, answer: Any, heard: str) -> Reading:
    """The reports of a decoded JSON answer: a list of objects, or an object that holds it.

    :raises BadData: it is neither.
    """
    found = answer
    if isinstance(answer, Mapping):
        found = next((answer[name] for name in _LISTS if isinstance(answer.get(name), list)), None)
    if not isinstance(found, list) or len(found) > ROWS_MAX:
        raise BadData("回答里没有轨迹的列表")
    more = isinstance(answer, Mapping) and answer.get("more") is True
    rows = [
        (n, each if isinstance(each, Mapping) else {"": each}) for n, each in enumerate(found, 1)
    ]
    reading = _read(carrier, rows, heard)
    return Reading(reading.reports, reading.unread, more)


def _read(carrier: str, rows: Iterable[tuple[int, Mapping[str, Any]]], heard: str) -> Reading:
    reports: dict[str, Report] = {}
    unread = []
    for number, row in rows:
        raw = _storable(json.dumps(row, ensure_ascii=False, default=str))[:RAW_CHARS_MAX]
        try:
            report = _report(carrier, row, heard, raw)
        except (Unreadable, NoMoment) as wrong:
            unread.append(Unread(number, str(wrong), raw))
            continue
        if report is not None:
            reports.setdefault(report.op, report)
    return Reading(tuple(reports.values()), tuple(unread))


def _report(carrier: str, row: Mapping[str, Any], heard: str, raw: str) -> Report | None:
    """One report; None for a row in which nothing stands."""
    cells: dict[str, str] = {}
    for name, value in row.items():
        column = words_of_columns().get(_folded(str(name)))
        if column and not cells.get(column):
            cells[column] = _text(value)
    get: Callable[[str], str] = lambda name: cells.get(name, "")  # noqa: E731 - read aloud
    if all(value is None or value == "" for value in row.values()):
        return None
    tracking = tracking_of(get("tracking"))
    if not tracking:
        raise Unreadable("没有邮件号")
    code = (get("code") or get("words"))[:CODE_CHARS_MAX]
    if not code:
        raise Unreadable("没有状态")
    when, place = moment_of(get("when"), heard), get("place")[:PLACE_CHARS_MAX]
    op = op_of(carrier, tracking, code, when, place)
    return Report(op, carrier, tracking, code, get("words"), when, place, raw)


def _text(value: Any) -> str:
    """A value as text: a number that a program took for one has its digits again, or none."""
    if value is None or isinstance(value, bool | list | dict):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return _storable(str(value)).strip()


def _storable(text: str) -> str:
    """Without half characters (lone surrogates), which no store takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def op_of(carrier: str, *content: str) -> str:
    """The operation of a report, by its content alone: sent again, it is the same one."""
    told = json.dumps([carrier, *content], ensure_ascii=False).encode()
    return hashlib.sha256(told).hexdigest()[:OP_CHARS]
