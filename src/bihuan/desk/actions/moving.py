"""Changes under which open cases may be judged otherwise: parameters, calendars, somebody who leaves.

What changes can be looked at before. Afterwards the open cases concerned are judged anew; a due time that moves is
noted in the record of its case with the old one.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from bihuan.desk import clock, projection
from bihuan.desk.access import held_today
from bihuan.desk.actions.acting import act, may_be_shared, stand
from bihuan.desk.actions.cases import forward
from bihuan.desk.actions.chain import By, Draft, code, enter
from bihuan.desk.actions.office import add_deputy, deactivate, end_role, find_person, grant
from bihuan.desk.database import writing
from bihuan.desk.errors import RefusedError
from bihuan.desk.events import events_by_case, events_of
from bihuan.desk.judging import Found, judged, known_of
from bihuan.desk.models import (
    GROWING,
    Case,
    Edition,
    Event,
    Holding,
    Notice,
    Obligation,
    Person,
    Setting,
    Subject,
)
from bihuan.desk.office import Office, laid_down, office_now, policy_of
from bihuan.desk.record import hashed
from bihuan.engine.errors import BihuanError
from bihuan.engine.parameters import parameter_values
from bihuan.engine.policy import Policy
from bihuan.engine.replay import planned

PORTION = 200  # cases that are read together
Portion = Sequence[tuple[Case, Sequence[Event]]]


@dataclass(frozen=True)
class Moved:
    """A due time that changes."""

    case: str
    rule: str
    article: str
    round: int
    key: str | None
    before: int | None
    after: int | None


def set_parameter(policy: str, name: str, value: Any, *, by: By, reason: str = "") -> list[Moved]:
    """Give a parameter its value, and judge the open cases under it. Refused where it breaks its bounds."""
    with writing():
        cases = held_open(Case.objects.filter(edition__policy=policy))
        refuse_value(policy, name, value)
        enter("parameter", policy, {"policy": policy, "name": name, "value": value, "reason": reason}, by)
        Setting.objects.update_or_create(policy=policy, name=name, defaults={"value": value})
        projection.wake(owing(Subject.objects.filter(edition__policy=policy)))
        return judge_open(cases, by, f"parameter {name}")


def refuse_value(policy: str, name: str, value: Any) -> None:
    """A value that breaks the bounds of some edition, or a name that none has."""
    hashes = Edition.objects.filter(policy=policy).values_list("hash", flat=True)
    known = [edition for hash in hashes if name in parameter_values(edition := policy_of(hash))]
    if not known:
        raise RefusedError(f"no edition of {policy} on this desk has a parameter {name!r}")
    given = dict(Setting.objects.filter(policy=policy).values_list("name", "value"))
    for edition in known:
        own = parameter_values(edition)
        held = {one: other for one, other in given.items() if one in own} | {name: value}
        planned(edition, parameter_values(edition, held), None)  # what rules make of it is tried too


def preview_parameter(policy: str, name: str, value: Any) -> list[Moved]:
    """Which due times of open cases another value of a parameter would move. Nothing is written."""
    refuse_value(policy, name, value)
    office = office_now()
    settings = {**office.settings, policy: {**office.settings.get(policy, {}), name: value}}
    under = Office(office.basis, office.site, settings, office.notices)
    return moved_under(under, Case.objects.filter(edition__policy=policy))


def preview_notice(name: str, text: str) -> list[Moved]:
    """Which due times of open cases a calendar file would move. Nothing is written."""
    return moved_under(with_notice(office_now(), name, text), Case.objects.all())


def preview_handover(person: str) -> tuple[list[Holding], list[str]]:
    """What would go to another: the roles, and the numbers of the open cases that name the person."""
    leaver = find_person(person)
    found = [
        case.number
        for portion in in_portions(Case.objects.all())
        for case, events in portion
        if named(policy_of(case.edition.hash), events, person)
    ]
    return roles_of(leaver), found


def load_notice(name: str, text: str, *, by: By, approved_by: By) -> list[Moved]:
    """Load a calendar file, such as next year's holidays. The old due times stay in the records of their cases."""
    with writing():
        cases = held_open(Case.objects.all())
        with_notice(office_now(), name, text)
        content = {"name": name, "text": text, "approved_by": code(approved_by)}
        enter("notice", name, content, by)
        Notice.objects.update_or_create(name=name, defaults={"text": text, "hash": hashed(text)})
        projection.wake(owing(Subject.objects.all()))
        return judge_open(cases, by, f"notice {name}")


def handover(person: str, to: str, *, by: By, reason: str) -> list[str]:
    """Somebody leaves: roles, deputyships and open cases go to another. Answers the numbers of the cases."""
    with writing():
        today, leaver, heir = clock.today(), find_person(person), find_person(to)
        if leaver.pk == heir.pk:
            raise RefusedError("a person cannot hand over to themselves", person=person)
        cases, holdings = held_open(Case.objects.all()), roles_of(leaver, locked=True)
        enter("handover", person, {"from": person, "to": to, "reason": reason}, by)
        for holding in holdings:
            unit = holding.unit.name if holding.unit else None
            grant(to, holding.role, unit, by=by, since=today, until=holding.until)
            end_role(holding.pk, by=by, until=today)
        add_deputy(person, to, by=by, since=today)
        deactivate(person, by=by)
        return [case.number for case in cases if handed_over(case, person, to, by, reason)]


