"""The administrator's pages: imported, seen, published, taken back; and nobody else's."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cases.divisions import Divisions
from central import importing
from central.accounts import add_account
from central.config import CentralConfig
from central.keys import open_secrets
from central.shelf import FILE, read_shelf, restock
from central.web import create_app
from sync.bundle import HEAD_ID, Bundle, load_bundle
from sync.holding import NEXT_ID
from sync.rules import load_rules
from tests.central.world import (
    PASSWORD,
    Browser,
    Central,
    Clock,
    MemoryDistrict,
    make_district,
)

WHY = "榕鼓〔2026〕1 号"
CODES = ("MZJ-080101", "MZJ-080103", "NYNC-000800")
PAGES = ("", "changes", "import", "matters", "matters/MZJ-080101", "points",
         "points/350102004001", "calendar", "versions", "tables/items.csv")  # fmt: skip
GUIDE = "/G/031/NYNC-000800/01A"
POSTS = ("publish", "drop", "withdraw", "versions/1/back", "import", "import/x/step",
         "import/x/take", "matters/MZJ-080101", "points/350102004001", "calendar")  # fmt: skip


def few(bundle: Bundle) -> Bundle:
    """A bundle of a few matters and one province, so that no test waits for the rest."""
    matters = tuple(m for m in bundle.catalogue.matters if m.code in CODES)
    catalogue = msgspec.structs.replace(bundle.catalogue, matters=matters, bundles=())
    fujian = [division for division in bundle.divisions.all if division.code.startswith("35")]
    return replace(bundle, catalogue=catalogue, divisions=Divisions(fujian))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Central's folder with its people, made once: passwords are slow to hash."""
    folder = tmp_path_factory.mktemp("standards") / "central"
    make_district(folder, Clock())
    add_account(folder, login="biao", display="标准员", roles=["admin"], secret=PASSWORD)
    return folder


@pytest.fixture
def district(folder: Path, tmp_path: Path, clock: Clock) -> MemoryDistrict:
    data = tmp_path / "central"
    shutil.copytree(folder, data)
    secrets = open_secrets(data / "keys")
    return MemoryDistrict(CentralConfig(data=data), secrets, few(load_bundle()), clock)


COOKIE = "doorstep_central"


@pytest.fixture(scope="module")
def session(folder: Path) -> str:
    """The administrator's session: the keys of all copies of the folder are the same."""
    secrets = open_secrets(folder / "keys")
    bundle = few(load_bundle())
    app = create_app(MemoryDistrict(CentralConfig(data=folder), secrets, bundle, Clock()))
    browser = Browser(app.test_client())
    browser.get("/signin/")
    browser.post("/signin/", {"login": "biao", "password": PASSWORD})
    assert browser.page is not None
    assert "一套标准" in browser.page.text  # who keeps the standards only lands at them
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def signed_in(app: Flask, session: str) -> Browser:
    browser = Browser(app.test_client())
    browser.client.set_cookie(COOKIE, session)
    browser.get("/board/standards/versions")
    return browser


@pytest.fixture
def admin(app: Flask, session: str) -> Browser:
    return signed_in(app, session)


def at(page: str) -> str:
    return f"/board/standards/{page}".rstrip("/") + ("/" if not page else "")


def table(browser: Browser, name: str) -> list[list[str]]:
    text = browser.get(at(f"tables/{name}.csv")).data.decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def as_csv(rows: list[list[str]], coding: str = "gbk") -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(coding)


def cell(rows: list[list[str]], row: int, heading: str, value: str) -> None:
    rows[row][rows[0].index(heading)] = value


def send(browser: Browser, *files: tuple[str, bytes], **typed: str) -> TestResponse:
    """Send files and go through the checking, step by step, as without JavaScript."""
    data: dict[str, Any] = {"file": [(BytesIO(c), name) for name, c in files], **typed}
    page = browser.post(at("import"), data, content_type="multipart/form-data")
    for _ in range(9):
        found = re.search(r'action="(/board/standards/import/\w+/step)"', page.text)
        if found is None:
            break
        page = browser.post(found[1])
    return page


def take(browser: Browser, page: TestResponse) -> TestResponse:
    found = re.search(r'action="(/board/standards/import/\w+/take)"', page.text)
    assert found, page.text
    return browser.post(found[1])


def publish(browser: Browser, since: str = "2026-11-23", why: str = WHY) -> TestResponse:
    return browser.post(at("publish"), {"since": since, "why": why})


