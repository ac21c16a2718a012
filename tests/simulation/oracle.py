"""The oracle: a plain set of facts, and what must be true of every store when all is healed.

It imports nothing of the product. It is told what became durable where, what each store called
safe and when, which numbers were given out, and what survived each loss; in the end it is shown
what every store holds, as plain values (:class:`View`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.simulation.judge import CARRIED, Standing, facts_of, parties, point_of, stand

Doc = Mapping[str, Any]
OPENING = ("case.received", "visit.opened", "parcel.packed")
TOKEN = re.compile(r"f[0-9]+\Z")
TOLD_MAX = 12


def token_of(doc: Doc) -> str:
    """What makes a fact this fact, under whatever name it is stated again."""
    fact = doc["data"]["event"] if doc["type"] == CARRIED else doc
    return fact["actor"] if TOKEN.match(fact["actor"]) else str(fact["id"])


def content_of(doc: Doc) -> str:
    """What makes an event this event, be it carried or in its own place."""
    return str(doc["data"]["event"]["sig"] if doc["type"] == CARRIED else doc["sig"])


def subject_of(doc: Doc) -> str:
    """The subject that an event's id names."""
    return str(doc["id"]).rpartition(":")[0]


@dataclass
class Fact:
    """Somebody stated something: where it stands, and what became of it."""

    token: str
    type: str
    subject: str
    data: Doc
    places: set[tuple[str, int]] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    offices: set[str] = field(default_factory=set)
    safe: bool = False
    destroyed: bool = False
    poison: bool = False


@dataclass(frozen=True)
class View:
    """What one store holds, in plain values: (state, verdicts) of each subject in its registers."""

    name: str
    point: str
    author: str
    events: Mapping[str, Doc]
    states: Mapping[str, tuple[str, Mapping[str, str]]]
    unopened: tuple[str, ...] = ()
    receipts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Census:
    """Everything there is when all is healed."""

    journal: Mapping[str, Doc]
    nodes: tuple[View, ...]
    models: tuple[View, ...]
    inboxes: Mapping[str, frozenset[str]]


