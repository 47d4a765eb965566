"""Whom a charge is about: case, unit, owner, who established it, who pays and who is paid.

A role means whom its fact names, who earned it on the case, or, where nobody is known, its label. Knows no amount.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import outcome
from bihuan.engine.coded import texts
from bihuan.engine.facts import Facts
from bihuan.engine.occasions import Laid, Occasions, instances
from bihuan.engine.policy import Policy
from bihuan.engine.rows import with_names
from bihuan.engine.rules import Charge

Ints = NDArray[np.int64]


def described(laid: Laid, found: Occasions, last: Ints, policy: Policy) -> pl.DataFrame:
    """Case, round, key, unit and owner of each occasion, and who established it."""
    case = laid.source.facts.rows.cases if laid.source.judged is None else laid.source.judged.rows.cases
    units, labels = laid.facts.units()
    base = {
        "case": case.gather(found.case).cast(pl.String),
        "unit": texts(labels, units[last]),
        "established_by": texts(laid.facts.parties.labels, laid.facts.actor[last]),
        **dict.fromkeys(("round", "key", "owner"), pl.Series([None] * len(found))),
    }
    here = np.flatnonzero(found.instance >= 0)
    if laid.source.judged is not None and len(here):
        mine = instances(laid.source.judged, found.instance[here])
        own = {"key": outcome.keys(mine), "owner": outcome.owner(mine), "unit": outcome.unit(mine)}
        for name, series in own.items():
            base[name] = base[name].cast(pl.String).scatter(here, series.cast(pl.String))
        base["round"] = (
            base["round"].cast(pl.Int32).scatter(here, mine.folded.columns["round"].astype(np.int32))
        )
    return pl.DataFrame({name: series.alias(name) for name, series in base.items()}).cast(
        {"round": pl.Int32, "key": pl.String, "owner": pl.String, "unit": pl.String}
    )


def each_payer(laid: Laid, charge: Charge, whole: pl.DataFrame, last: Ints) -> pl.DataFrame:
    """One row for everybody who pays; each of several persons that a fact names."""
    tables = []
    for name in charge.payer or ("owner",):
        lists = parties(laid, name, whole, last)
        unknown = pl.col("payer").is_null()
        note = pl.concat_str(
            [pl.col("note"), pl.lit(f"payer-not-known:{name}")], separator="; ", ignore_nulls=True
        )
        paid = whole.with_columns(lists.alias("payer")).explode("payer")
        tables.append(paid.with_columns(pl.when(unknown).then(note).otherwise("note").alias("note")))
    return pl.concat(tables).drop("owner")


def one_party(laid: Laid, name: str, about: pl.DataFrame, last: Ints) -> pl.Series:
    return parties(laid, name, about, last).list.join("、").replace("", None)


def parties(laid: Laid, name: str, about: pl.DataFrame, last: Ints) -> pl.Series:
    """Whom a role or fact means on each occasion, as lists: whom its fact names, who earned it, else its label."""
    policy, facts = laid.facts.policy, laid.facts
    role = policy.roles.get(name)
    fact = role.fact if role and role.fact else policy.header.customer if name == "customer" else name
    if name == "owner":
        return about["owner"].reshape((-1, 1)).cast(pl.List(pl.String))
    if name == "actor":
        return texts(facts.parties.labels, facts.actor[last]).reshape((-1, 1)).cast(pl.List(pl.String))
    if fact is not None and fact in policy.facts:
        return named(facts, fact, last)
    if role and role.did:
        return pl.Series([[each] for each in earned(facts, role.did)[last]], dtype=pl.List(pl.String))
    return pl.Series([[role.label if role else name]] * len(last), dtype=pl.List(pl.String))


def named(facts: Facts, fact: str, last: Ints) -> pl.Series:
    codes, labels = facts.key(fact)
    values = facts.sets(fact) if facts.policy.facts[fact].many else labels
    lists = [sorted(map(str, each)) if isinstance(each, frozenset) else [str(each)] for each in values]
    held = pl.Series([*lists, [None]], dtype=pl.List(pl.String))
    return held.gather(np.where(codes[last] < 0, len(lists), codes[last]))


def earned(facts: Facts, did: tuple[str, ...]) -> NDArray[np.object_]:
    """By row, who last did one of these events on the case."""
    happened = with_names(facts.rows, did)
    source = facts.grid.sources(happened)
    codes = np.where(happened[source], facts.actor[source], -1)
    return np.array([*(str(label) for label in facts.parties.labels), None], object)[codes]
