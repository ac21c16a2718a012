"""The example configuration names every key, and its values are the initial ones."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest

from central.config import CentralConfig, load_central
from node.config import NodeConfig, load_node
from sync.config import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def keys(value: object, prefix: str) -> set[str]:
    found = set()
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        name = f"{prefix}.{field.name}"
        found |= keys(inner, name) if dataclasses.is_dataclass(inner) else {name}
    return found


def test_both_programs_read_the_example():
    assert load_node(EXAMPLE).window.port == 8017
    assert load_central(EXAMPLE).web.port == 8400


def test_every_key_is_explained_in_the_example():
    text = EXAMPLE.read_text(encoding="utf-8")
    wanted = keys(load_node(EXAMPLE), "node") | keys(load_central(EXAMPLE), "central")
    missing = {k for k in wanted if f"\n{k.rsplit('.', 1)[1]} =" not in text.replace("# ", "")}
    assert not missing


def test_the_values_shown_are_the_initial_ones():
    raw = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    for part, kind in (("node", NodeConfig), ("central", CentralConfig)):
        for field in dataclasses.fields(kind):
            if dataclasses.is_dataclass(field.default):
                shown = raw[part].get(field.name, {})
                initial = dataclasses.asdict(field.default)
                assert {k: initial[k] for k in shown} == shown, f"{part}.{field.name}"


def test_every_mistake_of_a_file_is_listed_at_once(tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text(
        '[node]\ndata = "x"\nwindo = 1\n[node.window]\nport = 99999\n'
        '[node.central]\ncouchdb_url = "ftp://x"\nportal_url = "http://y"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as wrong:
        load_node(file)
    assert len(wrong.value.problems) == 3
