"""Each case under the edition of its day: a regulation that changed judges old cases by the old text.

The log is divided by the day of the event `edition_by` names, each part is replayed whole, and the tables are put
together. A case on whose day no edition was in force is left out and listed (docs/writing-policies.md, 3). What is owed
over several cases sees all of them, and is owed under the edition of the day on which it starts.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.calendar import Calendar
from bihuan.engine.errors import PolicyError
from bihuan.engine.execute import NARROW
from bihuan.engine.layout import FINDING_AT
from bihuan.engine.log import Log, arrange, local
from bihuan.engine.outcome import Judged, Outcome
from bihuan.engine.parameters import parameter_values
from bihuan.engine.policy import Policy
from bihuan.engine.replay import (
    Judgement,
    Plan,
    judged_cases,
    judged_subjects,
    last_event,
    planned,
    stacked,
    tables_of,
)
from bihuan.engine.site import Site


def replay_editions(
    editions: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    registers: Site | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    way: str = "auto",
) -> Outcome:
    """Judge every case by the edition in force on its day. One edition alone judges everything, dated or not."""
    return judged_editions(editions, calendars, log, as_of, registers, settings, way=way)[1]


def judged_editions(
    editions: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    registers: Site | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    way: str = "auto",
) -> tuple[list[Judgement], Outcome]:
    """What each edition finds in the cases of its days, and all of it as tables."""
    if not editions:
        raise PolicyError("no edition to judge by: name a policy that has one")
    settings = settings or {}
    if len(editions) == 1:
        values = parameter_values(editions[0], settings)
        only = judged_cases(editions[0], calendars, log, as_of, registers, values, way=way)
        return [only], tables_of(only)
    log, as_of, chosen = divided(editions, log, as_of, settings)
    parts = []
    for n, policy in enumerate(editions):
        values = parameter_values(policy, known(policy, settings))
        mine = part(log, chosen, n)
        if mine.events.height or owes_by_itself(editions, n, as_of, planned(policy, values, registers)):
            found = judged_cases(policy, calendars, mine, as_of, registers, values, way=way)
            subjects = judged_subjects(found, calendars, log, way) if len(found.judged) > 1 else []
            of_its_days = [started_under(editions, n, one) for one in subjects]
            parts.append(replace(found, judged=[found.judged[0], *of_its_days]))
    tables = [tables_of(each) for each in parts]
    return parts, together(editions, log, unjudged(log, chosen), tables, chosen)


def owes_by_itself(editions: Sequence[Policy], n: int, as_of: int, plan: Plan) -> bool:
    """Whether an edition without a case is to be judged: it is in force and about several cases, or the last of all."""
    policy = editions[n]
    since = policy.header.edition
    begun = since is not None and since <= day_of(as_of, policy)
    return (policy.header.status == "in force" and begun and len(plan.layouts) > 1) or n == len(editions) - 1


def day_of(at: int, policy: Policy) -> dt.date:
    day: dt.date = local(pl.Series([at]), policy.header.zone).dt.date()[0]
    return day


def started_under(editions: Sequence[Policy], n: int, judged: Judged) -> Judged:
    """The rows that start, and the findings, of the days of an edition."""

    def of_its_days(at: NDArray[np.int64]) -> NDArray[np.bool_]:
        days = pl.DataFrame({"day": local(pl.Series(at), judged.zone).dt.date()})
        return (edition_of(editions, days)["edition"] == n).to_numpy()

    columns, findings = judged.folded.columns, judged.folded.findings
    mine = of_its_days(np.asarray(columns["started"], np.int64))
    kept = {name: columns[name][mine] for name in NARROW}
    found = findings[of_its_days(findings[:, FINDING_AT])]
    return replace(judged, folded=replace(judged.folded, columns=kept, findings=found))


def divided(
    editions: Sequence[Policy], log: Log, as_of: int | None, settings: Mapping[str, Any]
) -> tuple[Log, int, pl.DataFrame]:
    """The log arranged, the instant to judge it at, and which edition each case is under."""
    refuse_unknown(editions, settings)
    log = arrange(log, editions[-1].header.starts)
    return log, last_event(log) if as_of is None else as_of, edition_of(editions, days(editions[-1], log))


def refuse_unknown(editions: Sequence[Policy], settings: Mapping[str, Any]) -> None:
    """A setting that no edition has is an error of the call, in the words of the newest."""
    found = {name for policy in editions for name in known(policy, settings)}
    parameter_values(editions[-1], {name: value for name, value in settings.items() if name not in found})


def known(policy: Policy, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that this edition has."""
    own = parameter_values(policy)
    return {name: value for name, value in settings.items() if name in own}


