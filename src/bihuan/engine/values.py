"""How one recorded value is read as a fact: "重大" as a choice, "是" as a flag, "2026-09-30 15:10" as an instant.

A reader turns what the log has into a number and a state; what does not fit is UNKNOWN and never raised, because
one bad cell must not stop a replay. It knows neither rows nor cases; docs/semantics.md#values-as-read says what fits.
"""

import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from bihuan.engine.clock import DAY, NONE, day_from_civil
from bihuan.engine.finding import Wrong
from bihuan.engine.limit import parse_limit
from bihuan.engine.limit_wording import limit_written
from bihuan.engine.localtime import LocalTime

# States of a value. Above zero it is known: WHOLE is an instant of which only the day is known,
# OTHER a value that an open list does not name. LACKING wants a parameter or a document that is not there.
LACKING, UNKNOWN, ABSENT, KNOWN, WHOLE, OTHER = -2, -1, 0, 1, 2, 3

MONEY_SCALE = 10_000  # facts may carry hundredths of a cent; amounts are rounded last
FLAGS = {"true": 1, "yes": 1, "是": 1, "1": 1, "false": 0, "no": 0, "否": 0, "0": 0}

Number = int | float
Read = tuple[Number, int]
CODE_TYPES = frozenset(("choice", "flag", "text", "person", "unit", "calendar", "file", "case", "limit"))

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_DAY = r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})"
_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
_INSTANT = re.compile(rf"{_DAY}(?:[T ]{_CLOCK} ?(Z|[+-]\d{{2}}:?\d{{2}})?)?")
_TIME = re.compile(_CLOCK)
_SEPARATORS = re.compile("[\x1f;|,、;,]")
_NOTHING: Read = (-1, ABSENT)
_UNFIT: Read = (-1, UNKNOWN)


class Labels:
    """Values that are not numbers, as codes in the order they were met."""

    __slots__ = ("codes", "labels")

    def __init__(self, labels: Iterable[Hashable] = ()) -> None:
        self.labels: list[Any] = list(labels)
        self.codes: dict[Any, int] = {label: code for code, label in enumerate(self.labels)}

    def __len__(self) -> int:
        return len(self.labels)

    def code(self, label: Hashable) -> int:
        """The code of a label, a new one if need be."""
        code = self.codes.setdefault(label, len(self.labels))
        if code == len(self.labels):
            self.labels.append(label)
        return code


class Choices(NamedTuple):
    """A choice fact's values: the choices in declared order, then the branches above them."""

    keys: tuple[str, ...]
    spellings: Mapping[str, int]  # keys, and labels where only one choice has that label
    stands: Mapping[str, frozenset[str]]  # for a choice itself, for a branch all choices below it
    expected: str


class Reader(NamedTuple):
    """How values of one fact are read, and the labels of their codes."""

    type: str
    read: Callable[[Any], Read]
    labels: Labels | None
    expected: str
    range: tuple[float, float] | None = None
    many: bool = False
    closed: bool = False  # no other labels than those declared


def plain(raw: Any) -> str:
    """A recorded value as text: whole floats as integers, flags in lower case, lists joined.

    >>> plain(5.0), plain(True), plain(" 重大 ")
    ('5', 'true', '重大')
    """
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return "" if math.isnan(raw) else str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, list | tuple | set | frozenset):
        return "\x1f".join(plain(each) for each in raw if each is not None)
    return str(raw)


def read_choice(choices: Choices, labels: Labels, is_open: bool) -> Callable[[Any], Read]:
    known = choices.spellings

    def read(raw: Any) -> Read:
        text = plain(raw)
        code = known.get(text)
        if code is not None:
            return code, KNOWN
        if not text:
            return _NOTHING
        return (labels.code(text), OTHER) if is_open else _UNFIT

    return read


def read_label(labels: Labels) -> Callable[[Any], Read]:
    def read(raw: Any) -> Read:
        text = plain(raw)
        return (labels.code(text), KNOWN) if text else _NOTHING

    return read


def read_flag(raw: Any) -> Read:
    text = plain(raw)
    code = FLAGS.get(text) if text in FLAGS else FLAGS.get(text.lower())
    if code is None:
        return _UNFIT if text else _NOTHING
    return code, KNOWN


def read_set(one: Callable[[Any], Read], members: Labels, labels: Labels) -> Callable[[Any], Read]:
    """A set of values; one that does not fit makes the whole set unknown."""

    def read(raw: Any) -> Read:
        parts = [one(part) for part in _SEPARATORS.split(plain(raw))]
        states = {state for _, state in parts} - {ABSENT}
        if not states or UNKNOWN in states:
            return _UNFIT if states else _NOTHING
        found = frozenset(members.labels[int(code)] for code, state in parts if state != ABSENT)
        return labels.code(found), OTHER if OTHER in states else KNOWN

    return read


