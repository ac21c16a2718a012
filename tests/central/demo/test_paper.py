"""Printed paper is read as a phone and a scanner would: from the picture of the page."""

from __future__ import annotations

import io

import pypdfium2

from central.demo.paper import read_paper
from labels.addressee import Office, Person
from labels.waybill import Waybill, waybill

ADDRESS = "HTTP://PORTAL.TEST/W/CMAETVIAAQAAAAYE3URSGEJHWF22CURS"


def label(tracking: str) -> bytes:
    return waybill(
        Waybill(
            number="PGL031-261122-0001-Z",
            tracking=tracking,
            address=ADDRESS,
            kind="寄送办理结果",
            carrier="本区快递员",
            route="福州 鼓楼 · 东街",
            to=Person("翁㛃龘", "13905911234", "福建省福州市鼓楼区安泰街道通湖路 5 号 302 室"),
            sender=Office("军门社区", "0591-12345", "东街街道津泰路"),
            point="军门社区便民服务站",
            made_at="11月22日（周日）09:31",
            certificates=1,
        )
    )


def test_every_code_and_word_of_a_waybill_is_read() -> None:
    paper = read_paper(label("DS03100000015"))
    assert paper.qr == (ADDRESS,)
    assert paper.code128 == ("DS03100000015",)
    assert "PGL031-261122-0001-Z" in paper.words
    assert "翁㛃龘" not in paper.words


def test_the_codes_of_every_page_are_read() -> None:
    together = pypdfium2.PdfDocument.new()
    singles = [pypdfium2.PdfDocument(label(f"DS0310000{n:04d}")) for n in (15, 23)]
    for single in singles:
        together.import_pages(single)
    file = io.BytesIO()
    together.save(file)
    for document in (together, *singles):
        document.close()
    assert read_paper(file.getvalue()).code128 == ("DS03100000015", "DS03100000023")


def test_an_empty_page_holds_nothing() -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200).close()
    file = io.BytesIO()
    document.save(file)
    document.close()
    assert read_paper(file.getvalue()) == ((), (), "")
