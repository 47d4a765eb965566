"""The record shows where somebody changed it behind the desk's back, and closes over destroyed archives."""

import datetime as dt

import pytest
from django.db import connection

from bihuan.desk import actions, files
from bihuan.desk.models import Event
from bihuan.desk.verify import verify
from tests.desk.conftest import POLICY

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(case, clock):
    """Two cases of several events, sealed."""
    for minutes, (event, by) in enumerate((("ticket_made", "alice"), ("urged", "alice"), ("urged", "dana"))):
        clock.wait(minutes=minutes + 1)
        actions.append(
            case.number, event, by=by, facts={"item": "billing"} if event == "ticket_made" else None
        )
    actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    actions.seal(clock.at.date())
    return case


def behind_the_desks_back(statement, *values):
    """As somebody would who has the database in hands: without the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE desk_event DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE desk_entry DISABLE TRIGGER USER")
        else:
            for table in ("desk_event", "desk_entry"):
                for what in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER {table}_no_{what}")
        cursor.execute(statement, values)


def test_attached_files_are_those_that_were_recorded(record, settings, tmp_path):
    settings.HOME = tmp_path
    made = actions.attach(record.number, "来信.txt", "灯闪".encode(), by="alice")
    other = actions.attach(record.number, "又一封.txt", "又闪".encode(), by="alice")
    assert (verify().whole, verify().files) == (True, 2)
    files.place(made.sha256).write_text("灯不闪", "utf-8")
    files.place(other.sha256).unlink()
    assert [(one.place, one.why) for one in verify().misfits] == [
        (made.seq, "its file was changed"),
        (other.seq, "its file is missing"),
    ]
    made.delete()
    assert "another file" in verify().misfits[0].why


def test_an_untouched_record_is_whole(record):
    report = verify()
    assert report.whole
    assert (report.cases, report.events, report.seals) == (2, 5, 1)
    assert report.entries > 10


@pytest.mark.parametrize(
    ("statement", "place", "why"),
    [
        ("UPDATE desk_event SET actor = 'charlie' WHERE seq = 3", 3, "digested"),
        ("UPDATE desk_event SET event = 'classified' WHERE seq = 2", 2, "hash"),
        ("UPDATE desk_event SET whole_day = TRUE WHERE seq = 1", 1, "hash"),
        ("DELETE FROM desk_event WHERE seq = 3", 3, "missing"),
        ("DELETE FROM desk_event WHERE seq = 4", 4, "4 events"),
        (
            "UPDATE desk_event SET actor = NULL, facts = NULL, meta = NULL, salt = NULL WHERE seq = 2",
            2,
            "no entry",
        ),
    ],
)
def test_the_first_event_that_does_not_fit_is_named(record, statement, place, why):
    behind_the_desks_back(statement)
    report = verify()
    assert (report.misfits[0].chain, report.misfits[0].place) == (record.number, place)
    assert why in report.misfits[0].why


def test_a_chain_forged_to_its_end_does_not_fit_its_seal(record):
    """Whoever recomputes a whole case has the seal against them."""
    from bihuan.desk.actions.chain import genesis
    from bihuan.desk.record import digest, link

    behind_the_desks_back("SELECT 1")
    before = genesis(record.number)
    for event in Event.objects.filter(case=record).order_by("seq"):
        event.actor = "charlie"
        event.digest = digest(event.salt or "", event.content())
        event.hash = before = link(before, event.stated(record.number))
        event.save()
    type(record).objects.filter(pk=record.pk).update(hash=before)
    assert [one.chain for one in verify().misfits] == ["seals"]


def test_a_forged_entry_is_named(record):
    behind_the_desks_back("UPDATE desk_entry SET about = 'nobody' WHERE id = 5")
    assert (verify().misfits[0].chain, verify().misfits[0].place) == ("entries", 5)


def test_it_closes_over_a_destroyed_archive_and_says_under_which_entry(record, clock):
    clock.wait(days=1)
    actions.append(record.number, "withdrawn", by="alice")
    actions.seal(clock.at.date())
    entry = actions.destroy(record.number, by="dana", approved_by="admin", reason="保管期满")
    report = verify()
    assert report.whole
    assert report.destroyed == {record.number: entry.id}


def test_a_day_is_sealed_once(record, clock):
    first = actions.seal(clock.at.date())
    clock.wait(minutes=1)
    actions.append(record.number, "urged", by="bob")
    assert actions.seal(clock.at.date()).hash == first.hash
    second = actions.seal(clock.at.date() + dt.timedelta(days=1))
    assert (second.cases, second.previous) == (1, first.hash)
