"""How often each customer was or will be contacted, over all rules, projects, departments and several policies at once.

It adds up the contacts that replays found and judges nothing; what a policy's own limits hold back, and which duties
stay open for that, it lists (docs/semantics.md#contacts-held).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from bihuan.engine.contact_limits import held, limits_of, of_days, stretch
from bihuan.engine.contacts import MADE, MERGED, PLANNED
from bihuan.engine.errors import CallError
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import Parameters, parameter_values
from bihuan.engine.period import FORMS
from bihuan.engine.policy import Policy

HELD = "held"
KINDS = (MADE, PLANNED, HELD, MERGED)
SAME = ["customer", "case", "at", "event", "actor"]  # what makes two policies speak of one contact
LEFT = (
    "customer", "why", "by", "under", "policy", "case", "rule", "article", "round", "key", "unit", "owner", "at",
    "due_at", "state",
)  # fmt: skip
LIMIT = {"policy": pl.String, "rule": pl.String, "article": pl.String, "most": pl.Int64, "period": pl.String}


class Judged(NamedTuple):
    """A policy with what it made of a log; its parameters where they are not the file's own."""

    policy: Policy
    outcome: Outcome
    parameters: Parameters | None = None


@dataclass(frozen=True)
class ContactLoad:
    """Contacts one by one, by customer and by period and unit; what is not called for whose sake; the limits asked.

    `left` are duties that stay open: a limit holds them back (`held`), or a call that was to serve them came before
    they began (`merged`).
    """

    contacts: pl.DataFrame
    customers: pl.DataFrame
    periods: pl.DataFrame
    left: pl.DataFrame
    limits: pl.DataFrame
    summary: dict[str, Any]


def contact_load(
    *judged: Judged | tuple[Policy, Outcome], window: str = "30 days", every: str = "month"
) -> ContactLoad:
    """The contacts of these replays together. `window` is the stretch in which a customer is called most often."""
    sides = [Judged(*one) for one in judged]
    refuse_the_uncountable(sides, every)
    limits = [
        limit
        for one in sides
        for limit in limits_of(one.policy, one.parameters or parameter_values(one.policy))
    ]
    rows = held(together(sides), limits)
    rows = rows.with_columns(
        kind=pl.when(pl.col("held_by").is_not_null()).then(pl.lit(HELD)).otherwise("kind"),
        period=of_days(rows["at"].dt.date(), every, lambda span: span.name, pl.String),
    )
    return ContactLoad(
        contacts=rows,
        customers=by_customer(rows, window),
        periods=by_period(rows),
        left=left_open(rows),
        limits=pl.DataFrame(
            [tuple(getattr(one, key) for key in LIMIT) for one in limits], schema=LIMIT, orient="row"
        ),
        summary=summary(sides, rows, window, every),
    )


def refuse_the_uncountable(sides: Sequence[Judged], every: str) -> None:
    """Somebody must be named as the customer, and periods have names."""
    if not sides:
        raise CallError("nothing to add up: give a policy and what it made of a log")
    for one in sides:
        if one.policy.header.customer is None:
            raise CallError(f"{one.policy.id} does not say who is called: expected `customer` in [policy]")
    if every not in FORMS:
        raise CallError(f"expected a calendar period, one of {', '.join(FORMS)}; found {every!r}")


def together(sides: Sequence[Judged]) -> pl.DataFrame:
    """The contacts of all policies; one that several of them saw in the same log is one."""
    zone = sides[0].policy.header.zone
    tables = [
        one.outcome.contacts.with_columns(
            pl.col("at", "started_at", "due_at").dt.convert_time_zone(zone), policy=pl.lit(one.policy.id)
        )
        for one in sides
    ]
    rows = pl.concat(tables)
    return rows if len(sides) == 1 else once(rows)


def once(rows: pl.DataFrame) -> pl.DataFrame:
    made = rows.filter(pl.col("kind") == MADE)
    joined = (
        pl.col("policy", "rule").drop_nulls().unique(maintain_order=True).str.join(", ").replace("", None)
    )
    one = made.group_by(SAME, maintain_order=True).agg(
        joined, pl.exclude(*SAME, "policy", "rule").drop_nulls().first()
    )
    return pl.concat([one.select(rows.columns), rows.filter(pl.col("kind") != MADE)])