def read_number(within: tuple[float, float] | None) -> Callable[[Any], Read]:
    def read(raw: Any) -> Read:
        text = plain(raw)
        if not text:
            return _NOTHING
        if isinstance(raw, bool) or not _NUMBER.fullmatch(text):
            return _UNFIT
        value = float(text)
        fits = math.isfinite(value) and (within is None or within[0] <= value <= within[1])
        return (value, KNOWN) if fits else _UNFIT

    return read


def read_money(within: tuple[float, float] | None) -> Callable[[Any], Read]:
    def read(raw: Any) -> Read:
        text = plain(raw)
        if not text:
            return _NOTHING
        scaled = None if isinstance(raw, bool) else money(text)
        if scaled is None or (within and not within[0] * MONEY_SCALE <= scaled <= within[1] * MONEY_SCALE):
            return _UNFIT
        return scaled, KNOWN

    return read


def money(text: str) -> int | None:
    """An amount in ten-thousandths of the currency, None if it is no such number.

    >>> money("1234.5"), money("0.00001")
    (12345000, None)
    """
    try:
        scaled = Decimal(text) * MONEY_SCALE if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None
    fits = scaled is not None and scaled == scaled.to_integral_value() and abs(scaled) < 2**62
    return int(scaled) if fits and scaled is not None else None


def read_clock(raw: Any) -> Read:
    if isinstance(raw, time):
        return raw.hour * 3600 + raw.minute * 60 + raw.second, KNOWN
    text = plain(raw)
    match = _TIME.fullmatch(text)
    second = seconds(*match.groups()) if match else None
    if second is None:
        return _UNFIT if text else _NOTHING
    return second, KNOWN


def seconds(hour: str, minute: str, second: str | None) -> int | None:
    """The second of the day; 24:00 is its last one, as in limits."""
    h, m, s = int(hour), int(minute), int(second or 0)
    if (h, m, s) == (24, 0, 0):
        return DAY - 1
    return h * 3600 + m * 60 + s if h < 24 and m < 60 and s < 60 else None


def read_day(local: LocalTime) -> Callable[[Any], Read]:
    """A date; of an instant with a zone, the local date."""

    def read(raw: Any) -> Read:
        parts = moment(raw)
        if parts is None:
            return _UNFIT if plain(raw) else _NOTHING
        day, wall, offset = parts
        if offset is None:
            return day, KNOWN
        day = local.day_at(day * DAY + (wall or 0) - offset)
        return (day, KNOWN) if day != NONE else _UNFIT

    return read


def read_instant(local: LocalTime) -> Callable[[Any], Read]:
    """An instant; without a zone in the policy's zone, without a time that day as a whole."""

    def read(raw: Any) -> Read:
        parts = moment(raw)
        if parts is None:
            return _UNFIT if plain(raw) else _NOTHING
        day, wall, offset = parts
        if offset is not None:
            return day * DAY + (wall or 0) - offset, KNOWN
        at = local.second(day, wall or 0)
        return (at, WHOLE if wall is None else KNOWN) if at != NONE else _UNFIT

    return read


def moment(raw: Any) -> tuple[int, int | None, int | None] | None:
    """Day, second of the day if there is a time, seconds east of UTC if there is a zone; None if it is no date.

    >>> moment("2026-09-30 24:00")
    (20726, 86399, None)
    """
    if isinstance(raw, date):
        return _from_datetime(raw)
    match = _INSTANT.fullmatch(plain(raw))
    if not match:
        return None
    year, _, month, of_month, hour, minute, second, zone = match.groups()
    try:
        day = day_number(date(int(year), int(month), int(of_month)))
    except ValueError:
        return None
    if hour is None:
        return day, None, None
    wall = seconds(hour, minute, second)
    return None if wall is None else (day, wall, _offset(zone))


def day_number(day: date) -> int:
    return day_from_civil(day.year, day.month, day.day)


def _from_datetime(raw: date) -> tuple[int, int | None, int | None]:
    if not isinstance(raw, datetime):
        return day_number(raw), None, None
    if raw.tzinfo is not None:
        raw = raw.astimezone(UTC)
    wall = raw.hour * 3600 + raw.minute * 60 + raw.second
    return day_number(raw), wall, None if raw.tzinfo is None else 0


def _offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    east = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -east if zone[0] == "-" else east


def read_limit(labels: Labels) -> Callable[[Any], Read]:
    def read(raw: Any) -> Read:
        text = plain(raw)
        try:
            return (labels.code(parse_limit(limit_written(text) or text)), KNOWN) if text else _NOTHING
        except Wrong:
            return _UNFIT

    return read
