"""Answers that are not the wished-for one, worded as CouchDB 3.5.1 words them.

CouchError                 carries status, error name and reason; becomes the JSON answer
FolderError                the data folder cannot be served: the message says what to do
"""

from __future__ import annotations


class FolderError(Exception):
    """The data folder cannot be opened; the message is one line for the person who started us."""


class CouchError(Exception):
    """An answer other than success: HTTP status, CouchDB's error name and its reason."""

    def __init__(self, status: int, error: str, reason: str) -> None:
        super().__init__(f"{status} {error}: {reason}")
        self.status = status
        self.error = error
        self.reason = reason


def bad_request(reason: str) -> CouchError:
    """400: the request cannot be understood; sending it again is of no use."""
    return CouchError(400, "bad_request", reason)


def illegal_id(reason: str) -> CouchError:
    """400: a document id that CouchDB would not take."""
    return CouchError(400, "illegal_docid", reason)


def missing(reason: str = "missing") -> CouchError:
    """404: no such document, or no longer (`deleted`)."""
    return CouchError(404, "not_found", reason)


def no_database() -> CouchError:
    """404: the database itself is not there."""
    return missing("Database does not exist.")


def conflict() -> CouchError:
    """409: the revision given is not the present one."""
    return CouchError(409, "conflict", "Document update conflict.")


def unauthorized(reason: str) -> CouchError:
    """401: sign in, or as somebody else."""
    return CouchError(401, "unauthorized", reason)


def forbidden(reason: str) -> CouchError:
    """403: signed in, and not allowed."""
    return CouchError(403, "forbidden", reason)


def too_large(name: str) -> CouchError:
    """413: one document is over the limit; `name` is its id."""
    return CouchError(413, "document_too_large", name)


def not_allowed(methods: str) -> CouchError:
    """405: the address is known, the method is not; `methods` as in "GET,HEAD"."""
    return CouchError(405, "method_not_allowed", f"Only {methods} allowed")


def not_implemented(what: str) -> CouchError:
    """501: part of CouchDB that the embedded store deliberately leaves out."""
    return CouchError(501, "not_implemented", f"The embedded store has no {what}.")
