"""The file: held by one, sound or refused, and without what was purged from it."""

from __future__ import annotations

import random
import shutil
import tracemalloc

import pytest
from pysqlite3 import dbapi2 as sqlite3
from werkzeug.test import EnvironBuilder

from central.embedded import FolderError, create_app
from central.embedded.file import FILE_NAME, File
from central.embedded.store import REAP_ROWS
from sync.process import EXIT_SETTINGS
from tests.central.embedded.serving import Here, basic, refused

SECRET = "林梅-350102-SECRET"


def on_disk(here):
    return b"".join(path.read_bytes() for path in here.folder.iterdir())


def test_what_was_purged_is_nowhere_in_the_files(store):
    rev = store.ask("PUT", "/d/x", {"key": SECRET}).json["rev"]
    assert SECRET.encode() in on_disk(store)
    store.ask("POST", "/d/_purge", {"x": [rev]})
    assert SECRET.encode() not in on_disk(store)


def test_what_an_old_revision_said_is_gone_after_compaction(store):
    rev = store.ask("PUT", "/d/x", {"key": SECRET}).json["rev"]
    store.ask("PUT", "/d/x", {"_rev": rev})
    assert SECRET.encode() in on_disk(store)
    store.ask("POST", "/d/_compact")
    assert SECRET.encode() not in on_disk(store)


def test_a_large_purged_document_leaves_nothing_either(store):
    rev = store.ask("PUT", "/d/x", {"key": SECRET * 5_000}).json["rev"]
    store.ask("POST", "/d/_purge", {"x": [rev]})
    assert SECRET.encode() not in on_disk(store)


def test_a_dropped_database_leaves_nothing(store):
    docs = [{"_id": str(i), "key": SECRET} for i in range(REAP_ROWS * 2 + 1)]
    store.ask("POST", "/d/_bulk_docs", {"docs": docs})
    store.ask("DELETE", "/d")
    assert SECRET.encode() not in on_disk(store)


def test_of_many_purged_documents_of_all_sizes_none_leaves_a_trace(store):
    """Pages are split, merged and rebuilt meanwhile: copies must not stay behind in them."""
    chance = random.Random(7)  # noqa: S311 - which to purge
    revs = {}
    for step in range(900):
        id = f"k{chance.randrange(300):03}"
        doc = {"mark": f"<{id}>", "t": "x" * chance.choice([0, 20, 300, 900, 5_000])}
        doc |= {"_rev": revs[id][-1]} if id in revs else {}
        revs.setdefault(id, []).append(store.ask("PUT", f"/d/{id}", doc).json["rev"])
        if step % 3 == 0:
            gone = chance.choice(sorted(revs))
            asked = {gone: [revs.pop(gone)[-1]]}
            assert store.ask("POST", "/d/_purge", asked).json["purged"] == asked
    files = on_disk(store)
    marks = {f"k{number:03}" for number in range(300)}
    assert {id for id in marks if f"<{id}>".encode() in files} == revs.keys()


def test_compaction_gives_dead_space_back_once_it_is_most_of_the_file(store, monkeypatch):
    monkeypatch.setattr("central.embedded.file.RECLAIM_BYTES_MIN", 1_000_000)
    revs = {}
    for step in range(12):
        docs = [{"_id": f"k{i}", "t": f"{SECRET}{step}" + "x" * 9_000} for i in range(40)]
        docs = [{**doc, "_rev": revs[doc["_id"]]} if revs else doc for doc in docs]
        rows = store.ask("POST", "/d/_bulk_docs", {"docs": docs}).json
        revs = {row["id"]: row["rev"] for row in rows}
    before = len(on_disk(store))
    store.ask("POST", "/d/_compact")
    assert len(on_disk(store)) < before / 4
    assert f"{SECRET}3".encode() not in on_disk(store)
    assert store.ask("GET", "/d/k7").json["t"].startswith(f"{SECRET}11x")
    again = store.reopened()
    try:
        assert len(again.ask("GET", "/d/_all_docs?include_docs=true").json["rows"]) == 40
        assert again.ask("PUT", "/d/new", {}).status == 201
    finally:
        again.app.close()


def test_a_purge_cut_short_is_finished_at_the_next_start(store, tmp_path, monkeypatch):
    def cut(_):
        raise OSError("power cut")

    rev = store.ask("PUT", "/d/x", {"key": SECRET}).json["rev"]
    with monkeypatch.context() as patched:
        patched.setattr(File, "scrub", cut)
        assert store.ask("POST", "/d/_purge", {"x": [rev]}).status == 500
    shutil.copytree(store.folder, tmp_path / "after the cut")
    assert SECRET.encode() in on_disk(store)
    again = Here(tmp_path / "after the cut")
    try:
        assert SECRET.encode() not in on_disk(again)
    finally:
        again.app.close()


