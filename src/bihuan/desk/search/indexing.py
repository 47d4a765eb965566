"""What a case can be found by, kept beside it in the database: by the actions that write, in the same transaction.

SQLite has a full-text table without content of its own beside the text, PostgreSQL an index of the tokens of the text itself
(migrations 0003 and 0019).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import count
from typing import Any, NamedTuple, Protocol

import polars as pl
from django.db import connection

from bihuan.desk import access
from bihuan.desk.database import writing
from bihuan.desk.models import Case, Event
from bihuan.desk.naming import Reached
from bihuan.desk.search.words import tokens
from bihuan.desk.tables import fetch
from bihuan.engine.declared import Fact
from bihuan.engine.policy import Policy

MOST = 16000  # tokens of a case
EVERY, PAGES = 2, 6  # one write of so many brings so many pages of the index together
MANY = 500  # pages at a time after a load
WRITES = count(1)
NUMBERS = ("number", "money", "date", "instant", "clock", "flag")


class Value(NamedTuple):
    """Something said in a case: in which fact (empty: of the case itself), and as it reads."""

    fact: str
    text: str


class Telling(Protocol):
    """As much of an event as says something."""

    @property
    def event(self) -> str: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def brings(self) -> dict[str, Any]: ...
    @property
    def meta(self) -> Mapping[str, Any] | None: ...


def values(policy: Policy, number: str, events: Iterable[Telling]) -> Iterator[Value]:
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
    """A token that no text has: a unit or a person who has had to do with a case."""
    return kind + blake2b(name.encode(), digest_size=6).hexdigest()


def text_of(found: Iterable[str], units: Iterable[str], people: Iterable[str | None]) -> str:
    """The tokens of a case, those of whom it concerns first."""
    marks = {mark("u", one) for one in units} | {mark("p", one) for one in people if one}
    every = [*sorted(marks), *(token for text in dict.fromkeys(found) for token in tokens(text))]
    return " ".join(every[:MOST])


def limited(texts: pl.Series) -> pl.Series:
    """Texts without what is too much."""
    if (texts.str.len_bytes() <= MOST).all():  # which is quick to say
        return texts
    over = texts.str.count_matches(" ") >= MOST
    return texts.set(over, pl.Series([" ".join(text.split(" ")[:MOST]) for text in texts.filter(over)]))


def index(
    case: Case, policy: Policy, events: Sequence[Event], whom: Reached, *, begins: bool = False
) -> bool:
    """Put a case into the index as it stands now; whether it stood there otherwise. A case that `begins` did not."""
    if case.destroyed_id is not None:
        return forget(case)
    said_in = (value.text for value in values(policy, case.number, events))
    text = text_of(said_in, whom.units, {*whom.people, *(event.actor for event in events)})
    before = None if begins else indexed(case)
    if before == text:
        return False
    put_in(case.pk, before, text)
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
    if connection.vendor == "sqlite":
        fetch(UNWRITE, case, before)
    fetch("DELETE FROM desk_findable WHERE case_id = %s", case)


def put_in(case: int, before: str | None, text: str) -> None:
    """A case as it is found now, in the place of what stood there."""
    sqlite = connection.vendor == "sqlite"
    if sqlite and before is not None:
        fetch(UNWRITE, case, before)
    fetch(PUT, case, text)
    if sqlite:
        fetch("INSERT INTO desk_words (rowid, text) VALUES (%s, %s)", case, text)
        if next(WRITES) % EVERY == 0:
            bring_together(PAGES)


def bring_together(pages: int) -> None:
    """Each write leaves a piece of the index behind; questions ask them all. Make one of some.

    Left to itself SQLite does so every 64 writes, for ten times as long as a write takes (migration 0010).
    """
    fetch("INSERT INTO desk_words (desk_words, rank) VALUES ('merge', %s)", pages)


def settle() -> None:
    """Bring together what a load has left of the index, in steps between which others write."""
    more = connection.vendor == "sqlite"
    while more:
        with writing():
            [(before,)] = fetch(CHANGES)
            bring_together(MANY)
            [(after,)] = fetch(CHANGES)
        more = after - before > 1  # to ask for it counts for one


CHANGES = "SELECT total_changes()"


PUT = (
    "INSERT INTO desk_findable (case_id, text) VALUES (%s, %s) "
    "ON CONFLICT (case_id) DO UPDATE SET text = excluded.text"
)
#: An index without content is told what it held.
UNWRITE = "INSERT INTO desk_words (desk_words, rowid, text) VALUES ('delete', %s, %s)"


def index_all(ids: pl.Series) -> None:
    """The index of SQLite is told of new cases; their ids follow each other."""
    if connection.vendor == "sqlite":
        many = "SELECT case_id, text FROM desk_findable WHERE case_id BETWEEN %s AND %s"
        fetch(f"INSERT INTO desk_words (rowid, text) {many}", ids[0], ids[-1])


def renew() -> None:
    """Make the database's own index anew out of the table beside it."""
    if connection.vendor == "sqlite":
        fetch("INSERT INTO desk_words (desk_words) VALUES ('delete-all')")
        fetch("INSERT INTO desk_words (rowid, text) SELECT case_id, text FROM desk_findable")
        fetch("INSERT INTO desk_words (desk_words) VALUES ('optimize')")
