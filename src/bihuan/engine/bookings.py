"""Which charges a policy's ledgers can take: confirmed, with a payer, and begun by the event that the text names.

What a ledger cannot take is listed with its reason. Deducting itself is `ledger`'s business.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from bihuan.engine.declared import Ledger
from bihuan.engine.ledger import Booked, Debt, booked, left_of
from bihuan.engine.life import Claim, Story
from bihuan.engine.months import first_day
from bihuan.engine.replay import Judgement
from bihuan.engine.site import Site
from bihuan.engine.vocabulary import MONTH_STEPS

CENTS = pl.Decimal(38, 2)
PARTY: dict[str, Any] = {"ledger": pl.String, "party": pl.String}
ENTRIES = PARTY | {
    "month": pl.Date,
    "kind": pl.String,
    "number": pl.String,
    "amount": CENTS,
    "balance": CENTS,
}
BALANCE = ("charged", "reversed", "deducted", "refunded", "dropped", "carried")
BALANCES = PARTY | dict.fromkeys(BALANCE, CENTS)
UNBOOKED = PARTY | {"number": pl.String, "month": pl.Date, "amount": CENTS, "note": pl.String}


@dataclass(frozen=True)
class Ledgers:
    """The ledgers of a policy: their entries as booked, what each party owes, and what could not be booked."""

    entries: pl.DataFrame
    balances: pl.DataFrame
    unbooked: pl.DataFrame


def ledgers(parts: Sequence[Judgement], story: Story, site: Site | None, until: date) -> Ledgers:
    """Every ledger of the policy up to a month, as its newest edition keeps them.

    Ledgers that deduct from the same pay do so in the order of the file, each from what those before have left.
    """
    newest = parts[-1]
    pays = dict.fromkeys(each.deducts_from for each in newest.plan.prepared.policy.ledgers.values())
    pays = {source: None if source is None else pay_of(site) for source in pays}
    back = {id(claim): month for month, claim in story.reversals}
    entries: list[dict[str, Any]] = []
    balances: list[dict[str, Any]] = []
    unbooked: list[dict[str, Any]] = []
    for name, ledger in newest.plan.prepared.policy.ledgers.items():
        mine = [each for each in story.claims.values() if each.row["ledger"] == name]
        begun = {case: at for part in parts for case, at in starting(part, ledger.starts).items()}
        sinces = [(claim, since_of(story, claim, ledger, begun)) for claim in mine]
        debts = [
            debt_of(claim, since, ledger, back.get(id(claim)))
            for claim, since in sinces
            if not unready(claim, since, ledger)
        ]
        pay, keep = pays[ledger.deducts_from], kept(newest, ledger.keep)
        found = booked(debts, pay, until, carry=ledger.carry, keep=keep, closed=closed(story, ledger))
        if pay is not None:
            pays[ledger.deducts_from] = left_of(pay, found.entries)
        entries += [{"ledger": name, **vars(entry)} for entry in found.entries]
        balances += [{"ledger": name, **row} for row in balance_rows(found)]
        left = [*waiting(sinces, ledger), *without_pay(found)]
        unbooked += [{"ledger": name, **row} for row in left]
    return Ledgers(
        pl.DataFrame(entries, schema=ENTRIES),
        pl.DataFrame(balances, schema=BALANCES),
        pl.DataFrame(unbooked, schema=UNBOOKED),
    )


def balance_rows(found: Booked) -> list[dict[str, Any]]:
    """For each party: charged + refunded = deducted + reversed + dropped + carried."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in found.entries:
        row = rows.setdefault(entry.party, {"party": entry.party, **dict.fromkeys(BALANCE, Decimal(0))})
        row[entry.kind] += entry.amount
    for party, left in found.carried.items():
        rows[party]["carried"] = left
    return list(rows.values())