def test_a_long_listing_is_never_whole_in_memory(store):
    for part in range(10):
        docs = [{"_id": f"{part}-{i:04}", "t": "x" * 1_500} for i in range(1_500)]
        store.ask("POST", "/d/_bulk_docs", {"docs": docs})
    for path in ("/d/_all_docs", "/d/_changes"):
        builder = EnvironBuilder(path, query_string="include_docs=true", headers=basic("admin"))
        tracemalloc.start()
        try:
            size = sum(len(piece) for piece in store.app(builder.get_environ(), lambda *_: None))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert size > 20_000_000
        assert peak < 6_000_000


def test_a_drop_cut_short_is_finished_at_the_next_start(store, monkeypatch):
    store.ask("PUT", "/d/x", {"key": SECRET})

    def cut(_):
        raise OSError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr("central.embedded.store.Store._reap", cut)
        assert store.ask("DELETE", "/d").status == 500
    assert store.ask("GET", "/d").status == 404
    again = store.reopened()
    try:
        assert SECRET.encode() not in on_disk(again)
        assert again.ask("PUT", "/d").status == 201
        assert again.ask("GET", "/d").json["doc_count"] == 0
    finally:
        again.app.close()


def test_a_failed_write_leaves_no_trace(store, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    before = store.ask("GET", "/d").json
    with monkeypatch.context() as patched:
        patched.setattr("central.embedded.store._record", full)
        assert store.ask("PUT", "/d/x", {}).status == 500
    assert store.ask("GET", "/d").json == before
    assert store.ask("PUT", "/d/x", {}).status == 201


def test_everything_is_there_after_a_restart(store):
    rev = store.ask("PUT", "/d/x", {"v": 1}).json["rev"]
    store.ask("PUT", "/d/x", {"_rev": rev, "v": 2})
    store.ask("PUT", "/d/_local/c", {"seq": "1"})
    store.ask("PUT", "/d/_security", {"members": {"names": ["p"]}})
    paths = ("/d", "/d/x", f"/d/x?rev={rev}", "/d/_changes", "/d/_local/c", "/d/_security", "/")
    before = [store.ask("GET", path).json for path in paths]
    again = store.reopened()
    try:
        assert [again.ask("GET", path).json for path in paths] == before
    finally:
        again.app.close()


def test_writes_are_safe_and_deletions_thorough_by_setting(tmp_path):
    file = File(tmp_path)
    try:
        with file.writing() as conn:
            asked = ("journal_mode", "synchronous", "secure_delete")
            told = [conn.execute(f"pragma {name}").fetchone()[0] for name in asked]
        assert told == ["wal", 2, 1]
        with file.reading() as conn, pytest.raises(sqlite3.OperationalError, match="readonly"):
            conn.execute("delete from settings")
    finally:
        file.close()


def test_a_folder_in_use_is_refused_until_it_is_let_go(store):
    with pytest.raises(FolderError, match="another process is serving"):
        create_app(store.folder, {})
    store.reopened().app.close()


def test_another_process_is_refused_in_one_line(store):
    code, said = refused("--data", str(store.folder), "--port", "0")
    assert code == EXIT_SETTINGS
    assert "another process is serving this data folder" in said
    assert said.count("\n") == 1


def test_a_newer_file_is_refused_with_what_to_do(tmp_path):
    Here(tmp_path).app.close()
    change(tmp_path, "pragma user_version = 99")
    code, said = refused("--data", str(tmp_path), "--port", "0")
    assert (code, said.count("\n")) == (EXIT_SETTINGS, 1)
    assert "start the newer program" in said


@pytest.mark.parametrize("how", ["nonsense", "torn", "index"])
def test_a_damaged_file_is_refused_with_what_to_do(tmp_path, how):
    here = Here(tmp_path)
    here.ask("PUT", "/d")
    here.ask("POST", "/d/_bulk_docs", {"docs": [{"_id": f"{i}" * 99} for i in range(99)]})
    here.app.close()
    path = tmp_path / FILE_NAME
    sound = path.read_bytes()
    if how == "nonsense":
        path.write_bytes(b"nonsense" * 1_000)
    elif how == "torn":
        path.write_bytes(sound[: len(sound) // 2])
    else:
        middle = len(sound) // 4096 // 2 * 4096
        path.write_bytes(sound[:middle] + bytes(8192) + sound[middle + 8192 :])
    code, said = refused("--data", str(tmp_path), "--port", "0")
    assert (code, said.count("\n")) == (EXIT_SETTINGS, 1), said
    assert "put back the latest backup" in said


def test_a_file_of_another_program_is_left_alone(tmp_path):
    change(tmp_path, "create table theirs (a)")
    with pytest.raises(FolderError, match="belongs to another program"):
        create_app(tmp_path, {})


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    code, said = refused("--data", str(tmp_path / "file" / "data"), "--port", "0")
    assert (code, said.count("\n")) == (EXIT_SETTINGS, 1), said


def change(folder, statement):
    conn = sqlite3.connect(str(folder / FILE_NAME))
    conn.execute(statement)
    conn.commit()
    conn.close()
