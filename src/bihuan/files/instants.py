"""Instants out of columns: text, native dates, serial numbers; to the second, in UTC.

A time without a zone is read in the zone given; a date without a time is a whole day, its instant the day's
beginning. An hour that the clock skips or repeats is decided as Python decides it (fold=0) and counted.
Month and day are never guessed apart: formats that begin with either must be declared. Knows no log.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bihuan.engine.errors import LogError
from bihuan.files.tables import same

DAY = 86_400
MICRO = 1_000_000
EXCEL = pl.date(1899, 12, 30)
NUMBERS = {"unix": 1, "unix ms": 1_000, "unix us": MICRO}

AMBIGUOUS = "times that the clock showed twice, read as the first"
SKIPPED = "times that the clock skipped, read with the offset before"
MIDNIGHTS = "columns of midnights in a sheet, read as dates"

#: Understood without a declaration: year, month, day.
ZONED = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
)
TIMES = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日 %H时%M分",
    "%Y/%m/%d %p %I:%M:%S",
    "%Y/%m/%d %p %I:%M",
    "%Y-%m-%d %p %I:%M:%S",
    "%Y-%m-%d %p %I:%M",
)
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
COMPACT = "%Y%m%d"
HOURS = ("%H", "%I", "%T", "%R", "%X", "%c", "%s", "%+")


@dataclass(frozen=True)
class Instants:
    """`at` is null where a cell is empty (`empty`) or could not be read."""

    at: pl.Series
    whole_day: pl.Series
    empty: pl.Series
    notes: Counter[str]


@dataclass(frozen=True)
class Clock:
    """How a column is to be read: its declared formats (none: those understood anyway) and its zone."""

    zone: str | None
    formats: tuple[str, ...] = ()
    whole_days: bool = False
    sheet: bool = False  # of a spreadsheet: a column of nothing but midnights is one of dates


def instants(values: pl.Series, clock: Clock) -> Instants:
    """The column's instants."""
    empty = values.is_null() if values.null_count() else same(False, len(values))
    if values.dtype == pl.Date:
        return _whole(values, empty, clock)
    if isinstance(values.dtype, pl.Datetime):
        return _native(values, empty, clock)
    if values.dtype.is_numeric():
        return _numbers(values, empty, clock)
    return _text(values.cast(pl.String), clock)


def _whole(dates: pl.Series, empty: pl.Series, clock: Clock) -> Instants:
    at, _ = _in_zone(dates.cast(pl.Datetime("us")), clock.zone)
    return _bounded(Instants(at, dates.is_not_null(), empty, Counter()))


def _native(values: pl.Series, empty: pl.Series, clock: Clock) -> Instants:
    zoned = isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None
    if clock.whole_days:
        local = values.dt.convert_time_zone(_needed(clock.zone)) if zoned else values
        return _whole(local.dt.date(), empty, clock)
    at, notes = (_seconds(values), Counter[str]()) if zoned else _in_zone(values, clock.zone)
    return _bounded(Instants(at, same(False, len(values)), empty, notes))


def _numbers(values: pl.Series, empty: pl.Series, clock: Clock) -> Instants:
    form = next((name for name in clock.formats if name in NUMBERS or name == "excel"), None)
    if form is None:
        raise LogError(
            f"column {values.name!r} holds numbers like {values.drop_nulls().first()!r}; "
            'say in the mapping what they are: datetime = "unix", "unix ms" or "excel"'
        )
    if form == "excel":
        return _serial(values.cast(pl.Float64), empty, clock)
    at = (
        (values.cast(pl.Float64) / NUMBERS[form]).floor()
        if values.dtype.is_float()
        else values // NUMBERS[form]
    )
    return _bounded(Instants(at.cast(pl.Int64), same(False, len(values)), empty, Counter()))


def _serial(values: pl.Series, empty: pl.Series, clock: Clock) -> Instants:
    """Days since 1899-12-30; a whole number is a date."""
    seconds = (values * DAY).round().cast(pl.Int64, strict=False)
    local = pl.select(EXCEL.cast(pl.Datetime("us")) + pl.duration(seconds=pl.lit(seconds))).to_series()
    at, notes = _in_zone(local, clock.zone)
    whole = (seconds % DAY == 0).fill_null(False)
    return _bounded(Instants(at, whole, empty, notes))


def _text(raw: pl.Series, clock: Clock) -> Instants:
    values = raw.str.strip_chars().replace("", None)
    empty = values.is_null()
    if any(form in NUMBERS or form == "excel" for form in clock.formats):
        return _numbers(values.cast(pl.Float64, strict=False), empty, clock)
    at = _nothing(values)
    whole = same(False, len(values))
    notes: Counter[str] = Counter()
    for form in _likely(values, clock.formats or (*TIMES, *ZONED, *DATES, COMPACT)):
        open_ = at.is_null() & ~empty
        if not open_.any():
            break
        found, dated, counted = _found(values, open_, form, clock)
        at, whole, notes = at.fill_null(found), whole | dated, notes + counted
    at, whole = _closing(values, at, whole, empty, clock)
    if clock.sheet and _all_midnights(values, clock) and not whole.any():
        whole, notes = ~empty, notes + Counter([MIDNIGHTS])
    return _bounded(Instants(at, whole, empty, notes))


