"""The slip on residents' phones: fifty at once, and the first page over a slow line."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import requests
from playwright.sync_api import Browser, sync_playwright

from cases.numbers import case_number
from central.config import load_central
from central.district import JOURNAL, District, open_district
from labels.tokens import Purpose, mint
from tests.benchmarks.report import Report
from tests.benchmarks.stage import at_percent
from tests.browser.conftest import ARGUMENTS, PHONE, chromium
from tests.serving import free_port
from tests.system.processes import Command, until

PHONES = 50
POINT = 17
PAUSE_S = 1.0  # between two pages: nobody types a name faster
PAGE_P95_MS = 150.0
FIRST_PAINT_MS = 1_000.0
PAINTS = 5
#: WebPageTest's "Slow 3G": 400 kbit/s both ways, 400 ms from a question to its answer.
SLOW_3G = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
STEPS = (
    ("who", {"name": "翁㛃龘", "phone": "13905911234"}),
    ("place", {"county": "350102"}),
    ("street", {"street": "军门社区12号楼3单元502室", "note": ""}),
    ("check", {}),
)
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_OP = re.compile(r'name="op" value="([^"]+)"')


def measure(report: Report, folder: Path, *, rounds: int) -> None:
    """Fifty phones fill slips in, page by page; then one is opened over slow 3G."""
    with _central(folder) as (command, base):
        district = open_district(load_central(command.config))
        report.head(f"phones: {PHONES} fill in a slip at once, {rounds} each")
        _fill(report, district, base, rounds)
        report.head("phones: the page that a QR code opens, over slow 3G (400 kbit/s, 400 ms)")
        _paint(report, district, base)


@contextmanager
def _central(folder: Path) -> Iterator[tuple[Command, str]]:
    couch, web = free_port(), free_port()
    config = folder / "central.toml"
    config.write_text(
        f'[central]\ndata = "{folder / "central"}"\n'
        f'[central.couchdb]\nhost = "127.0.0.1"\nport = {couch}\n'
        f'[central.web]\nhost = "127.0.0.1"\nport = {web}\ntrusted_proxies = 1\n'
        f'public_url = "http://127.0.0.1:{web}"\n',
        encoding="utf-8",
    )
    command = Command("central", config, folder / "central.log")
    command.start()
    base = f"http://127.0.0.1:{web}"
    try:
        until(lambda: _answers(base), "central's pages")
        yield command, base
    finally:
        command.end()


def _answers(base: str) -> bool:
    try:
        return requests.get(base, timeout=5).ok
    except requests.RequestException:
        return False


def _code(district: District, serial: int) -> tuple[str, str]:
    """A case that no point has told of yet, and the code on its receipt."""
    today = datetime.now(UTC).date()
    number = case_number(POINT, today, serial)
    key = district.secrets.token_key(POINT)
    return number, mint(key, Purpose.RECEIPT, number, today + timedelta(days=60))


class Phone:
    """One resident's browser, with an address of its own."""

    def __init__(self, base: str, place: int) -> None:
        self.base, self.took = base, list[float]()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-Forwarded-For"] = f"10.0.{place // 250}.{place % 250 + 1}"

    def fill(self, code: str) -> None:
        """The whole slip, page by page."""
        page = self._ask("GET", f"/T/{code}/slip/who")
        for step, typed in STEPS:
            time.sleep(PAUSE_S)  # somebody types before the next page
            found, op = _TOKEN.search(page), _OP.search(page)
            assert found, page[:500]
            data = {**typed, "csrf_token": found[1], **({"op": op[1]} if op else {})}
            page = self._ask("POST", f"/T/{code}/slip/{step}", data)

    def _ask(self, method: str, path: str, data: dict[str, str] | None = None) -> str:
        began = time.perf_counter()
        answer = self.session.request(method, self.base + path, data=data, allow_redirects=False)
        self.took.append(time.perf_counter() - began)
        assert answer.status_code < 400, (path, answer.status_code, answer.text[:500])
        if answer.is_redirect:
            return self._ask("GET", answer.headers["Location"].removeprefix(self.base))
        return answer.text


def _fill(report: Report, district: District, base: str, rounds: int) -> None:
    phones = [Phone(base, place) for place in range(PHONES)]
    codes = [[_code(district, 1 + n * rounds + r) for r in range(rounds)] for n in range(PHONES)]
    phones[0].fill(_code(district, 9_000)[1])
    phones[0].took.clear()
    threads = [
        threading.Thread(target=lambda p=p, n=n: [p.fill(code) for _number, code in codes[n]])
        for n, p in enumerate(phones)
    ]
    for thread in threads:
        thread.start()
        time.sleep(PAUSE_S * len(STEPS) / PHONES)  # they do not all press in the same moment
    for thread in threads:
        thread.join()
    took = [1000 * seconds for phone in phones for seconds in phone.took]
    report.say("answers", len(took), "")
    report.say("median of an answer", median(took), "ms")
    report.at_most("95 of 100 within", at_percent(took, 95), "ms", PAGE_P95_MS)
    wanted = {number for mine in codes for number, _code in mine}
    with district.server() as server:
        journal = server.database(JOURNAL)

        def missing() -> int:
            rows = journal.range("", "~", limit=10**6, docs=False)
            filled = {str(row["_id"]).partition(":")[0] for row in rows}
            return len(wanted - filled)

        until(lambda: not missing(), "every slip in the journal")
        report.at_most("slips that were lost", missing(), "", 0)


def _paint(report: Report, district: District, base: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium()), args=ARGUMENTS)
        _number, code = _code(district, 9_001)
        for what, path in (("the receipt's", f"/T/{code}"), ("the slip's", f"/T/{code}/slip")):
            took = [_first_paint(browser, base + path) for _ in range(PAINTS)]
            report.at_most(f"{what} first paint, median", median(took), "ms", FIRST_PAINT_MS)
            report.say(f"{what} first paint, slowest", max(took), "ms")
        browser.close()


def _first_paint(browser: Browser, address: str) -> float:
    """In milliseconds from the moment the address is opened, in a browser that never was there."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_3G})
    page.goto(address)
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0]"
    )
    context.close()
    return float(paint)
