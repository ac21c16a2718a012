"""What makes the courier's pages an app on the phone: its worker, and the page without a signal.

The worker is a script that stays on the phone (``static/worker.js``). Its text begins with the
addresses of the files it must have there, each with its content's hash, and with a version: a hash
of all that the pages are made of. A new version is another script, so that a phone takes it over
whole, files first, the next time it has a signal.

What stays on a phone, and for how long. The files: nothing about anybody. The pages of the parcels
in its courier's hands and of the errands that they have accepted, with addresses; of errands that
nobody has accepted, without; and the forms for any parcel, which name none: as long as they are so,
and all are wiped by signing out, by the sign-in page being shown for whatever reason, by another
account, and a day and a half after the phone last heard from central. The reports that are not sent
yet, with names and signatures, until they are. A telephone number that was asked for is never kept.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from courier.look import asset

HERE = Path(__file__).parent
STATIC, TEMPLATES = HERE / "static", HERE / "templates" / "courier"
VERSION_CHARS = 12
OF_THE_KIT = (
    "house.svg", "base.css", "parts.css", "print.css", "vendor/htmx.min.js", "look.js",
)  # fmt: skip
OWN = (
    "courier.css", "queue.js", "label.js", "hand.js", "phone.js", "offline.js", "scan.js",
    "vendor/zxing/reader.js", "vendor/zxing/zxing_reader.wasm",
    "app.webmanifest", "icon-192.png", "icon-180.png",
)  # fmt: skip


def add_shell(blueprint: Blueprint) -> None:
    """Register the worker and the page without a signal on the courier's blueprint."""

    @blueprint.get("/courier/worker.js")
    def worker() -> ResponseReturnValue:
        return _worker()

    @blueprint.get("/courier/offline")
    def offline() -> ResponseReturnValue:
        return render_template("courier/app_offline.html")


def _worker() -> Response:
    files = [
        url_for("courier.offline"),
        *(asset(name) for name in OF_THE_KIT),
        *(asset(name, "courier.static") for name in OWN),
    ]
    code = (STATIC / "worker.js").read_text(encoding="utf-8")
    known = {
        "VERSION": version(*files),
        "FILES": files,
        "QUEUE": asset("queue.js", "courier.static"),
    }
    lines = [f"const {name} = {json.dumps(value)};" for name, value in known.items()]
    response = make_response("\n".join([*lines, code]))
    response.mimetype = "text/javascript"
    return response


@cache
def version(*files: str) -> str:
    """A hash of all that the courier's pages are made of."""
    made_of = hashlib.sha256("\n".join(files).encode())
    for path in [STATIC / "worker.js", *sorted(TEMPLATES.glob("*.html"))]:
        made_of.update(path.read_bytes())
    return made_of.hexdigest()[:VERSION_CHARS]
