"""Who and what there is: editions in force, units as a tree, people, roles, deputies, registers, parameters, notices.

Every row follows from an `Entry` of the record, passwords excepted; `office` reads the entries themselves where it
matters what was known at a time.
"""

import datetime as dt
from functools import cached_property
from typing import ClassVar, NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from bihuan.desk.models.record import HASH
from bihuan.desk.tables import fetch


class Edition(models.Model):
    """An edition as the desk judges by it: its file's own text, named by its hash."""

    policy = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    edition = models.CharField(max_length=20)  # its first day, or "unknown"
    status = models.CharField(max_length=20)
    hash = models.CharField(**HASH, unique=True)
    text = models.TextField()
    in_force = models.BooleanField(default=False)  # new cases are accepted under it
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["policy", "in_force"], name="edition_policy")]

    def __str__(self) -> str:
        return f"{self.policy} {self.edition}"

    def covers(self, day: dt.date) -> bool:
        """Whether cases of this day may be accepted under it, once it is in force."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Unit(models.Model):
    """A unit in the tree. `path` is the ids from the top, so that a subtree is a prefix."""

    name = models.CharField(max_length=200, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    path = models.CharField(max_length=500, default="", db_index=True)

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"]):
    """How Django's login finds a person: by code."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(code=username)


class Person(AbstractBaseUser):
    """Somebody who acts. `code` is what events and regulations call the person; it never changes."""

    code = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=150)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    must_change = models.BooleanField(default=False)  # the password was chosen by somebody else

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "code"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def stands_in(self) -> tuple["Place", ...]:
        """The places of others that they take, took or will take."""
        rows = fetch(PLACES, self.pk)
        return tuple(
            Place(Person(pk=id, code=code, name=name, unit_id=unit), *(day and str(day) for day in days))
            for id, code, name, unit, *days in rows
        )

    @cached_property
    def units_about(self) -> frozenset[str]:
        """The units that they belong to or ever had a role for, with all above: whoever names one of these speaks of them."""
        return frozenset(name for (name,) in fetch(ABOUT, self.unit_id, self.pk))


class Place(NamedTuple):
    """That of somebody for whom another stands in; both days included."""

    of: Person
    since: str | None
    until: str | None


PLACES = """
SELECT p.id, p.code, p.name, p.unit_id, d.since, d.until FROM desk_deputy d JOIN desk_person p ON p.id = d.person_id
WHERE d.deputy_id = %s ORDER BY d.id
"""
ABOUT = """
SELECT DISTINCT about.name FROM desk_unit own JOIN desk_unit about ON own.path LIKE about.path || '%%'
WHERE own.id = %s OR own.id IN (SELECT unit_id FROM desk_holding WHERE person_id = %s)
"""


class Holding(models.Model):
    """A role that a person holds for a unit, from–to; both days included."""

    id = models.BigIntegerField(primary_key=True)  # of the entry that made it
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holdings")
    role = models.CharField(max_length=100)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "role"], name="holding_person")]


class Deputy(models.Model):
    """Who stands in for a person, from–to."""

    id = models.BigIntegerField(primary_key=True)  # of the entry that made it
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stands_in_for")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)


class Registered(models.Model):
    """A subject of a register (a station, a worker, a customer), from–to, with its facts."""

    id = models.BigIntegerField(primary_key=True)  # of the entry that made it
    register = models.CharField(max_length=100)
    subject = models.CharField(max_length=200)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["register", "subject"], name="registered_subject")]


class Setting(models.Model):
    """The value of a parameter that a regulation leaves open, as written."""

    policy = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    value = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["policy", "name"], name="setting_once")]


class Notice(models.Model):
    """A calendar file of the installation: next year's holidays, or the office's own hours."""

    name = models.CharField(max_length=200, unique=True)
    text = models.TextField()
    hash = models.CharField(**HASH)
