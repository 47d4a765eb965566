"""When a running instance is due, from scratch after everything that has happened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracle import time
from tests.oracle.conditions import holds
from tests.oracle.patterns import is_named, matches
from tests.oracle.state import Case, Event, Instance, Series
from tests.oracle.time import Days, Spell


@dataclass
class Clock:
    """What is known of an instance's time at one point of its history."""

    start: int
    origin: int
    base: str | int | None  # a limit, an agreed instant, or nothing yet
    anchor: int | None = None  # what it must be done ahead of
    added: int = 0
    unit: str = ""
    spells: list[tuple[int, Spell]] = field(default_factory=list)  # with the pause's place in the rule
    notes: set[str] = field(default_factory=set)


def is_instant(case: Case, name: Any) -> bool:
    return bool(case.policy.get("facts", {}).get(name, {}).get("type") == "instant")


def told(case: Case, source: Any, facts: dict[str, Any]) -> Any:
    """A limit as written, or what the fact of that name says."""
    return facts.get(source) if is_instant(case, source) else source


def begun(case: Case, one: Instance, start: int, origin: int, facts: dict[str, Any]) -> Clock:
    anchor = str(one.rule.get("ahead_of"))
    return Clock(
        start,
        origin,
        told(case, one.rule.get("within"), facts),
        facts.get(anchor) if is_instant(case, anchor) else None,
    )


def clock(case: Case, one: Instance) -> Clock:
    """Start, limit, what was added to it and the pauses, after everything that has happened."""
    facts = case.history[one.opened].known if one.opened >= 0 else {}
    now = begun(case, one, one.start, one.origin, facts)
    waiting: list[list[int]] = [[] for _ in one.rule.get("extensions", [])]
    for n in range(one.opened + 1, len(case.history)):
        event = case.history[n]
        follow(case, one, now, event)
        if not same_key(one, event):
            continue
        pause(case, one, now, event)
        extend(case, one, now, n, waiting)
        if restarts(case, one, n):
            running = [(k, replace(s, begin=event.at)) for k, s in now.spells if s.to is None]
            notes = now.notes | {"restarted"}
            now = begun(case, one, event.at, event.at, event.known)
            now.spells, now.notes = running, notes  # a pause that is still running goes on
    return now


def follow(case: Case, one: Instance, now: Clock, event: Event) -> None:
    """An agreed instant, or the instant of what is planned, may be moved until it is due."""
    if "ahead_of" not in one.rule and not is_instant(case, one.rule.get("within")):
        return
    due = due_of(case, one, now)
    if due is not None and too_late(one, due, event.at):
        return
    anchor = str(one.rule.get("ahead_of"))
    if anchor == event.name and now.anchor is None and same_key(one, event):
        now.anchor = event.at
    if event.home != (case.history[one.opened].home if one.opened >= 0 else None):
        return  # another case's
    if event.outcome or ("per" in one.rule and not says_itself(case, one, event, anchor)):
        return
    moved = told(case, one.rule.get("within"), event.known)
    if is_instant(case, one.rule.get("within")) and moved is not None:
        now.notes |= {"moved"} if now.base not in (None, moved) else set()
        now.base = moved
    if is_instant(case, anchor) and event.known.get(anchor) is not None:
        now.notes |= {"moved"} if now.anchor not in (None, event.known[anchor]) else set()
        now.anchor = event.known[anchor]


def says_itself(case: Case, one: Instance, event: Event, anchor: str) -> bool:
    """Whether an event brings the instant, of this instance's own key: that of another is none of its business."""
    named = [str(name) for name in (one.rule.get("within"), anchor) if is_instant(case, name)]
    brought = [name for name in named if event.data.get(name) is not None]
    return event.data.get(one.rule["per"]) == one.key and bool(brought)


def restarts(case: Case, one: Instance, n: int) -> bool:
    """Endings come before restarts: while the last event is asked what it ends, it has restarted nothing."""
    last = n == len(case.history) - 1 and case.settling
    return not last and "restarted_by" in one.rule and matches(case, one.rule["restarted_by"], n)


def pause(case: Case, one: Instance, now: Clock, event: Event) -> None:
    for n, each in enumerate(one.rule.get("pauses", [])):
        running = [k for k, (m, spell) in enumerate(now.spells) if m == n and spell.to is None]
        if running and is_named(case, each["to"], event):
            now.spells[running[0]] = n, replace(now.spells[running[0]][1], to=event.at)
        elif not running and is_named(case, each["from"], event):
            if not each.get("holds", False) and is_due(case, one, now, event.at):
                continue  # begun when it is due already: an extension afterwards does not bring it back
            begin = Spell(event.at, None, each.get("both_days", False), each.get("holds", False))
            now.spells = [*now.spells, (n, begin)]


def is_due(case: Case, one: Instance, now: Clock, at: int) -> bool:
    due = due_of(case, one, now)
    return due is not None and at >= due


def extend(case: Case, one: Instance, now: Clock, n: int, waiting: list[list[int]]) -> None:
    """Grant every extension that this event completes in time."""
    due = due_of(case, one, now) if waiting else None
    for extension, seen in zip(one.rule.get("extensions", []), waiting, strict=True):
        seen.append(n)
        if granted(case, one, extension, seen, due):
            seen.clear()
            lengthen(case, now, extension, case.history[n])


