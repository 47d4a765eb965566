"""Events that carry several values of one fact, read as several events where that fact separates instances.

"Faults 1 and 2 were reported" is one row of a log and two triggers of a rule `per = "fault"`. It knows logs and the
facts by which rules separate; it reads no value.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import polars as pl

from bihuan.engine.log import Log
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Count, Timed
from bihuan.engine.values import SEPARATORS


def separating(policy: Policy) -> tuple[str, ...]:
    """Facts with several values by which some rule separates its instances."""
    return tuple(
        dict.fromkeys(name for name in _per(policy) if name in policy.facts and policy.facts[name].many)
    )


def _per(policy: Policy) -> Iterator[str]:
    for _, _, rule in policy.rules():
        if isinstance(rule, Timed | Count) and rule.per:
            yield rule.per


def each_alone(log: Log, facts: Iterable[str]) -> Log:
    """The log with one event for each value of these facts, in the order in which they are written.

    >>> from bihuan.engine.log import as_log
    >>> log = as_log([{"case": "1", "event": "reported", "at": 0, "fault": "a;b"}])
    >>> each_alone(log, ["fault"]).events["fault"].to_list()
    ['a', 'b']
    """
    events = log.events
    for name in facts:
        if name in events.columns:
            events = _apart(events, name)
    return log if events is log.events else replace(log, events=events)


def _apart(events: pl.DataFrame, name: str) -> pl.DataFrame:
    values = events[name]
    if isinstance(values.dtype, pl.List):
        values = values.cast(pl.List(pl.String)).list.join("\x1f")
    if values.dtype != pl.String or not values.str.contains(SEPARATORS).any():
        return events
    parts = values.str.replace_all(SEPARATORS, "\x1f").str.split("\x1f")
    said = parts.list.eval(pl.element().filter(pl.element().str.strip_chars() != ""))
    return events.with_columns(said.alias(name)).explode(name, empty_as_null=True)
