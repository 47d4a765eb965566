"""What templates are given beside their own values: words, instants, addresses, and the pages a person may open.

Knows no case. A template asks for a word of the engine by its name and gets it in the person's language.
"""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from bihuan import limits, spoken
from bihuan.desk import matter
from bihuan.desk.models import Person
from bihuan.desk.pages import drawn, lines, owed
from bihuan.desk.pages.called import called
from bihuan.desk.pages.menu import address_of, menu
from bihuan.desk.pages.menu import drawn as drawn_menu
from bihuan.desk.pages.messages import unread
from bihuan.desk.pages.translated import Speaking
from bihuan.i18n import _, language


def environment(**options: Any) -> Environment:
    """Jinja2 as the desk uses it: an unknown name is an error, texts come out of the one catalogue."""
    found = Speaking(**options | {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True})
    found.globals.update(
        called=called,
        drawn=drawn,
        case_address=drawn.case_address,
        owed_rows=lines.drawn,
        _=_,
        static=lru_cache(maxsize=100)(static),
        url=address,
        word=spoken.word,
        note=spoken.note,
        note_of=owed.note_of,
        get_messages=get_messages,
    )
    found.filters.update(
        instant=drawn.instant,
        bytes=size,
        named=named,
        span=spoken.span,
        day=day,
        edition=spoken.edition,
        brief=matter.brief,
    )
    found.filters.update(limit=limits.limit_text, period=limits.period_text, period_name=limits.period_name)
    return found


def address(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs) if args or kwargs else address_of(name)


def day(at: dt.datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}"


def named(code: str | None) -> str:
    """Somebody by their name, where only the code is at hand."""
    return Person.objects.filter(code=code).values_list("name", flat=True).first() or code or ""


def size(count: int) -> str:
    """Of a file.

    >>> size(900), size(2_500_000)
    ('900 B', '2.5 MB')
    """
    for unit, least in (("MB", 1_000_000), ("kB", 1000)):
        if count >= least:
            return f"{count / least:.1f} {unit}"
    return f"{count} B"


def shared(request: HttpRequest) -> Mapping[str, Any]:
    """For every template."""
    person = request.user if isinstance(request.user, Person) else None
    token = SimpleLazyObject(lambda: get_token(request))  # one a page: each draws many a random number
    return {
        "lang": "zh-Hans" if language() == "zh" else "en",
        "pages": drawn_menu(menu(request)),
        "unread": lambda: unread(person) if person else "",
        "csrf_token": token,
        "csrf_input": SimpleLazyObject(lambda: hidden("csrfmiddlewaretoken", token)),
    }


def hidden(name: str, value: Any) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