def roles_of(person: Person, *, locked: bool = False) -> list[Holding]:
    """The roles that somebody holds today and would go on to hold."""
    held = held_today().filter(person=person).exclude(until=clock.today())
    held = held.select_for_update(of=("self",)) if locked else held
    return list(held.select_related("unit").order_by("id"))


def handed_over(case: Case, person: str, to: str, by: By, reason: str) -> bool:
    """Facts of the case that name the person name the other from now on."""
    events = events_of(case)
    facts = dict.fromkeys(named(policy_of(case.edition.hash), events, person), to)
    if facts:
        now, meta = forward(case), {"from": person, "to": to, "reason": reason}
        draft = Draft("handed_over", now, code(by), facts=facts, meta=meta)
        act(case, events, [draft], office_now(), now, several=True)
    return bool(facts)


def named(policy: Policy, events: Sequence[Event], person: str) -> list[str]:
    """The facts of a case by which a person is named now to do something. Who is to blame, who pays and who was complained of
    stays so, whoever takes over.
    """
    known = known_of(events)
    return [name for name in duties(policy) if known.get(name) == person]


def duties(policy: Policy) -> list[str]:
    """The facts that name who is to do something: those of the roles by which a step is taken or something is owed."""
    told = (getattr(rule, "by", None) or () for _article, _kind, rule in policy.rules())
    doers = {role for by in told for role in ((by,) if isinstance(by, str) else by)}
    facts = {role.fact for name, role in policy.roles.items() if name in doers}
    return [name for name, fact in policy.facts.items() if fact.type == "person" and name in facts]


# --- looking ---


def in_portions(cases: QuerySet[Case]) -> Iterator[Portion]:
    """The open ones of some cases with their events: as many questions to the database as there are portions."""
    wanted, last = open_among(cases), 0
    while some := list(wanted.filter(id__gt=last)[:PORTION]):
        last = some[-1].pk
        events = events_by_case(case.pk for case in some)
        yield [(case, events[case.pk]) for case in some]


def moved_under(office: Office, cases: QuerySet[Case]) -> list[Moved]:
    """Which due times of open cases another office would move, in the order of the cases."""
    as_of = clock.seconds(clock.now())
    return [one for portion in in_portions(cases) for one in moved_of(office, portion, as_of)]


def moved_of(office: Office, portion: Portion, as_of: int) -> Iterator[Moved]:
    held: dict[int, dict[Any, Any]] = {}
    rows = Obligation.objects.filter(case__in=[case for case, _ in portion])
    for row in rows.values("case_id", *NAME, "due_at"):
        held.setdefault(row["case_id"], {})[name_of(row)] = row["due_at"]
    for case, events in portion:
        anew = judged(office, case.edition.hash, events, as_of)
        yield from shifted(case.number, held.get(case.pk, {}), anew)


# --- judging anew ---


def open_among(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.filter(closed_at=None, destroyed=None).select_related("edition").order_by("id")


def held_open(cases: QuerySet[Case]) -> list[Case]:
    """The open ones of some cases, locked: nobody enters an event between what is read of them and what is written."""
    return list(open_among(cases).select_for_update(of=("self",)))


def owing(subjects: QuerySet[Subject]) -> QuerySet[Subject]:
    """Those of which something may still change. The next `tick` judges them."""
    return subjects.filter(Exists(Obligation.objects.filter(subject=OuterRef("pk"), state__in=GROWING)))


def judge_open(cases: Sequence[Case], by: By, why: str) -> list[Moved]:
    """Judge cases that are open and held anew; what moves is noted in their records."""
    office, found = office_now(), list[Moved]()
    for case in cases:
        now, events = forward(case), events_of(case)
        anew = judged(office, case.edition.hash, events, clock.seconds(now))
        mine = list(moves(case, anew))
        found += mine
        if mine:
            meta = {"why": why, "moved": [vars(one) for one in mine]}
            note = Draft("due_moved", now, code(by), meta=meta, kind="note")
            act(case, events, [note], office, now, several=True)
        else:
            stand(case, events, anew)
            if projection.refresh({"case": case}, anew)[1] or may_be_shared(case, anew):
                case.wake_at = (
                    now  # something fell due meanwhile and nobody has been told; or calls serve others now
                )
            case.save()
    return found


def moves(case: Case, anew: Found) -> Iterator[Moved]:
    """The rows whose due time is another than the one that is held."""
    rows = Obligation.objects.filter(case=case).values(*NAME, "due_at")
    yield from shifted(case.number, {name_of(row): row["due_at"] for row in rows}, anew)


def shifted(number: str, held: Mapping[Any, dt.datetime | None], anew: Found) -> Iterator[Moved]:
    for row in anew.obligations:
        if name_of(row) in held:
            at = held[name_of(row)]
            before, after = None if at is None else clock.seconds(at), row["due_at"]
            if before != after:
                yield Moved(number, row["rule"], row["article"], row["round"], row["key"], before, after)


NAME = ("rule", "round", "key", "row")


def name_of(row: Any) -> tuple[Any, ...]:
    return tuple(row[name] for name in NAME)


def with_notice(office: Office, name: str, text: str) -> Office:
    """The office as it would be with one more calendar file. A file that cannot be used is refused here."""
    others: Sequence[tuple[str, str]] = [one for one in office.notices if one[0] != name]
    under = Office(office.basis, office.site, office.settings, (*others, (name, text)))
    try:
        under.calendars()
    except BihuanError as error:
        said = str(error).replace(f"{laid_down(text)}:", "").strip()  # where the desk keeps it helps nobody
        raise RefusedError(f"the calendar file cannot be used: {said}") from None
    return under
