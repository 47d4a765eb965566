"""The public holidays of a country as a notice, out of the package `holidays`.

China is not taken from here: beyond the last published notice the package answers with the statutory days alone.
"""

from datetime import date, timedelta
from typing import Any

from bihuan.engine.errors import CalendarError
from bihuan.engine.midnight import iso
from bihuan.engine.timetable import Notice, Week


def country_notice(country: str, subdivision: str | None, week: Week, first: int, confirmed: int) -> Notice:
    """Holidays and make-up workdays from the first to the confirmed day."""
    if country.upper() == "CN":
        raise CalendarError("country 'CN': use the calendar 'cn', which knows the yearly notices")
    found = country_holidays(country, subdivision, range(year_of(first), year_of(confirmed) + 1))
    off, work = [], []
    for day in range(first, confirmed + 1):
        on = date(1970, 1, 1) + timedelta(day)
        if on in found:
            off.append((found[on], day, day))
        elif on in found.weekend_workdays and not week[on.weekday()]:
            work.append(("substitute workday", day, day))
    return Notice(
        f"holidays {package_version()}: {country}", confirms=confirmed, off=tuple(off), work=tuple(work)
    )


def country_holidays(country: str, subdivision: str | None, years: range) -> Any:
    # Imported when wanted: it takes a third of a second, and most installations never ask.
    import holidays

    try:
        return holidays.country_holidays(country, subdiv=subdivision, years=years)
    except NotImplementedError as found:
        raise CalendarError(f"country {country!r}, subdivision {subdivision!r}: {found}") from None


def weekend_of(country: str, subdivision: str | None) -> frozenset[int]:
    return frozenset(country_holidays(country, subdivision, range(2020, 2021)).weekend)


def package_version() -> str:
    from importlib.metadata import version

    return version("holidays")


def year_of(day: int) -> int:
    return date.fromisoformat(iso(day)).year
