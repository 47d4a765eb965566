"""The cases of a portion as they stand, the units that had to do with them, and the subjects they are about.

What `acting.stand`, `acting.reached` and `judging.subjects_in` do for one case.
"""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from bihuan.desk.actions.acting import ending
from bihuan.desk.judging import concerns_company
from bihuan.desk.loaded.owed import placed
from bihuan.desk.models.judged import LONG
from bihuan.desk.naming import PERSON, UNIT, naming, owing
from bihuan.engine.facts import Facts
from bihuan.engine.listening import COMPANY
from bihuan.engine.log import Log
from bihuan.engine.policy import Policy
from bihuan.engine.replay import Plan


def standing(log: Log, numbers: pl.Series, policy: Policy, case: pl.Series) -> pl.DataFrame:
    """What a case shows in lists: `case` is the place of each event's case."""
    event, at = pl.col("event").cast(pl.String), pl.col("at")
    again = at.filter(event == "reopened").max().fill_null(-(2**62))
    table = log.events.with_columns(case=case).group_by("case", maintain_order=True).agg(
        opened_at=at.first(),
        last_at=at.last(),
        last_event=event.last(),
        closed_at=at.filter(event.is_in(ending(policy)) & (at >= again)).first(),
        unit=last_known(log, "unit"),
        customer=last_known(log, policy.header.customer),
    )  # fmt: skip
    facts = {"unit": "unit", "customer": policy.header.customer}
    named = [latest(table[name], log, numbers, fact) for name, fact in facts.items()]
    return table.with_columns(numbers.alias("number"), *named)


def last_known(log: Log, name: str | None) -> pl.Expr:
    if name is None or name not in log.events.columns:
        return pl.lit(None, pl.String)
    return pl.col(name).cast(pl.String).drop_nulls().last()


def latest(told: pl.Series, log: Log, numbers: pl.Series, fact: str | None) -> pl.Series:
    """What the events told last of a fact, else what was given with the case."""
    if fact is not None and fact in log.facts.columns:
        given = log.facts.select(number=pl.col("case").cast(pl.String), given=pl.col(fact).cast(pl.String))
        own = numbers.alias("number").to_frame().join(given, on="number", how="left", maintain_order="left")
        told = told.zip_with(told.is_not_null(), own["given"])
    return told.fill_null("").str.slice(0, LONG)


def reached(
    log: Log, case: pl.Series, owed: pl.DataFrame, named: pl.DataFrame, homes: Mapping[str, str]
) -> pl.DataFrame:
    """Units that were named, also by facts, those of whoever acted (`homes`), and those that owe something."""
    actor = log.events["actor"].cast(pl.String)
    home = (
        actor.replace_strict(dict(homes), default=None, return_dtype=pl.String)
        if homes
        else actor.clear(len(actor))
    )
    every = [
        pl.DataFrame({"case": case, "unit": log.events["unit"].cast(pl.String)}),
        pl.DataFrame({"case": case, "unit": home}),
        owed.select("case", "unit"),
        named.filter(pl.col("kind") == UNIT).select("case", unit="name"),
    ]
    return once(pl.concat(every), "unit")


def people(named: pl.DataFrame) -> pl.DataFrame:
    """People whom facts name, or who owe something."""
    return once(named.filter(pl.col("kind") == PERSON).select("case", person="name"), "person")


def once(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Each name of each case once."""
    told = table.drop_nulls().filter(pl.col(name) != "").with_columns(pl.col(name).str.slice(0, LONG))
    return told.unique().sort("case", name)


def named(
    log: Log, numbers: pl.Series, case: pl.Series, owed: pl.DataFrame, edition: str, units: Collection[str]
) -> pl.DataFrame:
    """Whom the regulation makes part of each case: `kind` and `name`; of offices those that are among the `units`."""
    found = [by_owner(owed, edition, units)]
    own = placed(log.facts["case"], numbers) if log.facts.height else None
    for fact, kind in naming(edition).items():
        for table, place in ((log.events, case), (log.facts, own)):
            if place is not None and fact in table.columns:
                told = pl.DataFrame({"case": place, "name": table[fact]}).drop_nulls()
                told = told.explode("name") if isinstance(told["name"].dtype, pl.List) else told
                found.append(told.select("case", pl.col("name").cast(pl.String), kind=pl.lit(kind)))
    return pl.concat([one.cast({"case": pl.Int64}) for one in found])


def by_owner(owed: pl.DataFrame, edition: str, units: Collection[str]) -> pl.DataFrame:
    rules = owing(edition)
    kind = {name: PERSON if one.kind == PERSON else UNIT for name, one in rules.items()}
    label = {name: one.label for name, one in rules.items()}
    told = owed.select(
        "case",
        name="owner",
        kind=pl.col("rule").replace_strict(kind, default=None, return_dtype=pl.String),
        label=pl.col("rule").replace_strict(label, default=None, return_dtype=pl.String),
    )
    person = (pl.col("kind") == PERSON) & (pl.col("name") != pl.col("label"))
    unit = (pl.col("kind") == UNIT) & pl.col("name").is_in(list(units))
    return told.filter(person | unit).drop("label")


def concerned(plan: Plan, facts: Facts) -> dict[str, pl.DataFrame]:
    """By kind of subject, which subject (`key`) which case is about; the company: whether any event is for its rules."""
    found = {}
    for fact in plan.layouts:
        if fact == COMPANY:
            heard = concerns_company(plan, facts.rows.names)
            found[fact] = pl.DataFrame({"key": [COMPANY] if heard else []}, schema={"key": pl.String})
        elif fact:
            found[fact] = pairs(facts, fact)
    return found


def pairs(facts: Facts, fact: str) -> pl.DataFrame:
    codes, labels = facts.key(fact)
    told = np.flatnonzero(codes >= 0)
    names = pl.Series("key", [str(label)[:LONG] for label in labels], dtype=pl.String)
    table = pl.DataFrame({"key": names.gather(codes[told]), "case": facts.grid.case[told].astype(np.int64)})
    return table.unique().sort("key", "case")
