"""How an action on a case is carried out: locked, judged with what is new, refused or written in one go.

What an event must be like to be entered at all is asked here too. Knows no single action and no page.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone

from bihuan.desk import access, board, clock, hooks, naming, projection, search, stored
from bihuan.desk.actions.chain import By, Draft, chained, code, next_number, stated
from bihuan.desk.actions.subjects import refresh_subjects
from bihuan.desk.actions.words import refusal
from bihuan.desk.asked import asked
from bihuan.desk.database import alone
from bihuan.desk.errors import DoubledError, MissingError, RefusedError, RepeatedError, StaleError
from bihuan.desk.judging import Found, Row, given_of, judged, known_of, standing
from bihuan.desk.matter import matter, open_in
from bihuan.desk.models import Case, Edition, Event, Person
from bihuan.desk.models.judged import LONG
from bihuan.desk.naming import Reached
from bihuan.desk.office import Office, policy_of
from bihuan.desk.tables import fetch, marks
from bihuan.engine.irregular import FORBIDDEN
from bihuan.engine.listening import COMPANY, names_of
from bihuan.engine.merging import merges
from bihuan.engine.policy import Policy

Facts = Mapping[str, Any]
ENGINE = "bihuan"  # who enters what follows from the record: draws, and calls that serve several cases
MOST = 5000  # events of a case
FIRST = 1970  # year of the first instant that can be judged
MOMENT = dt.timedelta(minutes=2)  # within which the very same by the same person is asked about
FEW = 50  # cases of a subject that are judged together with one of them
ENDS = ("archived", "closed", "withdrawn")  # where the regulation does not say what ends a case


@dataclass(frozen=True)
class Ahead:
    """What the engine says of a case with what is new, asked before the lock. It holds while all of this is so."""

    head: str  # the hash of the case's last event
    edition: int
    drafts: Sequence[Draft]
    now: dt.datetime
    found: Found
    before: Sequence[Event] = ()

    def holds(self, case: Case, drafts: Sequence[Draft], office: Office, now: dt.datetime) -> bool:
        told = case.hash, case.edition_id, drafts, office.basis, now
        return told == (self.head, self.edition, self.drafts, self.found.basis, self.now)


def foreseen(
    case: Case, before: Sequence[Event], drafts: Sequence[Draft], office: Office, now: dt.datetime
) -> Ahead:
    """Judge the case with what is new, refuse what is not allowed, and write nothing; the case stays as it is."""
    policy = policy_of(case.edition.hash)
    for draft in drafts:
        if draft.kind == "event":
            refuse_strange(policy, draft)
            refuse_double(policy, before, draft)
    ahead = supposed(case, before, drafts, office, now)
    fresh = {seq for seq, draft in enumerate(drafts, case.version + 1) if draft.kind == "event"}
    refuse_irregular(ahead.found, fresh, case)
    for draft in drafts:
        refuse_undecided(policy, case.edition.hash, before, draft)
    return ahead


def supposed(
    case: Case, before: Sequence[Event], drafts: Sequence[Draft], office: Office, now: dt.datetime
) -> Ahead:
    """Judge the case with what is new, whatever is irregular about it."""
    now = after(before, now)
    fresh = [
        Event(case=case, seq=seq, recorded_at=now, **stated(draft))
        for seq, draft in enumerate(drafts, case.version + 1)
    ]
    found = judged(office, case.edition.hash, [*before, *fresh], clock.seconds(now))
    return Ahead(case.hash, case.edition_id, drafts, now, found, before)


def after(before: Sequence[Event], now: dt.datetime) -> dt.datetime:
    """The record goes forward, whatever the clock does."""
    return max([now, *(event.recorded_at for event in before[-1:])])


def act(
    case: Case,
    before: Sequence[Event],
    drafts: Sequence[Draft],
    office: Office,
    now: dt.datetime,
    ahead: Ahead | None = None,
    *,
    several: bool = False,
) -> list[Event]:
    """Judge the case with what is new; write events, case and obligations, or refuse. Where this is one of `several` cases
    in the transaction, their subjects are left to `tick`.
    """
    now = after(before, now)
    if case.version + len(drafts) > MOST:
        raise RefusedError(f"the case has {MOST} events, which is the most it can have", case=case.number)
    policy = policy_of(case.edition.hash)
    if ahead is None or not ahead.holds(case, drafts, office, now):
        ahead = foreseen(case, before, drafts, office, now)
    found = ahead.found
    made = chained(case, drafts, now)
    every = [*before, *made]
    stand(case, every, found)
    (stored.change if before else stored.add)(case)
    for event in made:
        event.case = case
    stored.add(*made)
    hooks.happened(case, made)
    begins = not before
    _, untold = projection.refresh({"case": case}, found, begins=begins)
    if untold or may_be_shared(case, found):
        Case.objects.filter(pk=case.pk).update(wake_at=now)
        case.wake_at = now
    whom = projection.reach(case, reached(case.edition.hash, every, found), begins=begins)
    search.index(case, policy, every, whom, begins=begins)
    concern_subjects(case, office, found, now, several)
    return made


def concern_subjects(case: Case, office: Office, found: Found, now: dt.datetime, several: bool) -> None:
    """Judge the subjects of the case anew: here while they have few cases, else the next `tick` does. It does so too for
    several cases at once, whose subjects would be locked as they come: others hold them in another order.
    """
    about = found.subjects | begun(case, office)
    subjects = projection.concern(case, case.edition, about)
    alone = [] if several else [one for one in subjects if one.fact != COMPANY]
    few = [one for one in alone if one.concerns.count() <= FEW]
    projection.wake([one for one in subjects if one not in few])
    projection.wake(refresh_subjects(few, now).untold)


def may_be_shared(case: Case, found: Found) -> bool:
    """Whether a call for another case may serve this one, or one for this case others; `tick` sees to it (`sharing`)."""
    names = merging(case.edition.hash)
    return any(row["rule"] in names for row in found.obligations)


@lru_cache(maxsize=64)
def merging(edition: str) -> frozenset[str]:
    """The callbacks of an edition that one call may serve together with others, by their names."""
    return frozenset(rule.name for rule in merges(policy_of(edition)))


def begun(case: Case, office: Office) -> frozenset[tuple[str, str]]:
    """The company as a subject, which begins with the first case of an edition."""
    if case.version > 1 or COMPANY not in office.plan(case.edition.hash).layouts:
        return frozenset()
    if fetch("SELECT 1 FROM desk_subject WHERE edition_id = %s AND fact = %s", case.edition_id, COMPANY):
        return frozenset()
    return frozenset({(COMPANY, COMPANY)})


def reached(edition: str, events: Sequence[Event], found: Found) -> Reached:
    """Units that were named, those of whoever acted, and those that owe something; people whom a role's fact names or who owe."""
    actors = {event.actor for event in events if event.actor}
    owe = naming.owners(edition, found.obligations)
    homes = fetch(HOMES.format(marks(actors), marks(owe.units)), *actors, *owe.units)
    units = {event.unit for event in events} | {row["unit"] for row in found.obligations}
    units |= {unit for (unit,) in homes}
    by_facts = naming.named(edition, events)
    return by_facts | Reached(frozenset(unit for unit in units if unit), owe.people)


