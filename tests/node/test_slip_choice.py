"""Slips at the window: rivals side by side, filled in for somebody, taken over, taken back."""

from __future__ import annotations

import re

import pytest

from cases.slips import to_check
from node.local import Node
from tests.node.casework import SLIP, case_of, fill_slip, op_in, send
from tests.node.central_says import state
from tests.node.conftest import Desk
from tests.node.receiving import receive

ADDRESS = "福建省福州市鼓楼区东街街道军门社区12号楼3单元502室"


@pytest.fixture
def number(clerk: Desk) -> str:
    return receive(clerk)


def by_phone(node: Node, number: str, **changed: str) -> str:
    """A slip that came by the receipt's code."""
    return state(node, "slip.filled", number, {"channel": "qr"}, {**SLIP, **changed})


def choices_in(page: str) -> list[str]:
    return re.findall(r'name="which" value="([^"]+)"', page)


def new_slip(desk: Desk, number: str, **typed: object) -> str:
    op = op_in(desk.get(f"/cases/{number}/slip/new"))
    fields = {"op": op, "way": "post", "name": "林小梅", "phone": "13805911234", **typed}
    return desk.post(f"/cases/{number}/slip/new", fields, follow_redirects=True).text


def content_of(node: Node, event: str) -> dict[str, str]:
    with node.local() as local:
        found = local.store.event(event)
        assert found is not None
        return local.store.unseal(found)


def test_rivals_stand_side_by_side_masked_and_say_what_differs(
    clerk: Desk, node: Node, number: str
) -> None:
    one, two = fill_slip(node, number), by_phone(node, number, phone="13900007777")
    page = clerk.get(f"/cases/{number}").text
    assert "有 2 张寄递单，请和申请人核对用哪张" in page
    for said in ("窗口代填", "扫收件凭证填写", "申请人（手机）", "139****7777", "138****1234"):
        assert said in page, said
    assert SLIP["street"] not in page, "masked until it is asked for"
    assert re.findall(r'class="differs"><dt>(\S+)', page) == ["电话", "电话"]
    assert [which.split()[0] for which in choices_in(page)] == [two, one]
    assert "核对寄递单（2 张里选一张）" in clerk.get("/").text


@pytest.mark.parametrize("place", [0, 1])
def test_either_rival_is_confirmed_with_one_key_and_the_waybill_follows_it(
    clerk: Desk, node: Node, number: str, place: int
) -> None:
    fill_slip(node, number), by_phone(node, number, phone="13900007777")
    page = clerk.get(f"/cases/{number}")
    chosen = choices_in(page.text)[place]
    assert send(clerk, number, "confirm_slip", op=op_in(page), which=chosen).status_code == 303
    case = case_of(node, number)
    assert (case.confirmed_slip, to_check(case)) == (chosen.split()[0], ())
    after = clerk.get(f"/cases/{number}").text
    assert "核对时没有选用" in after
    assert "共 2 张" in after, "all stay in the history"


def test_one_that_comes_after_the_page_was_opened_is_not_passed_over(
    clerk: Desk, node: Node, number: str
) -> None:
    fill_slip(node, number)
    page = clerk.get(f"/cases/{number}")
    by_phone(node, number)
    late = send(clerk, number, "confirm_slip", op=op_in(page), which=choices_in(page.text)[0])
    assert late.status_code == 409
    assert "请再看一遍" in late.text
    assert case_of(node, number).confirmed_slip == ""


def test_a_newer_one_asks_again_and_an_earlier_one_can_be_taken_again(
    clerk: Desk, node: Node, number: str
) -> None:
    first = fill_slip(node, number)
    page = clerk.get(f"/cases/{number}")
    send(clerk, number, "confirm_slip", op=op_in(page), which=choices_in(page.text)[0])
    second = by_phone(node, number, phone="13900007777")
    page = clerk.get(f"/cases/{number}")
    assert "之前核对过，又来了别的" in page.text
    for chosen in (second, first):
        page = clerk.get(f"/cases/{number}")
        which = next(w for w in choices_in(page.text) if w.startswith(chosen))
        send(clerk, number, "confirm_slip", op=op_in(page), which=which)
        assert case_of(node, number).confirmed_slip == chosen


def test_a_clerk_fills_one_in_and_it_counts_as_checked(
    clerk: Desk, node: Node, number: str
) -> None:
    form = clerk.get(f"/cases/{number}/slip/new").text
    assert 'value="林小梅"' in form, "the applicant's own, to begin with"
    page = new_slip(clerk, number, address=ADDRESS, consent=["locker"], note="放门卫")
    assert "寄递单已填好并核对" in page
    (slip,) = case_of(node, number).slips
    assert (slip.channel, slip.consent, case_of(node, number).confirmed_slip) == (
        "window", ("locker",), slip.event,
    )  # fmt: skip
    assert content_of(node, slip.event)["street"] == "东街街道军门社区12号楼3单元502室"
    assert content_of(node, slip.event)["county"] == "350102"


