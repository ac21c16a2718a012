"""办什么事？ One box for matters and cases; and the page of a matter."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases import search as rules
from cases.bundles import find_bundles
from cases.catalogue import Bundle, Level, Matter
from cases.folded import Case
from cases.readings import plain
from cases.search import Index, browse, themes
from cases.states import STATE_ZH
from courier.look.cards import WorkItem
from courier.look.forms import Form
from courier.look.signin import needs
from labels.masking import mask_id
from node import recall, shown, visits
from node.context import case_url, local, staff
from node.guide_card import matter_guide
from node.local import Local
from node.matter_card import LEVEL_ZH, days, matter_card, route_card
from node.people_card import applicant
from node.reception import route_of
from node.staff import CLERK
from sync import registers
from sync.said import said_or_nothing

blueprint = Blueprint("matters", __name__, template_folder="templates")
MATTERS_MAX, CASES_MAX, BROWSED_MAX = 12, 6, 200
OFTEN_DAYS = 90
_counts: dict[tuple[str, int, str], dict[str, int]] = {}


def index_of(local: Local) -> Index:
    """The search index of the catalogue in use."""
    return rules.index_of(local.bundle.catalogue)


@blueprint.get("/matters")
@needs()
def search() -> ResponseReturnValue:
    """Matters and cases for what was typed; without words, browsing by theme, department, level."""
    here, words = local(), request.args.get("q", "").strip()
    htmx = bool(request.headers.get("HX-Request"))
    if shown.case_in(words) and not htmx:  # a scanner typed into the box that stood ready
        return redirect(url_for("shown.ask", code=words))
    found = found_items(here, words)
    if htmx:
        return render_template("node/found.html", items=found, words=words)
    department, level, theme = (request.args.get(n, "") for n in ("department", "level", "theme"))
    known = {str(member) for member in Level}
    shelf = browse(
        here.bundle.catalogue,
        department=department,
        level=Level(level) if level in known else None,
        theme=theme,
    )
    return render_template(
        "node/matters.html",
        words=words,
        found=found,
        shelf=[matter_item(here, m) for m in shelf[:BROWSED_MAX]] if not words else [],
        shelf_count=len(shelf),
        shelf_max=BROWSED_MAX,
        departments=[(d.code, d.short_name) for d in here.bundle.catalogue.departments],
        levels=[(member.value, LEVEL_ZH[member]) for member in Level],
        themes=themes(here.bundle.catalogue),
        department=department,
        level=level,
        theme=theme,
        sample=here.bundle.catalogue.sample,
        bundles=[bundle_item(b) for b in here.bundle.catalogue.bundles if theme in ("", b.theme)],
    )


@blueprint.get("/matters/<code>")
@needs()
def show(code: str) -> ResponseReturnValue:
    """A matter: papers, days, fee, route, steps."""
    here = local()
    matter = here.bundle.catalogue.get(code)
    if matter is None:
        abort(404)
    card = matter_card(here, matter)
    clerk = bool(staff().roles & set(CLERK))
    return render_template(
        "node/matter.html",
        matter=card,
        route=card.route,
        form=Form(),
        guide=matter_guide(here, matter, staff().id),
        ticks=False,
        act=f"/matters/{matter.code}/answers" if clerk else "",
        **_person(here, matter.code, staff().id),
    )


def _person(here: Local, matter: str, actor: str) -> dict[str, object]:
    """Whose matter it is, as noted with the visit, and what they were told before."""
    visit = visits.current(here.store, actor, here.today())
    numbers = recall.of_visit(here, visit)
    known = recall.card(here, (matter,), numbers, visit.number) if visit and numbers else None
    return {"noted": [mask_id(number) for number in numbers], "known": known}


def found_items(here: Local, words: str) -> list[WorkItem]:
    """What fits the words: matters first, unless a number or a person's name was typed."""
    if not words:
        return []
    hits = index_of(here).find(words, MATTERS_MAX, chosen_lately(here))
    matters = [matter_item(here, hit.matter, hit.why) for hit in hits]
    cases = case_items(here, words)
    digits = any(character.isdigit() for character in words)
    found = find_bundles(here.bundle.catalogue.bundles, words)
    together = [bundle_item(bundle) for bundle in found]
    named = not words.isascii() and not any(_says(hit.matter, words) for hit in hits)
    if digits or (named and not together):
        return [*cases, *together, *matters]
    whole = any(plain(words) in (plain(b.name), plain(b.theme)) for b in found)
    first, then = (together, matters) if whole or not matters else (matters[:1], together)
    return [*first, *then, *([] if first is together else matters[1:]), *cases]


def bundle_item(bundle: Bundle) -> WorkItem:
    """A bundle as a line of a list."""
    words = f"{len(bundle.matters)} 个事项一次办 · {bundle.summary}"
    return WorkItem(bundle.name, f"/bundles/{bundle.code}", words, tag="一件事")


def _says(matter: Matter, words: str) -> bool:
    """Whether the very characters stand in a matter's names; one that only sounds alike is less."""
    return any(plain(words) in plain(name) for name in (matter.name, *matter.aliases))


def chosen_lately(here: Local) -> dict[str, int]:
    """How often this point received each matter lately; counted anew when it has written since."""
    since, author = here.today() - timedelta(days=OFTEN_DAYS), here.identity.author
    now = (author, here.store.head(author)[0], since.isoformat())
    if now not in _counts:
        rows = here.store.db.execute(
            "SELECT matter, count(*) FROM subjects WHERE kind='case' AND home=? AND opened_at>=?"
            " GROUP BY matter",
            [here.point.code, visits.day_start(since)],
        )
        _counts.clear()
        _counts[now] = dict(rows.fetchall())
    return _counts[now]


def matter_item(here: Local, matter: Matter, why: str = "") -> WorkItem:
    """A matter as a line of a list: level, route, days."""
    route = route_card(here, matter, route_of(here, matter, ""))
    parts = [LEVEL_ZH[matter.level], route.words, days(matter)]
    return WorkItem(
        matter.name,
        f"/matters/{matter.code}",
        " · ".join([*parts, *([why] if why.startswith(("也叫", "相近")) else [])]),
    )


def case_items(here: Local, words: str) -> list[WorkItem]:
    """Cases by number, name, phone or last four; names masked."""
    compact = words if not words.isascii() else "".join(words.split())
    items: list[WorkItem] = []
    for number in registers.find(here.store.db, compact, limit=4 * CASES_MAX):
        case = here.store.case(number)
        if case is not None and len(items) < CASES_MAX:
            items.append(case_item(here, case))
    return items


def case_item(here: Local, case: Case) -> WorkItem:
    """A case as a line of a list."""
    return WorkItem(
        f"{applicant(here, case)} · {case.title}",
        case_url(case.number),
        f"{case.number} · {STATE_ZH[case.state]}",
        tag="办件",
    )


def applicant_name(here: Local, case: Case) -> str:
    """The applicant's name in full, or empty where this node cannot open it."""
    return str(said_or_nothing(here.store, case).get("name", ""))
