"""What the cases of a portion can be found by: for all of them at once what `search.index` says of one."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from bihuan.desk.actions.chain import plain
from bihuan.desk.loaded.columns import by_value, joined, told
from bihuan.desk.search import words
from bihuan.desk.search.indexing import NUMBERS, limited, mark, said
from bihuan.engine.declared import Fact
from bihuan.engine.log import Log
from bihuan.engine.policy import Policy


def texts(
    log: Log, numbers: pl.Series, policy: Policy, case: pl.Series, units: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """The text of each case in the index, `case` being its place."""
    every = pl.DataFrame({"case": pl.int_range(len(numbers), eager=True)})
    for part in (marks(log, case, units, people), tokens(values(log, numbers, policy, case))):
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


def values(log: Log, numbers: pl.Series, policy: Policy, case: pl.Series) -> pl.DataFrame:
    """What is said, by case, in the order of `index.values`: the number, then of each event its unit and its facts."""
    columns = {*log.events.columns, *log.facts.columns}
    names = [
        name for name in sorted(columns) if name in policy.facts and policy.facts[name].type not in NUMBERS
    ]
    begins = case.is_first_distinct()
    starts, first, unit = begins.arg_true(), given(log, begins), log.events["unit"].cast(pl.String)
    units = pl.DataFrame({"row": (unit.ne_missing(unit.shift()) | begins).arg_true()})
    units = units.with_columns(text=unit.gather(units["row"])).drop_nulls()  # said anew is said already
    found = [in_place(pl.DataFrame({"row": starts, "text": numbers}), 0), in_place(units, 1)]
    for n, name in enumerate(names):
        both = [
            said_of(table, name, policy.facts[name]) for table in (log.events, first) if name in table.columns
        ]
        every = pl.concat(both).unique("row", keep="first", maintain_order=True)
        found.append(in_place(every.explode("text").drop_nulls(), n + 2))
    every = pl.concat(found).sort("row", "place", maintain_order=True)
    return every.select("text", case=case.gather(every["row"]))


def in_place(told: pl.DataFrame, place: int) -> pl.DataFrame:
    return told.with_columns(pl.col("text").cast(pl.String), place=pl.lit(place))


def said_of(table: pl.DataFrame, name: str, fact: Fact) -> pl.DataFrame:
    """The texts of a column as they read; most read as they are written."""
    if table[name].dtype == pl.String and not fact.leaves:
        texts = table.select(row=pl.int_range(pl.len(), dtype=pl.UInt32), text=name).drop_nulls()
        return texts.with_columns(pl.concat_list("text"))
    return told(table, name, saying(fact), pl.List(pl.String))


def saying(fact: Fact) -> Any:
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