def days(policy: Policy, log: Log) -> pl.DataFrame:
    """The local day of each case that chooses its edition: of `edition_by`, else of its first event."""
    first = pl.col("at").first()
    named = pl.col("at").filter(pl.col("event").cast(pl.String) == (policy.header.edition_by or "")).first()
    cases = log.events.group_by("case", maintain_order=True).agg(pl.coalesce(named, first).alias("at"))
    day = local(cases["at"], policy.header.zone).dt.date()
    return cases.select("case", day.alias("day"))


def edition_of(editions: Sequence[Policy], cases: pl.DataFrame) -> pl.DataFrame:
    """The number of the edition in force on each day; -1: none was."""
    found = pl.Series([-1] * cases.height, dtype=pl.Int64)
    for n, policy in enumerate(editions):
        if policy.header.edition is None or policy.header.status != "in force":
            continue
        held = (cases["day"] >= policy.header.edition) & (
            cases["day"] <= (policy.header.until or dt.date.max)
        )
        found = found.zip_with(~held, pl.Series([n] * cases.height, dtype=pl.Int64))
    return cases.with_columns(found.alias("edition"))


def part(log: Log, chosen: pl.DataFrame, n: int) -> Log:
    """The cases of one edition."""
    mine = chosen.filter(pl.col("edition") == n).select("case")
    return replace(
        log,
        events=log.events.join(mine, on="case", how="semi", maintain_order="left"),
        facts=log.facts.join(mine, on="case", how="semi", maintain_order="left"),
        excluded=log.excluded.clear(),
    )


def unjudged(log: Log, chosen: pl.DataFrame) -> pl.DataFrame:
    """The rows of cases on whose day no edition was in force."""
    lost = log.events.join(
        chosen.filter(pl.col("edition") < 0), on="case", how="inner", maintain_order="left"
    )
    columns: dict[str, Any] = {
        "file": pl.col("file") if "file" in lost.columns else pl.lit(None),
        "line": pl.col("line") if "line" in lost.columns else pl.lit(None),
        "column": pl.lit("at"),
        "found": pl.col("day").cast(pl.String),
        "reason": pl.lit("no edition was in force on the day of the case"),
    }
    return lost.select(**columns).cast(dict(log.excluded.schema))  # type: ignore[arg-type]


def together(
    editions: Sequence[Policy], log: Log, lost: pl.DataFrame, parts: list[Outcome], chosen: pl.DataFrame
) -> Outcome:
    """One outcome of all parts; counts add up, and the summary says how many cases each edition judged."""
    whole = replace(log, excluded=pl.concat([log.excluded, lost]))
    tables = ("obligations", "callbacks", "irregularities", "counts", "findings", "exempted")
    joined = {name: stacked([getattr(each, name) for each in parts]) for name in tables}
    summaries = [each.summary for each in parts]
    cases = {
        str(policy.header.edition): int(np.sum(chosen["edition"].to_numpy() == n))
        for n, policy in enumerate(editions)
    }
    summary = {
        **summaries[-1],
        "edition": ", ".join(summary["edition"] for summary in summaries),
        "editions": cases,
        "log": whole.totals(),
        "rules": added([summary["rules"] for summary in summaries]),
        "irregularities": counted([summary["irregularities"] for summary in summaries]),
        "strangers": counted([summary["strangers"] for summary in summaries]),
        "provisional": sum(summary["provisional"] for summary in summaries),
        "missing": list(dict.fromkeys(name for summary in summaries for name in summary["missing"])),
        "deviations": list(dict.fromkeys(name for summary in summaries for name in summary["deviations"])),
    }
    if draws := [each for one in summaries for each in one.get("draws", ())]:
        summary["draws"] = draws
    if any("contacts" in one for one in summaries):
        summary["contacts"] = counted([one.get("contacts", {}) for one in summaries])
    told = {
        name: [table for each in parts if (table := getattr(each, name)).width]
        for name in ("contacts", "demands")
    }
    return Outcome(
        **joined,
        excluded=whole.excluded,
        summary=summary,
        **{name: pl.concat(tables) if tables else pl.DataFrame() for name, tables in told.items()},
    )


def counted(parts: list[dict[str, int]]) -> dict[str, int]:
    names = dict.fromkeys(name for one in parts for name in one)
    return {name: sum(one.get(name, 0) for one in parts) for name in names}


def added(parts: list[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    rules = dict.fromkeys(rule for one in parts for rule in one)
    return {rule: counted([one.get(rule, {}) for one in parts]) for rule in rules}
