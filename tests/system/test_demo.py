"""``doorstep demo`` as a newcomer runs it, and ``--check``, which must notice a lost fact."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from central.demo import case_days, case_law, days, lawful
from central.demo.check import Part, check, prove
from central.demo.crew import CaseCrew
from central.demo.paper import Paper, read_paper
from central.demo.person import Lost, Person
from central.demo.plan import Plan, _is_free, free_port_block, marked
from central.demo.route import Line
from central.demo.seed import SAMPLES
from central.demo.story import supervisor, until
from tests.system.processes import ROOT

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(400)]

START_S = 150
CHECK_S = 300  # about 110 where nothing else runs
STOP_S = 15  # about two where nothing else runs
CASE_STATES = ("received", "forwarded", "accepted", "not_accepted", "approved", "refused",
               "completed", "withdrawn", "closed")  # fmt: skip
PARCEL_STATES = ("packed", "taken_over", "failed", "delivered", "arrived", "returned", "cancelled")


def doorstep(*words: str) -> list[str]:
    return [sys.executable, "-m", "doorstep", *words]


def run(*words: str, seconds: int = START_S) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself."""
    return subprocess.run(  # noqa: S603 - ours
        doorstep(*words), cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )


@dataclass
class Terminal:
    """A terminal in which ``doorstep demo`` runs."""

    plan: Plan
    output: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        """Type the command."""
        words = ("demo", "--data", str(self.plan.folder), "--port", str(self.plan.port), *more)
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(  # noqa: S603 - ours
                doorstep(*words), cwd=ROOT, stdout=out, stderr=out, start_new_session=True
            )

    @property
    def words(self) -> str:
        """What stands in it."""
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        """Until it says something; it must not end before."""

        def said() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.words
            return words in self.words

        until(words, said, START_S)

    def press_ctrl_c(self) -> float:
        """Ctrl-C. :returns: after how many seconds it ended."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(STOP_S) == 0, self.words
        return time.monotonic() - began

    def left_behind(self) -> list[str]:
        """The processes of this demonstration that still run."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.plan.folder) in command:
                found.append(command)
        return found


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("newcomer")
    terminal = Terminal(Plan(folder / "demo-data", free_port_block()), folder / "terminal.txt")
    terminal.start()
    yield terminal
    if terminal.process and terminal.process.poll() is None:
        terminal.process.send_signal(signal.SIGINT)
        terminal.process.wait(STOP_S)


@pytest.fixture
def newcomer(terminal: Terminal) -> Iterator[Person]:
    terminal.wait_for("is ready")
    newcomer = Person("newcomer", terminal.plan.hub)
    newcomer.open("/")
    yield newcomer
    newcomer.close()


def test_the_first_page_opens_every_door(newcomer: Person, terminal: Terminal) -> None:
    newcomer.must_see("军门社区", "东街街道", "区行政服务中心", "居民", "快递员", "监督看板")
    doors = [address for words, address in newcomer.page.links if words.startswith("打开")]
    assert len(doors) == 6
    for door in doors:
        newcomer.open(door)
        assert newcomer.status == 200
        assert newcomer.sees("登录") or newcomer.sees("查办件")


def test_the_terminal_holds_plain_words_only_and_the_logs_are_in_files(
    newcomer: Person, terminal: Terminal
) -> None:
    assert "{" not in terminal.words
    assert terminal.plan.hub in terminal.words
    assert terminal.plan.log("central").read_text(encoding="utf-8")


def test_a_few_subjects_stand_in_every_state(newcomer: Person, terminal: Terminal) -> None:
    board = supervisor(terminal.plan)
    empty = []
    try:
        for kind, states in (("cases", CASE_STATES), ("parcels", PARCEL_STATES)):
            for state in states:
                board.open(f"/board/{kind}?state={state}")
                links = [address for _, address in board.page.links]
                if not any(f"/board/{kind}/" in address for address in links):
                    empty.append(state)
        board.open("/board/aside?which=all")
        board.must_see("没有未被采纳的记录")
    finally:
        board.close()
    assert empty == []


