"""One set of standards: tables handed out and sent back, every mistake found, changes shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from cases.calendar import Holiday, YearTable
from cases.catalogue import Accepting, Basis, Handling
from cases.changes import ADDED, CHANGED, REMOVED, Change, changes
from cases.columns import COLUMNS, TITLES, columns_at, table_of
from cases.reading import BadData
from cases.standards import (
    Line,
    Standards,
    Tables,
    apply,
    finished,
    with_contact,
    with_matter,
    with_point,
    with_year,
)
from cases.standards_check import check_row, cross_check
from cases.standards_rows import table_rows
from tests.cases.reference import the_catalogue, the_directory, the_guide

Edit = Callable[[list[list[str]]], None]
YEARLY_CHECK = "MZJ-080103"


@pytest.fixture(scope="module")
def standards() -> Standards:
    """A few matters of every kind, so that a table is read in a moment."""
    catalogue = the_catalogue()
    bundled = {code for bundle in catalogue.bundles for code in bundle.matters}
    matters = tuple(m for m in catalogue.matters if m.code in bundled or m.code == YEARLY_CHECK)
    few = msgspec.structs.replace(catalogue, matters=matters)
    return Standards(few, the_directory().points, (), the_guide())


def sent(standards: Standards, table: str, edit: Edit = lambda rows: None) -> list[list[str]]:
    """A table as it was handed out, edited and sent back."""
    rows = list(table_rows(standards, table))
    edit(rows)
    return rows


def read(standards: Standards, **tables: list[list[str]]) -> tuple[Tables, list[str]]:
    """What was read, and every mistake in the words that are shown."""
    found: dict[str, list[Line]] = {}
    problems = []
    for table, (headings, *rows) in tables.items():
        columns, wrong = columns_at(table, headings, TITLES[table])
        problems += wrong
        found[table] = []
        for number, cells in enumerate(rows, 2):
            line, wrong = check_row(table, columns, (number, cells), TITLES[table])
            found[table].append(line)
            problems += wrong
    if not problems:
        problems = cross_check(standards, found)
    return found, [str(problem) for problem in problems]


def put(row: int, heading: str, value: str) -> Edit:
    def edit(rows: list[list[str]]) -> None:
        rows[row][rows[0].index(heading)] = value

    return edit


def changed(standards: Standards, after: Standards) -> list[Change]:
    return list(changes(standards, after))


def test_every_table_of_the_whole_sample_comes_back_as_it_was_handed_out() -> None:
    whole = Standards(the_catalogue(), the_directory().points, (), the_guide())
    tables, problems = read(whole, **{table: sent(whole, table) for table in COLUMNS})
    assert problems == []
    assert apply(whole, tables, sample=True) == whole
    assert changed(whole, apply(whole, tables, sample=True)) == []


@pytest.mark.parametrize("table", list(COLUMNS))
def test_a_table_is_known_by_its_headings_in_either_tongue(
    standards: Standards, table: str
) -> None:
    assert table_of(next(table_rows(standards, table))) == table
    assert table_of([column.name for column in COLUMNS[table]]) == table


@pytest.mark.parametrize("headings", [["姓名", "电话号码"], [], ["", " "], ["说明"]])
def test_what_is_no_table_of_ours_is_not_taken_for_one(headings: list[str]) -> None:
    assert table_of(headings) == ""


def test_all_mistakes_are_told_at_once_each_with_its_row_and_column(standards: Standards) -> None:
    def spoil(rows: list[list[str]]) -> None:
        put(1, "层级", "县级")(rows)
        put(1, "承诺时限", "五天")(rows)
        put(2, "事项名称", " ")(rows)
        put(3, "秒批", "大概")(rows)
        put(4, "收费（元）", "-1")(rows)

    _, problems = read(standards, items=sent(standards, "items", spoil))
    assert problems == [
        "事项表第 2 行“层级”：写的是“县级”，请写其中一个：区级、街道级、社区级",
        "事项表第 2 行“承诺时限”：写的是“五天”，请写 0 到 1000000 的整数，不带单位",
        "事项表第 3 行“事项名称”：没有填",
        "事项表第 4 行“秒批”：写的是“大概”，请写“是”或“否”",
        "事项表第 5 行“收费（元）”：写的是“-1”，请写 0 到 1000000 的整数，不带单位",
    ]


@pytest.mark.parametrize(
    ("table", "row", "heading", "value", "says"),
    [
        ("items", 1, "部门代码", "XXXX", "没有代码为“XXXX”的部门"),
        ("items", 2, "事项编码", "SCJG-000101", "和第 2 行重复"),
        ("items", 1, "结果证照代码", "ZZZ", "没有代码为“ZZZ”的证照"),
        ("items", 1, "承诺时限", "2", "即办件当天办结"),
        ("items", 1, "最长延期", "10", "即办件不能延期"),
        ("items", 1, "委托社区", "是", "层级要写社区级"),
        ("items", 1, "缴款项目编码", "103043", "不收费的事项不用填"),
        ("items", 1, "法定时限", "99999", "最多 3660 天"),
        ("items", 1, "提醒", "长" * 2_001, "最多 2000 个"),
        ("items", 1, "事项编码", "NEW-000100", "里有事项 SCJG-000101，新的事项表里没有"),
        ("materials", 1, "事项编码", "XX-1", "没有编码为“XX-1”的事项"),
        ("materials", 1, "证照代码", "ZZZ", "没有代码为“ZZZ”的证照"),
        ("materials", 1, "何时需要", "心情好时", "“必要”的材料不写何时需要"),
        ("materials", 1, "是否必要", "视情况", "要写清楚何时需要"),
        ("materials", 1, "份数", "0", "请写 1 到 99"),
        ("bundles", 1, "包含事项", "SCJG-000501、XX-9", "没有编码为“XX-9”的事项"),
        ("points", 1, "电话", "没有", "没有填"),
        ("points", 1, "受理点编码", "350102999999", "增减受理点不在这里办"),
    ],
)
def test_a_mistake_says_where_it_is_and_what_to_do(
    standards: Standards, table: str, row: int, heading: str, value: str, says: str
) -> None:
    def edit(rows: list[list[str]]) -> None:
        put(row, heading, value)(rows)
        if heading == "承诺时限":
            assert rows[row][rows[0].index("办件类型")] == "即办"

    _, problems = read(standards, **{table: sent(standards, table, edit)})
    assert any(says in problem for problem in problems), problems


def test_a_condition_that_no_question_decides_is_named_with_its_row(standards: Standards) -> None:
    rows = sent(standards, "materials")
    place = next(n for n, row in enumerate(rows) if "视情况" in row)
    put(place, "何时需要", "月圆时")(rows)
    _, problems = read(standards, materials=rows)
    assert problems == [
        f"材料表第 {place + 1} 行“何时需要”：没有问题能判断“月圆时”，请先在条件表里写明对应的回答"
    ]


def test_identity_documents_are_always_returned_whatever_a_table_says(
    standards: Standards,
) -> None:
    rows = sent(standards, "materials")
    place = next(n for n, row in enumerate(rows) if any("居民身份证" in c for c in row))
    put(place, "处理方式", "收原件")(rows)
    _, problems = read(standards, materials=rows)
    assert problems == [f"材料表第 {place + 1} 行“处理方式”：身份证件只能核对后当场退还"]


def test_headings_that_are_missing_unknown_or_doubled_are_told(standards: Standards) -> None:
    rows = sent(standards, "items")
    rows[0][1], rows[0][2] = "随便", "事项编码"
    _, problems = read(standards, items=rows)
    assert problems[:4] == [
        "事项表第 1 行“随便”：不认识这一列，请改成模板的列名或删去",
        "事项表第 1 行“事项编码”：这一列出现了两次，请删去一列",
        "事项表第 1 行“事项名称”：缺少这一列，请按模板补上",
        "事项表第 1 行“主项名称”：缺少这一列，请按模板补上",
    ]


def test_what_an_administrator_filled_in_is_taken_and_no_sample_any_more(
    standards: Standards,
) -> None:
    def fill(rows: list[list[str]]) -> None:
        put(1, "管辖依据", "居住地")(rows)
        put(1, "由谁受理", "受理点")(rows)
        put(1, "法律依据", "行政许可法第十二条")(rows)

    tables, problems = read(standards, items=sent(standards, "items", fill))
    assert problems == []
    first = apply(standards, tables, sample=False).catalogue.matters[0]
    assert (first.basis, first.accepting) == (Basis.RESIDENCE, Accepting.RECEIVING_POINT)
    assert first.sample == ("day_unit", "extension_days")
    assert first.materials == standards.catalogue.matters[0].materials


def test_a_preview_says_field_by_field_what_was_and_what_would_be(standards: Standards) -> None:
    def edit(rows: list[list[str]]) -> None:
        put(1, "承诺时限", "0")(rows)
        put(1, "管辖依据", "居住地")(rows)
        rows.append(list(rows[1]))
        put(-1, "事项编码", "NEW-000100")(rows)
        put(-1, "事项名称", "新事项")(rows)

    tables, problems = read(standards, items=sent(standards, "items", edit))
    assert problems == []
    found = changed(standards, apply(standards, tables, sample=False))
    assert [(c.how, c.kind, c.code) for c in found] == [
        (CHANGED, "目录", ""),
        (CHANGED, "事项", "SCJG-000101"),
        (ADDED, "事项", "NEW-000100"),
    ]
    assert found[1].fields == (("管辖依据", "经营场所（初始值）", "居住地"),)


def test_a_changed_material_is_shown_with_its_name_and_place(standards: Standards) -> None:
    matter = standards.catalogue.matters[0]
    first, second, *rest = matter.materials
    kept = msgspec.structs.replace(second, handling=Handling.COPY_KEPT, sample=())
    new = msgspec.structs.replace(matter, materials=(kept, *rest))
    (change,) = changed(standards, with_matter(standards, new))
    assert change.fields[0] == (f"材料 {first.position}", first.name, "（没有）")
    assert change.fields[1].zh == f"材料 {second.position} {second.name}：处理方式"
    assert change.fields[1].after == "收复印件"


def test_what_is_left_out_of_a_table_is_shown_as_removed(standards: Standards) -> None:
    rows = [r for r in sent(standards, "items") if r[0] != YEARLY_CHECK]
    tables, problems = read(standards, items=rows)
    assert problems == []
    found = changed(standards, apply(standards, tables, sample=True))
    assert [(c.how, c.code) for c in found] == [(REMOVED, YEARLY_CHECK)]


def test_a_point_is_open_for_mail_only_when_everything_of_it_is_filled_in(
    standards: Standards,
) -> None:
    first, second, *_ = standards.points
    real = with_contact(first, address="东街 1 号", phone="0591-1", hours="9–5", open_for_mail=True)
    done = with_point(standards, real)
    assert all(point.open_for_mail for point in finished(done).points)
    real_catalogue = msgspec.structs.replace(done.catalogue, sample=False)
    points = finished(replace(done, catalogue=real_catalogue)).points
    assert [point.code for point in points if point.open_for_mail] == [first.code]
    assert (points[0].phone, points[0].hours) == ("0591-1", "9–5")
    assert {(p.address, p.phone, p.hours) for p in points[1:]} == {
        ("", "0591-12345（市政务服务热线）", "")
    }, "no sample stands on a page of official standards"
    with pytest.raises(BadData, match="要先填好"):
        with_contact(second, address="东街 1 号", phone="", hours="9–5", open_for_mail=True)


def test_a_points_row_is_filled_in_whole_or_not_at_all(standards: Standards) -> None:
    rows = sent(standards, "points")
    put(1, "地址", "东街 1 号")(rows)
    put(2, "地址", "东街 2 号")(rows)
    put(2, "电话", "0591-87654321 转 2")(rows)
    put(2, "办公时间", "周一至周五")(rows)
    put(2, "开通邮寄", "是")(rows)
    _, problems = read(standards, points=rows)
    assert [p[:13] for p in problems] == ["受理点表第 2 行“电话”", "受理点表第 2 行“办公时"]
    tables, problems = read(standards, points=[rows[0], rows[2]])
    assert problems == []
    points = apply(standards, tables, sample=False).points
    assert points[0] == standards.points[0]
    assert (points[1].phone, points[1].sample) == ("0591-87654321 转 2", ())


def test_a_years_notice_goes_over_the_earlier_one_and_is_shown(standards: Standards) -> None:
    holiday = Holiday(name="元旦", first=date(2027, 1, 1), last=date(2027, 1, 3))
    year = YearTable(year=2027, notice="国办发明电", holidays=(holiday,))
    once = with_year(standards, year)
    longer = msgspec.structs.replace(holiday, last=date(2027, 1, 4), work=(date(2027, 1, 9),))
    twice = with_year(once, msgspec.structs.replace(year, holidays=(longer,)))
    assert [c.how for c in changed(standards, once)] == [ADDED]
    (change,) = changed(once, twice)
    assert change.fields == (
        ("安排", "元旦 2027-01-01至2027-01-03", "元旦 2027-01-01至2027-01-04，上班 2027-01-09"),
    )
