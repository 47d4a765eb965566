"""Finds a calendar by its name among the bundled ones and the installation's files.

A file of the installation adds a calendar, takes the place of a bundled one, or extends one by a notice.
The format is `calendar_file`'s; docs/calendars.md describes it.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bihuan.engine.calendar import Calendar, build, natural
from bihuan.engine.country import country_notice, weekend_of
from bihuan.engine.errors import CalendarError
from bihuan.engine.midnight import EARLIEST, LATEST
from bihuan.engine.timetable import Declaration, Notice, Week, as_week
from bihuan.files.calendar_file import ALL_DAY, CalendarEntry, parse_file

BUNDLED = Path(__file__).parent.parent / "policies" / "calendars"


@dataclass
class Declared:
    """What the files say, before a calendar is put together with those it builds on."""

    calendars: dict[str, tuple[Path, CalendarEntry]] = field(default_factory=dict)
    notices: dict[str, list[Notice]] = field(default_factory=dict)


def read_calendar(name: str, zone: str = "Asia/Shanghai", files: Sequence[Path | str] = ()) -> Calendar:
    """A calendar by its name. `zone` is that of `natural`; every other calendar declares its own.

    >>> read_calendar("cn").about(20454).name
    '元旦'
    """
    return found_calendar(name, zone, tuple(Path(file) for file in files))


@lru_cache(maxsize=32)
def found_calendar(name: str, zone: str, files: tuple[Path, ...]) -> Calendar:
    if name == "natural":
        return natural(zone)
    return build(declaration(read_files(files), name, ()))


def calendar_names(files: Sequence[Path | str] = ()) -> list[str]:
    return ["natural", *read_files(tuple(Path(file) for file in files)).calendars]


class Calendars(Mapping[str, Calendar]):
    """Calendars by name, each built when it is first asked for."""

    def __init__(self, names: Sequence[str], files: tuple[Path, ...]) -> None:
        self.names = dict.fromkeys(names)
        self.files = files

    def __getitem__(self, name: str) -> Calendar:
        if name not in self.names:
            raise KeyError(name)
        return read_calendar(name, files=self.files)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def read_calendars(files: Sequence[Path | str] = ()) -> Mapping[str, Calendar]:
    """Every calendar that a policy may name, but the natural one. What the files say wrong is said at once."""
    paths = tuple(Path(file) for file in files)
    found = Calendars([name for name in calendar_names(paths) if name != "natural"], paths)
    if paths:
        list(found.values())
    return found


@lru_cache(maxsize=8)
def read_files(files: tuple[Path, ...]) -> Declared:
    declared = Declared()
    for path in sorted(BUNDLED.glob("*.toml")):
        read_file(declared, path, {"natural"})
    taken = {"natural"}
    for path in files:
        read_file(declared, path, taken)
    for name in declared.notices:
        if name not in declared.calendars:
            raise unknown(declared, name)
    return declared


def read_file(declared: Declared, path: Path, taken: set[str]) -> None:
    """Adds one file. `taken` are the names that no file may declare any more."""
    parsed = parse_file(toml(path), path)
    own = parsed.calendar
    if own is not None:
        if own.name in taken:
            raise CalendarError(
                f"calendar {own.name!r} is declared already: give one of them another name", file=str(path)
            )
        taken.add(own.name)
        declared.calendars[own.name] = (path, own)
        declared.notices.pop(own.name, None)  # those of a bundled calendar whose place it takes
    for notice, targets in parsed.notices:
        for target in targets:
            declared.notices.setdefault(target, []).append(notice)


def toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as found:
        raise CalendarError(f"cannot be read: {found.strerror}", file=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as found:
        raise CalendarError(f"is not TOML in UTF-8: {found}", file=str(path)) from None


def unknown(declared: Declared, name: str) -> CalendarError:
    names = ", ".join(sorted(["natural", *declared.calendars]))
    return CalendarError(f"is not known; there are {names}", calendar=name)


def declaration(declared: Declared, name: str, above: tuple[str, ...]) -> Declaration:
    """The calendar together with everything that it builds on."""
    if name in above:
        raise CalendarError(f"calendars build on each other in a circle: {' → '.join((*above, name))}")
    if name not in declared.calendars:
        raise unknown(declared, name)
    path, own = declared.calendars[name]
    base = declaration(declared, own.based_on, (*above, name)) if own.based_on else pattern(own, path)
    own_week = week(own, base.week)
    whole = base._replace(
        name=name,
        title=own.title or name,
        zone=own.zone or base.zone,
        week=own_week,
        first=base.first if own.first is None else own.first,
        last=base.last if own.last is None else own.last,
        confirmed=base.confirmed if own.confirmed is None else own.confirmed,
        make_up=own.make_up or (None if own_week != base.week else base.make_up),
        notices=base.notices + tuple(declared.notices.get(name, ())),
    )
    return with_holidays(own, whole, path) if own.country else whole


def pattern(own: CalendarEntry, path: Path) -> Declaration:
    """What a calendar starts from that builds on no other."""
    if own.zone is None:
        raise CalendarError("[calendar] needs `zone`, an IANA name such as 'Asia/Shanghai'", file=str(path))
    if own.country:
        rest = weekend_of(own.country, own.subdivision)
        start = tuple(() if day in rest else ALL_DAY for day in range(7))
    elif own.week is None:
        raise CalendarError(
            "[calendar] needs `week`, `based_on` or `country`: which days are worked?", file=str(path)
        )
    else:
        start = own.week
    return Declaration(own.name, own.name, own.zone, as_week(start), EARLIEST, LATEST)


def week(own: CalendarEntry, base: Week) -> Week:
    """`week` replaces the pattern; `hours` replaces the hours of the days that are worked."""
    days = own.week or base
    return as_week(tuple(own.hours if day and own.hours else day for day in days))


def with_holidays(own: CalendarEntry, whole: Declaration, path: Path) -> Declaration:
    if own.first is None or own.confirmed is None or own.country is None:
        raise CalendarError(
            "a calendar with `country` needs `first`, and `confirmed`: the day until which you have compared it",
            file=str(path),
        )
    found = country_notice(own.country, own.subdivision, whole.week, own.first, own.confirmed)
    return whole._replace(notices=(found, *whole.notices))
