"""Civil dates as days since 1970-01-01, and months as months since year 0.

Integers only, in the dialect that `clock` describes. The day count is H. Hinnant's, "chrono-compatible low-level
date algorithms".
"""


def weekday(day: int) -> int:
    return (day + 3) % 7


def day_from_civil(year: int, month: int, of_month: int) -> int:
    if month <= 2:
        year -= 1
        month += 12
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month - 3) + 2) // 5 + of_month - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def month_of(day: int) -> int:
    """Months since year 0: year * 12 + month - 1."""
    shifted = day + 719468
    era = shifted // 146097
    of_era = shifted - era * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    return (year + era * 400) * 12 + (5 * of_year + 2) // 153 + 2


def month_begin(month: int) -> int:
    """First day of a month counted as in `month_of`."""
    return day_from_civil(month // 12, month % 12 + 1, 1)


def day_in_month(month: int, of_month: int) -> int:
    """That day of the month, or its last day if it is shorter."""
    day = month_begin(month) + of_month - 1
    last = month_begin(month + 1) - 1
    return last if day > last else day


def add_months(day: int, n: int) -> int:
    month = month_of(day)
    return day_in_month(month + n, day - month_begin(month) + 1)


def months_between(a: int, b: int) -> int:
    """Full months from day a to day b."""
    months = month_of(b) - month_of(a)
    if months > 0 and add_months(a, months) > b:
        return months - 1
    if months < 0 and add_months(a, months) < b:
        return months + 1
    return months
