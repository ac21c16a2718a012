"""What every licence library must do, the district's own and its twin in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from cases.reading import BadData
from central.keys import open_secrets
from central.licence_db import FILE, licence_keys, open_licence_db
from central.licence_library import (
    DistrictLibrary,
    Held,
    LicenceLibrary,
    MemoryLibrary,
    import_file,
)

LIN, CHEN = "110105194912310046", "11010519491231002X"
TODAY = date(2026, 11, 23)
BOOK = Held("福州户字第0042号", "鼓楼公安分局")
KNOWN = frozenset({"HKB", "JHZ", "YYZZ"})
HEAD = "licence,document_number,number,issuer,valid_until\n"


@pytest.fixture(params=["memory", "district"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LicenceLibrary]:
    if request.param == "memory":
        yield MemoryLibrary()
        return
    keys = licence_keys(open_secrets(tmp_path / "keys"))
    with closing(open_licence_db(tmp_path)) as db:
        yield DistrictLibrary(db, keys)


def test_a_licence_is_found_for_its_holder_and_type_alone(library: LicenceLibrary) -> None:
    library.put("HKB", LIN, "case:1", BOOK)
    assert library.find("HKB", LIN, TODAY) == BOOK
    assert library.find("JHZ", LIN, TODAY) is None
    assert library.find("HKB", CHEN, TODAY) is None


def test_what_has_run_out_is_not_found(library: LicenceLibrary) -> None:
    library.put("JHZ", LIN, "case:1", Held("1", "民政局", "2026-11-22"))
    assert library.find("JHZ", LIN, TODAY) is None
    assert library.find("JHZ", LIN, date(2026, 11, 22)) is not None


def test_of_several_the_one_that_is_valid_longest_is_found(library: LicenceLibrary) -> None:
    for n, until in enumerate(("2027-01-01", "2026-12-01", "2020-01-01")):
        library.put("YYZZ", LIN, f"case:{n}", Held(str(n), "市场监管局", until))
    assert library.find("YYZZ", LIN, TODAY) == Held("0", "市场监管局", "2027-01-01")
    library.put("YYZZ", LIN, "case:9", Held("9", "市场监管局"))
    assert library.find("YYZZ", LIN, TODAY) == Held("9", "市场监管局")


def test_a_source_says_a_thing_once_and_can_take_it_back(library: LicenceLibrary) -> None:
    library.put("HKB", LIN, "case:1", BOOK)
    library.put("HKB", LIN, "case:1", BOOK)
    library.put("HKB", LIN, "case:2", Held("2", "鼓楼公安分局", "2027-01-01"))
    library.withdraw("case:1")
    assert library.find("HKB", LIN, TODAY) == Held("2", "鼓楼公安分局", "2027-01-01")
    library.withdraw("case:2")
    assert library.find("HKB", LIN, TODAY) is None


def test_a_file_is_taken_in_whole_and_twice_is_once(library: LicenceLibrary) -> None:
    rows = f"HKB,{LIN},H-1,鼓楼公安分局,\nJHZ,{CHEN},J-1,民政局,2030-12-31\n"
    assert import_file(library, "demo.csv", HEAD + rows, KNOWN) == 2
    assert import_file(library, "demo.csv", HEAD + rows, KNOWN) == 2
    assert library.find("JHZ", CHEN, TODAY) == Held("J-1", "民政局", "2030-12-31")


def test_every_row_that_cannot_be_used_is_named_and_nothing_is_taken(
    library: LicenceLibrary,
) -> None:
    good = f"HKB,{LIN},H-1,鼓楼公安分局,\n"
    bad = f"XXX,{LIN},1,x,\nHKB,1,1,x,\nHKB,{LIN},,x,\nHKB,{LIN},1,x,明年\n"
    with pytest.raises(BadData) as found:
        import_file(library, "demo.csv", HEAD + good + bad, KNOWN)
    assert [line[:3] for line in str(found.value).splitlines()[1:]] == [
        "第 3", "第 4", "第 5", "第 6"
    ]  # fmt: skip
    assert library.find("HKB", LIN, TODAY) is None


def test_the_file_tells_nobody_who_holds_what(tmp_path: Path) -> None:
    keys = licence_keys(open_secrets(tmp_path / "keys"))
    with closing(open_licence_db(tmp_path)) as db:
        DistrictLibrary(db, keys).put("HKB", LIN, "case:1", BOOK)
    files = b"".join(path.read_bytes() for path in tmp_path.glob(f"{FILE}*"))
    assert files
    for secret in (LIN, BOOK.number, BOOK.issuer):
        assert secret.encode() not in files


def test_a_row_moved_to_another_holder_opens_no_more(tmp_path: Path) -> None:
    keys = licence_keys(open_secrets(tmp_path / "keys"))
    with closing(open_licence_db(tmp_path)) as db:
        library = DistrictLibrary(db, keys)
        library.put("HKB", LIN, "case:1", BOOK)
        library.put("HKB", CHEN, "case:2", Held("2", "x"))
        ours, theirs = (row[0] for row in db.execute("SELECT holder FROM licences").fetchall())
        db.execute("UPDATE licences SET holder='' WHERE holder=?", [ours])
        db.execute("UPDATE licences SET holder=? WHERE holder=?", [ours, theirs])
        db.execute("UPDATE licences SET holder=? WHERE holder=''", [theirs])
        for holder in (LIN, CHEN):
            with pytest.raises(Exception, match="密文与密钥不符"):
                library.find("HKB", holder, TODAY)
