"""Samples: every paper of the catalogue has a picture of its kind, and every picture is sound."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from xml.etree import ElementTree

import pytest

from cases.reading import BadData
from cases.samples import ELECTRONIC, GENERAL, read_samples
from sync.bundle import load_bundle, load_samples

SAMPLES = load_samples()
MATERIALS = [spec for matter in load_bundle().catalogue.matters for spec in matter.materials]
PICTURES = files("courier.look") / "static" / "samples"
SVG = "{http://www.w3.org/2000/svg}"
BYTES_MAX = 4096
HEAD = "kind,pattern,name,name_en,caption,caption_en,marks,marks_en\n"
REST = "electronic,,电子,E,说明,c,看,see\ncopy,,通用,G,说明,c,看,see\n"


def test_nineteen_of_twenty_papers_have_a_picture_of_their_own_kind() -> None:
    found = Counter(SAMPLES.of(spec).kind for spec in MATERIALS)
    own = sum(n for kind, n in found.items() if kind not in (GENERAL, ELECTRONIC))
    assert own / len(MATERIALS) >= 0.95
    assert set(found) == {sample.kind for sample in SAMPLES.kinds}, "a kind that nothing has"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("申请人居民身份证", "id_card"),
        ("亲属关系证明（户口簿）", "household"),
        ("收款银行账户信息", "bank"),
        ("个人账户一次性待遇申领表", "form"),
        ("预约登记信息", "form"),
        ("近期免冠证件照", "photo"),
        ("单位授权委托书", "power"),
        ("经营场所平面布局图", "plan"),
        ("年度报告补报截图", "scene"),
        ("房屋租赁合同", "property"),
        ("出生医学证明", "family"),
        ("从业人员健康证明", "proof"),
        ("食品经营许可证", "licence"),
        ("毕业证书", "certificate"),
        ("告知承诺书", "statement"),
        ("住院发票原件", "receipt"),
        ("公司章程", "document"),
        ("月亮的一角", GENERAL),
    ],
)
def test_the_name_of_a_paper_decides(name: str, kind: str) -> None:
    assert SAMPLES.named(name).kind == kind
    assert SAMPLES.named(name).general == (kind == GENERAL)


def test_what_is_electronic_and_fits_nothing_says_that_nothing_is_printed() -> None:
    assert SAMPLES.named("月亮的一角", electronic=True).kind == ELECTRONIC
    assert SAMPLES.named("近期免冠证件照", electronic=True).kind == "photo"


@pytest.mark.parametrize("sample", SAMPLES.kinds, ids=lambda sample: sample.kind)
def test_every_picture_is_light_ours_and_says_that_it_is_a_sample(sample) -> None:
    data = (PICTURES / sample.picture).read_bytes()
    assert len(data) <= BYTES_MAX
    tree = ElementTree.fromstring(data)  # noqa: S314 - our own file
    assert tree.tag == f"{SVG}svg"
    said = [text.text for text in tree.iter(f"{SVG}text")]
    assert "样图（示意），不是正式文书" in said
    numbers = {word for word in said if word and word.isdigit()}
    assert numbers == {str(n) for n in range(1, len(sample.marks) + 1)}, "each mark is explained"
    outside = [name for part in tree.iter() for name in part.attrib if "href" in name]
    assert not outside
    assert not [part.tag for part in tree.iter() if part.tag in (f"{SVG}script", f"{SVG}style")]


def test_no_picture_lies_about_that_no_kind_has() -> None:
    assert {p.name for p in PICTURES.iterdir()} == {s.picture for s in SAMPLES.kinds}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (REST + REST, "stands twice"),
        ("copy,,通用,G,说明,c,看,see\n", "no electronic"),
        (REST + "form,表$,表,F,说明,c,看;写,see\n", "differ"),
        (REST + "form,(表,表,F,说明,c,看,see\n", "form: '(表'"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(rows: str, said: str) -> None:
    with pytest.raises(BadData) as problem:
        read_samples(HEAD + rows)
    assert said in str(problem.value)
