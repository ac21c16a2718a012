"""Scans at the window: attached sealed, carried up, fetched where the case is decided, opened."""

from __future__ import annotations

import errno
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from courier.look import files
from node import reveal, scans
from node.local import Node
from node.verifying import problems
from sync.blobs.folder import BlobFolder
from sync.blobs.memory import MemoryBlobs
from sync.blobs.ports import BlobRefused
from sync.db import write
from sync.word import MAILBOX
from tests.node.casework import case_of, meet, op_in
from tests.node.conftest import Desk, line_down, receipt_all, sign_in
from tests.node.pictures import pdf
from tests.node.scanning import (
    JPEG,
    PDF,
    attach,
    attached,
    blob_loop,
    carry,
    central_has,
    open_scan,
    receive,
    words_of,
)


@pytest.fixture
def case(node: Node) -> str:
    """A case that the district decides."""
    return receive(node)


@pytest.fixture
def central() -> MemoryBlobs:
    return MemoryBlobs()


def showings(node: Node, number: str) -> list[tuple[str, str]]:
    with node.local() as local:
        return [(s.actor, s.what) for s in reveal.of_subject(local, number)]


def files_of(node: Node) -> list[Path]:
    return [path for path in node.config.data.rglob("*") if path.is_file()]


def test_a_clerk_attaches_a_scan_and_opens_it(clerk: Desk, node: Node, case: str) -> None:
    attached(clerk, node, case, position="1")
    page = words_of(clerk.get(f"/cases/{case}"))
    assert "扫描件共1份" in page
    assert "PDF，" in page
    assert "待传" in page
    answer = open_scan(clerk, node, case)
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert "inline" in answer.headers["Content-Disposition"]
    assert "%E6%9E%97" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_opening_is_noted_before_it_is_shown(clerk: Desk, node: Node, case: str) -> None:
    blob = attached(clerk, node, case)
    assert showings(node, case) == []
    answer = open_scan(clerk, node, case)
    what = f"扫描件：其他材料（{blob.removeprefix('sha256:')[:12]}）"
    assert showings(node, case) == [("s-c1", what)]
    for _ in range(3):
        clerk.get(answer.request.path)
    assert len(showings(node, case)) == 1


def test_a_scan_is_never_opened_by_a_link_alone(
    clerk: Desk, lead: Desk, node: Node, case: str
) -> None:
    attached(clerk, node, case)
    path = open_scan(clerk, node, case).request.path
    base, _, noted = path.rpartition("/")
    assert clerk.get(base).status_code == 405
    for link in (f"{base}/{int(noted) + 1}", f"{base}/0"):
        assert clerk.get(link).location == f"/cases/{case}"
    assert lead.get(path).location == f"/cases/{case}"  # noted for somebody else
    assert lead.get(f"/cases/{case}/scans/{'0' * 64}/{noted}").status_code == 404


def test_nothing_of_a_scan_lies_in_clear_on_the_disk(clerk: Desk, node: Node, case: str) -> None:
    attached(clerk, node, case)
    bodies = b"".join(path.read_bytes() for path in files_of(node))
    for private in (b"lin xiaomei", b"%PDF-1.7", "户口簿.pdf".encode()):
        assert private not in bodies


def test_a_file_s_name_is_not_on_the_page_and_finds_nothing(
    clerk: Desk, node: Node, case: str
) -> None:
    attached(clerk, node, case, file="张三丰.pdf")
    assert "张三丰" not in clerk.get(f"/cases/{case}").text
    with node.local() as local:
        assert local.store.db.execute("SELECT 1 FROM words WHERE word='张三丰'").fetchone() is None


@pytest.mark.parametrize(
    ("body", "file"),
    [
        (b"<html><script>alert(1)</script>", "scan.pdf"),
        (b"<svg xmlns='x'/>", "scan.png"),
        (b"MZ\x90\x00", "scan.jpg"),
        (b"", "empty.pdf"),
    ],
)
def test_what_is_no_scan_is_refused_whatever_it_is_called(
    clerk: Desk, node: Node, case: str, body: bytes, file: str
) -> None:
    answer = attach(clerk, case, body, file)
    assert answer.status_code == 400
    assert "不是 PDF、JPEG 或 PNG" in answer.text
    assert case_of(node, case).scans == ()
    assert list(node.blobs.names()) == []


