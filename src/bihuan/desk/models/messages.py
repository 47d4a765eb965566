"""Who is told what was `Told`: in the desk (`Message`), and by channels to the world outside (`Outgoing`).

A channel is a person's, a unit's or a role's. No text is stored: it is said in the reader's language when it is read or
sent. The address of a channel holds secrets and is shown in part only.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from bihuan.desk.models.judged import Told
from bihuan.desk.models.office import Person, Unit


class Channel(models.Model):
    """A way out: an Apprise address, or an e-mail address that the desk's mail server (`whose` "mail") delivers to."""

    whose = models.CharField(max_length=10)  # person, unit, role, mail
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.CASCADE, related_name="channels"
    )
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.CASCADE, related_name="channels")
    role = models.CharField(max_length=100, default="", blank=True)
    name = models.CharField(max_length=100)
    address = models.TextField()
    language = models.CharField(max_length=10, default="zh")
    warnings = models.BooleanField(default=True)  # whether it wants to be warned ahead
    is_active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)  # since it last worked
    failed_at = models.DateTimeField(null=True, blank=True)  # since when it fails
    next_try_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, default="", blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)  # a worker is sending by it

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """What a person is told in the desk."""

    told = models.ForeignKey(Told, on_delete=models.CASCADE, related_name="messages")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="messages")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["told", "person"], name="message_once")]
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="message_person"),
            models.Index(fields=["person"], name="message_unread", condition=Q(read_at__isnull=True)),
        ]


class Outgoing(models.Model):
    """What is to go out by a channel, not before some time, and when it went."""

    told = models.ForeignKey(Told, on_delete=models.CASCADE, related_name="outgoing")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="outgoing")
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["told", "channel"], name="outgoing_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["channel", "not_before"], name="outgoing_waiting", condition=Q(sent_at__isnull=True)
            )
        ]
