"""What is only ever added to: events of cases, entries about the desk itself, seals. And the case they make up.

The database itself refuses to change or delete these rows (migration 0002); the one exception is an archive destroyed
under an entry, whose content is taken out while its digests stay.
"""

from typing import Any, ClassVar

from django.db import models

HASH: dict[str, Any] = {"max_length": 64}


class Entry(models.Model):
    """Something about the desk itself: an edition put in force, a parameter set, a person's role, a notice, a draw.

    One chain over all of them. `basis` elsewhere is the id of the last entry that was known then.
    """

    id: "models.BigIntegerField[int, int]" = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=40)
    judges = models.BooleanField(default=False)  # whether cases may be judged otherwise because of it
    about = models.CharField(max_length=200, default="", blank=True)  # the name of what it is about
    content = models.JSONField()
    by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()
    previous = models.CharField(**HASH)
    hash = models.CharField(**HASH)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "about", "id"], name="entry_about"),
            models.Index(fields=["id"], name="entry_judges", condition=models.Q(judges=True)),
        ]

    def stated(self) -> list[Any]:
        return [self.id, self.kind, self.about, self.content, self.by, int(self.recorded_at.timestamp())]


class Case(models.Model):
    """One matter followed to its end. All but its number is worked out from its events."""

    number = models.CharField(max_length=64, unique=True)
    edition = models.ForeignKey("desk.Edition", on_delete=models.PROTECT, related_name="cases")
    version = models.PositiveIntegerField(
        default=0
    )  # of the last event; whoever writes says which one was seen
    hash = models.CharField(**HASH, default="")
    customer = models.CharField(max_length=200, default="", blank=True)
    unit = models.CharField(max_length=200, default="", blank=True)  # with whom it is now
    opened_at = models.DateTimeField()
    last_event = models.CharField(max_length=100, default="")
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    destroyed = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    judged_at = models.DateTimeField()  # as of when its obligations were worked out
    basis = models.BigIntegerField(default=0)  # under which entries
    wake_at = models.DateTimeField(null=True, blank=True)  # when something falls due or is to be warned of
    matter = models.CharField(
        max_length=200, null=True, blank=True
    )  # what it is about, as anybody may read it
    sent = models.BooleanField(null=True)  # whether a unit has it; NULL: not for the dispatch board, or over
    owed_at = models.DateTimeField(null=True, blank=True)  # when that unit's first duty falls due

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["opened_at", "id"], name="case_waits", condition=models.Q(sent=False)),
            models.Index(
                fields=["unit", "edition", "owed_at"], name="case_sent", condition=models.Q(sent=True)
            ),
            models.Index(fields=["wake_at"], name="case_wake", condition=models.Q(wake_at__isnull=False)),
            models.Index(fields=["unit", "-last_at"], name="case_unit"),
            models.Index(fields=["customer"], name="case_customer", condition=~models.Q(customer="")),
            models.Index(fields=["-last_at", "-id"], name="case_latest"),
            models.Index(
                fields=["edition", "id"], name="case_open", condition=models.Q(closed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Event(models.Model):
    """Something that happened to a case, by somebody. `at` is when it happened, `recorded_at` when it was entered.

    `kind` "event" is judged by the engine, "note" is about the case and judged by nobody (moved, merged, attached …).
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="events", db_index=False
    )  # event_once begins with it
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, default="event")
    event = models.CharField(max_length=100)
    at = models.DateTimeField()
    whole_day = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    edition = models.CharField(**HASH, default="", blank=True)  # hash of the edition from here on
    actor = models.CharField(max_length=150, null=True, blank=True)
    unit = models.CharField(max_length=200, null=True, blank=True)
    facts = models.JSONField(null=True, blank=True)  # what the event carries
    given = models.JSONField(null=True, blank=True)  # what was given with the case, on its first event
    meta = models.JSONField(null=True, blank=True)  # who entered it, for whom, the source of an import
    salt = models.CharField(max_length=32, null=True, blank=True)
    digest = models.CharField(**HASH)
    hash = models.CharField(**HASH)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "seq"], name="event_once")]

    @property
    def brings(self) -> dict[str, Any]:
        """The facts that came with it: given with the case, or carried."""
        return {**(self.given or {}), **(self.facts or {})}

    def content(self) -> dict[str, Any]:
        """What the digest is over, and what is destroyed with an archive."""
        named = {"actor": self.actor, "unit": self.unit, "facts": self.facts}
        named |= {"given": self.given, "meta": self.meta}
        return {name: value for name, value in named.items() if value is not None}

    def stated(self, number: str) -> list[Any]:
        """What stays readable for ever and stands in the chain as it is."""
        at, recorded = int(self.at.timestamp()), int(self.recorded_at.timestamp())
        return [
            number, self.seq, self.kind, self.event, at, bool(self.whole_day), recorded, self.edition, self.digest
        ]  # fmt: skip


class Seal(models.Model):
    """A day's seal over all cases: the last hash of each case that had an event since the seal before."""

    day = models.DateField(unique=True)
    upto = models.BigIntegerField()  # the last event under this seal
    entry = models.BigIntegerField()  # the last entry under it
    cases = models.PositiveIntegerField()
    root = models.CharField(**HASH)
    previous = models.CharField(**HASH)
    hash = models.CharField(**HASH)
    made_at = models.DateTimeField()

    def stated(self) -> list[Any]:
        return [self.day.isoformat(), self.upto, self.entry, self.cases, self.root]


class Attachment(models.Model):
    """A file of a case. The file lies outside the database under its own hash, which an event of the case carries."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    seq = models.PositiveIntegerField()  # the event that brought it
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(**HASH)


class Draw(models.Model):
    """A sample as it was drawn: who was drawn are events of their cases, the strata are told here."""

    edition = models.ForeignKey("desk.Edition", on_delete=models.PROTECT)
    rule = models.CharField(max_length=100)
    period = models.CharField(max_length=20)
    cut_at = models.DateTimeField()
    strata = models.JSONField()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "rule", "period", "cut_at"], name="draw_once")
        ]


class Request(models.Model):
    """A write that carried an idempotency key, so that its repetition writes nothing and hears the same answer."""

    key = models.CharField(max_length=100)
    by = models.CharField(max_length=150)
    fingerprint = models.CharField(**HASH)
    answer = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["by", "key"], name="request_once")]


class Counter(models.Model):
    """The last number given out under a name; locking its row makes writers under that name wait for each other."""

    name = models.CharField(max_length=60, primary_key=True)
    last = models.BigIntegerField(default=0)
