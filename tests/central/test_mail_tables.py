"""What carriers ask and who bears it: filled in by an administrator, whole or not at all."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from central.accounts import add_account
from tests.central.test_bill_pages import DEAR, bill, sent_by_ems, take_in
from tests.central.world import PASSWORD, Browser, Central, MemoryDistrict, Point
from tests.hashes import cheap_accounts

HEAD = "承运方,省份,首重（克）,首重（元）,续重（克）,续重（元）\n"
REGIONS = "省份,免费寄到,几天送到\n"


@pytest.fixture
def admin(app: Flask, district: MemoryDistrict) -> Browser:
    with cheap_accounts():
        add_account(district.config.data, login="biao", display="标准员",
                    roles=["admin", "supervisor"], secret=PASSWORD)  # fmt: skip
    browser = Browser(app.test_client())
    browser.get("/signin/")
    browser.post("/signin/", {"login": "biao", "password": PASSWORD})
    return browser


def send(browser: Browser, name: str, text: str) -> TestResponse:
    browser.get("/board/mail/tables")
    form = {"file": (BytesIO(text.encode("gbk")), "表.csv")}
    return browser.post(f"/board/mail/tables/{name}", form, content_type="multipart/form-data")


def test_what_is_downloaded_can_be_sent_back_and_is_no_sample_then(admin: Browser) -> None:
    for left, name in ((3, "tariffs"), (2, "bearers"), (1, "mail_regions")):
        assert admin.get("/board/mail/tables").text.count("还没有人核对过") == left
        table = admin.get(f"/board/mail/tables/{name}.csv").data.decode("utf-8-sig")
        page = send(admin, name, table)
        assert "已换上" in page.text
        assert "标准员" in page.text
        assert admin.get(f"/board/mail/tables/{name}.csv").data.decode("utf-8-sig") == table
    assert "还没有人核对过" not in admin.get("/board/mail/tables").text


def test_a_bill_goes_by_the_tariff_that_was_filled_in(
    admin: Browser, point: Point, central: Central
) -> None:
    sent_by_ems(point, central)
    send(admin, "tariffs", f"{HEAD}ems,福建,500,30,500,1\n中国邮政 EMS,其他,500,31.5,500,2\n")
    page = admin.get(take_in(admin, bill(DEAR))).text
    assert "多收" not in page
    assert "样例资费" not in page


def test_a_slip_goes_where_the_table_says_from_the_moment_it_is_filled_in(
    admin: Browser, resident: Browser, point: Point
) -> None:
    base = f"/T/{point.poster()}"
    resident.fill_in(base)
    send(admin, "mail_regions", f"{REGIONS}福建,否,3\n其他,是,9\n")
    assert "除福建省外全国免费寄到" in admin.get("/board/mail/tables").text
    half = resident.send(base).text
    assert "<h1>寄到哪里？" in half, "filled in before, and not sent: asked again"
    assert "免费寄递还到不了这里" in resident.post(f"{base}/slip/place", {"county": "350102"}).text
    send(admin, "mail_regions", f"{REGIONS}其他,是,9\n")
    assert "免费寄递还到不了这里" not in resident.fill(base).text


MISTAKES = (
    ("tariffs", "承运,省\n", ("第一行要是",)),
    ("tariffs", HEAD, ("表里没有内容",)),
    ("tariffs", f"{HEAD}顺风,火星,半斤,x,0,-1\n",
     ("写其中一个", "没有“火星”这个省份", "请写 1 到 100000", "不是数", "不能是负数")),
    ("tariffs", f"{HEAD}ems,福建,1,1,1,1\nems,福建省,1,1,1,1\n", ("说的是同一个",)),
    ("mail_regions", f"{REGIONS}火星,也许,61\n",
     ("没有“火星”这个省份", "写其中一个：是、否", "请写 1 到 60 的整数")),
    ("mail_regions", f"{REGIONS}福建,是,3\n", ("还差一行：省份“其他”",)),
    ("mail_regions", f"{REGIONS}福建,是,3\n福建省,否,3\n其他,是,7\n", ("说的是同一个",)),
    ("bearers", "用途,审批部门编码,谁承担\n结果寄递,其他,申请人承担\n", ("写其中一个",)),
    ("bearers", "用途,审批部门编码,谁承担\n结果寄递,其他,区级统一承担\n", ("还差一行",)),
)  # fmt: skip


def test_every_mistake_is_told_and_nothing_changes(admin: Browser) -> None:
    for name, text, words in MISTAKES:
        answer = send(admin, name, text)
        assert answer.status_code == 422
        for said in words:
            assert said in answer.text
    assert admin.get("/board/mail/tables").text.count("还没有人核对过") == 3


def test_a_supervisor_looks_and_changes_nothing(supervisor: Browser) -> None:
    page = supervisor.get("/board/mail/tables").text
    assert "要改请找管理员" in page
    assert send(supervisor, "tariffs", HEAD).status_code == 403
    assert supervisor.get("/board/mail/tables/hand_over_columns.csv").status_code == 404
