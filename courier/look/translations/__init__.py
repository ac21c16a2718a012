"""The English of what residents read: `en/LC_MESSAGES/messages.po`, and its compiled `.mo`.

The Chinese words in templates and code are the msgids. `python -m courier.look.translations update`
gathers them and compiles; `check` says what is missing and exits 1.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).parent / "en" / "LC_MESSAGES"
PACKAGES = ("courier", "central", "node")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "plural": (1, 2)}
CHINESE = re.compile(r"[㐀-鿿]")
HEADER = "# English of what residents read in Doorstep. Keep %(names)s as they are.\n"
Words = str | tuple[str, ...]
RawWords = str | tuple[str, ...] | list[str] | None


def gathered(root: Path = ROOT) -> Catalog:
    """Every msgid in the packages' templates and code, with the files it stands in."""
    catalog = Catalog(locale="en", domain="messages")
    for path in sources(root):
        method = "jinja2" if path.suffix in {".html", ".txt"} else "python"
        options = {"silent": "false"} if method == "jinja2" else {}
        with path.open("rb") as file:
            for _line, words, _comments, _context in extract(
                method, file, keywords=KEYWORDS, options=options
            ):
                catalog.add(words, locations=[(str(path.relative_to(root)), 0)])
    return catalog


def sources(root: Path = ROOT) -> Iterator[Path]:
    """The files that may hold words: templates and Python of the packages with pages."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in {".html", ".txt", ".py"} and "static" not in path.parts:
                yield path


def update(folder: Path = FOLDER, root: Path = ROOT) -> int:
    """Write all msgids into the .po, keeping what is translated; compile; how many are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    merged = Catalog(locale="en", domain="messages")
    known = stored(folder)
    for message in sorted(gathered(root), key=_order):
        if message.id:
            told = _translated(known, message.id)
            merged.add(message.id, told, locations=sorted(set(message.locations)))
    _write(merged, folder)
    return len(_missing(merged))


def stored(folder: Path = FOLDER) -> Catalog:
    """What the .po holds."""
    path = folder / "messages.po"
    if not path.exists():
        return Catalog(locale="en", domain="messages")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def problems(folder: Path = FOLDER, root: Path = ROOT) -> list[str]:
    """What stands between a resident and English: missing words, an old .mo, bare Chinese."""
    known = stored(folder)
    found = [
        f"no English for “{_first(message.id)}” ({message.locations[0][0]})"
        for message in gathered(root)
        if message.id and not _complete(_translated(known, message.id))
    ]
    mo = folder / "messages.mo"
    if not mo.exists() or _pairs_of_mo(mo) != _pairs(known):
        found.append("messages.mo is not the compiled messages.po: run update")
    for path in sources(root):
        if path.suffix == ".html" and "resident" in path.relative_to(root).parts:
            found += [f"{path.relative_to(root)}: {words}" for words in bare_chinese(path)]
    return found


def bare_chinese(path: Path) -> list[str]:
    """Chinese in a resident's template that stands outside `_()`, and so has no English."""
    tokens = Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).lex(
        path.read_text(encoding="utf-8")
    )
    return [
        f"line {line}: “{' '.join(text.split())[:30]}” is outside _()"
        for line, kind, text in tokens
        if kind == "data" and CHINESE.search(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    ]


def _write(catalog: Catalog, folder: Path) -> None:
    text = io.BytesIO()
    write_po(text, catalog, omit_header=True, include_lineno=False, width=100)
    plain = '\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    forms = '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n"Language: en\\n"\n\n'
    po = HEADER + plain.lstrip("\n") + forms + text.getvalue().decode().strip() + "\n"
    (folder / "messages.po").write_text(po, encoding="utf-8")
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, stored(folder))


def _plain(words: RawWords) -> Words:
    return words if isinstance(words, str) else tuple(words or ())


def _translated(catalog: Catalog, words: RawWords) -> Words:
    message = catalog.get(_first(words))
    return "" if message is None else _plain(message.string)


def _complete(told: RawWords) -> bool:
    return bool(told) and (isinstance(told, str) or all(told or ()))


def _missing(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id and not _complete(message.string)]


def _pairs(catalog: Catalog) -> dict[Words, Words]:
    return {_plain(m.id): _plain(m.string) for m in catalog if m.id and _complete(m.string)}


def _pairs_of_mo(path: Path) -> dict[Words, Words]:
    with path.open("rb") as file:
        return _pairs(read_mo(file))


def _first(words: RawWords) -> str:
    plain = _plain(words)
    return plain if isinstance(plain, str) else plain[0]


def _order(message: Message) -> tuple[str, str]:
    where = message.locations[0][0] if message.locations else ""
    return (where, _first(message.id) if message.id else "")
