"""Cases of another system brought onto the desk, many at once: their events as they were, judged in one run.

What was irregular there stays in the record as it is; nothing is refused for what has happened already. What cannot be
a case here (a number in use, an event in the future, no edition on its day) is left out and told.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from bihuan.desk import clock
from bihuan.desk.actions.chain import By, code, enter
from bihuan.desk.actions.loaded import write
from bihuan.desk.database import writing
from bihuan.desk.errors import MissingError
from bihuan.desk.models import Case, Edition, Person
from bihuan.desk.office import office_now, policy_of
from bihuan.engine.editions import days
from bihuan.engine.log import Log, arrange

PORTION = 5000  # cases in one transaction
IN_USE = "a case of this number is on the desk already"
FUTURE = "the case has an event in the future"
NO_EDITION = "no edition was in force on the day of the case"
TOO_LONG = "the case number has more than 64 characters"


@dataclass
class Loaded:
    """What came onto the desk, and which cases did not, each with its reason."""

    cases: int = 0
    events: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def load(
    log: Log, policy: str, *, by: By, source: str = "", progress: Callable[[int], None] | None = None
) -> Loaded:
    """The cases of a log, each under the edition in force on its day. Portions of whole cases, each there or not."""
    editions = sorted(Edition.objects.filter(policy=policy, in_force=True), key=since)
    if not editions:
        raise MissingError(f"no edition of {policy} is in force on this desk; put one in force first")
    newest = policy_of(editions[-1].hash)
    log = arrange(log, newest.header.starts)
    done = Loaded()
    chosen = choose(log, editions, days(newest, log))
    with writing():
        told = {"policy": policy, "source": source, "cases": chosen.height, "events": log.events.height}
        enter("loaded", policy, told, by)
    for n, edition in enumerate(editions):
        numbers = chosen.filter(pl.col("edition") == n)["case"]
        for start in range(0, len(numbers), PORTION):
            load_portion(done, part(log, numbers[start : start + PORTION]), edition, code(by), source)
            if progress:
                progress(done.cases)
    for number in chosen.filter(pl.col("edition") < 0)["case"].cast(pl.String):
        done.left_out[number] = NO_EDITION
    return done


def since(edition: Edition) -> dt.date:
    return edition.since or dt.date.min


def choose(log: Log, editions: Sequence[Edition], cases: pl.DataFrame) -> pl.DataFrame:
    """Which edition each case comes under; -1: none."""
    found = pl.lit(-1)
    for n, edition in enumerate(editions):
        begun = pl.col("day") >= since(edition)
        running = pl.col("day") <= (edition.until or dt.date.max)
        found = pl.when(begun & running).then(n).otherwise(found)
    return cases.with_columns(found.alias("edition"))


def part(log: Log, numbers: pl.Series) -> Log:
    mine = pl.DataFrame({"case": numbers})
    tables = {}
    for name in ("events", "facts", "superseded"):
        table = getattr(log, name)
        if "case" in table.columns:
            tables[name] = table.join(mine, on="case", how="semi", maintain_order="left")
    return replace(log, **tables)


def load_portion(done: Loaded, log: Log, edition: Edition, by: str, source: str) -> None:
    with writing():
        now, office = clock.now(), office_now()
        log = fit(done, log, clock.seconds(now))
        if not log.events.height:
            return
        homes = dict(Person.objects.filter(unit__isnull=False).values_list("code", "unit__name"))
        done.events += write(log, edition, office, now, by, source, homes)
        done.cases += log.events["case"].n_unique()


def fit(done: Loaded, log: Log, now: int) -> Log:
    """The cases that can be cases here; the others are told with their reason."""
    ends = log.events.group_by("case", maintain_order=True).agg(pl.col("at").max())
    number = ends["case"].cast(pl.String)
    used = set(Case.objects.filter(number__in=number.to_list()).values_list("number", flat=True))
    reasons: dict[str, str] = {}
    for name, at in zip(number.to_list(), ends["at"].to_list(), strict=True):
        why = IN_USE if name in used else FUTURE if at > now else TOO_LONG if len(name) > 64 else ""
        if why:
            reasons[name] = why
    done.left_out |= reasons
    if not reasons:
        return log
    kept: Any = ends["case"].filter(~number.is_in(list(reasons)))
    return part(log, kept)
