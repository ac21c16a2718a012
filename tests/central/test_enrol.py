"""What the administrator does on the command line: staff, enrolment files, accounts, codes."""

from __future__ import annotations

import json

import pytest

from central.enrol import read_staff
from courier.look.accounts import Account, password_fits
from doorstep import main
from sync.db import DataFolderError


def staff_file(tmp_path, **change):
    someone = {"login": "lin", "name": "林小燕", "password": "a good one", "roles": ["clerk"]}
    path = tmp_path / "staff.json"
    path.write_text(json.dumps({"accounts": [{**someone, **change}]}), encoding="utf-8")
    return path


def central_file(tmp_path):
    path = tmp_path / "central.toml"
    path.write_text('[central]\ndata = "central"\n', encoding="utf-8")
    return path


def test_a_list_of_staff_is_read_and_its_passwords_are_hashed(tmp_path):
    account = read_staff(staff_file(tmp_path))["accounts"][0]
    assert account["login"] == "lin"
    assert account["id"].startswith("s-")
    assert "a good one" not in json.dumps(account)
    whole = Account(account["id"], "lin", "林小燕", frozenset(), account["password_hash"])
    assert password_fits(whole, "a good one")


@pytest.mark.parametrize("change", [{"roles": ["king"]}, {"shoe_size": 43}, {"login": None}])
def test_a_list_of_staff_that_says_something_else_is_refused(tmp_path, change):
    with pytest.raises(DataFolderError, match="人员名单"):
        read_staff(staff_file(tmp_path, **change))


def test_an_unknown_point_gets_no_enrolment_file(tmp_path, capsys):
    config, out = central_file(tmp_path), tmp_path / "out.json"
    asked = ["enrol", "--config", str(config), "--point", "999999999999", "--out", str(out)]
    assert main(asked) == 1
    assert "没有代码" in capsys.readouterr().err
    assert not out.exists()


def test_a_supervisor_gets_an_account_with_a_password_that_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("doorstep.getpass.getpass", lambda prompt: "a good one")
    config = central_file(tmp_path)
    asked = ["account", "--config", str(config), "--login", "guan", "--name", "管淑芬"]
    (tmp_path / "central").mkdir()
    assert main([*asked, "--role", "supervisor"]) == 0
    assert "guan" in (tmp_path / "central" / "accounts.json").read_text(encoding="utf-8")


def test_a_lost_receipt_is_revoked_by_its_number(tmp_path):
    (tmp_path / "central").mkdir()
    assert main(["revoke", "--config", str(central_file(tmp_path)), "GL031-261122-0001-B"]) == 0
    assert "GL031" in (tmp_path / "central" / "revoked.txt").read_text(encoding="utf-8")
