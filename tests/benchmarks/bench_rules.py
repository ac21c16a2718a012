"""The rules: every matter at every point, and the papers of a busy day."""

from __future__ import annotations

from cases.routing import route
from labels.waybill import waybills
from sync.bundle import load_bundle
from tests.benchmarks.conftest import Measure
from tests.labels.cast import WAYBILL

WAYBILLS = 200


def test_reading_the_bundle(measure: Measure) -> None:
    load_bundle.cache_clear()
    assert measure("bundles read", 1, load_bundle) < 10


def test_routing_every_matter_from_every_point(measure: Measure) -> None:
    bundle = load_bundle()
    codes = [point.code for point in bundle.directory.points]
    matters = bundle.catalogue.matters
    wishes = [(matter, code) for matter in matters for code in codes]
    area = codes[-1]

    def work() -> None:
        for matter, code in wishes:
            route(matter, code, area, bundle.directory)

    assert measure("routes decided", len(wishes), work) < 60


def test_printing_a_batch_of_waybills(measure: Measure) -> None:
    assert measure("waybills drawn", WAYBILLS, lambda: waybills([WAYBILL] * WAYBILLS)) < 60
