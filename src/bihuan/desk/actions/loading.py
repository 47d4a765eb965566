"""Cases of another system brought onto the desk, many at once: their events as they were, judged in one run.

What was irregular there stays in the record as it is; nothing is refused for what has happened already. What cannot be
a case here (a number in use, an event in the future, no edition on its day) is left out and told.
"""

import datetime as dt
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl
from django.db import connection

from bihuan.desk import clock
from bihuan.desk.actions.chain import By, code, enter
from bihuan.desk.actions.sharing import awaken
from bihuan.desk.database import loading, writing
from bihuan.desk.errors import DoubledError, MissingError
from bihuan.desk.loaded.events import Brought
from bihuan.desk.loaded.portion import Under, portion
from bihuan.desk.loaded.put import put
from bihuan.desk.models import Edition, Person, Unit
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.packed import folder_beside, let_go
from bihuan.desk.search.indexing import settle
from bihuan.desk.tables import fetch
from bihuan.engine.editions import days
from bihuan.engine.execute import chosen as way_of
from bihuan.engine.log import Log, arrange, begins

# events in one transaction; while one of SQLite lasts, nobody else writes
PORTIONS = {"sqlite": 60_000, "postgresql": 100_000}
AHEAD = 2  # portions that are worked out while one is written
WRITERS = 2  # connections of PostgreSQL: each keeps one core busy
IN_USE = "a case of this number is on the desk already"
FUTURE = "the case has an event in the future"
NO_EDITION = "no edition was in force on the day of the case"
TOO_LONG = "the case number has more than 64 characters"
T = TypeVar("T")


@dataclass
class Loaded:
    """What came onto the desk, and which cases did not, each with its reason."""

    cases: int = 0
    events: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def load(
    log: Log, policy: str, *, by: By, source: str = "", progress: Callable[[int], None] | None = None
) -> Loaded:
    """The cases of a log, each under the edition in force on its day. Portions of whole cases, each there or not.

    While one portion is written, the next are worked out, which asks the database nothing.
    """
    editions = sorted(Edition.objects.filter(policy=policy, in_force=True), key=since)
    if not editions:
        raise MissingError(f"no edition of {policy} is in force on this desk; put one in force first")
    newest = policy_of(editions[-1].hash)
    log = arrange(log, newest.header.starts)
    done = Loaded()
    chosen = choose(editions, days(newest, log))
    with writing():
        told = {"policy": policy, "source": source, "cases": chosen.height, "events": log.events.height}
        enter("loaded", policy, told, by)
    with loading(), folder_beside() as folder, ThreadPoolExecutor(AHEAD) as ahead:
        shared = Shared(done, code(by), source, folder, way_of(log.events.height), ahead)
        coming = (Coming(shared, part, edition) for edition, part in parts(log, editions, chosen))
        for cases, events in written(begun(coming)):
            done.cases += cases
            done.events += events
            if progress:
                progress(done.cases)
    settle()
    for edition in editions:
        awaken(edition)
    for number in chosen.filter(pl.col("edition") < 0)["case"].cast(pl.String):
        done.left_out[number] = NO_EDITION
    return done


def written(coming: Iterable["Coming"]) -> Iterator[tuple[int, int]]:
    """Of each portion how many cases and events, once they are on the disk. PostgreSQL takes two at a time, unless both have to
    be of the same transaction.
    """
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with ThreadPoolExecutor(WRITERS) as writers:
            yield from (one.result() for one in begun(writers.submit(alone, one) for one in coming))
        return
    for one in coming:
        yield one.write()
        let_go()


def alone(one: "Coming") -> tuple[int, int]:
    """By a connection of this thread."""
    try:
        return one.write()
    finally:
        connection.close()


def begun(coming: Iterable[T]) -> Iterator[T]:
    """Each after so many that come after it have been begun."""
    waiting: deque[T] = deque()
    for one in coming:
        waiting.append(one)
        if len(waiting) > AHEAD:
            yield waiting.popleft()
    yield from waiting


def since(edition: Edition) -> dt.date:
    return edition.since or dt.date.min


def choose(editions: Sequence[Edition], cases: pl.DataFrame) -> pl.DataFrame:
    """Which edition each case comes under; -1: none."""
    found = pl.lit(-1)
    for n, edition in enumerate(editions):
        begun = pl.col("day") >= since(edition)
        running = pl.col("day") <= (edition.until or dt.date.max)
        found = pl.when(begun & running).then(n).otherwise(found)
    return cases.with_columns(found.alias("edition"))


