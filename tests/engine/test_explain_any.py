"""Whatever the rules and the log: an explanation says what the replay says, and its days lead to the due time."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings

from bihuan.engine.explain import explain
from bihuan.engine.limit import parse_limit
from bihuan.engine.policy import parse_policy
from bihuan.engine.replay import replay
from tests.engine.both import calendar, log_of
from tests.engine.hostile import matters, policies

UNITS = {"day": 1, "week": 7, "working day": 1, "working hour": 3600}


def explained(matter):
    """The rows of each case as the replay has them, and their explanations."""
    policy, calendars, log = parse_policy(matter.policy), {"office": calendar(matter.office)}, log_of(matter)
    outcome = replay(policy, calendars, log, matter.as_of)
    for case in outcome.obligations["case"].unique(maintain_order=True):
        rows = outcome.obligations.filter(case=case).sort("started_at", maintain_order=True)
        yield rows.drop("row", strict=False).to_dicts(), explain(policy, calendars, log, case, matter.as_of)


def instants(lines, *whats):
    return [line.at for line in lines if line.what in whats]


def last_run(lines):
    """What the clock counted since it last started anew."""
    restarts = [n for n, line in enumerate(lines) if line.what == "restarted"]
    return lines[restarts[-1] if restarts else 0 :]


@settings(max_examples=30, derandomize=True, suppress_health_check=list(HealthCheck))
@given(matters(policies()))
def test_an_explanation_agrees_with_the_replay_and_its_days_with_the_due_time(matter):
    for rows, found in explained(matter):
        assert [dict(each.row) for each in found] == rows
        for each in found:
            agrees(each)
            counts(each)


def agrees(each):
    due, done = each.row["due_at"], each.row["done_at"]
    assert instants(each.lines, "due") == [at for at in [due] if at]
    assert instants(each.lines, "done") == [at for at in [done] if at]
    assert instants(each.lines, "start", "restarted")[-1] == each.row["started_at"]
    moves = [line.due_after for line in each.lines if line.due_after]
    assert not due or not moves or moves[-1] == due or "moved" in each.row["note"]


def counts(each):
    """The numbers run from 1 to what the limit and its extensions allow, on the day on which it is due."""
    lines, due = last_run(each.lines), each.row["due_at"]
    days = [line for line in lines if line.what == "days"]
    numbers = [number for line in days for number in line.numbers]
    worked = sum(line.worked * ((line.last - line.first).days + 1) for line in days)
    assert numbers == list(range(1, len(numbers) + 1))
    if due and (numbers or worked) and not instants(lines, "anchor") and "moved" not in each.row["note"]:
        limit = parse_limit(each.row["allowed"])
        added = [line.amount + line.seconds for line in lines if line.what == "extended"]
        assert days[-1].last + timedelta(days[-1].rolled) == due.date()
        if limit.amount is not None:
            assert (worked or numbers[-1]) == limit.amount * UNITS[limit.unit or ""] + (added or [0])[-1]
