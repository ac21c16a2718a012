"""Sealing of personal data, and the wrapping of the keys it is sealed under.

A sealed part is AES-256-GCM bound to its event's id. Its key belongs to one subject and one
author, and travels wrapped: to central's or a point's public key (X25519, HKDF, AES-GCM), or
under central's key of the month. No key that opens the district lies on a counter's PC.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.canonical import canonical, decode
from sync.errors import DoorstepError

ALGORITHM = "A256GCM"
EXCHANGES_KEPT = 256  # secrets of other stores' batches that a box remembers
OWN_WRAPS_MAX = 1_000  # keys that a box wraps to itself before it makes another exchange
Wrap = dict[str, str]


class CannotUnseal(DoorstepError):
    """The key is not here, or the sealed part was altered. Never retried."""


def new_key() -> bytes:
    """A fresh 256-bit key for one subject and one author."""
    return AESGCM.generate_key(256)


def seal(key: bytes, event_id: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Seal named fields for one event."""
    nonce = os.urandom(12)
    ct = AESGCM(key).encrypt(nonce, canonical(fields), event_id.encode())
    return {"alg": ALGORITHM, "nonce": _b64(nonce), "ct": _b64(ct)}


def unseal(key: bytes, event_id: str, sealed: Mapping[str, str]) -> dict[str, Any]:
    """Open a sealed part.

    :raises CannotUnseal: another key, another event, altered, or sealed with no fields in it.
    """
    try:
        plain = AESGCM(key).decrypt(_raw(sealed["nonce"]), _raw(sealed["ct"]), event_id.encode())
        fields = decode(plain)
    except (InvalidTag, ValueError, KeyError, RecursionError):
        raise CannotUnseal(f"{event_id}: 密文与密钥不符") from None
    if not isinstance(fields, dict):
        raise CannotUnseal(f"{event_id}: 密文里没有可读的内容")
    return fields


class Keyring(Protocol):
    """Something that can wrap a key for its own later use, and open what was wrapped for it."""

    def wrap(self, key: bytes) -> Wrap:
        """A wrapping that :meth:`unwrap` of this keyring opens."""
        ...

    def unwrap(self, wraps: Sequence[Wrap]) -> bytes | None:
        """The key, from the first wrapping meant for this keyring, or None."""
        ...


class Wrapping:
    """Wraps keys to one X25519 public key (base64): anyone can, only its owner opens them.

    One exchange serves all the keys of a batch, as in the contexts of HPKE (RFC 9180): each key has
    a nonce of its own, and the secret is forgotten with this value. Use it for one batch.
    """

    def __init__(self, box_key: str) -> None:
        ephemeral = X25519PrivateKey.generate()
        public = X25519PublicKey.from_public_bytes(_raw(box_key))
        self._cipher = AESGCM(_derive(ephemeral.exchange(public), box_key))
        self._ephemeral = _b64(ephemeral.public_key().public_bytes_raw())
        self._box_key = box_key

    def wrap(self, key: bytes) -> Wrap:
        """Wrap one key."""
        nonce = os.urandom(12)
        return {
            "for": self._box_key,
            "eph": self._ephemeral,
            "nonce": _b64(nonce),
            "ct": _b64(self._cipher.encrypt(nonce, key, self._box_key.encode())),
        }


def wrap_to(box_key: str, key: bytes) -> Wrap:
    """Wrap a single key to an X25519 public key."""
    return Wrapping(box_key).wrap(key)


def is_box_key(text: str) -> bool:
    """Whether something can be wrapped to what is said to be a public key."""
    try:
        wrap_to(text, b"")
    except ValueError:
        return False
    return True


class Box:
    """A store's or central's X25519 key: opens what was wrapped to its public part."""

    def __init__(self, seed: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(seed)
        self.public = _b64(self._key.public_key().public_bytes_raw())
        self._cipher = lru_cache(maxsize=EXCHANGES_KEPT)(self._exchanged)
        self._own = Wrapping(self.public)
        self._own_left = OWN_WRAPS_MAX

    @classmethod
    def new(cls) -> Box:
        """A fresh key from the system's randomness."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, to be kept in a file of mode 0600."""
        return self._key.private_bytes_raw()

    def wrap(self, key: bytes) -> Wrap:
        """Wrap a key to this box itself."""
        if self._own_left <= 0:
            self._own, self._own_left = Wrapping(self.public), OWN_WRAPS_MAX
        self._own_left -= 1
        return self._own.wrap(key)

    def unwrap(self, wraps: Sequence[Wrap]) -> bytes | None:
        """Open the wrapping that is meant for this box."""
        for wrap in wraps:
            if wrap.get("for") == self.public:
                return self._open(wrap)
        return None

    def _open(self, wrap: Wrap) -> bytes:
        try:
            return self._cipher(wrap["eph"]).decrypt(
                _raw(wrap["nonce"]), _raw(wrap["ct"]), self.public.encode()
            )
        except (InvalidTag, ValueError, KeyError):
            raise CannotUnseal("密钥的封装已损坏") from None

    def _exchanged(self, ephemeral: str) -> AESGCM:
        """What opens the wrappings of one batch: the exchange costs more than all the rest."""
        shared = self._key.exchange(X25519PublicKey.from_public_bytes(_raw(ephemeral)))
        return AESGCM(_derive(shared, self.public))


class MonthKeys:
    """Central's keys of the month. Destroying a month's key forgets what it wrapped for ever."""

    def __init__(self, keys: Mapping[str, bytes], month: str) -> None:
        self._keys = dict(keys)
        self._month = month

    def wrap(self, key: bytes) -> Wrap:
        """Wrap a key under this month's key."""
        nonce = os.urandom(12)
        ct = AESGCM(self._keys[self._month]).encrypt(nonce, key, self._month.encode())
        return {"for": self._month, "nonce": _b64(nonce), "ct": _b64(ct)}

    def unwrap(self, wraps: Sequence[Wrap]) -> bytes | None:
        """Open the wrapping of a month whose key is still here."""
        for wrap in wraps:
            month = wrap.get("for", "")
            if month in self._keys:
                return self._open(month, wrap)
        return None

    def _open(self, month: str, wrap: Wrap) -> bytes:
        try:
            return AESGCM(self._keys[month]).decrypt(
                _raw(wrap["nonce"]), _raw(wrap["ct"]), month.encode()
            )
        except (InvalidTag, ValueError, KeyError):
            raise CannotUnseal(f"{month} 月的密钥封装已损坏") from None


def _derive(shared: bytes, context: str) -> bytes:
    kdf = HKDF(
        algorithm=hashes.SHA256(), length=32, salt=None, info=b"doorstep:" + context.encode()
    )
    return kdf.derive(shared)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
