"""The administrator in a real browser: a table with mistakes, then a good one, and its day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect

from cases.standards_rows import table_rows
from central.accounts import add_account
from central.setup import prepare_couch
from central.standards_desk import standards_of
from central.web import create_app
from sync.bundle import load_bundle
from tests.browser.district import expect_toast
from tests.browser.test_window_cases import good
from tests.central.test_standards_pages import as_csv, cell, few
from tests.central.world import PASSWORD, Clock, make_district
from tests.serving import served


def choose(page: Page, name: str, rows: list[list[str]]) -> None:
    page.get_by_label("表格文件").set_input_files(
        [{"name": name, "mimeType": "text/csv", "buffer": as_csv(rows)}]
    )
    page.keyboard.press("Alt+d")


def test_a_table_is_imported_seen_and_published_by_keyboard(
    page: Page, tmp_path: Path, artefacts: Path
) -> None:
    district = make_district(tmp_path / "central", Clock())
    district = replace(district, bundle=few(load_bundle()))
    data = district.config.data
    add_account(data, login="biao", display="标准员", roles=["admin"], secret=PASSWORD)
    prepare_couch(district, district.connect())
    rows = list(table_rows(standards_of(district.bundle), "items"))
    page.on("dialog", lambda dialog: dialog.accept())
    with served(create_app(district)) as address:
        page.goto(f"{address}/board/")
        page.fill("#f-login", "biao")
        page.fill("#f-password", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="一套标准")).to_be_visible()
        good(page, artefacts, "standards")
        page.keyboard.press("d")
        expect(page.get_by_role("heading", name="导入表格")).to_be_visible()
        good(page, artefacts, "standards-import")
        cell(rows, 1, "层级", "县级")
        choose(page, "事项.csv", rows)
        expect(page.locator("tbody")).to_contain_text("写的是“县级”")
        good(page, artefacts, "standards-problems")
        cell(rows, 1, "层级", "社区级")
        cell(rows, 3, "承诺时限", "9")
        page.keyboard.press("d")
        choose(page, "事项.csv", rows)
        expect(page.locator("tbody").first).to_contain_text("承诺时限")
        good(page, artefacts, "standards-preview")
        page.keyboard.press("p")
        expect_toast(page, "已放进草稿，还没有发布")
        for name in ("matters/MZJ-080101", "points", "points/350102004001", "calendar"):
            page.goto(f"{address}/board/standards/{name}")
            good(page, artefacts, f"standards-{name.replace('/', '-')}")
        page.goto(f"{address}/board/standards/")
        page.get_by_label("从哪一天起生效").fill("2026-12-01")
        page.get_by_label("为什么改").fill("榕鼓〔2026〕1 号")
        page.keyboard.press("Alt+p")
        expect_toast(page, "已发布第 2 版，12月1日（周二）起生效")
        good(page, artefacts, "standards-versions")
