"""What can go wrong between a store and the other end of the line.

::

    DoorstepError
     └─ RemoteError
         ├─ RemoteUnavailable   retry   no answer, time-out, 5xx, 429, a proxy's error page
         │   ├─ NotCouch        retry   something answered that is not CouchDB (captive portal)
         │   └─ OnlyAccepted    retry   202: fewer copies hold it than must, and it may yet vanish
         ├─ RemoteRefused       never   400, 405, 415: central will not take this request
         │   └─ TooLarge        never   413: the request or a document in it is too big
         ├─ NotAllowed          never   401, 403: a person must look at the account
         ├─ Missing             never   the database is not there
         └─ Conflict            never   409: somebody else wrote this document first

The class says whether to try again: ``error.retry`` is true where the same request may succeed
later, and false where repeating it unchanged cannot help.
"""

from __future__ import annotations

from typing import ClassVar


class DoorstepError(Exception):
    """Any failure that this program knows by name. The message says what, which, what next."""


class RemoteError(DoorstepError):
    """A request to the other end did not do what it was sent for."""

    retry: ClassVar[bool] = False


class RemoteUnavailable(RemoteError):
    """No usable answer now; nothing is known about what the other end did. Try again later."""

    retry = True


class NotCouch(RemoteUnavailable):
    """Something answered that is not CouchDB: a captive portal, a proxy, a wrong port."""


class OnlyAccepted(RemoteUnavailable):
    """A cluster took the write, but not at a quorum (202): it is not safe. Write it again."""


class RemoteRefused(RemoteError):
    """The other end will never take this request as it is; the culprit is parked and shown."""


class TooLarge(RemoteRefused):
    """The request, or a document in it, is larger than the other end takes (413)."""


class NotAllowed(RemoteError):
    """The account may not do this, or its password is wrong (401, 403). A person must look."""


class Missing(RemoteError):
    """The database named in the message is not there (404)."""


class Conflict(RemoteError):
    """The document was written by somebody else first (409); read it again and decide."""
