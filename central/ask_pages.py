"""Central's web for what a point asks while a person waits: ``POST /ask/<what>``, signed, sealed.

Whoever answers a kind of question is one function in :data:`DESKS`: it gets the point that asks,
which is proven, and what it asks, which is not believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from cases.recall import PERSON, RECEIPT
from central import context, licence_desk, person_desk, persons
from central.blob_desk import BlobDesk, NotServed
from central.blob_index import FOLDER, open_index
from central.licence_library import LibraryUnavailable
from sync.asking import QUESTION_BYTES_MAX, open_question, seal_answer
from sync.blobs.folder import BlobFolder
from sync.blobs.request import read
from sync.errors import StorageError
from sync.seal import CannotUnseal

log = structlog.get_logger()
ANSWERS_VERSION = 1
blueprint = Blueprint("ask", __name__)

#: What may be asked: (the point, what it asks) to the answer. :raises NotServed: with the reason.
DESKS: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
    "licences": licence_desk.answer,
    PERSON: person_desk.person,
    RECEIPT: person_desk.receipt,
}


def add_questions(app: Flask) -> None:
    """Let this app answer points. They bring a signature, no session and no form token."""
    app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(blueprint)
    with closing(context.district_of(app).open_store()) as store:
        persons.prepare(store)


@blueprint.post("/ask/<do>")
def answer(do: str) -> ResponseReturnValue:
    """One question of one store."""
    request.max_content_length = QUESTION_BYTES_MAX
    body = request.get_data()
    point = _proven(do, body)
    desk = DESKS.get(do)
    if desk is None:
        raise NotServed(404, "unknown", "区中心不认识这种问题，请升级软件")
    try:
        asked, key = open_question(context.district().secrets.box, do, body)
    except CannotUnseal:
        raise NotServed(400, "sealed", "看不懂要问什么") from None
    return _said(200, sealed=seal_answer(key, do, desk(point, asked)))


def _proven(do: str, body: bytes) -> str:
    asked = read(request.headers.get("Authorization", ""))
    if asked is None or asked.question.do != do:
        raise NotServed(401, "unsigned", "这里只接受受理点的电脑签了名的请求")
    data = context.district().config.data
    with closing(open_index(data)) as index:
        proofs = BlobDesk(BlobFolder(data / FOLDER), index, context.store(), context.now())
        return proofs.prove(asked, body)


def _said(status: int, **fields: Any) -> Response:
    response = jsonify(ask=ANSWERS_VERSION, **fields)
    response.status_code = status
    return response


@blueprint.errorhandler(NotServed)
def not_served(why: NotServed) -> ResponseReturnValue:
    """The reason, in a word for programs and a sentence for people."""
    return _said(why.status, error=why.error, reason=why.reason, now=context.now())


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """More than a question."""
    return _said(413, error="too_large", reason="问得太多了")


@blueprint.errorhandler(LibraryUnavailable)
def library_down(_error: LibraryUnavailable) -> ResponseReturnValue:
    """Nobody can tell now; to who asks it is as if there were no line."""
    return _said(503, error="library", reason="证照库暂时没有回答，请稍后再查")


@blueprint.errorhandler(StorageError)
def disk_trouble(error: StorageError) -> ResponseReturnValue:
    """Central's disk does not take it now."""
    log.error("ask", kind=type(error).__name__)
    return _said(503, error="disk", reason="区中心的磁盘暂时写不进去，请稍后再试")
