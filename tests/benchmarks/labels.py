"""A thousand waybills of a page each, against bare reportlab drawing the same things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from labels.fonts import REGULAR, register
from labels.waybill import Waybill, waybills
from tests.benchmarks.report import Report
from tests.benchmarks.stage import seconds
from tests.labels.cast import WAYBILL

LABELS = 1_000
PER_SECOND_WANTED = 250
SHARE_WANTED = 0.6
_RULES_MM = (15, 37.5, 50, 81, 99, 132)


def measure(report: Report) -> None:
    """Both draw every label in turn, each with its own number and address."""
    batch = [
        replace(WAYBILL, tracking=f"DS{n:011d}", address=f"{WAYBILL.address[:-6]}{n:06d}")
        for n in range(LABELS)
    ]
    report.head(f"labels: {LABELS} waybills of a page")
    waybills(batch[:1])
    bare = LABELS / seconds(lambda: _bare(batch))
    ours = LABELS / seconds(lambda: waybills(batch))
    report.say("bare reportlab", bare, "labels/s")
    report.at_least("waybills", ours, "labels/s", PER_SECOND_WANTED)
    report.at_least("of bare reportlab", ours / bare, "%", SHARE_WANTED)


def _bare(batch: Sequence[Waybill]) -> bytes:
    """The same boxes, texts and codes at fixed places: nothing fitted, wrapped or masked."""
    register()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(100 * mm, 150 * mm), pageCompression=1)
    for w in batch:
        canvas.roundRect(3 * mm, 3 * mm, 94 * mm, 144 * mm, 1.5 * mm)
        for down in _RULES_MM:
            canvas.line(3 * mm, (150 - down) * mm, 97 * mm, (150 - down) * mm)
        for place, text in enumerate(_texts(w)):
            canvas.setFont(REGULAR, 8)
            canvas.drawString(6 * mm, (145 - 5 * place) * mm, text)
        Code128(w.tracking, barHeight=13 * mm, barWidth=0.375 * mm).drawOn(canvas, 0, 119 * mm)
        _bare_qr(canvas, w.address)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _texts(w: Waybill) -> tuple[str, ...]:
    return (
        "家门口", w.kind, w.carrier, "免费寄递", w.tracking, w.route, "收", w.to.name, w.to.phone,
        w.to.address, "寄", w.sender.name, w.sender.phone, w.sender.address, "内件",
        "证照 1 件、文件 2 件", "邮件", w.number, "寄自", w.point, "时间", w.made_at, "咨询",
        w.service_phone, "收件人（代收人）签名", "签收时间",
        "收件请核对封口；破损请当面告诉快递员。",
    )  # fmt: skip


def _bare_qr(canvas: Canvas, address: str) -> None:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=0)
    code.add_data(address)
    code.make(fit=True)
    side = 0.5 * mm
    modules = [
        f"{x} {y} 1 1 re"
        for y, row in enumerate(code.get_matrix())
        for x, dark in enumerate(row)
        if dark
    ]
    canvas.addLiteral(f"q {side} 0 0 {-side} {63 * mm} {51 * mm} cm {' '.join(modules)} f Q")
