"""Time passes by itself: what falls due is found and told once, whoever looks, and a draw that is due is made."""

import datetime as dt

import pytest
from django.db import OperationalError

import bihuan
from bihuan.desk import actions
from bihuan.desk import tick as ticking
from bihuan.desk.errors import UnavailableError
from bihuan.desk.judging import judged
from bihuan.desk.models import Case, Obligation, Seal, Told
from bihuan.desk.rebuild import rebuild
from bihuan.desk.tick import tick
from tests.desk.conftest import POLICY, edition_text, in_force, moment, regulation

pytestmark = pytest.mark.django_db


def test_nothing_is_done_before_something_falls_due(case, clock):
    tick()
    assert tick().cases == 0
    assert Told.objects.count() == 0


def test_what_falls_due_is_overdue_and_told_once(case, clock):
    tick()
    due = Obligation.objects.filter(case=case, state="open", due_at__isnull=False).earliest("due_at")
    clock.at = due.due_at
    tick()
    due.refresh_from_db()
    assert due.state == "open"  # the instant itself is still in time
    clock.wait(seconds=1)
    assert tick().told >= 1
    due.refresh_from_db()
    assert (due.state, due.told_at) == ("overdue", clock())
    told = Told.objects.get(case=case, rule=due.rule, what="due")
    assert (told.article, told.due_at) == (due.article, due.due_at)
    clock.wait(minutes=1)
    tick()
    assert Told.objects.filter(case=case, rule=due.rule, what="due").count() == 1


def test_what_was_late_when_it_was_entered_is_told_too(desk, clock):
    late = clock.at - dt.timedelta(days=10)
    case = actions.accept(POLICY, by="alice", facts={"channel": "hotline"}, at=late)
    assert Obligation.objects.filter(case=case, state="overdue", told_at__isnull=True).exists()
    tick()
    overdue = Obligation.objects.filter(case=case, state="overdue")
    assert Told.objects.filter(case=case, what="due").count() == overdue.count() > 0
    assert not overdue.filter(told_at__isnull=True).exists()


class CircleError(Exception):
    """As PostgreSQL ends one of those who wait for each other."""

    sqlstate = "40P01"


def test_a_case_that_could_not_be_had_is_left_to_the_next_round(desk, clock, monkeypatch, caplog):
    made = [actions.accept(POLICY, by="alice", facts={"channel": "hotline"}) for _ in range(3)]
    clock.wait(days=30)
    left = [1]

    def refused(*given):
        if left:
            raise OperationalError("deadlock detected") from CircleError(left.pop())
        return judged(*given)

    monkeypatch.setattr(ticking, "judged", refused)
    assert tick().cases == 2
    assert "a case could not be had" in caplog.text
    assert tick().cases == 1
    assert set(Told.objects.filter(what="due").values_list("case", flat=True)) == {one.pk for one in made}


def test_a_disk_that_is_full_ends_the_round(case, clock, monkeypatch):
    clock.wait(days=30)

    def refused(*given):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(ticking, "judged", refused)
    with pytest.raises(UnavailableError):
        tick()


WARNED = """
[[article]]
no = "第一条"
says = "答复,先有提醒"
  [[article.step]]
  event = "accepted"
  [[article.obligation]]
  id = "answer"
  after = "accepted"
  owes = "replied"
  within = "15 days"
  target = "5 days"
"""


def test_what_was_to_be_warned_of_before_an_event_was_entered_is_told_once(desk, clock):
    """No tick looked between the two."""
    in_force(regulation("made/warned", "答复办法", WARNED))
    case = actions.accept("made/warned", by="alice", facts={})
    clock.wait(days=6)
    actions.append(case.number, "urged", by="alice")
    assert not Obligation.objects.get(case=case).warned_at
    for _ in range(2):
        tick()
        assert Told.objects.filter(case=case, what="warning").count() == 1
        clock.wait(minutes=1)
        actions.append(case.number, "urged", by="alice")
    tick()
    assert Told.objects.filter(case=case).count() == 1


def test_what_fell_due_before_a_parameter_or_a_notice_was_set_is_told_too(case, clock):
    """Cases are judged anew then, and find it overdue before a tick has looked."""
    tick()
    due = Obligation.objects.filter(case=case, state="open", due_at__isnull=False).earliest("due_at")
    clock.at = due.due_at
    clock.wait(seconds=1)
    actions.set_parameter(POLICY, "customer-total.within", "400 days", by="admin")
    due.refresh_from_db()
    assert (due.state, due.told_at) == ("overdue", None)
    tick()
    assert Told.objects.filter(case=case, rule=due.rule, what="due").count() == 1


def test_a_case_sleeps_until_its_next_due_time(case, clock):
    for _ in range(30):
        wake = Case.objects.get(pk=case.pk).wake_at
        if wake is None:
            break
        clock.at = wake
        tick()
        after = Case.objects.get(pk=case.pk).wake_at
        assert after is None or after > wake
    assert not Obligation.objects.filter(case=case, state="open", due_at__lt=clock()).exists()


