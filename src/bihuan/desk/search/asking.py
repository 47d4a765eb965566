"""The questions put to the database's own index: the newest cases that say something, among those that concern somebody.

A question is a list of which all must be said; of each, one of several phrases.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models.expressions import RawSQL

from bihuan.desk.access import codes
from bihuan.desk.models import Person
from bihuan.desk.search.indexing import mark
from bihuan.desk.tables import condition, fetch

Question = Sequence[Sequence[Sequence[str]]]
EVERY = 2**62  # more than any id
LATELY = 2000  # cases that PostgreSQL looks through one by one

SQLITE = "SELECT rowid FROM desk_words WHERE desk_words MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s"
NEWEST = """SELECT case_id FROM (SELECT case_id, words FROM desk_findable WHERE case_id < %s ORDER BY case_id DESC LIMIT %s) latest
WHERE words @@ %s::tsquery ORDER BY case_id DESC LIMIT %s"""
ANY = """SELECT case_id FROM (SELECT case_id FROM desk_findable WHERE words @@ %s::tsquery AND case_id < %s OFFSET 0) found
ORDER BY case_id DESC LIMIT %s"""


def marks_of(person: Person, units: Sequence[str] | None) -> Sequence[Sequence[str]]:
    """The marks of which one must be on a case for a person to see it; nothing for who sees all."""
    return [] if units is None else [*([mark("u", one)] for one in units), *own_marks(person)]


def own_marks(person: Person) -> list[list[str]]:
    return [[mark("p", one)] for one in codes(person)]


def marked(person: Person) -> RawSQL:
    """That a case can concern a person beside their units: it bears their mark. Whether it does, the tables say."""
    found = MARKED[connection.vendor]
    own = own_marks(person)
    return condition(
        f"desk_case.id IN ({found})", match([own]) if connection.vendor == "sqlite" else query([own])
    )


MARKED = {
    "sqlite": "SELECT rowid FROM desk_words WHERE desk_words MATCH %s",
    "postgresql": "SELECT case_id FROM desk_findable WHERE words @@ %s::tsquery",
}


def newest(question: Question, most: int, after: int | None = None) -> list[int]:
    """Ids of the newest cases, before the one `after`.

    What is said often, PostgreSQL finds at once among the newest, and what is said seldom by its index; left to itself
    it takes what it knows nothing of for frequent, and looks through all there is.
    """
    below = after or EVERY
    if connection.vendor == "sqlite":
        return ids(SQLITE, match(question), below, most)
    text = query(question)
    found = ids(NEWEST, below, max(LATELY, 10 * most), text, most)
    return found if len(found) == most else ids(ANY, text, below, most)


def ids(question: str, *values: object) -> list[int]:
    return [id for (id,) in fetch(question, *values)]


def match(question: Question) -> str:
    """The question as FTS5 reads it."""
    each = (" OR ".join(f'"{" ".join(phrase)}"' for phrase in several) for several in question)
    return " AND ".join(f"({one})" for one in each)


def query(question: Question) -> str:
    """The question as PostgreSQL reads it."""
    each = (" | ".join(f"({' <-> '.join(phrase)})" for phrase in several) for several in question)
    return " & ".join(f"({one})" for one in each)
