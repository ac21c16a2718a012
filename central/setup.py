"""What CouchDB must hold before anything travels: databases, users, who may read and write what.

Every step may run twice. Every point has its two mailboxes from the start; a user who may use
them, the bell and the catalogue, is made when the point is enrolled.
"""

from __future__ import annotations

import secrets
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from cases.tracking import OWN
from central.author import OUTBOX
from central.district import CATALOGUE, JOURNAL, District, inbox_name, outbox_name
from central.leases import (
    BLOCK_SIZE,
    LEASES,
    Used,
    has_ranges,
    hold_back,
    lease_of_ranges,
    lease_own,
)
from central.publishing import publish_initial
from sync import bell
from sync.clock import utc_now
from sync.errors import RemoteUnavailable
from sync.ports import Database, Doc, Server
from sync.registers import any_tracking
from sync.word import MAILBOX

READY = "ready:"
PLAIN = "plain:"
INITIAL_TRACKING = 1
EPOCH = "epoch"
BLOCKS_AFTER_RESTORE = 100  # more than the leases of a day that a backup may not know of
AFTER_RESTORE = BLOCKS_AFTER_RESTORE * BLOCK_SIZE


class Account(msgspec.Struct, frozen=True):
    """A point's CouchDB account: a random name, a random password, and whether it is in use."""

    user: str
    password: str
    enrolled: bool = False


def accounts_file(district: District) -> Path:
    """Where the points' CouchDB accounts are kept, mode 0600."""
    return district.secrets.folder / "accounts.json"


def read_accounts(district: District) -> dict[str, Account]:
    """The CouchDB account of each point."""
    try:
        return msgspec.json.decode(accounts_file(district).read_bytes(), type=dict[str, Account])
    except FileNotFoundError:
        return {}


def make_accounts(district: District) -> dict[str, Account]:
    """An account for every point, made once and kept."""
    accounts = read_accounts(district)
    new = [p.code for p in district.bundle.directory.points if p.code not in accounts]
    for code in new:
        accounts[code] = Account(f"p-{secrets.token_hex(5)}", secrets.token_hex(16))
    if new:
        _save(district, accounts)
    return accounts


def _save(district: District, accounts: dict[str, Account]) -> None:
    path = accounts_file(district)
    spare = path.with_suffix(f".{secrets.token_hex(4)}")
    spare.touch(mode=0o600)
    spare.write_bytes(msgspec.json.encode(accounts))
    spare.replace(path)


def prepare_couch(district: District, server: Server) -> None:
    """Make the databases, users and security that are missing."""
    accounts = make_accounts(district)
    everyone = [account.user for account in accounts.values()]
    there = frozenset(server.names())
    if JOURNAL not in there:
        server.create(JOURNAL, partitioned=True)
    for name in sorted({OUTBOX, LEASES} - there):
        server.create(name)
    for name in (bell.NAME, CATALOGUE):
        if name not in there:
            server.create(name)
        server.database(name).secure(everyone)
    journal = epoch(server)["journal"]
    ready = server.database(LEASES).range(READY, "ready;", limit=1000)
    done = {doc["_id"] for doc in ready if doc.get("journal") == journal}
    for code, account in accounts.items():
        missing = not there.issuperset(_mailboxes(code))
        if missing or (account.enrolled and READY + code not in done):
            _prepare_point(server, code, account)
    publish_initial(district, server)


def epoch(server: Server) -> Doc:
    """Which journal this is (``journal``), and where leases go on (``first``); made if missing."""
    leases = server.database(LEASES)
    found = leases.get(EPOCH)
    if found is None:
        leases.bulk([{"_id": EPOCH, "journal": secrets.token_hex(6), "first": INITIAL_TRACKING}])
        found = leases.get(EPOCH) or {}
    return found


def declare_restored(server: Server, known: str) -> None:
    """Give the journal another name, since it was restored, unless somebody did so already.

    Every point is told by its mailbox's document and offers what it holds. What was leased
    after the backup is not known any more: leases go on beyond it. That comes first: cut short
    between the two, it is done once more.

    :param known: the journal's name under which it was found restored.
    """
    now = epoch(server)
    if now["journal"] == known:
        leases = server.database(LEASES)
        hold_back(leases, BLOCKS_AFTER_RESTORE)
        first = int(now["first"]) + AFTER_RESTORE
        renamed = {**now, "journal": secrets.token_hex(6), "first": first, "restored": utc_now()}
        leases.bulk([renamed])


