"""Style sheets and scripts go out gzipped to whoever takes it: residents pay for their data.

Of pages only the first that a browser opens: one that can be asked for again with the same form
token in it, or that shows something typed beside it, must not be compressed.
"""

from __future__ import annotations

import gzip
import threading

from flask import Flask, Response, request

from courier.look import first_visit

TYPES = frozenset(
    {"text/css", "text/javascript", "application/javascript", "application/wasm", "image/svg+xml"}
)


def compress_answers(app: Flask) -> None:
    """Let an app compress its static files, each once a process, and a resident's first page."""
    packed: dict[str, bytes] = {}
    lock = threading.Lock()

    def compress(response: Response) -> Response:
        """Send the packed form of what may be packed."""
        is_static = (request.endpoint or "").rpartition(".")[2] == "static"
        fits = response.mimetype in TYPES if is_static else _is_first_page(response)
        if not fits or response.status_code != 200 or "Content-Encoding" in response.headers:
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings.quality("gzip"):
            return response
        if not is_static:
            return _with(response, gzip.compress(response.get_data(), 6, mtime=0))
        with lock:
            key = request.path
            if key not in packed:
                response.direct_passthrough = False
                packed[key] = gzip.compress(response.get_data(), 9, mtime=0)
        response.close()
        return _with(response, packed[key])

    app.after_request(compress)


def _is_first_page(response: Response) -> bool:
    return response.mimetype == "text/html" and first_visit()


def _with(response: Response, packed: bytes) -> Response:
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("ETag", None)
    return response
