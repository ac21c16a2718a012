"""Label paper as data: what cannot be printed is refused when it is read, with the reason."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy
import pytest

from labels.sheets import BadSheets, formats, read_formats
from labels.waybill import waybill, waybills
from tests.labels import distorted, paper
from tests.labels.cast import WAYBILL

TEXT = (files("labels") / "data" / "sheets.toml").read_text(encoding="utf-8")
THERMAL = {"large": "100x150", "small": "76x130"}


def test_the_first_format_is_taken_where_the_chosen_one_is_no_more() -> None:
    assert formats().sheet("no such paper") is formats().sheets[0]
    assert formats().sheet("a4-4").labels == 4


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("margin = 3", "margin = 40", "labels.large: the margin leaves no room"),
        ("head = 12,", "head = 13,", "its bands must fill 144 mm, not 145"),
        ("head = 12,", "", "its bands must be head, tracking"),
        ("letters = 0.8", "letters = 9", "labels.small: bar_dots"),
        ('label = "small"', 'label = "tiny"', "sheets.76x130: there is no label 'tiny'"),
        ('code = "a4-2"', 'code = "a4-4"', "each with a code of its own"),
        ('code = "a4-2"', 'code = ""', "it needs a code"),
        ("columns = 2\nrows = 2", "columns = 3\nrows = 2", "sheets.a4-4: its labels reach beyond"),
        ("columns = 2\nrows = 2", "columns = 90\nrows = 2", "1 to 64 labels"),
        ("cell = [105, 148.5]", "cell = [50, 70]", "too small for the label 'large'"),
        ("page = [100, 150]", "page = [1000, 150]", "no page is larger than 450 mm"),
        ("page = [100, 150]", "page = [100]", "sheets: "),
        ("page = [100, 150]", "sheet = 4\npage = [100, 150]", "unknown field `sheet`"),
        ("[[sheets]]", "[[sheets", "sheets: "),
    ],
)
def test_a_format_that_cannot_be_printed_is_refused(old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(BadSheets) as refused:
        read_formats(TEXT.replace(old, new, 1))
    assert says in str(refused.value)


def test_more_paper_is_a_matter_of_data() -> None:
    more = '[[sheets]]\ncode = "a4-6"\nname = "六枚"\npage = [210, 297]\nlabel = "small"\n'
    grid = "columns = 2\nrows = 2\ncell = [90, 130]\norigin = [10, 12]\ngap = [10, 13]\n"
    sheet = read_formats(f"{TEXT}\n{more}{grid}").sheet("a4-6")
    assert [tuple(sheet.box(place))[:2] for place in range(4)] == [
        (10, 12), (110, 12), (10, 155), (110, 155),
    ]  # fmt: skip


@cache
def printed(label: str) -> numpy.ndarray:
    return paper.picture(waybill(WAYBILL, formats().sheet(THERMAL[label])))


#: The smaller label's modules are the finer ones: it is held before both eyes.
SEEN = pytest.mark.parametrize(
    ("label", "eye"),
    [("large", distorted.EYES[0]), *(("small", eye) for eye in distorted.EYES)],
    ids=["large", "small", "small by another phone"],
)


@SEEN
@pytest.mark.parametrize("distortion", distorted.DISTORTIONS)
def test_the_qr_is_read_however_badly_it_is_seen(
    distortion: str, label: str, eye: distorted.Eye
) -> None:
    band = formats().labels[label].band("contents")
    box = band._replace(x=band.x + band.width - band.height, width=band.height)
    assert distorted.read(paper.part(printed(label), box), distortion, eye) == [WAYBILL.address]


@SEEN
@pytest.mark.parametrize("distortion", distorted.DISTORTIONS)
def test_the_bars_are_read_by_the_courier_s_phone_however_badly_they_are_seen(
    distortion: str, label: str, eye: distorted.Eye
) -> None:
    box = formats().labels[label].band("tracking")
    seen = paper.part(printed(label), box)
    assert distorted.read_by_phone(seen, distortion, eye) == [WAYBILL.tracking]


def test_a_label_says_what_it_weighs_and_that_it_was_looked_at() -> None:
    words = paper.text(waybill(replace(WAYBILL, grams=350, inspected="11月22日 15:00")))
    assert "证照 1 件、文件 2 件、0.35 千克" in words
    assert "已验视 11月22日 15:00" in words
    bare = paper.text(waybill(WAYBILL))
    assert "千克" not in bare
    assert "已验视" not in bare


def test_progress_is_told_label_by_label() -> None:
    told: list[int] = []
    tell: Callable[[int], None] = told.append
    waybills([WAYBILL] * 6, formats().sheet("a4-4"), first=3, progress=tell)
    assert told == [1, 2, 3, 4, 5, 6]
