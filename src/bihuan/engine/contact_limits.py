"""How often a customer may be contacted, as the policies say it, and which planned contacts would be too many.

Such a limit is a count over the customer's contacts (`across` the customer fact; docs/semantics.md#contacts-held). What
has happened is judged by the fold alone; here only what is planned is held back, in the order of its day.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from bihuan.engine.contacts import PLANNED, contact_events
from bihuan.engine.errors import CallError
from bihuan.engine.limit import Name, Period, parse_limit, parse_period
from bihuan.engine.listening import names_of
from bihuan.engine.parameters import Parameters
from bihuan.engine.period import Span, span_of
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Count

#: What polars calls the units in which a stretch of days or hours can be given.
OFFSETS = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w", "month": "mo", "year": "y"}
BY_DATE = frozenset(("day", "week", "month", "year"))
Counted = tuple[
    int, str, bool, Any, Any
]  # row, customer, whether planned, where it begins and until where it counts


@dataclass(frozen=True)
class AtMost:
    """So many contacts of one customer in a stretch (`offset`), a calendar period (`calendar`) or ever."""

    policy: str
    rule: str
    article: str
    most: int
    period: str = ""  # as written; nothing: ever
    offset: str = ""
    by_date: bool = True
    calendar: str = ""


def stretch(text: str) -> tuple[str, bool]:
    """An amount of time for polars, and whether it is counted in dates.

    >>> stretch("30 days"), stretch("12 hours")
    (('30d', True), ('12h', False))
    """
    limit = parse_limit(text)
    if limit.amount is None or limit.unit not in OFFSETS or limit.clock is not None:
        raise CallError(f"expected a stretch such as 30 days, 2 weeks or 3 months, found {text!r}")
    return f"{limit.amount}{OFFSETS[limit.unit]}", limit.unit in BY_DATE


def limits_of(policy: Policy, parameters: Parameters) -> Iterator[AtMost]:
    """The limits that can be asked of what is planned: nobody knows yet how a planned call will go, or who makes it."""
    events = set(contact_events(policy))
    for rule in policy.named.values():
        if not isinstance(rule, Count) or rule.across is None or rule.across != policy.header.customer:
            continue
        plain = all(each.where is None and each.by is None for each in rule.of.any)
        if not plain or rule.adds or rule.per or not events & set(names_of(rule.of)):
            continue
        if found := limit_of(policy, rule, parameters):
            yield found


def limit_of(policy: Policy, rule: Count, parameters: Parameters) -> AtMost | None:
    """The limit of a count; None where a parameter is missing, which the replay lists, or its period is none of ours."""
    key = "at_least" if rule.above is None else "above"
    number, period = (literal(rule, each, parameters) for each in (key, "in_"))
    if not isinstance(number, int | float) or (period is None and rule.in_ is not None):
        return None
    most = int(number) - (key == "at_least")
    base = AtMost(policy.id, rule.name, policy.article_of(rule.name), most)
    return base if period is None else within(base, period)


def literal(rule: Count, key: str, parameters: Parameters) -> Any:
    """What stands at a key, after overrides, or what the parameter says that stands there."""
    own = f"{rule.name}.{key.rstrip('_')}"
    value = parameters[own].on() if own in parameters else getattr(rule, key)
    if not isinstance(value, Name):
        return value
    named = parameters[value.name].on() if value.name in parameters else None
    return parse_period(named) if key == "in_" and isinstance(named, str) else named


def within(base: AtMost, period: Any) -> AtMost | None:
    """The limit in its period."""
    if not isinstance(period, Period) or period.clock is not None or period.working_day:
        return None
    if period.rolling is None:
        return replace(base, period=str(period), calendar=period.calendar or "")
    offset, by_date = stretch(str(period.rolling))
    return replace(base, period=str(period), offset=offset, by_date=by_date)


def of_days(days: pl.Series, kind: str, what: Callable[[Span], Any], dtype: Any) -> pl.Series:
    """Something about the calendar period of each day."""
    known = days.unique().drop_nulls().to_list()
    table = pl.DataFrame(
        {"day": known, "what": [what(span_of(kind, day)) for day in known]},
        schema={"day": pl.Date, "what": dtype},
    )
    return days.to_frame("day").join(table, on="day", how="left", maintain_order="left")["what"]


def held(contacts: pl.DataFrame, limits: Sequence[AtMost]) -> pl.DataFrame:
    """The contacts in the order of customers and days, with the limit that holds a planned one back (`held_by`)."""
    rows = contacts.sort("customer", "at", pl.col("kind") == PLANNED, nulls_last=True, maintain_order=True)
    rows = rows.with_columns(
        pl.lit(None, pl.String).alias("held_by"), pl.lit(None, pl.String).alias("held_under")
    )
    for limit in limits:
        beyond = pl.Series(too_many(rows, limit), dtype=pl.Boolean)
        rows = rows.with_columns(
            pl.when(beyond).then(pl.lit(limit.rule)).otherwise("held_by").alias("held_by"),
            pl.when(beyond).then(pl.lit(limit.article)).otherwise("held_under").alias("held_under"),
        )
    return rows


def too_many(rows: pl.DataFrame, limit: AtMost) -> list[bool]:
    """Of each row whether it is planned and goes beyond the limit, those held back already left out."""
    begin, until = spans(rows["at"], limit)
    counted = pl.DataFrame(
        {
            "row": range(rows.height),
            "customer": rows["customer"],
            "planned": rows["kind"] == PLANNED,
            "begin": begin,
            "until": until,
        },
    ).filter(rows["customer"].is_not_null() & rows["at"].is_not_null() & rows["held_by"].is_null())
    some = pl.col("planned").any().over("customer") & (pl.len().over("customer") > limit.most)
    beyond = [False] * rows.height
    for _, mine in groupby(counted.filter(some).iter_rows(), key=itemgetter(1)):
        for row in without_room(mine, limit.most):
            beyond[row] = True
    return beyond


def spans(at: pl.Series, limit: AtMost) -> tuple[pl.Series, pl.Series]:
    """Where each contact lies on the axis of the limit, and until where it counts against later ones."""
    local = at.dt.replace_time_zone(None)
    begin = local.dt.date() if limit.by_date else local
    if limit.calendar:
        return begin, of_days(begin, limit.calendar, lambda span: span.next - timedelta(1), pl.Date)
    if limit.offset:
        return begin, begin.dt.offset_by(limit.offset)
    return begin, pl.Series([date.max], dtype=pl.Date).new_from_index(0, len(begin))


def without_room(mine: Iterable[Counted], most: int) -> Iterator[int]:
    """The planned contacts of one customer for which there is no room: those made stand, those held back do not count."""
    kept: list[Any] = []
    for row, _, planned, begin, until in mine:
        full = most == 0 or (len(kept) >= most and kept[-most] >= begin)
        if planned and full:
            yield row
        else:
            kept.append(until)
