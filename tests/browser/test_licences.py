"""A paper that a licence replaces, at the window of a real browser; and what an officer sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from central.licence_db import licence_keys, open_licence_db
from central.licence_library import DistrictLibrary, Held
from central.router import follow_journal
from central.setup import enrolment
from central.web import create_app
from node.app import create_app as window_app
from node.config import CentralAt, NodeConfig
from node.line import CURSOR
from node.local import open_node
from sync.db import write
from sync.memory import MemoryServer
from tests.browser.conftest import DESKTOP, WAIT_MS
from tests.browser.test_look import axe_findings
from tests.central.travel import HERE, journey
from tests.contract.conftest import served
from tests.node.conftest import PASSWORD, staff_document
from tests.node.receiving import ID

PRINT = "ZRZY-001400"
ELDER = "110105194912310046"


@pytest.fixture(scope="module")
def window(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """军门社区's window, joined to central's web, whose library has one identity card."""
    tmp_path = tmp_path_factory.mktemp("licences")
    with (
        journey(tmp_path, MemoryServer().connect) as started,
        served(create_app(started.district)) as central,
    ):
        file = tmp_path / "enrolment.json"
        content = enrolment(started.district, started.server, HERE, staff_document())
        file.write_bytes(msgspec.json.encode(content))
        at = CentralAt(couchdb_url="http://couch.test", portal_url=central)
        config = NodeConfig(data=tmp_path / "window", central=at, enrolment=file)
        node = open_node(config, started.clock)
        started.push(HERE, node)
        started.router.take_in()
        with closing(started.district.open_store()) as store:
            while follow_journal(store, started.server):
                pass
        with node.local() as local, write(local.store.db):
            local.store.set_cursor(CURSOR, '{"ok": true}')
        with closing(open_licence_db(started.district.config.data)) as db:
            library = DistrictLibrary(db, licence_keys(started.district.secrets))
            library.put("SFZ", ID, "file:1", Held("350102000042", "鼓楼公安分局", "2040-01-01"))
        with served(window_app(node)) as url:
            context = browser.new_context(viewport=DESKTOP, locale="zh-CN", base_url=url)
            context.set_default_timeout(WAIT_MS)
            page = context.new_page()
            page.goto("/signin/")
            page.fill("[name=login]", "wang")
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(f"{url}/")
            yield page
            context.close()


def test_a_licence_is_found_while_the_clerk_types_and_replaces_the_paper(
    window: Page, artefacts: Path
) -> None:
    window.goto(f"/reception/{PRINT}")
    window.fill("[name=document_number]", ID)
    window.press("[name=document_number]", "Tab")
    expect(window.locator("#licence-1")).to_contain_text("已查到，免交")
    window.fill("[name=name]", "林小梅")
    window.fill("[name=phone]", "13805911234")
    for choice in window.locator(".question.open .choice").all():
        if "不" in choice.inner_text() or "没" in choice.inner_text():
            choice.click()
    window.keyboard.press("Alt+a")
    expect(window.locator("#f-paper-1")).not_to_be_checked()  # what is waived is not ticked
    window.screenshot(path=artefacts / "licence-found.png")
    assert axe_findings(window) == []


def test_an_elders_card_is_approved_at_once_and_says_by_which_facts(
    window: Page, artefacts: Path
) -> None:
    window.goto("/reception/MZJ-080101")
    window.fill("[name=document_number]", ELDER)
    window.fill("[name=name]", "林小梅")
    window.fill("[name=phone]", "13805911234")
    window.select_option("[name=area]", HERE)
    expect(window.locator("#guide.htmx-request, #guide .htmx-request")).to_have_count(0)
    for box in window.locator("[name=paper]").all():
        box.check()
    window.keyboard.press("Alt+r")
    window.wait_for_url("**/received")
    window.goto(window.url.replace("/received", ""))
    expect(window.locator("#checks")).to_contain_text("系统自动审批（秒批）")
    expect(window.locator("#checks")).to_contain_text("年满 60 周岁")
    window.locator("#checks").scroll_into_view_if_needed()
    window.screenshot(path=artefacts / "case-instant.png", full_page=True)
    assert axe_findings(window) == []
