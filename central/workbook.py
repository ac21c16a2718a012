"""Writing a spreadsheet (XLSX): one sheet, a title, a heading row, rows of words and numbers.

Only what our own tables need, by the zip file that an XLSX is. Words are always words: nothing in
a cell can become a formula. The same content gives the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from unicodedata import category
from xml.sax.saxutils import escape

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_AS, _FONT = 'numFmtId="0"', 'fontId="0"'
_XF = f'{_AS} {_FONT} fillId="0" borderId="0"'
_PLAIN, _BOLD, _TITLE, _MONEY = range(4)
_FIXED = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{_DOCUMENT}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="3">'
        '<font><sz val="11"/><name val="宋体"/></font>'
        '<font><b/><sz val="11"/><name val="宋体"/></font>'
        '<font><b/><sz val="14"/><name val="宋体"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        f'<cellStyleXfs count="1"><xf {_XF}/></cellStyleXfs><cellXfs count="4">'
        f'<xf {_XF} xfId="0"/>'
        f'<xf {_XF.replace(_FONT, _FONT.replace("0", "1"))} xfId="0" applyFont="1"/>'
        f'<xf {_XF.replace(_FONT, _FONT.replace("0", "2"))} xfId="0" applyFont="1"/>'
        f'<xf {_XF.replace(_AS, _AS.replace("0", "4"))} xfId="0" applyNumberFormat="1"/>'
        '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
        "</cellStyles></styleSheet>"
    ),
}


@dataclass(frozen=True)
class Money:
    """An amount in fen: a number with two decimals in its cell."""

    fen: int


Cell = str | int | Money


@dataclass(frozen=True)
class Table:
    """What a workbook holds: title lines, headings with their widths, rows, and rows in bold."""

    name: str
    titles: Sequence[str]
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Cell]]
    sums: Sequence[Sequence[Cell]] = ()


def workbook(table: Table) -> bytes:
    """The table as XLSX."""
    name = escape(table.name[:31], {'"': "&quot;"})
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    parts = {**_FIXED, "xl/workbook.xml": book, "xl/worksheets/sheet1.xml": _sheet(table)}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, text in parts.items():
            file.writestr(zipfile.ZipInfo(path), (_HEAD + text).encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _sheet(table: Table) -> str:
    wide = len(table.columns)
    widths = "".join(
        f'<col min="{i}" max="{i}" width="{width}" customWidth="1"/>'
        for i, (_, width) in enumerate(table.columns, 1)
    )
    rows: list[tuple[Sequence[Cell], int]] = [
        *(((title,), _TITLE if not i else _PLAIN) for i, title in enumerate(table.titles)),
        ([heading for heading, _ in table.columns], _BOLD),
        *((row, _PLAIN) for row in table.rows),
        *((row, _BOLD) for row in table.sums),
    ]
    body = "".join(_row(number, row, style) for number, (row, style) in enumerate(rows, 1))
    merged = "".join(
        f'<mergeCell ref="A{i}:{_letters(wide - 1)}{i}"/>' for i in range(1, len(table.titles) + 1)
    )
    merged = f'<mergeCells count="{len(table.titles)}">{merged}</mergeCells>' if merged else ""
    top = len(table.titles) + 1
    pane = (
        f'<sheetViews><sheetView workbookViewId="0"><pane ySplit="{top}" topLeftCell="A{top + 1}" '
        'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    )
    return (
        f'<worksheet xmlns="{_MAIN}">{pane}<cols>{widths}</cols>'
        f"<sheetData>{body}</sheetData>{merged}</worksheet>"
    )


def _row(number: int, cells: Sequence[Cell], style: int) -> str:
    inside = "".join(_cell(f"{_letters(i)}{number}", cell, style) for i, cell in enumerate(cells))
    return f'<row r="{number}">{inside}</row>'


def _cell(ref: str, cell: Cell, style: int) -> str:
    if isinstance(cell, Money):
        sign = "-" if cell.fen < 0 else ""
        value = f"{sign}{abs(cell.fen) // 100}.{abs(cell.fen) % 100:02d}"
        return f'<c r="{ref}" s="{_MONEY}"><v>{value}</v></c>'
    if isinstance(cell, int):
        return f'<c r="{ref}" s="{style}"><v>{cell}</v></c>'
    text = escape("".join(c for c in cell if c == "\n" or category(c)[0] != "C"))
    return f'<c r="{ref}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, last = divmod(place - 1, 26)
        letters = chr(65 + last) + letters
    return letters
