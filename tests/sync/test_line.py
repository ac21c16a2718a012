"""Who is spoken to, and what is told to whom: sign-in, TLS, redirects, surroundings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sync.couch import CouchServer, connect
from sync.errors import NotAllowed, NotCouch, RemoteError, RemoteUnavailable, Untrusted
from sync.line import Line
from sync.ports import START
from tests.sync.stub import JSON, Answer, HangUp, Reply, Sent, Stub, self_signed, stub_server

SECRET = "s3cret/@:福"
TIMEOUT_S = (1.0, 1.0)
DOC = Reply(200, b'{"_id":"a","_rev":"1-a"}')
NOBODY = Reply(401, b'{"error":"unauthorized","reason":"You are not authorized."}')


def cookie(value: str) -> Reply:
    header = {"Set-Cookie": f"AuthSession={value}; Version=1; Max-Age=600; Path=/; HttpOnly"}
    return Reply(200, b'{"ok":true,"name":"point","roles":[]}', headers=header)


def couchdb(*, valid: Callable[[str], bool] = lambda cookie: True) -> Callable[[Sent], Answer]:
    """A server whose sign-in gives cookies c1, c2, …; documents only for a `valid` one."""
    given: list[str] = []

    def answer(sent: Sent) -> Answer:
        if sent.path == "/_session":
            given.append(f"c{len(given) + 1}")
            right = json.loads(sent.body) == {"name": "point", "password": SECRET}
            return cookie(given[-1]) if right else NOBODY
        name, _, value = sent.headers.get("Cookie", "").partition("=")
        return DOC if name == "AuthSession" and valid(value) else NOBODY

    return answer


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stub_server() as stub:
        yield stub


@pytest.fixture
def couch(stub: Stub) -> Iterator[CouchServer]:
    with signed_in(stub.url) as couch:
        yield couch


def signed_in(url: str, **more: str) -> closing[CouchServer]:
    return closing(connect(url, user="point", password=SECRET, timeout_s=TIMEOUT_S, **more))


def paths(stub: Stub) -> list[str]:
    return [sent.path for sent in stub.sent]


# Signing in


def test_connecting_makes_no_request(stub: Stub, couch: CouchServer) -> None:
    couch.database("db")

    assert stub.sent == []


def test_one_sign_in_serves_many_requests(stub: Stub, couch: CouchServer) -> None:
    stub.answer = couchdb()

    for _ in range(3):
        couch.database("db").get("a")

    assert paths(stub) == ["/_session", "/db/a", "/db/a", "/db/a"]
    assert not any("Authorization" in sent.headers for sent in stub.sent)


def test_a_session_that_ran_out_is_renewed_once_and_the_request_repeated(
    stub: Stub, couch: CouchServer
) -> None:
    valid = {"c1"}
    stub.answer = couchdb(valid=valid.__contains__)
    couch.database("db").get("a")
    valid.clear()
    valid.add("c2")

    assert couch.database("db").get("a") is not None

    assert paths(stub) == ["/_session", "/db/a", "/db/a", "/_session", "/db/a"]


def test_a_user_without_rights_is_told_so_and_does_not_sign_in_for_ever(
    stub: Stub, couch: CouchServer
) -> None:
    stub.answer = couchdb(valid=lambda cookie: False)

    for _ in range(2):
        with pytest.raises(NotAllowed):
            couch.database("db").get("a")

    assert paths(stub) == ["/_session", "/db/a", "/db/a", "/_session", "/db/a"]


def test_a_wrong_password_is_not_allowed_and_nothing_else_is_sent(stub: Stub) -> None:
    stub.answer = couchdb()

    with (
        closing(connect(stub.url, user="point", password="wrong")) as couch,
        pytest.raises(NotAllowed),
    ):
        couch.database("db").get("a")

    assert paths(stub) == ["/_session"]


def test_a_refused_sign_in_is_not_repeated_until_it_cannot_lock_the_account(stub: Stub) -> None:
    """CouchDB locks an account out after five wrong passwords in 300 s; a node has two lines."""
    stub.answer = couchdb()
    now = [1000.0]
    line = Line(stub.url, ("point", "wrong"), TIMEOUT_S, None, clock=lambda: now[0])
    asked = []
    with closing(CouchServer(line)) as couch:
        for second in range(1200):
            now[0] = 1000.0 + second
            before = len(stub.sent)
            with pytest.raises(NotAllowed):
                couch.database("db").get("a")
            asked += [second] * (len(stub.sent) - before)
    assert asked == [0, 60, 360, 660, 960]
    assert set(paths(stub)) == {"/_session"}


def test_a_sign_in_that_was_put_right_works_after_the_rest(stub: Stub) -> None:
    right = False
    stub.answer = lambda sent: (couchdb() if right else lambda sent: NOBODY)(sent)
    now = [0.0]
    line = Line(stub.url, ("point", SECRET), TIMEOUT_S, None, clock=lambda: now[0])
    with closing(CouchServer(line)) as couch:
        with pytest.raises(NotAllowed):
            couch.database("db").get("a")
        right, now[0] = True, 61.0
        assert couch.database("db").get("a") is not None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Reply(200, b"<html>", "text/html"), NotCouch),
        (Reply(200, b'{"ok":true}'), NotCouch),
        (Reply(404, b"<html>", "text/html"), NotCouch),
        (Reply(502, b"<html>", "text/html"), RemoteUnavailable),
    ],
)
def test_a_sign_in_that_no_couchdb_answered_is_tried_again_later(
    stub: Stub, couch: CouchServer, answer: Answer, kind: type[RemoteError]
) -> None:
    stub.answer = answer
    with pytest.raises(kind) as caught:
        couch.database("db").get("a")
    assert caught.type is kind
    assert paths(stub) == ["/_session"]

    stub.answer = couchdb()
    assert couch.database("db").get("a") is not None


def test_a_name_and_password_in_the_address_sign_in_and_do_not_stay_in_it(stub: Stub) -> None:
    stub.answer = couchdb()
    host = stub.url.removeprefix("http://")

    with closing(connect(f"http://point:s3cret%2F%40%3A%E7%A6%8F@{host}/")) as couch:
        assert couch.database("db").get("a") is not None

    assert [json.loads(sent.body) for sent in stub.sent[:1]] == [
        {"name": "point", "password": SECRET}
    ]
    assert paths(stub) == ["/_session", "/db/a"]


def test_without_a_user_nobody_signs_in(stub: Stub) -> None:
    stub.answer = NOBODY

    with closing(connect(stub.url)) as couch, pytest.raises(NotAllowed):
        couch.database("db").get("a")

    assert paths(stub) == ["/db/a"]


@pytest.mark.parametrize("answer", [NOBODY, Reply(200, b"<html>", "text/html"), Reply(500)])
def test_no_message_names_the_password(stub: Stub, couch: CouchServer, answer: Answer) -> None:
    stub.answer = answer

    with pytest.raises(RemoteError) as caught:
        couch.database("db").get("a")

    assert SECRET not in str(caught.value)
    assert "point" in str(caught.value)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_nothing_is_told_to_its_target(
    stub: Stub, couch: CouchServer, status: int
) -> None:
    with stub_server() as target:
        away = Reply(status, b"{}", JSON, {"Location": f"{target.url}/db/a"})
        stub.answer = away
        with pytest.raises(NotCouch):
            couch.database("db").get("a")

        known = couchdb()
        stub.answer = lambda sent: known(sent) if sent.path == "/_session" else away
        with pytest.raises(NotCouch):
            couch.database("db").get("a")
        with pytest.raises(NotCouch):
            couch.database("db").bulk([{"_id": "a"}])

        assert target.sent == []


# TLS


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no authorities and no proxies, as at a point."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path / "stub.pem")


TALK: list[Callable[[CouchServer], object]] = [
    lambda couch: couch.names(),
    lambda couch: couch.database("db").get("a"),
    lambda couch: couch.database("db").bulk([{"_id": "a"}]),
    lambda couch: couch.database("db").changes(START, limit=1, wait_s=0.1),
]


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("talk", TALK, ids=["names", "get", "bulk", "changes"])
@pytest.mark.parametrize("user", ["point", None])
def test_a_self_signed_server_is_refused_with_nothing_sent(
    certificate: Path, user: str | None, talk: Callable[[CouchServer], object]
) -> None:
    with (
        stub_server(certificate) as impostor,
        closing(connect(impostor.url, user=user, password=SECRET)) as couch,
        pytest.raises(NotCouch, match="TLS"),
    ):
        talk(couch)

    assert impostor.sent == []


def test_what_the_environment_trusts_is_not_trusted(
    certificate: Path, bare: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        bare.setenv(name, str(certificate))

    with stub_server(certificate) as impostor, signed_in(impostor.url) as couch:
        for talk in TALK:
            with pytest.raises(NotCouch):
                talk(couch)

    assert impostor.sent == []


@pytest.mark.usefixtures("bare")
def test_a_server_is_trusted_by_the_authority_given(certificate: Path) -> None:
    with (
        stub_server(certificate) as server,
        signed_in(server.url, ca_file=str(certificate)) as couch,
    ):
        server.answer = couchdb()
        assert couch.database("db").get("a") is not None


@pytest.mark.usefixtures("bare")
def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    other = self_signed(tmp_path / "other.pem", address="127.0.0.2")

    with stub_server(other) as impostor, signed_in(impostor.url, ca_file=str(other)) as couch:
        for talk in TALK:
            with pytest.raises(NotCouch):
                talk(couch)

    assert impostor.sent == []


# Surroundings


def test_no_proxy_and_no_netrc_of_the_surroundings_is_used(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    stub.answer = DOC

    with stub_server() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        with closing(connect(stub.url)) as couch:
            couch.database("db").get("a")

    assert proxy.sent == []
    assert "Authorization" not in stub.sent[0].headers
    assert not any(name.startswith("Proxy") for name in stub.sent[0].headers)


# What is told of answers


def test_every_answer_of_couchdbs_own_is_told_with_its_time_and_no_impostors(stub: Stub) -> None:
    told: list[str] = []
    with closing(connect(stub.url, timeout_s=TIMEOUT_S, answered=told.append)) as couch:
        for answer in (DOC, NOBODY, Reply(404, b'{"error":"not_found","reason":"missing"}')):
            stub.answer = answer
            with suppress(NotAllowed):
                couch.database("db").get("a")
        assert len(told) == 3
        assert all(date.endswith("GMT") for date in told)
        portal = Reply(200, b"<html>", "text/html")
        for answer in (portal, Reply(404, b'{"no":1}'), Reply(503), HangUp()):
            stub.answer = answer
            with pytest.raises(RemoteUnavailable):
                couch.database("db").get("a")
        assert len(told) == 3


@pytest.mark.usefixtures("bare")
def test_a_server_that_cannot_prove_who_it_is_has_its_own_name(certificate: Path) -> None:
    with (
        stub_server(certificate) as impostor,
        signed_in(impostor.url) as couch,
        pytest.raises(Untrusted),
    ):
        couch.names()
