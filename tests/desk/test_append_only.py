"""The database itself refuses to change or delete the record, whoever asks."""

import pytest
from django.db import DatabaseError, connection, transaction

from bihuan.desk import actions
from bihuan.desk.models import Entry, Event, Seal

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
