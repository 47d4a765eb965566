"""Writing asks the database a fixed number of questions, and plain statements say what Django's own would."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.desk import actions, stored
from bihuan.desk.models import Case, Edition, Event, Obligation
from tests.desk.conftest import POLICY

pytestmark = pytest.mark.django_db
FACTS = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}


def statements(act):
    with CaptureQueriesContext(connection) as found:
        act()
    now_and_then = "SAVEPOINT", "desk_words, rank"  # the latter in one write of sixteen
    return [one["sql"] for one in found if not any(word in one["sql"] for word in now_and_then)]


def contacted(case, clock):
    clock.wait(seconds=5)
    actions.append(case.number, "contacted", by="alice")


def test_a_case_is_accepted_by_few_statements(case, clock):
    assert len(statements(lambda: actions.accept(POLICY, by="alice", facts=FACTS))) <= 14


def test_an_event_takes_as_many_statements_in_a_long_case_as_in_a_short_one(case, clock):
    contacted(case, clock)
    short = statements(lambda: contacted(case, clock))
    for _ in range(10):
        contacted(case, clock)
    assert len(statements(lambda: contacted(case, clock))) <= len(short) <= 12


def plainly(rows):
    return [{name: value for name, value in vars(row).items() if name != "_state"} for row in rows]


@pytest.mark.parametrize("model", [Case, Edition, Event, Obligation])
def test_rows_are_read_as_django_reads_them(case, clock, model):
    actions.append(case.number, "ticket_made", by="dana", facts={"item": "billing"}, actor="alice")
    assert plainly(stored.found(model, "ORDER BY id")) == plainly(model.objects.order_by("id"))
    assert model.objects.exists()


def test_a_row_that_was_changed_is_as_it_was_written(case):
    [held] = stored.found(Case, "WHERE id = %s", case.pk)
    held.customer, held.closed_at = "王先生", held.opened_at
    stored.change(held)
    assert plainly(Case.objects.all()) == plainly([held])


def test_of_a_row_that_is_remembered_only_what_is_otherwise_is_written_and_that_once(case):
    [held] = stored.found(Case, "WHERE id = %s", case.pk)
    stored.remembered(held)
    Case.objects.filter(pk=case.pk).update(unit="不归它写", customer="不归它写")
    held.customer, held.closed_at = "王先生", held.opened_at
    [written] = statements(lambda: stored.change(held))
    assert ("customer" in written, "closed_at" in written, "number" in written) == (True, True, False)
    now = Case.objects.get()
    assert (now.customer, now.closed_at, now.unit) == ("王先生", held.opened_at, "不归它写")
    stored.change(held)
    assert plainly(Case.objects.all()) == plainly([held])


def test_an_event_leaves_the_indexes_alone_of_what_stays_the_same(case, clock):
    written = [
        sql for sql in statements(lambda: contacted(case, clock)) if sql.startswith("UPDATE desk_case")
    ]
    assert len(written) == 1
    assert not any(
        f'"{name}"' in written[0] for name in ("number", "edition_id", "customer", "opened_at", "sent")
    )


def test_columns_that_were_left_out_are_read_when_asked_for(desk):
    [edition] = stored.found(Edition, "WHERE hash = %s", desk.hash, without=("text",))
    assert "text" not in vars(edition)
    assert edition.text == desk.text
