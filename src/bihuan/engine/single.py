"""One case judged at once, as a desk needs it: events in, rows out, with no table made on the way.

It runs the very facts, columns and fold that `replay` runs; it only leaves out what a log needs and a case at hand
does not: sorting, corrections, names as categories, amounts used and notes. Rules about subjects across cases are
not judged, for one case does not show them.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine import layout as at
from bihuan.engine.calendar import Calendar
from bihuan.engine.clock import NEVER, NONE
from bihuan.engine.derived import dated, shown
from bihuan.engine.errors import CallError
from bihuan.engine.facts import Facts
from bihuan.engine.outcome import KINDS, STATES, Judged, overrun
from bihuan.engine.replay import Plan, finder, judge
from bihuan.engine.rows import Rows

IN_ARRAYS = frozenset(("case", "event", "at", "whole_day"))
Event = Mapping[str, Any]


def judge_case(
    plan: Plan,
    calendars: Mapping[str, Calendar],
    events: Sequence[Event],
    facts: Mapping[str, Any],
    as_of: int,
    way: str = "interpreted",
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows and irregularities of a case. Events have `event`, `at` (seconds), and what else they carry, in order.

    Instants are seconds since the epoch; none is None. `plan` is `replay.planned(policy, parameters, site)`.
    """
    prepared = plan.prepared
    policy = prepared.policy
    if dated(policy, plan.layouts) or any(shown(policy)):
        raise CallError(f"{policy.id} makes events of facts or of parts; judge its cases with replay")
    if any(later["at"] < earlier["at"] for earlier, later in pairwise(events)):
        raise CallError("the events of a case are to be in the order of their instants")
    if "" not in plan.layouts or not events:
        return [], []
    rows = rows_of(events, facts)
    judged = judge(plan.layouts[""], Facts(prepared, rows), finder(plan, policy, calendars), rows, as_of, way)
    return obligations(judged), irregularities(judged)


def rows_of(events: Sequence[Event], facts: Mapping[str, Any]) -> Rows:
    names = tuple(dict.fromkeys(event["event"] for event in events))
    code = {name: n for n, name in enumerate(names)}
    carried = dict.fromkeys(key for event in events for key in event if key not in IN_ARRAYS)
    return Rows(
        cases=pl.Series("case", [""]),
        offsets=np.array([0, len(events)]),
        names=names,
        event=np.array([code[event["event"]] for event in events], np.int32),
        at=np.array([event["at"] for event in events], np.int64),
        whole_day=np.array([bool(event.get("whole_day")) for event in events]),
        data=pl.DataFrame([pl.Series(name, [event.get(name) for event in events]) for name in carried]),
        facts=pl.DataFrame([pl.Series(name, [value]) for name, value in facts.items()]),
    )


def obligations(judged: Judged) -> list[dict[str, Any]]:
    c = judged.folded.columns
    late = overrun(c, judged.as_of).tolist()
    lists = {name: c[name].tolist() for name in ("rule", "round", "state", "row", "end_row", "flags")}
    lists |= {name: known(c[name].tolist()) for name in ("started", "due", "warn", "done")}
    names = [judged.rows.names[code] for code in judged.rows.event.tolist()]
    return [
        {
            "rule": judged.layout.rules[rule].name,
            "article": judged.layout.articles[rule],
            "round": lists["round"][n],
            "started_at": lists["started"][n],
            "due_at": lists["due"][n],
            "warn_at": lists["warn"][n],
            "done_at": lists["done"][n],
            "closed_by": names[lists["end_row"][n]] if lists["end_row"][n] >= 0 else None,
            "state": STATES[lists["state"][n]],
            "late_by": late[n] if lists["state"][n] in (at.S_LATE, at.S_OVERDUE) else None,
            "row": lists["row"][n],
        }
        for n, rule in enumerate(lists["rule"])
    ]


def known(instants: list[int]) -> list[int | None]:
    return [None if instant in (NONE, NEVER) else instant for instant in instants]


def irregularities(judged: Judged) -> list[dict[str, Any]]:
    """What should not have happened, one for each requirement."""
    lay, found = judged.layout, []
    for _, row, instant, kind, step, rule, _ in judged.folded.findings.tolist():
        if kind == at.K_REACHED:
            continue
        article = lay.steps[step][1] if step >= 0 else lay.articles[rule]
        event = judged.rows.names[judged.rows.event[row]]
        found.append({"event": event, "at": instant, "kind": KINDS[kind], "article": article, "row": row})
    return found
