"""Enrolment: what central hands a point once, on a stick or by hand, so that it can begin.

It holds the point's code and number, its CouchDB account, the key its QR tokens are made with,
central's public keys, its first staff and its first block of tracking numbers. The block is empty
where central had no number to give: the point gets one as soon as central has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from sync.db import DataFolderError


class Enrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of an enrolment file. ``range`` is "plain" for a point's first store."""

    point: str
    point_number: int
    couch_user: str
    couch_password: str
    token_key: str
    root_key: str
    central_box: str
    range: str
    staff: dict[str, Any]
    block: dict[str, Any]


def read_enrolment(path: Path) -> Enrolment:
    """Read an enrolment file. :raises DataFolderError: it is missing or not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Enrolment)
    except OSError as error:
        raise DataFolderError(f"{path}: 读不到入网文件（{error.strerror}）") from error
    except msgspec.DecodeError as error:
        raise DataFolderError(
            f"{path}: 不是有效的入网文件（{error}），请向区中心重新领取"
        ) from error
