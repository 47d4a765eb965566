"""One case judged at once, as a desk needs it: events in, rows out, with no table made on the way.

It runs the very facts, columns and fold that `replay` runs; it only leaves out what a log needs and a case at hand
does not: sorting, corrections, names as categories. Rules about subjects across cases are not judged, for one case
does not show them. `told_rows` and `told_irregularities` say the same as the tables of `outcome`, as plain rows.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine import layout as at
from bihuan.engine.calendar import Calendar
from bihuan.engine.called import callback_columns
from bihuan.engine.clock import NEVER, NONE
from bihuan.engine.derived import dated, shown
from bihuan.engine.errors import CallError
from bihuan.engine.facts import Facts
from bihuan.engine.irregular import KINDS, outside, what
from bihuan.engine.listening import Mark
from bihuan.engine.outcome import (
    STATES,
    Judged,
    holders,
    keys,
    note,
    of_rows,
    overrun,
    time_used,
    unconfirmed,
)
from bihuan.engine.replay import Plan, finder, judge
from bihuan.engine.rows import Rows
from bihuan.engine.rules import Callback

LATE = (at.S_LATE, at.S_OVERDUE)
IN_ARRAYS = frozenset(("case", "event", "at", "whole_day"))
ONE = pl.Series("case", [""])
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


def table_of(rows: Sequence[Event]) -> pl.DataFrame:
    """At once: column by column it takes five times as long."""
    return pl.from_dicts(rows, infer_schema_length=None) if any(rows) else pl.DataFrame(height=len(rows))


def rows_of(
    events: Sequence[Event], facts: Mapping[str, Any], table: Callable[[Sequence[Event]], Any] = table_of
) -> Rows:
    names = tuple(dict.fromkeys(event["event"] for event in events))
    code = {name: n for n, name in enumerate(names)}
    carried = [{key: value for key, value in event.items() if key not in IN_ARRAYS} for event in events]
    return Rows(
        ids=ONE,
        offsets=np.array([0, len(events)]),
        names=names,
        event=np.array([code[event["event"]] for event in events], np.int32),
        at=np.array([event["at"] for event in events], np.int64),
        whole_day=np.array([bool(event.get("whole_day")) for event in events]),
        data=table(carried),
        facts=table([facts]),
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
            "late_by": late[n] if lists["state"][n] in LATE else None,
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


def told_rows(judged: Judged) -> list[dict[str, Any]]:
    """Every row of one case with the columns of `outcome.obligation_rows`, of callbacks also those of `called`.

    Instants are seconds since the epoch. `called` tells callbacks from the others.
    """
    c, lay = judged.folded.columns, judged.layout
    if not len(c["rule"]):
        return []
    rules, ends, names = c["rule"].tolist(), c["end_row"].tolist(), judged.rows.names
    marked, states = unconfirmed(judged).tolist(), c["state"].tolist()
    late = zip(overrun(c, judged.as_of).tolist(), states, strict=True)
    columns = {
        "round": c["round"].tolist(),
        "key": keys(judged).to_list() if any(getattr(node, "per", None) for node in lay.rules) else None,
        "unit": units(judged),
        "owner": owners(judged, rules),
        **{f"{name}_at": known(c[name].tolist()) for name in ("started", "due", "warn", "done")},
        "used": known(time_used(judged).tolist()),
        "late_by": [by if state in LATE else None for by, state in late],
        "provisional": marked,
        "note": noted(judged, rules, marked),
        "row": c["row"].tolist(),
        "closed_by": [names[judged.rows.event[end]] if end >= 0 else None for end in ends],
        "state": [STATES[state] for state in states],
        "allowed": [str(judged.answers.limits[n]) if n >= 0 else None for n in c["limit"].tolist()],
    }
    found = []
    for n, rule in enumerate(rules):
        row = {name: None if values is None else values[n] for name, values in columns.items()}
        node = lay.rules[rule]
        row |= {"rule": node.name if not isinstance(node, Mark) else "", "article": lay.articles[rule]}
        found.append(row | {"called": isinstance(node, Callback)})
    return with_calls(judged, found)


def units(judged: Judged) -> list[str | None]:
    of_row, labels = judged.facts.units()
    codes = of_row[judged.folded.columns["row"]].tolist()
    return [str(labels[code]) if code >= 0 else None for code in codes]


def owners(judged: Judged, rules: list[int]) -> list[str | None]:
    """As `outcome.owner`, asking once a role who holds it."""
    policy, found, persons = judged.facts.policy, [], dict[str, Any]()
    for n, rule in enumerate(rules):
        by = getattr(judged.layout.rules[rule], "by", None)
        role = policy.roles.get(by) if by else None
        label = role.label if role else by or None
        if by and role and (role.fact or role.did):
            if by not in persons:
                persons[by] = holders(judged, role)
            codes, names = persons[by]
            code = codes[judged.folded.columns["row"][n]]
            label = label if code < 0 else str(names[code])
        found.append(label)
    return found


def noted(judged: Judged, rules: list[int], marked: list[bool]) -> list[str]:
    c = judged.folded.columns
    told: dict[int, str] = {}
    found = []
    for rule, flags, calendar, mark in zip(
        rules, c["flags"].tolist(), c["calendar"].tolist(), marked, strict=True
    ):
        code = (rule << 32 | flags) << 8 | (calendar & 127) << 1 | mark
        if code not in told:
            told[code] = note(judged, code)
        found.append(told[code])
    return found


def with_calls(judged: Judged, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Callbacks with what `called.callback_rows` says of them."""
    mine = np.array([row["called"] for row in found])
    if mine.any():
        called = callback_columns(of_rows(judged, mine))
        extra = {name: plainly(column) for name, column in called.items()}
        for place, n in enumerate(np.flatnonzero(mine).tolist()):
            found[n] |= {name: values[place] for name, values in extra.items()} | {"drawn": True}
    return found


