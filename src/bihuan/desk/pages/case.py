"""A case: what happened, what is owed and why, what may be done next and what not, and doing it."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime

from bihuan import spoken
from bihuan.desk import access, actions, clock, queries
from bihuan.desk.actions.words import detailed, refusal
from bihuan.desk.errors import DeskError, MissingError
from bihuan.desk.judging import known_of
from bihuan.desk.models import Event, Obligation, Person
from bihuan.desk.office import office_now
from bihuan.desk.pages import asking, fields
from bihuan.desk.pages.files import Attach
from bihuan.desk.pages.forms import Written, moment
from bihuan.desk.pages.left import Left, lefts
from bihuan.desk.pages.noted import label_of, noted, people_in, struck
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.whose import viewer
from bihuan.desk.queries import Possible, Whole
from bihuan.desk.tables import fetch, marks
from bihuan.engine.listening import names_of
from bihuan.engine.policy import Policy
from bihuan.i18n import _

RUNNING = ("open", "overdue", "waiting", "unset")


@dataclass(frozen=True)
class Owed:
    """A row of what is owed, with what the regulation says and what is left."""

    row: Obligation
    says: str
    left: Left
    note: str

    @property
    def lacks(self) -> bool:
        """Whether a parameter is missing, which an administrator may set."""
        return "missing:" in self.row.note


@dataclass(frozen=True)
class Happened:
    """An event of the timeline, as the viewer may see it."""

    event: Event
    label: str
    who: str
    facts: list[tuple[str, str]]
    struck: bool  # a later event says that it never happened
    late: bool  # entered more than a day after it happened, and not brought over from another system


@dataclass(frozen=True)
class Step:
    """Something that may be done now, or why not."""

    event: str
    label: str
    articles: str
    why_not: str
    other: bool  # no step of the regulation is about it
    owed: bool = False  # by something that runs now


def case(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a case."""
    person = viewer(request)
    seen = queries.whole(person, number)
    return render(request, "desk/case.html", whole(person, seen))


def whole(person: Person, seen: Whole) -> dict[str, Any]:
    office, now, policy = office_now(), clock.now(), seen.policy
    hash = seen.case.edition.hash
    people = people_in(seen.events)
    names = dict(fetch(f"SELECT code, name FROM desk_person WHERE code IN ({marks(people)})", *people))
    gone = struck(seen.events)
    ahead = lefts(office, [(hash, row) for row in seen.obligations], now)
    owed = [
        Owed(row, policy.says(row.rule), one, note_of(policy, row.note) if row.note else "")
        for row, one in zip(seen.obligations, ahead, strict=True)
    ]
    running = sorted((one for one in owed if one.row.state in RUNNING), key=by_due)
    acts = bool(seen.roles) and not seen.case.destroyed_id
    possible = queries.steps(person, seen) if acts else []
    urgent = led_to((name for one in running for name in ending(policy, one.row)), possible)
    steps = [stepped(policy, one, urgent) for one in possible]
    allowed = [one for one in steps if not one.why_not and (one.owed or not one.other)]
    return {
        "case": seen.case,
        "policy": policy,
        "facts": list(known(seen)),
        "running": running,
        "ended": [one for one in owed if one.row.state not in RUNNING],
        "timeline": [happened(seen, event, names, gone) for event in reversed(seen.events)],
        "wrong": [(one, detailed(policy, one.kind, one.detail)) for one in seen.irregularities],
        "attachments": seen.attachments,
        "allowed": sorted(allowed, key=lambda one: urgent.index(one.event) if one.owed else len(urgent)),
        "others": [one for one in steps if not one.why_not and one.other and not one.owed],
        "barred": [one for one in steps if one.why_not],
        "labels": policy.event_labels,
        "acts": acts,
        "attach": Attach(initial={"version": seen.case.version}),
    }


def by_due(one: Owed) -> tuple[bool, float]:
    """The earliest due first, then what has no due time."""
    at = one.row.due_at
    return at is None, at.timestamp() if at else 0.0


def ending(policy: Policy, row: Obligation) -> list[str]:
    """The events by which something that runs is done."""
    rule = policy.timed.get(row.rule)
    return names_of(getattr(rule, "owes", None), getattr(rule, "may", None))


