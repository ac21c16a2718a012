"""The identity-card reader as a program on this PC: asked over HTTP when a clerk presses the key.

A reader that types its line like a keyboard needs none of this. What answers here is a maker's own
program: it may hang, stutter, or say anything, so one deadline holds for the whole question.
"""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from datetime import date
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from cases.card import BadCard, Card, NoCard, card_of_answer
from node.config import Reader

ANSWER_BYTES_MAX = 2 * 1024 * 1024  # some send the photograph too
NOTHING = (204, 404)


class ReaderTrouble(Exception):
    """Why no card was read; the message says what to do."""


NOT_THERE = "未接读卡器：请检查读卡器的线和它的程序，或者照证件手工填写。"
NO_ANSWER = "读卡器没有回答：请重新放卡再读一次；还是不行，请手工填写并重启读卡器的程序。"
STRANGE = "读卡器的回答看不懂：请重新放卡再读；还是不行，请手工填写并告诉管理员。"


def read_card(reader: Reader, today: date) -> Card:
    """Ask the reader for the card that lies on it.

    :raises ReaderTrouble: there is no reader, no card, no answer in time, or none that makes sense.
    """
    if not reader.url:
        raise ReaderTrouble(NOT_THERE)
    status, body = _asked(reader)
    try:
        answer = None if status in NOTHING and not body else _json(body)
        if status in NOTHING and not isinstance(answer, dict):
            raise NoCard("没有放卡，或者卡没有放好：请把身份证放平再读一次。")
        return card_of_answer(answer, reader.number_field, reader.name_field, today)
    except (NoCard, BadCard) as problem:
        raise ReaderTrouble(str(problem)) from None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadCard(STRANGE) from None


def _asked(reader: Reader) -> tuple[int, bytes]:
    """The reader's answer. At the deadline the socket is shut, whatever it was waiting for."""
    address = urlsplit(reader.url)
    line = HTTPConnection(
        address.hostname or "", address.port or 80, timeout=reader.timeout_seconds
    )
    late = threading.Event()
    timer = threading.Timer(reader.timeout_seconds, _hang_up, [line, late])
    timer.daemon = True
    timer.start()
    try:
        line.request("GET", f"{address.path or '/'}{'?' if address.query else ''}{address.query}")
        answer = line.getresponse()
        body = answer.read(ANSWER_BYTES_MAX + 1)
    except TimeoutError:
        raise ReaderTrouble(NO_ANSWER) from None
    except (OSError, HTTPException) as error:
        refused = isinstance(error, ConnectionRefusedError | socket.gaierror)
        raise ReaderTrouble(NOT_THERE if refused else NO_ANSWER) from None
    finally:
        timer.cancel()
        line.close()
    if late.is_set():
        raise ReaderTrouble(NO_ANSWER)
    if len(body) > ANSWER_BYTES_MAX:
        raise ReaderTrouble(STRANGE)
    return answer.status, body


def _hang_up(line: HTTPConnection, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        if line.sock is not None:
            line.sock.shutdown(socket.SHUT_RDWR)
