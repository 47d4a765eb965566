"""The questions put to the database's own index: the newest cases that say something, among those that concern somebody.

A question is a list of which all must be said; of each, one of several phrases.
"""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models.expressions import RawSQL

from bihuan.desk.access import codes
from bihuan.desk.models import Person
from bihuan.desk.search.indexing import mark
from bihuan.desk.tables import condition, fetch

Question = Sequence[Sequence[Sequence[str]]]
Condition = tuple[str, list[object]]  # in the words of the database, and its values
EVERY = 2**62  # more than any id
LATELY = 2000  # cases that PostgreSQL looks through one by one

SQLITE = "SELECT rowid FROM desk_words WHERE desk_words MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s"
NEWEST = """SELECT case_id FROM (SELECT case_id, text FROM desk_findable WHERE case_id < %s ORDER BY case_id DESC LIMIT %s) latest
WHERE {} ORDER BY case_id DESC LIMIT %s"""
ANY = """SELECT case_id FROM (SELECT case_id FROM desk_findable WHERE {} AND case_id < %s OFFSET 0) found
ORDER BY case_id DESC LIMIT %s"""
TOKENS = "array_to_tsvector(string_to_array(text, ' '))"  # as the index has them (migration 0019)


def marks_of(person: Person, units: Sequence[str] | None) -> Sequence[Sequence[str]]:
    """The marks of which one must be on a case for a person to see it; nothing for who sees all."""
    return [] if units is None else [*([mark("u", one)] for one in units), *own_marks(person)]


def own_marks(person: Person) -> list[list[str]]:
    return [[mark("p", one)] for one in codes(person)]


def marked(person: Person) -> RawSQL:
    """That a case can concern a person beside their units: it bears their mark. Whether it does, the tables say."""
    own = [own_marks(person)]
    if connection.vendor == "sqlite":
        return condition(
            "desk_case.id IN (SELECT rowid FROM desk_words WHERE desk_words MATCH %s)", match(own)
        )
    said, asked = by_index(own)
    return condition(f"desk_case.id IN (SELECT case_id FROM desk_findable WHERE {said})", *asked)


def newest(question: Question, most: int, after: int | None = None) -> list[int]:
    """Ids of the newest cases, before the one `after`.

    What is said often, PostgreSQL finds at once among the newest, and what is said seldom by its index; left to itself
    it takes what it knows nothing of for frequent, and looks through all there is.
    """
    below = after or EVERY
    if connection.vendor == "sqlite":
        return ids(SQLITE, match(question), below, most)
    said, asked = in_text(question)
    found = ids(NEWEST.format(said), below, max(LATELY, 10 * most), *asked, most)
    if len(found) == most:
        return found
    said, asked = by_index(question)
    return ids(ANY.format(said), *asked, below, most)


def ids(question: str, *values: object) -> list[int]:
    return [id for (id,) in fetch(question, *values)]


def match(question: Question) -> str:
    """The question as FTS5 reads it."""
    return all_of([[f'"{" ".join(phrase)}"' for phrase in several] for several in question], " AND ", " OR ")


def all_of(question: Iterable[Sequence[str]], both: str, either: str) -> str:
    """All that is asked, of each one, in the words of whoever reads it."""
    return both.join(f"({either.join(several)})" for several in question)


def in_text(question: Question) -> Condition:
    """The question to the text of a row."""
    return every([[spoken(phrase) for phrase in several] for several in question])


def by_index(question: Question) -> Condition:
    """The question to the index of PostgreSQL; that the tokens of a phrase follow each other, the text says."""
    tokens = all_of([[f"({' & '.join(phrase)})" for phrase in several] for several in question], " & ", " | ")
    asked: Condition = f"{TOKENS} @@ %s::tsquery", [tokens]
    longer = [several for several in question if any(len(phrase) > 1 for phrase in several)]
    return every([[asked], *([spoken(phrase) for phrase in several] for several in longer)])


def spoken(phrase: Sequence[str]) -> Condition:
    return "strpos(' ' || text || ' ', %s) > 0", [f" {' '.join(phrase)} "]


def every(question: Sequence[Sequence[Condition]]) -> Condition:
    """Of each, one."""
    said = all_of([[f"({one})" for one, _ in several] for several in question], " AND ", " OR ")
    return said, [value for several in question for _, asked in several for value in asked]
