"""Reading forms: all mistakes at once, everything typed kept."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from courier.look.forms import Form, tidy
from tests.courier.look.gallery import check_number


@pytest.fixture(autouse=True)
def _in_a_request(app: Flask):
    with app.test_request_context("/resident/?lang=zh"):
        yield


def test_a_checker_s_own_words_reach_the_reader_and_the_text_stays() -> None:
    form = Form({"number": " 123 "})
    assert form.text("number", check_number) == ""
    assert form.error("number") == "身份证号的最后一位不对，请照着证件再核对一遍"
    assert form.value("number") == " 123 "
    assert not form.ok


def test_english_readers_get_english_words(app: Flask) -> None:
    with app.test_request_context("/resident/?lang=en"):
        form = Form({"number": "123"})
        form.text("number", check_number)
        form.text("name")
        assert [e.message for e in form.errors] == [
            "The last character of the ID number does not fit; please check it again",
            "Fill this in",
        ]


def test_errors_stand_in_the_order_in_which_fields_are_read() -> None:
    form = Form()
    for name in ("name", "phone", "street"):
        form.text(name)
    assert [error.field for error in form.errors] == ["name", "phone", "street"]


def test_an_optional_field_left_empty_is_not_checked() -> None:
    form = Form({"number": "  "})
    assert form.text("number", check_number, required=False) == ""
    assert form.ok


def test_too_long_a_text_says_how_long_it_is() -> None:
    form = Form({"note": "字" * 201})
    assert form.text("note") == ""
    assert form.error("note") == "最多 200 个字，现在有 201 个"


def test_a_checker_that_breaks_is_not_taken_for_a_mistake_of_the_reader() -> None:
    def broken(_text: str) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Form({"x": "1"}).text("x", broken)


def test_a_choice_that_was_not_offered_is_refused() -> None:
    form = Form({"route": "teleport"})
    assert form.choice("route", ["self", "mail"], required=False) == ""
    assert form.error("route") == "请选一项"


def test_ticked_boxes_come_in_the_order_offered_and_strange_ones_not_at_all() -> None:
    form = Form(MultiDict([("paper", "form"), ("paper", "id"), ("paper", "gold")]))
    assert form.choices("paper", ["id", "form", "photo"], at_least=1) == ("id", "form")
    assert form.ok
    form.choices("paper", ["photo"], at_least=1)
    assert form.error("paper") == "请至少选 1 项"


def test_the_first_thing_said_about_a_field_stays() -> None:
    form = Form()
    form.fail("a", "第一")
    form.fail("a", "第二")
    assert form.error("a") == "第一"


def test_rare_characters_stay_as_they_are() -> None:
    for name in ("𠮷野家", "䶮", "㛃", "龘", "买买提·艾力"):
        assert Form({"name": name}).text("name") == name


@given(st.text(st.characters(codec="utf-8")))
def test_tidy_leaves_no_control_character_and_tidying_again_changes_nothing(text: str) -> None:
    done = tidy(text)
    assert "\n" not in done
    assert "\x00" not in done
    assert tidy(done) == done


def test_lines_are_kept_where_asked() -> None:
    assert tidy("一\r\n二\x07三 ", lines=True) == "一\n二 三"
