"""Manifests at the window: made, printed, taken over with one scan, differences answered."""

from __future__ import annotations

import re

import pytest

from cases.manifests import HOW_ZH, How, bag, inspected
from cases.states import ParcelState
from cases.times import day_of
from labels.tokens import Purpose, expect, read, token_in
from node.local import Node
from sync.bags import parcels_on
from tests.labels import paper
from tests.node.casework import op_in, parcel_of
from tests.node.central_says import state as state_as_central
from tests.node.conftest import Clock, Desk
from tests.node.mailing import draw, listed, packed, printed

UNKNOWN = "MGL031-261122-0009-X"


def missing(node: Node, number: str, manifest: str) -> None:
    """What central says after a courier's count."""
    said = {"op": f"m-{number}-{manifest}", "when": node.clock(), "manifest": manifest}
    who = {"courier": "孟师傅"}
    state_as_central(node, "parcel.missing", number, said, actor="c-1001", sealed=who)


def taken(node: Node, number: str, manifest: str) -> None:
    said = {"op": f"t-{number}", "when": node.clock(), "manifest": manifest}
    state_as_central(node, "parcel.taken_over", number, said, actor="c-1001")


def answer(desk: Desk, manifest: str, parcel: str, how: str) -> int:
    data = {"op": op_in(desk.get(f"/manifests/{manifest}")), "parcel": parcel, "how": how}
    return desk.post(f"/manifests/{manifest}/answer", data).status_code


def test_a_bag_is_listed_printed_and_its_code_names_the_manifest(mailer: Desk, node: Node) -> None:
    numbers = printed(mailer, node, 12)
    page = mailer.get("/mail").text
    assert set(re.findall(r'aria-label="列入 ([^"]+)" checked', page)) == set(numbers)
    manifest = listed(mailer, numbers)
    with node.local() as local:
        found = parcels_on(local.store.db, manifest)
        assert [p.number for p in bag(found, manifest)] == sorted(numbers)
    assert "12 个等快递员来取" in mailer.get(f"/manifests/{manifest}").text
    assert manifest in mailer.get("/mail").text
    assert manifest in mailer.get(f"/parcels/{numbers[0]}").text
    sheet = mailer.post(f"/manifests/{manifest}/print").headers["Location"]
    pdf = mailer.get(sheet).data
    words = paper.text(pdf)
    assert paper.pages(pdf) == 2
    assert all(parcel_of(node, number).tracking in words for number in numbers)
    assert "共 12 件" in words
    assert words.count("已验视") >= 12
    tokens = [token_in(text) for text in paper.all_codes(pdf)]
    keys = [read(token, day_of(node.clock()), lambda _: node.token_key) for token in tokens]
    named = [key for key in keys if key.purpose is Purpose.MANIFEST]
    assert [expect(key, Purpose.MANIFEST).target for key in named] == [manifest]
    assert "重印" not in words
    again = mailer.post(f"/manifests/{manifest}/print").headers["Location"]
    assert "重印 第 2 份" in paper.text(mailer.get(again).data)


