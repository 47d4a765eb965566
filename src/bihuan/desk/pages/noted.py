"""What the desk wrote into the record of a case, in words: due times that moved, corrections, files, merges, handovers.

What a regulation's event carries stands in the regulation; here is what only the desk knows of it. Knows no page.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bihuan.desk import clock
from bihuan.desk.access import as_list
from bihuan.desk.models import Event
from bihuan.desk.office import policy_of
from bihuan.desk.pages.drawn import instant
from bihuan.desk.pages.labels import is_of_desk
from bihuan.desk.queries import Whole
from bihuan.desk.tables import fetch, marks
from bihuan.engine.merging import FROM
from bihuan.engine.policy import Policy
from bihuan.i18n import _
from bihuan.spoken import edition

Line = tuple[str, str]


def label_of(seen: Whole, event: Event) -> str:
    """What an event is called: by the regulation, or by the desk."""
    return seen.policy.event_labels.get(event.event) or own().get(event.event, event.event)


def own() -> dict[str, str]:
    return {
        "attached": _("a file was attached"),
        "due_moved": _("due times moved"),
        "edition_moved": _("moved to another edition"),
        "merged_from": _("another case was merged into this one"),
        "handed_over": _("handed over"),
        "drawn": _("drawn"),
        "noted": _("noted"),
        "calls_declined": _("the customer wants no calls"),
        "calls_allowed": _("the customer may be called again"),
    }


def names_in(seen: Whole) -> dict[str, str]:
    """Everybody in the case by their code."""
    codes = people_in(seen.policy, seen.events)
    return dict(fetch(f"SELECT code, name FROM desk_person WHERE code IN ({marks(codes)})", *codes))


def people_in(policy: Policy, events: Sequence[Event]) -> set[str]:
    """Codes of everybody who acted or is named."""
    facts = [name for name, fact in policy.facts.items() if is_of_desk(fact)]
    found = {event.actor for event in events}
    for event in events:
        brings = event.brings
        found |= {one for name in facts if name in brings for one in as_list(brings[name])}
        if event.event == "handed_over":
            found |= {(event.meta or {}).get(side) for side in ("from", "to")}
    return {code for code in found if code and isinstance(code, str)}


def noted(seen: Whole, event: Event, names: Mapping[str, str]) -> Iterator[Line]:
    """What stands in the record beside the facts, as label and text."""
    meta = event.meta or {}
    if told := TOLD.get(event.event):
        yield from told(seen, event, meta)
    if event.event == "handed_over":
        yield _("Person"), " → ".join(names.get(meta[side], meta[side]) for side in ("from", "to"))
    if other := (event.facts or {}).get(FROM):
        yield _("One call for several cases"), _("made for case {number}").format(number=other)
    if reason := meta.get("reason"):
        yield _("Reason"), seen.veil.text(reason)


def moved(seen: Whole, event: Event, meta: Mapping[str, Any]) -> Iterator[Line]:
    what, about = (*str(meta.get("why", "")).split(" ", 1), "")[:2]
    kinds = {"notice": _("Calendar notice"), "parameter": _("Parameter")}
    if what in kinds:
        yield kinds[what], about
    for one in meta.get("moved", ()):
        before, after = (at_of(one.get(side)) for side in ("before", "after"))
        yield f"{seen.policy.says(one['rule'])} {one['article']}", f"{before} → {after}"


def at_of(seconds: int | None) -> str:
    return "—" if seconds is None else instant(clock.instant(seconds))


def corrected(seen: Whole, event: Event, meta: Mapping[str, Any]) -> Iterator[Line]:
    facts = event.facts or {}
    old = next((one for one in seen.events if str(one.seq) == str(facts.get("corrects"))), None)
    if old is None:
        return
    yield _("Which"), f"{label_of(seen, old)} {instant(old.at)}"
    true = facts.get("corrected_at")
    if true is None:
        yield _("Truly"), _("it never happened")
    elif (at := clock.instant(int(true))) != old.at.replace(microsecond=0):
        yield _("When it truly happened"), instant(at)


def struck(events: Iterable[Event]) -> frozenset[int]:
    """The places of events of which a later one says that they never happened."""
    fixes = [one.facts or {} for one in events if one.event == "corrected"]
    return frozenset(
        int(one["corrects"]) for one in fixes if "corrects" in one and not one.get("corrected_at")
    )


def edition_moved(seen: Whole, event: Event, meta: Mapping[str, Any]) -> Iterator[Line]:
    hashes = (meta["from"], meta["to"])  # two editions may both be of an unknown day
    names = [f"{edition(str(policy_of(one).header.edition or 'unknown'))} · {one[:8]}" for one in hashes]
    yield _("Edition"), " → ".join(names)


def drawn(seen: Whole, event: Event, meta: Mapping[str, Any]) -> Iterator[Line]:
    facts = event.facts or {}
    if rule := facts.get("drawn_for"):
        yield _("For the rule"), f"{seen.policy.says(rule)} {facts.get('drawn_period') or ''}".strip()


TOLD: dict[str, Callable[[Whole, Event, Mapping[str, Any]], Iterable[Line]]] = {
    "due_moved": moved,
    "corrected": corrected,
    "edition_moved": edition_moved,
    "drawn": drawn,
    "attached": lambda seen, event, meta: [(_("File"), seen.veil.text(str(meta.get("name", ""))))],
    "merged": lambda seen, event, meta: [(_("Into"), str(meta.get("into", "")))],
    "merged_from": lambda seen, event, meta: [(_("Case"), str(meta.get("from", "")))],
}
