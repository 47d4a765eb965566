"""What is owed: the worklist, callbacks, what waits for a fact, why something is due then, what fell due."""

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import Throttled
from pydantic import Field

from bihuan.desk import access, explaining, queries, sight
from bihuan.desk.api import told
from bihuan.desk.api.routes import look, read
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import After, Existing, Facts, Instant, Sent, Seq, Size, Told, Word
from bihuan.desk.declined import wishes
from bihuan.desk.errors import MissingError
from bihuan.desk.judging import known_of
from bihuan.desk.models import Edition
from bihuan.desk.pages import dispatch, whereabouts
from bihuan.desk.pages.callbacks import plain
from bihuan.engine.questionnaire import questions

router = Router(tags=["work"])
Kind = Literal["obligation", "callback", "report", "window"]


class OwedPage(Told):
    """What is owed, and the cursor to go on with; none at the end."""

    rows: list[told.OwedLine]
    after: str | None


class CallPage(Told):
    """Who is to be called back, and the cursor to go on with; none at the end."""

    rows: list[told.CallLine]
    after: str | None


class Fell(Told):
    """What fell due, or was to be warned of."""

    id: int
    what: str
    case: str | None
    rule: str
    article: str
    round: int
    unit: str | None
    owner: str | None
    due_at: dt.datetime
    at: dt.datetime


class FellPage(Told):
    rows: list[Fell]
    after: str | None


class OnBoard(Told):
    """A case on the board, with the duty to send it on or else what falls due first."""

    case: told.CaseLine
    duty: told.Owed | None


class Board(Told):
    rows: list[OnBoard]
    after: str | None


class Load(Schema):
    """How much a unit has."""

    unit: str
    cases: int
    overdue: int


class Why(Schema):
    """How a due time came about: the engine's own lines, in words, day by day."""

    rule: str
    article: str
    says: str
    round: int
    key: str | None
    due_at: dt.datetime | None
    calendar: str | None
    lines: list[str]


class Answers(Sent):
    """Answers so far to what an event, such as a call, asks."""

    event: Word
    answers: Facts = Field({})


class Question(Schema):
    """A question of a questionnaire, and what has become of it: next, answered, outside, blank, skipped, later."""

    fact: str
    label: str
    ask: str | None
    answered_with: str
    scale: str
    choices: dict[str, str]
    optional: bool
    article: str
    state: str
    answer: str | None
    points: str | None
    most: str | None


class Whereabouts(Sent):
    """What a customer knows of their case."""

    number: Existing
    digits: Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class Standing(Schema):
    """What a customer is told, and nothing else."""

    state: str
    next: dt.datetime | None
    late: bool


def page(found: queries.Page[Any]) -> dict[str, Any]:
    return {"rows": [told.owed_line(one) for one in found.rows], "after": found.after}


@read(router, "/work", OwedPage)
def list_work(
    request: HttpRequest,
    kind: Kind | None = None,
    unit: Word | None = None,
    owner: Word | None = None,
    policy: Word | None = None,
    due_before: Instant | None = None,
    after: After = None,
    size: Size = queries.SIZE,
) -> Any:
    """What is owed by units that the asker sees, the earliest due first."""
    return page(
        queries.worklist(
            asker(request), kinds=[kind] if kind else (), unit=unit, owner=owner, policy=policy,
            due_before=due_before, after=after, size=size,
        )
    )  # fmt: skip


@read(router, "/work/undated", OwedPage)
def list_undated(request: HttpRequest, after: After = None, size: Size = queries.SIZE) -> Any:
    """What is owed without a due time, because a fact or a parameter is missing."""
    return page(queries.undated(asker(request), after=after, size=size))


@read(router, "/callbacks", CallPage)
def list_callbacks(
    request: HttpRequest,
    rule: Word | None = None,
    before: Instant | None = None,
    tried: Literal["never", "vain", "again", "declined"] | None = None,
    after: After = None,
    size: Size = queries.SIZE,
) -> Any:
    """Who is to be called back, the earliest due first. What a call asks: `questions` of its case."""
    person = asker(request)
    found = queries.callbacks(person, rule=rule, before=before, tried=tried, after=after, size=size)
    declined = wishes(person, [one.case for one in found.rows if one.case])
    return {
        "rows": [
            told.owed_line(one) | {"calls_declined_at": declined.get(one.case_id or 0)} for one in found.rows
        ],
        "after": found.after,
    }


