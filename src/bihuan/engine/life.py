"""What persons decide about charges: proposed, fixed, confirmed, appealed, reversed.

Decisions are events of a log of their own, told in their order and never edited: who was wrong decides again. A
decision that the regulation does not allow changes nothing and is listed with its reason. The cut of a month is in
`months`, what is deducted in `ledger`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import polars as pl

from bihuan.engine.amounts import NOTHING, Range, Terms
from bihuan.engine.claims import begin_of, charges_of
from bihuan.engine.policy import Policy
from bihuan.engine.pricing import rounding, terms_of
from bihuan.engine.rules import Cap, Charge
from bihuan.engine.site import Site

#: What may happen to a charge, at which stages, and to which stage it leads.
LIFE: dict[str, tuple[tuple[str, ...], str]] = {
    "fixed": (("proposed",), "fixed"),
    "confirmed": (("proposed", "fixed"), "confirmed"),
    "rejected": (("proposed", "fixed"), "rejected"),
    "appealed": (("confirmed",), "appealed"),
    "upheld": (("appealed",), "confirmed"),
    "reversed": (("confirmed", "appealed"), "reversed"),
}
WITH_REASON = frozenset(("fixed", "rejected", "appealed", "reversed"))
GONE = ("rejected", "reversed")
STANDING = ("proposed", "capped")  # states in which an amount stands
ABSORBED = "absorbed-by:"  # begins the note of a charge that another one swallowed
Row = dict[str, Any]
Spell = tuple[str, date | None, date | None]


@dataclass(frozen=True)
class Decision:
    """One event about a charge (by its number) or a month."""

    of: str
    event: str
    at: datetime
    actor: str | None = None
    amount: str | None = None
    step: str | None = None
    reason: str | None = None
    line: int | None = None


@dataclass
class Claim:
    """A charge on its way; `row` is what was proposed, with the amount that stands."""

    row: Row
    charge: Charge
    policy: Policy
    stage: str = "proposed"
    ready: datetime | None = None  # since when there is an amount that can be collected
    cycle: str | None = None  # the month that collected it
    confirmed_at: datetime | None = None
    reversed_at: datetime | None = None
    reason: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it comes to an amount that nothing took away."""
        known = self.row["amount"] is not None and self.row["state"] in STANDING
        return known and self.stage not in GONE


@dataclass
class Story:
    """All charges and months, as far as told."""

    claims: dict[str, Claim]
    site: Site | None = None
    cuts: dict[str, dict[str, datetime]] = field(default_factory=dict)  # by month, when which step was done
    reversals: list[tuple[str, Claim]] = field(
        default_factory=list
    )  # the month whose statement takes it back
    refused: list[Row] = field(default_factory=list)

    @cached_property
    def absorbed(self) -> dict[str, list[Claim]]:
        """By the number of a charge, those that it swallowed when they were proposed."""
        found: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.claims.values():
            for note in (claim.row["note"] or "").split("; "):
                if note.startswith(ABSORBED):
                    found[note.removeprefix(ABSORBED)].append(claim)
        return found

    @cached_property
    def under_one_cap(self) -> dict[tuple[Any, ...], list[Claim]]:
        """The charges that share a cap: one rule, one payer, one period."""
        found: dict[tuple[Any, ...], list[Claim]] = defaultdict(list)
        for claim in self.claims.values():
            if claim.charge.cap is not None:
                found[cap_of(claim, claim.charge.cap)].append(claim)
        return found

    @cached_property
    def offices(self) -> dict[str, list[Spell]]:
        """By person, the roles that the site knows, each with its days."""
        return spells(self.site.people, "person", "role") if self.site else {}

    @cached_property
    def principals(self) -> dict[str, list[Spell]]:
        """By deputy, for whom he stands in, each with its days."""
        return spells(self.site.deputies, "deputy", "person") if self.site else {}


def spells(table: pl.DataFrame, by: str, of: str) -> dict[str, list[Spell]]:
    found: dict[str, list[Spell]] = defaultdict(list)
    for name, *spell in table.select(by, of, "since", "until").iter_rows():
        found[name].append((spell[0], spell[1], spell[2]))
    return found


def cap_of(claim: Claim, cap: Cap) -> tuple[Any, ...]:
    return claim.row["id"], claim.row["payer"], begin_of(claim.row["at"], cap.per)


def claims_of(policy: Policy, rows: Iterable[Row]) -> Iterator[Claim]:
    """Charges as proposed under one edition."""
    charges = charges_of(policy)
    for row in rows:
        yield Claim(row, charges[row["id"]], policy, ready=row["at"] if row["amount"] is not None else None)


def decide(story: Story, claim: Claim, decision: Decision) -> str | None:
    """Let the decision have its effect, or say why it has none."""
    if decision.event not in LIFE:
        return "no-such-event"
    stages, to = LIFE[decision.event]
    if claim.stage not in stages:
        return "not-at-this-stage"
    if decision.event in WITH_REASON and not decision.reason:
        return "no-reason"
    role = claim.charge.decided_by if decision.event == "fixed" else claim.charge.approved_by
    if decision.event != "appealed" and not may(story, claim.policy, role, decision):
        return "not-entitled"
    if why := effect(story, claim, decision):
        return why
    claim.stage = to
    return None


