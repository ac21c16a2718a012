"""Reading a printed code at central: what it names, or a page that tells a stranger nothing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cases.numbers import BadNumber, parse_number
from central.context import bundle, district, today
from courier.look.cards import ErrorCard
from courier.look.words import _
from courier.slip_desk import NotOpen
from labels import tokens
from labels.tokens import Purpose, Token

REVOKED = "revoked.txt"


def open_code(code: str, *purposes: Purpose) -> Token:
    """The proven token of a scanned code. :raises NotOpen: with plain words that betray nothing."""
    try:
        token = tokens.read(code, today(), key_of)
    except tokens.Expired:
        raise NotOpen(_expired()) from None
    except tokens.TokenError:
        raise NotOpen(_unusable()) from None
    if token.purpose not in purposes:
        raise NotOpen(_for_couriers() if token.purpose is Purpose.WAYBILL else _unusable())
    if is_revoked(code, token.target):
        raise NotOpen(_revoked())
    return token


def key_of(point_number: int) -> bytes | None:
    """The key of a point's printed codes, None for a point that is not known."""
    known = any(p.number == point_number for p in bundle().directory.points)
    return district().secrets.token_key(point_number) if known else None


def revoke(data: Path, code_or_number: str) -> None:
    """Let a token, or every code of a case number, lead nowhere from now on."""
    with (data / REVOKED).open("a", encoding="utf-8") as file:
        file.write(f"{code_or_number.strip()}\n")


def is_revoked(code: str, number: str) -> bool:
    """Whether a code, or every code of its case, leads nowhere any more."""
    try:
        lines = (district().config.data / REVOKED).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return bool({_plain(line) for line in lines} & {_plain(code), _plain(number)})


def _plain(text: str) -> str:
    """One form of a token or number, however it was written down."""
    text = tokens.token_in(text).split("#")[0].strip().upper()
    with suppress(BadNumber):
        return parse_number(text).text
    return text.translate(str.maketrans("018", "OIB"))


def _card(code: int, title: str, what: str, advice: str) -> ErrorCard:
    return ErrorCard(code, title, what, advice, _("用编号查询"), "/")


def _unusable() -> ErrorCard:
    return _card(
        404,
        _("这个二维码用不了"),
        _("它不是我们印的，或者没有扫完整。"),
        _("请把凭证放平，对准二维码再扫一次；也可以用凭证上的办件编号查询。"),
    )


def _expired() -> ErrorCard:
    return _card(
        410,
        _("这个二维码过期了"),
        _("二维码只在一段时间内有效，这一张已经过了。"),
        _("请用凭证上的办件编号查询，或到受理点重新打印一张。"),
    )


def _revoked() -> ErrorCard:
    return _card(
        410,
        _("这个二维码已经停用"),
        _("为了保护个人信息，这一张已经停止使用。"),
        _("请用新的凭证，或带身份证到受理点重新打印一张。"),
    )


def _for_couriers() -> ErrorCard:
    return _card(
        404,
        _("这是给快递员用的码"),
        _("它印在快递面单上，只有送这件的快递员登录后才能用。"),
        _("要查您的办件，请扫收件凭证上的二维码，或用办件编号查询。"),
    )
