"""Cases of another system come onto the desk, and the desk goes out as logs that are judged to the same result."""

import csv
import datetime as dt
import os
import subprocess
import sys

import polars as pl
import pytest
from django.db import IntegrityError, connection, transaction

import bihuan
from bihuan.cli.load import parts
from bihuan.demo.__main__ import write
from bihuan.demo.tickets import COLUMNS, month
from bihuan.desk import actions, search
from bihuan.desk.actions import loading
from bihuan.desk.export import export
from bihuan.desk.models import Case, Event, Findable, Irregularity, Obligation, Person, Reach, Told
from bihuan.desk.rebuild import rebuild
from bihuan.desk.tick import tick
from bihuan.desk.verify import verify
from bihuan.engine.log import as_log
from tests.desk.conftest import POLICY, in_force, regulation

pytestmark = pytest.mark.django_db
SAME = ("rule", "article", "round", "key", "unit", "owner", "closed_by", "state", "allowed", "provisional")
TIMES = ("started_at", "due_at", "warn_at", "done_at")
CALLS = ("verdict", "method", "attempts", "last_method", "points")
CALL_TIMES = ("last_attempt_at", "next_at")


@pytest.fixture
def log(tmp_path):
    rows = month(seed=4, cases=25)
    write(tmp_path / "log.csv", COLUMNS, rows)
    policy = bihuan.read_policy(POLICY)
    return bihuan.read_log(tmp_path / "log.csv", zone=policy.header.zone, starts=policy.header.starts)


@pytest.fixture
def loaded(desk, log, clock):
    clock.set("2025-10-20 09:00")
    return actions.load(log, POLICY, by="admin", source="log.csv")


def told(called, row):
    """What both say of a row; of a callback also what became of its calls."""
    same, times = (SAME + CALLS, TIMES + CALL_TIMES) if called else (SAME, TIMES)
    instants = (None if row[name] is None else int(row[name].timestamp()) for name in times)
    return called, *(row[name] for name in same), *instants


def desk_rows(subject=False):
    rows = Obligation.objects.filter(subject__isnull=not subject).select_related("case", "subject")
    found = []
    for row in rows:
        whose = row.subject.key if row.subject else row.case.number
        found.append((whose, *told(row.kind == "callback", vars(row))))
    return sorted(found, key=str)


def replayed_rows(outcome, whose):
    found = []
    for table, called in ((outcome.obligations, False), (outcome.callbacks, True)):
        for row in table.to_dicts():
            if row["case"] not in whose:
                continue
            found.append((row["case"], *told(called, row)))
    return sorted(found, key=str)


def replay_of(folder, as_of):
    policy, calendars, log, site, values = read_back(folder)
    return bihuan.replay(policy, calendars, log, as_of, site, values)


def read_back(folder):
    """An export as the command line reads it: policy, calendars, log, site and values of parameters."""
    policy = bihuan.read_policy(folder / "policy.toml")
    site = bihuan.read_site(folder / "site")
    log = bihuan.read_log(
        folder / "log.jsonl",
        folder / "mapping.toml",
        zone=policy.header.zone,
        known_events=policy.event_labels,
        starts=policy.header.starts,
    )
    values = bihuan.parameter_values(policy, site.parameters)
    return policy, bihuan.read_calendars(site.notices), log, site, values


def test_every_event_comes_over_and_the_chain_closes(loaded, log):
    assert (loaded.cases, loaded.events, loaded.left_out) == (25, log.events.height, {})
    assert Event.objects.count() == log.events.height
    assert verify().whole
    events = {
        (e.case.number, e.event, int(e.at.timestamp()), e.actor) for e in Event.objects.select_related("case")
    }
    wanted = log.events.select("case", "event", "at", "actor").rows()
    assert events == {tuple(row) for row in wanted}


def test_what_is_loaded_is_what_the_desk_itself_would_have_found(loaded):
    assert rebuild().changed == []


@pytest.mark.parametrize("may", [True, False])
def test_rows_that_are_loaded_point_at_what_is_there_and_later_ones_must(desk, log, clock, monkeypatch, may):
    """Where PostgreSQL may be told so, it does not look up the case of each row that is loaded."""
    if not may:
        monkeypatch.setattr("bihuan.desk.loaded.put.may_say_so", lambda: False)
    clock.set("2025-10-20 09:00")
    actions.load(log, POLICY, by="admin")
    for model in (Event, Obligation, Irregularity, Reach, Findable):
        assert model.objects.exists()
        assert not model.objects.exclude(case__in=Case.objects.all()).exclude(case=None).exists()
    with pytest.raises(IntegrityError):
        reach_of_no_case()