def effect(story: Story, claim: Claim, decision: Decision) -> str | None:
    """What else than its stage a decision changes."""
    match decision.event:
        case "fixed":
            return fix(story, claim, decision)
        case "confirmed":
            if not claim.stands and not is_sanction(claim.row):
                return "nothing-to-confirm"
            claim.confirmed_at = decision.at
        case "rejected" | "reversed":
            take_back(story, claim, decision)
    return None


def is_sanction(row: Row) -> bool:
    """A sanction without an amount."""
    return row["state"] == "proposed" and row["sanction"] is not None


def take_back(story: Story, claim: Claim, decision: Decision) -> None:
    """A charge falls away: at once where its month is not settled, else by an entry in the next month."""
    claim.reason, claim.reversed_at = decision.reason, decision.at
    if claim.cycle and "settled" not in story.cuts[claim.cycle]:
        claim.cycle = None
    free(story, claim, decision.at)


def fix(story: Story, claim: Claim, decision: Decision) -> str | None:
    """A person sets the rate, and the step where that is a range too, inside what the text allows."""
    row, unit = claim.row, rounding(claim.policy)
    if row["state"] not in ("range", "external"):
        return "nothing-to-fix"
    terms = terms_of(row, unit) if row["state"] == "range" else Terms(Range(NOTHING, None), unit=unit)
    rate = chosen(decision.amount, terms.rate)
    step = chosen(decision.step, terms.step)
    if rate is None or step is None:
        return "not-an-amount"
    if not terms.rate.holds(rate) or (terms.steps and not terms.step.holds(step)):
        return "outside-range"
    whole = terms.amount(rate, step)
    amount = under_cap(story, claim, whole)
    claim.row = {**row, "amount": amount, "state": "proposed", "how": terms.how(rate, step)}
    if amount < whole:
        note = "; ".join(filter(None, [row["note"], f"capped-from:{whole}"]))
        claim.row |= {"state": "capped", "note": note}
    claim.ready, claim.reason = decision.at, decision.reason
    return None


def chosen(text: str | None, allowed: Range) -> Decimal | None:
    """What a person chose; what the text fixes need not be said. Nothing where it is no amount."""
    if not text:
        return allowed.low if allowed.fixed else None
    try:
        found = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def under_cap(story: Story, claim: Claim, amount: Decimal) -> Decimal:
    """What of an amount fits beside what its payer bears in the period already."""
    row, cap = claim.row, claim.charge.cap
    if cap is None or row["cap"] is None:
        return amount
    others = (each for each in story.under_one_cap[cap_of(claim, cap)] if each is not claim and each.stands)
    borne = sum((other.row["amount"] for other in others), NOTHING)
    left: Decimal = max(row["cap"] - borne, NOTHING)
    return min(amount, left)


def free(story: Story, claim: Claim, when: datetime) -> None:
    """What a charge had absorbed is proposed again once it is taken back."""
    mark = f"{ABSORBED}{claim.row['number']}"
    for other in story.absorbed.get(claim.row["number"], ()):
        notes = (other.row["note"] or "").split("; ")
        if mark in notes:
            left = "; ".join(note for note in notes if note != mark) or None
            other.row = {**other.row, "note": left, "state": state_again(other.row)}
            other.ready = when if other.row["amount"] is not None else None


def state_again(row: Row) -> str:
    """The state a charge had before it was absorbed."""
    if row["amount"] is not None:
        return "proposed"
    note = row["note"] or ""
    if row["low"] is not None:
        return "range"
    return "unset" if "missing:" in note else "external" if "document:" in note else "proposed"


def may(story: Story, policy: Policy, role: str | None, decision: Decision) -> bool:
    """Whether the actor holds the role on that day; of a stranger nobody can say that he does not."""
    if role is None or decision.actor is None or decision.actor not in story.offices:
        return True
    declared = policy.roles.get(role)
    offices = (role, *(declared.deputies if declared else ()))
    day = decision.at.date()
    persons = (
        decision.actor,
        *(who for who, *spell in story.principals.get(decision.actor, ()) if on(day, *spell)),
    )
    held = (each for person in persons for each in story.offices.get(person, ()))
    return any(office in offices and on(day, *spell) for office, *spell in held)


def on(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)


def decisions_of(events: Iterable[Mapping[str, Any]]) -> list[Decision]:
    """The events of a log of decisions."""
    texts = ("actor", "amount", "step", "reason")
    return [
        Decision(
            str(row["case"]).strip(),
            str(row["event"]),
            row["at"],
            line=row.get("line"),
            **{name: None if row.get(name) in (None, "") else str(row[name]) for name in texts},
        )
        for row in events
    ]
