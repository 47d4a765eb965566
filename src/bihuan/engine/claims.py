"""What charges do to one another: a heavier one absorbs others, a cap bounds what one payer bears in a period.

Both keep every row: what was swallowed or cut off says by what. Decisions of persons come later, in `life`.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from bihuan.engine.limit import Period
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Charge

OWED = (
    "proposed",
    "range",
    "external",
    "unset",
    "capped",
)  # what absorbs others although its amount is not known
EVERY = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}


def claims(policy: Policy, proposals: pl.DataFrame) -> pl.DataFrame:
    """The proposals after what they do to one another."""
    return capped(policy, absorbed(policy, proposals))


def charges_of(policy: Policy) -> dict[str, Charge]:
    return {rule.id: rule for _, _, rule in policy.rules() if isinstance(rule, Charge)}


def absorbed(policy: Policy, table: pl.DataFrame) -> pl.DataFrame:
    """Charges swallowed by another on the same case and payer; the first that does is named."""
    pairs = list(swallows(policy))
    if not pairs or not table.height:
        return table
    heavier = (
        table.filter(pl.col("state").is_in(OWED))
        .select("case", "payer", pl.col("id").alias("by"), pl.col("number").alias("absorbed_by"))
        .join(pl.DataFrame(pairs, schema=["by", "id"], orient="row"), on="by", maintain_order="left")
        .unique(["case", "payer", "id"], keep="first", maintain_order=True)
        .drop("by")
    )
    found = table.join(heavier, on=["case", "payer", "id"], how="left", maintain_order="left")
    gone = pl.col("absorbed_by").is_not_null()
    return found.with_columns(
        pl.when(gone).then(pl.lit("absorbed")).otherwise("state").alias("state"),
        noted(gone, pl.concat_str([pl.lit("absorbed-by:"), "absorbed_by"])),
    ).drop("absorbed_by")


def swallows(policy: Policy) -> Iterator[tuple[str, str]]:
    """Which charge absorbs which; "all" is every other one."""
    every = charges_of(policy)
    for charge in every.values():
        names = every if "all" in charge.absorbs else charge.absorbs
        yield from ((charge.id, name) for name in names if name != charge.id)


def noted(where: pl.Expr, text: pl.Expr) -> pl.Expr:
    """The note with something added where it applies."""
    more = pl.concat_str(["note", text], separator="; ", ignore_nulls=True)
    return pl.when(where).then(more).otherwise("note").alias("note")


# --- caps ---


def capped(policy: Policy, table: pl.DataFrame) -> pl.DataFrame:
    """Amounts cut where their payer has borne the most of a period already, in the order of time."""
    limited = {charge.id: charge.cap.per for charge in charges_of(policy).values() if charge.cap}
    if not limited or not table.height:
        return table
    here = pl.col("cap").is_not_null() & (pl.col("state") == "proposed") & pl.col("payer").is_not_null()
    cuts = room_left(table.with_row_index("row").filter(here), limited)
    cut = pl.DataFrame(cuts, schema={"row": pl.UInt32, "left": table.schema["amount"]}, orient="row")
    found = table.with_row_index("row").join(cut, on="row", how="left", maintain_order="left")
    over = pl.col("left").is_not_null()
    return found.with_columns(
        pl.when(over).then("left").otherwise("amount").alias("amount"),
        pl.when(over).then(pl.lit("capped")).otherwise("state").alias("state"),
        noted(over, pl.concat_str([pl.lit("capped-from:"), pl.col("amount").cast(pl.String)])),
    ).drop("row", "left")


def room_left(table: pl.DataFrame, limited: dict[str, Period]) -> list[tuple[int, Decimal]]:
    """Rows of which only a part fits under the cap, with that part."""
    borne: dict[tuple[str, str, Any], Decimal] = {}
    cut = []
    for row in table.sort("at", "number").iter_rows(named=True):
        key = row["id"], row["payer"], begin_of(row["at"], limited[row["id"]])
        left = max(row["cap"] - borne.get(key, Decimal(0)), Decimal(0))
        taken = min(left, row["amount"])
        borne[key] = borne.get(key, Decimal(0)) + taken
        if taken < row["amount"]:
            cut.append((row["row"], taken))
    return cut


def begin_of(at: Any, per: Period) -> Any:
    """The first day of the calendar period in which an instant lies.

    >>> from datetime import datetime
    >>> begin_of(datetime(2026, 8, 31, 9), Period("half-year")), begin_of(datetime(2026, 8, 31), Period("week"))
    (datetime.date(2026, 7, 1), datetime.date(2026, 8, 31))
    """
    day = at.date()
    if per.calendar == "half-year":
        return day.replace(month=1 if day.month <= 6 else 7, day=1)
    return pl.Series([day]).dt.truncate(EVERY[per.calendar or "month"])[0]