def test_sqlite_looks_nothing_up_while_it_loads_and_everything_afterwards(tmp_path, log):
    """In a database of its own: a transaction around the test would keep SQLite from being told so."""
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'desk.sqlite3'}", "BIHUAN_HOME": str(tmp_path)}
    env |= {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "bihuan.desk.settings"}
    done = subprocess.run(
        [sys.executable, "-c", LOADS, str(tmp_path / "log.csv"), POLICY],
        env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.split("\n")[:-1] == ["0 1", "25", "1 0", "[]", "ok"], done.stderr


LOADS = """
import sys
import bihuan
from pathlib import Path
from bihuan.cli.init import make
path, policy = sys.argv[1:]
make(Path(path).parent, "admin", "a good long one", [policy], None, made=False)
from bihuan.desk import actions
from bihuan.desk.tables import fetch
said = lambda: print(fetch("PRAGMA foreign_keys")[0][0], fetch("PRAGMA ignore_check_constraints")[0][0])
policy = bihuan.read_policy(policy)
log = bihuan.read_log(path, zone=policy.header.zone, starts=policy.header.starts)
print(actions.load(log, policy.id, by="admin", progress=lambda _: said()).cases)
said()
print(fetch("PRAGMA foreign_key_check"))
print(fetch("PRAGMA integrity_check")[0][0])
"""


@transaction.atomic
def reach_of_no_case():
    Reach.objects.create(case_id=10**9, unit="nobody's")
    connection.check_constraints()


def test_a_loaded_case_goes_on_at_the_desk(loaded, clock):
    case = Case.objects.filter(closed_at=None).order_by("-last_at").first()
    actions.append(case.number, "urged", by="alice")
    assert verify().whole
    assert rebuild().changed == []


def test_nobody_is_told_of_what_was_late_before(loaded):
    assert Obligation.objects.filter(state="overdue").exists()
    tick()
    assert Told.objects.filter(case__isnull=False).count() == 0


def test_a_large_log_is_brought_in_parts(desk, log, clock, tmp_path, monkeypatch):
    monkeypatch.setattr("bihuan.cli.load.LARGE", 0)
    monkeypatch.setattr("bihuan.cli.load.PART", 100)
    clock.set("2025-10-20 09:00")
    several = list(parts(str(tmp_path / "log.csv"), None, bihuan.read_policy(POLICY)))
    done = [actions.load(part, POLICY, by="admin") for part in several]
    assert len(done) > 1
    assert (sum(one.cases for one in done), sum(one.events for one in done)) == (25, log.events.height)
    assert verify().whole
    assert rebuild().changed == []


def test_portions_follow_each_other_while_an_office_changes(desk, log, clock, monkeypatch):
    """What was worked out before a parameter was set is worked out anew under it."""
    monkeypatch.setattr(loading, "PORTIONS", dict.fromkeys(loading.PORTIONS, 100))
    clock.set("2025-10-20 09:00")
    told = []

    def progress(cases):
        if not told:
            actions.set_parameter(POLICY, "investigation-report.within", "3 working days", by="admin")
        told.append(cases)

    done = actions.load(log, POLICY, by="admin", progress=progress)
    assert (done.cases, told[-1], len(told) > 2) == (25, 25, True)
    assert Case.objects.filter(closed_at=None).values("basis").distinct().count() == 1
    assert Case.objects.filter(basis=Case.objects.earliest("id").basis).count() <= told[0]
    assert verify().whole
    assert rebuild().changed == []


def test_a_number_in_use_and_an_event_in_the_future_are_left_out(desk, log, clock):
    clock.set("2025-10-20 09:00")
    number = str(log.events["case"][0])
    actions.accept(POLICY, by="alice", facts={"channel": "hotline"}, number=number)
    clock.set("2025-10-20 09:01")
    done = actions.load(log, POLICY, by="admin")
    assert done.cases == 24
    assert list(done.left_out) == [number]
    assert "on the desk already" in done.left_out[number]


def test_cases_that_are_not_over_yet_are_left_out(desk, log, clock):
    clock.set("2025-09-22 09:00")
    done = actions.load(log, POLICY, by="admin")
    assert 0 < done.cases < 25
    assert set(done.left_out.values()) == {"the case has an event in the future"}
    assert not Event.objects.filter(at__gt=clock()).exists()


def test_the_desk_goes_out_as_a_log_that_is_judged_to_the_same_result(loaded, clock, tmp_path):
    """With cases of its own, a correction, facts given with a case, a parameter set, and time passing."""
    actions.set_parameter(POLICY, "investigation-report.within", "3 working days", by="admin")
    facts = {"channel": "hotline", "customer": "刘女士", "source": "customer"}
    own = actions.accept(POLICY, by="alice", given=facts)
    clock.wait(hours=2)
    actions.append(own.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(hours=1)
    half = clock.at - dt.timedelta(minutes=90)
    actions.correct(own.number, 2, by="alice", reason="录错", facts={"item": "fault"}, at=half)
    gone = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    clock.wait(minutes=1)
    actions.append(gone.number, "urged", by="bob")
    actions.correct(gone.number, 2, by="alice", reason="不是这张", struck=True)
    clock.wait(days=3)
    tick()
    rebuild(afresh=True)
    as_of = int(clock.at.timestamp())
    (folder,) = export(tmp_path / "out")
    outcome = replay_of(folder, as_of)
    assert outcome.excluded.height == 0
    numbers = set(Case.objects.values_list("number", flat=True))
    assert len(numbers) == 27
    assert replayed_rows(outcome, numbers) == desk_rows()
    assert replayed_rows(outcome, {"company"}) == desk_rows(subject=True)
    wrong = outcome.irregularities.filter(~outcome.irregularities["case"].is_in(["company"]))
    of_engine = sorted(
        (r["case"], r["event"], int(r["at"].timestamp()), r["kind"], r["article"] or "", r["detail"] or "")
        for r in wrong.to_dicts()
    )
    held = Irregularity.objects.filter(subject=None).select_related("case")
    of_desk = sorted(
        (r.case.number, r.event, int(r.at.timestamp()), r.kind, r.article or "", r.detail or "") for r in held
    )
    assert of_engine == of_desk
    assert any(state for state in of_desk)


def test_what_goes_out_comes_in_again(loaded, tmp_path):
    (folder,) = export(tmp_path / "out")
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == Event.objects.count()
    with (folder / "site" / "people.csv").open(encoding="utf-8", newline="") as file:
        assert {row["person"] for row in csv.DictReader(file)} == {"alice", "bob", "dana", "charlie"}


MOVED = regulation("made/moved", "通知之前先办", customer="customer", rest="""
[events]
accepted = "受理"
answered = "答复"
announced = "公布"

[facts]
customer = { label = "客户", type = "person", personal = "identity" }
brief = { label = "简要情况", type = "text" }
kinds = { label = "种类", choices = { meter = "电表", wire = "线路" }, many = true }
power_cut = { label = "停电日", type = "date" }

[[article]]
no = "一"
says = "受理后三天答复,停电后一天公布"

  [[article.obligation]]
  id = "answer"
  after = "accepted"
  owes = "answered"
  within = "3 days"

  [[article.obligation]]
  id = "announce"
  after = "power_cut"
  owes = "announced"
  within = "1 day"
""")  # fmt: skip


@pytest.fixture
def brought(desk, clock):
    """Cases with facts given and carried, a list among them, a date that counts as an event, and a correction."""
    in_force(MOVED)
    first = int(clock.at.timestamp()) - 20 * 86400
    events = [
        {"case": "一", "event": "accepted", "at": first, "brief": "表箱\"漏电\"\\坏了", "kinds": ["meter", "wire"], "actor": "alice"},
        {"case": "一", "event": "answered", "at": first + 86400, "unit": "龙水供电所", "id": "a", "recorded_at": first + 90000},
        {"case": "二", "event": "accepted", "at": first + 60, "actor": "bob", "power_cut": "2025-08-25"},
        {"case": "二", "event": "answered", "at": first + 7200, "id": "b"},
        {"case": "二", "event": "corrected", "at": first + 9000, "corrects": "b", "corrected_at": first + 8000},
        {"case": "二", "event": "announced", "at": first + 8 * 86400},
    ]  # fmt: skip
    given = pl.DataFrame({"case": ["一", "二"], "customer": ["刘女士", None], "brief": ["给定的", None]})
    table = pl.DataFrame(events, infer_schema_length=None)
    return actions.load(as_log(table, given.to_dicts(), zone="Asia/Shanghai"), "made/moved", by="admin")


def test_all_that_a_log_can_say_is_recorded_judged_and_found_as_the_desk_itself_would(brought):
    assert (brought.cases, brought.left_out) == (2, {})
    assert verify().whole
    assert rebuild().changed == []
    assert set(Obligation.objects.values_list("case__number", "rule", "state")) == {
        ("一", "answer", "met"), ("二", "answer", "met"), ("二", "announce", "late"),
    }  # fmt: skip
    assert Event.objects.get(case__number="二", event="superseded").kind == "note"
    first = Event.objects.get(case__number="一", seq=1)
    assert (first.given, (first.facts or {})["kinds"]) == (
        {"customer": "刘女士", "brief": "给定的"},
        ["meter", "wire"],
    )
    assert Case.objects.get(number="一").customer == "刘女士"
    admin = Person.objects.get(code="admin")
    for text in ("漏电", "电表", "刘女士"):
        assert [hit.case.number for hit in search.find(admin, text).rows] == ["一"]
    assert search.find(admin, "给定的").rows == [], "the event's own word counts"
