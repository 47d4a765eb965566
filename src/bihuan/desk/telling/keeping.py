"""Channels kept: made or changed by an administrator, which is an entry of the record, without the address and its secrets."""

from collections.abc import Mapping
from typing import Any

from bihuan.desk.actions.chain import By, enter
from bihuan.desk.database import writing
from bihuan.desk.models import Channel
from bihuan.desk.telling import addresses


def keep(channel: Channel | None, said: Mapping[str, Any], *, by: By) -> Channel:
    """A new channel, or one that is there as it is from now on; its failures are forgotten."""
    made = channel or Channel()
    if said.get("address", made.address) != made.address:
        made.busy_until = None  # whoever still waits for the old one holds up nobody
    for name, value in said.items():
        setattr(made, name, value)
    made.failures, made.failed_at, made.next_try_at, made.error = 0, None, None, ""
    with writing():
        made.save()
        enter("channel", made.name, {"channel": made.pk, **told(made)}, by)
    return made


PLAIN = ("whose", "role", "name", "language", "warnings", "is_active")


def told(channel: Channel) -> dict[str, Any]:
    """What may be said of it."""
    return {name: getattr(channel, name) for name in PLAIN} | {
        "person": channel.person.code if channel.person else None,
        "unit": channel.unit.name if channel.unit else None,
        "address": addresses.in_part(channel),
    }