def granted(case: Case, one: Instance, extension: dict[str, Any], seen: list[int], due: int | None) -> bool:
    wanted = [extension["by"], *extension.get("needs", [])]
    if not any(matches(case, part, seen[-1]) for part in wanted):
        return False
    if not all(any(matches(case, part, n) for n in seen) for part in wanted):
        return False
    event = case.history[seen[-1]]
    if holds(event.known, extension.get("when", {})) is not True:
        return False
    if "to" in extension and told(case, extension["to"], event.known) is None:
        return False
    return not extension.get("in_time", True) or due is None or not too_late(one, due, event.at)


def lengthen(case: Case, now: Clock, extension: dict[str, Any], event: Event) -> None:
    now.notes.add("extended")
    if "to" in extension:
        now.base = told(case, extension["to"], event.known)
        return
    wanted = time.limit(extension["add"])
    now.unit, now.added = wanted.unit, now.added + wanted.amount
    if "at_most" in extension:
        now.added = min(now.added, time.limit(extension["at_most"]).amount)


def same_key(one: Instance | Series, event: Event) -> bool:
    return "per" not in one.rule or event.data.get(one.rule["per"]) in (None, one.key)


def is_unset(one: Instance) -> bool:
    return one.kind == "obligation" and not {"within", "every", "ahead_of"} & one.rule.keys()


def awaits(case: Case, one: Instance, now: Clock) -> bool:
    """Whether what it is to be done by, or ahead of, is not known."""
    if now.base is not None or now.anchor is not None:
        return False
    return is_instant(case, one.rule.get("within")) or ("ahead_of" in one.rule and one.over != "done")


def clock_of(case: Case, one: Instance) -> Clock:
    """The clock of a running instance, or as it stood when the instance was over."""
    return one.stopped if one.over and one.stopped else clock(case, one)


# --- due


def due(case: Case, one: Instance) -> int | None:
    return one.frozen if one.over else due_of(case, one, clock(case, one))


def settled_due(case: Case, one: Instance, how: str, at: int) -> int | None:
    """What stands when an instance is over: what ends it ends a pause too; what voids it does not."""
    now = clock(case, one)
    if how == "void":
        now.spells = [each for each in now.spells if each[1].to is not None]
    now.spells = [(n, replace(spell, to=spell.to or at)) for n, spell in now.spells]
    return due_of(case, one, now)


def due_of(case: Case, one: Instance, now: Clock) -> int | None:
    """The earlier of the limit and of what it must be done ahead of."""
    found = [end for end in (limited(case, one, now), ahead(case, one, now)) if end is not None]
    return min(found, default=None)


def limited(case: Case, one: Instance, now: Clock) -> int | None:
    if isinstance(now.base, int):
        return time.held(now.base, [spell for _, spell in now.spells if spell.holds])
    if now.base is None:
        if not one.period or "within" in one.rule:
            return None
        return time.held(one.period[1], [spell for _, spell in now.spells if spell.holds])
    want = time.longer(time.limit(now.base), f"{now.added} {now.unit}" if now.added else None)
    return time.due(case.world, want, days(case, one), now.origin, [spell for _, spell in now.spells])


def ahead(case: Case, one: Instance, now: Clock) -> int | None:
    if now.anchor is None or "lead" not in one.rule:
        return now.anchor
    return time.back_from(case.world, time.limit(one.rule["lead"]), days(case, one), now.anchor)


def days(case: Case, one: Instance) -> Days:
    return days_of(case, one.rule)


def days_of(case: Case, rule: dict[str, Any]) -> Days:
    merged = {**case.policy["policy"].get("days", {}), **rule.get("days", {})}
    rolls = merged.get("rolls", "no") != "no"
    return Days(merged.get("first", False), rolls, merged.get("ends", "24:00"), merged.get("outside", {}))


def warned(case: Case, one: Instance, start: int) -> int | None:
    """The target is only a reminder: neither pauses nor extensions move it."""
    if "target" not in one.rule:
        return None
    origin = one.origin if start == one.start else start
    return time.due(case.world, time.limit(one.rule["target"]), days(case, one), origin, [])


def opens_at(case: Case, one: Instance) -> int | None:
    """From when on it may be done: hours to the second, days from the first second of the date."""
    if "not_before" not in one.rule:
        return None
    want = time.limit(one.rule["not_before"])
    found = time.due(
        case.world, want, replace(days(case, one), ends="24:00", rolls=False), clock(case, one).origin, []
    )
    exact = want.unit.endswith(("second", "minute", "hour")) or want.clock is not None
    return found if exact or found is None else case.world.at(case.world.day(found), 0)


def too_late(one: Instance, due: int, at: int) -> bool:
    return at >= due if one.rule.get("strict") else at > due


def is_late(case: Case, one: Instance, at: int) -> bool:
    end = due(case, one)
    return one.missed or (end is not None and too_late(one, end, at))


def has_lapsed(case: Case, one: Instance, at: int) -> bool:
    return one.kind == "window" and is_late(case, one, at)
