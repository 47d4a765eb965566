"""What is asked for goes by an index, also where an index of its own was taken away (migration 0008)."""

import pytest
from django.db import connection

from bihuan.desk import guards
from bihuan.desk.access import RUNS

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL plans by how much there is"),
]


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ("FROM desk_event WHERE case_id = 1 ORDER BY seq", "sqlite_autoindex_desk_event_1 (case_id=?)"),
        ("FROM desk_event WHERE case_id IN (1, 2) ORDER BY case_id, seq", "desk_event_1 (case_id=?)"),
        ("FROM desk_reach WHERE case_id = 1", "sqlite_autoindex_desk_reach_1 (case_id=?)"),
        ("FROM desk_named WHERE case_id = 1", "sqlite_autoindex_desk_named_1 (case_id=?)"),
        ("FROM desk_concern WHERE subject_id = 1", "sqlite_autoindex_desk_concern_1 (subject_id=?)"),
        ("FROM desk_obligation WHERE subject_id = 1 ORDER BY place", "obligation_subject (subject_id=?)"),
        ("FROM desk_irregularity WHERE subject_id = 1 ORDER BY place", "irregularity_subject (subject_id=?)"),
        (
            f"FROM desk_obligation WHERE {RUNS} AND kind = 'callback' ORDER BY due_at, id",
            "obligation_running (kind=?)",
        ),
    ],
)
def test_an_index_answers(asked, index):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN SELECT * {asked}")
        plan = [row[3] for row in cursor.fetchall()]
    assert plan[0].startswith("SEARCH")
    assert plan[0].endswith(index)
    assert not any("TEMP B-TREE" in step for step in plan) or "place" in asked


def test_the_record_stays_append_only_after_indexes_went():
    assert guards.lacking() == []
