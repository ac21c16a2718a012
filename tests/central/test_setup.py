"""What CouchDB must hold: made once, made again where it is missing, and each point's own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from central.config import Mail
from central.enrol import write_enrolment
from central.leases import BLOCK_SIZE, LEASES, Range, add_ranges
from central.setup import (
    accounts_file,
    enrolment,
    lease,
    make_accounts,
    prepare_couch,
    read_accounts,
)  # fmt: skip
from sync.bundle import open_bundle
from sync.errors import NotAllowed, RemoteError, RemoteUnavailable
from sync.memory import MemoryServer
from sync.ports import Server
from tests.central.travel import (
    CENTRE,
    HERE,
    SUBDISTRICT,
    Connect,
    Journey,
    SmallDistrict,
    small_district,
)
from tests.sync.cast import Clock


@pytest.fixture
def district(tmp_path: Path, connector: Connect) -> SmallDistrict:
    return small_district(tmp_path / "c", connector, Clock())


def test_every_database_is_made_and_a_repeat_makes_nothing(district: SmallDistrict) -> None:
    with district.server() as server:
        prepare_couch(district, server)
        names = {name for name in server.names() if not name.startswith("_")}
        points = [point.code for point in district.bundle.directory.points]
        assert names == {
            "journal", "outbox-central", "leases", "bell", "catalogue",
            *(f"{box}-{code}" for box in ("outbox", "inbox") for code in points),
        }  # fmt: skip
        prepare_couch(district, server)
        assert {name for name in server.names() if not name.startswith("_")} == names


def test_nobody_is_enrolled_before_the_databases_are_made(district: SmallDistrict) -> None:
    """The router makes the accounts: two who made them at once would give a point two passwords."""
    with district.server() as server:
        with pytest.raises(RemoteUnavailable, match="先启动区中心"):
            enrolment(district, server, HERE, {})
        assert not accounts_file(district).exists()
        prepare_couch(district, server)
        assert enrolment(district, server, HERE, {})["point"] == HERE


def test_the_carried_catalogue_is_published_once_signed_and_whole(
    district: SmallDistrict,
) -> None:
    with district.server() as server:
        prepare_couch(district, server)
        prepare_couch(district, server)
        docs = server.database("catalogue").range("", "~", limit=100)
    bundle = open_bundle(docs, district.secrets.root.public)
    assert bundle.number == 1
    assert len(bundle.catalogue.matters) == 998


def test_accounts_are_random_made_once_and_readable_by_nobody_else(
    district: SmallDistrict,
) -> None:
    accounts = make_accounts(district)
    assert make_accounts(district) == read_accounts(district) == accounts
    assert accounts_file(district).stat().st_mode & 0o777 == 0o600
    assert len({account.user for account in accounts.values()}) == len(accounts) == 4
    assert not any(code in account.user for code, account in accounts.items())


def test_a_points_user_has_its_two_mailboxes_the_bell_and_the_catalogue_and_nothing_else(
    tmp_path: Path,
) -> None:
    memory = MemoryServer()
    district = small_district(tmp_path / "c", memory.connect, Clock())
    prepare_couch(district, memory)
    enrolment(district, memory, HERE, {})
    account = read_accounts(district)[HERE]
    user = memory.as_user(account.user, account.password)
    mine = {f"outbox-{HERE}", f"inbox-{HERE}", "bell", "catalogue"}
    for name in memory.names():
        if name in mine:
            user.database(name).put({"_id": "x"})
        else:
            with pytest.raises(NotAllowed):
                user.database(name).get("x")
            with pytest.raises(NotAllowed):
                user.database(name).put({"_id": "x"})


def test_a_setup_cut_at_any_request_is_finished_by_the_next_one(tmp_path: Path) -> None:
    for moment in ("before", "after"):
        for at in range(0, 40, 3):
            memory, count = MemoryServer(), 0
            district = small_district(tmp_path / f"{moment}{at}", memory.connect, Clock())

            def cut(verb: str, name: str, at: int = at) -> None:
                nonlocal count
                count += 1
                if count == at:
                    raise RemoteUnavailable("cut")

            setattr(memory, moment, cut)
            for step in (prepare_couch, enrol_the_centre):
                with suppress(RemoteError):
                    step(district, memory)
            setattr(memory, moment, lambda verb, name: None)
            prepare_couch(district, memory)
            accounts = {code: a for code, a in read_accounts(district).items() if a.enrolled}
            for code, account in accounts.items():
                user = memory.as_user(account.user, account.password)
                for name in (f"outbox-{code}", f"inbox-{code}", "bell", "catalogue"):
                    assert user.database(name).get("x") is None


def test_a_mailbox_made_anew_is_its_points_own_again_wherever_that_broke_off(
    tmp_path: Path,
) -> None:
    for at in range(30):
        memory, count = MemoryServer(), 0
        district = small_district(tmp_path / str(at), memory.connect, Clock())
        prepare_couch(district, memory)
        enrol_the_centre(district, memory)
        memory.drop(f"outbox-{CENTRE}")

        def cut(verb: str, name: str, at: int = at) -> None:
            nonlocal count
            count += 1
            if count == at:
                raise RemoteUnavailable("cut")

        memory.before = cut
        with suppress(RemoteError):
            prepare_couch(district, memory)
        memory.before = lambda verb, name: None
        prepare_couch(district, memory)
        account = read_accounts(district)[CENTRE]
        user = memory.as_user(account.user, account.password)
        assert user.database(f"outbox-{CENTRE}").get("x") is None


def enrol_the_centre(district: SmallDistrict, server: Server) -> None:
    enrolment(district, server, CENTRE, {})


def test_another_couchdb_gets_the_users_of_the_points_enrolled_before(tmp_path: Path) -> None:
    memory, other = MemoryServer(), MemoryServer()
    district = small_district(tmp_path / "c", memory.connect, Clock())
    prepare_couch(district, memory)
    enrol_the_centre(district, memory)
    prepare_couch(district, other)
    account = read_accounts(district)[CENTRE]
    user = other.as_user(account.user, account.password)
    assert user.database(f"inbox-{CENTRE}").get("x") is None
    nobody = read_accounts(district)[HERE]
    with pytest.raises(NotAllowed):
        other.as_user(nobody.user, nobody.password).database(f"inbox-{HERE}").get("x")


def test_a_mailbox_that_was_dropped_is_made_anew_with_its_security(tmp_path: Path) -> None:
    memory = MemoryServer()
    district = small_district(tmp_path / "c", memory.connect, Clock())
    prepare_couch(district, memory)
    enrol_the_centre(district, memory)
    memory.drop(f"inbox-{CENTRE}")
    prepare_couch(district, memory)
    account = read_accounts(district)[CENTRE]
    user = memory.as_user(account.user, account.password)
    assert user.database(f"inbox-{CENTRE}").get("x") is None


# blocks of tracking numbers


def test_no_block_is_leased_twice_whoever_asks(travel: Journey) -> None:
    blocks = [lease(travel.server, 31, f"author-{i}") for i in range(4)]
    firsts = [block["first"] for block in blocks]
    assert len(set(firsts)) == 4
    assert all(block["last"] - block["first"] == BLOCK_SIZE - 1 for block in blocks)
    assert lease(travel.server, 1, "x")["first"] not in (0, None)
    docs = travel.server.database(LEASES).range("own-031", "own-031;", limit=100)
    assert {doc["first"] for doc in docs} >= set(firsts)


# enrolment


def test_the_first_enrolment_of_a_point_has_the_plain_numbers_and_a_later_one_its_own(
    travel: Journey,
) -> None:
    first = enrolment(travel.district, travel.server, SUBDISTRICT, {})
    second = enrolment(travel.district, travel.server, SUBDISTRICT, {})
    assert (first["range"], second["range"]) == ("plain", "own")
    assert first["block"]["last"] < second["block"]["first"]
    assert first["couch_user"] == second["couch_user"]


def test_with_china_post_a_point_begins_with_its_numbers_or_with_none_and_loses_nothing(
    travel: Journey,
) -> None:
    config = replace(travel.district.config, mail=Mail())
    district = replace(travel.district, config=config)
    first = enrolment(district, travel.server, SUBDISTRICT, {})
    assert (first["range"], first["block"]) == ("plain", {})
    numbers = Range("ems", "ems13", "", 1060123450000, 1060123459999)
    add_ranges(travel.server.database(LEASES), [numbers])
    second = enrolment(district, travel.server, SUBDISTRICT, {})
    assert second["range"] == "own"
    assert (second["block"]["carrier"], second["block"]["first"]) == ("ems", numbers.first)


def test_whoever_enrols_a_point_without_numbers_is_told_what_to_do(
    travel: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(travel.district.config, mail=Mail())
    district = replace(travel.district, config=config)
    monkeypatch.setattr("central.enrol.load_central", lambda path: config)
    monkeypatch.setattr("central.enrol.open_district", lambda config: district)
    assert "导入中国邮政的号段" in write_enrolment(tmp_path, HERE, None, tmp_path / "a.json")
    add_ranges(travel.server.database(LEASES), [Range("ems", "s10", "EA", 0, 999, "CN")])
    assert write_enrolment(tmp_path, HERE, None, tmp_path / "b.json") == ""


def test_an_enrolment_carries_no_secret_that_opens_the_district(travel: Journey) -> None:
    content = str(enrolment(travel.district, travel.server, HERE, {}))
    secrets = travel.district.secrets
    for secret in (
        secrets.root.seed,
        secrets.box.seed,
        secrets.token_master,
        secrets.session_key,
        secrets.licence_master,
    ):
        assert secret.hex() not in content
    assert secrets.couch_password not in content
    assert secrets.token_key(31).hex() in content
    assert secrets.token_key(1).hex() not in content
