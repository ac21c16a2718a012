"""A scan in a real browser: attached at one window, opening by itself at the other once fetched."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from playwright.sync_api import Page, expect

from sync.blobs.memory import MemoryBlobs
from tests.browser.test_look import axe_findings
from tests.browser.test_window_cases import enter, served
from tests.node.casework import meet
from tests.node.conftest import CENTRE, HERE, Clock, make_node, receipt_all
from tests.node.scanning import carry, receive


def png(width: int = 40, height: int = 30) -> bytes:
    """A whole picture, small enough to write out."""
    rows = b"".join(b"\0" + b"\x0b\x6b\x6f" * width for _ in range(height))

    def part(kind: bytes, body: bytes) -> bytes:
        sum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", sum)

    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def test_a_scan_attached_at_one_window_opens_by_itself_at_the_other(
    page: Page, tmp_path: Path, artefacts: Path
) -> None:
    node, centre = (make_node(tmp_path / name, name, Clock()) for name in (HERE, CENTRE))
    number, central = receive(node), MemoryBlobs()
    with served(node) as url:
        enter(page, url, "lin")
        page.goto(f"{url}/cases/{number}")
        scan = {"name": "营业执照.png", "mimeType": "image/png", "buffer": png()}
        page.get_by_label("扫描件（").set_input_files(files=[scan])
        page.get_by_label("是哪份材料").select_option(label="营业执照")
        page.get_by_role("button", name="附上").click()
        expect(page.locator("#scans")).to_contain_text("PNG 图片，1 KB")
        expect(page.locator("#scans")).to_contain_text("待传")
        page.locator("#scans").scroll_into_view_if_needed()
        page.screenshot(path=artefacts / "window-scan-attached.png")
        assert axe_findings(page) == []
    carry(node, central)
    meet(node, centre)
    receipt_all(centre)
    with served(centre) as url:
        enter(page, url, "chen")
        page.goto(f"{url}/cases/{number}")
        with page.expect_popup() as opening:
            page.get_by_role("button", name="打开", exact=True).click()
        opened = opening.value
        expect(opened.get_by_role("heading", level=1)).to_have_text("正在从区中心取，稍候自动打开")
        opened.screenshot(path=artefacts / "window-scan-awaited.png")
        assert axe_findings(opened) == []
        carry(centre, central)
        picture = opened.locator('img[src*="/scans/"]')
        expect(picture).to_be_visible()
        assert picture.evaluate("i => [i.naturalWidth, i.naturalHeight]") == [40, 30]
