"""What an event asks for, as JSON Schema out of the regulation: types, choices, bounds, labels.

Whether a value holds is the engine's to say; this helps a program to ask for it. Knows no case.
"""

from collections.abc import Iterable
from typing import Any

from bihuan.desk.asked import asked
from bihuan.desk.office import policy_of
from bihuan.engine.declared import Fact
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Step

FORMATS = {"date": "date", "instant": "date-time", "clock": "time"}
TYPES = {"flag": "boolean", "number": "number", "money": "number"}


def schema_of(edition: str, event: str) -> dict[str, Any]:
    """The facts that an event must carry, and those that rules look at in it."""
    policy, one = policy_of(edition), asked(edition).get(event)
    asks = one.asks if one else ()
    names = [name for name in (*asks, *(one.tested if one else ())) if typed(policy, name)]
    return {
        "type": "object",
        "properties": {name: fact_schema(policy.facts[name]) for name in names},
        "required": required(policy, event, names),
    }


def typed(policy: Policy, name: str) -> bool:
    """Whether somebody can type it: a looked-up fact follows, a file is an attachment."""
    fact = policy.facts.get(name)
    return fact is not None and not fact.looked_up and fact.type != "file" and fact.of is None


def required(policy: Policy, event: str, names: Iterable[str]) -> list[str]:
    """What every step about the event asks for, whatever the case is like."""
    entries = [
        entry
        for _article, _kind, step in policy.rules()
        if isinstance(step, Step) and event in step.event and step.when is None
        for entry in policy.asked(step)
    ]
    needed = {entry.fact for entry in entries if not entry.optional and entry.when is None}
    return [name for name in names if name in needed]


def fact_schema(fact: Fact) -> dict[str, Any]:
    one = value_schema(fact)
    found = {"type": "array", "items": one, "uniqueItems": True} if fact.many else one
    told = {
        "title": fact.label,
        "x-unit": fact.unit,
        "x-decided-by": fact.decided_by,
        "x-personal": fact.personal,
    }
    return found | {name: value for name, value in told.items() if value}


def value_schema(fact: Fact) -> dict[str, Any]:
    if fact.leaves:
        choices = [{"const": name, "title": label} for name, label in fact.leaves.items()]
        return {"type": "string"} | ({"examples": list(fact.leaves)} if fact.open else {"oneOf": choices})
    found: dict[str, Any] = {"type": TYPES.get(fact.type, "string")}
    if fact.type in FORMATS:
        found["format"] = FORMATS[fact.type]
    if fact.range is not None:
        found |= {"minimum": float(fact.range[0]), "maximum": float(fact.range[1])}
    return found
