"""The QR code at the window that lets a phone give a photograph."""

from __future__ import annotations

from dataclasses import dataclass

from labels.codes import qr
from node import hand_offs
from node.context import local, staff

NO_PHONES = "本机没有开手机拍照的入口：请在配置里写上 [node.phone] url。"


@dataclass(frozen=True)
class QrCard:
    """A QR code as the page draws it: its side in modules, the path of its black ones."""

    side: int
    path: str
    address: str


def qr_of(target: str, position: int) -> QrCard | None:
    """The code for a phone; None where this node serves no phones."""
    base = local().node.config.phone.url
    if not base:
        return None
    token = hand_offs.mint(local(), target, staff().id, position)
    address = f"{base.rstrip('/')}/up/{token}"
    code = qr(address)
    path = "".join(f"M{b.x} {b.y}h{b.width}v{b.height}h-{b.width}z" for b in code.bars)
    return QrCard(code.width, path, address)
