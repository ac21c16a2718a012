"""What a report is answered when a script sent it: one word that a phone's queue can act on.

A person is answered with a page. The queue on the phone (``static/queue.js``) sends the same forms
to the same addresses and asks for ``application/json``::

    {"op": "…", "verdict": "counted", "words": "已送达：本人", "url": "…", "field": ""}

Only ``counted`` and ``refused`` are final, and only these take a report out of the queue; whatever
else comes, also an answer that is not ours at all, leaves it there.
"""

from __future__ import annotations

from enum import Enum

from flask import Response, jsonify, make_response, request

from courier.look.errors import wants_json


class Verdict(Enum):
    """What became of a report."""

    COUNTED = "counted"  # recorded, now or by the same operation before
    REFUSED = "refused"  # will never be; the words say why and what to do
    AGAIN = "again"  # nobody knows yet: the same one may be sent again
    SIGN_IN = "signin"  # kept until its courier has signed in
    DEVICE = "device"  # kept until this phone is bound to its courier


def wants_verdict() -> bool:
    """Whether this request is a report that a script sent."""
    return request.method == "POST" and wants_json()


def verdict(
    is_: Verdict, words: str, *, status: int = 200, url: str = "", field: str = ""
) -> Response:
    """The answer to a report that a script sent; ``field``: what in its form is wrong."""
    op = request.form.get("op", "")
    said = {"op": op, "verdict": is_.value, "words": words, "url": url, "field": field}
    return make_response(jsonify(said), status)
