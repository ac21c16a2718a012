"""What the CouchDB account of one point opens: its two mailboxes, the bell, the catalogue."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from central.embedded import create_app
from central.setup import Account, enrolment, prepare_couch, read_accounts
from sync.couch import connect
from tests.central.travel import CENTRE, HERE, SmallDistrict, small_district
from tests.contract.conftest import served
from tests.sync.cast import Clock

Ask = Callable[..., int]


@pytest.fixture
def district(tmp_path: Path) -> Iterator[tuple[SmallDistrict, str]]:
    app = create_app(tmp_path / "couchdb", admins={"admin": "pw"}, polls_max=4)
    with served(app) as url:
        made = small_district(
            tmp_path / "central", lambda: connect(url, user="admin", password="pw"), Clock()
        )
        server = made.connect()
        prepare_couch(made, server)
        enrolment(made, server, HERE, {"accounts": []})
        server.database("journal").put({"_id": "GL031-261122-0001-B:x", "secret": 1})
        server.database(f"inbox-{CENTRE}").put({"_id": "a", "secret": 1})
        server.database(f"outbox-{CENTRE}").put({"_id": "a", "secret": 1})
        server.close()
        yield made, url
    app.close()


@pytest.fixture
def ask(district: tuple[SmallDistrict, str]) -> Ask:
    """ask(method, path, body, as_who): the status that 军门社区's account gets."""
    made, url = district
    own = read_accounts(made)[HERE]

    def asked(method: str, path: str, body: Any = None, who: Account | None = own) -> int:
        headers = {"Content-Type": "application/json"}
        if who:
            pair = base64.b64encode(f"{who.user}:{who.password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        line = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        line.request(method, path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        assert b'"secret"' not in answer.read()
        line.close()
        return answer.status

    return asked


OTHERS = ("journal", "leases", "outbox-central", f"outbox-{CENTRE}", f"inbox-{CENTRE}", "_users")
READS = (
    ("GET", ""), ("GET", "/_all_docs?include_docs=true"), ("GET", "/_changes?include_docs=true"),
    ("GET", "/a"), ("GET", "/GL031-261122-0001-B:x"), ("GET", "/_local/x"), ("GET", "/_security"),
    ("GET", "/_partition/GL031-261122-0001-B/_all_docs"), ("HEAD", "/a"),
    ("POST", "/_all_docs"), ("POST", "/_bulk_get"), ("POST", "/_all_docs/queries"),
    ("POST", "/_changes?filter=_doc_ids"), ("POST", "/_revs_diff"),
)  # fmt: skip
WRITES = (
    ("PUT", "/evil"), ("POST", ""), ("POST", "/_bulk_docs"), ("DELETE", "/a?rev=1-a"),
    ("PUT", "/_security"), ("POST", "/_purge"), ("POST", "/_compact"), ("DELETE", ""),
    ("PUT", "/_local/x"), ("PUT", "/_design/x"),
)  # fmt: skip
BODY = {"docs": [{"_id": "a", "id": "a"}], "keys": ["a"], "queries": [{}], "doc_ids": ["a"]}


@pytest.mark.parametrize("name", OTHERS)
def test_it_reads_and_writes_nothing_of_others(ask: Ask, name: str) -> None:
    for method, path in (*READS, *WRITES):
        body = None if method in ("GET", "HEAD", "DELETE") else BODY
        for who in ("own", None):
            given = {} if who else {"who": None}
            assert ask(method, f"/{name}{path}", body, **given) in (401, 403, 404), (method, path)


def test_it_uses_its_own_mailboxes_and_may_not_rule_them(ask: Ask) -> None:
    for name in (f"outbox-{HERE}", f"inbox-{HERE}", "bell", "catalogue"):
        assert ask("GET", f"/{name}/_all_docs") == 200
        assert ask("POST", f"/{name}/_bulk_docs", {"docs": []}) == 201
        for method, path in (("DELETE", ""), ("POST", "/_purge"), ("PUT", "/_design/x")):
            assert ask(method, f"/{name}{path}", None if method == "DELETE" else {}) in (401, 403)
        assert ask("PUT", f"/{name}/_security", {"members": {"names": []}}) >= 400
        assert ask("GET", f"/{name}/_all_docs") == 200


@pytest.mark.parametrize(
    "path", ["/_all_dbs", "/_node/_local/_config", "/_replicate", "/_db_updates", "/_active_tasks"]
)
def test_it_is_no_administrator(ask: Ask, path: str) -> None:
    assert ask("GET", path) in (401, 403)
    assert ask("PUT", "/evil") == 401


def test_it_makes_itself_nothing_more(ask: Ask, district: tuple[SmallDistrict, str]) -> None:
    user = read_accounts(district[0])[HERE].user
    more = {"name": user, "type": "user", "roles": ["_admin"], "password": "x"}
    assert ask("PUT", f"/_users/org.couchdb.user:{user}", more) in (401, 403)
    assert ask("PUT", "/_users/org.couchdb.user:evil", {**more, "name": "evil"}) in (401, 403)


@pytest.mark.parametrize("password", ["", "x", "pw "])
def test_nobody_guesses_the_administrators_word(ask: Ask, password: str) -> None:
    assert ask("GET", "/_all_dbs", None, Account("admin", password)) == 401
