"""Whose card it is: a line that a reader typed, a program that misbehaves, a number's own facts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from cases.card import Card
from cases.documents import id_check_character
from node import earlier, reveal
from node.app import create_app
from node.config import NodeConfig, Reader, load_node
from node.local import Node
from node.reader import ReaderTrouble, read_card
from sync.config import ConfigError
from tests.node.casework import confirm, fill_slip
from tests.node.conftest import Desk, sign_in
from tests.node.receiving import ELDERS_CARD, ID, form_op, receive

GOOD = {"code": 0, "data": {"idNumber": ID, "name": "林小梅"}}
HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def said(body: bytes, head: bytes = HELLO) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@contextmanager
def stand_in(answer: bytes, *, hangs: bool = False) -> Iterator[str]:
    """A reader's program that says just this to whoever asks, and may never finish."""
    door = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def serve() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line:
                line.recv(4096)
                line.sendall(answer)
                if hangs:
                    closing.wait(30)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}/read"
    finally:
        closing.set()
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join()


def with_reader(node: Node, url: str, timeout_seconds: float = 5) -> Flask:
    reader = Reader(url, timeout_seconds, "data.idNumber", "data.name")
    return create_app(replace(node, config=replace(node.config, reader=reader)))


def asked(answer: bytes, *, hangs: bool = False) -> Card:
    """Ask the reader while its program says this."""
    with stand_in(answer, hangs=hangs) as url:
        return read_card(
            Reader(url, 0.2 if hangs else 5, "data.idNumber", "data.name"), date(2026, 11, 23)
        )


def test_a_card_on_the_reader_is_read_with_one_press(node: Node) -> None:
    with stand_in(said(json.dumps(GOOD).encode())) as url:
        got = sign_in(with_reader(node, url), "lin").post("/card/read")
    answer = {"document": "resident_id", "number": ID, "name": "林小梅"}
    assert (got.status_code, got.get_json()) == (200, answer)


WRONG = {"data": {"idNumber": ID[:-1] + "1", "name": "林小梅"}}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said(b'{"code": -1, "msg": "no card"}'), "没有放卡"),
        (said(b"", b"HTTP/1.1 404 Not Found\r\n"), "没有放卡"),
        (said(json.dumps(WRONG).encode()), "证件号码不对"),
        (said(b"<html>"), "看不懂"),
        (said(b"[" * 100_000), "看不懂"),
        (said(b"[1]"), "看不懂"),
        (b"\x00\xff\x00 what?\r\n\r\n", "没有回答"),
        (HELLO + b"Content-Length: 900\r\n\r\n{", "看不懂"),
        (b"", "没有回答"),
        (said(b" " * 2_100_000), "看不懂"),
    ],
)
def test_whatever_a_reader_says_the_clerk_gets_a_plain_sentence(answer: bytes, words: str) -> None:
    with pytest.raises(ReaderTrouble, match=words) as told:
        asked(answer)
    assert "请" in str(told.value)


@pytest.mark.parametrize("beginning", [b"", HELLO, HELLO + b"Content-Length: 9\r\n\r\n{"])
def test_a_reader_that_hangs_is_left_at_the_deadline(beginning: bytes) -> None:
    with pytest.raises(ReaderTrouble, match="没有回答"):
        asked(beginning, hangs=True)


def test_no_reader_is_told_as_no_reader(node: Node, clerk: Desk) -> None:
    assert "未接读卡器" in clerk.post("/card/read").get_json()["problem"]
    with stand_in(b"") as url:
        gone = url
    desk = sign_in(with_reader(node, gone), "lin")
    assert "未接读卡器" in desk.post("/card/read").get_json()["problem"]


def test_only_a_program_on_this_pc_may_be_the_reader(node: Node, tmp_path) -> None:
    file = tmp_path / "node.toml"
    central = 'couchdb_url = "http://c:1"\nportal_url = "http://p:1"'
    for url in ("http://10.0.0.8:19196", "https://127.0.0.1:1", "http://a:b@127.0.0.1:1"):
        file.write_text(
            f'[node]\ndata = "d"\n[node.central]\n{central}\n[node.reader]\nurl = "{url}"'
        )
        with pytest.raises(ConfigError):
            load_node(file)
    file.write_text(
        f'[node]\ndata = "d"\n[node.central]\n{central}\n[node.reader]\nurl = "http://127.0.0.1:1/x"'
    )
    found: NodeConfig = load_node(file)
    assert found.reader == Reader("http://127.0.0.1:1/x")


def test_a_line_that_a_reader_typed_is_read_by_the_node(clerk: Desk) -> None:
    answer = clerk.post("/card/line", {"line": f"林小梅|女|{ID}"})
    assert answer.get_json() == {"document": "resident_id", "number": ID, "name": "林小梅"}
    answer = clerk.post("/card/line", {"line": "林小梅"})
    assert (answer.status_code, "看不懂" in answer.get_json()["problem"]) == (422, True)


def test_birth_and_sex_stand_beside_the_number_at_once(clerk: Desk) -> None:
    fields = {"document": "resident_id", "document_number": ID}
    assert "女，1985年6月1日出生，41 周岁" in clerk.post("/card/facts", fields).text
    assert clerk.post("/card/facts", {**fields, "document_number": ID[:-1]}).text.strip() == ""


def test_the_key_for_the_reader_stands_there_where_there_is_one(node: Node, clerk: Desk) -> None:
    op = form_op(clerk, ELDERS_CARD)
    assert "读身份证" not in clerk.get(f"/reception/{ELDERS_CARD}?op={op}").text
    desk = sign_in(with_reader(node, "http://127.0.0.1:9/"), "lin")
    op = form_op(desk, ELDERS_CARD)
    assert "读身份证" in desk.get(f"/reception/{ELDERS_CARD}?op={op}").text


def test_a_stranger_reads_no_cards(stranger: Desk) -> None:
    for path in ("read", "line", "facts", "earlier"):
        assert stranger.post(f"/card/{path}").status_code == 403


# earlier cases (秒报)


def ask(desk: Desk, path: str = "facts", **more: str) -> str:
    fields = {"document": "resident_id", "document_number": ID, **more}
    return desk.post(f"/card/{path}", fields).text


def showings(node: Node, number: str) -> list[tuple[str, str]]:
    with node.local() as local:
        return [(s.actor, s.what) for s in reveal.of_subject(local, number)]


def test_phone_and_address_of_earlier_cases_come_only_when_the_resident_agrees(
    clerk: Desk, node: Node
) -> None:
    assert "在本点办过" not in ask(clerk)
    receive(clerk, phone="13705910000")
    number = receive(clerk)
    confirm(node, number, fill_slip(node, number))
    page = ask(clerk)
    assert "在本点办过 2 件，上次 11月23日（周一）" in page
    assert "13805911234" not in page
    assert showings(node, number) == []
    page = ask(clerk, "earlier")
    assert 'value="13805911234"' in page
    assert "上次寄到" in page
    assert showings(node, number) == [("s-c1", earlier.CONSENT)]


def test_nobody_else_s_cases_are_taken_for_theirs(clerk: Desk, node: Node) -> None:
    other = "11010519800101002"
    receive(clerk, document_number=other + id_check_character(other))
    assert "在本点办过" not in ask(clerk)
    number = receive(clerk)
    assert "在本点办过" not in ask(clerk, document="passport")
    assert "在本点办过" not in ask(clerk, document_number=ID[:-1])
    assert "在本点办过" not in ask(clerk, phone="1"), "what is typed is not typed over"
    assert showings(node, number) == []
