"""Beyond the post to one's own door: another recipient, fetched at a point, left with somebody,
changed and taken back."""

from __future__ import annotations

import re

import pytest

from cases.folded import Case
from cases.slips import pickup_at, standing
from tests.central.test_slips import PASTED, slips_of
from tests.central.world import Browser, Central, Point

CENTRE = "350102000000"
NEIGHBOUR = "350102001000"


@pytest.fixture
def number(point: Point, central: Central) -> str:
    number = point.receive()
    central.carry()
    return number


def case_of(central: Central, number: str) -> Case:
    central.carry()
    case = central.jobs.store.case(number)
    assert case is not None
    return case


def choose_pickup(resident: Browser, base: str, to: str) -> None:
    resident.get(f"{base}/slip")
    resident.post(f"{base}/slip/way", {"way": "pickup"})
    resident.post(f"{base}/slip/point", {"to_point": to})


def test_the_first_question_is_how_the_result_comes(
    resident: Browser, point: Point, number: str
) -> None:
    base = f"/T/{point.token(number)}"
    page = resident.get(f"{base}/slip").text
    assert "结果怎么拿" in page
    assert re.findall(r'name="way" value="(\w+)"', page) == ["post", "pickup"]
    assert "第 1 步，共 5 步" in page
    assert "请选一种" in resident.post(f"{base}/slip/way", {"way": "balloon"}).text


def test_fetched_at_a_point_it_asks_for_a_name_and_a_phone_only(
    resident: Browser, point: Point, central: Central, number: str
) -> None:
    base = f"/T/{point.token(number)}"
    choose_pickup(resident, base, CENTRE)
    assert resident.page is not None
    assert "谁来取" in resident.page.text
    assert "第 3 步，共 4 步" in resident.page.text
    page = resident.post(f"{base}/slip/who", {"name": "王大力", "phone": "13900001111"}).text
    for said in ("到受理点取", "鼓楼区行政服务中心", "王大力", "13900001111"):
        assert said in page, said
    assert "不在家" not in page
    assert "送到您选的受理点" in resident.send(base).text
    assert slips_of(central, number) == [{"name": "王大力", "phone": "13900001111"}]
    (slip,) = case_of(central, number).slips
    assert (slip.way, slip.to_point, slip.replaces) == ("pickup", CENTRE, "")
    shown = resident.get(base).text
    assert "到受理点取" in shown
    assert "鼓楼区行政服务中心" in shown


def test_points_are_near_first_found_by_typing_and_by_subdistrict(
    resident: Browser, point: Point, number: str
) -> None:
    base = f"/T/{point.token(number)}/slip/point"
    near = resident.get(base).text
    listed = re.findall(r'name="to_point" value="(\d+)"', near)
    assert listed[0] == point.code
    assert "您交材料的地方" in near
    assert CENTRE in listed
    assert "周一至周五" in near, "its hours"
    for typed in ("军门", "junmen", "jm"):
        assert f'value="{point.code}"' in resident.get(f"{base}?q={typed}").text, typed
    assert "没有找到" in resident.get(f"{base}?q=qqqq").text
    areas = re.findall(r"\?in=(\d+)", near)
    assert len(areas) == 11
    reached = {
        code
        for area in areas
        for code in re.findall(r'to_point" value="(\d+)"', resident.get(f"{base}?in={area}").text)
    }
    assert len(reached) >= 80, "every point of the district can be chosen"
    for odd in ("?in=nonsense", "?in=350102", "?q=" + "x" * 500, "?q=((("):
        assert resident.get(base + odd).status_code == 200, odd


@pytest.mark.parametrize("code", ["", "350102", "350102999999", "x"])
def test_only_a_point_of_ours_will_do(
    resident: Browser, point: Point, number: str, code: str
) -> None:
    base = f"/T/{point.token(number)}/slip"
    resident.get(base)
    resident.post(f"{base}/way", {"way": "pickup"})
    page = resident.post(f"{base}/point", {"to_point": code})
    assert page.status_code == 400
    assert "请选一个受理点" in page.text


