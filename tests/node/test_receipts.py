"""The receipt and the poster, read back from the paper."""

from __future__ import annotations

from datetime import date

from flask import Flask

from labels import tokens
from node.local import Node
from tests.labels.paper import all_codes, text
from tests.node.conftest import PORTAL, TOKEN_MASTER, Desk, sign_in, tell_all
from tests.node.receiving import receive


def token_on(pdf: bytes) -> tokens.Token:
    (address,) = all_codes(pdf)
    assert address.startswith(PORTAL.upper() + "/T/")
    key = tokens.point_key
    return tokens.read(tokens.token_in(address), date(2026, 11, 23), lambda p: key(TOKEN_MASTER, p))


def test_the_receipt_names_the_case_and_its_code_opens_it(clerk: Desk) -> None:
    number = receive(clerk, "SCJG-000101")
    answer = clerk.get(f"/cases/{number}/receipt.pdf")
    assert answer.mimetype == "application/pdf"
    token = token_on(answer.data)
    assert (token.purpose, token.target) == (tokens.Purpose.RECEIPT, number)
    assert token.expires >= date(2027, 11, 23)
    words = text(answer.data)
    for word in (number, "公司登记（设立登记）", "林小燕", "公司章程", "原件收存", "示例数据",
                 "问签收码时再报"):  # fmt: skip
        assert word in words, word
    assert "重印" not in words


def test_the_applicants_name_is_masked_and_rare_ones_are_printed(clerk: Desk) -> None:
    number = receive(clerk, name="𠮷小䶮")
    words = text(clerk.get(f"/cases/{number}/receipt.pdf").data)
    assert "𠮷*䶮" in words
    assert "𠮷小䶮" not in words


def test_every_later_copy_says_that_it_is_a_reprint(clerk: Desk, node: Node) -> None:
    number = receive(clerk)
    clerk.get(f"/cases/{number}/receipt.pdf")
    assert "重印收件凭证" in clerk.get(f"/cases/{number}/received").text
    assert "重印 第 2 份" in text(clerk.get(f"/cases/{number}/receipt.pdf").data)
    clerk.client.head(f"/cases/{number}/receipt.pdf")
    with node.local() as local:
        log = list(local.store.db.execute("SELECT copy, actor FROM prints ORDER BY copy"))
    assert log == [(1, "s-c1"), (2, "s-c1")], "a look without printing is no print"


def test_only_papers_that_were_taken_stand_on_it(clerk: Desk) -> None:
    number = receive(clerk)
    assert "代办人" not in text(clerk.get(f"/cases/{number}/receipt.pdf").data)


def test_a_fee_is_named_with_how_it_is_paid_and_never_in_cash(clerk: Desk) -> None:
    number = receive(clerk, "GAJ-001502")
    paid = "收费 20 元（扫码缴款，窗口不收现金）"
    assert paid in clerk.get(f"/cases/{number}/received").text
    words = "".join(text(clerk.get(f"/cases/{number}/receipt.pdf").data).split())
    assert "".join(paid.split()) in words
    free = receive(clerk)
    assert "收费" not in clerk.get(f"/cases/{free}/received").text


def test_a_case_that_is_not_here_has_no_receipt(clerk: Desk, stranger: Desk) -> None:
    assert clerk.get("/cases/GL031-261123-0999-X/receipt.pdf").status_code == 404
    assert clerk.get("/cases/nonsense/receipt.pdf").status_code == 404
    assert clerk.get("/cases/nonsense/received").status_code == 404
    assert stranger.get("/cases/nonsense/receipt.pdf").status_code == 403


def test_another_points_receipt_is_printed_there(
    clerk: Desk, node: Node, centre: Node, centre_app: Flask
) -> None:
    number = receive(clerk, "SCJG-000101")
    tell_all(node, centre)
    assert sign_in(centre_app, "lin").get(f"/cases/{number}/receipt.pdf").status_code == 404


def test_the_posters_code_names_this_point(clerk: Desk, node: Node) -> None:
    answer = clerk.get("/poster.pdf")
    token = token_on(answer.data)
    assert (token.purpose, token.target) == (tokens.Purpose.POSTER, f"{node.point.number:03d}")
    assert "2027年11月23日" in text(answer.data)
