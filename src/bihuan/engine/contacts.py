"""Who was contacted and who will be: one row per contact of a customer, made or still owed, over all rules and cases.

A contact made is an event of the log that the policy's `contacts` names, whether a rule asked for it or not; a planned
one is a duty whose `owes` names such an event and which nothing has ended (docs/semantics.md#contacts). Who is called
too often is the business of `contact_load`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine import outcome
from bihuan.engine.calls import CALL
from bihuan.engine.coded import texts
from bihuan.engine.listening import Mark, names_of
from bihuan.engine.merging import FROM
from bihuan.engine.outcome import Judged, instants, known_at, party
from bihuan.engine.policy import Policy
from bihuan.engine.rows import with_names
from bihuan.engine.rules import Obligation

MADE, PLANNED, MERGED = "made", "planned", "merged"
OWED = ("open", "overdue", "unset")
NOT_OWED = ("void", "waiting")
COLUMNS = (
    "kind", "customer", "at", "case", "rule", "article", "round", "key", "unit", "owner", "actor", "event",
    "started_at", "due_at", "state", "merged",
)  # fmt: skip
DUTY = (
    "case",
    "rule",
    "article",
    "round",
    "key",
    "unit",
    "owner",
    "started_at",
    "due_at",
    "done_at",
    "closed_by",
    "state",
)
SERVED = ("rule", "article", "round", "key", "owner", "started_at", "due_at", "state")
Tables = tuple[pl.DataFrame, pl.DataFrame]  # obligations and callbacks of one program


def contact_events(policy: Policy) -> tuple[str, ...]:
    """The events by which the customer is contacted."""
    return policy.header.contacts or (CALL,)


def contacts(
    judged: Sequence[Judged], tables: Sequence[Tables], as_of: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every contact, and what the rules demand; nothing at all where the policy does not say who is called."""
    policy = judged[0].facts.policy
    if policy.header.customer is None:
        return pl.DataFrame(), pl.DataFrame()
    duties = pl.concat([duties_of(one, *pair) for one, pair in zip(judged, tables, strict=True)])
    cases = next((one for one in judged if not one.layout.subject), None)  # none: the portion of a subject
    calls = made_in(cases) if cases else None
    made = named(calls, duties) if calls is not None and calls.height else None
    owed = planned(duties, made, as_of)
    found = pl.concat([made, owed], how="diagonal") if made is not None else owed
    return found.select(COLUMNS), demanded(duties)


def totals(found: pl.DataFrame) -> dict[str, int]:
    """How many of which kind; figures that add up over portions of a log."""
    kinds = {kind: int((found["kind"] == kind).sum()) for kind in (MADE, PLANNED, MERGED)}
    return {
        **kinds,
        "without_date": int(found["at"].null_count()),
        "without_customer": int(found["customer"].null_count()),
    }


# --- duties ---


def duties_of(judged: Judged, obligations: pl.DataFrame, callbacks: pl.DataFrame) -> pl.DataFrame:
    """The rows of the rules that owe a contact, with the customer."""
    whole, parts = rules_of(judged)
    held = [table for table in (obligations, callbacks) if table.height] or [obligations]
    rows = pl.concat([chosen(table, (*whole, *parts)) for table in held], how="diagonal")
    planned_at = [name for name in ("next_at", "due_at", "warn_at") if name in rows.columns]
    merged = pl.col("merged") if "merged" in rows.columns else pl.lit(None, pl.String)
    return rows.select(
        *DUTY,
        pl.coalesce(planned_at).alias("planned_at"),
        merged.alias("merged"),
        pl.Series(
            "customer", known_at(judged, judged.facts.policy.header.customer or "", rows["row"].to_numpy())
        ),
        pl.col("rule").is_in(list(parts)).alias("in_parts"),
        pl.lit(judged.layout.subject or "").alias("subject"),
    )


def chosen(table: pl.DataFrame, rules: Sequence[str]) -> pl.DataFrame:
    rows = table.filter(pl.col("rule").cast(pl.String).is_in(list(rules)))
    return rows.with_columns(pl.col(pl.Enum).cast(pl.String))


