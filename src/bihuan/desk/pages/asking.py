"""What a page asks for an event: the facts that it must carry, those that rules test in it, and where it sends the case.

The same for one case and for many. Knows no page and decides nothing.
"""

from collections.abc import Container, Mapping
from typing import Any

from django import forms

from bihuan.desk.asked import SENDS, asked
from bihuan.desk.judging import known_of
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.pages import fields
from bihuan.desk.pages.opening import GONE
from bihuan.desk.queries import Possible, Whole
from bihuan.engine.declared import Fact
from bihuan.engine.questionnaire import questions
from bihuan.i18n import _

UNIT = fields.PREFIX + "unit"


def fields_of(possible: Possible, seen: Whole, sent: Container[str] = ()) -> dict[str, forms.Field]:
    """The fields for an event of a case; what rules test and is known already is not asked again.

    A form that was sent is read with all that it had, although something may be known by now.
    """
    edition, event, said = seen.case.edition.hash, possible.event, known_of(seen.events)
    known = {name: one for name, one in said.items() if fields.PREFIX + name not in sent}
    found = of_event(edition, event, known)
    for name in wanted(edition, event, said):
        if field := found.get(fields.PREFIX + name):
            field.wanted = True  # type: ignore[attr-defined]
    return found


def of_event(edition: str, event: str, known: Mapping[str, Any]) -> dict[str, forms.Field]:
    policy, one = policy_of(edition), asked(edition).get(event)
    names = [*one.asks, *(name for name in one.tested if name not in known)] if one else []
    found = fields.fields_for(policy, names)
    if event in SENDS:
        found = {UNIT: fields.unit("unit", Fact(type="unit"), where_to()), **leaving(found, UNIT)}
    return found


def initial(event: str, seen: Whole) -> dict[str, Any]:
    """What was chosen when the case was opened; where the event does not send the case to a unit, the one that has it."""
    facts = seen.policy.facts
    chosen = {
        fields.PREFIX + name: value
        for name, value in (seen.events[0].facts or {}).items()
        if name in facts and facts[name].type == "choice" and name not in seen.veil.facts
    }
    return chosen if event in SENDS else chosen | {UNIT: seen.case.unit}


def where_to() -> dict[str, Any]:
    return {"label": _("To which unit"), "required": True, "help_text": ""}


def leaving(found: Mapping[str, forms.Field], name: str) -> dict[str, forms.Field]:
    return {one: field for one, field in found.items() if one != name}


def wanted(edition: str, event: str, said: Mapping[str, Any]) -> dict[str, str]:
    """The facts that an event must carry in any case, given what it says already; each with the article."""
    policy, one = policy_of(edition), asked(edition).get(event)
    if one is None or not one.asks:
        return {}
    office, answers = office_now(), {name: value for name, value in said.items() if name in policy.facts}
    found = questions(policy, event, answers, {}, office.parameters(edition), office.site)
    return {one.fact: one.article for one in found if one.state not in GONE and not one.optional}


def told(said: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """What an event carries of what was typed, and the unit it names, which is a column of its own."""
    facts = fields.carried(said)
    return facts, facts.pop("unit", None)