def test_where_it_may_be_left_is_ticked_on_the_last_page_and_nothing_by_default(
    resident: Browser, point: Point, central: Central
) -> None:
    said = []
    for ticked in ([], ["locker", "property", "roof"]):
        number = point.receive()
        central.carry()
        base = f"/T/{point.token(number)}"
        page = resident.fill_in(base)
        assert "您不在家时，快递员可以" in page.text
        assert " checked" not in page.text
        op = re.findall(r'name="op" value="([^"]+)"', page.text)[0]
        resident.post(f"{base}/slip/check", {"op": op, "consent": ticked})
        said.append(case_of(central, number).slips[0].consent)
    assert said == [(), ("locker", "property")]
    assert "您不在家时，可以放快递柜、交给物业" in resident.get(base).text


def test_with_the_line_down_the_ticks_are_kept_too(
    resident: Browser, point: Point, central: Central, number: str
) -> None:
    base = f"/T/{point.token(number)}"
    page = resident.fill_in(base)
    op = re.findall(r'name="op" value="([^"]+)"', page.text)[0]
    central.cut_line()
    page = resident.post(f"{base}/slip/check", {"op": op, "consent": ["neighbour"]})
    assert page.status_code == 503
    for shown in (page, resident.get(f"{base}/slip/check")):
        assert re.findall(r'value="(\w+)"[^>]* checked', shown.text) == ["neighbour"]
    central.mend_line()


def test_changing_one_s_mind_keeps_what_was_typed(
    resident: Browser, point: Point, number: str
) -> None:
    base = f"/T/{point.token(number)}"
    resident.fill_in(base)
    resident.post(f"{base}/slip/way?then=check", {"way": "pickup"})
    assert resident.page is not None
    assert "到哪个受理点取" in resident.page.text
    page = resident.post(f"{base}/slip/point", {"to_point": NEIGHBOUR}).text
    assert 'value="林小梅"' in page
    page = resident.post(f"{base}/slip/way?then=check", {"way": "post"}).text
    assert "12号楼3单元502室" in page


def test_a_pasted_address_is_for_the_post(resident: Browser, point: Point, number: str) -> None:
    base = f"/T/{point.token(number)}"
    choose_pickup(resident, base, CENTRE)
    assert resident.page is not None
    assert "/slip/paste" not in resident.page.text
    resident.post(f"{base}/slip/way", {"way": "post"})
    page = resident.post(f"{base}/slip/paste", {"pasted": PASTED}).text
    assert "看一看，对不对" in page


