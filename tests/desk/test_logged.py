"""Does the record read by columns say what its events, one by one, and its export say?"""

import datetime as dt

import polars as pl
import pytest

import bihuan
from bihuan.desk import actions, logged
from bihuan.desk.clock import seconds
from bihuan.desk.export import export
from bihuan.desk.judging import evened, given_of, standing
from bihuan.desk.models import Case, Event
from bihuan.desk.office import office_now, policy_of
from tests.desk.conftest import POLICY
from tests.desk.test_loading import read_back


@pytest.fixture
def told(desk, case, clock):
    """Facts of two kinds of value, given ones, a correction, a struck event, a day without a time, an import."""
    clock.wait(hours=1)
    actions.grant("alice", "marketing", "市场营销部", by="admin")  # whose it is to say what is complex
    facts = {"channel": "call_centre", "customer": "王先生7788", "source": "customer"}
    other = actions.accept(POLICY, by="alice", facts=facts, given={"complex": True, "grave": False})
    clock.wait(hours=1)
    actions.append(other.number, "ticket_made", by="alice", facts={"item": "supply_quality"})
    clock.wait(hours=1)
    seq = actions.append(other.number, "urged", by="alice").seq
    actions.correct(other.number, seq, by="alice", reason="催办记错了", struck=True)
    actions.correct(
        case.number, 1, by="alice", reason="早了半小时", at=case.opened_at - dt.timedelta(minutes=30)
    )
    rows = [
        {
            "case": "老-1",
            "event": "accepted",
            "at": seconds(case.opened_at) - 90_000,
            "recorded_at": 0,
            "complex": 1,
        },
        {"case": "老-1", "event": "urged", "at": seconds(case.opened_at) - 80_000, "whole_day": True},
    ]
    log = bihuan.as_log(rows, [{"case": "老-1", "unit": "城东供电所"}], zone="Asia/Shanghai")
    actions.load(log, POLICY, by="admin", source="老系统")
    return desk


def judged(policy, log, clock):
    office = office_now()
    values = office.parameters(policy_hash())
    return bihuan.replay(policy, office.calendars(), log, int(clock.at.timestamp()), office.site, values)


def policy_hash():
    return Case.objects.select_related("edition").first().edition.hash


def rows_of(outcome):
    tables = (outcome.obligations, outcome.callbacks, outcome.irregularities)
    return [sorted(table.drop("row", "line", strict=False).rows(), key=str) for table in tables]


def ids():
    return list(Case.objects.order_by("id").values_list("id", flat=True))


def event_by_event(policy, ids, _upto=None):
    """What `logged` answers, put together out of the events as Django reads them."""
    rows, given = [], []
    for case in Case.objects.filter(id__in=ids).order_by("id"):
        events = list(case.events.order_by("seq"))
        rows += [{"case": case.number, **row} for row in standing(events)]
        given += [{"case": case.number, **facts}] if (facts := given_of(events)) else []
    return bihuan.as_log(evened(rows), given, zone=policy.header.zone)


@pytest.mark.parametrize("portion", [1, 1000])
def test_by_columns_and_event_by_event(told, clock, monkeypatch, portion):
    monkeypatch.setattr(logged, "PORTION", portion)
    policy = policy_of(policy_hash())
    singly = event_by_event(policy, ids())
    columns = logged.logged(policy, ids())
    assert columns.events["case"].cast(pl.String).to_list()[0] == Case.objects.earliest("id").number
    assert columns.facts.filter(pl.col("case").cast(pl.String) == "老-1")["unit"].to_list() == ["城东供电所"]
    assert rows_of(judged(policy, columns, clock)) == rows_of(judged(policy, singly, clock))


def test_by_columns_and_exported(told, clock, tmp_path):
    policy = policy_of(policy_hash())
    [folder] = export(tmp_path / "out")
    _, calendars, log, site, values = read_back(folder)
    wanted = bihuan.replay(policy, calendars, log, int(clock.at.timestamp()), site, values)
    columns = logged.logged(policy, ids())
    assert rows_of(judged(policy, columns, clock)) == rows_of(wanted)
    recorded = columns.events.filter(pl.col("case").cast(pl.String) == "老-1")["recorded_at"]
    assert recorded.to_list() == [0, None], "when the other system recorded them, not when they came"


def test_up_to_an_event(told):
    policy, last = policy_of(policy_hash()), Event.objects.order_by("id")[1].pk
    assert logged.logged(policy, ids(), last).events.height == 2


def test_what_is_told_in_two_kinds_is_told_as_text():
    texts = pl.Series(['{"a":1}', '{"a":"x","b":true}', None, '{"a":1}', '{"b":null}'])
    a, b = logged.objects(texts, ())
    assert (a.to_list(), b.to_list()) == (["1", "x", None, "1", None], [None, True, None, None, None])


def test_no_case_is_an_empty_log(desk):
    assert logged.logged(policy_of(desk.hash), []).events.height == 0