def edit_matter(browser: Browser, code: str = "NYNC-000800", **typed: str) -> TestResponse:
    page = browser.get(at(f"matters/{code}")).text
    chosen = {
        name: re.search(rf'id="f-{name}".*?<option value="(\w+)" selected', page, re.S)
        for name in re.findall(r'<select class="input"[^>]* id="f-([^"]+)"', page)
    }
    inputs = dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', page))
    was = re.search(r'name="was" value="(\w+)"', page)
    assert was
    given = {name: found[1] for name, found in chosen.items() if found}
    return browser.post(at(f"matters/{code}"), {**given, **inputs, "was": was[1], **typed})


def test_only_an_administrator_comes_in(app: Flask, supervisor: Browser, stranger: Browser) -> None:
    for page in PAGES:
        assert "区中心登录" in stranger.get(at(page)).text
        assert supervisor.get(at(page)).status_code == 403
    for page in POSTS:
        assert supervisor.post(at(page)).status_code == 403
    assert "标准" not in supervisor.get("/board/").text


def test_an_administrator_alone_lands_at_the_standards_and_sees_no_case(admin: Browser) -> None:
    assert "一套标准" in admin.get("/board/").text
    assert admin.get("/board/cases").status_code == 403


def test_every_page_stands_before_anything_was_done(admin: Browser, central: Central) -> None:
    assert {page: admin.get(at(page)).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)


def test_what_does_not_exist_is_said_so(admin: Browser) -> None:
    for page in ("matters/XX-1", "points/1", "import/x", "tables/x.csv"):
        assert admin.get(at(page)).status_code == 404


def test_every_mistake_of_a_gbk_table_is_listed_and_nothing_is_changed(admin: Browser) -> None:
    rows = table(admin, "items")
    cell(rows, 1, "层级", "县级")
    cell(rows, 2, "承诺时限", "五天")
    cell(rows, 3, "部门代码", "")
    page = send(admin, ("事项 最终版.csv", as_csv(rows)))
    assert "有 3 处问题，没有导入" in page.text
    for words in ("事项 最终版.csv", "写的是“县级”", "写的是“五天”", "没有填", ">2<", ">3<", ">4<"):
        assert words in page.text
    assert "放进草稿" not in page.text
    assert "没有草稿" in admin.get(at("")).text
    found = re.search(r'action="(/board/standards/import/\w+)/take"', page.text)
    assert found
    assert admin.post(f"{found[1]}/take").status_code == 409


def test_a_table_is_seen_before_it_changes_the_draft_and_the_draft_before_it_is_published(
    admin: Browser, central: Central, resident: Browser
) -> None:
    rows = table(admin, "items")
    place = [row[0] for row in rows].index("NYNC-000800")
    cell(rows, place, "承诺时限", "4")
    cell(rows, place, "管辖依据", "居住地")
    page = send(admin, ("items.csv", as_csv(rows, "utf-8-sig")), official="yes")
    for words in ("修改事项 1", "正式目录", "承诺时限", "（初始值）", "居住地"):
        assert words in page.text
    assert "没有草稿" in admin.get(at("")).text
    assert "已放进草稿" in take(admin, page).text
    assert "标为样例" in admin.get(at("changes")).text
    old = central.server.database("catalogue").get(HEAD_ID)["number"]
    assert "承诺 15 个工作日" in resident.get(GUIDE).text
    done = publish(admin)
    assert f"已发布第 {old + 1} 版" in done.text
    assert "榕鼓〔2026〕1 号" in done.text
    assert "正在用" in done.text
    shelf = read_shelf(central.district.config.data)
    held = shelf.held(central.district.secrets.root.public, "2026-11-23")
    assert held is not None
    matter = held.catalogue.matter("NYNC-000800")
    assert (matter.promised_days, held.catalogue.sample) == (4, False)
    assert not any(point.open_for_mail for point in held.directory.points)
    assert "承诺 4 个工作日" in resident.get(GUIDE).text


