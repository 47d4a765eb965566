"""Choices that are searched: a long list, and a list that the text leaves open (等), into which anything may be typed.

Without JavaScript the one is a list in groups and the other a line with suggestions; `desk.js` makes of both a line that
looks for a part of a label. What comes back is the choice's key; where the list is open, anything.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bihuan.i18n import _


class Grouped(forms.Select):
    """A select, drawn here: Django's own takes longer than the page around it where there are many choices."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        told = {
            "data-searched": _("type a part of it and choose"),
            "data-none": _("this is none of the choices"),
        }
        own = self.build_attrs(self.attrs, {**told, **(attrs or {}), "name": name})
        groups = format_html_join(
            "", "{}", ((group(key, label, str(value or "")),) for key, label in self.choices)
        )
        return format_html("<select{}>{}</select>", flatatt(own), groups)


def group(key: Any, label: Any, chosen: str) -> SafeString:
    """A choice, or choices under the label of their branch."""
    if isinstance(label, list | tuple):
        inner = format_html_join("", "{}", ((group(one, said, chosen),) for one, said in label))
        return format_html('<optgroup label="{}">{}</optgroup>', key, inner)
    return format_html(
        "<option{}>{}</option>", flatatt({"value": key, "selected": str(key) == chosen}), label
    )


class Listed(forms.TextInput):
    """A line with its suggestions."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__({"autocomplete": "off"})
        self.labels = labels

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        told = {"list": f"{name}-list", "data-searched": ""}
        box = super().render(name, value, {**(attrs or {}), **told}, renderer)
        options = format_html_join("", '<option value="{}"></option>', self.suggestions())
        return format_html('{}<datalist id="{}-list">{}</datalist>', box, name, options)

    def suggestions(self) -> Iterator[tuple[str]]:
        return ((one,) for one in self.labels.values())


class Open(forms.CharField):
    """What is on the list is meant by its label or its key; what is not is taken too, and the engine reports it."""

    def __init__(self, labels: Mapping[str, str], **shared: Any) -> None:
        shared["help_text"] = shared.get("help_text") or _("choose, or type something else")
        super().__init__(max_length=200, widget=Listed(labels), **shared)
        self.labels = labels

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        return next((key for key, label in self.labels.items() if typed == label), typed)

    def prepare_value(self, value: Any) -> Any:
        return self.labels.get(value, value)
