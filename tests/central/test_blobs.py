"""Central's blobs over HTTP: one copy, for the parties of the case, for nobody else.

LIN's point received the case, CHEN's decides it; WU's has nothing to do with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from central import blob_desk
from central.blob_index import open_index
from central.blob_pages import FOLDER
from central.jobs import Jobs
from sync.blobs.folder import BlobFolder
from sync.blobs.ports import CHUNK_BYTES_MAX, BlobLacking, BlobRefused, Held
from sync.blobs.request import Question, ask, body_hash, new_nonce
from sync.blobs.web import WebBlobs
from sync.errors import RemoteUnavailable
from sync.sign import Signer
from tests.central.world import CENTRE, HERE, NOW, Central, Clock, MemoryDistrict, Point
from tests.contract.conftest import served

ELSEWHERE = "350102005001"
BODY = b"a sealed scan " * 100_000  # two chunks
NAME = "sha256:" + hashlib.sha256(BODY).hexdigest()
WRONG_TIMES = ["2026-11-23T01:26:00Z", "2026-11-23T01:36:10Z", "2019-01-01T00:00:00Z"]


@pytest.fixture
def folder(district: MemoryDistrict) -> BlobFolder:
    return BlobFolder(district.config.data / FOLDER)


@pytest.fixture
def wu(district: MemoryDistrict, central: Central, clock: Clock) -> Point:
    """A point that has cases of its own, and nothing to do with this one."""
    wu = Point(district, ELSEWHERE, clock)
    wu.receive()
    central.intake.take_in(ELSEWHERE)
    return wu


@pytest.fixture
def case(point: Point, centre: Point, central: Central) -> str:
    """A case that LIN received and CHEN decides. Central knows both stores."""
    number = point.receive(deciding=CENTRE)
    point.state("case.forwarded", number, {"to": CENTRE, "department": "SCJG"})
    centre.state("case.accepted", number, {})
    central.carry()
    return number


@pytest.fixture
def web(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


def name_it(point: Point, case: str, central: Central, **changed: Any) -> None:
    data = {"blob": NAME, "size": len(BODY), "media": "application/pdf", **changed}
    point.state("case.scanned", case, data, file="户口簿.pdf", key="a key")
    central.intake.take_in(point.code)
    central.carry()


def remote(web: str, point: Point) -> WebBlobs:
    return WebBlobs(web, point.author, point.signer, point.clock)


def give(remote: WebBlobs, body: bytes = BODY, name: str = NAME) -> Held:
    held = remote.held(name)
    while not held.whole:
        chunk = body[held.have : held.have + CHUNK_BYTES_MAX]
        held = remote.put(name, len(body), held.have, chunk)
    return held


def take(remote: WebBlobs) -> bytes:
    came = b""
    while len(came) < len(BODY):
        came += remote.get(NAME, len(came), CHUNK_BYTES_MAX)
    return came


def test_every_party_gets_the_one_copy(
    web: str, point: Point, centre: Point, case: str, central: Central, folder: BlobFolder
) -> None:
    give(remote(web, point))
    name_it(point, case, central)
    assert take(remote(web, centre)) == BODY
    assert give(remote(web, centre)).whole
    name_it(centre, case, central)
    assert take(remote(web, point)) == BODY
    assert list(folder.names()) == [NAME]


def test_who_is_no_party_of_the_case_gets_and_gives_nothing(
    web: str, point: Point, wu: Point, case: str, central: Central
) -> None:
    name_it(point, case, central)
    stranger = remote(web, wu)
    for before in (True, False):
        for attempt in (
            lambda: stranger.held(NAME),
            lambda: stranger.put(NAME, len(BODY), 0, BODY[:10]),
            lambda: stranger.get(NAME, 0, 10),
        ):
            with pytest.raises(BlobRefused, match="与您的受理点无关"):
                attempt()
        assert stranger.lacking([NAME]) == []
        if before:
            give(remote(web, point))


def test_a_new_party_gets_what_was_scanned_before_it_became_one(
    web: str, point: Point, centre: Point, case: str, central: Central
) -> None:
    mine = point.receive()
    central.carry()
    give(remote(web, point))
    name_it(point, mine, central)
    with pytest.raises(BlobRefused):
        remote(web, centre).get(NAME, 0, 10)
    point.state("case.forwarded", mine, {"to": CENTRE, "department": "SCJG"})
    central.carry()
    assert take(remote(web, centre)) == BODY


def test_before_its_event_is_heard_of_a_blob_is_its_own_point_s_alone(
    web: str, point: Point, centre: Point, case: str, central: Central
) -> None:
    give(remote(web, point))
    assert take(remote(web, point)) == BODY
    with pytest.raises(BlobRefused, match="与您的受理点无关"):
        remote(web, centre).get(NAME, 0, 10)
    name_it(point, case, central)
    assert take(remote(web, centre)) == BODY


def test_a_stranger_s_event_about_the_case_gives_it_nothing(
    web: str, point: Point, wu: Point, case: str, central: Central
) -> None:
    give(remote(web, point))
    name_it(point, case, central)
    name_it(wu, case, central)  # set aside: WU is no party
    with pytest.raises(BlobRefused):
        remote(web, wu).get(NAME, 0, 10)


def test_until_it_was_uploaded_a_party_is_told_that_it_will_come(
    web: str, point: Point, centre: Point, case: str, central: Central
) -> None:
    name_it(point, case, central)
    for _ in range(2):
        with pytest.raises(BlobLacking, match="还没有收到这份扫描件"):
            remote(web, centre).get(NAME, 0, 10)
        remote(web, point).put(NAME, len(BODY), 0, BODY[:1000])


def test_any_party_that_has_it_heals_what_central_lost(
    web: str, point: Point, centre: Point, case: str, central: Central, folder: BlobFolder
) -> None:
    give(remote(web, point))
    name_it(point, case, central)
    assert remote(web, centre).lacking([NAME]) == []
    folder.drop(NAME)
    assert remote(web, centre).lacking([NAME]) == [NAME]
    give(remote(web, centre))
    assert take(remote(web, point)) == BODY


def test_a_blob_that_rotted_at_central_is_given_to_nobody_and_asked_for_anew(
    web: str, point: Point, centre: Point, case: str, central: Central, folder: BlobFolder
) -> None:
    give(remote(web, point))
    name_it(point, case, central)
    folder.path(NAME).write_bytes(BODY[:-1] + b"?")
    with pytest.raises(BlobLacking):
        remote(web, centre).get(NAME, 0, 10)
    assert remote(web, point).lacking([NAME]) == [NAME]


def test_another_size_than_the_event_says_is_refused(
    web: str, point: Point, case: str, central: Central
) -> None:
    name_it(point, case, central)
    with pytest.raises(BlobRefused, match="大小与记录里写的不一样"):
        remote(web, point).put(NAME, len(BODY) + 1, 0, BODY[:10])


def test_a_store_that_central_does_not_know_yet_is_told_to_wait(
    web: str, district: MemoryDistrict, clock: Clock
) -> None:
    new = Point(district, HERE, clock)
    with pytest.raises(BlobRefused, match="还不认识这台电脑"):
        remote(web, new).put(NAME, len(BODY), 0, BODY[:10])


def test_another_s_key_opens_no_door(web: str, point: Point, centre: Point, case: str) -> None:
    forged = WebBlobs(web, centre.author, point.signer, point.clock)
    with pytest.raises(BlobRefused, match="签名不符"):
        forged.put(NAME, len(BODY), 0, BODY[:10])


def test_a_process_of_central_is_no_point(
    web: str, central: Central, clock: Clock, case: str
) -> None:
    central.author.state(
        central.router, "case.withdrawal_requested", case, {}, actor="r", sealed={"reason": "x"}
    )
    central.carry()
    impostor = WebBlobs(web, central.author.author, Signer.new(), clock)
    with pytest.raises(BlobRefused, match="还不认识"):
        impostor.get(NAME, 0, 10)


def test_a_clock_that_is_wrong_by_years_is_no_hindrance(
    web: str, point: Point, case: str, clock: Clock
) -> None:
    for wrong in ("2019-01-01T00:00:00Z", "2036-01-01T00:00:00Z"):
        away = WebBlobs(web, point.author, point.signer, lambda at=wrong: at)
        assert give(away).whole
        assert away.held(NAME).whole


class Overheard:
    """A question as somebody could have recorded it on the line, and change before sending it."""

    def __init__(self, app: Flask, point: Point, body: bytes = b"", **fields: Any) -> None:
        self.client, self.body = app.test_client(), body
        asked = {
            "do": "put", "blob": NAME, "size": len(BODY), "author": point.author, "at": NOW,
            "nonce": new_nonce(), "body": body_hash(body), **fields,
        }  # fmt: skip
        self.do = str(asked["do"])
        self.header = ask(point.signer, msgspec.convert(asked, Question))

    def send(self, *, do: str = "", body: bytes | None = None, header: str = "") -> TestResponse:
        return self.client.post(
            f"/blobs/{do or self.do}",
            data=self.body if body is None else body,
            headers={"Authorization": header or self.header},
        )


def refused(answer: TestResponse, status: int = 403) -> str:
    assert answer.status_code == status
    assert answer.json
    assert answer.json["reason"]
    return str(answer.json["error"])


def test_a_question_counts_once(app: Flask, point: Point, case: str) -> None:
    overheard = Overheard(app, point, BODY[:1000])
    assert overheard.send().json == {"blobs": 1, "have": 1000, "whole": False}
    assert refused(overheard.send()) == "replayed"


def test_a_question_cannot_be_turned_into_another(app: Flask, point: Point, case: str) -> None:
    overheard = Overheard(app, point, BODY[:1000])
    assert refused(overheard.send(body=BODY[1:1001])) == "forged"
    assert refused(overheard.send(do="held"), 401) == "unsigned"
    head, _, coded = overheard.header.partition(" ")
    for other in ("", "Basic YTpi", f"{head} {coded[:-8]}", f"{head} {'A' * 4000}", f"{head} ###"):
        assert refused(overheard.send(header=other or " "), 401) == "unsigned"
    assert overheard.send().status_code == 200


@pytest.mark.parametrize("at", WRONG_TIMES)
def test_a_question_of_another_time_is_refused_with_central_s_own(
    app: Flask, point: Point, case: str, at: str
) -> None:
    answer = Overheard(app, point, BODY[:10], at=at).send()
    assert refused(answer) == "stale"
    assert answer.json
    assert answer.json["now"] == NOW


def test_a_day_that_does_not_exist_is_no_time(app: Flask, point: Point, case: str) -> None:
    assert refused(Overheard(app, point, at="2026-02-31T00:00:00Z").send()) == "stale"


def test_a_body_of_more_than_a_chunk_is_not_read(app: Flask, point: Point, case: str) -> None:
    answer = Overheard(app, point, bytes(CHUNK_BYTES_MAX + 1)).send()
    assert answer.status_code == 413
    assert answer.json
    assert answer.json["error"] == "too_large"


def test_neither_pages_nor_addresses_give_blobs(
    app: Flask, point: Point, folder: BlobFolder
) -> None:
    folder.keep([BODY])
    for path in (f"/blobs/{NAME}", f"/blobs/get?blob={NAME}", "/blobs/../blobs", "/blobs/put"):
        assert app.test_client().get(path).status_code in (404, 405)


def test_what_no_event_names_is_limited_for_each_point(
    web: str, point: Point, centre: Point, case: str, central: Central,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(blob_desk, "UNNAMED_MAX", 2)
    bodies = [b"one", b"two", b"three"]
    names = ["sha256:" + hashlib.sha256(body).hexdigest() for body in bodies]
    lin = remote(web, point)
    for body, name in zip(bodies[:2], names[:2], strict=True):
        give(lin, body, name)
    with pytest.raises(BlobRefused, match="太多"):
        give(lin, bodies[2], names[2])
    give(remote(web, centre), bodies[2], names[2])
    name_it(point, case, central, blob=names[0], size=3)
    give(lin)  # one of them was named since, so there is room for one


def test_the_bytes_of_what_no_event_names_are_limited_too(
    web: str, point: Point, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blob_desk, "UNNAMED_BYTES_MAX", 1_500_000)
    give(remote(web, point))
    with pytest.raises(BlobRefused, match="太多"):
        remote(web, point).put("sha256:" + "0" * 64, 200_000, 0, b"x")


def test_what_nobody_names_or_finishes_is_dropped_in_time_and_the_rest_is_kept(
    web: str, point: Point, case: str, central: Central, clock: Clock, folder: BlobFolder,
    district: MemoryDistrict,
) -> None:  # fmt: skip
    nobody_s, begun = (hashlib.sha256(body).hexdigest() for body in (b"nobody's", b"begun"))
    give(remote(web, point))
    give(remote(web, point), b"nobody's", f"sha256:{nobody_s}")
    remote(web, point).put(f"sha256:{begun}", 5, 0, b"beg")
    name_it(point, case, central)
    jobs = Jobs(district)
    for days, left in ((6, 3), (2, 2), (23, 1)):
        clock.forward(days=days)
        jobs.clean()
        parts = list((folder.root / "part").iterdir())
        assert len(list(folder.names())) + len(parts) == left
    assert list(folder.names()) == [NAME]
    with closing(open_index(district.config.data)) as index:
        assert index.execute("SELECT count(*) FROM uploads").fetchone() == (0,)
    jobs.close()


def test_a_full_disk_at_central_is_the_line_s_trouble_not_the_blob_s(
    web: str, point: Point, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(BlobFolder, "append", full)
    with pytest.raises(RemoteUnavailable, match="磁盘"):
        remote(web, point).put(NAME, len(BODY), 0, BODY[:10])


def test_two_stores_of_a_point_upload_the_same_blob_together(
    web: str, point: Point, case: str, folder: BlobFolder
) -> None:
    one, other = remote(web, point), remote(web, point)
    assert one.put(NAME, len(BODY), 0, BODY[:1000]).have == 1000
    assert other.put(NAME, len(BODY), 0, BODY[:500]).have == 1000
    assert other.put(NAME, len(BODY), 1000, BODY[1000:2000]).have == 2000
    assert give(one).whole
    assert folder.is_intact(NAME)


@pytest.mark.parametrize(
    ("status", "mimetype", "body"),
    [
        (200, "text/html", b"<html>please sign in"),
        (200, "application/json", b'{"ok": true}'),
        (200, "application/json", b'{"blobs": 1, "have": -1}'),
        (200, "application/json", b'{"blobs": 1, "have": "all"}'),
        (200, "application/octet-stream", BODY[:100]),
        (200, "application/json", b""),
        (302, "text/html", b""),
        (404, "text/html", b"nothing here"),
        (502, "text/html", b"bad gateway"),
        (403, "application/json", b'{"blobs": 1, "error": "stale", "now": "yesterday"}'),
    ],
)
def test_what_central_did_not_say_is_no_answer(
    point: Point, status: int, mimetype: str, body: bytes
) -> None:
    portal = Flask("portal")

    @portal.post("/blobs/<do>")
    def anything(do: str) -> Any:
        return portal.response_class(body, status=status, mimetype=mimetype)

    with served(portal) as url:
        there = remote(url, point)
        for attempt in (
            lambda: there.held(NAME),
            lambda: there.put(NAME, 10, 0, b"x"),
            lambda: there.get(NAME, 0, 10),
            lambda: there.lacking([NAME]),
        ):
            with pytest.raises(RemoteUnavailable):
                attempt()
        there.close()


def test_nobody_there_is_the_line_s_trouble(point: Point) -> None:
    there = WebBlobs("http://127.0.0.1:9", point.author, point.signer, point.clock)
    with pytest.raises(RemoteUnavailable):
        there.held(NAME)


def test_not_even_a_file_s_name_stands_in_clear_at_central(
    web: str, point: Point, case: str, central: Central, district: MemoryDistrict
) -> None:
    give(remote(web, point))
    name_it(point, case, central)
    files = [path for path in Path(district.config.data).rglob("*") if path.is_file()]
    assert not any("户口簿".encode() in path.read_bytes() for path in files)
