"""The cut of a month: collected, confirmed, approved, settled; what comes after the cut goes to the next one.

Each step is done once and in this order, and never before the month is over. A charge that is taken back after its
month was settled is an entry of the next month that is collected.
"""

import calendar
import re
from collections.abc import Iterable
from datetime import date, datetime

from bihuan.engine.life import LIFE, Claim, Decision, Row, Story, decide
from bihuan.engine.site import Site
from bihuan.engine.vocabulary import MONTH_STEPS as STEPS

LABELS = {
    "fixed": "定额",
    "confirmed": "确认",
    "rejected": "驳回",
    "appealed": "申诉",
    "upheld": "维持",
    "reversed": "冲销",
    "collected": "汇总",
    "approved": "批准",
    "settled": "结算",
}
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
SAID = ("number", "case", "id", "article", "unit", "payer", "payee", "measure")


def told(site: Site | None, claims: Iterable[Claim], decisions: Iterable[Decision]) -> Story:
    """Every charge after every decision, in the order of time; those of one instant in the order of the log."""
    story = Story({claim.row["number"]: claim for claim in claims}, site)
    for decision in sorted(decisions, key=lambda each: each.at):
        claim = story.claims.get(decision.of)
        if MONTH.fullmatch(decision.of):
            why = cut(story, decision)
        elif claim is None:
            why = "no-such-charge"
        else:
            why = decide(story, claim, decision)
        if why:
            story.refused.append(refusal(decision, why, claim))
    return story


def refusal(decision: Decision, why: str, claim: Claim | None) -> Row:
    return {
        "line": decision.line,
        "of": decision.of,
        "event": decision.event,
        "at": decision.at,
        "actor": decision.actor,
        "article": claim.row["article"] if claim else None,
        "refused": why,
    }


def cut(story: Story, decision: Decision) -> str | None:
    """Do one step of a month, or say why it cannot be done."""
    month, step = decision.of, decision.event
    done = story.cuts.get(month, {})
    if step not in STEPS:
        return "no-such-event"
    if decision.at.date() <= last_day(month):
        return "month-not-over"
    if step in done:
        return "closed-twice"
    if step != STEPS[len(done)]:
        return "not-at-this-stage"
    if step == "collected" and any(later > month for later in story.cuts):
        return "later-month-collected"
    earlier = (done for other, done in story.cuts.items() if other < month)
    if step == "settled" and any(step not in done for done in earlier):
        return "earlier-month-open"  # else settling that one later would change what this one deducted
    story.cuts.setdefault(month, {})[step] = decision.at
    if step == "collected":
        collect(story, month, decision.at)
    elif step == "confirmed":
        confirm(story, month, decision.at)
    return None


def collect(story: Story, month: str, when: datetime) -> None:
    """What is ready at the cut belongs to the month, and what was taken back of months that are settled."""
    end = last_day(month)
    for claim in story.claims.values():
        ready = claim.ready is not None and claim.ready <= when and claim.row["at"].date() <= end
        if claim.stands and claim.cycle is None and ready:
            claim.cycle = month
    taken = {id(claim) for _, claim in story.reversals}
    back = [c for c in story.claims.values() if c.stage == "reversed" and c.cycle and id(c) not in taken]
    story.reversals += [(month, claim) for claim in back]


def confirm(story: Story, month: str, when: datetime) -> None:
    """Confirming a month confirms what it collected and nobody had confirmed before."""
    for claim in story.claims.values():
        if claim.cycle == month and claim.stage in LIFE["confirmed"][0]:
            claim.stage, claim.confirmed_at = "confirmed", when


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    """The last day of a month.

    >>> last_day("2028-02")
    datetime.date(2028, 2, 29)
    """
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def statement(story: Story, month: str) -> list[Row]:
    """What one month's settlement consists of: its charges, and what is taken back of earlier ones."""
    own = [(claim, claim.row["amount"]) for claim in story.claims.values() if claim.cycle == month]
    back = [(claim, -claim.row["amount"]) for when, claim in story.reversals if when == month]
    return [{**{name: claim.row[name] for name in SAID}, "amount": amount} for claim, amount in (*own, *back)]
