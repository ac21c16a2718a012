"""What residents read is there in English, and the compiled file is the written one."""

from __future__ import annotations

from pathlib import Path

from courier.look.translations import bare_chinese, problems, update


def test_every_word_for_residents_has_its_english() -> None:
    assert problems() == []


def test_a_word_without_english_and_a_word_outside_the_catalogue_are_found(tmp_path: Path) -> None:
    templates = tmp_path / "courier" / "templates" / "resident"
    templates.mkdir(parents=True)
    page = templates / "page.html"
    page.write_text("{{ _('寄到哪里？') }}<p>裸露的中文</p>{# 注释 #}<!-- 注释 -->")
    folder = tmp_path / "en"
    assert update(folder, tmp_path) == 1
    found = problems(folder, tmp_path)
    assert any("no English for “寄到哪里？”" in line for line in found)
    assert any("裸露的中文" in line for line in found)
    assert len(found) == 2


def test_update_keeps_what_is_translated_and_notices_a_stale_mo(tmp_path: Path) -> None:
    page = tmp_path / "central" / "page.py"
    page.parent.mkdir()
    page.write_text("_('下一步')\nplural('一件', '%(num)s 件', 2)\n")
    folder = tmp_path / "en"
    update(folder, tmp_path)
    po = folder / "messages.po"
    po.write_text(
        po.read_text()
        .replace('msgid "下一步"\nmsgstr ""', 'msgid "下一步"\nmsgstr "Next"')
        .replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "One"\nmsgstr[1] "%(num)s things"')
    )
    assert problems(folder, tmp_path) == ["messages.mo is not the compiled messages.po: run update"]
    assert update(folder, tmp_path) == 0
    assert problems(folder, tmp_path) == []


def test_chinese_in_comments_and_attributes_of_jinja_is_not_bare(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text("{# 说明 #}{% set a = _('甲') %}<p title=\"{{ _('乙') }}\">ok</p>")
    assert bare_chinese(page) == []
