"""In whose sight is what is owed about a subject across cases (a building, a station, the company): no case says so.

In that of whom the regulation names by a fact; and of whoever holds the office that owes it, where the subject is a unit
of the desk for that unit. A customer is none of them, whatever their name.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from django.db.models.expressions import RawSQL

from bihuan.desk.naming import OFFICE, PERSON, UNIT, owing
from bihuan.desk.office import policy_of
from bihuan.desk.tables import condition, fetch, marks

EDITIONS = (
    "SELECT id, hash FROM desk_edition e WHERE EXISTS (SELECT 1 FROM desk_subject WHERE edition_id = e.id)"
)
SUBJECT = """{table}.case_id IS NULL AND {table}.rule IN ({rules}) AND EXISTS (
SELECT 1 FROM desk_subject s WHERE s.id = {table}.subject_id AND s.edition_id = %s AND {whose})"""
BY_FACT = "{table}.owner IN ({names})"
BY_OFFICE = "(s.key IN ({names}) OR NOT EXISTS (SELECT 1 FROM desk_unit u WHERE u.name = s.key))"


def owed(units: Collection[str], people: Collection[str], roles: Collection[str], table: str) -> RawSQL:
    """That a row of a table is owed by these units, these people or who has these roles by office for these units."""
    said, values = ["FALSE"], list[Any]()
    for edition, hash in fetch(EDITIONS):
        offices = [name for name, role in rules_of(hash, OFFICE).items() if role in roles]
        for rules, whose, names in (
            (rules_of(hash, UNIT), BY_FACT, units),
            (rules_of(hash, PERSON), BY_FACT, people),
            (offices, BY_OFFICE, units),
        ):
            if rules:
                where = whose.format(table=table, names=marks(names))
                said.append(SUBJECT.format(table=table, rules=marks(rules), whose=where))
                values += [*rules, edition, *names]
    return condition(" OR ".join(said), *values)


@lru_cache(maxsize=64)
def rules_of(edition: str, kind: str) -> dict[str, str]:
    """The rules across cases of an edition, by its hash, that are owed so, each with its role."""
    timed = policy_of(edition).timed
    return {
        name: timed[name].by or ""
        for name, one in owing(edition).items()
        if one.kind == kind and timed[name].across
    }
