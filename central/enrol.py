"""A point's enrolment file, and its staff."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

import msgspec

from central.config import load_central
from central.district import inbox_name, open_district
from central.intake import write_beside
from central.setup import enrolment
from courier.look.accounts import hash_password
from sync.db import DataFolderError

NO_NUMBERS = (
    "没有面单号可发：这个受理点可以收件，暂时不能装封邮件。请管理员在看板“标准·邮路”里"
    "导入中国邮政的号段，联网后自动发到受理点；或者在配置 [central.mail] 里写明由本区投递员寄递 / "
    "no tracking numbers to give yet: import China Post's ranges on the board, or name another "
    "carrier in [central.mail]"
)


def write_enrolment(config: Path, point: str, staff: Path | None, out: Path) -> str:
    """Write an enrolment file, readable by its owner only.

    :returns: what whoever does it should know: that there was no tracking number to give; or empty.
    :raises DataFolderError: no such point, an unreadable staff file, or the file exists.
    """
    district = open_district(load_central(config))
    if district.bundle.directory.find(point) is None:
        raise DataFolderError(f"没有代码为 {point} 的受理点 / no point has this code")
    people: dict[str, Any] = {"accounts": []} if staff is None else read_staff(staff)
    with district.server() as server:
        content = enrolment(district, server, point, people)
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise DataFolderError(f"{out}: 写不了（{error.strerror}）") from error
    with open(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(content)))
    return "" if content["block"] else NO_NUMBERS


def send_staff(config: Path, point: str, staff: Path) -> None:
    """Send a point its new list of staff; the window takes it over at its next sync.

    :raises DataFolderError: no such point, or an unreadable staff file.
    """
    district = open_district(load_central(config))
    if district.bundle.directory.find(point) is None:
        raise DataFolderError(f"没有代码为 {point} 的受理点 / no point has this code")
    people = read_staff(staff)
    with district.server() as server:
        write_beside(server.database(inbox_name(point)), f"staff:{point}", people)


class _Someone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: str
    name: str
    password: str
    roles: list[Literal["clerk", "officer", "mail", "lead"]]
    departments: list[str] = []
    id: str = ""


class _Staff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accounts: list[_Someone]


def read_staff(path: Path) -> dict[str, Any]:
    """A point's staff from a JSON file, their passwords hashed.

    ``{"accounts": [{"login": "lin", "name": "林小燕", "password": "…", "roles": ["clerk"]}]}``;
    ``departments`` limits an officer to these. An account keeps its ``id`` if one is given.
    :raises DataFolderError: the file cannot be read, or says something else.
    """
    try:
        staff = msgspec.json.decode(path.read_bytes(), type=_Staff)
    except (OSError, msgspec.DecodeError) as error:
        raise DataFolderError(f"{path}: 读不了人员名单（{error}）") from error
    return {"accounts": [_account(someone) for someone in staff.accounts]}


def _account(someone: _Someone) -> dict[str, Any]:
    return {
        "id": someone.id or f"s-{token_hex(4)}",
        "login": someone.login,
        "name": someone.name,
        "roles": list(someone.roles),
        "departments": list(someone.departments),
        "password_hash": hash_password(someone.password),
    }
