"""Sealing, proven: after a full journey no file of central holds a name, a number or a free word.

The journey runs over the real embedded store process; then everything is stopped, and every byte
of central's data folder, of its write-ahead logs and of backups made of it is looked through.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3

from cases.numbers import SubjectKind
from central.router import follow_journal
from sync.couch import connect
from tests.cases.facts import least
from tests.central.travel import CENTRE, HERE, Journey, journey

ROOT = Path(__file__).parents[2]
PRIVATE = {
    "name": "林𠮷梅䶮", "document_number": "35010219490312392X", "phone": "13805915678",
    "contact": "其女林小妹㛃", "agent_name": "陈代办·买买提", "agent_number": "K1234567890",
    "agent_phone": "13609501234", "note": "行动不便请联系其女儿",
}  # fmt: skip
SLIP = {
    "name": "收件人欧阳龘", "phone": "13700137009", "street": "八一七北路𠮷祥大厦七零二室",
    "note": "放门卫处不要按铃", "province": "350000", "city": "350100", "county": "350102",
    "region": "福建省福州市鼓楼区",
}  # fmt: skip
GROUNDS = {"grounds": "提交的材料与事实明显不符", "remedies": "可以申请行政复议或提起行政诉讼"}
PARCEL = {"name": "收件人欧阳龘", "phone": "13700137009", "address": "八一七北路𠮷祥大厦七零二室",
          "region": "福建省福州市鼓楼区"}  # fmt: skip
WORDS = {"reason": "户籍不在本街道范围内"}
TOLD = {"note": "已打电话告知其女儿"}
CHECKED = {"receiver": "代收人林阿婆", "checked": "身份证后四位392X"}


def secrets_of(*parts: dict[str, str]) -> set[str]:
    """Every sealed value, except the codes of divisions, which are in every address list."""
    codes = {"350000", "350100", "350102"}
    return {value for part in parts for value in part.values()} - codes


EVERY_SECRET = secrets_of(PRIVATE, SLIP, GROUNDS, PARCEL, WORDS, TOLD, CHECKED)


def forms(secret: str) -> Iterator[bytes]:
    """How a text may stand in a file: as UTF-8, and as JSON with escapes, large or small."""
    escaped = json.dumps(secret)[1:-1]
    yield from (secret.encode(), escaped.encode(), escaped.upper().replace("\\U", "\\u").encode())
    yield from (secret.encode("utf-16-le"), secret.encode("utf-16-be"))


def found_in(path: Path) -> set[str]:
    body = path.read_bytes()
    return {secret for secret in EVERY_SECRET for form in forms(secret) if form in body}


@dataclass
class Stage:
    travel: Journey
    folder: Path
    process: subprocess.Popen[str]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The small district over an embedded store that runs as a process of its own."""
    folder = tmp_path / "central"
    command = [sys.executable, "-m", "central.embedded", "--port", "0",
               "--data", str(folder / "couchdb")]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            password = (folder / "couchdb" / "admin-password").read_text(encoding="utf-8").strip()
            with journey(tmp_path, lambda: connect(url, user="admin", password=password)) as travel:
                yield Stage(travel, folder, process)
        finally:
            process.terminate()


def whole_journey(travel: Journey) -> tuple[str, ...]:
    """Reception, slip, refusal, voiding, parcel, handing over: everything that seals something."""
    with travel.nodes[HERE].local() as local, local.writing() as w:
        number = w.new_number(SubjectKind.CASE)
        data = {**least("case.received"), "title": "老年人优待证", "deciding": CENTRE}
        w.state("case.received", number, data, actor="s-1", sealed=PRIVATE)
    travel.forward(number)
    travel.carry()
    travel.state(CENTRE, "case.sent_back", number, sealed=WORDS)
    travel.carry()
    travel.forward(number)
    slip = travel.central_states("slip.filled", number, sealed=SLIP, channel="qr")
    travel.carry()
    travel.carry()
    travel.state(HERE, "slip.confirmed", number, slip=slip)
    travel.state(CENTRE, "case.accepted", number)
    travel.state(CENTRE, "case.refused", number, sealed=GROUNDS)
    travel.state(CENTRE, "case.completed", number, result="paper", delivery="mail")
    travel.carry()
    travel.state(HERE, "case.resident_told", number, sealed=TOLD, how="phone")
    travel.state(HERE, "case.handed_out", number, sealed=CHECKED, result=False)
    with travel.nodes[CENTRE].local() as local, local.writing() as w:
        parcel = w.new_number(SubjectKind.PARCEL)
        fields = {**least("parcel.packed"), "purpose": "result_to_resident", "cases": [number],
                  "tracking": w.next_tracking().number}  # fmt: skip
        w.state("parcel.packed", parcel, fields, actor="m", sealed=PARCEL)
    travel.carry()
    travel.central_states("parcel.taken_over", parcel, op="1", when="t")
    travel.central_states(
        "parcel.delivered", parcel, sealed={"receiver": CHECKED["receiver"]}, op="2", to="family"
    )
    travel.carry()
    travel.carry()
    return number, parcel


