"""Steps as records, and what must be remembered of a case to judge them."""

from typing import Any

from bihuan.engine.draft import Draft
from bihuan.engine.errors import PolicyError
from bihuan.engine.facts import Optional
from bihuan.engine.listening import Mark, Node, all_parts, events_of, quorum, since_events
from bihuan.engine.pattern import Pattern
from bihuan.engine.rules import Step


def marks_of(draft: Draft, steps: list[tuple[Step, str]], rules: list[Node]) -> list[Mark]:
    """What must be remembered: gates of steps, events that earn a role, what `since` counts from."""
    for step, _ in steps:
        for pattern in step.needs:
            for part in all_parts(pattern):
                draft.mark(part.any)
        for role in (*step.by, *step.not_by, *step.distinct):
            draft.earned(role)
    for node in rules:
        for event in events_of(node):
            draft.mark(since_events(event))
            draft.mark(quorum(event))
    return list(draft.marks.values())


def write_steps(draft: Draft, steps: list[tuple[Step, str]]) -> None:
    """Steps by event; a step of several events is written for each of them."""
    out = draft.out.columns
    out["step_from"], out["steps"], out["step_items"] = [], [], []
    for name in [*draft.out.events]:
        out["step_from"].append(len(out["steps"]))
        draft.at_event = name
        for step, article in steps:
            if name in step.event:
                out["steps"].append(step_record(draft, step))
                draft.out.steps.append((step, article))
    draft.at_event = None
    out["step_from"] += [len(out["steps"])] * 2  # the start of a case is none


def step_record(draft: Draft, step: Step) -> list[int]:
    runs = [
        [(actor_item(draft, role), role) for role in step.by],
        [(actor_item(draft, role, "self"), role) for role in step.not_by],
        [(person_item(draft, role), role) for role in step.distinct],
        [item for pattern in step.needs for part in all_parts(pattern) for item in need(draft, part)],
        [(n, name) for name in step.settled if (n := draft.by_name.get(name)) is not None],
        [item for entry in draft.policy.asked(step) for item in asked_entry(draft, entry)],
    ]
    begins = [items(draft, run) for run in runs]
    mask = sum({1 << state(draft, name) for name in step.from_})
    return [
        draft.test("when", step.when),
        mask,
        state(draft, step.to) if step.to else -1,
        draft.tracks.setdefault(step.track or "", len(draft.tracks)),
        draft.test("when", step.requires) if not draft.prepared.missing(step.requires) else -1,
        draft.by_name.get(step.inside or "", -1),
        int(step.refused),
        *begins,
        len(draft.out.columns["step_items"]),
    ]


def items(draft: Draft, run: list[tuple[int, Any]]) -> int:
    begin = len(draft.out.columns["step_items"])
    draft.out.columns["step_items"] += [n for n, _ in run]
    draft.out.step_items += [what for _, what in run]
    return begin


def state(draft: Draft, name: str) -> int:
    if name not in draft.out.states:
        draft.out.states.append(name)
    if len(draft.out.states) > 62:
        raise PolicyError(
            f"more than 62 states, at {name!r}: divide the policy by tracks", file=draft.policy.path
        )
    return draft.out.states.index(name)


def actor_item(draft: Draft, role: str, ask: str = "role") -> int:
    events = draft.earned(role)
    return -2 - draft.numbers[id(draft.marks[repr(events)])] if events else draft.test(ask, role)


def person_item(draft: Draft, role: str) -> int:
    events = draft.earned(role)
    return -2 - draft.numbers[id(draft.marks[repr(events)])] if events else draft.value("person", role)


def need(draft: Draft, part: Pattern) -> list[tuple[int, Any]]:
    since = next((m for e in part.any if (m := draft.marks.get(repr(since_events(e))))), None)
    persons = max(event.at_least for event in part.any)
    mark = draft.numbers[id(draft.marks[repr(part.any)])]
    return [(mark, part), (draft.numbers[id(since)] if since else -1, part), (persons, part)]


def asked_entry(draft: Draft, entry: Any) -> list[tuple[int, Any]]:
    of = Optional(entry.fact) if entry.optional else entry.fact
    return [(draft.test("carries", of), entry.fact), (draft.test("when", entry.when), entry.fact)]
