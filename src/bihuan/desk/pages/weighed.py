"""Forms that are looked at before they are done: the first press shows what would change, the second does it.

What was looked at is kept by its fingerprint: whoever types something else afterwards looks again first. Knows no page.
"""

from django import forms

from bihuan.desk import clock
from bihuan.desk.pages.forms import Written
from bihuan.desk.record import canonical, hashed

OWN = ("key", "version", "seen", "file")


class Weighed(Written):
    """A form that is done when what it asks has been looked at."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def fingerprint(self) -> str:
        return hashed(
            canonical({name: value for name, value in self.cleaned_data.items() if name not in OWN})
        )

    @property
    def confirmed(self) -> bool:
        """Whether what is asked now is what was looked at."""
        return bool(self.cleaned_data["seen"] == self.fingerprint())

    def looked(self) -> None:
        """Remember that this was looked at."""
        self.put("seen", self.fingerprint())


def day_field(label: str, *, required: bool = False, today: bool = False) -> forms.DateField:
    """A day, typed or chosen."""
    initial = clock.today() if today else None
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, initial=initial)
