"""The first page: what to do next, and the box that everything begins with."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from cases.folded import Case, Visit
from cases.states import STATE_ZH
from cases.times import in_shanghai
from courier.look.cards import WorkItem
from courier.look.signin import needs
from node import drafts, shown, slips, tasks_card, visits
from node.alerts import alerts
from node.context import case_url, local, staff
from node.local import Local
from node.people_card import applicant
from node.permissions import person_of
from node.staff import CLERK
from sync import registers

blueprint = Blueprint("home", __name__, template_folder="templates")
RECENT_MAX = 6


@dataclass(frozen=True)
class Serving:
    """The visit that is being served: since when, and what came of it so far."""

    since: str
    words: str
    cases: tuple[tuple[str, str], ...]


@blueprint.get("/")
@needs()
def show() -> ResponseReturnValue:
    """What to do next."""
    here, account = local(), staff()
    serves = bool(account.roles & set(CLERK))
    visit = visits.current(here.store, account.id, here.today()) if serves else None
    return render_template(
        "node/home.html",
        alerts=alerts(here),
        serves=serves,
        serving=_serving(here, visit) if visit else None,
        groups=tasks_card.groups(here, person_of(account)),
        figures=figures(here),
        recent=recent(here),
        drafts=_drafts(here, account.id) if serves else (),
        slips=slips.waiting(here) if serves else (),
        receipts=shown.awaited(here) if serves else (),
    )


def _serving(here: Local, visit: Visit) -> Serving:
    cases = visits.cases_of(here.store, visit.number)
    parts = [f"已收 {len(cases)} 件"] if cases else []
    parts += [f"咨询 {len(visit.asked)} 项"] if visit.asked else []
    since = in_shanghai(visit.opened_at).strftime("%H:%M")
    links = tuple((f"{case_url(c.number)}/received", c.title) for c in cases)
    return Serving(since, "，".join(parts) or "还没有办事", links)


def figures(here: Local) -> tuple[tuple[str, str], ...]:
    """Today's figures of this point."""
    db, since, point = here.store.db, visits.day_start(here.today()), here.point.code
    received = db.execute(
        "SELECT count(*), coalesce(sum(deciding<>home), 0) FROM subjects"
        " WHERE kind='case' AND home=? AND opened_at>=?",
        [point, since],
    ).fetchone()
    done = db.execute(
        # + keeps to the index of what was completed
        "SELECT count(DISTINCT +subject) FROM events WHERE type='case.completed' AND at>=?",
        [since],
    ).fetchone()[0]
    seen = db.execute(
        "SELECT count(*) FROM subjects WHERE kind='visit' AND home=? AND opened_at>=?"
        " AND state IN ('open', 'ended')",
        [point, since],
    ).fetchone()[0]
    return (
        (str(seen), "接待"),
        (str(received[0]), "收件"),
        (str(received[1]), "其中转办"),
        (str(done), "办结"),
    )


def recent(here: Local) -> tuple[WorkItem, ...]:
    """The cases that changed last."""
    found = registers.newest(here.store.db, "case", limit=RECENT_MAX)
    return tuple(
        WorkItem(
            f"{applicant(here, case)} · {case.title}",
            case_url(case.number),
            f"{case.number} · {STATE_ZH[case.state]}",
            in_shanghai(case.changed_at).strftime("%H:%M"),
        )
        for case in found
        if isinstance(case, Case)
    )


def _drafts(here: Local, actor: str) -> tuple[WorkItem, ...]:
    found = []
    catalogue = here.bundle.catalogue
    for draft in drafts.of_actor(here, actor):
        known = catalogue.get(draft.matter) or catalogue.bundle(draft.matter)
        if known is not None:
            page = "bundles" if catalogue.bundle(draft.matter) else "reception"
            url = f"/{page}/{draft.matter}?op={draft.op}"
            when = in_shanghai(draft.at).strftime("%H:%M")
            found.append(WorkItem(known.name, url, "没交的草稿，点开继续填", when))
    return tuple(found)