def _likely(values: pl.Series, formats: Sequence[str]) -> list[str]:
    """The formats, those first that fit a sample."""
    known = values.drop_nulls()
    sample = known.gather_every(max(1, len(known) // 200)).head(200)
    hits = {form: parsed(sample, form).count() for form in formats}
    return sorted(formats, key=lambda form: -hits[form])


def _found(
    values: pl.Series, wanted: pl.Series, form: str, clock: Clock
) -> tuple[pl.Series, pl.Series, Counter[str]]:
    """Instants of the wanted cells that fit the format, on the length of the column."""
    everything = wanted.all()
    local = parsed(values if everything else values.filter(wanted), form)
    dated = not any(part in form for part in HOURS)
    if not local.count():
        return _nothing(values), same(False, len(values)), Counter()
    if "z" in form:
        at, notes = _seconds(local), Counter[str]()
    else:
        at, notes = _in_zone(local.dt.truncate("1d") if clock.whole_days else local, clock.zone)
    at = at if everything else _scatter(at, wanted)
    whole = at.is_not_null() if dated or clock.whole_days else same(False, len(values))
    return at, whole, Counter() if dated else notes


def _nothing(values: pl.Series) -> pl.Series:
    return pl.repeat(None, len(values), dtype=pl.Int64, eager=True)


def _scatter(part: pl.Series, wanted: pl.Series) -> pl.Series:
    place = pl.select(pl.when(wanted).then(wanted.cum_sum() - 1)).to_series()
    return part.gather(place)


def parsed(values: pl.Series, form: str) -> pl.Series:
    """Wall-clock time of the cells that fit the format; of formats with an offset, in UTC."""
    if form == COMPACT:
        values = pl.select(pl.when(values.str.contains(r"^\d{8}$")).then(values)).to_series()
    if "%p" in form:
        values = values.str.replace("上午", "AM").str.replace("下午", "PM")
    if any(part in form for part in HOURS):
        return values.str.to_datetime(form, strict=False, time_unit="us")
    return values.str.to_date(form, strict=False).cast(pl.Datetime("us"))


def _closing(
    values: pl.Series, at: pl.Series, whole: pl.Series, empty: pl.Series, clock: Clock
) -> tuple[pl.Series, pl.Series]:
    """24:00 is the last second of its day, as everywhere in Bihuan."""
    late = at.is_null() & ~empty & values.str.contains(r"[T\s日]24:00(:00)?$").fill_null(False)
    if not late.any():
        return at, whole
    ends = values.filter(late).str.replace(r"24:00(:00)?$", "23:59:59")
    found = instants(ends, Clock(clock.zone))
    return at.fill_null(_scatter(found.at, late)), whole


def _all_midnights(values: pl.Series, clock: Clock) -> bool:
    known = values.drop_nulls()
    return len(known) > 0 and bool(known.str.ends_with(" 00:00:00").all())


def _bounded(found: Instants) -> Instants:
    """Years that no log has (0001, 9999) are no instants."""
    low, high = -2_208_988_800, 7_258_118_400  # 1900, 2200
    first, last = found.at.min(), found.at.max()
    if not found.at.null_count() and (first is None or (low <= first and last <= high)):  # type: ignore[operator]
        return found
    at = pl.select(pl.when(found.at.is_between(low, high)).then(found.at)).to_series()
    return Instants(at, (found.whole_day & at.is_not_null()).fill_null(False), found.empty, found.notes)


def _seconds(values: pl.Series) -> pl.Series:
    unit = values.dtype.time_unit if isinstance(values.dtype, pl.Datetime) else "us"
    divisor = {"ms": 1_000, "us": MICRO, "ns": 1_000_000_000}[unit or "us"]
    ticks = values.cast(pl.Int64)
    return ticks // divisor if ticks.null_count() else pl.Series(ticks.name, ticks.to_numpy() // divisor)


def _in_zone(local: pl.Series, zone: str | None) -> tuple[pl.Series, Counter[str]]:
    name = _needed(zone)
    try:
        first = local.dt.replace_time_zone(name, ambiguous="earliest", non_existent="null")
    except pl.exceptions.ComputeError:
        raise LogError(f"there is no time zone {name!r}; write for example Asia/Shanghai") from None
    skipped = first.is_null() & local.is_not_null()
    latest = local.dt.replace_time_zone(name, ambiguous="latest", non_existent="null")
    notes = Counter({AMBIGUOUS: int((first != latest).sum()), SKIPPED: int(skipped.sum())})
    at = _seconds(first)
    if skipped.any():
        # The day before has the offset that held before the gap.
        before = local.dt.offset_by("-1d").dt.replace_time_zone(
            name, ambiguous="earliest", non_existent="null"
        )
        at = at.fill_null(_seconds(before) + DAY)
    return at, +notes


def _needed(zone: str | None) -> str:
    if zone is None:
        raise LogError(
            'times stand there without a zone; give the mapping one, for example zone = "Asia/Shanghai"'
        )
    return zone


def shaped_like_a_date(value: str) -> bool:
    digits = [
        part for part in value.replace("/", "-").replace(".", "-").replace("年", "-").split("-") if part
    ]
    return len(digits) >= 3 and digits[0].isdigit() and len(digits[0]) == 4


def as_fact(found: Instants, zone: str | None) -> pl.Series:
    """As values of a fact: dates, instants, or, where a column has both, text."""
    moments = pl.from_epoch(found.at, "s").dt.replace_time_zone("UTC")
    if not found.whole_day.any():
        return moments
    days = moments.dt.convert_time_zone(zone or "UTC").dt.date()
    if (found.whole_day | found.at.is_null()).all():
        return days
    text = (
        pl.when(found.whole_day)
        .then(days.dt.to_string("iso"))
        .otherwise(moments.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    )
    return pl.select(text).to_series()
