"""What recurs and what is counted: periods, their beginnings, and tallies within them.

Part of the fold (see `fold` for the dialect).
"""

from bihuan.engine.clock import (
    NEVER,
    NONE,
    add_months,
    counts,
    day_of,
    due_at,
    end_of,
    instant,
    month_begin,
    month_of,
    nth,
    number,
    used_between,
    weekday,
)  # fmt: skip
from bihuan.engine.instance import applies, clock_begins, open_instance, refresh
from bihuan.engine.layout import *
from bihuan.engine.work import Clock, Events, Out, Program, Work


def period_begin(prog: Program, clock: Clock, c: int, period: int, origin: int, k: int) -> int:
    """When the k-th period after the one that contains (rolling: begins at) the instant `origin` begins.

    A rolling period of days or months counts dates: it ends with its last date, and the next begins there.
    """
    record = prog.periods[period]
    n, wall = record[PERIOD_N], record[PERIOD_CLOCK]
    if record[PERIOD_KIND] == BY_SECONDS:
        return origin + n * k
    if record[PERIOD_ROLLING]:
        return rolling_begin(prog, clock, c, period, origin, k)
    day = day_of(clock.tables, c, origin)
    if day == NONE:
        return NEVER
    at = begin_on(clock, c, period_day(prog, clock, c, period, day, k), wall)
    if wall > 0 and begin_on(clock, c, period_day(prog, clock, c, period, day, 0), wall) > origin:
        return begin_on(clock, c, period_day(prog, clock, c, period, day, k - 1), wall)
    return at


def begin_on(clock: Clock, c: int, day: int, wall: int) -> int:
    at = instant(clock.tables, c, day, wall) if day != NONE else NONE
    return NEVER if at == NONE else at


def rolling_begin(prog: Program, clock: Clock, c: int, period: int, origin: int, k: int) -> int:
    record = prog.periods[period]
    if k == 0:
        return origin
    day = day_of(clock.tables, c, origin)
    if day == NONE:
        return NEVER
    if record[PERIOD_KIND] == BY_MONTHS:
        day = add_months(day, record[PERIOD_N] * k)
    else:
        day += record[PERIOD_N] * k
    end = end_of(clock.tables, c, day)
    return NEVER if end == NONE else end + 1


def period_day(prog: Program, clock: Clock, c: int, period: int, day: int, k: int) -> int:
    """First day of the k-th calendar period after the one with `day`; weeks begin on Monday."""
    record = prog.periods[period]
    kind, n = record[PERIOD_KIND], record[PERIOD_N]
    if kind == BY_MONTHS:
        month = month_of(day)
        return month_begin(month - month % n + n * k)
    if kind == BY_DAYS:
        return day - (weekday(day) if n == 7 else 0) + n * k
    return nth(clock.tables, c, number(clock.tables, c, day) + 1 - counts(clock.tables, c, day) + k)


def begin_series(
    prog: Program, clock: Clock, log: Events, work: Work, r: int, period: int, t: int, enter: int
) -> None:
    """A recurring duty begins at `t`; of a subject in a register only periods that lie in its time there are owed."""
    if work.period_at[period] != NEVER or runs(work, r, t):
        return
    c, days = prog.rules[r][CALENDAR], prog.rules[r][DAYS]
    origin, until, k = t, NEVER, 0
    bound = prog.periods[period][PERIOD_FROM]
    if bound >= 0:
        origin = due_at(clock.tables, clock.limits, clock.days, bound, days, c, t, 0, 0)
    time = time_in_register(log, enter, t)
    if time >= 0:
        until = log.times[time + 1]
        while period_begin(prog, clock, c, period, origin, k) < log.times[time]:
            k += 1
    bound = prog.periods[period][PERIOD_UNTIL]
    if bound >= 0:
        until = min(until, due_at(clock.tables, clock.limits, clock.days, bound, days, c, t, 0, 0))
    work.period_until[period] = until
    work.period_origin[period] = origin
    set_period(prog, clock, work, c, period, k)


def time_in_register(log: Events, enter: int, t: int) -> int:
    """The place of the time in the register that lasts at `t` or comes next, else of the last; -1: no register."""
    k = enter - 1
    if k >= 0:
        while log.times[k + 1] < t and log.times[k + 2] != NONE:
            k += 2
    return k


def runs(work: Work, r: int, t: int) -> bool:
    """Whether the last period of a series is open still: a trigger is ignored, as with any rule."""
    x = work.latest[r]
    if x < 0:
        return False
    inst = work.instances[x]
    return inst[I_DONE] == NONE and inst[I_ENDED] == NONE and t <= inst[I_PERIOD_END]


def set_period(prog: Program, clock: Clock, work: Work, c: int, period: int, k: int) -> None:
    """Note when the k-th instance opens: with its period, or after it for a duty that looks back."""
    origin = work.period_origin[period]
    end = period_begin(prog, clock, c, period, origin, k + 1)
    work.period_k[period] = k
    work.period_at[period] = NEVER
    if end != NEVER and end - 1 <= work.period_until[period]:
        looks_back = prog.periods[period][PERIOD_ENDS]
        work.period_at[period] = end if looks_back else period_begin(prog, clock, c, period, origin, k)
    if work.period_at[period] < work.scalars[W_NEXT]:
        work.scalars[W_NEXT] = work.period_at[period]


