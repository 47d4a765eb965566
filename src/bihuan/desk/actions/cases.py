"""What happens to a case: accepted, any event, corrected, merged, moved to another edition, a file attached.

Every function adds to the case's chain, has the case judged with what is new, and writes events and obligations in one
transaction, or nothing. A step that the regulation does not allow is refused in the engine's words.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import connection, transaction

from bihuan.desk import attached, clock, files, projection
from bihuan.desk.actions import once
from bihuan.desk.actions.acting import (
    Ahead,
    Facts,
    act,
    after,
    edition_for,
    edition_of,
    entered_by,
    find,
    foreseen,
    fresh_number,
    happened_at,
    held,
    merging,
    refuse_again,
    refuse_another,
)
from bihuan.desk.actions.chain import By, Draft, code, locked_counter
from bihuan.desk.actions.destroying import FILES
from bihuan.desk.actions.meddling import refuse_meddling, refuse_restating
from bihuan.desk.actions.sharing import share
from bihuan.desk.database import writing
from bihuan.desk.errors import DeskError, MissingError, RefusedError
from bihuan.desk.events import events_of
from bihuan.desk.judging import Found, judged
from bihuan.desk.models import Attachment, Case, Event, Obligation
from bihuan.desk.office import office_now, policy_of


def accept(
    policy: str,
    *,
    by: By,
    event: str | None = None,
    facts: Facts | None = None,
    given: Facts | None = None,
    unit: str | None = None,
    at: dt.datetime | None = None,
    actor: str | None = None,
    number: str | None = None,
    key: str | None = None,
    again: bool = True,
    ahead: Ahead | None = None,
) -> Case:
    """Open a case under the edition in force on its day; without `again`, not the same as `by` has opened just now. Judged
    before the lock, unless the caller has one already; then `ahead` is what `foreseen_accept` said.
    """
    told: dict[str, Any] = {"event": event, "facts": facts, "given": given, "unit": unit, "at": at}
    told |= {"by": by, "actor": actor}
    asked = once.asked(key, "accept", policy, event, facts, given, unit, at, number)
    ahead = ahead or unlocked(lambda: foreseen_accept(policy, **told))
    with writing():
        if before := once.answered(by, key, asked):
            return Case.objects.get(number=before["case"])
        now = ahead.now if ahead else clock.now()
        case, draft = opening(policy, now, **told)
        if not again and at is None:
            refuse_another(case, draft)
        case.number = fresh_number(number, draft.at)
        act(case, (), [draft], office_now(), now, ahead)
        once.keep(by, key, asked, {"case": case.number, "seq": case.version})
    return case


def opening(
    policy: str,
    now: dt.datetime,
    *,
    by: By,
    event: str | None = None,
    facts: Facts | None = None,
    given: Facts | None = None,
    unit: str | None = None,
    at: dt.datetime | None = None,
    actor: str | None = None,
) -> tuple[Case, Draft]:
    """A case without a number, and its first event; neither is written."""
    at = happened_at(at, now)
    edition = edition_for(policy, at)
    starts = policy_of(edition.hash).header.starts
    name = event or next(iter(starts), "accepted")
    if starts and name not in starts:
        raise RefusedError(f"{name} does not open a case: expected one of {', '.join(starts)}")
    draft = Draft(
        name, at, actor or code(by), unit, facts, given, entered_by(by, actor), edition=edition.hash
    )
    return Case(edition=edition, opened_at=at, last_at=at, judged_at=now), draft


def foreseen_accept(policy: str, **said: Any) -> Ahead:
    """What `accept` would find, given all that it is given but number and key. Nothing is written."""
    now = clock.now()
    case, draft = opening(policy, now, **said)
    return foreseen(case, (), [draft], office_now(), now)


def preview_accept(policy: str, *, number: str | None = None, **said: Any) -> list[Obligation]:
    """What a case would owe by when. Takes what `accept` takes, but no key; nothing is written and nobody waits."""
    if number is not None:
        fresh_number(number, clock.now())
    rows = foreseen_accept(policy, **said).found.obligations
    owed = [Obligation(**projection.obligation(row, place)) for place, row in enumerate(rows)]
    return sorted(owed, key=lambda row: (row.due_at is None, row.due_at or clock.now(), row.place))


def unlocked(ask: Callable[[], Ahead]) -> Ahead | None:
    """What can be known before the lock. What is to be refused is refused under it, where it was asked for once."""
    if connection.in_atomic_block:
        return None
    with suppress(DeskError):
        return ask()
    return None


def append(
    number: str,
    event: str,
    *,
    by: By,
    facts: Facts | None = None,
    unit: str | None = None,
    at: dt.datetime | None = None,
    whole_day: bool = False,
    actor: str | None = None,
    version: int | None = None,
    key: str | None = None,
    again: bool = True,
    ahead: Ahead | None = None,
) -> Event:
    """Any event of a case. `version` is the last event that the writer had seen; without `again`, what they have entered
    just now is not entered a second time. Judged before the lock, unless the caller has one already; then `ahead` is
    what `foreseen_append` said.
    """
    told: dict[str, Any] = {"by": by, "facts": facts, "unit": unit, "at": at, "actor": actor}
    told["whole_day"] = whole_day
    asked = once.asked(key, "append", number, event, facts, unit, at, version)
    ahead = ahead or unlocked(lambda: foreseen_append(find(number), event, **told))
    with writing():
        if before := once.answered(by, key, asked):
            return Event.objects.get(case__number=before["case"], seq=before["seq"])
        case = held(number, version)
        stands = ahead is not None and ahead.head == case.hash and ahead.now >= case.judged_at
        now = ahead.now if ahead and stands else forward(case)
        draft = next_event(event, now, **told)
        events = ahead.before if ahead and stands else events_of(case)
        refuse_restating(case, events, draft)
        if not again and at is None:
            refuse_again(policy_of(case.edition.hash), events, draft)
        made = act(case, events, [draft], office_now(), now, ahead)[0]
        once.keep(by, key, asked, {"case": number, "seq": made.seq})
        if merging(case.edition.hash):
            transaction.on_commit(lambda: share(case), robust=True)
    return made


def forward(case: Case) -> dt.datetime:
    """Now. Where the clock was set back, a second after what was: the record goes on, each event after the one before."""
    now = clock.now()
    return now if now >= case.judged_at else case.judged_at + dt.timedelta(seconds=1)


def next_event(
    event: str,
    now: dt.datetime,
    *,
    by: By,
    facts: Facts | None = None,
    unit: str | None = None,
    at: dt.datetime | None = None,
    actor: str | None = None,
    whole_day: bool = False,
) -> Draft:
    at = happened_at(at, now)
    return Draft(event, at, actor or code(by), unit, facts, None, entered_by(by, actor), whole_day)


def foreseen_append(case: Case, event: str, **said: Any) -> Ahead:
    """What `append` to a case as it was read would find, given all else but version and key. Nothing is written."""
    now, before = forward(case), events_of(case)
    now = after(before, now)
    draft = next_event(event, now, **said)
    refuse_restating(case, before, draft)
    return foreseen(case, before, [draft], office_now(), now)


def correct(
    number: str,
    seq: int,
    *,
    by: By,
    reason: str,
    at: dt.datetime | None = None,
    facts: Facts | None = None,
    struck: bool = False,
    version: int | None = None,
) -> Event:
    """Say what an earlier event truly was: its instant, its facts, or (`struck`) that it never happened."""
    if not reason.strip():
        raise RefusedError("a correction needs a reason")
    with writing():
        case = held(number, version)
        now = forward(case)
        events = events_of(case)
        old = next((one for one in events if one.seq == seq and one.kind == "event"), None)
        if old is None or old.event == "corrected":
            raise MissingError(f"case {number} has no event {seq} that could be corrected")
        if seq == 1 and struck:
            raise RefusedError(
                "the event that opened the case cannot be struck out; withdraw or merge the case"
            )
        refuse_meddling(case, events, old, by)
        true = None if struck else clock.seconds(happened_at(at, now)) if at else clock.seconds(old.at)
        whole_day = old.whole_day and at is None
        restated = {"corrects": str(seq), "corrected_at": true, "corrected_whole_day": whole_day}
        told = {**(facts or {}), **restated}
        draft = Draft("corrected", now, code(by), facts=told, meta={"reason": reason})
        return act(case, events, [draft], office_now(), now)[0]


def note(number: str, event: str, *, by: By, meta: Facts, version: int | None = None) -> Event:
    """Something about the case that is in its record and that no regulation judges."""
    with writing():
        return add_note(held(number, version), event, by, meta)


def add_note(case: Case, event: str, by: By, meta: Facts, *, several: bool = False) -> Event:
    """The same in the transaction of the caller, who holds the case."""
    now = forward(case)
    draft = Draft(event, now, code(by), meta=meta, kind="note")
    return act(case, events_of(case), [draft], office_now(), now, several=several)[0]


def merge(number: str, into: str, *, by: By, reason: str, version: int | None = None) -> Case:
    """Two cases were one matter: this one is `merged`, the other goes on and says so."""
    if number == into:
        raise RefusedError("a case cannot be merged into itself", case=number)
    with writing():
        office = office_now()
        first, second = sorted((number, into), key=lambda one: find(one).pk)  # in the order of everybody else
        locked = {one: held(one, version if one == number else None) for one in (first, second)}
        case, other = locked[number], locked[into]
        now = max(map(forward, locked.values()))
        if case.merged_into_id or other.merged_into_id:
            raise RefusedError("one of the cases was merged before", case=number)
        merged = events_of(case)
        refuse_meddling(case, merged, merged[0], by)  # that it was a matter of its own
        case.merged_into = other
        gone = Draft("merged", now, code(by), meta={"into": into, "reason": reason})
        act(case, merged, [gone], office, now, several=True)
        here = Draft("merged_from", now, code(by), meta={"from": number, "reason": reason}, kind="note")
        act(other, events_of(other), [here], office, now, several=True)
    return case


def preview_move(number: str, edition: str) -> tuple[Found, Found]:
    """What the case owes under its edition and what it would owe under another, named by its hash. Nothing is written."""
    case = find(number)
    events, office, as_of = events_of(case), office_now(), clock.seconds(forward(case))
    now, then = (judged(office, each, events, as_of) for each in (case.edition.hash, edition))
    return now, then


def move(number: str, edition: str, *, by: By, reason: str, version: int | None = None) -> Event:
    """Judge the case by another edition from now on, on purpose and with a reason."""
    if not reason.strip():
        raise RefusedError("to move a case to another edition needs a reason")
    with writing():
        case = held(number, version)
        now = forward(case)
        before = case.edition
        case.edition = edition_of(edition)
        if case.edition.policy != before.policy:
            raise RefusedError(f"{case.edition} is another regulation than {before}", case=number)
        told_of = {"from": before.hash, "to": edition, "reason": reason}
        draft = Draft("edition_moved", now, code(by), meta=told_of, kind="note", edition=edition)
        return act(case, events_of(case), [draft], office_now(), now)[0]


def attach(number: str, name: str, content: bytes, *, by: By, version: int | None = None) -> Attachment:
    """Put a file to the case, if it is what it says it is. Its hash is in the chain; the file lies in the desk's folder."""
    media_type = attached.checked(name, content)
    sha = hashlib.sha256(content).hexdigest()
    files.keep(content, sha)
    about = {"name": name, "media_type": media_type, "size": len(content), "sha256": sha}
    with writing():
        case = held(number, version)
        made = add_note(case, "attached", by, about)
        locked_counter(FILES)
        files.keep(content, sha)  # unless an archive with the same file was destroyed meanwhile, it is there
        return Attachment.objects.create(case=case, seq=made.seq, **about)