def test_a_building_that_nobody_ever_inspected_is_owed_and_told(desk, clock):
    """The register alone names it: no case is about it. Once in each whole year that it is registered."""
    telecom = actions.install(edition_text("telecom/telecom-install-service"), by="admin")
    actions.put_in_force(telecom.hash, by="admin")
    actions.add_subject("building", "电信大楼", {}, by="admin", since=dt.date(2025, 1, 1))
    actions.add_subject("building", "新楼", {}, by="admin", since=dt.date(2025, 3, 1))
    tick()
    owed = Obligation.objects.filter(rule="building-inspection")
    assert [(one.subject.key, one.state) for one in owed] == [("电信大楼", "open")]
    clock.set("2026-01-01 00:00:01")
    tick()
    missed = owed.get(state="overdue", subject__key="电信大楼")
    assert missed.due_at == moment("2025-12-31 23:59:59")
    assert Told.objects.filter(subject=missed.subject, what="due").exists()
    assert rebuild().changed == []


def test_what_a_subject_owes_is_told_each_time_although_nothing_happens_to_it(desk, clock):
    """Whoever had missed one inspection was never told of the next: the subject slept on."""
    telecom = actions.install(edition_text("telecom/telecom-install-service"), by="admin")
    actions.put_in_force(telecom.hash, by="admin")
    actions.add_subject("building", "电信大楼", {}, by="admin", since=dt.date(2025, 1, 1))
    for year in (2025, 2026, 2027):
        clock.set(f"{year}-12-01 00:00:00")
        tick()
        clock.set(f"{year + 1}-01-01 00:00:01")
        assert tick().told == 1, year
        assert tick().subjects == 0
    assert Told.objects.filter(rule="building-inspection", what="due").count() == 3


CHECKED = """
[parameters]
days = { value = "10 days", origin = "user", why = "测试用" }

[facts]
customer = { label = "客户", type = "person" }

[[article]]
no = "第一条"
says = "受理后按期检查"
  [[article.step]]
  event = "accepted"
  [[article.obligation]]
  id = "check"
  after = "accepted"
  owes = "checked"
  within = "days"
  across = "customer"
"""


def test_what_is_owed_across_cases_moves_with_a_parameter(desk, clock):
    """It kept its due time until the next event."""
    in_force(regulation("made/checked", "检查办法", CHECKED, customer="customer"))
    actions.accept("made/checked", by="alice", facts={"customer": "刘"})
    tick()
    due = Obligation.objects.get(rule="check").due_at
    actions.set_parameter("made/checked", "days", "20 days", by="admin")
    tick()
    now = Obligation.objects.get(rule="check").due_at
    assert due is not None
    assert now == due + dt.timedelta(days=10)
    assert tick().subjects == 0
    assert rebuild().changed == []


MONTHLY = """
[events]
visited = "走访"
progress_reported = "报进度"
[facts]
customer = { label = "客户", type = "person" }
[[article]]
no = "1"
says = "每月走访,每月报进度"
  [[article.step]]
  event = "accepted"
  [[article.obligation]]
  id = "visit"
  owes = "visited"
  every = "calendar month"
  across = "customer"
  after = "accepted"
  [[article.obligation]]
  id = "progress"
  after = "accepted"
  owes = "progress_reported"
  every = "calendar month"
"""


def test_what_was_done_this_month_is_owed_again_next_month(desk, clock):
    """Whoever had done it slept on, and nobody was told when it was not done again."""
    in_force(regulation("made/monthly", "走访办法", MONTHLY, customer="customer"))
    case = actions.accept("made/monthly", by="alice", facts={"customer": "刘"})
    clock.wait(minutes=5)
    for event in ("visited", "progress_reported"):
        actions.append(case.number, event, by="alice", facts={"customer": "刘"})
    for _ in range(3):
        tick()
    states = Obligation.objects.order_by("rule", "round").values_list("rule", "state")
    assert list(states.all()) == [("progress", "met"), ("visit", "met")]
    clock.set("2025-10-01 00:00")
    tick()
    assert list(states.all()) == [
        ("progress", "met"),
        ("progress", "open"),
        ("visit", "met"),
        ("visit", "open"),
    ]
    clock.set("2025-11-01 08:00")
    tick()
    assert set(Told.objects.filter(what="due").values_list("rule", flat=True)) == {"visit", "progress"}
    tick()
    assert rebuild().changed == []


def test_loaded_cases_wake_when_their_next_period_begins(desk, clock):
    in_force(regulation("made/monthly", "走访办法", MONTHLY, customer="customer"))
    told = (("accepted", 0), ("visited", 60), ("progress_reported", 120))
    rows = [
        {"case": "A", "event": event, "at": int(clock.at.timestamp()) - 9000 + after, "customer": "刘"}
        for event, after in told
    ]
    actions.load(bihuan.as_log(rows, zone="Asia/Shanghai"), "made/monthly", by="admin")
    tick()
    clock.set("2025-10-01 00:00")
    tick()
    assert set(Obligation.objects.filter(state="open").values_list("rule", flat=True)) == {
        "visit",
        "progress",
    }


def test_yesterday_is_sealed_once_it_is_over(case, clock):
    assert tick().sealed == ["2025-09-07"]
    clock.wait(days=1)
    assert tick().sealed == ["2025-09-08"]
    assert tick().sealed == []
    assert list(Seal.objects.order_by("day").values_list("cases", flat=True)) == [1, 0]
