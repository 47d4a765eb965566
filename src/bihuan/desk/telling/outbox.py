"""From `Told` to messages in the desk and to what is to go out, once: whoever changes `sent_at` has claimed the row and
writes everything that follows from it in the same transaction. A crash undoes both, and the next worker finds it again.
"""

import datetime as dt
from collections.abc import Iterable

from bihuan.desk import clock, hooks
from bihuan.desk.database import writing
from bihuan.desk.models import RUNNING, Channel, Edition, Message, Obligation, Outgoing, Told, Unit
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.desk.telling.recipients import channels, recipients
from bihuan.desk.telling.worktimes import calendar_for, digest_time
from bihuan.engine.policy import Policy
from bihuan.engine.timed import Timed

MOST = 500  # in one round


def spread(limit: int = MOST) -> int:
    """Hand on what was told and not yet handed on; how much of it."""
    ids = Told.objects.filter(sent_at__isnull=True).order_by("id").values_list("id", flat=True)
    return sum(hand_on(id) for id in list(ids[:limit]))


def hand_on(id: int) -> bool:
    """False where somebody else has done so."""
    with writing():
        now = clock.now()
        if Told.objects.filter(pk=id, sent_at__isnull=True).update(sent_at=now) != 1:
            return False
        told = Told.objects.select_related("case__edition", "subject__edition").get(pk=id)
        edition = edition_of(told)
        address(told, policy_of(edition.hash), office_now(), now)
        if told.what == "due":
            follow = escalated(told, policy_of(edition.hash))
            for follows in follow:
                follows.at = follows.sent_at = now
                follows.save()
                address(follows, policy_of(edition.hash), office_now(), now)
            hooks.fell_due(follow, edition.policy)
    return True


def edition_of(told: Told) -> Edition:
    whose = told.case or told.subject
    if whose is None:
        raise AssertionError(f"what was told as {told.pk} is of no case and no subject")
    return whose.edition


def address(told: Told, policy: Policy, office: Office, now: dt.datetime) -> None:
    """The messages of one thing: in the desk at once, outside when it is time."""
    found = recipients(told, policy, now)
    Message.objects.bulk_create(
        [Message(told=told, person=one, at=now) for one in found.people], ignore_conflicts=True
    )
    outgoing = [
        Outgoing(told=told, channel=one, not_before=time_for(one, told, policy, office, now))
        for one in channels(found)
        if one.warnings or told.what != "warning"
    ]
    Outgoing.objects.bulk_create(outgoing, ignore_conflicts=True)


def time_for(channel: Channel, told: Told, policy: Policy, office: Office, now: dt.datetime) -> dt.datetime:
    """What fell due goes out at once; a warning in the working time of whoever gets it."""
    if told.what != "warning":
        return now
    calendar = calendar_for(office, home_of(channel, told), policy)
    waiting = Outgoing.objects.filter(
        channel=channel, told__what="warning", sent_at__isnull=True, not_before__gte=now
    ).order_by("not_before")
    gathered = waiting.values_list("not_before", flat=True).first()
    wanted = digest_time(calendar, now, told.due_at)
    return min(gathered, wanted) if gathered is not None else wanted


def home_of(channel: Channel, told: Told) -> Unit | None:
    if channel.person is not None:
        return channel.person.unit
    return channel.unit or (Unit.objects.filter(name=told.unit).first() if told.unit else None)


def escalated(told: Told, policy: Policy) -> list[Told]:
    """What others owe from now on because this was missed: rules of the regulation that begin with `… .missed`."""
    rules = [name for name, rule in policy.timed.items() if begins_with(rule, f"{told.rule}.missed")]
    rows: Iterable[Obligation] = Obligation.objects.filter(
        case=told.case, subject=told.subject, rule__in=rules, state__in=RUNNING, due_at__isnull=False
    ).order_by("place")
    return [
        Told(
            case=told.case, subject=told.subject, what="escalation", rule=row.rule, article=row.article,
            round=row.round, key=row.key, unit=row.unit, owner=row.owner, due_at=row.due_at,
        )
        for row in rows
        if row.due_at is not None and not known(row)
    ]  # fmt: skip


def known(row: Obligation) -> bool:
    """Whether that this is owed was told before: another rule was missed before it began."""
    same = {"rule": row.rule, "round": row.round, "key": row.key, "due_at": row.due_at}
    return Told.objects.filter(case=row.case, subject=row.subject, what="escalation", **same).exists()


def begins_with(rule: Timed, event: str) -> bool:
    return rule.after is not None and any(event in one.event for one in rule.after.any)