HOMES = """
SELECT u.name FROM desk_person p JOIN desk_unit u ON u.id = p.unit_id WHERE p.code IN ({})
UNION SELECT name FROM desk_unit WHERE name IN ({})
"""


def stand(case: Case, events: Sequence[Event], found: Found) -> None:
    """What a case shows in lists, by its events and what the engine found."""
    policy, rows, given = policy_of(case.edition.hash), standing(events), given_of(events)
    first, last = rows[0], rows[-1]
    case.opened_at, case.last_at = clock.instant(first["at"]), clock.instant(last["at"])
    case.last_event = last["event"]
    case.customer = str(latest(policy.header.customer, rows, given) or "")[:LONG]
    case.unit = str(latest("unit", rows, given) or "")[:LONG]
    case.closed_at = closed(policy, rows)
    case.judged_at, case.basis = clock.instant(found.as_of), found.basis
    case.wake_at = None if found.wake is None else clock.instant(found.wake)
    show(case, rows, given, found.irregularities, found.obligations)


def show(
    case: Case, rows: Sequence[Row], given: Facts, irregularities: Iterable[Row], owed: Iterable[Row]
) -> None:
    """What lists say of a case without reading its events: the matter, and where it stands for the dispatch board."""
    case.matter = matter(open_in(case.edition.hash), rows, given)
    away = case.closed_at or case.merged_into_id or case.destroyed_id or not board.sends(case.edition.hash)
    case.sent = None if away else board.is_sent(rows, board.astray(irregularities))
    due = board.owed_at(case.unit, owed) if case.sent else None
    case.owed_at = None if due is None else clock.instant(due)


