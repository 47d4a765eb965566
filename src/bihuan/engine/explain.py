"""Why a row of an outcome says what it says, day by day: for people who count on their fingers.

It judges nothing anew: the case is replayed after each of its events (`prefixes`), what changed is told (`moves`), and
the days between are numbered (`numbered`). Knows no language.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from difflib import get_close_matches
from itertools import compress
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from bihuan.engine import layout as at
from bihuan.engine.calendar import Calendar
from bihuan.engine.clock import DAYS, NEVER, NONE, WORKING_SECONDS, effective_start, lead_before
from bihuan.engine.editions import divided, edition_of
from bihuan.engine.editions import known as known_settings
from bihuan.engine.errors import CallError
from bihuan.engine.facts import Facts
from bihuan.engine.instance import not_before
from bihuan.engine.line import Explanation, Line
from bihuan.engine.log import Log
from bihuan.engine.moves import Moves
from bihuan.engine.numbered import WORKING, Spell, ahead_lines, day_lines, opening, shifts, spells
from bihuan.engine.parameters import Parameters, parameter_values
from bihuan.engine.pattern import Condition
from bihuan.engine.policy import Policy
from bihuan.engine.prefixes import Row, Told, tell
from bihuan.engine.prepared import names_in, needs_of
from bihuan.engine.rules import Timed
from bihuan.engine.site import Site

FIRST = ("start", "restarted", "from")  # stand before the days that they open
NEAR = 2000  # ids looked at for one that was meant


def explain(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    case: str,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    *,
    rules: Collection[str] = (),
) -> list[Explanation]:
    """Every obligation and callback of a case, in the order in which they began; of `rules` only, if any are named.

    `case` is the id of a case, or a subject of rules `across`: a station, a worker, "company". What `replay` is given
    for the same log is given here too.
    """
    found = [(policy, told) for told in tell(policy, calendars, log, case, as_of, registers, parameters)]
    if not found:
        raise unknown(log, case)
    return in_order(found, rules)


def explain_editions(
    editions: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    log: Log,
    case: str,
    as_of: int | None = None,
    registers: Site | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    rules: Collection[str] = (),
) -> list[Explanation]:
    """As `explain`, a case under the edition of its day, what a subject owes under that of the day it starts."""
    settings = settings or {}
    if len(editions) == 1:
        values = parameter_values(editions[0], settings)
        return explain(editions[0], calendars, log, case, as_of, registers, values, rules=rules)
    log, as_of, chosen = divided(editions, log, as_of, settings)
    days = {number: day for name, day, number in chosen.rows() if str(name) == case}
    found = []
    for n, policy in enumerate(editions):
        values = parameter_values(policy, known_settings(policy, settings))
        told = tell(policy, calendars, log, case, as_of, registers, values, own=n in days)
        found += [
            (policy, one if not one.judged.layout.subject else of_days(editions, n, one)) for one in told
        ]
    if not found:
        raise unjudged(case, *days.values()) if days else unknown(log, case)
    return in_order(found, rules)


def of_days(editions: Sequence[Policy], n: int, told: Told) -> Told:
    """What a subject owes from a day of an edition on."""
    last, zone = told.steps[-1], told.judged.zone
    days = pl.DataFrame(
        {"day": [moment(row.started, zone).date() for row in last.rows.values()]}, {"day": pl.Date}
    )
    mine = (edition_of(editions, days)["edition"] == n).to_list()
    rows = dict(compress(last.rows.items(), mine))
    steps = [*told.steps[:-1], last._replace(rows=rows)]
    return replace(told, steps=steps, table=list(compress(told.table, mine)))


def in_order(found: Iterable[tuple[Policy, Told]], rules: Collection[str]) -> list[Explanation]:
    """The rows of `rules`, of all if none are named, as they began."""
    rows = [
        (policy, told, row, values)
        for policy, told in found
        for row, values in zip(told.steps[-1].rows.values(), told.table, strict=True)
        if not rules or values["rule"] in rules
    ]
    rows.sort(key=lambda each: each[2].started)
    return [explained(*each) for each in rows]


def unjudged(case: str, day: date) -> CallError:
    return CallError(f"no edition was in force on {day}, the day of this case: it is not judged", case=case)


def unknown(log: Log, case: str) -> CallError:
    """No such case: with those whose ids are like it."""
    ids = log.events["case"].unique(maintain_order=True).cast(pl.String)
    like = ids.filter(ids.str.starts_with(case[:2]) | ids.str.ends_with(case[-3:])).head(NEAR).to_list()
    near = get_close_matches(case, like, 3, 0.7)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    message = f"no case {case!r} in this log, or all its rows were left out{hint}"
    return CallError(message, case=case)


def explained(policy: Policy, told: Told, row: Row, values: dict[str, object]) -> Explanation:
    rule: Timed = told.judged.layout.rules[row.rule]  # type: ignore[assignment]
    period = str(rule.every) if rule.every is not None else None
    waits = unknown_facts(told, row, rule) if row.state == at.S_WAITING else ()
    return Explanation(values, policy.says(rule.name), counting(told, row), ordered(told, row), period, waits)


def ordered(told: Told, row: Row) -> tuple[Line, ...]:
    """All lines: run by run of the clock, day by day, the days before what happens on the first of them."""
    runs = spells(told, row.instance)
    begins = [spell.row.started for spell in runs[1:]]
    lines = [(n, line) for n, spell in enumerate(runs) for line in day_lines(told, spell)]
    moments = (*Moves(told, row).lines(), *bounds(told, row), *due(told, row))
    lines += [
        (sum(t <= line.at.timestamp() for t in begins) if line.at else len(begins), line) for line in moments
    ]
    lines = sorted(lines, key=place)
    for n, spell in enumerate(runs):
        lines = opened(told, spell, n, lines)
    return tuple(line for _, line in lines)


def opened(told: Told, spell: Spell, run: int, lines: list[tuple[int, Line]]) -> list[tuple[int, Line]]:
    """The lines, of which the one that opens a run says whether its own day counts, or how much of it is left."""
    first = opening(told, spell)
    own = [n for n, (of, line) in enumerate(lines) if of == run and line.what in FIRST]
    own = [n for n in own if first and lines[n][1].at == moment(first.begins, told.judged.zone)]
    if not own or not first:
        return lines
    line = replace(lines[own[-1]][1], counts=first.counts, seconds=first.left)
    return [*lines[: own[-1]], (run, line), *lines[own[-1] + 1 :]]


def place(told: tuple[int, Line]) -> tuple[object, ...]:
    run, line = told
    rank = 0 if line.what in FIRST else 1 if line.what == "days" else 2
    return run, line.first, rank, line.at.timestamp() if line.at else 0.0


def counting(told: Told, row: Row) -> str | None:
    """The calendar whose days decide this limit, if any does: hours and months need none."""
    answers = told.judged.answers
    if row.limit < 0 or row.calendar < 0:
        return None
    kind = answers.clock.limits.kind[row.limit]
    if kind in WORKING or kind == WORKING_SECONDS:
        return str(answers.calendars[row.calendar].name)
    return "natural" if kind == DAYS else None


def bounds(told: Told, row: Row) -> Iterator[Line]:
    """Where the clock begins to count, before when nothing counts, the earlier goal, what it is due ahead of."""
    if row.calendar < 0:
        return
    c, rule, zone = told.judged.answers.clock, told.program.rules[row.rule], told.judged.zone
    days = rule[at.DAYS]
    for spell in spells(told, row.instance):
        begins = effective_start(c.tables, c.days, days, row.calendar, spell.row.started)
        if begins not in (NONE, spell.row.started) and row.limit >= 0:
            yield instant("from", begins, zone)
    early = found(told, row, at.NOT_BEFORE, at.NOT_BEFORE_COL)
    if early >= 0:
        yield from known("not-before", not_before(c, early, days, row.calendar, row.started), zone)
    if row.warn != row.due:
        yield from known("target", row.warn, zone)
    yield from anchored(told, row)
    for when, seconds in shifts(zone, row.started, row.due if row.due not in (NONE, NEVER) else row.started):
        yield instant("clocks", when, zone, seconds=seconds)


def found(told: Told, row: Row, fixed: int, column: int) -> int:
    """The limit of a key of the rule: its own, or what its fact said at the start."""
    rule = told.program.rules[row.rule]
    if rule[column] < 0:
        return int(rule[fixed])
    return int(told.events.values[row.row * told.program.shape[at.N_VALUES] + rule[column]])


def anchored(told: Told, row: Row) -> Iterator[Line]:
    """The instant ahead of which the row is due, where that decides its due time."""
    rule = told.program.rules[row.rule]
    lead, anchor = found(told, row, at.LEAD, at.LEAD_COL), anchor_of(told, row)
    if not rule[at.AHEAD] or anchor == NONE or row.calendar < 0:
        return
    c, due = told.judged.answers.clock, anchor
    if lead >= 0:
        due = lead_before(c.tables, c.limits, c.days, lead, rule[at.DAYS], row.calendar, anchor)
    if due == row.due:
        text = str(told.judged.answers.limits[lead]) if lead >= 0 else None
        yield instant("anchor", anchor, told.judged.zone, limit=text)
        yield from ahead_lines(told, row, lead, anchor) if lead >= 0 else ()


def anchor_of(told: Told, row: Row) -> int:
    """The planned instant as it was known last, or the event itself."""
    column = told.program.rules[row.rule][at.AHEAD_COL]
    last = told.steps[-1].row
    if column >= 0:
        return int(told.events.values[last * told.program.shape[at.N_VALUES] + column])
    heard = [n for n in range(last + 1) if told.hears(n)[row.rule] & at.ANCHOR]
    return int(told.events.at[heard[-1]]) if heard else NONE


def due(told: Told, row: Row) -> Iterator[Line]:
    for line in known("due", row.due, told.judged.zone):
        yield replace(line, why="waiting") if row.state == at.S_WAITING else line


def known(what: str, when: int, zone: str) -> Iterator[Line]:
    if when not in (NONE, NEVER):
        yield instant(what, when, zone)


def instant(what: str, when: int, zone: str, **more: object) -> Line:
    there = moment(when, zone)
    return Line(what, there.date(), there.date(), there, **more)  # type: ignore[arg-type]  # a Line's own fields


def moment(when: int, zone: str) -> datetime:
    return datetime.fromtimestamp(when, ZoneInfo(zone))


def unknown_facts(told: Told, row: Row, rule: Timed) -> tuple[str, ...]:
    """The facts that a waiting row waits for: those of its condition, and those its limits are looked up by."""
    last, facts = told.origin[last_of_its_case(told, row)], told.judged.facts
    tests = rule.when.tests if rule.when else ()
    open_ = [test for test in tests if facts.test(Condition((test,)))[last] < 0]
    sources = (rule.within, rule.not_before, rule.lead, rule.ahead_of, rule.calendar)
    names = {name for test in open_ for name in names_in(Condition((test,)))}
    names |= {str(getattr(source, "name", source)) for source in sources if source is not None}
    return tuple(sorted({fact for name in names for fact in lacking(facts, name, last)}))


def last_of_its_case(told: Told, row: Row) -> int:
    """The last event that could have told a waiting row something; those of other cases tell it nothing."""
    last, of_case = told.steps[-1].row, told.events.of_case
    mine = len(of_case) and of_case[row.row]
    return next(n for n in range(last, -1, -1) if not len(of_case) or mine in (-1, of_case[n]))


def lacking(facts: Facts, name: str, row: int) -> set[str]:
    """A fact without a value at a row; of one that is looked up, those it is looked up by."""
    if name not in facts.policy.facts:
        return set()
    column = facts.column(name)
    if int(facts.grid.full(column.state, column.level)[row]) > 0:
        return set()
    fact = facts.policy.facts[name]
    inputs = {one for need in needs_of(fact) for one in lacking(facts, need, row)} if fact.rows else set()
    return inputs or {name}