def parts(log: Log, editions: Sequence[Edition], chosen: pl.DataFrame) -> Iterator[tuple[Edition, Log]]:
    """Portions of whole cases of one edition."""
    for n, edition in enumerate(editions):
        mine = of_cases(log, chosen.filter(pl.col("edition") == n)["case"], chosen.height)
        first = np.append(begins(mine.events["case"]), mine.events.height)
        start = 0
        while start < len(first) - 1:
            most = first[start] + PORTIONS[connection.vendor]
            end = max(start + 1, int(np.searchsorted(first, most, "right")) - 1)
            rows = mine.events[int(first[start]) : int(first[end])]
            yield edition, among(replace(mine, events=rows), rows["case"].unique())
            start = end


def of_cases(log: Log, numbers: pl.Series, every: int) -> Log:
    if len(numbers) == every:
        return log
    events = log.events.join(pl.DataFrame({"case": numbers}), on="case", how="semi", maintain_order="left")
    return among(replace(log, events=events), numbers)


def among(log: Log, numbers: pl.Series) -> Log:
    """What is known of these cases besides their events."""
    mine = pl.DataFrame({"case": numbers})
    tables = {}
    for name in ("facts", "superseded"):
        table = getattr(log, name)
        if table.height:
            tables[name] = table.join(mine, on="case", how="semi", maintain_order="left")
    return replace(log, **tables)


@dataclass(frozen=True)
class Shared:
    """What all portions of a load share."""

    done: Loaded
    by: str
    source: str
    folder: Path | None
    way: str  # how they are folded: by how much there is of all of them
    ahead: Executor


class Coming:
    """A portion on its way: worked out by another thread, then written by this one."""

    def __init__(self, shared: Shared, log: Log, edition: Edition) -> None:
        self.shared, self.edition, self.log = shared, edition, fit(shared.done, log)
        self.under, self.made = self.now(), None
        self.made = (
            shared.ahead.submit(portion, self.log, self.under, self.brought())
            if self.log.events.height
            else None
        )

    def now(self) -> Under:
        """What judges now."""
        office, policy = office_now(), policy_of(self.edition.hash)
        homes = dict(Person.objects.filter(unit__isnull=False).values_list("code", "unit__name"))
        plan, calendars = office.plan(self.edition.hash), office.calendars()
        units = frozenset(Unit.objects.values_list("name", flat=True))
        return Under(policy, plan, calendars, homes, units, office.basis, self.shared.folder, self.shared.way)

    def brought(self) -> Brought:
        edition, shared = self.edition, self.shared
        return Brought(shared.source, shared.by, edition.hash, edition.pk, clock.seconds(clock.now()))

    def write(self) -> tuple[int, int]:
        wait([self.made] if self.made else [])  # nobody else is kept from writing meanwhile
        # On PostgreSQL others write meanwhile, and the row says so; in a transaction of others nothing can be done again.
        again = connection.vendor == "postgresql" and not connection.in_atomic_block
        try:
            return self.put_down(asking=not again)
        except DoubledError:  # another load, or somebody at the desk, has just made a case of this number
            if not again:
                raise
            return self.put_down(asking=True)

    def put_down(self, asking: bool) -> tuple[int, int]:
        """`asking` once more which numbers are in use: some time has passed."""
        with writing():
            same = office_now().basis == self.under.basis and not (asking and in_use(self.log))
            log = self.log if same else fit(self.shared.done, self.log)
            if not log.events.height:
                return 0, 0
            made = self.made.result() if same and self.made else portion(log, self.now(), self.brought())
            put(made, self.edition)
        return made.count


def fit(done: Loaded, log: Log) -> Log:
    """The cases that can be cases here; the others are told with their reason."""
    now = clock.seconds(clock.now())
    ends = log.events.group_by("case", maintain_order=True).agg(pl.col("at").max())
    number = ends["case"].cast(pl.String)
    used = in_use(log)
    reasons: dict[str, str] = {}
    for name, at in zip(number.to_list(), ends["at"].to_list(), strict=True):
        why = IN_USE if name in used else FUTURE if at > now else TOO_LONG if len(name) > 64 else ""
        if why:
            reasons[name] = why
    done.left_out |= reasons
    kept: Any = ends["case"].filter(~number.is_in(list(reasons)))
    return of_cases(log, kept, ends.height)


def in_use(log: Log) -> set[str]:
    """Those of its numbers that cases on the desk have."""
    names = log.events["case"].unique().cast(pl.String).to_list()
    if connection.vendor == "postgresql":
        found = fetch("SELECT number FROM desk_case WHERE number = ANY(%s)", names)
    else:
        listed = "SELECT value FROM json_each(%s)"
        found = fetch(f"SELECT number FROM desk_case WHERE number IN ({listed})", json.dumps(names))
    return {name for (name,) in found}