def latest(fact: str | None, rows: Sequence[Row], given: Facts) -> Any:
    if fact is None:
        return None
    return next((row[fact] for row in reversed(rows) if row.get(fact) is not None), given.get(fact))


def closed(policy: Policy, rows: Sequence[Row]) -> dt.datetime | None:
    """Since when the case is no longer open."""
    since, ends = None, ending(policy)
    for row in rows:
        if row["event"] in ends:
            since = since or clock.instant(row["at"])
        elif row["event"] == "reopened":
            since = None
    return since


def ending(policy: Policy) -> frozenset[str]:
    """The events after which a case is no longer open."""
    return frozenset((*(policy.header.ends or ENDS), *names_of(policy.header.void_by), "merged"))


def refuse_strange(policy: Policy, draft: Draft) -> None:
    """Names that the edition does not have."""
    if draft.event not in policy.event_labels:
        raise RefusedError(f"{policy.id} has no event {draft.event!r}", event=draft.event)
    carried = {**(draft.facts or {}), **(draft.given or {})}
    allowed = {*policy.facts, "drawn_for", "drawn_period"}
    allowed |= {"corrects", "corrected_at", "corrected_whole_day"} if draft.event == "corrected" else set()
    if strange := sorted(carried.keys() - allowed):
        raise RefusedError(f"{policy.id} has no fact {strange[0]!r}", fact=strange[0])


def refuse_undecided(policy: Policy, edition: str, before: Sequence[Event], draft: Draft) -> None:
    """What is for some role to decide is decided by nobody else in passing. What is asked with an event, whoever enters that
    says of them.
    """
    facts = {**(draft.facts or {}), **(draft.given or {})}
    roles = {name: fact.decided_by for name in facts if (fact := policy.facts.get(name)) and fact.decided_by}
    asks = (*one.asks, *one.tested) if roles and (one := asked(edition).get(draft.event)) else ()
    known = known_of(before)
    for name, role in roles.items():
        if (
            name not in asks
            and facts[name] != known.get(name)
            and role not in roles_of(policy, draft, before)
        ):
            said = policy.facts[name].label or name
            raise RefusedError(f"{said} is for {policy.roles[str(role)].label} to decide", fact=name)


def roles_of(policy: Policy, draft: Draft, before: Sequence[Event]) -> frozenset[str]:
    """The roles that whoever enters an event has in the case."""
    person = Person.objects.filter(code=draft.actor).first()
    return frozenset() if person is None else access.roles_on(policy, person, before)


def refuse_double(policy: Policy, before: Sequence[Event], draft: Draft) -> None:
    """The same event by the same person at the same instant is one event, and a log would count it once."""
    said, facts = (draft.event, draft.at, draft.actor, draft.unit), dict(draft.facts or {})
    for event in reversed(before):
        if (event.event, event.at, event.actor, event.unit) == said and (event.facts or {}) == facts:
            label = policy.event_labels[draft.event]
            raise DoubledError(f"this {label} is in the record already, as event {event.seq}")


def refuse_again(policy: Policy, before: Sequence[Event], draft: Draft) -> None:
    """What the person entered last in the case, a moment ago: a browser's Back fetches the form anew, and nothing in it tells
    that it was sent before.
    """
    mine = (event for event in reversed(before) if event.kind == "event" and event.actor == draft.actor)
    last = next(mine, None)
    if last is not None and is_same(last, draft):
        label, ago = policy.event_labels[draft.event], clock.seconds(draft.at) - clock.seconds(last.at)
        raise RepeatedError(
            f"you entered this {label} {ago} seconds ago, as event {last.seq}: send it once more if it happened a second time"
        )