def open_period(
    prog: Program, clock: Clock, log: Events, work: Work, out: Out, period: int, row: int
) -> None:
    """Open the instance of the period that is next, and set the one after it."""
    r = prog.periodic[period]
    c, k, opens = prog.rules[r][CALENDAR], work.period_k[period], work.period_at[period]
    begin = period_begin(prog, clock, c, period, work.period_origin[period], k)
    end = period_begin(prog, clock, c, period, work.period_origin[period], k + 1) - 1
    set_period(prog, clock, work, c, period, k + 1)
    flags = applies(prog, log, work, prog.rules[r], row, max(opens, log.at[row]))
    if flags < 0:
        return
    seen_from = end if opens > begin else begin
    x = open_instance(prog, clock, log, work, out, r, row, seen_from, -1, flags)
    if x < 0:
        return
    work.latest[r] = x
    inst = work.instances[x]
    inst[I_PERIOD_END] = end
    refresh(clock, work, prog.rules[r], inst)
    if opens > begin:
        inst[I_STARTED] = opens
        inst[I_FIXED] = inst[I_DUE]


def next_period(prog: Program, work: Work, t: int) -> tuple[int, int]:
    """The recurring rule whose next period begins first, if by `t`; else (-1, when it begins)."""
    found, earliest = -1, NEVER
    for k in range(prog.shape[N_PERIODIC]):
        if work.period_at[k] < earliest:
            found, earliest = k, work.period_at[k]
    if earliest > t:
        return -1, earliest
    return found, earliest


def tally_of(prog: Program, work: Work, out: Out, r: int, key: int) -> int:
    """The tally of a count and key, made when it is asked for the first time."""
    for n in range(work.scalars[W_TALLIES]):
        if work.tallies[n][T_RULE] == r and work.tallies[n][T_KEY] == key:
            return n
    n = work.scalars[W_TALLIES]
    if n == len(work.tallies):
        out.used[O_FULL] = 1
        return -1
    work.scalars[W_TALLIES] += 1
    tally = work.tallies[n]
    tally[T_RULE] = r
    tally[T_KEY] = key
    tally[T_COUNT] = 0
    tally[T_PERIOD] = NONE
    tally[T_ONCE] = NONE
    return n


def reaches(prog: Program, clock: Clock, work: Work, r: int, n: int, t: int) -> bool:
    """Count one event at `t`; whether the number is reached. What was counted is then used up."""
    rule = prog.rules[r]
    tally = work.tallies[n]
    c, need = rule[CALENDAR], rule[HITS]
    if rule[ADDS] >= 0:
        add_units(prog, clock, work, r, n, t)
    else:
        remember(prog, clock, work, r, n, t)
    if tally[T_COUNT] < need:
        return False
    tally[T_COUNT] = 0
    if rule[ONCE_PER] >= 0:
        begin = period_begin(prog, clock, c, rule[ONCE_PER], t, 0)
        if tally[T_ONCE] == begin:
            return False
        tally[T_ONCE] = begin
    return True


def remember(prog: Program, clock: Clock, work: Work, r: int, n: int, t: int) -> None:
    """Put `t` into the ring of instants, and let go of those that the window no longer holds."""
    ring, kept = n * prog.shape[N_RING], 0
    for k in range(work.tallies[n][T_COUNT]):
        if in_window(prog, clock, r, work.ring[ring + k], t):
            work.ring[ring + kept] = work.ring[ring + k]
            kept += 1
    work.ring[ring + kept] = t
    work.tallies[n][T_COUNT] = kept + 1


def in_window(prog: Program, clock: Clock, r: int, earlier: int, t: int) -> bool:
    """Whether two instants lie in one period, or in one sliding stretch of the period's length."""
    period, c = prog.rules[r][IN], prog.rules[r][CALENDAR]
    if period < 0:
        return True
    if prog.periods[period][PERIOD_ROLLING]:
        return t < period_begin(prog, clock, c, period, earlier, 1)
    return period_begin(prog, clock, c, period, earlier, 0) == period_begin(prog, clock, c, period, t, 0)


def add_units(prog: Program, clock: Clock, work: Work, r: int, n: int, t: int) -> None:
    rule = prog.rules[r]
    tally = work.tallies[n]
    if rule[IN] >= 0:
        begin = period_begin(prog, clock, rule[CALENDAR], rule[IN], t, 0)
        if tally[T_PERIOD] != begin:
            tally[T_PERIOD] = begin
            tally[T_COUNT] = 0
    amount, unit = spent(prog, clock, work, rule[ADDS], t), clock.limits.n[rule[ADDS]]
    units = amount // unit
    if rule[ADDS_PART] and units * unit < amount:
        units += 1
    tally[T_COUNT] += units


def spent(prog: Program, clock: Clock, work: Work, unit: int, t: int) -> int:
    """The time up to `t` of the instance that has come to something, in the measure of a unit, pauses taken out."""
    if work.scalars[W_ENDED] < 0:
        return 0
    inst = work.instances[work.scalars[W_ENDED]]
    if inst[I_CALENDAR] < 0:
        return 0
    begins = clock_begins(clock, prog.rules[inst[I_RULE]], inst)
    amount = used_between(clock.tables, clock.limits, unit, inst[I_CALENDAR], begins, max(begins, t))
    return 0 if amount == NONE else max(0, amount - inst[I_PAUSED + clock.limits.measure[unit]])


def reset_tally(prog: Program, work: Work, r: int, key: int) -> None:
    for n in range(work.scalars[W_TALLIES]):
        if work.tallies[n][T_RULE] == r and (key < 0 or work.tallies[n][T_KEY] == key):
            work.tallies[n][T_COUNT] = 0
