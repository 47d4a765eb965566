"""What all forms of the desk have in common: how they are drawn, and the keys that keep a form from counting twice."""

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict

from bihuan.i18n import _

UNNAMED = forms.ModelChoiceField(None).empty_label  # Django's own: a row of hyphens
CLASSES: dict[type[forms.Widget], str] = {
    forms.Select: "form-select",
    forms.SelectMultiple: "form-select",
    forms.CheckboxInput: "form-check-input",
    forms.RadioSelect: "",
    forms.CheckboxSelectMultiple: "",
}


def new_key() -> str:
    """By which a form that is sent twice is known."""
    return secrets.token_urlsafe(12)


def moment(**more: Any) -> forms.DateTimeField:
    """An instant, typed or chosen, to the minute."""
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=widget, **more)


class Renderer(DjangoTemplates):
    """Django's own widgets; pages draw labels, help and errors by a macro."""


class Form(forms.Form):
    """A form whose widgets look like the desk's, and say to a screen reader what is wrong with them."""

    def __init__(self, *args: Any, asked: Mapping[str, forms.Field] | None = None, **kwargs: Any) -> None:
        """`asked` are further fields, such as a regulation asks for."""
        super().__init__(*args, **kwargs)
        self.fields |= asked or {}
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == UNNAMED:
                field.empty_label = "—"
            kinds = (name for kind, name in CLASSES.items() if isinstance(field.widget, kind))
            name = next(kinds, "form-control")
            field.widget.attrs["class"] = f"{field.widget.attrs.get('class', '')} {name}".strip()

    def put(self, name: str, value: str) -> None:
        """What the field shows from now on."""
        data = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        data[name] = value
        self.data = data


class Written(Form):
    """A form that writes: sent twice it writes once, and a page that has grown stale is told so."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=100)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": new_key(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        """What the form carries unseen and came back broken is put right: what was typed can be sent again."""
        super().full_clean()
        broken = {one.name for one in self.hidden_fields() if one.name in self.errors}
        for name, fresh in (("key", new_key()), ("version", "")):
            if name in broken:
                self.put(self.add_prefix(name), fresh)
        if broken:
            self.add_error(None, out_of_date())


class Entered(Written):
    """A form that enters an event: the very same as a moment ago is asked about once."""

    again = forms.BooleanField(widget=forms.HiddenInput, required=False)


def out_of_date() -> str:
    return _(
        "This page was out of date or came back incomplete. What you typed is still here: send it again."
    )
