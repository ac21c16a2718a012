"""Sealing: opened only by whom it is for, in the event it is for, and only unaltered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.seal import (
    Box,
    CannotUnseal,
    Keyring,
    MonthKeys,
    is_box_key,
    new_key,
    seal,
    unseal,
    wrap_to,
)  # fmt: skip

KEY = new_key()
FIELDS = {"name": "林𠮷梅", "phone": "13812345678"}
SEALED = seal(KEY, "event-1", FIELDS)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_what_is_sealed_opens_as_it_was(fields: dict[str, Any]) -> None:
    assert unseal(KEY, "e", seal(KEY, "e", fields)) == fields


def test_the_same_fields_never_look_the_same_twice() -> None:
    assert seal(KEY, "event-1", FIELDS)["ct"] != SEALED["ct"]
    assert "138" not in str(SEALED)


@pytest.mark.parametrize(
    ("key", "id", "change"),
    [
        (new_key(), "event-1", {}),
        (KEY, "event-2", {}),
        (KEY, "event-1", {"nonce": seal(KEY, "event-1", {})["nonce"]}),
        (KEY, "event-1", {"ct": "AAAA"}),
        (KEY, "event-1", {"ct": "not base64"}),
        (KEY, "event-1", {"nonce": ""}),
    ],
    ids=["key", "event", "nonce", "short", "nonsense", "no nonce"],
)
def test_another_key_another_event_or_a_change_opens_nothing(
    key: bytes, id: str, change: dict[str, str]
) -> None:
    with pytest.raises(CannotUnseal, match=id):
        unseal(key, id, {**SEALED, **change})


@pytest.mark.parametrize("keyring", [Box.new(), MonthKeys({"2026-11": new_key()}, "2026-11")])
def test_a_keyring_opens_what_it_wrapped_and_nothing_else(keyring: Keyring) -> None:
    wrap = keyring.wrap(KEY)
    assert keyring.unwrap([wrap_to(Box.new().public, KEY), wrap]) == KEY
    assert keyring.unwrap([]) is None
    assert keyring.unwrap([wrap_to(Box.new().public, KEY)]) is None
    for change in ({"ct": "AAAA"}, {"nonce": "?"}, {"ct": ""}):
        with pytest.raises(CannotUnseal, match="损坏"):
            keyring.unwrap([{**wrap, **change}])


def test_a_box_is_the_same_from_its_seed() -> None:
    box = Box.new()
    assert Box(box.seed).public == box.public
    assert Box(box.seed).unwrap([wrap_to(box.public, KEY)]) == KEY


def test_a_month_destroyed_forgets_what_was_wrapped_under_it() -> None:
    keys = {"2026-10": new_key(), "2026-11": new_key()}
    old = MonthKeys(keys, "2026-10").wrap(KEY)
    assert MonthKeys(keys, "2026-11").unwrap([old]) == KEY
    assert MonthKeys({"2026-11": keys["2026-11"]}, "2026-11").unwrap([old]) is None


@pytest.mark.parametrize("odd", ["", "AAAA", "?", "中文", "A" * 43 + "="])
def test_what_is_no_public_key_is_known_before_anybody_wraps_to_it(odd: str) -> None:
    assert not is_box_key(odd)
    assert is_box_key(Box.new().public)
