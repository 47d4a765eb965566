"""Which of a program's tests a log touches: what depends on nothing that the log says is answered once for a plan.

A test depends on names: facts, what those are looked up from, events by `<event>_at`. Who holds a role, and what a
register or a dated parameter says, depends on the actor or the day of a row: such tests are always asked.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from bihuan.engine.draft import Ask, Layout
from bihuan.engine.facts import Optional
from bihuan.engine.prepared import Prepared, names_in, needs_of


class Touching(NamedTuple):
    """Tests by number: those that any log touches, those touched by saying a name, and at which events steps ask them."""

    always: frozenset[int]
    by_name: dict[str, set[int]]
    asked_at: dict[int, set[str | None]]

    def by(self, said: Iterable[str], happened: Iterable[str]) -> list[int]:
        """What to ask of a log that says such facts and has such events; a step's tests only where its event is."""
        events = {*happened, None}
        touched = {*self.always, *(n for name in (*said, *events) for n in self.by_name.get(name or "", ()))}
        return [n for n in touched if not events.isdisjoint(self.asked_at[n])]


def touching(layout: Layout, prepared: Prepared) -> Touching:
    always = frozenset(n for n, ask in enumerate(layout.tests) if varies(layout, prepared, ask))
    found = Touching(always, {}, layout.asked_at)
    for n, ask in enumerate(layout.tests):
        for name in every_name(prepared, names_of(layout, ask)):
            found.by_name.setdefault(name, set()).add(n)
    return found


def varies(layout: Layout, prepared: Prepared, ask: Ask) -> bool:
    """Whether rows that say nothing are answered differently."""
    if ask.what == "both":
        return any(varies(layout, prepared, layout.tests[n]) for n in ask.of)
    if ask.what not in ("when", "where", "carries"):
        return True
    return any(by_day(prepared, name) for name in every_name(prepared, names_of(layout, ask)))


def by_day(prepared: Prepared, name: str) -> bool:
    fact = prepared.policy.facts.get(name)
    if fact is not None:
        return fact.of is not None
    return any(since is not None for since, _ in prepared.values(name))


def names_of(layout: Layout, ask: Ask) -> set[str]:
    """What a test itself is about."""
    match ask.what:
        case "when" | "where":
            return names_in(ask.of)
        case "carries":
            return {ask.of.fact if isinstance(ask.of, Optional) else ask.of}
        case "both":
            return {name for n in ask.of for name in names_of(layout, layout.tests[n])}
    return set()


def asked_about(layout: Layout, prepared: Prepared) -> frozenset[str]:
    """Every name that the answers to a program's asks may depend on."""
    asked = {name for ask in layout.tests for name in names_of(layout, ask)}
    asked |= {ask.of for ask in layout.values if isinstance(ask.of, str)} | set(prepared.policy.facts)
    return frozenset(every_name(prepared, asked))


def every_name(prepared: Prepared, names: set[str]) -> set[str]:
    """Names with all that their values are made of; an event by its own name too."""
    found: set[str] = set()
    waiting: list[Any] = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found |= {name, name.removesuffix("_at")}
            fact = prepared.policy.facts.get(name)
            waiting += needs_of(fact) if fact else ()
    return found
