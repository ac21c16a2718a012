"""The papers themselves: decoded, read, measured."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from threading import Thread

import pytest

from labels.addressee import Office, Person
from labels.manifest import manifest
from labels.page import Box
from labels.poster import poster
from labels.receipt import Handling, Paper, receipt
from labels.sheets import Sheet, formats
from labels.waybill import Waybill, waybill, waybills
from tests.labels import paper
from tests.labels.cast import (
    CASE,
    MANIFEST,
    MEI,
    PARCEL,
    POSTER,
    RARE,
    RECEIPT,
    STATION,
    TRACKING,
    WAYBILL,
)

LONG = "福建省福州市鼓楼区" + "很长的街道名称" * 14 + "12号楼"
OVERFULL = replace(
    WAYBILL,
    tracking="ABCDEFGHIJ1234567890X",
    kind="寄送办理结果和其他很多很多材料以及更多的材料",
    carrier="名称很长的承运公司福州市鼓楼区分公司营业部" * 2,
    route="福建 福州 鼓楼 · 名字非常非常长的街道和社区" * 3,
    to=Person("阿卜杜拉·买买提·吐尔逊·艾合买提" * 2, "+852 9123 45678901", LONG + "3单元502室"),
    sender=Office("名称很长的便民服务站" * 6, "0591-87550017 转 8001 或 8002", LONG),
    point="名称很长的便民服务站（017）" * 5,
    made_at="2026年11月22日（周日）15:00，补打于11月23日（周一）09:00",
    certificates=123456,
    documents=123456,
    grams=29999,
    inspected="2026年11月22日（周日）15:00",
)
FORMATS = formats()
THERMAL = [
    sheet for sheet in FORMATS.sheets if sheet.place_mm == sheet.page and sheet.page[0] < 148
]


def assert_inside(pdf: bytes, box: Box, number: int = 0) -> None:
    for sign in paper.characters(pdf, number):
        if sign.text.strip():
            assert box.x <= sign.left, sign
            assert sign.right <= box.x + box.width, sign
            assert box.y <= sign.top, sign
            assert sign.bottom <= box.y + box.height, sign


def assert_nothing_overlaps(pdf: bytes, number: int = 0) -> None:
    signs = [sign for sign in paper.characters(pdf, number) if sign.text.strip()]
    assert signs
    for one, other in combinations(signs, 2):
        across = min(one.right, other.right) - max(one.left, other.left)
        down = min(one.bottom, other.bottom) - max(one.top, other.top)
        assert min(across, down) < 0.15, (one, other)  # mm: kerned neighbours may touch


def test_a_waybills_codes_are_read_from_a_203_dpi_print() -> None:
    assert paper.codes(waybill(WAYBILL)) == {"QR Code": WAYBILL.address, "Code 128": TRACKING}


@pytest.mark.parametrize("number", ["1060123456789", "EA123456785CN"])
def test_a_carriers_number_is_read_from_the_print_whatever_its_form(number: str) -> None:
    made = waybill(replace(WAYBILL, tracking=number, carrier="中国邮政 EMS"))
    assert paper.codes(made)["Code 128"] == number
    assert "中国邮政 EMS" in paper.text(made)


def test_a_waybill_shows_nothing_of_a_person_that_a_stranger_must_not_read() -> None:
    words = paper.text(waybill(WAYBILL)).replace(" ", "")
    assert "林*梅" in words
    assert "138******78" in words
    assert "军门社区12号楼***" in words
    for secret in (MEI.name, "小", MEI.phone, "5678", "3单元", "502"):
        assert secret not in words


def test_nothing_hidden_is_left_in_the_files_other_parts() -> None:
    pdf = waybill(WAYBILL)
    for secret in (MEI.name, MEI.phone, "502"):
        for coding in ("utf-8", "utf-16-be"):
            assert secret.encode(coding) not in pdf


def test_a_waybill_says_what_it_is_where_from_and_what_is_inside() -> None:
    words = paper.text(waybill(WAYBILL))
    wanted = (
        TRACKING, PARCEL, "免费寄递", WAYBILL.kind, WAYBILL.carrier, WAYBILL.route, STATION.name,
        STATION.phone, STATION.address, "证照 1 件、文件 2 件", WAYBILL.point, WAYBILL.made_at,
    )  # fmt: skip
    for part in wanted:
        assert part in words


def test_a_reprint_is_marked_and_a_first_print_is_not() -> None:
    for document in (
        lambda copy: waybill(replace(WAYBILL, copy=copy)),
        lambda copy: receipt(RECEIPT, copy=copy),
        lambda copy: manifest(MANIFEST, copy=copy),
    ):
        assert "重印" not in paper.text(document(1))
        assert "重印 第 2 份" in paper.text(document(2))
        with pytest.raises(ValueError, match="copy 0"):
            document(0)


def test_rare_characters_are_printed_on_every_paper() -> None:
    office = Office(f"{RARE}站", "1", "2")
    printed = (
        waybill(replace(WAYBILL, sender=office, route=RARE)),
        receipt(replace(RECEIPT, applicant=RARE, organisation=True)),
        poster(replace(POSTER, point=RARE)),
        manifest(replace(MANIFEST, point=RARE)),
    )
    for pdf in printed:
        assert RARE in paper.text(pdf)


@pytest.mark.parametrize("copy", [1, 99])
@pytest.mark.parametrize("w", [WAYBILL, OVERFULL], ids=["usual", "overfull"])
@pytest.mark.parametrize("sheet", THERMAL, ids=lambda sheet: sheet.code)
def test_whatever_is_on_a_waybill_stays_on_it(w: Waybill, copy: int, sheet: Sheet) -> None:
    pdf = waybill(replace(w, copy=copy), sheet)
    assert_inside(pdf, FORMATS.label_of(sheet).frame)
    assert_nothing_overlaps(pdf)
    assert paper.codes(pdf) == {"QR Code": w.address, "Code 128": w.tracking}


def test_a_long_address_is_wrapped_whole() -> None:
    long = replace(WAYBILL, to=Person("林小梅", "13812345678", LONG + "502室"))
    assert LONG + "***" in paper.text(waybill(long))


def test_many_waybills_are_one_pdf_with_a_label_a_page() -> None:
    batch = [replace(WAYBILL, tracking=f"DS{number:011d}") for number in range(12)]
    pdf = waybills(batch)
    assert paper.pages(pdf) == 12
    assert [paper.codes(pdf, page)["Code 128"] for page in range(12)] == [w.tracking for w in batch]


def test_labels_lie_where_the_sheet_has_them_and_skip_used_ones() -> None:
    batch = [replace(WAYBILL, tracking=f"DS{number:011d}") for number in range(4)]
    pdf = waybills(batch, FORMATS.sheet("a4-4"), first=1)
    assert paper.pages(pdf) == 2
    addresses = [WAYBILL.address] * 3
    assert paper.all_codes(pdf) == sorted([w.tracking for w in batch[:3]] + addresses)
    assert paper.all_codes(pdf, 1) == sorted([batch[3].tracking, WAYBILL.address])
    assert not [sign for sign in paper.characters(pdf) if sign.right < 105 and sign.bottom < 148.5]


@pytest.mark.parametrize("sheet", FORMATS.sheets, ids=lambda sheet: sheet.code)
def test_a_full_sheet_of_each_format_is_read(sheet: Sheet) -> None:
    pdf = waybills([WAYBILL] * sheet.labels, sheet)
    assert paper.pages(pdf) == 1
    assert_inside(pdf, Box(0, 0, *sheet.page))
    assert len(paper.all_codes(pdf)) == 2 * sheet.labels
    with pytest.raises(ValueError, match=sheet.code):
        waybills([WAYBILL], sheet, first=sheet.labels)


def test_nothing_to_print_is_refused() -> None:
    for empty in (lambda: waybills([]), lambda: manifest(replace(MANIFEST, lines=()))):
        with pytest.raises(ValueError, match="there is no"):
            empty()


def test_a_receipt_is_read_and_says_what_was_taken_and_how() -> None:
    pdf = receipt(RECEIPT)
    words = paper.text(pdf)
    assert paper.pages(pdf) == 1
    assert paper.codes(pdf) == {"QR Code": RECEIPT.address}
    assert "扫码填寄递单、查进度" in words
    assert "林*梅" in words
    assert "林小梅" not in words
    for part in (CASE, RECEIPT.matter, RECEIPT.decided_by, RECEIPT.received_at, RECEIPT.note,
                 "签收码", RECEIPT.code):  # fmt: skip
        assert part in words
    for part in ("原件收存", "复印件收存", "当场核验后退回", "电子材料", "免交，待核验"):
        assert part in words
    for step in RECEIPT.next_steps:
        assert step in words


def test_an_organisation_is_named_in_full() -> None:
    pdf = receipt(replace(RECEIPT, applicant="福州某某有限公司", organisation=True))
    assert "福州某某有限公司" in paper.text(pdf)


def many_papers(count: int) -> Sequence[Paper]:
    return [
        Paper(f"第{number}份材料的名称" + "很长" * 20, Handling.ORIGINAL_KEPT)
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize(("count", "sheets_of_paper"), [(0, 1), (8, 1), (9, 2), (40, 3)])
def test_no_paper_taken_is_missing_from_the_receipt(count: int, sheets_of_paper: int) -> None:
    pdf = receipt(
        replace(
            RECEIPT,
            papers=many_papers(count),
            matter="国有建设用地使用权及房屋所有权变更登记（面积、用途或坐落变更）" * 2,
            applicant="名称很长的有限责任公司" * 4,
            organisation=True,
            decided_by="鼓楼区名称很长的管理局" * 3,
            next_steps=RECEIPT.next_steps * 2,
        ),
        copy=12,
    )
    words = paper.text(pdf)
    assert paper.pages(pdf) == sheets_of_paper
    for number in range(1, count + 1):
        assert f"第{number}份材料的名称" in words
    assert RECEIPT.next_steps[2] in words
    for page in range(sheets_of_paper):
        assert_inside(pdf, Box(8, 8, 132, 198), page)
        assert_nothing_overlaps(pdf, page)


def test_a_poster_is_read_from_across_the_counter() -> None:
    pdf = poster(POSTER)
    words = paper.text(pdf)
    assert paper.pages(pdf) == 1
    assert paper.codes(pdf) == {"QR Code": POSTER.address}
    assert "排队时先扫码填寄递单" in words
    assert "while you queue" in words
    assert POSTER.valid_until in words
    assert_inside(pdf, Box(8, 5, 194, 287))
    assert_nothing_overlaps(pdf)


def test_a_manifest_lists_every_parcel_with_its_code_and_has_one_for_all() -> None:
    pdf = manifest(MANIFEST)
    words = paper.text(pdf)
    assert paper.pages(pdf) == 2
    read = paper.all_codes(pdf) + paper.all_codes(pdf, 1)
    own = [MANIFEST.address] * 2
    assert sorted(read) == sorted([*own, *(line.address for line in MANIFEST.lines)])
    assert all(line.number in words and line.tracking in words for line in MANIFEST.lines)
    assert "共 13 件" in words
    assert MEI.name not in words
    assert MEI.phone not in words
    assert_inside(pdf, Box(10, 10, 190, 277))
    assert_nothing_overlaps(pdf)


PRINTERS: list[Callable[[], bytes]] = [
    lambda: waybill(WAYBILL),
    lambda: receipt(RECEIPT),
    lambda: poster(POSTER),
    lambda: manifest(MANIFEST),
]


@pytest.mark.parametrize("printer", PRINTERS)
def test_the_same_paper_is_the_same_bytes_in_every_thread(printer: Callable[[], bytes]) -> None:
    wanted = printer()
    printed: list[bytes] = []
    threads = [Thread(target=lambda: printed.append(printer())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert printed == [wanted] * 4


def test_a_label_is_a_small_file() -> None:
    assert len(waybill(WAYBILL)) < 60_000
