"""The supervisors' figures of waived papers, each opening its list; and taking in a file."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from cases.licences import has_waivable
from central import licence_calls
from central.config import load_central
from central.district import open_district
from central.licence_calls import Call
from central.licence_db import licence_keys, open_licence_db
from central.licence_import import NotTakenIn, import_licences
from central.licence_library import DistrictLibrary
from tests.central.world import HERE, NOW, Browser, Central, MemoryDistrict, Point

ELDER = "11010519491231002X"


def call(licence: str, result: str, subject: str = "", actor: str = "s-1") -> Call:
    return Call(NOW, HERE, actor, subject, "RSJ-002401", "reception", licence, result)


def note(district: MemoryDistrict, *calls: Call) -> None:
    with closing(open_licence_db(district.config.data)) as db:
        for each in calls:
            licence_calls.note(db, each)


def rows(page: str) -> int:
    return page.count("<tr>") - 1 if "<tbody>" in page else 0


def test_nothing_asked_yet_says_so(supervisor: Browser) -> None:
    page = supervisor.get("/board/licences").text
    assert "还没有调用过" in page
    assert "免于提交" in page


def test_each_figure_opens_a_list_of_just_so_many(
    supervisor: Browser, district: MemoryDistrict, central: Central, point: Point
) -> None:
    number = point.receive()
    central.carry()
    note(district, call("SBK", "found", number), call("SFZ", "none"), call("SFZ", "found"))
    page = supervisor.get("/board/licences").text
    matters = sum(map(has_waivable, district.bundle.catalogue.matters))
    for figure, which, count in ((matters, "?which=matters", matters), (3, "", 3),
                                 (2, "?which=found", 2)):  # fmt: skip
        assert str(figure) in page
        assert f'href="/board/licences{which}"' in page
        assert rows(supervisor.get(f"/board/licences{which}").text) == count
    assert f'href="/board/cases/{number}"' in page
    assert "66%" in page
    of_matter = supervisor.get("/board/licences?which=matters").text
    assert 'href="/board/licences?matter=RSJ-002401"' in of_matter
    assert supervisor.get("/board/licences?which=secrets").status_code == 404


def test_only_supervisors_see_who_looked_up_what(stranger: Browser) -> None:
    page = stranger.get("/board/licences")
    assert "区中心登录" in page.text


def test_a_file_is_taken_in_by_the_command(tmp_path: Path) -> None:
    config = tmp_path / "central.toml"
    config.write_text(f'[central]\ndata = "{tmp_path / "data"}"\n')
    file = tmp_path / "demo.csv"
    head = "licence,document_number,number,issuer,valid_until\n"
    file.write_text(f"{head}HKB,{ELDER},H-1,鼓楼公安分局,\n", "utf-8")
    assert import_licences(config, file) == 1
    district = open_district(load_central(config))
    with closing(open_licence_db(district.config.data)) as db:
        library = DistrictLibrary(db, licence_keys(district.secrets))
        assert library.find("HKB", ELDER, date(2026, 11, 23)) is not None
    file.write_text(f"{head}XXX,{ELDER},H-1,x,\n", "utf-8")
    with pytest.raises(NotTakenIn, match="第 2 行：没有证照类型"):
        import_licences(config, file)
    with pytest.raises(NotTakenIn, match="读不了"):
        import_licences(config, tmp_path / "nowhere.csv")
