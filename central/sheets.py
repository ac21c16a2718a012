"""Reading a spreadsheet as people send it: XLSX, or CSV in UTF-8, UTF-16 or GBK, with BOM or not.

Of an XLSX only what stands in its cells is read: no formulas, no macros, no links. It comes from
outside, so every size is limited before anything is unpacked, and entities are refused.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from cases.reading import BadData

FILE_BYTES_MAX = 16_000_000
UNPACKED_BYTES_MAX = 200_000_000
ROWS_MAX = 50_000
COLUMNS_MAX = 64
SHEETS_MAX = 20
MERGED_MAX = 10_000
_REF = re.compile(r"([A-Z]{1,3})[0-9]+")
_CHUNK = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


class Sheet(NamedTuple):
    """One table of a file: its name, and its rows with the numbers that people see beside them.

    ``merged``: the cells that are one, as (first row, first column, last row, last column).
    """

    name: str
    rows: list[tuple[int, list[str]]]
    merged: tuple[tuple[int, int, int, int], ...] = ()


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """The sheets of a file that hold anything; raises :class:`BadData` with what to do."""
    if len(content) > FILE_BYTES_MAX:
        raise BadData(f"文件超过 {FILE_BYTES_MAX // 1_000_000} MB，请分开导入")
    if content.startswith(b"PK"):
        sheets = _xlsx(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadData("这是旧版的 XLS，请在表格软件里另存为 XLSX 或 CSV 再导入")
    else:
        sheets = [Sheet(name, list(_csv(_text(content))))]
    return [sheet for sheet in sheets if sheet.rows]


# CSV


def _text(content: bytes) -> str:
    coding = next((coding for bom, coding in _BOMS if content.startswith(bom)), "")
    for each in (coding,) if coding else ("utf-8", "gb18030"):
        try:
            return content.decode(each).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise BadData("认不出文件的文字编码，请在表格软件里另存为 XLSX 再导入")


def _csv(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    between = max((",", "\t", ";", "，"), key=first.count)
    lines = (f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    reader = csv.reader(lines, delimiter=between, strict=True)
    try:
        begin = 1
        for n, row in enumerate(reader):
            if n > ROWS_MAX or len(row) > COLUMNS_MAX:
                raise BadData(_too_many())
            if any(cell.strip() for cell in row):
                yield begin, [cell.strip() for cell in row]
            begin = reader.line_num + 1
    except csv.Error as error:
        raise BadData(f"第 {reader.line_num} 行读不了（{error}），多半是引号没有成对") from None


def _too_many() -> str:
    return f"行或列太多，最多 {ROWS_MAX} 行、{COLUMNS_MAX} 列；请删去多余的空行空列"


# XLSX


def _xlsx(content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            if sum(info.file_size for info in book.infolist()) > UNPACKED_BYTES_MAX:
                raise BadData("文件解开后太大，请删去图片和多余的表再导入")
            texts = _shared_texts(book)
            return [_sheet(book, name, path, texts) for name, path in _listed(book)]
    except (zipfile.BadZipFile, ParseError, KeyError, IndexError, ValueError) as error:
        if isinstance(error, BadData):
            raise
        raise BadData("文件已损坏，或不是 XLSX；请重新另存为 XLSX 再导入") from None


def _listed(book: zipfile.ZipFile) -> list[tuple[str, str]]:
    """The sheets in the order of their tabs: (name, where it lies)."""
    links = {
        link.get("Id", ""): link.get("Target", "")
        for link in _elements(book, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    found = []
    for sheet in _elements(book, "xl/workbook.xml", "sheet"):
        ids = [value for name, value in sheet.attrib.items() if name.endswith("}id")]
        target = links.get(ids[0], "") if ids else ""
        if target and sheet.get("state", "visible") == "visible":
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found.append((sheet.get("name", ""), path))
    if len(found) > SHEETS_MAX:
        raise BadData(f"文件里有 {len(found)} 张表，最多 {SHEETS_MAX} 张")
    return [(name, path) for name, path in found if path in book.namelist()]


def _elements(book: zipfile.ZipFile, path: str, *names: str) -> Iterator[Element]:
    """The elements of these names in a part, one at a time; what was seen is forgotten."""
    parser: XMLPullParser[Any] = XMLPullParser(events=("start", "end"))
    root: Element | None = None
    tail = b""
    with book.open(path) as part:
        while block := part.read(_CHUNK):
            if b"<!DOCTYPE" in tail + block:  # no table needs one, and entities come by it
                raise BadData("文件里有不该有的内容，没有读；请重新另存为 XLSX 再导入")
            tail = block[-16:]
            parser.feed(block)
            for found in parser.read_events():
                event, element = found[0], found[-1]
                if not isinstance(element, Element):
                    continue
                if event == "start":
                    root = element if root is None else root
                elif _plain(element.tag) in names:
                    yield element
                    element.clear()
    parser.close()
    if root is not None:
        root.clear()


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _shared_texts(book: zipfile.ZipFile) -> list[str]:
    path = "xl/sharedStrings.xml"
    if path not in book.namelist():
        return []
    return [_words(item) for item in _elements(book, path, "si")]


def _words(item: Element) -> str:
    """The text of a cell: its runs together, without the pronunciation beside them."""
    return "".join(_runs(item))


def _runs(item: Element) -> Iterator[str]:
    for child in item:
        if _plain(child.tag) == "t":
            yield child.text or ""
        elif _plain(child.tag) == "r":
            yield from _runs(child)


def _sheet(book: zipfile.ZipFile, name: str, path: str, texts: list[str]) -> Sheet:
    number, rows, merged = 0, [], []
    for found in _elements(book, path, "row", "mergeCell"):
        if _plain(found.tag) == "mergeCell":
            merged += _area(found.get("ref", ""))
            continue
        number = int(found.get("r", number + 1))
        if number > ROWS_MAX:
            raise BadData(_too_many())
        cells = _cells(found, texts)
        if any(cells):
            rows.append((number, cells))
    return Sheet(name, rows, tuple(merged[:MERGED_MAX]))


def _area(ref: str) -> list[tuple[int, int, int, int]]:
    """The area that a reference (``A3:A7``) names: one, or none if it is no such reference."""
    first, _, last = ref.partition(":")
    if not (_REF.fullmatch(first) and _REF.fullmatch(last)):
        return []
    ends = [(int(re.sub("[A-Z]+", "", each)), _place(each, 0)) for each in (first, last)]
    return [(*ends[0], *ends[1])]


def filled(sheet: Sheet) -> list[tuple[int, list[str]]]:
    """The rows with the value of merged cells in each of them, downwards: as people read them."""
    rows = {number: list(cells) for number, cells in sheet.rows}
    for top, left, bottom, _right in sheet.merged:
        above = rows.get(top, [])
        value = above[left] if 0 <= left < len(above) else ""
        for number in range(top + 1, min(bottom, ROWS_MAX) + 1):
            if value and (cells := rows.get(number)) is not None:
                cells += [""] * (left - len(cells) + 1)
                cells[left] = cells[left] or value
    return sorted(rows.items())


def _cells(row: Iterable[Element], texts: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if _plain(cell.tag) != "c":
            continue
        value = _value(cell, texts).strip()
        place = _place(cell.get("r", ""), len(cells))
        if value and place >= COLUMNS_MAX:
            raise BadData(_too_many())
        if value:
            cells += [""] * (place - len(cells) + 1)
            cells[place] = value
    return cells


def _place(ref: str, otherwise: int) -> int:
    found = _REF.fullmatch(ref)
    if found is None:
        return otherwise
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _value(cell: Element, texts: list[str]) -> str:
    kind, inline, value = cell.get("t", "n"), "", ""
    for child in cell:
        if _plain(child.tag) == "v":
            value = child.text or ""
        elif _plain(child.tag) == "is":
            inline = _words(child)
    if kind == "s":
        return texts[int(value)]
    if kind == "inlineStr":
        return inline
    if kind == "b":
        return "是" if value == "1" else "否"
    return _number(value) if kind == "n" else value


def _number(value: str) -> str:
    """A number as the cell shows it: 5 and not 5.0, and no exponent."""
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else value
