"""What the codes on this node's papers hold: the address of a case's page."""

from __future__ import annotations

from datetime import timedelta

from labels import tokens
from node.local import Local


def token_address(here: Local, number: str) -> str:
    """What the QR of a case's receipt holds; valid for a year."""
    expires = here.today() + timedelta(days=tokens.VALID_DAYS)
    token = tokens.mint(here.node.token_key, tokens.Purpose.RECEIPT, number, expires)
    return tokens.url(here.node.config.central.portal_url, token)
