"""The map of the packages holds: who may import whom, and what the rules may not know.

Every check is a function from a file's name and text to a list of faults, so that each is also
shown to find the fault it is there for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tree import PACKAGES, ROOT, files_of_tests, name_of, parsed, product_files

Check = Callable[[str, ast.Module], list[str]]

MAY_IMPORT = {
    "cases": set(),
    "sync": {"cases"},
    "labels": {"cases"},
    "courier": {"cases", "labels"},
    "node": {"cases", "sync", "labels", "courier"},
    "central": {"cases", "sync", "labels", "courier"},
    "doorstep": set(PACKAGES),
}
THE_WORLD = {
    *("flask", "werkzeug", "requests", "urllib", "http", "socket", "ssl", "asyncio", "select"),
    *("sqlite3", "pysqlite3", "sqlite_utils", "pycouchdb", "tempfile", "pathlib", "shutil", "glob"),
    *("os", "sys", "io", "time", "random", "secrets", "uuid", "subprocess", "threading", "logging"),
    *("multiprocessing", "signal", "importlib", "structlog", "schedule"),
}
THE_WORLD_BY_CALL = {"open", "input", "print", "now", "today", "utcnow", "getrandbits", "urandom"}
ONE_USER = {"pycouchdb": "sync/couch.py", "reportlab": "labels/", "qrcode": "labels/"}
BY_NAME = {"import_module", "run_module", "__import__"}
WORK_AT_IMPORT = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "iterdir"),
    *("connect", "socket", "create_connection", "urlopen", "Session", "serve", "listen", "bind"),
    *("run", "Popen", "check_output", "system", "Thread", "Process", "sleep", "getenv"),
}


def imported(name: str, tree: ast.Module) -> Iterator[str]:
    """Every module that a file asks for, inside functions too, and relative ones resolved."""
    package = name.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in BY_NAME:
            yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant))


def called(node: ast.Call) -> str:
    """The last word of what is called: ``read_text`` of ``Path("x").read_text()``."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def top(module: str) -> str:
    return module.split(".")[0]


def wrong_direction(name: str, tree: ast.Module) -> list[str]:
    """Imports against the arrows; a package that is not on the map may import nothing of ours."""
    home = top(name.replace("/", ".").removesuffix(".py"))
    ours = {top(module) for module in imported(name, tree)} & MAY_IMPORT.keys()
    return [f"{home} may not import {each}" for each in ours - MAY_IMPORT.get(home, set()) - {home}]


