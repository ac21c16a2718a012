"""Central's web for blobs: ``POST /blobs/held``, ``put``, ``get``, ``lacking``, each signed.

What counts stands in the signed header (``sync.blobs.request``), not in the address. Answers are
JSON (``{"blobs": 1, …}``), or bytes under a header that names the blob.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import msgspec
import structlog
from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from central import context
from central.blob_desk import BlobDesk, NotServed
from central.blob_index import FOLDER, open_index
from sync.blobs.folder import BlobFolder
from sync.blobs.ports import CHUNK_BYTES_MAX, Held
from sync.blobs.request import read
from sync.blobs.web import BYTES, MARK

log = structlog.get_logger()
ANSWERS_VERSION = 1
blueprint = Blueprint("blobs", __name__)


def add_blobs(app: Flask) -> None:
    """Let this app take and give blobs. They bring a signature, no session and no form token."""
    open_index(context.district_of(app).config.data).close()
    app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(blueprint)


@blueprint.post("/blobs/<any(held,put,get,lacking):do>")
def answer(do: str) -> ResponseReturnValue:
    """One question of one store."""
    data = context.district().config.data
    request.max_content_length = CHUNK_BYTES_MAX
    body = request.get_data()
    with closing(open_index(data)) as index:
        desk = BlobDesk(BlobFolder(data / FOLDER), index, context.store(), context.now())
        return _answered(desk, do, body)


def _answered(desk: BlobDesk, do: str, body: bytes) -> Response:
    asked = read(request.headers.get("Authorization", ""))
    if asked is None or asked.question.do != do:
        raise NotServed(401, "unsigned", "这里只接受受理点的电脑签了名的请求")
    point, question = desk.prove(asked, body), asked.question
    if do == "get":
        return _bytes(question.blob, desk.get(point, question))
    if do == "lacking":
        return _said(200, lacks=desk.lacking(point, _names(body)))
    held = desk.held(point, question.blob) if do == "held" else desk.put(point, question, body)
    return _held(200, held)


def _names(body: bytes) -> list[str]:
    try:
        return msgspec.json.decode(body, type=list[str])
    except (msgspec.DecodeError, ValueError):
        raise NotServed(400, "names", "看不懂要问哪些扫描件") from None


def _held(status: int, held: Held) -> Response:
    return _said(status, have=held.have, whole=held.whole)


def _said(status: int, **fields: Any) -> Response:
    response = jsonify(blobs=ANSWERS_VERSION, **fields)
    response.status_code = status
    return response


def _bytes(name: str, found: bytes) -> Response:
    response = Response(found, mimetype=BYTES)
    response.headers[MARK] = name
    return response


@blueprint.errorhandler(NotServed)
def not_served(why: NotServed) -> ResponseReturnValue:
    """The reason, in a word for programs and a sentence for people."""
    return _said(why.status, error=why.error, reason=why.reason, have=why.have, now=context.now())


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """A chunk that is longer than a chunk."""
    return _said(413, error="too_large", reason="一段最多 1 MB")


@blueprint.errorhandler(OSError)
def disk_trouble(error: OSError) -> ResponseReturnValue:
    """Central's disk does not take it now; the other end tries again."""
    log.error("blobs", kind=type(error).__name__, errno=error.errno)
    return _said(503, error="disk", reason="区中心的磁盘暂时写不进去，稍后会自动再传")