class TestTakenBack:
    @pytest.fixture
    def filled(self, resident: Browser, point: Point, central: Central, number: str) -> str:
        resident.fill(f"/T/{point.token(number)}")
        central.carry()
        return number

    def prove(self, browser: Browser, base: str) -> str:
        browser.get(f"{base}/slip/cancel")
        return browser.post(f"{base}/slip/prove?then=cancel", {"last_four": "392x"}).text

    def cancel(self, browser: Browser, base: str) -> str:
        assert browser.page is not None
        op = re.findall(r'name="op" value="([^"]+)"', browser.page.text)[0]
        for _again in range(2):
            page = browser.post(f"{base}/slip/cancel", {"op": op}).text
        return page

    def test_only_with_the_last_four_and_nothing_is_sent_by_it_any_more(
        self, stranger: Browser, point: Point, central: Central, filled: str
    ) -> None:
        base = f"/T/{point.token(filled)}"
        stranger.get(base)
        stranger.post(f"{base}/slip/cancel", {"op": "x" * 20})
        assert stranger.page is not None
        assert "先对一下是不是您本人" in stranger.page.text
        assert standing(case_of(central, filled))
        assert "取消寄递单？" in self.prove(stranger, base)
        page = self.cancel(stranger, base)
        assert "填寄递单" in page, "at once, before the journal has come round"
        case = case_of(central, filled)
        assert standing(case) == ()
        assert [s.type for s in case.steps].count("slip.cancelled") == 1, "twice is once"
        assert "取消了寄递单" in stranger.get(base).text

    def test_another_one_can_be_filled_in_afterwards(
        self, stranger: Browser, point: Point, central: Central, filled: str
    ) -> None:
        base = f"/T/{point.token(filled)}"
        self.prove(stranger, base)
        self.cancel(stranger, base)
        central.carry()
        choose_pickup(stranger, base, CENTRE)
        stranger.post(f"{base}/slip/who", {"name": "林小梅", "phone": "13805915678"})
        stranger.send(base)
        assert len(standing(case_of(central, filled))) == 1

    def test_every_slip_that_stands_goes_with_it(
        self, stranger: Browser, point: Point, central: Central, filled: str
    ) -> None:
        point.state("slip.filled", filled, {"channel": "window"}, name="林小梅", phone="1")
        central.carry()
        base = f"/T/{point.token(filled)}"
        self.prove(stranger, base)
        self.cancel(stranger, base)
        assert standing(case_of(central, filled)) == ()

    def test_with_the_line_down_it_says_that_nothing_is_cancelled_yet(
        self, stranger: Browser, point: Point, central: Central, filled: str
    ) -> None:
        base = f"/T/{point.token(filled)}"
        self.prove(stranger, base)
        central.cut_line()
        assert "还没有取消成功" in self.cancel(stranger, base)
        central.mend_line()
        self.cancel(stranger, base)
        assert standing(case_of(central, filled)) == ()


def test_once_the_result_was_given_by_hand_no_slip_is_offered(
    resident: Browser, point: Point, central: Central, number: str
) -> None:
    base = f"/T/{point.token(number)}"
    point.decide(number, delivery="window")
    central.carry()
    assert "/slip" in resident.get(base).text
    given = {"result": True, "positions": [], "to": "applicant"}
    point.state("case.handed_out", number, given)
    central.carry()
    assert "填寄递单" in resident.get(base).text, "an original of theirs is still here"
    point.state("case.handed_out", number, {**given, "result": False, "positions": [2]})
    central.carry()
    page = resident.get(base).text
    assert "填寄递单" not in page
    late = resident.get(f"{base}/slip")
    assert (late.status_code, "该给您的都给您了" in late.text) == (409, True)


def test_what_waits_at_a_point_is_told_to_its_resident(
    resident: Browser, point: Point, central: Central, number: str
) -> None:
    base = f"/T/{point.token(number)}"
    choose_pickup(resident, base, NEIGHBOUR)
    resident.post(f"{base}/slip/who", {"name": "林小梅", "phone": "13805915678"})
    resident.send(base)
    slip = case_of(central, number).slips[0].event
    point.ks[number] += 1  # the point has heard of the slip
    point.state("slip.confirmed", number, {"slip": slip, "over": []})
    point.decide(number, delivery="window")
    case = case_of(central, number)
    assert (pickup_at(case), case.pickup_points) == (NEIGHBOUR, (NEIGHBOUR,))
    assert "结果马上装封，送到" in resident.get(base).text


def test_a_slip_for_a_case_that_central_does_not_know_yet_is_listed_at_its_point(
    resident: Browser, supervisor: Browser, point: Point, central: Central
) -> None:
    number = point.new_case_number()
    resident.fill(f"/T/{point.token(number)}")
    central.carry()
    page = f"/board/points/{point.code}"
    shown = supervisor.get(page).text
    assert "还没收到收件记录的寄递单 1" in shown
    assert number in shown
    assert "林小梅" not in shown
    point.receive(number)
    central.carry()
    assert "还没收到收件记录的寄递单" not in supervisor.get(page).text
