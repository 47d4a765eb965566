"""Callbacks: who is to be called today, by rule and stratum; and one call: the script, the verdict, or nobody answered.

What to ask next the engine says from the answers so far; who must not call it says too, with the article. A call that
nobody answered is an event of its own, with the time that the customer named if somebody did.
"""

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html

from bihuan.desk import access, actions, clock, queries, sight
from bihuan.desk.asked import asked
from bihuan.desk.declined import wishes
from bihuan.desk.errors import DeskError, MissingError
from bihuan.desk.events import events_by_case
from bihuan.desk.judging import known_of
from bihuan.desk.models import Event, Obligation, Person
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.pages import asking, fields
from bihuan.desk.pages.forms import Entered, Form
from bihuan.desk.pages.labels import labelled
from bihuan.desk.pages.lines import Line, lines
from bihuan.desk.pages.offered import Step, stepped
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.whose import viewer
from bihuan.desk.pages.work import further, horizon, is_part
from bihuan.desk.queries import Whole
from bihuan.engine.calls import CALL, IN_VAIN
from bihuan.engine.listening import flat, names_of
from bihuan.engine.policy import Policy
from bihuan.engine.questionnaire import Question, Score, questions, score
from bihuan.engine.rules import Callback
from bihuan.engine.rules import Step as StepRule
from bihuan.i18n import _

AGAIN = "call_again_at"
HIDDEN = ("skipped", "later")
HEARD = ("method", "verdict")  # what a callback tells of itself, asked even where no step wants it


# --- today's list ---


class Filter(Form):
    """Which callbacks; every field may be left empty."""

    rule = forms.ChoiceField(required=False)
    due = forms.ChoiceField(required=False)
    tried = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, rules: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spans = [("", _("today")), ("over", _("overdue")), ("week", _("within 7 days")), ("all", _("all"))]
        tries = [
            ("", _("all")), ("never", _("not yet")), ("vain", _("in vain")), ("again", _("to be called again by now")),
            ("declined", _("wants no calls")),
        ]  # fmt: skip
        for name, label, choices in (
            ("rule", _("Rule"), [("", _("all")), *rules.items()]),
            ("due", _("Due"), spans),
            ("tried", _("Calls"), tries),
        ):
            self.fields[name].label, self.fields[name].choices = label, choices  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Call:
    """A row of the list."""

    line: Line
    rule: str
    stratum: str
    customer: str
    declined: dt.datetime | None  # since when the customer wants no calls
    mine: bool  # owed by an office of the viewer; by what else the regulation excludes somebody, the script says


