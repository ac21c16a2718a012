"""Reading the tables of reference data: text in, rows out, mistakes named by line and column."""

import csv
from collections.abc import Sequence

ROWS_MAX = 100_000


class BadData(ValueError):
    """Reference data that cannot be used; the message says which table, where, and why."""


def read_rows(table: str, text: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV text that must have at least ``columns``; cells are stripped.

    Raises :class:`BadData` for missing columns, ragged lines and more than ``ROWS_MAX`` rows.
    """
    lines = (f"{line}\n" for line in text.removeprefix("\ufeff").split("\n"))
    reader = csv.DictReader(lines, strict=True)
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise BadData(f"{table}: no column {', '.join(missing)}")
        rows = [_stripped(table, reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise BadData(f"{table} line {reader.line_num}: {error}") from error
    if len(rows) > ROWS_MAX:
        raise BadData(f"{table}: {len(rows)} rows, at most {ROWS_MAX} are taken")
    return rows


def _stripped(table: str, line: int, row: dict[str, str | None]) -> dict[str, str]:
    if None in row or None in row.values():
        raise BadData(f"{table} line {line}: not as many cells as columns")
    return {name: (cell or "").strip() for name, cell in row.items()}


def whole_number(table: str, key: str, row: dict[str, str], column: str) -> int:
    """A cell that must be digits, as an integer."""
    if not row[column].isascii() or not row[column].isdigit():
        raise BadData(f"{table} {key}: {column} is {row[column]!r}, a whole number is needed")
    return int(row[column])


def yes_or_no(table: str, key: str, row: dict[str, str], column: str) -> bool:
    """A cell that must be 1 or 0."""
    if row[column] not in ("0", "1"):
        raise BadData(f"{table} {key}: {column} is {row[column]!r}, 0 or 1 is needed")
    return row[column] == "1"


def split_list(cell: str) -> tuple[str, ...]:
    """The parts of a cell separated by semicolons, without empty ones."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())
