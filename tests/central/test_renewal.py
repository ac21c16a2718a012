"""Stores copied, restored or moved: they go on under a new name, and nothing of it is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cases.issued import Standing, papers_of
from cases.states import CaseState
from node import identity as identities
from node.local import Node
from node.renewal import note_copied
from sync import registers
from sync.push import CopiedStore
from sync.word import ask_central
from tests.central.travel import CENTRE, HERE, PERSON, SLIP, Journey


def folder_of(node: Node) -> Path:
    return node.config.data.parent


def copy_of(twin: Journey, *, name: str = "copy") -> Path:
    """The node's whole folder, keys and all, as a disk image would have it."""
    folder = twin.folder / name
    shutil.copytree(folder_of(twin.nodes[HERE]), folder)
    return folder


def reopened(twin: Journey, folder: Path) -> Node:
    return twin.open(folder)


def agree(twin: Journey, node: Node) -> Node:
    """What the agent does when it finds that this store is a copy, and the restart after it."""
    with node.local() as local, pytest.raises(CopiedStore) as found:  # noqa: PT012 - either of them
        ask_central(local.store, node.identity.author, twin.inbox(HERE), twin.outbox(HERE))
        twin.push(HERE, node)
    with node.local() as local:
        note_copied(local.store, found.value.author, found.value.n)
    return reopened(twin, folder_of(node))


def test_opening_again_on_the_same_machine_changes_nothing(twin: Journey) -> None:
    node = twin.nodes[HERE]
    number = twin.receive()
    again = reopened(twin, folder_of(node))
    assert again.identity.author == node.identity.author
    assert again.identity.serial_suffix == ""
    twin.nodes[HERE] = again
    assert twin.receive() != number