# --- by customer ---


def troubling(rows: pl.DataFrame) -> pl.DataFrame:
    """The contacts that a known customer has had or will have."""
    return rows.filter(pl.col("kind").is_in([MADE, PLANNED]), pl.col("customer").is_not_null())


def by_customer(rows: pl.DataFrame, window: str) -> pl.DataFrame:
    """How often each customer is contacted in all and in the worst stretch, by how many, for what; the worst first."""
    known = rows.filter(pl.col("customer").is_not_null())
    real = pl.col("kind").is_in([MADE, PLANNED])
    made, coming = pl.col("kind") == MADE, pl.col("kind") == PLANNED
    counted = known.group_by("customer").agg(
        real.sum().cast(pl.Int64).alias("contacts"),
        *((pl.col("kind") == kind).sum().cast(pl.Int64).alias(kind) for kind in KINDS),
        *(
            pl.col(name).filter(real).drop_nulls().n_unique().cast(pl.Int64).alias(f"{name}s")
            for name in ("owner", "unit", "case")
        ),
        pl.col("at").filter(made).max().alias("last_at"),
        pl.col("at").filter(coming).min().alias("coming_at"),
    )
    found = counted.join(densest(rows, window), on="customer", how="left")
    order = ("contacts", "most", "held", "merged")
    return found.sort(*order, "customer", descending=[*(True for _ in order), False], nulls_last=True)


def densest(rows: pl.DataFrame, window: str) -> pl.DataFrame:
    """Of each customer the most contacts in a stretch, and the last instant of the first such stretch."""
    offset, by_date = stretch(window)
    dated = troubling(rows).filter(pl.col("at").is_not_null()).select("customer", "at")
    clock = pl.col("at").dt.replace_time_zone(None)
    dated = dated.with_columns((clock.dt.date() if by_date else clock).cast(pl.Datetime("us")).alias("on"))
    moving = dated.sort("customer", "on").rolling("on", period=offset, group_by="customer", closed="both").agg(
        pl.len().cast(pl.Int64).alias("most"), pl.col("at").max().alias("most_until")
    )  # fmt: skip
    return (
        moving.sort("customer", "most", "on", descending=[False, True, False])
        .unique("customer", keep="first")
        .drop("on")
    )


# --- by period, and what is left ---


def by_period(rows: pl.DataFrame) -> pl.DataFrame:
    """Contacts by period and unit (null: not known when, or by whom), and the most that one customer had."""
    known = troubling(rows)
    each = known.group_by("period", "unit", "customer").agg(
        pl.len().cast(pl.Int64).alias("contacts"),
        *((pl.col("kind") == kind).sum().cast(pl.Int64).alias(kind) for kind in (MADE, PLANNED)),
    )
    counted = each.group_by("period", "unit").agg(
        pl.len().cast(pl.Int64).alias("customers"),
        pl.col("contacts", MADE, PLANNED).sum(),
        pl.col("contacts").max().alias("most"),
    )
    return counted.sort("period", "unit", nulls_last=True)


def left_open(rows: pl.DataFrame) -> pl.DataFrame:
    """Who is not called for the customer's sake, and the duty that stays open for it."""
    found = rows.filter(pl.col("kind").is_in([HELD, MERGED]))
    return found.with_columns(
        why="kind", by=pl.coalesce("held_by", "merged"), under=pl.coalesce("held_under", "article")
    ).select(LEFT)


def summary(sides: Sequence[Judged], rows: pl.DataFrame, window: str, every: str) -> dict[str, Any]:
    known = troubling(rows)
    return {
        "policies": [one.policy.id for one in sides],
        "zone": sides[0].policy.header.zone,
        "as_of": max(one.outcome.summary["as_of"] for one in sides),
        "window": window,
        "every": every,
        "customers": known["customer"].n_unique(),
        **{kind: int((rows["kind"] == kind).sum()) for kind in KINDS},
        "without_date": int(rows["at"].null_count()),
        "without_customer": int(rows["customer"].null_count()),
    }
