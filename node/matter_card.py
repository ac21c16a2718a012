"""What the window shows of a matter: finished cards for the templates."""

from __future__ import annotations

from dataclasses import dataclass

from cases.catalogue import Accepting, Basis, DayUnit, Handling, Level, MaterialSpec, Matter
from cases.folded import Case
from cases.points import Directory, Point, PointKind
from cases.routing import OUTSIDE, Forward, KeepHere, OutsideDistrict, Route
from courier.look.cards import SampleCard
from node.licences import LicenceCard
from node.local import Local
from node.reception import route_of
from sync.bundle import load_samples

LEVEL_ZH = {Level.DISTRICT: "区级", Level.SUBDISTRICT: "街道级", Level.COMMUNITY: "社区级"}
BASIS_ZH = {
    Basis.REGISTERED_RESIDENCE: "户籍",
    Basis.RESIDENCE: "居住地",
    Basis.BUSINESS_PLACE: "经营场所",
    Basis.PROPERTY_PLACE: "房产或土地",
}
AREA_ZH = {Level.SUBDISTRICT: "街道", Level.COMMUNITY: "社区"}
HANDLING_ZH = {
    Handling.LOOKED_AT: "核对后当场退还",
    Handling.COPY_KEPT: "收复印件",
    Handling.ORIGINAL_KEPT: "收原件",
    Handling.ELECTRONIC: "电子材料",
}
ACCEPTING_ZH = {
    Accepting.DECIDING: "由审批部门受理",
    Accepting.RECEIVING_POINT: "由收件的受理点受理（目录授权），再转审批部门",
}
TONES = {Handling.ORIGINAL_KEPT: "amber", Handling.COPY_KEPT: "accent"}
AREA_HINT = "问清楚，选好，就知道由谁决定。"


@dataclass(frozen=True)
class RouteCard:
    """Where a matter is decided, in words. ``kind``: here, forward, area or outside."""

    kind: str
    words: str
    text: str = ""


@dataclass(frozen=True)
class PaperCard:
    """One paper of the list: what it is called, what becomes of it, when it is needed."""

    position: int
    name: str
    handling: str
    tone: str
    verb: str
    required: bool
    condition: str
    note: str
    field: str
    licence: LicenceCard | None = None
    """What a look-up of its licence said, where there was one."""
    identity: bool = False
    lacks: bool = False
    """Whether a case may be received without it, for one notice to ask for."""
    picture: SampleCard | None = None
    """The sample of it, for whoever explains how it is prepared."""


@dataclass(frozen=True)
class MatterCard:
    """A matter as its page shows it."""

    code: str
    name: str
    level: str
    department: str
    days: str
    fee: str
    applicant: str
    aliases: str
    summary: str
    tips: str
    result: str
    papers: tuple[PaperCard, ...]
    guide: tuple[str, ...]
    route: RouteCard
    sample: bool
    immediate: bool
    more: tuple[tuple[str, str], ...]


def matter_card(local: Local, matter: Matter) -> MatterCard:
    """The card of a matter, with its route as far as it is known without an area."""
    persons = {"person": "个人", "organization": "单位", "both": "个人、单位都可以"}
    return MatterCard(
        code=matter.code,
        name=matter.name,
        level=LEVEL_ZH[matter.level],
        department=local.bundle.catalogue.department(matter.department).name,
        days=days(matter),
        fee=fee(matter),
        applicant=persons[matter.applicant.value],
        aliases="、".join(matter.aliases),
        summary=matter.summary,
        tips=matter.tips,
        result=matter.result or "无纸质结果",
        papers=tuple(paper_card(spec) for spec in matter.materials),
        guide=matter.guide,
        route=route_card(local, matter, route_of(local, matter, "")),
        sample=local.bundle.catalogue.sample,
        immediate=matter.immediate,
        more=_more(matter),
    )


def fee(matter: Matter) -> str:
    """What it costs and how that is paid: never in cash at a window."""
    if not matter.fee_yuan:
        return "不收费"
    by = f"缴款项目 {matter.fee_reference}，" if matter.fee_reference else ""
    return f"{matter.fee_yuan} 元（{by}扫码缴款，窗口不收现金）"


def fee_due(local: Local, case: Case) -> str:
    """What a case costs and how that is paid; empty for nothing, and for another catalogue's."""
    catalogue = local.bundle.catalogue
    matter = catalogue.get(case.matter) if catalogue.version == case.version else None
    return f"收费 {fee(matter)}" if matter and matter.fee_yuan else ""


def _more(matter: Matter) -> tuple[tuple[str, str], ...]:
    """What an administrator fills in; what nobody has confirmed says that it is a first value."""

    def marked(name: str, words: str) -> str:
        return f"{words}（初始值，待核对）" if name in matter.sample else words

    found = [
        ("管辖", marked("basis", f"按{BASIS_ZH[matter.basis]}")),
        ("受理", marked("accepting", ACCEPTING_ZH[matter.accepting])),
    ]
    if not matter.immediate:
        longest = f"一次，最长 {matter.extension_days} 天" if matter.extension_days else "不延期"
        found.append(("延期", marked("extension_days", longest)))
    if matter.legal_basis:
        found.append(("依据", matter.legal_basis))
    return tuple(found)


