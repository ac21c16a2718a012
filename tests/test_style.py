"""The limits are a test: short functions, short files, words on everything public."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.tree import ROOT, name_of, parsed, product_files, tracked_files

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
COMMANDS = {"setup", "demo", "test", "lint", "bench"}


def too_long(tree: ast.Module) -> list[str]:
    """Functions past the limit, decorators and docstring included."""
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    sizes = ((f.name, (f.end_lineno or f.lineno) - f.lineno + 1) for f in functions)
    return [f"{name}() has {lines} lines" for name, lines in sizes if lines > FUNCTION_LINES_MAX]


def wordless(tree: ast.Module) -> list[str]:
    """The module, and the public functions and classes at its top, that have no docstring."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    public = [n for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]
    silent = [f"{node.name} has no docstring" for node in public if not ast.get_docstring(node)]
    return silent if ast.get_docstring(tree) or not tree.body else ["no docstring", *silent]


def commands_named(text: str) -> set[str]:
    """What a page tells people to type after `make`."""
    return set(re.findall(r"(?:^|`)\$? ?make ([a-z]+)\b", text, re.MULTILINE))


def targets_of(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def product_python() -> Iterator[tuple[str, Path]]:
    return ((name_of(path), path) for path in product_files())


def test_no_function_is_longer_than_a_screen() -> None:
    faults = [
        f"{name}: {fault}" for name, path in product_python() for fault in too_long(parsed(path))
    ]
    assert faults == []


def test_no_file_is_longer_than_its_noun() -> None:
    lines = {name: path.read_bytes().count(b"\n") for name, path in product_python()}
    assert {name: n for name, n in lines.items() if n > FILE_LINES_MAX} == {}


def test_everything_public_says_what_it_is() -> None:
    faults = [
        f"{name}: {fault}" for name, path in product_python() for fault in wordless(parsed(path))
    ]
    assert faults == []


def test_nothing_is_left_for_later() -> None:
    texts = ((name, path.read_text(encoding="utf-8")) for name, path in product_python())
    assert [name for name, text in texts if LEFT_OVER.search(text)] == []


def test_every_make_command_in_the_documents_exists() -> None:
    targets = targets_of((ROOT / "Makefile").read_text(encoding="utf-8"))
    pages = [path for path in tracked_files() if path.suffix == ".md"]
    named = {path: commands_named(path.read_text(encoding="utf-8")) for path in pages}
    assert targets >= COMMANDS
    assert {name_of(p): names - targets for p, names in named.items() if names - targets} == {}


def test_the_checks_find_what_they_are_there_for() -> None:
    long = ast.parse("def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX)
    assert too_long(long) == ["f() has 71 lines"]
    assert wordless(ast.parse("def f(): ...\nclass C: ...")) == [
        "no docstring", "f has no docstring", "C has no docstring",
    ]  # fmt: skip
    assert wordless(ast.parse('"""M."""\ndef _f(): ...')) == []
    assert commands_named("Say `make lunch`, then\nmake dinner\nit will make sense") == {
        "lunch", "dinner",
    }  # fmt: skip
    assert LEFT_OVER.search("x = 1  # TO" + "DO later")
