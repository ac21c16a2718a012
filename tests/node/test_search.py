"""办什么事？ Finding matters by what residents call them, and cases by what a clerk has at hand."""

from __future__ import annotations

import pytest

from node import search_pages
from node.local import Node
from node.search_pages import chosen_lately
from sync.bundle import load_bundle
from tests.node.conftest import Desk
from tests.node.receiving import ELDERS_CARD, receive

NAME = "老年人优待证办理（申领）"


@pytest.mark.parametrize("words", ["敬老卡", "laonian", "lnyd", "老年优待证", ELDERS_CARD])
def test_a_matter_is_found_by_what_people_call_it(clerk: Desk, words: str) -> None:
    assert NAME in clerk.get("/matters", query_string={"q": words}).text


def test_while_typing_only_the_list_comes_back(clerk: Desk) -> None:
    part = clerk.get("/matters?q=敬老卡", headers={"HX-Request": "true"}).text
    assert NAME in part
    assert "<html" not in part


def test_a_result_says_level_route_and_days(clerk: Desk) -> None:
    page = clerk.get("/matters?q=公司登记（设立登记）").text
    assert "区级" in page
    assert "转办到鼓楼区行政服务中心" in page
    assert "即办件，当场办结" in page


def test_nothing_found_says_what_else_to_try(clerk: Desk) -> None:
    page = clerk.get("/matters?q=QQQQ9").text
    assert "没有找到“QQQQ9”" in page
    assert "换个说法试试" in page


def test_typed_markup_is_only_text(clerk: Desk) -> None:
    assert "<b>x" not in clerk.get("/matters?q=<b>x").text


def test_without_words_one_browses_by_department_and_level(clerk: Desk) -> None:
    everything = clerk.get("/matters").text
    assert "共 998 项" in everything
    assert "样例数据" in everything
    community = clerk.get("/matters?department=MZJ&level=community").text
    assert NAME in community
    assert "公司登记（设立登记）" not in community
    assert clerk.get("/matters?level=galaxy").status_code == 200


def test_one_browses_by_what_happens_in_a_life(clerk: Desk) -> None:
    everything = clerk.get("/matters").text
    assert "养老<small>" in everything
    page = clerk.get("/matters?theme=养老&department=MZJ").text
    assert NAME in page
    assert "公司登记（设立登记）" not in page
    assert "养老机构备案" in page
    assert clerk.get("/matters?theme=登月").status_code == 200


def test_cases_of_other_points_do_not_count_as_used_here(clerk: Desk, node: Node) -> None:
    receive(clerk, "SCJG-000102")
    with node.local() as here:
        assert chosen_lately(here) == {"SCJG-000102": 1}
        here.store.db.execute("UPDATE subjects SET home='350102005001'")
        search_pages._counts.clear()
        assert chosen_lately(here) == {}


def test_what_is_received_often_comes_first(clerk: Desk) -> None:
    def order() -> list[int]:
        page = clerk.get("/matters?q=公司登记").text
        return [page.find("公司登记（设立登记）</b>"), page.find("公司登记（变更登记）</b>")]

    for _ in range(3):
        receive(clerk, "SCJG-000102")
    first, second = order()
    assert second < first


def test_a_case_is_found_by_number_name_phone_and_last_four(clerk: Desk) -> None:
    number = receive(clerk, name="欧阳𠮷龘", phone="13805915678")
    for words in (number, number[6:17], "欧阳", "龘", "13805915678", "5678", "002X"):
        page = clerk.get("/matters", query_string={"q": words}).text
        assert number in page, words
        assert "欧**龘" in page
        assert "欧阳𠮷龘 ·" not in page, "names are masked in lists"


@pytest.mark.parametrize("name", ["𠮷䶮", "䶮㛃龘", "林𠮷梅", "买买提·吐尔逊"])
def test_a_typed_name_finds_its_case_before_matters_that_only_sound_like_it(
    clerk: Desk, name: str
) -> None:
    number = receive(clerk, name=name)
    found = clerk.get("/matters", query_string={"q": name}, headers={"HX-Request": "true"}).text
    assert f"/cases/{number}" in found.split("<a ")[1]


def test_a_matter_that_says_the_words_comes_before_a_person_of_that_name(clerk: Desk) -> None:
    number = receive(clerk, name="敬老卡")
    found = clerk.get("/matters?q=敬老卡", headers={"HX-Request": "true"}).text
    assert f"/matters/{ELDERS_CARD}" in found.split("<a ")[1]
    assert number in found


def test_a_matter_page_tells_papers_days_fee_and_route(clerk: Desk) -> None:
    page = clerk.get(f"/matters/{ELDERS_CARD}").text
    for words in (
        "近期免冠证件照",
        "核对后当场退还",
        "今天谁到场办理？",
        "代办人居民身份证",
        "不收费",
        "即办件，当场办结",
        "看居住地在哪个社区",
        "样例数据",
        "满60周岁带身份证到社区或自助机",
        f'href="/reception/{ELDERS_CARD}"',
    ):
        assert words in page, words


def test_every_matter_has_a_page(lead: Desk) -> None:
    for matter in load_bundle().catalogue.matters[::7]:
        answer = lead.get(f"/matters/{matter.code}")
        assert answer.status_code == 200
        assert len(answer.text.split("<h1>")) == 2