def test_a_folder_on_another_machine_takes_a_new_name_before_its_first_write(
    twin: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = twin.nodes[HERE]
    number = twin.receive()
    monkeypatch.setattr("node.local.machine_id", lambda: "another machine")
    moved = reopened(twin, folder_of(old))
    assert moved.identity.author != old.identity.author
    assert moved.identity.serial_suffix == moved.identity.author.split(".")[1]
    twin.nodes[HERE] = moved
    assert twin.receive() != number
    with twin.at(HERE) as store:
        assert store.unseal(store.events(number)[0]) == PERSON  # with no line


def test_what_a_moved_store_had_not_sent_yet_is_still_sent(
    twin: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    from node.agent import Agent, Pusher

    number = twin.receive()
    monkeypatch.setattr("node.local.machine_id", lambda: "another machine")
    moved = reopened(twin, folder_of(twin.nodes[HERE]))
    with moved.local() as local:
        pusher = Pusher(Agent(moved, threading_event()), local.store, twin.server)
        pusher.step()
    twin.router.take_in()
    assert twin.router.store.case(number) is not None
    assert twin.router.store.head(moved.identity.author)[0] == 1


def threading_event():  # type: ignore[no-untyped-def]
    from threading import Event

    return Event()


def test_a_backup_put_back_takes_a_new_name_and_repeats_no_number(twin: Journey) -> None:
    node = twin.nodes[HERE]
    database = folder_of(node) / "data" / "node.db"
    given = [twin.receive()]
    with twin.at(HERE) as store:
        store.db.conn.execute("VACUUM INTO ?", [str(twin.folder / "backup.db")])
    given += [twin.receive() for _ in range(3)]  # the line is down: nobody else knows of them
    for name in ("node.db", "node.db-wal", "node.db-shm"):
        (database.parent / name).unlink(missing_ok=True)
    shutil.copy(twin.folder / "backup.db", database)
    twin.nodes[HERE] = reopened(twin, folder_of(node))
    assert twin.nodes[HERE].identity.author != node.identity.author
    assert twin.receive() not in given


def test_the_high_water_mark_follows_every_write_and_is_kept_apart_from_the_data(
    twin: Journey,
) -> None:
    node = twin.nodes[HERE]
    twin.receive()
    assert identities.high_water(node.config.data, node.identity.author) == 2
    assert identities.high_water(node.config.data, "another") == 0
    identities.raise_high_water(node.config.data, node.identity.author, 1)
    assert identities.high_water(node.config.data, node.identity.author) == 2
    (node.config.data / "keys" / "high-water").write_text("rubbish")
    assert identities.high_water(node.config.data, node.identity.author) == 0


# a copy that runs beside its original, on a machine that calls itself the same


def test_a_copy_goes_on_as_a_new_author_and_what_it_wrote_is_stated_anew(twin: Journey) -> None:
    first = twin.receive()
    twin.carry()
    copy = reopened(twin, copy_of(twin))
    assert copy.identity.author == twin.nodes[HERE].identity.author
    original = twin.nodes[HERE]
    theirs = twin.receive(name="原来那台")
    twin.push(HERE)
    twin.nodes[HERE] = copy
    twin.forward(first)
    slip = twin.state(HERE, "slip.filled", first, sealed=SLIP, channel="counter")
    twin.state(HERE, "slip.confirmed", first, slip=slip)
    twin.router.take_in()

    renewed = agree(twin, copy)

    assert renewed.identity.author != original.identity.author
    twin.nodes[HERE] = renewed
    twin.carry()
    twin.carry()
    case = twin.router.store.case(first)
    assert case is not None
    assert case.state is CaseState.FORWARDED
    assert case.set_aside == ()
    assert case.confirmed_slip == case.slips[0].event  # the new name of the slip
    assert renewed.identity.author in case.confirmed_slip
    with twin.at(CENTRE) as store:
        assert SLIP in [store.unseal(event) for event in store.events(first)]
    assert twin.router.store.case(theirs) is not None
    assert twin.problems() == []


def test_two_cases_that_got_one_number_are_both_kept_and_a_person_is_told(twin: Journey) -> None:
    copy = reopened(twin, copy_of(twin))
    number = twin.receive(name="在原来那台收的")
    twin.carry()
    twin.nodes[HERE] = copy
    assert twin.receive(name="在拷贝那台收的") == number
    twin.nodes[HERE] = agree(twin, copy)
    twin.carry()
    twin.carry()
    events = twin.router.store.events(number)
    assert {twin.router.store.unseal(event)["name"] for event in events} == {
        "在原来那台收的", "在拷贝那台收的",
    }  # fmt: skip
    case = twin.router.store.case(number)
    assert case is not None
    assert [step.verdict for step in case.steps] == ["ok", "set_aside"]
    assert twin.receive() != number


def accepted(node: Node, case: str) -> str:
    """Take a case on. :returns: the number of the paper that says so."""
    with node.local() as local, local.writing() as w:
        number = w.paper_number("榕鼓民受")
        w.state("case.accepted", case, {"paper_number": number}, actor="s-1")
    return number


def test_a_copys_paper_gets_a_number_of_its_own_and_names_the_printed_one(twin: Journey) -> None:
    theirs, ours = twin.receive(deciding=HERE), twin.receive(deciding=HERE)
    twin.carry()
    copy = reopened(twin, copy_of(twin))
    number = accepted(twin.nodes[HERE], theirs)
    twin.push(HERE)
    twin.nodes[HERE] = copy
    assert accepted(copy, ours) == number
    twin.router.take_in()
    twin.nodes[HERE] = agree(twin, copy)
    twin.carry()
    twin.carry()
    cases = [twin.router.store.case(case) for case in (theirs, ours)]
    first, second = (papers_of(case.steps)[0] for case in cases if case)
    assert first.number == number == second.number_before
    assert second.number not in (number, "")
    assert {first.standing, second.standing} == {Standing.VALID}


def test_a_copy_finds_out_by_its_receipt_too_when_the_outbox_is_gone(twin: Journey) -> None:
    copy = reopened(twin, copy_of(twin))
    twin.receive()
    twin.carry()
    twin.server.drop(f"outbox-{HERE}")
    twin.server.create(f"outbox-{HERE}")
    twin.nodes[HERE] = copy
    number = twin.receive(name="在拷贝那台收的")
    renewed = agree(twin, copy)
    assert renewed.identity.author != copy.identity.author
    with renewed.local() as local:
        assert [e.author for e in local.store.events(number)] == [renewed.identity.author]


@pytest.mark.parametrize("moment", ["identity", "book"])
def test_a_power_cut_in_the_middle_of_the_change_loses_nothing(
    twin: Journey, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    copy = reopened(twin, copy_of(twin))
    twin.receive()
    twin.push(HERE)
    twin.nodes[HERE] = copy
    number = twin.receive(name="在拷贝那台收的")
    with copy.local() as local:
        note_copied(local.store, copy.identity.author, 2)

    def cut(*given: object, **named: object) -> None:
        raise RuntimeError("the power went")

    place = {"identity": "node.local.open_book", "book": "node.local.restate_copied"}[moment]
    with monkeypatch.context() as patched:
        patched.setattr(place, cut)
        with pytest.raises(RuntimeError):
            reopened(twin, folder_of(copy))
    renewed = reopened(twin, folder_of(copy))
    with renewed.local() as local:
        (event,) = local.store.events(number)
        assert event.author == renewed.identity.author
        assert local.store.unseal(event)["name"] == "在拷贝那台收的"
        assert local.store.parked() == []
    assert reopened(twin, folder_of(copy)).identity.author == renewed.identity.author


# keys


def test_a_month_that_another_process_began_is_opened_and_wrapped_under(twin: Journey) -> None:
    old = twin.district.open_store("old.db")
    twin.clock.now = "2026-12-01T00:00:01Z"
    younger = twin.district.open_store("young.db")
    wrap = younger.keyring.wrap(b"k" * 32)
    assert wrap["for"] == "2026-12"
    assert old.keyring.unwrap([wrap]) == b"k" * 32
    assert old.keyring.wrap(b"k" * 32)["for"] == "2026-12"
    old.close()
    younger.close()


def test_a_backup_on_a_new_pc_has_no_words_that_only_the_old_keys_open(twin: Journey) -> None:
    number = twin.receive()
    with twin.at(HERE) as store:
        store.db.conn.execute("VACUUM INTO ?", [str(twin.folder / "backup.db")])
    fresh = twin.enrol(HERE)
    folder = folder_of(fresh)
    shutil.rmtree(folder / "data")
    (folder / "data").mkdir()
    shutil.copy(twin.folder / "backup.db", folder / "data" / "node.db")
    twin.nodes[HERE] = twin.open(folder, folder / "enrolment.json")
    assert twin.problems() == []
    with twin.at(HERE) as store:
        assert store.case(number) is not None
        assert registers.find(store.db, PERSON["name"]) == []