def test_a_form_with_no_file_says_so(clerk: Desk, case: str) -> None:
    op = op_in(clerk.get(f"/cases/{case}"))
    answer = clerk.post(f"/cases/{case}/scans", {"op": op}, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "还没有选文件" in answer.text


@pytest.mark.parametrize("over", [1, 200_000])
def test_a_file_that_is_too_large_is_refused_in_words(
    clerk: Desk, node: Node, case: str, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    # a form of 150,000 bytes, and in it a file of 100,000
    monkeypatch.setattr(files, "BODY_BYTES_MAX", 150_000 - scans.SCAN_BYTES_MAX)
    monkeypatch.setattr(scans, "SCAN_BYTES_MAX", 100_000)
    whole = pdf() + b"\n%"
    whole += b"x" * (100_000 - len(whole))
    answer = attach(clerk, case, whole + b"x" * over)
    assert answer.status_code == 413
    assert "一份扫描件最多" in answer.text
    assert f'href="/cases/{case}"' in answer.text
    assert case_of(node, case).scans == ()
    assert attach(clerk, case, whole).status_code == 303


def test_other_forms_are_not_longer_than_they_were(clerk: Desk, case: str) -> None:
    answer = clerk.post(f"/cases/{case}/do/tell", {"note": "x" * 1_200_000})
    assert answer.status_code == 413


def test_a_form_sent_twice_attaches_once_and_keeps_one_file(
    clerk: Desk, node: Node, case: str
) -> None:
    op = op_in(clerk.get(f"/cases/{case}"))
    for _ in range(2):
        assert attach(clerk, case, op=op).status_code == 303
    assert len(case_of(node, case).scans) == 1
    assert len(list(node.blobs.names())) == 1


def test_who_may_not_see_the_case_s_data_neither_attaches_nor_opens(
    app: Flask, clerk: Desk, mailer: Desk, node: Node, case: str
) -> None:
    attached(clerk, node, case)
    for desk in (mailer, sign_in(app, "wei")):
        page = desk.get(f"/cases/{case}").text
        assert 'name="file"' not in page
        assert attach(desk, case, op="0" * 16).status_code == 403
        assert open_scan(desk, node, case).status_code == 403
    assert len(case_of(node, case).scans) == 1


def test_nobody_opens_or_attaches_without_signing_in(
    app: Flask, clerk: Desk, node: Node, case: str
) -> None:
    attached(clerk, node, case)
    path = open_scan(clerk, node, case).request.path
    outside = Desk(app.test_client())
    assert outside.get(path).status_code == 302
    outside.get("/signin/")
    assert attach(outside, case, op="0" * 16).status_code in (302, 401)


def test_a_full_disk_keeps_nothing_and_says_what_to_do(
    clerk: Desk, node: Node, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sync.blobs.folder._to_disk", full)
    answer = attach(clerk, case)
    assert answer.status_code == 503
    assert "磁盘" in answer.text
    assert case_of(node, case).scans == ()
    assert [path for path in files_of(node) if "blobs" in path.parts] == []


def test_a_case_never_names_what_was_not_kept(
    clerk: Desk, node: Node, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    keep = BlobFolder.keep

    def watched(folder: BlobFolder, pieces: object) -> tuple[str, int]:
        seen.append(case_of(node, case).scans == ())
        return keep(folder, pieces)  # type: ignore[arg-type]

    monkeypatch.setattr(BlobFolder, "keep", watched)
    attached(clerk, node, case)
    assert seen == [True]


# travelling


def test_an_attached_scan_goes_up_and_the_page_says_so(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    blob = attached(clerk, node, case)
    carry(node, central)
    assert central_has(central) == {blob}
    assert "区中心已收到" in clerk.get(f"/cases/{case}").text
    assert carry(node, central) == 1  # the hourly question, and nothing else
    with blob_loop(node, central) as loop:
        loop.step()
        assert loop.step() is False


def test_the_officer_opens_it_and_it_is_fetched_on_demand(
    clerk: Desk, officer: Desk, node: Node, centre: Node, case: str, central: MemoryBlobs
) -> None:
    blob = attached(clerk, node, case)
    carry(node, central)
    meet(node, centre)
    receipt_all(centre)
    assert "在区中心，打开时取" in officer.get(f"/cases/{case}").text
    carry(centre, central)
    assert centre.blobs.size(blob) is None  # nobody asked for it yet
    waiting = open_scan(officer, centre, case)
    assert "正在从区中心取，稍候自动打开" in waiting.text
    path, looking = waiting.request.path, {"HX-Request": "true"}
    assert f'hx-get="{path}"' in waiting.text
    again = officer.get(path, headers=looking)
    assert "稍候自动打开" in again.text
    assert "<html" not in again.text
    carry(centre, central)
    assert officer.get(path, headers=looking).headers["HX-Refresh"] == "true"
    assert officer.get(path).data == PDF
    assert len(showings(centre, case)) == 1


def test_with_no_line_the_officer_is_told_and_it_opens_when_the_line_is_back(
    clerk: Desk, officer: Desk, node: Node, centre: Node, case: str, central: MemoryBlobs
) -> None:
    attached(clerk, node, case)
    carry(node, central)
    meet(node, centre)
    line_down(centre, since=centre.clock())
    waiting = open_scan(officer, centre, case)
    assert "网络断开，恢复后自动取" in waiting.text
    assert '<noscript><meta http-equiv="refresh"' in waiting.text
    receipt_all(centre)
    carry(centre, central)
    assert officer.get(waiting.request.path).data == PDF


def test_what_central_has_not_got_yet_is_said_and_comes_by_itself(
    clerk: Desk, officer: Desk, node: Node, centre: Node, case: str, central: MemoryBlobs
) -> None:
    attached(clerk, node, case)
    meet(node, centre)
    receipt_all(centre)
    waiting = open_scan(officer, centre, case)
    carry(centre, central)
    again = officer.get(waiting.request.path)
    assert "还取不到，会自动再试" in again.text
    assert "还没有这份扫描件" in again.text
    carry(node, central)
    centre.clock.forward(seconds=61)  # type: ignore[attr-defined]  # the clock of these tests
    carry(centre, central)
    assert officer.get(waiting.request.path).data == PDF


def test_the_officer_adds_a_scan_and_the_receiving_point_opens_it(
    clerk: Desk, officer: Desk, node: Node, centre: Node, case: str, central: MemoryBlobs
) -> None:
    meet(node, centre)
    attached(officer, centre, case, JPEG, file="现场.jpg")
    carry(centre, central)
    meet(node, centre)
    open_scan(clerk, node, case)
    carry(node, central)
    answer = open_scan(clerk, node, case)
    assert answer.mimetype == "image/jpeg"
    assert Image.open(BytesIO(answer.data)).size == Image.open(BytesIO(JPEG)).size


def test_a_scan_that_rotted_here_is_fetched_anew(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    blob = attached(clerk, node, case)
    carry(node, central)
    receipt_all(node)
    path = node.blobs.path(blob)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert "正在从区中心取" in open_scan(clerk, node, case).text
    carry(node, central)
    assert open_scan(clerk, node, case).data == PDF


def test_a_scan_that_rotted_before_it_went_up_is_kept_and_said(
    clerk: Desk, node: Node, case: str
) -> None:
    blob = attached(clerk, node, case)
    path = node.blobs.path(blob)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    answer = open_scan(clerk, node, case)
    assert answer.status_code == 409
    assert "请重新扫描" in answer.text
    assert path.exists()


def test_wrong_bytes_from_central_are_never_shown(
    clerk: Desk, officer: Desk, node: Node, centre: Node, case: str, central: MemoryBlobs
) -> None:
    blob = attached(clerk, node, case)
    carry(node, central)
    meet(node, centre)
    receipt_all(centre)
    good = central.whole[blob]
    central.whole[blob] = good[:-1] + b"?"
    waiting = open_scan(officer, centre, case)
    carry(centre, central)
    assert "哈希" in officer.get(waiting.request.path).text
    assert centre.blobs.size(blob) is None
    central.whole[blob] = good
    centre.clock.forward(seconds=61)  # type: ignore[attr-defined]  # the clock of these tests
    carry(centre, central)
    assert officer.get(waiting.request.path).data == PDF


def test_what_central_lost_is_given_again_also_by_another_party(
    clerk: Desk, officer: Desk, node: Node, centre: Node, case: str, central: MemoryBlobs
) -> None:
    blob = attached(clerk, node, case)
    carry(node, central)
    meet(node, centre)
    open_scan(officer, centre, case)
    carry(centre, central)
    restored = MemoryBlobs()
    carry(centre, restored)
    assert central_has(restored) == {blob}


def test_what_central_has_is_asked_every_hour_and_at_once_when_it_was_restored(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    blob = attached(clerk, node, case)
    with blob_loop(node, central) as loop:
        while loop.step():
            pass
        central.whole.clear()
        assert loop.step() is False
        with write(loop.store.db):
            loop.store.set_document(MAILBOX, {"journal": "another"})
        while loop.step():
            pass
        assert central_has(central) == {blob}
        central.whole.clear()
        node.clock.forward(seconds=3601)  # type: ignore[attr-defined]  # the clock of these tests
        while loop.step():
            pass
        assert central_has(central) == {blob}


def test_a_central_that_does_not_say_what_it_lacks_holds_nothing_up(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    attached(clerk, node, case)
    carry(node, central)

    def refuse(verb: str, _size: int) -> None:
        if verb == "lacking":
            raise BlobRefused("区中心还不认识这台电脑")

    central.before = refuse
    with blob_loop(node, central) as loop:
        assert loop.step() is True
        assert loop.step() is False
        second = attached(clerk, node, case, JPEG)
        while loop.step():
            pass
        assert second in central_has(central)


def test_a_restored_book_sends_nothing_again_that_central_has(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    attached(clerk, node, case)
    carry(node, central)
    with node.local() as local, write(local.store.db):
        local.store.db.execute("DELETE FROM blobs")
    sizes: list[int] = []
    carry(node, MemoryBlobs(central.whole, before=lambda verb, size: sizes.append(size)))
    assert sum(sizes) == 0
    assert "区中心已收到" in clerk.get(f"/cases/{case}").text


def test_one_that_central_refuses_does_not_stop_the_others(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    poison = attached(clerk, node, case, JPEG, file="a.jpg")
    blob = attached(clerk, node, case)
    path = node.blobs.path(poison)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    carry(node, central)
    assert central_has(central) == {blob}
    assert "哈希" in clerk.get(f"/cases/{case}").text


# taken back


def take_back(desk: Desk, node: Node, number: str) -> TestResponse:
    scan = case_of(node, number).scans[-1]
    return desk.post(f"/cases/{number}/scans/{scans.id_of(scan)}/remove")


def test_a_scan_attached_by_mistake_is_taken_back_and_offered_no_more(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    first = attached(clerk, node, case)
    blob = attached(clerk, node, case, JPEG)
    path = f"/cases/{case}/scans/{scans.id_of(case_of(node, case).scans[-1])}"
    assert "撤销" in clerk.get(f"/cases/{case}").text, "the toast has its undo"
    assert clerk.get(f"{path}/small").mimetype == "image/jpeg"
    assert take_back(clerk, node, case).status_code == 303
    assert [scan.blob for scan in case_of(node, case).scans] == [first]
    assert node.blobs.size(blob) is None
    assert clerk.get(f"{path}/small").status_code == 404
    assert clerk.post(f"{path}/remove").status_code == 409
    assert "撤下扫描件" in clerk.get(f"/cases/{case}").text, "that it was there stays"
    carry(node, central)
    assert central_has(central) == {first}
    assert list(problems(node.config.data)) == []


def test_only_who_attached_a_scan_takes_it_back_or_sees_it_small(
    clerk: Desk, lead: Desk, officer: Desk, node: Node, centre: Node, case: str
) -> None:
    attached(clerk, node, case, JPEG)
    meet(node, centre)
    path = f"/cases/{case}/scans/{scans.id_of(case_of(node, case).scans[-1])}"
    assert lead.get(f"{path}/small").status_code == 403
    assert "撤下</button>" not in officer.get(f"/cases/{case}").text
    answer = take_back(officer, centre, case)
    assert answer.status_code == 409
    assert "只有附上这份扫描件的一方可以撤下" in answer.text
    assert len(case_of(centre, case).scans) == 1


# proof


def test_verify_names_a_scan_that_is_neither_here_nor_at_central(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    blob = attached(clerk, node, case)
    assert list(problems(node.config.data)) == []
    node.blobs.drop(blob)
    (problem,) = problems(node.config.data)
    assert blob in problem
    assert "区中心也没有确认收到" in problem
    carry(node, central)
    assert "文件不见了" in clerk.get(f"/cases/{case}").text


def test_verify_is_content_with_what_central_has(
    clerk: Desk, node: Node, case: str, central: MemoryBlobs
) -> None:
    blob = attached(clerk, node, case)
    carry(node, central)
    node.blobs.drop(blob)
    assert list(problems(node.config.data)) == []


def test_verify_names_a_damaged_scan(clerk: Desk, node: Node, case: str) -> None:
    blob = attached(clerk, node, case)
    node.blobs.path(blob).write_bytes(b"?")
    (problem,) = problems(node.config.data)
    assert problem == f"扫描件 {blob} 已损坏：内容与名字（哈希）不符"


def test_a_closed_case_takes_no_more_scans(
    clerk: Desk, node: Node, centre: Node, case: str
) -> None:
    number = case
    meet(node, centre)
    for party, type in ((centre, "case.withdrawn"), (node, "case.closed")):
        with party.local() as local, local.writing() as w:
            w.state(type, number, {}, actor="s-c1")
        meet(node, centre)
    assert 'name="file"' not in clerk.get(f"/cases/{number}").text
    answer = attach(clerk, number, op="0" * 16)
    assert answer.status_code == 409
    assert "已归档" in answer.text


def test_a_case_takes_only_so_many(
    clerk: Desk, node: Node, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "SCANS_MAX", 1)
    attached(clerk, node, case)
    assert "最多附 1 份" in attach(clerk, case, op="1" * 16).text


def test_a_scan_may_have_20_mb() -> None:
    assert scans.SCAN_BYTES_MAX == 20 * 1024 * 1024
