"""Typefaces: every character of a name is on the paper, and can be copied from it."""

from hypothesis import given
from hypothesis import strategies as st

from labels.fonts import BOLD, REGULAR, Run, missing, printable, runs, width
from labels.page import A5_MM, Box, Document, Style, fit
from tests.labels import paper


def print_out(text: str, *, bold: bool = False) -> bytes:
    document = Document("proof", A5_MM)
    document.page().text(Box(10, 10, 128, 190), text, Style(12, 6, bold=bold))
    return document.pdf()


def test_rare_characters_of_names_are_copied_from_the_pdf_as_they_were_printed() -> None:
    for bold in (False, True):
        assert paper.text(print_out("𠮷䶮㛃龘·㐂喆𬭎𫖯", bold=bold)) == "𠮷䶮㛃龘·㐂喆𬭎𫖯"


def test_a_thousand_different_characters_are_copied_right() -> None:
    text = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 1000))
    assert paper.text(print_out(text)) == text


def test_a_character_the_bold_face_lacks_is_taken_from_the_regular_one() -> None:
    assert runs("林𠮷梅", bold=True) == (Run(BOLD, "林"), Run(REGULAR, "𠮷"), Run(BOLD, "梅"))


def test_a_character_no_typeface_has_is_shown_with_its_code_point() -> None:
    missing = chr(0x323AF)
    assert runs(f"林{missing}") == (Run(REGULAR, "林〓[U+323AF]"),)
    assert paper.text(print_out(f"林{missing}梅")) == "林〓[U+323AF]梅"
    assert paper.picture(print_out(missing)).min() < 64


def test_it_is_told_what_somebody_has_to_write_in() -> None:
    lacking = chr(0x323AF)
    assert missing(f"林{lacking}\ufe0f梅 {lacking}𠮷A") == lacking
    assert missing("𠮷䶮㛃龘·㐂喆𬭎𫖯 林小梅") == ""


def test_what_cannot_be_seen_is_not_printed() -> None:
    assert printable("林\u202e小\u200b梅\x00\ufe0f") == "林小梅"
    assert printable("a\tb\u3000c") == "a b c"


def test_a_lone_surrogate_does_not_stop_the_printer() -> None:
    assert "U+D842" in paper.text(print_out("林\ud842"))


@given(
    st.text(max_size=120),
    st.floats(35, 120),
    st.floats(3, 60),
    st.floats(6, 24),
)
def test_text_is_never_set_outside_its_box(
    text: str, wide: float, high: float, size: float
) -> None:
    style = Style(size, min(size, 6))
    fitted = fit(text, wide, high, style)
    assert fitted.height_mm(style.leading) <= high + 1e-6
    for line in fitted.lines:
        assert width(line, fitted.size) * paper.MM_PER_POINT <= wide + 1e-6


@given(st.text("林小梅路1号abc，。（）", max_size=60))
def test_text_that_fits_is_set_whole(text: str) -> None:
    fitted = fit(text, 60, 60, Style(9))
    assert "".join(fitted.lines).replace(" ", "") == text.replace(" ", "")


def test_text_too_long_for_its_box_says_so() -> None:
    fitted = fit("很长的地址" * 100, 50, 10, Style(10, 6))
    assert fitted.size == 6
    assert fitted.lines[-1].endswith("…")


def test_no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket() -> None:
    for wide in range(20, 60):
        lines = fit("办好后（三天内），结果寄到家。" * 4, wide, 200, Style(9)).lines
        assert not any(line[0] in "，。）" or line[-1] == "（" for line in lines)


def test_a_house_number_stays_on_one_line() -> None:
    for wide in range(20, 60):
        lines = fit("福建省福州市鼓楼区军门社区12号楼", wide, 200, Style(9)).lines
        assert any("12号楼" in line for line in lines)
