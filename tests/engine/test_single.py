"""One case judged alone says what a replay of it says, row by row, for every worked example shipped."""

import ast
import inspect

import pytest

from bihuan.engine import compiled, single
from bihuan.engine.called import tables
from bihuan.engine.errors import CallError
from bihuan.engine.examples import log_of
from bihuan.engine.irregular import irregularity_rows
from bihuan.engine.localtime import local_time
from bihuan.engine.log import arrange
from bihuan.engine.parameters import parameter_values
from bihuan.engine.replay import gather, judged_cases, planned
from bihuan.engine.statistics import statistics
from bihuan.files.calendars import read_calendars
from bihuan.files.policies import policy_ids, read_examples, read_policy

CALENDARS = read_calendars(())
SAME = ("rule", "article", "round", "closed_by", "state", "late_by")
INSTANTS = ("started_at", "due_at", "warn_at", "done_at")


def examples(policy):
    return [example for file in read_examples(policy) for example in file.example]


def cases_of(found):
    """The events and facts of each case that was judged, as somebody at a desk would have them."""
    log = found.log
    for (case,), events in log.events.group_by("case", maintain_order=True):
        rows = events.drop("case", "file", "line", strict=False).to_dicts()
        facts = (
            log.facts.filter(log.facts["case"] == case).drop("case").to_dicts() if log.facts.height else []
        )
        yield case, [{k: v for k, v in row.items() if v is not None} for row in rows], (facts or [{}])[0]


def from_tables(outcome, case):
    tables = [
        table.filter(table["case"] == str(case)).drop("verdict", "method", "drawn", strict=False)
        for table in (outcome.obligations, outcome.callbacks)
    ]
    return [row for table in tables for row in table.to_dicts()]


def comparable(rows):
    def seconds(at):
        return at if at is None or isinstance(at, int) else int(at.timestamp())

    return sorted(
        (tuple((k, row[k]) for k in SAME) + tuple((k, seconds(row[k])) for k in INSTANTS) for row in rows),
        key=repr,
    )


WRONG = ("event", "at", "actor", "kind", "rule", "step", "article", "detail")


def seconds(value):
    return int(value.timestamp()) if hasattr(value, "timestamp") else value


def plain_rows(rows):
    """Those of obligations, then those of callbacks, without what only one side says."""
    parted = sorted(rows, key=lambda row: row["called"])
    return [{k: v for k, v in row.items() if k != "called"} for row in parted]


def table_rows(judged):
    rows = [row for table in tables(judged) for row in table.to_dicts()]
    return [{k: seconds(v) for k, v in row.items() if k != "case"} for row in rows]


def plain_wrong(rows):
    return [tuple(row[k] for k in WRONG) for row in rows]


def table_wrong(judged):
    return [tuple(seconds(row[k]) for k in WRONG) for row in irregularity_rows(judged).to_dicts()]


def some(found):
    """Up to about forty, spread over all: each is judged three ways."""
    return found[:: max(1, len(found) // 40)]


@pytest.mark.parametrize("name", policy_ids())
def test_a_case_alone_is_judged_as_in_a_log(name):
    policy = read_policy(name, draft=True)
    compared = 0
    for example in some(examples(policy)):
        parameters = parameter_values(policy, example.set) if hasattr(example, "set") else None
        plan = planned(policy, parameters, None)
        local = local_time(plan.zone.tables, 0)
        log = arrange(log_of(example, local, policy.header.zone), policy.header.starts)
        found = judged_cases(policy, CALENDARS, log, None, None, parameters, way="interpreted")
        case_alone = [one for one in found.judged if not one.layout.subject]
        outcome = gather(policy, plan.prepared.parameters, found.log, case_alone, found.as_of, found.facts)
        for case, events, facts in cases_of(found):
            try:
                rows, _ = single.judge_case(plan, CALENDARS, events, facts, found.as_of)
            except CallError:
                continue
            assert comparable(rows) == comparable(from_tables(outcome, case)), example.name
            compared += 1
        for one in case_alone:
            assert plain_rows(single.told_rows(one)) == table_rows(one), example.name
            assert plain_wrong(single.told_irregularities(one)) == table_wrong(one), example.name
    assert (
        compared or not examples(policy) or any(f.type in ("date", "instant") for f in policy.facts.values())
    )


def test_events_out_of_order_are_refused():
    policy = read_policy("power/dazu-complaint-assessment", draft=True)
    late_first = [{"event": "accepted", "at": 5}, {"event": "dispatched", "at": 4}]
    with pytest.raises(CallError, match="order"):
        single.judge_case(planned(policy, None, None), CALENDARS, late_first, {}, 9)


def test_statistics_count_what_replay_lists():
    policy = read_policy("power/dazu-complaint-assessment", draft=True)
    plan = planned(policy, None, None)
    local = local_time(plan.zone.tables, 0)
    for example in examples(policy)[:20]:
        log = arrange(log_of(example, local, policy.header.zone), policy.header.starts)
        found = judged_cases(policy, CALENDARS, log)
        outcome = gather(policy, plan.prepared.parameters, found.log, found.judged, found.as_of, found.facts)
        listed = [*outcome.obligations.to_dicts(), *outcome.callbacks.to_dicts()]
        told = statistics(policy, CALENDARS, log)
        assert told["rows"].sum() == len(listed)
        assert told["late_by"].sum() == sum(row["late_by"] or 0 for row in listed)


def test_the_fold_knows_integers_only():
    """Neither numpy nor polars nor anything but the dialect's own modules is imported where rules are judged."""
    for module in compiled.DIALECT:
        tree = ast.parse(inspect.getsource(module))
        imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        imported |= {name.name for n in ast.walk(tree) if isinstance(n, ast.Import) for name in n.names}
        assert all(name == "typing" or name.startswith("bihuan.engine.") for name in imported), (
            module.__name__
        )


@pytest.mark.skipif(not compiled.available(), reason="no compiler is installed (extra `fast`)")
def test_every_function_of_the_dialect_can_be_compiled():
    assert "bihuan_fold_into" in compiled.translated(("fold_into",))
