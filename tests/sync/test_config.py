"""An operator who made six mistakes hears of six mistakes, not of one six times over."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest

from sync.config import (
    Between,
    ConfigError,
    Host,
    Port,
    Seconds,
    SecretFile,
    Text,
    Url,
    load_config,
    read_config,
)


@dataclass(frozen=True, slots=True)
class Window:
    host: Host = "127.0.0.1"
    port: Port = 8017
    languages: tuple[Text, ...] = ("zh",)


@dataclass(frozen=True, slots=True)
class Remote:
    url: Url
    timeout_s: Seconds = 5.0
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Carrier:
    name: Text
    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("last 不能小于 first / last must not be below first")


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path
    key_file: SecretFile
    remote: Remote
    window: Window = field(default_factory=Window)
    journal: Literal["embedded", "couchdb"] = "embedded"
    secure: bool = True
    ratio: Annotated[float, Between(0, 1)] = 0.5
    carriers: tuple[Carrier, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)


GOOD = """
data = "store"
key_file = "key"
ratio = 1
[remote]
url = "https://central.example:6984"
[window]
port = 9000
languages = ["zh", "en"]
[[carriers]]
name = "邮政"
first = 1
last = 9
[labels]
"100x150" = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "key").write_text("s3cret-of-the-point\n", encoding="utf-8")
    return tmp_path


def problems_of(text: str, folder: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read_config(text, Settings, base=folder)
    return caught.value.problems


def test_a_good_file_becomes_one_frozen_value(folder: Path) -> None:
    settings = read_config(GOOD, Settings, base=folder)
    assert settings.remote == Remote("https://central.example:6984", 5.0, None)
    assert settings.window == Window(port=9000, languages=("zh", "en"))
    assert settings.carriers == (Carrier("邮政", 1, 9),)
    assert settings.labels == {"100x150": 1}
    assert settings.data == folder / "store"
    assert isinstance(settings.ratio, float)
    with pytest.raises(FrozenInstanceError):
        settings.secure = False  # type: ignore[misc]


def test_a_secret_is_read_at_load_and_never_shown(folder: Path) -> None:
    settings = read_config(GOOD, Settings, base=folder)
    assert settings.key_file.text == "s3cret-of-the-point"
    assert "s3cret" not in repr(settings)


def test_every_mistake_of_a_file_is_named_with_its_key(folder: Path) -> None:
    text = """
    data = 7
    ratio = 1.5
    journal = "mysql"
    secure = 1
    windw = {}
    [remote]
    url = "ftp://central"
    timeout_s = true
    ca_file = "absent.pem"
    [window]
    host = " "
    port = 70000
    prot = 1
    languages = ["zh", 2]
    """
    found = {line.split(":")[0] for line in problems_of(text, folder)}
    assert found == {
        "data", "key_file", "ratio", "journal", "secure", "windw",
        "remote.url", "remote.timeout_s", "remote.ca_file",
        "window.host", "window.port", "window.prot", "window.languages[1]",
    }  # fmt: skip


def test_a_missing_table_names_the_keys_it_should_have_had(folder: Path) -> None:
    assert problems_of('data = "d"\nkey_file = "key"', folder) == (
        "remote.url: 缺少这一项 / missing",
    )


def test_a_mistyped_key_is_told_the_right_one(folder: Path) -> None:
    (line,) = problems_of(GOOD.replace("port", "prot"), folder)
    assert line.startswith("window.prot:")
    assert "did you mean port?" in line


def test_keys_that_do_not_fit_together_are_a_problem_of_their_table(folder: Path) -> None:
    (line,) = problems_of(GOOD.replace("last = 9", "last = 0"), folder)
    assert line.startswith("carriers[0]: last")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "central",
        "http://",
        "https://:6984",
        "http://a:b@central",
        "http://h:99999",
        "http://[::1",
    ],
)
def test_an_address_that_cannot_be_used_or_holds_a_password_is_refused(
    url: str, folder: Path
) -> None:
    (line,) = problems_of(GOOD.replace("https://central.example:6984", url), folder)
    assert line.startswith("remote.url:")


@pytest.mark.parametrize("number", ["nan", "inf", "-0.1", '"0.5"'])
def test_a_number_outside_its_limits_is_refused(number: str, folder: Path) -> None:
    (line,) = problems_of(GOOD.replace("ratio = 1", f"ratio = {number}"), folder)
    assert line.startswith("ratio:")


@pytest.mark.parametrize(
    "wrong",
    ['window = "x"\n', "labels = 3\n", "carriers = {}\n", 'carriers = ["x"]\n'],
)
def test_a_value_where_a_table_or_list_belongs_is_refused(wrong: str, folder: Path) -> None:
    text = f'data = "d"\nkey_file = "key"\nremote = {{url = "http://c"}}\n{wrong}'
    (line,) = problems_of(text, folder)
    assert line.startswith(wrong.split(" ")[0])


def test_a_secret_file_that_is_absent_empty_or_a_folder_is_named(folder: Path) -> None:
    (folder / "key").write_text("\n", encoding="utf-8")
    assert "empty" in problems_of(GOOD, folder)[0]
    (folder / "key").unlink()
    assert str(folder / "key") in problems_of(GOOD, folder)[0]
    (folder / "key").mkdir()
    assert problems_of(GOOD, folder)[0].startswith("key_file:")


def test_a_file_that_is_not_toml_says_where(folder: Path) -> None:
    (line,) = problems_of("data = \n", folder)
    assert "line 1" in line


def test_the_message_holds_the_file_and_one_line_for_each_problem(folder: Path) -> None:
    path = folder / "config.toml"
    path.write_text("data = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, Settings)
    lines = str(caught.value).splitlines()
    assert str(path) in lines[0]
    assert len(lines) == 1 + len(caught.value.problems) == 4


def test_a_configuration_that_is_not_there_or_not_utf8_is_named(folder: Path) -> None:
    path = folder / "config.toml"
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load_config(path, Settings)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load_config(path, Settings)


def test_paths_are_relative_to_the_file_wherever_the_program_stands(folder: Path) -> None:
    path = folder / "config.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_config(path, Settings).data == folder / "store"
