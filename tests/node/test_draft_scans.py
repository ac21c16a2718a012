"""Scans before there is a case, and a phone that gives them: kept with the draft, then stated."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from node import draft_scans, hand_offs, reception
from node.app import create_app
from node.config import Phone
from node.local import Node
from node.phone_pages import create_phone_app
from tests.node.casework import case_of
from tests.node.conftest import Clock, Desk, sign_in
from tests.node.pictures import jpeg, pdf
from tests.node.receiving import ELDERS_CARD, form_op, send
from tests.node.scanning import open_scan

WIFI = "http://192.168.1.20:8018"
ASKED = {"HX-Request": "true"}


@pytest.fixture
def node(node: Node) -> Node:
    """The node, with a page for phones."""
    return replace(node, config=replace(node.config, phone=Phone(WIFI)))


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def phone(node: Node) -> Desk:
    """A phone over the point's Wi-Fi."""
    return Desk(create_phone_app(node, b"0123456789abcdef").test_client())


def path_of(op: str) -> str:
    return f"/reception/{ELDERS_CARD}/scans/{op}"


def give(
    desk: Desk, op: str, body: bytes, file: str = "a.jpg", position: str = "1"
) -> TestResponse:
    return desk.post(path_of(op), {"file": (BytesIO(body), file), "position": position})


def files(node: Node, folder: str) -> list[Path]:
    return [path for path in (node.config.data / folder).rglob("*") if path.is_file()]


def test_a_scan_of_a_draft_becomes_one_of_the_case(clerk: Desk, node: Node) -> None:
    op = form_op(clerk, ELDERS_CARD)
    page = give(clerk, op, jpeg(4000, 3000), "林小梅.jpg").text
    assert "JPEG 图片" in page
    assert "林小梅" not in page
    two = pdf(2)
    assert "PDF，2 页" in give(clerk, op, two, "b.pdf", position="0").text
    small = clerk.get(re.findall(r'<img src="([^"]+)"', page)[0])
    assert Image.open(BytesIO(small.data)).size == (240, 180)
    assert "JPEG 图片" in clerk.get(f"/reception/{ELDERS_CARD}?op={op}").text, "also after a cut"
    number = send(clerk, ELDERS_CARD, op=op).headers["Location"].split("/")[2]
    scans = case_of(node, number).scans
    assert [(s.position, s.pages, s.media) for s in scans] == [
        (1, 0, "image/jpeg"), (0, 2, "application/pdf"),
    ]  # fmt: skip
    assert open_scan(clerk, node, number).data == two
    assert files(node, draft_scans.FOLDER) == []


def test_nothing_of_it_lies_in_clear_and_nobody_else_sees_it(
    clerk: Desk, lead: Desk, node: Node
) -> None:
    op = form_op(clerk, ELDERS_CARD)
    give(clerk, op, pdf() + b"\n%lin xiaomei", "林小梅.pdf")
    (kept,) = files(node, draft_scans.FOLDER)
    assert b"lin xiaomei" not in kept.read_bytes()
    assert "PDF" not in lead.get(path_of(op)).text
    (scan,) = scans_of(node, op)
    lead.post(f"{path_of(op)}/{scan.id}/remove")
    assert scans_of(node, op) == (scan,)
    assert "PDF" not in clerk.post(f"{path_of(op)}/{scan.id}/remove").text
    assert files(node, draft_scans.FOLDER) == []


def scans_of(node: Node, op: str) -> tuple[draft_scans.DraftScan, ...]:
    with node.local() as local:
        return draft_scans.of_draft(local, op, "s-c1")


