"""Signatures and certificates: any change shows, nothing malformed passes or crashes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sign import Signer, certify, is_certificate, is_signed

LIN, ROOT, STRANGER = Signer.new(), Signer.new(), Signer.new()
DOC = LIN.sign({"id": "x", "data": {"name": "𠮷"}, "n": 1})
CERT = certify(ROOT, author="a.bcde", sign_key=LIN.public, box_key="box", at="now")


def test_what_was_signed_is_known_by_the_key() -> None:
    assert is_signed(DOC, LIN.public)
    assert is_signed(dict(reversed(DOC.items())), LIN.public)
    assert not is_signed(DOC, STRANGER.public)
    assert is_signed(Signer(LIN.seed).sign(DOC), LIN.public)


@pytest.mark.parametrize(
    "change", [{"n": 2}, {"id": "y"}, {"data": {"name": "吉"}}, {"more": None}, {"sig": "x"},
               {"sig": None}, {"sig": "ed25519:"}, {"sig": "ed25519:!!"}, {"sig": "rsa:AAAA"}],
)  # fmt: skip
def test_any_change_shows(change: dict[str, Any]) -> None:
    assert not is_signed({**DOC, **change}, LIN.public)


@given(st.integers(8, 95), st.integers(1, 255))
def test_a_signature_with_any_character_changed_does_not_pass(place: int, shift: int) -> None:
    sig = DOC["sig"]
    changed = sig[:place] + chr((ord(sig[place]) + shift) % 256) + sig[place + 1 :]
    assert not is_signed({**DOC, "sig": changed}, LIN.public) or changed == sig


@pytest.mark.parametrize("key", ["", "ed25519:", "ed25519:AAAA", "x25519:AAAA", "ed25519:中文"])
def test_a_key_that_is_none_opens_nothing(key: str) -> None:
    assert not is_signed(DOC, key)


def test_a_certificate_holds_for_its_author_under_its_root_only() -> None:
    assert is_certificate(CERT, ROOT.public, "a.bcde")
    assert not is_certificate(CERT, ROOT.public, "b.bcde")
    assert not is_certificate(CERT, STRANGER.public, "a.bcde")
    forged = certify(STRANGER, author="a.bcde", sign_key=STRANGER.public, box_key="", at="")
    assert not is_certificate(forged, ROOT.public, "a.bcde")
    assert not is_certificate({**CERT, "sign_key": STRANGER.public}, ROOT.public, "a.bcde")
    for nothing in (None, [], "cert", {}, {"author": "a.bcde", "sign_key": 5}):
        assert not is_certificate(nothing, ROOT.public, "a.bcde")
