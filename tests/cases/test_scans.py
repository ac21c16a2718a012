"""Scans in the rules: which files may be one, and what of an event names a blob."""

from __future__ import annotations

import pytest

from cases.folded import Case
from cases.scans import BLOB_BYTES_MAX, is_blob_name, media_of, names_a_blob
from tests.cases.facts import CHEN, LIN, WU, History, case_in

BLOB = "sha256:" + "ab" * 32
GOOD = {"blob": BLOB, "size": 1_000, "media": "application/pdf"}


def scans_of(history: History) -> list[tuple[str, str, int]]:
    case = history.now()
    assert isinstance(case, Case)
    return [(scan.blob, scan.by, scan.position) for scan in case.scans]


def test_a_file_is_what_it_begins_with_whatever_it_is_called() -> None:
    assert media_of(b"%PDF-1.7\n") == "application/pdf"
    assert media_of(b"\xff\xd8\xff\xe0\x00\x10JFIF") == "image/jpeg"
    assert media_of(b"\x89PNG\r\n\x1a\n\x00") == "image/png"
    for other in (b"", b"<html>", b"<svg ", b"PK\x03\x04", b"GIF89a", b" %PDF-1.7", b"MZ"):
        assert media_of(other) == ""


def test_the_receiver_and_the_deciding_body_may_both_add_scans() -> None:
    history = case_in("forwarded")
    history.say("case.scanned", LIN, **GOOD, position=2)
    history.say("case.scanned", CHEN, **GOOD)
    assert scans_of(history) == [(BLOB, LIN, 2), (BLOB, CHEN, 0)]
    assert history.now().state is case_in("forwarded").now().state


def test_a_stranger_s_scan_is_set_aside() -> None:
    history = case_in("accepted")
    history.say("case.scanned", WU, **GOOD)
    assert scans_of(history) == []
    assert history.now().steps[-1].verdict == "set_aside"


@pytest.mark.parametrize(
    "odd",
    [
        {"blob": ""},
        {"blob": BLOB.upper()},
        {"blob": BLOB + "\n"},
        {"blob": "sha256:../../../etc/passwd"},
        {"size": 0},
        {"size": -1},
        {"size": True},
        {"size": BLOB_BYTES_MAX + 1},
        {"media": "text/html"},
        {"media": ["application/pdf"]},
    ],
)
def test_what_names_no_possible_blob_is_no_scan(odd: dict[str, object]) -> None:
    assert not names_a_blob({**GOOD, **odd})
    history = case_in("received")
    history.say("case.scanned", LIN, **{**GOOD, **odd})
    assert scans_of(history) == []


def test_a_name_is_a_hash_and_nothing_else() -> None:
    assert is_blob_name(BLOB)
    assert names_a_blob(GOOD)
    assert not any(
        map(is_blob_name, ["sha1:" + "ab" * 20, "sha256:" + "ag" * 32, None, 7, BLOB[:-1]])
    )


def test_a_position_that_is_no_number_is_no_paper() -> None:
    history = case_in("received")
    history.say("case.scanned", LIN, **GOOD, position=None)
    assert scans_of(history) == [(BLOB, LIN, 0)]


def test_only_who_attached_a_scan_takes_it_back() -> None:
    history = case_in("forwarded")
    scan = history.say("case.scanned", LIN, **GOOD, pages=3)
    history.say("case.scan_removed", CHEN, scan=scan.id)
    history.say("case.scan_removed", LIN, scan="no such scan")
    case = history.now()
    assert [step.verdict for step in case.steps[-2:]] == ["set_aside", "set_aside"]
    assert case.scans[0].pages == 3
    history.say("case.scan_removed", LIN, scan=scan.id)
    history.say("case.scan_removed", LIN, scan=scan.id)
    case = history.now()
    assert case.scans == ()
    assert [step.verdict for step in case.steps[-2:]] == ["ok", "set_aside"]