def test_the_example_on_the_first_page_can_be_looked_up(
    newcomer: Person, terminal: Terminal
) -> None:
    example = (marked(terminal.plan.folder) or {})["example"]
    newcomer.must_see(example["number"], example["last_four"])
    newcomer.open(terminal.plan.portal)
    newcomer.press("查", example)
    newcomer.must_see(example["number"], "已签收")


def test_a_taken_port_is_one_clear_message(
    newcomer: Person, terminal: Terminal, tmp_path: Path
) -> None:
    second = run("demo", "--data", str(tmp_path / "other"), "--port", str(terminal.plan.port))
    assert second.returncode == 1
    assert second.stdout == ""
    (line,) = second.stderr.splitlines()
    assert str(terminal.plan.port) in line
    assert "--port" in line
    assert not (tmp_path / "other").exists()


def tell(story: Callable[[CaseCrew], None], terminal: Terminal) -> None:
    """One story of a case, on the demonstration that runs."""
    line = Line(("127.0.0.1", terminal.plan.port + 2))
    try:
        prove(Part(CaseCrew, (story,)), terminal.plan, line, lambda words: None)
    finally:
        line.cut()


def test_the_check_of_cases_misses_a_line_that_a_notice_lacks(
    newcomer: Person, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(pdf: bytes) -> Paper:
        paper = read_paper(pdf)
        return paper._replace(words=paper.words.replace("页数或内容不全", ""))

    monkeypatch.setattr(lawful, "read_paper", short)
    with pytest.raises(Lost, match="页数或内容不全"):
        tell(case_law.correct_once, terminal)


def test_the_check_of_cases_counts_days_by_itself(
    newcomer: Person, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "is_worked", lambda day: True)
    with pytest.raises(Lost, match="办结期限"):
        tell(case_days.stop_the_clock, terminal)


def test_ctrl_c_stops_everything_and_a_second_start_finds_its_data_again(
    newcomer: Person, terminal: Terminal
) -> None:
    example = (marked(terminal.plan.folder) or {})["example"]
    terminal.press_ctrl_c()
    assert terminal.left_behind() == []
    assert all(_is_free(port) for port in terminal.plan.ports)
    terminal.start()
    terminal.wait_for("is ready")
    assert f"1/{SAMPLES}" not in terminal.words
    newcomer.open(terminal.plan.portal)
    newcomer.press("查", example)
    newcomer.must_see(example["number"])
    terminal.press_ctrl_c()


def test_reset_starts_afresh_and_ctrl_c_while_starting_stops_it_too(terminal: Terminal) -> None:
    if terminal.process and terminal.process.poll() is None:
        terminal.press_ctrl_c()
    old = terminal.plan.folder / "from-the-first-time"
    old.touch()
    terminal.start("--reset")
    terminal.wait_for("starting central")
    assert not old.exists()
    assert marked(terminal.plan.folder) == {"samples": 0}
    terminal.press_ctrl_c()
    assert terminal.left_behind() == []


def test_reset_refuses_a_folder_that_is_not_the_demonstrations(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("mine")
    port = str(free_port_block())
    refused = run("demo", "--reset", "--data", str(tmp_path), "--port", port)
    assert refused.returncode == 1
    assert "--data" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert letter.read_text() == "mine"


def test_check_proves_the_main_job_and_every_path_of_a_case_and_a_parcel() -> None:
    done = run("demo", "--check", "main", "mail", "cases", seconds=CHECK_S)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("ok: main、mail、cases，")


def test_a_part_that_does_not_exist_is_told_with_those_that_do() -> None:
    refused = run("demo", "--check", "post")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines() == ["没有叫 post 的检查，有：main、cases、mail"]


def test_check_fails_when_central_drops_one_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert check("main", central="tests.system.forgetful_central") == 1
    said = capsys.readouterr().out.splitlines()
    assert any("✗" in line for line in said)
    assert said[-1].startswith("failed")
