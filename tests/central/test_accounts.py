"""Who works at central."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from central.accounts import FILE, BadAccounts, FileAccounts, add_account
from courier.look.accounts import password_fits


def test_an_account_added_while_the_web_runs_counts_at_once(tmp_path: Path) -> None:
    accounts = FileAccounts(tmp_path, ["supervisor"])
    assert accounts.find("guan") is None
    added = add_account(
        tmp_path, login="guan", display="管淑芬", roles=["supervisor"], secret="a secret"
    )
    found = accounts.find("guan")
    assert found == added == accounts.by_id(added.id)
    assert password_fits(found, "a secret")


def test_the_file_holds_no_password_and_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    add_account(tmp_path, login="1001", display="阿强", roles=["courier"], secret="246810")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert "246810" not in (tmp_path / FILE).read_text()


def test_a_new_password_keeps_the_id_that_events_name(tmp_path: Path) -> None:
    first, second = (
        add_account(tmp_path, login="1001", display="阿强", roles=["courier"], secret=pin)
        for pin in ("246810", "135790")
    )
    assert first.id == second.id
    accounts = FileAccounts(tmp_path, ["courier"])
    assert not password_fits(accounts.find("1001"), "246810")


def test_each_door_knows_only_its_own_people(tmp_path: Path) -> None:
    add_account(tmp_path, login="1001", display="阿强", roles=["courier"], secret="246810")
    assert FileAccounts(tmp_path, ["supervisor", "admin"]).find("1001") is None


def test_people_added_at_the_same_moment_are_all_there(tmp_path: Path) -> None:
    def add(n: int) -> None:
        add_account(tmp_path, login=f"c{n}", display="x", roles=["courier"], secret="246810")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(8)))
    accounts = FileAccounts(tmp_path, ["courier"])
    assert all(accounts.find(f"c{n}") for n in range(8))


@pytest.mark.parametrize(
    ("login", "roles", "secret"), [("a", ["king"], "x"), ("", ["admin"], "x"), ("a", [], "x")]
)
def test_an_account_that_makes_no_sense_is_refused(
    tmp_path: Path, login: str, roles: list[str], secret: str
) -> None:
    with pytest.raises(BadAccounts):
        add_account(tmp_path, login=login, display="x", roles=roles, secret=secret)


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(BadAccounts, match="备份"):
        FileAccounts(tmp_path, ["admin"]).find("guan")
