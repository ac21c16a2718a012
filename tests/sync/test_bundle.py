import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cases.catalogue import Catalogue
from cases.guide import Binding, Guide
from sync.bundle import (
    FORMAT,
    HEAD_ID,
    PART_CHARS_MAX,
    PRODUCT,
    BadBundle,
    Bundle,
    bundle_documents,
    load_bundle,
    open_bundle,
    wanted_parts,
)
from sync.sign import Signer

CENTRAL = Signer(b"c" * 32)
STRANGER = Signer(b"s" * 32)
Doc = dict[str, Any]


def published(number: int = 7) -> list[Doc]:
    return bundle_documents(load_bundle(), CENTRAL, number)


def larger() -> Bundle:
    """A bundle whose content does not compress into one part."""
    noise = random.Random(17)  # noqa: S311 only has to be hard to compress
    bundle = load_bundle()
    matters = tuple(
        msgspec.structs.replace(matter, tips=f"{noise.getrandbits(8_000):x}")
        for matter in bundle.catalogue.matters
    )
    catalogue = msgspec.structs.replace(bundle.catalogue, matters=matters)
    assert isinstance(catalogue, Catalogue)
    return replace(bundle, catalogue=catalogue)


def test_the_product_carries_a_whole_district() -> None:
    bundle = load_bundle()
    assert len(bundle.catalogue.matters) == 998
    assert len(bundle.directory) == 81
    assert len(bundle.divisions) == 3882
    assert sorted(bundle.calendar.years) == [2025, 2026]
    assert bundle.version.startswith("sample-")
    assert bundle.number == 0
    assert load_bundle() is bundle


def test_what_central_publishes_a_node_opens_unchanged() -> None:
    opened = open_bundle(published(), CENTRAL.public)
    held = load_bundle()
    assert opened.catalogue == held.catalogue
    assert opened.directory.points == held.directory.points
    assert opened.divisions.all == held.divisions.all
    assert opened.calendar.years == held.calendar.years
    assert opened.guide == held.guide
    assert opened.version == held.version
    assert opened.number == 7


def test_documents_come_parts_first_and_the_head_last() -> None:
    docs = published()
    assert docs[-1]["_id"] == HEAD_ID
    assert wanted_parts(docs[-1]) == [doc["_id"] for doc in docs[:-1]]
    assert all(len(msgspec.json.encode(doc)) < PART_CHARS_MAX + 1_000 for doc in docs)


def test_the_order_and_the_revisions_of_the_documents_do_not_matter() -> None:
    docs = [{**doc, "_rev": "3-abc"} for doc in reversed(published())]
    assert open_bundle(docs, CENTRAL.public).version == load_bundle().version


def test_a_bundle_of_several_parts_is_opened_whole_or_not_at_all() -> None:
    bundle = larger()
    docs = bundle_documents(bundle, CENTRAL, 8)
    assert len(docs) > 2
    assert open_bundle(docs, CENTRAL.public).catalogue == bundle.catalogue
    for missing in range(len(docs)):
        with pytest.raises(BadBundle):
            open_bundle(docs[:missing] + docs[missing + 1 :], CENTRAL.public)


def test_the_parts_of_two_bundles_never_mix() -> None:
    older, newer = published(), bundle_documents(larger(), CENTRAL, 8)
    assert open_bundle(older[:-1] + newer, CENTRAL.public).number == 8
    with pytest.raises(BadBundle, match="缺少"):
        open_bundle([*older[:-1], newer[-1]], CENTRAL.public)


def test_a_bundle_signed_by_a_stranger_is_refused() -> None:
    docs = bundle_documents(load_bundle(), STRANGER, 9)
    with pytest.raises(BadBundle, match="签名"):
        open_bundle(docs, CENTRAL.public)


@pytest.mark.parametrize("field", ["version", "number", "parts", "bytes", "sha256", "sig"])
def test_an_altered_head_is_refused(field: str) -> None:
    *parts, head = published()
    altered = {**head, field: 99 if isinstance(head[field], int) else ["x"]}
    with pytest.raises(BadBundle):
        open_bundle([*parts, altered], CENTRAL.public)


@pytest.mark.parametrize("damage", ["", "AAAA", "*", 17])
def test_a_damaged_part_is_refused(damage: Any) -> None:
    first, *others = published()
    part = damage if isinstance(damage, int) else damage + first["part"][4:]
    with pytest.raises(BadBundle):
        open_bundle([{**first, "part": part}, *others], CENTRAL.public)


def test_an_older_bundle_is_never_put_in_the_place_of_a_newer_one() -> None:
    with pytest.raises(BadBundle, match="旧"):
        open_bundle(published(6), CENTRAL.public, held=7)
    assert open_bundle(published(7), CENTRAL.public, held=7).number == 7


@pytest.mark.parametrize("name", ["format-1", "format-2"])
def test_a_bundle_of_an_earlier_program_still_opens_under_its_versions(name: str) -> None:
    docs = json.loads((Path(__file__).parent / "bundles.json").read_text("utf-8"))[name]
    opened = open_bundle(docs, CENTRAL.public)
    assert opened.version == docs[-1]["version"]
    assert opened.catalogue.version == "sample-33198c16af"
    assert bool(opened.guide.questions) == (name == "format-2")
    assert (opened.since, opened.origin) == ("", PRODUCT)
    assert replace(opened, guide=Guide()).version != docs[-1]["version"]


def test_a_bundle_with_a_condition_that_no_question_decides_is_not_used() -> None:
    guide = load_bundle().guide
    unbound = Guide(guide.questions, (*guide.conditions[1:], Binding("别的", "kind:person")))
    with pytest.raises(BadBundle, match="no question decides"):
        open_bundle(
            bundle_documents(replace(load_bundle(), guide=unbound), CENTRAL, 7), CENTRAL.public
        )


def test_a_bundle_of_a_later_format_asks_for_an_upgrade() -> None:
    head = {name: v for name, v in published()[-1].items() if name not in ("_id", "sig")}
    later = {"_id": HEAD_ID, **CENTRAL.sign({**head, "format": FORMAT + 1})}
    with pytest.raises(BadBundle, match="升级"):
        open_bundle([later], CENTRAL.public)


def test_a_signed_bundle_that_contradicts_itself_is_refused() -> None:
    bundle = load_bundle()
    broken = msgspec.structs.replace(bundle.catalogue, departments=())
    with pytest.raises(BadBundle, match="no department"):
        open_bundle(bundle_documents(replace(bundle, catalogue=broken), CENTRAL, 8), CENTRAL.public)


def test_a_head_alone_or_nothing_is_refused() -> None:
    with pytest.raises(BadBundle, match="目录头"):
        open_bundle([], CENTRAL.public)
    with pytest.raises(BadBundle, match="格式"):
        wanted_parts({"_id": HEAD_ID})