def callbacks(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    form = Filter(request.GET or None, rules=rules_running(person))
    found, after = listed(person, form, request.GET.get("after"))
    groups = [(*key, list(rows)) for key, rows in groupby(found, key=lambda one: (one.rule, one.stratum))]
    told = {"form": form, "groups": groups, "further": further(request, after), "chosen": chosen(request)}
    return render(request, "desk/_callbacks.html" if is_part(request) else "desk/callbacks.html", told)


def listed(person: Person, form: Filter, after: str | None) -> tuple[list[Call], str | None]:
    """A page of the list, by rule and stratum, and the cursor to go on with."""
    wanted = form.cleaned_data if form.is_valid() else {}
    page = queries.callbacks(
        person,
        rule=wanted.get("rule") or None,
        before=horizon(wanted.get("due") or "today"),
        tried=wanted.get("tried") or None,
        after=after,
    )
    return sorted(calls(person, lines(page.rows)), key=in_order), page.after


def in_order(one: Call) -> tuple[str, str, dt.datetime, int]:
    row = one.line.row
    return one.rule, one.stratum, row.due_at or clock.now(), row.pk


def following(request: HttpRequest, person: Person, done: Obligation) -> Obligation | None:
    """Whom to call after a call: the next in the list as it was chosen, after the last the first again; nobody who wants no calls."""
    form = Filter(request.GET or None, rules=rules_running(person))
    found, _after = listed(person, form, None)
    mine = [one for one in found if is_to_call(one) and one.line.row.pk != done.pk]
    [made] = calls(person, lines([done]))
    after = (one for one in mine if in_order(one) > in_order(made))
    first = next(after, mine[0] if mine else None)
    return first.line.row if first else None


def is_to_call(one: Call) -> bool:
    return bool(one.mine and one.line.row.case and not one.declined)


def chosen(request: HttpRequest, **more: Any) -> str:
    """The filter of the list, as addresses carry it on to a call and back."""
    wanted = more | {name: value for name in Filter.base_fields if (value := request.GET.get(name))}
    return f"?{urlencode(wanted)}" if wanted else ""


def rules_running(person: Person) -> dict[str, str]:
    """The rules under which somebody is to be called, with what they say."""
    rows = access.callbacks_seen(person, queries.offices(person))
    found = rows.order_by("rule").values_list("rule", "case__edition__hash").distinct()
    return {rule: says(policy_of(hash), rule) for rule, hash in found if hash}


def says(policy: Policy, rule: str) -> str:
    return f"{policy.article_of(rule)} {policy.says(rule)}"


def calls(person: Person, rows: Sequence[Line]) -> list[Call]:
    cases = [line.row.case for line in rows if line.row.case]
    events, offices = events_by_case(case.pk for case in cases), queries.offices(person)
    named = {case.pk for case in sight.whose_customer_is_known(person, cases)}
    declined = wishes(person, cases)
    return [
        call(line, events.get(id, ()), offices, id in named, declined.get(id))
        for line in rows
        for id in (line.row.case_id or 0,)
    ]


def call(
    line: Line, events: Sequence[Event], offices: Container[str], is_known: bool, declined: dt.datetime | None
) -> Call:
    rule, known = line.policy.timed.get(line.row.rule), known_of(events)
    strata = {name: known[name] for name in getattr(rule, "strata", ()) if known.get(name) is not None}
    return Call(
        line,
        says(line.policy, line.row.rule),
        " · ".join(said for _label, said in labelled(line.policy, strata)),
        customer_of(line.row) if is_known else sight.HIDDEN if line.row.case else "",
        declined,
        not line.row.owner or line.row.owner in offices,
    )


def customer_of(row: Obligation) -> str:
    return sight.in_part(row.customer or (row.case.customer if row.case else ""))


# --- one call ---


class Answers(Entered):
    """What was answered."""


@dataclass(frozen=True)
class Asked:
    """A question with its field."""

    question: Question
    bound: forms.BoundField


def script(request: HttpRequest, number: str, place: int) -> HttpResponse:
    """Ask question by question; record the call, or that nobody answered."""
    person = viewer(request)
    access.to_act(person, number)
    seen = queries.whole(person, number)
    row = next((one for one in seen.obligations if one.place == place and one.kind == "callback"), None)
    if row is None:
        raise MissingError(f"case {number} owes no callback under this number", case=number)
    event = event_of(seen.policy, row)
    vain = "vain" in request.POST
    form, asks = answers(seen, row, event, request.POST if request.POST and not vain else None)
    missed = in_vain(seen, request.POST if vain else None)
    acting = request.method == "POST" and "look" not in request.POST
    done = acting and recorded(person, seen, missed if vain else form, IN_VAIN if vain else event, asks)
    if done:
        label = seen.policy.event_labels.get(done.event, done.event)
        messages.success(request, told_of(label, following(request, person, row), chosen(request)))
        return redirect(reverse("callbacks") + chosen(request))
    told = page_of(person, seen, row, event) | scripted(form, asks)
    told |= {"form": form, "missed": missed, "declined": wishes(person, [seen.case]).get(seen.case.pk)}
    told |= {"chosen": chosen(request), "from_here": chosen(request, place=place)}
    template = "desk/_script.html" if is_part(request) else "desk/script.html"
    wrong = acting and (missed.errors if vain else form.errors)
    return render(request, template, told, status=409 if wrong else 200)


def told_of(label: str, following: Obligation | None, chosen: str) -> str:
    """That the call is recorded, and the way to the next one, which has the focus."""
    said = _("{event}: recorded").format(event=label)
    if following is None or following.case is None:
        return said
    number = following.case.number
    address = reverse("script", args=[number, following.place]) + chosen
    link = '{} <a class="btn btn-sm btn-primary ms-2" href="{}" autofocus>{}</a>'
    return format_html(link, said, address, _("Next call: {number}").format(number=number))


def event_of(policy: Policy, row: Obligation) -> str:
    """The event that is owed; of several, the call."""
    rule = policy.timed.get(row.rule)
    owed = names_of(rule.owes) if isinstance(rule, Callback) else []
    return CALL if CALL in owed or not owed else owed[0]


def answers(seen: Whole, row: Obligation, event: str, data: Any) -> tuple[Answers, list[Question]]:
    """The form with every question that there may be, and what has become of each."""
    known = {n: one for n, one in known_of(seen.events).items() if fields.PREFIX + n not in (data or ())}
    expected = expected_of(seen.policy, row)
    asked_for = asking.of_event(
        seen.case.edition.hash, event, {name: one for name, one in known.items() if name not in expected}
    )
    asked_for |= fields.fields_for(seen.policy, [n for n in HEARD if fields.PREFIX + n not in asked_for])
    initial = {"version": seen.case.version} | {fields.PREFIX + n: v for n, v in expected.items()}
    form = Answers(data, asked=asked_for, initial=initial)
    given = expected if data is None else valid(form)
    one = asked(seen.case.edition.hash).get(event)
    if one is None or not one.asks:
        return form, []
    office, hash = office_now(), seen.case.edition.hash
    told = {name: value for name, value in given.items() if name in seen.policy.facts}
    return form, questions(seen.policy, event, told, plain(known), office.parameters(hash), office.site)


def valid(form: Answers) -> dict[str, Any]:
    """What was answered so far, where it can be read."""
    form.full_clean()
    return fields.carried(form.cleaned_data)


def plain(known: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of one value, as questions know them."""
    return {name: value for name, value in known.items() if not isinstance(value, list | dict)}


def expected_of(policy: Policy, row: Obligation) -> dict[str, str]:
    """What the call must be like to count for the rule: its stage, its method."""
    rule = policy.timed.get(row.rule)
    patterns = flat(rule.owes) if isinstance(rule, Callback) else ()
    return {
        test.fact: str(test.values[0])
        for pattern in patterns
        if pattern.where is not None
        for test in pattern.where.tests
        if len(test.values) == 1 and isinstance(test.values[0], str) and not test.bounds
    }


def scripted(form: Answers, asks: Sequence[Question]) -> dict[str, Any]:
    """Questions that are asked as far as is known, and fields beside them."""
    told = [
        Asked(one, form[fields.PREFIX + one.fact]) for one in asks if fields.PREFIX + one.fact in form.fields
    ]
    names = {one.bound.name for one in told}
    return {
        "asks": [one for one in told if one.question.state not in HIDDEN],
        "later": sum(one.question.state == "later" for one in told),
        "beside": [bound for bound in form.visible_fields() if bound.name not in names],
        "score": total(asks),
    }


def total(asks: Sequence[Question]) -> Score | None:
    return score(asks) if any(one.most is not None for one in asks) else None


class Missed(Entered):
    """That nobody answered, and when to call again."""


def in_vain(seen: Whole, data: Any) -> Missed:
    found = asking.of_event(seen.case.edition.hash, IN_VAIN, {})
    if AGAIN in seen.policy.facts:
        found |= fields.fields_for(seen.policy, [AGAIN])
    return Missed(data, asked=found, initial={"version": seen.case.version}, auto_id="vain_%s")


def recorded(
    person: Person, seen: Whole, form: Entered, event: str, asks: Iterable[Question]
) -> Event | None:
    """The event, or none where the form says what was wrong. Answers to what was not asked are left out."""
    if not form.is_valid():
        return None
    facts, unit = asking.told(form.cleaned_data)
    unasked = {one.fact for one in asks if one.state in HIDDEN} if event != IN_VAIN else set()
    try:
        return actions.append(
            seen.case.number,
            event,
            by=person,
            facts={name: value for name, value in facts.items() if name not in unasked},
            unit=unit,
            **{name: form.cleaned_data[name] for name in ("version", "key", "again")},
        )
    except DeskError as error:
        tell(form, error)
        return None


def page_of(person: Person, seen: Whole, row: Obligation, event: str) -> dict[str, Any]:
    """What stands around the script: the duty, who may not call, and ways out."""
    policy = seen.policy
    sheet = next((one for name, one in policy.forms.items() if name in sheets(policy, event)), None)
    steps = {one.event: one for one in queries.steps(person, seen)}
    mine = steps.get(event)
    rule = policy.timed.get(row.rule)
    ways = dict.fromkeys(names_of(rule.void_by)) if isinstance(rule, Callback) else {}
    known = sight.shown(policy, known_of(seen.events), seen.veil)
    return {
        "case": seen.case,
        "policy": policy,
        "row": row,
        "line": lines([row])[0],
        "event": policy.event_labels.get(event, event),
        "sheet": sheet,
        "step": stepped(seen.case.edition.hash, mine) if mine else Step(event, event, "", "", True),
        "never": bool(mine and any(one["kind"] == "person" for one in mine.findings)),
        "ways": [
            (name, policy.event_labels[name])
            for name in ways
            if name in steps and name in policy.event_labels
        ],
        "known": list(labelled(policy, known)),
    }


def sheets(policy: Policy, event: str) -> set[str]:
    """The forms that the steps of an event ask for."""
    rules = (rule for _article, _kind, rule in policy.rules())
    steps = (rule for rule in rules if isinstance(rule, StepRule) and event in rule.event)
    return {step.asks for step in steps if isinstance(step.asks, str)}
