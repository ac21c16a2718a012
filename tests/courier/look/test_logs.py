"""Logs say what happened and nothing about anybody."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from courier.look.logs import mask, set_up_logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logs("node", stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_receipt_s_token_never_reaches_the_log() -> None:
    line = '"GET /T/ABCDEFGHJKMNPQRSTUVWXYZ234567 HTTP/1.1" 200'
    assert mask(line) == '"GET /T/*** HTTP/1.1" 200'
    assert mask("/t/abc?x=1") == "/t/***?***"
    assert mask("/V/GL0172611220042K-R-2026GL001-0001-017ABCDEFGHIJKLMNOP/correct") == "/V/***"


def test_queries_phones_and_id_numbers_are_masked() -> None:
    assert mask("/find?q=林梅 done") == "/find?*** done"
    assert mask("call 13800005678 or 11010519491231002X") == "call *** or ***"
    assert mask("GL017-261122-0042-K") == "GL017-261122-0042-K"


def test_every_line_is_json_from_our_loggers_and_from_libraries(lines: io.StringIO) -> None:
    structlog.get_logger("x").info("pushed", count=3, path="/T/SECRET")
    logging.getLogger("waitress").warning("GET %s", "/T/SECRET?x=1")
    ours, theirs = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (ours["event"], ours["count"], ours["path"]) == ("pushed", 3, "/T/***")
    assert ours["program"] == "node"
    assert theirs["event"] == "GET /T/***?***"
    assert theirs["level"] == "warning"


def test_a_failure_is_logged_by_kind_and_place_without_its_words(lines: io.StringIO) -> None:
    try:
        raise ValueError("林梅 of 军门社区")
    except ValueError:
        structlog.get_logger("x").exception("page_failed")
        logging.getLogger("flask").exception("failed")
    for line in lines.getvalue().splitlines():
        entry = json.loads(line)
        assert entry["error"] == "ValueError"
        assert "test_logs.py" in entry["at"][-1]
        assert "林梅" not in line
