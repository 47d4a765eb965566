"""The pages in the menu, and who is offered them. What a page lets somebody do is asked again by the page itself."""

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from markupsafe import Markup

from bihuan.desk.models import Person
from bihuan.i18n import LANGUAGES, _, language


class Entry(NamedTuple):
    """A page in the menu. `here`: the page that is open, or one beneath it."""

    label: str
    address: str
    here: bool


def pages() -> dict[str, str]:
    """Labels by the name of the address."""
    return {
        "work": _("My work"),
        "intake": _("Intake"),
        "dispatch": _("Dispatch board"),
        "callbacks": _("Callbacks"),
        "supervision": _("Supervision"),
        "regulations": _("Regulations"),
        "calendars": _("Calendars"),
        "people": _("People and units"),
        "channels": _("Channels"),
        "archives": _("Archives"),
    }


ADMINISTRATORS = ("people", "channels", "archives")  # theirs alone
CURRENT = ' aria-current="page"'


def menu(request: HttpRequest) -> list[Entry]:
    person, path = request.user, request.path
    if not isinstance(person, Person):
        return []
    found = offered(language(), person.is_administrator)
    return [Entry(label, address, path.startswith(address)) for label, address in found]


def drawn(entries: Iterable[Entry]) -> Markup:
    """In Python, as `drawn` says why."""
    return Markup(
        "".join(
            f'      <li><a href="{escape(one.address)}"{CURRENT if one.here else ""}>{escape(one.label)}</a></li>'
            for one in entries
        )
    )


@lru_cache(maxsize=2 * len(LANGUAGES))
def offered(_language: str, administrator: bool) -> list[tuple[str, str]]:
    return [
        (label, address_of(name))
        for name, label in pages().items()
        if administrator or name not in ADMINISTRATORS
    ]


@lru_cache(maxsize=100)
def address_of(page: str) -> str:
    return reverse(page)