def knows_the_world(name: str, tree: ast.Module) -> list[str]:
    """In `cases/`: files, sockets, clocks and dice, by import or by call."""
    if not name.startswith("cases/"):
        return []
    modules = {top(module) for module in imported(name, tree)} & THE_WORLD
    calls = {called(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [f"imports {m}" for m in modules] + [f"calls {c}()" for c in calls & THE_WORLD_BY_CALL]


def second_user(name: str, tree: ast.Module) -> list[str]:
    """A library that one module alone may touch, touched elsewhere."""
    modules = {top(module) for module in imported(name, tree)}
    return [
        f"imports {library}, which only {owner} may"
        for library, owner in ONE_USER.items()
        if library in modules and not name.startswith(owner)
    ]


def old_sqlite(name: str, tree: ast.Module) -> list[str]:
    """The standard library's sqlite3 has the WAL-reset bug; pysqlite3 brings a mended one."""
    return ["imports sqlite3"] if "sqlite3" in {top(m) for m in imported(name, tree)} else []


def reads_beside_the_tree(name: str, tree: ast.Module) -> list[str]:
    """A string that is a path into a folder `shared`, which no clone has."""
    words = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    paths = (w for w in words if isinstance(w, str) and len(w.split()) == 1)
    return [f"names {w!r}" for w in paths if "shared" in w.split("/")[:-1] or w == "shared"]


def works_at_import(name: str, tree: ast.Module) -> list[str]:
    """Calls made while a module is imported that open a file, a socket, a process or a thread."""
    return [
        f"line {node.lineno}: calls {called(node)}() at import"
        for node in run_at_import(tree.body)
        if isinstance(node, ast.Call) and called(node) in WORK_AT_IMPORT
    ]


def run_at_import(nodes: list[ast.stmt]) -> Iterator[ast.AST]:
    """What Python executes on import: all but the insides of functions and of ``__main__``."""
    waiting: list[ast.AST] = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.decorator_list, *node.args.defaults]
        elif not isinstance(node, ast.Lambda) and not is_main(node):
            waiting += ast.iter_child_nodes(node)


def is_main(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


PRODUCT_CHECKS: list[Check] = [
    wrong_direction,
    knows_the_world,
    second_user,
    old_sqlite,
    reads_beside_the_tree,
    works_at_import,
]
TEST_CHECKS: list[Check] = [old_sqlite, reads_beside_the_tree]


def read(path: Path) -> tuple[str, ast.Module]:
    return name_of(path), parsed(path)


@pytest.mark.parametrize("check", PRODUCT_CHECKS, ids=lambda check: check.__name__)
def test_no_file_of_the_product_breaks_the_map(check: Check) -> None:
    faults = [f"{name_of(p)}: {fault}" for p in product_files() for fault in check(*read(p))]
    assert faults == []


@pytest.mark.parametrize("check", TEST_CHECKS, ids=lambda check: check.__name__)
def test_no_test_reaches_past_the_clone(check: Check) -> None:
    others = [path for path in files_of_tests() if path.name != "test_architecture.py"]
    faults = [f"{name_of(p)}: {fault}" for p in others for fault in check(*read(p))]
    assert faults == []


def test_every_package_of_the_tree_is_on_the_map() -> None:
    found = {p.parent.name for p in ROOT.glob("*/__init__.py")} | {
        p.stem for p in ROOT.glob("*.py")
    }
    assert found - {"tests"} <= MAY_IMPORT.keys()


@pytest.mark.parametrize(
    ("check", "name", "text"),
    [
        (wrong_direction, "cases/fold.py", "import sync"),
        (wrong_direction, "cases/fold.py", "def f():\n    from labels.tokens import mint"),
        (wrong_direction, "sync/push.py", "from courier import slips"),
        (wrong_direction, "sync/push.py", "from labels import codes"),
        (wrong_direction, "labels/waybill.py", "import sync.store"),
        (wrong_direction, "courier/slips.py", "import sync"),
        (wrong_direction, "node/window.py", "from central.embedded import create_app"),
        (wrong_direction, "central/web.py", "import_module('node.window')"),
        (wrong_direction, "extra/new.py", "import node"),
        (knows_the_world, "cases/fold.py", "from os import path"),
        (knows_the_world, "cases/fold.py", "import urllib.parse"),
        (knows_the_world, "cases/deep/fold.py", "def f():\n    import random"),
        (knows_the_world, "cases/times.py", "import datetime\ndatetime.datetime.now()"),
        (knows_the_world, "cases/times.py", "def f():\n    return open('x')"),
        (second_user, "sync/push.py", "import pycouchdb"),
        (second_user, "central/router.py", "from pycouchdb.client import Server"),
        (second_user, "courier/paper.py", "from reportlab.pdfgen import canvas"),
        (second_user, "node/window.py", "import qrcode"),
        (old_sqlite, "sync/db.py", "import sqlite3"),
        (old_sqlite, "tests/x.py", "from sqlite3 import connect"),
        (reads_beside_the_tree, "sync/bundle.py", "DATA = '../shared/data/points.csv'"),
        (reads_beside_the_tree, "sync/bundle.py", "Path(__file__).parents[2] / 'shared' / 'x'"),
        (works_at_import, "sync/db.py", "db = connect('x')"),
        (works_at_import, "sync/db.py", "class A:\n    text = Path('x').read_text()"),
        (works_at_import, "sync/db.py", "def f(x=open('y')): ..."),
        (works_at_import, "sync/db.py", "if True:\n    import os\n    HOME = os.getenv('HOME')"),
    ],
)
def test_a_file_that_breaks_the_map_is_found(check: Check, name: str, text: str) -> None:
    assert check(name, ast.parse(text))


@pytest.mark.parametrize(
    ("check", "name", "text"),
    [
        (wrong_direction, "courier/pages.py", "from labels.waybill import waybill"),
        (wrong_direction, "cases/fold.py", "from . import states\nfrom cases.events import Event"),
        (wrong_direction, "doorstep.py", "import node, central"),
        (knows_the_world, "sync/store.py", "import os, time, threading"),
        (knows_the_world, "cases/times.py", "from datetime import datetime, timedelta"),
        (second_user, "sync/couch.py", "import pycouchdb"),
        (second_user, "labels/codes.py", "import qrcode, reportlab.lib"),
        (old_sqlite, "sync/db.py", "from pysqlite3 import dbapi2 as sqlite3"),
        (reads_beside_the_tree, "courier/look/x.py", "'one shared base for all pages'"),
        (works_at_import, "sync/db.py", "def f():\n    return connect('x')"),
        (works_at_import, "sync/x.py", "if __name__ == '__main__':\n    serve()"),
        (works_at_import, "sync/x.py", "read = lambda: open('x')"),
    ],
)
def test_a_file_that_keeps_to_the_map_is_left_in_peace(check: Check, name: str, text: str) -> None:
    assert check(name, ast.parse(text)) == []
