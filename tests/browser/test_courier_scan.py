"""A courier's phone in a real Chromium: the camera reads a printed waybill, and so does a photo."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from courier.desk import MemoryDesk
from labels import tokens
from labels.addressee import Office, Person
from labels.sheets import formats
from labels.waybill import Waybill, waybill
from tests.browser.conftest import ARGUMENTS, PHONE, WAIT_MS
from tests.browser.test_look import axe_findings
from tests.courier.app_cast import (
    CODE,
    DAY,
    MASTER,
    OFFICE,
    PIN,
    RESIDENT,
    Clock,
    make_app,
    make_desk,
    number,
    pack,
    tracking,
)
from tests.labels import distorted, paper
from tests.serving import served

FRAME = (1280, 720)
WHITE = (238, 236, 230)


def label(serial: int, *, base: str = "http://portal.test:8600") -> Image.Image:
    """A parcel's waybill as a label printer with 203 dots an inch draws it."""
    token = tokens.mint(
        tokens.point_key(MASTER, 17),
        tokens.Purpose.WAYBILL,
        number(serial),
        DAY + timedelta(days=60),
    )
    pdf = waybill(
        Waybill(
            number=number(serial),
            tracking=tracking(serial),
            address=tokens.url(base, token),
            kind="寄送办理结果",
            carrier="本区快递员",
            route="福州 鼓楼 · 东街",
            to=Person(RESIDENT.name, RESIDENT.phone, RESIDENT.region + RESIDENT.address),
            sender=Office(OFFICE.name, OFFICE.phone, OFFICE.address),
            point="军门社区便民服务站",
            made_at="11月23日（周一）09:31",
            certificates=1,
        )
    )
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[0].render(scale=203 / 72).to_pil().convert("RGB")
    finally:
        document.close()


def part(picture: Image.Image, *, code: str) -> Image.Image:
    """The half of a waybill with the QR code, or the one with the barcode."""
    half = picture.height // 2
    box = (0, half, picture.width, picture.height) if code == "qr" else (0, 0, picture.width, half)
    return picture.crop(box)


