"""An event that is tried on a case is found as irregular as where it has happened, for every worked example shipped."""

import pytest

from bihuan.engine.examples import log_of
from bihuan.engine.facts import Facts
from bihuan.engine.localtime import local_time
from bihuan.engine.log import arrange
from bihuan.engine.parameters import parameter_values
from bihuan.engine.replay import finder, judge, planned
from bihuan.engine.single import rows_of, told_irregularities
from bihuan.engine.trying import tried
from bihuan.files.calendars import read_calendars
from bihuan.files.policies import policy_ids, read_examples, read_policy

CALENDARS = read_calendars(())
HOUR = 3600


def cases(policy, plan, example):
    """The events of each case, and what was given with it."""
    log = arrange(log_of(example, local_time(plan.zone.tables, 0), policy.header.zone))
    for (case,), events in log.events.group_by("case", maintain_order=True):
        rows = events.drop("case", "file", "line", strict=False).to_dicts()
        given = log.facts.filter(log.facts["case"] == case).drop("case").to_dicts()
        yield [{k: v for k, v in row.items() if v is not None} for row in rows], (given or [{}])[0]


def as_happened(plan, find, events, given, as_of):
    """What the whole judgement says of the last event."""
    rows = rows_of(events, given)
    one = judge(plan.layouts[""], Facts(plan.prepared, rows), find, rows, as_of, "interpreted")
    wrong = told_irregularities(one)
    return [row for row in wrong if row["row"] == len(events) - 1 and row["kind"] != "field"]


def without_row(rows):
    return [{k: v for k, v in row.items() if k != "row"} for row in rows]


@pytest.mark.parametrize("name", policy_ids())
def test_what_is_tried_is_judged_as_what_has_happened(name):
    policy = read_policy(name, draft=True)
    plans, compared = {}, 0
    for example in [one for file in read_examples(policy) for one in file.example]:
        key = repr(example.set)  # of what is the same, one plan
        if key not in plans:
            plans[key] = planned(policy, parameter_values(policy, example.set), None)
        plan = plans[key]
        find = finder(plan, policy, CALENDARS)
        names = [*plan.layouts[""].events, "heard by nobody"]
        for events, given in cases(policy, plan, example):
            n = (1, len(events) // 2 + 1, len(events))[compared % 3]
            before, at = events[:n], events[n - 1]["at"] + (compared % 7) ** 3 * HOUR
            then = {"at": at, "actor": events[-1].get("actor")}
            wrong = tried(plan, find, before, then, names, given, at)
            for event in {names[compared % len(names)], *list(wrong)[-2:]}:
                whole = as_happened(plan, find, [*before, then | {"event": event}], given, at)
                assert without_row(wrong.get(event, [])) == without_row(whole), (example.name, n, event)
                alone = tried(plan, find, before, then, [event], given, at)  # without a table
                assert without_row(alone.get(event, [])) == without_row(whole), (example.name, n, event)
            compared += 1
    assert compared


def test_a_long_case_is_tried_as_a_short_one():
    policy = read_policy("power/dazu-complaint-assessment", draft=True)
    plan = planned(policy, parameter_values(policy, {}), None)
    find = finder(plan, policy, CALENDARS)
    begun = [{"event": "accepted", "at": HOUR, "actor": "a", "channel": "hotline", "customer": "c"}]
    noted = [{"event": "heard by nobody", "at": HOUR + n, "actor": f"p{n}"} for n in range(300)]
    names, then = list(plan.layouts[""].events), {"at": 2 * HOUR, "actor": "a"}
    for name in names:
        short = tried(plan, find, begun, then, [name], {}, 2 * HOUR)
        long = tried(plan, find, [*begun, *noted], then, [name], {}, 2 * HOUR)
        assert without_row(long.get(name, [])) == without_row(short.get(name, []))
    assert any(tried(plan, find, begun, then, names, {}, 2 * HOUR).values())
