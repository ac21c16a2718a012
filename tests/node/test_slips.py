"""Poster slips: which one is the applicant's, and attaching it with one key."""

from __future__ import annotations

from cases.numbers import case_number
from cases.times import day_of
from node.local import Node
from sync import registers
from sync.verify import verify
from tests.node.central_says import SLIP, poster_slip, state
from tests.node.conftest import ROOT, Clock, Desk
from tests.node.receiving import receive

HOUR_S = 3_600


def attach(desk: Desk, number: str, visit: str) -> str:
    path = f"/cases/{number}/slip"
    return desk.post(path, {"visit": visit}, follow_redirects=True).text


def test_the_applicants_own_slip_is_offered_first(clerk: Desk, node: Node) -> None:
    poster_slip(node, name="林小梅", phone="13700009999")
    poster_slip(node, name="别人家", phone="13700002222")
    page = clerk.get(f"/cases/{receive(clerk)}/received").text
    assert "电话或姓名对得上" in page
    assert page.index("137****9999") < page.index("137****2222")
    assert "林小梅" not in page


def test_a_slip_of_nobody_we_know_is_chosen_by_hand(clerk: Desk, node: Node) -> None:
    poster_slip(node, name="别人家", phone="13700002222")
    page = clerk.get(f"/cases/{receive(clerk)}/received").text
    assert "问手机上显示的四位数，或手机号后四位" in page
    assert "对得上" not in page


def test_the_four_digits_on_the_residents_phone_stand_wherever_the_slip_does(
    clerk: Desk, node: Node
) -> None:
    poster_slip(node, 6772, name="别人家", phone="13700002222")
    received = f"/cases/{receive(clerk)}/received"
    for page in ("/", "/slips", received):
        assert ">6772</b>" in clerk.get(page).text, page
    poster_slip(node, 6803, name="林小梅")
    assert ">6803</b>" in clerk.get(received).text, "the slip that is offered first"


def test_attaching_copies_it_and_confirms_it_in_one_step(clerk: Desk, node: Node) -> None:
    visit, number = poster_slip(node), receive(clerk)
    assert "寄递单已关联并核对" in attach(clerk, number, visit)
    with node.local() as local:
        case = local.store.case(number)
        (slip,) = case.slips
        assert case.confirmed_slip == slip.event
        assert (slip.channel, slip.visit) == ("poster", visit)
        fields = local.store.unseal(local.store.event(slip.event))
        assert fields["street"] == "东街街道军门社区12号楼3单元502室"
        assert fields["county"] == "350102"
        assert list(verify(local.store, ROOT.public, whole=local.identity.author)) == []
    assert visit not in clerk.get("/slips").text


def test_a_slip_that_was_changed_is_one_line_and_the_newest_is_what_is_attached(
    clerk: Desk, node: Node
) -> None:
    for street in ("津泰路1号", "津泰路2号"):
        visit = poster_slip(node, 6800, street=street)
    page = clerk.get("/slips").text
    assert page.count(">6800</b>") == 1
    assert "改过一次" in page
    number = receive(clerk)
    attach(clerk, number, visit)
    assert ">6800</b>" not in clerk.get("/slips").text
    with node.local() as local:
        case = local.store.case(number)
        assert local.store.unseal(local.store.event(case.confirmed_slip))["street"] == "津泰路2号"


def test_a_change_that_comes_after_the_slip_was_attached_is_not_lost(
    clerk: Desk, node: Node
) -> None:
    visit, number = poster_slip(node, 6800), receive(clerk)
    attach(clerk, number, visit)
    poster_slip(node, 6800, street="津泰路2号")  # sent before central heard of that
    assert "改过一次" in clerk.get("/slips").text
    assert "寄递单已关联并核对" in attach(clerk, number, visit)
    assert ">6800</b>" not in clerk.get("/slips").text


def test_a_slip_belongs_to_one_case_only(clerk: Desk, node: Node) -> None:
    visit = poster_slip(node)
    first, second = receive(clerk), receive(clerk)
    attach(clerk, first, visit)
    assert "已经关联到别的办件" in attach(clerk, second, visit)


def test_a_slip_that_is_not_here_is_refused_in_words(clerk: Desk) -> None:
    number = receive(clerk)
    assert "不在本机" in attach(clerk, number, "VGL031-261123-0001-X")
    assert clerk.post("/cases/GL031-261123-0999-X/slip", {"visit": "x"}).status_code == 404


def test_the_list_offers_the_cases_of_the_present_visit(clerk: Desk, node: Node) -> None:
    poster_slip(node)
    assert "先收件" in clerk.get("/slips").text
    number = receive(clerk)
    assert f'action="/cases/{number}/slip"' in clerk.get("/slips").text


def test_without_slips_the_page_says_how_they_come(clerk: Desk) -> None:
    page = clerk.get("/slips").text
    assert "没有等着关联的寄递单" in page
    assert "/poster.pdf" in page


def test_only_clerks_attach(mailer: Desk, clerk: Desk, node: Node) -> None:
    number, visit = receive(clerk), poster_slip(node)
    assert mailer.post(f"/cases/{number}/slip", {"visit": visit}).status_code == 403
    assert mailer.get("/slips").status_code == 403


def test_a_slip_nobody_claimed_leaves_every_list_and_no_name_of_it_is_findable(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    visit = poster_slip(node, name="郑国强", phone="13700002222")
    number = receive(clerk)
    assert "137****2222" in clerk.get(f"/cases/{number}/received").text
    clock.forward(seconds=HOUR_S + 60)
    for page in ("/", f"/cases/{number}/received"):
        assert "137****2222" not in clerk.get(page).text, page
    assert "137****2222" in clerk.get("/slips").text, "until the day is over"
    with node.local() as local:
        for words in ("2222", "13700002222", "郑国强", "国强"):
            assert visit not in registers.find(local.store.db, words), "no name lies in clear"
    clock.forward(seconds=24 * HOUR_S)
    assert "137****2222" not in clerk.get("/slips").text


def test_a_slip_for_a_case_of_ours_that_this_pc_does_not_know_is_kept_and_listed(
    clerk: Desk, node: Node
) -> None:
    lost = case_number(node.point.number, day_of(node.clock()), 77)
    who = {**SLIP, "name": "郑国强", "phone": "13700002222"}
    state(node, "slip.filled", lost, {"channel": "qr"}, who)
    page = clerk.get("/slips").text
    for said in ("本机没有收件记录的", lost, "郑*强", "137****2222"):
        assert said in page, said
    assert "郑国强" not in page