def test_a_workbook_and_several_files_are_checked_together(admin: Browser) -> None:
    items, materials = table(admin, "items"), table(admin, "materials")
    new = list(items[3])
    new[0], new[1] = "SCJG-999901", "新的事项"
    paper = list(materials[-1])
    paper[0] = "SCJG-999901"
    page = send(admin, ("材料.csv", as_csv([*materials, paper])))
    assert "没有编码为“SCJG-999901”的事项" in page.text
    page = send(
        admin, ("材料.csv", as_csv([*materials, paper])), ("事项.csv", as_csv([*items, new]))
    )
    assert "新增事项 1" in page.text
    page = send(admin, ("a.csv", as_csv(items)), ("b.csv", as_csv(items)), ("c.txt", b"x,y\n1,2"))
    assert "事项表出现了两次" in page.text
    assert "认不出是哪张表" in page.text
    assert "还没有选文件" in admin.post(at("import")).text


def test_the_checking_of_a_long_table_goes_in_steps_with_a_bar(
    admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STEP_ROWS", 2)
    rows = table(admin, "items")
    data: dict[str, Any] = {"file": [(BytesIO(as_csv(rows)), "x.csv")]}
    page = admin.post(at("import"), data, content_type="multipart/form-data")
    assert '<progress id="progress-3" max="3" value="0">' in page.text
    step = re.search(r'action="(/board/standards/import/\w+/step)"', page.text)
    assert step
    header = {"HX-Request": "true"}
    assert "第 2 行，共 3 行" in admin.post(step[1], headers=header).text
    assert "/import/" in admin.post(step[1], headers=header).headers["HX-Redirect"]
    assert "和现在的一样" in admin.get(step[1].removesuffix("/step")).text


def test_an_import_and_a_draft_survive_a_restart(
    admin: Browser, district: MemoryDistrict, central: Central, session: str
) -> None:
    edit_matter(admin, legal_basis="取水许可条例第四条")
    rows = table(admin, "points")
    page = send(admin, ("points.csv", as_csv(rows)))
    again = signed_in(create_app(district), session)
    assert "标准员" in again.get(at("")).text
    assert "取水许可条例第四条" in again.get(at("changes")).text
    found = re.search(r"(/board/standards/import/\w+)/drop", page.text)
    assert found
    assert again.get(found[1]).status_code == 200


def test_deleting_what_can_be_fetched_again_loses_nothing_published(
    admin: Browser, district: MemoryDistrict, central: Central, session: str
) -> None:
    edit_matter(admin, legal_basis="取水许可条例第四条")
    publish(admin)
    (district.config.data / FILE).unlink()
    catalogue, root = central.server.database("catalogue"), district.secrets.root.public
    assert restock(district.config.data, catalogue, root, district.clock())
    again = signed_in(create_app(district), session)
    assert "取水许可条例第四条" in again.get(at("matters/NYNC-000800")).text
    assert "榕鼓〔2026〕1 号" in again.get(at("versions")).text


def test_the_columns_of_one_matter_are_filled_in_by_hand_and_are_no_sample_then(
    admin: Browser,
) -> None:
    assert "没核对：管辖依据" in admin.get(at("matters?q=取水")).text
    page = edit_matter(
        admin, accepting="receiving_point", legal_basis="取水许可条例", extension_days="10"
    )
    assert "已存进草稿" in page.text
    assert "已核对" in admin.get(at("matters?q=NYNC-000800")).text
    assert "NYNC-000800" not in admin.get(at("matters?which=open")).text
    page = admin.get(at("changes")).text
    for words in ("由谁受理", "审批部门（初始值）", "受理点", "取水许可条例", "处理方式"):
        assert words in page


def test_a_mistake_keeps_what_was_typed(admin: Browser) -> None:
    for typed, says in (
        ({"promised_days": "很快"}, "承诺时限：写的是“很快”"),
        ({"promised_days": "99"}, "比法定时限"),
        ({"fee": "0", "fee_reference": "103"}, "不收费的事项不用填"),
        ({"instant": "yes"}, "还没有秒批规则"),
    ):
        page = edit_matter(admin, legal_basis="写了很久的依据", **typed)
        assert page.status_code == 422
        assert says in page.text
        assert "写了很久的依据" in page.text
    assert "没有草稿" in admin.get(at("")).text


def test_the_rule_of_an_instant_matter_stands_beside_its_tick(admin: Browser) -> None:
    page = admin.get(at("matters/MZJ-080101")).text
    rule = load_rules()["MZJ-080101"]
    for check in rule.checks:
        for words in (check.words, check.source.zh, check.basis):
            assert words in page
    assert "由人审批" in page
    assert "还没有秒批规则" in admin.get(at("matters/NYNC-000800")).text


def test_who_edits_what_somebody_else_has_changed_is_told_and_loses_nothing(
    admin: Browser, app: Flask, session: str
) -> None:
    other = signed_in(app, session)
    page = admin.get(at("matters/NYNC-000800")).text
    was = re.search(r'name="was" value="(\w+)"', page)
    assert was
    edit_matter(other, legal_basis="别人写的")
    again = edit_matter(admin, legal_basis="我写的", was=was[1])
    assert again.status_code == 409
    assert "我写的" in again.text
    assert "别人写的" in admin.get(at("changes")).text


def test_a_point_is_open_for_mail_only_when_all_of_it_is_filled_in(admin: Browser) -> None:
    path = at("points/350102004001")

    def typed(**fields: str) -> TestResponse:
        found = re.search(r'name="was" value="(\w+)"', admin.get(path).text)
        assert found
        return admin.post(path, {"was": found[1], "open_for_mail": "yes", **fields})

    page = typed(address="津泰路 1 号", phone="", hours="")
    assert page.status_code == 422
    assert "要一起填好" in page.text
    assert "津泰路 1 号" in page.text
    assert "0 个填好" in admin.get(at("points")).text
    page = typed(address="津泰路 1 号", phone="0591-87654321", hours="周一至周五")
    assert "1 个填好并开通了邮寄" in page.text


def test_a_years_notice_is_typed_corrected_and_published(admin: Browser) -> None:
    assert "2027 年的放假安排还没有公布" in admin.get(at("calendar")).text
    year = {"year": "2027", "notice": "国办发明电〔2026〕7号"}
    page = admin.post(at("calendar"), {**year, "days": "元旦 2027-01-01 2027-02-30"})
    assert page.status_code == 422
    assert "不是日期" in page.text
    assert "元旦 2027-01-01 2027-02-30" in page.text
    page = admin.post(at("calendar"), {**year, "days": "元旦 2027-01-01 2027-01-03"})
    assert "2027 年放假安排已存进草稿" in page.text
    assert "2027 年的放假安排还没有公布" not in page.text
    assert "新增节假日 1" in admin.get(at("")).text
    assert "元旦 2027-01-01" in admin.get(at("calendar?year=2027")).text


def held(district: MemoryDistrict, day: str) -> Bundle:
    found = read_shelf(district.config.data).held(district.secrets.root.public, day)
    assert found is not None
    return found


def test_a_version_waits_for_its_day_and_can_be_taken_back(
    admin: Browser, district: MemoryDistrict, central: Central
) -> None:
    edit_matter(admin, promised_days="3")
    assert "从 2026-11-22 起" not in publish(admin, "2026-11-22").text
    assert "日期要在今天" in publish(admin, "2026-11-22").text
    assert "请写明为什么" in publish(admin, "2026-12-01", why="").text
    assert "等待生效" in publish(admin, "2026-12-01").text
    days = [
        held(district, day).catalogue.matter("NYNC-000800").promised_days
        for day in ("2026-11-30", "2026-12-01")
    ]
    assert days[0] != days[1] == 3
    edit_matter(admin, promised_days="2")
    late = publish(admin, "2026-12-02")
    assert late.status_code == 409
    assert "不能比它晚" in late.text
    admin.post(at("drop"))
    assert "撤回第 2 版" in admin.post(at("withdraw")).text
    assert central.server.database("catalogue").get(NEXT_ID) is None
    assert held(district, "2026-12-01").catalogue.matter("NYNC-000800").promised_days == days[0]
    assert "没有等待生效的版本" in admin.post(at("withdraw")).text


def test_going_back_publishes_the_old_content_under_a_new_number(
    admin: Browser, district: MemoryDistrict, central: Central
) -> None:
    edit_matter(admin, promised_days="3")
    publish(admin)
    edit_matter(admin, promised_days="2")
    publish(admin)
    page = admin.post(at("versions/2/back"))
    assert "已发布第 4 版" in page.text
    assert "恢复第 2 版的内容" in page.text
    assert held(district, "2026-11-23").catalogue.matter("NYNC-000800").promised_days == 3
    assert admin.post(at("versions/77/back")).status_code == 409


def test_with_the_line_down_the_draft_stays_and_it_is_said(
    admin: Browser, central: Central
) -> None:
    edit_matter(admin, promised_days="3")
    central.cut_line()
    page = publish(admin)
    central.mend_line()
    assert page.status_code == 409
    assert "草稿还在" in page.text
    assert "已发布第 2 版" in publish(admin).text
