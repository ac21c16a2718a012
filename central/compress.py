"""Style sheets and scripts go out gzipped to whoever takes it: residents pay for their data.

Only static files: a page that holds a form token beside something typed must not be compressed.
"""

from __future__ import annotations

import gzip
import threading

from flask import Flask, Response, request

BYTES_MIN = 1_000
TYPES = frozenset(
    {"text/css", "text/javascript", "application/javascript", "application/wasm", "image/svg+xml"}
)


def compress_static(app: Flask) -> None:
    """Let an app compress its static files, each once a process."""
    packed: dict[str, bytes] = {}
    lock = threading.Lock()

    def compress(response: Response) -> Response:
        """Send the packed form of a static file."""
        is_static = (request.endpoint or "").rpartition(".")[2] == "static"
        fits = response.status_code == 200 and response.mimetype in TYPES
        if not is_static or not fits or "Content-Encoding" in response.headers:
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings.quality("gzip"):
            return response
        with lock:
            key = request.path
            if key not in packed:
                response.direct_passthrough = False
                packed[key] = gzip.compress(response.get_data(), 9, mtime=0)
        response.close()
        response.set_data(packed[key])
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)
        return response

    app.after_request(compress)