def boards(policy: str | None) -> list[Edition]:
    return [one for one in dispatch.boards() if policy in (None, one.policy)]


@read(router, "/dispatch", Board)
def list_dispatch(
    request: HttpRequest,
    policy: Word | None = None,
    unit: Word | None = None,
    after: After = None,
    size: Size = queries.SIZE,
) -> Any:
    """Open cases that wait to be sent to a unit, or those that a unit has, the oldest first."""
    person = asker(request)
    editions = boards(policy)
    waiting = dispatch.on_board(person, editions, sent=False)
    rows = dispatch.with_unit(person, editions, unit) if unit else waiting
    found = queries.keyed(rows.select_related("edition"), dispatch.ORDER, after, size)
    held, duties = sight.offices(person), dispatch.duties_of(found.rows)
    for one in found.rows:
        if one.pk in duties:
            duties[one.pk].case = one  # known, and not to be asked for again
    return {
        "rows": [
            {"case": told.line(one, held), "duty": told.owed(duties[one.pk]) if one.pk in duties else None}
            for one in found.rows
        ],
        "after": found.after,
    }


@read(router, "/dispatch/loads", list[Load])
def list_loads(request: HttpRequest, policy: Word | None = None) -> Any:
    """How much each unit has, those with the most overdue first."""
    return [vars(one) for one in dispatch.loads(asker(request), boards(policy))]


@read(router, "/told", FellPage)
def list_told(request: HttpRequest, after: After = None, size: Size = queries.SIZE) -> Any:
    """What fell due or was to be warned of, the latest first."""
    found = queries.told_lately(asker(request), after=after, size=size)
    rows = [
        {name: getattr(one, name) for name in Fell.model_fields}
        | {"case": one.case.number if one.case else None}
        for one in found.rows
    ]
    return {"rows": rows, "after": found.after}


@read(router, "/cases/{anything:number}/obligations/{place}/why", list[Why])
def get_why(request: HttpRequest, number: Existing, place: Seq) -> Any:
    """Why it is due then: every day that counted or did not, with the notice, and every event that moved it."""
    seen = queries.whole(asker(request), number)
    row, explanations = explaining.why(seen, place)
    cells = {name: getattr(row, name) for name in ("rule", "article", "round", "due_at")}
    cells["key"] = sight.outside(seen.policy, told.per(seen.policy, row.rule), row.key)
    return [
        cells | {"says": one.says, "calendar": one.calendar, "lines": lines} for one, lines in explanations
    ]


@look(router, "/cases/{anything:number}/questions", list[Question])
def ask_questions(request: HttpRequest, number: Existing, said: Answers) -> Any:
    """What an event of the case asks, in its order, as the answers so far leave it; nothing is remembered."""
    person = asker(request)
    access.to_act(person, number)
    seen = queries.whole(person, number)
    known, answers = plain(known_of(seen.events)), plain(said.answers)
    hash = seen.case.edition.hash
    found = questions(seen.policy, said.event, answers, known, seen.office.parameters(hash), seen.office.site)
    return [asdict(one) | {"choices": dict(one.choices), **points(one)} for one in found]


def points(one: Any) -> dict[str, str | None]:
    return {
        name: None if getattr(one, name) is None else str(getattr(one, name)) for name in ("points", "most")
    }


@look(router, "/whereabouts", Standing)
def ask_whereabouts(request: HttpRequest, said: Whereabouts) -> Any:
    """Where a complaint is, for a customer who knows its number and the last four digits of the telephone number in it."""
    if whereabouts.counted(f"about {said.number}") > whereabouts.ABOUT_ONE:
        raise Throttled(whereabouts.WITHIN)
    found = whereabouts.found(said.number, said.digits)
    if found is None:
        raise MissingError("no case goes with this number and these digits")
    return asdict(found)
