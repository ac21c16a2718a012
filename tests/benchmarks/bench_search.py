"""Search while somebody types: 10,000 matters, against a scan that compares with every text."""

from __future__ import annotations

import sys
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from msgspec.structs import replace

from cases.catalogue import Catalogue, Matter
from cases.readings import reading_of
from cases.search import Index
from sync.bundle import load_bundle

MATTERS = 10_000
SCANNED = 5
PHRASES = Path(__file__).parents[1] / "cases" / "phrases.tsv"
PLACES = ["鼓东", "鼓西", "温泉", "东街", "南街", "安泰", "华大", "水部", "五凤", "洪山", "软件园"]


def ten_thousand() -> tuple[Matter, ...]:
    """The catalogue's matters, and the same for single places until there are enough."""
    base = load_bundle().catalogue.matters
    more = [
        replace(
            matter,
            code=f"{matter.code[:-6]}{number}{matter.code[-5:]}",
            name=f"{place}{matter.name}",
            aliases=tuple(f"{place}{alias}" for alias in matter.aliases),
        )
        for number, place in enumerate(PLACES, 1)
        for matter in base
    ]
    return (*base, *more)[:MATTERS]


def typed() -> list[str]:
    """Phrases with slips, their beginnings as they are typed, their pinyin and initials."""
    lines = PHRASES.read_text(encoding="utf-8").splitlines()
    phrases = [line.split("\t")[0] for line in lines if not line.startswith("#")]
    letters = [form for p in phrases[::4] for form in reading_of(p)[3:5]]
    return [*phrases, *(p[:2] for p in phrases[::3]), *letters]


def scan(matters: tuple[Matter, ...], words: str) -> list[Matter]:
    """What somebody would write first: how alike the words are to every name and alias."""

    def alike(matter: Matter) -> float:
        texts = (matter.name, *matter.aliases)
        return max(SequenceMatcher(None, words, text).ratio() for text in texts)

    return sorted(matters, key=alike, reverse=True)[:8]


def milliseconds(index: Index, words: str) -> float:
    started = perf_counter()
    index.find(words)
    return (perf_counter() - started) * 1000


def test_search_among_ten_thousand_matters_against_a_plain_scan() -> None:
    matters = ten_thousand()
    catalogue = load_bundle().catalogue
    index = Index(
        Catalogue(matters=matters, departments=catalogue.departments, licences=catalogue.licences)
    )
    times = [milliseconds(index, words) for words in typed()]
    plain = []
    for words in typed()[:SCANNED]:
        started = perf_counter()
        scan(matters, words)
        plain.append((perf_counter() - started) * 1000)
    p95 = quantiles(times, n=20)[-1]
    sys.stdout.write(
        f"\n  search among {MATTERS:,}: median {median(times):.1f} ms, 95 % within {p95:.1f} ms,"
        f" slowest {max(times):.1f} ms; a plain scan {median(plain):.0f} ms"
    )
    assert p95 < median(plain)
