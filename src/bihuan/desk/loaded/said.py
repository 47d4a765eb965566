"""What the cases of a portion can be found by: for all of them at once what `search.index` says of one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from bihuan.desk.actions.chain import plain
from bihuan.desk.loaded.columns import Told, all_told, by_value, joined
from bihuan.desk.search import words
from bihuan.desk.search.indexing import NUMBERS, limited, mark, said
from bihuan.engine.declared import Fact
from bihuan.engine.log import Log
from bihuan.engine.policy import Policy


def texts(
    log: Log,
    carried: Mapping[str, Told],
    numbers: pl.Series,
    policy: Policy,
    case: pl.Series,
    units: pl.DataFrame,
    people: pl.DataFrame,
) -> pl.DataFrame:
    """The text of each case in the index, `case` being its place."""
    every = pl.DataFrame({"case": pl.int_range(len(numbers), eager=True)})
    for part in (marks(log, case, units, people), tokens(values(log, carried, numbers, policy, case))):
        every = every.join(part, on="case", how="left", maintain_order="left")
    text = every.select(text=pl.concat_str("mark", "tokens", separator=" ", ignore_nulls=True))
    return every.select("case").with_columns(limited(text["text"]))


def marks(log: Log, case: pl.Series, units: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Whom each case concerns."""
    actors = pl.DataFrame({"case": case, "person": log.events["actor"].cast(pl.String)}).drop_nulls()
    every = pl.concat([actors.cast({"case": people["case"].dtype}), people]).unique()
    both = [
        units.select("case", mark=by_value(units["unit"], lambda name: mark("u", name))),
        every.select("case", mark=by_value(every["person"], lambda name: mark("p", name))),
    ]
    return joined(pl.concat(both).unique().sort("case", "mark"), "case", "mark", " ")


def tokens(said: pl.DataFrame) -> pl.DataFrame:
    """Of each text that a case says the tokens, once."""
    once = said.unique(["case", "text"], keep="first", maintain_order=True)
    found = once.select("case", tokens=by_value(once["text"], lambda text: " ".join(words.tokens(text))))
    return joined(found.filter(pl.col("tokens") != ""), "case", "tokens", " ")


def values(
    log: Log, carried: Mapping[str, Told], numbers: pl.Series, policy: Policy, case: pl.Series
) -> pl.DataFrame:
    """What is said, by case, in the order of `index.values`: the number, then of each event its unit and its facts."""
    begins = case.is_first_distinct()
    starts, unit = begins.arg_true(), log.events["unit"].cast(pl.String)
    spoken = {name for name, fact in policy.facts.items() if fact.type not in NUMBERS}
    own = given(log, begins)
    first = all_told(own, spoken.intersection(own.columns))
    units = pl.DataFrame({"row": (unit.ne_missing(unit.shift()) | begins).arg_true()})
    units = units.with_columns(text=unit.gather(units["row"])).drop_nulls()  # said anew is said already
    found = [in_place(pl.DataFrame({"row": starts, "text": numbers}), 0), in_place(units, 1)]
    for n, name in enumerate(sorted(spoken & {*carried, *first})):
        both = [told[name] for told in (carried, first) if name in told]
        found.append(in_place(said_of(both, policy.facts[name]), n + 2))
    every = pl.concat(found).sort("row", "place", maintain_order=True)
    return every.select("text", case=case.gather(every["row"]))


def in_place(told: pl.DataFrame, place: int) -> pl.DataFrame:
    return told.with_columns(pl.col("text").cast(pl.String), place=pl.lit(place))


def said_of(both: Sequence[Told], fact: Fact) -> pl.DataFrame:
    """The texts of a fact as they read: what an event told of it, else what was given."""
    texts = saying(fact)
    several = any(isinstance(one.values.dtype, pl.List) for one in both)
    dtype = pl.List(pl.String) if several else pl.String  # lists take several times as long
    work: Callable[[Any], Any] = texts if several else lambda value: next(iter(texts(value)), None)
    every = pl.concat(pl.DataFrame({"row": one.row, "text": one.each(work, dtype)}) for one in both)
    every = every.unique("row", keep="first", maintain_order=True) if len(both) > 1 else every
    return (every.explode("text") if several else every).drop_nulls()


def saying(fact: Fact) -> Callable[[Any], list[str]]:
    """What a value of this fact says: its texts as they read."""

    def texts_of(value: Any) -> list[str]:
        found = plain(value)
        every: Iterable[Any] = found if isinstance(found, list) else [found]
        return [said(fact, one) for one in every if isinstance(one, str)]

    return texts_of


def given(log: Log, begins: pl.Series) -> pl.DataFrame:
    """By event what was given with its case; that counts as told by the first one."""
    asked = pl.DataFrame({"case": log.events["case"].set(~begins, None)})
    return asked.join(log.facts, on="case", how="left", maintain_order="left").drop("case")