def debt_of(claim: Claim, since: datetime | None, ledger: Ledger, taken_back: str | None) -> Debt:
    assert since is not None  # `unready` says so
    row, back = claim.row, claim.reversed_at and claim.reversed_at.date().replace(day=1)
    month = since.date().replace(day=1)
    if ledger.month == "cycle":
        month, back = first_day(claim.cycle or ""), first_day(taken_back) if taken_back else None
    return Debt(row["number"], row["payer"], month, row["at"], row["amount"], back)


def closed(story: Story, ledger: Ledger) -> list[date] | None:
    """The months of which the pay can bear something; None where every month's can."""
    if ledger.month == "start":
        return None
    step = ledger.starts if ledger.starts in MONTH_STEPS else MONTH_STEPS[0]
    return [first_day(month) for month, done in story.cuts.items() if step in done]


def waiting(sinces: list[tuple[Claim, datetime | None]], ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Charges that belong into the ledger and cannot be booked yet."""
    for claim, since in sinces:
        why = unready(claim, since, ledger)
        if why and claim.stage != "rejected" and claim.row["state"] != "absorbed":
            row = claim.row
            yield {"number": row["number"], "party": row["payer"], "amount": row["amount"], "note": why}


def without_pay(found: Booked) -> Iterator[dict[str, Any]]:
    """Months in which somebody owed but of which no pay is known."""
    for party, month, owing in found.unpaid:
        yield {"party": party, "month": month, "amount": owing, "note": "no-pay-known"}


def unready(claim: Claim, since: datetime | None, ledger: Ledger) -> str:
    """Why a charge cannot be deducted; empty where it can."""
    if claim.row["amount"] is None or claim.row["state"] not in ("proposed", "capped"):
        return "no-amount"
    if claim.row["payer"] is None:
        return "payer-not-known"
    if claim.confirmed_at is None:
        return "not-confirmed"
    if ledger.month == "cycle" and claim.cycle is None:
        return f"waits-for:{MONTH_STEPS[0]}"
    return f"waits-for:{ledger.starts}" if since is None else ""


def since_of(
    story: Story, claim: Claim, ledger: Ledger, begun: Mapping[str, list[datetime]]
) -> datetime | None:
    """When a charge became deductible: confirmed, and its month or its case has had the event that starts it."""
    if claim.confirmed_at is None:
        return None
    starts, steps = ledger.starts, story.cuts.get(claim.cycle or "", {})
    decided = claim.confirmed_at if starts == "confirmed" else steps.get(starts)
    own = [at for at in begun.get(claim.row["case"], []) if at >= claim.row["at"]]
    known = [at for at in (decided, *own) if at is not None]
    return max(min(known), claim.confirmed_at) if known else None


def starting(judgement: Judgement, event: str) -> dict[str, list[datetime]]:
    """By case, when the event happened that lets a charge be deducted."""
    rows, zone = judgement.facts.rows, ZoneInfo(judgement.plan.prepared.policy.header.zone)
    if event not in rows.names:
        return {}
    happened = (rows.event == rows.names.index(event)) & (rows.at <= judgement.as_of)
    found: dict[str, list[datetime]] = {}
    for row in np.flatnonzero(happened).tolist():
        case = str(rows.cases[int(judgement.facts.grid.case[row])])
        found.setdefault(case, []).append(datetime.fromtimestamp(int(rows.at[row]), zone))
    return found


def pay_of(site: Site | None) -> dict[tuple[str, date], Decimal]:
    if site is None:
        return {}
    return {(party, month.replace(day=1)): amount for party, month, amount in site.pay.iter_rows()}


def kept(judgement: Judgement, keep: Any) -> Callable[[date], Decimal | None]:
    """What must be left of a month's pay: nothing, a figure, or what a parameter says on the first of the month."""
    parameters, name = judgement.plan.prepared.parameters, getattr(keep, "name", None)

    def of(month: date) -> Decimal | None:
        value = parameters[name].on(month) if isinstance(name, str) and name in parameters else keep
        return Decimal(0) if keep is None else None if value is None else Decimal(str(value))

    return of
