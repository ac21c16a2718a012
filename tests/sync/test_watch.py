"""The agent hears of a reception at once, however long it was told to wait."""

from __future__ import annotations

import threading

from sync.watch import Watch
from tests.sync.cast import Desk

FOR_EVER_S = 3_600.0


def test_what_another_connection_wrote_is_heard_at_once(lin: Desk) -> None:
    agent = lin.connect()
    watch = Watch(agent.db)
    lin.receive()
    assert watch.wait(threading.Event(), FOR_EVER_S)
    agent.close()


def test_what_is_written_while_one_waits_ends_the_waiting(lin: Desk) -> None:
    agent, heard = lin.connect(), threading.Event()
    watch = Watch(agent.db)

    def window() -> None:
        store = lin.connect()
        with lin.writing(store) as w:
            lin.receive(w)
        store.close()

    thread = threading.Thread(target=window)
    thread.start()
    assert watch.wait(heard, FOR_EVER_S)
    thread.join()
    agent.close()


def test_with_nothing_written_the_time_or_the_stop_ends_it(lin: Desk) -> None:
    watch, stop = Watch(lin.store.db), threading.Event()
    assert not watch.wait(stop, 0)
    stop.set()
    assert not watch.wait(stop, FOR_EVER_S)


def test_what_was_heard_is_not_heard_again(lin: Desk) -> None:
    agent = lin.connect()
    watch = Watch(agent.db)
    lin.receive()
    assert watch.wait(threading.Event(), FOR_EVER_S)
    assert not watch.wait(threading.Event(), 0)
    agent.close()
