"""Who may do what, and what becomes of a password."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest

from central.embedded import create_app, people
from central.embedded.people import derive
from central.embedded.serve import main
from tests.central.embedded.serving import Here

POINT, STRANGER = "p-7f21", "p-0000"


def user(name, password, **more):
    return {"name": name, "type": "user", "roles": [], "password": password, **more}


@pytest.fixture
def cast(store):
    """A point that may use the database `d`, and one that may not."""
    for name in (POINT, STRANGER):
        path = f"/_users/org.couchdb.user:{name}"
        assert store.ask("PUT", path, user(name, "pw-" + name)).status == 201
    store.ask("PUT", "/d/_security", {"members": {"names": [POINT]}})
    store.ask("PUT", "/d/x", {})
    return store


def as_(store, name, method, path, body=None):
    return store.ask(method, path, body, who=name, password=f"pw-{name}")


def test_a_password_is_neither_stored_nor_told(cast):
    stored = cast.ask("GET", f"/_users/org.couchdb.user:{POINT}").json
    assert "password" not in stored
    assert stored["iterations"] >= 10_000
    files = b"".join(path.read_bytes() for path in cast.folder.iterdir())
    assert f"pw-{POINT}".encode() not in files


def test_a_new_password_replaces_the_old_one_at_once(cast):
    path = f"/_users/org.couchdb.user:{POINT}"
    rev = cast.ask("GET", path).json["_rev"]
    assert as_(cast, POINT, "GET", "/d/x").status == 200
    assert cast.ask("PUT", path, user(POINT, "other", _rev=rev)).status == 201
    assert as_(cast, POINT, "GET", "/d/x").status == 401
    assert cast.ask("GET", "/d/x", who=POINT, password="other").status == 200


def test_a_user_changed_without_a_password_keeps_it(cast):
    path = f"/_users/org.couchdb.user:{POINT}"
    doc = cast.ask("GET", path).json
    assert cast.ask("PUT", path, {**doc, "roles": ["counter"]}).status == 201
    assert as_(cast, POINT, "GET", "/_session").json["userCtx"]["roles"] == ["counter"]


def test_a_deleted_user_is_nobody(cast):
    path = f"/_users/org.couchdb.user:{POINT}"
    cast.ask("DELETE", f"{path}?rev={cast.ask('GET', path).json['_rev']}")
    assert as_(cast, POINT, "GET", "/d/x").status == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "person"}, {"name": "another"}, {"name": None}, {"roles": None},
        {"roles": ["_admin"]}, {"password": ""}, {"password": 7},
    ],
)  # fmt: skip
def test_a_user_that_is_none_is_refused(store, wrong):
    doc = {**user("n", "pw"), **wrong}
    assert store.ask("PUT", "/_users/org.couchdb.user:n", doc).status == 403
    assert store.ask("POST", "/_users/_bulk_docs", {"docs": [{"_id": "x", **doc}]}).status == 403


def test_users_made_in_a_batch_are_hashed_too(store):
    doc = {"_id": "org.couchdb.user:b", **user("b", "pw-b")}
    assert store.ask("POST", "/_users/_bulk_docs", {"docs": [doc]}).json[0]["ok"]
    assert as_(store, "b", "GET", "/_session").json["userCtx"]["name"] == "b"


def test_everybody_sees_the_own_user_document_and_no_other(cast):
    own, other = (f"/_users/org.couchdb.user:{name}" for name in (POINT, STRANGER))
    assert as_(cast, POINT, "GET", own).status == 200
    assert as_(cast, POINT, "GET", other).status == 404
    for method, path in [
        ("GET", "/_users/_all_docs"), ("GET", "/_users/_changes"), ("GET", "/_users"),
        ("POST", "/_users/_bulk_docs"), ("PUT", own), ("DELETE", own),
        ("GET", "/_users/_security"),
    ]:  # fmt: skip
        assert as_(cast, POINT, method, path, {}).status in (401, 404)
    assert cast.ask("GET", own, who=None).status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/d"), ("GET", "/d/x"), ("PUT", "/d/y"), ("POST", "/d"), ("DELETE", "/d/x"),
        ("GET", "/d/_all_docs"), ("POST", "/d/_all_docs/queries"), ("GET", "/d/_changes"),
        ("POST", "/d/_bulk_docs"), ("POST", "/d/_bulk_get"), ("POST", "/d/_revs_diff"),
        ("POST", "/d/_purge"), ("POST", "/d/_compact"), ("GET", "/d/_local/c"),
        ("GET", "/d/_local_docs"), ("GET", "/d/_security"), ("GET", "/d/_partition/a/_all_docs"),
        ("POST", "/d/_ensure_full_commit"), ("POST", "/d/_find"), ("GET", "/d/x/file"),
    ],
)  # fmt: skip
def test_a_stranger_is_kept_out_of_every_part_of_a_database(cast, method, path):
    assert as_(cast, STRANGER, method, path, {"docs": [], "queries": []}).status == 403
    assert cast.ask(method, path, {"docs": []}, who=None).status == 401


def test_a_member_writes_documents_but_not_the_database(cast):
    assert as_(cast, POINT, "PUT", "/d/y", {}).status == 201
    assert as_(cast, POINT, "PUT", "/d/_design/y", {}).status == 403
    batch = {"docs": [{"_id": "fine"}, {"_id": "_design/z"}]}
    rows = as_(cast, POINT, "POST", "/d/_bulk_docs", batch).json
    assert [row.get("error") for row in rows] == [None, "forbidden"]
    told = {"new_edits": False, "docs": [{"_id": "_design/z", "_rev": "1-" + "a" * 32}]}
    assert as_(cast, POINT, "POST", "/d/_bulk_docs", told).status == 403
    for path in ("/d/_purge", "/d/_compact"):
        assert as_(cast, POINT, "POST", path, {}).status == 403
    for method, path in [("PUT", "/e"), ("DELETE", "/d"), ("GET", "/_all_dbs")]:
        assert as_(cast, POINT, method, path).status == 401
    assert as_(cast, POINT, "PUT", "/d/_security", {}).status == 500


def test_a_new_database_is_for_administrators_only(cast):
    cast.ask("PUT", "/new")
    assert as_(cast, POINT, "GET", "/new").status == 403
    assert cast.ask("GET", "/new", who=None).status == 401


def test_members_may_be_named_by_role(cast):
    doc = user("r", "pw-r", roles=["counter"])
    cast.ask("PUT", "/_users/org.couchdb.user:r", doc)
    assert as_(cast, "r", "GET", "/d/x").status == 403
    cast.ask("PUT", "/d/_security", {"members": {"roles": ["counter"]}})
    assert as_(cast, "r", "GET", "/d/x").status == 200


@pytest.mark.parametrize("wrong", [[], {"members": []}, {"admins": {"names": "x"}},
                                   {"members": {"roles": [1]}}])  # fmt: skip
def test_a_security_object_of_another_form_is_refused(store, wrong):
    before = store.ask("GET", "/d/_security").json
    assert store.ask("PUT", "/d/_security", wrong).status == 400
    assert store.ask("GET", "/d/_security").json == before


def cookie_of(answer):
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def whoami(store, headers):
    return store.ask("GET", "/_session", who=None, headers=headers).json["userCtx"]["name"]


@pytest.mark.parametrize("form", [True, False])
def test_a_cookie_signs_in_until_the_password_changes(cast, form):
    given = {"name": POINT, "password": f"pw-{POINT}"}
    if form:
        body, kind = (
            f"name={POINT}&password=pw-{POINT}".encode(),
            "application/x-www-form-urlencoded",
        )
    else:
        body, kind = given, "application/json"
    answer = cast.ask("POST", "/_session", body, who=None, headers={"Content-Type": kind})
    assert whoami(cast, cookie_of(answer)) == POINT
    path = f"/_users/org.couchdb.user:{POINT}"
    cast.ask("PUT", path, user(POINT, "new", _rev=cast.ask("GET", path).json["_rev"]))
    assert whoami(cast, cookie_of(answer)) is None


def test_a_session_outlives_the_server(cast):
    given = {"name": POINT, "password": f"pw-{POINT}"}
    cookie = cookie_of(cast.ask("POST", "/_session", given, who=None))
    again = cast.reopened()
    try:
        assert whoami(again, cookie) == POINT
    finally:
        again.app.close()


def test_a_cookie_ends_after_its_time(cast, monkeypatch):
    given = {"name": POINT, "password": f"pw-{POINT}"}
    cookie = cookie_of(cast.ask("POST", "/_session", given, who=None))
    now = time.time()
    monkeypatch.setattr(people.time, "time", lambda: now + people.SESSION_S - 5)
    assert whoami(cast, cookie) == POINT
    monkeypatch.setattr(people.time, "time", lambda: now + people.SESSION_S + 5)
    assert whoami(cast, cookie) is None


def test_a_forged_cookie_signs_nobody_in(cast):
    given = {"name": POINT, "password": f"pw-{POINT}"}
    good = cookie_of(cast.ask("POST", "/_session", given, who=None))["Cookie"].partition("=")[2]
    plain = base64.urlsafe_b64decode(good)
    as_admin = plain.replace(POINT.encode(), b"admin")
    for forged in (as_admin, plain[:-1] + b"!", plain[:9], b"", b"\xff:\xff:\xff", b"a:zz:cc"):
        cookie = base64.urlsafe_b64encode(forged).decode()
        assert whoami(cast, {"Cookie": f"AuthSession={cookie}"}) is None
    assert whoami(cast, {"Cookie": "AuthSession=%%%"}) is None


def test_a_right_password_is_hashed_once_and_a_wrong_one_never_passes(cast, monkeypatch):
    assert as_(cast, POINT, "GET", "/d/x").status == 200
    hashed = []
    monkeypatch.setattr(people, "derive", lambda *args: hashed.append(args) or "no")
    for _ in range(5):
        assert as_(cast, POINT, "GET", "/d/x").status == 200
    assert hashed == []
    assert cast.ask("GET", "/d/x", who=POINT, password="guess").status == 401
    assert len(hashed) == 1


def guesses(cast, times, address):
    return [
        cast.ask("GET", "/d/x", who=POINT, password="guess", address=address).status
        for _ in range(times)
    ]


def test_five_wrong_passwords_lock_that_account_for_that_address_for_a_while(cast, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(cast.app._people._lockout, "_clock", lambda: now[0])
    assert guesses(cast, 7, "10.0.0.1") == [401] * 5 + [403] * 2
    right = {"who": POINT, "password": f"pw-{POINT}"}
    refused = cast.ask("GET", "/d/x", address="10.0.0.1", **right)
    assert (refused.status, refused.json["error"]) == (403, "forbidden")
    assert "temporarily locked" in refused.json["reason"]
    assert cast.ask("GET", "/d/x", address="10.0.0.2", **right).status == 200
    assert cast.ask("GET", "/d/x", address="10.0.0.1").status == 200  # somebody else from there
    now[0] = 301.0
    assert cast.ask("GET", "/d/x", address="10.0.0.1", **right).status == 200


def test_a_lock_holds_no_session_up_and_ends_with_a_new_password(cast):
    signed_in = cast.ask("POST", "/_session", {"name": POINT, "password": f"pw-{POINT}"}, who=None)
    cookie = signed_in.headers["set-cookie"].partition(";")[0]
    assert guesses(cast, 6, "")[-1] == 403
    assert cast.ask("GET", "/d/x", who=None, headers={"Cookie": cookie}).status == 200
    doc = cast.ask("GET", f"/_users/org.couchdb.user:{POINT}").json
    cast.ask("PUT", f"/_users/org.couchdb.user:{POINT}", user(POINT, "new", _rev=doc["_rev"]))
    assert cast.ask("GET", "/d/x", who=POINT, password="new").status == 200


def test_the_administrator_may_be_given_as_a_hash(tmp_path):
    secret = f"-pbkdf2:sha256-{derive('s3', 'salt', 10_000)},salt,10000"
    app = create_app(tmp_path, {"root": secret})
    app.close()
    assert app._people.sign_in("root", "s3").roles == ("_admin",)
    with pytest.raises(Exception, match="incorrect"):
        app._people.sign_in("root", secret)


def test_without_a_password_file_one_is_made_that_only_the_owner_reads(tmp_path, monkeypatch):
    monkeypatch.setattr("central.embedded.serve._serve", lambda *_: 0)
    for _ in range(2):
        assert main(["--data", str(tmp_path / "new"), "--port", "0"]) == 0
    made = tmp_path / "new" / "admin-password"
    assert len(made.read_text().strip()) >= 32
    assert made.stat().st_mode & 0o077 == 0


def test_two_stores_in_one_process_know_nothing_of_each_other(tmp_path: Path, store):
    other = Here(tmp_path / "other")
    try:
        store.ask("PUT", "/d/x", {})
        assert other.ask("GET", "/d").status == 404
    finally:
        other.app.close()