def days(matter: Matter) -> str:
    """How long it takes: 当场办结, or the promised and the statutory days."""
    if matter.immediate:
        return "即办件，当场办结"
    unit = "个工作日" if matter.day_unit is DayUnit.WORKING else "天"
    return f"承诺 {matter.promised_days} {unit}（法定 {matter.statutory_days} {unit}）"


def paper_card(spec: MaterialSpec) -> PaperCard:
    """The card of one paper."""
    back = spec.handling is Handling.LOOKED_AT
    copies = f"{spec.copies} 份" if spec.copies > 1 else ""
    return PaperCard(
        position=spec.position,
        name=spec.name,
        handling=HANDLING_ZH[spec.handling],
        tone=TONES.get(spec.handling, "plain"),
        verb="已核对" if back else "已收",
        required=spec.required,
        condition=spec.condition,
        note="；".join(part for part in (copies, spec.note) if part),
        field=f"paper-{spec.position}",
        identity=spec.identity,
        picture=_picture(spec),
    )


def _picture(spec: MaterialSpec) -> SampleCard:
    found = load_samples().of(spec)
    return SampleCard(found.picture, found.name, found.caption, found.marks, found.general)


def route_card(local: Local, matter: Matter, route: Route) -> RouteCard:
    """A route in words, for the clerk and for the resident who asks."""
    department = local.bundle.catalogue.department(matter.department).name
    if isinstance(route, KeepHere):
        return RouteCard("here", "本点直接办", f"由{local.point.name}受理、决定、出结果。")
    if isinstance(route, Forward):
        to = local.bundle.directory.by_code(route.to).name
        who = f"由{to}的{department}决定" if matter.level == "district" else f"由{to}决定"
        text = f"{who}。收存的材料寄过去，本点跟进到底。"
        return RouteCard("forward", f"转办到{to}", text)
    if isinstance(route, OutsideDistrict):
        return RouteCard("outside", "不归鼓楼区办", where_to_go(matter))
    area = AREA_ZH[matter.level]
    return RouteCard("area", f"看{BASIS_ZH[matter.basis]}在哪个{area}", AREA_HINT)


def area_question(matter: Matter) -> str:
    """What the clerk asks: exactly what the matter's basis of competence names."""
    area = AREA_ZH.get(matter.level, "区")
    names = {
        Basis.REGISTERED_RESIDENCE: f"户籍所在{area}",
        Basis.RESIDENCE: f"现在居住的{area}",
        Basis.BUSINESS_PLACE: f"经营场所所在{area}",
        Basis.PROPERTY_PLACE: f"房产或土地所在{area}",
    }
    return names[matter.basis]


def where_to_go(matter: Matter) -> str:
    """Where somebody must go whose competent area lies outside the district."""
    body = {
        Level.SUBDISTRICT: "街道办事处（乡镇人民政府）",
        Level.COMMUNITY: "社区（村）居民委员会",
    }
    who = body.get(matter.level, "区县政务服务中心")
    return f"请到{area_question(matter)}的{who}办理；不清楚是哪里，可拨打当地 12345 询问。"


@dataclass(frozen=True)
class AreaGroup:
    """A group of areas in the list the clerk chooses from."""

    label: str
    options: tuple[tuple[str, str], ...]


def area_groups(local: Local, matter: Matter) -> tuple[AreaGroup, ...]:
    """The areas to choose from, each with its computed route; one's own and 外区 come first."""
    directory = local.bundle.directory
    own = _own(directory, local.point, matter)
    first = [(point.code, _area_words(local, matter, point)) for point in own]
    outside = (OUTSIDE, "不在鼓楼区")
    groups = [AreaGroup("最常用", (*first, outside))]
    if matter.level is Level.SUBDISTRICT:
        centres = [p for p in directory.points if p.kind is PointKind.SUBDISTRICT_CENTRE]
        return (*groups, _group(local, matter, "全区街道", centres))
    for centre in directory.points:
        if centre.kind is PointKind.SUBDISTRICT_CENTRE:
            below = list(directory.children(centre.code))
            groups.append(_group(local, matter, centre.area_name, below))
    return tuple(groups)


def _own(directory: Directory, point: Point, matter: Matter) -> tuple[Point, ...]:
    if matter.level is Level.SUBDISTRICT:
        found = directory.subdistrict_of(point)
        return (found,) if found else ()
    return (point,) if point.kind is PointKind.COMMUNITY_POINT else ()


def _group(local: Local, matter: Matter, label: str, points: list[Point]) -> AreaGroup:
    return AreaGroup(label, tuple((p.code, _area_words(local, matter, p)) for p in points))


def _area_words(local: Local, matter: Matter, point: Point) -> str:
    here = isinstance(route_of(local, matter, point.code), KeepHere)
    return f"{point.area_name}（{'本点直接办' if here else '转办'}）"
