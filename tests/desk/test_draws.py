"""Samples at the desk: a period is cut once, who was drawn is in the record of the cases, and what was drawn stands."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest

from bihuan.desk import actions
from bihuan.desk.actions import draws
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.models import Case, Draw, Entry, Event, Obligation
from bihuan.desk.office import office_now
from bihuan.desk.rebuild import rebuild
from bihuan.desk.verify import verify
from bihuan.engine.log import as_log
from tests.desk.conftest import in_force, moment, regulation
from tests.desk.test_logged import event_by_event

pytestmark = pytest.mark.django_db

SAMPLED = regulation("power/sampled", "抽样回访", customer="customer", rest="""
[events]
accepted = "受理"
archived = "归档"
called_back = "回访"

[parameters]
half = { value = 0.5, origin = "user", why = "测试用" }
sampling_seed = { SEED }

[facts]
customer = { label = "客户", type = "person", personal = "identity" }

[[article]]
no = "一"
says = "归档的工单每月抽一半回访"

  [[article.callback]]
  id = "sampled"
  after = "archived"
  rate = "half"
  draw = "calendar month"
  within = "7 days"
""")  # fmt: skip
SEEDED = 'value = 7, origin = "user", why = "测试用"'
UNSEEDED = 'origin = "missing", why = "没有说"'


@pytest.fixture
def archived(desk, clock):
    """Ten cases archived in September."""
    edition = in_force(SAMPLED.replace("SEED", SEEDED))
    for n in range(10):
        made = actions.accept("power/sampled", by="alice", facts={"customer": f"客户{n}"})
        clock.wait(minutes=1)
        actions.append(made.number, "archived", by="alice")
    return edition


def drawn():
    return set(Event.objects.filter(event="drawn").values_list("case__number", flat=True))


def test_a_period_that_is_over_is_cut_once_and_half_of_its_cases_are_drawn(archived, clock):
    assert actions.cut_due() == ["sampled 2025-08"]  # of nobody: there were no cases yet
    assert drawn() == set()
    clock.set("2025-10-01 00:00")
    assert actions.cut_due() == ["sampled 2025-09"]
    assert len(drawn()) == 5
    due = Obligation.objects.filter(rule="sampled", drawn=True).values_list("case__number", flat=True)
    assert set(due) == drawn()
    before = drawn()
    clock.wait(hours=1)
    assert actions.cut_due() == []
    assert (drawn(), Event.objects.filter(event="drawn").count()) == (before, 5)
    assert verify().whole
    assert rebuild().changed == []


def brought(*days):
    """Four cases of another system archived on each of some days."""
    events = [
        {"case": f"{day}/{n}", "event": event, "at": int(moment(f"{day} {hour}:00").timestamp())}
        for day in days for n in range(4) for event, hour in (("accepted", "09"), ("archived", "10"))
    ]  # fmt: skip
    actions.load(as_log(events, zone="Asia/Shanghai"), "power/sampled", by="admin")


def test_every_period_of_a_log_that_is_brought_here_is_drawn_once(desk, clock):
    in_force(SAMPLED.replace("SEED", SEEDED))
    clock.set("2025-12-10 09:00")
    assert actions.cut_due() == ["sampled 2025-11"]  # of nobody
    brought("2025-07-03", "2025-09-30", "2025-11-05")
    assert actions.cut_due(most=2) == ["sampled 2025-07", "sampled 2025-09"]
    assert actions.cut_due() == ["sampled 2025-11"]
    assert actions.cut_due() == []
    of_months = Counter(
        number[:7] for number in Event.objects.filter(event="drawn").values_list("case__number", flat=True)
    )
    assert of_months == {"2025-07": 2, "2025-09": 2, "2025-11": 2}
    assert verify().whole
    assert rebuild().changed == []


def test_a_draw_states_its_seed_and_strata_in_the_record(archived, clock):
    clock.set("2025-10-02 09:00")
    (draw,) = actions.cut(archived.hash, "2025-09", by="admin")
    told = Entry.objects.get(pk=draw.entry_id)
    assert (told.kind, told.by, told.content["seed"]) == ("drawn", "admin", "7")
    assert [(one["members"], one["drawn"]) for one in draw.strata] == [(10, 5)]
    assert all(event.actor is None for event in Event.objects.filter(event="drawn"))


def test_whoever_was_drawn_stays_drawn_when_cases_come_later(archived, clock):
    clock.set("2025-09-20 09:00")
    actions.cut(archived.hash, "2025-09", by="admin")
    first = drawn()
    for n in range(10, 20):
        made = actions.accept("power/sampled", by="alice", facts={"customer": f"客户{n}"})
        clock.wait(minutes=1)
        actions.append(made.number, "archived", by="alice")
    clock.set("2025-10-01 00:00")
    actions.cut_due()
    assert first <= drawn()
    assert len(drawn()) == 10


def test_a_draw_is_the_same_event_by_event(archived, clock, monkeypatch):
    """Of cases of which some are drawn already, one was corrected, and one has begun since."""
    clock.set("2025-09-20 09:00")
    actions.cut(archived.hash, "2025-09", by="admin")
    clock.wait(hours=1)
    number = sorted(drawn())[0]
    actions.correct(number, 2, by="alice", reason="晚了一天", at=moment("2025-09-09 10:00"))
    actions.accept("power/sampled", by="alice", facts={"customer": "新客户"})
    now = clock()
    columns = draws.sampled(archived, office_now(), "2025-09", (), now)
    monkeypatch.setattr(draws, "logged", event_by_event)
    singly = draws.sampled(archived, office_now(), "2025-09", (), now)
    for name in ("members", "strata", "events"):
        assert getattr(columns, name).rows() == getattr(singly, name).rows(), name
    assert (columns.members.height, columns.members["recorded"].is_not_null().sum()) == (10, 5)


def test_nothing_is_drawn_without_a_seed_or_of_a_regulation_that_draws_nothing(desk, clock):
    edition = in_force(SAMPLED.replace("SEED", UNSEEDED))
    with pytest.raises(RefusedError, match="sampling_seed"):
        actions.cut(edition.hash, "2025-09", by="admin")
    with pytest.raises(RefusedError, match="draws no sample"):
        actions.cut(desk.hash, "2025-09", by="admin")
    with pytest.raises(MissingError):
        actions.cut("0" * 64, "2025-09", by="admin")
    clock.wait(days=40)
    assert actions.cut_due() == []
    assert Draw.objects.count() == 0


def test_the_draw_of_an_archive_that_was_destroyed_is_passed_over(archived, clock):
    number = Case.objects.filter(edition=archived).order_by("id")[0].number
    actions.destroy(number, by="admin", approved_by="dana", reason="期满")
    clock.set("2025-10-01 00:00")
    actions.cut_due()
    assert number not in drawn()
    assert verify().whole


def test_a_regulation_that_shows_events_of_parts_is_refused_by_name(desk):
    parts = SAMPLED.replace("SEED", SEEDED).replace(
        "[[article]]", 'whole = { label = "总单", type = "case", shows = ["archived"] }\n\n[[article]]', 1
    )
    with pytest.raises(RefusedError, match="'whole' shows events"):
        actions.install(parts, by="admin")
    assert Entry.objects.filter(kind="edition").count() == 1


def test_pay_is_entered_and_the_later_amount_counts(case, clock):
    actions.set_pay("bob", dt.date(2025, 9, 12), Decimal("5000.00"), by="admin")
    actions.set_pay("bob", dt.date(2025, 9, 1), Decimal("5200.50"), by="admin")
    assert office_now().site.pay.rows() == [("bob", dt.date(2025, 9, 1), Decimal("5200.50"))]
    for wrong in (Decimal("-1"), Decimal("0.001")):
        with pytest.raises(RefusedError, match="expected an amount"):
            actions.set_pay("bob", dt.date(2025, 9, 1), wrong, by="admin")
    clock.wait(hours=1)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    assert verify().whole


def test_a_file_lies_under_its_hash_and_the_hash_is_in_the_chain(case, clock, settings, tmp_path):
    settings.HOME = tmp_path
    clock.wait(minutes=5)
    made = actions.attach(case.number, "说明.txt", "停电说明".encode(), by="alice", version=1)
    event = Event.objects.get(case=case, seq=made.seq)
    assert (event.kind, event.event, event.actor) == ("note", "attached", "alice")
    assert event.meta == {
        "name": "说明.txt",
        "media_type": made.media_type,
        "size": len("停电说明".encode()),
        "sha256": made.sha256,
    }
    (kept,) = (one for one in tmp_path.rglob("*") if one.is_file())
    assert (kept.name, kept.read_bytes()) == (made.sha256, "停电说明".encode())
    assert verify().whole


def test_a_file_that_is_not_what_it_says_writes_nothing(case, clock, settings, tmp_path):
    settings.HOME = tmp_path
    for name, content in (("图.png", b"%PDF-1.7 not a picture"), ("空.txt", b""), ("a.exe", b"MZ")):
        with pytest.raises(RefusedError):
            actions.attach(case.number, name, content, by="alice")
    assert Event.objects.filter(case=case).count() == 1
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
