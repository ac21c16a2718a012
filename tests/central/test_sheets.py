"""Spreadsheets as people send them are read; what is none, or means harm, is refused in words."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from cases.reading import BadData
from central import sheets
from central.sheets import read_sheets

TABLE = (
    '事项编码,事项名称,提醒\r\nMZJ-080101,敬老卡,"带身份证,\r\n本人到场"\r\n'
    ",,\r\nMZJ-080102,补换,\r\n"
)
ROWS = [
    (1, ["事项编码", "事项名称", "提醒"]),
    (2, ["MZJ-080101", "敬老卡", "带身份证,\n本人到场"]),
    (5, ["MZJ-080102", "补换", ""]),
]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode("gbk"),
        TABLE.encode("gb18030"),
        b"\x84\x31\x95\x33" + TABLE.encode("gb18030"),
        TABLE.encode("utf-8"),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        TABLE.replace("\r\n", "\n").encode("gbk"),
        TABLE.replace(",", "\t").replace("证\t", "证,").encode("utf-16"),
        TABLE.replace(",", ";").replace("证;", "证,").encode("gbk"),
    ],
    ids=[
        "gbk",
        "gb18030",
        "gb18030 bom",
        "utf-8",
        "utf-8 bom",
        "utf-16",
        "lf",
        "tabs",
        "semicolon",
    ],
)
def test_a_csv_is_read_in_whatever_coding_and_with_whatever_between_its_cells(
    content: bytes,
) -> None:
    ((name, rows, _merged),) = read_sheets("事项.csv", content)
    assert name == "事项.csv"
    assert rows == ROWS


def test_rare_characters_of_gb18030_survive() -> None:
    ((_, rows, _merged),) = read_sheets("x.csv", "名称\n龘䶮㛃𠮷\n".encode("gb18030"))
    assert rows[1] == (2, ["龘䶮㛃𠮷"])


def xlsx(*sheet_rows: str, texts: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """A workbook as Excel lays it out, with these rows in its sheets."""
    tabs = "".join(
        f'<sheet name="表{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, len(sheet_rows) + 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheet_rows) + 1)
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{tabs}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
        **{
            f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}'
            "</sheetData></worksheet>"
            for n, rows in enumerate(sheet_rows, 1)
        },
    }
    body = BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in {**parts, **(more or {})}.items():
            book.writestr(name, text)
    return body.getvalue()


def test_an_excel_file_is_read_with_its_row_numbers_gaps_and_kinds_of_cells() -> None:
    texts = (
        "<si><t>事项编码</t></si><si><r><t>事项</t></r>"
        "<r><rPr/><t xml:space='preserve'>名称 </t></r>"
        "<rPh sb='0' eb='2'><t>じこう</t></rPh></si>"
    )
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
        '<row r="4" ht="20"><c r="A4" s="3"><v>5</v></c><c r="B4"><v>1.50</v></c>'
        '<c r="C4" t="b"><v>1</v></c><c r="D4" t="inlineStr"><is><t>内</t></is></c>'
        '<c r="E4" t="str"><f>1+1</f><v>算出的</v></c><c r="F4" s="1"/></row>'
        '<row r="5"><c r="A5" s="1"/></row>'
    )
    found = read_sheets("x.xlsx", xlsx(rows, "", rows, texts=texts))
    assert [sheet.name for sheet in found] == ["表1", "表3"]
    assert found[0].rows == [
        (1, ["事项编码", "", "事项名称"]),
        (4, ["5", "1.50", "是", "内", "算出的"]),
    ]


@pytest.mark.parametrize("file", ["openpyxl.xlsx", "xlsxwriter.xlsx"])
def test_a_file_of_another_program_is_read(file: str) -> None:
    found = read_sheets(file, (Path(__file__).parent / "sheets" / file).read_bytes())
    assert [sheet.name for sheet in found] == ["事项", "材料"]
    assert found[0].rows[1] == (3, ["MZJ-080101", "老年人优待证办理（申领）", "5", "否", "2026"])


def zip_bomb() -> bytes:
    return xlsx("", more={"xl/media/x.bin": b"\0" * (sheets.UNPACKED_BYTES_MAX + 1)})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧版的 XLS"),
        (b"PK\x03\x04 not a zip", "已损坏"),
        (xlsx('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'), "已损坏"),
        (xlsx('<row r="x"/>'), "已损坏"),
        (xlsx("<row"), "已损坏"),
        (xlsx('<row r="99999"><c><v>1</v></c></row>'), "最多 50000 行"),
        (xlsx('<row r="1"><c r="ZZ1"><v>1</v></c></row>'), "最多 50000 行"),
        (b"\xff" * 9 + b"\x00", "编码"),
        ('a,b\n"没有成对'.encode(), "引号没有成对"),
        (("a\n" * 50_010).encode(), "最多 50000 行"),
        (b"x" * (sheets.FILE_BYTES_MAX + 1), "分开导入"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(BadData, match=says):
        read_sheets("x", content)


def test_a_file_that_unpacks_beyond_all_bounds_is_not_unpacked() -> None:
    with pytest.raises(BadData, match="解开后太大"):
        read_sheets("x.xlsx", zip_bomb())


def test_entities_are_refused_before_they_are_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    for place in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
        with pytest.raises(BadData, match="不该有的内容"):
            read_sheets("x.xlsx", xlsx("", more={place: bomb}))


def test_a_file_with_nothing_in_it_has_no_sheets() -> None:
    assert read_sheets("x.csv", b"") == []
    assert read_sheets("x.csv", "\ufeff\r\n,,\r\n".encode()) == []
    assert read_sheets("x.xlsx", xlsx("", '<row r="1"/>')) == []
