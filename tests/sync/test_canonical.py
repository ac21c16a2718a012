"""The bytes that are signed: the same for the same value everywhere, and never unfit to travel."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.canonical import UnfitEvent, canonical, decode, digest, require_fit

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def test_the_bytes_are_sorted_tight_and_utf8() -> None:
    assert canonical({"b": [1, None, True], "a": "𠮷·"}) == '{"a":"𠮷·","b":[1,null,true]}'.encode()


@given(st.dictionaries(st.text(), VALUES))
def test_the_order_of_fields_does_not_matter_and_a_round_trip_changes_nothing(
    doc: dict[str, Any],
) -> None:
    body = canonical(doc)
    assert canonical(dict(reversed(list(doc.items())))) == body
    assert canonical(decode(body)) == body
    assert digest(decode(body)) == digest(doc)


def test_a_hash_names_its_algorithm() -> None:
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    ("doc", "words"),
    [
        ({"a": 1.5}, "不能用小数"),
        ({"a": [{"b": float("nan")}]}, "不能用小数"),
        ({"a": "\ud800"}, "无法保存的字符"),
        ({"\udfff": "a"}, "无法保存的字符"),
        ({"data": {"_id": 1}}, "'_id' 不可用"),
        ({1: 2}, "不可用"),
        ({"a": b"x"}, "bytes 不可用"),
        ({"a": {1, 2}}, "set 不可用"),
        ({"a": "字" * 22_000}, "最多 64 KB"),
    ],
)
def test_what_no_remote_would_take_is_refused_before_it_gets_its_place(
    doc: dict[Any, Any], words: str
) -> None:
    with pytest.raises(UnfitEvent, match=words):
        require_fit(doc)


def test_rare_characters_are_fit_and_whole() -> None:
    doc = {"name": "𠮷䶮㛃龘·👨‍👩‍👧", "deep": [[[{"x": None}]]], "big": 10**30}
    assert decode(require_fit(doc)) == doc