def test_nothing_that_names_a_person_stands_in_clear_at_central(
    stage: Stage, tmp_path: Path
) -> None:
    travel = stage.travel
    numbers = whole_journey(travel)
    read = travel.district.open_store()  # read.db, as the web and the jobs hold it
    while follow_journal(read, travel.server):
        pass
    for number in numbers:
        opened = [read.unseal(event) for event in read.events(number) if event.sealed]
        assert opened, "the journey sealed nothing, so nothing is shown"
    seen = {value for n in numbers for e in read.events(n) for value in read.unseal(e).values()}
    assert seen >= EVERY_SECRET  # central can read all of it, and still holds none of it in clear
    read.db.conn.execute("VACUUM INTO ?", [str(stage.folder / "read-vacuumed.db")])
    documents = tmp_path / "central" / "documents.json"
    documents.write_text(everything(travel), encoding="utf-8")
    assert any(number in documents.read_text("utf-8") for number in numbers)
    assert wal_files(stage.folder), "the write-ahead logs are looked through while they exist"
    live = {path: found_in(path) for path in files(stage.folder)}
    assert {path: found for path, found in live.items() if found} == {}
    for path in databases(stage.folder):
        back_up(path, stage.folder / f"{path.stem}-backup.db")
    read.close()
    stage.process.terminate()
    assert stage.process.wait(20) == 0
    stopped = {path: found_in(path) for path in files(stage.folder)}
    names = {path.name for path in stopped}
    assert names >= {"couch.sqlite", "couch-backup.db", "read.db", "read-backup.db", "router.db"}
    assert number.encode() in (stage.folder / "couch-backup.db").read_bytes()
    assert {path: found for path, found in stopped.items() if found} == {}


def everything(travel: Journey) -> str:
    """Every document of every database, with its old revisions gone, as a backup would dump it."""
    dump = {
        name: travel.server.database(name).range("", "~~", limit=100_000)
        for name in travel.server.names()
        if not name.startswith("_")
    }
    return json.dumps(dump, ensure_ascii=False)


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def databases(folder: Path) -> list[Path]:
    return [path for path in files(folder) if path.suffix in (".db", ".sqlite")]


def wal_files(folder: Path) -> list[Path]:
    return [path for path in files(folder) if path.name.endswith("-wal")]


def back_up(path: Path, to: Path) -> None:
    source, target = sqlite3.connect(str(path)), sqlite3.connect(str(to))
    with target:
        source.backup(target)
    source.close()
    target.close()


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    """A search that finds nothing anywhere would prove nothing."""
    for secret in EVERY_SECRET:
        for form in forms(secret):
            (tmp_path / "leak").write_bytes(b"\x00\xff" + form + b"\x00")
            assert found_in(tmp_path / "leak") >= {secret}


def test_a_node_does_hold_what_its_staff_must_read(stage: Stage) -> None:
    """The node keeps search words in clear, in its own file of mode 0700: the grep sees them."""
    stage.travel.receive(name=PRIVATE["name"])
    node = stage.travel.nodes[HERE]
    with node.local() as local:
        local.store.checkpoint()
    held = {secret for path in files(node.config.data) for secret in found_in(path)}
    assert PRIVATE["name"] in held
    assert node.config.data.stat().st_mode & 0o077 == 0
