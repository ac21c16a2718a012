"""The demonstration's folder, ports and programs: whose they are, and what is said otherwise."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from central.demo.plan import Plan, free_port_block, marked, require_free
from central.demo.run import GaveUp, running, take_folder
from central.demo.seed import ERRANDS, residents
from sync.db import DataFolderError
from sync.supervisor import Child, module, supervise


def test_a_new_folder_is_made_and_marked(tmp_path: Path) -> None:
    plan = Plan(tmp_path / "new", 18400)
    take_folder(plan, reset=False)
    assert marked(plan.folder) == {"samples": 0}
    assert plan.log("central").parent.is_dir()


def test_reset_empties_what_is_ours_and_only_that(tmp_path: Path) -> None:
    plan = Plan(tmp_path / "ours", 18400)
    take_folder(plan, reset=False)
    old = plan.folder / "central.toml"
    old.touch()
    take_folder(plan, reset=False)
    assert old.exists()
    take_folder(plan, reset=True)
    assert not old.exists()


@pytest.mark.parametrize("reset", [True, False])
def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path, reset: bool) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("mine")
    with pytest.raises(DataFolderError, match="--data"):
        take_folder(Plan(tmp_path, 18400), reset=reset)
    assert [*tmp_path.iterdir()] == [letter]


def test_taken_ports_are_named_with_the_way_out() -> None:
    plan = Plan(Path(), free_port_block())
    require_free(plan)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", plan.port + 1))
        taken.listen()
        with pytest.raises(DataFolderError, match=rf"{plan.port + 1} .*--port {plan.port + 100}"):
            require_free(plan)


def test_a_program_that_does_not_stay_up_ends_the_whole_and_its_log_is_named(
    tmp_path: Path,
) -> None:
    plan = Plan(tmp_path / "demo", free_port_block())
    take_folder(plan, reset=False)
    stop = threading.Event()
    with (
        pytest.raises(GaveUp, match=r"central\.log"),
        running(plan, stop, say=lambda _words: None, central="tests.central.no_such_program"),
    ):
        pytest.fail("it came up without its central")
    assert "no_such_program" in plan.log("central").read_text(encoding="utf-8")


def test_what_a_program_says_goes_to_its_log_over_all_its_starts(tmp_path: Path) -> None:
    log = tmp_path / "says.log"
    child = Child("says", module("platform", "--nonsense"), log)
    assert supervise([child], threading.Event()) != 0
    assert len(log.read_text().splitlines()) >= 4


def test_there_is_a_resident_for_every_sample_and_no_two_are_alike() -> None:
    people = residents()
    assert len(people) >= len(ERRANDS)
    for what in ("name", "document_number", "phone", "street"):
        assert len({getattr(who, what) for who in people}) == len(people)
