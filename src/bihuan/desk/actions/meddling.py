"""Who may say what an earlier event truly was: by a correction, or by telling its facts otherwise in passing."""

from collections.abc import Sequence
from copy import copy

from bihuan.desk import clock
from bihuan.desk.actions.chain import By, Draft, code, plain
from bihuan.desk.actions.words import refusal
from bihuan.desk.asked import asked
from bihuan.desk.errors import RefusedError
from bihuan.desk.judging import Row, judged, judged_next, known_of
from bihuan.desk.models import Case, Event
from bihuan.desk.office import office_now, policy_of


def refuse_meddling(case: Case, events: Sequence[Event], old: Event, by: By) -> None:
    """Whoever may not do what an event says does not say either what it truly was: else a correction would be a way round
    the regulation's roles. Whoever entered it may.
    """
    if excluded := excluded_from(case, events, old, code(by)):
        raise RefusedError(refusal(case.edition.hash, excluded), excluded, case=case.number)


def refuse_restating(case: Case, events: Sequence[Event], draft: Draft) -> None:
    """To tell otherwise what is known, with an event that does not ask for it, is to correct the event that told it."""
    edition = case.edition.hash
    for name in restated(edition, events, draft):
        old = teller(events, name)
        if excluded := excluded_from(case, events, old, draft.actor or ""):
            fact = policy_of(edition).facts.get(name)
            said, why = (fact and fact.label) or name, refusal(edition, excluded)
            raise RefusedError(
                f"{said} is told by event {old.seq} already: {why}", excluded, case=case.number
            )


def restated(edition: str, events: Sequence[Event], draft: Draft) -> list[str]:
    """The facts of a new event that are known otherwise, and that it neither asks for nor has tested."""
    if not draft.facts:
        return []
    told, known = plain(draft.facts), known_of(events)
    one = asked(edition).get(draft.event)
    own = (*one.asks, *one.tested) if one else ()
    return [name for name in told if name in known and told[name] != known[name] and name not in own]


def teller(events: Sequence[Event], name: str) -> Event:
    """The event that told a fact as it is known; of a correction, the event that it is about."""
    last = next(event for event in reversed(events) if name in event.brings)
    about = last.brings.get("corrects")
    return next((event for event in events if str(event.seq) == about), last)


def excluded_from(case: Case, events: Sequence[Event], old: Event, who: str) -> list[Row]:
    """Why somebody could not have done what an event says, nor may do it next."""
    if who in (old.actor, (old.meta or {}).get("entered_by")):
        return []
    theirs = copy(old)
    theirs.actor = who
    office, edition, now = office_now(), case.edition.hash, clock.seconds(clock.now())
    then = judged(office, edition, [theirs if one is old else one for one in events], now).irregularities
    wrong = [one for one in then if one["row"] == old.seq]
    wrong += judged_next(office, edition, events, {old.event}, who, old.brings, now).get(old.event, ())
    return [one for one in wrong if one["kind"] == "person"]