def test_the_same_form_sent_twice_is_one_manifest(mailer: Desk, node: Node) -> None:
    data = {"op": "00000000000000ab", "parcels": printed(mailer, node, 2)}
    first, second = (mailer.post("/mail/manifest", data) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


def test_what_lacks_a_waybill_or_was_not_looked_at_is_not_listed(mailer: Desk, node: Node) -> None:
    bare = packed(node, 2)
    op = "00000000000000ac"
    assert "面单还没有打印" in mailer.post("/mail/manifest", {"op": op, "parcels": bare}).text
    for number in bare:  # a version before this one printed without looking
        with node.local() as local, local.writing() as w:
            w.state("parcel.waybill_printed", number, {"copy": 1}, actor="s-m1")
    refused = mailer.post("/mail/manifest", {"op": op, "parcels": bare})
    assert refused.status_code == 409
    assert "还没有收寄验视" in refused.text
    assert re.search(f'aria-label="列入 {bare[0]}" disabled', mailer.get("/mail").text)
    for number in bare:
        page = mailer.get(f"/parcels/{number}")
        fields = {"op": op_in(page), "looked": ["contents", "allowed", "sealed"]}
        assert mailer.post(f"/parcels/{number}/inspect", fields).status_code == 303
    listed(mailer, bare)
    twice = mailer.post("/mail/manifest", {"op": "00000000000000ad", "parcels": bare})
    assert "已列入 M" in twice.text
    none = mailer.post("/mail/manifest", {"op": "00000000000000ae"})
    assert none.status_code == 400


def test_what_was_taken_over_what_is_missing_and_what_waits_is_seen_item_by_item(
    mailer: Desk, node: Node, clock: Clock
) -> None:
    numbers = printed(mailer, node, 3)
    manifest = listed(mailer, numbers)
    taken(node, numbers[0], manifest)
    assert "取走 1 个，还有 2 个没有取" in mailer.get(f"/manifests/{manifest}").text
    missing(node, numbers[1], manifest)
    taken(node, numbers[2], manifest)
    page = mailer.get(f"/manifests/{manifest}").text
    assert "1 个不在袋里，等您答复" in page
    assert page.count("快递员 孟师傅") == 1, "as the report says that carries the name"
    assert page.count("快递员 （编号 c-1001）") == 2
    assert page.count("请选处理结果") == 1
    first = re.findall(r'data-label="邮件"><a class="number" href="/parcels/([^"]+)"', page)[0]
    assert first == numbers[1], "what waits for an answer is seen first"
    assert "交接时不在袋里，请核实后答复" in mailer.get("/").text
    desk = mailer.get("/mail").text
    assert "快递员说不在袋里" in desk
    assert f"/manifests/{manifest}" in mailer.get(f"/parcels/{numbers[1]}").text


@pytest.mark.parametrize("how", list(How))
def test_each_difference_is_answered_once_and_leaves_the_list(
    mailer: Desk, node: Node, how: How
) -> None:
    lost, other = numbers = printed(mailer, node, 2)
    manifest = listed(mailer, numbers)
    for number in numbers:
        missing(node, number, manifest)
    assert answer(mailer, manifest, lost, how.value) == 303
    page = mailer.get(f"/manifests/{manifest}").text
    assert HOW_ZH[how] in page
    assert "1 个不在袋里，等您答复" in page
    assert answer(mailer, manifest, lost, how.value) == 409
    assert parcel_of(node, lost).state is (
        ParcelState.CANCELLED if how is How.CANCELLED else ParcelState.PACKED
    )
    assert answer(mailer, manifest, other, How.FOUND_HERE.value) == 303
    assert "已交接清楚" in mailer.get(f"/manifests/{manifest}").text
    assert "交接时不在袋里" not in mailer.get("/").text
    assert re.search(f'aria-label="列入 {other}" checked', mailer.get("/mail").text)
    assert listed(mailer, [other]) != manifest


def test_an_answer_must_be_one_that_is_offered(mailer: Desk, node: Node) -> None:
    numbers = printed(mailer, node, 1)
    manifest = listed(mailer, numbers)
    missing(node, numbers[0], manifest)
    assert answer(mailer, manifest, numbers[0], "") == 400
    assert answer(mailer, manifest, numbers[0], "eaten by the dog") == 400
    assert answer(mailer, manifest, "PGL031-261122-0099-X", How.LOST.value) == 409


def test_a_reprint_leaves_out_what_was_called_off(mailer: Desk, node: Node) -> None:
    gone, kept = numbers = printed(mailer, node, 2)
    manifest = listed(mailer, numbers)
    mailer.post(f"/parcels/{gone}/cancel", {"op": op_in(mailer.get(f"/parcels/{gone}"))})
    words = paper.text(mailer.get(_print(mailer, manifest)).data)
    assert parcel_of(node, gone).tracking not in words
    assert parcel_of(node, kept).tracking in words
    mailer.post(f"/parcels/{kept}/cancel", {"op": op_in(mailer.get(f"/parcels/{kept}"))})
    assert mailer.post(f"/manifests/{manifest}/print").status_code == 409


def _print(desk: Desk, manifest: str) -> str:
    return str(desk.post(f"/manifests/{manifest}/print").headers["Location"])


def test_a_manifest_is_not_shown_before_it_was_printed_nor_one_that_nobody_made(
    mailer: Desk, node: Node
) -> None:
    manifest = listed(mailer, printed(mailer, node, 1))
    assert mailer.get(f"/manifests/{manifest}/manifest.pdf").status_code == 409
    assert manifest in mailer.get("/manifests").text
    for path in (f"/manifests/{UNKNOWN}", "/manifests/x", f"/manifests/{UNKNOWN}/manifest.pdf"):
        assert mailer.get(path).status_code == 404
    assert mailer.post(f"/manifests/{UNKNOWN}/print").status_code == 404


def test_an_empty_list_of_manifests_says_what_to_do(mailer: Desk) -> None:
    assert "还没有做过交接单" in mailer.get("/manifests").text


def test_only_who_posts_lists_prints_and_answers(
    mailer: Desk, stranger: Desk, node: Node, officer: Desk, centre: Node
) -> None:
    manifest = listed(mailer, printed(mailer, node, 1))
    assert stranger.get(f"/manifests/{manifest}").status_code == 403
    number = packed(centre, 1)[0]
    data = {"op": "00000000000000af", "parcels": [number]}
    assert officer.post("/mail/manifest", data).status_code == 403


# looking at what is posted


def test_packing_says_that_all_was_looked_at_from_whom_and_how_heavy(
    mailer: Desk, node: Node
) -> None:
    number = packed(node, 1)[0]
    page = mailer.get(f"/parcels/{number}")
    assert page.text.count('name="looked"') == 4, "the three, and one tick for all of them"
    assert " checked" not in page.text, "what nobody has affirmed yet"
    fields = {
        "op": op_in(page), "looked": ["contents", "allowed", "sealed"],
        "handed_in_by": "林小梅", "grams": "350",
    }  # fmt: skip
    pdf = mailer.get(mailer.post(f"/parcels/{number}/print", fields).headers["Location"]).data
    assert "0.35 千克" in paper.text(pdf)
    assert "已验视" in paper.text(pdf)
    looked = inspected(parcel_of(node, number))
    assert looked is not None
    assert dict(looked.data) == {"looked": ["contents", "allowed", "sealed"], "grams": 350}
    shown = mailer.get(f"/parcels/{number}").text
    assert "350 克" in shown
    assert "交件人：林小梅" in shown
    assert "还没有登记" not in shown


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "还没有验视：内件与清单一致、没有禁寄物品、封装完好"),
        ({"looked": ["contents", "sealed"]}, "还没有验视：没有禁寄物品"),
        ({"looked": "all", "grams": "-1"}, "重量请填 1 到 30000 克的整数"),
        ({"looked": "all", "grams": "三"}, "重量请填"),
        ({"looked": "all", "grams": "30001"}, "重量请填"),
        ({"looked": "all", "handed_in_by": "林" * 101}, "最多 100 个字"),
    ],
)
def test_what_was_not_wholly_looked_at_is_not_printed(
    mailer: Desk, node: Node, fields: dict[str, object], says: str
) -> None:
    number = packed(node, 1)[0]
    answer = mailer.post(f"/parcels/{number}/print", {"op": "00000000000000ba", **fields})
    assert answer.status_code == 400
    assert says in answer.text
    assert parcel_of(node, number).copies == 0


def test_it_is_looked_at_once(mailer: Desk, node: Node) -> None:
    number = packed(node, 1)[0]
    for op in ("00000000000000bb", "00000000000000bc"):
        mailer.post(f"/parcels/{number}/inspect", {"op": op, "looked": "all"})
    steps = [s for s in parcel_of(node, number).steps if s.type == "parcel.inspected"]
    assert len(steps) == 1
    nothing = mailer.post(f"/parcels/{number}/inspect", {"op": "00000000000000bd"})
    assert nothing.status_code == 400
    draw(node)