def led_to(owed: Iterable[str], possible: Iterable[Possible]) -> list[str]:
    """The events that are owed, and those that have to come before, in this order."""
    needs = {
        one.event: [
            name
            for found in one.findings
            if found["kind"] == "gate"
            for name in (found["detail"] or "").split("、")
        ]
        for one in possible
    }
    found = list(dict.fromkeys(owed))
    for name in found:  # grows while it is gone through
        found += [one for one in needs.get(name, ()) if one not in found]
    return found


def note_of(policy: Policy, note: str) -> str:
    """A row's notes, each once, with facts, events and parameters by their labels."""
    said = {name: fact.label or name for name, fact in policy.facts.items()} | policy.event_labels
    about: dict[str, dict[str, None]] = {}
    for part in note.split("; "):
        code, _colon, names = part.partition(":")
        about.setdefault(code, {}).update(
            dict.fromkeys(said.get(one, limit_of(one)) for one in names.split("、") if one)
        )
    return "; ".join(
        spoken.note(f"{code}:{'、'.join(names)}" if names else code) for code, names in about.items()
    )


def limit_of(name: str) -> str:
    """The parameter that stands for a limit the text does not give is called after its rule."""
    return _("the time limit") if name.endswith(".within") else name


def stepped(policy: Policy, one: Possible, urgent: Container[str] = ()) -> Step:
    return Step(
        one.event,
        one.label,
        "、".join(one.articles),
        refusal(policy, one.findings) if one.findings else "",
        not one.step,
        one.event in urgent,
    )


def known(seen: Whole) -> Iterator[tuple[str, str]]:
    """What is known of the case now, as the viewer may see it."""
    yield from labelled(seen.policy, access.shown(seen.policy, known_of(seen.events), seen.roles))


def labelled(policy: Policy, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Facts with their labels and those of their choices."""
    for name, value in facts.items():
        fact = policy.facts.get(name)
        if fact is None or value is None:
            continue
        values = value if isinstance(value, list) else [value]
        said = "、".join(fact.leaves.get(str(one), word(fact.type, one)) for one in values)
        yield fields.labelled(name, fact), said


def word(type: str, value: Any) -> str:
    """A value as people read it; flags and instants out of a log are text."""
    if isinstance(value, bool) or (type == "flag" and value in ("true", "false")):
        return _("yes") if value in (True, "true") else _("no")
    if type == "instant" and (at := parse_datetime(str(value))):
        return spoken.instant(at)
    return str(value)


def happened(seen: Whole, event: Event, names: Mapping[str, str], gone: Container[int]) -> Happened:
    facts = list(labelled(seen.policy, access.shown(seen.policy, event.brings, seen.roles)))
    late = (event.recorded_at - event.at).total_seconds() > 86400 and "import" not in (event.meta or {})
    who = names.get(event.actor or "", event.actor or "")
    told = [*facts, *noted(seen, event, names)]
    return Happened(event, label_of(seen, event), who, told, event.seq in gone, late)


# --- doing something ---


class Act(Written):
    """What a step asks for, and when it happened if not now."""

    at = moment(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].label = _("When it happened")
        self.fields["at"].help_text = _("empty: now")


def step(request: HttpRequest, number: str, event: str) -> HttpResponse:
    """Fill in what a step asks for, and take it."""
    person = viewer(request)
    access.to_act(person, number)
    seen = queries.whole(person, number)
    possible = next((one for one in queries.steps(person, seen) if one.event == event), None)
    if possible is None:
        raise MissingError(f"{seen.policy.id} has no step {event!r}", case=number)
    asked = asking.fields_of(possible, seen, request.POST)
    initial = {"version": seen.case.version} | asking.initial(event, seen)
    form = Act(request.POST or None, asked=asked, initial=initial)
    told = {"case": seen.case, "policy": seen.policy, "step": stepped(seen.policy, possible), "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            taken(person, seen, event, form.cleaned_data)
        except DeskError as error:
            tell(form, error)
        else:
            messages.success(request, _("{event}: recorded").format(event=possible.label))
            return redirect("case", number)
    return render(request, "desk/step.html", told, status=409 if form.errors else 200)


def taken(person: Person, seen: Whole, event: str, said: dict[str, Any]) -> Event:
    facts, unit = asking.told(said)
    return actions.append(
        seen.case.number,
        event,
        by=person,
        facts=facts,
        unit=unit,
        at=said["at"],
        version=said["version"],
        key=said["key"],
    )
