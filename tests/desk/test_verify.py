"""The record shows where somebody changed it behind the desk's back, and closes over destroyed archives."""

import datetime as dt

import pytest
from click.testing import CliRunner
from django.db import connection

from bihuan.desk import actions, files, guards
from bihuan.desk.models import Case, Entry, Event, Person, Seal
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


AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE"  # PostgreSQL changes no trigger while others wait


def behind_the_desks_back(statement, *values):
    """As somebody would who has the database in hands: without the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(AT_ONCE)
            for table in guards.TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            for guard in guards.guards():
                cursor.execute(f"DROP TRIGGER {guard.name}")
        for one in statement.split(";"):
            cursor.execute(one, values)
    guards.put()


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

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(AT_ONCE)
        for guard in guards.guards():
            on = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
            cursor.execute(f"DROP TRIGGER {guard.name}{on}")
    before = genesis(record.number)
    for event in Event.objects.filter(case=record).order_by("seq"):
        event.actor = "charlie"
        event.digest = digest(event.salt or "", event.content())
        event.hash = before = link(before, event.stated(record.number))
        event.save()
    type(record).objects.filter(pk=record.pk).update(hash=before)
    guards.put()
    [misfit] = verify().misfits
    assert misfit.chain == "seals"
    assert "2 cases had events under it, 2 have" in misfit.why


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


GONE = (
    "desk_told",
    "desk_obligation",
    "desk_irregularity",
    "desk_concern",
    "desk_reach",
    "desk_named",
    "desk_findable",
    "desk_event",
)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM desk_entry WHERE id = (SELECT MAX(id) FROM desk_entry)", ("entries", "entries were made")),
        ("DELETE FROM desk_seal", ("seals", "its seal is gone")),
        ("UPDATE desk_edition SET text = text || ' '", ("editions", "not what was hashed")),
        ("UPDATE desk_person SET is_administrator = TRUE WHERE code = 'bob'", ("office", "otherwise than the entries")),
        ("UPDATE desk_holding SET role = 'marketing' WHERE role = 'hotline'", ("office", "otherwise than the entries")),
        ("DELETE FROM desk_holding WHERE role = 'hotline'", ("office", "does not hold it")),
    ],
)  # fmt: skip
def test_what_is_not_in_a_chain_is_looked_at_too(record, statement, found):
    behind_the_desks_back(statement)
    chain, why = found
    assert any(one.chain == chain and why in one.why for one in verify().misfits)


def test_a_role_that_no_entry_gives_is_named(record):
    from bihuan.desk.models import Holding

    Holding.objects.create(id=10**9, person=Person.objects.get(code="bob"), role="hotline")
    assert [(one.chain, one.event) for one in verify().misfits] == [("office", f"role {10**9}")]


def test_a_case_that_is_gone_as_a_whole_leaves_a_gap_under_its_seal(record):
    ids = list(Event.objects.filter(case=record).order_by("id").values_list("id", flat=True))
    behind_the_desks_back(
        ";".join(
            [
                *(f"DELETE FROM {table} WHERE case_id = {record.pk}" for table in GONE),
                f"DELETE FROM desk_case WHERE id = {record.pk}",
            ]
        )
    )
    [misfit] = verify().misfits
    assert (misfit.chain, misfit.event) == ("seals", "2025-09-08")
    assert f"–{ids[-1]} " in misfit.why


def test_a_case_put_under_another_edition_past_the_record_is_named(record):
    from tests.desk.conftest import edition_text

    other = actions.install(edition_text() + "\n# other\n", by="admin")
    Case.objects.filter(pk=record.pk).update(edition=other)
    assert [(one.chain, one.place) for one in verify().misfits] == [(record.number, 1)]


@pytest.mark.parametrize("how", ["gone", "another"])
def test_a_trigger_that_is_gone_or_another_is_named(record, how):
    guard = next(one for one in guards.guards() if one.name == "desk_event_no_update")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {guard.name}")
            if how == "another":
                cursor.execute(guard.body.replace("BEFORE UPDATE", "BEFORE UPDATE OF salt"))
        elif how == "gone":
            cursor.execute(AT_ONCE)
            cursor.execute(f"ALTER TABLE desk_event DISABLE TRIGGER {guard.name}")
        else:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
            )
    assert [(one.chain, one.event) for one in verify().misfits] == [("guards", guard.name)]


def test_a_seal_that_was_kept_elsewhere_tells_an_older_record_and_a_rewritten_one(record, clock):
    day = clock.at.date()
    held = Seal.objects.get().hash
    assert verify({day: held}).whole
    assert "older one was restored" in verify({day + dt.timedelta(days=1): held}).misfits[0].why
    assert "not the seal that you kept" in verify({day: "0" * 64}).misfits[0].why


def test_the_command_takes_kept_seals_and_tells_the_last(record, monkeypatch):
    from bihuan.cli.root import cli

    monkeypatch.setattr("bihuan.cli.desk_at.opened", lambda *told: None)
    run = CliRunner().invoke
    held = f"{Seal.objects.get().day}={Seal.objects.get().hash}"
    assert held in run(cli, ["verify", "--seal", held, "--format", "json"]).output
    assert run(cli, ["verify", "--seal", held]).exit_code == 0
    assert run(cli, ["verify", "--seal", "2030-01-01=abc"]).exit_code == 1
    assert run(cli, ["verify", "--seal", "yesterday"]).exit_code == 2


def test_a_seal_is_an_entry_too(record):
    last = Entry.objects.order_by("-id").first()
    assert (last.kind, last.content["hash"]) == ("sealed", Seal.objects.get().hash)
