"""Form fields out of a regulation: what a step asks for, by the type of each fact, in the regulation's own labels.

What comes back is what an event carries: plain text, numbers as text, flags, lists. Whether a value fits is the
engine's to say; a form only helps to type it. Knows no page.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.utils import timezone

from bihuan.desk.models import Person, Unit
from bihuan.desk.pages.forms import moment
from bihuan.desk.pages.searched import Grouped, Open
from bihuan.engine.declared import Fact, Role
from bihuan.engine.policy import Policy
from bihuan.i18n import _

LONG = ("reason", "content", "remark", "says", "opinion", "result", "note")
LISTED = 10  # choices beyond which one searches instead of scrolling
PREFIX = "fact-"  # so that no fact is taken for a field of the form itself


def fields_for(policy: Policy, names: Iterable[str], wanted: Iterable[str] = ()) -> dict[str, forms.Field]:
    """One field a fact; files come with the case's attachments, looked-up facts are never typed.

    `wanted` are marked as what the regulation wants; whether they may be missing, the engine says.
    """
    marked = frozenset(wanted)
    typed = {name: policy.facts[name] for name in names if name in policy.facts}
    found = {}
    for name, fact in typed.items():
        if not fact.looked_up and fact.type != "file" and fact.of is None:
            found[PREFIX + name] = field_for(name, fact, policy.roles, wanted=name in marked)
    return found


def field_for(name: str, fact: Fact, roles: Mapping[str, Role], *, wanted: bool) -> forms.Field:
    make, help_text = MAKERS.get(fact.type, text), helped(fact, roles)
    field = make(name, fact, {"label": labelled(name, fact), "required": False, "help_text": help_text})
    field.wanted = wanted  # type: ignore[attr-defined]
    return field


def labelled(name: str, fact: Fact) -> str:
    unit = f" ({fact.unit})" if fact.unit else ""
    return f"{fact.label or name}{unit}"


def helped(fact: Fact, roles: Mapping[str, Role]) -> str:
    if fact.decided_by is None:
        return ""
    return _("decided by {role}, with a reason").format(role=roles[fact.decided_by].label)


def choice(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    if fact.many:
        return forms.MultipleChoiceField(
            choices=list(fact.leaves.items()), widget=forms.CheckboxSelectMultiple, **shared
        )
    if fact.open:
        return Open(paths(fact), **shared)
    widget = Grouped() if len(fact.leaves) > LISTED else forms.Select()
    return forms.ChoiceField(choices=[("", "—"), *grouped(fact)], widget=widget, **shared)


def paths(fact: Fact) -> dict[str, str]:
    """Choices with the labels of the branches above them, where the list is one line each."""
    if not fact.tree:
        return dict(fact.leaves)
    found: dict[str, str] = {}
    for key, inner in grouped(fact):
        found |= (
            {one: f"{key} / {label}" for one, label in inner} if isinstance(inner, list) else {key: inner}
        )
    return found


def grouped(fact: Fact) -> list[tuple[str, Any]]:
    """Choices, those of a tree under the labels of their branches."""
    if not fact.tree:
        return list(fact.leaves.items())
    found: list[tuple[str, Any]] = []
    for key, below in fact.tree.items():
        if isinstance(below, Mapping):
            inner = fact.branches.get(key, ())
            found.append((str(below.get("label", key)), [(one, fact.leaves[one]) for one in inner]))
        else:
            found.append((key, str(below)))
    return found


def flag(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[("", "—"), ("true", _("yes")), ("false", _("no"))], **shared)


def number(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    low, high = fact.range or (None, None)
    return forms.DecimalField(min_value=low, max_value=high, **shared)


def day(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    return forms.DateField(widget=forms.DateInput({"type": "date"}), **shared)


def instant(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    return moment(**shared)


def clock(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    return forms.TimeField(widget=forms.TimeInput({"type": "time"}), **shared)


def unit(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    names = Unit.objects.order_by("path").values_list("name", flat=True)
    return forms.ChoiceField(choices=lambda: [("", "—"), *((one, one) for one in names)], **shared)


def person(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    if fact.personal:
        return text(name, fact, shared)  # a customer, who is nobody of the desk
    people = Person.objects.filter(is_active=True).order_by("code").values_list("code", "name")
    return forms.ChoiceField(choices=lambda: [("", "—"), *people], **shared)


def text(name: str, fact: Fact, shared: dict[str, Any]) -> forms.Field:
    long = fact.personal == "content" or any(part in name for part in LONG)
    widget: forms.Widget = forms.Textarea({"rows": 3}) if long else forms.TextInput()
    return forms.CharField(max_length=4000 if long else 200, widget=widget, **shared)


MAKERS: dict[str, Callable[[str, Fact, dict[str, Any]], forms.Field]] = {
    "choice": choice,
    "flag": flag,
    "number": number,
    "money": number,
    "date": day,
    "instant": instant,
    "clock": clock,
    "unit": unit,
    "person": person,
}


def carried(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What an event carries of what was typed; what was left empty is not said."""
    return {
        name.removeprefix(PREFIX): plain(value)
        for name, value in cleaned.items()
        if name.startswith(PREFIX) and value not in (None, "", [])
    }


def plain(value: Any) -> Any:
    """A value as a log would have it.

    >>> plain(dt.time(9, 5)), plain(["a", "b"]), plain("true")
    ('09:05', ['a', 'b'], True)
    """
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if value in ("true", "false"):
        return value == "true"
    return value if isinstance(value, list) else str(value)
