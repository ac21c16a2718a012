"""The one-time notice, decoded and read back."""

from __future__ import annotations

import pytest

from labels.notice import Notice, NoticePaper, guide_url, notice
from labels.page import A4_MM, Box
from tests.labels import paper
from tests.labels.test_papers import assert_inside, assert_nothing_overlaps

ADDRESS = guide_url("http://192.168.117.110:8090", 17, "MZJ-080101", "02B.0IAC.1RB")
NOTICE = Notice(
    matter="老年人优待证办理（申领）",
    code="MZJ-080101",
    address=ADDRESS,
    papers=[
        NoticePaper("申请人居民身份证", "核对后当场退还", note="要在有效期内"),
        NoticePaper("近期免冠证件照", "收原件", 2, "一寸，白底，三个月内拍的"),
        NoticePaper("代办人居民身份证", "核对后当场退还"),
    ],
    answers=[("今天谁到场办理？", "代办人（受委托）"), ("申请人多大？", "满 18 周岁")],
    days="即办件，当场办结",
    fee="不收费",
    tips="满60周岁带身份证到社区或自助机，不收工本费。",
    point="军门社区便民服务站",
    printed_at="11月25日（周三）15:00",
    clerk="林小燕",
    phone="0591-87550017",
    note="事项目录为示例数据，时限和收费仅供演示，以当地公布为准。",
)
FULL = Notice(
    matter="国有建设用地使用权及房屋所有权变更登记（面积、用途或坐落变更）" * 2,
    code="SCJG-001701",
    address=guide_url("https://banshi.fzgl.example.gov.cn/doorstep", 999, "SCJG-001701",
                      ".".join(f"{n:02d}ABCD" for n in range(12))),
    papers=[NoticePaper("条件未变化的声明" * 4, "核对后当场退还", 10, "说明" * 20)] * 14,
    answers=[("这次要变更什么，请把要变更的项目都说出来好吗？", "负责人（法定代表人）、地址")] * 12,
    days="承诺 20 个工作日（法定 60 个工作日）" * 2,
    fee="收费 1000 元",
    tips="长" * 200,
    point="名称很长的便民服务站" * 4,
    printed_at="2026年11月22日（周日）15:00",
    clerk="买买提·吐尔逊",
    phone="0591-87550017 转 8001",
    note="示例" * 60,
)  # fmt: skip
PAPER = Box(0, 0, *A4_MM)


def test_a_phone_reads_the_address_off_the_printed_notice() -> None:
    assert paper.all_codes(notice(NOTICE)) == [ADDRESS]
    assert paper.all_codes(notice(FULL)) == [FULL.address]


def test_it_says_everything_on_one_page() -> None:
    printed = notice(NOTICE)
    assert paper.pages(printed) == 1
    words = paper.text(printed)
    for said in (
        "一次性告知书", "老年人优待证办理（申领）", "1. 申请人居民身份证", "要在有效期内",
        "一寸，白底，三个月内拍的", "代办人（受委托）", "即办件，当场办结 · 不收费", "常见错误",
        "军门社区便民服务站", "林小燕", "0591-87550017", "示例数据",
        "谁来办，谁带上自己的身份证件",
    ):  # fmt: skip
        assert said in words, said
    assert "重印" not in words


def test_a_reprint_says_so() -> None:
    assert "重印 第 3 份" in paper.text(notice(NOTICE, copy=3))


@pytest.mark.parametrize("made", [NOTICE, FULL], ids=["usual", "full"])
def test_nothing_leaves_the_page_or_covers_another(made: Notice) -> None:
    printed = notice(made)
    assert paper.pages(printed) == 1
    assert_inside(printed, PAPER)
    assert_nothing_overlaps(printed)


def test_the_address_is_in_capitals_and_says_nothing_where_nothing_was_asked() -> None:
    assert ADDRESS == "HTTP://192.168.117.110:8090/G/017/MZJ-080101/02B.0IAC.1RB"
    assert guide_url("https://a.cn/Sub/", 1, "x-1", "") == "HTTPS://A.CN/Sub/G/001/X-1/-"


@pytest.mark.parametrize("base", ["", "a.cn", "ftp://a.cn", "http://a.cn?x=1", "http://"])
def test_a_base_that_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        guide_url(base, 1, "X", "")
