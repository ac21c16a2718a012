"""What is an event and what is not: nothing that parses may hurt whoever reads it later."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.events import MAX_K, NotAnEvent, event_id, is_author, parse, point_of
from tests.cases.facts import CASE, LIN, History

GOOD = dict(History().say("case.received", LIN, deciding="350102000000").doc)


def test_an_event_is_read_as_it_arrived() -> None:
    event = parse({**GOOD, "later": {"kept": 1}})
    assert (event.subject, event.k, event.author, event.point) == (CASE, 1, LIN, "350102004001")
    assert event.doc["later"] == {"kept": 1}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None), ("id", ""), ("id", GOOD["id"] + "\n"), ("id", GOOD["id"][:-1]),
        ("id", f"moon:0001-{LIN}"), ("id", f"GL031-261122-0042-MM:0001-{LIN}"),
        ("id", f"{CASE}:0000-{LIN}"), ("id", f"{CASE}:1-{LIN}"), ("id", 7),
        ("author", "350102004001.zzzz"), ("author", LIN + "\n"), ("author", "nobody.aaaa"),
        ("v", 0), ("v", True), ("v", "1"), ("n", 0), ("n", -1), ("n", 1.0), ("n", 10**20),
        ("type", "case"), ("type", "case.received\n"), ("type", "Case.received"), ("type", 1),
        ("at", "2026-11-22"), ("at", "2026-02-30T00:00:00Z"), ("at", "2026-19-39T29:59:59Z"),
        ("at", "2026-11-22T01:31:05+08:00"), ("at", "2026-11-22T01:31:05Z\n"),
        ("actor", None), ("actor", "x" * 65), ("data", None), ("data", []), ("sealed", "x"),
        ("sealed", {"alg": "A256GCM", "nonce": 1, "ct": ""}), ("prev", None), ("sig", 5),
        ("sig", "x" * 201),
    ],
)  # fmt: skip
def test_what_is_malformed_is_no_event_and_says_so(field: str, value: Any) -> None:
    with pytest.raises(NotAnEvent, match=r"."):
        parse({**GOOD, field: value})


@pytest.mark.parametrize("doc", [None, [], "event", 7, {}])
def test_what_is_no_object_or_empty_is_no_event(doc: Any) -> None:
    with pytest.raises(NotAnEvent):
        parse(doc)


ODD = st.none() | st.text() | st.integers() | st.lists(st.integers())


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), ODD | st.dictionaries(st.text(), ODD)))
def test_garbage_is_refused_in_no_other_way(odd: dict[str, Any]) -> None:
    with suppress(NotAnEvent):
        assert parse({**GOOD, **odd}).id == GOOD["id"]


def test_an_id_is_made_of_a_place_that_exists() -> None:
    assert event_id(CASE, MAX_K, LIN) == f"{CASE}:9999-{LIN}"
    for k in (0, MAX_K + 1):
        with pytest.raises(NotAnEvent):
            event_id(CASE, k, LIN)


def test_an_author_names_its_point() -> None:
    assert point_of("central.abcd1234") == "central"
    assert is_author(LIN)
    assert not is_author(f"{LIN}\n")
