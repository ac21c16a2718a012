"""Central publishes a bundle with the day from which it holds, and puts back what is spoilt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cases.divisions import Divisions
from cases.guide import Guide
from central.jobs import Jobs
from central.publishing import mend, publish, publish_initial
from central.shelf import FILE, Standing, read_shelf, restock
from sync.bundle import DISTRICT, HEAD_ID, Bundle, bundle_documents
from sync.errors import Conflict
from sync.holding import NEXT_ID
from sync.memory import MemoryServer
from sync.ports import Database
from tests.central.travel import SmallDistrict, small_district
from tests.sync.cast import Clock

TODAY, TOMORROW, LATER = "2026-11-23", "2026-11-24", "2026-12-01"


class Office:
    """Central, with what it publishes and what its pages use."""

    def __init__(self, folder: Path) -> None:
        memory = MemoryServer()
        self.clock = Clock(f"{TODAY}T01:00:00Z")
        whole = small_district(folder, memory.connect, self.clock)
        self.district: SmallDistrict = replace(whole, bundle=promising(5, whole.bundle))
        self.server = memory
        memory.create("catalogue")
        publish_initial(self.district, memory)

    @property
    def catalogue(self) -> Database:
        return self.server.database("catalogue")

    @property
    def data(self) -> Path:
        return self.district.config.data

    def publish(self, days: int, since: str) -> int:
        return publish(self.district, self.server, promising(days, self.district.bundle), since)

    def promised(self, day: str) -> int:
        """What the pages of central, opened anew on a day, say of the first matter."""
        root = self.district.secrets.root.public
        at = Standing(self.data, root, lambda: f"{day}T04:00:00Z", self.district.bundle)
        return at.bundle().catalogue.matters[0].promised_days


def promising(days: int, bundle: Bundle) -> Bundle:
    """A small bundle whose first matter promises so many days."""
    matter = msgspec.structs.replace(bundle.catalogue.matters[0], promised_days=days)
    few = msgspec.structs.replace(bundle.catalogue, matters=(matter,), bundles=())
    return replace(bundle, catalogue=few, guide=Guide(), divisions=Divisions([]))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    return Office(tmp_path / "central")


def test_what_is_published_with_a_day_holds_from_that_day(office: Office) -> None:
    assert office.publish(8, TOMORROW) == 2
    assert office.catalogue.get(HEAD_ID)["number"] == 1
    assert office.catalogue.get(NEXT_ID)["from"] == TOMORROW
    assert [office.promised(day) for day in (TODAY, TOMORROW, LATER)] == [5, 8, 8]


def test_pages_that_stay_open_change_over_at_midnight_in_shanghai(office: Office) -> None:
    office.publish(8, TOMORROW)
    root = office.district.secrets.root.public
    now = [f"{TODAY}T15:59:59Z"]
    standing = Standing(office.data, root, lambda: now[0], office.district.bundle)
    assert standing.bundle().catalogue.matters[0].promised_days == 5
    now[0] = f"{TODAY}T16:00:00Z"
    assert standing.bundle().catalogue.matters[0].promised_days == 8


def test_what_is_published_for_today_holds_at_once_and_nothing_waits(office: Office) -> None:
    office.publish(8, LATER)
    office.publish(9, TODAY)
    assert office.catalogue.get(NEXT_ID) is None
    assert [office.promised(day) for day in (TODAY, LATER)] == [9, 9]


def test_after_its_day_the_next_one_waits_beside_what_was_next(office: Office) -> None:
    office.publish(8, TOMORROW)
    office.clock.now = "2026-11-25T01:00:00Z"
    office.publish(9, LATER)
    assert office.catalogue.get(HEAD_ID)["number"] == 2
    assert [office.promised(day) for day in (TOMORROW, LATER)] == [8, 9]


def test_numbers_grow_and_never_go_back_though_the_database_is_older(office: Office) -> None:
    office.publish(8, TODAY)
    head = office.catalogue.get(HEAD_ID)
    office.catalogue.delete(HEAD_ID, head["_rev"])
    assert office.publish(9, TODAY) == 3


def test_the_products_own_never_goes_over_what_the_district_published(office: Office) -> None:
    office.publish(8, TODAY)
    newer = replace(office.district, bundle=promising(1, office.district.bundle))
    assert publish_initial(newer, office.server) == 2
    assert office.catalogue.get(HEAD_ID)["origin"] == DISTRICT
    assert office.promised(TODAY) == 8


def test_a_newer_product_publishes_its_own_where_the_district_has_none(office: Office) -> None:
    newer = replace(office.district, bundle=promising(1, office.district.bundle))
    assert publish_initial(newer, office.server) == 2
    assert publish_initial(newer, office.server) == 2


@pytest.mark.parametrize("id", [HEAD_ID, NEXT_ID, "part"])
@pytest.mark.parametrize("how", ["spoilt", "deleted"])
def test_what_a_point_spoilt_or_a_restore_lost_is_put_back(
    office: Office, id: str, how: str
) -> None:
    office.publish(8, TOMORROW)
    name = office.catalogue.get(NEXT_ID)["parts"][0] if id == "part" else id
    doc: dict[str, Any] = dict(office.catalogue.get(name))
    if how == "deleted":
        office.catalogue.delete(name, doc["_rev"])
    else:
        office.catalogue.put({**doc, "part": "x", "number": 99})
    assert mend(office.district, office.server) == 1
    assert mend(office.district, office.server) == 0
    assert [office.promised(day) for day in (TODAY, TOMORROW)] == [5, 8]


def test_another_host_takes_over_what_this_one_published(office: Office, tmp_path: Path) -> None:
    office.publish(8, TOMORROW)
    root = office.district.secrets.root.public
    assert restock(tmp_path, office.catalogue, root, office.clock())
    assert not restock(tmp_path, office.catalogue, root, office.clock())
    assert read_shelf(tmp_path) == read_shelf(office.data)


def test_a_lost_or_damaged_file_comes_again(office: Office) -> None:
    office.publish(8, TODAY)
    (office.data / FILE).write_text("{")
    assert office.promised(TODAY) == 5
    restock(office.data, office.catalogue, office.district.secrets.root.public, office.clock())
    assert office.promised(TODAY) == 8


def test_of_two_who_publish_at_once_one_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*given: Any) -> Any:
        monkeypatch.undo()
        office.publish(7, TODAY)
        return bundle_documents(*given)

    monkeypatch.setattr("central.publishing.bundle_documents", meanwhile)
    with pytest.raises(Conflict):
        office.publish(9, TODAY)
    assert office.promised(TODAY) == 7


def test_the_jobs_take_over_and_mend_what_is_published(office: Office) -> None:
    office.publish(8, TODAY)
    (office.data / FILE).unlink()
    jobs = Jobs(office.district)
    try:
        jobs.take_catalogue()
        assert office.promised(TODAY) == 8
        head = office.catalogue.get(HEAD_ID)
        office.catalogue.put({**head, "number": 99})
        jobs.take_catalogue()
        assert office.promised(TODAY) == 8
        jobs.mend_catalogue()
        assert office.catalogue.get(HEAD_ID)["number"] == 2
    finally:
        jobs.close()
