"""Applications from home at the window: looked at, mended, fetched, counted, received."""

from __future__ import annotations

import re

from cases.states import ParcelState, VisitState
from node.local import Node
from sync.verify import verify
from tests.node.applied import CARE, CARE_TITLE, SAID, apply, fetches, press, report, visit_at
from tests.node.conftest import ROOT, Clock, Desk
from tests.node.receiving import ID


def test_it_waits_on_the_first_page_and_shows_no_more_than_it_must(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    number = apply(node)
    for page in (clerk.get("/").text, clerk.get("/fromhome").text):
        assert "看在家申请，一个工作日内答复" in page
        assert f"/fromhome/{number}" in page
        assert "还有 1 个工作日" in page
    page = clerk.get(f"/fromhome/{number}").text
    for private in ("林小梅", ID, "13805911234", "502室"):
        assert private not in page
    full = clerk.post(f"/fromhome/{number}/reveal").text
    for private in ("林小梅", ID, "13805911234", "502室"):
        assert private in full
    assert "上午 9 点到 12 点" in full
    clock.forward(seconds=3 * 86_400)
    assert "超期 2 个工作日" in clerk.get("/").text


def test_a_photograph_opens_after_it_was_noted_who_looked(clerk: Desk, node: Node) -> None:
    number = apply(node)
    page = clerk.get(f"/fromhome/{number}").text
    url = re.search(rf'action="(/fromhome/{number}/photos/[0-9a-f]+)"', page)
    assert url is not None
    opened = clerk.post(url[1], follow_redirects=True)
    assert opened.mimetype == "image/jpeg"
    assert opened.data.startswith(b"\xff\xd8\xff")
    assert clerk.get(f"{url[1]}/99").status_code == 302, "nobody looks unnoted"


def test_only_what_is_kept_is_fetched_and_the_address_is_sealed(clerk: Desk, node: Node) -> None:
    number = apply(node)
    assert "已开取件单" in press(clerk, number, "accept").text
    assert visit_at(node, number).state is VisitState.CHECKED
    (parcel,) = fetches(node, number)
    assert (parcel.purpose, parcel.to_point, parcel.visit) == (
        "papers_fetched", node.point.code, number,
    )  # fmt: skip
    assert [content["name"] for content in parcel.contents] == ["近期病历"]
    with node.local() as local:
        packed = local.store.event(parcel.packed_event)
        assert "502室" not in str(packed.data)
        said = local.store.unseal(packed)
    assert {name: said[name] for name in ("address", "day", "hours", "note")} == {
        name: SAID[name] for name in ("address", "day", "hours", "note")
    }
    page = clerk.get(f"/parcels/{parcel.number}").text
    assert "502室" not in page
    assert "上门取件" in page
    assert clerk.get(f"/parcels/{parcel.number}/waybill.pdf").status_code in (200, 409)


def test_the_case_goes_on_as_if_received_at_the_window(clerk: Desk, node: Node) -> None:
    number = apply(node)
    press(clerk, number, "accept")
    assert "现在还不能收件" in clerk.post(f"/fromhome/{number}/receive").text
    (parcel,) = fetches(node, number)
    report(node, parcel.number, "fetch_accepted")
    report(node, parcel.number, "taken_over", collected=[0])
    report(node, parcel.number, "delivered", to="point")
    assert "还没有点到" in press(clerk, number, "count").text
    assert "已清点，材料齐了" in press(clerk, number, "count", contents="0").text
    form = clerk.post(f"/fromhome/{number}/receive")
    page = clerk.get(form.headers["Location"]).text
    assert f'value="{ID}"' in page
    assert 'value="林小梅"' in page
    assert page.count('name="paper"') >= 2
    op = form.headers["Location"].partition("op=")[2]
    typed = {
        "home": number, "kind": "person", "capacity": "self", "document": "resident_id",
        "document_number": ID, "name": "林小梅", "phone": "13805911234", "paper": ["1", "2"],
        "area": "350102004001", "op": op,
    }  # fmt: skip
    answer = clerk.post(f"/reception/{CARE}", typed)
    assert answer.status_code == 303, answer.text
    with node.local() as local:
        case = local.store.case(answer.headers["Location"].split("/")[2])
        assert case is not None
        assert case.visit == number
        assert [m.taken for m in case.materials] == [True, True, False]
        assert [scan.position for scan in case.scans] == [1]
        assert case.confirmed_slip, "the result goes to where the papers were fetched"
        visits = local.store.db.execute("SELECT count(*) FROM subjects WHERE kind='visit'")
        assert visits.fetchone()[0] == 1, "nobody stood at the window"
        assert list(verify(local.store, ROOT.public, whole=local.identity.author)) == []
    assert visit_at(node, number).state is VisitState.ENDED
    assert case.number in clerk.get(f"/fromhome/{number}").text
    again = clerk.post(f"/reception/{CARE}", typed)
    assert again.headers["Location"] == answer.headers["Location"]


def test_all_that_is_to_be_mended_is_told_at_once(clerk: Desk, node: Node) -> None:
    number = apply(node)
    assert "请选哪里要改" in press(clerk, number, "mend").text
    press(clerk, number, "mend", **{"reason-1": "unclear", "reason-0": "wrong"}, words="门牌不对")
    visit = visit_at(node, number)
    assert visit.state is VisitState.TO_MEND
    assert {(d.position, d.reason) for d in visit.defects} == {(1, "unclear"), (0, "wrong")}
    apply(node, again=number)
    assert visit_at(node, number).state is VisitState.APPLIED
    press(clerk, number, "accept")
    assert len(fetches(node, number)) == 1


def test_nobody_at_home_is_agreed_on_again(clerk: Desk, node: Node) -> None:
    number = apply(node)
    press(clerk, number, "accept")
    (parcel,) = fetches(node, number)
    report(node, parcel.number, "fetch_accepted")
    report(node, parcel.number, "delivery_failed", why="nobody_home")
    page = clerk.get(f"/fromhome/{number}").text
    assert "家里没有人" in page
    assert "上门没取到，联系申请人" in clerk.get("/").text
    press(clerk, number, "calloff")
    assert "请选哪一天" in press(clerk, number, "plan", day="2026-11-29", hours="9-12").text
    press(clerk, number, "plan", day="2026-11-26", hours="14-18")
    old, new = fetches(node, number)
    assert (old.state, new.state) == (ParcelState.RETURNED, ParcelState.PACKED)
    with node.local() as local:
        assert local.store.unseal(local.store.event(new.packed_event))["day"] == "2026-11-26"


def test_a_paper_that_was_not_there_is_fetched_alone(clerk: Desk, node: Node) -> None:
    number = apply(node)
    press(clerk, number, "accept")
    (parcel,) = fetches(node, number)
    report(node, parcel.number, "taken_over", collected=[])
    report(node, parcel.number, "delivered", to="point")
    assert "没有取到：近期病历" in press(clerk, number, "count").text
    for act, problem in (("decline", "材料已经取来"), ("cancel", "材料已经取来")):
        refused = press(clerk, number, act, why="elsewhere", why_words="去台江区")
        assert problem in refused.text
    press(clerk, number, "mend", **{"reason-2": "missing"})
    apply(node, again=number, photographs=False)
    press(clerk, number, "accept")
    assert [p.state for p in fetches(node, number)] == [ParcelState.ARRIVED, ParcelState.PACKED]


def test_what_is_not_for_here_is_said_with_where_to_go(clerk: Desk, node: Node) -> None:
    number = apply(node)
    assert "还没有填" in press(clerk, number, "decline", why="elsewhere").text
    press(clerk, number, "decline", why="elsewhere", why_words="请到台江区政务服务中心")
    assert visit_at(node, number).declined == "elsewhere"
    assert CARE_TITLE not in clerk.get("/").text.partition("下一步做什么")[2].partition("最近")[0]


def test_a_cancelled_one_leaves_only_the_errand_to_call_off(clerk: Desk, node: Node) -> None:
    from tests.node.central_says import state

    number = apply(node)
    press(clerk, number, "accept")
    state(node, "visit.cancelled", number, {})
    assert "不办了：取消上门取件" in clerk.get("/").text
    press(clerk, number, "calloff")
    assert [p.state for p in fetches(node, number)] == [ParcelState.CANCELLED]
    assert "不办了" not in clerk.get("/").text


def test_who_may_not_receive_may_only_look(stranger: Desk, mailer: Desk, node: Node) -> None:
    number = apply(node)
    assert stranger.get(f"/fromhome/{number}").status_code == 403
    assert press(mailer, number, "accept").status_code == 403
    assert visit_at(node, number).state is VisitState.APPLIED
