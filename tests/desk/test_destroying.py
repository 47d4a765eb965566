"""An archive is destroyed by two, not before its time, with its files and without a trace of what was in it."""

import os

import pytest
from django.conf import settings
from django.db import transaction

from bihuan.desk import actions, files
from bihuan.desk.actions import destroying
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.models import Attachment, Case, Declined, Entry, Event, Told
from bihuan.desk.tick import tick
from bihuan.desk.verify import verify
from tests.desk.conftest import POLICY, in_force, moment, regulation
from tests.desk.test_logged import event_by_event

pytestmark = pytest.mark.django_db
LETTER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def closed(case, clock):
    """A complaint with two files that was withdrawn."""
    clock.wait(minutes=5)
    actions.attach(case.number, "来信.pdf", LETTER, by="alice")
    actions.attach(case.number, "录音文字.txt", "客户说灯闪".encode(), by="alice")
    actions.append(case.number, "withdrawn", by="alice")
    actions.decline_calls(case.number, by="alice", reason="不要再打 13812345678")
    return case


def kept():
    found = (settings.HOME / "attachments").rglob("*")
    return sorted(path.read_bytes() for path in found if path.is_file())


def test_its_files_go_with_it_and_the_record_still_closes(closed, django_capture_on_commit_callbacks):
    assert len(kept()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        entry = actions.destroy(closed.number, by="dana", approved_by="admin", reason="保管期满")
    assert kept() == []
    assert not Attachment.objects.exists()
    assert not Declined.objects.exists()
    report = verify()
    assert (report.whole, report.destroyed) == (True, {closed.number: entry.id})
    attached = Event.objects.filter(event="attached")
    assert set(attached.values_list("meta", "salt")) == {(None, None)}


def test_what_a_backup_brings_back_is_destroyed_again(closed, clock, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            actions.destroy(closed.number, by="dana", approved_by="admin", reason="保管期满")
            done = actions.destroyed_here()
            transaction.set_rollback(True)  # as a backup taken before has it
        assert actions.destroy_again([{**done[0], "first": "0" * 64}]) == [], (
            "another case of the same number"
        )
        assert actions.destroy_again(done) == [closed.number]
        assert actions.destroy_again(done) == []
    assert kept() == []
    assert verify().destroyed.keys() == {closed.number}
    entry = Entry.objects.get(kind="destroyed")
    assert (entry.by, entry.content["approved_by"], entry.content["at"]) == (
        "dana",
        "admin",
        clock().isoformat(),
    )


def test_a_file_that_another_case_has_too_stays(closed, clock, django_capture_on_commit_callbacks):
    clock.wait(minutes=1)
    other = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    actions.attach(other.number, "同一封信.pdf", LETTER, by="alice")
    with django_capture_on_commit_callbacks(execute=True):
        actions.destroy(closed.number, by="dana", approved_by="admin", reason="保管期满")
    assert kept() == [LETTER]


def test_what_is_undone_loses_no_file(closed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        actions.destroy(closed.number, by="dana", approved_by="admin", reason="保管期满")
        transaction.set_rollback(True)
    assert len(kept()) == 2
    assert Attachment.objects.count() == 2


def test_what_a_crash_leaves_behind_is_swept_up_a_day_later(closed, clock):
    """The callback after the transaction never ran."""
    actions.destroy(closed.number, by="dana", approved_by="admin", reason="保管期满")
    half = settings.HOME / "attachments" / "ab" / "half.new"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"cut off")
    other = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    actions.attach(other.number, "信.txt", "还要用的".encode(), by="alice")
    for path in (settings.HOME / "attachments").rglob("*"):
        os.utime(path, (clock().timestamp(),) * 2)
    assert (actions.sweep(), len(kept())) == (0, 4)
    clock.wait(days=2)
    tick()
    assert kept() == ["还要用的".encode()]


def test_a_file_that_was_swept_up_while_it_was_attached_again_is_there(closed, clock, monkeypatch):
    """Between keeping the file and the record of it, somebody removes what no case has."""
    other = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    keep, seen = files.keep, []

    def raced(content, sha):
        keep(content, sha)
        if not seen:
            files.drop(sha)
        seen.append(sha)

    monkeypatch.setattr(files, "keep", raced)
    made = actions.attach(other.number, "信.txt", "新的".encode(), by="alice")
    assert files.place(made.sha256).read_bytes() == "新的".encode()


def test_what_people_were_told_names_no_key_any_more(case, clock):
    clock.wait(days=3)
    tick()
    Told.objects.filter(case=case).update(key="刘女士0042")
    actions.append(case.number, "withdrawn", by="alice")
    actions.destroy(case.number, by="dana", approved_by="admin", reason="保管期满")
    assert set(Told.objects.filter(case=case).values_list("key", flat=True)) == {None}


def test_it_takes_two_and_the_reason_is_in_the_record(closed):
    with pytest.raises(RefusedError, match="reason"):
        actions.ask_destruction(closed.number, by="admin", reason=" ")
    asked = actions.ask_destruction(closed.number, by="admin", reason="保管期满")
    with pytest.raises(RefusedError, match="does not approve"):
        actions.approve_destruction(asked.id, by="admin")
    assert Case.objects.get(pk=closed.pk).destroyed is None
    assert [one.id for one in actions.waiting_destructions()] == [asked.id]
    actions.decline_destruction(asked.id, by="dana", reason="还在诉讼")
    assert actions.waiting_destructions() == []
    with pytest.raises(MissingError):
        actions.approve_destruction(asked.id, by="dana")
    again = actions.ask_destruction(closed.number, by="admin", reason="保管期满")
    done = actions.approve_destruction(again.id, by="dana")
    assert (done.kind, done.by, done.content["approved_by"]) == ("destroyed", "admin", "dana")
    assert actions.waiting_destructions() == []
    with pytest.raises(MissingError):
        actions.ask_destruction(closed.number, by="admin", reason="保管期满")


def test_an_open_case_is_no_archive(case):
    with pytest.raises(RefusedError, match="not closed"):
        actions.ask_destruction(case.number, by="admin", reason="保管期满")


KEEPING = regulation("service/keeping", "归档办法", """
[[article]]
no = "第二条"
says = "档案保存三年"
  [[article.archive]]
  id = "file"
  says = "工单档案"
  holds = ["ticket"]
  after = "archived"
  keep = "3 years"
""")  # fmt: skip


@pytest.fixture
def filed(desk, clock):
    """A case whose archive a regulation has kept; a keyword says otherwise for how long."""

    def made(text):
        in_force(text)
        case = actions.accept("service/keeping", by="alice")
        clock.wait(minutes=5)
        actions.append(case.number, "archived", by="alice")
        return case.number

    return made


def test_what_is_to_be_kept_is_not_destroyed_before_its_last_day(filed, clock):
    number = filed(KEEPING)
    with pytest.raises(RefusedError, match=r"2028-09-08.*第二条"):
        actions.ask_destruction(number, by="admin", reason="清理")
    clock.set("2028-09-09 09:00")
    actions.ask_destruction(number, by="admin", reason="清理")
    assert Entry.objects.filter(kind="destruction_asked").count() == 1


def test_until_when_it_is_kept_is_the_same_event_by_event(filed, clock, monkeypatch):
    number = filed(KEEPING)
    clock.wait(days=2)
    actions.correct(number, 2, by="alice", reason="其实前一天", at=moment("2025-09-08 08:30"))
    case = Case.objects.select_related("edition").get(number=number)
    [kept] = destroying.kept(case)
    assert kept["filed_at"] == moment("2025-09-08 08:30")
    monkeypatch.setattr(destroying, "logged", event_by_event)
    assert destroying.kept(case) == [kept]


def test_where_the_text_does_not_say_for_how_long_nothing_is_destroyed_before_somebody_does(filed, clock):
    number = filed(KEEPING.replace('  keep = "3 years"\n', ""))
    clock.wait(days=5000)
    with pytest.raises(RefusedError, match=r"file\.keep"):
        actions.ask_destruction(number, by="admin", reason="清理")
    actions.set_parameter("service/keeping", "file.keep", "3 years", by="admin")
    actions.ask_destruction(number, by="admin", reason="清理")
