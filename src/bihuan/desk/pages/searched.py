"""A long list of choices that is searched by typing a part of a label, without JavaScript: an input with a datalist.

What comes back is the choice's key, whether its key or its label was typed; where the list is open, anything.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bihuan.i18n import _


class Listed(forms.TextInput):
    """The input with its list."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__({"autocomplete": "off"})
        self.labels = labels

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        box = super().render(name, value, {**(attrs or {}), "list": f"{name}-list"}, renderer)
        options = format_html_join(
            "", '<option value="{}"></option>', ((one,) for one in self.labels.values())
        )
        return format_html('{}<datalist id="{}-list">{}</datalist>', box, name, options)


class Searched(forms.CharField):
    """A choice by its label."""

    def __init__(self, labels: Mapping[str, str], *, open_list: bool, **shared: Any) -> None:
        shared["help_text"] = shared.get("help_text") or _("type a part of it and choose")
        super().__init__(max_length=200, widget=Listed(labels), **shared)
        self.labels, self.open_list = labels, open_list

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        key = next((key for key, label in self.labels.items() if typed in (key, label)), None)
        if key is None and typed and not self.open_list:
            raise forms.ValidationError(_("this is none of the choices"))
        return key or typed

    def prepare_value(self, value: Any) -> Any:
        return self.labels.get(value, value)
