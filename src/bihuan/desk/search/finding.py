"""Cases that say what is asked for, among those that the person may see.

What the index finds is looked up in the events themselves, so that a fact hidden from the person finds nothing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models.expressions import RawSQL

from bihuan.desk import access, counts, sight, stored
from bihuan.desk.errors import ForbiddenError
from bihuan.desk.models import Case, Findable, Person
from bihuan.desk.office import policy_of
from bihuan.desk.search.asking import marks_of, newest
from bihuan.desk.search.indexing import Value, values
from bihuan.desk.search.words import is_long, phrases, says, tokens
from bihuan.desk.tables import fetch, marks
from bihuan.engine.policy import Policy

SIZE, PORTION, ROUNDS = 20, 24, 12
ALIKE, LATEST, NEAREST = 24, 300, 5  # pairs compared, cases looked through, cases shown
HOUR, NUMBERS = 3600, 600  # how many long numbers somebody may look for within that time
AROUND = 24  # characters shown on either side of what was found


class Said(NamedTuple):
    """As much of an event as says something, and to whom."""

    event: str
    actor: str | None
    unit: str | None
    facts: dict[str, Any]
    given: dict[str, Any]
    meta: dict[str, Any]

    @property
    def brings(self) -> dict[str, Any]:
        return {**self.given, **self.facts} if self.given else self.facts


@dataclass(frozen=True)
class Hit:
    """A case that was found, and where: the fact (empty: the case itself) with the words around, as the person may see them."""

    case: Case
    policy: Policy
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Hits:
    """Cases, the newest first; the id to go on after."""

    rows: list[Hit]
    after: int | None


def find(person: Person, text: str, *, after: int | None = None, size: int = SIZE) -> Hits:
    """The cases that say all the words of a query, among those that the person may see; none for less than two characters."""
    asked = phrases(text)
    refuse_trying(person, asked)
    units = access.units_seen(person)
    mine = access.seen_by(person, units, "desk_case.id")
    found: list[Hit] = [] if after else named(mine, text)
    known = {hit.case.pk for hit in found}
    if not asked:
        return Hits(found, None)
    question = [*([phrase] for phrase in asked), *filter(None, [marks_of(person, units)])]
    for _ in range(ROUNDS):
        ids = newest(question, PORTION, after)
        fresh = [hit for hit in seen(person, mine, ids, asked) if hit.case.pk not in known]
        found += fresh
        after = ids[-1] if len(ids) == PORTION else None
        if len(found) >= size or after is None:
            break
    if len(found) > size:
        return Hits(found[:size], found[size - 1].case.pk)
    return Hits(found, after)


def refuse_trying(person: Person, asked: Sequence[Sequence[str]]) -> None:
    """Pages mask four digits of a telephone: whoever could try all of them would need no reason to see it."""
    long = any(is_long(phrase[0]) for phrase in asked)
    if long and counts.counted(f"numbers by {person.pk}", HOUR) > NUMBERS:
        raise ForbiddenError(f"more than {NUMBERS} numbers were looked for within an hour: try again later")


def similar(person: Person, texts: Iterable[str]) -> list[Hit]:
    """Cases of late that say much the same as some texts, the most alike first: at least half of their pairs."""
    asked = list(dict.fromkeys(token for text in texts for token in tokens(text) if len(token) == 2))[:ALIKE]
    if len(asked) < 3:
        return []
    units = access.units_seen(person)
    question = [[[token] for token in asked], *filter(None, [marks_of(person, units)])]
    rows = Findable.objects.filter(case__in=newest(question, LATEST)).values_list("case", "text")
    shared = {case: len(set(text.split()) & set(asked)) for case, text in rows}
    best = sorted(
        (case for case, n in shared.items() if 2 * n >= len(asked)), key=lambda case: (-shared[case], -case)
    )
    hits = {
        hit.case.pk: hit
        for hit in seen(
            person,
            access.seen_by(person, units, "desk_case.id"),
            best[: 2 * NEAREST],
            [[token] for token in asked],
            some=True,
        )
    }
    return [hits[case] for case in best if case in hits][:NEAREST]


def named(mine: RawSQL, text: str) -> list[Hit]:
    """The case of this very number."""
    return [
        Hit(case, policy_of(case.edition.hash), ())
        for case in cases(mine, "desk_case.number = %s", text.strip())
    ]


def cases(mine: RawSQL, where: str, *values: Any) -> list[Case]:
    said = f"WHERE {where} AND {mine.sql} ORDER BY desk_case.id DESC"
    return stored.linked(Case, {"edition": ("text",)}, said, *values, *mine.params)


def seen(
    person: Person, mine: RawSQL, ids: Sequence[int], asked: Sequence[Sequence[str]], *, some: bool = False
) -> list[Hit]:
    """Of some cases those among `mine` where what is asked (or `some` of it) stands in what the person may see."""
    if not ids:
        return []
    events = told(ids)
    held = sight.offices(person)
    found = []
    for case in cases(mine, f"desk_case.id IN ({marks(ids)}) AND desk_case.destroyed_id IS NULL", *ids):
        places = places_in(held, case, events[case.pk], asked)
        if any(places) if some else all(places):
            found.append(hit(case, [one for one in places if one][: 1 if some else None], asked))
    return found


def told(cases: Sequence[int]) -> dict[int, list[Said]]:
    """What the events of cases say. Django's models of several hundred events take longer than all the rest."""
    found: dict[int, list[Said]] = {case: [] for case in cases}
    for case, event, actor, unit, *carried in fetch(TOLD.format(marks(cases)), *cases):
        found[case].append(Said(event, actor, unit, *map(read, carried)))
    return found


TOLD = "SELECT case_id, event, actor, unit, facts, given, meta FROM desk_event WHERE case_id IN ({}) ORDER BY case_id, seq"


@lru_cache(maxsize=2000)
def read(text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def places_in(
    held: sight.Offices, case: Case, events: list[Said], asked: Sequence[Sequence[str]]
) -> list[Value | None]:
    """Where each phrase stands, among what is not hidden from whoever holds these offices."""
    policy = policy_of(case.edition.hash)
    veil = sight.veil(policy, held, case.opened_at, events)
    told = (one for one in dict.fromkeys(values(policy, case.number, events)) if one.fact not in veil.facts)
    shown = [Value(one.fact, veil.over(one.text)) for one in told]
    return [next((one for one in shown if says(one.text, phrase)), None) for phrase in asked]


def hit(case: Case, places: Sequence[Value], asked: Sequence[Sequence[str]]) -> Hit:
    policy = policy_of(case.edition.hash)
    told = (place_told(policy, one, asked) for one in dict.fromkeys(places) if one.text != case.number)
    return Hit(case, policy, tuple(told))


def place_told(policy: Policy, value: Value, asked: Sequence[Sequence[str]]) -> tuple[str, str]:
    fact = policy.facts.get(value.fact)
    text = str(sight.cell(policy, value.fact, value.text))
    return (fact.label or value.fact if fact else ""), around(text, asked)


def around(text: str, asked: Sequence[Sequence[str]]) -> str:
    """The part of a text where the first thing asked for stands.

    >>> around("因为线路检修" * 9 + "停电了", [["停电"]])
    '…修因为线路检修因为线路检修因为线路检修停电了'
    """
    places = [at for phrase in asked if (at := text.casefold().find(phrase[0])) >= 0]
    start = max(0, min(places, default=0) - AROUND + 5)
    cut = text[start : start + 2 * AROUND]
    return ("…" if start else "") + cut + ("…" if start + len(cut) < len(text) else "")
