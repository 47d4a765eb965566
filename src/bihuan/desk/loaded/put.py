"""A portion written, in the transaction of the caller: every table, and for `tick` the subjects to be judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
from django.db import connection

from bihuan.desk import packed, projection
from bihuan.desk.loaded.portion import Portion
from bihuan.desk.models import Concern, Edition, Subject
from bihuan.desk.search.indexing import index_all
from bihuan.desk.tables import fetch, insert
from bihuan.engine.listening import COMPANY


def put(portion: Portion, edition: Edition) -> None:
    ids = case_ids(portion.count[0])
    with unasked(edition):
        packed.put(portion.rows, ids)
    index_all(ids)
    known = [concern(edition, fact, pairs, ids) for fact, pairs in portion.concerns.items()]
    projection.wake(one for each in known for one in each)


@contextmanager
def unasked(edition: Edition) -> Iterator[None]:
    """PostgreSQL looks up the case of each row, one after the other, which takes it half as long again as to write them.

    It need not: all rows are of these very cases, by `packed.put`. Whoever has the right to say so says it (docs/operations.md);
    what else a row must be is asked as ever.
    """
    if not may_say_so():
        yield
        return
    fetch("SELECT 1 FROM desk_edition WHERE id = %s FOR KEY SHARE", edition.pk)
    fetch("SET LOCAL session_replication_role = replica")
    yield
    fetch("SET LOCAL session_replication_role = origin")


def may_say_so() -> bool:
    """From PostgreSQL 15 on superusers may, and who was granted it."""
    db: Any = connection
    return db.vendor == "postgresql" and db.pg_version >= 150000 and bool(fetch(MAY)[0][0])


MAY = "SELECT has_parameter_privilege('session_replication_role', 'SET')"


def case_ids(count: int) -> pl.Series:
    """Ids for new cases, which rows that point at them need beforehand."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('desk_case', 'id')) FROM generate_series(1, %s)",
                [count],
            )
            return pl.Series([id for (id,) in cursor.fetchall()], dtype=pl.Int64)
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'desk_case'")
        last = (cursor.fetchone() or (0,))[0]
    return pl.int_range(last + 1, last + 1 + count, eager=True)


def concern(edition: Edition, fact: str, pairs: pl.DataFrame, ids: pl.Series) -> list[Subject]:
    """Which subjects the cases are about; those. The next `tick` judges them."""
    known = {one.key: one for one in subjects(edition, fact, pairs["key"].unique().sort().to_list())}
    if fact != COMPANY and pairs.height:
        subject = pairs["key"].replace_strict(
            {key: one.pk for key, one in known.items()}, return_dtype=pl.Int64
        )
        rows = pl.DataFrame({"case": ids.gather(pairs["case"]), "subject": subject}).sort("case", "subject")
        insert(Concern, rows.columns, rows.rows())
    return list(known.values())


def subjects(edition: Edition, fact: str, keys: list[str]) -> list[Subject]:
    """The subjects of these keys; those that were not there are made. The company begins with the first case."""
    if fact == COMPANY and not Subject.objects.filter(edition=edition, fact=COMPANY).exists():
        keys = [COMPANY]
    made = [Subject(edition=edition, fact=fact, key=key) for key in keys]
    Subject.objects.bulk_create(made, ignore_conflicts=True)
    return list(Subject.objects.filter(edition=edition, fact=fact, key__in=keys))
