"""On which side of a bound a value lies: the sign of `left - (right + amount)` for columns of one or two types.

Months go by the calendar, two instants by elapsed time, and by dates as soon as one of them is only a date
(docs/semantics.md#distances). It knows columns and amounts, no conditions.
"""

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bihuan.engine.clock import DAY
from bihuan.engine.coded import Array, Column
from bihuan.engine.errors import PolicyError
from bihuan.engine.limit import Limit
from bihuan.engine.localtime import LocalTime, months_after
from bihuan.engine.values import MONEY_SCALE, WHOLE

Signs = NDArray[np.int8]
SECONDS_IN = {"second": 1, "minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
MONTHS_IN = {"month": 1, "year": 12}
TIMES = frozenset(("date", "instant"))


def sign(a: Array, b: Any) -> Signs:
    found: Signs = (a > b).astype(np.int8) - (a < b)
    return found


def signs(left: Column, right: Column, amount: Any, local: LocalTime) -> Signs:
    """Above zero where left is above right and the amount (a number or a limit, None for nothing)."""
    if left.type in TIMES and right.type in TIMES:
        return _times(left, right, amount, local)
    a, b = _numbers(left, right)
    if amount is None:
        return sign(a, b)
    if isinstance(amount, Limit):
        return sign(a, b + elapsed(amount))
    return sign(a, b + amount) if a.dtype != np.float64 else _exact(a, b, amount)


def _numbers(left: Column, right: Column) -> tuple[Array, Array]:
    """Both in the same unit; money is counted in ten-thousandths."""
    a, b = left.values, right.values
    if left.type == "money" and right.type == "number":
        b = np.rint(b * MONEY_SCALE)
    if right.type == "money" and left.type == "number":
        a = np.rint(a * MONEY_SCALE)
    return a, b


def _exact(a: Array, b: Array, amount: float) -> Signs:
    """Differences as a person writes them: 0.3 - 0.1 is not below 0.2, whatever binary fractions say."""
    found = sign(a - b, amount)
    a, b = np.broadcast_arrays(a, b)
    for at in np.flatnonzero(np.isclose(a - b, amount, rtol=1e-12, atol=1e-9)):
        difference = _decimal(a[at]) - _decimal(b[at]) - _decimal(amount)
        found[at] = (difference > 0) - (difference < 0)
    return found


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _times(left: Column, right: Column, amount: Any, local: LocalTime) -> Signs:
    if left.type == "date" or right.type == "date":
        return _by_days(left, right, amount, local)
    found = _by_seconds(left.values, right.values, amount, local)
    whole = (left.state == WHOLE) | (right.state == WHOLE)
    if not whole.any():
        return found
    return np.where(whole, _by_days(left, right, amount, local), found)


def _by_seconds(a: Array, b: Array, amount: Any, local: LocalTime) -> Signs:
    months = months_in(amount)
    if not months:
        return sign(a, b + elapsed(amount))
    return sign(a, local.instant(months_after(local.day(b), months), local.wall(b)))


def _by_days(left: Column, right: Column, amount: Any, local: LocalTime) -> Signs:
    a, b = _days(left, local), _days(right, local)
    months = months_in(amount)
    if months:
        return sign(a, months_after(b, months))
    return sign((a - b) * DAY, elapsed(amount))


def _days(column: Column, local: LocalTime) -> Array:
    return column.values if column.type == "date" else local.day(column.values)


def months_in(amount: Any) -> int:
    if isinstance(amount, Limit) and amount.amount and amount.unit in MONTHS_IN:
        return amount.amount * MONTHS_IN[amount.unit]
    return 0


def elapsed(amount: Any) -> int:
    """Seconds of an amount of elapsed time."""
    if amount is None:
        return 0
    if isinstance(amount, Limit) and amount.amount and amount.unit in SECONDS_IN and amount.clock is None:
        return amount.amount * SECONDS_IN[amount.unit]
    raise PolicyError(
        f"a distance of {str(amount)!r} cannot be compared: expected seconds to years, neither working time nor a "
        "day; write the amount in elapsed units"
    )
