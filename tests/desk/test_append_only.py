"""The database itself refuses to change or delete the record, whoever asks."""

import pytest
from django.db import DatabaseError, connection, transaction

from bihuan.desk import actions
from bihuan.desk.models import Case, Entry, Event, Seal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE desk_event SET at = recorded_at",
        "UPDATE desk_event SET facts = NULL",
        "UPDATE desk_event SET hash = ''",
        "DELETE FROM desk_event",
        "UPDATE desk_entry SET content = '{}'",
        "DELETE FROM desk_entry",
        "UPDATE desk_seal SET root = ''",
        "DELETE FROM desk_seal",
        "UPDATE desk_edition SET text = text || ' '",
        "DELETE FROM desk_edition",
    ],
)
def test_the_database_refuses(case, clock, statement):
    actions.seal(clock.at.date())
    before = [list(model.objects.order_by("pk").values()) for model in (Event, Entry, Seal)]
    assert all(before)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert [list(model.objects.order_by("pk").values()) for model in (Event, Entry, Seal)] == before


def test_a_closed_case_can_be_emptied_only_under_an_entry(case, clock):
    clock.wait(minutes=5)
    actions.append(case.number, "withdrawn", by="alice")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE desk_event SET actor=NULL, unit=NULL, facts=NULL, given=NULL, meta=NULL, salt=NULL"
        )
    case.refresh_from_db()
    assert case.closed_at is not None
    actions.destroy(case.number, by="dana", approved_by="admin", reason="保管期满")
    assert set(Event.objects.values_list("actor", "facts", "salt")) == {(None, None, None)}
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE desk_event SET event='accepted', actor=NULL, facts=NULL, given=NULL, meta=NULL, salt=NULL"
        )


@pytest.mark.parametrize("table", ["desk_event", "desk_entry", "desk_seal", "desk_edition"])
def test_no_row_takes_the_place_of_another(case, clock, table):
    """SQLite's own way past its triggers, and PostgreSQL's: to write as a replica does."""
    actions.seal(clock.at.date())
    if connection.vendor == "sqlite":
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    else:
        statement = f"DO $$ BEGIN SET LOCAL session_replication_role = replica; DELETE FROM {table}; END $$"
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_to_name_any_entry_does_not_empty_a_case(case):
    entry = Entry.objects.order_by("id").first()
    Case.objects.update(destroyed=entry)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE desk_event SET actor=NULL, unit=NULL, facts=NULL, given=NULL, meta=NULL, salt=NULL"
        )