def test_everything_pasted_in_one_go_is_cut_at_the_window_too(
    clerk: Desk, node: Node, number: str
) -> None:
    new_slip(clerk, number, name="", phone="", address=f"王大力 13700001111 {ADDRESS}")
    (slip,) = case_of(node, number).slips
    said = content_of(node, slip.event)
    assert (said["name"], said["phone"]) == ("王大力", "13700001111")


def test_a_place_that_could_be_several_is_asked_about(clerk: Desk, node: Node, number: str) -> None:
    page = new_slip(clerk, number, address="福建省福州市思明区软件园二期12号楼")
    assert 'value="350203"' in page
    assert case_of(node, number).slips == ()
    page = new_slip(clerk, number, address="福建省福州市思明区软件园二期12号楼", county="350203")
    assert "寄递单已填好并核对" in page
    (slip,) = case_of(node, number).slips
    assert content_of(node, slip.event)["county"] == "350203"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"address": "幸福路"}, "认不出是哪个省、市、区县"),
        ({"address": "福建省福州市鼓楼区88"}, "地址太短"),
        ({"address": f"{ADDRESS} 13900001111"}, "和上面的收件人、电话不一样"),
        ({"way": "pickup", "to_point": "350102999999"}, "请选一个受理点"),
        ({"way": ""}, "请选怎么给申请人"),
        ({"address": ADDRESS, "phone": "1"}, "手机号码应为 11 位"),
    ],
)
def test_what_cannot_be_right_is_said_and_stays(
    clerk: Desk, node: Node, number: str, typed: dict[str, str], words: str
) -> None:
    page = new_slip(clerk, number, **typed)
    assert words in page
    assert typed.get("address", "") in page
    assert case_of(node, number).slips == ()


def test_the_last_slip_of_the_same_person_becomes_this_one_with_one_press_and_is_read_over(
    clerk: Desk, node: Node, number: str
) -> None:
    assert "沿用那次的" not in clerk.get(f"/cases/{number}/slip/new").text
    new_slip(clerk, number, address=ADDRESS, consent=["property"])
    again = receive(clerk)
    page = clerk.get(f"/cases/{again}/slip/new")
    assert "申请人同意，沿用那次的" in page.text
    assert "军门社区12号楼" not in page.text, "nothing is shown before they agree"
    earlier = f"/cases/{again}/slip/earlier"
    for _twice in range(2):
        answer = clerk.post(earlier, {"op": op_in(page)}, follow_redirects=True)
    assert "核对寄递单" in answer.text
    assert "东街街道军门社区12号楼3单元502室" in answer.text
    case = case_of(node, again)
    assert ([s.consent for s in case.slips], case.confirmed_slip) == ([("property",)], "")
    with node.local() as local:
        noted = local.store.db.execute("SELECT what FROM showings WHERE subject=?", [number])
        assert ("经申请人同意，沿用以前办件的电话和地址",) in noted.fetchall()


def test_a_slip_is_taken_back_at_the_window_and_another_can_be_filled_in(
    clerk: Desk, node: Node, number: str
) -> None:
    new_slip(clerk, number, address=ADDRESS)
    page = clerk.get(f"/cases/{number}")
    slip = case_of(node, number).confirmed_slip
    op = op_in(page)
    page = clerk.post(
        f"/cases/{number}/slip/cancel", {"op": op, "slip": slip}, follow_redirects=True
    )
    assert "寄递单已取消" in page.text
    assert "已取消" in page.text
    assert case_of(node, number).confirmed_slip == ""
    again = clerk.post(f"/cases/{number}/slip/cancel", {"op": "1" * 16, "slip": slip})
    assert again.status_code == 409
    new_slip(clerk, number, way="pickup", to_point="350102000000")
    assert case_of(node, number).pickup_points == ("350102000000",)


def test_the_mail_clerk_fills_in_no_slip(mailer: Desk, clerk: Desk, node: Node) -> None:
    number = receive(clerk)
    assert mailer.get(f"/cases/{number}/slip/new").status_code == 403
    for act in ("new", "earlier", "cancel"):
        typed = {"op": "2" * 16, "way": "post", "name": "林小梅", "phone": "13805911234"}
        answer = mailer.post(f"/cases/{number}/slip/{act}", {**typed, "address": ADDRESS})
        assert answer.status_code in (403, 409), act
    assert case_of(node, number).slips == ()