class Oracle:
    """Knows what was stated, and judges what is left of it."""

    def __init__(
        self, home_of: Callable[[str], str], missing: Callable[[set[str]], set[str]]
    ) -> None:
        self.facts: dict[str, Fact] = {}
        self.sealed: dict[str, Doc] = {}
        self.forked: set[str] = set()  # offices whose disk is, or was, another one's too
        self.wrong: list[tuple[str, str]] = []
        self._by_place: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
        self._safe: dict[tuple[str, str], int] = {}
        self._home_of = home_of
        self._missing = missing  # those ids that the journal does not hold at this moment
        self._poison: set[str] = set()
        self._named: dict[str, set[str]] = {}
        self._reach: dict[str, int] = {}
        self._linked: dict[str, set[str]] | None = None
        self._facts: dict[str, dict[str, Doc]] = {}  # what the journal tells of each subject

    # what it is told

    def poisoned(self, token: str) -> None:
        """This fact breaks the rules of intake: it must be refused, and hold nothing back."""
        self._poison.add(token)

    def stated(self, doc: Doc, office: str) -> None:
        """An office's disk holds this event under the office's own name."""
        fact = self._fact(token_of(doc), doc["type"], subject_of(doc), doc["data"])
        for place in fact.places:
            self._by_place[place].pop(
                office, None
            )  # a copy has stated it anew: its old place is free
        fact.places.add((doc["author"], doc["n"]))
        fact.ids.add(str(doc["id"]))
        fact.offices.add(office)
        fact.destroyed = False
        self._by_place[doc["author"], doc["n"]][office] = fact.token

    def stated_by_central(
        self, token: str, id: str, type: str, subject: str, sealed: Doc | None
    ) -> None:
        """Central's web told somebody that this is kept."""
        self._fact(token, type, subject, {})

    def _fact(self, token: str, type: str, subject: str, data: Doc) -> Fact:
        known = self.facts.get(token)
        if known is None:
            known = self.facts[token] = Fact(token, type, subject, data)
            known.poison = token in self._poison
        return known

    def promised(self, office: str, author: str, n: int) -> None:
        """The page said that it is kept: the disk must hold it."""
        if office not in self._by_place[author, n]:
            self.say("not durable", f"{office}: {author} {n} was promised and is not on its disk")

    def called_safe(self, office: str, author: str, n: int) -> None:
        """A store calls an author's events safe up to n: the journal must hold them now."""
        known = self._safe.get((office, author), 0)
        self._safe[office, author] = n
        tokens = (self._by_place[author, each].get(office) for each in range(known + 1, n + 1))
        facts = [self.facts[token] for token in tokens if token]
        facts = [fact for fact in facts if not fact.poison]
        for fact in facts:
            fact.safe = True
        ids = {id for fact in facts if not fact.destroyed for id in fact.ids}
        absent = self._missing(ids) if ids else set()
        for fact in facts:
            if fact.ids and fact.ids <= absent:
                self.say("called safe", f"{office}: {sorted(fact.ids)} is not in the journal")

    def found_safe(self, office: str, author: str, n: int) -> None:
        """A disk that was copied or put back calls events safe from an earlier life.

        What it was told then held then. It is judged by what it hears now.
        """
        self._safe.setdefault((office, author), n)

    def survived(self, tokens: set[str]) -> int:
        """A disk was lost by the plan; these facts are still on another. :returns: how many not."""
        gone = [f for f in self.facts.values() if f.token not in tokens and not f.destroyed]
        for fact in gone:
            fact.destroyed = True
        return len(gone)

    def say(self, kind: str, what: str) -> None:
        """Something is wrong."""
        self.wrong.append((kind, what))

    # what it finds

    def judge(self, census: Census) -> list[tuple[str, str]]:
        """Everything that is not as it must be: (kind, what)."""
        by_subject: dict[str, dict[str, Doc]] = defaultdict(dict)
        for id, doc in census.journal.items():
            by_subject[subject_of(doc)][id] = doc
        standings = {s: stand(s, docs.values()) for s, docs in by_subject.items()}
        self._facts = {s: facts_of(docs.values()) for s, docs in by_subject.items()}
        owners = self._owners(standings)
        self._nothing_lost(census)
        self._nothing_twice(census, standings)
        self._numbers(census, standings)
        self._chains(census, standings)
        for view in census.nodes:
            self._node(view, by_subject, owners)
        for view in census.models:
            self._same(view.name, view.events, census.journal)
        for view in (*census.nodes, *census.models):
            self._states(view, by_subject, standings)
            self.wrong += [("verify", f"{view.name}: {problem}") for problem in view.problems]
        for point, ids in census.inboxes.items():
            must = {i for s, points in owners.items() if point in points for i in by_subject[s]}
            self._report("inbox", f"inbox of {point} lacks", must - ids)
            named = {i for i in ids if point in self._ever_named(by_subject, census.journal, i)}
            self._report("leak", f"inbox of {point} was given", ids - named - must)
        return self.wrong

    def _owners(self, standings: Mapping[str, Standing]) -> dict[str, set[str]]:
        """Who must hold each subject; a parcel and the cases it carries go together."""
        own = {s: parties(standing, self._home_of(s)) for s, standing in standings.items()}
        found = {s: set(points) for s, points in own.items()}
        for number, parcel in standings.items():
            for case in parcel.cases:
                at = standings.get(case, Standing())
                if at.point and parcel.point in {at.point, at.deciding, *at.holders}:
                    found[number] |= own[case]
                    found[case] |= own[number]
        return found

    def _nothing_lost(self, census: Census) -> None:
        there = {token_of(doc) for doc in census.journal.values()}
        for fact in self.facts.values():
            if fact.poison or fact.destroyed or fact.token in there:
                continue
            kind = "lost though safe" if fact.safe else "lost"
            self.say(kind, f"{fact.token} {fact.type} {fact.subject} {sorted(fact.places)}")

    def _nothing_twice(self, census: Census, standings: Mapping[str, Standing]) -> None:
        """No fact counts twice; only copies of one disk may state one twice."""
        told = {id: doc for facts in self._facts.values() for id, doc in facts.items()}
        tokens = Counter(token_of(doc) for doc in told.values())
        for token, times in tokens.items():
            fact = self.facts.get(token)
            if times > 1:
                ids = sorted(i for i, d in told.items() if token_of(d) == token)
                counts = [i for i in ids if standings[i.rpartition(":")[0]].verdicts[i] == "ok"]
                if len(counts) > 1 or fact is None or not fact.offices & self.forked:
                    self.say("duplicated", f"{token} {times} times: {ids}")
            if fact is not None and fact.poison:
                self.say("poison taken", f"{token} must have been refused")

    def _numbers(self, census: Census, standings: Mapping[str, Standing]) -> None:
        """No number given twice, but by a disk that was copied whole; and then a person is told."""
        given: dict[str, dict[str, Fact]] = defaultdict(dict)
        for fact in self.facts.values():
            if fact.type in OPENING and not fact.poison:
                given[fact.subject][fact.token] = fact
                if tracking := fact.data.get("tracking"):
                    given[tracking][fact.token] = fact
        for number, facts in given.items():
            if len(facts) < 2:
                continue
            if not any(f.offices & self.forked for f in facts.values()):
                self.say("number twice", f"{number}: {[sorted(f.places) for f in facts.values()]}")
            verdicts = standings.get(number, Standing()).verdicts
            opened = [i for i in verdicts if self._facts[number][i]["type"] in OPENING]
            if sum(verdicts[i] == "ok" for i in opened) > 1:
                self.say("number twice", f"{number}: nobody is told")

    def _chains(self, census: Census, standings: Mapping[str, Standing]) -> None:
        """Each author's events follow each other; what is missing was refused or destroyed."""
        reached: dict[str, set[int]] = defaultdict(set)
        there = {token_of(doc) for doc in census.journal.values()}
        for doc in census.journal.values():
            reached[doc["author"]].add(doc["n"])
        for author, places in sorted(reached.items()):
            refused = standings.get(author, Standing()).refused
            dealt_with = places | refused
            self._reach[author] = next(n for n in count() if n + 1 not in dealt_with)
            for n in set(range(1, max(places))) - places - refused:
                tokens = set(self._by_place[author, n].values())
                if not all(token in there or self.facts[token].destroyed for token in tokens):
                    self.say("gap", f"{author}: {n} is missing, and nobody destroyed it")

    def _node(
        self,
        view: View,
        by_subject: Mapping[str, Mapping[str, Doc]],
        owners: Mapping[str, set[str]],
    ) -> None:
        must = {i for s, points in owners.items() if view.point in points for i in by_subject[s]}
        journal = {content_of(doc) for docs in by_subject.values() for doc in docs.values()}
        held = {content_of(doc) for doc in view.events.values()}
        lacks = {i for i in must if content_of(by_subject[i.rpartition(":")[0]][i]) not in held}
        self._report("diverged", f"{view.name} lacks", lacks)
        extra = [
            i
            for i in view.events.keys() - set(view.unopened)  # their key went with a disk
            if content_of(view.events[i]) not in journal and not self._is_poison(view.events[i])
        ]
        self._report("diverged", f"{view.name} alone holds", set(extra))
        head = max((d["n"] for d in view.events.values() if d["author"] == view.author), default=0)
        for author, n in view.receipts.items():
            must_be = max(head if author == view.author else 0, self._reach.get(author, 0))
            if n != must_be:
                self.say("not receipted", f"{view.name}: {author} up to {n}, must be {must_be}")
        self._report("not opened", f"{view.name} cannot unseal", set(view.unopened) & must)

    def _is_poison(self, doc: Doc) -> bool:
        fact = self.facts.get(token_of(doc))
        return fact is not None and fact.poison

    def _same(self, name: str, events: Mapping[str, Doc], journal: Mapping[str, Doc]) -> None:
        self._report("diverged", f"{name} lacks", journal.keys() - events.keys())
        self._report("diverged", f"{name} alone holds", events.keys() - journal.keys())

    def _states(
        self,
        view: View,
        by_subject: Mapping[str, Mapping[str, Doc]],
        standings: Mapping[str, Standing],
    ) -> None:
        held: dict[str, list[Doc]] = defaultdict(list)
        for doc in view.events.values():
            held[subject_of(doc)].append(doc)
        poisoned = {subject_of(doc) for doc in view.events.values() if self._is_poison(doc)}
        for subject, (state, verdicts) in view.states.items():
            whole = subject in standings and {
                name: content_of(doc) for name, doc in facts_of(held[subject]).items()
            } == {name: content_of(doc) for name, doc in self._facts[subject].items()}
            if subject in poisoned or not whole:
                continue  # said above, or a subject that only passes through here
            want = standings[subject]
            if (state, dict(verdicts)) != (want.state, dict(want.verdicts)):
                self.say("state", f"{view.name}: {subject} is {state}, must be {want.state}")

    def _ever_named(
        self, by_subject: Mapping[str, Mapping[str, Doc]], journal: Mapping[str, Doc], id: str
    ) -> set[str]:
        """Every point that anything about an event's subject, or a linked one, ever named."""
        if id not in journal:
            return set()
        subject = subject_of(journal[id])
        if subject not in self._named:
            self._named[subject] = {self._home_of(subject)}
            near = {subject, *self._links(by_subject).get(subject, ())}
            for doc in (d for s in near for d in self._facts.get(s, {}).values()):
                values = (doc["data"].get(k) for k in ("to", "to_point", "deciding"))
                self._named[subject] |= {point_of(doc["author"]), *(v for v in values if v)}
        return self._named[subject]

    def _links(self, by_subject: Mapping[str, Mapping[str, Doc]]) -> Mapping[str, set[str]]:
        if self._linked is None:
            self._linked = defaultdict(set)
            for subject, docs in self._facts.items():
                for case in (c for d in docs.values() for c in d["data"].get("cases", ())):
                    self._linked[subject].add(case)
                    self._linked[case].add(subject)
        return self._linked

    def _report(self, kind: str, what: str, ids: Iterable[str]) -> None:
        found = sorted(ids)
        if found:
            self.say(kind, f"{what} {len(found)}: {', '.join(found[:TOLD_MAX])}")
