"""Every address of the desk, asked by somebody of another station: refused, or without a word of the case.

A new page must be here, too: pages that anybody who is logged in may open are named with what they show.
"""

import re

import pytest
from django.urls import URLPattern

from bihuan.desk import actions
from bihuan.desk.models import Attachment, Obligation
from bihuan.desk.urls import urlpatterns

ANYBODY = {
    "home": "leads to one's own work",
    "work": "what one's own units owe",
    "search": "what one may see",
    "intake": "a case to be begun",
    "begin": "cases to be begun",
    "dispatch": "cases of one's own units",
    "callbacks": "calls of one's own offices",
    "supervision": "one's own units",
    "charges": "one's own units",
    "figures_csv": "one's own units",
    "figure": "rows of one's own units",
    "regulations": "the regulations themselves",
    "regulation": "a regulation itself",
    "calendars": "the calendars themselves",
    "account": "oneself",
    "password": "oneself",
    "messages": "one's own",
    "messages_read": "one's own",
    "bulk": "chosen cases that one may see",
    "language": "words alone",
    "logout": "oneself",
}
OUTSIDE = {"login", "second", "where", "healthz", "metrics"}  # nobody need be logged in: tests of their own
PAGES = [one for one in urlpatterns if isinstance(one, URLPattern) and one.name not in OUTSIDE]
TOLD = ("刘女士0042", "刘****42", "13812345678", "notes.txt")


@pytest.fixture
def theirs(case, clock):
    """A case with a file, at work in another unit, and how its addresses are filled."""
    clock.wait(minutes=1)
    actions.append(case.number, "ticket_made", by="dana", facts={"item": "billing"}, actor="alice")
    actions.attach(case.number, "notes.txt", b"13812345678", by="alice")
    values = {
        "number": case.number,
        "id": Attachment.objects.get().pk,
        "place": Obligation.objects.filter(case=case).first().place,
        "seq": 1,
        "event": "contacted",
        "name": "x",
        "hash": case.edition.hash,
        "code": "alice",
    }
    return case, values


def filled(url, values):
    edition = url.name in ("regulation", "compare", "in_force", "parameter")
    values = values | ({"id": values["edition"]} if edition else {})
    return "/" + re.sub(r"<\w+:(\w+)>", lambda one: str(values[one[1]]), str(url.pattern))


@pytest.mark.parametrize("url", PAGES, ids=lambda one: one.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_is_of_another_station_learns_nothing(as_person, theirs, url, method):
    case, values = theirs
    before = case.events.count()
    address = filled(url, values | {"edition": case.edition_id})
    answer = getattr(as_person("charlie"), method)(address, {"case": case.number, "q": "刘女士"})
    said = (b"".join(answer) if answer.streaming else answer.content).decode()
    assert not any(word in said for word in TOLD)
    if url.name in ANYBODY:
        assert answer.status_code < 500
        assert f'href="/case/{case.number}/"' not in said
    else:
        assert answer.status_code in (403, 404, 405), address
    assert case.events.count() == before


def test_who_may_see_it_learns_it(as_person, theirs):
    """What is looked for above is what these pages say."""
    case, _values = theirs
    alice = as_person("alice")
    page = alice.get(f"/case/{case.number}/").content.decode()
    assert all(word in page for word in ("刘****42", "notes.txt"))
    found = alice.get("/search/", {"q": "刘女士"}).content.decode()
    assert f'href="/case/{case.number}/"' in found
