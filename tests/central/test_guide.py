"""The list of a one-time notice on a phone: the same papers, in Chinese and English, of nobody."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from msgspec.structs import replace

from central.guide_pages import fee_of
from central.paper_names import kind_in_english
from labels.notice import guide_url
from sync.bundle import load_bundle, load_samples
from tests.central.world import Browser

GUIDE, CATALOGUE = load_bundle().guide, load_bundle().catalogue
SUPPORT = CATALOGUE.matter("YBJ-001200")  # 困难群众参加居民医保资助
POOR = {"here": frozenset({"self"}), "income": frozenset({"dibao"}),
        "disability": frozenset({"none"})}  # fmt: skip

PAGE_BYTES_MAX = 60_000


def path(matter: str = SUPPORT.code, answers: str = "", point: int = 31) -> str:
    return guide_url("http://portal.test", point, matter, answers).removeprefix(
        "HTTP://PORTAL.TEST"
    )


def papers(page: str) -> list[str]:
    return re.findall(r'<input type="checkbox"><span><b>([^<]+)', page)


def test_the_phone_shows_the_papers_that_the_window_told(stranger: Browser) -> None:
    page = stranger.get(path(answers=GUIDE.code_of(POOR))).text
    needed = GUIDE.resolve(SUPPORT.materials, {**POOR, "kind": frozenset({"person"})}).needed
    assert papers(page) == [spec.name for spec in needed]
    for spec in needed:
        assert spec.note in page
    for words in (
        SUPPORT.tips,
        "申请人家里是低保或特困吗？",
        "低保",
        "示例数据",
        "不收费",
        "带上自己的身份证件",
    ):
        assert words in page, words
    assert "还要看情况" not in page


def test_the_same_list_in_english(stranger: Browser) -> None:
    page = stranger.get(path(answers=GUIDE.code_of(POOR)) + "?lang=en").text
    assert "Papers to bring" in page
    assert "identity card" in page
    assert "Does the household receive minimum living support" in page
    assert "最低生活保障证" in papers(page), "the counter knows it by this name"


def test_each_paper_opens_its_sample_and_no_picture_is_sent_before(stranger: Browser) -> None:
    page = stranger.get(path(answers=GUIDE.code_of(POOR))).text
    needed = GUIDE.resolve(SUPPORT.materials, {**POOR, "kind": frozenset({"person"})}).needed
    pictures = re.findall(r'<img src="([^"]+)"[^>]*loading="lazy"', page)
    kinds = [load_samples().of(spec) for spec in needed]
    assert [re.sub(r".*/samples/|\?.*", "", url) for url in pictures] == [k.picture for k in kinds]
    assert page.count('<details class="sample">') == len(needed), "closed until it is tapped"
    for kind in kinds:
        assert kind.caption in page
        assert all(mark in page for mark in kind.marks)
    for url in pictures:
        with stranger.get(unescape(url)) as picture:
            assert picture.headers["Content-Type"].startswith("image/svg+xml")
            assert "样图（示意）" in picture.text
    english = stranger.get(path(answers=GUIDE.code_of(POOR)) + "?lang=en").text
    assert "See a sample" in english
    assert kinds[0].caption_english in english


def test_a_list_without_answers_says_what_it_depends_on(stranger: Browser) -> None:
    page = stranger.get(path()).text
    assert "还要看情况" in page
    assert "残疾人证" in page
    assert "残疾人证" not in papers(page)


def test_an_address_typed_in_small_letters_opens_too(stranger: Browser) -> None:
    big = stranger.get(path(answers="02A.05A.06C")).text
    small = stranger.get(path(answers="02A.05A.06C").lower()).text
    assert papers(big) == papers(small) != []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ("/G/031/NO-000000/02A", 404),
        ("/G/031/YBJ-001200", 404),
        ("/G/999/YBJ-001200/02A", 200),
        ("/G/x/YBJ-001200/<script>alert(1)<", 200),
        ("/G/000000000000/YBJ-001200/" + "05A." * 500, 200),
        ("/G/０３１/YBJ-001200/０５Ａ", 200),
    ],
)
def test_nonsense_is_refused_or_ignored(stranger: Browser, wrong: str, status: int) -> None:
    answer = stranger.get(wrong)
    assert answer.status_code == status
    assert "<script>alert" not in answer.text


def test_every_matter_has_its_list_and_most_papers_an_english_kind(stranger: Browser) -> None:
    longest = max(CATALOGUE.matters, key=lambda matter: len(matter.materials))
    for matter in (longest, *CATALOGUE.matters[::50]):
        page = stranger.get(path(matter.code))
        assert matter.name in page.text
        assert len(page.data) < PAGE_BYTES_MAX
    names = [spec.name for matter in CATALOGUE.matters for spec in matter.materials]
    assert sum(map(bool, map(kind_in_english, names))) / len(names) > 0.95
    assert kind_in_english("申请人居民身份证") == "identity card"
    assert kind_in_english("人事档案") == ""


def test_a_fee_names_what_it_is_paid_by(app: Flask) -> None:
    card = CATALOGUE.matter("GAJ-001502")  # 居民身份证办理（到期换领）
    with app.test_request_context("/"):
        assert fee_of(card) == "20 元，扫码缴款，窗口不收现金"
        paid = fee_of(replace(card, fee_reference="103043"))
    assert paid == "20 元，缴款项目 103043，扫码缴款，窗口不收现金"