def held_before_the_camera(picture: Image.Image, *, turn: float, folder: Path) -> Path:
    """A short film of a label that a hand holds a little askew, as MJPEG."""
    frames = []
    for step in range(6):
        frame = Image.new("RGB", FRAME, (96, 88, 80))
        shown = picture.copy()
        shown.thumbnail((880, 660))
        turned = shown.rotate(turn + step * 0.4, expand=True, fillcolor=WHITE, resample=3)
        frame.paste(turned, ((FRAME[0] - turned.width) // 2, (FRAME[1] - turned.height) // 2))
        data = io.BytesIO()
        frame.save(data, "JPEG", quality=82)
        frames.append(data.getvalue())
    film = folder / "camera.mjpeg"
    film.write_bytes(b"".join(frames))
    return film


@pytest.fixture
def desk() -> MemoryDesk:
    desk = make_desk(Clock())
    for serial in (1, 2):
        pack(desk, serial)
    return desk


@pytest.fixture
def portal(desk: MemoryDesk) -> Iterator[str]:
    with served(make_app(desk)) as address:
        yield address


def on_a_phone(browser: Browser, portal: str, **more: object) -> Page:
    """A phone on which the courier 孟师傅 has signed in."""
    context = browser.new_context(
        viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True,
        locale="zh-CN", timezone_id="Asia/Shanghai", **more,
    )  # type: ignore[arg-type]  # fmt: skip
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.goto(f"{portal}/courier/")
    page.get_by_label("账号").fill("meng")
    page.get_by_label("PIN 码").fill(PIN)
    page.get_by_role("button", name="登录").tap()
    page.wait_for_url(f"{portal}/courier/")
    return page


def film(chromium: str, camera: Path) -> list[str]:
    return [
        *ARGUMENTS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]


@pytest.mark.parametrize(("code", "turn"), [("qr", 0.0), ("qr", 17.0), ("barcode", 2.0)])
def test_the_camera_reads_a_held_label_and_the_parcel_is_taken_over_and_delivered(
    playwright: Playwright, chromium_path: str, portal: str, desk: MemoryDesk, tmp_path: Path,
    artefacts: Path, code: str, turn: float,
) -> None:  # fmt: skip
    camera = held_before_the_camera(part(label(1), code=code), turn=turn, folder=tmp_path)
    browser = playwright.chromium.launch(
        executable_path=chromium_path, args=film(chromium_path, camera)
    )
    page = on_a_phone(browser, portal)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="扫一扫").tap()
    page.wait_for_url(f"{portal}/courier/parcels/{number(1)}")
    page.screenshot(path=artefacts / f"courier-scanned-{code}.png")
    page.get_by_role("button", name="揽收").tap()
    expect(page.get_by_role("heading", name="已揽收")).to_be_visible()
    page.get_by_role("link", name="看这件邮件").tap()
    page.get_by_role("link", name="已送达").tap()
    page.get_by_text("本人", exact=True).tap()
    page.locator("#f-code").fill(CODE)
    page.get_by_role("button", name="确定已送达").tap()
    expect(page.get_by_role("heading", name="已送达：本人")).to_be_visible()
    assert all(url.startswith((portal, "blob:")) for url in asked)
    browser.close()
    parcel = desk.parcel(number(1))
    assert parcel
    assert parcel.delivered_to == "self"


def test_a_strange_code_before_the_camera_leads_nowhere(
    playwright: Playwright, chromium_path: str, portal: str, tmp_path: Path, artefacts: Path
) -> None:
    from labels.codes import qr

    code = qr("https://elsewhere.test/win")
    strange = Image.new("RGB", (code.width * 16 + 128,) * 2, "white")
    for bar in code.bars:
        box = (64 + bar.x * 16, 64 + bar.y * 16)
        strange.paste((0, 0, 0), (*box, box[0] + bar.width * 16, box[1] + bar.height * 16))
    camera = held_before_the_camera(strange, turn=4, folder=tmp_path)
    browser = playwright.chromium.launch(
        executable_path=chromium_path, args=film(chromium_path, camera)
    )
    page = on_a_phone(browser, portal)
    page.goto(f"{portal}/courier/scan")
    expect(page.get_by_text("这不是本平台的面单")).to_be_visible()
    page.screenshot(path=artefacts / "courier-scan-strange.png")
    assert page.url == f"{portal}/courier/scan"
    assert axe_findings(page) == []
    browser.close()


def test_without_a_camera_a_photo_of_the_label_is_read(
    browser: Browser, portal: str, tmp_path: Path, artefacts: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    label(2).rotate(9, expand=True, fillcolor=WHITE, resample=3).save(photo, quality=80)
    page = on_a_phone(browser, portal)
    page.goto(f"{portal}/courier/scan")
    expect(page.get_by_text("没有找到相机")).to_be_visible()
    page.screenshot(path=artefacts / "courier-scan-no-camera.png")
    page.locator("input[type=file]").set_input_files(photo)
    page.wait_for_url(f"{portal}/courier/parcels/{number(2)}")
    page.context.close()


def test_bars_are_read_turned_grainy_and_from_a_worn_printer(
    browser: Browser, portal: str, tmp_path: Path
) -> None:
    photo, bars = tmp_path / "photo.png", formats().labels["large"].band("tracking")
    printed = paper.part(numpy.asarray(label(2).convert("L")), bars)
    page = on_a_phone(browser, portal)
    for distortion in ("turned", "with noise", "worn", "all of it"):
        assert distorted.read(printed, distortion, distorted.EYES[0]) == []
        distorted.DISTORTIONS[distortion](Image.fromarray(printed)).save(photo)
        page.goto(f"{portal}/courier/scan")
        page.locator("input[type=file]").set_input_files(photo)
        page.wait_for_url(f"{portal}/courier/parcels/{number(2)}")
    page.context.close()


def test_a_photo_without_a_code_says_what_to_do_and_keeps_the_page(
    browser: Browser, portal: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (800, 600), WHITE).save(photo)
    page = on_a_phone(browser, portal)
    page.goto(f"{portal}/courier/scan")
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.get_by_text("没看清码")).to_be_visible()
    wrong = tmp_path / "photo.png"
    wrong.write_bytes(b"no picture at all")
    page.locator("input[type=file]").set_input_files(wrong)
    expect(page.get_by_text("打不开")).to_be_visible()
    page.context.close()


def test_on_plain_http_where_no_camera_is_given_the_photo_and_the_number_are_offered(
    browser: Browser, portal: str
) -> None:
    page = on_a_phone(browser, portal)
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    page.goto(f"{portal}/courier/scan")
    expect(page.get_by_text("不能直接用相机")).to_be_visible()
    page.get_by_label("输入邮件号").fill(tracking(1)[2:])
    page.get_by_role("button", name="打开").tap()
    page.wait_for_url(f"{portal}/courier/parcels/{number(1)}")
    page.context.close()


def test_a_phone_s_own_reader_is_used_where_it_has_one(browser: Browser, portal: str) -> None:
    page = on_a_phone(browser, portal)
    code = tracking(2)
    page.add_init_script(
        "window.BarcodeDetector = class { detect() {"
        f" return Promise.resolve([{{rawValue: '{code}'}}]); }}"
        " static getSupportedFormats() { return Promise.resolve(['code_128', 'qr_code']); } }"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{portal}/courier/scan")
    image = io.BytesIO()
    Image.new("RGB", (64, 64), WHITE).save(image, "PNG")
    picked = {"name": "photo.png", "mimeType": "image/png", "buffer": image.getvalue()}
    page.locator("input[type=file]").set_input_files(picked)  # type: ignore[arg-type]
    page.wait_for_url(f"{portal}/courier/parcels/{number(2)}")
    assert not [url for url in asked if "zxing" in url]
    page.context.close()


def test_without_javascript_the_number_opens_the_parcel(browser: Browser, portal: str) -> None:
    page = on_a_phone(browser, portal, java_script_enabled=False)
    page.goto(f"{portal}/courier/scan")
    expect(page.get_by_text("请在下面输入邮件号")).to_be_visible()
    expect(page.get_by_text("拍一张面单的照片")).to_be_hidden()
    page.get_by_label("输入邮件号").fill(tracking(1))
    page.get_by_role("button", name="打开").tap()
    page.get_by_role("button", name="揽收").tap()
    expect(page.get_by_role("heading", name="已揽收")).to_be_visible()
    page.context.close()


PATHS = ["", "scan", "find?q=9999", "parcels/{n}", "parcels/{n}/delivered", "parcels/{n}/failed",
         "parcels/{n}/returned"]  # fmt: skip


def test_every_page_is_clean_for_axe_fits_the_phone_and_has_targets_for_a_thumb(
    browser: Browser, portal: str, artefacts: Path
) -> None:
    page = on_a_phone(browser, portal)
    page.goto(f"{portal}/courier/find?q={tracking(1)}")
    page.get_by_role("button", name="揽收").tap()
    expect(page.get_by_role("heading", name="已揽收")).to_be_visible()
    for path in PATHS:
        page.goto(f"{portal}/courier/{path.format(n=number(1))}")
        name = path.partition("?")[0].rpartition("/")[2].format(n="parcel") or "home"
        page.screenshot(path=artefacts / f"courier-{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert axe_findings(page) == [], path
        small = page.evaluate(
            "[...document.querySelectorAll('main a, main button, main label.choice, main input"
            ":not([type=hidden]):not([type=radio]):not([type=file]), .actions-bar a,"
            " .actions-bar button')].filter(e => e.offsetParent && e.offsetHeight < 56)"
            ".map(e => e.outerHTML.slice(0, 90))"
        )
        assert small == [], path
    page.context.close()