def refuse_another(case: Case, draft: Draft) -> None:
    """Likewise a case like one that the person has just opened."""
    of = Case.objects.filter(edition=case.edition, last_at__gte=draft.at - MOMENT)
    lately = (
        Event.objects.filter(seq=1, actor=draft.actor, case__in=of).select_related("case").order_by("-id")
    )
    if last := next((event for event in lately if is_same(event, draft)), None):
        ago = clock.seconds(draft.at) - clock.seconds(last.at)
        raise RepeatedError(
            f"you accepted the same {ago} seconds ago, as case {last.case.number}: send it once more if it is another one"
        )


def is_same(last: Event, draft: Draft) -> bool:
    """Whether it is the very same, and only a moment later."""
    said = stated(draft)
    same = all(getattr(last, name) == said[name] for name in ("event", "unit", "facts", "given"))
    return same and draft.at - last.at < MOMENT


def refuse_irregular(found: Found, fresh: set[int], case: Case) -> None:
    """What the regulation does not allow of the new events, or what cannot be read of them."""
    wrong = [one for one in found.irregularities if one["row"] in fresh and one["kind"] in FORBIDDEN]
    if wrong:
        raise RefusedError(refusal(case.edition.hash, wrong), wrong, case=case.number)
    unread = [one for one in found.unfit if one["line"] in fresh]
    if unread:
        one = unread[0]
        raise RefusedError(f"{one['fact']}: found {one['found']!r}, expected {one['expected']}", unread)


def happened_at(at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    if at is None:
        return now
    if at.tzinfo is None:
        raise RefusedError(f"{at} has no zone")
    if at.year < FIRST:
        raise RefusedError(f"{at:%Y-%m-%d} lies before {FIRST}")
    at = at.astimezone(dt.UTC).replace(microsecond=0)
    if at > now:
        raise RefusedError(
            f"{at:%Y-%m-%d %H:%M:%S} UTC lies in the future: what has not happened cannot be entered"
        )
    return at


def entered_by(by: By, actor: str | None) -> Facts | None:
    return {"entered_by": code(by)} if actor is not None and actor != code(by) else None


def find(number: str) -> Case:
    """The case with its edition."""
    return known(number, "")


def known(number: str, lock: str) -> Case:
    for case in stored.linked(Case, {"edition": ("text",)}, f"WHERE desk_case.number = %s {lock}", number):
        return stored.remembered(case)
    raise MissingError(f"there is no case {number}", case=number)


def held(number: str, version: int | None = None) -> Case:
    """The case, locked until the transaction ends; refused if somebody else acted since `version`."""
    case = known(number, "FOR UPDATE OF desk_case" if connection.features.has_select_for_update else "")
    if case.destroyed_id is not None:
        raise RefusedError("the archive of this case was destroyed", case=number)
    if version is not None and version != case.version:
        since = list(Event.objects.filter(case=case, seq__gt=version).order_by("seq"))
        names = "; ".join(f"{one.event} ({one.actor})" for one in since)
        raise StaleError(f"somebody else acted on this case meanwhile: {names}", since, case=number)
    return case


def fresh_number(number: str | None, at: dt.datetime) -> str:
    if number is None:
        return next_number(timezone.localdate(at))
    if not number.strip() or len(number) > 64:
        raise RefusedError("a case number has 1 to 64 characters")
    alone("case", number)
    if fetch("SELECT 1 FROM desk_case WHERE number = %s", number):
        raise DoubledError(f"there is a case {number} already", case=number)
    return number


def edition_of(hash: str) -> Edition:
    edition = Edition.objects.filter(hash=hash).first()
    if edition is None:
        raise MissingError(f"no edition with the hash {hash[:12]} is on this desk")
    return edition


def edition_for(policy: str, at: dt.datetime) -> Edition:
    """The edition in force on the day of the case."""
    day = timezone.localdate(at)
    editions = stored.found(Edition, "WHERE policy = %s AND in_force", policy, without=("text",))
    held = [one for one in editions if one.covers(day)]
    if not held:
        raise MissingError(f"no edition of {policy} is in force on {day}; put one in force first")
    return max(held, key=lambda one: one.since or dt.date.min)
