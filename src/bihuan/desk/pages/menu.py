"""The pages in the menu, and who is offered them. What a page lets somebody do is asked again by the page itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.urls import reverse

from bihuan.desk.models import Person
from bihuan.i18n import _


@dataclass(frozen=True)
class Entry:
    """A page in the menu. `here`: the page that is open, or one beneath it."""

    label: str
    address: str
    here: bool


def anybody(person: Person) -> bool:
    return True


def administrators(person: Person) -> bool:
    return person.is_administrator


def pages() -> list[tuple[str, str, Callable[[Person], bool]]]:
    """Name of the address, its label, and to whom it is offered."""
    return [
        ("work", _("My work"), anybody),
        ("intake", _("Intake"), anybody),
        ("dispatch", _("Dispatch board"), anybody),
        ("callbacks", _("Callbacks"), anybody),
        ("supervision", _("Supervision"), anybody),
        ("regulations", _("Regulations"), anybody),
        ("calendars", _("Calendars"), anybody),
        ("people", _("People and units"), administrators),
        ("channels", _("Channels"), administrators),
        ("archives", _("Archives"), administrators),
    ]


def menu(request: HttpRequest) -> list[Entry]:
    person = request.user
    return list(offered(person, request.path)) if isinstance(person, Person) else []


def offered(person: Person, path: str) -> Iterator[Entry]:
    for name, label, may in pages():
        if may(person):
            address = address_of(name)
            yield Entry(label, address, path.startswith(address))


@lru_cache(maxsize=100)
def address_of(page: str) -> str:
    return reverse(page)