def plainly(column: pl.Series) -> list[Any]:
    return (column.dt.epoch("s") if column.dtype == pl.Datetime else column).to_list()


def told_irregularities(judged: Judged) -> list[dict[str, Any]]:
    """The findings of one case with the columns of `outcome.irregularity_rows`; `row` is the row of the log."""
    return [told for _, told in told_by_case(judged)]


def told_by_case(judged: Judged) -> list[tuple[int, dict[str, Any]]]:
    """The same of several cases, each with the number of its case."""
    every = judged.folded.findings
    rows = every[every[:, at.FINDING_KIND] != at.K_REACHED]
    if not len(rows):
        return []
    lay, labels, findings = judged.layout, judged.facts.parties.labels, rows.tolist()
    details = [what(lay, kind, step, detail) for _, _, _, kind, step, _, detail in findings]
    joined: dict[tuple[int, ...], dict[str, Any]] = {}
    for n, (finding, detail) in enumerate(zip(findings, outside(details, judged, rows), strict=True)):
        case, row, instant, kind, step, rule, _ = finding
        actor = judged.facts.actor[row]
        told = joined.setdefault((case, row, step, kind, 0 if step >= 0 else n), {
            "event": judged.rows.names[judged.rows.event[row]],
            "at": instant,
            "actor": str(labels[actor]) if actor >= 0 else None,
            "kind": KINDS[kind],
            "rule": lay.rules[rule].name if rule >= 0 and not isinstance(lay.rules[rule], Mark) else None,
            "step": lay.steps[step][0].name if step >= 0 else None,
            "article": lay.steps[step][1] if step >= 0 else lay.articles[rule],
            "detail": {},
            "row": row,
        })  # fmt: skip
        told["detail"] |= {detail: None} if detail is not None else {}
    return [(key[0], told | {"detail": "、".join(told["detail"]) or None}) for key, told in joined.items()]
