"""Who and what is let in from outside: tokens of persons, subscriptions of addresses. Each is an entry of the record.

A token is shown once; what is held of it is a hash, and the record holds not even that.
"""

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.db.models import QuerySet

from bihuan.desk import clock
from bihuan.desk.actions.chain import By, enter
from bihuan.desk.actions.office import find_person
from bihuan.desk.database import writing
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.models import Callout, Entry, Subscription, Token

SCOPES = ("read", "write", "admin")
LONGEST = 730  # days that a token may be good for
NAME = re.compile(r"[a-z][a-z0-9_]*|told\.(?:due|warning|escalation)|\*")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_token(person: str, scope: str, *, by: By, name: str = "", days: int = 90) -> tuple[Token, str]:
    """A token of a person, and its text, which nobody can be shown again."""
    if scope not in SCOPES:
        raise RefusedError(f"a scope is one of {', '.join(SCOPES)}, not {scope!r}")
    if not 1 <= days <= LONGEST:
        raise RefusedError(f"a token is good for 1 to {LONGEST} days, not for {days}")
    text, now = f"bh_{secrets.token_urlsafe(32)}", clock.now()
    with writing():
        holder = find_person(person)
        if not holder.is_active:
            raise RefusedError("this account is closed", person=person)
        if scope == "admin" and not holder.is_administrator:
            raise RefusedError("only an administrator has a token of the scope admin", person=person)
        until = now + dt.timedelta(days=days)
        entry = enter("token", person, {"person": person, "scope": scope, "name": name, "until": until}, by)
        made = Token.objects.create(
            id=entry.id, person=holder, name=name[:100], scope=scope, hash=hash_of(text), made_at=now, until=until
        )  # fmt: skip
    return made, text


def revoke_token(token: int, *, by: By) -> Token:
    """From now on it opens nothing."""
    with writing():
        found = Token.objects.select_related("person").filter(id=token).first()
        if found is None:
            raise MissingError(f"there is no token {token}")
        if found.revoked_at is None:
            enter("token_revoked", found.person.code, {"entry": token}, by)
            found.revoked_at = clock.now()
            found.save(update_fields=["revoked_at"])
    return found


def open_tokens(person: str) -> list[Token]:
    """A person's tokens that open the desk today, the oldest first."""
    mine = Token.objects.filter(person__code=person, revoked_at=None, until__gt=clock.now())
    return list(mine.order_by("id"))


def revoke_tokens(person: str, *, by: By) -> list[Token]:
    """All that a person's programs show opens nothing from now on, as where an account is in other hands."""
    with writing():
        return [revoke_token(one.pk, by=by) for one in open_tokens(person)]


def subscribe(address: str, names: Sequence[str], *, by: By, policy: str = "") -> Subscription:
    """Tell an address of events from now on."""
    refuse_address(address)
    wrong = [one for one in names if not NAME.fullmatch(one)]
    if wrong or not names:
        raise RefusedError(
            f"found {', '.join(wrong) or 'nothing'}: expected names of events, told.due, told.warning, told.escalation or *"
        )
    with writing():
        told = {"address": address, "names": list(names), "policy": policy}
        entry = enter("subscription", address, told, by)
        return Subscription.objects.create(
            id=entry.id, salt=secrets.token_hex(16), made_at=clock.now(), **told
        )


def refuse_address(address: str) -> None:
    """Only http and https, without a password in it, which the record would keep."""
    try:
        parts = urlsplit(address)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc
        wrong |= parts.port == 0 or not re.fullmatch(r"[!-~]{1,500}", address)
    except ValueError:
        wrong = True
    if wrong:
        raise RefusedError(f"{address!r} is no address: expected https://host/path, without a password")


def renew_secret(subscription: int, *, by: By, hours: int = 24) -> Subscription:
    """Another secret from now on. For so many hours messages are signed with the one before, too: none is refused meanwhile."""
    with writing():
        held = Subscription.objects.select_for_update(of=("self",))
        found = find_subscription(subscription, among=held)
        if found.ended_at is not None:
            raise RefusedError("this subscription was ended", subscription=subscription)
        until = clock.now() + dt.timedelta(hours=hours)
        enter("subscription_secret", found.address, {"entry": subscription, "old_until": until}, by)
        found.old_salt, found.old_until, found.salt = found.salt, until, secrets.token_hex(16)
        found.save(update_fields=["salt", "old_salt", "old_until"])
    return found


def unsubscribe(subscription: int, *, by: By) -> Subscription:
    """Nothing more is sent there; what was not sent yet is not sent any more."""
    with writing():
        found = find_subscription(subscription)
        if found.ended_at is None:
            enter("subscription_ended", found.address, {"entry": subscription}, by)
            found.ended_at = clock.now()
            found.save(update_fields=["ended_at"])
            unsent = found.callouts.filter(next_at__isnull=False)
            unsent.update(next_at=None, dead_at=found.ended_at, error="the subscription was ended")
    return found


def send_again(subscription: int, *, by: By) -> int:
    """Let the dead deliveries of an address be tried again; how many."""
    with writing():
        found = find_subscription(subscription)
        if found.ended_at is not None:
            raise RefusedError("this subscription was ended", subscription=subscription)
        dead = Callout.objects.filter(subscription=found, dead_at__isnull=False)
        count = dead.update(next_at=clock.now(), dead_at=None, tries=0)
        if count:
            enter("sent_again", found.address, {"entry": subscription, "deliveries": count}, by)
    return count


def find_subscription(id: int, among: QuerySet[Subscription] | None = None) -> Subscription:
    found = (Subscription.objects.all() if among is None else among).filter(id=id).first()
    if found is None:
        raise MissingError(f"there is no subscription {id}")
    return found


def log_export(*, by: By) -> Entry:
    """Somebody took the whole desk with them as logs."""
    with writing():
        return enter("exported", "", {}, by)
