"""What can go wrong on this PC's disk, and between a store and the other end of the line.

::

    DoorstepError
     ├─ StorageError            a write was undone whole; the same write may succeed later
     │   ├─ StorageFull         retry   no room on the disk
     │   ├─ StorageBusy         retry   another process holds the file
     │   ├─ StorageBroken       retry   the disk answers with errors
     │   └─ StorageReadOnly     never   a person must give the rights back
     └─ RemoteError
         ├─ RemoteUnavailable   retry   no answer, time-out, 5xx, 429, a proxy's error page
         │   ├─ NotCouch        retry   something answered that is not CouchDB (captive portal)
         │   │   └─ Untrusted   retry   its certificate does not prove who it is
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

    retry: ClassVar[bool] = False


class StorageError(DoorstepError):
    """This PC could not save. Nothing is half-written, and what was saved before is whole."""

    what: ClassVar[str] = "这台电脑没有存下来"
    advice: ClassVar[str] = "请联系区中心"

    def __init__(self, where: str, said: object = "") -> None:
        super().__init__(f"{where}: {self.what}。{self.advice}。" + (f"（{said}）" if said else ""))


class StorageFull(StorageError):
    """No room on the disk."""

    retry = True
    what = "这台电脑的磁盘满了"
    advice = "请清理磁盘（至少腾出 1 GB）"


class StorageBusy(StorageError):
    """Another process has held the file for longer than we wait."""

    retry = True
    what = "数据文件正忙"
    advice = "请等一分钟"


class StorageBroken(StorageError):
    """The disk answers with errors; a full one may too, where it does not say that it is full."""

    retry = True
    what = "这台电脑的磁盘写不进去"
    advice = "请检查磁盘是否已满或有故障"


class StorageReadOnly(StorageError):
    """The disk, the folder or the file may only be read."""

    what = "数据目录不能写入"
    advice = "请管理员检查数据目录的权限，以及磁盘是不是变成了只读"


class StorageDamaged(StorageError):
    """What the file holds cannot be read any more: the disk erred, or lied about a power cut."""

    what = "数据文件已损坏"
    advice = (
        "请勿删除节点的 node.db，用最近的备份恢复，或联系区中心；"
        "区中心的 read.db 和 router.db 可以删除，会自动重建"
    )


class RemoteError(DoorstepError):
    """A request to the other end did not do what it was sent for."""


class RemoteUnavailable(RemoteError):
    """No usable answer now; nothing is known about what the other end did. Try again later."""

    retry = True


class NotCouch(RemoteUnavailable):
    """Something answered that is not CouchDB: a captive portal, a proxy, a wrong port.

    ``too_large``: the answer had no end in sight; if it was CouchDB, less must be asked for.
    """

    too_large = False


class OnlyAccepted(RemoteUnavailable):
    """A cluster took the write, but not at a quorum (202): it is not safe. Write it again."""


class Untrusted(NotCouch):
    """The other end could not prove who it is; a wrong clock here makes that of the right one."""


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
