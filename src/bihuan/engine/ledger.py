"""A ledger: what a party owes, what each month's pay bore of it, and what is carried on, first in first out.

Entries are only ever added: a reversal is an entry, and what was deducted for it is given back by another. Balances
are sums of entries, so a ledger can be rebuilt from them. It knows neither policies nor how charges came about.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

NOTHING = Decimal(0)
SIGNS = {"charged": 1, "refunded": 1, "reversed": -1, "deducted": -1, "dropped": -1}  # on what is owed
MOST_MONTHS = 1200  # a ledger that runs for a century was asked for by mistake

Keep = Callable[[date], Decimal | None]


@dataclass(frozen=True)
class Debt:
    """A charge that can be deducted from the pay of a month on; `reversed_in` is the month that took it back."""

    number: str
    party: str
    since: date
    order: Any  # which of a month's charges is first
    amount: Decimal
    reversed_in: date | None = None


@dataclass(frozen=True)
class Entry:
    """One line of a ledger; `balance` is what the party owes after it."""

    party: str
    month: date
    kind: str
    number: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Booked:
    """The entries of a ledger, and the months in which somebody owed but no pay is known."""

    entries: list[Entry]
    unpaid: list[tuple[str, date, Decimal]]

    @property
    def carried(self) -> dict[str, Decimal]:
        """What each party still owes."""
        return {party: sum(debts.values(), NOTHING) for party, debts in rebuilt(self.entries).items()}


def booked(
    debts: Iterable[Debt],
    pay: Mapping[tuple[str, date], Decimal] | None,
    until: date,
    *,
    carry: bool,
    keep: Keep,
    closed: Collection[date] | None = None,
) -> Booked:
    """The ledgers of all parties up to the month of `until`; the order in which debts are told does not matter.

    Without `pay` nothing is deducted: the ledger only says what is owed. `closed` are the months that have a ledger.
    """
    by_party: dict[str, list[Debt]] = defaultdict(list)
    for debt in debts:
        by_party[debt.party].append(debt)
    found = Booked([], [])
    for party in sorted(by_party):
        account = Account(party, found)
        ordered = sorted(by_party[party], key=lambda debt: (debt.since, debt.order, debt.number))
        for month in months(ordered[0].since, until):
            if closed is not None and month not in closed:
                continue
            account.open(month, ordered)
            if pay is not None:
                account.deduct(month, pay.get((party, month)), keep(month))
                if not carry:
                    account.drop(month)
    return found


class Account:
    """What one party owes, by charge in their order."""

    def __init__(self, party: str, found: Booked) -> None:
        self.party, self.found = party, found
        self.owed: dict[str, Decimal] = {}
        self.balance = NOTHING
        self.taken: dict[str, Decimal] = defaultdict(Decimal)

    def add(self, month: date, kind: str, number: str, amount: Decimal) -> None:
        if amount:
            self.owed[number] = self.owed.get(number, NOTHING) + SIGNS[kind] * amount
            self.balance += SIGNS[kind] * amount
            self.found.entries.append(Entry(self.party, month, kind, number, amount, self.balance))

    def open(self, month: date, debts: Sequence[Debt]) -> None:
        """What becomes deductible this month, and what is taken back, with what had been deducted for it."""
        for debt in debts:
            if debt.since == month:
                self.add(month, "charged", debt.number, debt.amount)
        for debt in debts:
            if debt.reversed_in is not None and max(debt.reversed_in, debt.since) == month:
                self.add(month, "refunded", debt.number, self.taken[debt.number])
                self.add(month, "reversed", debt.number, self.owed[debt.number])

    def deduct(self, month: date, pay: Decimal | None, keep: Decimal | None) -> None:
        """Take from the pay what may be taken, the oldest charge first."""
        if not self.balance:
            return
        if pay is None or keep is None:
            self.found.unpaid.append((self.party, month, self.balance))
            return
        left = max(pay - keep, NOTHING)
        for number, owed in list(self.owed.items()):
            part = min(owed, left)
            left -= part
            self.taken[number] += part
            self.add(month, "deducted", number, part)

    def drop(self, month: date) -> None:
        """Where nothing is carried on, what the month did not bear is owed no more."""
        for number, owed in list(self.owed.items()):
            self.add(month, "dropped", number, owed)


def rebuilt(entries: Iterable[Entry]) -> dict[str, dict[str, Decimal]]:
    """What each party owes for each charge, out of the entries alone."""
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for entry in entries:
        found[entry.party][entry.number] += SIGNS[entry.kind] * entry.amount
    return {party: dict(debts) for party, debts in found.items()}


def left_of(
    pay: Mapping[tuple[str, date], Decimal], entries: Iterable[Entry]
) -> dict[tuple[str, date], Decimal]:
    """What a ledger leaves of everybody's pay to the next one that deducts from it."""
    left = dict(pay)
    for entry in entries:
        if entry.kind == "deducted":
            left[entry.party, entry.month] -= entry.amount
    return left


def months(first: date, last: date) -> Iterable[date]:
    """The first days of the months from one to another.

    >>> [str(month) for month in months(date(2026, 11, 1), date(2027, 1, 31))]
    ['2026-11-01', '2026-12-01', '2027-01-01']
    """
    month = first.replace(day=1)
    for _ in range(MOST_MONTHS):
        if month > last:
            return
        yield month
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