def rules_of(judged: Judged) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The rules that owe a contact: those that owe it alone, and those that owe other events too."""
    policy = judged.facts.policy
    events = set(contact_events(policy))
    rules = [
        node for node in judged.layout.rules if not isinstance(node, Mark) and isinstance(node, Obligation)
    ]
    owing = [rule for rule in rules if events & set(resolved(judged, names_of(rule.owes)))]
    whole = tuple(rule.name for rule in owing if not rule.owes.all)
    return whole, tuple(rule.name for rule in owing if rule.owes.all)


def resolved(judged: Judged, names: Iterable[str]) -> list[str]:
    """Events as named, or as a parameter names them."""
    given = judged.facts.prepared.parameters
    declared = judged.facts.policy.parameters
    return [str(given[name].on()) if name in declared and name in given else name for name in names]


def demanded(duties: pl.DataFrame) -> pl.DataFrame:
    """The contacts that the rules demand of a customer, whether anybody called or not, with the day of each.

    What fell away or has not begun troubles nobody; what joined another call is no call of its own.
    """
    owed = duties.filter(
        ~pl.col("state").is_in(NOT_OWED), pl.col("merged").is_null(), pl.col("customer").is_not_null()
    )
    return owed.select("customer", "unit", at=pl.coalesce("done_at", "due_at", "started_at"))


# --- contacts made ---


def made_in(judged: Judged) -> pl.DataFrame:
    """The events that contact the customer, up to `as_of`."""
    rows, policy = judged.rows, judged.facts.policy
    contacting = with_names(rows, contact_events(policy))
    mine = np.flatnonzero(contacting & (rows.at <= judged.as_of) & own_calls(judged))
    units, labels = judged.facts.units()
    return pl.DataFrame(
        {
            "customer": known_at(judged, policy.header.customer or "", mine),
            "at": instants(rows.at[mine], judged.zone),
            "case": rows.cases.gather(np.searchsorted(rows.offsets, mine, side="right") - 1),
            "own_unit": texts(labels, units[mine]),
            "actor": party(judged, judged.facts.actor[mine]),
            "event": outcome.named(rows.event[mine], rows.names).cast(pl.String),
        }
    ).with_row_index("n")


def own_calls(judged: Judged) -> Any:
    """Of each row whether it happened in its own case: a call told to others is one."""
    data = judged.rows.data
    return data[FROM].is_null().to_numpy() if FROM in data.columns else np.ones(len(judged.rows.at), np.bool_)


def named(made: pl.DataFrame, duties: pl.DataFrame) -> pl.DataFrame:
    """Each contact with the duties that it served; several are named in one row, none leaves it without a rule."""
    served = pl.concat([ended(made, duties), begun(made, duties)])
    first = served.group_by("n", maintain_order=True).agg(
        pl.col("rule").unique(maintain_order=True).str.join(", "), pl.exclude("n", "rule").first()
    )
    found = made.join(first, on="n", how="left", maintain_order="left")
    return found.with_columns(
        kind=pl.lit(MADE), unit=pl.coalesce("unit", "own_unit"), merged=pl.lit(None, pl.String)
    )


def ended(made: pl.DataFrame, duties: pl.DataFrame) -> pl.DataFrame:
    """The duties that a contact ended, by case or, where they are about customers, by customer."""
    over = duties.filter(pl.col("done_at").is_not_null(), ~pl.col("in_parts"))
    by = {"case": over.filter(pl.col("subject") == ""), "customer": over.filter(pl.col("subject") != "")}
    tables = [
        made.select("n", on, "at", "event").join(
            rows.select(pl.col("case").alias(on), "done_at", "closed_by", "unit", *SERVED),
            left_on=[on, "at", "event"],
            right_on=[on, "done_at", "closed_by"],
        )
        for on, rows in by.items()
    ]
    return pl.concat([table.select("n", "unit", *SERVED) for table in tables])


def begun(made: pl.DataFrame, duties: pl.DataFrame) -> pl.DataFrame:
    """The duties of several parts, of which a contact was one."""
    parts = duties.filter("in_parts", pl.col("subject") == "", ~pl.col("state").is_in(["void", "waiting"]))
    pairs = made.select("n", "case", "at").join(parts.select("case", "done_at", "unit", *SERVED), on="case")
    within = (pl.col("at") >= pl.col("started_at")) & ~(pl.col("at") > pl.col("done_at")).fill_null(False)
    return pairs.filter(within).select("n", "unit", *SERVED)


# --- contacts to come ---


def planned(duties: pl.DataFrame, made: pl.DataFrame | None, as_of: int) -> pl.DataFrame:
    """What nothing has ended yet. Nobody calls before `as_of` any more; without a due time the day is not known."""
    owed = duties.filter(
        pl.col("state").is_in(OWED), pl.col("done_at").is_null(), pl.col("closed_by").is_null()
    )
    owed = uncalled(owed, made) if made is not None else owed
    now = pl.lit(as_of * 1_000_000).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone_of(duties))
    at = pl.when(pl.col("planned_at") < now).then(now).otherwise("planned_at")
    return owed.with_columns(
        kind=pl.when(pl.col("merged").is_null()).then(pl.lit(PLANNED)).otherwise(pl.lit(MERGED)),
        at=at,
        actor=pl.lit(None, pl.String),
        event=pl.lit(None, pl.String),
    )


def zone_of(duties: pl.DataFrame) -> str:
    return str(duties.schema["due_at"].time_zone)  # type: ignore[attr-defined]


def uncalled(owed: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Without the duties of several parts in which the customer has been called, and something else is lacking."""
    rows = owed.with_row_index("d")
    calls = made.select("case", pl.col("at").alias("called_at"))
    called = (
        rows.filter("in_parts").join(calls, on="case").filter(pl.col("called_at") >= pl.col("started_at"))
    )
    return rows.join(called.select("d").unique(), on="d", how="anti", maintain_order="left").drop("d")
