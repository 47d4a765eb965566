"""Regulations: editions on the desk, their events with what each asks, their parameters; put in force, taken out."""

import datetime as dt
import tomllib
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from bihuan.desk import access, actions
from bihuan.desk.actions.acting import edition_of
from bihuan.desk.api.forms import schema_of
from bihuan.desk.api.routes import Key, administer, carried_out, look, read
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import Day, File, Scalar, Sent, Text, Word
from bihuan.desk.asked import asked
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Edition
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.pages.comparing_apart import AGAIN, looked_at
from bihuan.desk.pages.shipped import shipped, text_of

router = Router(tags=["regulations"])


class EditionLine(Schema):
    """An edition of a regulation, named by its hash."""

    policy: str
    title: str
    edition: str
    status: str
    hash: str
    in_force: bool
    since: dt.date | None
    until: dt.date | None


class EventTold(Schema):
    """An event that the regulation knows; `facts` is a JSON Schema of what it carries."""

    event: str
    label: str
    opens: bool
    step: bool
    articles: list[str]
    facts: dict[str, Any]


class FactTold(Schema):
    """A fact, and who may not see it."""

    name: str
    label: str
    type: str
    choices: dict[str, str]
    personal: str | None
    hidden_from: list[str]


class Article(Schema):
    """An article, and the rules that carry it."""

    no: str
    says: str
    rules: list[str]


class EditionTold(EditionLine):
    """An edition with its articles, roles, facts and events."""

    customer: str | None
    starts: list[str]
    articles: list[Article]
    roles: dict[str, str]
    facts: list[FactTold]
    events: list[EventTold]


class Parameter(Schema):
    """A parameter; without a value it is missing, and what hangs on it is `unset`."""

    name: str
    origin: str
    value: str | None
    unit: str | None
    missing: bool
    deviates: bool


class Install(Sent):
    """The text of a policy file."""

    text: File


class Force(Sent):
    """The days between which new cases are accepted under it."""

    since: Day | None = None
    until: Day | None = None


class End(Sent):
    """The last day on which cases are accepted under it."""

    until: Day


class Choice(Sent):
    """A value of a parameter."""

    policy: Word
    name: Word
    value: Scalar


class Setting(Choice):
    """A value of a parameter, and why it is set."""

    reason: Text


class Shipped(Schema):
    """An edition that comes with Bihuan and is not on the desk yet."""

    policy: str
    title: str
    edition: str
    status: str
    hash: str


class Against(Sent):
    """The edition to compare with, by its hash, and since when cases count; none: all, as far as the desk compares."""

    against: Word
    since: Day | None = None


class Soon(Schema):
    """Not found out yet: the same question again after so many seconds."""

    again: int


class Changed(Schema):
    """What changes of a rule at a unit."""

    says: str
    article: str
    unit: str
    rows_before: int
    rows_after: int
    late_before: int
    late_after: int
    overdue_before: int
    overdue_after: int
    moved: int


class Differs(Schema):
    """A row that differs."""

    case: str
    rule: str
    article: str | None
    says: str
    due_before: dt.datetime | None
    due_after: dt.datetime | None
    state_before: str | None
    state_after: str | None


class Compared(Schema):
    """The desk's own cases under two editions; `all`: or only the newest of them; `more` rows are not told."""

    cases: int
    all: bool
    rules: list[Changed]
    rows: list[Differs]
    more: int


class Moved(Schema):
    """A due time that changes."""

    case: str
    rule: str
    article: str
    round: int
    before: dt.datetime | None
    after: dt.datetime | None


class MovedAll(Schema):
    """The due times of open cases that change."""

    moved: list[Moved]


def line(one: Edition) -> dict[str, Any]:
    return {name: getattr(one, name) for name in EditionLine.model_fields}


@read(router, "/regulations", list[EditionLine])
def list_regulations(request: HttpRequest, in_force: bool | None = None) -> Any:
    """The editions on this desk."""
    rows = Edition.objects.order_by("policy", "-since", "-id")
    return [line(one) for one in (rows if in_force is None else rows.filter(in_force=in_force))]


@read(router, "/regulations/shipped", list[Shipped])
def list_shipped(request: HttpRequest) -> Any:
    """The editions that come with Bihuan and are not on this desk."""
    access.to_administer(asker(request))
    held = set(Edition.objects.values_list("hash", flat=True))
    return [
        {name: getattr(one, name) for name in Shipped.model_fields}
        for one in shipped()
        if one.hash not in held
    ]


@administer(router, "/regulations/shipped/{hash}", EditionLine)
def install_shipped(request: HttpRequest, hash: Word, key: Key = None) -> Any:
    """Put a shipped edition on the desk. It judges nothing until it is put in force."""
    person, text = access.to_administer(asker(request)), text_of(hash)
    done = carried_out(request, key, hash, lambda: {"hash": actions.install(text, by=person).hash})
    return line(edition_of(done["hash"]))