def test_what_is_no_scan_is_refused_and_a_draft_takes_only_so_many(
    clerk: Desk, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = form_op(clerk, ELDERS_CARD)
    answer = give(clerk, op, b"<svg>")
    assert (answer.status_code, "不是 PDF" in answer.text) == (400, True)
    assert "还没有选文件" in clerk.post(path_of(op), {}).text
    monkeypatch.setattr(draft_scans, "SCANS_MAX", 1)
    give(clerk, op, jpeg())
    assert "收件时最多附" in give(clerk, op, jpeg()).text
    assert len(scans_of(node, op)) == 1


def test_a_draft_thrown_away_or_forgotten_takes_its_scans_with_it(
    clerk: Desk, node: Node, clock: Clock
) -> None:
    first, second = (form_op(clerk, ELDERS_CARD) for _ in range(2))
    give(clerk, first, jpeg())
    clerk.post(f"/drafts/{first}/drop")
    assert files(node, draft_scans.FOLDER) == []
    give(clerk, first, jpeg())
    clock.forward(seconds=3 * 24 * 3600)
    give(clerk, second, jpeg())
    assert len(files(node, draft_scans.FOLDER)) == 1


def test_a_reception_that_fails_leaves_the_draft_and_nothing_else(
    clerk: Desk, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = form_op(clerk, ELDERS_CARD)
    give(clerk, op, jpeg())

    def broken(*_: object) -> None:
        raise RuntimeError("the power is cut")

    monkeypatch.setattr(reception.drafts, "drop", broken)
    assert send(clerk, ELDERS_CARD, op=op).status_code == 500
    assert list(node.blobs.names()) == []
    monkeypatch.undo()
    number = send(clerk, ELDERS_CARD, op=op).headers["Location"].split("/")[2]
    assert len(case_of(node, number).scans) == 1


# a phone


def token_in(answer: TestResponse) -> str:
    found = re.search(rf"{WIFI}/up/([A-Z2-7]+)", answer.text)
    assert found
    return found[1]


def photograph(phone: Desk, token: str, body: bytes) -> TestResponse:
    page = phone.get(f"/up/{token}")
    op = re.search(r'name="op" value="([0-9a-f]{16})"', page.text)
    fields = {"op": op[1] if op else "0" * 16, "file": (BytesIO(body), "image.jpg")}
    return phone.post(f"/up/{token}", fields)


def test_a_phone_gives_a_photograph_to_the_draft_and_sees_nothing(
    clerk: Desk, phone: Desk, node: Node
) -> None:
    op = form_op(clerk, ELDERS_CARD)
    clerk.post(f"/drafts/{op}?matter={ELDERS_CARD}", {"name": "林小梅"})
    assert "every 2s" not in clerk.get(path_of(op)).text
    token = token_in(clerk.post(f"{path_of(op)}/phone", {"position": "2"}))
    page = phone.get(f"/up/{token}").text
    assert 'accept="image/*" capture="environment"' in page
    for private in ("林小梅", "老年人", op):
        assert private not in page
    answer = photograph(phone, token, jpeg(3000, 4000, turned=6, noted=True))
    assert answer.status_code == 303
    assert "窗口收到了" in phone.get(answer.location).text
    (scan,) = scans_of(node, op)
    assert scan.position == 2
    assert "every 2s" in clerk.get(path_of(op)).text, "the page at the window looks again"


def test_a_phone_gives_a_photograph_to_a_case(clerk: Desk, phone: Desk, node: Node) -> None:
    number = send(clerk, ELDERS_CARD).headers["Location"].split("/")[2]
    made = clerk.post(f"/cases/{number}/scans/phone", {"position": "1"})
    assert "HX-Refresh" not in clerk.get(f"/cases/{number}/scans/since/0").headers
    assert photograph(phone, token_in(made), jpeg()).status_code == 303
    assert [s.position for s in case_of(node, number).scans] == [1]
    assert clerk.get(f"/cases/{number}/scans/since/0").headers["HX-Refresh"] == "true"


def test_a_code_ends_with_its_time_its_draft_and_the_next_code(
    clerk: Desk, phone: Desk, node: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = form_op(clerk, ELDERS_CARD)
    tokens = [token_in(clerk.post(f"{path_of(op)}/phone")) for _ in range(2)]
    assert phone.get(f"/up/{tokens[0]}").status_code == 410
    assert phone.get(f"/up/{tokens[1]}").status_code == 200
    clock.forward(seconds=15 * 60)
    assert photograph(phone, tokens[1], jpeg()).status_code == 410
    third = token_in(clerk.post(f"{path_of(op)}/phone"))
    monkeypatch.setattr(hand_offs, "USES_MAX", 1)
    assert photograph(phone, third, jpeg()).status_code == 303
    assert photograph(phone, third, jpeg()).status_code == 410
    fourth = token_in(clerk.post(f"{path_of(op)}/phone"))
    send(clerk, ELDERS_CARD, op=op)
    assert phone.get(f"/up/{fourth}").status_code == 410
    assert phone.get("/up/AAAA").status_code == 410


def test_what_a_phone_gives_is_judged_like_any_file(clerk: Desk, phone: Desk, node: Node) -> None:
    op = form_op(clerk, ELDERS_CARD)
    token = token_in(clerk.post(f"{path_of(op)}/phone"))
    assert photograph(phone, token, b"<html>").status_code == 400
    assert phone.post(f"/up/{token}", {"op": "0" * 16}).status_code == 400
    assert phone.client.post(f"/up/{token}").status_code == 400, "a form of another page"
    assert scans_of(node, op) == ()


def test_the_port_for_phones_serves_nothing_else(phone: Desk, clerk: Desk) -> None:
    for path in ("/", "/signin/", "/cases", "/status", "/reception/x", "/up/"):
        assert phone.get(path).status_code == 404
    assert clerk.get("/up/AAAA").status_code == 404


def test_with_no_address_for_phones_the_window_offers_none(tmp_path: Path, node: Node) -> None:
    desk = sign_in(create_app(replace(node, config=replace(node.config, phone=Phone()))), "lin")
    op = form_op(desk, ELDERS_CARD)
    assert "手机拍照" not in desk.get(f"/reception/{ELDERS_CARD}?op={op}").text
    assert "没有开手机拍照" in desk.post(f"{path_of(op)}/phone").text