def prepare_point(district: District, server: Server, code: str) -> None:
    """Make the mailboxes of one point, if they are missing."""
    account = make_accounts(district).get(code)
    if account is not None:
        _prepare_point(server, code, account)


def _mailboxes(code: str) -> tuple[str, str]:
    return outbox_name(code), inbox_name(code)


def _prepare_point(server: Server, code: str, account: Account) -> None:
    """The note that it is ready goes first and comes last: what was prepared in part is prepared
    again, also where a mailbox was made anew and nobody got to say who may use it."""
    leases = server.database(LEASES)
    ready = leases.get(READY + code) or {"_id": READY + code}
    if ready.get("journal"):
        leases.bulk([{**ready, "journal": ""}])
    for name in _mailboxes(code):
        server.create(name)
    if not account.enrolled:
        return
    server.set_user(account.user, account.password)
    for name in _mailboxes(code):
        server.database(name).secure([account.user])
    journal = epoch(server)["journal"]
    _name_mailbox(server.database(inbox_name(code)), journal)
    leases.bulk([{**(leases.get(READY + code) or {"_id": READY + code}), "journal": journal}])


def _name_mailbox(inbox: Database, journal: str) -> None:
    """Say in an inbox which one it is and whose journal fills it (see ``sync.word``)."""
    found = inbox.get(MAILBOX) or {"_id": MAILBOX, "made": secrets.token_hex(6)}
    if found.get("journal") != journal:
        inbox.bulk([{**found, "journal": journal}])


def _none_used(_first: str, _last: str) -> bool:
    return False


def lease(
    server: Server, point_number: int, author: str, carrier: str = OWN, used: Used = _none_used
) -> dict[str, Any] | None:
    """Lease an author the next free block of a carrier's tracking numbers.

    :param used: whether some parcel bears one of these numbers (see ``central.leases``).
    :returns: the block; None where the carrier's ranges have none left, or none was imported.
    """
    leases = server.database(LEASES)
    if has_ranges(carrier):
        return lease_of_ranges(leases, carrier, author, used)
    return lease_own(leases, point_number, author, int(epoch(server)["first"]))


def _is_first(server: Server, point_number: int) -> bool:
    """Whether a point is enrolled for the first time, as far as anybody can still know.

    Its first block of our own numbers told so before carriers' blocks were leased.
    """
    leases = server.database(LEASES)
    if int(epoch(server)["first"]) != INITIAL_TRACKING:
        return False
    if leases.get(f"own-{point_number:03d}-{INITIAL_TRACKING:07d}") is not None:
        return False
    return leases.bulk([{"_id": f"{PLAIN}{point_number:03d}", "at": utc_now()}])[0].error is None


def _admit(district: District, server: Server, point: str) -> Account:
    """Let a point's user in. The account says so first: another CouchDB would need it too."""
    accounts = make_accounts(district)
    account = msgspec.structs.replace(accounts[point], enrolled=True)
    if account != accounts[point]:
        _save(district, {**accounts, point: account})
    _prepare_point(server, point, account)
    return account


def is_prepared(server: Server) -> bool:
    """Whether the router has begun to make central's databases: every account is made before."""
    return LEASES in server.names()


def enrolment(
    district: District, server: Server, point: str, staff: dict[str, Any]
) -> dict[str, Any]:
    """The enrolment file of a point (see ``node.enrolment``).

    The first one of a point carries the plain serial range; a later one makes its store use a
    serial range of its own. Its block is empty where no number is to be had.

    :raises RemoteUnavailable: central's databases are not made yet.
    """
    if not is_prepared(server):
        raise RemoteUnavailable(
            "区中心的数据库还没有建好，请先启动区中心，几秒后再试 / "
            "central's databases are not made yet: start central and try again in some seconds"
        )
    place = district.bundle.directory.by_code(point)
    account = _admit(district, server, point)
    first = _is_first(server, place.number)
    with closing(district.open_store()) as store:
        used = partial(any_tracking, store.db)
        block = lease(server, place.number, "", district.config.mail.carrier_of(point), used)
    return {
        "point": point,
        "point_number": place.number,
        "couch_user": account.user,
        "couch_password": account.password,
        "token_key": district.secrets.token_key(place.number).hex(),
        "root_key": district.secrets.root.public,
        "central_box": district.secrets.box.public,
        "range": "plain" if first else "own",
        "staff": staff,
        "block": block or {},
    }