@look(router, "/regulations/{hash}/compare", {200: Compared, 202: Soon})
def compare_editions(request: HttpRequest, hash: Word, said: Against) -> Any:
    """What an edition would change for the cases that the desk has; of many, once that is found out. Nothing is written."""
    access.to_administer(asker(request))
    after, before = edition_of(hash), edition_of(said.against)
    if before.policy != after.policy:
        raise RefusedError(f"{before} is another regulation than {after}")
    found = looked_at(before, after, said.since)
    if found is None:
        return Status(202, {"again": AGAIN})
    cells = {name: getattr(found, name) for name in ("cases", "all", "rows", "more")}
    about = ("says", "article", "unit")
    return cells | {
        "rules": [{name: getattr(one, name) for name in about} | one.numbers for one in found.rules]
    }


@read(router, "/regulations/{hash}", EditionTold)
def get_regulation(request: HttpRequest, hash: Word) -> Any:
    """An edition: what can happen under it, and what each event asks for."""
    one = edition_of(hash)
    policy = policy_of(one.hash)
    starts = policy.header.starts or ("accepted",)
    rules: dict[str, list[str]] = {}
    for article, _kind, rule in policy.rules():
        rules.setdefault(article.no, []).append(rule.name)
    known = asked(one.hash)
    names = dict.fromkeys((*starts, *known))
    return line(one) | {
        "customer": policy.header.customer,
        "starts": list(starts),
        "articles": [{"no": each.no, "says": each.says or "", "rules": rules.get(each.no, [])} for each in policy.article],
        "roles": {name: role.label for name, role in policy.roles.items()},
        "facts": [fact_told(name, fact) for name, fact in policy.facts.items()],
        "events": [
            {
                "event": name, "label": policy.event_labels.get(name, name), "opens": name in starts,
                "step": name in known and known[name].step,
                "articles": known[name].articles if name in known else [], "facts": schema_of(one.hash, name),
            }
            for name in names
        ],
    }  # fmt: skip


def fact_told(name: str, fact: Any) -> dict[str, Any]:
    return {
        "name": name, "label": fact.label or name, "type": fact.type, "choices": fact.leaves, "personal": fact.personal,
        "hidden_from": list(fact.hidden_from),
    }  # fmt: skip


@read(router, "/regulations/{hash}/parameters", list[Parameter])
def list_parameters(request: HttpRequest, hash: Word) -> Any:
    """The parameters of an edition as they stand at this desk; the missing ones too."""
    found = office_now().parameters(edition_of(hash).hash)
    return [
        {
            "name": name, "origin": one.origin, "value": None if one.on() is None else str(one.on()), "unit": one.unit,
            "missing": one.missing, "deviates": one.deviates,
        }
        for name, one in found.values.items()
    ]  # fmt: skip


@administer(router, "/regulations", EditionLine)
def install_regulation(request: HttpRequest, said: Install, key: Key = None) -> Any:
    """Put an edition on the desk by its file's text. It judges nothing until it is put in force."""
    person = access.to_administer(asker(request))
    refuse_unreadable(said.text)
    done = carried_out(
        request, key, said.dict(), lambda: {"hash": actions.install(said.text, by=person).hash}
    )
    return line(edition_of(done["hash"]))


def refuse_unreadable(text: str) -> None:
    """What is no TOML at all."""
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"the file is no TOML: {error}") from None


@administer(router, "/regulations/{hash}/force", EditionLine)
def put_in_force(request: HttpRequest, hash: Word, said: Force, key: Key = None) -> Any:
    """Accept new cases under it from a day on; older cases stay where they are."""
    by, told = access.to_administer(asker(request)), said.dict()
    carried_out(request, key, told, lambda: {"hash": actions.put_in_force(hash, **told, by=by).hash})
    return line(edition_of(hash))


@administer(router, "/regulations/{hash}/end", EditionLine)
def take_out_of_force(request: HttpRequest, hash: Word, said: End, key: Key = None) -> Any:
    """Accept no case under it after a day."""
    by, told = access.to_administer(asker(request)), said.dict()
    carried_out(request, key, told, lambda: {"hash": actions.take_out_of_force(hash, **told, by=by).hash})
    return line(edition_of(hash))


def moved(found: Any) -> dict[str, Any]:
    """Due times that move, without the key of a row, which may name a customer."""
    return {"moved": [{name: getattr(one, name) for name in Moved.model_fields} for one in found]}


@look(router, "/parameters/preview", MovedAll)
def preview_parameter(request: HttpRequest, said: Choice) -> Any:
    """Which due times of open cases a value would move. Nothing is written."""
    access.to_administer(asker(request))
    return moved(actions.preview_parameter(said.policy, said.name, said.value))


@administer(router, "/parameters", MovedAll)
def set_parameter(request: HttpRequest, said: Setting, key: Key = None) -> Any:
    """Set a parameter; answers which due times of open cases moved."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: moved(actions.set_parameter(**told, by=by)))
