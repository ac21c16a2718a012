"""A thousand waybills of a page each, against bare reportlab; and a batch at a point's window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import perf_counter

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from labels.fonts import REGULAR, register
from labels.waybill import Waybill, waybills
from node.config import load_node
from node.local import open_node
from node.print_jobs import BATCH_MAX
from tests.benchmarks.report import Report
from tests.benchmarks.stage import peak_mb, seconds
from tests.benchmarks.window import Clerk, node_command, node_config, window_of
from tests.labels.cast import WAYBILL
from tests.labels.paper import pages
from tests.node.mailing import packed
from tests.system.processes import until

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


def measure_batch(report: Report, folder: Path) -> None:
    """From pressing print for everything that is packed to its file, by the node's own command."""
    report.head(f"labels: a batch of {BATCH_MAX} at the window")
    config = node_config(folder)
    numbers = packed(open_node(load_node(config)), BATCH_MAX)
    with node_command(config) as command:
        mailer = Clerk(window_of(config), "zhang")
        op = re.findall(r'name="op" value="([^"]+)"', mailer.get("/mail"))[0]
        fields = {"op": op, "parcels": numbers, "looked": "all", "csrf_token": mailer.csrf}
        began = perf_counter()
        answer = mailer.session.post(f"{mailer.base}/mail/print", data=fields)
        assert answer.ok, answer.text
        pressed = perf_counter() - began
        until(lambda: _file(mailer, op), "the file of the batch", seconds=120)
        report.say("until the page says how far it is", pressed, "s")
        report.say("until the file is there", perf_counter() - began, "s")
        assert pages(_file(mailer, op)) == BATCH_MAX
        for name, pid in command.children().items():
            report.say(f"resident at most: {name}", peak_mb(pid), "MB")


def _file(mailer: Clerk, op: str) -> bytes:
    """The batch's file, or nothing yet."""
    path = f"{mailer.base}/mail/prints/{op}/waybills.pdf"
    answer = mailer.session.get(path, allow_redirects=False)
    return answer.content if answer.status_code == 200 else b""


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
