"""The papers of authorities: read back, decoded, measured; their wording checked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from cases.issued import PaperKind
from cases.numbers import PaperNumber
from labels.certificate import Certificate, certificate
from labels.official import Official, official
from labels.page import A4_MM, Box
from labels.paper_code import PaperCode, mint_paper, paper_url, read_paper
from labels.shown import case_named, case_shown
from labels.texts import VALUES, BadWording, read_wording, wording
from labels.tokens import Altered, Expired, NotAToken, WrongPurpose, point_key
from tests.labels import paper
from tests.labels.cast import CASE, KEY
from tests.labels.test_papers import assert_inside, assert_nothing_overlaps
from tests.tree import ROOT

CODE = PaperCode(CASE, PaperKind.REFUSAL, PaperNumber("", 2026, 17, 42, "k3f9"), 17)
ADDRESS = paper_url("http://192.168.117.110:8090", mint_paper(KEY, CODE))
LONG = "经现场核查，食品处理区与卫生间相通，不符合规定。"
FACTS = {name: f"«{name}»" for name in VALUES}
PAGE = Box(8, 6, A4_MM[0] - 16, A4_MM[1] - 12)
TOML = (ROOT / "labels" / "data" / "papers.toml").read_text(encoding="utf-8")


def made(kind: PaperKind, **facts: str) -> Official:
    text = wording().of(kind)
    return Official(
        title=text.title,
        english=text.english,
        number="榕鼓市监不准〔2026〕GL017K3F9-0042号",
        body="福州市鼓楼区市场监督管理局",
        to="林小梅",
        paragraphs=text.filled({**FACTS, **facts}),
        date="2026年11月26日",
        case=CASE,
        address=ADDRESS,
        point="军门社区便民服务站",
        phone="0591-87550017",
        note="事项目录为示例数据",
    )


CERTIFICATE = Certificate(
    title="食品经营许可证",
    number="榕鼓市监证〔2026〕GL001-0042号",
    rows=[("持证人", "林小梅"), ("证件号码", "350102194903121234"), ("有效期至", "长期")],
    content="主体业态：餐饮服务经营者\n经营项目：热食类食品制售",
    body="福州市鼓楼区市场监督管理局",
    date="2026年11月26日",
    case=CASE,
    address=ADDRESS,
)


@pytest.mark.parametrize("kind", PaperKind)
def test_each_paper_is_one_page_that_says_what_it_must(kind: PaperKind) -> None:
    pdf = official(made(kind))
    words = paper.text(pdf).replace(" ", "")
    assert paper.pages(pdf) == 1
    for said in (wording().of(kind).title, "GL017K3F9-0042号", "福州市鼓楼区市场监督管理局",
                 "林小梅：", "2026年11月26日", "盖章处", CASE, "第1页，共1页"):  # fmt: skip
        assert said in words, said
    assert "重印" not in words
    assert [paper.all_codes(pdf, dpi=dpi) for dpi in (203, 150)] == [[ADDRESS]] * 2
    assert_inside(pdf, PAGE)


def test_nothing_on_a_paper_covers_another() -> None:
    rows = [("送达的文书和物品", "决定书" * 30), ("送达方式", "直接送达")]
    signers = ("受送达人", "代收人", "送达人")
    assert_nothing_overlaps(official(replace(made(PaperKind.DELIVERY), rows=rows, signers=signers)))


def test_the_longest_grounds_continue_on_attachments_and_nothing_is_lost() -> None:
    grounds = "".join(f"{LONG}〖{number}〗" for number in range(70))[:2000]
    pdf = official(made(PaperKind.REFUSAL, grounds=grounds, remedies="救" * 1900 + "完"), copy=2)
    words = paper.text(pdf)
    assert paper.pages(pdf) == 4
    assert "续见附页" in words
    assert words.count("附页") == 4  # three of them, and the word that says so
    assert [words.count(sign) for sign in "〖〗救"] == [
        grounds.count("〖"),
        grounds.count("〗"),
        1900,
    ]
    assert "完" in words
    assert paper.all_codes(pdf) == [ADDRESS]
    for number in range(4):
        assert_inside(pdf, PAGE, number)


def test_the_longest_names_stay_in_their_places() -> None:
    long = replace(
        made(PaperKind.ACCEPTANCE), body="福州市鼓楼区名称特别长的行政主管部门" * 4, to="名" * 120,
        point="站" * 90, title="决定书" * 12,
    )  # fmt: skip
    assert paper.pages(official(long)) == 1
    assert_inside(official(long), PAGE)
    longest = replace(
        CERTIFICATE, title="许可证" * 20, content="项目" * 300, body=long.body,
        rows=[("持证人", "名" * 120)] * 6,
    )  # fmt: skip
    assert paper.pages(certificate(longest)) == 1
    assert_inside(certificate(longest), PAGE)


def test_a_reprint_says_so() -> None:
    assert "重印 第 2 份" in paper.text(official(made(PaperKind.ACCEPTANCE), copy=2))
    assert "重印 第 3 份" in paper.text(certificate(CERTIFICATE, copy=3))


def test_a_certificate_names_its_holder_and_its_code_is_read() -> None:
    pdf = certificate(CERTIFICATE)
    words = paper.text(pdf)
    for said in ("食品经营许可证", "林小梅", "热食类食品制售", "GL001-0042号", "长期"):
        assert said in words
    assert paper.all_codes(pdf) == [ADDRESS]
    assert_nothing_overlaps(pdf)


def test_a_code_says_again_what_it_was_made_of() -> None:
    for kind in PaperKind:
        for suffix in ("", "k3f9", "k3f9zzzz"):
            code = PaperCode(CASE, kind, PaperNumber("", 2026, 17, 42, suffix), 17)
            assert read_paper(mint_paper(KEY, code).lower(), {17: KEY}.get) == code


def test_a_forged_code_proves_nothing() -> None:
    text = mint_paper(KEY, CODE)
    for place, sign in enumerate(text):
        other = "A" if sign != "A" else "B"
        with pytest.raises((Altered, NotAToken)):
            read_paper(text[:place] + other + text[place + 1 :], {17: KEY}.get)
    with pytest.raises(Altered):
        read_paper(text, {17: point_key(b"another master key of 32 bytes..", 17)}.get)
    with pytest.raises(Altered):
        read_paper(text, {}.get)
    for nonsense in ("", "x" * 500, text + "A", "０" * 16):
        with pytest.raises(NotAToken):
            read_paper(nonsense, {17: KEY}.get)


def test_a_notice_opens_its_case_at_a_window_to_the_end_of_the_next_year() -> None:
    text, end = mint_paper(KEY, replace(CODE, kind=PaperKind.CORRECTION)), date(2027, 12, 31)
    assert case_named(text) == (CASE, end)
    assert case_shown(text, end, {17: KEY}.get) == CASE
    with pytest.raises(Expired):
        case_shown(text, end + timedelta(days=1), {17: KEY}.get)
    assert case_named(text.replace("-2026GL", "-9999GL"))[0] == CASE, "not proved, yet no accident"
    with pytest.raises(WrongPurpose):
        case_shown(mint_paper(KEY, CODE), end, {17: KEY}.get)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("{grounds}", "{grouns}", "no value {grouns}"),
        ("{grounds}", "{grounds", "papers.refusal"),
        ("[papers.refusal]", "[papers.refusel]", "no [papers.refusal]"),
        ('word = "不准"', 'word = "准"', "cannot stand before two kinds"),
        ('MZJ = "民"', 'MZJ = "市监"', "cannot stand before two kinds"),
        ('title = "证照"', 'titel = "证照"', "titel"),
        ("district =", "district", "papers:"),
    ],
)
def test_a_wording_that_cannot_be_used_is_refused(before: str, after: str, why: str) -> None:
    assert before in TOML
    with pytest.raises(BadWording, match=re.escape(why)):
        read_wording(TOML.replace(before, after))


def test_a_department_nobody_has_listed_still_has_numbers() -> None:
    for odd in ("", "長" * 3000, "../../x"):
        assert wording().series(PaperKind.ACCEPTANCE, odd) == "榕鼓政受"


def test_what_is_not_there_leaves_its_paragraph_out() -> None:
    facts = {**FACTS, "where_to_go": ""}
    with_, without = (wording().of(PaperKind.NON_ACCEPTANCE).filled(f) for f in (FACTS, facts))
    assert len(without) == len(with_) - 1
    assert all(p.strip() for p in without)
