"""The rows that a portion of a log becomes, worked out over whole columns: cases, events in their chains, what is owed.

One run of the engine judges the portion. What was overdue before it came here is on the worklists, and nobody is told.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
from django.db import connection

from bihuan.desk import clock, projection, search
from bihuan.desk.actions.acting import ENDS
from bihuan.desk.actions.chain import genesis, plain
from bihuan.desk.judging import GROWING, concerns_company, kind_of
from bihuan.desk.models import Case, Concern, Edition, Event, Irregularity, Obligation, Reach, Subject
from bihuan.desk.office import Office, policy_of
from bihuan.desk.record import canonical, hashed, link, salt
from bihuan.desk.tables import insert, instants
from bihuan.engine.called import tables
from bihuan.engine.corrections import CORRECTION
from bihuan.engine.facts import Facts
from bihuan.engine.listening import COMPANY, names_of
from bihuan.engine.log import COLUMNS, Log
from bihuan.engine.policy import Policy
from bihuan.engine.replay import Plan, finder, irregularities, judge
from bihuan.engine.rows import rows

EVENT = (
    "case", "seq", "kind", "event", "at", "whole_day", "recorded_at", "edition", "actor", "unit", "facts", "given", "meta",
    "salt", "digest", "hash",
)  # fmt: skip
CASE = (
    "id", "number", "edition", "version", "hash", "customer", "unit", "opened_at", "last_event", "last_at", "closed_at",
    "judged_at", "basis", "wake_at",
)  # fmt: skip
ACTOR, META = EVENT.index("actor") - 1, EVENT.index("meta") - 1  # in a row without the id of its case
Row = dict[str, Any]


def write(
    log: Log,
    edition: Edition,
    office: Office,
    now: dt.datetime,
    by: str,
    source: str,
    homes: Mapping[str, str],
) -> int:
    """Put the cases of an arranged log onto the desk; how many events they have."""
    policy, plan, as_of = policy_of(edition.hash), office.plan(edition.hash), clock.seconds(now)
    events = log.events.with_columns(pl.int_range(1, pl.len() + 1).over("case").alias("line"))
    cases = rows(Log(events, log.facts, zone=policy.header.zone, arranged=True))
    facts = Facts(plan.prepared, cases)
    one = judge(plan.layouts[""], facts, finder(plan, policy, office.calendars()), cases, as_of, "auto")
    owed, called = tables(one)
    wrong = irregularities(plan.prepared.parameters, [one])
    numbers = cases.cases.to_list()
    ids = case_ids(len(numbers))
    hashes = chains(events, log, numbers, now, edition.hash, by, source)
    table = pl.concat([kinds(owed, policy), kinds(called, policy)], how="diagonal_relaxed")
    table = settled(table, dict(zip(numbers, ids, strict=True)), cases.offsets, numbers)
    insert(Case, CASE, standing(events, log, cases, policy, table, ids, hashes, edition, as_of, office.basis))
    versions = [len(one) for one in hashes]
    insert(Event, EVENT, event_rows(hashes, ids))
    insert(Obligation, OBLIGATION, owed_rows(table, as_of))
    insert(Irregularity, WRONG, wrong_rows(wrong, dict(zip(numbers, ids, strict=True))))
    units = list(reached(events, table, dict(zip(numbers, ids, strict=True)), homes))
    insert(Reach, ("case", "unit"), units)
    carried_by = ([row[ACTOR:META] for row in mine] for mine in hashes)
    search.index_loaded(policy, zip(ids, numbers, carried_by, strict=True), units)
    concern(plan, facts, cases, edition, ids, now)
    return sum(versions)


def case_ids(count: int) -> list[int]:
    """Ids for new cases, which rows that point at them need beforehand."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('desk_case', 'id')) FROM generate_series(1, %s)",
                [count],
            )
            return [id for (id,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'desk_case'")
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


# --- events in their chains ---


def chains(
    events: pl.DataFrame, log: Log, numbers: list[str], now: dt.datetime, edition: str, by: str, source: str
) -> list[list[tuple[Any, ...]]]:
    """By case, the rows of its events without the id of the case; what was superseded follows as notes."""
    meta = canonical({"import": source, "entered_by": by, "recorded_at": 0})
    head, tail = meta.split('"recorded_at":0')
    plainly = meta_without(source, by)
    recorded = clock.seconds(now)
    stamp = instants(pl.Series([recorded]))[0]
    given = (
        {row.pop("case"): canonical(plain(row)) for row in log.facts.to_dicts()}
        if log.facts.width > 1
        else {}
    )
    old = superseded(log)
    places = dict.fromkeys(numbers)
    found: dict[str, list[tuple[Any, ...]]] = {number: [] for number in places}
    before = {number: genesis(number) for number in places}
    whole = zip(
        events["case"].cast(pl.String).to_list(), events["event"].cast(pl.String).to_list(), events["at"].to_list(),
        instants(events["at"]), events["whole_day"].to_list(), texts(events["actor"]), texts(events["unit"]),
        events["recorded_at"].to_list(), carried(events), strict=True,
    )  # fmt: skip
    for number, event, at, at_text, whole_day, actor, unit, told_at, facts in whole:
        mine = found[number]
        about = f'{head}"recorded_at":{told_at}{tail}' if told_at is not None else plainly
        own = given.get(number) if not mine else None
        before[number] = follow(
            mine, before[number], number, "event", event, at, at_text, whole_day, recorded, stamp,
            edition if not mine else "", actor, unit, facts, own, about,
        )  # fmt: skip
    for number, event, at, at_text, text in old:
        before[number] = follow(
            found[number], before[number], number, "note", event, at, at_text, False, recorded, stamp, "", None, None,
            None, None, text,
        )  # fmt: skip
    return list(found.values())


def meta_without(source: str, by: str) -> str:
    return canonical({"import": source, "entered_by": by})


def follow(
    mine: list[tuple[Any, ...]], before: str, number: str, kind: str, event: str, at: int, at_text: str, whole_day: bool,
    recorded: int, stamp: str, edition: str, actor: str | None, unit: str | None, facts: str | None, given: str | None,
    meta: str,
) -> str:  # fmt: skip
    """Add an event to its chain; its hash. The content is put together as `canonical` would write it."""
    seq, grain = len(mine) + 1, salt()
    parts = [f'"actor":{quoted(actor)}'] if actor is not None else []
    parts += [f'"facts":{facts}'] if facts is not None else []
    parts += [f'"given":{given}'] if given is not None else []
    parts.append(f'"meta":{meta}')
    parts += [f'"unit":{quoted(unit)}'] if unit is not None else []
    digest = hashed(grain, "{" + ",".join(parts) + "}")
    hash = link(before, [number, seq, kind, event, at, whole_day, recorded, edition, digest])
    mine.append(
        (
            seq,
            kind,
            event,
            at_text,
            whole_day,
            stamp,
            edition,
            actor,
            unit,
            facts,
            given,
            meta,
            grain,
            digest,
            hash,
        )
    )
    return hash


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def texts(column: pl.Series) -> list[str | None]:
    return column.cast(pl.String).to_list()


def carried(events: pl.DataFrame) -> Iterator[str | None]:
    """What each event carries, as canonical text."""
    names = sorted(name for name in events.columns if name not in COLUMNS and name not in CORRECTION)
    if not names:
        yield from (None for _ in range(events.height))
        return
    columns = [
        events[name].cast(pl.String) if events[name].dtype in (pl.Categorical, pl.Enum) else events[name]
        for name in names
    ]
    known: dict[tuple[Any, ...], str | None] = {}
    for values in zip(*(column.to_list() for column in columns), strict=True):
        key = tuple(tuple(value) if isinstance(value, list) else value for value in values)
        if key not in known:
            told = plain(
                {name: value for name, value in zip(names, values, strict=True) if value is not None}
            )
            known[key] = canonical(told) if told else None
        yield known[key]


def superseded(log: Log) -> Iterator[tuple[str, str, int, str, str]]:
    """Events that a correction of the other system replaced: kept as notes."""
    if not log.superseded.height:
        return
    for row, at in zip(log.superseded.to_dicts(), instants(log.superseded["at"]), strict=True):
        told = {
            name: value
            for name, value in row.items()
            if value is not None and name not in ("case", "file", "line")
        }
        yield str(row["case"]), "superseded", row["at"], at or "", canonical(plain(told))


def event_rows(hashes: list[list[tuple[Any, ...]]], ids: list[int]) -> Iterator[tuple[Any, ...]]:
    for id, mine in zip(ids, hashes, strict=True):
        for row in mine:
            yield (id, *row)


# --- cases as they stand ---


def standing(
    events: pl.DataFrame, log: Log, cases: Any, policy: Policy, owed: pl.DataFrame, ids: list[int],
    hashes: list[list[tuple[Any, ...]]], edition: Edition, as_of: int, basis: int,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """The rows of the cases, in their order."""
    ending = [*(policy.header.ends or ENDS), *names_of(policy.header.void_by), "merged"]
    event, at = pl.col("event").cast(pl.String), pl.col("at")
    ended, again = event.is_in(ending), event == "reopened"
    last_again = at.filter(again).max().fill_null(-(2**62))
    asked = {
        "opened": at.first(), "last": at.last(), "name": event.last(),
        "closed": at.filter(ended & (at >= last_again)).first(),
        "unit": last_known(events, "unit"), "customer": last_known(events, policy.header.customer),
    }  # fmt: skip
    table = events.group_by("case", maintain_order=True).agg(**asked)
    given = {str(row["case"]): row for row in log.facts.to_dicts()}
    wakes = wake(owed, as_of)
    stamp = instants(pl.Series([as_of]))[0]
    columns = [instants(table[name]) for name in ("opened", "last", "closed")]
    for n, (number, row) in enumerate(zip(cases.cases.to_list(), table.to_dicts(), strict=True)):
        own = given.get(number, {})
        customer = row["customer"] or own.get(policy.header.customer or "")
        unit = row["unit"] or own.get("unit")
        opened, last, closed = (column[n] for column in columns)
        yield (
            ids[n], number, edition.pk, len(hashes[n]), hashes[n][-1][-1], str(customer or "")[:200],
            str(unit or "")[:200], opened, row["name"], last, closed, stamp, basis, wakes.get(ids[n]),
        )  # fmt: skip


def last_known(events: pl.DataFrame, name: str | None) -> pl.Expr:
    if name is None or name not in events.columns:
        return pl.lit(None, pl.String)
    return pl.col(name).cast(pl.String).drop_nulls().last()


def wake(owed: pl.DataFrame, as_of: int) -> dict[int, str | None]:
    """When each case falls due next; what is overdue already wakes nobody."""
    at = owed.filter(pl.col("state") == "open").select("id", "warn_at", due=pl.col("due_at") + 1)
    both = pl.concat([at.select("id", at="warn_at"), at.select("id", at="due")]).filter(pl.col("at") > as_of)
    first = both.group_by("id").agg(pl.col("at").min())
    return dict(zip(first["id"].to_list(), instants(first["at"]), strict=True))


# --- what is owed ---


OBLIGATION = (
    "case", "kind", "place", "rule", "article", "round", "key", "unit", "owner", "started_at", "due_at", "warn_at", "done_at",
    "closed_by", "state", "allowed", "used", "late_by", "provisional", "note", "row", "verdict", "method", "customer",
    "drawn", "told_at", "warned_at",
)  # fmt: skip
WRONG = ("case", "place", "event", "at", "actor", "kind", "rule", "step", "article", "detail", "row")


def kinds(table: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Names as text, with the kind of each row: that of its rule, and of callbacks always `callback`."""
    by_rule = {name: kind_of(rule) for name, rule in policy.timed.items()}
    called = "verdict" in table.columns
    kind = (
        pl.lit("callback")
        if called
        else pl.col("rule").replace_strict(by_rule, default="obligation", return_dtype=pl.String)
    )
    return table.with_columns(pl.col(pl.Enum).cast(pl.String)).with_columns(
        kind.alias("kind"), pl.lit(called).alias("called")
    )


def settled(table: pl.DataFrame, ids: Mapping[str, int], offsets: Any, numbers: list[str]) -> pl.DataFrame:
    """The rows with the id of their case, their place in it, seconds for instants, and nothing that still grows."""
    first = dict(zip(numbers, np.asarray(offsets)[:-1].tolist(), strict=True))
    case = pl.col("case").cast(pl.String)
    seconds = [pl.col(name).dt.epoch("s") for name in ("started_at", "due_at", "warn_at", "done_at")]
    growing = pl.col("state").is_in(GROWING)
    for name in ("verdict", "method", "customer", "drawn"):
        if name not in table.columns:
            table = table.with_columns(pl.lit(None).alias(name))
    return (
        table.with_columns(
            case.replace_strict(ids, return_dtype=pl.Int64).alias("id"),
            pl.col("row").cast(pl.Int64) - case.replace_strict(first, return_dtype=pl.Int64) + 1,
            *seconds,
            *(
                pl.when(growing).then(None).otherwise(pl.col(name)).alias(name)
                for name in ("used", "late_by")
            ),
        )
        .sort("id", "called", maintain_order=True)
        .with_columns(pl.int_range(pl.len()).over("id").alias("place"))
    )


def owed_rows(table: pl.DataFrame, as_of: int) -> Iterator[tuple[Any, ...]]:
    stamp = instants(pl.Series([as_of]))[0]
    overdue = pl.when(pl.col("state") == "overdue").then(pl.lit(stamp)).alias("told_at")
    warned = pl.when(pl.col("warn_at") <= as_of).then(pl.lit(stamp)).alias("warned_at")
    table = table.with_columns(overdue, warned, pl.col("note").fill_null(""), pl.col("id").alias("case"))
    times = [
        pl.Series(name, instants(table[name]), dtype=pl.String)
        for name in ("started_at", "due_at", "warn_at", "done_at")
    ]
    return table.with_columns(times).select(OBLIGATION).iter_rows()


def wrong_rows(table: pl.DataFrame, ids: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    found = table.with_columns(
        pl.col("case").cast(pl.String).replace_strict(ids, return_dtype=pl.Int64).alias("case"),
        pl.Series("at", instants(table["at"]), dtype=pl.String),
        pl.col("line").alias("row"),
    )
    found = found.with_columns(pl.int_range(pl.len()).over("case").alias("place"))
    return found.select(WRONG).iter_rows()


# --- units and subjects ---


def reached(
    events: pl.DataFrame, owed: pl.DataFrame, ids: Mapping[str, int], homes: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    """The units that had to do with each case."""
    case = events["case"].cast(pl.String).replace_strict(ids, return_dtype=pl.Int64).alias("id")
    actor = events["actor"].cast(pl.String)
    home = (
        actor.replace_strict(homes, default=None, return_dtype=pl.String)
        if homes
        else pl.Series([None] * len(actor), dtype=pl.String)
    )
    named = [
        pl.DataFrame({"id": case, "unit": events["unit"].cast(pl.String)}),
        pl.DataFrame({"id": case, "unit": home}),
        owed.select("id", pl.col("unit").cast(pl.String)),
    ]
    found = (
        pl.concat(named)
        .drop_nulls()
        .with_columns(pl.col("unit").str.slice(0, 200))
        .unique(maintain_order=True)
    )
    return found.iter_rows()


def concern(plan: Plan, facts: Facts, cases: Any, edition: Edition, ids: list[int], now: dt.datetime) -> None:
    """Which subjects the cases are about. The next `tick` judges those."""
    for fact in plan.layouts:
        if not fact:
            continue
        pairs = {(COMPANY, 0)} if fact == COMPANY else pairs_of(facts, fact, ids)
        if (
            fact == COMPANY
            and not concerns_company(plan, cases.names)
            and Subject.objects.filter(edition=edition, fact=COMPANY).exists()
        ):
            continue
        keys = sorted({key for key, _ in pairs})
        Subject.objects.bulk_create(
            [Subject(edition=edition, fact=fact, key=key) for key in keys], ignore_conflicts=True
        )
        known = {one.key: one for one in Subject.objects.filter(edition=edition, fact=fact, key__in=keys)}
        projection.stale(known.values(), now)
        if fact != COMPANY:
            insert(Concern, ("case", "subject"), sorted((case, known[key].pk) for key, case in pairs))


def pairs_of(facts: Facts, fact: str, ids: list[int]) -> set[tuple[str, int]]:
    codes, labels = facts.key(fact)
    told = np.flatnonzero(codes >= 0)
    return {(str(labels[codes[row]])[:200], ids[facts.grid.case[row]]) for row in told.tolist()}
