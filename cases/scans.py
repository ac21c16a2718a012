"""Scans: what a file must be to become one, and what an event must say to name its blob.

A blob is the sealed bytes of a scan. Its name is their hash, so whoever has a name can check what
comes under it, and two events that name the same blob share one copy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cases.fields import BadField

SCANNED = "case.scanned"
SCAN_REMOVED = "case.scan_removed"
DELIVERED = "parcel.delivered"  # may name a photo or a signature
BLOB_BYTES_MAX = 64 * 1024 * 1024
SCANS_MAX = 100  # of one case
MEDIA_ZH = {"application/pdf": "PDF", "image/jpeg": "JPEG 图片", "image/png": "PNG 图片"}

_NAME = re.compile(r"sha256:[0-9a-f]{64}\Z")
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)


def is_blob_name(text: object) -> bool:
    """Whether this is the name of a blob: ``sha256:`` and 64 hexadecimal digits."""
    return isinstance(text, str) and bool(_NAME.match(text))


def media_of(beginning: bytes) -> str:
    """The media type that a file's first bytes say, whatever it is called; empty if none of ours.

    Only what a browser shows by itself and runs nothing of: no HTML, no SVG.
    """
    return next((media for mark, media in _BEGINNINGS if beginning.startswith(mark)), "")


def described(media: str, size: int, pages: int = 0) -> str:
    """What a scan is, in words: ``PDF，3 页，2.3 MB``."""
    length = f"{max(size // 1024, 1)} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
    count = f"，{pages} 页" if pages else ""
    return f"{MEDIA_ZH.get(media, media)}{count}，{length}"


def names_a_blob(data: Mapping[str, Any]) -> bool:
    """Whether an event's open part names a blob of a size and a kind that may be one."""
    size = data.get("size")
    if not isinstance(size, int) or isinstance(size, bool):
        return False
    fits = 0 < size <= BLOB_BYTES_MAX and data.get("media") in tuple(MEDIA_ZH)
    return fits and is_blob_name(data.get("blob"))


def too_many_files() -> BadField:
    """There are as many files as one case, or one application, may have."""
    return BadField(
        "file", "文件已经太多，其余的请交到受理点。", "Too many files; bring the rest in."
    )
