"""What other systems are let in by and told by: tokens of persons, subscriptions of addresses, deliveries to them.

Of a token only a hash is held; the secret of a subscription is derived from the desk's key and held nowhere.
"""

from typing import ClassVar

from django.db import models

from bihuan.desk.models.office import Person
from bihuan.desk.models.record import HASH


class Token(models.Model):
    """What a program shows in place of a person. Each scope includes those before it: read, write, admin."""

    id = models.BigIntegerField(primary_key=True)  # of the entry that made it
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=10)
    hash = models.CharField(**HASH, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)  # to the minute


class Subscription(models.Model):
    """An address that is told of events. `names` are events of regulations, `told.` with due, warning or escalation, or `*`."""

    id = models.BigIntegerField(primary_key=True)  # of the entry that made it
    address = models.CharField(max_length=500)
    names = models.JSONField()
    policy = models.CharField(max_length=200, default="", blank=True)  # empty: of all
    salt = models.CharField(max_length=32)
    old_salt = models.CharField(max_length=32, default="", blank=True)  # of the secret before
    old_until = models.DateTimeField(null=True, blank=True)  # until then messages are signed with it, too
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)


class Callout(models.Model):
    """A message to an address, written with what it tells in one transaction. Due, sent, or dead."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="callouts")
    code = models.CharField(max_length=32, unique=True)  # by which the receiver knows a repetition
    body = models.TextField()
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    status = models.PositiveIntegerField(null=True, blank=True)  # of the last answer
    error = models.CharField(max_length=300, default="", blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_at", "id"], name="callout_due", condition=models.Q(next_at__isnull=False)
            ),
        ]

    @property
    def state(self) -> str:
        return "dead" if self.dead_at else "sent" if self.sent_at else "due"
