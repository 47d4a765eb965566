"""Search in Chinese over all that is said in cases: an index of pairs of characters, kept by the actions that write.

Every run of letters and digits is cut into overlapping pairs, and words of a query are phrases of such pairs. Long
numbers (telephones, citizens) are found whole or by their last four digits, never by the digits that pages mask. What
the index finds is only shown where the person may see the case and the very fact. Knows no page.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from bihuan.desk import access
from bihuan.desk.models import Case, Event, Findable, Person, Reach
from bihuan.desk.office import policy_of
from bihuan.desk.tables import fetch
from bihuan.engine.declared import Fact
from bihuan.engine.policy import Policy

RUN = re.compile(r"[^\W_]+")
PIECE = re.compile(r"\d{7,}x?|(?:(?!\d{7}).)+")
LONG, TAILED, TAIL = 7, 11, 4  # digits of a long number; of one whose last four are shown
MOST = 16000  # tokens of a case; PostgreSQL counts no further
SIZE, PORTION, ROUNDS = 20, 24, 12
ALIKE, LATEST, NEAREST = 24, 300, 5  # pairs compared, cases looked through, cases shown
SAID = (
    "case_id",
    "event",
    "actor",
    "unit",
    "facts",
    "given",
    "meta",
)  # columns of an event that say something
AROUND = 24  # characters shown on either side of what was found
NUMBERS = ("number", "money", "date", "instant", "clock", "flag")


# --- words ---


def pieces(text: str) -> Iterator[str]:
    for run in RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        yield from PIECE.findall(run)


def is_long(piece: str) -> bool:
    return len(piece) >= LONG and piece[:LONG].isdigit()


def pairs(piece: str) -> list[str]:
    return [piece[n : n + 2] for n in range(len(piece) - 1)]


def tokens(text: str) -> list[str]:
    """What a text can be found by.

    >>> tokens("停电了 3栋"), tokens("13812345678")
    (['停电', '电了', '3栋'], ['13812345678', '56', '67', '78'])
    """
    found: list[str] = []
    for piece in pieces(text):
        if is_long(piece):
            found += [piece, *(pairs(piece[-TAIL:]) if len(piece) >= TAILED else ())]
        else:
            found += pairs(piece)
    return found


def phrases(text: str) -> list[list[str]]:
    """What a query asks for: each must be found somewhere in a case. A single character asks for nothing.

    >>> phrases("停电了 区 13812345678")
    [['停电', '电了'], ['13812345678']]
    """
    asked = ([piece] if is_long(piece) else pairs(piece) for piece in pieces(text))
    return [one for one in asked if one]


def says(text: str, phrase: Sequence[str]) -> bool:
    """Whether a text has the phrase; that its letters are there at all is asked first, which is quick."""
    letters = phrase[0] + "".join(pair[1:] for pair in phrase[1:])
    if letters not in unicodedata.normalize("NFKC", text).casefold():
        return False
    return f" {' '.join(phrase)} " in f" {' '.join(tokens(text))} "


# --- what is indexed ---


class Value(NamedTuple):
    """Something said in a case: in which fact (empty: of the case itself), and as it reads."""

    fact: str
    text: str


def values(policy: Policy, number: str, events: Iterable[Event]) -> Iterator[Value]:
    yield Value("", number)
    for event in events:
        yield from carried(policy, event.unit, event.brings)
        yield from noted(event.meta) if event.event != "superseded" else ()


def carried(policy: Policy, unit: str | None, facts: Mapping[str, Any]) -> Iterator[Value]:
    if unit:
        yield Value("", unit)
    for name, value in sorted(facts.items()):  # PostgreSQL keeps an order of its own
        fact = policy.facts.get(name)
        if fact is not None and fact.type not in NUMBERS:
            yield from (Value(name, said(fact, one)) for one in access.as_list(value) if isinstance(one, str))


def said(fact: Fact, value: str) -> str:
    return fact.leaves.get(value, value)


def noted(meta: Mapping[str, Any] | None) -> Iterator[Value]:
    """The name of a file, the reason of a correction or a move."""
    for name in ("name", "reason"):
        if isinstance(text := (meta or {}).get(name), str):
            yield Value("", text)


def mark(kind: str, name: str) -> str:
    """A token that no text has: a unit that has had to do with a case, or a person who acted on it."""
    return kind + blake2b(name.encode(), digest_size=6).hexdigest()


def text_of(found: Iterable[str], units: Iterable[str], actors: Iterable[str | None]) -> str:
    """The tokens of a case, those of whom it concerns first."""
    marks = {mark("u", one) for one in units} | {mark("p", one) for one in actors if one}
    every = [*sorted(marks), *(token for text in dict.fromkeys(found) for token in tokens(text))]
    return " ".join(every[:MOST])


def index(case: Case, policy: Policy, events: Sequence[Event], units: Iterable[str]) -> bool:
    """Put a case into the index as it stands now; whether it stood there otherwise."""
    if case.destroyed_id is not None:
        return forget(case)
    said_in = (value.text for value in values(policy, case.number, events))
    text = text_of(said_in, units, (event.actor for event in events))
    before = indexed(case)
    if before == text:
        return False
    take_out(case.pk, before)
    put_in([(case.pk, text)])
    return True


def forget(case: Case) -> bool:
    """Take a case out, such as a destroyed archive."""
    before = indexed(case)
    take_out(case.pk, before)
    return before is not None


def indexed(case: Case) -> str | None:
    """What a case is found by as it is."""
    return next(
        (text for (text,) in fetch("SELECT text FROM desk_findable WHERE case_id = %s", case.pk)), None
    )


def take_out(case: int, before: str | None) -> None:
    if before is None:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # an index without content is told what it held
            cursor.execute(
                "INSERT INTO desk_words (desk_words, rowid, text) VALUES ('delete', %s, %s)", [case, before]
            )
        cursor.execute("DELETE FROM desk_findable WHERE case_id = %s", [case])


def put_in(rows: Sequence[tuple[int, str]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany("INSERT INTO desk_findable (case_id, text) VALUES (%s, %s)", rows)
            cursor.executemany("INSERT INTO desk_words (rowid, text) VALUES (%s, %s)", rows)
            return
        cursor.executemany(
            "INSERT INTO desk_findable (case_id, text, words) VALUES (%s, %s, %s::tsvector)",
            [(case, text, vector(text)) for case, text in rows],
        )


def vector(text: str) -> str:
    """The tokens with their places, as PostgreSQL writes them."""
    return " ".join(f"{token}:{n}" for n, token in enumerate(text.split(), 1))


def index_loaded(
    policy: Policy,
    cases: Iterable[tuple[int, str, list[tuple[Any, ...]]]],
    reached: Iterable[tuple[int, str]],
) -> None:
    """Many new cases at once: id, number and, of every event, actor, unit and what it carries."""
    units: dict[int, set[str]] = {}
    for id, unit in reached:
        units.setdefault(id, set()).add(unit)

    @lru_cache(maxsize=20000)
    def texts(unit: str | None, facts: str | None) -> tuple[str, ...]:
        return tuple(value.text for value in carried(policy, unit, json_of(facts)))

    rows = []
    for id, number, events in cases:
        found = [number, *(text for _, unit, *told in events for one in told for text in texts(unit, one))]
        rows.append((id, text_of(found, units.get(id, ()), (event[0] for event in events))))
    put_in(rows)


def json_of(text: str | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text) if text else {}
    return found


# --- finding ---


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
    mine = access.cases_seen(person)
    found: list[Hit] = [] if after else named(mine, text)
    known = {hit.case.pk for hit in found}
    if not asked:
        return Hits(found, None)
    units = access.units_seen(person)
    for _ in range(ROUNDS):
        ids = candidates(asked, person, units, after)
        fresh = [hit for hit in seen(person, mine, ids, asked) if hit.case.pk not in known]
        found += fresh
        after = ids[-1] if len(ids) == PORTION else None
        if len(found) >= size or after is None:
            break
    if len(found) > size:
        return Hits(found[:size], found[size - 1].case.pk)
    return Hits(found, after)


def similar(person: Person, texts: Iterable[str]) -> list[Hit]:
    """Cases of late that say much the same as some texts, the most alike first: at least half of their pairs."""
    asked = list(dict.fromkeys(token for text in texts for token in tokens(text) if len(token) == 2))[:ALIKE]
    if len(asked) < 3:
        return []
    rows = Findable.objects.filter(case__in=any_of(asked, person)).values_list("case", "text")
    shared = {case: len(set(text.split()) & set(asked)) for case, text in rows}
    best = sorted(
        (case for case, n in shared.items() if 2 * n >= len(asked)), key=lambda case: (-shared[case], -case)
    )
    hits = {
        hit.case.pk: hit
        for hit in seen(
            person, access.cases_seen(person), best[: 2 * NEAREST], [[token] for token in asked], some=True
        )
    }
    return [hits[case] for case in best if case in hits][:NEAREST]


def any_of(asked: Sequence[str], person: Person) -> list[int]:
    """The newest cases that have any of some pairs."""
    units = access.units_seen(person)
    mine = marks_of(person, units)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            words = "(" + " OR ".join(f'"{token}"' for token in asked) + ")"
            words += f" AND ({' OR '.join(mine)})" if mine is not None else ""
            cursor.execute(
                "SELECT rowid FROM desk_words WHERE desk_words MATCH %s ORDER BY rowid DESC LIMIT %s",
                [words, LATEST],
            )
        else:
            words = "(" + " | ".join(asked) + ")" + (f" & ({' | '.join(mine)})" if mine is not None else "")
            cursor.execute(
                "SELECT case_id FROM desk_findable WHERE words @@ %s::tsquery ORDER BY case_id DESC LIMIT %s",
                [words, LATEST],
            )
        return [id for (id,) in cursor.fetchall()]


def marks_of(person: Person, units: Sequence[str] | None) -> list[str] | None:
    return None if units is None else [*(mark("u", one) for one in units), mark("p", person.code)]


def named(mine: QuerySet[Case], text: str) -> list[Hit]:
    """The case of this very number."""
    cases = mine.select_related("edition").filter(number=text.strip())
    return [Hit(case, policy_of(case.edition.hash), ()) for case in cases]


def candidates(
    asked: Sequence[Sequence[str]], person: Person, units: Sequence[str] | None, after: int | None
) -> list[int]:
    """Ids of cases whose index has every phrase, the newest first."""
    marks = marks_of(person, units)
    below = after or 2**62
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT rowid FROM desk_words WHERE desk_words MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s",
                [match(asked, marks), below, PORTION],
            )
        else:
            cursor.execute(
                "SELECT case_id FROM desk_findable WHERE words @@ %s::tsquery AND case_id < %s"
                " ORDER BY case_id DESC LIMIT %s",
                [query(asked, marks), below, PORTION],
            )
        return [id for (id,) in cursor.fetchall()]


def match(asked: Sequence[Sequence[str]], marks: Sequence[str] | None) -> str:
    """The question as FTS5 reads it."""
    parts = ['"' + " ".join(phrase) + '"' for phrase in asked]
    parts += ["(" + " OR ".join(marks) + ")"] if marks is not None else []
    return " AND ".join(parts)


def query(asked: Sequence[Sequence[str]], marks: Sequence[str] | None) -> str:
    """The question as PostgreSQL reads it."""
    parts = ["(" + " <-> ".join(phrase) + ")" for phrase in asked]
    parts += ["(" + " | ".join(marks) + ")"] if marks is not None else []
    return " & ".join(parts)


def seen(
    person: Person,
    mine: QuerySet[Case],
    ids: Sequence[int],
    asked: Sequence[Sequence[str]],
    *,
    some: bool = False,
) -> list[Hit]:
    """Of some cases those among `mine` where what is asked (or `some` of it) stands in what the person may see."""
    cases = mine.select_related("edition").filter(pk__in=ids, destroyed=None)
    events: dict[int, list[Event]] = {id: [] for id in ids}
    for event in Event.objects.filter(case__in=ids).only(*SAID).order_by("case", "seq"):
        events[event.case_id].append(event)
    held = access.roles_held(person)
    found = []
    for case in cases.order_by("-pk"):
        places = places_in(person, held, case, events[case.pk], asked)
        if any(places) if some else all(places):
            found.append(hit(case, [one for one in places if one][: 1 if some else None], asked))
    return found


def places_in(
    person: Person, held: frozenset[str], case: Case, events: list[Event], asked: Sequence[Sequence[str]]
) -> list[Value | None]:
    """Where each phrase stands, among what is not hidden from the person."""
    policy = policy_of(case.edition.hash)
    hidden = access.hidden_facts(policy, access.roles_among(policy, person, held, events))
    shown = [one for one in dict.fromkeys(values(policy, case.number, events)) if one.fact not in hidden]
    return [next((one for one in shown if says(one.text, phrase)), None) for phrase in asked]


def hit(case: Case, places: Sequence[Value], asked: Sequence[Sequence[str]]) -> Hit:
    policy = policy_of(case.edition.hash)
    told = (place_told(policy, one, asked) for one in dict.fromkeys(places) if one.text != case.number)
    return Hit(case, policy, tuple(told))


def place_told(policy: Policy, value: Value, asked: Sequence[Sequence[str]]) -> tuple[str, str]:
    fact = policy.facts.get(value.fact)
    text = str(access.cell(policy, value.fact, value.text, frozenset(), False))
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


def renew() -> None:
    """Make the database's own index anew out of the table beside it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO desk_words (desk_words) VALUES ('delete-all')")
            cursor.execute("INSERT INTO desk_words (rowid, text) SELECT case_id, text FROM desk_findable")


def units_of(case: Case) -> set[str]:
    return set(Reach.objects.filter(case=case).values_list("unit", flat=True))
