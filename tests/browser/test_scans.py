"""A scan in a real browser: attached at one window, opening by itself at the other once fetched."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect

from node.app import create_app
from node.config import Phone
from node.phone_pages import create_phone_app
from sync.blobs.memory import MemoryBlobs
from tests.browser.conftest import attentive
from tests.browser.test_look import axe_findings
from tests.browser.test_reception import good
from tests.browser.test_window_cases import enter, served
from tests.node.casework import meet
from tests.node.conftest import CENTRE, HERE, Clock, Desk, make_node, receipt_all, sign_in
from tests.node.pictures import jpeg, pdf
from tests.node.receiving import receive as receive_through
from tests.node.receiving import typed
from tests.node.scanning import carry, receive
from tests.node.test_undertakings import of_promises
from tests.serving import free_port
from tests.serving import served as app_served


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
        expect(picture).to_have_js_property("naturalWidth", 40)
        expect(picture).to_have_js_property("naturalHeight", 30)


DROP = """([bytes, name, type]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, {type}));
  for (const kind of ['dragover', 'drop']) document.querySelector('[data-drop]').dispatchEvent(
    new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def test_a_phone_and_a_dropped_file_give_scans_while_the_form_is_filled_in(
    page: Page, phone_page: Page, tmp_path: Path, artefacts: Path
) -> None:
    node, code, paper = make_node(tmp_path / "here", HERE, Clock()), *of_promises()
    port = free_port()
    config = replace(node.config, phone=Phone(f"http://127.0.0.1:{port}"))
    node = replace(node, config=config)
    phones = create_phone_app(node, b"0123456789abcdef")
    with served(node) as url, app_served(phones, port):
        enter(page, url, "lin")
        page.goto(f"{url}/reception/{code}")
        attentive(page).keyboard.press("Alt+p")
        address = page.locator("#phone-code .number")
        expect(address).to_contain_text("/up/")
        good(page, artefacts, "reception-phone-code")
        phone_page.goto(address.inner_text())
        phone_page.screenshot(path=artefacts / "phone-scan.png")
        assert axe_findings(phone_page) == []
        photo = {"name": "image.jpg", "mimeType": "image/jpeg", "buffer": jpeg(900, 1200)}
        phone_page.get_by_label("照片").set_input_files(files=[photo])
        phone_page.get_by_role("button", name="交给窗口").tap()
        expect(phone_page.locator("main")).to_contain_text("窗口收到了")
        picture = page.locator("#draft-scans img")
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("naturalHeight", 240)
        page.evaluate(DROP, [list(pdf(2)), "a.pdf", "application/pdf"])
        expect(page.locator("#draft-scans")).to_contain_text("PDF，2 页")
        page.get_by_label("缺这份，书面承诺补交").first.check()
        good(page, artefacts, "reception-scans")
        page.locator("#draft-scans").scroll_into_view_if_needed()
        page.screenshot(path=artefacts / "window-reception-scans-below.png")
        number = receive_at(sign_in(create_app(node), "lin"), code, paper)
        for path, name in (
            (f"/cases/{number}/received", "received-promised"),
            ("/undertakings", "undertakings"),
        ):
            page.goto(f"{url}{path}")
            good(page, artefacts, name)
        page.goto(f"{url}/cases/{number}")
        page.evaluate(DROP, [list(pdf(3)), "b.pdf", "application/pdf"])
        expect(page.locator("#scans")).to_contain_text("PDF，3 页")
        page.get_by_role("button", name="撤销").click()
        expect(page.locator("#scans")).not_to_contain_text("PDF，3 页")
        page.set_viewport_size({"width": 1366, "height": 1400})
        good(page, artefacts, "case-scans")


def receive_at(desk: Desk, code: str, paper: str) -> str:
    papers = [one for one in typed(code)["paper"] if one != paper]
    return receive_through(
        desk, code, paper=papers, promise=paper, **{f"due-{paper}": "2026-12-07"}
    )
