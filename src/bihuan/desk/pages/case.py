"""A case: what happened, what is owed and why, what may be done next and what not, and doing it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bihuan.desk import access, actions, clock, queries, sight
from bihuan.desk.actions.words import detailed
from bihuan.desk.declined import wishes
from bihuan.desk.errors import MissingError
from bihuan.desk.judging import known_of
from bihuan.desk.models import Event, Person
from bihuan.desk.pages import asking, owed
from bihuan.desk.pages.drawn import case_address, pairs
from bihuan.desk.pages.forms import Entered, moment, new_key
from bihuan.desk.pages.labels import labelled
from bihuan.desk.pages.left import Left, lefts
from bihuan.desk.pages.noted import names_in
from bihuan.desk.pages.offered import Offered, for_others, offered, stepped
from bihuan.desk.pages.owed import Owed
from bihuan.desk.pages.refusals import done
from bihuan.desk.pages.timeline import timeline
from bihuan.desk.pages.whose import viewer
from bihuan.desk.queries import Possible, Whole
from bihuan.i18n import _


def case(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a case."""
    person = viewer(request)
    seen = queries.whole(person, number)
    return render(request, "desk/case.html", whole(person, seen))


def whole(person: Person, seen: Whole) -> dict[str, Any]:
    policy, here, names = seen.policy, case_address(seen.case.number), names_in(seen)
    rows = [Owed(row, left) for row, left in zip(seen.obligations, remaining(seen), strict=True)]
    closed = seen.case.closed_at is not None
    running = sorted((one for one in rows if one.runs(closed)), key=owed.by_due)
    ended = [one for one in rows if not one.runs(closed)]
    acts = bool(seen.roles) and not seen.case.destroyed_id
    possible = queries.steps(person, seen) if acts else []
    mends = mended_by(person, seen, possible) if acts else frozenset()
    parameters = f"{reverse('regulation', args=[seen.case.edition_id])}#parameters"
    return {
        "case": seen.case,
        "policy": policy,
        "facts": pairs(known(seen, names)),
        "running": owed.running(policy, running, here, parameters),
        "ended": owed.ended(policy, ended, here),
        "ended_count": len(ended),
        "timeline": timeline(seen, names, f"{here}correct/", mends),
        "wrong": [(one, detailed(policy, one.kind, one.detail)) for one in seen.irregularities],
        "attachments": [(one, seen.veil.text(one.name)) for one in seen.attachments],
        "labels": policy.event_labels,
        "acts": acts,
        "key": new_key(),
        "next": offered(seen, possible, (one.row for one in running)) if acts else Offered(),
        "merges": 1 in mends,
        "declined": seen.case.pk in wishes(person, [seen.case]),
    }


def mended_by(person: Person, seen: Whole, possible: Sequence[Possible]) -> frozenset[int]:
    """The events, by their numbers, that this person may say were otherwise: their own, and what is not for others to do."""
    others = for_others(seen, possible)
    return frozenset(
        one.seq
        for one in seen.events
        if one.event not in others or person.code in (one.actor, (one.meta or {}).get("entered_by"))
    )


def remaining(seen: Whole) -> list[Left]:
    hash = seen.case.edition.hash
    return lefts(seen.office, [(hash, row) for row in seen.obligations], clock.now())


def known(seen: Whole, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is known of the case now, as the viewer may see it."""
    yield _("Unit"), seen.case.unit or "—"
    yield from labelled(seen.policy, sight.shown(seen.policy, known_of(seen.events), seen.veil), names)


# --- doing something ---


class Act(Entered):
    """What a step asks for, and when it happened if not now."""

    at = moment(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].label = _("When it happened")
        self.fields["at"].help_text = _("empty: now")
        self.order_fields([name for name in self.fields if name != "at"])  # rarely said: last


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
    sent = request.method == "POST" and form.is_valid()
    if sent and done(form, lambda: taken(person, seen, event, form.cleaned_data)):
        messages.success(request, _("{event}: recorded").format(event=possible.label))
        return redirect("case", number)
    told = {"case": seen.case, "policy": seen.policy, "step": stepped(seen.case.edition.hash, possible)}
    told["form"] = form
    return render(request, "desk/step.html", told, status=409 if form.errors else 200)


def taken(person: Person, seen: Whole, event: str, said: dict[str, Any]) -> Event:
    facts, unit = asking.told(said)
    how = {name: said[name] for name in ("at", "version", "key", "again")}
    return actions.append(seen.case.number, event, by=person, facts=facts, unit=unit, **how)
